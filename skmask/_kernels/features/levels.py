"""The levels of an image that its pixels are compared with."""

import math

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.features.plan import QUANTILES

__all__ = ["image_levels"]

# Pixels that quantiles are estimated from, evenly spread: their error is below .001 of the pixels.
MOST_PIXELS = 1 << 18


def image_levels(plane: Array) -> Float32Array:
    """Compute the quantiles of one channel of an image, 0 where it has no finite pixel.

    Parameters
    ----------
    plane : ndarray

    Returns
    -------
    levels : ndarray of float32, shape (5,)
        The values below which 5, 25, 50, 75 and 95 % of the pixels lie; of large images, of every k-th
        pixel along each axis.

    Examples
    --------
    >>> image_levels(np.arange(101))
    array([ 5., 25., 50., 75., 95.], dtype=float32)
    """
    step = max(math.ceil((plane.size / MOST_PIXELS) ** (1 / plane.ndim)), 1)
    pixels = np.asarray(plane[(slice(None, None, step),) * plane.ndim], np.float32).ravel()
    pixels = pixels[np.isfinite(pixels)]
    if pixels.size == 0:
        return np.zeros(len(QUANTILES), np.float32)
    return np.quantile(pixels, QUANTILES).astype(np.float32)
