"""Twins of `skmask._kernels.pixels.compare`: both bounds of a range in one pass."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.pixels.compare import closed_bounds


def between(images: Array, low: float, high: float, inclusive: str, is_circular: bool) -> BoolArray:
    """Compare pixels with both bounds; if the range is circular, either of them is enough."""
    # A circular range is the complement of the range between its bounds. NaN is in neither of them.
    dtype = images.dtype
    is_float = dtype.kind == "f"
    if not (dtype.isnative and images.flags.aligned) or (
        is_float and (is_circular or dtype.itemsize not in (4, 8))
    ):
        return NotImplemented
    if is_circular:
        opposite = {"both": "neither", "neither": "both", "left": "left", "right": "right"}
        low, high, inclusive = high, low, opposite[inclusive]
    bounds = closed_bounds(low, high, inclusive, dtype)
    mask = np.full(images.shape, is_circular)
    if bounds is not None:
        pixels = images.view(np.uint8) if dtype.kind == "b" else images
        first, last = (pixels.dtype.type(bound) for bound in bounds)
        _compare(pixels.reshape(-1), first, last, is_circular, mask.reshape(-1))
    return mask


@jit
def _compare(pixels: Array, first: Any, last: Any, is_outside: bool, mask: BoolArray) -> None:
    for i in range(pixels.size):
        mask[i] = ((pixels[i] >= first) & (pixels[i] <= last)) != is_outside
