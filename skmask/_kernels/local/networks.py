"""Networks of comparisons, which find medians of windows by the same steps whatever the pixels are.

A comparator puts the smaller of two numbers on its first wire and the larger on its second. A list of
comparators that sorts any numbers is a sorting network, here Batcher's odd-even merge sort. Of a network for
the median, what does not reach the middle wire is left out. Of three numbers that leaves::

    wire 0  --o---o--------
    wire 1  --o---|---o----  median
    wire 2  ------o---o----

Windows beside each other share columns. So columns are sorted first, and then put together. Infinities fill
up the numbers to powers of two, and comparators that meet them are left out.

K. E. Batcher, Sorting networks and their applications, AFIPS 1968, https://doi.org/10.1145/1468075.1468121
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled import has_twin

# Bytes of a wire: some of them share a second-level cache.
_PIECE = 1 << 15

# What a comparator has to write: the smaller number, the larger number, or both.
SMALLER, LARGER, BOTH = 1, 2, 3


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


@lru_cache(maxsize=64)
def sorting_network(n: int) -> Network:
    """Return a network that sorts `n` numbers.

    Examples
    --------
    >>> sorting_network(2)
    Network(comparators=array([[0, 1, 3]]), results=(0, 1))
    """
    wires = _powers_of_two(n)
    return _pruned(
        _merge_sort(wires), [wire if wire < n else -1 for wire in range(wires)], range(n)
    )


@lru_cache(maxsize=64)
def median_network(height: int, width: int) -> Network:
    """Return a network that finds the median of `width` sorted columns of `height` numbers each.

    The number ``i`` of column ``j``, counted from the smallest on, is on wire ``j * height + i``.
    """
    rows, columns = _powers_of_two(height), _powers_of_two(width)
    wires = [
        column * height + row if row < height and column < width else -1
        for column in range(columns)
        for row in range(rows)
    ]
    return _pruned(_merge_sort(len(wires), rows), wires, [height * width // 2])


@has_twin("networks")
def run_network(values: Array, inputs: Int64Array, network: Network, results: Array) -> None:
    """Put numbers on the wires of a network, and write what it finds, at all positions of an array.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n)
        Numbers, no NaN and no -0.0 among them.
    inputs : ndarray of shape (n_wires, 2)
        For each wire, the row of the values, and how far from a place the value is.
    network : Network
    results : ndarray of shape (n_results, n_places)
    """
    step = max(_PIECE // values.itemsize, 1)
    for start in range(0, results.shape[1], step):
        part = results[:, start : start + step]
        size = part.shape[1]
        wires = [
            values[row, start + offset : start + offset + size] for row, offset in inputs.tolist()
        ]
        owned: dict[int, Array] = {}
        for first, second, written in network.comparators.tolist():
            a, b = wires[first], wires[second]
            if written == BOTH:
                # Both numbers are compared twice, so that only the second result may be written over one.
                smaller = np.minimum(a, b)
                wires[second] = owned[second] = np.maximum(a, b, out=owned.get(second))
                wires[first] = owned[first] = smaller
            elif written == SMALLER:
                wires[first] = owned[first] = np.minimum(a, b, out=owned.get(first))
            else:
                wires[second] = owned[second] = np.maximum(a, b, out=owned.get(second))
        for result, wire in zip(part, network.results, strict=True):
            result[:] = wires[wire]


def _powers_of_two(n: int) -> int:
    """Return the least power of two that is not below a number."""
    return 1 << (n - 1).bit_length()


def _merge_sort(n: int, length: int = 1) -> Iterator[tuple[int, int]]:
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


def _pruned(
    comparators: Iterator[tuple[int, int]], wires: list[int], wanted: range | list[int]
) -> Network:
    """Leave out comparators of infinities, and what the wanted numbers do not depend on.

    `wires` has a number for each wire of a finite number, and -1 for infinity.
    """
    compared = []
    for first, second in comparators:
        if wires[second] < 0:
            continue
        if wires[first] < 0:
            wires[first], wires[second] = wires[second], wires[first]
        else:
            compared.append((wires[first], wires[second]))
    results = tuple(wires[wire] for wire in wanted)
    needed, kept = set(results), []
    for first, second in reversed(compared):
        written = SMALLER * (first in needed) + LARGER * (second in needed)
        if written:
            needed |= {first, second}
            kept.append((first, second, written))
    return Network(np.array(kept[::-1], np.int64).reshape(-1, 3), results)
