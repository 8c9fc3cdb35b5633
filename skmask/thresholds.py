"""Threshold methods and criteria as functions, to configure and extend those of the estimators.

A **threshold method** is a function ``(counts, centers)`` of a histogram. It returns the threshold or, as
most do, a score of each cut between two bins, of which `choose_threshold` takes the best. A **criterion**
is a function ``(tp, fp, fn, tn)`` of the numbers of right and wrong pixels. Both serve as ``method`` of
`skmask.HistogramThresholdMasker`, by name or as the function itself, and the latter with arguments::

    HistogramThresholdMasker(functools.partial(percentile, p=0.9))
    HistogramThresholdMasker(functools.partial(f_beta, beta=2))
"""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmask._doors import name_functions
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import ValueRange, levels
from skmask._kernels.pixels.binary import to_mask
from skmask._kernels.scores.overlap import dice, jaccard, mcc
from skmask._kernels.thresholds.choose import (
    THRESHOLD_METHODS,
    Choice,
    ThresholdMethod,
)
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
from skmask._kernels.thresholds.criteria import CRITERIA, Criterion, cost, f_beta, youden
from skmask._kernels.thresholds.entropy import kapur, renyi, yen
from skmask._kernels.thresholds.fuzzy import huang, shanbhag
from skmask._kernels.thresholds.mixture import gaussian_mixture, ght, minerror
from skmask._kernels.thresholds.multilevel import multi_otsu
from skmask._kernels.thresholds.shape import dropoff, intermodes, minimum, rosin, triangle
from skmask._methods import (
    check_method_name,
    check_threshold_function,
    choose,
    register_criterion,
    register_threshold_method,
)

__all__ = [
    "CRITERIA",
    "Choice",
    "Criterion",
    "THRESHOLD_METHODS",
    "ThresholdMethod",
    "choose_threshold",
    "compare_thresholds",
    "cost",
    "count_pixels",
    "dice",
    "dropoff",
    "f_beta",
    "gaussian_mixture",
    "ght",
    "huang",
    "intermodes",
    "isodata",
    "jaccard",
    "kapur",
    "li",
    "mcc",
    "mean",
    "median",
    "minerror",
    "minimum",
    "moments",
    "multi_otsu",
    "otsu",
    "percentile",
    "register_criterion",
    "register_threshold_method",
    "renyi",
    "robust_background",
    "rosin",
    "shanbhag",
    "triangle",
    "yen",
    "youden",
]

Array = NDArray[np.number]


def count_pixels(
    images: ArrayLike,
    *,
    roi: ArrayLike | None = None,
    n_bins: int | Literal["auto"] = "auto",
    value_range: ValueRange = "robust",
) -> tuple[Array, Array]:
    """Count pixel values in the bins from which the estimators choose.

    Parameters
    ----------
    images : array-like of any shape
        An image or a stack of images: all pixels are counted together, but NaN and infinities.
    roi : array-like of bool of the shape of `images`, default=None
        Pixels to count; all of them when None.
    n_bins : int or "auto", default="auto"
        Number of bins. ``"auto"`` is one bin a value for integers, up to 65,536, and 1024 bins for floats.
    value_range : {"robust", "minmax"} or (low, high), default="robust"
        Range of these bins; pixels beyond it are counted in the end bins. ``"robust"`` leaves out extreme
        values of floats, so that a few outliers do not make the bins coarse.

    Returns
    -------
    counts : ndarray of int64 of shape (n_bins,)
        Number of pixels in each bin.
    centers : ndarray of int64 or float64 of shape (n_bins,)
        Centers of the bins; integers where each bin is a value of integer pixels.

    Examples
    --------
    >>> from skmask.thresholds import count_pixels
    >>> count_pixels([[3, 4, 4], [3, 6, 4]])
    (array([2, 3, 0, 1]), array([3, 4, 5, 6]))
    """
    pixels = np.atleast_1d(images)[np.newaxis]
    region = None
    if roi is not None:
        region = to_mask(np.atleast_1d(roi), caller="count_pixels", name="roi")[np.newaxis]
        if region.shape != pixels.shape:
            msg = (
                f"count_pixels expects roi of shape {pixels.shape[1:]}, the shape of images, got "
                f"{region.shape[1:]}. Use np.broadcast_to for one region in all images."
            )
            raise ValueError(msg)
    histogram = count(pixels, roi=region, caller="count_pixels")
    counts, edges = levels(histogram, n_bins, value_range, caller="count_pixels")
    centers = (edges[:-1] + edges[1:]) / 2
    if histogram.kind == "integer" and np.all(np.diff(edges) == 1) and centers[0].is_integer():
        centers = centers.astype(np.int64)
    return counts, centers


