"""Pixels compared with means and standard deviations of windows, twin of Niblack's and Sauvola's methods.

Sums of integers of up to 16 bits, and of their squares, slide as in `skmask._kernels.compiled.local.means`.
Other numbers become doubles, whose sums are put together from runs of 1, 2, 4, ... pixels, in the order of
`skmask._kernels.local.windows`, so that they have the same bits. Columns of the width of a vector are summed
up first, and then rows; both stay in the first-level cache.
"""

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Work
from skmask._kernels.compiled.jit import find_memory, inlined, jit
from skmask._kernels.compiled.local.means import add_up, find_sources, split_sources
from skmask._kernels.compiled.local.planes import plain, plain_dtype
from skmask._kernels.compiled.local.units import ends_of
from skmask._kernels.compiled.vectors import (
    VECTOR_BYTES,
    add,
    load,
    multiply,
    n_lanes,
    repeat,
    store,
)
from skmask._kernels.local.windows import ROUNDING, Block, Window, blocks

# Numbers of rows that are summed up across at a time, at least one row.
_LINE = 1024

_LANES = VECTOR_BYTES // 8


def plan_deviations(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    window: Window,
    find_scale: Callable[[Array], FloatArray],
    k: float,
    is_sauvola: bool,
    offset: float,
    is_dark: bool,
) -> Work:
    """Plan comparisons of the pixels of planes with thresholds from means and deviations."""
    positions = find_sources(image_shape, window, "reflect")
    numbers = np.array([k, offset, is_sauvola, is_dark])
    if dtype.kind != "f" and dtype.itemsize <= 2:
        lowest = int(np.iinfo(plain_dtype(dtype)).min)

        def compare(images: Array) -> BoolArray:
            mask = np.empty(images.shape, np.bool_)
            _compare_integers(plain(images), positions, find_scale(images), lowest, numbers, mask)
            return mask

        return compare
    n_columns = image_shape[1] + window[1] - 1
    if n_columns < _LANES:
        return NotImplemented

    def compare_floats(images: Array) -> BoolArray:
        mask, pixels, scale = np.empty(images.shape, np.bool_), plain(images), find_scale(images)
        for samples, band in _blocks(images.shape, window):
            part, top, n_rows = pixels[samples], band.start, band.stop - band.start
            shape = len(part), n_rows + window[0] - 1, n_columns
            n_values, n_sums = prod(shape), n_rows * n_columns
            n_work = max(2 * shape[1] * _LANES, 3 * (max(n_columns, _LINE) + 3 * _LANES))
            memory = find_memory(n_values + 2 * n_sums + n_work + _LANES).view(np.float64)
            values, rest = memory[:n_values].reshape(shape), memory[n_values:]
            _fill(part, positions, top, values)
            with np.errstate(invalid="ignore", over="ignore"):
                totals = np.add.reduce(values.reshape(len(part), -1), axis=1)
            own = np.ascontiguousarray(scale[:, samples]) if scale.shape[1] > 1 else scale
            given = part, top, positions, values, totals, own, numbers, rest, mask[samples]
            if not _compare_block(*given):
                return NotImplemented
        return mask

    return compare_floats


@lru_cache(maxsize=64)
def _blocks(shape: tuple[int, ...], window: Window) -> list[Block]:
    return list(blocks(shape, window))


@inlined
def _threshold(mean: Any, sd: Any, k: float, low: float, radius: float, is_sauvola: bool) -> Any:
    # The steps of the other engine, one by one.
    threshold = mean - k * sd
    if is_sauvola:
        threshold = low + (mean - low) * (1 + k * (sd / radius - 1))
    return threshold


@inlined
def _split(numbers: Any) -> Any:
    """Return k, the offset, whether thresholds are Sauvola's, and whether objects are dark."""
    return numbers[0], numbers[1], numbers[2] != 0, numbers[3] != 0


@inlined
def _scale_of(scale: Any, i: int) -> Any:
    """Return `low` and R of an image; they may be the same for all."""
    column = min(i, scale.shape[1] - 1)
    return scale[0, column], scale[1, column]


