"""Twins of `skmask._kernels.morphology.bitplane`: all lanes in one pass over a row."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray
from skmask._kernels.compiled.jit import jit

LANES = 8

# Shorter rows cost more to begin than to pack.
_SHORT = 32


def pack(lanes: BoolArray, plane: ByteArray) -> None:
    """Write up to eight masks, of shape (n_lanes, *shape), to the bits of `plane`, of that shape."""
    if not 2 < lanes.ndim < 6 or lanes.shape[-1] < _SHORT:
        return NotImplemented
    rows, target = _rows(lanes.view(np.uint8), 1), _rows(plane, 0)
    (_pack_all if len(lanes) == LANES else _pack_some)(rows, target)
    return None


def unpack(plane: ByteArray, lanes: BoolArray, first: int = 0) -> None:
    """Write the bits of `plane`, from number `first` on, to masks of shape (n_lanes, *shape)."""
    if not 2 < lanes.ndim < 6 or lanes.shape[-1] < _SHORT:
        return NotImplemented
    rows, target = _rows(plane, 0), _rows(lanes.view(np.uint8), 1)
    if len(lanes) == LANES:
        _unpack_all(rows, target)
    else:
        _unpack_some(rows, target, first)
    return None


def _rows(array: Any, axis: int) -> Any:
    """View images, whose first axis is `axis`, as volumes with two axes of rows."""
    missing = 4 + axis - array.ndim
    return array[(slice(None),) * (axis + 1) + (np.newaxis,) * missing]


@jit
def _pack_all(lanes: Any, plane: Any) -> None:
    n, depth, height, width = plane.shape
    for i in range(n):
        for z in range(depth):
            for y in range(height):
                out = plane[i, z, y]
                a, b, c, d = (
                    lanes[0, i, z, y],
                    lanes[1, i, z, y],
                    lanes[2, i, z, y],
                    lanes[3, i, z, y],
                )
                e, f, g, h = (
                    lanes[4, i, z, y],
                    lanes[5, i, z, y],
                    lanes[6, i, z, y],
                    lanes[7, i, z, y],
                )
                for x in range(width):
                    low = a[x] | b[x] << 1 | c[x] << 2 | d[x] << 3
                    out[x] = low | (e[x] | f[x] << 1 | g[x] << 2 | h[x] << 3) << 4


@jit
def _pack_some(lanes: Any, plane: Any) -> None:
    n, depth, height, width = plane.shape
    for i in range(n):
        for z in range(depth):
            for y in range(height):
                out = plane[i, z, y]
                out[:] = lanes[0, i, z, y]
                for lane in range(1, len(lanes)):
                    row = lanes[lane, i, z, y]
                    for x in range(width):
                        out[x] |= row[x] << lane


@jit
def _unpack_all(plane: Any, lanes: Any) -> None:
    n, depth, height, width = plane.shape
    for i in range(n):
        for z in range(depth):
            for y in range(height):
                row = plane[i, z, y]
                a, b, c, d = (
                    lanes[0, i, z, y],
                    lanes[1, i, z, y],
                    lanes[2, i, z, y],
                    lanes[3, i, z, y],
                )
                e, f, g, h = (
                    lanes[4, i, z, y],
                    lanes[5, i, z, y],
                    lanes[6, i, z, y],
                    lanes[7, i, z, y],
                )
                # Shifts by constants stay in bytes; compilers widen others to 64 bits.
                for x in range(width):
                    a[x] = row[x] & 1
                    b[x] = row[x] >> 1 & 1
                    c[x] = row[x] >> 2 & 1
                    d[x] = row[x] >> 3 & 1
                for x in range(width):
                    e[x] = row[x] >> 4 & 1
                    f[x] = row[x] >> 5 & 1
                    g[x] = row[x] >> 6 & 1
                    h[x] = row[x] >> 7 & 1


@jit
def _unpack_some(plane: Any, lanes: Any, first: Any) -> None:
    n, depth, height, width = plane.shape
    for i in range(n):
        for z in range(depth):
            for y in range(height):
                row = plane[i, z, y]
                for lane in range(len(lanes)):
                    out = lanes[lane, i, z, y]
                    bit = np.uint8(1 << (first + lane))
                    for x in range(width):
                        out[x] = np.uint8(1) if row[x] & bit else np.uint8(0)
