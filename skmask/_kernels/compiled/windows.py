"""Twins of `skmask._kernels.local`: windows that slide, by the pixels that enter and leave them.

Sums of unsigned integers and counts of bytes lose nothing when pixels are taken out again, so they may
slide; sums of doubles may not. Every column has a sum, or a histogram, of the rows in the window, and the
window slides over the columns.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit

Window = tuple[int, ...]

# Counts of a window of more pixels would not fit in 16 bits.
_MOST = 2**16 - 1


def add_windows(padded: Array, window: Window) -> Array:
    """Add up the unsigned integers of each window of a padded block, modulo the range of their dtype."""
    if padded.ndim != 3:
        return NotImplemented
    return _add(np.ascontiguousarray(padded), *window)


def window_median(padded: Array, window: Window) -> Array:
    """Compute the median of the bytes of each window, in their dtype."""
    kind, size = padded.dtype.kind, padded.dtype.itemsize
    if padded.ndim != 3 or size > 1 or kind == "b" or window[0] * window[1] > _MOST:
        return NotImplemented
    # The order of signed bytes is that of unsigned ones with the highest bit flipped.
    flip = np.uint8(0 if kind == "u" else 128)
    values = np.ascontiguousarray(padded).view(np.uint8)
    return (_median(values ^ flip, *window) ^ flip).view(padded.dtype)


@jit
def _add(padded: Any, height: int, width: int) -> Any:
    n, n_rows, n_columns = padded.shape
    result = np.empty((n, n_rows - height + 1, n_columns - width + 1), padded.dtype)
    columns = np.empty(n_columns, padded.dtype)
    for i in range(n):
        columns[:] = 0
        for y in range(height - 1):
            columns += padded[i, y]
        for y in range(n_rows - height + 1):
            entering, out = padded[i, y + height - 1], result[i, y]
            for x in range(n_columns):
                columns[x] += entering[x]
            total = columns[0]
            for x in range(1, width):
                total += columns[x]
            out[0] = total
            for x in range(out.size - 1):
                total += columns[x + width] - columns[x]
                out[x + 1] = total
            leaving = padded[i, y]
            for x in range(n_columns):
                columns[x] -= leaving[x]
    return result


@jit
def _median(padded: Any, height: int, width: int) -> Any:
    # Two levels of bins, 16 of 16 values each. The coarse counts of the window follow every step; the fine
    # counts of a coarse bin are brought up to date when the median falls into it, which mostly is the bin of
    # the step before.
    # S. Perreault and P. Hebert, "Median filtering in constant time", IEEE Transactions on Image Processing
    # 16 (2007), 2389-2394, https://doi.org/10.1109/TIP.2007.902329
    n, n_rows, n_columns = padded.shape
    result = np.empty((n, n_rows - height + 1, n_columns - width + 1), np.uint8)
    half = height * width // 2
    coarse, fine = np.empty((n_columns, 16), np.uint16), np.empty((16, n_columns, 16), np.uint16)
    for i in range(n):
        coarse[:], fine[:] = 0, 0
        for y in range(height - 1):
            _count_row(padded[i, y], coarse, fine, 1)
        for y in range(n_rows - height + 1):
            _count_row(padded[i, y + height - 1], coarse, fine, 1)
            _median_of_row(coarse, fine, width, half, result[i, y])
            _count_row(padded[i, y], coarse, fine, -1)
    return result


@jit
def _count_row(row: Any, coarse: Any, fine: Any, step: int) -> None:
    for x in range(row.size):
        value = row[x]
        coarse[x, value >> 4] += step
        fine[value >> 4, x, value & 15] += step


@jit
def _median_of_row(coarse: Any, fine: Any, width: int, half: int, out: Any) -> None:
    counts, parts = np.zeros(16, np.uint16), np.zeros((16, 16), np.uint16)
    done = np.full(16, -width)  # the first column of the window that a fine part counts
    for x in range(width - 1):
        for k in range(16):
            counts[k] += coarse[x, k]
    for x in range(out.size):
        for k in range(16):
            counts[k] += coarse[x + width - 1, k]
        below, bin_ = 0, 0
        while below + counts[bin_] <= half:
            below += counts[bin_]
            bin_ += 1
        part, columns = parts[bin_], fine[bin_]
        if x - done[bin_] >= width:
            part[:] = 0
            for j in range(x, x + width):
                for k in range(16):
                    part[k] += columns[j, k]
        else:
            for j in range(done[bin_], x):
                for k in range(16):
                    part[k] += columns[j + width, k] - columns[j, k]
        done[bin_] = x
        value = 0
        while below + part[value] <= half:
            below += part[value]
            value += 1
        out[x] = 16 * bin_ + value
        for k in range(16):
            counts[k] -= coarse[x, k]
