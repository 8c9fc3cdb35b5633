"""Threshold methods and criteria as functions, to configure and extend those of the estimators.

A **threshold method** is a function ``(counts, centers)`` of a histogram. It returns the threshold or, as
most do, a score of each cut between two bins, of which `choose_threshold` takes the best. A **criterion**
is a function ``(tp, fp, fn, tn)`` of the numbers of right and wrong pixels. Both serve as ``method`` of
`skmask.HistogramThresholdMasker`, by name or as the function itself, and the latter with arguments::

    HistogramThresholdMasker(functools.partial(percentile, p=0.9))
    HistogramThresholdMasker(functools.partial(f_beta, beta=2))
"""

import math
from numbers import Integral
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmask._checks import check_n_bins, check_one_kind, check_some_pixel, check_value_range
from skmask._doors import name_functions
from skmask._images.containers import read_images
from skmask._images.kinds import Kind, brief, classify, read_one
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.histogram import Histogram
from skmask._kernels.histograms.levels import EXACT, ValueRange, levels
from skmask._kernels.scores.overlap import dice, jaccard, mcc
from skmask._kernels.thresholds import multilevel
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
    images : array-like of any shape, or list of array-like
        An image, a stack of images, or a list of images of different sizes: all finite pixels are counted
        together. Memory maps, zarr, h5py and dask arrays are read block by block.
    roi : array-like of bool of the shape of `images` or list of array-like, default=None
        Pixels to count; all of them when None. Of a stack it may be the region of one image, for all.
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
    caller = "count_pixels"
    check_n_bins(n_bins, caller=caller)
    check_value_range(value_range, caller=caller)
    kind, images = classify(images, caller=caller, name="images")
    if kind is Kind.ARRAY and np.ndim(images) < 2:
        # Pixels without an image around them: a row of them.
        images = np.atleast_2d(images)
        roi = None if roi is None else np.atleast_2d(roi)
    read = read_images(images, caller=caller)
    regions = read.align_roi(roi, caller=caller)
    histogram = read.reduce(_count_block, _merge_counts, regions, pixelwise=True)
    check_some_pixel(histogram, caller=caller)
    found = levels(histogram, n_bins, value_range)
    centers = found.centers
    if found.is_integer and np.all(np.diff(found.edges) == 1) and centers[0].is_integer():
        centers = centers.astype(np.int64)
        origin = histogram.lowest.dtype.type(found.origin)
        return found.counts, centers.astype(origin.dtype) + origin if found.origin else centers
    return found.counts, found.bin_edges[:-1] / 2 + found.bin_edges[1:] / 2


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
        A named tuple of three values:

        - ``threshold``: the threshold; a histogram of one value gives that value;
        - ``interval``: all thresholds in ``[a, b)`` split the pixels alike;
        - ``criterion``: the score of each cut "bins up to this one are background", NaN before the first and
          from the last occupied bin on. None if the method computes its threshold directly.

    See Also
    --------
    skmask.HistogramThresholdMasker : Learns the threshold from training images.

    Notes
    -----
    Foreground is ``X > threshold``. Cuts through the same gap between two occupied bins are the same
    split. Among tied best splits the first run of neighbors is taken. The threshold is the middle of the
    gap that the run spans, which is farthest from the pixels.

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
    if centers.dtype.kind not in "iu":
        return choose(method, counts, centers, caller=caller)
    # Of integers that floats do not hold, methods see the distances from the first.
    first, last = int(centers[0]), int(centers[-1])
    origin = first if max(abs(first), abs(last)) >= EXACT else 0
    positions = np.array([center - origin for center in centers.tolist()], np.float64)
    choice = choose(method, counts, positions, integer=True, caller=caller)
    if origin == 0:
        return choice
    bounds = [bound if math.isinf(bound) else origin + int(bound) for bound in choice.interval]
    return Choice(origin + math.floor(choice.threshold), (bounds[0], bounds[1]), choice.criterion)


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
    _read_histogram(counts, centers, "compare_thresholds")
    thresholds = {"otsu": choose_threshold(counts, centers, "otsu").threshold}
    for name in THRESHOLD_METHODS:
        try:
            thresholds[name] = choose_threshold(counts, centers, name).threshold
        except ValueError:
            thresholds[name] = math.nan
    return dict(sorted(thresholds.items(), key=lambda item: (math.isnan(item[1]), item[1])))


