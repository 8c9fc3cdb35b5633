"""The threshold of probabilities that scores best, from weighted samples of images."""

from collections.abc import Callable

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray

__all__ = ["best_probability_threshold"]


# Thresholds that are tried, evenly spaced between 0 and 1: finer than probabilities are known.
N_THRESHOLDS = 199


def best_probability_threshold(
    probabilities: Array,
    foreground: BoolArray,
    weights: FloatArray,
    image_numbers: IntArray,
    image_weights: FloatArray,
    criterion: Callable[..., FloatArray],
) -> tuple[float, float, FloatArray]:
    """Choose the threshold with the highest mean score of the images.

    Parameters
    ----------
    probabilities : ndarray of shape (n_pixels,)
    foreground : ndarray of bool, shape (n_pixels,)
        True class of each pixel.
    weights : ndarray of shape (n_pixels,)
        How many pixels each stands for.
    image_numbers : ndarray of int, shape (n_pixels,)
        The image of each pixel, counted from 0.
    image_weights : ndarray of shape (n_images,)
    criterion : callable
        ``(tp, fp, fn, tn)``, as in `skmask._kernels.thresholds.criteria`.

    Returns
    -------
    threshold : float
        Of tied thresholds, the middle.
    score : float
    scores : ndarray of shape (199,)
        Mean score at 0.005, 0.01, ..., 0.995.

    Examples
    --------
    >>> from skmask._kernels.thresholds.criteria import dice
    >>> probabilities = np.array([0.1, 0.2, 0.6, 0.9])
    >>> best_probability_threshold(
    ...     probabilities, probabilities > 0.5, np.ones(4), np.zeros(4, int), np.ones(1), dice
    ... )[:2]
    (0.395, 1.0)
    """
    thresholds = np.arange(1, N_THRESHOLDS + 1) / (N_THRESHOLDS + 1)
    # A pixel is above all thresholds with a number below its own.
    ranks = np.searchsorted(thresholds, probabilities, side="left")
    shape = (image_weights.size, N_THRESHOLDS + 1)
    cells = image_numbers * shape[1] + ranks
    above = []
    for members in (foreground, ~foreground):
        counts = np.bincount(cells, weights * members, minlength=shape[0] * shape[1])
        from_above = counts.reshape(shape)[:, ::-1].cumsum(axis=1)[:, ::-1]
        above.append((from_above[:, 1:], from_above[:, :1]))
    (tp, positives), (fp, negatives) = above
    scores = criterion(tp, fp, positives - tp, negatives - fp)
    mean = np.average(scores, axis=0, weights=image_weights)
    # Sums of weights differ by rounding where they are equal.
    best = np.flatnonzero(mean >= mean.max() - 1e-9)
    run = best[: np.flatnonzero(np.diff(best, append=best[-1] + 2) > 1)[0] + 1]
    middle = run[(run.size - 1) // 2]
    return float(thresholds[middle]), float(mean[middle]), mean
