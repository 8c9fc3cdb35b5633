"""Medians of windows of 3 x 3 and 5 x 5 pixels of planes, a vector of windows at a time.

Of 3 x 3 pixels, rows are sorted. The median is that of three numbers: the largest of the smallest, the
median of the middle ones, and the smallest of the largest. Four windows above each other take six rows, of
which two share the inner two::

    o o o  |
    o o o  |  |
    o o o  |  |  |
    o o o     |  |  |
    o o o        |  |
    o o o           |

Of 5 x 5 pixels, columns are sorted and kept in lines of a buffer, which stays in the first-level cache. Pairs
of columns are merged into others, and medians are found by the networks of `skmask._kernels.local.networks`.

Vectors go on over a row, and the last one ends with it. Sorted columns beyond an edge are the first or the
last ones of vectors of their own, over whose other numbers those of the image are written later.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numba import types

from skmask._kernels.arrays import Array, Work
from skmask._kernels.compiled.jit import aligned, as_source, intrinsic, jit
from skmask._kernels.compiled.vectors import (
    VECTOR_BYTES,
    add,
    from_the_left,
    from_the_right,
    has_marks,
    larger,
    load,
    mark_missing,
    n_lanes,
    put_in_order,
    smaller,
    store,
    zeros,
)
from skmask._kernels.local.networks import LARGER, SMALLER, Network, plan_median

# Integers and floats of 8 to 64 bits; float16 is none that processors compare.
_NUMBERS = frozenset("bBhHiIlLqQfd")

# Columns of so many bytes of a row are sorted at a time: fifteen lines of them share a first-level cache.
_STRIP = 1024

# Sides of an image that are those of a vector, too.
_LEFT, _RIGHT = 1, 2

# Pixels of narrow images that are made wider at a time.
_WIDENED = 1 << 16


def median_smooth(
    image_shape: tuple[int, ...], dtype: np.dtype[Any], reaches: Sequence[int]
) -> Work:
    """Plan medians of small windows of planes."""
    run = _KERNELS.get(tuple(reaches))
    is_common = dtype.char in _NUMBERS and dtype.isnative and 0 not in image_shape
    if run is None or not is_common:
        return NotImplemented
    height, width = image_shape
    lanes = VECTOR_BYTES // dtype.itemsize
    # Narrow images become wider. For 5 x 5 pixels that pays up to eight times of their width.
    if height < 4 or width < lanes // 8 * (reaches[0] - 1):
        return NotImplemented
    if width < lanes + (reaches[0] > 1):
        return partial(_find_in_wider, run, reaches[0])
    return partial(_find_medians, run)


def _find_medians(run: Callable[..., bool], images: Array) -> Array:
    """Return the medians of images that are as wide as a vector, if all pixels are finite."""
    medians = np.empty(images.shape, images.dtype)
    is_finite = run(as_source(images.ravel()), *images.shape[1:], medians.ravel())
    return medians if is_finite else NotImplemented


def _find_in_wider(run: Callable[..., bool], reach: int, images: Array) -> Array:
    """Return the medians of narrow images by way of wider ones, some images at a time."""
    n, height, width = images.shape
    enough = max(VECTOR_BYTES // images.itemsize + 1, width + reach)
    step = max(_WIDENED // (height * enough), 1)
    medians = np.empty(images.shape, images.dtype)
    for first in range(0, n, step):
        part = images[first : first + step]
        wide = np.zeros((len(part), height, enough), images.dtype)
        wide[:, :, :width] = part
        wide[:, :, width : width + reach] = part[:, :, : -reach - 1 : -1]  # mirrored
        found = _find_medians(run, wide)
        if found is NotImplemented:
            return found
        medians[first : first + step] = found[:, :, :width]
    return medians


def _unrolled(network: Network) -> Callable[..., Any]:
    """Return a function for compiled functions that carries out a network on a tuple of vectors."""

    @intrinsic
    def carry_out(context: Any, wires: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            now = [builder.extract_value(arguments[0], i) for i in range(wires.count)]
            for first, second, written in network.comparators.tolist():
                low, high = put_in_order(builder, wires.dtype, now[first], now[second])
                if written & SMALLER:
                    now[first] = low
                if written & LARGER:
                    now[second] = high
            results = [now[wire] for wire in network.results]
            return context.make_tuple(builder, signature.return_type, results)

        results: Any = types.UniTuple
        return results(wires.dtype, len(network.results))(wires), generate

    return carry_out


_sort_3 = _unrolled(plan_median(3, 3).columns)
_sort_5, _merge, _choose = map(_unrolled, plan_median(5, 5)[:3])


@jit
def _middle(a: Any, b: Any, c: Any) -> Any:
    return larger(smaller(a, b), smaller(larger(a, b), c))


@jit
def _two_medians(top: Any, upper: Any, lower: Any, bottom: Any) -> Any:
    """Return the medians of the upper and of the lower three of four sorted rows."""
    low, high = larger(upper[0], lower[0]), smaller(upper[2], lower[2])
    less, more = smaller(upper[1], lower[1]), larger(upper[1], lower[1])
    return (
        _middle(larger(low, top[0]), larger(less, smaller(more, top[1])), smaller(high, top[2])),
        _middle(
            larger(low, bottom[0]), larger(less, smaller(more, bottom[1])), smaller(high, bottom[2])
        ),
    )


@jit
def _row(pixels: Any, x: int, sides: int) -> Any:
    """Return the sorted pixels of a row of each window; those beyond sides of the image are mirrored."""
    row = load(pixels, x)
    before = from_the_left(row) if sides & _LEFT else load(pixels, x - 1)
    behind = from_the_right(row) if sides & _RIGHT else load(pixels, x + 1)
    return _sort_3((before, row, behind))


@jit
def _four_medians(pixels: Any, places: Any, x: int, sides: int, medians: Any, marks: Any) -> Any:
    """Write medians of windows at x in the inner four of six rows; return marks of missing pixels."""
    a, b, c, d, e, f = places
    third, fourth = _row(pixels, c + x, sides), _row(pixels, d + x, sides)
    first, second = _two_medians(
        _row(pixels, a + x, sides), _row(pixels, b + x, sides), third, fourth
    )
    last_two = _two_medians(third, fourth, _row(pixels, e + x, sides), _row(pixels, f + x, sides))
    zero = zeros(pixels)  # added to zeros, which lose their sign
    store(medians, b + x, add(first, zero))
    store(medians, c + x, add(second, zero))
    store(medians, d + x, add(last_two[0], zero))
    store(medians, e + x, add(last_two[1], zero))
    marks = mark_missing(mark_missing(marks, load(pixels, b + x)), load(pixels, c + x))
    return mark_missing(mark_missing(marks, load(pixels, d + x)), load(pixels, e + x))


@jit
def _of_9(pixels: Any, height: int, width: int, medians: Any) -> bool:
    n, marks = n_lanes(pixels), zeros(pixels)
    for image in range(0, len(pixels), height * width):
        for step in range(0, height, 4):
            y = min(step, height - 4)
            first = image + y * width
            last = first + 3 * width
            above = first - width if y > 0 else first
            below = last + width if y + 4 < height else last
            places = above, first, first + width, first + 2 * width, last, below
            if width == n:
                marks = _four_medians(pixels, places, 0, _LEFT | _RIGHT, medians, marks)
                continue
            marks = _four_medians(pixels, places, 0, _LEFT, medians, marks)
            marks = _four_medians(pixels, places, width - n, _RIGHT, medians, marks)
            for begin in range(n, width - n, n):
                x = min(begin, width - n - 1)
                marks = _four_medians(pixels, places, x, 0, medians, marks)
    return not has_marks(marks)


@jit
def _mirrored(y: int, height: int) -> int:
    """Return which row stands for one up to two rows beyond an image."""
    if y < 0:
        return -1 - y
    return y if y < height else 2 * height - 1 - y


@jit
def _five(lines: Any, x: int, apart: int) -> Any:
    return (
        load(lines, x),
        load(lines, x + apart),
        load(lines, x + 2 * apart),
        load(lines, x + 3 * apart),
        load(lines, x + 4 * apart),
    )


@jit
def _put_five(lines: Any, x: int, apart: int, vectors: Any) -> None:
    store(lines, x, vectors[0])
    store(lines, x + apart, vectors[1])
    store(lines, x + 2 * apart, vectors[2])
    store(lines, x + 3 * apart, vectors[3])
    store(lines, x + 4 * apart, vectors[4])


@jit
def _column(pixels: Any, places: Any, x: int) -> Any:
    """Return the sorted pixels at x of five rows."""
    a, b, c, d, e = places
    rows = load(pixels, a + x), load(pixels, b + x), load(pixels, c + x), load(pixels, d + x)
    return _sort_5((*rows, load(pixels, e + x)))


@jit
def _sort_columns(
    pixels: Any, places: Any, width: int, first: int, last: int, lines: Any, apart: int
) -> None:
    """Sort the columns of a strip of a row with two more on both sides; the first of it is at one vector."""
    n = n_lanes(pixels)
    if first == 0:
        _put_five(lines, n - 2, apart, _column(pixels, places, 1))
        _put_five(lines, n - 1, apart, _column(pixels, places, 0))
    if last == width:
        _put_five(lines, last - first + 2, apart, _column(pixels, places, width - n - 1))
        _put_five(lines, last - first + 1, apart, _column(pixels, places, width - n))
    stop = min(last + 2, width)
    for begin in range(max(first - 2, 0), stop, n):
        x = min(begin, stop - n)
        _put_five(lines, x - first + n, apart, _column(pixels, places, x))


@jit
def _merge_pairs(lines: Any, size: int, apart: int) -> None:
    """Merge each of the columns of a strip with the next one, from the second one before it on."""
    n = n_lanes(lines)
    for begin in range(0, size + 3, n):
        x = min(begin, size + 3 - n)
        columns = _five(lines, x + n - 2, apart) + _five(lines, x + n - 1, apart)
        pair = _merge(columns)
        _put_five(lines, x + 5 * apart, apart, pair[:5])
        _put_five(lines, x + 10 * apart, apart, pair[5:])


@jit
def _of_25(pixels: Any, height: int, width: int, medians: Any) -> bool:
    n, marks, zero = n_lanes(pixels), zeros(pixels), zeros(pixels)
    n_strips = -(-width * pixels.itemsize // _STRIP)
    strip = -(-width // n_strips)
    # Lines of an odd number of vectors do not meet in the cache.
    apart = (-(-strip // n) // 2 * 2 + 3) * n
    lines = aligned(15 * apart, pixels.dtype)
    for row in range(0, len(pixels), width):
        y = row // width % height
        image = row - y * width
        a, b, c, d, e = (
            image + _mirrored(y - 2, height) * width,
            image + _mirrored(y - 1, height) * width,
            row,
            image + _mirrored(y + 1, height) * width,
            image + _mirrored(y + 2, height) * width,
        )
        for start in range(0, width, strip):
            # A shorter strip could be less than a vector.
            first = min(start, width - strip)
            _sort_columns(pixels, (a, b, c, d, e), width, first, first + strip, lines, apart)
            _merge_pairs(lines, strip, apart)
            for begin in range(0, strip, n):
                x = min(begin, strip - n)
                window = (
                    _five(lines, x + 5 * apart, apart)
                    + _five(lines, x + 10 * apart, apart)
                    + _five(lines, x + 3 + 5 * apart, apart)
                    + _five(lines, x + 3 + 10 * apart, apart)
                    + _five(lines, x + n, apart)
                )
                store(medians, row + first + x, add(_choose(window)[0], zero))
                marks = mark_missing(marks, load(pixels, row + first + x))
    return not has_marks(marks)


_KERNELS: dict[tuple[int, ...], Callable[..., bool]] = {(1, 1): _of_9, (2, 2): _of_25}
