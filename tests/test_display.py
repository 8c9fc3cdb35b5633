import sys
from itertools import combinations, pairwise

import dask.array
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.testing import assert_allclose, assert_array_equal
from skimage import color
from sklearn.feature_selection import VarianceThreshold
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryOpener,
    GaussianSmoother,
    HistogramThresholdMasker,
    MaskApplier,
    PixelClassifierMasker,
    RangeMasker,
    ThresholdMasker,
)
from skmask._displays.drawing import BLUE, GREEN, ORANGE
from skmask.datasets import make_masked_images
from skmask.display import (
    MaskDisplay,
    ProbabilityDisplay,
    SearchDisplay,
    ThresholdCurveDisplay,
    ThresholdDisplay,
    compare_methods,
)
from skmask.metrics import dice_score, dice_scorer, jaccard_score

mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    return make_masked_images(5, (24, 30), random_state=0)


@pytest.mark.parametrize("method", ["otsu", "mean", "dice"])
def test_threshold_display_shows_what_was_learned(data, method):
    masker = HistogramThresholdMasker(method).fit(data.images, data.masks)
    display = ThresholdDisplay.from_estimator(masker)
    assert_array_equal(display.bars_.get_data().values, masker.histogram_)
    assert_array_equal(display.bars_.get_data().edges, masker.bin_edges_)
    assert display.line_.get_xdata()[0] == masker.threshold_
    assert display.line_.get_label() == f"{method}: {masker.threshold_:.4g}"
    assert display.ax_.figure is display.figure_
    if masker.criterion_ is None:
        assert display.criterion_line_ is None
    else:
        x, y = display.criterion_line_.get_data()
        assert_allclose(x[np.argmax(y)], masker.threshold_, atol=1)


def test_threshold_display_draws_on_given_axes(data):
    _, axes = plt.subplots(1, 2)
    for ax, method in zip(axes, ["otsu", "li"], strict=True):
        masker = HistogramThresholdMasker(method).fit(data.images)
        display = ThresholdDisplay.from_estimator(masker, ax=ax, name="mine", log_scale=False)
        assert display.ax_ is ax
        assert ax.get_yscale() == "linear"
        assert display.line_.get_label().startswith("mine: ")


def test_threshold_display_wants_a_learned_threshold(data):
    for masker in (
        HistogramThresholdMasker(),
        HistogramThresholdMasker(strategy="per_image").fit(data.images),
    ):
        with pytest.raises(TypeError, match="expects a masker that has learned a threshold"):
            ThresholdDisplay.from_estimator(masker)


def test_curve_display_shows_the_score_of_every_threshold(data):
    display = ThresholdCurveDisplay.from_predictions(data.images, data.masks, metric="jaccard")
    thresholds, scores = display.line_.get_data()
    i = len(thresholds) // 2
    assert scores[i] == pytest.approx(jaccard_score(data.masks, data.images > thresholds[i]))
    assert display.ax_.get_ylabel() == "jaccard"
    best = display.curve.best_threshold
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert f"best: {best:.4g}" in labels
    _, ax = plt.subplots()
    assert display.plot(ax=ax).ax_ is ax


def test_curve_display_marks_the_threshold_of_a_masker(data):
    threshold = HistogramThresholdMasker("dice").fit(data.images, data.masks)
    display = ThresholdCurveDisplay.from_estimator(threshold, data.images, data.masks)
    same = ThresholdCurveDisplay.from_predictions(data.images, data.masks)
    assert_array_equal(display.curve.scores, same.curve.scores)
    assert display.threshold == threshold.threshold_
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert f"masker: {threshold.threshold_:.4g}" in labels

    smooth = make_pipeline(GaussianSmoother(1), "passthrough", threshold, BinaryOpener())
    smooth.fit(data.images, data.masks)
    display = ThresholdCurveDisplay.from_estimator(smooth, data.images, data.masks)
    smoothed = GaussianSmoother(1).transform(data.images)
    same = ThresholdCurveDisplay.from_predictions(smoothed, data.masks)
    assert_array_equal(display.curve.scores, same.curve.scores)

    dark = ThresholdMasker(100, foreground="dark")
    display = ThresholdCurveDisplay.from_estimator(dark, 255 - data.images, data.masks)
    assert display.curve.best_score > 0.9


