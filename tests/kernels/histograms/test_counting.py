import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask import use_engine
from skmask._kernels.histograms.counting import IMAGE_UNIT, count
from skmask._kernels.histograms.histogram import BIN_LIMIT

RNG = np.random.default_rng(0)
DTYPES = ["bool", "uint8", "int16", "int32", "uint64", "float16", "float32", "float64"]


def random_images(dtype, shape):
    return (RNG.normal(size=shape) * 40).astype(np.int8).astype(dtype)


def state(histogram):
    return (
        histogram.shift,
        histogram.lowest.tolist(),
        histogram.counts.tolist(),
        (histogram.n_nan, histogram.n_neg_inf, histogram.n_pos_inf),
        histogram.n_images,
    )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int16", "float16"])
@pytest.mark.parametrize("n_pixels", [1, 40_000, 2**16 + 1, 2**17 + 1, 2**20 + 3])
def test_narrow_pixels_are_counted_whatever_their_number(dtype, n_pixels):
    bits = RNG.integers(0, 2**16, n_pixels, np.uint16)
    images = (bits.view(dtype) if dtype == "float16" else bits.astype(dtype))[np.newaxis]
    histogram = count(images)
    values, counts = np.unique(images[np.isfinite(images)], return_counts=True)
    np.testing.assert_array_equal(histogram.lowest, values)
    np.testing.assert_array_equal(histogram.counts, counts)


@pytest.mark.parametrize("dtype", ["uint16", "int16"])
@pytest.mark.parametrize("n_values", [1, 2, 2**12, 2**12 + 1])
def test_narrow_pixels_of_few_values_are_counted(dtype, n_values):
    images = (RNG.integers(0, n_values, 50_000) - 3).astype(dtype)[np.newaxis]
    histogram = count(images)
    values, counts = np.unique(images, return_counts=True)
    np.testing.assert_array_equal(histogram.lowest, values)
    np.testing.assert_array_equal(histogram.counts, counts)


@pytest.mark.parametrize("dtype", ["int32", "uint32", "int64", "uint64", "float32", "float64"])
@pytest.mark.parametrize("step", [0.25, 1000])
def test_wide_pixels_are_counted_whether_they_have_few_values_or_many(dtype, step):
    """Images of some chunks each: of few values, of many, and of both."""
    few = RNG.integers(0, 200, 2**17) * step
    many = RNG.permutation(np.repeat(np.arange(2**15), 4)) * step
    images = np.stack([few, few, many, np.where(np.arange(2**17) % 2, few, many)]).astype(dtype)
    if dtype.startswith("float"):
        images[1, :9] = [-0.0, 0.0, np.nan, -np.nan, np.inf, -np.inf, -np.inf, -1, -2]
    elif not dtype.startswith("u"):
        images[1, :3] -= 100
    histogram = count(images)
    values, counts = np.unique(images[np.isfinite(images)], return_counts=True)
    np.testing.assert_array_equal(histogram.lowest, values)
    np.testing.assert_array_equal(histogram.counts, counts)
    parts = [count(images[i : i + 1]) for i in range(4)]
    assert state(parts[0].merge(*parts[1:])) == state(histogram)
    assert histogram.n_pixels + np.count_nonzero(~np.isfinite(images)) == images.size


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("stop", [2**16 + 3, 2**16 + 4, 2**18])
def test_many_bytes_are_counted_wherever_they_begin_and_end(start, stop):
    pixels = RNG.integers(3, 250, 2**18).astype(np.uint8)[start:stop]
    histogram = count(pixels[np.newaxis])
    values, counts = np.unique(pixels, return_counts=True)
    np.testing.assert_array_equal(histogram.lowest, values)
    np.testing.assert_array_equal(histogram.counts, counts)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("spread", [0.1, 12])
def test_floats_of_many_values_are_counted_however_often_one_of_them_comes(dtype, spread):
    """Of few exponents or of hundreds; some values fill the slots of a table once, twice or not quite."""
    pixels = np.exp(RNG.normal(size=200_000) * spread).astype(dtype)
    pixels[::2] *= -1
    for i, n_equal in enumerate([254, 255, 256, 510, 511, 2000]):
        pixels[5000 * i : 5000 * i + n_equal] = 1 + i / 10
    pixels[40_000:40_010] = np.nan
    pixels[50_000:50_003] = np.inf
    histogram = count(pixels[np.newaxis])
    with use_engine("numpy"):
        assert state(count(pixels[np.newaxis])) == state(histogram)
    keys = np.unique(pixels[np.isfinite(pixels)].astype(np.float64)).view(np.int64)
    is_finer = np.unique(keys >> (histogram.shift - 1)).size > BIN_LIMIT
    assert is_finer
    assert histogram.keys.size <= BIN_LIMIT
    for i, n_equal in enumerate([254, 255, 256, 510, 511, 2000]):
        place = np.searchsorted(histogram.highest, pixels[5000 * i].astype(np.float64))
        assert histogram.counts[place] >= n_equal


