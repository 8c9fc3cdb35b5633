"""Twins of `skmask._kernels.local.medians`: windows that slide, by the pixels that enter and leave them.

Bytes are counted. Other pixels are replaced by their ranks in the block. A window is a set of ranks, one bit
each, and the median moves up and down in it::

    pixels  0.5  0.1  0.9  0.7      bits of a window of 0.5, 0.9 and 0.7   0 1 1 1
    ranks     1    0    3    2                             its median          ^
"""

from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.compiled.local.byte_medians import MOST_PIXELS, median_of_bytes
from skmask._kernels.local.windows import Window

# Medians of windows of more bytes are found faster by counting than by networks.
_COUNTED = 50


def window_median(padded: Array, window: Window) -> Array:
    """Compute the median of each window of more bytes than networks are for."""
    kind, size = padded.dtype.kind, padded.dtype.itemsize
    is_byte = kind in "iu" and size == 1 and padded.ndim == 3
    if not (is_byte and _COUNTED < prod(window) <= MOST_PIXELS):
        return NotImplemented
    # The order of signed bytes is that of unsigned ones with the highest bit flipped.
    flip = np.uint8(128 if kind == "i" else 0)
    values = np.ascontiguousarray(padded).view(np.uint8)
    return (median_of_bytes(values ^ flip, *window) ^ flip).view(padded.dtype)


def median_of_large(padded: Array, window: Window) -> Array:
    """Compute the median of the finite pixels of each window; NaN where there are none."""
    if padded.dtype.kind == "b" or padded.dtype.itemsize > 8 or padded.ndim > 4:
        return NotImplemented
    values = padded.astype(padded.dtype.newbyteorder("="))
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    order = np.argsort(values, axis=None, kind="stable" if values.itemsize < 4 else None)
    ranks = np.empty(values.size, np.int32)
    ranks[order] = np.arange(values.size, dtype=np.int32)
    in_order = values.reshape(-1)[order]
    if values.dtype.kind == "f":
        ranks[~np.isfinite(values).reshape(-1)] = -1
        in_order = in_order.astype(np.float64) + 0.0  # zeros without a sign
    missing = 4 - padded.ndim
    lengths = (1,) * missing + window
    shape = (len(padded), *(1,) * missing, *padded.shape[1:])
    # The pixels that enter together stand beside each other.
    columns = np.ascontiguousarray(ranks.reshape(shape).swapaxes(2, 3))
    sizes = zip(shape[1:], lengths, strict=True)
    medians = np.empty((shape[0], *(size - length + 1 for size, length in sizes)), in_order.dtype)
    bits = np.empty(values.size // 64 + 1, np.uint64)
    _slide(columns, in_order, *lengths, bits, medians)
    return medians.reshape(len(padded), *medians.shape[1 + missing :])


@jit
def _n_bits(word: Any) -> Any:
    """Count the bits of a word; compilers know this formula."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@jit
def _slide(
    columns: Any, in_order: Any, depth: int, height: int, width: int, bits: Any, medians: Any
) -> None:
    one = np.uint64(1)
    for i in range(medians.shape[0]):
        for z in range(medians.shape[1]):
            for y in range(medians.shape[2]):
                bits[:] = 0
                # Words before the one with the median, and how many ranks they hold.
                word, below, count = 0, 0, 0
                for x in range(columns.shape[2]):
                    for plane in range(z, z + depth):
                        entering = columns[i, plane, x, y : y + height]
                        for k in range(height):
                            rank = entering[k]
                            if rank >= 0:
                                bits[rank >> 6] |= one << np.uint64(rank & 63)
                                below += (rank >> 6) < word
                                count += 1
                    if x < width - 1:
                        continue
                    if count == 0:
                        medians[i, z, y, x - width + 1] = np.nan
                    else:
                        half = (count - 1) // 2
                        while below > half:
                            word -= 1
                            below -= _n_bits(bits[word])
                        n_here = _n_bits(bits[word])
                        while below + n_here <= half:
                            below += n_here
                            word += 1
                            n_here = _n_bits(bits[word])
                        rest = bits[word]
                        for _ in range(half - below):
                            rest &= rest - one
                        found = 64 * word + _n_bits((rest & (~rest + one)) - one)
                        medians[i, z, y, x - width + 1] = in_order[found]
                        if count % 2 == 0:
                            lower = in_order[found]
                            rest &= rest - one
                            following = word
                            while rest == 0:
                                following += 1
                                rest = bits[following]
                            found = 64 * following + _n_bits((rest & (~rest + one)) - one)
                            upper = in_order[found]
                            if upper != lower:
                                medians[i, z, y, x - width + 1] = lower / 2 + upper / 2
                    for plane in range(z, z + depth):
                        leaving = columns[i, plane, x - width + 1, y : y + height]
                        for k in range(height):
                            rank = leaving[k]
                            if rank >= 0:
                                bits[rank >> 6] &= ~(one << np.uint64(rank & 63))
                                below -= (rank >> 6) < word
                                count -= 1
