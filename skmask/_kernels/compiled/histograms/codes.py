"""Twins of the counting of codes, in one pass over the codes instead of one for each operation."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Int64Array, IntArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.histograms.code_counter import Slots
from skmask._kernels.histograms.histogram import BIN_LIMIT, Bins

_MAGNITUDE = np.int64(2**63 - 1)
_SLOTS = np.uint64(2**16)
_OUTSIDE = _SLOTS - np.uint64(1)

# Neighboring keys of which the number of bins is estimated.
_RUN = 1 << 9

_ALL = np.empty(0, np.int64)


def count_in_slots(codes: Int64Array, slots: Slots, counts: Int64Array) -> tuple[Int64Array, int]:
    """Add the codes that have a slot to the counts; return the others, and how often the spike came."""
    known = _ALL if slots.known is None else slots.known
    spike = 0 if slots.spike is None else slots.spike
    rest = np.empty(codes.size, np.int64)
    n_rest, n_spike = _count(
        *(codes, np.uint64(slots.start), np.uint64(slots.grain), slots.has_signs, known),
        *(np.int64(slots.shift), np.int64(spike), slots.spike is not None, counts, rest),
    )
    # The kernel counts codes without a slot in the last slot of each sign, whose count is not read.
    return rest[:n_rest].copy(), n_spike


def bin_starts(keys: Int64Array) -> tuple[int, IntArray]:
    """Return by how much to shift ascending keys for `BIN_LIMIT` bins, and where bins start."""
    shift, n_bins = _least_shift(keys)
    starts = np.zeros(n_bins + 1, np.intp)
    _find_starts(keys, shift, starts)
    return shift, starts[:-1]


def count_keys(keys: Int64Array) -> Bins:
    """Count ascending keys that may repeat."""
    shift, n_bins = _least_shift(keys)
    shifted, counts = np.empty((2, n_bins), np.int64)
    if n_bins > 0:
        _gather_bins(keys, shift, shifted, counts)
    return shift, shifted, counts


def _least_shift(keys: Int64Array) -> tuple[int, int]:
    """Find the least shift for which keys change seldom enough, and the number of bins."""
    shift = 0
    if keys.size > BIN_LIMIT:
        # Bisection takes six passes over keys: some keys tell where to look.
        enough = 48  # 16 bits are left, which make not more bins than fit
        while shift < enough:
            middle = (shift + enough) // 2
            if _n_bins_of_some(keys, middle) <= BIN_LIMIT:
                enough = middle
            else:
                shift = middle + 1
    n_bins = _n_bins(keys, shift)
    while n_bins > BIN_LIMIT:
        shift += 1
        n_bins = _n_bins(keys, shift)
    while shift > 0 and (n_finer := _n_bins(keys, shift - 1)) <= BIN_LIMIT:
        shift, n_bins = shift - 1, n_finer
    return shift, n_bins


@jit
def _count(
    codes: Any,
    start: Any,
    grain: Any,
    has_signs: bool,
    known: Any,
    shift: Any,
    spike: Any,
    has_spike: bool,
    counts: Any,
    rest: Any,
) -> Any:
    n_rest, n_spike = 0, 0
    for i in range(codes.size):
        code = codes[i]
        # Arithmetic shifts leave the sign in where negative codes have no slots: these are too large then.
        magnitude = (code & _MAGNITUDE if has_signs else code) >> np.int64(grain)
        slot = np.uint64(magnitude) - start
        if slot < _OUTSIDE:
            if has_signs and code < 0:
                slot |= _SLOTS
            if known.size == 0 or known[slot] == code:
                counts[slot] += 1
                continue
        if has_spike and code >> shift == spike:
            n_spike += 1
        else:
            rest[n_rest] = code
            n_rest += 1
    return n_rest, n_spike


@jit
def _n_bins(keys: Any, shift: int) -> Any:
    n_bins = min(keys.size, 1)
    for i in range(1, keys.size):
        n_bins += (keys[i] ^ keys[i - 1]) >> shift != 0
    return n_bins


@jit
def _n_bins_of_some(keys: Any, shift: int) -> Any:
    """Estimate the number of bins from each eighth run of keys."""
    n_bins = 0
    for start in range(0, keys.size - _RUN, 8 * _RUN):
        some = keys[start : start + _RUN + 1]
        for i in range(_RUN):
            n_bins += (some[i] ^ some[i + 1]) >> shift != 0
    return 8 * n_bins


@jit
def _find_starts(keys: Any, shift: int, starts: Any) -> None:
    found = 1
    for i in range(1, keys.size):
        # Every place is written, and kept if a bin starts there. A branch would be mispredicted.
        starts[found] = i
        found += (keys[i] ^ keys[i - 1]) >> shift != 0


@jit
def _gather_bins(keys: Any, shift: int, shifted: Any, counts: Any) -> None:
    found, last = 0, keys.size - 1
    for i in range(last):
        # The end is written for each key of a bin. A branch would be mispredicted.
        shifted[found], counts[found] = keys[i] >> shift, i + 1
        found += (keys[i + 1] ^ keys[i]) >> shift != 0
    shifted[found], counts[found] = keys[last] >> shift, keys.size
    for i in range(counts.size - 1, 0, -1):
        counts[i] -= counts[i - 1]