def test_as_many_values_as_bins_have_bins_of_their_own_wherever_values_repeat():
    """Runs of keys from which the number of bins is estimated hold more values than others."""
    n_equal = np.tile(np.repeat([1, 2, 3], [512, 1024, 512]), 32)
    pixels = np.repeat(np.arange(BIN_LIMIT) + 0.5, n_equal)
    histogram = count(RNG.permutation(pixels)[np.newaxis])
    assert histogram.shift == 0
    np.testing.assert_array_equal(histogram.lowest, np.arange(BIN_LIMIT) + 0.5)
    np.testing.assert_array_equal(histogram.counts, n_equal)


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize("n_pixels", [2 * 65_535, 2 * 65_536, 4 * 65_535 + 5000, 400_000])
def test_counts_of_one_value_do_not_overflow(dtype, n_pixels):
    histogram = count(np.full((1, n_pixels), 200, "uint8").view(dtype))
    assert histogram.lowest.tolist() == np.array([200], "uint8").view(dtype).tolist()
    assert histogram.counts.tolist() == [n_pixels]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8"])
@pytest.mark.parametrize("shape", [(3, 5, 7), (2, 130, 257), (1, 31, 67, 71)])
def test_bytes_are_counted_however_they_lie_in_memory(dtype, shape):
    images = random_images(dtype, shape)
    region = RNG.random(shape) < 0.5
    values, counts = np.unique(images, return_counts=True)
    values_inside, counts_inside = np.unique(images[region], return_counts=True)
    backward = images.T.copy().T
    for stack in (images, backward, np.repeat(images, 2, axis=-1)[..., ::2]):
        histogram, inside = count(stack), count(stack, roi=region)
        np.testing.assert_array_equal(histogram.lowest, values)
        np.testing.assert_array_equal(histogram.counts, counts)
        np.testing.assert_array_equal(inside.lowest, values_inside)
        np.testing.assert_array_equal(inside.counts, counts_inside)


@pytest.mark.parametrize("dtype", ["int32", "uint32", "int64", "uint64"])
@pytest.mark.parametrize("width", [2**16 - 1, 2**16])
def test_narrow_ranges_of_wide_integers_are_counted(dtype, width):
    limits = np.iinfo(dtype)
    for first in (limits.min, 0, limits.max - width):
        images = RNG.integers(0, width, (3, 30_000), dtype).astype(dtype) + np.array(first, dtype)
        images[0, :2] = first, first + width
        histogram = count(images, roi=np.arange(30_000) % 3 != 2)
        values, counts = np.unique(images[:, np.arange(30_000) % 3 != 2], return_counts=True)
        np.testing.assert_array_equal(histogram.lowest, values)
        np.testing.assert_array_equal(histogram.counts, counts)


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "moved axes": lambda images: np.moveaxis(np.moveaxis(images, 0, -1).copy(), -1, 0),
    "every second column": lambda images: np.repeat(images, 2, axis=2)[..., ::2],
    "backwards": lambda images: images[:, ::-1].copy()[:, ::-1],
    "other byte order": lambda images: images.astype(images.dtype.newbyteorder()),
    "not aligned": lambda images: np.frombuffer(b"0" + images.tobytes(), images.dtype, offset=1)
    .reshape(images.shape),
    "flat rows": lambda images: images.reshape(len(images), -1),
    "volumes": lambda images: images.reshape(len(images), 5, 4, -1),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_layout_does_not_matter(dtype, layout):
    images = random_images(dtype, (6, 40, 20))
    arranged = LAYOUTS[layout](images)
    arranged.flags.writeable = False
    assert state(count(arranged)) == state(count(images))


def test_memory_map_is_counted(tmp_path):
    images = random_images("float32", (3, 50, 50))
    np.save(tmp_path / "images.npy", images)
    assert state(count(np.load(tmp_path / "images.npy", mmap_mode="r"))) == state(count(images))


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_count_as_copies(dtype):
    images = random_images(dtype, (7, 30, 20))
    images[1] += images.dtype.type(1)
    weights = np.array([2, 0, 1, 3, 1, 0, 2])
    assert state(count(images, weights=weights)) == state(count(images.repeat(weights, axis=0)))


@settings(deadline=None, max_examples=50)
@given(
    images=arrays("float64", (4, 3, 2)),
    weights=arrays("int64", 4, elements=st.integers(0, 3)),
    roi=arrays("bool", (4, 3, 2)),
)
def test_weights_and_region_count_as_copies_of_the_pixels_inside(images, weights, roi):
    histogram = count(images, weights=weights.astype(float), roi=roi)
    inside = np.concatenate([images[i][roi[i]].repeat(weights[i]) for i in range(4)])
    expected = count(inside[np.newaxis])
    assert state(histogram)[:-1] == state(expected)[:-1]
    assert histogram.n_images == weights.sum()


