"""Twin of the luminance in `skmask._kernels.pixels.color`: all channels of a pixel in one pass."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.pixels.color import LUMINANCE


def gray(colors: Array) -> Float32Array:
    """Return the luminance of colors, of which the first axis holds red, green and blue."""
    dtype, pixels = colors.dtype, np.moveaxis(colors, 0, -1)
    is_common = dtype.isnative and dtype.kind in "uif" and dtype.itemsize <= 8
    # Channels that are images of their own are fast in NumPy.
    if not (
        is_common and dtype != np.float16 and pixels.flags.c_contiguous and pixels.flags.aligned
    ):
        return NotImplemented
    luminance = np.empty(pixels.shape[:-1], np.float32)
    weights = tuple(np.float32(weight) for weight in LUMINANCE)
    _add_up(pixels.reshape(-1), weights, luminance.reshape(-1))
    return luminance


@jit
def _add_up(pixels: Any, weights: Any, luminance: Any) -> None:
    red, green, blue = weights
    for i in range(len(luminance)):
        total = np.float32(pixels[3 * i]) * red
        total += np.float32(pixels[3 * i + 1]) * green
        luminance[i] = total + np.float32(pixels[3 * i + 2]) * blue