def test_curve_display_of_probabilities(data):
    masker = PixelClassifierMasker(random_state=0).fit(data.images[:3], data.masks[:3])
    display = ThresholdCurveDisplay.from_estimator(masker, data.images[3:], data.masks[3:])
    assert display.threshold == 0.5
    at_half = display.curve.scores[:, display.curve.thresholds == 0.5].ravel()
    found = masker.transform(data.images[3:])
    assert_allclose(at_half, dice_score(data.masks[3:], found, average=None))


def test_curve_display_wants_one_threshold(data):
    for masker in (
        RangeMasker(3, 5),
        HistogramThresholdMasker(strategy="per_image").fit(data.images),
    ):
        with pytest.raises(TypeError, match="expects a masker with one threshold, got"):
            ThresholdCurveDisplay.from_estimator(masker, data.images, data.masks)


def test_curve_display_looks_behind_steps_that_are_no_maskers(data):
    rows = data.images.reshape(len(data.images), -1)
    variance = VarianceThreshold().fit(rows)
    pipeline = make_pipeline(variance, ThresholdMasker(100)).fit(rows)
    display = ThresholdCurveDisplay.from_estimator(pipeline, rows, data.masks.reshape(rows.shape))
    assert display.threshold == 100


@pytest.mark.parametrize(
    ("scores", "n_best"), [([np.nan, np.nan], 3), ([0.5, 0.6], 0), ([0.5, 0.6], "all")]
)
def test_search_display_wants_a_score(data, scores, n_best):
    masker = ThresholdMasker()
    masker.search_results_ = [
        {"name": "a", "score": score, "standard_error": 0.1} for score in scores
    ]
    with pytest.raises(ValueError, match=r"SearchDisplay expects at least one candidate .* Look"):
        SearchDisplay.from_estimator(masker, n_best=n_best)


def test_search_display_shows_scores_with_their_errors(data):
    search = GridSearchCV(
        HistogramThresholdMasker(), {"method": ["otsu", "dice"]}, scoring=dice_scorer, cv=5
    )
    display = SearchDisplay.from_estimator(search.fit(data.images, data.masks))
    assert display.names[0] == f"method={search.best_params_['method']}"
    scores = [search.cv_results_[f"split{i}_test_score"][search.best_index_] for i in range(5)]
    assert display.scores[0] == pytest.approx(np.mean(scores))
    assert display.standard_errors[0] == pytest.approx(np.std(scores, ddof=1) / np.sqrt(5))
    masker = HistogramThresholdMasker().fit(data.images)
    masker.search_results_ = [
        {"name": name, "score": score, "standard_error": 0.01}
        for name, score in (("a", 0.9), ("b", 0.8), ("c", 0.7))
    ]
    display = SearchDisplay.from_estimator(masker, n_best=2)
    assert display.names == ["a", "b"]
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == ["a", "b"]
    with pytest.raises(TypeError, match="SearchDisplay expects what search_masker has returned"):
        SearchDisplay.from_estimator(HistogramThresholdMasker())


def overlay(ax, color):
    """Return the pixels that are filled in a color."""
    layers = [image.get_array() for image in ax.images[1:]]
    (layer,) = [one for one in layers if one[..., 3].any() and _has_color(one, color)] or [
        np.zeros_like(layers[0])
    ]
    return layer[..., 3] > 0


def _has_color(layer, color):
    return np.allclose(layer[layer[..., 3] > 0][0, :3], to_rgb(color))


def test_mask_display_fills_what_is_right_wrong_and_missing(data):
    masks = np.roll(data.masks, 2, axis=2)
    display = MaskDisplay.from_predictions(data.images, masks, data.masks, n_columns=3)
    assert len(display.axes_) == 5
    for ax, image, mask, truth in zip(display.axes_, data.images, masks, data.masks, strict=True):
        assert_array_equal(ax.images[0].get_array(), image)
        assert_array_equal(overlay(ax, GREEN), mask & truth)
        assert_array_equal(overlay(ax, ORANGE), mask & ~truth)
        assert_array_equal(overlay(ax, BLUE), truth & ~mask)
    assert [text.get_text() for text in display.figure_.legends[0].texts] == [
        "right",
        "too much",
        "missing",
    ]


def test_mask_display_without_truth_fills_the_foreground(data):
    titles = ["a", "b", "c", "d", "e"]
    masker = ThresholdMasker(120)
    display = MaskDisplay.from_estimator(masker, data.images, titles=titles)
    assert_array_equal(overlay(display.ax_, BLUE), data.images[0] > 120)
    assert [ax.get_title() for ax in display.axes_] == titles
    assert not display.figure_.legends


