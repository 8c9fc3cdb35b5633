import tracemalloc
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage
from skimage.data import coins
from skimage.filters import threshold_local, threshold_niblack, threshold_sauvola

from skmask._kernels.local import thresholds, windows
from skmask._kernels.local.thresholds import LOCAL_METHODS

BY_SD = ("niblack", "sauvola", "wolf", "phansalkar")
WEIGHTED = (*BY_SD, "bradley", "bernsen")


def local_threshold(images, *, window, **options):
    return thresholds.local_threshold(images, window=lengths(window, images), **options)


def local_mask(images, *, window, **options):
    return thresholds.local_mask(images, window=lengths(window, images), **options)


def lengths(window, images):
    return (window,) * (images.ndim - 1) if isinstance(window, int) else window


@pytest.fixture(scope="module")
def coin_images():
    image = coins()
    return np.stack([image[:90, :110], image[150:240, 200:310]])


def by_definition(images, method, window, k, low, high):
    """Compute thresholds from every window, written out; NaN pixels do not count."""
    border = "reflect" if method in BY_SD else "symmetric"
    halves = [(0, 0)] + [(length // 2,) * 2 for length in window]
    axes = tuple(range(1, images.ndim))
    images = images.astype(float)
    padded = np.pad(images, halves, mode=border)
    values = sliding_window_view(padded, window, axis=axes).reshape(*images.shape, -1)
    mean, sd = np.nanmean(values, axis=-1), np.nanstd(values, axis=-1)
    least, greatest = np.nanmin(values, axis=-1), np.nanmax(values, axis=-1)
    if method == "mean":
        return mean
    if method == "median":
        return np.nanmedian(values, axis=-1)
    if method == "niblack":
        return mean - k * sd
    if method == "sauvola":
        return low + (mean - low) * (1 + k * (sd / ((high - low) / 2) - 1))
    if method == "wolf":
        dark = np.nanmin(images, axis=axes, keepdims=True)
        return (1 - k) * mean + k * dark + k * sd / sd.max(axis=axes, keepdims=True) * (mean - dark)
    if method == "phansalkar":
        m, s = (mean - low) / (high - low), sd / (high - low)
        return low + (high - low) * m * (1 + 2 * np.exp(-10 * m) + k * (s / 0.5 - 1))
    if method == "bradley":
        return low + (mean - low) * (1 - k)
    middle = (least + greatest) / 2
    one_class = np.where(middle > (low + high) / 2, -np.inf, np.inf)
    return np.where(greatest - least >= k * (high - low), middle, one_class)


@pytest.mark.parametrize("method", [m for m in LOCAL_METHODS if m != "gaussian"])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8"])
@pytest.mark.parametrize(
    ("shape", "window"),
    [((2, 50), (7,)), ((3, 21, 25), (5, 9)), ((2, 7, 8, 9), (3, 1, 5)), ((1, 5, 3), (9, 15))],
)
def test_thresholds_follow_their_definition(method, dtype, shape, window):
    rng = np.random.default_rng(0)
    images = np.clip(rng.normal(120, 20, shape), 0, 255).astype(dtype)
    k = 0.3 if method in WEIGHTED else None
    expected = by_definition(images, method, window, k, 0, 255)
    found = local_threshold(images, method=method, window=window, k=k, value_range=(0, 255))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    shifted = local_threshold(
        images, method=method, window=window, k=k, value_range=(0, 255), offset=-4.5
    )
    np.testing.assert_allclose(shifted, expected + 4.5, rtol=1e-11)


@pytest.mark.parametrize("method", [m for m in LOCAL_METHODS if m != "gaussian"])
def test_thresholds_skip_missing_pixels(method):
    rng = np.random.default_rng(3)
    images = rng.uniform(size=(3, 20, 24))
    images[0, 5, 5:9] = images[1, :3, :3] = np.nan
    k = 0.3 if method in WEIGHTED else None
    expected = by_definition(images, method, (5, 7), k, 0, 1)
    found = local_threshold(images, method=method, window=(5, 7), k=k, value_range=(0, 1))
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    images[np.isnan(images)] = np.inf
    infinite = local_threshold(images, method=method, window=(5, 7), k=k, value_range=(0, 1))
    np.testing.assert_array_equal(infinite, found)


@pytest.mark.parametrize("length", [3, 7, 15, 51, 121])
def test_mean_gaussian_and_median_equal_scikit_image(length, coin_images):
    for window in (length, (3, length)):
        for method in ("mean", "gaussian", "median"):
            for images in (coin_images, coin_images.astype(np.float32) / 255):
                if method == "median" and (length > 15 or images.dtype.kind == "f"):
                    continue
                found = local_threshold(images, method=method, window=window, offset=0.25)
                for image, threshold in zip(images.astype(float), found, strict=True):
                    expected = threshold_local(image, window, method, offset=0.25)
                    np.testing.assert_allclose(threshold, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("dtype", ["u2", "f8"])
def test_medians_of_windows_far_beyond_a_volume_equal_the_definition(dtype):
    images = np.random.default_rng(0).integers(0, 60000, (2, 3, 4, 5)).astype(dtype)
    if dtype == "f8":
        images[1, 1, 2] = np.nan
    found = local_threshold(images, method="median", window=41)
    for image, threshold in zip(images[:, np.newaxis], found, strict=True):
        padded = np.pad(image, [(0, 0)] + [(20, 20)] * 3, mode="symmetric")[0]
        for pixel in np.ndindex(threshold.shape):
            around = padded[tuple(slice(start, start + 41) for start in pixel)]
            assert threshold[pixel] == np.nanmedian(around)


@pytest.mark.parametrize("window", [3, 15, (5, 31), (7, 201)])
def test_niblack_and_sauvola_equal_scikit_image(window, coin_images):
    niblack = local_threshold(coin_images, method="niblack", window=window)
    sauvola = local_threshold(coin_images, method="sauvola", window=window)
    wide = coin_images.astype(np.uint16) * 257
    of_wide = local_threshold(wide, method="sauvola", window=window, k=0.5)
    for index, image in enumerate(coin_images):
        np.testing.assert_allclose(niblack[index], threshold_niblack(image, window), atol=1e-9)
        np.testing.assert_allclose(sauvola[index], threshold_sauvola(image, window), atol=1e-9)
        expected = threshold_sauvola(wide[index], window, k=0.5)
        np.testing.assert_allclose(of_wide[index], expected, rtol=1e-9)


def test_sauvola_of_doubles_equals_scikit_image_on_its_range(coin_images):
    images = coin_images / 255
    found = local_threshold(images, method="sauvola", window=15, value_range=(0, 2))
    for image, threshold in zip(images, found, strict=True):
        np.testing.assert_allclose(threshold, threshold_sauvola(image), atol=1e-9)


def test_mean_equals_opencv(coin_images):
    for image in coin_images:
        expected = cv2.boxFilter(image, cv2.CV_64F, (31, 9), borderType=cv2.BORDER_REFLECT)
        found = local_threshold(image[np.newaxis], method="mean", window=(9, 31))[0]
        np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("window", [(9, 21), (61, 81)])
def test_gaussian_skips_missing_pixels(window):
    images = np.random.default_rng(0).uniform(size=(2, 50, 60))
    images[0, 10:14, 20] = np.nan
    images[0, 40:, 30] = np.inf
    valid = np.isfinite(images[0]).astype(float)
    sigma = [(length - 1) / 6 for length in window]
    blurred = ndimage.gaussian_filter(np.where(valid, images[0], 0), sigma)
    found = local_threshold(images, method="gaussian", window=window)
    np.testing.assert_allclose(found[0], blurred / ndimage.gaussian_filter(valid, sigma), atol=1e-9)
    np.testing.assert_allclose(found[1], ndimage.gaussian_filter(images[1], sigma), atol=1e-12)


@pytest.mark.parametrize("method", LOCAL_METHODS)
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_images_do_not_depend_on_the_others_nor_on_the_blocks(method, dtype, monkeypatch):
    rng = np.random.default_rng(5)
    images = rng.integers(0, 256, (5, 60, 33)).astype(dtype)
    if dtype == "f4":
        images[1, 4, 4] = np.nan
    together = local_threshold(images, method=method, window=(5, 7))
    for index in range(len(images)):
        alone = local_threshold(images[index : index + 1], method=method, window=(5, 7))
        np.testing.assert_array_equal(alone[0], together[index])
    monkeypatch.setattr(windows, "_BLOCK", 600)
    in_bands = local_threshold(images, method=method, window=(5, 7))
    np.testing.assert_allclose(in_bands, together, rtol=1e-10)
    if dtype == "u1":
        np.testing.assert_array_equal(in_bands, together)


@pytest.mark.parametrize("method", LOCAL_METHODS)
@pytest.mark.parametrize("dtype", [bool, "u1", "i1", "u2", ">i4", "u8", "f2", "f4", "f8", "g"])
def test_mask_compares_with_the_threshold_and_dark_is_all_else(method, dtype):
    rng = np.random.default_rng(7)
    images = rng.integers(0, 120, (2, 30, 20)).astype(dtype)
    if np.dtype(dtype).kind == "f":
        images[0, 3:5] = np.nan
        images[1, 0, 0], images[1, 9, 9] = np.inf, -np.inf
    images.flags.writeable = False
    threshold = local_threshold(images, method=method, window=3)
    bright = local_mask(images, method=method, window=3)
    dark = local_mask(images, method=method, window=3, foreground="dark")
    assert bright.dtype == dark.dtype == bool
    np.testing.assert_array_equal(bright, images > threshold)
    np.testing.assert_array_equal(bright ^ dark, images == images)
    assert not (bright & dark).any()


@pytest.mark.parametrize("method", LOCAL_METHODS)
def test_mask_of_doubles_is_that_of_the_same_integers(method, coin_images):
    """Ties too: a coin image has flat windows, and whole pixels at the mean of their window."""
    images = coin_images.copy()
    images[:, 20:50, 10:60] = 31
    for offset in (0.0, 3.0):
        options = {"method": method, "window": 9, "value_range": (0, 255), "offset": offset}
        expected = local_mask(images, **options)
        np.testing.assert_array_equal(local_mask(images.astype(float), **options), expected)
        np.testing.assert_array_equal(local_mask(images.astype(np.int32), **options), expected)


@pytest.mark.parametrize("method", LOCAL_METHODS)
@pytest.mark.parametrize("value", [0.1, -7.0, 1e300])
def test_constant_doubles_are_background(method, value):
    images = np.full((2, 40, 40), value)
    assert not local_mask(images, method=method, window=15).any()


@pytest.mark.parametrize("method", [m for m in LOCAL_METHODS if m != "bernsen"])
def test_threshold_of_constant_doubles_is_their_value(method):
    images = np.stack([np.full((30, 20), 0.1), np.full((30, 20), -7.0)])
    np.testing.assert_allclose(local_threshold(images, method=method, window=9), images, rtol=1e-12)


@pytest.mark.parametrize("method", LOCAL_METHODS)
def test_all_missing_is_no_foreground(method):
    images = np.full((2, 9, 9), np.nan)
    images[1, 2] = np.inf
    assert not local_mask(images, method=method, window=3).any()
    dark = local_mask(images, method=method, window=3, foreground="dark")
    np.testing.assert_array_equal(dark, images == np.inf)


@settings(deadline=None, max_examples=60)
@given(
    method=st.sampled_from(sorted(LOCAL_METHODS)),
    window=st.tuples(*[st.sampled_from([1, 3, 5, 9])] * 2),
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-100, 100),
    seed=st.integers(0, 10**6),
)
def test_thresholds_follow_a_change_of_units(method, window, scale, shift, seed):
    images = np.random.default_rng(seed).gamma(2, size=(2, 9, 11))
    threshold = local_threshold(images, method=method, window=window)
    moved = local_threshold(scale * images + shift, method=method, window=window)
    tolerance = 1e-6 * (scale * 10 + abs(shift))
    np.testing.assert_allclose(moved, scale * threshold + shift, rtol=0, atol=tolerance)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), method=st.sampled_from(["mean", "median", "niblack", "bernsen"]))
