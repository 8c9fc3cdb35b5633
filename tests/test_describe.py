"""Estimators in words: every one has its own, with what was learned and where methods come from."""

import inspect
import re
from functools import partial
from html import escape
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

import skmask
from skmask import (
    BinaryDilator,
    BinaryOpener,
    FixedMasker,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    LocalThresholdMasker,
    MaskApplier,
    MaskUnion,
    RangeMasker,
    ThresholdMasker,
    describe,
)
from skmask._describe import cite, cited, number, number_within
from skmask._kernels.local.thresholds import LOCAL_METHODS
from skmask._kernels.registry import source_of
from skmask._scores.mask_scorer import METRICS
from skmask.base import ImageMasker, ImageTransformer
from skmask.datasets import make_masked_images
from skmask.metrics import MaskScorer, count_error, dice_score, dice_scorer, surface_dice
from skmask.thresholds import CRITERIA, THRESHOLD_METHODS, f_beta
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

END = f" This was computed with skmask {skmask.__version__}."


def words_of(estimator):
    text = describe(estimator)
    assert text.endswith(END)
    return text.removesuffix(END)


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_every_estimator_has_sentences_of_its_own(estimator):
    assert type(estimator)._describe is not ImageTransformer._describe
    text = describe(estimator.fit(images_for(estimator)))
    assert re.fullmatch(r"([A-Z].*\. )+This was computed with skmask [\d.]+\.", text)
    assert "\n" not in text
    assert "np." not in text
    assert name_of(estimator) not in text


def test_learned_threshold_is_told_with_method_source_and_images(disks):
    X, y = disks
    masker = HistogramThresholdMasker("li", correction_factor=1.5, bounds=(0, 200)).fit(X)
    assert words_of(masker) == (
        f"Pixels above a threshold of {masker.threshold_:g} were taken as foreground. The threshold was "
        "chosen by Li's method (Li and Lee 1993, https://doi.org/10.1016/0031-3203(93)90115-D) from the "
        f"histogram of 8 training images with values from {X.min()} to {X.max()}, and multiplied by 1.5, "
        "and kept within [0, 200]."
    )
    masker = HistogramThresholdMasker("dice", strategy="balanced").fit(X[:5], y[:5])
    masker.partial_fit(X[5:], y[5:])
    assert words_of(masker) == (
        f"Pixels above a threshold of {masker.threshold_} were taken as foreground. The threshold was chosen "
        f"to have the highest score, {masker.best_score_:.6g} by the Dice coefficient (Dice 1945, "
        "https://doi.org/10.2307/1932409), on the labeled masks of 8 training images, each counted alike, "
        f"with values from {X.min()} to {X.max()}."
    )
    masker = HistogramThresholdMasker(foreground="dark", strategy="per_image").fit(X)
    assert words_of(masker).startswith("Pixels not above a threshold were taken as foreground.")
    assert words_of(masker).endswith("chosen for each image by " + cited("otsu") + ".")


