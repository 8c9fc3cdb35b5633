"""Pixels compared with means of the windows around them, which slide, twin of the method "mean".

Every column has the sum of its pixels in the window, of which one enters and one leaves from row to row. With
the sums of all columns up to each, the sum of a window is a difference of two of them::

    columns   3 1 4 1 5         window of the last three: 10
    up to   0 3 4 8 9 14                                = 14 - 4

Sums of integers lose nothing in this, and go beyond their range and come back. Floats are integers, too, by
`skmask._kernels.local.units`.
"""

from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, IntArray, Work
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.compiled.local.planes import plain, plain_dtype
from skmask._kernels.compiled.local.units import find_units, in_units, units_in
from skmask._kernels.compiled.vectors import (
    VECTOR_BYTES,
    add,
    load,
    n_lanes,
    repeat,
    repeat_last,
    store,
    sums_up_to,
)
from skmask._kernels.local.units import MOST_PIXELS
from skmask._kernels.local.windows import Window, mirrored

# Offsets up to here are far from where the digits of doubles end.
_MOST_OFFSET = 2**20


def plan_means(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    window: Window,
    offset: float,
    is_dark: bool,
    again: Work,
) -> Work:
    """Plan comparisons of the pixels of planes with means; `again` takes images that do not fit units."""
    positions = find_sources(image_shape, window)
    if dtype.kind != "f" and dtype.itemsize <= 2:
        numbers = _plan(plain_dtype(dtype), window, positions, offset, is_dark)

        def compare(images: Array) -> BoolArray:
            mask = np.empty(images.shape, np.bool_)
            _compare(plain(images), numbers, offset, mask)
            return mask

        return compare
    if prod(window) > MOST_PIXELS:
        return NotImplemented

    def compare_in_units(images: Array) -> BoolArray:
        mask, pixels = np.empty(images.shape, np.bool_), plain(images)
        n_fitting = _compare_in_units(pixels, positions, offset, is_dark, mask)
        if n_fitting == 0:
            return NotImplemented
        if n_fitting < len(images):
            others = ~units_in(pixels).fits
            mask[others] = again(images[others])
        return mask

    return compare_in_units


def _plan(
    dtype: np.dtype[Any], window: Window, positions: IntArray, offset: float, is_dark: bool
) -> IntArray:
    """Return whole numbers of a comparison, and positions behind them: one array makes a call short."""
    limits, n = np.iinfo(dtype), window[0] * window[1]
    # A pixel is above the mean less a whole number if n times their sum is above the sum of the window.
    is_whole = offset.is_integer() and abs(offset) <= _MOST_OFFSET
    greatest = max(limits.max, -limits.min) + (abs(int(offset)) if is_whole else 0)
    total = np.int32 if n * greatest < 2**31 else np.int64
    shift = n * int(offset) if is_whole else 0
    whole = np.array([n, shift, is_whole, is_dark, limits.min], total)
    return np.concatenate([whole, positions.astype(total)])


@lru_cache(maxsize=64)
def find_sources(shape: tuple[int, ...], window: Window, border: str = "symmetric") -> IntArray:
    """Return the window and where the pixels of mirrored images lie, along both axes, as one array."""
    positions = (
        mirrored(size, length // 2, border) for size, length in zip(shape, window, strict=True)
    )
    return np.concatenate([window, *positions])


@jit
def _compare(images: Any, numbers: Any, offset: float, mask: Any) -> None:
    n, shift, is_whole, is_dark = numbers[0], numbers[1], numbers[2] != 0, numbers[3] != 0
    count, lowest = float(n), float(numbers[4])
    of_lowest = count * lowest
    height, width, rows, columns = split_sources(numbers[5:], images.shape[1])
    sums = np.empty(images.shape[2] + VECTOR_BYTES, numbers.dtype)
    up_to = np.empty(len(columns) + VECTOR_BYTES, sums.dtype)
    number = sums.dtype.type
    for i in range(images.shape[0]):
        sums[:] = 0
        for y in range(height - 1):
            row = images[i, rows[y]]
            for x in range(len(row)):
                sums[x] += row[x]
        for y in range(images.shape[1]):
            entering = images[i, rows[y + height - 1]]
            for x in range(len(entering)):
                sums[x] += entering[x]
            add_up(sums, columns, width // 2, up_to)
            # Sums that were written just now could not be read as parts of vectors yet.
            leaving = images[i, rows[y]]
            for x in range(len(leaving)):
                sums[x] -= leaving[x]
            row, out, end = images[i, y], mask[i, y], up_to[width:]
            if is_whole:
                for x in range(len(row)):
                    above = number(number(row[x]) * n) + shift
                    out[x] = (above > number(end[x] - up_to[x])) != is_dark
            else:
                for x in range(len(row)):
                    mean = (number(end[x] - up_to[x]) - of_lowest) / count + lowest
                    out[x] = (row[x] > mean - offset) != is_dark


@jit
def _compare_in_units(images: Any, positions: Any, offset: float, is_dark: bool, mask: Any) -> int:
    """Compare pixels of images that fit units; return how many do."""
    height, width, rows, columns = split_sources(positions, images.shape[1])
    count = float(height * width)
    sums = np.empty(images.shape[2] + VECTOR_BYTES, np.int64)
    up_to = np.empty(len(columns) + VECTOR_BYTES, np.int64)
    n_fitting = 0
    for i in range(images.shape[0]):
        origin, scale, fits = find_units(images[i].reshape(-1))
        if not fits:
            continue
        n_fitting += 1
        unit = 1 / scale
        sums[:] = 0
        for y in range(height - 1):
            entering = images[i, rows[y]]
            for x in range(len(entering)):
                sums[x] += in_units(entering[x], origin, scale)
        for y in range(images.shape[1]):
            entering = images[i, rows[y + height - 1]]
            for x in range(len(entering)):
                sums[x] += in_units(entering[x], origin, scale)
            add_up(sums, columns, width // 2, up_to)
            leaving = images[i, rows[y]]
            for x in range(len(leaving)):
                sums[x] -= in_units(leaving[x], origin, scale)
            row, out, end = images[i, y], mask[i, y], up_to[width:]
            for x in range(len(row)):
                # The steps of the other engine, one by one.
                mean = (float(end[x] - up_to[x]) / count + 1) * unit + origin
                out[x] = (row[x] > mean - offset) != is_dark
    return n_fitting


@inlined
def split_sources(positions: Any, n_rows: int) -> Any:
    """Return the height and the width of the window, and where rows and columns lie."""
    height, width = positions[0], positions[1]
    first_column = 2 + n_rows + height - 1
    return height, width, positions[2:first_column], positions[first_column:]


@inlined
def add_up(sums: Any, columns: Any, margin: int, up_to: Any) -> None:
    """Put the sum of all columns before each, with those beyond the ends of a row, into an array.

    Both arrays are longer by a vector.
    """
    size, number, total = len(columns) - 2 * margin, sums.dtype.type, sums[0] - sums[0]
    for x in range(margin):
        up_to[x] = total
        total += sums[columns[x]]
    inner = up_to[margin:]
    if size < 4 * n_lanes(sums):
        for x in range(size):
            inner[x] = total
            total += sums[x]
    else:
        before = repeat(number(total))
        inner[0] = total
        for x in range(0, size, n_lanes(sums)):
            vector = sums_up_to(load(sums, x))
            store(inner, x + 1, add(before, vector))
            before = add(before, repeat_last(vector))
        total = inner[size]
    for x in range(margin + size, len(columns)):
        up_to[x] = total
        total += sums[columns[x]]
    up_to[len(columns)] = total
