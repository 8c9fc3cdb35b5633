"""Pixels compared with means and standard deviations of windows, twin of Niblack's and Sauvola's methods.

Sums of integers of up to 16 bits, and of their squares, slide as in `skmask._kernels.compiled.local.means`.
Other numbers become doubles, whose sums are put together from runs of 1, 2, 4, ... pixels, in the order of
`skmask._kernels.local.windows`, so that they have the same bits. Columns of the width of a vector are summed
up first, and then rows; both stay in the first-level cache.
"""

from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray
from skmask._kernels.compiled.jit import aligned, inlined, jit
from skmask._kernels.compiled.local.means import add_up, find_sources, split_sources
from skmask._kernels.compiled.vectors import VECTOR_BYTES, add, load, multiply, n_lanes, store
from skmask._kernels.local.windows import ROUNDING, Window, blocks, subtract_mean


def compare_with_deviations(
    images: Array,
    window: Window,
    method: str,
    k: float,
    scale: tuple[FloatArray, FloatArray],
    offset: float,
    is_dark: bool,
    mask: BoolArray,
) -> bool:
    """Compare integers of up to 16 bits with their thresholds."""
    low, radius = (numbers.reshape(-1) for numbers in scale)
    numbers = k, offset, float(np.iinfo(images.dtype).min)
    positions = find_sources(images.shape[1:], window, "reflect")
    is_sauvola = method == "sauvola"
    _compare_integers(images, positions, low, radius, numbers, is_sauvola, is_dark, mask)
    return True


def compare_with_deviations_of_floats(
    images: Array,
    window: Window,
    method: str,
    k: float,
    scale: tuple[FloatArray, FloatArray],
    offset: float,
    is_dark: bool,
    mask: BoolArray,
) -> bool:
    """Compare pixels with their thresholds as doubles; return False if some are not finite."""
    height, width = window
    positions = find_sources(images.shape[1:], window, "reflect")
    rows, columns = np.split(positions[2:], [images.shape[1] + height - 1])
    if len(columns) < VECTOR_BYTES // 8:
        return False
    # Several pieces of memory would come from the operating system again in each call, page by page.
    memory = np.empty((3, 0))
    for samples, band in blocks(images.shape, window):
        part, out, top = images[samples], mask[samples], band.start
        n, n_rows = len(part), band.stop - top
        shape = n, n_rows + height - 1, len(columns)
        if memory.shape[1] < prod(shape):
            memory = np.empty((3, prod(shape)))
        values = memory[0, : prod(shape)].reshape(shape)
        sums, squares = (
            line[: n * n_rows * len(columns)].reshape(n, n_rows, -1) for line in memory[1:]
        )
        _fill(part, rows[top:], columns, values)
        with np.errstate(invalid="ignore", over="ignore"):
            origin, greatest, finite = subtract_mean(values)
            if finite is not None:
                return False
            count = float(prod(window))
            limits = 2 * ROUNDING * np.square(count * greatest)
            origin += ROUNDING * greatest
        for is_squared, target in enumerate((sums, squares)):
            flat = values.reshape(-1), *values.shape
            _sum_down(*flat, height, bool(is_squared), target.reshape(-1))
        per_image = [one.reshape(-1) for one in (origin, limits, *(of[samples] for of in scale))]
        numbers, flags = (count, k, offset), (method == "sauvola", is_dark)
        _compare_sums(part, top, sums, squares, width, *per_image, numbers, *flags, out)
    return True


@inlined
def _threshold(mean: Any, sd: Any, k: float, low: float, radius: float, is_sauvola: bool) -> Any:
    # The steps of the other engine, one by one.
    threshold = mean - k * sd
    if is_sauvola:
        threshold = low + (mean - low) * (1 + k * (sd / radius - 1))
    return threshold


@jit
def _compare_integers(
    images: Any,
    positions: Any,
    lows: Any,
    radii: Any,
    numbers: Any,
    is_sauvola: bool,
    is_dark: bool,
    mask: Any,
) -> None:
    k, offset, origin = numbers
    height, width, rows, columns = split_sources(positions, images.shape[1])
    count, lowest = float(height * width), np.int64(origin)
    sums, squares = np.empty((2, images.shape[2]), np.int64)
    up_to, squares_up_to = np.empty((2, len(columns) + 1), np.int64)
    for i in range(images.shape[0]):
        low, radius = lows[i], radii[i]
        sums[:], squares[:] = 0, 0
        for y in range(height - 1):
            _add_squares(images[i, rows[y]], lowest, sums, squares)
        for y in range(images.shape[1]):
            _add_squares(images[i, rows[y + height - 1]], lowest, sums, squares)
            add_up(sums, columns, up_to)
            add_up(squares, columns, squares_up_to)
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
            leaving = images[i, rows[y]]
            for x in range(len(sums)):
                value = np.int64(leaving[x]) - lowest
                sums[x] -= value
                squares[x] -= value * value


@inlined
def _add_squares(row: Any, lowest: int, sums: Any, squares: Any) -> None:
    for x in range(len(sums)):
        value = np.int64(row[x]) - lowest
        sums[x] += value
        squares[x] += value * value


@jit
def _fill(images: Any, rows: Any, columns: Any, values: Any) -> None:
    """Convert the rows of a block, mirrored."""
    n, height, width = values.shape
    for i in range(n):
        for y in range(height):
            row, out = images[i, rows[y]], values[i, y]
            for x in range(width):
                out[x] = row[columns[x]]


@jit
def _sum_down(
    values: Any, n: int, height: int, width: int, length: int, is_squared: bool, sums: Any
) -> None:
    """Sum up `length` pixels, or their squares, from each one down."""
    lanes, n_rows = n_lanes(values), height - length + 1
    runs, totals = aligned(height * lanes, np.float64), aligned(height * lanes, np.float64)
    for i in range(n):
        for begin in range(0, width, lanes):
            x = min(begin, width - lanes)
            for y in range(height):
                line = load(values, (i * height + y) * width + x)
                if is_squared:
                    line = multiply(line, line)
                store(runs, y * lanes, line)
                store(totals, y * lanes, line)
            _add_runs(runs, totals, height, length, lanes)
            for y in range(n_rows):
                store(sums, (i * n_rows + y) * width + x, load(totals, y * lanes))


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


@jit
def _compare_sums(
    images: Any,
    top: int,
    sums: Any,
    squares: Any,
    length: int,
    origins: Any,
    limits: Any,
    lows: Any,
    radii: Any,
    numbers: Any,
    is_sauvola: bool,
    is_dark: bool,
    mask: Any,
) -> None:
    """Sum up across, and compare pixels with thresholds from these sums, from the row `top` on."""
    count, k, offset = numbers
    n, n_rows, size = sums.shape
    enough = size + 2 * n_lanes(sums[0, 0])
    runs, totals, seconds = (
        aligned(enough, np.float64),
        aligned(enough, np.float64),
        aligned(enough, np.float64),
    )
    for i in range(n):
        origin, limit, low, radius = origins[i], limits[i], lows[i], radii[i]
        for y in range(n_rows):
            for line, target in ((sums[i, y], totals), (squares[i, y], seconds)):
                for x in range(size):
                    runs[x] = target[x] = line[x]
                _add_runs(runs, target, size, length, 1)
            row, out = images[i, top + y], mask[i, top + y]
            for x in range(len(row)):
                variance = seconds[x] * count - totals[x] * totals[x]
                sd = np.sqrt(0.0 if variance <= limit else variance) / count
                threshold = _threshold(totals[x] / count + origin, sd, k, low, radius, is_sauvola)
                out[x] = (row[x] > threshold - offset) != is_dark
