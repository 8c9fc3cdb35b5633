"""Subtraction of backgrounds, and division by them, in the floats that are large enough."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array, Work
from skmask._kernels.compiled import has_planned_twin, has_twin
from skmask._kernels.local.extremes import open_gray

# The least divisors of integers and of floats.
LEAST_OF_INTEGERS, LEAST_OF_FLOATS = 1, 1e-6

# Pixels that are worked on together: enough to make calls cheap, few enough for memory.
_CHUNK = 1 << 20


@has_planned_twin("local.backgrounds")
def top_hat(images: Array, radii: Sequence[float], *, dark: bool = False) -> Float32Array:
    """Return images less what `skmask._kernels.local.extremes.open_gray` makes of them."""
    find = partial(open_gray, radii=radii, dark=dark)
    return without_background(images, find=find, divides=False)


def without_background(images: Array, *, find: Work, divides: bool) -> Float32Array:
    """Return images less the backgrounds that a function finds, or divided by them."""

    def remove(part: Array, results: Float32Array) -> None:
        remove_background(part, find(part), results, divides=divides)

    return in_chunks(remove, images)


def in_chunks(run: Callable[[Array, Float32Array], None], images: Array) -> Float32Array:
    """Return what a function writes for some images at a time."""
    results = np.empty(images.shape, np.float32)
    if images.size <= _CHUNK:
        run(images, results)
        return results
    step = max(1, _CHUNK // images[:1].size)
    for first in range(0, len(images), step):
        part = slice(first, first + step)
        run(images[part], results[part])
    return results


@has_twin("local.backgrounds")
def remove_background(
    images: Array, background: Array, results: Float32Array, *, divides: bool
) -> Float32Array:
    """Write images less their background, or divided by it, into results, and return these.

    Pixels that are not finite stay what they are.
    """
    is_float = images.dtype.kind == "f"
    operate: np.ufunc = np.divide if divides else np.subtract
    if divides:
        background = np.maximum(background, LEAST_OF_FLOATS if is_float else LEAST_OF_INTEGERS)
    dtype = float_for(images.dtype, background.dtype, divides)
    with np.errstate(over="ignore", invalid="ignore"):
        operate(images, background, out=results, dtype=dtype, casting="unsafe")
        if is_float:
            is_finite = np.isfinite(images)
            if not is_finite.all():
                np.copyto(results, images, where=~is_finite, casting="unsafe")
    return results


def float_for(
    pixel: np.dtype[Any], background: np.dtype[Any], divides: bool
) -> type[np.floating[Any]]:
    """Return the dtype to compute in.

    If float32 holds both exactly, float64 gives the same after rounding, except for quotients that are too
    small for normal numbers.
    """
    is_exact = np.can_cast(pixel, np.float32) and np.can_cast(background, np.float32)
    return np.float32 if is_exact and not (divides and pixel.kind == "f") else np.float64