def test_fractional_weights_scale_counts():
    images = np.array([[1, 1, 2], [2, 3, 3]])
    histogram = count(images, weights=np.array([0.5, 0.25]))
    assert histogram.lowest.tolist() == [1, 2, 3]
    assert histogram.counts.tolist() == [1.0, 0.75, 0.5]
    assert (histogram.n_images, histogram.n_pixels) == (0.75, 2.25)


def test_huge_integer_weights_do_not_overflow():
    images = np.ones((2, 10), np.uint8)
    assert count(images, weights=np.array([2**61, 2**61])).counts.tolist() == [10 * 2.0**62]


@pytest.mark.parametrize("dtype", DTYPES)
def test_region_of_one_image_is_that_of_all(dtype):
    images = random_images(dtype, (5, 30, 20))
    roi = RNG.random((30, 20)) < 0.5
    expected = state(count(images[:, roi]))
    assert state(count(images, roi=roi)) == expected
    assert state(count(images, roi=np.broadcast_to(roi, images.shape))) == expected
    assert state(count(np.asfortranarray(images), roi=roi)) == expected


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_to_count_gives_no_bins(dtype):
    images = random_images(dtype, (3, 4, 4))
    for nothing in (
        count(images, roi=np.zeros((4, 4), bool)),
        count(images, weights=np.zeros(3)),
        count(images[:0]),
    ):
        assert (nothing.keys.size, nothing.n_pixels) == (0, 0)
    assert nothing.merge(count(images)).keys.size == count(images).keys.size


def test_images_without_a_number_are_counted_apart():
    images = np.array([[np.nan, np.nan], [np.inf, -np.inf], [np.nan, 1.0]])
    for dtype in ("float16", "float32", "float64"):
        histogram = count(images.astype(dtype), weights=np.array([1, 2, 1]))
        assert state(histogram) == (0, [1.0], [1], (3, 2, 2), 4)


def test_balance_by_image_gives_each_image_the_same_share():
    roi = np.array([[True, True, True], [True, False, False], [True, True, False]])
    for dtype in ("uint8", "float32"):
        images = np.array([[1, 1, 2], [2, 9, 9], [3, 4, 9]], dtype)
        histogram = count(images, roi=roi, balance="image")
        assert histogram.unit == IMAGE_UNIT
        assert histogram.lowest.tolist() == [1, 2, 3, 4]
        np.testing.assert_allclose(
            histogram.counts / IMAGE_UNIT, [2 / 3, 4 / 3, 0.5, 0.5], rtol=1e-9
        )
        assert histogram.n_pixels == pytest.approx(3)


def test_balance_by_image_leaves_nan_out_of_the_share():
    images = np.array([[1.0, np.nan, np.nan], [2.0, 2.0, 3.0]])
    shares = count(images, balance="image").counts / IMAGE_UNIT
    np.testing.assert_allclose(shares, [1, 2 / 3, 1 / 3])


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_balance_by_image_needs_no_map_of_the_stack(dtype):
    images = np.zeros((60, 400, 401), dtype)
    tracemalloc.start()
    by_pixel = count(images)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    by_image = count(images, balance="image")
    balanced_peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert by_image.lowest.tolist() == by_pixel.lowest.tolist() == [0]
    assert balanced_peak < peak + 1e6


def test_balance_by_image_is_exact_in_any_split():
    images = RNG.normal(size=(6, 10, 10)).astype(np.float32)
    roi = RNG.random(images.shape) < 0.5
    weights = np.array([1, 2, 1, 0, 3, 1])
    whole = count(images, roi=roi, weights=weights, balance="image")
    parts = [
        count(images[i : i + 1], roi=roi[i : i + 1], weights=weights[i : i + 1], balance="image")
        for i in (4, 0, 5, 3, 1, 2)
    ]
    assert state(parts[0].merge(*parts[1:])) == state(whole)


def test_balance_by_image_equals_balance_by_pixel_on_images_of_one_size():
    images = random_images("int16", (5, 30, 20))
    by_pixel, by_image = count(images), count(images, balance="image")
    ratios = by_image.counts / by_pixel.counts
    assert np.unique(ratios).size == 1


def test_longer_floats_are_rounded():
    images = np.array([[0.1, 0.2, np.nan]], np.longdouble)
    expected = count(images.astype(np.float64))
    found = count(images)
    np.testing.assert_array_equal(found.keys, expected.keys)
    assert found.n_nan == 1
