import cv2
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal
from scipy import ndimage

from skmask import use_engine
from skmask._kernels.local import medians
from skmask._kernels.local.medians import median_smooth


@pytest.mark.parametrize("network", [0, 121])
@pytest.mark.parametrize("few_levels", [0, 256])
@pytest.mark.parametrize(("shape", "reaches"), [((2, 20, 31), (2, 1)), ((1, 6, 7, 8), (1, 0, 2))])
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint64, np.float16, np.float64])
def test_medians_equal_those_of_scipy(dtype, shape, reaches, few_levels, network, monkeypatch):
    monkeypatch.setattr(medians, "_FEW_LEVELS", few_levels)
    monkeypatch.setattr(medians, "_NETWORK", network)
    values = np.random.default_rng(0).integers(0, 100, shape)
    images = (values > 50 if dtype is bool else values - 40 * (dtype is np.int16)).astype(dtype)
    smoothed = median_smooth(images, reaches)
    assert smoothed.dtype == dtype
    size = [2 * reach + 1 for reach in reaches]
    for one, image in zip(smoothed, images, strict=True):
        expected = ndimage.median_filter(image.astype(float), size)
        assert_array_equal(one.astype(float), expected)


def test_medians_equal_those_of_opencv_away_from_the_edge():
    image = np.random.default_rng(1).integers(0, 256, (60, 70), np.uint8)
    expected = cv2.medianBlur(image, 11)
    smoothed = median_smooth(image[np.newaxis], (5, 5))[0]
    assert_array_equal(smoothed[5:-5, 5:-5], expected[5:-5, 5:-5])


def test_largest_integers_are_kept():
    images = np.full((1, 5, 5), np.iinfo(np.uint64).max, np.uint64)
    images[0, 2, 2] -= np.uint64(1)
    assert_array_equal(median_smooth(images, (1, 1)), np.iinfo(np.uint64).max)


def test_missing_pixels_are_left_out_and_stay():
    image = np.array([[1, np.nan, 4, 9, np.inf, 2, 6]])
    expected = [[1, np.nan, 6.5, 6.5, np.inf, 4, 6]]
    assert_array_equal(median_smooth(image, (1,)), expected)


def test_median_of_two_of_the_largest_floats_is_finite():
    largest = np.finfo(np.float64).max
    image = np.array([[largest, np.nan, largest, largest / 2, np.nan]])
    expected = [[largest, np.nan, 0.75 * largest, 0.75 * largest, np.nan]]
    assert_array_equal(median_smooth(image, (1,)), expected)


def test_median_of_two_of_the_smallest_floats_lies_between_them():
    smallest = np.finfo(np.float64).smallest_subnormal
    image = np.array([[smallest, np.nan, 3 * smallest, np.nan, 3 * smallest]])
    smoothed = median_smooth(image, (2,))[0, [0, 2, 4]]
    assert_array_equal(smoothed, [smallest, 3 * smallest, 3 * smallest])


@pytest.mark.parametrize("reach", [0, 1, 6])
def test_long_doubles_keep_their_digits(reach):
    images = 1 + np.finfo(np.longdouble).eps * np.arange(20, dtype=np.longdouble)[np.newaxis]
    windows = sliding_window_view(np.pad(images[0], reach, mode="symmetric"), 2 * reach + 1)
    expected = np.sort(windows, axis=1)[:, reach]
    assert_array_equal(median_smooth(images, (reach,))[0], expected)


SHAPES = [
    ((2, 40, 61), (3, 2)),
    ((1, 3, 200), (60, 40)),
    ((1, 200, 2), (9, 1)),
    ((1, 1, 1), (4, 4)),
]
SHAPES += [((2, 300), (25,)), ((1, 9, 8, 7), (1, 2, 3)), ((1, 2, 2, 4, 5), (0, 1, 1, 1))]


@pytest.mark.parametrize(("shape", "reaches"), SHAPES)
@pytest.mark.parametrize("dtype", [bool, "u1", "i1", ">u2", "f2", "f4", "f8", "g"])
def test_all_ways_give_the_same_bytes(dtype, shape, reaches, monkeypatch):
    rng = np.random.default_rng(2)
    images = (
        rng.integers(-60, 60, shape) / (10 if dtype in ("f2", "f4", "f8", "g") else 1)
    ).astype(dtype)
    if images.dtype.kind == "f":
        images[rng.random(shape) < 0.1] = np.nan
        images[rng.random(shape) < 0.1] = np.inf
        images[rng.random(shape) < 0.1] = -0.0
    smoothed = median_smooth(images, reaches)
    monkeypatch.setattr(medians, "_NETWORK", 0)
    with use_engine("numpy"):
        expected = median_smooth(images, reaches)
    if dtype == "g":  # whose elements hold bytes that mean nothing
        smoothed, expected = smoothed.astype(np.float64), expected.astype(np.float64)
    assert smoothed.tobytes() == expected.tobytes()


