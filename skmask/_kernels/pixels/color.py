"""Colors of pixels: gray values, optical densities, polynomials and linear projections."""

import itertools
import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array, FloatArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.pixels.precision import FLOAT32_MAX, floats_for

# Luminance of red, green and blue by ITU-R BT.709, the recommendation that sRGB builds on.
LUMINANCE = (0.2125, 0.7154, 0.0721)

# Of white: light that is weaker is taken as black, whose optical density would be infinite.
DARKEST = 1 / 255


def white_of(dtype: np.dtype[Any]) -> float:
    """Return the value of white in a dtype: its greatest number for integers, 1 for others."""
    return float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0


@has_twin("pixels.color")
def gray(colors: Array) -> Float32Array:
    """Return the luminance of colors, of which the first axis holds red, green and blue."""
    with np.errstate(over="ignore", invalid="ignore"):
        terms = (
            channel.astype(np.float32) * np.float32(weight)
            for channel, weight in zip(colors, LUMINANCE, strict=True)
        )
        total = next(terms)
        for term in terms:
            total += term
    return total


def optical_density(values: Array) -> Float32Array:
    """Return minus the decimal logarithm of light, relative to white."""
    with np.errstate(invalid="ignore"):
        share = values.astype(np.float32) / np.float32(white_of(values.dtype))
        return -np.log10(np.maximum(share, np.float32(DARKEST)))


def white_balanced(colors: Array, share: float) -> Array:
    """Divide each channel of one image by its own bright quantile.

    Parameters
    ----------
    colors : ndarray of shape (n_channels, *image_shape)
    share : float
        Share of the pixels within float32 that are at most as bright as what becomes 1.

    Returns
    -------
    balanced : ndarray of float32 or float64
        A channel without a positive quantile is left as it is.
    """
    balanced = colors.astype(floats_for(colors.dtype))
    for channel in balanced:
        usable = channel[np.abs(channel) <= FLOAT32_MAX]
        if usable.size:
            last = min(math.floor(share * usable.size), usable.size - 1)
            white = np.partition(usable, last)[last]
            if white > 0:
                with np.errstate(over="ignore"):
                    channel /= white
    return balanced


def products(n_channels: int, degree: int) -> list[tuple[int, ...]]:
    """Return which channels are multiplied in each term of a polynomial without its constant."""
    return [
        term
        for n_factors in range(1, degree + 1)
        for term in itertools.combinations_with_replacement(range(n_channels), n_factors)
    ]


def polynomial(colors: Array, degree: int) -> FloatArray:
    """Return the terms of `products` for colors of shape (n_channels, n), as (n_terms, n)."""
    values = colors.astype(np.float64)
    return np.stack([values[list(term)].prod(axis=0) for term in products(len(colors), degree)])


def project(colors: Array, weights: Array, intercept: float, degree: int) -> Float32Array:
    """Return the weighted sum of the terms of `products` of one image, term by term.

    Parameters
    ----------
    colors : ndarray of shape (n_channels, *image_shape)
    weights : ndarray of shape (n_terms,)
    intercept : float
    degree : int

    Returns
    -------
    projected : ndarray of float32, of shape image_shape
    """
    # Far from 0, the terms are large and their sum is small.
    dtype = floats_for(colors.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        channels = [channel.astype(dtype) for channel in colors]
        projected = np.full(colors.shape[1:], intercept, dtype)
        for term, weight in zip(products(len(channels), degree), weights, strict=True):
            value = channels[term[0]] * dtype.type(weight)
            for factor in term[1:]:
                value *= channels[factor]
            projected += value
        return projected.astype(np.float32, copy=False)
