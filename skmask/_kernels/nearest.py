"""One dilation or erosion by the nearest neighbors, on bytes.

For so little work it does not pay to pack a large image. A row of bytes and the same row moved by a pixel are
joined in one call for many rows at once: where rows meet, that joins what are no neighbors, and
the first and last column are written again.
"""

from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.bitplane import LANES

__all__ = ["is_nearest", "join_nearest"]

BoolArray = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

# Pixels that stay in a second-level cache while all their neighbors are joined to them.
BLOCK_SIZE = 1 << 18

# Images of fewer pixels are better packed, if there are enough of them for the lanes.
SMALL_SIZE = 1 << 17


def is_nearest(masks: BoolArray, offsets: BoolArray) -> bool:
    """Tell whether `join_nearest` is for these masks: it takes 3 x 3 ... pixels, or a cross, of offsets."""
    if len(masks) >= LANES and prod(masks.shape[1:]) < SMALL_SIZE:
        return False
    if offsets.ndim == 1 or offsets.shape != (3,) * offsets.ndim:
        return False
    return bool(offsets.all()) or np.array_equal(offsets, _cross(offsets.ndim))


@lru_cache
def _cross(ndim: int) -> BoolArray:
    return np.abs(np.indices((3,) * ndim) - 1).sum(axis=0) <= 1


def join_nearest(masks: BoolArray, offsets: BoolArray, combine: np.ufunc) -> BoolArray:
    """Combine each pixel with its neighbors in the image, by offsets that `is_nearest` approves of."""
    result = np.empty(masks.shape, dtype=np.bool_)
    n_rows = masks.shape[1]
    height = max(1, BLOCK_SIZE // prod(masks.shape[2:]))
    boxed = bool(offsets.all())
    for mask, joined in zip(masks.view(np.uint8), result.view(np.uint8), strict=True):
        for start in range(0, n_rows, height):
            target = joined[start : start + height]
            above, below = min(start, 1), min(n_rows - start - len(target), 1)
            rows = np.ascontiguousarray(mask[start - above : start + len(target) + below])
            inner = slice(above, above + len(target))
            if boxed:
                rows = _join_box(rows, combine)
                target[...] = rows[inner]
            else:
                _join_columns(rows[inner], target, combine)
                for axis in range(1, rows.ndim - 1):
                    _join_axis(rows[inner], target, axis, combine)
            first, last = 1 - above, len(target) - 1 + below
            combine(
                target[first:], rows[first + above - 1 :][: len(target) - first], target[first:]
            )
            combine(target[:last], rows[above + 1 :][:last], target[:last])
    return result


def _join_box(rows: Bytes, combine: np.ufunc) -> Bytes:
    """Combine each pixel with its neighbors along all axes but the first."""
    box = np.empty_like(rows)
    _join_columns(rows, box, combine)
    for axis in range(1, rows.ndim - 1):
        lines = box
        box = lines.copy()
        _join_axis(lines, box, axis, combine)
    return box


def _join_columns(rows: Bytes, target: Bytes, combine: np.ufunc) -> None:
    """Write each pixel, combined with its neighbors along the last axis, to `target`."""
    flat = rows.reshape(-1)
    combine(flat[:-2], flat[2:], target.reshape(-1)[1:-1])
    target[..., 0] = rows[..., 1]
    target[..., -1] = rows[..., -2]
    combine(target, rows, target)


def _join_axis(rows: Bytes, target: Bytes, axis: int, combine: np.ufunc) -> None:
    """Combine `target` with the neighbors along an axis."""
    head = (slice(None),) * axis + (slice(None, -1),)
    tail = (slice(None),) * axis + (slice(1, None),)
    combine(target[tail], rows[head], target[tail])
    combine(target[head], rows[tail], target[head])
