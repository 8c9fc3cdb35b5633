"""Counting of 64-bit codes, which are too many for a table, mostly without sorting.

A code is a sign and a magnitude, like the bits of a float. The first codes are sorted to learn the
distribution. Then a table covers the interval of magnitudes that holds most codes, for both signs. Codes
outside the table are collected and sorted in batches::

    magnitudes   0 ......[#####################]........ 2**63
                         | table of 65,536 slots |
    codes        1, 7     1000, 1003, 1003, ...     9e15
                  |        |                         |
              collected   counted by np.bincount   collected, and sorted when 2**18 have come

Real images have most pixels within a narrow range, so that few codes are sorted. The result is exact in
either case: it does not depend on where the table lies.
"""

from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Int64Array
from skmask._kernels.compiled import has_twin
from skmask._kernels.histograms.histogram import (
    KEY_MAX,
    NO_BINS,
    Bins,
    count_keys,
    merge_bins,
    swap_sign,
)

_SORT_SIZE = 2**18
_SLOTS = 2**16
_OUTSIDE = _SLOTS - 1


class CodeCounter:
    """Counts codes, however many and however far apart.

    Examples
    --------
    >>> counter = CodeCounter()
    >>> counter.add(np.array([7, 9, 7]))
    >>> counter.bins()
    (0, array([7, 9]), array([2, 1]))
    """

    def __init__(self) -> None:
        self._settled = NO_BINS
        self._table: _Table | None = None
        self._aside: list[Int64Array] = []
        self._n_aside = self._n_seen = self._n_settled = self._n_next_table = 0

    def add(self, codes: Int64Array) -> None:
        """Count codes. The array is kept and must not be written to afterwards."""
        if codes.size == 0:
            return
        if self._n_aside >= _SORT_SIZE:
            missed = self._n_aside / (self._n_seen - self._n_settled)
            self._settle()
            self._renew_table(missed)
        self._n_seen += codes.size
        rest = codes if self._table is None else self._table.take(codes)
        self._aside.append(rest)
        self._n_aside += rest.size

    def bins(self) -> Bins:
        """Return shift, keys (ascending; keys, not codes) and counts of all codes so far."""
        self._settle()
        return self._settled

    def _settle(self) -> None:
        """Add the counts of the table and of the collected codes to the settled bins."""
        parts = [self._settled]
        if self._table is not None:
            parts.append(self._table.clear())
        if self._n_aside:
            keys = swap_sign(np.concatenate(self._aside))
            keys.sort()
            parts.append(count_keys(keys))
        self._settled = merge_bins(parts)
        self._n_settled = self._n_seen
        self._aside, self._n_aside = [], 0

    def _renew_table(self, missed: float) -> None:
        """Replace the table if it misses many codes or its slots are finer than the bins."""
        too_fine = self._table is not None and self._table.shift < self._settled[0]
        if missed > 0.5:
            self._table = None
        if too_fine or (missed > 0.1 and self._n_seen >= self._n_next_table):
            self._table = _Table(self._settled)
            self._n_next_table = 2 * self._n_seen


class Slots(NamedTuple):
    """Which codes have a slot in a table.

    Attributes
    ----------
    start : int
        Magnitude of the first slot.
    grain : int
        Number of last bits in which the magnitudes of a slot may differ.
    has_signs : bool
        Whether negative codes have slots of their own.
    known : ndarray of int64 or None
        The only code that each slot counts; None lets slots count all of their codes.
    shift, spike : int, int or None
        The very frequent code, without its last `shift` bits; None if there is none.
    """

    start: int
    grain: int
    has_signs: bool
    known: Int64Array | None
    shift: int
    spike: int | None


@has_twin("histograms.codes")
def count_in_slots(codes: Int64Array, slots: Slots, counts: Int64Array) -> tuple[Int64Array, int]:
    """Add the codes that have a slot to the counts; return the others, and how often the spike came."""
    places = _slots_of(codes, slots.start, slots.grain, slots.has_signs)
    if slots.known is not None:
        unknown = slots.known.take(places, mode="clip") != codes
        if unknown.any():
            places[unknown] = _OUTSIDE
    counted = np.bincount(places, minlength=_SLOTS)
    counts[: counted.size] += counted
    n_outside = int(counted[_OUTSIDE::_SLOTS].sum())
    if n_outside == 0:
        return codes[:0], 0
    is_rest = (places & _OUTSIDE if slots.has_signs else places) == _OUTSIDE
    if slots.spike is not None:
        is_rest &= (codes >> slots.shift) != slots.spike
    rest = codes[is_rest]
    return rest, n_outside - rest.size


