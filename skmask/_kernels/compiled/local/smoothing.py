"""Twin of the sum of shifted pixels in `skmask._kernels.local.smoothing`."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import inlined, jit

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
        _add_neighbors(flat, center + start, apart, weights, sums[start : start + _LINE])


@inlined
def _add_neighbors(flat: Any, center: int, apart: int, weights: Any, sums: Any) -> None:
    """Sum pixels from a center on and their neighbors by their weights, near ones first."""
    middle, weight = flat[center:], weights[0]
    for x in range(len(sums)):
        sums[x] = middle[x] * weight
    n_pairs = len(weights) - 1
    # Four pairs at a time, so that sums are read and written less often.
    i = 1
    while i + 3 <= n_pairs:
        a, b = flat[center - i * apart :], flat[center + i * apart :]
        c, d = flat[center - (i + 1) * apart :], flat[center + (i + 1) * apart :]
        e, f = flat[center - (i + 2) * apart :], flat[center + (i + 2) * apart :]
        g, h = flat[center - (i + 3) * apart :], flat[center + (i + 3) * apart :]
        first, second, third, fourth = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
        for x in range(len(sums)):
            total = sums[x] + (a[x] + b[x]) * first
            total += (c[x] + d[x]) * second
            total += (e[x] + f[x]) * third
            sums[x] = total + (g[x] + h[x]) * fourth
        i += 4
    while i <= n_pairs:
        before, after, weight = flat[center - i * apart :], flat[center + i * apart :], weights[i]
        for x in range(len(sums)):
            sums[x] += (before[x] + after[x]) * weight
        i += 1
