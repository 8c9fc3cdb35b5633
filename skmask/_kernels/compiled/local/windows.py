"""Twins of `skmask._kernels.local.windows`: windows that slide, by the pixels that enter and leave them.

Sums of unsigned integers lose nothing when pixels are taken out again, so they may slide; sums of doubles may
not. Every column has a sum of the rows in the window, and the window slides over the columns. Of volumes,
planes are summed up first.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import as_source, jit

Window = tuple[int, ...]


def add_windows(padded: Array, window: Window) -> Array:
    """Add up the unsigned integers of each window of a padded block, modulo the range of their dtype."""
    if padded.ndim not in (3, 4):
        return NotImplemented
    planes = as_source(np.ascontiguousarray(padded))
    if padded.ndim == 4:
        planes = as_source(_add_planes(planes, window[0]))
    sums = _add(planes.reshape(-1, *planes.shape[-2:]), *window[-2:])
    return sums.reshape(*planes.shape[:-2], *sums.shape[1:])


@jit
def _add_planes(volumes: Any, depth: int) -> Any:
    n, n_planes, height, width = volumes.shape
    sums = np.zeros((n, n_planes - depth + 1, height, width), volumes.dtype)
    for i in range(n):
        for z in range(n_planes):
            target = sums[i, max(z - depth + 1, 0)]
            for y in range(height):
                out, entering = target[y], volumes[i, z, y]
                if z < depth:
                    for x in range(width):
                        out[x] += entering[x]
                else:
                    before, leaving = sums[i, z - depth, y], volumes[i, z - depth, y]
                    for x in range(width):
                        out[x] = before[x] + entering[x] - leaving[x]
    return sums


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
