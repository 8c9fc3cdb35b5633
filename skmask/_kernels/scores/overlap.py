"""How far two masks overlap: counts of pixels on packed bits, and the scores made of them."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray, Int64Array, NumberArray, WordArray
from skmask._kernels.pixels.namespaces import namespace, to_host
from skmask._kernels.registry import source

# Pixels packed at a time: both masks and their words stay in a cache of a few megabytes.
_BLOCK = 1 << 20


def count_overlap(y_true: BoolArray, y_pred: BoolArray, roi: BoolArray | None = None) -> Int64Array:
    """Count the pixels of masks by what they are and what they were taken for.

    Every pixel becomes a bit, so that intersecting and counting handle 64 of them at a time.

    Parameters
    ----------
    y_true, y_pred : ndarray of bool, shape (n, ...)
        True and predicted masks. Those of another library are counted where they are.
    roi : ndarray of bool, shape (n, ...), optional
        Pixels to count; all of them when None.

    Returns
    -------
    counts : ndarray of int64, shape (n, 4)
        For each mask the pixels in both (tp), predicted only (fp), true only (fn) and in neither (tn).
    """
    if not isinstance(y_true, np.ndarray):
        return _count_array_api(y_true, y_pred, roi)
    n_pixels: Any = y_true[:1].size
    step = max(1, _BLOCK // max(1, n_pixels))
    counts = np.empty((len(y_true), 4), dtype=np.int64)
    for start in range(0, len(counts), step):
        block = slice(start, start + step)
        true, pred = _pack(y_true[block]), _pack(y_pred[block])
        if roi is not None:
            region = _pack(roi[block])
            true &= region
            pred &= region
            n_pixels = _popcount(region)
        tp, n_true, n_pred = _popcount(true & pred), _popcount(true), _popcount(pred)
        counts[block].T[:] = tp, n_pred - tp, n_true - tp, n_pixels - n_true - n_pred + tp
    return counts


def _count_array_api(y_true: Any, y_pred: Any, roi: Any) -> Int64Array:
    xp = namespace(y_true)
    region = xp.ones_like(y_true) if roi is None else roi
    true, pred = y_true & region, y_pred & region
    axes = tuple(range(1, y_true.ndim))
    sums = [
        to_host(xp.sum(xp.astype(pixels, xp.uint8), axis=axes, dtype=xp.int64))
        for pixels in (true & pred, pred, true, region)
    ]
    tp, n_pred, n_true, n_pixels = sums
    return np.stack([tp, n_pred - tp, n_true - tp, n_pixels - n_true - n_pred + tp], axis=1)


@source("the Dice coefficient", "Dice 1945", "10.2307/1932409")
def dice(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    r"""Return 2 tp / (2 tp + fp + fn), the overlap over the mean size; https://doi.org/10.2307/1932409.

    Here and below, counts are numbers or arrays that broadcast, and 0 / 0 is `empty` where the masks
    agree in every pixel and 0 elsewhere.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: \frac{2\,TP}{2\,TP + FP + FN}

    References
    ----------
    Dice 1945, https://doi.org/10.2307/1932409

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import dice
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> dice(tp, fp, fn, tn).round(3)
    array([0.8  , 0.643])
    """
    return ratio(2 * tp, 2 * tp + fp + fn, fp + fn, empty)


@source("the Jaccard index", "Jaccard 1912", "10.1111/j.1469-8137.1912.tb05611.x")
def jaccard(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    r"""Return tp / (tp + fp + fn), the intersection over the union.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: \frac{TP}{TP + FP + FN}

    References
    ----------
    Jaccard 1912, https://doi.org/10.1111/j.1469-8137.1912.tb05611.x

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import jaccard
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> jaccard(tp, fp, fn, tn).round(3)
    array([0.667, 0.474])
    """
    return ratio(tp, tp + fp + fn, fp + fn, empty)


def precision(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return tp / (tp + fp), the part of the predicted pixels that is true."""
    return ratio(tp, tp + fp, fp + fn, empty)


def recall(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return tp / (tp + fn), the part of the true pixels that is predicted."""
    return ratio(tp, tp + fn, fp + fn, empty)


def specificity(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return tn / (tn + fp), the part of the true background that is predicted."""
    return ratio(tn, tn + fp, fp + fn, empty)


def volume_similarity(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return 1 - |fp - fn| / (2 tp + fp + fn), which compares sizes only; https://doi.org/10.1186/s12880-015-0068-x."""
    return ratio(2 * (tp + np.minimum(fp, fn)), 2 * tp + fp + fn, fp + fn, empty)


@source("Matthews' correlation", "Matthews 1975", "10.1016/0005-2795(75)90109-9")
def mcc(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, tn: NumberArray, empty: float = 1.0
) -> FloatArray:
    r"""Return the Matthews correlation coefficient; https://doi.org/10.1186/s12864-019-6413-7.

    It is (tp tn - fp fn) / sqrt((tp + fp) (tp + fn) (tn + fp) (tn + fn)). For 0 / 0 it is `empty` if the
    masks agree in every pixel, -1 if they agree in none, and 0 otherwise.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: \frac{TP \cdot TN - FP \cdot FN}{\sqrt{(TP + FP)(TP + FN)(TN + FP)(TN + FN)}}

    References
    ----------
    Matthews 1975, https://doi.org/10.1016/0005-2795(75)90109-9

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import mcc
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> mcc(tp, fp, fn, tn).round(3)
    array([0.778, 0.625])
    """
    # Products of four counts exceed int64.
    tp, fp, fn, tn = (np.asarray(count, dtype=np.float64) for count in (tp, fp, fn, tn))
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    undefined = np.where(fp + fn == 0, empty, np.where(tp + tn == 0, -1.0, 0.0))
    return np.divide(tp * tn - fp * fn, scale, out=undefined, where=scale != 0)


def ratio(
    part: NumberArray, whole: NumberArray, errors: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return part / whole; 0 / 0 is `empty` where there are no errors and 0 elsewhere."""
    return np.divide(part, whole, out=np.where(errors == 0, empty, 0.0), where=whole != 0)


def _pack(masks: BoolArray) -> WordArray:
    """Pack each mask into words of 64 pixels; zeros fill up the last word."""
    # Of rows in Fortran order the bytes would be, too, and could not be read as words.
    packed = np.ascontiguousarray(np.packbits(masks.reshape(len(masks), -1), axis=1))
    if packed.shape[1] % 8:
        padded = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
        padded[:, : packed.shape[1]] = packed
        packed = padded
    return packed.view(np.uint64)


def _popcount(words: WordArray) -> Int64Array:
    return np.bitwise_count(words).sum(axis=1, dtype=np.int64)