@pytest.mark.parametrize("reach", [1, 2, 3, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_small_windows_equal_those_of_scipy(dtype, reach):
    image = np.random.default_rng(3).integers(-128, 128, (67, 513)).astype(dtype)
    expected = ndimage.median_filter(image, 2 * reach + 1)
    assert_array_equal(median_smooth(image[np.newaxis], (reach, reach))[0], expected)


def by_definition(image, reaches):
    """Compute medians from every window, written out."""
    # SciPy goes wrong where windows are several times as large as the image.
    padded = np.pad(image, [(reach, reach) for reach in reaches], mode="symmetric")
    windows = sliding_window_view(padded, [2 * reach + 1 for reach in reaches])
    return np.array([[np.median(window) for window in row] for row in windows])


def test_windows_of_more_bytes_than_can_be_counted():
    image = np.random.default_rng(4).integers(0, 256, (31, 26), np.uint8)
    expected = by_definition(image, (128, 128))
    assert_array_equal(median_smooth(image[np.newaxis], (128, 128))[0], expected)


def test_largest_integers_are_kept_by_large_windows(monkeypatch):
    monkeypatch.setattr(medians, "_NETWORK", 0)
    images = np.full((1, 9, 9), np.iinfo(np.int64).max)
    images[0, ::2] -= 1
    windows = sliding_window_view(np.pad(images[0], 2, mode="symmetric"), (5, 5))
    expected = np.sort(windows.reshape(9, 9, 25))[..., 12]
    assert_array_equal(median_smooth(images, (2, 2))[0], expected)


@pytest.mark.parametrize("reach", [1, 2])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i4", "u8", "i8", "f4", "f8"])
@pytest.mark.parametrize(
    "shape",
    [
        (2, 2, 66),
        (1, 3, 67),
        (3, 9, 130),
        (1, 5, 193),
        (1, 7, 1027),
        (1, 65, 64),
        (1, 1, 99),
        (90, 11, 17),
        (1, 9, 9),
        (1, 9, 65),
        (3, 7, 1),
        (1, 4, 2),
        (2, 8, 8),
    ],
)
def test_windows_of_three_and_five_pixels_equal_those_of_numpy(shape, dtype, reach):
    rng = np.random.default_rng(5)
    if dtype[0] == "f":
        images = rng.normal(size=shape).astype(dtype)
        images[rng.random(shape) < 0.3] = -0.0
    else:
        lowest, highest = np.iinfo(dtype).min, np.iinfo(dtype).max
        levels = np.array([lowest, lowest + 1, 1, highest - 1, highest], dtype)
        images = rng.choice(levels, shape)
    images.flags.writeable = False
    for stack in (images, np.asfortranarray(images), images[:, ::-1, ::-1]):
        smoothed = median_smooth(stack, (reach, reach))
        padded = np.pad(stack, [(0, 0), (reach, reach), (reach, reach)], mode="symmetric")
        windows = sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1), axis=(1, 2))
        expected = np.sort(windows.reshape(*shape, -1))[..., 2 * reach * (reach + 1)]
        assert smoothed.dtype == images.dtype
        assert smoothed.tobytes() == (expected + expected.dtype.type(0)).tobytes()


@pytest.mark.parametrize("width", [16257, 16300])
def test_parts_of_very_wide_rows_meet(width):
    # 127 strips of 128 doubles, and one pixel more.
    images = np.random.default_rng(8).normal(size=(1, 4, width))
    assert_array_equal(
        median_smooth(images, (2, 2))[0], ndimage.median_filter(images[0], 5, mode="reflect")
    )


@pytest.mark.parametrize("width", [20, 70])
def test_no_images_have_no_medians(width):
    images = np.zeros((0, 9, width), np.uint8)
    assert median_smooth(images, (1, 1)).shape == images.shape


@pytest.mark.parametrize("reach", [1, 2])
@pytest.mark.parametrize("width", [9, 80])
@pytest.mark.parametrize("place", [(0, 0), (0, -1), (4, 0), (9, -1), (5, 4)])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_missing_pixel_is_left_out_of_small_windows(value, place, width, reach):
    image = np.random.default_rng(6).normal(size=(10, width))
    image[place] = value
    padded = np.pad(np.where(np.isfinite(image), image, np.nan), reach, mode="symmetric")
    windows = sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1))
    expected = np.nanmedian(windows, axis=(2, 3))
    expected[place] = value
    assert_array_equal(median_smooth(image[np.newaxis], (reach, reach))[0], expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize(
    ("shape", "reaches"),
    [
        ((3, 1500), (2, 40)),
        ((14, 9), (127, 127)),
        ((50, 2), (0, 9)),
        ((1, 70), (9, 0)),
        ((65, 67), (5, 5)),
    ],
)
def test_medians_of_bytes_in_large_windows_follow_their_definition(shape, reaches, dtype):
    rng = np.random.default_rng(7)
    noise = rng.integers(0, 256, shape).astype(np.uint8).view(dtype)
    edge = np.where(np.arange(shape[-1]) < shape[-1] // 2, 0, np.iinfo(dtype).max).astype(dtype)
    for image in (noise, np.broadcast_to(edge, shape), noise // dtype(16) * dtype(16)):
        expected = by_definition(image, reaches)
        assert_array_equal(median_smooth(image[np.newaxis], reaches)[0], expected)
