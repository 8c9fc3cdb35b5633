"""Twin of `skmask._kernels.morphology.nearest`: small images, row by row.

Beyond its edges an image is continued by the rows there, and by pixels that change nothing::

    above    . a b c d .
    center   . e f g h .      column = above | center | below, byte by byte
    below    . i j k l .      box    = column, moved by one byte to both sides
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled.jit import as_source, jit


def join_nearest(masks: BoolArray, offsets: BoolArray, combine: np.ufunc) -> BoolArray:
    """Combine each pixel with its neighbors in the image, by the offsets of a cross or a box."""
    source = as_source(np.ascontiguousarray(masks).view(np.uint8))
    result = np.empty(masks.shape, np.bool_)
    lines = np.zeros((2, masks.shape[-1] + 2), np.uint8)
    # A pixel is in the erosion unless the dilation of the background reaches it.
    flip = np.uint8(combine is np.bitwise_and)
    _join(source, result.view(np.uint8), lines, flip, bool(offsets[0, 0]))
    return result


@jit
def _join(source: Any, target: Any, lines: Any, flip: Any, boxed: Any) -> None:
    n, height, width = source.shape
    line, column = lines[0], lines[1]
    beside = column if boxed else line
    for i in range(n):
        for y in range(height):
            above, below = source[i, max(y - 1, 0)], source[i, min(y + 1, height - 1)]
            center, out = source[i, y], target[i, y]
            for x in range(width):
                line[x + 1] = center[x] ^ flip
                column[x + 1] = (center[x] ^ flip) | (above[x] ^ flip) | (below[x] ^ flip)
            for x in range(width):
                out[x] = (column[x + 1] | beside[x] | beside[x + 2]) ^ flip