def choose_threshold(
    counts: ArrayLike, centers: ArrayLike, method: str | ThresholdMethod = "otsu"
) -> Choice:
    """Choose a threshold from a histogram.

    Parameters
    ----------
    counts : array-like of shape (n_bins,)
        Number or weight of the pixels in each bin; bins may be empty.
    centers : array-like of shape (n_bins,)
        Ascending centers of bins of equal width. Of integers the threshold is rounded down to an integer,
        which makes no difference to integer pixels.
    method : str or callable, default="otsu"
        Name in `THRESHOLD_METHODS`, or a function like those.

    Returns
    -------
    choice : Choice
        ``threshold``; ``interval``, such that all thresholds in ``[a, b)`` split the pixels alike; and
        ``criterion``, the score of each cut "bins up to this one are background", NaN before the first and
        from the last occupied bin on, or None where the method computes its threshold directly. A histogram
        of one value gives that value, above which there is nothing.

    See Also
    --------
    skmask.HistogramThresholdMasker : Learns the threshold from training images.

    Notes
    -----
    Foreground is ``X > threshold``. Cuts through the same gap between two occupied bins are the same
    split. Among tied best splits the first run of neighbors is taken, and the threshold is the middle of
    the gap that the run spans: of all that fit the pixels equally well, the one farthest from them.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import choose_threshold, count_pixels
    >>> image = np.array([[10, 11, 10], [12, 70, 72]])
    >>> choice = choose_threshold(*count_pixels(image), "otsu")
    >>> choice.threshold, choice.interval
    (41.0, (12.0, 70.0))
    >>> choose_threshold(np.bincount(image.ravel()), range(73), "mean").threshold
    30.0
    """
    caller = "choose_threshold"
    if callable(method):
        check_threshold_function(method, caller=caller)
    else:
        check_method_name(method, caller=caller)
    counts, centers = _read_histogram(counts, centers, caller)
    return choose(method, counts, centers, integer=centers.dtype.kind in "iu", caller=caller)


def compare_thresholds(counts: ArrayLike, centers: ArrayLike) -> dict[str, float]:
    """Choose a threshold by every method in `THRESHOLD_METHODS`.

    Parameters
    ----------
    counts : array-like of shape (n_bins,)
        Number or weight of the pixels in each bin; empty bins are welcome.
    centers : array-like of shape (n_bins,)
        Ascending centers of bins of equal width.

    Returns
    -------
    thresholds : dict of str to float
        Threshold by name of the method, NaN where a method finds none, in ascending order.

    Examples
    --------
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.thresholds import compare_thresholds, count_pixels
    >>> images = make_masked_images(10, random_state=0).images
    >>> thresholds = compare_thresholds(*count_pixels(images))
    >>> thresholds["otsu"], thresholds["li"], thresholds["triangle"]
    (115.0, 107.0, 99.0)
    """
    # An empty histogram is an error, not a list of NaN.
    thresholds = {"otsu": choose_threshold(counts, centers, "otsu").threshold}
    for name in THRESHOLD_METHODS:
        try:
            thresholds[name] = choose_threshold(counts, centers, name).threshold
        except ValueError:
            thresholds[name] = math.nan
    return dict(sorted(thresholds.items(), key=lambda item: (math.isnan(item[1]), item[1])))


def _read_histogram(counts: ArrayLike, centers: ArrayLike, caller: str) -> tuple[Array, Array]:
    counts, centers = np.asarray(counts), np.asarray(centers)
    if counts.ndim != 1 or counts.shape != centers.shape:
        msg = (
            f"{caller} expects counts and centers of one axis and one length, got shapes {counts.shape} and "
            f"{centers.shape}. Use count_pixels(images) to count images."
        )
        raise ValueError(msg)
    for name, values in (("counts", counts), ("centers", centers)):
        if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
            msg = (
                f"{caller} expects {name} to be finite numbers, got {values}. "
                "Use count_pixels(images), which leaves NaN and infinities out."
            )
            raise ValueError(msg)
    is_ascending = bool(np.all(centers[1:] > centers[:-1]))
    if np.any(counts < 0) or not is_ascending:
        got = "unsorted centers" if not is_ascending else "negative counts"
        msg = (
            f"{caller} expects counts >= 0 and then ascending centers, got {got}. Check the order of the "
            "arguments, choose_threshold(counts, centers), and sort both by centers."
        )
        raise ValueError(msg)
    if not np.any(counts > 0):
        msg = (
            f"{caller} expects at least one pixel, got an empty histogram. "
            "Check the images, their region of interest and their NaN."
        )
        raise ValueError(msg)
    return counts, centers


name_functions(__name__, __all__)