def test_learned_range_is_told_with_method_source_and_images(disks):
    X, y = disks
    training = f"of 8 training images with values from {X.min()} to {X.max()}."
    masker = HistogramRangeMasker(select=[0, 1]).fit(X)
    assert words_of(masker) == (
        f"Pixels with values to {masker.high_} were taken as foreground. The range is class 0, 1, of 0 "
        f"(dark) to 2 (bright), by {cited('otsu')} from the histogram {training}"
    )
    masker = HistogramRangeMasker("quantile", quantiles=(0.25, None)).fit(X)
    assert words_of(masker) == (
        f"Pixels with values from {masker.low_} were taken as foreground. The range holds the quantiles from "
        f"0.25 of the pixels {training}"
    )
    masker = HistogramRangeMasker(partial(f_beta, beta=2)).fit(X, y)
    score = f"{masker.best_score_:.6g} by the F-measure (van Rijsbergen 1979) with beta=2"
    assert words_of(masker).endswith(
        f"The range has the highest score, {score}, on the labeled masks {training}"
    )


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (ThresholdMasker(0.25), "Pixels above a threshold of 0.25 were taken as foreground."),
        (RangeMasker(3), "Pixels with values from 3 were taken as foreground."),
        (
            RangeMasker(0.1, 1 / 3, inclusive="neither"),
            "Pixels with values above 0.1 below 0.333333 were taken as foreground.",
        ),
        (
            RangeMasker([1, 2], 5, channel_axis=-1, channel_reduce="any", circular=[0]),
            "Pixels with any channels (axis -1) from [1, 2] to 5 on a circular scale were taken as "
            "foreground.",
        ),
        (
            FixedMasker([[1, 0], [0, 0]]),
            "The same mask, of 1 of 4 pixels, was taken for all images.",
        ),
        (
            BinaryDilator("disk", radius=2.5, iterations=None, border="background", spacing=[1, 2]),
            "Masks were dilated with a disk of radius 2.5 at a spacing of [1, 2] until nothing changed, with "
            "background around the images.",
        ),
        (
            BinaryDilator([[1, 1, 1]], iterations=3),
            "Masks were dilated with a footprint of 3 pixels (1 x 3) 3 times.",
        ),
        (
            LocalThresholdMasker("sauvola", window=(5, 7), k=0.3, offset=-2, foreground="dark"),
            f"Pixels not above {cite(LOCAL_METHODS['sauvola'])} with k=0.3 minus -2 in a window of [5, 7] "
            "pixels were taken as foreground.",
        ),
        (
            MaskApplier(ThresholdMasker(3), fill_value="mean"),
            "Pixels above a threshold of 3 were taken as foreground. Pixels outside of the masks were set to "
            "the mean of those inside.",
        ),
        (
            ~ThresholdMasker(3) & ThresholdMasker(1),
            "Several masks were made of each image, and their intersection was taken. Mask "
            "'maskcomplement': Pixels above a threshold of 3 were taken as foreground. The complement of "
            "these masks was taken. "
            "Mask 'thresholdmasker': Pixels above a threshold of 1 were taken as foreground.",
        ),
    ],
    ids=str,
)  # fmt: skip
def test_parameters_are_told(estimator, expected):
    assert words_of(estimator) == expected


def test_pipelines_searches_and_frozen_estimators_are_told_step_by_step(disks):
    X, y = disks
    masker = make_pipeline(HistogramThresholdMasker(), "passthrough", BinaryDilator()).fit(X)
    told = words_of(masker[0]) + " Masks were dilated with a diamond of radius 1."
    assert words_of(masker) == words_of(FrozenEstimator(masker)) == told
    applier = MaskApplier(FrozenEstimator(masker), fill_value=np.nan, dtype=float)
    assert words_of(applier.fit(X)) == told + " Pixels outside of the masks were set to nan."
    classify = make_pipeline(MaskApplier(masker), ImageFlattener(), LogisticRegression(C=3))
    assert words_of(classify.fit(X, np.arange(8) % 2)) == (
        f"{told} Pixels outside of the masks were set to 0. Images were flattened to rows of 1280 pixels. "
        "LogisticRegression(C=3) was applied."
    )


def own_score(y_true, y_pred):
    return float(np.mean(np.asarray(y_true) == y_pred))


DICE = "the Dice coefficient (Dice 1945, https://doi.org/10.2307/1932409)"
SURFACE = MaskScorer("surface_dice", metric_params={"tolerance": 1})
BOTH = {"dice": dice_scorer, "surface": SURFACE}


