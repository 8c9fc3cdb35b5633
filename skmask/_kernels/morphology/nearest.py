"""One dilation or erosion of plane images by the nearest neighbors, on bytes.

For so little work it does not pay to pack a large image. A row of bytes and the same row moved by a pixel
are joined in one call for many rows at once. This wrongly joins the ends of adjacent rows, so the first
and last column are written again.
"""

from math import prod

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray
from skmask._kernels.compiled import is_compiled
from skmask._kernels.morphology.bitplane import LANES

__all__ = ["is_nearest", "join_nearest", "joins_nearest"]


CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.bool_)
BOX = np.ones((3, 3), dtype=np.bool_)
NEAREST = {CROSS.tobytes(), BOX.tobytes()}

# Pixels that stay in a second-level cache while their neighbors are joined to them.
BLOCK_SIZE = 1 << 18

# Images of fewer pixels are better packed, if there are enough of them for the lanes.
SMALL_SIZE = 1 << 17


def is_nearest(offsets: BoolArray) -> bool:
    """Tell whether a footprint is that of the nearest neighbors in a plane, with or without corners."""
    return offsets.shape == (3, 3) and offsets.tobytes() in NEAREST


def joins_nearest(masks: BoolArray) -> bool:
    """Tell whether `join_nearest` takes these masks, and is faster than bit planes of NumPy."""
    if is_compiled() or not isinstance(masks, np.ndarray):
        return False
    return len(masks) < LANES or prod(masks.shape[1:]) >= SMALL_SIZE


def join_nearest(masks: BoolArray, offsets: BoolArray, combine: np.ufunc) -> BoolArray:
    """Combine each pixel with its neighbors in the image, by the offsets of a cross or a box.

    The masks are of shape (n, height, width), both at least 2.
    """
    _, n_rows, width = masks.shape
    result = np.empty(masks.shape, dtype=np.bool_)
    boxed = bool(offsets[0, 0])
    height = max(1, BLOCK_SIZE // width)
    for mask, joined in zip(masks.view(np.uint8), result.view(np.uint8), strict=True):
        for start in range(0, n_rows, height):
            target = joined[start : start + height]
            above, below = min(start, 1), min(n_rows - start - len(target), 1)
            rows = np.ascontiguousarray(mask[start - above : start + len(target) + below])
            inner = rows[above : above + len(target)]
            first, last = 1 - above, len(target) - 1 + below
            if boxed:
                rows = _join_columns(rows, np.empty_like(rows), combine)
                inner = rows[above : above + len(target)]
                target[:first] = inner[:first]
            else:
                inner = _join_columns(inner, target, combine)
            combine(inner[first:], rows[: len(target) - first], target[first:])
            combine(target[:last], rows[above + 1 :], target[:last])
    return result


def _join_columns(rows: ByteArray, target: ByteArray, combine: np.ufunc) -> ByteArray:
    """Write each pixel, combined with its neighbors to the left and right, to `target`."""
    flat = rows.reshape(-1)
    combine(flat[:-2], flat[2:], target.reshape(-1)[1:-1])
    target[:, 0] = rows[:, 1]
    target[:, -1] = rows[:, -2]
    combine(target, rows, target)
    return target
