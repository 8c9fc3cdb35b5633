import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skmask import RangeMasker, ThresholdMasker

X = np.random.default_rng(0).integers(0, 256, (4, 12, 10), np.uint8)
COLORS = np.random.default_rng(1).integers(0, 256, (3, 12, 10, 3), np.uint8)


@pytest.mark.parametrize(
    ("inclusive", "compare"),
    [
        ("both", lambda x: (x >= 60) & (x <= 180)),
        ("left", lambda x: (x >= 60) & (x < 180)),
        ("right", lambda x: (x > 60) & (x <= 180)),
        ("neither", lambda x: (x > 60) & (x < 180)),
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_range_is_the_chained_comparison(inclusive, compare, dtype):
    images = X.astype(dtype)
    images[0, 0, :2] = 60, 180
    masker = RangeMasker(60, 180, inclusive=inclusive)
    assert_array_equal(masker.transform(images), compare(images))


def test_missing_bounds_are_unbounded():
    assert_array_equal(RangeMasker(low=60).transform(X), X >= 60)
    assert_array_equal(RangeMasker(high=60).transform(X), X <= 60)
    assert RangeMasker().transform(X).all()
    assert_array_equal(
        RangeMasker(low=60, inclusive="neither").transform(X), ThresholdMasker(60).transform(X)
    )


def test_nan_is_never_in_range():
    images = np.array([[[np.nan, -np.inf, 0.0, np.inf]]])
    assert_array_equal(RangeMasker().transform(images), [[[False, True, True, True]]])
    assert_array_equal(RangeMasker(0).transform(images), [[[False, False, True, True]]])
    assert_array_equal(RangeMasker(high=0).transform(images), [[[False, True, True, False]]])
    circular = RangeMasker(5, -5, circular=True)
    assert_array_equal(circular.transform(images), [[[False, True, False, True]]])


@settings(deadline=None, max_examples=60)
@given(
    dtype=st.sampled_from([np.int8, np.uint8, np.uint64]),
    low=st.floats(-1e20, 1e20) | st.integers(-400, 400),
    width=st.floats(0, 1e20) | st.integers(0, 400),
    inclusive=st.sampled_from(["both", "left", "right", "neither"]),
)
def test_bounds_beyond_the_dtype_do_not_wrap(dtype, low, width, inclusive):
    info = np.iinfo(dtype)
    images = np.array([[[info.min, info.min + 1, 0, 7, info.max - 1, info.max]]], dtype)
    high = low + width
    left = inclusive in ("both", "left")
    right = inclusive in ("both", "right")
    exact = [
        (int(x) >= low if left else int(x) > low) and (int(x) <= high if right else int(x) < high)
        for x in images.flat
    ]
    masker = RangeMasker(low, high, inclusive=inclusive)
    assert_array_equal(masker.transform(images).ravel(), exact)


def test_channel_ranges_equal_those_of_opencv():
    low, high = [40, 0, 100], [200, 150, 255]
    masks = RangeMasker(low, high, channel_axis=-1).fit_transform(COLORS)
    for mask, image in zip(masks, COLORS, strict=True):
        assert_array_equal(mask, cv2.inRange(image, np.array(low), np.array(high)) > 0)


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -2, -3])
def test_channels_may_stand_on_any_axis_of_the_image(axis):
    low, high = [40, 0, 100], [200, 150, 255]
    expected = RangeMasker(low, high, channel_axis=-1).transform(COLORS)
    moved = np.moveaxis(COLORS, -1, axis)
    assert_array_equal(RangeMasker(low, high, channel_axis=axis).transform(moved), expected)


def test_any_channel_in_range_suffices_with_any():
    expected = ((COLORS >= 200) & (COLORS <= 230)).any(axis=-1)
    masker = RangeMasker(200, 230, channel_axis=-1, channel_reduce="any")
    assert_array_equal(masker.transform(COLORS), expected)


def test_circular_channel_is_the_union_of_both_ends():
    hue = COLORS[..., 0]
    expected = ((hue >= 240) | (hue <= 20)) & (COLORS[..., 1] >= 30)
    masker = RangeMasker([240, 30, 0], [20, 255, 255], channel_axis=-1, circular=[0])
    assert_array_equal(masker.transform(COLORS), expected)
    assert_array_equal(RangeMasker(240, 20, circular=True).transform(X), (X >= 240) | (X <= 20))
    assert_array_equal(RangeMasker(20, 240, circular=True).transform(X), (X >= 20) & (X <= 240))


def test_list_of_color_images_gives_masks_without_channels():
    images = [COLORS[0], COLORS[1][:5]]
    masks = RangeMasker([0, 0, 0], [90, 90, 90], channel_axis=-1).transform(images)
    assert [mask.shape for mask in masks] == [(12, 10), (5, 10)]


@pytest.mark.parametrize(
    ("params", "images", "match"),
    [
        ({"low": 5, "high": 3}, X, "expects low <= high, got low=5 and high=3.*set circular=True"),
        ({"low": [1, 2, 3]}, X, "single bounds when channel_axis is None"),
        ({"circular": [0]}, X, "single bounds when channel_axis is None"),
        ({"low": [1, 2], "channel_axis": -1}, COLORS, "low to be one number or 3"),
        (
            {"low": ["a", "b", "c"], "channel_axis": -1},
            COLORS,
            "'low' parameter of RangeMasker must",
        ),
        ({"high": [1, np.nan, 2], "channel_axis": -1}, COLORS, "high without NaN"),
        ({"low": [9, 9, 9], "high": [1, 10, 10], "channel_axis": -1}, COLORS, "low <= high"),
        ({"channel_axis": 4}, COLORS, "channel_axis to be an axis of the images, got 4"),
        ({"channel_axis": 0}, COLORS, "Axis 0 of X counts the images"),
        ({"channel_axis": -4}, COLORS, "channel_axis to be an axis of the images, got -4"),
        ({"channel_axis": -1}, X.reshape(4, -1), "flat rows have no channels"),
        ({"circular": [3], "channel_axis": -1}, COLORS, "indices of the 3 channels, got 3"),
        ({"circular": [True, False], "channel_axis": -1}, COLORS, "3 channels, got True among"),
        ({"inclusive": "all"}, X, "'inclusive' parameter of RangeMasker must be a str among"),
        ({"channel_reduce": "or"}, X, "'channel_reduce' parameter of RangeMasker must be"),
        ({"low": "dark"}, X, "'low' parameter of RangeMasker must be"),
    ],
)
def test_bad_parameters_are_refused_in_fit_and_in_an_unfitted_transform(params, images, match):
    for call in (RangeMasker(**params).fit, RangeMasker(**params).transform):
        with pytest.raises(ValueError, match=match):
            call(images)
