import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage.filters import apply_hysteresis_threshold, threshold_multiotsu
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryEroder,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    HysteresisMasker,
    LocalThresholdMasker,
    RangeMasker,
    ThresholdMasker,
    describe,
)
from skmask.datasets import make_masked_images
from skmask.metrics import dice_scorer


@pytest.fixture(scope="module")
def blobs():
    data = make_masked_images(8, (32, 32), noise=25.0, random_state=0)
    return data.images, data.masks


def hysteresis_by_labels(image, low, high, connectivity):
    structure = ndimage.generate_binary_structure(image.ndim, connectivity)
    labels, _ = ndimage.label((image > low) | (image > high), structure)
    return np.isin(labels, np.unique(labels[image > high]))


@settings(deadline=None, max_examples=80)
@given(
    st.data(),
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=4, max_side=8), elements=st.integers(0, 9)),
    st.tuples(st.integers(-1, 10), st.integers(-1, 10)).map(sorted),
)
def test_masks_equal_those_of_labelling(data, images, bounds):
    low, high = bounds
    connectivity = data.draw(st.integers(1, images.ndim - 1))
    rows = {"image_shape": images.shape[1:]} if images.ndim == 2 else {}
    masks = HysteresisMasker(low, high, connectivity=connectivity, **rows).transform(images)
    for mask, image in zip(masks, images, strict=True):
        assert_array_equal(mask, hysteresis_by_labels(image, low, high, connectivity))
        if connectivity == 1:
            assert_array_equal(mask, apply_hysteresis_threshold(image, low, high))


def test_levels_of_otsu_give_what_scikit_image_gives():
    image = skimage.data.coins()
    expected = apply_hysteresis_threshold(image, *threshold_multiotsu(image, 3))
    levels = [HistogramRangeMasker(n_classes=3, select=select) for select in ([1, 2], 2)]
    assert_array_equal(HysteresisMasker(*levels).fit_transform(image[np.newaxis])[0], expected)


def test_either_bound_is_learned_or_given(blobs):
    X, _ = blobs
    learned = HistogramThresholdMasker("li", correction_factor=0.8)
    threshold = learned.fit(X).threshold_
    cases = {(learned, 160): (threshold, 160), (60, learned): (60, threshold)}
    for bounds, numbers in cases.items():
        masker = HysteresisMasker(*bounds).fit(X)
        assert_array_equal(masker.transform(X), HysteresisMasker(*numbers).transform(X))
        found = [getattr(bound, "threshold_", bound) for bound in (masker.low_, masker.high_)]
        assert found == list(numbers)
        with pytest.raises(NotFittedError):
            HysteresisMasker(*bounds).transform(X)


def test_any_maskers_and_pipelines_serve(blobs):
    X, _ = blobs
    low, high = LocalThresholdMasker(window=15), make_pipeline(ThresholdMasker(130), BinaryEroder())
    masks = HysteresisMasker(low, high, connectivity=2).transform(X)
    for mask, faint, sure in zip(masks, low.transform(X), high.transform(X), strict=True):
        labels, _ = ndimage.label(faint | sure, np.ones((3, 3)))
        assert_array_equal(mask, np.isin(labels, np.unique(labels[sure])))


