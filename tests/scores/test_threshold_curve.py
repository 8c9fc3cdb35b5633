import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV, KFold

from skmask import HistogramThresholdMasker, ThresholdMasker, metrics
from skmask.datasets import make_masked_images
from skmask.metrics import MaskScorer, dice_score, threshold_curve
from skmask.thresholds import CRITERIA

METRICS = {
    "dice": metrics.dice_score,
    "jaccard": metrics.jaccard_score,
    "mcc": metrics.mcc_score,
    "pixel_precision": metrics.pixel_precision_score,
    "pixel_recall": metrics.pixel_recall_score,
    "specificity": metrics.specificity_score,
    "volume_similarity": metrics.volume_similarity,
}
DTYPES = [bool, "u1", "i1", "u2", ">i4", "i8", "f2", "f4", "f8", "g"]


@pytest.fixture(scope="module")
def blobs():
    data = make_masked_images(8, (24, 20), random_state=0)
    return data.images, data.masks


def scores_by_masks(score, images, masks, thresholds, foreground="bright", **options):
    by_threshold = [
        score(
            masks,
            ThresholdMasker(t, foreground=foreground).transform(images),
            average=None,
            **options,
        )
        for t in thresholds
    ]
    return np.transpose(by_threshold)


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.int64, (3, 4, 5), elements=st.integers(-9, 9)),
    arrays(bool, (3, 4, 5)),
    st.sampled_from(DTYPES),
    st.sampled_from(sorted(METRICS)),
    st.sampled_from(["bright", "dark"]),
)
def test_scores_are_those_of_the_masks_of_all_thresholds(values, masks, dtype, metric, foreground):
    images = np.abs(values).astype(dtype) if np.dtype(dtype).kind in "bu" else values.astype(dtype)
    curve = threshold_curve(images, masks, metric=metric, foreground=foreground)
    expected = scores_by_masks(METRICS[metric], images, masks, curve.thresholds, foreground)
    assert_allclose(curve.scores, expected, atol=1e-12)
    assert_allclose(curve.mean, expected.mean(axis=0), atol=1e-12)
    assert_allclose(curve.std, expected.std(axis=0), atol=1e-7)
    every = np.unique(
        scores_by_masks(METRICS[metric], images, masks, np.arange(-10, 10), foreground)
    )
    assert set(every.round(9)) == set(curve.scores.ravel().round(9))


def test_default_thresholds_lie_in_the_middle_of_gaps():
    images = np.array([[[3, 7, 9, 3]]])
    masks = images > 5
    assert_array_equal(threshold_curve(images, masks).thresholds, [2, 5, 8, 9])
    thresholds = threshold_curve(images / 2, masks).thresholds
    assert_array_equal(thresholds, [np.nextafter(1.5, 0), 2.5, 4, 4.5])


@pytest.mark.parametrize("dtype", ["u1", "f4", "f2"])
def test_given_thresholds_are_compared_as_numpy_does(dtype, blobs):
    images, masks = blobs
    if dtype != "u1":
        images = images.astype(dtype) / np.dtype(dtype).type(255)
    thresholds = np.linspace(0.2, 0.8, 25) * (1 if images.dtype.kind == "f" else 255)
    thresholds[7:9] = images.max() / 2
    curve = threshold_curve(images, masks, thresholds=thresholds)
    assert_array_equal(curve.thresholds, thresholds)
    assert_allclose(
        curve.scores, scores_by_masks(dice_score, images, masks, thresholds), atol=1e-12
    )


def test_missing_pixels_are_background(blobs):
    images, masks = blobs
    images = images.astype(np.float32)
    images[:, 3:6], images[:, 6], images[:, 7] = np.nan, np.inf, -np.inf
    for foreground in ("bright", "dark"):
        curve = threshold_curve(images, masks, foreground=foreground)
        expected = scores_by_masks(dice_score, images, masks, curve.thresholds, foreground)
        assert_allclose(curve.scores, expected, atol=1e-12)


def test_weights_and_region_count(blobs):
    images, masks = blobs
    weights = np.arange(8.0)
    roi = np.zeros(images.shape, bool)
    roi[:, 4:18, 3:] = True
    curve = threshold_curve(images, masks, sample_weight=weights, roi=roi)
    expected = scores_by_masks(dice_score, images, masks, curve.thresholds, roi=roi)
    assert_allclose(curve.scores, expected, atol=1e-12)
    mean = np.average(expected, axis=0, weights=weights)
    assert_allclose(curve.mean, mean)
    assert_allclose(
        curve.std**2, np.average(expected**2, axis=0, weights=weights) - mean**2, atol=1e-9
    )
    for one, other in zip(
        threshold_curve(images, masks, roi=roi[0], sample_weight=weights), curve, strict=True
    ):
        assert_array_equal(one, other)


