"""Derivatives of smoothed pixels, as differences of neighbors.

All functions take a part of a plane with one pixel more to all sides, and return arrays of its core.
"""

from collections.abc import Sequence

import numpy as np

from skmask._kernels.arrays import Float32Array
from skmask._kernels.compiled import has_twin
from skmask._kernels.features.eigenvalues import symmetric_eigenvalues

__all__ = ["gradient", "gradient_lengths", "hessian_eigenvalues"]


def gradient(around: Float32Array, spacing: Sequence[float]) -> list[Float32Array]:
    """Compute the central difference along each axis.

    Examples
    --------
    >>> gradient(np.float32([0, 1, 4, 9, 16]), (1.0,))
    [array([2., 4., 6.], dtype=float32)]
    """
    derivatives = []
    for axis, one in enumerate(spacing):
        ahead = _shifted(around, {axis: 1}) - _shifted(around, {axis: -1})
        ahead *= np.float32(0.5 / one)
        derivatives.append(ahead)
    return derivatives


@has_twin("features.derivatives")
def gradient_lengths(around: Float32Array, spacing: Sequence[float]) -> Float32Array:
    """Compute the length of the gradient."""
    total, *others = gradient(around, spacing)
    total *= total
    for one in others:
        one *= one
        total += one
    return np.sqrt(total, out=total)


@has_twin("features.derivatives")
def hessian_eigenvalues(around: Float32Array, spacing: Sequence[float]) -> list[Float32Array]:
    """Compute the eigenvalues of the matrix of second derivatives, from the greatest to the least."""
    entries = {}
    twice = _shifted(around, {}) * np.float32(2)
    for i, one in enumerate(spacing):
        along = _shifted(around, {i: 1}) + _shifted(around, {i: -1})
        along -= twice
        if one != 1:
            along *= np.float32(1 / one**2)
        entries[i, i] = along
        for j in range(i + 1, len(spacing)):
            mixed = _shifted(around, {i: 1, j: 1}) - _shifted(around, {i: 1, j: -1})
            mixed -= _shifted(around, {i: -1, j: 1})
            mixed += _shifted(around, {i: -1, j: -1})
            mixed *= np.float32(0.25 / (one * spacing[j]))
            entries[i, j] = mixed
    return symmetric_eigenvalues(entries)


def _shifted(around: Float32Array, shifts: dict[int, int]) -> Float32Array:
    """Return the core, shifted by up to one pixel along some axes."""
    return around[
        tuple(
            slice(1 + shifts.get(axis, 0), size - 1 + shifts.get(axis, 0))
            for axis, size in enumerate(around.shape)
        )
    ]
