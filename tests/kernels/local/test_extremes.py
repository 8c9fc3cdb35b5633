import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import morphology

from skmask._kernels.compiled import use_engine
from skmask._kernels.compiled.local import extremes
from skmask._kernels.local import windows
from skmask._kernels.local.extremes import open_gray
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
        open_gray(images, (radius, radius), dark=True),
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
    assert_array_equal(open_gray(image[np.newaxis], [2] * len(shape), dark=True)[0], expected)


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


def check_engines(images, radii):
    """Compare the bits of both engines' results."""
    for dark in (False, True):
        with use_engine("numpy"):
            expected = open_gray(images, radii, dark=dark)
        result = open_gray(images, radii, dark=dark)
        assert result.dtype == expected.dtype
        assert result.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["?", *"bBhHiIlLefd", ">u2", ">f4"])
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 90)),
    radii=st.tuples(*[st.one_of(st.just(0.0), st.floats(0, 12), st.floats(0, 99))] * 2),
    seed=st.integers(0, 99),
)
def test_engines_agree_on_any_pixels(dtype, shape, radii, seed):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**64, shape, np.uint64)
    if dtype == "?":
        images = bits % 2 == 0
    elif dtype in ("e", "f", "d", ">f4"):
        images = rng.choice([-2.5, -1, -0.0, 0.0, 1, 3, np.nan, np.inf, -np.inf], shape)
        images = images.astype(dtype)
    else:
        images = bits.astype(dtype)
    images.flags.writeable = False
    check_engines(images, radii)
    check_engines(images[::-1, :, ::-2], radii)
    check_engines(images[:, 0], radii[:1])


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float64])
@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_planes_of_any_size_equal_scipy(dtype, foreground):
    is_dark = foreground == "dark"
    reference = ndimage.grey_closing if is_dark else ndimage.grey_opening
    disk = build_footprint("disk", 2, radius=3)
    for size in range(1, 71):
        image = noise((9, size), dtype, size)
        for plane in (image, image.T):
            expected = reference(plane, footprint=disk)
            assert_array_equal(open_gray(plane[np.newaxis], (3, 3), dark=is_dark)[0], expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
@pytest.mark.parametrize("radii", [(2, 3), (0, 30), (9, 40)])
def test_wide_planes_equal_scipy(dtype, radii):
    image = noise((12, 9500), dtype)
    y, x = np.ogrid[-radii[0] : radii[0] + 1, -radii[1] : radii[1] + 1]
    disk = (y / max(radii[0], 1)) ** 2 + (x / radii[1]) ** 2 <= 1
    # An ellipse is wider than the image is high.
    expected = ndimage.grey_opening(image, footprint=disk)
    assert_array_equal(open_gray(image[np.newaxis], radii)[0], expected)


@pytest.mark.parametrize(
    ("axes", "radii"), [((0,), (0, 4, 3)), ((2,), (4, 3, 0)), ((0, 3), (0, 4, 3, 0))]
)
def test_axes_that_are_left_alone(axes, radii):
    shape = [13, 17]
    for axis in axes:
        shape.insert(axis, 3)
    images = noise((2, *shape), np.uint8)
    moved = np.moveaxis(images, [1 + axis for axis in axes], range(1, 1 + len(axes)))
    expected = open_gray(moved.reshape(-1, 13, 17), (4, 3)).reshape(moved.shape)
    result = np.moveaxis(
        open_gray(images, radii), [1 + axis for axis in axes], range(1, 1 + len(axes))
    )
    assert_array_equal(result, expected)


def test_zeros_of_both_signs_become_positive():
    images = np.array([[0.0, -0.0, 0.0, -0.0, -0.0]])
    for dark in (False, True):
        assert not np.signbit(open_gray(images, (1,), dark=dark)).any()


def test_disks_that_are_too_large_for_the_cache_equal_others(monkeypatch):
    images = noise((2, 30, 40), np.uint8)
    expected = open_gray(images, (9, 9))
    monkeypatch.setattr(extremes, "_MOST_BYTES", 0)
    assert_array_equal(open_gray(images, (9, 9)), expected)
