"""Twins of `skmask._kernels.morphology.nearest`: small footprints on bytes, row by row.

A row of the result needs few rows of the image. They are joined above each other first, into a line that
is longer by the reach of the footprint, then beside each other. Both loops run over bytes next to each
other, which compilers turn into vector instructions of 16 to 64 pixels.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray
from skmask._kernels.compiled.jit import jit


def join_nearest(masks: BoolArray, offsets: BoolArray, combine: np.ufunc) -> BoolArray:
    """Combine each pixel with its neighbors, by a cross, a box or a disk of radius 2."""
    source = np.ascontiguousarray(masks).view(np.uint8)
    result = np.empty(masks.shape, dtype=np.bool_)
    # A pixel is in the erosion unless the dilation of the background reaches it.
    flip = np.uint8(combine is np.bitwise_and)
    join = _join_disk if len(offsets) == 5 else _join_box if offsets[0, 0] else _join_cross
    join(source, result.view(np.uint8), flip)
    return result


# Beyond the first and the last row, a row is joined to itself, which changes nothing.


@jit
def _join_cross(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    line = np.zeros(width + 2, np.uint8)
    for i in range(n):
        for y in range(height):
            center, out = source[i, y], target[i, y]
            above, below = source[i, max(y - 1, 0)], source[i, min(y + 1, height - 1)]
            for x in range(width):
                line[x + 1] = center[x] ^ flip
            for x in range(width):
                beside = line[x] | line[x + 1] | line[x + 2]
                out[x] = (beside | (above[x] ^ flip) | (below[x] ^ flip)) ^ flip


@jit
def _join_box(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    line = np.zeros(width + 2, np.uint8)
    for i in range(n):
        for y in range(height):
            center, out = source[i, y], target[i, y]
            above, below = source[i, max(y - 1, 0)], source[i, min(y + 1, height - 1)]
            for x in range(width):
                line[x + 1] = (center[x] ^ flip) | (above[x] ^ flip) | (below[x] ^ flip)
            for x in range(width):
                out[x] = (line[x] | line[x + 1] | line[x + 2]) ^ flip


@jit
def _join_disk(source: ByteArray, target: ByteArray, flip: Any) -> None:
    n, height, width = source.shape
    line, middle = np.zeros(width + 4, np.uint8), np.zeros(width + 2, np.uint8)
    for i in range(n):
        for y in range(height):
            center, out = source[i, y], target[i, y]
            above, below = source[i, max(y - 1, 0)], source[i, min(y + 1, height - 1)]
            top = source[i, y - 2 if y > 1 else y]
            bottom = source[i, y + 2 if y < height - 2 else y]
            for x in range(width):
                line[x + 2] = center[x] ^ flip
                middle[x + 1] = (center[x] ^ flip) | (above[x] ^ flip) | (below[x] ^ flip)
            for x in range(width):
                joined = line[x] | line[x + 4] | middle[x] | middle[x + 1] | middle[x + 2]
                out[x] = (joined | (top[x] ^ flip) | (bottom[x] ^ flip)) ^ flip
