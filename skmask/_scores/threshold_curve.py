"""Scores of the masks of all thresholds, without making the masks."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skmask._checks import check_one_kind, check_some_pixel
from skmask._images.containers import read_images
from skmask._images.kinds import brief
from skmask._kernels.arrays import Array, FloatArray
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.histogram import Histogram, threshold_within
from skmask._kernels.pixels.compare import round_down
from skmask._kernels.scores import overlap
from skmask._kernels.thresholds.criteria import CRITERIA, Criterion
from skmask._kernels.thresholds.cuts import best_run
from skmask._names import did_you_mean
from skmask._scores.averages import read_weights
from skmask._scores.mask_pairs import Masks

METRICS: dict[str, Criterion] = CRITERIA | {
    "pixel_precision": overlap.precision,
    "pixel_recall": overlap.recall,
    "specificity": overlap.specificity,
    "volume_similarity": overlap.volume_similarity,
}

# More thresholds than this tell nothing more, and their scores would take more memory than the images.
MAX_THRESHOLDS = 4096


class ThresholdCurve(NamedTuple):
    """Scores of the masks of all thresholds.

    Attributes
    ----------
    thresholds : ndarray of float64 of shape (n_thresholds,)
        Ascending.
    mean : ndarray of float64 of shape (n_thresholds,)
        Mean of the images' scores at each threshold.
    std : ndarray of float64 of shape (n_thresholds,)
        Their standard deviation.
    scores : ndarray of float64 of shape (n_images, n_thresholds)
        Score of each image.
    """

    thresholds: FloatArray
    mean: FloatArray
    std: FloatArray
    scores: FloatArray

    @property
    def best_threshold(self) -> float:
        """Threshold of the highest mean; of several in a row, the one in their middle."""
        return float(self.thresholds[_middle_of_best(self.mean)])

    @property
    def best_score(self) -> float:
        """The highest mean."""
        return float(self.mean.max())

    @property
    def image_thresholds(self) -> FloatArray:
        """Threshold of the highest score of each image by itself, ndarray of shape (n_images,)."""
        return self.thresholds[[_middle_of_best(scores) for scores in self.scores]]


def threshold_curve(
    images: Masks,
    masks: Masks,
    *,
    metric: str | Criterion = "dice",
    thresholds: ArrayLike | None = None,
    foreground: Literal["bright", "dark"] = "bright",
    sample_weight: ArrayLike | None = None,
    roi: Masks | None = None,
) -> ThresholdCurve:
    """Score the masks that every threshold makes of labeled images.

    Pixels are counted once for all thresholds, instead of making and scoring the masks of each. The scores
    equal those of a search over `ThresholdMasker`, some hundred times as fast, and come with their spread
    over the images.

    Parameters
    ----------
    images : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
            (n_images, n_pixels), or list of array-like
        Images: a stack, flat rows, or a list of images of different sizes.
    masks : array-like or list of array-like
        Their true masks: booleans, or numbers of two values one of which is 0.
    metric : str or callable, default="dice"
        ``"dice"``, ``"jaccard"``, ``"mcc"``, ``"pixel_precision"``, ``"pixel_recall"``, ``"specificity"``,
        ``"volume_similarity"``, ``"f_beta"``, ``"youden"``, ``"cost"``; or a function of four arrays, the
        numbers of true positives, false positives, false negatives and true negatives for each threshold,
        that gives their scores.
    thresholds : array-like of shape (n_thresholds,), default=None
        Thresholds to score. By default one in the middle of every gap between two values of the images,
        one below the lowest and the highest value: no other threshold makes another mask. Of more than
        4096 such thresholds, 4096 are taken at equal distances in their order.
    foreground : {"bright", "dark"}, default="bright"
        Whether pixels above the threshold are foreground, or all others but NaN.
    sample_weight : array-like of shape (n_images,), default=None
        Weights of the images in the mean and the standard deviation.
    roi : array-like or list of array-like, default=None
        Region of interest: masks of the pixels to count, one for each image or one for all.

    Returns
    -------
    curve : ThresholdCurve
        Named tuple of ``thresholds``, ``mean``, ``std`` and ``scores``, with properties
        ``best_threshold``, ``best_score`` and ``image_thresholds``.

    See Also
    --------
    skmask.HistogramThresholdMasker : Learns the best threshold, as one step of a Pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import threshold_curve
    >>> images = np.array([[[10, 20, 40, 50]], [[10, 30, 30, 60]]])
    >>> masks = np.array([[[0, 0, 1, 1]], [[0, 0, 0, 1]]])
    >>> curve = threshold_curve(images, masks)
    >>> curve.thresholds
    array([ 9., 15., 25., 35., 45., 55., 60.])
    >>> curve.mean.round(2)
    array([0.53, 0.65, 0.75, 1.  , 0.83, 0.5 , 0.  ])
    >>> curve.best_threshold, curve.image_thresholds
    (35.0, array([25., 45.]))
    """
    caller = "threshold_curve"
    score = _find_metric(metric)
    if not isinstance(foreground, str) or foreground not in ("bright", "dark"):
        msg = (
            f"{caller} expects foreground to be 'bright' or 'dark', got {brief(foreground)}. Use 'bright' "
            "for pixels above the threshold."
        )
        raise ValueError(msg)
    read = read_images(images, caller=caller, name="images")
    truth = read.align_masks(masks, caller=caller, name="masks")
    regions = read.align_roi(roi, caller=caller)
    weights = read_weights(sample_weight, len(read), caller=caller)
    if thresholds is None:
        blocks = zip(read.blocks, regions, strict=True)
        first, *others = (count(block, roi=region) for block, region in blocks)
        check_one_kind([first, *others], caller=caller)
        coarsest = min((block.dtype for block in read.blocks), key=lambda dtype: dtype.itemsize)
        cuts = _cuts(first.merge(*others), coarsest, caller)
    else:
        cuts = _read_thresholds(thresholds, caller)

    rows = []
    for block, mask, region in zip(read.blocks, truth, regions, strict=True):
        # NumPy compares floats with the number in their dtype that is nearest to the threshold.
        limits = cuts.astype(block.dtype) if block.dtype.kind == "f" else cuts
        rows += [
            score(*_count_outcomes(pixels, labels, limits, foreground))
            for pixels, labels in _pixels_of_images(block, mask, region)
        ]
    scores = _stack_scores(rows, cuts.size, caller)
    if read.positions is not None:
        scores = scores[np.argsort(np.concatenate(read.positions))]
    mean = np.average(scores, axis=0, weights=weights)
    std = np.sqrt(np.average((scores - mean) ** 2, axis=0, weights=weights))
    return ThresholdCurve(cuts, mean, std, scores)


def _find_metric(metric: str | Criterion) -> Criterion:
    if callable(metric) and not isinstance(metric, type):
        return metric
    if not isinstance(metric, str) or metric not in METRICS:
        msg = (
            f"threshold_curve expects metric to be a function or one of {', '.join(sorted(METRICS))}, "
            f"got {brief(metric)}.{did_you_mean(metric, METRICS)} Scores of surfaces need masks: search with "
            "skmask.metrics.MaskScorer."
        )
        raise ValueError(msg)
    return METRICS[metric]


def _read_thresholds(thresholds: ArrayLike, caller: str) -> FloatArray:
    try:
        cuts = np.asarray(thresholds, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        cuts = np.empty(0)
    if cuts.ndim != 1 or cuts.size == 0 or np.isnan(cuts).any() or (np.diff(cuts) < 0).any():
        msg = (
            f"{caller} expects thresholds to be numbers in ascending order, got {brief(thresholds)}. "
            "Use np.sort, or leave them out for all that make a difference."
        )
        raise ValueError(msg)
    return cuts


def _cuts(histogram: Histogram, dtype: np.dtype[Any], caller: str) -> FloatArray:
    """Return a threshold in every gap between values, one below and one above them all."""
    check_some_pixel(histogram, caller=caller)
    gaps = np.arange(histogram.keys.size + 1)
    if gaps.size > MAX_THRESHOLDS:
        gaps = np.linspace(0, gaps[-1], MAX_THRESHOLDS).round().astype(np.intp)
    starts = [-np.inf, *histogram.highest.tolist()]
    stops = [*histogram.lowest.tolist(), np.inf]
    middles = [threshold_within(histogram.kind, starts[gap], stops[gap]) for gap in gaps]
    # In the dtype of the images, so that these numbers do what they do here elsewhere, too.
    return np.array([round_down(middle, dtype) for middle in middles], dtype=np.float64)


def _pixels_of_images(
    block: Array, masks: Array, region: Array | None
) -> Iterator[tuple[Array, Array]]:
    """Yield the pixels of each image in its region, with their labels."""
    per_image = region is not None and region.ndim == block.ndim
    for i, (image, mask) in enumerate(zip(block, masks, strict=True)):
        if region is None:
            yield image, mask
        else:
            inside = region[i] if per_image else region
            yield image[inside], mask[inside]


def _count_outcomes(
    pixels: Array, labels: Array, thresholds: Array, foreground: str
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Count true and false positives and negatives at each threshold."""
    tp, n_true = _count_foreground(pixels[labels], thresholds, foreground)
    fp, n_false = _count_foreground(pixels[~labels], thresholds, foreground)
    return tp, fp, n_true - tp, n_false - fp


def _count_foreground(pixels: Array, thresholds: Array, foreground: str) -> tuple[FloatArray, int]:
    """Count the pixels that are foreground at each threshold, and all."""
    # Sorting by digits is the fastest for few bits, and vectorized comparison for many.
    ordered = np.sort(pixels, axis=None, kind="stable" if pixels.itemsize <= 2 else "quicksort")
    at_most = np.searchsorted(ordered, np.append(thresholds, np.inf), side="right")
    counts = at_most[-1] - at_most[:-1] if foreground == "bright" else at_most[:-1]
    return counts.astype(np.float64), pixels.size


def _stack_scores(rows: list[FloatArray], n_thresholds: int, caller: str) -> FloatArray:
    if any(np.shape(row) != (n_thresholds,) for row in rows) or not np.isfinite(rows).all():
        msg = (
            f"{caller} expects a metric that gives one finite score for each of {n_thresholds} thresholds, "
            f"got {rows[0]!r} for the first image. Define it where there is nothing to divide by, too."
        )
        raise ValueError(msg)
    return np.array(rows, dtype=np.float64)


def _middle_of_best(scores: FloatArray) -> int:
    first, last = best_run(scores)
    return (first + last) // 2
