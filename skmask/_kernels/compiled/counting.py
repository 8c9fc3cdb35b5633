"""Twins of `skmask._kernels.histograms.counting`."""

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import jit

# Pixels counted in tables of 32 bits before they are added to those of 64.
_PIECE = 1 << 30


def add_counts(pixels: Array, table: Int64Array) -> None:
    """Add the number of pixels of each value of 8 or 16 bits to a table of all values."""
    if not (pixels.flags.c_contiguous and pixels.flags.aligned):
        return NotImplemented
    for start in range(0, pixels.size, _PIECE):
        piece = pixels[start : start + _PIECE]
        if pixels.itemsize == 1:
            _count_bytes(piece, table)
        else:
            _count_words(piece, table)
    return None


@jit
def _count_bytes(pixels: Array, table: Int64Array) -> None:
    # A pixel like the one before it would wait for the counter to be written: neighbors have tables of
    # their own.
    tables = np.zeros((4, table.size), np.uint32)
    n_grouped = pixels.size // 4 * 4
    for i in range(0, n_grouped, 4):
        tables[0, pixels[i]] += 1
        tables[1, pixels[i + 1]] += 1
        tables[2, pixels[i + 2]] += 1
        tables[3, pixels[i + 3]] += 1
    for i in range(n_grouped, pixels.size):
        tables[0, pixels[i]] += 1
    for value in range(table.size):
        for part in range(4):
            table[value] += tables[part, value]


@jit
def _count_words(pixels: Array, table: Int64Array) -> None:
    # One table fills the second-level cache; equal neighbors are few.
    for i in range(pixels.size):
        table[pixels[i]] += 1
