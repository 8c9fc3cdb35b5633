"""Twins of `skmask._kernels.histograms.counting`."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import as_source, jit

# Pixels counted in tables of 32 bits before they are added to those of 64.
_PIECE = 1 << 30

# Fewer pixels of 16 bits are sorted in less time than a table of their values takes.
_FEW = 1 << 15

# So many values have four tables in a first-level cache.
_NARROW = 1 << 12


def add_counts(pixels: Array, table: Int64Array) -> None:
    """Add the number of pixels of each value of 8 or 16 bits to a table of all values."""
    if not (pixels.flags.c_contiguous and pixels.flags.aligned):
        return NotImplemented
    for start in range(0, pixels.size, _PIECE):
        piece = as_source(pixels[start : start + _PIECE])
        if pixels.itemsize == 1:
            _count_narrow(piece, table)
        else:
            lowest = piece.min()
            _count_words(piece - lowest, table[lowest : int(piece.max()) + 1])
    return None


def distinct(pixels: Array) -> tuple[Array, Int64Array]:
    """Return the different values of pixels of 16 bits, ascending, with their numbers."""
    if pixels.itemsize != 2 or pixels.dtype.kind == "f" or pixels.size < _FEW:
        return NotImplemented
    lowest = pixels.min()
    table = np.zeros(int(pixels.max()) - int(lowest) + 1, np.int64)
    _count_words((pixels - lowest).view(np.uint16), table)
    codes, counts = occupied(table)
    return codes.astype(pixels.dtype) + lowest, counts


def occupied(table: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Return where a table is not zero, and its numbers there."""
    # Arrays are made by NumPy: it adds at the places of those that come from numba forty times as slowly. The
    # end is written after the last place that is kept.
    n_occupied = _count_occupied(table)
    places, counts = np.empty((2, n_occupied + 1), np.int64)
    _gather(table, places, counts)
    return places[:-1], counts[:-1]


def _count_words(places: Array, table: Int64Array) -> None:
    """Add the number of pixels of each place in a table."""
    # Four tables of many values would fill the second-level cache, and equal neighbors are few.
    count = _count_narrow if table.size <= _NARROW else _count_wide
    count(places, table)


@jit
def _count_narrow(places: Array, table: Int64Array) -> None:
    # A pixel like the one before it would wait for the counter to be written: neighbors have tables of
    # their own.
    tables = np.zeros((4, table.size), np.uint32)
    n_grouped = places.size // 4 * 4
    for i in range(0, n_grouped, 4):
        tables[0, places[i]] += 1
        tables[1, places[i + 1]] += 1
        tables[2, places[i + 2]] += 1
        tables[3, places[i + 3]] += 1
    for i in range(n_grouped, places.size):
        tables[0, places[i]] += 1
    for place in range(table.size):
        for part in range(4):
            table[place] += tables[part, place]


@jit
def _count_wide(places: Array, table: Int64Array) -> None:
    for i in range(places.size):
        table[places[i]] += 1


@jit
def _count_occupied(table: Int64Array) -> Any:
    n_occupied = 0
    for place in range(table.size):
        n_occupied += table[place] != 0
    return n_occupied


@jit
def _gather(table: Int64Array, places: Int64Array, counts: Int64Array) -> None:
    found = 0
    for place in range(table.size):
        # Every place is written, and kept if it is occupied. A branch would be mispredicted.
        places[found], counts[found] = place, table[place]
        found += table[place] != 0