@pytest.mark.parametrize(
    ("given", "score"),
    [
        ({"scoring": dice_scorer}, DICE),
        ({"scoring": SURFACE}, f"{cited(surface_dice)} with tolerance=1"),
        ({"scoring": BOTH, "refit": "surface"}, f"{cited(surface_dice)} with tolerance=1"),
        ({"scoring": MaskScorer(dice_score)}, DICE),
        ({"scoring": MaskScorer("neg_count_error")}, f"the negative of {cited(count_error)}"),
        ({"scoring": MaskScorer(own_score)}, "the function own_score"),
        ({"scoring": BOTH, "refit": lambda results: 1}, None),
    ],
    ids=["name", "parameters", "several", "score", "distance", "function", "decided by a function"],
)
def test_search_is_told_with_its_candidates_its_scoring_and_its_splits(given, score, disks):
    grid = {"threshold": [40, 105.123456789, 160]}
    search = GridSearchCV(ThresholdMasker(), grid, cv=4, **given).fit(*disks)
    told = words_of(search.best_estimator_) + (
        " The setting threshold=105.123 was chosen from 3 candidates in cross-validation with 4 splits"
    )
    if score is not None:
        told += f", with a mean score of {search.best_score_:.6g} by {score}"
    assert words_of(search) == f"{told}."


@pytest.mark.parametrize("scoring", [None, "accuracy", ["accuracy", "f1"]])
def test_search_is_told_with_the_scoring_of_scikit_learn(scoring, disks):
    grid = {"logisticregression__C": [1], "maskapplier__masker": [ThresholdMasker(threshold=105)]}
    classify = make_pipeline(MaskApplier(FixedMasker()), ImageFlattener(), LogisticRegression())
    refit = {"refit": "f1"} if isinstance(scoring, list) else {}
    search = GridSearchCV(classify, grid, scoring=scoring, cv=2, **refit)
    assert words_of(search.fit(disks[0], np.arange(8) % 2)).endswith(
        " The setting logisticregression__C=1, maskapplier__masker=ThresholdMasker(threshold=105) was chosen "
        "from 1 candidates in cross-validation with 2 splits, with a mean score of "
        f"{search.best_score_:.6g} by {refit.get('refit') or scoring or 'its own method'}."
    )


def test_candidates_of_halving_are_counted_once(disks):
    grid = {"threshold": [40, 105, 160]}
    search = HalvingGridSearchCV(
        ThresholdMasker(), grid, scoring=dice_scorer, cv=2, min_resources=2
    )
    assert "threshold=105 was chosen from 3 candidates" in words_of(search.fit(*disks))
    assert len(search.cv_results_["params"]) > 3


def test_search_of_another_kind_is_told_by_its_best_estimator(disks):
    search = SimpleNamespace(fit=None, best_estimator_=ThresholdMasker(105))
    assert words_of(search) == words_of(search.best_estimator_)


def test_unfitted_estimator_is_refused():
    for estimator in (HistogramThresholdMasker(), make_pipeline(HistogramThresholdMasker())):
        with pytest.raises(NotFittedError, match="HistogramThresholdMasker instance is not fitted"):
            describe(estimator)


@pytest.mark.parametrize(
    ("thing", "got"),
    [(ThresholdMasker, "ThresholdMasker"), (np.ones(3), "ndarray"), ("otsu", "str")],
)
def test_what_is_no_estimator_is_refused(thing, got):
    with pytest.raises(TypeError, match=f"describe expects a fitted estimator, got {got}. Use"):
        describe(thing)


def test_extension_is_told_by_its_parameters():
    class Inverter(ImageMasker):
        def __init__(self, maximum=255):
            self.maximum = maximum

    assert words_of(Inverter(15)) == "Inverter(maximum=15) was applied."


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_page_shows_the_words_below_the_diagram_once_fitted(estimator):
    assert clone(estimator)._repr_html_().endswith("</p>") == (not get_tags(estimator).requires_fit)
    estimator.fit(images_for(estimator))
    for html in (estimator._repr_html_(), estimator._repr_mimebundle_()["text/html"]):
        assert html.startswith(("<style>", "<script>"))
        assert html.endswith(f"<p>{escape(words_of(estimator))}</p>")


def test_page_escapes_names():
    masker = MaskUnion([("<b>a</b>", ThresholdMasker(3))])
    assert "Mask &#x27;&lt;b&gt;a&lt;/b&gt;&#x27;: Pixels" in masker._repr_html_()
    assert "<b>a" not in masker._repr_html_()


