import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import morphology

from skmask._kernels.local import windows
from skmask._kernels.local.extremes import close_gray, open_gray
from skmask._kernels.morphology.footprints import build_footprint

DTYPES = [bool, np.uint8, np.int16, np.uint64, np.float16, np.float32, np.float64]


def noise(shape, dtype, seed=0):
    values = np.random.default_rng(seed).integers(0, 200, shape)
    if dtype is bool:
        return values > 70
    return (values - 80 * (np.dtype(dtype).kind in "if")).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).name)
@pytest.mark.parametrize("radius", [0, 1, 4, 13])
def test_disks_equal_scikit_image(dtype, radius):
    images = noise((2, 40, 51), dtype)
    disk = morphology.disk(radius)
    for one, other, image in zip(
        open_gray(images, (radius, radius)),
        close_gray(images, (radius, radius)),
        images,
        strict=True,
    ):
        image = image.astype(float)
        assert_array_equal(one.astype(float), morphology.opening(image, disk))
        assert_array_equal(other.astype(float), morphology.closing(image, disk))


@given(
    radius=st.floats(0, 6),
    spacing=st.tuples(*[st.sampled_from([0.1, 0.5, 0.7, 1, 3])] * 2),
    seed=st.integers(0, 99),
)
def test_balls_with_spacing_equal_footprints(radius, spacing, seed):
    radius *= min(spacing)
    image = noise((14, 17), np.int16, seed)
    footprint = build_footprint("disk", 2, radius=radius, spacing=spacing)
    expected = ndimage.grey_opening(image, footprint=footprint)
    radii = [radius * (1 + 1e-12) / step for step in spacing]
    assert_array_equal(open_gray(image[np.newaxis], radii)[0], expected)


@pytest.mark.parametrize("shape", [(19,), (6, 7, 8)])
def test_rows_and_volumes_equal_scipy(shape):
    image = noise(shape, np.uint8)
    footprint = build_footprint("disk", len(shape), radius=2)
    expected = ndimage.grey_closing(image, footprint=footprint)
    assert_array_equal(close_gray(image[np.newaxis], [2] * len(shape))[0], expected)


def test_bands_give_what_whole_images_give(monkeypatch):
    images = noise((3, 90, 17), np.uint8)
    expected = open_gray(images, (3, 3))
    monkeypatch.setattr(windows, "_BLOCK", 300)
    assert_array_equal(open_gray(images, (3, 3)), expected)


def test_radius_far_beyond_the_image_is_its_minimum():
    images = noise((2, 9, 8), np.float32)
    opened = open_gray(images, (1e9, 1e9))
    assert_array_equal(opened, np.broadcast_to(images.min(axis=(1, 2), keepdims=True), (2, 9, 8)))


def test_missing_pixels_are_left_out():
    image = np.array([[3.0, np.nan, 2, 8, -np.inf, 8, 8, 1, np.nan, np.nan, 5, 5]])
    opened = open_gray(image, (1,))
    finite = np.isfinite(image)
    assert_array_equal(opened[finite], [3, 2, 8, 8, 8, 1, 5, 5])