def test_thresholds_turn_and_mirror_with_the_image(data, method):
    height, width = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    window = data.draw(st.tuples(*[st.sampled_from([1, 3, 7])] * 2))
    values = data.draw(st.binary(min_size=height * width, max_size=height * width))
    images = np.frombuffer(values, dtype=np.uint8).reshape(1, height, width)
    threshold = local_threshold(images, method=method, window=window)
    mirrored = local_threshold(images[:, ::-1, ::-1], method=method, window=window)
    np.testing.assert_array_equal(mirrored[:, ::-1, ::-1], threshold)
    turned = local_threshold(images.transpose(0, 2, 1), method=method, window=window[::-1])
    np.testing.assert_array_equal(turned.transpose(0, 2, 1), threshold)


@pytest.mark.parametrize("method", LOCAL_METHODS)
def test_empty_stacks_give_empty_results(method):
    assert local_threshold(np.zeros((0, 4, 5)), method=method, window=3).shape == (0, 4, 5)
    assert local_mask(np.zeros((0, 4, 5)), method=method, window=3).shape == (0, 4, 5)


def test_k_of_zero_is_taken_as_zero(coin_images):
    mean = local_threshold(coin_images, method="bradley", window=5)
    assert (local_threshold(coin_images, method="bradley", window=5, k=0) > mean).any()


