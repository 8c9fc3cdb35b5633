"""The levels of an image that its pixels are compared with."""

import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.features.plan import QUANTILES

__all__ = ["greatest_of", "image_levels", "largest_magnitude"]

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
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and left out
        pixels = np.asarray(plane[(slice(None, None, step),) * plane.ndim], np.float32).ravel()
    pixels = pixels[np.isfinite(pixels)]
    if pixels.size == 0:
        return np.zeros(len(QUANTILES), np.float32)
    return np.quantile(pixels, QUANTILES).astype(np.float32)


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


def largest_magnitude(pixels: Array) -> float:
    """Compute the greatest absolute value of the finite pixels, 0 where there are none.

    Examples
    --------
    >>> largest_magnitude(np.array([-3.0, 2.0, np.nan, np.inf]))
    3.0
    """
    if pixels.size == 0:
        return 0.0
    low, high = (float(ufunc.reduce(pixels, axis=None)) for ufunc in (np.fmin, np.fmax))
    if not math.isfinite(low) or not math.isfinite(high):
        finite = pixels[np.isfinite(pixels)]
        return largest_magnitude(finite) if finite.size else 0.0
    return max(-low, high)
