"""Twin of `skmask._kernels.pixels.fill`: pixels are read and written once, in vectors of their own width."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.jit import as_source, jit

# To call compiled code takes longer than to fill so few pixels.
_FEW = 1 << 14


def select(pixels: Array, mask: BoolArray, other: Array) -> Array:
    """Return pixels, read as integers, inside the mask, and others outside."""
    flags = pixels.flags
    if pixels.itemsize == 1 or pixels.size < _FEW or other.ndim:
        return NotImplemented  # NumPy multiplies bytes as fast
    if not (flags.c_contiguous and flags.aligned and mask.flags.c_contiguous):
        return NotImplemented
    selected = np.empty_like(pixels)
    _select(as_source(pixels.ravel()), as_source(mask.ravel()), other[()], selected.ravel())
    return selected


@jit
def _select(pixels: Array, mask: BoolArray, other: Any, selected: Array) -> None:
    for i in range(pixels.size):
        selected[i] = pixels[i] if mask[i] else other
