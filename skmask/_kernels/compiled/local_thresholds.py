"""Twin of `skmask._kernels.local.thresholds`: pixels are compared with means as those are found.

Every column has the sum of its pixels in the window, of which one enters and one leaves from row to row. With
the sums of all columns up to each, the sum of a window is a difference of two of them::

    columns   3 1 4 1 5         window of the last three: 10
    up to   0 3 4 8 9 14                                = 14 - 4

Sums of integers lose nothing in this, and go beyond their range and come back. Floats are integers, too, by
`skmask._kernels.local.units`.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray
from skmask._kernels.compiled.gaussian import plain_planes, smooth_rows, workspace
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.local.gaussian import TRUNCATE
from skmask._kernels.local.smoothing import gaussian_taps, reach_of
from skmask._kernels.local.thresholds import DEFAULT_K, is_wide, scale_of
from skmask._kernels.local.units import Units
from skmask._kernels.local.windows import ROUNDING, Window, mirrored

# Offsets up to here are far from where the digits of doubles end.
_MOST_OFFSET = 2**20

# Wider kernels take longer than cosine transforms.
_MOST_REACH = 100


def compare(
    images: Array,
    units: Units | None,
    method: str,
    window: Window,
    k: float | None,
    offset: float,
    value_range: tuple[float, float] | None,
    foreground: str,
) -> BoolArray:
    """Compare every pixel with its local threshold."""
    pixels, numbers = plain_planes(images), (float(offset), foreground == "dark")
    if pixels is None:
        return NotImplemented
    mask, is_done = np.empty(images.shape, np.bool_), False
    if method in ("niblack", "sauvola") and _is_short(pixels):
        scale = scale_of(images, method, window, value_range)
        weight = float(DEFAULT_K[method] if k is None else k)  # type: ignore[arg-type]
        is_done = _above_mean_and_sd(pixels, window, *numbers, mask, scale, weight, method)
    elif method == "mean" and _is_short(pixels):
        is_done = _above_mean(pixels, window, *numbers, mask)
    elif method == "mean" and units is not None:
        is_done = _above_mean_in_units(pixels, units, window, *numbers, mask)
    elif method == "gaussian":
        is_done = _above_gaussian(pixels, window, *numbers, mask)
    return mask if is_done else NotImplemented


def _is_short(images: Array) -> bool:
    return images.dtype.kind != "f" and images.dtype.itemsize <= 2


def _above_mean_and_sd(
    images: Array,
    window: Window,
    offset: float,
    is_dark: bool,
    mask: BoolArray,
    scale: tuple[FloatArray, FloatArray],
    k: float,
    method: str,
) -> bool:
    low, radius = (numbers.reshape(-1) for numbers in scale)
    numbers = k, offset, float(np.iinfo(images.dtype).min)
    sources = _sources(images.shape, window, "reflect")
    _compare_deviations(images, *sources, low, radius, numbers, method == "sauvola", is_dark, mask)
    return True


def _above_mean(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    limits, n = np.iinfo(images.dtype), window[0] * window[1]
    # A pixel is above the mean less a whole number if n times their sum is above the sum of the window.
    is_whole = offset.is_integer() and abs(offset) <= _MOST_OFFSET
    greatest = max(limits.max, -limits.min) + (abs(int(offset)) if is_whole else 0)
    total = np.int32 if n * greatest < 2**31 else np.int64
    _compare(
        images,
        *_sources(images.shape, window),
        (total(n), total(n * int(offset) if is_whole else 0)),
        (float(n), float(limits.min), offset),
        is_whole,
        is_dark,
        mask,
    )
    return True


def _above_mean_in_units(
    images: Array, units: Units, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    numbers = units.origin.reshape(-1), units.scale.reshape(-1), offset
    _compare_units(images, *_sources(images.shape, window), *numbers, is_dark, mask)
    return True


def _sources(shape: tuple[int, ...], window: Window, border: str = "symmetric") -> list[IntArray]:
    """Return where the pixels of mirrored images lie, along both axes."""
    return [
        mirrored(size, length // 2, border) for size, length in zip(shape[1:], window, strict=True)
    ]


def _above_gaussian(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    taps = [gaussian_taps((length - 1) / 6, truncate=TRUNCATE) for length in window]
    if max(map(reach_of, taps)) > _MOST_REACH:
        return False
    axes = tuple(range(1, images.ndim))
    greatest = images.max(axis=axes).astype(np.float64)
    if images.dtype.kind != "u":
        np.maximum(greatest, -images.min(axis=axes).astype(np.float64), out=greatest)
    # For wide kernels the other engine multiplies cosine transforms. Both are within some 1e-15 of the
    # greatest pixel: it decides where a pixel is nearer to its threshold than seven times that.
    doubt = 0.5 if is_wide(window) else 0.0
    space = workspace(images.shape, taps, np.float64)
    numbers = offset, doubt, is_dark
    is_sure: bool = _compare_gaussian(images, ROUNDING * greatest, *numbers, mask, space)
    return is_sure


@jit
def _compare(
    images: Any,
    rows: Any,
    columns: Any,
    whole: Any,
    fraction: Any,
    is_whole: bool,
    is_dark: bool,
    mask: Any,
) -> None:
    n, shift = whole
    count, lowest, offset = fraction
    of_lowest = count * lowest
    height, width = len(rows) - images.shape[1] + 1, len(columns) - images.shape[2] + 1
    sums = np.empty(images.shape[2], np.array([n]).dtype)
    up_to = np.empty(len(columns) + 1, sums.dtype)
    number = sums.dtype.type
    for i in range(images.shape[0]):
        sums[:] = 0
        for y in range(height - 1):
            _add(images[i, rows[y]], sums)
        for y in range(images.shape[1]):
            _add(images[i, rows[y + height - 1]], sums)
            _add_up(sums, columns, up_to)
            row, out, end = images[i, y], mask[i, y], up_to[width:]
            if is_whole:
                for x in range(len(row)):
                    above = number(number(row[x]) * n) + shift
                    out[x] = (above > number(end[x] - up_to[x])) != is_dark
            else:
                for x in range(len(row)):
                    mean = (number(end[x] - up_to[x]) - of_lowest) / count + lowest
                    out[x] = (row[x] > mean - offset) != is_dark
            leaving = images[i, rows[y]]
            for x in range(len(sums)):
                sums[x] -= leaving[x]


@jit
def _compare_units(
    images: Any,
    rows: Any,
    columns: Any,
    origins: Any,
    scales: Any,
    offset: float,
    is_dark: bool,
    mask: Any,
) -> None:
    height, width = len(rows) - images.shape[1] + 1, len(columns) - images.shape[2] + 1
    count = float(height * width)
    sums = np.empty(images.shape[2], np.int64)
    up_to = np.empty(len(columns) + 1, np.int64)
    for i in range(images.shape[0]):
        origin, scale = origins[i], scales[i]
        unit = 1 / scale
        sums[:] = 0
        for y in range(height - 1):
            entering = images[i, rows[y]]
            for x in range(len(sums)):
                sums[x] += _in_units(entering[x], origin, scale)
        for y in range(images.shape[1]):
            entering = images[i, rows[y + height - 1]]
            for x in range(len(sums)):
                sums[x] += _in_units(entering[x], origin, scale)
            _add_up(sums, columns, up_to)
            row, out, end = images[i, y], mask[i, y], up_to[width:]
            for x in range(len(row)):
                # The steps of the other engine, one by one.
                mean = (float(end[x] - up_to[x]) / count + 1) * unit + origin
                out[x] = (row[x] > mean - offset) != is_dark
            leaving = images[i, rows[y]]
            for x in range(len(sums)):
                sums[x] -= _in_units(leaving[x], origin, scale)


@jit
def _compare_deviations(
    images: Any,
    rows: Any,
    columns: Any,
    lows: Any,
    radii: Any,
    numbers: Any,
    is_sauvola: bool,
    is_dark: bool,
    mask: Any,
) -> None:
    k, offset, origin = numbers
    height, width = len(rows) - images.shape[1] + 1, len(columns) - images.shape[2] + 1
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
            _add_up(sums, columns, up_to)
            _add_up(squares, columns, squares_up_to)
            row, out = images[i, y], mask[i, y]
            end, squares_end = up_to[width:], squares_up_to[width:]
            for x in range(len(row)):
                # The steps of the other engine, one by one.
                total = float(end[x] - up_to[x])
                variance = float(squares_end[x] - squares_up_to[x]) * count - total * total
                sd = np.sqrt(variance if variance > 0 else 0.0) / count
                mean = total / count + origin
                threshold = mean - k * sd
                if is_sauvola:
                    threshold = low + (mean - low) * (1 + k * (sd / radius - 1))
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


@inlined
def _in_units(pixel: Any, origin: float, scale: float) -> Any:
    """Round a pixel to an integer."""
    return np.int64(np.rint((pixel - origin) * scale))


@inlined
def _add(row: Any, sums: Any) -> None:
    for x in range(len(sums)):
        sums[x] += row[x]


@inlined
def _add_up(sums: Any, columns: Any, up_to: Any) -> None:
    """Put the sum of all columns before each, with those beyond the ends of a row, into an array."""
    before = (len(columns) - len(sums)) // 2
    total = sums[0] - sums[0]
    for x in range(before):
        up_to[x] = total
        total += sums[columns[x]]
    inner = up_to[before:]
    for x in range(len(sums)):
        inner[x] = total
        total += sums[x]
    for x in range(before + len(sums), len(columns)):
        up_to[x] = total
        total += sums[columns[x]]
    up_to[-1] = total


@jit
def _compare_gaussian(
    images: Any, slacks: Any, offset: float, doubt: float, is_dark: bool, mask: Any, space: Any
) -> bool:
    n, height, width = images.shape
    for i in range(n):
        slack = slacks[i]
        for first in range(0, width, space.strip):
            last = min(first + space.strip, width)
            for y in range(0, height, space.n_rows):
                if not smooth_rows(images, i, y, first, last, space):
                    return False
                for k in range(min(space.n_rows, height - y)):
                    mean = space.smoothed[k * space.strip :]
                    row, out = images[i, y + k, first:last], mask[i, y + k, first:last]
                    for x in range(len(row)):
                        threshold = mean[x] + slack - offset
                        out[x] = (row[x] > threshold) != is_dark
                    if doubt:
                        is_near = False
                        for x in range(len(row)):
                            is_near |= abs(row[x] - (mean[x] + slack - offset)) < doubt * slack
                        if is_near:
                            return False
    return True
