"""Medians of large windows of bytes, by counts of pixels up to each level.

A byte is a coarse level of 16, times 16, and a fine level of 16 within it. Every column has the counts of its
pixels in the window, up to each coarse level, and up to each fine level of each coarse one::

    level            0   1   2   3
    pixels  2 0 2    1   1   3   3      two counts are at most half of the pixels: the median is 2

Counts of a window follow those of its columns from pixel to pixel. Fine counts of a coarse level are brought
up to date when the median falls into it, mostly the level of the pixel before. All 16 are one vector.

S. Perreault and P. Hebert, "Median filtering in constant time", IEEE Transactions on Image Processing 16
(2007), 2389-2394, https://doi.org/10.1109/TIP.2007.902329
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import intrinsic, jit

# Counts have 16 bits.
MOST_PIXELS = 2**16 - 1

# Row i is what a pixel of level i adds to the counts up to each level; the last row is no pixel.
_PIXEL = np.triu(np.ones((17, 16), np.uint16))
_NONE = 16

_STRIP = 1024


@intrinsic
def _move(context: Any, counts: Any, i: Any, source: Any, plus: Any, minus: Any, limit: Any) -> Any:
    """Add a row of counts to row i and take another one away; return how many are at most a limit then."""
    vector = ir.VectorType(ir.IntType(16), 16)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def row(position: int, index: Any) -> Any:
            array = context.make_array(signature.args[position])(
                context, builder, arguments[position]
            )
            first = builder.mul(index, ir.Constant(index.type, 16))
            return builder.bitcast(builder.gep(array.data, [first]), vector.as_pointer())

        target = row(0, arguments[1])
        added, removed = (builder.load(row(2, arguments[k]), align=2) for k in (3, 4))
        total = builder.sub(builder.add(builder.load(target, align=2), added), removed)
        builder.store(total, target, align=2)
        bound = builder.trunc(arguments[5], ir.IntType(16))
        bounds = builder.insert_element(
            ir.Constant(vector, ir.Undefined), bound, ir.Constant(ir.IntType(32), 0)
        )
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), 16), [0] * 16)
        bounds = builder.shuffle_vector(bounds, bounds, lanes)
        bits = builder.bitcast(builder.icmp_unsigned("<=", total, bounds), ir.IntType(16))
        return builder.zext(builder.ctpop(bits), ir.IntType(64))

    return types.intp(counts, types.intp, source, types.intp, types.intp, types.intp), generate


def median_of_bytes(padded: Array, height: int, width: int) -> Array:
    """Return the median of each window of a padded block, of at most `MOST_PIXELS` pixels each."""
    n, n_rows, n_columns = padded.shape
    medians = np.empty((n, n_rows - height + 1, n_columns - width + 1), np.uint8)
    # Counts of the columns of a strip stay in the second-level cache.
    strip = max(_STRIP, 2 * width)
    for first in range(0, medians.shape[2], strip):
        part = medians[:, :, first : first + strip]
        columns = padded[:, :, first : first + part.shape[2] + width - 1]
        _fill(np.ascontiguousarray(columns), _PIXEL, height, width, part)
    return medians


@jit
def _fill(padded: Any, pixel: Any, height: int, width: int, medians: Any) -> None:
    n, n_rows, n_columns = padded.shape
    half = height * width // 2
    # Behind the counts of all columns are those of no column.
    coarse = np.zeros((n_columns + 1, 16), np.uint16)
    fine = np.zeros((16 * n_columns + 1, 16), np.uint16)
    counts, parts = np.zeros((1, 16), np.uint16), np.zeros((16, 16), np.uint16)
    done = np.zeros(16, np.int64)
    for i in range(n):
        coarse[:], fine[:] = 0, 0
        for y in range(n_rows):
            entering, leaving = padded[i, y], padded[i, max(y - height, 0)]
            for x in range(n_columns):
                new, old = np.int64(entering[x]), np.int64(leaving[x])
                coarse_old, fine_old = (old >> 4, old & 15) if y >= height else (_NONE, _NONE)
                _move(coarse, x, pixel, new >> 4, coarse_old, 0)
                _move(fine, (new >> 4) * n_columns + x, pixel, new & 15, _NONE, 0)
                _move(fine, (old >> 4) * n_columns + x, pixel, _NONE, fine_old, 0)
            if y >= height - 1:
                row = medians[i, y - height + 1]
                _find(coarse, fine, counts, parts, done, width, half, row)


@jit
def _find(
    coarse: Any, fine: Any, counts: Any, parts: Any, done: Any, width: int, half: int, out: Any
) -> None:
    n_columns, none = len(coarse) - 1, len(fine) - 1
    done[:] = -width  # the first column of the window that the fine counts of a coarse level are of
    counts[:] = 0
    for x in range(width - 1):
        _move(counts, 0, coarse, x, n_columns, 0)
    before = n_columns
    for x in range(len(out)):
        level: int = _move(counts, 0, coarse, x + width - 1, before, half)
        before = x
        limit = half - (np.int64(counts[0, level - 1]) if level else 0)
        first = level * n_columns
        if x - done[level] >= width:
            parts[level] = 0
            for j in range(first + x, first + x + width - 1):
                _move(parts, level, fine, j, none, 0)
            value = _move(parts, level, fine, first + x + width - 1, none, limit)
        else:
            value = _move(parts, level, fine, none, none, limit)
            for j in range(first + done[level], first + x):
                value = _move(parts, level, fine, j + width, j, limit)
        done[level] = x
        out[x] = 16 * level + value
