"""Composition: masks inside Pipelines, searches and files, on real and realistic images."""

import subprocess
import sys
import textwrap

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    learning_curve,
    train_test_split,
    validation_curve,
)
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from skmask import (
    BinaryDilator,
    BinaryEroder,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
)
from skmask.datasets import load_brain_slices, make_masked_images
from skmask.metrics import dice_score, dice_scorer, jaccard_scorer


@pytest.fixture(scope="module")
def brain():
    return load_brain_slices()


@pytest.fixture(scope="module")
def blobs():
    data = make_masked_images(12, (32, 32), random_state=0)
    return data.images, data.masks


@pytest.mark.parametrize("is_routed", [False, True])
def test_masker_that_is_a_pipeline_masks_as_it_does_by_itself(blobs, is_routed):
    class Brighter(ThresholdMasker):
        """A step whose Pipeline is in another one."""

    X, _ = blobs
    inner = make_pipeline("passthrough", Brighter(90), None)
    masker = make_pipeline(None, inner, BinaryDilator(), make_pipeline(BinaryEroder()))
    with config_context(enable_metadata_routing=is_routed):
        applier = MaskApplier(masker).fit(X)
        expected = np.where(clone(masker).fit(X).transform(X), X, 0)
        assert_array_equal(applier.transform(X), expected)


def test_pipeline_that_overrides_transform_is_asked(blobs):
    class Inverted(Pipeline):
        """A Pipeline of one's own."""

        def transform(self, X):
            return ~super().transform(X)

    X, _ = blobs
    masker = Inverted([("masker", ThresholdMasker(90))])
    assert_array_equal(MaskApplier(masker).fit(X).transform(X), np.where(X > 90, 0, X))


def test_masker_dilation_and_erosion_follow_one_another(blobs):
    X, _ = blobs
    pipeline = make_pipeline(
        HistogramThresholdMasker(), BinaryDilator(iterations=2), BinaryEroder()
    )
    masks = pipeline.fit_transform(X)
    threshold = pipeline[0].threshold_
    for mask, image in zip(masks, X, strict=True):
        expected = ndimage.binary_dilation(image > threshold, iterations=2)
        assert_array_equal(mask, ndimage.binary_erosion(expected, border_value=1))


def test_masked_images_flow_to_a_classifier():
    digits = load_digits()
    X = digits.images[:600].astype(np.uint8)
    masker = make_pipeline(HistogramThresholdMasker("li"), BinaryDilator())
    pipeline = make_pipeline(
        MaskApplier(masker), ImageFlattener(), LogisticRegression(max_iter=2000)
    )
    assert cross_val_score(pipeline, X, digits.target[:600], cv=3).mean() > 0.85
    params = pipeline.get_params()
    assert params["maskapplier__masker__binarydilator__iterations"] == 1


def test_search_runs_over_maskers_and_nested_names_in_parallel():
    digits = load_digits()
    X, y = digits.images[:200], digits.target[:200]
    pipeline = Pipeline(
        [
            ("mask", MaskApplier(make_pipeline(ThresholdMasker(), BinaryDilator()))),
            ("rows", ImageFlattener()),
            ("classify", LogisticRegression(max_iter=3000)),
        ]
    )
    grid = [
        {"mask__masker__thresholdmasker__threshold": [2, 6]},
        {
            "mask__masker__thresholdmasker": [ThresholdMasker(3), HistogramThresholdMasker()],
            "mask__masker__binarydilator__iterations": [0, 1],
            "mask__masker__binarydilator__footprint": ["diamond", "square"],
        },
        {"mask__masker": [ThresholdMasker(t) for t in (1, 8)] + [RangeMasker(1, 12)]},
    ]
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, error_score="raise").fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 13
    assert np.isfinite(scores).all()
    alone = cross_val_score(clone(search.best_estimator_), X, y, cv=3).mean()
    assert search.best_score_ == pytest.approx(alone)


def test_learned_mask_is_far_ahead_of_otsu_on_unseen_slices(brain):
    X, X_unseen, y, y_unseen = train_test_split(brain.images, brain.masks, random_state=0)
    pipeline = make_pipeline(HistogramThresholdMasker(), BinaryDilator(iterations=0))
    grid = [
        {
            "histogramthresholdmasker__method": ["otsu", "li", "triangle", "dice", "jaccard"],
            "binarydilator__iterations": [0, 1],
        },
        {"histogramthresholdmasker": [ThresholdMasker(t) for t in (180, 195, 210)]},
    ]
    search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3, n_jobs=2).fit(X, y)
    otsu = make_pipeline(HistogramThresholdMasker()).fit(X)
    assert dice_score(y_unseen, search.transform(X_unseen)) > 0.9
    assert dice_score(y_unseen, otsu.transform(X_unseen)) < 0.6


