"""Several thresholds at once: multi-level Otsu, and the best range for labeled pixels."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skmask._kernels.arrays import FloatArray, IntArray
from skmask._kernels.thresholds.cuts import middle, relative_positions


def multi_otsu(
    counts: ArrayLike,
    centers: ArrayLike,
    n_classes: int,
    *,
    integer: bool = False,
) -> FloatArray:
    """Split a histogram into classes with the largest variance between them.

    The sum over classes of w m^2, the share times the squared mean, is as large as it can be
    (Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076; Liao, Chen & Chung 2001,
    https://doi.org/10.6688/JISE.2001.17.5.1). Dynamic programming is exact: the best k classes of bins 0..j
    are the best k - 1 classes of bins 0..i and the class i + 1..j. The best i grows with j, so a
    layer takes O(n log n): the middle j first, then both halves at once with half the choice.

    Parameters
    ----------
    counts : array-like of shape (n_bins,)
        Nonnegative counts or weights.
    centers : array-like of shape (n_bins,)
        Increasing centers of the bins.
    n_classes : int
        Number of classes, 2 or more, and at most that of the occupied bins.
    integer : bool, default=False
        Round the thresholds down to integers where that splits the bins the same way.

    Returns
    -------
    ndarray of shape (n_classes - 1,)
        Increasing thresholds, each in the middle of the gap between two occupied bins; a pixel
        is in class c if it is greater than c of them.

    Examples
    --------
    >>> multi_otsu([9, 5, 0, 4, 6, 0, 7, 7], range(8), 3)
    array([2., 5.])
    """
    counts = np.asarray(counts, dtype=np.float64)
    occupied = np.flatnonzero(counts > 0)
    values = np.asarray(centers, dtype=np.float64)[occupied]
    cuts = _best_partition(counts[occupied], values, n_classes)
    thresholds = np.array([middle(values[cut], values[cut + 1]) for cut in cuts])
    if integer:
        floors = np.floor(thresholds)
        thresholds = np.where(floors >= values[cuts], floors, thresholds)
    return thresholds


class BestRange(NamedTuple):
    """Best range of bins.

    Attributes
    ----------
    first, last : int
        The bins inside the range, both ends included.
    score : float
        The criterion, higher is better.
    """

    first: int
    last: int
    score: float


def best_range(
    criterion: str,
    foreground: ArrayLike,
    background: ArrayLike,
    *,
    beta: float = 1.0,
    fp_cost: float = 1.0,
    fn_cost: float = 1.0,
    n_nan: tuple[float, float] = (0, 0),
) -> BestRange:
    """Find the range of bins that agrees best with labeled pixels.

    All criteria are ratios of sums over the bins inside. Dinkelbach's iteration
    (https://doi.org/10.1287/mnsc.13.7.492) makes the exact optimum out of a few maximum-sum subarrays, which
    take one pass each.

    Parameters
    ----------
    criterion : {"dice", "jaccard", "f_beta", "youden", "cost"}
        Criterion to maximize; "cost" is minus the mean cost of a pixel's error.
    foreground, background : array-like of shape (n_bins,)
        Nonnegative counts or weights of the pixels of each class on common, sorted bins. Some foreground, and
        for "youden" some background, is needed.
    beta : float, default=1.0
        Weight of recall against precision in "f_beta".
    fp_cost, fn_cost : float, default=1.0
        Cost of a false positive and of a false negative in "cost".
    n_nan : (float, float), default=(0, 0)
        Count or weight of the pixels of each class that are in no range.

    Returns
    -------
    BestRange
        First and last bin of the range, which starts and ends at occupied bins, and its score.

    Examples
    --------
    >>> from skmask._kernels.thresholds.multilevel import best_range
    >>> best_range("dice", [0, 1, 8, 7, 0], [9, 2, 1, 0, 6])
    BestRange(first=2, last=3, score=0.9375)
    """
    foreground = np.asarray(foreground, dtype=np.float64)
    background = np.asarray(background, dtype=np.float64)
    n_fore, n_back = float(foreground.sum() + n_nan[0]), float(background.sum() + n_nan[1])
    # (a tp + b fp + c) / (d tp + e fp + f), with tp and fp summed over the bins inside.
    ratios = {
        "dice": ((2, 0, 0), (1, 1, n_fore)),
        "jaccard": ((1, 0, 0), (0, 1, n_fore)),
        "f_beta": ((1 + beta**2, 0, 0), (1, 1, beta**2 * n_fore)),
        "youden": ((n_back, -n_fore, 0), (0, 0, n_fore * n_back)),
        "cost": ((fn_cost, -fp_cost, -fn_cost * n_fore), (0, 0, n_fore + n_back)),
    }
    occupied = np.flatnonzero(foreground + background)
    tp, fp = foreground[occupied], background[occupied]
    (a, b, c), (d, e, f) = ratios[criterion]

    def ratio(first: int, end: int) -> float:
        hits, alarms = tp[first:end].sum(), fp[first:end].sum()
        return float((a * hits + b * alarms + c) / (d * hits + e * alarms + f))

    best = (0, occupied.size)
    score = ratio(*best)
    while True:
        candidate = _best_subarray((a - score * d) * tp + (b - score * e) * fp)
        found = ratio(*candidate)
        if not found > score:
            return BestRange(int(occupied[best[0]]), int(occupied[best[1] - 1]), score)
        best, score = candidate, found


def _best_subarray(weights: FloatArray) -> tuple[int, int]:
    """Return first and end of the subarray, at least one long, with the largest sum (Kadane)."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    end = 1 + int(np.argmax(sums[1:] - np.minimum.accumulate(sums[:-1])))
    return int(np.argmin(sums[:end])), end


def _best_partition(counts: FloatArray, values: FloatArray, n_classes: int) -> list[int]:
    """Return the last bin of each class but the brightest."""
    n = counts.size
    x = relative_positions(values)
    x -= np.average(x, weights=counts)
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    moment = np.concatenate([[0.0], np.cumsum(counts * x)])

    def score(start: IntArray, end: IntArray) -> FloatArray:
        """Score the class of the bins start..end - 1."""
        result: FloatArray = (moment[end] - moment[start]) ** 2 / (weight[end] - weight[start])
        return result

    ends = np.arange(1, n + 1)
    best = np.concatenate([[-np.inf], score(np.zeros_like(ends), ends)])
    layers = []
    for size in range(2, n_classes):
        best, starts = _add_class(best, score, size)
        layers.append(starts)
    starts = np.arange(n_classes - 1, n)
    borders = [int(starts[np.argmax(best[starts] + score(starts, np.full_like(starts, n)))])]
    for starts in reversed(layers):
        borders.append(int(starts[borders[-1]]))
    return [border - 1 for border in reversed(borders)]


def _add_class(
    best: FloatArray, score: Callable[[IntArray, IntArray], FloatArray], size: int
) -> tuple[FloatArray, IntArray]:
    """Find the best `size` classes of the bins 0..end - 1 for each end from the best size - 1.

    Returns the scores and the starts of the last class, both of shape (n + 1,), by end.
    """
    n = best.size - 1
    starts = np.full(n + 2, n - 1)
    starts[size - 1] = size - 1
    result = np.full(n + 1, -np.inf)
    n_ends = n + 1 - size
    step = 1 << (n_ends.bit_length() - 1)
    while step:
        # Ends between those known: the start lies between the starts of both neighbors.
        end = np.arange(size - 1 + step, n + 1, 2 * step)
        low = starts[end - step]
        high = np.minimum(starts[np.minimum(end + step, n + 1)], end - 1)
        n_tried = high - low + 1
        offsets = np.cumsum(n_tried) - n_tried
        tried = np.arange(n_tried.sum()) + np.repeat(low - offsets, n_tried)
        scores = best[tried] + score(tried, np.repeat(end, n_tried))
        result[end] = np.maximum.reduceat(scores, offsets)
        hits = np.flatnonzero(scores == np.repeat(result[end], n_tried))
        starts[end] = tried[hits[np.searchsorted(hits, offsets)]]
        step //= 2
    return result, starts[:-1]