def test_mask_display_takes_lists_colors_and_volumes(data):
    images = [data.images[0], data.images[1][:20, :15]]
    display = MaskDisplay.from_estimator(ThresholdMasker(120), images)
    assert display.axes_[1].images[0].get_array().shape == (20, 15)
    colors = np.repeat(data.images[..., np.newaxis], 3, axis=-1)
    display = MaskDisplay.from_predictions(colors, data.masks)
    assert display.ax_.images[0].get_array().shape == (24, 30, 3)
    volumes = np.random.default_rng(0).random((2, 7, 8, 9))
    display = MaskDisplay.from_estimator(ThresholdMasker(0.5), volumes, axis=1)
    assert_array_equal(display.ax_.images[0].get_array(), volumes[0, 3])
    assert_array_equal(overlay(display.ax_, BLUE), volumes[0, 3] > 0.5)


def test_mask_display_refuses_what_it_cannot_draw(data):
    with pytest.raises(ValueError, match=r"two axes, got one of shape \(8,\). Use X\[np.newaxis\]"):
        MaskDisplay.from_estimator(ThresholdMasker(), np.zeros((7, 8)))
    with pytest.raises(ValueError, match="expects images of two axes"):
        MaskDisplay.from_predictions(np.zeros((2, 7, 8, 9)), np.zeros((2, 7, 8, 9), bool))
    with pytest.raises(ValueError, match="expects masks of the shapes of the images"):
        MaskDisplay.from_predictions(data.images, data.masks[:, 1:])
    with pytest.raises(ValueError, match="expects masks of the shapes of the images"):
        MaskDisplay.from_predictions(data.images, data.masks[1:])


def test_compare_methods_agrees_with_the_estimator(data):
    display = compare_methods(data.images, data.masks)
    rows = {row["method"]: row for row in display.table}
    for method in ("otsu", "li", "triangle"):
        masker = HistogramThresholdMasker(method).fit(data.images)
        masks = masker.transform(data.images)
        assert rows[method]["threshold"] == masker.threshold_
        assert rows[method]["foreground"] == pytest.approx(masks.mean())
        assert rows[method]["dice"] == pytest.approx(dice_score(data.masks, masks))
    assert len(str(display).splitlines()) == len(rows) + 1
    assert len(display.ax_.lines) == len(rows)


def test_compare_methods_warns_of_colors():
    colors = np.random.default_rng(0).integers(0, 255, (3, 40, 50, 3), np.uint8)
    for images in (colors, list(colors)):
        with pytest.warns(
            UserWarning, match=r"compare_methods takes images of shape \(40, 50, 3\)"
        ):
            compare_methods(images)


def test_compare_methods_labels_never_overlap(data):
    display = compare_methods(data.images, data.masks)
    display.figure_.canvas.draw()
    boxes = [label.get_window_extent() for label in display.ax_.get_yticklabels()]
    assert len(boxes) == len(display.table)
    boxes.sort(key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


def test_compare_methods_tells_which_find_nothing():
    flat = np.repeat(np.arange(256, dtype=np.uint8), 16).reshape(1, 64, 64)
    display = compare_methods(flat)
    rows = {row["method"]: row for row in display.table}
    assert np.isnan(rows["minimum"]["threshold"])
    assert np.isnan(rows["minimum"]["foreground"])
    assert "nan" in str(display)
    assert "Dice" not in str(display)


def test_missing_matplotlib_is_one_sentence(monkeypatch):
    for name in ("matplotlib", "matplotlib.pyplot"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError) as caught:
        MaskDisplay.from_predictions(np.zeros((1, 2, 2)), np.zeros((1, 2, 2), bool))
    assert str(caught.value) == (
        'MaskDisplay expects the package matplotlib. Install it: python -m pip install "skmask[plot]".'
    )


@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_compare_methods_reads_every_container(data, foreground):
    images = data.images if foreground == "bright" else 255 - data.images
    masks = data.masks
    display = compare_methods(images, masks, foreground=foreground)
    for name, threshold in display.thresholds.items():
        mask = ThresholdMasker(threshold, foreground=foreground).transform(images)
        assert display.scores[name] == pytest.approx(dice_score(masks, mask))
        row = next(row for row in display.table if row["method"] == name)
        assert row["foreground"] == pytest.approx(mask.mean())
    for container, y in (
        (list(images), list(masks)),
        (dask.array.from_array(images, chunks=(1, -1, -1)), masks),
    ):
        other = compare_methods(container, y, foreground=foreground)
        assert other.table == display.table
    with pytest.raises(
        ValueError, match="compare_methods expects foreground to be 'bright' or 'dark'"
    ):
        compare_methods(images, foreground="auto")


def test_threshold_display_finds_the_learner_in_pipelines_searches_and_combinations(data):
    masker = HistogramThresholdMasker("dice")
    pipeline = make_pipeline(masker, BinaryOpener())
    grid = {"binaryopener__iterations": [0, 1]}
    holders = [
        pipeline,
        GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=2),
        MaskApplier(pipeline),
        masker | ThresholdMasker(200),
    ]
    for holder in holders:
        display = ThresholdDisplay.from_estimator(holder.fit(data.images, data.masks))
        assert display.line_.get_label().startswith("dice: ")
    with pytest.raises(TypeError, match="expects a masker that has learned a threshold"):
        ThresholdDisplay.from_estimator(make_pipeline(ThresholdMasker(3)).fit(data.images))


