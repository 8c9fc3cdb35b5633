"""Twin of `skmask._kernels.local.backgrounds`: pixels are converted, subtracted and written in one pass."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.compiled.jit import as_source, jit
from skmask._kernels.local.backgrounds import LEAST_OF_FLOATS, LEAST_OF_INTEGERS, float_for

# Booleans, integers and floats of 8 to 64 bits.
_NUMBERS = frozenset("?bBhHiIlLqQfd")


def remove_background(
    images: Array, background: Array, results: Float32Array, *, divides: bool
) -> Float32Array:
    """Write images less their background, or divided by it, into results."""
    if not (_is_common(images.dtype) and _is_common(background.dtype)):
        return NotImplemented
    zero = float_for(images.dtype, background.dtype, divides)(0)
    arrays = _flat(images), _flat(background)
    if divides:
        is_float = images.dtype.kind == "f"
        least = background.dtype.type(LEAST_OF_FLOATS if is_float else LEAST_OF_INTEGERS)
        _divide(*arrays, least, zero, results.reshape(-1))
    else:
        _subtract(*arrays, zero, results.reshape(-1))
    return results


def _is_common(dtype: np.dtype[Any]) -> bool:
    return dtype.char in _NUMBERS and dtype.isnative


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
