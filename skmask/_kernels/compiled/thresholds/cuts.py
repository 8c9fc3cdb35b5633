"""Twins of what threshold methods compute for every cut of a histogram."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, IntArray
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.compiled.tables import count_occupied
from skmask._kernels.thresholds.classical import otsu
from skmask._kernels.thresholds.cuts import TIE_TOLERANCE, middle

_DOUBLE = np.dtype(np.float64)
_LONG = np.dtype(np.int64)

# Floats hold all integers up to this one.
EXACT = np.int64(2**53)

# So few bins are not worth counting those that are occupied before room is made for them.
_FEW = 1 << 12


def choose(
    function: Any, counts: Array, centers: FloatArray, integer: bool, check: Any
) -> tuple[float, tuple[float, float], FloatArray]:
    """Return the threshold of Otsu's method, its interval and its criterion, compiled as a whole."""
    if function is not otsu or counts.dtype != _LONG or not counts.flags.c_contiguous:
        return NotImplemented
    criterion = np.empty(counts.size)
    is_one_gap, low, high = _split(counts, centers, criterion)
    return (middle(low, high), (low, high), criterion) if is_one_gap else NotImplemented


def both_sides(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum values over the background and over the foreground of each cut."""
    if not _is_plain(values):
        return NotImplemented
    background, from_above = _both_sides(values)
    return background, from_above[::-1]  # a view, as NumPy has other logarithms for those


def best_run(scores: FloatArray) -> tuple[int, int]:
    """Find the first run of cuts that all reach the best score."""
    return _best_run(scores) if _is_plain(scores) else NotImplemented


def occupied_bins(counts: Array, centers: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the numbers of the bins that hold pixels, with their counts and centers as floats."""
    is_known = counts.dtype in (_DOUBLE, _LONG) and counts.flags.c_contiguous
    if not (is_known and _is_plain(centers)):
        return NotImplemented
    # The end is written after the last bin that is kept.
    n_occupied = counts.size if counts.size <= _FEW else count_occupied(counts)
    room = n_occupied + 1
    occupied, seen, values = np.empty(room, np.intp), np.empty(room), np.empty(room)
    n_occupied = _find_occupied(counts, centers, occupied, seen, values)
    return occupied[:n_occupied], seen[:n_occupied], values[:n_occupied]


def spread(scores: FloatArray, occupied: IntArray, n_bins: int) -> FloatArray:
    """Give the cuts of all bins the scores of those behind occupied bins; NaN where a side is empty."""
    spread_scores = np.empty(n_bins)
    _spread(scores, occupied, spread_scores)
    return spread_scores


def between_classes(counts: FloatArray, centers: FloatArray) -> FloatArray:
    """Score cuts by the variance between the classes."""
    # Divisions by an empty class are left to NumPy, which warns of them.
    if not (_is_plain(counts) and _is_plain(centers) and counts[0] > 0 < counts[-1]):
        return NotImplemented
    scores = np.empty(counts.size - 1)
    _between_classes(counts, centers, counts.sum(), scores)
    return scores


def correlation(counts: FloatArray) -> FloatArray:
    """Score cuts by the correlation criterion."""
    if not (_is_plain(counts) and counts[0] > 0 < counts[-1]):
        return NotImplemented
    squares, shares = _correlation(counts, counts.sum())
    return 2 * np.log(shares) - np.log(squares)


def _is_plain(values: FloatArray) -> bool:
    return values.dtype == _DOUBLE and values.flags.c_contiguous and values.size > 1


@jit
def _split(counts: Any, centers: Any, criterion: Any) -> Any:
    """Return whether a single gap between occupied bins has the best score, and its ends."""
    room = counts.size + 1
    occupied, seen, values = np.empty(room, np.intp), np.empty(room), np.empty(room)
    n_occupied = find_occupied_within(counts, centers, occupied, seen, values)
    n_pixels = np.int64(0)
    for i in range(counts.size):
        n_pixels += counts[i]
    if n_occupied < 2 or n_pixels > EXACT:
        return False, 0.0, 0.0
    scores = np.empty(n_occupied - 1)
    between_classes_within(seen, values, np.float64(n_pixels), scores)
    spread_within(scores, occupied, criterion)
    first, last = best_run_within(scores)
    return first == last, values[first], values[first + 1]


@jit
def _best_run(scores: Any) -> Any:
    return best_run_within(scores)


@jit
def _find_occupied(counts: Any, centers: Any, occupied: Any, seen: Any, values: Any) -> Any:
    return find_occupied_within(counts, centers, occupied, seen, values)


@jit
def _spread(scores: Any, occupied: Any, spread_scores: Any) -> None:
    spread_within(scores, occupied, spread_scores)


@jit
def _between_classes(counts: Any, centers: Any, total: float, scores: Any) -> None:
    between_classes_within(counts, centers, total, scores)


@jit
def _both_sides(values: Any) -> Any:
    n_cuts = values.size - 1
    background, from_above = np.empty(n_cuts), np.empty(n_cuts)
    below = above = 0.0
    # An addition waits for the one before: two sums at a time cost no more than one.
    for i in range(n_cuts):
        below += values[i]
        above += values[n_cuts - i]
        background[i], from_above[i] = below, above
    return background, from_above


@inlined
def best_run_within(scores: Any) -> Any:
    best, n_nan = scores[0], 0
    for score in scores:
        best = max(best, score)
        n_nan += score != score
    if n_nan or best == np.inf:
        return 0, scores.size - 1  # the tolerance is NaN, and compares with nothing
    least = best - TIE_TOLERANCE * abs(best)
    first = 0
    while scores[first] < least:
        first += 1
    last = first
    while last + 1 < scores.size and scores[last + 1] >= least:
        last += 1
    return first, last


@inlined
def find_occupied_within(counts: Any, centers: Any, occupied: Any, seen: Any, values: Any) -> Any:
    n_found = 0
    for i in range(counts.size):
        # Every place is written, and kept if it is occupied. A branch would be mispredicted.
        occupied[n_found], seen[n_found], values[n_found] = i, counts[i], centers[i]
        n_found += counts[i] > 0
    return n_found


@inlined
def spread_within(scores: Any, occupied: Any, spread_scores: Any) -> None:
    n_passed, score = 0, np.nan
    for i in range(spread_scores.size):
        if n_passed <= scores.size and i == occupied[n_passed]:
            score = scores[n_passed] if n_passed < scores.size else np.nan
            n_passed += 1
        spread_scores[i] = score


@inlined
def between_classes_within(counts: Any, centers: Any, total: float, scores: Any) -> None:
    n_cuts = scores.size
    # Shares and moments of bins, then those of the classes below and above: divisions that wait for no sum
    # become vectors.
    parts = np.empty((6, n_cuts + 1))
    length = centers[n_cuts] - centers[0]
    for i in range(n_cuts + 1):
        parts[0, i] = counts[i] / total
        parts[1, i] = parts[0, i] * ((centers[i] - centers[0]) / length)
    below = above = below_moment = above_moment = 0.0
    # An addition waits for the one before: four sums at a time cost no more than one.
    for i in range(n_cuts):
        below += parts[0, i]
        below_moment += parts[1, i]
        above += parts[0, n_cuts - i]
        above_moment += parts[1, n_cuts - i]
        parts[2, i], parts[3, i] = below, below_moment
        parts[4, n_cuts - 1 - i], parts[5, n_cuts - 1 - i] = above, above_moment
    for cut in range(n_cuts):
        w0, s0, w1, s1 = parts[2, cut], parts[3, cut], parts[4, cut], parts[5, cut]
        difference = s0 / w0 - s1 / w1
        scores[cut] = w0 * w1 * (difference * difference)


@jit
def _correlation(counts: Any, total: float) -> Any:
    """Return the products of both sides' sums, of squared shares and of shares."""
    n_cuts = counts.size - 1
    squares, shares = np.empty(n_cuts), np.empty(n_cuts)
    w1 = e1 = 0.0
    for cut in range(n_cuts - 1, -1, -1):
        p = counts[cut + 1] / total
        w1 += p
        e1 += p * p
        squares[cut], shares[cut] = e1, w1
    w0 = e0 = 0.0
    for cut in range(n_cuts):
        p = counts[cut] / total
        w0 += p
        e0 += p * p
        squares[cut] *= e0
        shares[cut] *= w0
    return squares, shares