@jit
def _compare_integers(
    images: Any, positions: Any, scale: Any, lowest: int, numbers: Any, mask: Any
) -> None:
    k, offset, is_sauvola, is_dark = _split(numbers)
    height, width, rows, columns = split_sources(positions, images.shape[1])
    count, origin = float(height * width), float(lowest)
    # Each is longer by a vector.
    n_sums, n_up_to = images.shape[2] + VECTOR_BYTES, len(columns) + VECTOR_BYTES
    sums, squares = np.empty(n_sums, np.int64), np.empty(n_sums, np.int64)
    up_to, squares_up_to = np.empty(n_up_to, np.int64), np.empty(n_up_to, np.int64)
    for i in range(images.shape[0]):
        low, radius = _scale_of(scale, i)
        sums[:], squares[:] = 0, 0
        for y in range(height - 1):
            _add_squares(images[i, rows[y]], lowest, sums, squares)
        for y in range(images.shape[1]):
            _add_squares(images[i, rows[y + height - 1]], lowest, sums, squares)
            add_up(sums, columns, width // 2, up_to)
            add_up(squares, columns, width // 2, squares_up_to)
            leaving = images[i, rows[y]]
            for x in range(len(leaving)):
                value = np.int64(leaving[x]) - lowest
                sums[x] -= value
                squares[x] -= value * value
            row, out = images[i, y], mask[i, y]
            end, squares_end = up_to[width:], squares_up_to[width:]
            for x in range(len(row)):
                # The steps of the other engine, one by one.
                total = float(end[x] - up_to[x])
                variance = float(squares_end[x] - squares_up_to[x]) * count - total * total
                sd = np.sqrt(variance if variance > 0 else 0.0) / count
                mean = total / count + origin
                threshold = _threshold(mean, sd, k, low, radius, is_sauvola)
                out[x] = (row[x] > threshold - offset) != is_dark


@inlined
def _add_squares(row: Any, lowest: int, sums: Any, squares: Any) -> None:
    for x in range(len(row)):
        value = np.int64(row[x]) - lowest
        sums[x] += value
        squares[x] += value * value


@jit
def _fill(images: Any, positions: Any, top: int, values: Any) -> None:
    """Convert the rows of a block, from the row `top` on, mirrored."""
    n, n_rows, n_columns = values.shape
    _, _, rows, columns = split_sources(positions, images.shape[1])
    for i in range(n):
        for y in range(n_rows):
            row, out = images[i, rows[top + y]], values[i, y]
            for x in range(n_columns):
                out[x] = row[columns[x]]


@jit
def _compare_block(
    images: Any,
    top: int,
    positions: Any,
    values: Any,
    totals: Any,
    scale: Any,
    numbers: Any,
    memory: Any,
    mask: Any,
) -> bool:
    """Compare pixels with thresholds from a block of values, whose row 0 is the image's `top`.

    Return False if some are not finite.
    """
    k, offset, is_sauvola, is_dark = _split(numbers)
    height, length, _, columns = split_sources(positions, images.shape[1])
    n, n_rows, size = len(values), values.shape[1] - height + 1, values.shape[2]
    count, n_values, n_sums = float(height * length), values.shape[1] * size, n_rows * size
    flat = values.reshape(-1)
    # Images that are narrower than a vector have no margin of their own.
    margin = length // 2 if images.shape[2] >= n_lanes(flat) else 0
    # So many rows at a time that what is written is read a while later.
    step = min(max(_LINE // size, 1), n_rows)
    work = memory[2 * n_sums :]
    work = work[-work.ctypes.data % VECTOR_BYTES // work.itemsize :]
    enough = -(-step * size // n_lanes(flat) - 2) * n_lanes(flat)
    runs, ends, seconds = work[:enough], work[enough : 2 * enough], work[2 * enough :]
    for i in range(n):
        block = flat[i * n_values : (i + 1) * n_values]
        # A sum is finite only if all pixels are.
        if not np.isfinite(totals[i]):
            return False
        origin = totals[i] / n_values
        least, most, _ = ends_of(block)
        greatest = max(most - origin, origin - least)
        largest = count * greatest
        limit = 2 * ROUNDING * (largest * largest)
        # A function is compiled once for each literal that it is given, and once for a variable.
        for is_squared in (False, True):
            to = memory[is_squared * n_sums :]
            given = columns, margin, origin, is_squared, work, to
            _sum_down(block, values.shape[1], height, *given)
        origin += ROUNDING * greatest
        low, radius = _scale_of(scale, i)
        for first in range(0, n_rows, step):
            n_here = min(step, n_rows - first)
            _sum_across(memory[first * size :], n_here * size, length, runs, ends)
            _sum_across(memory[n_sums + first * size :], n_here * size, length, runs, seconds)
            for y in range(n_here):
                row, out = images[i, top + first + y], mask[i, top + first + y]
                total, second = ends[y * size :], seconds[y * size :]
                for x in range(len(row)):
                    variance = second[x] * count - total[x] * total[x]
                    sd = np.sqrt(0.0 if variance <= limit else variance) / count
                    mean = total[x] / count + origin
                    threshold = _threshold(mean, sd, k, low, radius, is_sauvola)
                    out[x] = (row[x] > threshold - offset) != is_dark
    return True


@jit
def _sum_across(sums: Any, size: int, length: int, runs: Any, totals: Any) -> None:
    """Sum up `length` numbers from each one on."""
    for x in range(size):
        runs[x] = totals[x] = sums[x]
    _add_runs(runs, totals, size, length, np.int64(1))


@jit
def _sum_down(
    values: Any,
    height: int,
    length: int,
    columns: Any,
    margin: int,
    origin: float,
    is_squared: bool,
    work: Any,
    sums: Any,
) -> None:
    """Sum up `length` pixels less the origin, or the squares of these, from each one down.

    Columns of a margin are those of the image again.
    """
    lanes, n_rows, width = n_lanes(values), height - length + 1, len(columns)
    runs, totals = work[: height * lanes], work[height * lanes :]
    less = repeat(-origin)
    end = width - margin
    for begin in range(margin, end, lanes):
        x = min(begin, end - lanes)
        for y in range(height):
            line = add(load(values, y * width + x), less)
            if is_squared:
                line = multiply(line, line)
            store(runs, y * lanes, line)
            store(totals, y * lanes, line)
        _add_runs(runs, totals, height, length, lanes)
        for y in range(n_rows):
            store(sums, y * width + x, load(totals, y * lanes))
    for y in range(n_rows):
        row = sums[y * width :]
        for x in range(margin):
            row[x] = row[margin + columns[x]]
        for x in range(end, width):
            row[x] = row[margin + columns[x]]


@jit
def _add_runs(runs: Any, totals: Any, size: int, length: int, apart: int) -> None:
    """Sum up `length` numbers from each one on, of `size` ones that lie `apart`; both arrays hold them."""
    lanes, run, covered = n_lanes(runs), 1, 1
    while covered < length:
        for x in range(0, (size - 2 * run + 1) * apart, lanes):
            store(runs, x, add(load(runs, x), load(runs, x + run * apart)))
        run *= 2
        if length & run:
            for x in range(0, (size - length + 1) * apart, lanes):
                store(totals, x, add(load(totals, x), load(runs, x + covered * apart)))
            covered += run
