"""Twin of `skmask._kernels.local.units`: pixels are rounded in one pass."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import as_source, inlined, jit
from skmask._kernels.local.units import Units


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
def _round(pixels: Any, origins: Any, scales: Any, integers: Any) -> None:
    for i in range(len(pixels)):
        row, out, origin, scale = pixels[i], integers[i], origins[i], scales[i]
        for x in range(len(row)):
            out[x] = in_units(row[x], origin, scale)
