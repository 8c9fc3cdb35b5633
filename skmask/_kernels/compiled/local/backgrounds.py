"""Twin of `skmask._kernels.local.backgrounds`: pixels are converted, subtracted and written in one pass."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array, Work
from skmask._kernels.compiled.jit import as_source, find_memory, inlined, jit
from skmask._kernels.compiled.local.extremes import coding
from skmask._kernels.compiled.local.planes import NUMBERS, are_plain, plain
from skmask._kernels.compiled.local.small_extremes import open_codes, plan_disk
from skmask._kernels.compiled.vectors import VECTOR_BYTES
from skmask._kernels.local.backgrounds import (
    LEAST_OF_FLOATS,
    LEAST_OF_INTEGERS,
    float_for,
    in_chunks,
    without_background,
)
from skmask._kernels.local.extremes import open_gray


def top_hat(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    radii: Sequence[float],
    *,
    dark: bool = False,
) -> Work:
    """Plan differences of images and their openings, of which those by small disks come in one call."""
    is_plain = are_plain(image_shape, dtype) and dtype.isnative
    plan = plan_disk(tuple(radii), image_shape, dtype.itemsize) if is_plain else None
    if plan is None:
        find = open_gray.plan(image_shape, dtype, radii, dark=dark)
        return partial(without_background, find=find, divides=False)
    numbers, n_words = plan
    _, codes, flip, infinity = coding(dtype, dark)
    zero = float_for(dtype, dtype, divides=False)(0)

    def subtract(images: Array, results: Float32Array) -> None:
        opened = np.empty(images.size + VECTOR_BYTES, codes)
        pixels, memory = plain(images).reshape(-1), find_memory(n_words).view(codes)
        given = pixels.view(codes), numbers, flip, infinity, memory, opened
        _run(pixels, *given, opened.view(pixels.dtype), zero, results.reshape(-1))

    return partial(in_chunks, subtract)


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
def _run(
    pixels: Any,
    codes: Any,
    numbers: Any,
    flip: int,
    infinity: int,
    memory: Any,
    opened: Any,
    background: Any,
    zero: Any,
    results: Any,
) -> None:
    """Write the opening of codes, which are the pixels as integers, and the pixels less that opening."""
    open_codes(codes, numbers, flip, infinity, memory, opened)
    _subtract_each(pixels, background, zero, results)


@jit
def _subtract(pixels: Any, background: Any, zero: Any, results: Any) -> None:
    _subtract_each(pixels, background, zero, results)


@inlined
def _subtract_each(pixels: Any, background: Any, zero: Any, results: Any) -> None:
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
