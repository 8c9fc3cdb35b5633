import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import FLOAT_BINS
from skmask._kernels.histograms.levels import levels as find_levels

RNG = np.random.default_rng(0)


def levels(*args, **kwargs):
    """Return the counts and the pixel values at the edges."""
    found = find_levels(*args, **kwargs)
    return found.counts, found.bin_edges


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint64"])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_integers_get_one_bin_a_value(dtype, data):
    top = 1 if dtype == "bool" else 100
    images = data.draw(arrays(dtype, (2, 9), elements=st.integers(0, top) if top > 1 else None))
    counts, edges = levels(count(images))
    low, high = int(images.min()), int(images.max())
    np.testing.assert_array_equal(edges, np.arange(low, high + 2) - 0.5)
    np.testing.assert_array_equal(
        counts, np.bincount(images.ravel().astype(int), minlength=high + 1)[low:]
    )


@pytest.mark.parametrize("value_range", ["robust", "minmax", (-500, 70), (100.5, 3000)])
@pytest.mark.parametrize("span", [50, 3000, 10**6, 2**40])
def test_integers_are_in_the_bin_whose_edges_enclose_them(span, value_range):
    images = RNG.integers(-span // 3, span, (2, 3000))
    histogram = count(images)
    counts, edges = levels(histogram, value_range=value_range)
    places = np.searchsorted(edges, histogram.middle, side="right") - 1
    expected = np.bincount(places.clip(0, counts.size - 1), histogram.counts, counts.size)
    np.testing.assert_array_equal(counts, expected)


def test_integers_get_one_bin_a_value_up_to_65536():
    images = np.array([[-32768, 32767]], np.int16)
    counts, edges = levels(count(images))
    assert counts.size == 65_536
    assert (edges[0], edges[-1]) == (-32768.5, 32767.5)


def test_wider_integers_get_bins_a_power_of_two_wide():
    images = RNG.integers(0, 100_000, (2, 50_000), np.int32)
    counts, edges = levels(count(images), value_range="minmax")
    assert edges[0] == images.min() - 0.5
    np.testing.assert_array_equal(np.diff(edges), 2)
    assert counts.size <= 65_536
    assert counts.sum() == images.size


def test_outlier_does_not_widen_the_bins_of_integers():
    images = RNG.integers(0, 1000, (2, 5000), np.int32)
    images[0, 0] = 2**31 - 1
    counts, edges = levels(count(images))
    assert edges[-1] < 2000
    np.testing.assert_array_equal(np.diff(edges), 1)
    assert counts[-1] == 1


@pytest.mark.parametrize("value", [2**53, 2**60, 2**64 - 200])
def test_integers_beyond_the_reach_of_floats_get_bins_that_floats_can_tell(value):
    images = np.array([[value + step for step in range(100)]], np.uint64)
    for n_bins in ("auto", 10):
        found = find_levels(count(images), n_bins)
        assert np.all(np.diff(found.edges) > 0)
        assert np.all(np.diff(found.bin_edges) >= 0)
        assert found.counts.size == (100 if n_bins == "auto" else 10)
        assert found.counts.sum() == 100


@settings(deadline=None, max_examples=100)
@given(
    images=arrays("float64", (2, 9), elements=st.floats(-1e6, 1e6)),
    n_bins=st.integers(1, 40),
)
def test_given_number_of_bins_over_all_values_is_that_of_numpy(images, n_bins):
    images += RNG.normal(size=images.shape)
    expected, expected_edges = np.histogram(images, n_bins)
    counts, edges = levels(count(images), n_bins, "minmax")
    np.testing.assert_allclose(edges, expected_edges, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(counts, expected)


def test_given_number_of_bins_divides_the_span_of_integers():
    images = RNG.integers(0, 256, (2, 5000), np.uint8)
    images[0, :2] = [0, 255]
    counts, edges = levels(count(images), 64)
    np.testing.assert_array_equal(edges, np.arange(65) * 4 - 0.5)
    np.testing.assert_array_equal(counts, np.bincount(images.ravel() // 4))


def test_given_range_takes_what_lies_outside_into_its_end_bins():
    images = np.array([[-5.0, 0.5, 1.5, 2.0, 9.0]])
    counts, edges = levels(count(images), 2, (0, 2))
    assert (edges.tolist(), counts.tolist()) == ([0, 1, 2], [2, 3])
    counts, edges = levels(count(np.array([[1, 50, 200]], np.uint8)), "auto", (9.5, 99.5))
    assert (edges[0], edges[-1], counts[[0, -1]].tolist()) == (8.5, 100.5, [1, 1])


def test_floats_get_1024_bins():
    images = RNG.normal(size=(2, 50, 50))
    counts, edges = levels(count(images), value_range="minmax")
    assert (counts.size, edges[0], edges[-1]) == (FLOAT_BINS, images.min(), images.max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("scale", "offset"), [(1, 0), (1 / 255, 0), (1 / 255, -0.5), (0.1, 1e3)])
def test_integers_stored_as_floats_get_the_bins_of_integers(dtype, scale, offset):
    camera = skimage.data.camera()[np.newaxis]
    counts, edges = levels(count(camera))
    scaled_counts, scaled_edges = levels(count((camera * scale + offset).astype(dtype)))
    np.testing.assert_array_equal(scaled_counts, counts)
    np.testing.assert_allclose(scaled_edges, edges * scale + offset, rtol=1e-4, atol=1e-4 * scale)


def test_sixteen_bit_integers_divided_by_65535_in_single_precision_get_the_bins_of_integers():
    images = RNG.integers(0, 2**16, (1, 500_000), np.uint16)
    counts, _ = levels(count(images))
    scaled_counts, _ = levels(count(images / np.float32(65_535)))
    np.testing.assert_array_equal(scaled_counts, counts)


@pytest.mark.parametrize("outlier", [1e3, 1e6, 1e30, np.finfo(np.float64).max])
def test_outlier_does_not_move_the_bins_of_floats(outlier):
    images = np.concatenate([RNG.normal(1, 0.1, (1, 9000)), RNG.normal(2, 0.1, (1, 9000))], axis=1)
    _, clean_edges = levels(count(images))
    images[0, 0] = outlier
    counts, edges = levels(count(images))
    width = clean_edges[1] - clean_edges[0]
    assert edges[1] - edges[0] < 2 * width
    assert counts.sum() == images.size
    assert edges[-1] < 4


def test_outlier_among_few_pixels_does_not_move_the_bins_either():
    values = [0.1, 0.25, 0.3142, 10.7, 11.1]
    _, edges = levels(count(np.array([[*values, 1e6]])))
    assert (edges[0], edges[-1]) == (0.1, 11.1 + (11.1 - 0.25) / 2)
    _, edges = levels(count(np.array([values])))
    assert (edges[0], edges[-1]) == (0.1, 11.1)


def test_robust_range_is_the_trimmed_one_widened_by_half_but_within_the_data():
    values = np.arange(10_000) / 7.3 + RNG.random(10_000) * 0.1
    images = np.append(values, [1e6, -1e6])[np.newaxis]
    _, edges = levels(count(images))
    low, high = np.sort(images.ravel())[[10, -11]]
    assert edges[0] == low - (high - low) / 2
    assert edges[-1] == high + (high - low) / 2
    _, edges = levels(count(values[np.newaxis]))
    assert (edges[0], edges[-1]) == (values.min(), values.max())


@pytest.mark.parametrize("zeros", [0.9995, 0.999, 0.5])
def test_robust_range_of_nearly_empty_images_holds_the_rest(zeros):
    images = np.zeros(100_000)
    n_rest = round((1 - zeros) * images.size)
    images[:n_rest] = RNG.uniform(100, 200, n_rest)
    _, edges = levels(count(images[np.newaxis]))
    assert edges[0] == 0
    assert edges[-1] >= np.quantile(images[:n_rest], 0.95)


def test_robust_range_of_two_values_holds_both_however_rare_one_is():
    images = np.zeros((1, 100_000), np.float32)
    images[0, 0] = 1
    counts, edges = levels(count(images))
    assert (counts.tolist(), edges.tolist()) == ([99_999, 1], [-0.5, 0.5, 1.5])


def test_robust_range_counts_weights_as_copies():
    images = RNG.normal(size=(4, 2000)) * [[1], [100], [1], [1]]
    weights = np.array([3, 1, 0, 2])
    for name, got in zip(["counts", "edges"], levels(count(images, weights=weights)), strict=True):
        expected = dict(
            zip(["counts", "edges"], levels(count(images.repeat(weights, 0))), strict=True)
        )
        np.testing.assert_array_equal(got, expected[name])


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.8], [0.5, 0.7, 0.8]])
def test_robust_range_of_one_to_three_pixels_holds_them(values):
    _, edges = levels(count(np.array([values])))
    assert edges[0] <= 0.5
    assert edges[-1] >= values[-1]


def test_robust_range_is_mirrored_with_the_images():
    images = RNG.gamma(2, 3, (1, 5000))
    _, edges = levels(count(images))
    _, mirrored = levels(count(-images))
    assert (mirrored[0], mirrored[-1]) == (-edges[-1], -edges[0])


@pytest.mark.parametrize("value", [0.0, 3.7, -1e-5, 1e300, np.finfo(np.float64).max / 4])
def test_one_value_gets_one_bin_around_it(value):
    for n_bins in ("auto", 256):
        counts, edges = levels(count(np.full((2, 3), value)), n_bins)
        assert counts.tolist() == [6]
        assert edges[0] < value < edges[1]
        assert (edges[0] + edges[1]) / 2 == value


@pytest.mark.parametrize(
    "values",
    [
        [0, 5e-324, 1e-323],
        [5e-324, 1e-320, 3e-322],
        [1.0, np.nextafter(1, 2), np.nextafter(1, 3)],
        [-np.finfo(np.float64).max, 0.0, np.finfo(np.float64).max],
        [-1e308, 1e-308, 1e308],
    ],
)
@pytest.mark.parametrize("n_bins", ["auto", 1000])
@pytest.mark.parametrize("value_range", ["robust", "minmax"])
def test_extreme_floats_get_ascending_finite_edges(values, n_bins, value_range):
    counts, edges = levels(count(np.array([values])), n_bins, value_range)
    assert np.all(np.diff(edges) > 0)
    assert np.all(np.isfinite(edges))
    assert counts.sum() == 3


@settings(deadline=None, max_examples=50)
@given(
    start=st.floats(-1e3, 1e3),
    steps=st.integers(1, 50),
    n_bins=st.integers(1, 60) | st.just("auto"),
)
def test_neighboring_floats_get_ascending_edges(start, steps, n_bins):
    images = start + np.spacing(np.abs(start)) * np.array([[0, steps]])
    counts, edges = levels(count(images), n_bins)
    assert np.all(np.diff(edges) > 0)
    assert counts.sum() == 2


def test_grid_of_too_many_steps_gets_1024_bins():
    steps = np.append(RNG.choice(70_000, 1000), [0, 1, 69_999])
    assert levels(count(steps[np.newaxis] / 255))[0].size == FLOAT_BINS
    assert levels(count(steps[np.newaxis] // 2 / 255))[0].size == 35_000


def test_balanced_images_are_counted_in_images():
    images = np.array([[1, 1, 2, 2], [2, 2, 2, 3]])
    counts, _ = levels(count(images, balance="image"))
    assert counts.tolist() == [0.5, 1.25, 0.25]


@pytest.mark.parametrize("first", [2**60, -(2**60), 2**63 - 400, -(2**63), 2**64 - 301])
def test_large_integers_get_one_bin_a_value(first):
    dtype = np.uint64 if first >= 2**63 - 400 else np.int64
    images = np.array([[first + step for step in (0, 7, 7, 8, 300)]], dtype)
    found = find_levels(count(images))
    assert found.origin == first
    assert found.counts.size == 301
    assert [found.value_at(center) for center in found.centers[[0, 7, 300]]] == [
        first,
        first + 7,
        first + 300,
    ]
    np.testing.assert_array_equal(np.flatnonzero(found.counts), [0, 7, 8, 300])
    assert found.counts.sum() == 5


def test_pixels_beyond_a_given_range_of_large_integers_are_in_the_end_bins():
    images = np.array([[2**60, 2**60 + 100, 2**60 + 105, 2**60 + 300]])
    found = find_levels(count(images), value_range=(2.0**60 + 1024, 2.0**60 + 2048))
    assert found.counts.tolist() == [4] + [0] * (found.counts.size - 1)
    assert found.origin == 2**60 + 1024


@pytest.mark.parametrize("n_bins", ["auto", 2, 64])
@pytest.mark.parametrize(
    "values",
    [
        (1e308, 1.5e308),
        (-1.7e308, 1.7e308),
        (-1.7e308, 0, 1e-300),
        (1e307, 2e307, 4e307),
        (1.7e308,),
    ],
)
def test_large_floats_are_scaled(values, n_bins):
    found = find_levels(count(np.array([values])), n_bins, "minmax")
    assert found.counts.sum() == len(values)
    assert found.scale > 1
    assert np.isfinite(found.bin_edges).all()
    assert (np.diff(found.edges) > 0).all()
    positions = np.array(values) / found.scale
    bins = np.searchsorted(found.edges, positions, side="right") - 1
    np.testing.assert_array_equal(
        np.unique(bins.clip(0, found.counts.size - 1)), np.flatnonzero(found.counts)
    )