def test_list_of_sizes_gives_the_scores_in_its_order(blobs):
    images, masks = blobs
    sizes = [24, 20, 24, 16, 20, 24, 24, 16]
    ragged = [image[:size] for image, size in zip(images, sizes, strict=True)]
    truth = [mask[:size] for mask, size in zip(masks, sizes, strict=True)]
    curve = threshold_curve(ragged, truth, thresholds=[90, 110, 130])
    for row, image, mask in zip(curve.scores, ragged, truth, strict=True):
        assert_allclose(
            row, [dice_score(mask[np.newaxis], image[np.newaxis] > t) for t in (90, 110, 130)]
        )
    flat = threshold_curve(images.reshape(8, -1), masks.reshape(8, -1))
    assert_array_equal(flat.scores, threshold_curve(images, masks).scores)


def test_curve_is_what_a_search_over_thresholds_finds(blobs):
    images, masks = blobs
    thresholds = np.arange(60, 180, 5)
    search = GridSearchCV(
        ThresholdMasker(), {"threshold": thresholds}, scoring=MaskScorer("jaccard"), cv=KFold(4)
    ).fit(images, masks)
    curve = threshold_curve(images, masks, metric="jaccard", thresholds=thresholds)
    assert_allclose(curve.mean, search.cv_results_["mean_test_score"])
    assert curve.best_score == pytest.approx(search.best_score_)
    assert curve.best_threshold == search.best_params_["threshold"]


def test_best_threshold_is_what_the_masker_learns(blobs):
    images, masks = blobs
    for pixels in (images, images.astype(np.float32) / 255):
        curve = threshold_curve(pixels, masks)
        masker = HistogramThresholdMasker("dice", strategy="balanced").fit(pixels, masks)
        assert curve.best_threshold == pytest.approx(masker.threshold_, rel=1e-6)
        assert curve.best_score == pytest.approx(masker.best_score_, abs=1e-9)
        for i, threshold in enumerate(curve.image_thresholds):
            alone = HistogramThresholdMasker("dice").fit(pixels[i : i + 1], masks[i : i + 1])
            assert curve.scores[i].max() == pytest.approx(alone.best_score_)
            low, high = alone.threshold_interval_
            assert low <= threshold < high


def test_best_of_a_plateau_is_its_middle():
    images = np.array([[[0, 10, 20, 30, 40, 50]]])
    masks = images > 60
    curve = threshold_curve(images, masks, thresholds=[0, 45, 50, 60, 70, 80])
    assert curve.best_threshold == 60
    assert_array_equal(curve.image_thresholds, [60])


@pytest.mark.parametrize("name", sorted(CRITERIA))
def test_criteria_serve_by_name_and_as_functions(name, blobs):
    by_name = threshold_curve(*blobs, metric=name)
    assert_array_equal(by_name.scores, threshold_curve(*blobs, metric=CRITERIA[name]).scores)


def test_thresholds_of_many_values_are_thinned_out():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(2, 90, 100))
    curve = threshold_curve(images, images > 1)
    assert curve.thresholds.size == 4096
    assert (np.diff(curve.thresholds) > 0).all()
    assert curve.thresholds[0] < images.min()
    assert curve.thresholds[-1] == images.max()
    assert curve.best_threshold == pytest.approx(1, abs=0.01)
    assert_allclose(
        curve.scores[:, ::400],
        scores_by_masks(dice_score, images, images > 1, curve.thresholds[::400]),
    )


def test_images_are_left_alone(blobs):
    images, masks = (part.copy() for part in blobs)
    images.flags.writeable = masks.flags.writeable = False
    threshold_curve(images, masks)
    assert_array_equal(images, blobs[0])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"metric": "surface_dice"}, "threshold_curve expects metric to be .* one of cost, dice,"),
        ({"metric": lambda *counts: 0.5}, "one finite score for each of .* thresholds, got 0.5"),
        ({"metric": lambda tp, fp, fn, tn: tp / 0}, "one finite score for each of"),
        ({"foreground": "auto"}, "foreground to be 'bright' or 'dark', got 'auto'"),
        ({"thresholds": [2, 1]}, r"thresholds to be numbers in ascending order, got \[2, 1\]"),
        ({"thresholds": []}, "thresholds to be numbers in ascending order"),
        ({"thresholds": [[1]]}, "thresholds to be numbers in ascending order"),
        ({"thresholds": [np.nan]}, "thresholds to be numbers in ascending order"),
        ({"sample_weight": [1, 2]}, r"threshold_curve expects .* each of 8 images"),
        ({"roi": np.zeros((24, 20), bool)}, "threshold_curve expects at least one finite pixel"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_bad_choices_are_refused(options, match, blobs):
    with pytest.raises(ValueError, match=match):
        threshold_curve(*blobs, **options)


def test_masks_of_another_shape_are_refused(blobs):
    with pytest.raises(ValueError, match=r"threshold_curve expects masks of shape \(8, 24, 20\)"):
        threshold_curve(blobs[0], blobs[1][:, 1:])
