"""Twin of the counting of floats: in a table of few values, sorted, or in a table laid out for the exponents.

A code is a sign, an exponent and a fraction, as in a float of 64 bits. Images have few signs and exponents:
each of them gets a page of the table, and the fraction without its last bits is the slot on the page::

    pixel  0.75     sign and exponent   0 01111111110     page 2
                    fraction            1000000 0000...   slot 64 of 128

Slots are so fine that more of them are occupied than a histogram has bins, judged by a sample. Adding up
neighbors, as long as there are too many, gives the shift.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram, count_keys, swap_sign

# Fewer pixels are sorted in less time, and more are left to a `CodeCounter` where no table fits.
_FEW, _MANY = 1 << 17, 1 << 20

# Pixels of a sample, which tells whether values occur several times.
_SAMPLE = 1 << 12

# Bits of the places in a table of values: few fit in a first-level cache, more in the second.
_SMALL, _LARGE = 12, 15
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

# Bits of the slots of all pages, at most.
_PLACES = 22

_FRACTION = np.int64(52)
_MAGNITUDE = np.int64(2**63 - 1)
_EXPONENTS = 1 << 12
_NOT_FINITE = [2047, 4095]

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
    sample = np.sort(pixels[:: pixels.size // _SAMPLE])
    share = _n_distinct(sample) / sample.size
    histogram = None
    if share < 0.25:
        histogram = _count_values(pixels, _SMALL)
    elif share < 0.9 and pixels.size > _FEW:
        histogram = _count_values(pixels, _LARGE)
    elif _FEW < pixels.size < 2**32:
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
    pages = np.full(_EXPONENTS, -1, np.int64)
    _mark_pages(pixels, pages)
    has_others = max(pages[_NOT_FINITE]) >= 0
    others = _count_others(pixels) if has_others else (0, 0, 0)
    pages[_NOT_FINITE] = -1
    used = np.flatnonzero(pages >= 0)
    if used.size == 0:
        return None
    pages[used] = np.arange(used.size)
    most = _PLACES - (used.size - 1).bit_length()
    for n_bits in (_n_bits(sample, pages, pixels.size, most), most):
        counts = np.zeros(used.size << n_bits, np.uint32)
        _count(pixels, pages, n_bits, counts)
        n_bins = _n_occupied(counts)
        if n_bins > BIN_LIMIT:
            break
    else:
        return None  # slots may have several values
    while n_bins > BIN_LIMIT and n_bits > 0:
        n_bits -= 1
        counts = _merge_neighbors(counts)
        n_bins = _n_occupied(counts)
    if n_bins > BIN_LIMIT:
        return None
    # The end is written after the last place that is kept.
    places = np.empty(n_bins + 1, np.int64)
    _find_places(counts, places)
    keys, totals = np.empty((2, n_bins), np.int64)
    _gather(places, counts, used, n_bits, keys, totals)
    return Histogram("float", 52 - n_bits, keys, totals, *others)


@jit
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
        keys[i] = code ^ ((code >> 63) & _MAGNITUDE)


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
def _mark_pages(pixels: Any, pages: Any) -> None:
    for i in range(pixels.size):
        pages[(_code(pixels[i]) >> _FRACTION) & (_EXPONENTS - 1)] = 0


@jit
def _count_others(pixels: Any) -> Any:
    """Count the pixels that are NaN, minus infinity and infinity."""
    n_nan, n_neg_inf, n_pos_inf = 0, 0, 0
    for i in range(pixels.size):
        n_nan += pixels[i] != pixels[i]
        n_neg_inf += pixels[i] == -np.inf
        n_pos_inf += pixels[i] == np.inf
    return n_nan, n_neg_inf, n_pos_inf


@jit
def _n_bits(sample: Any, pages: Any, n_pixels: int, most: int) -> Any:
    """Return how many bits of the fraction make slots for more values than a histogram has bins."""
    sizes = np.zeros(_EXPONENTS)
    for i in range(sample.size):
        page = pages[(_code(sample[i]) >> _FRACTION) & (_EXPONENTS - 1)]
        if page >= 0:
            sizes[page] += n_pixels / sample.size
    for n_bits in range(1, most + 1):
        n_slots, n_occupied = 2.0**n_bits, 0.0
        for page in range(_EXPONENTS):
            if sizes[page] > 0:
                n_occupied += n_slots * (1 - np.exp(-sizes[page] / n_slots))
        # Values are not as even as that, which shows where many pixels share a slot.
        if n_occupied > min(2.5 * BIN_LIMIT, BIN_LIMIT + n_pixels / 16):
            return n_bits
    return most


@jit
def _place(code: Any, pages: Any, n_bits: int) -> Any:
    """Return the place of a code in the table, a negative number for what is not finite."""
    page = pages[(code >> _FRACTION) & (_EXPONENTS - 1)]
    fraction = (code & ((np.int64(1) << _FRACTION) - 1)) >> (_FRACTION - n_bits)
    return page << n_bits | fraction


@jit
def _count(pixels: Any, pages: Any, n_bits: int, counts: Any) -> None:
    for i in range(pixels.size):
        place = _place(_code(pixels[i]), pages, n_bits)
        if place >= 0:
            counts[place] += np.uint32(1)


@jit
def _n_occupied(counts: Any) -> Any:
    n_occupied = 0
    for place in range(counts.size):
        n_occupied += counts[place] != 0
    return n_occupied


@jit
def _merge_neighbors(counts: Any) -> Any:
    merged = np.empty(counts.size // 2, np.uint32)
    for place in range(merged.size):
        merged[place] = counts[2 * place] + counts[2 * place + 1]
    return merged


@jit
def _find_places(counts: Any, places: Any) -> None:
    """Find the occupied slots."""
    found, step = 0, min(counts.size, _STEP)
    for start in range(0, counts.size, step):
        is_any = np.uint32(0)
        for place in range(start, start + step):
            is_any |= counts[place]
        if is_any == 0:
            continue
        for place in range(start, start + step):
            # Every place is written, and kept if it is occupied. A branch would be mispredicted.
            places[found] = place
            found += counts[place] != 0


@jit
def _gather(places: Any, counts: Any, used: Any, n_bits: int, keys: Any, totals: Any) -> None:
    """Gather the keys of slots, and their numbers of pixels."""
    # Pages of negative numbers come last, their greatest magnitudes at the end, which come first among keys.
    n_negative = 0
    while n_negative < keys.size and _is_negative(places[keys.size - 1 - n_negative], used, n_bits):
        n_negative += 1
    for i in range(keys.size):
        is_negative = i < n_negative
        place = places[keys.size - 1 - i if is_negative else i - n_negative]
        exponent = used[place >> n_bits] & (_EXPONENTS // 2 - 1)
        magnitude = exponent << n_bits | (place & ((np.int64(1) << n_bits) - 1))
        keys[i] = ~magnitude if is_negative else magnitude
        totals[i] = counts[place]


@jit
def _is_negative(place: Any, used: Any, n_bits: int) -> Any:
    return used[place >> n_bits] >= _EXPONENTS // 2
