import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram, merge_bins, threshold_within

FLOATS = ["float16", "float32", "float64"]
DTYPES = ["bool", "int8", "uint8", "uint16", "int32", "int64", "uint32", "uint64", *FLOATS]


def image_stacks(dtype, min_images=1):
    """Stacks whose elements come from the whole range of the dtype, NaN and infinities included."""
    bits = "uint16" if dtype == "float16" else dtype
    stacks = st.integers(min_images, 6).flatmap(lambda n: arrays(bits, (n, 3, 2)))
    return stacks.map(lambda stack: stack.view(dtype))


def state(histogram):
    """All there is to a histogram, to compare two of them."""
    return (
        histogram.kind,
        histogram.shift,
        histogram.keys.tolist(),
        histogram.counts.tolist(),
        (histogram.n_nan, histogram.n_neg_inf, histogram.n_pos_inf),
        histogram.n_images,
        histogram.unit,
    )


def finite_counts(images):
    """Distinct finite values and their counts, found by sorting; -0.0 is 0.0."""
    values = images[np.isfinite(images)]
    return np.unique(values + 0.0 if values.dtype.kind == "f" else values, return_counts=True)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_count_equals_sorting_and_counting(dtype, data):
    images = data.draw(image_stacks(dtype))
    histogram = count(images)
    values, counts = finite_counts(images)
    assert histogram.shift == 0
    for column in (histogram.lowest, histogram.highest, histogram.middle):
        np.testing.assert_array_equal(column, values)
    np.testing.assert_array_equal(histogram.counts, counts)
    assert histogram.n_nan == np.isnan(images).sum()
    assert histogram.n_neg_inf == np.isneginf(images).sum()
    assert histogram.n_pos_inf == np.isposinf(images).sum()
    assert histogram.n_images == len(images)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_any_split_and_order_merges_to_one_count(dtype, data):
    images = data.draw(image_stacks(dtype, min_images=3))
    order = data.draw(st.permutations(range(len(images))))
    first, second, third = np.array_split(images[order], 3)
    a, b, c = count(first), count(second), count(third)
    whole = state(count(images))
    assert state(a.merge(b, c)) == whole
    assert state(a.merge(b).merge(c)) == whole
    assert state(c.merge(a.merge(b))) == whole
    assert state(c.merge(b.merge(a))) == whole


def crowded(rng, dtype, n):
    """More distinct values than there are bins."""
    if np.dtype(dtype).kind == "f":
        return (rng.normal(size=n) * np.exp(rng.normal(0, 3, n))).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, n, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32", "uint64", "float32", "float64"])
def test_crowded_values_merge_to_one_count_whatever_the_split(dtype):
    rng = np.random.default_rng(0)
    pixels = crowded(rng, dtype, 300_000)
    whole = state(count(pixels.reshape(30, 100, 100)))
    for pieces in (2, 5):
        parts = [count(part.reshape(-1, 100, 100)) for part in np.array_split(pixels, 30)]
        groups = [parts[i::pieces] for i in range(pieces)]
        merged = [group[0].merge(*group[1:]) for group in groups]
        assert state(merged[0].merge(*merged[1:])) == whole


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32", "uint64", "float32", "float64"])
def test_crowded_values_are_grouped_by_the_smallest_shift_that_fits(dtype):
    rng = np.random.default_rng(1)
    pixels = crowded(rng, dtype, 200_000)
    histogram = count(pixels.reshape(2, 100_000))
    lowest, highest = histogram.lowest, histogram.highest
    assert np.all(lowest[1:] > highest[:-1])
    assert histogram.counts.sum() == pixels.size
    bins = np.searchsorted(lowest, pixels.astype(lowest.dtype), side="right") - 1
    np.testing.assert_array_equal(np.bincount(bins), histogram.counts)
    assert np.all(pixels <= highest[bins])
    assert histogram.keys.size <= BIN_LIMIT
    # At half the width of a bin there would be too many.
    middle = histogram.middle.astype(lowest.dtype)
    halves = 2 * bins + (pixels > middle[bins])
    assert np.unique(halves).size > BIN_LIMIT


def test_values_at_the_bin_limit_stay_exact_and_one_more_is_grouped():
    values = np.arange(BIN_LIMIT, dtype=np.int32)
    exact = count(values[np.newaxis])
    assert (exact.shift, exact.keys.size) == (0, BIN_LIMIT)
    grouped = exact.merge(count(np.array([[-1]], np.int32)))
    assert (grouped.shift, grouped.keys.size) == (1, BIN_LIMIT // 2 + 1)


def test_no_more_values_are_joined_than_need_be():
    values = np.append(np.arange(0, 4 * BIN_LIMIT, 4), 2)
    histogram = count(values[np.newaxis])
    assert (histogram.shift, histogram.keys.size) == (2, BIN_LIMIT)


def test_outlier_costs_one_bin_and_no_precision():
    rng = np.random.default_rng(2)
    images = rng.normal(size=(4, 200, 200))
    clean = count(images)
    images[0, 0, 0] = 1e30
    assert count(images).shift == clean.shift


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("int8", [-128, -1, 0, 127]),
        ("uint64", [0, 2**53, 2**53 + 1, 2**63, 2**64 - 1]),
        ("int64", [-(2**63), -1, 0, 2**63 - 1]),
        ("float64", [-np.finfo(float).max, -5e-324, 0.0, 5e-324, np.finfo(float).max]),
        ("float16", [-65504.0, -6e-8, 0.0, 6e-8, 65504.0]),
    ],
)
def test_extreme_values_are_kept_apart(dtype, values):
    expected = np.array(values, dtype)
    histogram = count(np.repeat(expected, 3).reshape(1, -1))
    np.testing.assert_array_equal(histogram.lowest, expected)
    assert histogram.counts.tolist() == [3] * expected.size


