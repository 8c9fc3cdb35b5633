"""Floats that hold pixels, and whether those of single precision tell them apart."""

import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array

FLOAT32_MAX = float(np.finfo(np.float32).max)

# The range of pixels as a share of their largest magnitude: below the one, it consists of rounding errors of
# float64, and below the other, float32 holds no more than 256 values of it.
_ROUNDING = 1e-12
_CONTRAST = 256 * float(np.finfo(np.float32).eps)

# float32 holds all integers up to this one.
_EXACT = 1 << 24


def floats_for(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return float32 where it holds all values of a dtype, else float64.

    Examples
    --------
    >>> floats_for(np.dtype("uint16")), floats_for(np.dtype("int32"))
    (dtype('float32'), dtype('float64'))
    """
    return np.dtype(np.float32 if np.can_cast(dtype, np.float32) else np.float64)


def finite_limits(pixels: Array) -> tuple[float, float]:
    """Return the least and the greatest finite pixel, 0 and 0 where there are none.

    Examples
    --------
    >>> finite_limits(np.array([-3.0, 2.0, np.nan, np.inf]))
    (-3.0, 2.0)
    """
    if pixels.size == 0:
        return 0.0, 0.0
    low, high = (float(ufunc.reduce(pixels, axis=None)) for ufunc in (np.fmin, np.fmax))
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    return finite_limits(pixels[np.isfinite(pixels)])


def loses_contrast(pixels: Array) -> bool:
    """Tell whether float32 rounds pixels to a few values, as it does if all are far from 0.

    Examples
    --------
    >>> loses_contrast(np.array([0, 50])), loses_contrast(np.array([0, 50]) + 10**9)
    (False, True)
    """
    if floats_for(pixels.dtype) == np.float32 or pixels.size == 0:
        return False
    # In most images two pixels tell, and all others need not be looked at.
    one, other = float(pixels.flat[0]), float(pixels.flat[pixels.size // 2])
    if math.isfinite(gap := abs(one - other)) and gap >= 2 * _CONTRAST * max(abs(one), abs(other)):
        return False
    low, high = finite_limits(pixels)
    largest = max(-low, high)
    if pixels.dtype.kind != "f" and largest <= _EXACT:
        return False
    return largest * _ROUNDING < high - low < largest * _CONTRAST
