import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage

from skmask._kernels.local import medians
from skmask._kernels.local.medians import median_smooth


@pytest.mark.parametrize("few_levels", [0, 256])
@pytest.mark.parametrize(("shape", "reaches"), [((2, 20, 31), (2, 1)), ((1, 6, 7, 8), (1, 0, 2))])
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint64, np.float16, np.float64])
def test_medians_equal_those_of_scipy(dtype, shape, reaches, few_levels, monkeypatch):
    monkeypatch.setattr(medians, "_FEW_LEVELS", few_levels)
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
