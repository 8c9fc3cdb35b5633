"""Twins of gray openings and closings of planes by a disk in `skmask._kernels.local.extremes`.

Pixels become signed integers of the same order, their codes. An erosion is the minimum of codes over the disk
around every pixel. A dilation is the erosion of the codes with all bits inverted, since that reverses their
order. So minima of four dtypes are all that is compiled. Small disks are left to
`skmask._kernels.compiled.local.small_extremes`.

A disk is cut into runs along rows. Minima over runs of half-length L are a line, here for radius 2:

    offset -2          #         line 0
    offset -1        # # #       line 1
    offset  0      # # # # #     line 2
    offset  1        # # #       line 1
    offset  2          #         line 0

Line 0 is the row itself, and each other line follows from the one before, by two or three vectors at a
distance. Lines of eight rows are made at a time. Their minima are added to those of all rows they reach,
eight lines at a time, so that these are read and written seldom. Wide images are cut into strips, whose lines
stay in the cache.

All codes are in one array: two planes, whose rows have margins of the greatest code, and the lines.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, IntArray, Work
from skmask._kernels.compiled.jit import as_source, find_memory, inlined, jit
from skmask._kernels.compiled.local.small_extremes import greatest_code, plan_small
from skmask._kernels.compiled.vectors import VECTOR_BYTES, load, n_lanes, smaller, store
from skmask._kernels.local.extremes import cut_ball

# Rows whose lines are made together.
_ROWS = 8

# Bytes of a row of a strip, unless the disk is wider.
_STRIP = 4096

# Bytes of lines; those of larger disks are far from fitting a cache.
_MOST_BYTES = 1 << 25


def open_gray(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    radii: Sequence[float],
    *,
    dark: bool = False,
) -> Work:
    """Plan openings or, for dark objects, closings of images of a shape and dtype."""
    if dtype.kind not in "biuf" or dtype.itemsize > 8 or 0 in image_shape:
        return NotImplemented
    if len(image_shape) > 2:
        return _plan_planes(image_shape, dtype, radii, dark)
    dtype, code, flip, infinity = coding(dtype, dark)
    given = image_shape, code, tuple(radii), (flip, infinity)
    opened = plan_small(*given)
    if opened is NotImplemented:
        opened = _plan_large(*given)
    if opened is NotImplemented:
        return NotImplemented

    def work(images: Array) -> Array:
        if len(images) == 0:
            return NotImplemented
        return opened(np.ascontiguousarray(images, dtype).view(code)).view(dtype)

    return work


def _plan_planes(
    image_shape: tuple[int, ...], dtype: np.dtype[Any], radii: Sequence[float], dark: bool
) -> Work:
    """Plan to take planes one by one if all other axes are left alone, such as that of channels."""
    alone = [axis for axis, radius in enumerate(radii) if radius == 0][: len(radii) - 2]
    if len(radii) - len(alone) > 2:
        return NotImplemented
    axes, front = [1 + axis for axis in alone], range(1, 1 + len(alone))
    others = [axis for axis in range(len(radii)) if axis not in alone]
    shape = tuple(image_shape[axis] for axis in others)
    opened = open_gray(shape, dtype, [radii[axis] for axis in others], dark=dark)
    if opened is NotImplemented:
        return NotImplemented

    def work(images: Array) -> Array:
        moved = np.moveaxis(images, axes, front)
        found = opened(moved.reshape(-1, *shape))
        if found is NotImplemented:
            return found
        return np.moveaxis(found.reshape(moved.shape), front, axes)

    return work


def _plan_large(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    radii: tuple[float, ...],
    code: tuple[int, int],
) -> Work:
    """Plan openings of rows or planes of signed integers, whose codes have some bits flipped."""
    halves, lines = _plan(radii, image_shape)
    height, width = (1, *image_shape)[-2:]
    lanes = VECTOR_BYTES // dtype.itemsize
    margin = _rounded(int(halves[-1]), lanes)
    strip = max(_STRIP // dtype.itemsize, 2 * margin)
    strip = _rounded(-(-width // -(-width // strip)), lanes)
    pitch = 2 * margin + _rounded(width, lanes)
    n_in_lines = (2 * margin + strip) * _ROWS * (len(halves) - 1)
    if n_in_lines * dtype.itemsize > _MOST_BYTES:
        return NotImplemented
    # Vectors in front of the planes and behind the lines are read, but not used.
    n_codes = 2 * height * pitch + n_in_lines + 2 * margin + 2 * lanes
    n_words = n_codes * dtype.itemsize // 8 + VECTOR_BYTES
    widths = margin, strip, pitch

    def work(images: Array) -> Array:
        results = np.empty((len(images), height, width), dtype)
        planes = as_source(images.reshape(results.shape))
        _run(planes, halves, lines, widths, code, find_memory(n_words).view(dtype), results)
        return results.reshape(images.shape)

    return work


@lru_cache(maxsize=64)
def coding(dtype: np.dtype[Any], dark: bool) -> tuple[np.dtype[Any], np.dtype[Any], int, int]:
    """Return the dtype of results and of codes, which bits are flipped in these, and the bits of infinity."""
    dtype = np.dtype(np.float32) if dtype == np.float16 else dtype.newbyteorder("=")
    size = dtype.itemsize
    lowest = -1 << (8 * size - 1)
    # The bits of infinity are those of the least size of a float that is not finite.
    is_float = dtype.kind == "f" and size <= 8
    infinity = int(np.array(np.inf, dtype).view(f"i{size}")) if is_float else 0
    return dtype, np.dtype(f"i{size}"), (lowest if dtype.kind in "bu" else 0) ^ -dark, infinity


@lru_cache(maxsize=64)
def _plan(radii: tuple[float, ...], shape: tuple[int, ...]) -> tuple[IntArray, IntArray]:
    """Return the half-length of each line, and which line belongs to each row of a disk."""
    runs = cut_ball(radii, shape)
    halves = [0]
    for half, _ in runs:
        while halves[-1] < half:
            # Three runs beside each other leave no gap up to this half-length.
            halves.append(min(half, 3 * halves[-1] + 1))
    by_row = {offset[0] if offset else 0: halves.index(half) for half, offset in runs}
    return np.array(halves), np.array([by_row[offset] for offset in sorted(by_row)])


def _rounded(size: int, lanes: int) -> int:
    """Round up to whole vectors."""
    return -(-size // lanes) * lanes


@jit
def _run(
    images: Any,
    halves: Any,
    lines: Any,
    widths: tuple[int, int, int],
    code: tuple[int, int],
    memory: Any,
    results: Any,
) -> None:
    n, height, width = images.shape
    margin, strip, pitch = widths
    flip, infinity = code
    work = memory[-memory.ctypes.data % VECTOR_BYTES // memory.itemsize :]
    first, second = margin, margin + height * pitch
    for start in range(first, first + 2 * height * pitch, pitch):
        _fill(work[start : start + margin])
    for i in range(n):
        for y in range(height):
            start = first + y * pitch + margin
            _encode(images[i, y], flip, infinity, work[start : start + width])
            _fill(work[start + width : start + pitch - margin])
        _erode(work, first, second, (height, width), halves, lines, widths)
        for y in range(height):
            start = second + y * pitch + margin
            _reverse(work[start : start + width], infinity)
            _fill(work[start + width : start + pitch - margin])
        _erode(work, second, first, (height, width), halves, lines, widths)
        for y in range(height):
            start = first + y * pitch + margin
            _decode(work[start : start + width], flip, infinity, results[i, y])


@inlined
def _fill(codes: Any) -> None:
    """Write the greatest code where no pixel is."""
    for i in range(len(codes)):
        codes[i] = greatest_code(codes)


@inlined
def _encode(pixels: Any, flip: int, infinity: int, codes: Any) -> None:
    """Write the codes of pixels; the greatest one if they are not finite."""
    code, greatest = codes.dtype.type, greatest_code(codes)
    change = code(flip)
    if infinity == 0:
        for i in range(len(codes)):
            codes[i] = code(pixels[i] ^ change)
        return
    limit = code(infinity)
    for i in range(len(codes)):
        size = code(pixels[i] & greatest)
        # Zeros have one code, whatever their sign.
        signed = code(-size) if pixels[i] < 0 else size
        codes[i] = greatest if size >= limit else code(signed ^ change)


@inlined
def _reverse(codes: Any, infinity: int) -> None:
    """Invert the bits of codes, except of the one that stands for no finite pixel."""
    code, greatest = codes.dtype.type, greatest_code(codes)
    if infinity == 0:
        for i in range(len(codes)):
            codes[i] = code(~codes[i])
        return
    for i in range(len(codes)):
        codes[i] = greatest if codes[i] == greatest else code(~codes[i])


@inlined
def _decode(codes: Any, flip: int, infinity: int, pixels: Any) -> None:
    """Write the pixels of reversed codes."""
    code, greatest = codes.dtype.type, greatest_code(codes)
    lowest, change = code(~greatest), code(~flip)
    if infinity == 0:
        for i in range(len(pixels)):
            pixels[i] = code(codes[i] ^ change)
        return
    missing = code(infinity | lowest) if flip == 0 else code(infinity)
    for i in range(len(pixels)):
        signed = code(codes[i] ^ change)
        bits = code(code(-signed) | lowest) if signed < 0 else signed
        pixels[i] = missing if codes[i] == greatest else bits


@jit
def _erode(
    work: Any,
    source: int,
    target: int,
    shape: tuple[int, int],
    halves: Any,
    lines: Any,
    widths: tuple[int, int, int],
) -> None:
    """Write the minimum of codes over the disk around each pixel of a plane."""
    height, width = shape
    margin, strip, pitch = widths
    reach, step = len(lines) // 2, 2 * margin + strip
    behind_planes = margin + 2 * height * pitch
    # Where the minima that were written before begin, and lines that are added to them.
    starts = np.empty(1 + _ROWS, np.int64)
    for left in range(0, width, strip):
        n_columns = min(strip, width - left)
        for top in range(0, height, _ROWS):
            bottom = min(top + _ROWS, height)
            block = source + top * pitch + left, pitch, behind_planes, step
            _widen(work, block, bottom - top, halves, margin, n_columns)
            for y in range(max(top - reach, 0), min(bottom + reach, height)):
                out = target + y * pitch + left + margin
                n_starts = 0
                if max(y - reach, 0) < top:
                    starts[0], n_starts = out, 1
                for row in range(max(y - reach, top), min(y + reach + 1, bottom)):
                    starts[n_starts] = margin + _line(block, lines[row - y + reach], row - top)
                    n_starts += 1
                for i in range(n_starts, len(starts)):
                    starts[i] = starts[n_starts - 1]
                _combine(work, starts, n_starts, out, n_columns)


@inlined
def _widen(work: Any, block: Any, n_rows: int, halves: Any, margin: int, n_columns: int) -> None:
    """Make all lines of a block of rows, each from the one before."""
    lanes = n_lanes(work)
    _, pitch, _, step = block
    for k in range(1, len(halves)):
        apart, rest = halves[k] - halves[k - 1], halves[-1] - halves[k]
        start, stop = (margin - rest) // lanes * lanes, margin + n_columns + rest
        n_loops = n_rows
        if step == pitch or k > 1:
            # Rows are as far apart here as there: one loop goes over all of them.
            n_loops, stop = 1, stop + (n_rows - 1) * step
        for row in range(n_loops):
            source, target = _line(block, k - 1, row), _line(block, k, row)
            if apart <= halves[k - 1]:
                for i in range(start, stop, lanes):
                    a, b = load(work, source + i - apart), load(work, source + i + apart)
                    store(work, target + i, smaller(a, b))
            else:
                for i in range(start, stop, lanes):
                    a, b = load(work, source + i - apart), load(work, source + i + apart)
                    store(work, target + i, smaller(smaller(a, b), load(work, source + i)))


@inlined
def _line(block: Any, k: int, row: int) -> int:
    """Return where line k of a row of a block begins, with its margin."""
    rows, pitch, behind_planes, step = block
    if k == 0:
        return rows + row * pitch
    return behind_planes + ((k - 1) * _ROWS + row) * step


@inlined
def _combine(work: Any, starts: Any, n_starts: int, out: int, n_columns: int) -> None:
    """Write the minima of lines; the last one is repeated behind them."""
    lanes = n_lanes(work)
    before, a, b, c, d = starts[0], starts[1], starts[2], starts[3], starts[4]
    if n_starts <= 5:
        for x in range(0, n_columns, lanes):
            least = smaller(load(work, before + x), load(work, a + x))
            other = smaller(load(work, b + x), load(work, c + x))
            least = smaller(least, load(work, d + x))
            store(work, out + x, smaller(least, other))
        return
    e, f, g, h = starts[5], starts[6], starts[7], starts[8]
    for x in range(0, n_columns, lanes):
        least = smaller(load(work, before + x), load(work, a + x))
        other = smaller(load(work, b + x), load(work, c + x))
        least = smaller(least, load(work, d + x))
        other = smaller(other, load(work, e + x))
        least = smaller(least, load(work, f + x))
        other = smaller(other, load(work, g + x))
        least = smaller(least, load(work, h + x))
        store(work, out + x, smaller(least, other))
