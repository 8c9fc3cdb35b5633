"""Twin of the counting of floats: in a table of few values, sorted, or in a table laid out for the exponents.

A code is a sign, an exponent and a fraction, as in a float of 64 bits. Images have few signs and exponents:
each of them gets a page of the table when it comes first, and the fraction without its last bits is the slot
on the page::

    pixel  0.75     sign and exponent   0 01111111110     page 2
                    fraction            1000000 0000...   slot 64 of 128

Slots are so fine that more of them are occupied than a histogram has bins, judged by a sample. Adding up
neighbors, as long as there are too many, gives the shift. A slot is a byte, so that the table stays in the
cache: when it has counted 255 pixels, its place is noted, and it goes on from there::

    8 bits     250  10 |  0   3       two slots
    16 bits      260   |    3         one slot of twice the width, in the same memory
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import find_memory, inlined, jit
from skmask._kernels.compiled.tables import count_occupied
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram, count_keys, swap_sign

# Fewer pixels are sorted in less time, and more are left to a `CodeCounter` where no table fits.
_FEW, _MANY = 1 << 17, 1 << 20

# Pixels of a sample, which tells whether values occur several times.
_SAMPLE = 1 << 12

# Bits of the places in a table of values: few fit in a first-level cache, more in the second.
_SMALL, _LARGE = 12, 15
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

# Bits of the slots of all pages, at most.
_PLACES = 23

# Pixels that a slot counts until its place is noted.
_FULL = 255

_FRACTION = np.int64(52)
_MAGNITUDE = np.int64(2**63 - 1)
_EXPONENTS = 1 << 12
_NOT_FINITE = 2047

# Slots that are skipped at a time where none is occupied.
_STEP = 16

# The code of -0.0, which is counted as 0.0.
_NO_CODE = np.int64(-(2**63))


def count_floats(pixels: Array) -> Histogram:
    """Count floats of 32 or 64 bits."""
    is_plain = pixels.dtype.isnative and pixels.flags.c_contiguous and pixels.flags.aligned
    if not is_plain or pixels.itemsize not in (4, 8):
        return NotImplemented
    pixels = pixels.reshape(-1)
    if pixels.size <= 4 * _SAMPLE:
        return _count_sorted(np.sort(pixels))
    sample = np.sort(pixels[:: max(16, pixels.size // _SAMPLE)])
    share = _n_distinct(sample) / sample.size
    histogram = None
    if share < 0.25:
        histogram = _count_values(pixels, _SMALL)
    elif share < 0.9 and pixels.size > _FEW:
        histogram = _count_values(pixels, _LARGE)
    elif pixels.size > _FEW:
        histogram = _count_in_pages(pixels, sample)
    if histogram is None:
        return _count_sorted(np.sort(pixels)) if pixels.size <= _MANY else NotImplemented
    return histogram


def _count_sorted(pixels: Array) -> Histogram:
    """Count ascending pixels, of which NaN is last."""
    first, last, n_nan = _find_finite(pixels)
    finite = pixels[first:last]
    # In place if possible: new memory takes as long as the work.
    keys = finite.view(np.int64) if pixels.itemsize == 8 else np.empty(finite.size, np.int64)
    _find_keys(finite, keys)
    return Histogram("float", *count_keys(keys), n_nan, first, pixels.size - last - n_nan)


def _count_values(pixels: Array, n_bits: int) -> Histogram | None:
    """Count pixels in a hash table of their values; None if these take more than half of it."""
    codes = np.full(1 << n_bits, _NO_CODE)
    table = np.zeros((2, codes.size), np.int64)
    if not _count_hashed(pixels, n_bits, codes, table):
        return None
    used = np.flatnonzero(codes != _NO_CODE)
    values, counts = codes[used].view(np.float64), table[:, used].sum(axis=0)
    finite = np.isfinite(values)
    keys = swap_sign(codes[used[finite]])
    order = np.argsort(keys)
    others = (counts[one(values)].sum().item() for one in (np.isnan, np.isneginf, np.isposinf))
    return Histogram("float", 0, keys[order], counts[finite][order], *others)


def _count_in_pages(pixels: Array, sample: Array) -> Histogram | None:
    """Count pixels in a table laid out for their exponents; None where it would be too large."""
    exponents = np.zeros(_EXPONENTS, np.int64)
    _count_exponents(sample, exponents)
    sizes = exponents[exponents > 0] * (pixels.size / sample.size)
    room = 2 * sizes.size + 8  # for exponents that are not in the sample
    most = _PLACES - (room - 1).bit_length()
    pages, full = np.empty(_EXPONENTS, np.int64), np.empty(pixels.size // _FULL + 1, np.int64)
    for n_bits in sorted({_n_bits(sizes, pixels.size, most), most}):
        slots = find_memory(room << n_bits >> 3).view(np.uint8)[: room << n_bits]
        n_pages, n_full, *others = _count(pixels, n_bits, slots, pages, full)
        counts = slots[: n_pages << n_bits]
        n_bins = count_occupied(counts)
        if n_bins > BIN_LIMIT:
            break
    else:
        return None  # slots may have several values, or there are more exponents than pages
    n_merged = 0
    while n_bins > BIN_LIMIT:
        if counts.itemsize == 8:
            counts = counts.astype(np.uint32)
        n_merged += 1
        counts = counts.view(f"u{2 * counts.itemsize}")
        half, kind = 4 * counts.itemsize, counts.dtype.type
        n_bins = _add_neighbors(counts, kind(half), kind((1 << half) - 1))
    # The end is written after the last bin that is kept.
    found = np.empty((2, n_bins + 1), np.int64)
    _gather(counts, pages, n_merged, n_bits - n_merged, *found)
    keys, totals = found[:, :n_bins]
    shift = 52 - n_bits + n_merged
    if n_full:
        np.add.at(totals, keys.searchsorted(full[:n_full] >> shift), _FULL)
    return Histogram("float", shift, keys, totals, *others)


def _n_bits(sizes: Array, n_pixels: int, most: int) -> int:
    """Return how many bits of the fraction make slots for more values than a histogram has bins."""
    n_slots = 2.0 ** np.arange(1, most + 1)
    n_occupied = (n_slots[:, np.newaxis] * -np.expm1(-sizes / n_slots[:, np.newaxis])).sum(axis=1)
    # Values are not as even as that, which shows where many pixels share a slot.
    enough = min(2.5 * BIN_LIMIT, BIN_LIMIT + n_pixels / 16)
    return min(1 + int(n_occupied.searchsorted(enough)), most)


@inlined
def _code(pixel: Any) -> Any:
    # Adding 0.0 turns -0.0 into 0.0.
    return np.float64(np.float64(pixel) + 0.0).view(np.int64)


@jit
def _n_distinct(pixels: Any) -> Any:
    """Count the values of ascending pixels."""
    n_distinct = min(pixels.size, 1)
    for i in range(1, pixels.size):
        n_distinct += pixels[i] != pixels[i - 1]
    return n_distinct


@jit
def _find_finite(pixels: Any) -> Any:
    """Return where finite pixels begin and end among ascending ones, and the number of NaN."""
    first, last, n_nan = 0, pixels.size, 0
    while last > 0 and pixels[last - 1] != pixels[last - 1]:
        last -= 1
        n_nan += 1
    while last > 0 and pixels[last - 1] == np.inf:
        last -= 1
    while first < last and pixels[first] == -np.inf:
        first += 1
    return first, last, n_nan


@jit
def _find_keys(pixels: Any, keys: Any) -> None:
    for i in range(pixels.size):
        code = _code(pixels[i])
        keys[i] = _key(code)


@inlined
def _key(code: Any) -> Any:
    return code ^ ((code >> 63) & _MAGNITUDE)


@jit
def _count_hashed(pixels: Any, n_bits: int, codes: Any, counts: Any) -> Any:
    """Count pixels in a table of their codes; return whether they have a place."""
    n_used = 0
    for i in range(pixels.size):
        code = _code(pixels[i])
        # The last bits of floats of 32 bits are zero.
        place = (np.uint64(code ^ (code >> 32)) * _FACTOR) >> np.uint64(64 - n_bits)
        while codes[place] != code:
            if codes[place] == _NO_CODE:
                if 2 * n_used == codes.size:
                    return False
                n_used += 1
                codes[place] = code
            else:
                place = (place + np.uint64(1)) & np.uint64(codes.size - 1)
        # A pixel like the one before it would wait for the counter to be written.
        counts[i & 1, place] += 1
    return True


@jit
def _count_exponents(pixels: Any, sizes: Any) -> None:
    """Count the finite pixels of each sign and exponent."""
    for i in range(pixels.size):
        exponent = (_code(pixels[i]) >> _FRACTION) & (_EXPONENTS - 1)
        sizes[exponent] += exponent & _NOT_FINITE != _NOT_FINITE


@jit
def _count(pixels: Any, n_bits: int, slots: Any, pages: Any, full: Any) -> Any:
    """Count pixels in slots; return the numbers of pages, of full slots, of NaN and of both infinities.

    There are no pages if they do not fit.
    """
    pages[:] = -1
    n_pages, n_full, n_nan, n_neg_inf, n_pos_inf = 0, 0, 0, 0, 0
    n_slots = np.int64(1) << n_bits
    for i in range(pixels.size):
        code = _code(pixels[i])
        exponent = (code >> _FRACTION) & (_EXPONENTS - 1)
        start = pages[exponent]
        if start < 0:
            if exponent & _NOT_FINITE == _NOT_FINITE:
                n_nan += pixels[i] != pixels[i]
                n_neg_inf += pixels[i] == -np.inf
                n_pos_inf += pixels[i] == np.inf
                continue
            start = n_pages * n_slots
            if start == slots.size:
                return 0, 0, 0, 0, 0
            slots[start : start + n_slots] = 0
            pages[exponent] = start
            n_pages += 1
        place = np.uint64(start | ((code >> (_FRACTION - n_bits)) & (n_slots - 1)))
        count = slots[place]
        if count == _FULL:
            full[n_full] = _key(code)
            n_full += 1
            count = np.uint8(0)
        slots[place] = count + np.uint8(1)
    return n_pages, n_full, n_nan, n_neg_inf, n_pos_inf


@jit
def _add_neighbors(counts: Any, n_bits: Any, mask: Any) -> Any:
    """Add up two neighboring counts of some bits, seen as one number; return how many sums are not zero."""
    n_occupied = 0
    for place in range(counts.size):
        counts[place] = (counts[place] >> n_bits) + (counts[place] & mask)
        n_occupied += counts[place] != 0
    return n_occupied


@jit
def _gather(counts: Any, pages: Any, n_merged: int, n_bits: int, keys: Any, totals: Any) -> None:
    """Gather the ascending keys of occupied slots, and their numbers of pixels."""
    found, n_slots = 0, np.int64(1) << n_bits
    for i in range(_EXPONENTS):
        # Greater magnitudes of negative numbers come first.
        is_negative = i < _EXPONENTS // 2
        exponent = (_EXPONENTS - 1 if is_negative else _EXPONENTS // 2) ^ i
        if pages[exponent] < 0:
            continue
        start, upper = pages[exponent] >> n_merged, (exponent & (_EXPONENTS // 2 - 1)) << n_bits
        for block in range(0, n_slots, _STEP):
            first = start + (n_slots - _STEP - block if is_negative else block)
            some, is_any = counts[first : first + _STEP], counts[first]
            for j in range(_STEP):
                is_any |= some[j]
            if is_any == 0:
                continue
            for j in range(_STEP):
                # Every slot is written, and kept if it is occupied. A branch would be mispredicted.
                slot = _STEP - 1 - j if is_negative else j
                magnitude = upper | (first + slot - start)
                keys[found] = ~magnitude if is_negative else magnitude
                totals[found] = some[slot]
                found += some[slot] != 0