def test_bernsen_takes_a_contrast_of_15_of_255_for_two_classes():
    images = np.full((2, 8, 8), 100, dtype=np.uint8)
    images[0, :, ::2], images[1, :, ::2] = 115, 114
    threshold = local_threshold(images, method="bernsen", window=3)
    np.testing.assert_array_equal(threshold[0], 107.5)
    np.testing.assert_array_equal(threshold[1], np.inf)


def test_mask_never_holds_the_thresholds_as_a_whole():
    images = np.random.default_rng(0).integers(0, 256, (4, 700, 700), dtype=np.uint8)
    for method in ("mean", "sauvola", "wolf", "bernsen"):
        tracemalloc.start()
        local_mask(images, method=method, window=9)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < images.nbytes + 12e6


@pytest.mark.parametrize("dtype", [bool, "u1", "i1", "u2", "i2", ">u2", "i4", "u8", "f4", "f8"])
@pytest.mark.parametrize(
    ("shape", "window"),
    [
        ((2, 21, 70), (3, 15)),
        ((1, 9, 5), (31, 31)),
        ((3, 1, 130), (7, 5)),
        ((1, 64, 1), (5, 9)),
        ((2, 1, 1), (3, 3)),
        ((1, 6, 7, 8), (3, 1, 5)),
    ],
)
@pytest.mark.parametrize("offset", [0, -3, 0.5, 2.0**21 + 1])
def test_pixels_are_compared_with_exact_means(shape, window, dtype, offset):
    rng = np.random.default_rng(7)
    images = _extreme_images(rng, shape, dtype)
    halves = [(0, 0)] + [(length // 2,) * 2 for length in window]
    padded = np.pad(images, halves, mode="symmetric").astype(object)
    windows_ = sliding_window_view(padded, window, axis=tuple(range(1, images.ndim)))
    sums, n = windows_.reshape(*shape, -1).sum(axis=-1), int(np.prod(window))
    # Ties, within the rounding of means of more than 16 bits, count as not above.
    is_rounded = images.dtype.kind == "f" or images.dtype.itemsize > 2
    slack = 2.0**-40 * float(np.abs(images.astype(float)).max()) * n if is_rounded else 0
    excess = images.astype(object) * n - sums + Fraction(offset) * n
    expected = (excess > slack).astype(bool)
    sure = (excess > slack) | (excess <= 0) | (slack == 0)
    for foreground in ("bright", "dark"):
        found = local_mask(
            images, method="mean", window=window, offset=offset, foreground=foreground
        )
        np.testing.assert_array_equal(found[sure], (expected ^ (foreground == "dark"))[sure])


def _extreme_images(rng, shape, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.4
    if dtype.kind == "f":
        return rng.integers(-9, 9, shape).astype(dtype) / dtype.type(8)
    limits = np.iinfo(dtype)
    levels = np.array([limits.min, limits.min + 1, 1, 2, limits.max - 1, limits.max], dtype)
    return levels[rng.integers(0, levels.size, shape)]


@pytest.mark.parametrize("dtype", [bool, "u1", "i2", "f4", ">f8", "f2", ">f2"])
@pytest.mark.parametrize(
    ("shape", "window"),
    [((2, 40, 61), (15, 9)), ((1, 30, 1100), (1, 61)), ((1, 9, 5), (31, 61)), ((2, 1, 99), (3, 7))],
)
@pytest.mark.parametrize("offset", [0, -0.125])
def test_pixels_are_compared_with_gaussian_means(shape, window, dtype, offset):
    rng = np.random.default_rng(8)
    images = _extreme_images(rng, shape, dtype)
    sigma = [(length - 1) / 6 for length in window]
    for foreground in ("bright", "dark"):
        found = local_mask(
            images, method="gaussian", window=window, offset=offset, foreground=foreground
        )
        for mask, image in zip(found, images.astype(float), strict=True):
            excess = image - ndimage.gaussian_filter(image, sigma) + offset
            sure = np.abs(excess) > 1e-9 * np.abs(image).max()
            assert sure.mean() > 0.5
            expected = (excess > 0) ^ (foreground == "dark")
            np.testing.assert_array_equal(mask[sure], expected[sure])


@pytest.mark.parametrize("window", [7, 61])
def test_even_images_are_not_above_their_gaussian_mean(window):
    for value in (0, 7, 255):
        images = np.full((1, 90, 80), value, np.uint8)
        assert not local_mask(images, method="gaussian", window=window).any()
        assert local_mask(images, method="gaussian", window=window, foreground="dark").all()


@pytest.mark.parametrize("method", ["mean", "gaussian"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_masks_skip_missing_pixels(method, bad):
    images = np.random.default_rng(9).normal(size=(2, 30, 70)).astype(np.float32)
    images[1, 29, 69] = bad
    threshold = local_threshold(images, method=method, window=5)
    for foreground in ("bright", "dark"):
        mask = local_mask(images, method=method, window=5, foreground=foreground)
        expected = (images > threshold) if foreground == "bright" else (images <= threshold)
        np.testing.assert_array_equal(mask, expected)


@pytest.mark.parametrize("value", [0.0, 0.1, -1 / 3, 7e5])
@pytest.mark.parametrize("window", [3, 15, 51])
def test_no_pixel_is_above_the_mean_of_its_equals(value, window):
    images = np.random.default_rng(1).normal(100, 30, size=(2, 120, 120))
    images[:, :80, :80] = value
    inside = local_mask(images, method="mean", window=window)[
        :, : 80 - window // 2, : 80 - window // 2
    ]
    assert not inside.any()


@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-30, 1e300])
@pytest.mark.parametrize("offset", [0, 1e-3, 1e9])
def test_floats_of_any_size_are_compared_with_means(scale, offset):
    images = np.random.default_rng(2).integers(-1, 2, (1, 20, 30)) * scale
    expected = local_threshold(images, method="mean", window=5, offset=offset) < images
    found = local_mask(images, method="mean", window=5, offset=offset)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("method", ["niblack", "sauvola"])
@pytest.mark.parametrize("dtype", [bool, "u1", "i1", ">u2", "i2", "i4", "u8", "f4", ">f8"])
@pytest.mark.parametrize(
    ("shape", "window"),
    [
        ((2, 21, 70), (3, 15)),
        ((1, 9, 5), (31, 31)),
        ((3, 1, 130), (7, 5)),
        ((1, 64, 1), (5, 9)),
        ((2, 7, 3), (1, 3)),
        ((2, 150, 1100), (9, 21)),
    ],
)
@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_masks_are_those_of_the_thresholds(method, shape, window, dtype, foreground):
    images = _extreme_images(np.random.default_rng(10), shape, dtype)
    for options in ({}, {"k": -0.3, "offset": 0.3}):
        threshold = local_threshold(images, method=method, window=window, **options)
        mask = local_mask(images, method=method, window=window, foreground=foreground, **options)
        expected = (images > threshold) ^ (foreground == "dark")
        np.testing.assert_array_equal(mask, expected)


def _hard_images():
    """Return images of ties, of a wide range, and with a pixel that is far from all others."""
    rng = np.random.default_rng(3)
    ramp = np.broadcast_to(np.linspace(0, 1, 150), (130, 150)).copy()
    wide = rng.lognormal(0, 8, ramp.shape)
    hot = rng.random(ramp.shape)
    hot[20, 30] = 1e13
    return {"ramp": ramp, "wide": wide, "hot": hot, "large": ramp * 1e300, "small": ramp * 1e-300}


@pytest.mark.parametrize("method", ["mean", "gaussian", "bradley", "niblack", "sauvola"])
@pytest.mark.parametrize("window", [3, 31, 127])
@pytest.mark.parametrize("name", _hard_images())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masks_are_those_of_the_thresholds_whatever_the_other_images(name, window, method, dtype):
    with np.errstate(over="ignore"):
        image = _hard_images()[name].astype(dtype)
    missing = image.copy()
    missing[5, 5] = np.nan
    images = np.stack([missing, image])
    expected = images > local_threshold(images, method=method, window=window)
    np.testing.assert_array_equal(local_mask(images, method=method, window=window), expected)
    alone = local_mask(images[1:], method=method, window=window)
    np.testing.assert_array_equal(alone, expected[1:])


@pytest.mark.parametrize("window", [(41, 15), (61, 61), (151, 45)])
def test_pixels_as_near_to_gaussian_thresholds_as_digits_reach_are_compared_alike(window):
    rng = np.random.default_rng(3)
    images = rng.normal(size=(4, 60, 70))
    images[:, 30, 30] = 1e15  # other pixels are as large as the last digits of sums
    offset = windows.ROUNDING * 1e15
    thresholds = local_threshold(images, method="gaussian", window=window, offset=offset)
    mask = local_mask(images, method="gaussian", window=window, offset=offset)
    np.testing.assert_array_equal(mask, images > thresholds)


def test_sums_of_large_windows_go_beyond_32_bits():
    images = np.random.default_rng(3).choice(np.array([0, 65535], np.uint16), (1, 200, 210))
    options = {"method": "mean", "window": (199, 201)}
    np.testing.assert_array_equal(
        local_mask(images, **options), images > local_threshold(images, **options)
    )


@pytest.mark.parametrize("window", [9, 61])
def test_gaussian_means_of_the_largest_doubles_are_those_of_smaller_ones(window):
    rng = np.random.default_rng(4)
    small = rng.uniform(-1.9, 1.9, (2, 50, 70))  # sums of two reach beyond the largest double
    images = small * np.array([1, 2.0**1023])[:, np.newaxis, np.newaxis]
    options = {"method": "gaussian", "window": (window, window)}
    thresholds = local_threshold(images, **options)
    np.testing.assert_array_equal(thresholds[0], local_threshold(small, **options)[0])
    np.testing.assert_array_equal(thresholds[1], local_threshold(small, **options)[1] * 2.0**1023)
    np.testing.assert_array_equal(local_mask(images, **options), local_mask(small, **options))
