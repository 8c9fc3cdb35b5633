import numpy as np
import pytest

from skmask._kernels.local.networks import BOTH, median_network, run_network, sorting_network


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
    ("height", "width"), [(1, 1), (1, 7), (3, 1), (3, 3), (5, 3), (3, 5), (9, 3), (7, 9), (1, 25)]
)
def test_sorted_columns_give_the_median(height, width):
    rng = np.random.default_rng(0)
    for _ in range(50):
        columns = np.sort(rng.integers(0, 9, (width, height)), axis=1)
        found = carry_out(median_network(height, width), columns.ravel().tolist())
        assert found == [np.median(columns)]


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("n_places", [1, 7, 70_000])
def test_networks_run_at_all_places(n_places, dtype):
    values = np.random.default_rng(0).integers(0, 100, (2, n_places + 2)).astype(dtype)
    inputs = np.array([(0, 0), (1, 2), (0, 1)])
    results = np.empty((3, n_places), dtype)
    run_network(values, inputs, sorting_network(3), results)
    numbers = [values[0, :n_places], values[1, 2:], values[0, 1 : n_places + 1]]
    np.testing.assert_array_equal(results, np.sort(numbers, axis=0))


def test_comparators_write_what_is_needed():
    assert sorting_network(2).comparators.tolist() == [[0, 1, BOTH]]
    assert len(median_network(3, 3).comparators) < len(sorting_network(9).comparators)
