"""Medians of windows of 3 x 3 and 5 x 5 pixels of planes, a row of the image at a time.

Lines of numbers stay in the first-level cache, one for each place in a sorted column or row. All of them are
in one array, a constant distance apart. So compilers see that none overlaps another, and make vectors of the
loops.

Of 3 x 3 pixels, each row is sorted once. The median is that of three numbers: the largest of the smallest,
the median of the middle ones, and the smallest of the largest. Windows above each other share two rows::

    row y - 1   o o o  |
    row y       o o o  |  |
    row y + 1   o o o  |  |
    row y + 2   o o o     |

Of 5 x 5 pixels, columns are sorted, then merged in pairs, and medians are found by the networks of
`skmask._kernels.local.networks`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba import types

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import aligned, intrinsic, jit
from skmask._kernels.local.networks import LARGER, SMALLER, Network, plan_median
from skmask._kernels.local.windows import mirrored

# Vectors go on over whole chunks of so many pixels; the last chunk overlaps the one before.
_CHUNK = 64

# Widest part of an image at a time, and pixels from one line to the next: with room for margins, and no power
# of two, whose multiples would meet in the cache.
_WIDEST, _LINE = 1024, 1216

# Where the first and the last window of a row of an image are kept, behind the others.
_EDGE = 1152

# Indices without a sign need no check for being negative, which would keep loops from becoming vectors.
_1, _2, _3, _4, _5 = (np.uint64(i) for i in (1, 2, 3, 4, 5))
_APART = np.uint64(_LINE)


def median_smooth(images: Array, reaches: Sequence[int]) -> Array:
    """Replace each pixel by the median of the window around it."""
    dtype, run = images.dtype, _KERNELS.get(tuple(reaches))
    is_number = dtype.kind in "iuf" and dtype.itemsize <= 8 and dtype != np.float16
    if run is None or not (is_number and dtype.isnative and images.flags.aligned):
        return NotImplemented
    height, width = images.shape[1:]
    if width < _CHUNK + 2 or height < 2 or len(images) == 0:
        return NotImplemented
    strip = -(-width // -(-width // _WIDEST))
    medians = np.empty(images.shape, dtype)
    rows, columns = mirrored(height, reaches[0]), mirrored(width, reaches[0])
    is_finite = run(np.ascontiguousarray(images), rows, columns, strip, medians)
    return medians if is_finite else NotImplemented


def _unrolled(network: Network) -> Callable[..., Any]:
    """Return a function for compiled functions that carries out a network on a tuple of numbers."""

    @intrinsic
    def carry_out(context: Any, wires: Any) -> Any:
        number = wires.dtype

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            now = [builder.extract_value(arguments[0], i) for i in range(wires.count)]
            for first, second, written in network.comparators.tolist():
                a, b = now[first], now[second]
                if isinstance(number, types.Float):
                    is_less = builder.fcmp_ordered("<", a, b)
                elif number.signed:
                    is_less = builder.icmp_signed("<", a, b)
                else:
                    is_less = builder.icmp_unsigned("<", a, b)
                if written & SMALLER:
                    now[first] = builder.select(is_less, a, b)
                if written & LARGER:
                    now[second] = builder.select(is_less, b, a)
            results = [now[wire] for wire in network.results]
            return context.make_tuple(builder, signature.return_type, results)

        results: Any = types.UniTuple
        return results(number, len(network.results))(wires), generate

    return carry_out


_sort_3 = _unrolled(plan_median(3, 3).columns)
_sort_5, _merge, _choose = map(_unrolled, plan_median(5, 5)[:3])


@jit
def _is_finite(row: Any) -> bool:
    bad = False
    for x in range(len(row)):
        bad |= row[x] - row[x] != 0
    return not bad


@jit
def _chunks(number: int, start: int, stop: int) -> Any:
    """Return the first pixel and the number of pixels of all whole chunks (0), or of one for the rest (1)."""
    whole = (stop - start) // _CHUNK * _CHUNK
    if number == 0:
        return np.uint64(start), np.uint64(whole)
    return np.uint64(stop - _CHUNK), np.uint64(_CHUNK if start + whole < stop else 0)


# These choices become vector instructions; `min` and `max` would look for NaN.
@jit
def _smaller(a: Any, b: Any) -> Any:
    return a if a < b else b


@jit
def _larger(a: Any, b: Any) -> Any:
    return b if a < b else a


@jit
def _middle(a: Any, b: Any, c: Any) -> Any:
    return _larger(_smaller(a, b), _smaller(_larger(a, b), c))


@jit
def _put(lines: Any, x: int, numbers: Any) -> None:
    for i in range(len(numbers)):
        lines[x + np.uint64(i) * _APART] = numbers[i]


@jit
def _five(lines: Any, x: int) -> Any:
    return (
        lines[x],
        lines[x + _APART],
        lines[x + _2 * _APART],
        lines[x + _3 * _APART],
        lines[x + _4 * _APART],
    )


@jit
def _slot(row: int) -> Any:
    """Return where the sorted pixels of a row are, of which four are kept."""
    return np.uint64(row % 4) * _3 * _APART


@jit
def _two_medians(lines: Any, x: int, y: int) -> Any:
    """Return the medians of the windows at rows y and y + 1, counted as they are with the margin."""
    top, upper, lower, bottom = _slot(y) + x, _slot(y + 1) + x, _slot(y + 2) + x, _slot(y + 3) + x
    middle, largest = _APART, _2 * _APART
    low = _larger(lines[upper], lines[lower])
    high = _smaller(lines[upper + largest], lines[lower + largest])
    a, b = lines[upper + middle], lines[lower + middle]
    less, more = _smaller(a, b), _larger(a, b)
    return (
        _middle(
            _larger(low, lines[top]),
            _larger(less, _smaller(more, lines[top + middle])),
            _smaller(high, lines[top + largest]),
        ),
        _middle(
            _larger(low, lines[bottom]),
            _larger(less, _smaller(more, lines[bottom + middle])),
            _smaller(high, lines[bottom + largest]),
        ),
    )


@jit
def _of_9(images: Any, rows: Any, columns: Any, strip: int, medians: Any) -> bool:
    n, height, width = images.shape
    lines = aligned(12 * _LINE, images.dtype)
    zero = images.dtype.type(0)  # added to zeros, which lose their sign
    for i in range(n):
        for first in range(0, width, strip):
            start, stop = max(first, 1), min(first + strip, width - 1)
            n_sorted = 0
            for step in range(0, height, 2):
                y = min(step, height - 2)
                while n_sorted < y + 4:
                    row, slot = images[i, rows[n_sorted]], _slot(n_sorted)
                    if first == 0 and not _is_finite(row):
                        return False
                    for part in range(2):
                        begin, size = _chunks(part, start, stop)
                        line = slot + begin - np.uint64(start)
                        for k in range(size):
                            x = begin + k
                            _put(lines, line + k, _sort_3((row[x - _1], row[x], row[x + _1])))
                    for side in range(2):
                        x = side * (width - 1)
                        window = row[columns[x]], row[columns[x + 1]], row[columns[x + 2]]
                        _put(lines, slot + np.uint64(_EDGE + side), _sort_3(window))
                    n_sorted += 1
                above, below = medians[i, y], medians[i, y + 1]
                for part in range(2):
                    begin, size = _chunks(part, start, stop)
                    for k in range(size):
                        a, b = _two_medians(lines, begin - np.uint64(start) + k, y)
                        above[begin + k] = a + zero
                        below[begin + k] = b + zero
                for side in range(2):
                    a, b = _two_medians(lines, np.uint64(_EDGE + side), y)
                    above[side * (width - 1)] = a + zero
                    below[side * (width - 1)] = b + zero
    return True


@jit
def _of_25(images: Any, rows: Any, columns: Any, strip: int, medians: Any) -> bool:
    n, height, width = images.shape
    lines = aligned(16 * _LINE, images.dtype)
    zero = images.dtype.type(0)
    # Columns begin one chunk after the line does, so that those of the margin fit in before.
    chunk, pairs = np.uint64(_CHUNK), _5 * _APART
    for i in range(n):
        for first in range(0, width, strip):
            last = min(first + strip, width)
            start, stop = max(first - 2, 0), min(last + 2, width)
            for y in range(height):
                if first == 0 and not _is_finite(images[i, y]):
                    return False
                a, b, c = images[i, rows[y]], images[i, rows[y + 1]], images[i, rows[y + 2]]
                d, e = images[i, rows[y + 3]], images[i, rows[y + 4]]
                # A vector can be read soon only if none of its numbers was written last: margins come first.
                for side in range(4):
                    x = first - 2 + side if side < 2 else last - 2 + side
                    if not start <= x < stop:
                        at = columns[x + 2]
                        column = _sort_5((a[at], b[at], c[at], d[at], e[at]))
                        _put(lines, np.uint64(x - first + _CHUNK), column)
                for part in range(2):
                    begin, size = _chunks(part, start, stop)
                    line = begin + chunk - np.uint64(first)
                    for k in range(size):
                        x = begin + k
                        _put(lines, line + k, _sort_5((a[x], b[x], c[x], d[x], e[x])))
                for part in range(2):
                    begin, size = _chunks(part, 0, last - first + 2)
                    for k in range(size):
                        x = begin + k
                        column = x + chunk - _2
                        pair = _merge(_five(lines, column) + _five(lines, column + _1))
                        _put(lines, x + pairs, pair)
                out = medians[i, y]
                for part in range(2):
                    begin, size = _chunks(part, first, last)
                    for k in range(size):
                        x = begin - np.uint64(first) + k
                        window = (
                            _five(lines, x + pairs)
                            + _five(lines, x + _2 * pairs)
                            + _five(lines, x + _2 + pairs)
                            + _five(lines, x + _2 + _2 * pairs)
                            + _five(lines, x + _2 + chunk)
                        )
                        out[begin + k] = _choose(window)[0] + zero
    return True


_KERNELS: dict[tuple[int, ...], Callable[..., bool]] = {(1, 1): _of_9, (2, 2): _of_25}
