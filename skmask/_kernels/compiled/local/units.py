"""Twin of `skmask._kernels.local.units`: units are found in one call, and pixels rounded in one pass."""

import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, Int64Array
from skmask._kernels.compiled.jit import as_source, inlined, jit
from skmask._kernels.local.units import BITS, LARGEST_RANGE, LEAST_RANGE, Units


def units_between(low: FloatArray, high: FloatArray) -> Units:
    """Find the units of images from their lowest and highest pixels."""
    units = Units(np.empty_like(low), np.empty_like(low), np.empty(low.size, np.bool_))
    _find(
        low.reshape(-1),
        high.reshape(-1),
        units.origin.reshape(-1),
        units.scale.reshape(-1),
        units.fits,
    )
    return units


def rounded(pixels: Array, units: Units) -> Int64Array:
    """Round pixels to integers, in units of their images."""
    if pixels.dtype.char not in "iIlLqQfd" or not pixels.dtype.isnative:
        return NotImplemented
    integers = np.empty(pixels.shape, np.int64)
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    numbers = units.origin.reshape(-1), units.scale.reshape(-1)
    _round(as_source(flat), *numbers, integers.reshape(flat.shape))
    return integers


@inlined
def in_units(pixel: Any, origin: float, scale: float) -> Any:
    """Round a pixel to an integer."""
    return np.int64(np.rint((pixel - origin) * scale))


@jit
def _find(low: Any, high: Any, origins: Any, scales: Any, fits: Any) -> None:
    for i in range(len(low)):
        origin, greatest = low[i] / 2 + high[i] / 2, high[i] / 2 - low[i] / 2
        is_usual = greatest == 0 or LEAST_RANGE <= greatest <= LARGEST_RANGE
        origins[i], fits[i] = origin, np.isfinite(origin) and is_usual
        exponent = math.frexp(greatest)[1] if fits[i] else 0
        scales[i] = math.ldexp(0.5, BITS - exponent)


@jit
def _round(pixels: Any, origins: Any, scales: Any, integers: Any) -> None:
    for i in range(len(pixels)):
        row, out, origin, scale = pixels[i], integers[i], origins[i], scales[i]
        for x in range(len(row)):
            out[x] = in_units(row[x], origin, scale)
