"""Twins of what threshold methods compute for every cut of a histogram."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import FloatArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.thresholds.cuts import TIE_TOLERANCE

_DOUBLE = np.dtype(np.float64)


def both_sides(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum values over the background and over the foreground of each cut."""
    if not _is_plain(values):
        return NotImplemented
    background, from_above = _both_sides(values)
    return background, from_above[::-1]  # a view, as NumPy has other logarithms for those


def best_run(scores: FloatArray) -> tuple[int, int]:
    """Find the first run of cuts that all reach the best score."""
    return _best_run(scores) if _is_plain(scores) else NotImplemented


def between_classes(counts: FloatArray, centers: FloatArray) -> FloatArray:
    """Score cuts by the variance between the classes."""
    # Divisions by an empty class are left to NumPy, which warns of them.
    if not (_is_plain(counts) and _is_plain(centers) and counts[0] > 0 < counts[-1]):
        return NotImplemented
    return _between_classes(counts, centers, counts.sum())


def correlation(counts: FloatArray) -> FloatArray:
    """Score cuts by the correlation criterion."""
    if not (_is_plain(counts) and counts[0] > 0 < counts[-1]):
        return NotImplemented
    squares, shares = _correlation(counts, counts.sum())
    return 2 * np.log(shares) - np.log(squares)


def _is_plain(values: FloatArray) -> bool:
    return values.dtype == _DOUBLE and values.flags.c_contiguous and values.size > 1


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


@jit
def _best_run(scores: Any) -> Any:
    best, n_nan = scores[0], 0
    for cut in range(scores.size):
        best = max(best, scores[cut])
        n_nan += scores[cut] != scores[cut]
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


@jit
def _between_classes(counts: Any, centers: Any, total: float) -> Any:
    n_cuts = counts.size - 1
    scores, moments = np.empty(n_cuts), np.empty(n_cuts)
    length = centers[n_cuts] - centers[0]
    w1 = s1 = 0.0
    for cut in range(n_cuts - 1, -1, -1):
        p = counts[cut + 1] / total
        w1 += p
        s1 += p * ((centers[cut + 1] - centers[0]) / length)
        scores[cut], moments[cut] = w1, s1
    w0 = s0 = 0.0
    for cut in range(n_cuts):
        p = counts[cut] / total
        w0 += p
        s0 += p * ((centers[cut] - centers[0]) / length)
        w1, s1 = scores[cut], moments[cut]
        difference = s0 / w0 - s1 / w1
        scores[cut] = w0 * w1 * (difference * difference)
    return scores


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
