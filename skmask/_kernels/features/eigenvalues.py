"""Eigenvalues of the small symmetric matrix at every pixel, greatest first."""

from collections.abc import Mapping

import numpy as np

from skmask._kernels.arrays import Float32Array

__all__ = ["symmetric_eigenvalues"]


def symmetric_eigenvalues(entries: Mapping[tuple[int, int], Float32Array]) -> list[Float32Array]:
    """Compute the eigenvalues of a symmetric matrix at every pixel.

    Parameters
    ----------
    entries : mapping of (row, column) to ndarray of float32
        The upper triangle, of one to any number of rows.

    Returns
    -------
    eigenvalues : list of ndarray of float32
        From the greatest to the least.

    Notes
    -----
    Matrices of three rows are solved by O. K. Smith's trigonometric formula,
    https://doi.org/10.1145/355578.366316.

    Examples
    --------
    >>> one = np.float32([1])
    >>> symmetric_eigenvalues({(0, 0): 2 * one, (0, 1): one, (1, 1): 2 * one})
    [array([3.], dtype=float32), array([1.], dtype=float32)]
    """
    n_rows = max(entries)[0] + 1
    if n_rows == 1:
        return [entries[0, 0]]
    if n_rows == 2:
        return _of_two(entries[0, 0], entries[0, 1], entries[1, 1])
    if n_rows == 3:
        return _of_three(entries)
    shape = entries[0, 0].shape
    matrices = np.empty((*shape, n_rows, n_rows), np.float32)
    for (row, column), entry in entries.items():
        matrices[..., row, column] = matrices[..., column, row] = entry
    ascending = np.linalg.eigvalsh(matrices)
    return [ascending[..., i].astype(np.float32, copy=False) for i in reversed(range(n_rows))]


def _of_two(a: Float32Array, b: Float32Array, c: Float32Array) -> list[Float32Array]:
    middle = a + c
    middle *= np.float32(0.5)
    radius = a - c
    radius *= np.float32(0.5)
    radius *= radius
    radius += b * b
    np.sqrt(radius, out=radius)
    greater = middle + radius
    middle -= radius
    return [greater, middle]


def _of_three(entries: Mapping[tuple[int, int], Float32Array]) -> list[Float32Array]:
    a, b, c = entries[0, 0], entries[1, 1], entries[2, 2]
    d, e, f = entries[0, 1], entries[0, 2], entries[1, 2]
    mean = (a + b + c) / np.float32(3)
    a, b, c = a - mean, b - mean, c - mean
    off_diagonal = d * d + e * e + f * f
    spread = np.sqrt((a * a + b * b + c * c + 2 * off_diagonal) / np.float32(6))
    # Divided by the spread, the determinant can neither overflow nor vanish.
    scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
    a, b, c, d, e, f = (entry * scale for entry in (a, b, c, d, e, f))
    half_determinant = (a * (b * c - f * f) - d * (d * c - e * f) + e * (d * f - b * e)) / 2
    cosine = np.clip(half_determinant, -1, 1)
    angle = np.arccos(cosine) / np.float32(3)
    greatest = mean + 2 * spread * np.cos(angle)
    least = mean + 2 * spread * np.cos(angle + np.float32(2 * np.pi / 3))
    return [greatest, 3 * mean - greatest - least, least]
