"""Twin of `skmask._kernels.local.units`: units are found in one call, and pixels rounded in one pass."""

import math
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import as_source, inlined, jit
from skmask._kernels.compiled.vectors import (
    first,
    from_the_right,
    has_marks,
    larger,
    load,
    mark_missing,
    n_lanes,
    repeat,
    smaller,
    zeros,
)
from skmask._kernels.local.units import BITS, LARGEST_RANGE, LEAST_RANGE, Units


def units_in(images: Array) -> Units:
    """Find the units of images from their lowest and highest pixels."""
    if not _is_common(images.dtype):
        return NotImplemented
    numbers = np.empty((2, len(images), *(1,) * (images.ndim - 1)))
    fits = np.empty(len(images), np.bool_)
    _find(_as_rows(images), numbers.reshape(2, -1), fits)
    return Units(numbers[0], numbers[1], fits)


def rounded(pixels: Array, units: Units) -> Int64Array:
    """Round pixels to integers, in units of their images."""
    if not _is_common(pixels.dtype):
        return NotImplemented
    integers, rows = np.empty(pixels.shape, np.int64), _as_rows(pixels)
    numbers = units.origin.reshape(-1), units.scale.reshape(-1)
    _round(rows, *numbers, integers.reshape(rows.shape))
    return integers


def _is_common(dtype: np.dtype[Any]) -> bool:
    return dtype.char in "iIlLqQfd" and dtype.isnative


def _as_rows(images: Array) -> Array:
    return as_source(np.ascontiguousarray(images).reshape(len(images), -1))


@inlined
def in_units(pixel: Any, origin: float, scale: float) -> Any:
    """Round a pixel to an integer."""
    return np.int64(np.rint((pixel - origin) * scale))


@jit
def _find(images: Any, numbers: Any, fits: Any) -> None:
    for i in range(len(images)):
        numbers[0, i], numbers[1, i], fits[i] = find_units(images[i])


@jit
def find_units(pixels: Any) -> Any:
    """Return the origin and the scale of an image, and whether its pixels fit."""
    low, high, is_finite = ends_of(pixels)
    origin, greatest = low / 2 + high / 2, high / 2 - low / 2
    is_usual = greatest == 0 or LEAST_RANGE <= greatest <= LARGEST_RANGE
    fits = is_finite and np.isfinite(origin) and is_usual
    exponent = math.frexp(greatest)[1] if fits else 0
    return origin, math.ldexp(0.5, BITS - exponent), fits


@jit
def ends_of(pixels: Any) -> Any:
    """Return the lowest and the highest of some pixels, and whether all are finite."""
    n = n_lanes(pixels)
    low = high = repeat(pixels[0])
    marks, in_vectors = zeros(pixels), len(pixels) // n * n
    for x in range(0, in_vectors, n):
        vector = load(pixels, x)
        low, high, marks = smaller(low, vector), larger(high, vector), mark_missing(marks, vector)
    for x in range(in_vectors, len(pixels)):
        vector = repeat(pixels[x])
        low, high, marks = smaller(low, vector), larger(high, vector), mark_missing(marks, vector)
    for _ in range(n):
        low, high = smaller(low, from_the_right(low)), larger(high, from_the_right(high))
    return float(first(low)), float(first(high)), not has_marks(marks)


@jit
def _round(pixels: Any, origins: Any, scales: Any, integers: Any) -> None:
    for i in range(len(pixels)):
        row, out, origin, scale = pixels[i], integers[i], origins[i], scales[i]
        for x in range(len(row)):
            out[x] = in_units(row[x], origin, scale)
