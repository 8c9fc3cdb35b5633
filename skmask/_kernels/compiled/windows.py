"""Twins of `skmask._kernels.local.windows`: windows that slide, by the pixels that enter and leave them.

Sums of unsigned integers lose nothing when pixels are taken out again, so they may slide; sums of doubles may
not. Every column has a sum of the rows in the window, and the window slides over the columns.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit

Window = tuple[int, ...]


def add_windows(padded: Array, window: Window) -> Array:
    """Add up the unsigned integers of each window of a padded block, modulo the range of their dtype."""
    if padded.ndim != 3:
        return NotImplemented
    return _add(np.ascontiguousarray(padded), *window)


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
