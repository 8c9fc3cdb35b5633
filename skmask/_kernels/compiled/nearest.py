"""Twins of `skmask._kernels.morphology.nearest`: small footprints on bytes, some rows at a time.

The rows of a block lie behind each other in memory, as do those above and below, so that a block of any width
is one long line of bytes::

    above    a b c d  e f g h  ...
    center   e f g h  i j k l  ...      column = above | center | below, byte by byte
    below    i j k l  m n o p  ...      result = column, moved by one byte to both sides

Compilers turn such loops into vector instructions of 16 to 64 pixels. Where rows meet, pixels are joined that
are no neighbors, and the first and last columns are written again.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray
from skmask._kernels.compiled.jit import jit

# Bytes of a block, which stays in the first-level cache with what is joined to it.
_BLOCK = 1 << 14


def join_nearest(masks: BoolArray, offsets: BoolArray, combine: np.ufunc) -> BoolArray:
    """Combine each pixel with its neighbors, by a cross, a box or a disk of radius 2."""
    source = np.ascontiguousarray(masks).view(np.uint8)
    result = np.empty(masks.shape, dtype=np.bool_)
    # A pixel is in the erosion unless the dilation of the background reaches it.
    flip = np.uint8(combine is np.bitwise_and)
    join = _join_disk if len(offsets) == 5 else _join_box if offsets[0, 0] else _join_cross
    join(source, result.view(np.uint8), flip)
    return result


@jit
def _rows(image: Any, first: int, stop: int, scratch: Any) -> Any:
    """Return some rows of an image as one line; those beyond its edges repeat the last row there.

    To join a row to itself changes nothing.
    """
    height, width = image.shape
    if first >= 0 and stop <= height:
        return image.reshape(-1)[first * width : stop * width]
    for y in range(first, stop):
        row, place = min(max(y, 0), height - 1), (y - first) * width
        for x in range(width):
            scratch[place + x] = image[row, x]
    return scratch[: (stop - first) * width]


@jit
def _end(y: int, height: int, reach: int, step: int) -> Any:
    """Return where the block from a row on ends: those at the edges of an image are short."""
    if y == 0:
        return min(reach, height)
    return min(y + step, height - reach) if y < height - reach else height


@jit
def _join_cross(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    step = max(_BLOCK // width, 2)
    scratch = np.empty(3 * width, np.uint8)
    for i in range(n):
        stop = 0
        while stop < height:
            y, stop = stop, _end(stop, height, 1, step)
            rows, out = _rows(source[i], y - 1, stop + 1, scratch), target[i, y:stop].reshape(-1)
            above, below = rows[: out.size], rows[2 * width :]
            left, center, right = rows[width - 1 :], rows[width:], rows[width + 1 :]
            for x in range(out.size):
                beside = (left[x] ^ flip) | (center[x] ^ flip) | (right[x] ^ flip)
                out[x] = (beside | (above[x] ^ flip) | (below[x] ^ flip)) ^ flip
            for row in range(stop - y):
                x = row * width
                joined = (center[x] ^ flip) | (right[x] ^ flip)
                out[x] = (joined | (above[x] ^ flip) | (below[x] ^ flip)) ^ flip
            for row in range(stop - y):
                x = row * width + width - 1
                joined = (left[x] ^ flip) | (center[x] ^ flip)
                out[x] = (joined | (above[x] ^ flip) | (below[x] ^ flip)) ^ flip


@jit
def _join_box(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    step = max(_BLOCK // width, 2)
    scratch, column = np.empty(3 * width, np.uint8), np.zeros(step * width + 2, np.uint8)
    for i in range(n):
        stop = 0
        while stop < height:
            y, stop = stop, _end(stop, height, 1, step)
            rows, out = _rows(source[i], y - 1, stop + 1, scratch), target[i, y:stop].reshape(-1)
            above, center, below = rows[: out.size], rows[width:], rows[2 * width :]
            for x in range(out.size):
                column[x + 1] = (above[x] ^ flip) | (center[x] ^ flip) | (below[x] ^ flip)
            for x in range(out.size):
                out[x] = (column[x] | column[x + 1] | column[x + 2]) ^ flip
            for row in range(stop - y):
                x = row * width
                out[x] = (column[x + 1] | column[x + 2]) ^ flip
            for row in range(stop - y):
                x = row * width + width - 1
                out[x] = (column[x] | column[x + 1]) ^ flip


@jit
def _join_disk(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    step = max(_BLOCK // width, 2)
    scratch, column = np.empty(6 * width, np.uint8), np.zeros(step * width + 2, np.uint8)
    for i in range(n):
        stop = 0
        while stop < height:
            y, stop = stop, _end(stop, height, 2, step)
            rows, out = _rows(source[i], y - 2, stop + 2, scratch), target[i, y:stop].reshape(-1)
            top, bottom = rows[: out.size], rows[4 * width :]
            above, center, below = rows[width:], rows[2 * width :], rows[3 * width :]
            left, right = rows[2 * width - 2 :], rows[2 * width + 2 :]
            for x in range(out.size):
                column[x + 1] = (above[x] ^ flip) | (center[x] ^ flip) | (below[x] ^ flip)
            for x in range(out.size):
                joined = column[x] | column[x + 1] | column[x + 2]
                joined |= (left[x] ^ flip) | (right[x] ^ flip)
                out[x] = (joined | (top[x] ^ flip) | (bottom[x] ^ flip)) ^ flip
            for row in range(stop - y):
                for place in (0, 1, width - 2, width - 1):
                    x = row * width + place
                    joined = column[x + 1] | (top[x] ^ flip) | (bottom[x] ^ flip)
                    if place > 0:
                        joined |= column[x]
                    if place < width - 1:
                        joined |= column[x + 2]
                    if place > 1:
                        joined |= left[x] ^ flip
                    if place < width - 2:
                        joined |= right[x] ^ flip
                    out[x] = joined ^ flip
