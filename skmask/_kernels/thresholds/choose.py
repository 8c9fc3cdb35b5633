"""Thresholds chosen from a histogram: the registry of methods and the rule they share.

A threshold method is one function of ``(counts, centers)``. It returns either

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

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skmask._kernels.names import did_you_mean
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
from skmask._kernels.thresholds.cuts import FloatArray, best_threshold
from skmask._kernels.thresholds.entropy import kapur, renyi, yen
from skmask._kernels.thresholds.fuzzy import huang, shanbhag
from skmask._kernels.thresholds.mixture import gaussian_mixture, ght, minerror
from skmask._kernels.thresholds.shape import dropoff, intermodes, minimum, rosin, triangle

ThresholdMethod = Callable[[FloatArray, FloatArray], float | FloatArray]

THRESHOLD_METHODS: dict[str, ThresholdMethod] = {
    "dropoff": dropoff,
    "gaussian_mixture": gaussian_mixture,
    "ght": ght,
    "huang": huang,
    "intermodes": intermodes,
    "isodata": isodata,
    "kapur": kapur,
    "li": li,
    "mean": mean,
    "median": median,
    "minerror": minerror,
    "minimum": minimum,
    "moments": moments,
    "otsu": otsu,
    "percentile": percentile,
    "renyi": renyi,
    "robust_background": robust_background,
    "rosin": rosin,
    "shanbhag": shanbhag,
    "triangle": triangle,
    "yen": yen,
}


class Choice(NamedTuple):
    """What `choose` found.

    Attributes
    ----------
    threshold : float
        Bins with ``center > threshold`` are foreground.
    interval : tuple of float
        (a, b): all thresholds with ``a <= threshold < b`` give the same split of the occupied
        bins; -inf or inf where there is none on that side.
    criterion : ndarray of shape (n_bins,) or None
        Score of each cut "bins up to this one are background", higher is better, nan for bins
        that are no cut between occupied bins; None for a method that returns its threshold.
    """

    threshold: float
    interval: tuple[float, float]
    criterion: FloatArray | None


def register_threshold_method(name: str, function: ThresholdMethod) -> None:
    """Make a function available as the threshold method `name`.

    The name is known in this process, and in others that register it, too. The worker processes of
    ``n_jobs`` do not: there, use the function itself as `method` in place of its name.

    Parameters
    ----------
    name : str
        Name of the method; a name that is taken is refused.
    function : callable
        ``function(counts, centers)`` of two float64 arrays of shape (n_bins,), where the first
        and the last bin are occupied and differ. Returns the threshold (a float), or the score of
        each cut (an array of shape (n_bins - 1,), higher is better): the score at k is that of
        bins 0..k as background. Raises ValueError where the method finds no threshold.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.thresholds import THRESHOLD_METHODS, register_threshold_method
    >>> register_threshold_method("midrange", lambda counts, centers: centers[[0, -1]].mean())
    >>> HistogramThresholdMasker("midrange").fit(np.array([[[10, 10, 11, 40]]])).threshold_
    25
    >>> del THRESHOLD_METHODS["midrange"]
    """
    if not callable(function):
        msg = (
            "register_threshold_method expects a callable of (counts, centers), "
            f"got {type(function).__name__}. Pass a function or a functools.partial."
        )
        raise TypeError(msg)
    if name in THRESHOLD_METHODS:
        msg = (
            f"register_threshold_method expects a new name, got {name!r}, which is registered. "
            "Choose another name."
        )
        raise ValueError(msg)
    THRESHOLD_METHODS[name] = function


def choose(
    method: str | ThresholdMethod,
    counts: ArrayLike,
    centers: ArrayLike,
    *,
    integer: bool = False,
    caller: str = "choose",
) -> Choice:
    """Choose a threshold from a histogram.

    Parameters
    ----------
    method : str or callable
        Name in `THRESHOLD_METHODS`, or a function like those registered there.
    counts : array-like of shape (n_bins,)
        Nonnegative counts or weights; empty bins are welcome.
    centers : array-like of shape (n_bins,)
        Increasing centers of bins of equal width.
    integer : bool, default=False
        Round the threshold down to an integer where that splits the bins the same way:
        for integer pixels ``x > 102.5`` and ``x > 102`` are the same mask.
    caller : str, default="choose"
        Who is named in error messages.

    Returns
    -------
    Choice
        Threshold, interval and criterion. A histogram with one occupied bin gives the center of
        that bin, so that nothing is foreground.

    Raises
    ------
    ValueError
        For an unknown method, an empty histogram, or when the method finds no threshold.

    Examples
    --------
    >>> from skmask._kernels.thresholds.choose import choose
    >>> choice = choose("otsu", [5, 3, 0, 0, 4], [0, 1, 2, 3, 4])
    >>> choice.threshold, choice.interval
    (2.5, (1.0, 4.0))
    """
    function = _resolve(method, caller)
    counts = np.asarray(counts, dtype=np.float64)
    centers = np.asarray(centers, dtype=np.float64)
    if counts.ndim != 1 or counts.shape != centers.shape:
        msg = (
            f"{caller} expects counts and centers of one axis and one length, got shapes {counts.shape} and "
            f"{centers.shape}. Use count_pixels(images) to count images."
        )
        raise ValueError(msg)
    (occupied,) = np.nonzero(counts > 0)
    if occupied.size == 0:
        msg = (
            f"{caller} expects at least one pixel, got an empty histogram. "
            "Check the images, their region of interest and their NaN."
        )
        raise ValueError(msg)
    criterion = None
    first, last = occupied[0], occupied[-1]
    if first == last:
        threshold = float(centers[first])
    else:
        span = slice(first, last + 1)
        found = function(counts[span], centers[span])
        if np.ndim(found):
            scores = np.asarray(found, dtype=np.float64)[occupied[:-1] - first]
            threshold = best_threshold(scores, centers[occupied])
            criterion = np.full(counts.shape, np.nan)
            criterion[first:last] = np.repeat(scores, occupied[1:] - occupied[:-1])
        else:
            threshold = float(found)
    n_background = np.searchsorted(occupied, np.searchsorted(centers, threshold, side="right"))
    low = float(centers[occupied[n_background - 1]]) if n_background else -np.inf
    high = float(centers[occupied[n_background]]) if n_background < occupied.size else np.inf
    if integer and np.floor(threshold) >= low:
        threshold = float(np.floor(threshold))
    return Choice(threshold, (low, high), criterion)


def _resolve(method: str | ThresholdMethod, caller: str) -> ThresholdMethod:
    if callable(method):
        return method
    if method not in THRESHOLD_METHODS:
        msg = (
            f"{caller} expects a threshold method, got {method!r}.{did_you_mean(method, THRESHOLD_METHODS)} "
            f"Choose one of {', '.join(sorted(THRESHOLD_METHODS))}, or pass a function."
        )
        raise ValueError(msg)
    return THRESHOLD_METHODS[method]
