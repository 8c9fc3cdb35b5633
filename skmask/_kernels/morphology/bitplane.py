"""Bit planes: eight masks of one shape in one array of bytes, a bit each.

Packing neighboring pixels into a word, as is usual, makes a shift along that axis a shift of bits with
a carry between words, and borders depend on the width modulo 64. Here a byte holds the pixels at one
place of eight different masks, its lanes. All shifts are then offsets into an array, along every axis and
at every width, and an operation on bytes works on eight masks: 64 pixels a 64-bit word all the same.
"""

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray

__all__ = ["LANES", "pack", "unpack"]


LANES = 8
BITS = np.left_shift(1, np.arange(LANES)).astype(np.uint8)

# Bytes that stay in a cache between the two steps of unpacking.
CHUNK_SIZE = 1 << 17


def pack(lanes: BoolArray, plane: ByteArray) -> None:
    """Write up to eight masks, of shape (n_lanes, *shape), to the bits of `plane`, of that shape.

    Bits without a lane are 0.
    """
    *others, last = lanes.view(np.uint8)
    np.copyto(plane, last)
    for lane in reversed(others):
        np.add(plane, plane, out=plane)
        np.bitwise_or(plane, lane, out=plane)


def unpack(plane: ByteArray, lanes: BoolArray, first: int = 0) -> None:
    """Write the bits of `plane`, from number `first` on, to masks of shape (n_lanes, *shape)."""
    bits = BITS[first : first + len(lanes)].reshape(-1, *(1,) * plane.ndim)
    step = max(1, CHUNK_SIZE // max(1, plane.size))
    for start in range(0, len(lanes), step):
        chunk = slice(start, start + step)
        np.not_equal(np.bitwise_and(plane, bits[chunk]), 0, out=lanes[chunk])
