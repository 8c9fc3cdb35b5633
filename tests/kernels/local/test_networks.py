import numpy as np
import pytest

from skmask._kernels.local.networks import (
    BOTH,
    median_network,
    median_of_columns,
    plan_median,
    sorting_network,
)


def carry_out(network, numbers):
    """Apply comparators one by one, and write only what they are to write."""
    wires = list(numbers)
    for first, second, written in network.comparators.tolist():
        ordered = sorted([wires[first], wires[second]])
        for wire, number, bit in zip((first, second), ordered, (1, 2), strict=True):
            wires[wire] = number if written & bit else None
    return [wires[wire] for wire in network.results]


@pytest.mark.parametrize("n", range(1, 12))
def test_networks_sort_all_zeros_and_ones(n):
    # What sorts these sorts all numbers: the 0-1 principle (Knuth, The Art of Computer Programming, 5.3.4).
    for bits in range(2**n):
        numbers = [bits >> i & 1 for i in range(n)]
        assert carry_out(sorting_network(n), numbers) == sorted(numbers)


@pytest.mark.parametrize(
    "runs", [(1,), (7,), (3, 4), (3, 3, 3), (10, 10, 5), (14, 14, 14, 7), (1,) * 7, (2, 9, 4)]
)
def test_sorted_runs_give_the_median(runs):
    rng = np.random.default_rng(0)
    for _ in range(50):
        numbers = [number for n in runs for number in sorted(rng.integers(0, 9, n).tolist())]
        assert carry_out(median_network(runs), numbers) == [np.median(numbers)]


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (1, 7), (3, 1), (3, 3), (5, 3), (3, 5), (9, 3), (7, 9), (1, 25)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("n_places", [1, 70, 70_000])
def test_medians_of_columns_equal_those_of_numpy(n_places, dtype, height, width):
    offsets = [0, *np.cumsum(np.arange(height - 1) % 3 + 1).tolist()]
    rng = np.random.default_rng(0)
    flat = rng.integers(0, 100, n_places + offsets[-1] + width - 1).astype(dtype)
    places = (np.arange(width)[:, np.newaxis] + offsets).ravel()
    some = np.unique(np.r_[:n_places:97, n_places - 1])
    found = median_of_columns(flat, offsets, width)
    assert found.shape == (n_places,)
    np.testing.assert_array_equal(
        found[some], np.median(flat[some[:, np.newaxis] + places], axis=1)
    )


def test_comparators_write_what_is_needed():
    assert sorting_network(2).comparators.tolist() == [[0, 1, BOTH]]
    assert len(median_network((3, 3, 3)).comparators) < len(sorting_network(9).comparators)


def test_pairs_of_columns_are_shared_where_windows_share_some():
    assert plan_median(3, 3).n_pairs == 0
    assert plan_median(5, 5).starts == (0, 2, 4)