def test_search_tunes_numbers_and_nested_parameters(blobs):
    X, y = blobs
    masker = HysteresisMasker(90, 150)
    grid = [
        {"low": [90, 110], "high": [130, 150, HistogramThresholdMasker("dice")]},
        {
            "low": [HistogramThresholdMasker()],
            "high": [HistogramThresholdMasker(correction_factor=1.2)],
            "low__correction_factor": [0.8, 1.0],
            "high__method": ["otsu", "dice"],
        },
    ]
    search = GridSearchCV(masker, grid, scoring=dice_scorer, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 10
    plain = GridSearchCV(
        ThresholdMasker(), {"threshold": range(90, 151, 5)}, scoring=dice_scorer, cv=2
    )
    assert search.best_score_ > plain.fit(X, y).best_score_


def test_supervised_masker_gets_labels_and_metadata(blobs):
    X, y = blobs
    roi = np.zeros(X.shape[1:], bool)
    roi[4:] = True
    expected = HistogramThresholdMasker("dice").fit(X, y, roi=roi).threshold_
    plain = HysteresisMasker(90, HistogramThresholdMasker("dice")).fit(X, y, roi=roi)
    with config_context(enable_metadata_routing=True):
        routed = HistogramThresholdMasker("dice").set_fit_request(roi=True)
        masker = HysteresisMasker(90, routed).fit(X, y, roi=roi)
    assert masker.high_.threshold_ == plain.high_.threshold_ == expected


def test_frozen_masker_is_kept(blobs):
    X, _ = blobs
    fitted = HistogramThresholdMasker().fit(X[:2])
    masker = HysteresisMasker(90, FrozenEstimator(fitted)).fit(X)
    assert masker.high_.threshold_ == fitted.threshold_


def test_dark_objects_are_found_by_dark_maskers(blobs):
    X, _ = blobs
    dark = [ThresholdMasker(255 - bound, foreground="dark") for bound in (100, 150)]
    masks = HysteresisMasker(*dark).transform(255 - X)
    # 255 - x <= 155 is x >= 100.
    assert_array_equal(masks, HysteresisMasker(99, 149).transform(X))


def test_missing_pixels_are_background_and_connect_nothing():
    X = np.array([[[9.0, 5.0, np.nan, 5.0, np.inf, 5.0, -np.inf]]])
    assert_array_equal(HysteresisMasker(3, 8).transform(X), [[[1, 1, 0, 1, 1, 1, 0]]])


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        (
            {"low": "otsu"},
            TypeError,
            "HysteresisMasker expects a number or a masker as 'low', got str",
        ),
        ({"high": None}, TypeError, "expects a number or a masker as 'high', got NoneType"),
        ({"low": np.nan}, ValueError, "'low' parameter of HysteresisMasker must be"),
        ({"low": 3}, ValueError, "HysteresisMasker expects low <= high, got low=3 and high=2. Exc"),
        ({"connectivity": 0}, ValueError, "'connectivity' parameter of HysteresisMasker must be"),
        ({"connectivity": 3}, ValueError, "expects a connectivity from 1 to .* 2, got 3"),
    ],
)
def test_bad_choices_are_refused(params, error, match, blobs):
    masker = HysteresisMasker(**({"low": 1, "high": 2} | params))
    for call in (masker.fit_transform, masker.transform):
        with pytest.raises(error, match=match):
            call(blobs[0])


def test_fitted_bounds_hold_until_the_next_fit(blobs):
    X, _ = blobs
    masker = HysteresisMasker(30, 60).fit(X)
    masks, text = masker.transform(X), describe(masker)
    for low in (50, HistogramThresholdMasker()):
        masker.set_params(low=low)
        assert masker.low_ == 30
        assert_array_equal(masker.transform(X), masks)
        assert describe(masker) == text
    masker.set_params(low=99, high=HistogramThresholdMasker()).fit(X).set_params(low=0, high=0)
    learned = HistogramThresholdMasker().fit(X).threshold_
    assert_array_equal(masker.transform(X), HysteresisMasker(99, learned).transform(X))


@pytest.mark.parametrize("axis", [1, -1])
def test_masks_lack_the_axis_of_channels(axis):
    colors = np.random.default_rng(0).integers(0, 100, (3, 2, 20, 21))
    faint, sure = (colors > 30).all(axis=1), (colors > 75).all(axis=1)
    X = np.moveaxis(colors, 1, axis)
    maskers = [RangeMasker(bound, inclusive="neither", channel_axis=axis) for bound in (30, 75)]
    for low, high in (maskers, (30, maskers[1]), (30, 75)):
        masks = HysteresisMasker(low, high, channel_axis=axis).fit_transform(X)
        for mask, weak, strong in zip(masks, faint, sure, strict=True):
            assert_array_equal(mask, ndimage.binary_propagation(strong, mask=weak))
    union = HysteresisMasker(30, 75, channel_axis=axis) | maskers[1]
    assert union.fit_transform(X).shape == (3, 20, 21)


def test_colors_without_their_axis_are_refused():
    masker = HysteresisMasker(30, RangeMasker(75, channel_axis=-1))
    with pytest.raises(ValueError, match="the output of its masker 'high' of shape"):
        masker.fit(np.ones((1, 4, 5, 2))).transform(np.ones((1, 4, 5, 2)))


@pytest.mark.parametrize("axis", [0, 4, -4])
def test_axis_that_is_no_axis_of_the_images_is_refused(axis):
    with pytest.raises(ValueError, match=f"channel_axis to be an axis of the images, got {axis}"):
        HysteresisMasker(30, 75, channel_axis=axis).transform(np.ones((1, 4, 5, 2)))