def multi_otsu(
    counts: ArrayLike, centers: ArrayLike, n_classes: int, *, integer: bool = False
) -> NDArray[np.float64]:
    r"""Split a histogram into classes with the largest variance between them.

    The thresholds are found exactly, by dynamic programming.

    Parameters
    ----------
    counts : array-like of shape (n_bins,)
        Number or weight of the pixels in each bin; bins may be empty.
    centers : array-like of shape (n_bins,)
        Ascending centers of the bins.
    n_classes : int
        Number of classes, 2 or more.
    integer : bool, default=False
        Whether to round the thresholds down to integers where that splits the bins the same way.

    Returns
    -------
    thresholds : ndarray of shape (n_classes - 1,)
        Ascending, each in the middle of the gap between two occupied bins; a pixel is in class c if it is
        greater than c of them.

    See Also
    --------
    skmask.HistogramRangeMasker : Makes masks of one or some of these classes.

    Notes
    -----
    .. math:: \sum_c w_c \mu_c^2

    is maximized, with the share w and the mean :math:`\mu` of each class.

    References
    ----------
    Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076

    Liao, Chen and Chung 2001, https://doi.org/10.6688/JISE.2001.17.5.1

    Examples
    --------
    >>> from skmask.thresholds import multi_otsu
    >>> multi_otsu([9, 5, 0, 4, 6, 0, 7, 7], range(8), 3)
    array([2., 5.])
    """
    caller = "multi_otsu"
    counts, centers = _read_histogram(counts, centers, caller)
    if not isinstance(integer, bool | np.bool):
        msg = (
            f"{caller} expects integer to be True or False, got {brief(integer)}. Use one of them."
        )
        raise TypeError(msg)
    n_values = np.count_nonzero(counts)
    if not isinstance(n_classes, Integral) or n_classes < 2:
        msg = f"{caller} expects n_classes to be an integer, 2 or more, got {brief(n_classes)}. Use 3, say."
        raise ValueError(msg)
    if n_values < n_classes:
        msg = (
            f"{caller} expects n_classes to be at most the number of distinct pixel values, {n_values}, got "
            f"{brief(n_classes)}. Use fewer classes."
        )
        raise ValueError(msg)
    return multilevel.multi_otsu(counts, centers, int(n_classes), integer=integer)


def _count_block(block: Array, region: Array | None) -> Histogram:
    return count(block, roi=region)


def _merge_counts(parts: list[Histogram]) -> Histogram:
    check_one_kind(parts, caller="count_pixels")
    first, *others = parts
    return first.merge(*others)


def _read_histogram(counts: ArrayLike, centers: ArrayLike, caller: str) -> tuple[Array, Array]:
    counts = read_one(counts, caller=caller, name="counts")
    centers = read_one(centers, caller=caller, name="centers")
    if counts.ndim != 1 or counts.shape != centers.shape:
        msg = (
            f"{caller} expects counts and centers of one axis and one length, got shapes {counts.shape} and "
            f"{centers.shape}. Use count_pixels(images) to count images."
        )
        raise ValueError(msg)
    for name, values in (("counts", counts), ("centers", centers)):
        is_numeric = values.dtype.kind in "biuf"
        if not is_numeric or not np.isfinite(values).all():
            got = values[~np.isfinite(values)][0] if is_numeric else f"dtype {values.dtype}"
            msg = (
                f"{caller} expects {name} to be finite numbers, got {got}. "
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
