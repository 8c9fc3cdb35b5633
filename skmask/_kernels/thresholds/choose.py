"""Thresholds chosen from a histogram: the table of methods and the rule they share.

A threshold method is a function of ``(counts, centers)``. It returns either

- an array, the score of each of the n - 1 cuts of the n bins (higher is better), and leaves the
  choice of the threshold to the cut rule below; or
- a float, the threshold itself.

`choose` calls it with float64 arrays whose first and last bins are occupied and differ, so that
each cut has pixels on both sides. Bins with ``center > threshold`` are foreground.

The cut rule: cuts through the same gap between two occupied bins are the same split. Among tied
best splits the first run of neighbors is taken, and the threshold is the middle of the gap that
the run spans, (last background center + first foreground center) / 2. Of all thresholds that fit
the training images equally well, it is the one farthest from their pixels.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skmask._kernels.arrays import Array, FloatArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.registry import by_name
from skmask._kernels.thresholds.classical import (
    isodata,
    li,
    mean,
    median,
    moments,
    otsu,
    percentile,
    robust_background,
)
from skmask._kernels.thresholds.cuts import (
    TIE_TOLERANCE,
    best_threshold,
    occupied_bins,
    spread,
)
from skmask._kernels.thresholds.entropy import kapur, renyi, yen
from skmask._kernels.thresholds.fuzzy import huang, shanbhag
from skmask._kernels.thresholds.mixture import gaussian_mixture, ght, minerror
from skmask._kernels.thresholds.shape import dropoff, intermodes, minimum, rosin, triangle

ThresholdMethod = Callable[[FloatArray, FloatArray], float | FloatArray]

THRESHOLD_METHODS: dict[str, ThresholdMethod] = by_name(
    dropoff,
    gaussian_mixture,
    ght,
    huang,
    intermodes,
    isodata,
    kapur,
    li,
    mean,
    median,
    minerror,
    minimum,
    moments,
    otsu,
    percentile,
    renyi,
    robust_background,
    rosin,
    shanbhag,
    triangle,
    yen,
)


# Empty bins change nothing for these: they add up counts from both ends, and take the values of the bins.
_OF_OCCUPIED_BINS = (otsu, isodata, yen, li, kapur, median, percentile)

Check = Callable[[object, FloatArray], None]


class Choice(NamedTuple):
    """Threshold chosen from a histogram.

    Attributes
    ----------
    threshold : float
        Bins with ``center > threshold`` are foreground.
    interval : tuple of float
        (a, b): all thresholds with ``a <= threshold < b`` give the same split of the occupied
        bins; -inf or inf where there is none on that side.
    criterion : ndarray of shape (n_bins,) or None
        Score of each cut "bins up to this one are background", higher is better. Cuts through one
        gap between occupied bins have one score. NaN before the first and from the last occupied
        bin on; None for a method that returns its threshold.
    """

    threshold: float
    interval: tuple[float, float]
    criterion: FloatArray | None


def choose(
    method: str | ThresholdMethod,
    counts: ArrayLike,
    centers: ArrayLike,
    *,
    integer: bool = False,
    check: Check | None = None,
) -> Choice:
    """Choose a threshold from a histogram.

    Parameters
    ----------
    method : str or callable
        Name in `THRESHOLD_METHODS`, or a function like those there.
    counts : array-like of shape (n_bins,)
        Nonnegative counts or weights, one at least above zero; bins may be empty.
    centers : array-like of shape (n_bins,)
        Increasing centers of bins of equal width.
    integer : bool, default=False
        Round the threshold down to an integer where that splits the bins the same way:
        for integer pixels ``x > 102.5`` and ``x > 102`` are the same mask.
    check : callable, optional
        Called with what the method returned and the counts that it got.

    Returns
    -------
    Choice
        Threshold, interval and criterion. A histogram with one occupied bin gives the center of
        that bin, so that nothing is foreground.

    Examples
    --------
    >>> from skmask._kernels.thresholds.choose import choose
    >>> choice = choose("otsu", [5, 3, 0, 0, 4], [0, 1, 2, 3, 4])
    >>> choice.threshold, choice.interval
    (2.5, (1.0, 4.0))
    """
    function = THRESHOLD_METHODS[method] if isinstance(method, str) else method
    counts, centers = np.asarray(counts), np.asarray(centers, dtype=np.float64)
    threshold, interval, criterion = _choose(function, counts, centers, integer, check)
    if integer and math.floor(threshold) >= interval[0]:
        threshold = float(math.floor(threshold))
    return Choice(threshold, interval, criterion)


@has_twin("thresholds.cuts")
def _choose(
    function: ThresholdMethod,
    counts: Array,
    centers: FloatArray,
    integer: bool,
    check: Check | None,
) -> tuple[float, tuple[float, float], FloatArray | None]:
    """Return the threshold of a method, its interval and its criterion."""
    # Sums of integers are exact, whichever bins are left out.
    skips_empty = counts.dtype.kind in "iu" and function in _OF_OCCUPIED_BINS
    occupied, seen, values = occupied_bins(counts, centers)
    criterion = None
    if occupied.size == 1:
        threshold = values.item()
    else:
        first, last = occupied[0], occupied[-1]
        seen_values = values
        if not skips_empty:
            seen = counts[first : last + 1].astype(np.float64)
            seen_values = centers[first : last + 1]
        found = function(seen, seen_values)
        if check is not None:
            check(found, seen)
        if np.ndim(found):
            scores = np.asarray(found, dtype=np.float64)
            if not skips_empty:
                scores = scores[occupied[:-1] - first]
            threshold = best_threshold(scores, values)
            criterion = spread(scores, occupied, counts.size)
        else:
            threshold = float(found)
            if integer:
                # Whole but for rounding, as the mean of weighted pixels may be.
                whole = float(round(threshold))
                if abs(threshold - whole) <= TIE_TOLERANCE * (values[-1] - values[0]):
                    threshold = whole
    n_background = int(values.searchsorted(threshold, side="right"))
    low = values[n_background - 1].item() if n_background else -np.inf
    high = values[n_background].item() if n_background < values.size else np.inf
    return threshold, (low, high), criterion
