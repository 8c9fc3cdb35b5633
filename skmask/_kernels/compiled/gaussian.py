"""Gaussian smoothing of planes, a row at a time, twin of `skmask._kernels.local.gaussian.gaussian_smooth`.

A band of rows is converted to floats, with as many rows around it as the kernel reaches. Each row of the
result is a weighted sum of rows of the band, and then of shifted copies of itself. Sums run in the order of
`skmask._kernels.local.smoothing`, so that they have the same bits.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.compiled.smoothing import add_neighbors
from skmask._kernels.local.gaussian import gaussian_taps_of
from skmask._kernels.local.smoothing import Taps
from skmask._kernels.local.windows import mirrored

# Rows of a band, and pixels of a row of a band, at least.
_BAND, _WIDTH = 64, 1024

# Pixels that are summed up at a time: neighbors of a row are those of the next ones, too.
_GROUP = 1024


def gaussian_smooth(images: Array, sigmas: Sequence[float]) -> Float32Array:
    """Smooth each image of a stack by a Gaussian filter."""
    pixels = plain_planes(images)
    if pixels is None:
        return NotImplemented
    smoothed = np.empty(images.shape, np.float32)
    taps = gaussian_taps_of(images.shape, sigmas)
    if not _smooth(pixels, smoothed, *workspace(images.shape, taps, smoothed.dtype)):
        return NotImplemented
    return smoothed


def plain_planes(images: Array) -> Array | None:
    """Return images as compiled loops take them; None if they are no planes or of an uncommon dtype."""
    kind, size = images.dtype.kind, images.dtype.itemsize
    is_common = kind in "biu" or kind == "f" and size in (4, 8)
    if images.ndim != 3 or images.size == 0 or not is_common:
        return None
    pixels = images.view(np.uint8) if kind == "b" else images
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))


def workspace(shape: tuple[int, ...], taps: Sequence[Taps], dtype: Any) -> tuple[Any, ...]:
    """Return what the work on images of a shape needs.

    Returns
    -------
    down, across : ndarray
        Weights along both axes.
    rows, columns : ndarray of int
        Where the pixels of mirrored images lie.
    sizes : tuple of four int
        Columns that are done at a time, and pixels of a row of a band. Rows of the result that follow from a
        band, and those of them that are summed up at a time.
    band, group, line, sums : ndarray
        Memory for a band, for some of its rows summed up, for one with margins, and for its sums.
    """
    height, width = shape[1:]
    down, across = (np.array(halves, dtype) for halves, _ in taps)
    reach, margin = len(down) - 1, len(across) - 1
    n_strips = -(-width // max(_WIDTH, 4 * margin))
    strip = -(-width // n_strips)
    length = _whole(min(strip + 2 * margin, width))
    n_rows = max(_GROUP // length, 1)
    band_height = -(-max(_BAND, 2 * reach) // n_rows) * n_rows
    parts = [(band_height + 2 * reach) * length, n_rows * length]
    parts += [_whole(_whole(strip) + 2 * margin + 16), _whole(strip)]
    memory = np.zeros(sum(parts) + 64, dtype)
    # Each part begins where a vector of 64 bytes may begin.
    start = -memory.__array_interface__["data"][0] % 64 // memory.itemsize
    stops = accumulate([start, *parts])
    band, group, line, sums = (memory[i:j] for i, j in pairwise(stops))
    positions = mirrored(height, reach), mirrored(width, margin)
    sizes = strip, length, band_height, n_rows
    return down, across, *positions, sizes, band, group, line[-margin % 16 :], sums


def _whole(n: int) -> int:
    """Return a number of pixels of whole vectors."""
    return -(-n // 16) * 16


@jit
def _smooth(
    images: Any,
    smoothed: Any,
    down: Any,
    across: Any,
    rows: Any,
    columns: Any,
    sizes: Any,
    band: Any,
    group: Any,
    line: Any,
    out: Any,
) -> bool:
    n, height, width = images.shape
    strip, length, band_height, n_rows = sizes
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
                    out,
                )
                target = smoothed[i, y, first:last]
                for x in range(len(target)):
                    target[x] = out[x]
    return True


@inlined
def sum_rows(band: Any, at: int, length: int, down: Any, group: Any) -> None:
    """Sum up rows of a band by their weights, for some rows of the result."""
    add_neighbors(band, (at + len(down) - 1) * length, length, down, group)


@inlined
def sum_columns(
    group: Any,
    row: int,
    first: int,
    last: int,
    start: int,
    stop: int,
    columns: Any,
    across: Any,
    line: Any,
    out: Any,
) -> None:
    """Sum up neighbors in a row by their weights."""
    margin = len(across) - 1
    source, inner = group[row:], line[start - first + margin :]
    # What is written last cannot be read as a part of a vector soon: margins come first.
    for x in range(first, start + margin):
        line[x - first] = source[columns[x] - start]
    for x in range(stop + margin, last + 2 * margin):
        line[x - first] = source[columns[x] - start]
    for x in range(stop - start):
        inner[x] = source[x]
    add_neighbors(line, margin, 1, across, out[: -(-(last - first) // 16) * 16])


@jit
def fill(
    images: Any,
    i: int,
    rows: Any,
    y: int,
    n_rows: int,
    start: int,
    stop: int,
    band: Any,
    length: int,
) -> bool:
    """Convert rows of an image; return whether all numbers are finite."""
    bad = False
    n_rows = min(len(rows) - y, len(band) // length)
    for k in range(n_rows):
        row, target = images[i, rows[y + k], start:stop], band[k * length :]
        for x in range(len(row)):
            target[x] = row[x]
            bad |= target[x] - target[x] != 0
    return not bad
