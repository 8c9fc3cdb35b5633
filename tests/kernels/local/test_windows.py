import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from skmask._kernels.local import windows
from skmask._kernels.local.windows import blocks, pad, reduce_windows, window_mean, window_mean_sd

STACKS = [((3, 40), (5,)), ((2, 17, 23), (3, 9)), ((2, 6, 7, 9), (5, 1, 3)), ((1, 4, 5), (11, 25))]


def every_window(images, window, border="symmetric"):
    halves = [(0, 0)] + [(length // 2,) * 2 for length in window]
    axes = tuple(range(1, images.ndim))
    padded = np.pad(images, halves, mode=border)
    return sliding_window_view(padded, window, axis=axes).reshape(*images.shape, -1)


def whole(images, window, border="symmetric"):
    return pad(images, (slice(None), slice(0, images.shape[1])), window, border)


def random_stack(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("block", [1, 300, 1 << 17])
@pytest.mark.parametrize("whole", [False, True])
def test_blocks_cover_every_pixel_once(block, whole, monkeypatch):
    monkeypatch.setattr(windows, "_BLOCK", block)
    seen = np.zeros((7, 30, 11), dtype=int)
    for part in blocks(seen.shape, (3, 5), whole=whole):
        assert not whole or part[1] == slice(0, 30)
        seen[part] += 1
    np.testing.assert_array_equal(seen, 1)


def test_blocks_cut_an_image_alike_in_any_stack(monkeypatch):
    monkeypatch.setattr(windows, "_BLOCK", 400)
    alone = [rows for _, rows in blocks((1, 90, 10), (3, 3))]
    assert len(alone) > 1
    assert [rows for _, rows in blocks((4, 90, 10), (3, 3))] == alone * 4


@pytest.mark.parametrize("border", ["symmetric", "reflect"])
@pytest.mark.parametrize(("shape", "window"), STACKS)
def test_padded_bands_are_cut_out_of_the_padded_image(shape, window, border):
    images = random_stack(shape, np.uint8)
    halves = [(0, 0)] + [(length // 2,) * 2 for length in window]
    expected = np.pad(images, halves, mode=border)
    for first in range(0, shape[1], 3):
        last = min(first + 3, shape[1])
        band = pad(images, (slice(1, None), slice(first, last)), window, border)
        np.testing.assert_array_equal(band, expected[1:, first : last + window[0] - 1])


@pytest.mark.parametrize(("shape", "window"), STACKS)
@pytest.mark.parametrize("combine", [np.add, np.maximum, np.minimum])
def test_reduced_windows_equal_every_window_reduced(shape, window, combine):
    images = random_stack(shape, np.int64) // 2**20
    padded = whole(images, window)
    padded.flags.writeable = False
    expected = combine.reduce(every_window(images, window), axis=-1)
    np.testing.assert_array_equal(reduce_windows(padded, window, combine), expected)


@pytest.mark.parametrize("length", [*range(1, 40, 2), 63, 65, 127, 129])
def test_reduced_windows_of_any_odd_length(length):
    padded = random_stack((2, 150), np.uint32)
    expected = sliding_window_view(padded, length, axis=1).sum(axis=-1, dtype=np.uint32)
    np.testing.assert_array_equal(reduce_windows(padded, (length,), np.add), expected)


@pytest.mark.parametrize("dtype", [bool, "u1", "i1", "u2", ">i2", "u4", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize(("shape", "window"), STACKS)
def test_mean_and_sd_equal_those_of_every_window(shape, window, dtype):
    images = random_stack(shape, "u1" if dtype is bool else np.dtype(dtype).newbyteorder("="))
    images = (images > 100) if dtype is bool else images.astype(dtype)
    values = every_window(images.astype(float), window)
    scale = np.abs(values).max()
    mean, sd = window_mean_sd(whole(images, window), window)
    np.testing.assert_allclose(mean, values.mean(axis=-1), atol=1e-13 * scale, rtol=1e-13)
    np.testing.assert_allclose(sd, values.std(axis=-1), atol=3e-7 * scale, rtol=1e-12)
    np.testing.assert_array_equal(window_mean(whole(images, window), window), mean)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
def test_sums_of_short_integers_are_exact(dtype):
    images = random_stack((2, 60, 60), dtype)
    limits = np.iinfo(dtype)
    images[0, 20:, 20:] = limits.max
    images[1, 20:, 20:] = limits.max - np.indices((40, 40)).sum(axis=0) % 2
    values = every_window(images, (15, 15)).astype(object)
    total, squares = values.sum(axis=-1), (values**2).sum(axis=-1)
    variance = ((225 * squares - total**2) / 225**2).astype(float)
    mean, sd = window_mean_sd(whole(images, (15, 15)), (15, 15))
    last_digit = np.spacing(float(limits.max))
    np.testing.assert_allclose(mean, (total / 225).astype(float), rtol=0, atol=last_digit)
    np.testing.assert_allclose(sd, np.sqrt(variance), rtol=1e-15)
    assert sd[0, 40, 40] == 0


def test_small_deviations_on_a_high_level_are_not_lost():
    images = 1e6 + np.random.default_rng(0).normal(scale=1e-3, size=(1, 60, 60))
    _, sd = window_mean_sd(whole(images, (7, 7)), (7, 7))
    np.testing.assert_allclose(sd, every_window(images, (7, 7)).std(axis=-1), rtol=1e-10)


@pytest.mark.parametrize("value", [0.0, 0.1, -1 / 3, 7e5])
@pytest.mark.parametrize("length", [3, 7, 15, 51])
def test_flat_windows_of_doubles_have_no_deviation_and_no_pixel_above_their_mean(value, length):
    images = np.random.default_rng(1).normal(100, 30, size=(2, 120, 120))
    images[:, :80, :80] = value
    mean, sd = window_mean_sd(whole(images, (length, length)), (length, length))
    inside = (slice(None), slice(0, 80 - length // 2), slice(0, 80 - length // 2))
    assert (sd[inside] == 0).all()
    assert (mean[inside] >= value).all()
    np.testing.assert_allclose(mean[inside], value, rtol=1e-15, atol=1e-12 * max(abs(value), 100))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_finite_pixels_count(bad):
    images = np.random.default_rng(2).normal(size=(3, 20, 22))
    images[0, 3, 4] = images[0, 3, 5] = images[1, 0, 0] = bad
    images[1, 8:16, 8:16] = bad
    values = every_window(np.where(np.isfinite(images), images, np.nan), (3, 5))
    empty = np.isnan(values).all(axis=-1)
    values[empty] = 0
    with np.errstate(invalid="ignore"):
        mean, sd = window_mean_sd(whole(images, (3, 5)), (3, 5))
    assert np.isnan(mean[empty]).all()
    assert empty.any()
    np.testing.assert_allclose(mean[~empty], np.nanmean(values, axis=-1)[~empty], atol=1e-13)
    np.testing.assert_allclose(sd[~empty], np.nanstd(values, axis=-1)[~empty], atol=1e-7)
    np.testing.assert_array_equal(mean[2], window_mean(whole(images[2:], (3, 5)), (3, 5))[0])
