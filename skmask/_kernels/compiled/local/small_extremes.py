"""Gray openings and closings by small disks, for `skmask._kernels.compiled.local.extremes`.

Codes and runs are those of that module. An image is taken in bands of rows, which follow from more rows::

    image       eroded       dilated

    o o o
    o o o       o o o
    o o o       o o o        o o o          radius 1
    o o o       o o o
    o o o

Columns of the width of a vector are eroded one after the other. Minima over runs of each half-length are a
line of vectors, one a row. Lines stay in the first-level cache, in which the rows of a disk are put together.

Rows have a margin of the greatest code, which is that of the row before on their left. The last vector of a
row may go on into what is written after it.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, IntArray, Work
from skmask._kernels.compiled.jit import as_source, find_memory, inlined, jit
from skmask._kernels.compiled.vectors import (
    VECTOR_BYTES,
    flip,
    load,
    n_lanes,
    repeat,
    smaller,
    store,
    subtract,
    where_less,
    zeros,
)
from skmask._kernels.local.extremes import cut_ball

# Rows of a disk to each side of its center, by the bytes of a pixel.
_MOST_REACH = {1: 5, 2: 5, 4: 4, 8: 4}

# Lines that are put together at a time.
_GROUP = 9

# Rows of a band, and bytes of one unless it has few rows.
_BAND, _BYTES = 64, 1 << 18


def plan_small(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    radii: tuple[float, ...],
    code: tuple[int, int],
) -> Work:
    """Plan openings of rows or planes of signed integers, whose codes have some bits flipped."""
    plan = plan_disk(radii, image_shape, dtype.itemsize)
    if plan is None:
        return NotImplemented
    numbers, n_words = plan

    def work(images: Array) -> Array:
        # The last vector goes on behind the last row.
        results = np.empty(images.size + VECTOR_BYTES, dtype)
        memory = find_memory(n_words).view(dtype)
        _run(as_source(images.reshape(-1)), numbers, *code, memory, results)
        return results[: images.size].reshape(images.shape)

    return work


@lru_cache(maxsize=64)
def plan_disk(
    radii: tuple[float, ...], shape: tuple[int, ...], itemsize: int
) -> tuple[IntArray, int] | None:
    """Return the numbers for compiled functions, and words of memory; None if the disk is not small.

    The numbers begin with the height and the width of an image, the distance between rows of codes, and the
    number of rows in a band. The reach of the disk along columns and its greatest half-length follow, then
    where eroded rows and lines begin, and the distance between lines. The rest are the starts of the line of
    each row of the disk, in groups.
    """
    height, width = (1, *shape)[-2:]
    by_row = {offset: half for half, offset in cut_ball(radii, shape)}
    halves = [by_row[offset] for offset in sorted(by_row)]
    lanes = VECTOR_BYTES // itemsize
    if len(halves) // 2 > _MOST_REACH[itemsize] or max(halves) > lanes:
        return None
    reach, widest, pitch = len(halves) // 2, max(halves), width + lanes
    n_band = min(max(_BYTES // (pitch * itemsize), 8 * reach, 8), _BAND, height)
    n_rows = n_band + 4 * reach
    eroded = lanes + n_rows * pitch + lanes
    lines = eroded + (n_band + 2 * reach) * pitch
    lines += -lines % lanes
    apart = n_rows * lanes
    # Minima of lines that were put together before are a line, too.
    before = lines + (widest + 1) * apart
    starts = [lines + half * apart + row * lanes for row, half in enumerate(halves)]
    groups = starts[:_GROUP]
    for row in range(_GROUP, len(halves), _GROUP - 1):
        groups += [before, *starts[row : row + _GROUP - 1]]
    groups += [starts[-1]] * (-len(groups) % _GROUP)
    numbers = height, width, pitch, n_band, reach, widest, eroded, lines, apart, *groups
    n_bytes = (before + apart + lanes) * itemsize + VECTOR_BYTES
    return np.array(numbers), n_bytes // 8 + 1


@jit
def _run(pixels: Any, numbers: Any, flipped: int, infinity: int, memory: Any, results: Any) -> None:
    open_codes(pixels, numbers, flipped, infinity, memory, results)


@inlined
def open_codes(
    pixels: Any, numbers: Any, flipped: int, infinity: int, memory: Any, results: Any
) -> None:
    """Write the opening of images; results go on for a vector behind the last row."""
    height, width, pitch, n_band, reach = (
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
    )
    work = memory[-memory.ctypes.data % VECTOR_BYTES // memory.itemsize :]
    lanes = n_lanes(work)
    first, second = lanes, numbers[6]
    greatest = repeat(greatest_code(work))
    store(work, first - lanes, greatest)
    store(work, second - lanes, greatest)
    for image in range(0, len(pixels), height * width):
        for y in range(0, height, n_band):
            # Rows of the image that the band follows from, first when eroded.
            stop = min(y + n_band, height)
            top, bottom = max(y - reach, 0), min(stop + reach, height)
            start, end = max(y - 2 * reach, 0), min(stop + 2 * reach, height)
            _encode(pixels, image + start * width, end - start, numbers, flipped, infinity, work)
            source, n_source, n_above = first, end - start, start - top + reach
            target, n_rows = second, bottom - top
            # In a loop, the machine code of an erosion is made once.
            for _ in range(2):
                _erode(work, source, n_source, n_above, target, n_rows, numbers, infinity)
                for k in range(n_rows):
                    store(work, target + k * pitch + width, greatest)
                source, n_source, n_above = second, n_rows, top - y + reach
                target, n_rows = first, stop - y
            to = image + y * width
            _decode(work, first, stop - y, numbers, flipped, infinity, results, to)


@inlined
def greatest_code(codes: Any) -> Any:
    """Return the greatest code of a dtype of signed integers."""
    return codes.dtype.type((1 << (8 * codes.itemsize - 1)) - 1)


@inlined
def _lowest(codes: Any) -> Any:
    return codes.dtype.type(~greatest_code(codes))


@inlined
def _encode(
    pixels: Any, start: int, n_rows: int, numbers: Any, flipped: int, infinity: int, work: Any
) -> None:
    """Write the codes of rows; the greatest one if not finite, and in margins."""
    lanes, number = n_lanes(work), work.dtype.type
    width, pitch = numbers[1], numbers[2]
    zero, lowest, greatest = zeros(work), repeat(_lowest(work)), repeat(greatest_code(work))
    bits, limit = repeat(number(flipped)), repeat(number(infinity))
    for k in range(n_rows):
        to, place = lanes + k * pitch, start + k * width
        for x in range(0, width, lanes):
            if place + x + lanes <= len(pixels):
                row = load(pixels, place + x)
            else:
                for i in range(x, width):
                    work[to + i] = pixels[place + i]
                row = load(work, to + x)
            codes = flip(row, bits)
            if infinity != 0:
                # Zeros have one code, whatever their sign.
                size = where_less(row, zero, flip(row, lowest), row)
                signed = where_less(row, zero, subtract(zero, size), size)
                codes = where_less(size, limit, flip(signed, bits), greatest)
            store(work, to + x, codes)
        store(work, to + width, greatest)


@inlined
def _decode(
    work: Any,
    first: int,
    n_rows: int,
    numbers: Any,
    flipped: int,
    infinity: int,
    results: Any,
    to: int,
) -> None:
    """Write the pixels of rows of codes."""
    lanes, number = n_lanes(work), work.dtype.type
    width, pitch = numbers[1], numbers[2]
    zero, lowest, greatest = zeros(work), repeat(_lowest(work)), repeat(greatest_code(work))
    bits = repeat(number(flipped))
    missing = repeat(number(infinity))
    if flipped == 0:
        missing = flip(missing, lowest)
    for k in range(n_rows):
        for x in range(0, width, lanes):
            codes = load(work, first + k * pitch + x)
            signed = flip(codes, bits)
            if infinity != 0:
                signed = where_less(signed, zero, flip(subtract(zero, signed), lowest), signed)
                signed = where_less(codes, greatest, signed, missing)
            store(results, to + k * width + x, signed)


@inlined
def _erode(
    work: Any,
    source: int,
    n_source: int,
    n_above: int,
    target: int,
    n_rows: int,
    numbers: Any,
    infinity: int,
) -> None:
    """Write the minimum over the disk around each code, with all bits inverted, for some rows.

    They follow from `n_source` rows of the source. `n_above` rows before these are beyond the image.
    """
    lanes = n_lanes(work)
    greatest, ones = repeat(greatest_code(work)), repeat(work.dtype.type(-1))
    width, pitch, reach, widest = numbers[1], numbers[2], numbers[4], numbers[5]
    lines, apart = numbers[7], numbers[8]
    for half in range(widest + 1):
        line = lines + half * apart
        for y in range(n_above):
            store(work, line + y * lanes, greatest)
        for y in range(n_above + n_source, n_rows + 2 * reach):
            store(work, line + y * lanes, greatest)
    inner = lines + n_above * lanes
    for x in range(0, width, lanes):
        for y in range(n_source):
            store(work, inner + y * lanes, load(work, source + y * pitch + x))
        for half in range(1, widest + 1):
            line = inner + half * apart
            for y in range(n_source):
                middle = source + y * pitch + x
                ends = smaller(load(work, middle - half), load(work, middle + half))
                store(work, line + y * lanes, smaller(ends, load(work, line - apart + y * lanes)))
        for group in range(9, len(numbers), _GROUP):
            is_last = group + _GROUP == len(numbers)
            to = target + x if is_last else lines + (widest + 1) * apart
            step = pitch if is_last else lanes
            _combine(work, numbers, group, 2 * reach + 1, n_rows, to, step)
        for y in range(n_rows):
            to = target + y * pitch + x
            least = load(work, to)
            inverted = flip(least, ones)
            if infinity != 0:
                inverted = where_less(least, greatest, inverted, greatest)
            store(work, to, inverted)


@inlined
def _combine(
    work: Any, numbers: Any, first: int, n_lines: int, n_rows: int, to: int, step: int
) -> None:
    """Write the minima of lines, whose starts are numbers; if they are few, the last one is repeated."""
    lanes = n_lanes(work)
    a, b, c = numbers[first], numbers[first + 1], numbers[first + 2]
    d, e, f = numbers[first + 3], numbers[first + 4], numbers[first + 5]
    g, h, i = numbers[first + 6], numbers[first + 7], numbers[first + 8]
    for y in range(n_rows):
        x = y * lanes
        least = smaller(load(work, a + x), load(work, b + x))
        other = smaller(load(work, c + x), load(work, d + x))
        least = smaller(least, load(work, e + x))
        if n_lines > 5:
            other = smaller(other, load(work, f + x))
            least = smaller(least, load(work, g + x))
            other = smaller(other, load(work, h + x))
            least = smaller(least, load(work, i + x))
        store(work, to + y * step, smaller(least, other))