def _slots_of(codes: Int64Array, start: int, grain: int, has_signs: bool) -> Int64Array:
    """Return the slot of each code, `_OUTSIDE` where it has none."""
    # Where signs are left in, negative codes come out as too large for a slot.
    slots = (codes & KEY_MAX if has_signs else codes) >> grain
    slots -= start
    unsigned = slots.view(np.uint64)
    np.minimum(unsigned, np.uint64(_OUTSIDE), out=unsigned)
    if has_signs:
        slots |= (codes >> 63) & _SLOTS
    return slots


class _Table:
    """Table of counts over an interval of magnitudes, one slot for each bin, for one sign or both.

    At shift 0 there may be few values that are far apart. A slot then covers many bins and counts one of
    them, whose code is in `_known`; other codes in the slot are collected. A single very frequent code, such
    as zero, is counted apart, wherever it is.
    """

    def __init__(self, bins: Bins) -> None:
        self.shift, keys, counts = bins
        self._counts = np.zeros(2 * _SLOTS, np.int64)
        spike = int(np.argmax(counts))
        others = np.where(np.arange(keys.size) == spike, 0, counts)
        sample = _sample(keys ^ (keys >> 63), others)
        coarser = _extra_shift(sample) if self.shift == 0 else 0
        self._grain = self.shift + coarser
        self._start = _best_start(sample >> coarser)
        self._has_signs = others[keys < 0].sum() > 0.01 * others.sum()
        self._known = self._know(swap_sign(keys)) if coarser else None
        self._spike = keys[spike]
        self._spike_code = int(swap_sign(self._spike << self.shift) >> self.shift)
        self._n_spike = 0
        self._has_spike = 10 * counts[spike] > counts.sum()

    def take(self, codes: Int64Array) -> Int64Array:
        """Count the codes that have a slot, and the very frequent code. Return the other codes."""
        spike = self._spike_code if self._has_spike else None
        slots = Slots(self._start, self._grain, self._has_signs, self._known, self.shift, spike)
        rest, n_spike = count_in_slots(codes, slots, self._counts)
        self._n_spike += n_spike
        return rest

    def clear(self) -> Bins:
        """Return the bins counted so far and start again from zero."""
        slots = np.flatnonzero(self._counts)
        slots = slots[(slots & _OUTSIDE) != _OUTSIDE]
        if self._known is None:
            magnitudes = (slots & _OUTSIDE) + self._start
            keys = np.where(slots < _SLOTS, magnitudes, ~magnitudes)
        else:
            keys = swap_sign(self._known[slots])
        keys = np.append(keys, self._spike)
        counts = np.append(self._counts[slots], self._n_spike)
        order = np.argsort(keys, kind="stable")
        self._counts[:] = 0
        self._n_spike = 0
        return self.shift, keys[order], counts[order]

    def _know(self, codes: Int64Array) -> Int64Array:
        """Return the code that each slot counts. A code of the other sign marks unused slots."""
        known = np.where(np.arange(2 * _SLOTS) < _SLOTS, -1, 0)
        known[_slots_of(codes, self._start, self._grain, self._has_signs)] = codes
        return known


def _sample(magnitudes: Int64Array, counts: Int64Array) -> Int64Array:
    """Return a sample of 1024 magnitudes, ascending, distributed like the counts."""
    order = np.argsort(magnitudes)
    ranks = np.cumsum(counts[order])
    wanted = np.linspace(0, ranks[-1], 1024)
    return magnitudes[order][np.searchsorted(ranks, wanted)]


def _extra_shift(sample: Int64Array) -> int:
    """Return the shift at which 95 % of the sample fit in half the slots."""
    most = int(0.95 * sample.size)
    shortest = int((sample[most:] - sample[:-most]).min())
    return max(0, (2 * shortest // _SLOTS).bit_length())


def _best_start(sample: Int64Array) -> int:
    """Return the magnitude of the first slot of a table that holds most of the sample."""
    ends = np.searchsorted(sample, sample + _OUTSIDE)
    best = int(np.argmax(ends - np.arange(sample.size)))
    first, last = int(sample[best]), int(sample[ends[best] - 1])
    return max(0, (first + last - _OUTSIDE) // 2)