@pytest.mark.parametrize("container", [np.asarray, list])
def test_model_selection_tools_take_stacks_and_lists(blobs, container):
    X, y = (container(part) for part in blobs)
    masker = HistogramThresholdMasker("dice")
    grid = {"method": ["dice", "otsu"]}
    for search in (
        GridSearchCV(masker, grid, scoring=jaccard_scorer, cv=3, error_score="raise"),
        RandomizedSearchCV(
            masker, grid, n_iter=2, scoring=jaccard_scorer, cv=3, error_score="raise"
        ),
        HalvingGridSearchCV(
            masker, grid, scoring=jaccard_scorer, cv=3, random_state=0, error_score="raise",
            min_resources=6,
        ),
    ):  # fmt: skip
        assert search.fit(X, y).best_score_ > 0.8
    scores = cross_val_score(
        masker, X, y, scoring=dice_scorer, cv=GroupKFold(3), groups=[0, 1, 2] * 4
    )
    assert scores.min() > 0.8
    if container is np.asarray:
        sizes, _, test = learning_curve(
            masker, X, y, scoring=dice_scorer, cv=3, train_sizes=[0.5, 1.0], error_score="raise"
        )
        assert test.shape == (len(sizes), 3)
        _, test = validation_curve(
            masker, X, y, param_name="correction_factor", param_range=[0.8, 1.0], cv=3,
            scoring=dice_scorer, error_score="raise",
        )  # fmt: skip
        assert test.shape == (2, 3)


def test_prefit_masker_is_kept_when_frozen(blobs):
    X, _ = blobs
    fitted = HistogramThresholdMasker().fit(X[:4])
    applier = MaskApplier(FrozenEstimator(fitted))
    expected = np.where(fitted.threshold_ < X, X, 0)
    assert_array_equal(applier.transform(X), expected)
    assert_array_equal(clone(applier).fit(X[4:]).transform(X), expected)
    with pytest.raises(NotFittedError):
        MaskApplier(HistogramThresholdMasker()).transform(X)


def test_stateless_pipeline_inside_needs_no_fit(blobs):
    X, _ = blobs
    masker = make_pipeline(ThresholdMasker(100), BinaryEroder())
    assert_array_equal(MaskApplier(masker).transform(X), MaskApplier(masker).fit_transform(X))


def test_saved_pipeline_gives_the_same_in_a_new_process(blobs, tmp_path):
    X, y = blobs
    pipeline = make_pipeline(HistogramThresholdMasker("dice"), BinaryDilator("disk", radius=1.5))
    model = MaskApplier(pipeline).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    np.save(tmp_path / "images.npy", X)
    code = """
        import sys, joblib, numpy as np
        folder = sys.argv[1]
        X = np.load(folder + "/images.npy")
        first = joblib.load(folder + "/model.joblib").transform(X)
        mapped = joblib.load(folder + "/model.joblib", mmap_mode="r").transform(X)
        np.testing.assert_array_equal(first, mapped)
        np.save(folder + "/result.npy", first)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], check=True)
    assert_array_equal(np.load(tmp_path / "result.npy"), model.transform(X))


def test_pipeline_wide_dataframes_concern_the_last_step_only(blobs):
    X, _ = blobs
    pipeline = make_pipeline(MaskApplier(ThresholdMasker(100)), ImageFlattener())
    frame = pipeline.set_output(transform="pandas").fit_transform(X)
    assert list(frame.columns[:2]) == ["pixel_0_0", "pixel_0_1"]
    assert_array_equal(frame, make_pipeline(*clone(pipeline)).fit_transform(X))


def test_rows_made_of_masked_images_have_names_after_a_fit_on_a_stack(blobs):
    X, _ = blobs
    flat, dim = (
        make_pipeline(MaskApplier(ThresholdMasker(limit)), ImageFlattener()) for limit in (90, 60)
    )
    assert flat.fit(X).get_feature_names_out()[:2].tolist() == ["pixel_0_0", "pixel_0_1"]
    union = make_union(flat, dim).set_output(transform="pandas").fit(X)
    names = union.get_feature_names_out()
    assert len(names) == 2 * 32 * 32
    assert union.transform(X).columns.tolist() == names.tolist()


def test_stacks_stay_stacks_where_data_frames_are_asked_for(blobs):
    X, _ = blobs
    masker = ThresholdMasker(90).set_output(transform="pandas").fit(X)
    assert masker.get_feature_names_out() is None
    assert isinstance(masker.transform(X), np.ndarray)
