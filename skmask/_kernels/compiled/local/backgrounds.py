"""Twin of `skmask._kernels.local.backgrounds`: pixels are converted, subtracted and written in one pass."""

from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.compiled.jit import as_source, jit
from skmask._kernels.compiled.local.planes import NUMBERS
from skmask._kernels.local.backgrounds import LEAST_OF_FLOATS, LEAST_OF_INTEGERS, float_for


def remove_background(
    images: Array, background: Array, results: Float32Array, *, divides: bool
) -> Float32Array:
    """Write images less their background, or divided by it, into results."""
    constants = _constants(images.dtype, background.dtype, divides)
    if constants is None:
        return NotImplemented
    run = _divide if divides else _subtract
    run(_flat(images), _flat(background), *constants, results.reshape(-1))
    return results


@lru_cache(maxsize=64)
def _constants(
    pixel: np.dtype[Any], background: np.dtype[Any], divides: bool
) -> tuple[Any, ...] | None:
    """Return a zero of the dtype to compute in, behind the least divisor; None for uncommon dtypes."""
    if not all(dtype.char in NUMBERS and dtype.isnative for dtype in (pixel, background)):
        return None
    zero = float_for(pixel, background, divides)(0)
    least = LEAST_OF_FLOATS if pixel.kind == "f" else LEAST_OF_INTEGERS
    return (background.type(least), zero) if divides else (zero,)


def _flat(images: Array) -> Array:
    return as_source((images.view(np.uint8) if images.dtype.kind == "b" else images).ravel())


@jit
def _subtract(pixels: Any, background: Any, zero: Any, results: Any) -> None:
    for i in range(len(results)):
        # Less a zero of a dtype, a number is of that dtype.
        pixel, ground = pixels[i] - zero, background[i] - zero
        results[i] = pixel - ground if pixel - pixel == 0 else pixel


@jit
def _divide(pixels: Any, background: Any, least: Any, zero: Any, results: Any) -> None:
    for i in range(len(results)):
        pixel = pixels[i] - zero
        divisor = (least if background[i] < least else background[i]) - zero
        results[i] = pixel / divisor if pixel - pixel == 0 else pixel
