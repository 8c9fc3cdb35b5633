"""Cuts of a histogram in two: sums on both sides, the best cut, the middle of a gap.

A histogram of n bins has n - 1 cuts; cut k makes bins 0..k background and bins k + 1..n - 1
foreground.
"""

import math

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, IntArray
from skmask._kernels.compiled import has_twin

# Rounding moves a score by some 1e-15 of its size: closer scores than this are ties.
TIE_TOLERANCE = 1e-12


@has_twin("thresholds.cuts")
def both_sides(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum values over the background and over the foreground of each cut.

    Parameters
    ----------
    values : ndarray of shape (n,)
        One value a bin.

    Returns
    -------
    background, foreground : ndarray of shape (n - 1,)
        ``values[: k + 1].sum()`` and ``values[k + 1 :].sum()`` for each cut k. Both are added up
        from their own end: nothing cancels, and a mirrored histogram gives mirrored sums.
    """
    return values.cumsum()[:-1], values[::-1].cumsum()[-2::-1]


def relative_positions(centers: FloatArray) -> FloatArray:
    """Return where the bins lie between the first center (0) and the last (1)."""
    return (centers - centers[0]) / (centers[-1] - centers[0])


@has_twin("thresholds.cuts")
def best_run(scores: FloatArray) -> tuple[int, int]:
    """Find the first run of cuts that all reach the best score.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Score of each cut, higher is better; cuts that are out of the question have -inf.

    Returns
    -------
    first, last : int
        The run, both ends included. Scores within `TIE_TOLERANCE` of the best are ties.
    """
    best = scores.max().item()
    tied = scores >= best - TIE_TOLERANCE * abs(best)
    first = int(tied.argmax())
    length = int(tied[first:].argmin()) or scores.size - first
    return first, first + length - 1


@has_twin("thresholds.cuts")
def occupied_bins(counts: Array, centers: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the numbers of the bins that hold pixels, with their counts and centers as floats."""
    (occupied,) = (counts > 0).nonzero()
    return occupied, counts.take(occupied).astype(np.float64), centers.take(occupied)


@has_twin("thresholds.cuts")
def spread(scores: FloatArray, occupied: IntArray, n_bins: int) -> FloatArray:
    """Give the cuts of all bins the scores of those behind occupied bins; NaN where a side is empty."""
    spread_scores = np.full(n_bins, np.nan)
    spread_scores[occupied[0] : occupied[-1]] = scores.repeat(occupied[1:] - occupied[:-1])
    return spread_scores


def middle(low: float, high: float) -> float:
    """Return the middle of [low, high), which is less than high even for neighboring floats."""
    low, high = float(low), float(high)
    length = high - low
    center = low + length / 2 if math.isfinite(length) else low / 2 + high / 2
    return min(center, math.nextafter(high, -math.inf))


def best_threshold(scores: FloatArray, values: FloatArray) -> float:
    """Apply the cut rule: the middle of the gap that the first run of tied best cuts spans.

    Parameters
    ----------
    scores : ndarray of shape (n - 1,)
        Score of the cut behind each value but the last, higher is better.
    values : ndarray of shape (n,)
        Centers of the occupied bins. Cuts through one gap between them are one split of the
        pixels and have one score here: exact ties by construction.
    """
    first, last = best_run(scores)
    return middle(values[first], values[last + 1])


def gap_after(counts: FloatArray, centers: FloatArray, cut: int) -> float:
    """Return the middle of the gap between occupied bins in which a cut lies."""
    low = cut - int(np.argmax(counts[cut::-1] > 0))
    high = cut + 1 + int(np.argmax(counts[cut + 1 :] > 0))
    return middle(centers[low], centers[high])


def group_bins(counts: FloatArray) -> tuple[FloatArray, int]:
    """Add up neighboring bins so that the central 99.8 % of the pixels span at most 256 bins.

    The outline of a histogram, its peaks and corners, drowns in noise when bins are too fine. The
    tails do not count, so that a single hot pixel does not make the bins coarse.

    Returns
    -------
    grouped : ndarray of shape (n_groups,)
        Sums of groups of `size` bins, the last padded with empty bins.
    size : int
        Bins in a group.
    """
    if counts.size <= 256:
        return counts, 1
    shares = np.cumsum(counts) / np.sum(counts)
    low, high = np.searchsorted(shares, (0.001, 0.999))
    size = -(-int(high - low + 1) // 256)
    padded = np.zeros(counts.size + -counts.size % size)
    padded[: counts.size] = counts
    return padded.reshape(-1, size).sum(axis=1), size
