"""Pixels as integers, in units of the range of their image: their sums are exact, in whatever order.

Floats are rounded to integers of 46 bits, of which the largest windows add up to less than 2^60::

    integer = rint((pixel - origin) * scale)

with the middle of the range as the origin, and a power of two as the scale.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Int64Array
from skmask._kernels.compiled import has_twin
from skmask._kernels.local.windows import Window, add_windows

# Bits of an integer, and pixels of the largest window.
BITS, MOST_PIXELS = 46, 2**14

# Units of smaller ranges would be subnormal, and pixels in those of larger ones infinite.
LEAST_RANGE, LARGEST_RANGE = 1e-280, 1e300


class Units(NamedTuple):
    """Origin and scale of each image of a stack, and whether its pixels fit."""

    origin: FloatArray
    scale: FloatArray
    fits: BoolArray

    def of(self, images: BoolArray | slice) -> "Units":
        """Return the units of some of the images."""
        return Units(self.origin[images], self.scale[images], self.fits[images])


def units_of(images: Array, window: Window) -> Units | None:
    """Find the units of each image; None for pixels of up to 16 bits, which are exact as they are."""
    is_short = images.dtype.kind != "f" and images.dtype.itemsize <= 2
    if is_short or images.size == 0 or prod(window) > MOST_PIXELS:
        return None
    return _units_in(images)


@has_twin("local.units")
def _units_in(images: Array) -> Units:
    """Find the units of images from their lowest and highest pixels."""
    axes = tuple(range(1, images.ndim))
    with np.errstate(invalid="ignore", over="ignore"):
        low = images.min(axis=axes, keepdims=True).astype(np.float64)
        high = images.max(axis=axes, keepdims=True).astype(np.float64)
        origin, greatest = low / 2 + high / 2, high / 2 - low / 2
        is_usual = (greatest >= LEAST_RANGE) & (greatest <= LARGEST_RANGE)
        fits = np.isfinite(origin) & (is_usual | (greatest == 0))
        exponents = np.frexp(np.where(fits, greatest, 0))[1]
    return Units(origin, np.ldexp(0.5, BITS - exponents), fits.reshape(-1))


def mean_in_units(padded: Array, window: Window, units: Units) -> FloatArray:
    """Compute the mean of each window of a padded block.

    It is rounded up, by one unit, so that no pixel is above the mean of its equals.
    """
    integers = _rounded(padded, units).view(np.uint64)
    mean: FloatArray = add_windows(integers, window).view(np.int64) / prod(window)
    mean += 1
    mean /= units.scale
    mean += units.origin
    return mean


@has_twin("local.units")
def _rounded(pixels: Array, units: Units) -> Int64Array:
    """Round pixels to integers, in units of their images."""
    values = pixels.astype(np.float64)
    values -= units.origin
    values *= units.scale
    np.rint(values, out=values)
    return values.astype(np.int64)
