import numpy as np
import pytest

from skmask._kernels.thresholds.cuts import (
    best_run,
    best_threshold,
    both_sides,
    gap_after,
    group_bins,
    middle,
    relative_positions,
)


def test_both_sides_equals_sums_of_slices():
    values = np.arange(1.0, 8)
    background, foreground = both_sides(values)
    np.testing.assert_array_equal(background, [values[: k + 1].sum() for k in range(6)])
    np.testing.assert_array_equal(foreground, [values[k + 1 :].sum() for k in range(6)])


def test_both_sides_keeps_a_small_value_beyond_large_ones():
    _, foreground = both_sides(np.array([1e20, 1e20, 1.0]))
    assert foreground[-1] == 1.0


def test_relative_positions_run_from_zero_to_one():
    np.testing.assert_array_equal(relative_positions(np.array([-3.0, -1, 5])), [0, 0.25, 1])


@pytest.mark.parametrize(
    ("scores", "run"),
    [
        ([3.0], (0, 0)),
        ([1, 2, 2, 1, 2], (1, 2)),
        ([2, 1, 2, 2], (0, 0)),
        ([-np.inf, -5, -5 * (1 + 1e-14)], (1, 2)),
        ([-5, -5 * (1 + 1e-10)], (0, 0)),
        ([-np.inf, -np.inf], (0, 1)),
        ([1, np.inf, 2], (0, 2)),
        ([1, np.nan, 2], (0, 2)),
    ],
)
def test_best_run_is_the_first_run_of_ties(scores, run):
    assert best_run(np.array(scores, float)) == run


def test_best_threshold_is_the_middle_of_the_gap_of_the_first_run():
    scores, values = np.array([1.0, 3, 3, 1, 3]), np.array([0.0, 1, 4, 9, 16, 25])
    assert best_threshold(scores, values) == 5.0


def test_middle_lies_between_neighboring_floats():
    high = np.nextafter(0.3, 1)
    assert 0.3 <= middle(0.3, high) < high
    assert middle(0.0, 5e-324) == 0.0
    assert middle(-1.0, 4.0) == 1.5


def test_gap_after_an_empty_bin_is_the_gap_around_it():
    counts = np.array([1.0, 0, 0, 2, 1])
    centers = np.arange(5.0)
    assert [gap_after(counts, centers, cut) for cut in range(4)] == [1.5, 1.5, 1.5, 3.5]


def test_group_bins_leaves_eight_bits_alone():
    counts = np.ones(256)
    grouped, size = group_bins(counts)
    assert size == 1
    np.testing.assert_array_equal(grouped, counts)


def test_group_bins_goes_by_the_bulk_of_the_pixels():
    counts = np.zeros(65_536)
    counts[:1000] = 100
    counts[-1] = 1
    grouped, size = group_bins(counts)
    assert size == 4
    assert grouped.size == 16_384
    np.testing.assert_array_equal(grouped[:250], 400)
    assert grouped.sum() == counts.sum()
