import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage

from skmask import use_engine
from skmask._kernels.local import windows
from skmask._kernels.local.gaussian import gaussian_smooth


@pytest.mark.parametrize(
    ("shape", "sigmas"),
    [((2, 40), (3,)), ((3, 30, 41), (2, 0.5)), ((2, 9, 8, 7), (1, 0, 4)), ((1, 1, 20), (5, 2))],
)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64, np.longdouble])
def test_smoothed_images_equal_those_of_scipy(shape, sigmas, dtype):
    images = (np.random.default_rng(0).random(shape) * 200).astype(dtype)
    smoothed = gaussian_smooth(images, sigmas)
    assert smoothed.dtype == np.float32
    for one, image in zip(smoothed, images, strict=True):
        expected = ndimage.gaussian_filter(image.astype(float), sigmas)
        assert_allclose(one, expected, rtol=1e-5, atol=1e-4)


def test_missing_pixels_are_left_out_and_stay():
    rng = np.random.default_rng(1)
    image = rng.normal(size=(20, 24)).astype(np.float32)
    image[3:9, 4:12] = np.nan
    image[15, 3] = -np.inf
    smoothed = gaussian_smooth(image[np.newaxis], (1.5, 2))[0]
    finite = np.isfinite(image)
    assert_array_equal(smoothed[~finite], image[~finite])
    weights = ndimage.gaussian_filter(finite.astype(float), (1.5, 2))
    sums = ndimage.gaussian_filter(np.where(finite, image, 0.0).astype(float), (1.5, 2))
    assert_allclose(smoothed[finite], (sums / weights)[finite], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("has_nan", [False, True])
def test_bands_give_what_whole_images_give(has_nan, monkeypatch):
    images = np.random.default_rng(2).normal(size=(3, 90, 17)).astype(np.float32)
    if has_nan:
        images[1, 40:50] = np.nan
    expected = gaussian_smooth(images, (2, 3))
    monkeypatch.setattr(windows, "_BLOCK", 300)
    assert len(list(windows.blocks(images.shape, (17, 25)))) > 3
    assert_array_equal(gaussian_smooth(images, (2, 3)), expected)


def test_constant_images_stay_constant_next_to_missing_pixels():
    images = np.full((1, 30, 30), 7.0)
    images[0, 10:20, 10:20] = np.nan
    smoothed = gaussian_smooth(images, (3, 3))
    assert_allclose(smoothed[np.isfinite(images)], 7, rtol=1e-6)


@pytest.mark.parametrize("dtype", [bool, "u1", "i2", ">u4", "i8", "f2", ">f2", ">f4", "f8", "g"])
@pytest.mark.parametrize(
    ("shape", "sigmas"),
    [
        ((2, 70, 61), (2, 1)),
        ((1, 5, 2300), (0, 6)),
        ((1, 40, 1700), (1, 8)),
        ((1, 301, 90), (4, 0.4)),
        ((1, 200, 3), (20, 20)),
        ((1, 1, 40), (3, 0.1)),
        ((2, 9, 1), (0.05, 2)),
    ],
)
def test_both_engines_give_the_same_bytes(shape, sigmas, dtype):
    images = (np.random.default_rng(3).normal(size=shape) * 100).astype(dtype)
    images.flags.writeable = False
    for stack in (images, images[:, ::-1, ::-1]):
        smoothed = gaussian_smooth(stack, sigmas)
        with use_engine("numpy"):
            assert smoothed.tobytes() == gaussian_smooth(stack, sigmas).tobytes()
        expected = [ndimage.gaussian_filter(image.astype(float), sigmas) for image in stack]
        assert_allclose(smoothed, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_pixels_beyond_single_precision_are_missing():
    images = np.ones((1, 4, 5))
    images[0, 3, 4] = 1e300
    assert_array_equal(gaussian_smooth(images, (1, 1))[0, 3, 4], np.inf)
    assert_allclose(gaussian_smooth(images, (1, 1))[0, :3], 1, rtol=1e-6)
