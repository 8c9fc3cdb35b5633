"""Networks of comparisons, which find medians of windows by the same steps whatever the pixels are.

A comparator puts the smaller of two numbers on its first wire and the larger on its second. A list of
comparators that sorts any numbers is a sorting network, here Batcher's odd-even merge sort. Of a network for
the median, what does not reach the middle wire is left out. Of three numbers that leaves::

    wire 0  --o---o--------
    wire 1  --o---|---o----  median
    wire 2  ------o---o----

Windows beside each other share columns. So columns are sorted first, and pairs of columns put together, for
all windows at once::

    window at x        a b c d e
    window at x + 2        c d e f g       the pair of c and d is in both

Infinities fill up the numbers to powers of two, and comparators that meet them are left out.

K. E. Batcher, Sorting networks and their applications, AFIPS 1968, https://doi.org/10.1145/1468075.1468121
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled import has_twin

# Bytes of a wire: some of them share a second-level cache.
_PIECE = 1 << 15

# What a comparator has to write: the smaller number, the larger number, or both.
SMALLER, LARGER, BOTH = 1, 2, 3

_INFINITE = -1


class Network(NamedTuple):
    """Comparators of numbers on wires.

    Attributes
    ----------
    comparators : ndarray of int64, of shape (n_comparators, 3)
        First wire, second wire, and which of them is to be written: `SMALLER`, `LARGER` or `BOTH`.
    results : tuple of int
        Wires that hold the wanted numbers in the end.
    """

    comparators: Int64Array
    results: tuple[int, ...]


class MedianPlan(NamedTuple):
    """The median of a window in three steps, the first two of which neighbors share.

    Attributes
    ----------
    columns : Network
        Sorts a column.
    pairs : Network
        Sorts two sorted columns beside each other.
    median : Network
        Finds the median of sorted pairs and columns.
    starts : tuple of int
        Where these are in the window: pairs first, of which there are none in narrow windows.
    n_pairs : int
    """

    columns: Network
    pairs: Network
    median: Network
    starts: tuple[int, ...]
    n_pairs: int


@lru_cache(maxsize=64)
def plan_median(height: int, width: int) -> MedianPlan:
    """Return the networks that find medians of windows of `width` columns of `height` numbers."""
    # Windows of three columns share no pair.
    n_pairs = width // 2 if width > 3 else 0
    runs = (2 * height,) * n_pairs + (height,) * (width - 2 * n_pairs)
    starts = (*range(0, 2 * n_pairs, 2), *range(2 * n_pairs, width))
    wires = list(range(2 * height))
    return MedianPlan(
        sorting_network(height),
        _network(*_sort([wires[:height], wires[height:]])),
        median_network(runs),
        starts,
        n_pairs,
    )


@lru_cache(maxsize=64)
def sorting_network(n: int) -> Network:
    """Return a network that sorts `n` numbers.

    Examples
    --------
    >>> sorting_network(2)
    Network(comparators=array([[0, 1, 3]]), results=(0, 1))
    """
    return _network(*_sort([[wire] for wire in range(n)]))


@lru_cache(maxsize=64)
def median_network(runs: tuple[int, ...]) -> Network:
    """Return a network that finds the median of sorted runs of these lengths, an odd number of numbers.

    The wires of a run are one behind the other, from that of its smallest number on.
    """
    wires = iter(range(sum(runs)))
    left = [list(islice(wires, length)) for length in runs]
    compared: list[tuple[int, int]] = []
    n = sum(runs)
    if runs == (3, 3, 3):
        # Left are the largest of the smallest, the middle of the middle and the smallest of the largest.
        for a, b, c in zip(*left, strict=True):
            compared += [(a, b), (b, c), (a, b)]
        last = [left[2][0], left[1][1], left[0][2]]
        left = [[wire] for wire in last]
        n = 3
    while len(left) > 2:
        more, merged = _sort(left[:2])
        compared += more
        # A number below more than half of all is not the median; nor is one above them.
        n_out = max(n // 2 - (n - len(merged)), 0)
        n -= 2 * n_out
        left[:2] = [merged[n_out : len(merged) - n_out]]
    if len(left) == 1:
        return _network(compared, left[0][n // 2 : n // 2 + 1])
    # The k-th number of two runs is the least of the larger ones of all pairs at i and k - i, counted from 1.
    first, second = left
    k = n // 2 + 1
    pairs = [(i, k - i) for i in range(k + 1) if i <= len(first) and k - i <= len(second)]
    compared += [(first[i - 1], second[j - 1]) for i, j in pairs if i and j]
    larger = [second[j - 1] if j else first[i - 1] for i, j in pairs]
    compared += [(larger[0], other) for other in larger[1:]]
    return _network(compared, larger[:1])


@has_twin("local.networks")
def median_of_columns(flat: Array, offsets: Sequence[int], width: int) -> Array:
    """Find the median of each window of a flat array.

    Parameters
    ----------
    flat : ndarray of shape (n,)
        Numbers, no NaN and no -0.0 among them.
    offsets : sequence of int
        Positions of the numbers of the first column of a window, from that of the window on, ascending.
    width : int
        Number of columns, each one position behind the one before.

    Returns
    -------
    medians : ndarray of shape (n_positions,)
        For all positions whose windows end within the array.
    """
    plan = plan_median(len(offsets), width)
    medians = np.empty(flat.size - offsets[-1] - width + 1, flat.dtype)
    step = max(_PIECE // flat.itemsize, 1)
    for start in range(0, medians.size, step):
        part = medians[start : start + step]
        ends = [start + offset + part.size + width - 1 for offset in offsets]
        columns = run_network(
            plan.columns,
            [flat[start + first : end] for first, end in zip(offsets, ends, strict=True)],
        )
        pairs = []
        if plan.n_pairs:
            neighbors = [column[:-1] for column in columns] + [column[1:] for column in columns]
            pairs = run_network(plan.pairs, neighbors)
        wires = [
            line[x : x + part.size]
            for i, x in enumerate(plan.starts)
            for line in (pairs if i < plan.n_pairs else columns)
        ]
        part[:] = run_network(plan.median, wires)[0]
    return medians


def run_network(network: Network, wires: Sequence[Array]) -> list[Array]:
    """Put arrays on the wires of a network, and return what it finds."""
    now = list(wires)
    owned: dict[int, Array] = {}
    for first, second, written in network.comparators.tolist():
        a, b = now[first], now[second]
        if written == BOTH:
            # Both numbers are compared twice, so that only the second result may be written over one.
            smaller = np.minimum(a, b)
            now[second] = owned[second] = np.maximum(a, b, out=owned.get(second))
            now[first] = owned[first] = smaller
        elif written == SMALLER:
            now[first] = owned[first] = np.minimum(a, b, out=owned.get(first))
        else:
            now[second] = owned[second] = np.maximum(a, b, out=owned.get(second))
    return [now[wire] for wire in network.results]


def _sort(runs: list[list[int]]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return comparators that sort wires in sorted runs, and the wires in the order of their numbers then."""
    length, n_runs = _power_of_two(max(map(len, runs))), _power_of_two(len(runs))
    filled = [run + [_INFINITE] * (length - len(run)) for run in runs]
    wires = [*chain(*filled), *[_INFINITE] * (length * (n_runs - len(runs)))]
    compared = []
    for first, second in _merge_sort(len(wires), length):
        if wires[second] == _INFINITE:
            continue
        if wires[first] == _INFINITE:
            wires[first], wires[second] = wires[second], wires[first]
        else:
            compared.append((wires[first], wires[second]))
    return compared, wires[: sum(map(len, runs))]


def _power_of_two(n: int) -> int:
    """Return the least power of two that is not below a number."""
    return 1 << (n - 1).bit_length()


def _merge_sort(n: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield the comparators of Batcher's sort of `n` wires, in which runs of `length` are sorted already."""
    while length < n:
        step = length
        while step:
            for start in range(step % length, n - step, 2 * step):
                for wire in range(start, start + step):
                    if wire // (2 * length) == (wire + step) // (2 * length):
                        yield wire, wire + step
            step //= 2
        length *= 2


def _network(compared: list[tuple[int, int]], results: list[int]) -> Network:
    """Return a network without what the results do not depend on."""
    needed, kept = set(results), []
    for first, second in reversed(compared):
        written = SMALLER * (first in needed) + LARGER * (second in needed)
        if written:
            needed |= {first, second}
            kept.append((first, second, written))
    return Network(np.array(kept[::-1], np.int64).reshape(-1, 3), tuple(results))
