"""Twin of the sum of shifted pixels in `skmask._kernels.features.smoothing`."""

import numpy as np

from skmask._kernels.arrays import Float32Array
from skmask._kernels.compiled.jit import jit

# Sums of so many pixels stay in the first-level cache until all neighbors are added.
_LINE = 2048


def weighted(
    flat: Float32Array,
    taps: tuple[tuple[float, ...], int],
    stride: int,
    count: int,
    out: Float32Array | None = None,
) -> Float32Array:
    """Sum `count` pixels and their neighbors, `stride` apart, by their weights."""
    sums = np.empty(count, np.float32) if out is None else out[:count]
    weights, step = taps
    _weighted(flat, np.array(weights, np.float32), step * stride, sums)
    return sums


@jit
def _weighted(flat: Float32Array, weights: Float32Array, apart: int, sums: Float32Array) -> None:
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
