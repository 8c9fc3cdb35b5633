"""Twin of `skmask._kernels.local.thresholds.local_mask`: pixels are compared with means as those are found.

Every column has the sum of its pixels in the window, of which one enters and one leaves from row to row. With
the sums of all columns up to each, the sum of a window is a difference of two of them::

    columns   3 1 4 1 5         window of the last three: 10
    up to   0 3 4 8 9 14                                = 14 - 4

Sums of integers lose nothing in this, and go beyond their range and come back.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.gaussian import (
    buffers,
    fill,
    plain_planes,
    sizes,
    sum_columns,
    sum_rows,
    workspace,
)
from skmask._kernels.compiled.jit import jit
from skmask._kernels.local.gaussian import TRUNCATE
from skmask._kernels.local.smoothing import gaussian_taps, reach_of
from skmask._kernels.local.windows import ROUNDING, Window, mirrored

# Offsets up to here are far from where the digits of doubles end.
_MOST_OFFSET = 2**20

# Wider kernels take longer than cosine transforms.
_MOST_REACH = 100


def local_mask(
    images: Array,
    *,
    method: str,
    window: Window,
    k: float | None = None,
    offset: float = 0.0,
    value_range: tuple[float, float] | None = None,
    foreground: str = "bright",
) -> BoolArray:
    """Compare every pixel with its local threshold."""
    kernel = _KERNELS.get(method)
    pixels = plain_planes(images)
    if kernel is None or pixels is None:
        return NotImplemented
    mask = np.empty(images.shape, np.bool_)
    is_done = kernel(pixels, window, float(offset), foreground == "dark", mask)
    return mask if is_done else NotImplemented


def _above_mean(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    if images.dtype.kind == "f" or images.dtype.itemsize > 2:
        return False
    limits = np.iinfo(images.dtype)
    n = window[0] * window[1]
    # A pixel is above the mean less a whole number if n times their sum is above the sum of the window.
    is_whole = offset.is_integer() and abs(offset) <= _MOST_OFFSET
    greatest = max(limits.max, -limits.min) + (abs(int(offset)) if is_whole else 0)
    total = np.int32 if n * greatest < 2**31 else np.int64
    rows, columns = (
        mirrored(size, length // 2) for size, length in zip(images.shape[1:], window, strict=True)
    )
    _compare(
        images,
        rows,
        columns,
        (total(n), total(n * int(offset) if is_whole else 0)),
        (float(n), float(limits.min), offset),
        is_whole,
        is_dark,
        mask,
    )
    return True


def _above_gaussian(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    # Of wide kernels, the other engine multiplies cosine transforms. Both results are within some 1e-15 of
    # the greatest pixel, and a pixel has to be above the mean by ten times that.
    taps = [gaussian_taps((length - 1) / 6, truncate=TRUNCATE) for length in window]
    if max(map(reach_of, taps)) > _MOST_REACH:
        return False
    axes = tuple(range(1, images.ndim))
    greatest = np.maximum(
        images.max(axis=axes).astype(np.float64), -images.min(axis=axes).astype(np.float64)
    )
    space = workspace(images.shape, taps, np.float64)
    is_finite: bool = _compare_gaussian(images, ROUNDING * greatest, offset, is_dark, mask, *space)
    return is_finite


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
    before = width // 2
    behind = before + images.shape[2]
    sums = np.empty(images.shape[2], np.array([n]).dtype)
    up_to = np.empty(len(columns) + 1, sums.dtype)
    number = sums.dtype.type
    for i in range(images.shape[0]):
        sums[:] = 0
        for y in range(height - 1):
            _add(images[i, rows[y]], sums)
        for y in range(images.shape[1]):
            _add(images[i, rows[y + height - 1]], sums)
            total = number(0)
            for x in range(before):
                up_to[x] = total
                total += sums[columns[x]]
            inner = up_to[before:]
            for x in range(len(sums)):
                inner[x] = total
                total += sums[x]
            for x in range(behind, len(columns)):
                up_to[x] = total
                total += sums[columns[x]]
            up_to[-1] = total
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
def _add(row: Any, sums: Any) -> None:
    for x in range(len(sums)):
        sums[x] += row[x]


@jit
def _compare_gaussian(
    images: Any,
    slack: Any,
    offset: float,
    is_dark: bool,
    mask: Any,
    down: Any,
    across: Any,
    rows: Any,
    columns: Any,
) -> bool:
    n, height, width = images.shape
    strip, length, band_height, n_rows = sizes(width, down, across)
    band, group, line, mean = buffers(strip, length, band_height, n_rows, down, across)
    for i in range(n):
        for first in range(0, width, strip):
            last = min(first + strip, width)
            start, stop = max(first - len(across) + 1, 0), min(last + len(across) - 1, width)
            for y in range(height):
                at = y % band_height
                if at == 0 and not fill(images, i, rows, y, band_height, start, stop, band, length):
                    return False
                if at % n_rows == 0:
                    sum_rows(band, at, length, down, group)
                sum_columns(
                    group,
                    at % n_rows * length,
                    first,
                    last,
                    start,
                    stop,
                    columns,
                    across,
                    line,
                    mean,
                )
                row, out = images[i, y, first:last], mask[i, y, first:last]
                for x in range(len(row)):
                    threshold = mean[x] + slack[i] - offset
                    out[x] = (row[x] > threshold) != is_dark
    return True


_KERNELS = {"mean": _above_mean, "gaussian": _above_gaussian}
