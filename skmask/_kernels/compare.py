"""Comparisons of pixels with numbers, in the pixels' own dtype, exact for every integer."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.binary import is_number

BoolArray = NDArray[np.bool_]


def above(images: NDArray[Any], threshold: float) -> BoolArray:
    """Compute ``images > threshold``; NaN is not above anything."""
    pixels, bound = comparable(images, threshold, math.floor)
    return np.greater(pixels, bound)


def not_above(images: NDArray[Any], threshold: float) -> BoolArray:
    """Compute ``images <= threshold``, the complement of `above` on all pixels but NaN."""
    pixels, bound = comparable(images, threshold, math.floor)
    return np.less_equal(pixels, bound)


def at_least(images: NDArray[Any], bound: float) -> BoolArray:
    """Compute ``images >= bound``."""
    pixels, limit = comparable(images, bound, math.ceil)
    return np.greater_equal(pixels, limit)


def below(images: NDArray[Any], bound: float) -> BoolArray:
    """Compute ``images < bound``, the complement of `at_least` on all pixels but NaN."""
    pixels, limit = comparable(images, bound, math.ceil)
    return np.less(pixels, limit)


def within(
    images: NDArray[Any],
    low: float | None,
    high: float | None,
    *,
    inclusive: str = "both",
    circular: bool = False,
) -> BoolArray:
    """Compute ``low <= images <= high`` and its open and unbounded variants.

    Parameters
    ----------
    images : ndarray
        Pixels of any real dtype.
    low, high : float or None
        Bounds; None is unbounded, and NaN pixels are outside all the same.
    inclusive : {"both", "left", "right", "neither"}
        Which bounds belong to the range.
    circular : bool
        Whether ``low > high`` means the union of both ends of a circular scale.

    Returns
    -------
    mask : ndarray of bool
    """
    reaches = at_least if inclusive in ("both", "left") else above
    stays = not_above if inclusive in ("both", "right") else below
    if low is None:
        return is_number(images) if high is None else stays(images, high)
    if high is None:
        return reaches(images, low)
    lower, upper = reaches(images, low), stays(images, high)
    combine = np.logical_or if circular and low > high else np.logical_and
    return combine(lower, upper, out=lower)


def round_down(bound: float, dtype: np.dtype[Any]) -> Any:
    """Give the largest number of a float dtype that is not above the bound.

    For integers, and for floats that hold more than any bound does, that is the bound.

    NumPy rounds the bound of a comparison to the nearest number in the dtype of the pixels. Rounded down
    beforehand, a bound between two numbers stays between them.
    """
    if dtype.kind != "f" or dtype.itemsize > 8:
        return bound
    with np.errstate(over="ignore"):
        rounded = dtype.type(bound)
        return np.nextafter(rounded, dtype.type(-np.inf)) if float(rounded) > bound else rounded


def round_up(bound: float, dtype: np.dtype[Any]) -> Any:
    """Give the smallest number of a float dtype that is not below the bound; for integers the bound."""
    return -round_down(-bound, dtype)


def comparable(images: NDArray[Any], bound: float, rounding: Any) -> tuple[NDArray[Any], Any]:
    """Give pixels and a bound that NumPy compares exactly and without converting the pixels."""
    if images.dtype.kind == "f":
        with np.errstate(over="ignore"):
            converted = images.dtype.type(bound)
        if np.isinf(converted) and not math.isinf(bound):
            # A finite bound beyond the dtype lies between its largest number and infinity; for `>=`
            # and `<` the bound is the infinity itself, as no finite pixel reaches it.
            largest = np.finfo(images.dtype).max
            beyond = rounding is math.floor if bound > 0 else rounding is math.ceil
            converted = np.copysign(largest, converted) if beyond else converted
        return images, converted
    pixels = images.view(np.uint8) if images.dtype.kind == "b" else images
    if math.isinf(bound):
        limits = np.iinfo(pixels.dtype)
        return pixels, limits.max + 1 if bound > 0 else limits.min - 1
    return pixels, rounding(bound)
