"""Gaussian smoothing of planes, some rows at a time, twin of `skmask._kernels.local.gaussian`.

A band of rows is converted to floats, with as many rows around it as the kernel reaches. Weighted sums of
rows of the band get margins, and weighted sums of their columns are rows of the result. By a kernel of three
rows and three columns::

    image        band         sums down       sums across

                 o o o
    o o o        o o o        o o o o o          o o o
    o o o        o o o        o o o o o          o o o
    o o o        o o o

Sums run in the order of `skmask._kernels.local.smoothing`, so that they have the same bits.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, IntArray, Work
from skmask._kernels.compiled.jit import find_memory, inlined, jit
from skmask._kernels.compiled.local.planes import are_plain, plain
from skmask._kernels.compiled.vectors import (
    VECTOR_BYTES,
    add,
    load,
    multiply,
    n_lanes,
    repeat,
    store,
)
from skmask._kernels.local.gaussian import gaussian_taps_of
from skmask._kernels.local.smoothing import Taps
from skmask._kernels.local.windows import mirrored

# Rows of a band, and columns of one, at least.
_BAND, _WIDTH = 64, 512

# Bytes of sums that are found at a time.
_SUMS = 1 << 16


class Plan(NamedTuple):
    """Arrays that a workspace is made of for images of a shape; few, as each makes a call longer.

    Attributes
    ----------
    numbers : ndarray of int
        Sizes of the workspace, how many weights there are down, and then its rows and columns.
    weights : ndarray
        Weights down and across.
    n_words : int
        Size of the memory, in words of 64 bits.
    """

    numbers: IntArray
    weights: Array
    n_words: int

    def find_memory(self) -> Array:
        """Return memory of this thread for the work."""
        return find_memory(self.n_words).view(self.weights.dtype)


class Workspace(NamedTuple):
    """Sizes of the steps, and memory, for the work on images of a shape.

    Attributes
    ----------
    down, across : ndarray
        Weights along both axes, from the center on.
    rows, columns : ndarray of int
        Where the pixels of mirrored images lie.
    strip : int
        Columns that are done at a time.
    n_rows, n_band : int
        Rows of the result that are done at a time, and that follow from a band.
    length, apart : int
        Pixels from one row to the next, of the band and of the sums down.
    start : int
        Where the first column of a strip is in a row of the sums down.
    band, sums, smoothed : ndarray
        Memory for the band, the sums down and the result.
    """

    down: Array
    across: Array
    rows: Array
    columns: Array
    strip: int
    n_rows: int
    n_band: int
    length: int
    apart: int
    start: int
    band: Array
    sums: Array
    smoothed: Array


def gaussian_smooth(
    image_shape: tuple[int, ...], dtype: np.dtype[Any], sigmas: Sequence[float]
) -> Work:
    """Plan Gaussian smoothing of planes."""
    if not are_plain(image_shape, dtype):
        return NotImplemented
    plan = plan_smoothing(image_shape, tuple(gaussian_taps_of(image_shape, sigmas)), np.float32)

    def work(images: Array) -> Array:
        smoothed = np.empty(images.shape, np.float32)
        given = plan.numbers, plan.weights, plan.find_memory()
        return smoothed if _smooth(plain(images), *given, smoothed) else NotImplemented

    return work


@lru_cache(maxsize=64)
def plan_smoothing(shape: tuple[int, ...], taps: tuple[Taps, ...], dtype: Any) -> Plan:
    """Plan the work on images of a shape, with taps for both axes, in a dtype of floats."""
    height, width = shape
    down, across = (np.array(halves, dtype) for halves, _ in taps)
    reach, margin = len(down) - 1, len(across) - 1
    n_strips = -(-width // max(_WIDTH, 4 * margin))
    strip = -(-width // n_strips)
    two = 2 * VECTOR_BYTES // down.itemsize  # vectors, of which rows of sums are whole numbers
    length = _odd(min(strip + 2 * margin, width), two)
    # The first column of a strip begins a vector.
    start = -(-margin // two) * two
    apart = _odd(start + max(length, strip + margin), two)
    n_rows = max(_SUMS // (apart * down.itemsize) // 2, 1) * 2
    n_band = -(-_BAND // n_rows) * n_rows
    # The last vectors of a row reach into the next one.
    n_in_band, n_in_sums = (n_band + 2 * reach) * length, n_rows * apart + 2 * two
    n_items = n_in_band + n_in_sums + n_rows * strip + 2 * two
    sizes = strip, n_rows, n_band, length, apart, start, n_in_band, n_in_sums, len(down)
    positions = mirrored(height, reach), mirrored(width, margin)
    n_bytes = n_items * down.itemsize + VECTOR_BYTES
    return Plan(np.concatenate([sizes, *positions]), np.concatenate([down, across]), n_bytes // 8)


@inlined
def workspace(numbers: Any, weights: Any, memory: Any, height: int) -> Any:
    """Return the workspace of a plan for images of a height."""
    strip, n_rows, n_band, length, apart, start, n_in_band, n_in_sums, n_down = (
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7],
        numbers[8],
    )
    last_row = 9 + height + 2 * (n_down - 1)
    work = memory[-memory.ctypes.data % VECTOR_BYTES // memory.itemsize :]
    return Workspace(
        weights[:n_down],
        weights[n_down:],
        numbers[9:last_row],
        numbers[last_row:],
        strip,
        n_rows,
        n_band,
        length,
        apart,
        start,
        work[:n_in_band],
        work[n_in_band : n_in_band + n_in_sums],
        work[n_in_band + n_in_sums :],
    )


def _odd(n: int, unit: int) -> int:
    """Round up to an odd number of units, whose multiples do not meet in the cache."""
    return (-(-n // unit) | 1) * unit


@jit
def _smooth(images: Any, numbers: Any, weights: Any, memory: Any, smoothed: Any) -> bool:
    n, height, width = images.shape
    space = workspace(numbers, weights, memory, height)
    for i in range(n):
        for first in range(0, width, space.strip):
            last = min(first + space.strip, width)
            for y in range(0, height, space.n_rows):
                if not smooth_rows(images, i, y, first, last, space):
                    return False
                for k in range(min(space.n_rows, height - y)):
                    row = space.smoothed[k * space.strip :]
                    target = smoothed[i, y + k, first:last]
                    for x in range(len(target)):
                        target[x] = row[x]
    return True


@inlined
def smooth_rows(images: Any, i: int, y: int, first: int, last: int, space: Any) -> bool:
    """Smooth some rows of a strip of an image; return whether its pixels are finite."""
    height, width = images.shape[1:]
    margin = len(space.across) - 1
    start, stop = max(first - margin, 0), min(last + margin, width)
    at = y % space.n_band
    if at == 0 and not _fill_band(images, i, y, start, stop, space):
        return False
    column_0 = space.start - first  # where the first column of the image would be
    _sum_down(space, at, column_0 + start)
    n_rows = min(space.n_rows, height - y)
    # What is written last cannot be read as a part of a vector soon: all margins come before.
    for k in range(n_rows):
        row = column_0 + k * space.apart
        for x in range(first - margin, start):
            space.sums[row + x] = space.sums[row + space.columns[x + margin]]
        for x in range(stop, last + margin):
            space.sums[row + x] = space.sums[row + space.columns[x + margin]]
    for k in range(n_rows):
        _sum_across(space, k, last - first)
    return True


@jit
def _fill_band(images: Any, i: int, y: int, start: int, stop: int, space: Any) -> bool:
    """Convert rows of an image; return whether all numbers are finite."""
    bad = False
    for k in range(min(len(space.rows) - y, space.n_band + 2 * len(space.down) - 2)):
        row, target = images[i, space.rows[y + k], start:stop], space.band[k * space.length :]
        for x in range(len(row)):
            target[x] = row[x]
            bad |= target[x] - target[x] != 0
    return not bad


@jit
def _sum_down(space: Any, at: int, to: int) -> None:
    """Sum up rows of the band by their weights, near ones first, two columns of vectors at a time.

    Two rows of the result take the same rows of the band, one after the other.
    """
    band, sums, length, n = space.band, space.sums, space.length, n_lanes(space.band)
    for x in range(0, length, 2 * n):
        for k in range(0, space.n_rows, 2):
            center = (at + k + len(space.down) - 1) * length + x
            weight = repeat(space.down[0])
            above_a, above_b = load(band, center), load(band, center + n)
            below_a, below_b = load(band, center + length), load(band, center + length + n)
            upper_a, upper_b = multiply(above_a, weight), multiply(above_b, weight)
            lower_a, lower_b = multiply(below_a, weight), multiply(below_b, weight)
            top, bottom = center - length, center + 2 * length
            for i in range(1, len(space.down)):
                weight = repeat(space.down[i])
                top_a, top_b = load(band, top), load(band, top + n)
                bottom_a, bottom_b = load(band, bottom), load(band, bottom + n)
                upper_a = add(upper_a, multiply(add(top_a, below_a), weight))
                upper_b = add(upper_b, multiply(add(top_b, below_b), weight))
                lower_a = add(lower_a, multiply(add(above_a, bottom_a), weight))
                lower_b = add(lower_b, multiply(add(above_b, bottom_b), weight))
                above_a, above_b, below_a, below_b = top_a, top_b, bottom_a, bottom_b
                top, bottom = top - length, bottom + length
            row = to + k * space.apart + x
            store(sums, row, upper_a)
            store(sums, row + n, upper_b)
            store(sums, row + space.apart, lower_a)
            store(sums, row + space.apart + n, lower_b)


@jit
def _sum_across(space: Any, k: int, count: int) -> None:
    """Sum up neighbors in a row of sums by their weights, near ones first, four vectors at a time."""
    sums, smoothed, n = space.sums, space.smoothed, n_lanes(space.sums)
    row = space.start + k * space.apart
    for begin in range(0, count, 4 * n):
        x = max(min(begin, count - 4 * n), 0)
        weight = repeat(space.across[0])
        left = right = row + x
        a, b = multiply(load(sums, left), weight), multiply(load(sums, left + n), weight)
        c, d = (
            multiply(load(sums, left + 2 * n), weight),
            multiply(load(sums, left + 3 * n), weight),
        )
        for i in range(1, len(space.across)):
            weight = repeat(space.across[i])
            left, right = left - 1, right + 1
            a = add(a, multiply(add(load(sums, left), load(sums, right)), weight))
            b = add(b, multiply(add(load(sums, left + n), load(sums, right + n)), weight))
            c = add(c, multiply(add(load(sums, left + 2 * n), load(sums, right + 2 * n)), weight))
            d = add(d, multiply(add(load(sums, left + 3 * n), load(sums, right + 3 * n)), weight))
        to = k * space.strip + x
        store(smoothed, to, a)
        store(smoothed, to + n, b)
        store(smoothed, to + 2 * n, c)
        store(smoothed, to + 3 * n, d)
