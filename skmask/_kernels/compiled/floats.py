"""Twin of the counting of floats, in a table that is laid out for the exponents of the pixels.

A code is a sign, an exponent and a fraction, as in a float of 64 bits. Images have few signs and exponents:
each of them gets a page of the table, and the fraction without its last bits is the slot on the page::

    pixel  0.75     sign and exponent   0 01111111110     page 2
                    fraction            1000000 0000...   slot 64 of 128

Which slots are occupied is marked by bits first. Merging neighbors, as long as there are more than fit in a
histogram, gives the shift; then pixels are counted. Where slots are few, each has to be of one value.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram

# Bits of the slots of a table, at most: they share a second-level cache with the pixels.
_PLACES = 22

# Fewer pixels are sorted in less time. For more, a `CodeCounter` pays, whose table follows the first of them.
_FEW, _MANY = 1 << 17, 1 << 20

# Pixels of a sample. If fewer than a quarter of them differ, tables of known codes are faster.
_SAMPLE = 1 << 12

_FRACTION = np.int64(52)
_EXPONENTS = 1 << 12
_ONE = np.uint64(1)


def count_floats(pixels: Array) -> Histogram:
    """Count floats of 32 or 64 bits."""
    is_plain = pixels.dtype.isnative and pixels.flags.c_contiguous and pixels.flags.aligned
    if not is_plain or pixels.itemsize not in (4, 8) or not _FEW < pixels.size <= _MANY:
        return NotImplemented
    pixels = pixels.reshape(-1)
    if np.unique(pixels[:: pixels.size // _SAMPLE]).size < _SAMPLE // 4:
        return NotImplemented
    pages = np.full(_EXPONENTS, -1, np.int64)
    n_nan, n_neg_inf, n_pos_inf = _find_pages(pixels, pages)
    used = np.flatnonzero(pages >= 0)
    if used.size == 0:
        return NotImplemented
    pages[used] = np.arange(used.size)
    grain = 52 - max(_PLACES - (used.size - 1).bit_length(), 0)
    bits = np.zeros(max((used.size << (52 - grain)) >> 6, 1), np.uint64)
    _mark(pixels, pages, grain, bits)
    n_bins = _n_marked(bits)
    has_few = n_bins <= BIN_LIMIT
    while n_bins > BIN_LIMIT:
        grain += 1
        if grain > 46:
            return NotImplemented
        bits = _merge_neighbors(bits)
        n_bins = _n_marked(bits)
    counts = np.zeros(used.size << (52 - grain), np.uint32)
    values = np.zeros(counts.size if has_few else 1, np.int64)
    if not _count(pixels, pages, grain, counts, values, has_few):
        return NotImplemented
    # Of negative numbers, the greatest magnitude comes first.
    n_positive = int(np.searchsorted(used, _EXPONENTS // 2))
    keys, totals = np.empty(n_bins, np.int64), np.empty(n_bins, np.int64)
    _gather(bits, used, n_positive, grain, counts, values, has_few, keys, totals)
    shift = 0 if has_few else grain
    return Histogram("float", shift, keys, totals, n_nan, n_neg_inf, n_pos_inf)


@jit
def _code(pixel: Any) -> Any:
    # Adding 0.0 turns -0.0 into 0.0.
    return np.float64(np.float64(pixel) + 0.0).view(np.int64)


@jit
def _find_pages(pixels: Any, pages: Any) -> Any:
    """Mark the signs and exponents of finite pixels, and count the others."""
    counts = np.zeros(_EXPONENTS, np.int64)
    for i in range(pixels.size):
        counts[(_code(pixels[i]) >> _FRACTION) & 4095] += 1
    n_nan, n_neg_inf, n_pos_inf = 0, 0, 0
    if counts[2047] or counts[4095]:
        for i in range(pixels.size):
            pixel = pixels[i]
            n_nan += pixel != pixel
            n_neg_inf += pixel == -np.inf
            n_pos_inf += pixel == np.inf
    for page in range(_EXPONENTS):
        if counts[page] and page & 2047 != 2047:
            pages[page] = 0
    return n_nan, n_neg_inf, n_pos_inf


@jit
def _place(code: Any, pages: Any, grain: int) -> Any:
    """Return the place of a code in the table, a negative number for what is not finite."""
    page = pages[(code >> _FRACTION) & 4095]
    fraction = (code & ((np.int64(1) << _FRACTION) - 1)) >> grain
    return page << (_FRACTION - grain) | fraction


@jit
def _mark(pixels: Any, pages: Any, grain: int, bits: Any) -> None:
    for i in range(pixels.size):
        place = _place(_code(pixels[i]), pages, grain)
        if place >= 0:
            bits[place >> 6] |= _ONE << np.uint64(place & 63)


@jit
def _n_marked(bits: Any) -> Any:
    n_marked = 0
    for i in range(bits.size):
        word = bits[i]
        while word:
            word &= word - _ONE
            n_marked += 1
    return n_marked


@jit
def _merge_neighbors(bits: Any) -> Any:
    """Make one bit of each pair of bits."""
    merged = np.zeros((bits.size + 1) // 2, np.uint64)
    for i in range(bits.size):
        word = (bits[i] | bits[i] >> _ONE) & np.uint64(0x5555555555555555)
        word = (word | word >> np.uint64(1)) & np.uint64(0x3333333333333333)
        word = (word | word >> np.uint64(2)) & np.uint64(0x0F0F0F0F0F0F0F0F)
        word = (word | word >> np.uint64(4)) & np.uint64(0x00FF00FF00FF00FF)
        word = (word | word >> np.uint64(8)) & np.uint64(0x0000FFFF0000FFFF)
        word = (word | word >> np.uint64(16)) & np.uint64(0x00000000FFFFFFFF)
        merged[i // 2] |= word << np.uint64(32 * (i % 2))
    return merged


@jit
def _count(pixels: Any, pages: Any, grain: int, counts: Any, values: Any, has_few: bool) -> Any:
    """Count pixels in their slots; return whether no slot has two values, if there are few of them."""
    for i in range(pixels.size):
        code = _code(pixels[i])
        place = _place(code, pages, grain)
        if place < 0:
            continue
        if has_few:
            if counts[place] == 0:
                values[place] = code
            elif values[place] != code:
                return False
        counts[place] += 1
    return True


@jit
def _gather(
    bits: Any,
    used: Any,
    n_positive: int,
    grain: int,
    counts: Any,
    values: Any,
    has_few: bool,
    keys: Any,
    totals: Any,
) -> None:
    found = 0
    size = np.int64(1) << (_FRACTION - grain)
    for k in range(used.size):
        # Negative pages from the last to the first, then the others.
        is_negative = k < used.size - n_positive
        page = used.size - 1 - k if is_negative else k - (used.size - n_positive)
        for j in range(size):
            place = page * size + (size - 1 - j if is_negative else j)
            if bits[place >> 6] >> np.uint64(place & 63) & _ONE == 0:
                continue
            magnitude = (used[page] & 2047) << (_FRACTION - grain) | (place & (size - 1))
            if has_few:
                magnitude = values[place] & (2**63 - 1)
            keys[found] = ~magnitude if is_negative else magnitude
            totals[found] = counts[place]
            found += 1
