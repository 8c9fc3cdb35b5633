"""The levels of an image that its pixels are compared with."""

import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.features.plan import QUANTILES
from skmask._kernels.pixels.precision import floats_for

__all__ = ["greatest_of", "image_levels"]

# Pixels that quantiles are estimated from, evenly spread: their error is below .001 of the pixels.
MOST_PIXELS = 1 << 18


def image_levels(plane: Array) -> Array:
    """Compute the quantiles of one channel of an image, 0 where it has no finite pixel.

    Parameters
    ----------
    plane : ndarray

    Returns
    -------
    levels : ndarray of shape (5,)
        The values below which 5, 25, 50, 75 and 95 % of the pixels lie, in floats that hold the pixels; of
        large images, of every k-th pixel along each axis.

    Examples
    --------
    >>> image_levels(np.arange(101, dtype=np.uint8))
    array([ 5., 25., 50., 75., 95.], dtype=float32)
    """
    step = max(math.ceil((plane.size / MOST_PIXELS) ** (1 / plane.ndim)), 1)
    dtype = floats_for(plane.dtype)
    pixels = np.asarray(plane[(slice(None, None, step),) * plane.ndim], dtype).ravel()
    pixels = pixels[np.isfinite(pixels)]
    if pixels.size == 0:
        return np.zeros(len(QUANTILES), dtype)
    return np.quantile(pixels, QUANTILES).astype(dtype)


def greatest_of(dtype: np.dtype[Any]) -> float:
    """Return the greatest value that pixels of a dtype can have.

    Examples
    --------
    >>> greatest_of(np.dtype("uint8"))
    255.0
    """
    if dtype.kind == "b":
        return 1.0
    return float(np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max)