@pytest.mark.parametrize("estimator", [FixedMasker([[1], [1, 0]]), MaskApplier(np.ones((2, 2)))])
def test_page_shows_estimators_with_parameters_that_a_fit_will_refuse(estimator):
    html = estimator._repr_html_()
    assert name_of(estimator) in html
    assert not html.endswith("</p>")


def test_page_is_text_where_diagrams_are_turned_off():
    with config_context(display="text"):
        assert not hasattr(ThresholdMasker(), "_repr_html_")
        assert set(ThresholdMasker()._repr_mimebundle_()) == {"text/plain"}


def test_every_method_has_a_source():
    for function in (THRESHOLD_METHODS | CRITERIA).values():
        assert source_of(function).phrase
    assert all(source.phrase for source in LOCAL_METHODS.values())


def test_sources_are_those_of_the_docstrings():
    for name, function in (THRESHOLD_METHODS | CRITERIA).items():
        source = source_of(function)
        assert cited(function) == cited(name) == cite(source)
        if found := re.search(r"\b(\d{4}), doi:(10\.\S+?)[.,;)]*\s", inspect.getdoc(function)):
            assert source.authors.endswith(found[1])
            assert source.doi.rstrip(")") == found[2].rstrip(")")


def test_other_methods_are_named():
    def midrange(counts, centers):
        return centers.mean()

    assert cited(midrange) == "the function midrange"
    assert cited("midrange") == "the method midrange"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (65535, "65535"),
        (np.uint8(7), "7"),
        (np.float32(0.1), "0.1"),
        (1234567, "1234567"),
        (2 / 3, "0.666667"),
        ((1, np.float64(2.5)), "[1, 2.5]"),
    ],
)
def test_numbers_are_short(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize("step", [BinaryOpener("disk", radius=0), BinaryDilator(iterations=0)])
def test_steps_that_do_nothing_say_so(step):
    text = describe(step.fit(np.zeros((1, 4, 4), bool)))
    assert text.startswith("Masks were left as they were. This was computed")


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (254.99, 255.008, "255"),
        (0.0, 0.004, "0"),
        (-3, 5, "0"),
        (-1000.2, -999.9, "-1000"),
        (0.12345, 0.12346, "0.12346"),
        (98_304, 100_351, "100000"),
        (1e-300, 1.01e-300, "1e-300"),
        (5, 5, "5"),
        (2**60 + 1, 2**60 + 1, str(2**60 + 1)),
    ],
)
def test_number_of_few_digits_is_within_the_limits(low, high, shown):
    assert number_within(low, high) == shown


def test_bins_of_several_values_are_not_told_as_values():
    X = np.random.default_rng(0).uniform(0, 255, (2, 300, 300))
    X[0, 0, :2] = 0, 255
    masker = HistogramThresholdMasker().fit(X)
    assert "with values from about 0 to about 255." in words_of(masker)
    masker.fit(X.astype(np.uint8))
    assert "with values from 0 to 255." in words_of(masker)


def test_every_score_has_a_source():
    for name, score in METRICS.items():
        assert cited(score.function) != f"the function {score.function.__name__}"
        doi = source_of(score.function).doi
        # Criteria are cited as in their own docstrings.
        assert not doi or name in CRITERIA or f"/{doi}" in inspect.getdoc(score.function)


def test_diagrams_of_pipelines_and_searches_show_what_was_learned():
    data = make_masked_images(4, random_state=0)
    pipeline = make_pipeline(HistogramThresholdMasker(), BinaryOpener())
    assert "above a threshold of" not in pipeline._repr_html_()
    search = GridSearchCV(pipeline, {"binaryopener__iterations": [0, 1]}, cv=2)
    search.fit(data.images, data.masks)
    for fitted in (search, search.best_estimator_):
        shown = "above a threshold of" in fitted._repr_html_()
        # Older versions of scikit-learn ask the parts of a diagram for nothing.
        assert shown == hasattr(BaseEstimator, "_get_params_html")
