"""Twins of `skmask._kernels.histograms.counting`."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import as_source, find_memory, jit
from skmask._kernels.compiled.tables import count_occupied
from skmask._kernels.histograms.histogram import Histogram, integers_of

# Fewer pixels of 16 bits are sorted in less time than a table of their values takes.
_FEW = 1 << 15

# So many values have four tables in a first-level cache.
_NARROW = 1 << 12

# So many bytes are counted in pairs, whose table of 65,536 counts then pays for its sums.
_PAIRED = 3 << 14

# So many pairs are counted before their counts could overflow: those of 16 bits take half of the cache that
# those of 32 bits take.
_PAIRS = 2**16 - 1

# Fewer pairs than these are counted as single pixels, which takes less time than to add up a table.
_FEW_PAIRS = 1 << 11

# Words of memory for a table of all pairs.
_WORDS = 1 << 14


def count_bytes(images: Array) -> Histogram:
    """Count all pixels of images of 8 bits."""
    if not images.flags.c_contiguous:
        return NotImplemented
    pixels = images.reshape(-1).view(np.uint8)
    pixels.setflags(False)  # type: ignore[call-arg]  # as by `as_source`, of this view itself
    table = np.zeros(256, np.int64)
    _count_bytes(pixels, table)
    return integers_of(*occupied(table), images.dtype)


def add_counts(pixels: Array, table: Int64Array) -> None:
    """Add the number of pixels of each value of 8 or 16 bits to a table of all values."""
    if not (pixels.flags.c_contiguous and pixels.flags.aligned):
        return NotImplemented
    if pixels.itemsize == 2:
        lowest = pixels.min()
        _count_words(pixels - lowest, table[lowest : int(pixels.max()) + 1])
    else:
        _count_bytes(as_source(pixels), table)
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
    n_occupied = table.size if table.size <= _NARROW else count_occupied(table)
    found = np.empty((2, n_occupied + 1), np.int64)
    n_occupied = _gather(table, found)
    return found[0, :n_occupied], found[1, :n_occupied]


def _count_bytes(pixels: Array, table: Int64Array) -> None:
    """Add the number of read-only pixels of each of 256 values to a table."""
    if pixels.size < _PAIRED:
        _count_narrow(pixels, table)
        return
    first, pairs = 0, pixels[: pixels.size // 2 * 2].view(np.uint16)
    if not pairs.flags.aligned:  # a pair begins where a number of 16 bits may begin
        first, pairs = 1, pixels[1 : 1 + (pixels.size - 1) // 2 * 2].view(np.uint16)
    rows = find_memory(_WORDS)[:_WORDS].view(np.uint16).reshape(256, 256)
    _count_pairs(pairs, rows, table)
    if 2 * pairs.size < pixels.size:
        for single in (*pixels[:first], *pixels[first + 2 * pairs.size :]):
            table[single] += 1


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
def _count_pairs(pairs: Array, rows: Any, table: Int64Array) -> None:
    """Add the number of pixels of each of 256 values to a table; `rows` are the counts of pairs."""
    counts, columns = rows.reshape(-1), np.zeros(256, np.uint16)
    for start in range(0, pairs.size, _PAIRS):
        some = pairs[start : start + _PAIRS]
        if some.size < _FEW_PAIRS:
            for i in range(some.size):
                table[some[i] & 255] += 1
                table[some[i] >> 8] += 1
            break
        rows[:] = 0
        for i in range(some.size):
            counts[some[i]] += np.uint16(1)
        # A pixel of either value of a pair counts. No sum exceeds the number of pairs.
        for value in range(256):
            row, n_pixels = rows[value], np.uint16(0)
            for other in range(256):
                columns[other] = np.uint16(columns[other] + row[other])
                n_pixels = np.uint16(n_pixels + row[other])
            table[value] += n_pixels
        for value in range(256):
            table[value] += columns[value]
            columns[value] = 0


@jit
def _count_wide(places: Array, table: Int64Array) -> None:
    for i in range(places.size):
        table[places[i]] += 1


@jit
def _gather(table: Int64Array, found: Int64Array) -> Any:
    n_found = 0
    for place in range(table.size):
        # Every place is written, and kept if it is occupied. A branch would be mispredicted.
        found[0, n_found], found[1, n_found] = place, table[place]
        n_found += table[place] != 0
    return n_found
