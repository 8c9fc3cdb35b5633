"""Cuts of a histogram in two: sums on both sides, the best cut, the middle of a gap.

A histogram of n bins has n - 1 cuts; cut k makes bins 0..k background and bins k + 1..n - 1
foreground.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Rounding moves a score by some 1e-15 of its size: closer scores than this are ties.
TIE_TOLERANCE = 1e-12


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
    return np.cumsum(values)[:-1], np.cumsum(values[::-1])[-2::-1]


def relative_positions(centers: FloatArray) -> FloatArray:
    """Return where the bins lie between the first center (0) and the last (1)."""
    return (centers - centers[0]) / (centers[-1] - centers[0])


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
    best = np.max(scores)
    tied = scores >= best - TIE_TOLERANCE * np.abs(best)
    first = int(np.argmax(tied))
    ends = np.flatnonzero(~tied[first:])
    return first, first + int(ends[0]) - 1 if ends.size else scores.size - 1


def middle(low: float, high: float) -> float:
    """Return the middle of [low, high), which is less than high even for neighboring floats."""
    return float(min(low + (high - low) / 2, np.nextafter(high, -np.inf)))
