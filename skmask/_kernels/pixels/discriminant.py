"""Linear discriminant analysis from moments that merge: no pixel is kept."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray


class ClassMoments(NamedTuple):
    """Moments of the pixels of the background and of the foreground, weighted.

    Products are those of distances from the mean, which keep their digits far from 0.

    Attributes
    ----------
    weights : ndarray of shape (2,)
        Sum of the weights.
    means : ndarray of shape (2, n_terms)
        Means of the values, 0 of a class without pixels.
    scatters : ndarray of shape (2, n_terms, n_terms)
        Sums of the products of the distances of two values from their means.
    """

    weights: FloatArray
    means: FloatArray
    scatters: FloatArray


def moments_of(values: FloatArray, labels: BoolArray, weight: float = 1.0) -> ClassMoments:
    """Compute the moments of pixels, of shape (n_terms, n), by their labels, of shape (n,)."""
    parts = [values[:, labels == label] for label in (False, True)]
    means = [part.sum(axis=1) / max(part.shape[1], 1) for part in parts]
    apart = [part - mean[:, np.newaxis] for part, mean in zip(parts, means, strict=True)]
    return ClassMoments(
        weight * np.array([part.shape[1] for part in parts], np.float64),
        np.stack(means),
        weight * np.stack([part @ part.T for part in apart]),
    )


def merge_moments(parts: Sequence[ClassMoments]) -> ClassMoments:
    """Compute the moments of several sets of pixels together (Chan et al. 1983).

    https://doi.org/10.1080/00031305.1983.10483115
    """
    weights, means, scatters = (np.stack(part) for part in zip(*parts, strict=True))
    total = weights.sum(axis=0)
    shares = weights / np.where(total > 0, total, 1)
    mean = np.einsum("pc,pci->ci", shares, means)
    apart = means - mean
    return ClassMoments(
        total, mean, scatters.sum(axis=0) + np.einsum("pc,pci,pcj->cij", weights, apart, apart)
    )


def discriminant(moments: ClassMoments) -> tuple[FloatArray, Any]:
    """Return the weights and the intercept of Fisher's linear discriminant.

    With m0 and m1 the means of the classes and S the covariance within them, the weights are
    w = S^-1 (m1 - m0) (Fisher 1936, https://doi.org/10.1111/j.1469-1809.1936.tb02137.x). The intercept
    makes the result positive where, for normal distributions, foreground is more probable. Both classes
    must have pixels.
    """
    means = moments.means
    within = moments.scatters.sum(axis=0) / moments.weights.sum()
    # In the unit of each term, so that products do not drown colors in rounding.
    scales = np.sqrt(np.maximum(np.diag(within), np.finfo(float).tiny))
    scaled = within / np.outer(scales, scales)
    solution = np.linalg.lstsq(scaled, (means[1] - means[0]) / scales, rcond=1e-10)[0]
    weights: FloatArray = solution / scales
    prior = np.log(moments.weights[1] / moments.weights[0])
    return weights, prior - weights @ means.mean(axis=0)
