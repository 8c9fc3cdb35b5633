"""Twins of `skmask._kernels.local.medians`: windows that slide, by the pixels that enter and leave them.

Bytes are counted: every column has a histogram of the rows in the window, and the histogram of the window
follows from those of its columns. Other pixels are replaced by their ranks in the block. A window is a set of
ranks, one bit each, and the median moves up and down in it::

    pixels  0.5  0.1  0.9  0.7      bits of a window of 0.5, 0.9 and 0.7   0 1 1 1
    ranks     1    0    3    2                             its median          ^
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.local.windows import Window

# Sums of the counts of a window have to fit in 15 bits.
_MOST = 2**15 - 1

_EACH = np.uint64(0x0001000100010001)
_HIGHEST = np.uint64(0x8000800080008000)
_COUNT = np.uint64(0xFFFF)


def median_of_large(padded: Array, window: Window) -> Array:
    """Compute the median of the finite pixels of each window; NaN where there are none."""
    kind, size = padded.dtype.kind, padded.dtype.itemsize
    if kind == "b" or size > 8 or padded.ndim > 4:
        return NotImplemented
    if size == 1 and padded.ndim == 3 and window[0] * window[1] <= _MOST:
        # The order of signed bytes is that of unsigned ones with the highest bit flipped.
        flip = np.uint8(128 if kind == "i" else 0)
        values = np.ascontiguousarray(padded).view(np.uint8)
        return (_median(values ^ flip, *window) ^ flip).view(padded.dtype)
    return _median_of_ranks(padded, window)


def _median_of_ranks(padded: Array, window: Window) -> Array:
    """Find medians among the pixels in their order."""
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


@jit
def _median(padded: Any, height: int, width: int) -> Any:
    # Two levels of bins, 16 of 16 values each, four counts of 16 bits in a word. The coarse counts of the
    # window follow every step; the fine counts of a coarse bin are brought up to date when the median falls
    # into it, which mostly is the bin of the step before.
    # S. Perreault and P. Hebert, "Median filtering in constant time", IEEE Transactions on Image Processing
    # 16 (2007), 2389-2394, https://doi.org/10.1109/TIP.2007.902329
    n, n_rows, n_columns = padded.shape
    result = np.empty((n, n_rows - height + 1, n_columns - width + 1), np.uint8)
    half = height * width // 2
    coarse, fine = np.empty((n_columns, 4), np.uint64), np.empty((16, n_columns, 4), np.uint64)
    for i in range(n):
        coarse[:], fine[:] = 0, 0
        for y in range(height - 1):
            _count_row(padded[i, y], coarse, fine, np.uint64(1))
        for y in range(n_rows - height + 1):
            _count_row(padded[i, y + height - 1], coarse, fine, np.uint64(1))
            _median_of_row(coarse, fine, width, half, result[i, y])
            # Of a word of counts that are all large enough, one less in one of them is a difference.
            _count_row(padded[i, y], coarse, fine, np.uint64(2**64 - 1))
    return result


@jit
def _count_row(row: Any, coarse: Any, fine: Any, step: Any) -> None:
    for x in range(row.size):
        value = np.int64(row[x])
        part = value >> 4
        coarse[x, part >> 2] += step << np.uint64(16 * (part & 3))
        fine[part, x, value >> 2 & 3] += step << np.uint64(16 * (value & 3))


@jit
def _find(counts: Any, half: int, sums: Any) -> Any:
    """Return the bin of 16 in which the counts go beyond a half, and the sum of those before it."""
    total, found = np.uint64(0), np.int64(0)
    limit = np.uint64(half) * _EACH | _HIGHEST
    for k in range(4):
        # Products are sums of this and all lower counts, in all four places.
        sums[k] = (counts[k] + total) * _EACH
        total = sums[k] >> np.uint64(48)
        # The highest bit stays where a sum is not beyond the half; their number is a product again.
        found += np.int64(
            (((limit - sums[k]) & _HIGHEST) >> np.uint64(15)) * _EACH >> np.uint64(48)
        )
    if found == 0:
        return found, np.int64(0)
    last = found - 1
    return found, np.int64(sums[last >> 2] >> np.uint64(16 * (last & 3)) & _COUNT)


@jit
def _median_of_row(coarse: Any, fine: Any, width: int, half: int, out: Any) -> None:
    parts = np.zeros((16, 4), np.uint64)
    counts, part, sums = np.zeros(4, np.uint64), np.zeros(4, np.uint64), np.zeros(4, np.uint64)
    done = np.full(16, -width)  # the first column of the window that a fine part counts
    for x in range(width - 1):
        for k in range(4):
            counts[k] += coarse[x, k]
    for x in range(out.size):
        for k in range(4):
            counts[k] += coarse[x + width - 1, k]
        bin_, below = _find(counts, half, sums)
        # Views would take longer to make than there is to do.
        if x - done[bin_] >= width:
            for k in range(4):
                part[k] = 0
            for j in range(x, x + width):
                for k in range(4):
                    part[k] += fine[bin_, j, k]
        else:
            for k in range(4):
                part[k] = parts[bin_, k]
            for j in range(done[bin_], x):
                for k in range(4):
                    part[k] += fine[bin_, j + width, k] - fine[bin_, j, k]
        for k in range(4):
            parts[bin_, k] = part[k]
        done[bin_] = x
        value, _ = _find(part, half - below, sums)
        out[x] = 16 * bin_ + value
        for k in range(4):
            counts[k] -= coarse[x, k]