def test_negative_zero_is_zero():
    for dtype in FLOATS:
        histogram = count(np.array([[-0.0, 0.0, -0.0]], dtype))
        assert (histogram.lowest.tolist(), histogram.counts.tolist()) == ([0.0], [3])
        assert not np.signbit(histogram.lowest[0])


def test_outermost_bins_end_at_the_largest_float():
    largest = np.finfo(np.float64).max
    values = np.concatenate([np.geomspace(1e-300, 1e308, 200_000), [largest]])
    histogram = count(np.concatenate([values, -values])[np.newaxis])
    assert histogram.shift > 0
    assert histogram.lowest[0] == -largest
    assert histogram.highest[-1] == largest
    assert np.all(np.isfinite(histogram.middle))


def test_bins_on_both_sides_of_zero_leave_a_gap_between_them():
    tiny = np.finfo(np.float64).smallest_subnormal
    histogram = Histogram("float", 4, np.array([-1, 0]), np.array([1, 1]))
    assert histogram.highest[0] == -tiny
    assert histogram.lowest[1] == 0.0
    assert histogram.interval(0.0) == (15 * tiny, math.inf)


def test_bool_and_small_integers_merge_and_so_do_floats():
    booleans = count(np.array([[True, False, True]]))
    merged = booleans.merge(count(np.array([[1, -7]], np.int8)), count(np.array([[70_000]])))
    assert merged.lowest.tolist() == [-7, 0, 1, 70_000]
    assert merged.counts.tolist() == [1, 1, 3, 1]
    halves = [count(np.array([[0.5, 0.25]], dtype)) for dtype in FLOATS]
    assert halves[0].merge(*halves[1:]).counts.tolist() == [3, 3]


def test_merge_of_nothing_is_the_histogram_itself():
    histogram = count(np.arange(6).reshape(2, 3))
    assert histogram.merge() is histogram


def test_empty_bins_merge_to_empty_bins():
    nothing = (0, np.empty(0, np.int64), np.empty(0, np.int64))
    shift, keys, counts = merge_bins([nothing, nothing])
    assert (shift, keys.size, counts.size) == (0, 0, 0)


@pytest.mark.parametrize(("dtype", "limit"), [("uint8", 5_000), ("float32", 1_100_000)])
def test_pickle_is_small_and_faithful(dtype, limit):
    rng = np.random.default_rng(3)
    images = (rng.random((5, 300, 300)) * 255).astype(dtype)
    histogram = count(images)
    pickled = pickle.dumps(histogram)
    assert len(pickled) < limit
    assert state(pickle.loads(pickled)) == state(histogram)


@settings(deadline=None, max_examples=50)
@given(
    images=arrays("int16", (2, 6), elements=st.integers(-9, 9)),
    threshold=st.floats(-12, 12) | st.integers(-12, 12) | st.sampled_from([-math.inf, math.inf]),
)
def test_interval_holds_all_thresholds_of_the_same_split(images, threshold):
    low, high = count(images).interval(threshold)
    background, foreground = images[images <= threshold], images[images > threshold]
    assert low == max(background, default=-math.inf)
    assert high == min(foreground, default=math.inf)


def test_interval_of_integers_takes_thresholds_between_them():
    histogram = count(np.array([[-3, -2, 4, 5]], np.int8))
    assert histogram.interval(-2.5) == (-3, -2)
    assert histogram.interval(4.5) == (4, 5)


def test_interval_is_exact_beyond_the_integers_of_a_float():
    images = np.array([[2**63, 2**63 + 1, 2**63 + 2]], np.uint64)
    assert count(images).interval(2**63 + 1) == (2**63 + 1, 2**63 + 2)


def test_interval_of_grouped_values_ends_at_the_bins():
    pixels = np.arange(3 * BIN_LIMIT, dtype=np.int64)
    histogram = count(pixels[np.newaxis])
    assert histogram.shift == 2
    assert histogram.interval(1001) == (1003, 1004)


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        ("integer", 102, 103, 102),
        ("integer", -4, -1, -3),
        ("integer", 10, 101, 55),
        ("uint64", 2**63 + 1, 2**63 + 4, 2**63 + 2),
        ("float", 1.0, 2.0, 1.5),
        ("float", 0.0, 5e-324, 0.0),
        ("integer", 255, math.inf, 255),
        ("integer", -math.inf, 0, -1),
        ("float", 0.5, math.inf, 0.5),
        ("float", -math.inf, 0.5, 0.49999999999999994),
    ],
)
def test_threshold_within_is_the_middle_or_next_to_the_end(kind, low, high, expected):
    threshold = threshold_within(kind, low, high)
    assert threshold == expected
    assert type(threshold) is (float if kind == "float" else int)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, unique=True))
def test_threshold_within_splits_neighboring_floats(values):
    for low, high in pairwise(np.unique(values).tolist()):
        assert low <= threshold_within("float", low, high) < high
