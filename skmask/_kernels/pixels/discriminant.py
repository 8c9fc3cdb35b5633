"""Linear discriminant analysis from sums that merge exactly: no pixel is kept."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray


class ClassSums(NamedTuple):
    """Sums over the pixels of the background and of the foreground, weighted.

    Attributes
    ----------
    weights : ndarray of shape (2,)
        Sum of the weights.
    sums : ndarray of shape (2, n_terms)
        Sums of the values.
    squares : ndarray of shape (2, n_terms, n_terms)
        Sums of the products of two values.
    """

    weights: FloatArray
    sums: FloatArray
    squares: FloatArray


def sum_classes(values: FloatArray, labels: BoolArray, weight: float = 1.0) -> ClassSums:
    """Sum up the values of pixels, of shape (n_terms, n), by their labels, of shape (n,)."""
    parts = [values[:, labels == label] for label in (False, True)]
    return ClassSums(
        weight * np.array([part.shape[1] for part in parts], np.float64),
        weight * np.stack([part.sum(axis=1) for part in parts]),
        weight * np.stack([part @ part.T for part in parts]),
    )


def merge_sums(parts: Sequence[ClassSums]) -> ClassSums:
    """Add up the sums of several sets of pixels."""
    return ClassSums(*(np.sum(part, axis=0) for part in zip(*parts, strict=True)))


def discriminant(sums: ClassSums) -> tuple[FloatArray, Any]:
    """Return the weights and the intercept of Fisher's linear discriminant.

    With m0 and m1 the means of the classes and S the covariance within them, the weights are
    w = S^-1 (m1 - m0) (Fisher 1936, https://doi.org/10.1111/j.1469-1809.1936.tb02137.x). The intercept
    makes the result positive where, for normal distributions, foreground is more probable. Both classes
    must have pixels.
    """
    means = sums.sums / sums.weights[:, np.newaxis]
    within = sums.squares.sum(axis=0) - np.einsum("c,ci,cj->ij", sums.weights, means, means)
    within /= sums.weights.sum()
    # In the unit of each term, so that products do not drown colors in rounding.
    scales = np.sqrt(np.maximum(np.diag(within), np.finfo(float).tiny))
    scaled = within / np.outer(scales, scales)
    solution = np.linalg.lstsq(scaled, (means[1] - means[0]) / scales, rcond=1e-10)[0]
    weights: FloatArray = solution / scales
    prior = np.log(sums.weights[1] / sums.weights[0])
    return weights, prior - weights @ means.mean(axis=0)
