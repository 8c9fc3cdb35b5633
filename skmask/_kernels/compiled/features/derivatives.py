"""Twins of `skmask._kernels.features.derivatives` for images of two axes.

All neighbors of a pixel are read once, and nothing but the result is written. Each operation is that of the
kernel, in its order, in float32.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skmask._kernels.arrays import Float32Array
from skmask._kernels.compiled.jit import jit


def gradient_lengths(around: Float32Array, spacing: Sequence[float]) -> Any:
    """Compute the length of the gradient."""
    if around.ndim != 2:
        return NotImplemented
    lengths = np.empty([size - 2 for size in around.shape], np.float32)
    down, across = (np.float32(0.5 / one) for one in spacing)
    _gradient_lengths(around, down, across, lengths)
    return lengths


def hessian_eigenvalues(around: Float32Array, spacing: Sequence[float]) -> Any:
    """Compute the eigenvalues of the matrix of second derivatives, from the greatest to the least."""
    if around.ndim != 2:
        return NotImplemented
    greater, less = np.empty((2, *(size - 2 for size in around.shape)), np.float32)
    down, across = (np.float32(1 / one**2) for one in spacing)
    both = np.float32(0.25 / (spacing[0] * spacing[1]))
    _hessian_eigenvalues(around, down, across, both, greater, less)
    return [greater, less]


@jit
def _gradient_lengths(around: Float32Array, down: Any, across: Any, lengths: Float32Array) -> None:
    height, width = lengths.shape
    for y in range(height):
        above, center, below, out = around[y], around[y + 1], around[y + 2], lengths[y]
        for x in range(width):
            vertical = (below[x + 1] - above[x + 1]) * down
            horizontal = (center[x + 2] - center[x]) * across
            out[x] = np.sqrt(vertical * vertical + horizontal * horizontal)


@jit
def _hessian_eigenvalues(
    around: Float32Array,
    down: Any,
    across: Any,
    both: Any,
    greater: Float32Array,
    less: Float32Array,
) -> None:
    height, width = greater.shape
    half, two = np.float32(0.5), np.float32(2)
    for y in range(height):
        above, center, below = around[y], around[y + 1], around[y + 2]
        first, second = greater[y], less[y]
        for x in range(width):
            twice = center[x + 1] * two
            a = ((below[x + 1] + above[x + 1]) - twice) * down
            c = ((center[x + 2] + center[x]) - twice) * across
            b = (((below[x + 2] - below[x]) - above[x + 2]) + above[x]) * both
            middle = (a + c) * half
            apart = (a - c) * half
            radius = np.sqrt(apart * apart + b * b)
            first[x] = middle + radius
            second[x] = middle - radius