def test_mask_display_draws_outlines_and_contrast(data):
    display = MaskDisplay.from_estimator(
        ThresholdMasker(120), data.images, data.masks, outlines=True, contrast=(0, 255)
    )
    image, *overlays = display.ax_.images
    assert image.get_clim() == (0, 255)
    assert not overlays
    assert len(display.ax_.collections) == 2
    assert [text.get_text() for text in display.figure_.legends[0].texts] == ["mask", "true mask"]
    empty = np.zeros_like(data.masks)
    display = MaskDisplay.from_predictions(data.images, empty, outlines=True)
    assert not display.ax_.collections


def test_mask_display_draws_the_worst_images_first(data):
    masker = ThresholdMasker(120)
    scores = dice_score(data.masks, masker.transform(data.images), average=None)
    display = MaskDisplay.from_estimator(masker, data.images, data.masks, n_worst=2)
    first, second = np.argsort(scores)[:2]
    assert_array_equal(display.ax_.images[0].get_array(), data.images[first])
    titles = [ax.get_title() for ax in display.axes_]
    assert titles == [f"image {i}: {scores[i]:.2f}" for i in (first, second)]
    with pytest.raises(ValueError, match="MaskDisplay expects true masks with n_worst=2, got none"):
        MaskDisplay.from_estimator(masker, data.images, n_worst=2)


# Machado, Oliveira and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113, severity 1, in linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colors_differ_in_every_color_vision_deficiency(deficiency):
    colors = np.array([to_rgb(name) for name in (BLUE, ORANGE, GREEN)])
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(DEFICIENCIES[deficiency]).T, 0, 1)
    encoded = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = color.rgb2lab(encoded[np.newaxis])[0]
    distances = [color.deltaE_ciede2000(a, b) for a, b in combinations(lab, 2)]
    # A difference of 2 is just noticed; 10 is seen at a glance.
    assert min(distances) > 10


def test_worst_images_come_first_with_their_errors():
    truth = np.zeros((3, 10, 12), bool)
    truth[:, 2:8, 2:8] = True
    probabilities = np.where(truth, 0.9, 0.1)
    probabilities[1] = 0.2
    probabilities[2, 2:8, 2] = 0.3
    display = ProbabilityDisplay.from_predictions(truth * 50, probabilities, truth, n_worst=2)
    assert display.worst_.tolist() == [1, 2]
    np.testing.assert_allclose(display.scores_, [1, 0, 60 / 66])
    assert display.axes_.shape == (2, 3)
    assert display.axes_[0, 0].get_title() == "image 1, Dice 0.000"
    with pytest.raises(
        ValueError, match="a probability and a true value for each pixel, got shapes"
    ):
        ProbabilityDisplay.from_predictions(truth, probabilities[:2], truth)


def test_probabilities_of_a_classifier_of_pixels():
    data = make_masked_images(4, (32, 32), random_state=0)
    masker = PixelClassifierMasker(threshold="dice", random_state=0).fit(data.images, data.masks)
    display = ProbabilityDisplay.from_estimator(masker, data.images, data.masks)
    assert display.threshold == masker.threshold_
    assert (display.scores_ > 0.8).all()
    with pytest.raises(TypeError, match="got HistogramThresholdMasker. Use MaskDisplay.from_est"):
        ProbabilityDisplay.from_estimator(HistogramThresholdMasker(), data.images, data.masks)
