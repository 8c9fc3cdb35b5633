"""Twin of the sum of shifted pixels in `skmask._kernels.local.smoothing`."""

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit

# Sums of so many pixels stay in the first-level cache until all neighbors are added.
_LINE = 2048


def weighted(
    flat: Array,
    taps: tuple[tuple[float, ...], int],
    stride: int,
    count: int,
    out: Array | None = None,
) -> Array:
    """Sum `count` pixels and their neighbors, `stride` apart, by their weights."""
    sums = np.empty(count, flat.dtype) if out is None else out[:count]
    weights, step = taps
    _weighted(flat, np.array(weights, flat.dtype), step * stride, sums)
    return sums


@jit
def _weighted(flat: Array, weights: Array, apart: int, sums: Array) -> None:
    center = (len(weights) - 1) * apart
    for start in range(0, len(sums), _LINE):
        line = sums[start : start + _LINE]
        middle = flat[center + start :]
        for x in range(len(line)):
            line[x] = middle[x] * weights[0]
        for i in range(1, len(weights)):
            weight = weights[i]
            before, after = flat[center + start - i * apart :], flat[center + start + i * apart :]
            for x in range(len(line)):
                line[x] += (before[x] + after[x]) * weight
