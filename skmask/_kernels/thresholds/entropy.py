"""Threshold methods on the entropies of the two classes."""

import numpy as np
from scipy.special import xlogy

from skmask._kernels.arrays import FloatArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.registry import source
from skmask._kernels.thresholds.cuts import TIE_TOLERANCE, best_threshold, both_sides, gap_after


@source("Kapur's method", "Kapur, Sahoo and Wong 1985", "10.1016/0734-189X(85)90125-2")
def kapur(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by the sum of the class entropies, H0 + H1 (maximum entropy).

    With p the share of a bin and w that of its class, H = -sum(p/w ln(p/w)) = ln w - sum(p ln p) / w.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.

    Returns
    -------
    scores : ndarray of shape (n_bins - 1,)
        Score of each cut between two bins; the threshold is the cut with the highest.

    Notes
    -----
    .. math:: H_0 + H_1, \quad H = -\sum_i \frac{p_i}{w} \ln \frac{p_i}{w}

    with the share p of a bin and w of its class.

    References
    ----------
    Kapur, Sahoo and Wong 1985, https://doi.org/10.1016/0734-189X(85)90125-2

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "kapur").threshold
    2.0
    """
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    e0, e1 = both_sides(xlogy(p, p))
    return np.log(w0) - e0 / w0 + np.log(w1) - e1 / w1


@source("Renyi's entropy", "Sahoo, Wilkins and Yeager 1997", "10.1016/S0031-3203(96)00065-9")
def renyi(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return a mean of the best thresholds for the Renyi entropies of order 1/2, 1 and 2.

    The sorted thresholds t0 <= t1 <= t2 get weights that lean to where two of them are close, which
    means 5 of 256 gray levels in the paper and 5/256 of the range here.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.

    Returns
    -------
    threshold : float
        The threshold.

    Notes
    -----
    .. math:: H_\alpha = \frac{1}{1 - \alpha} \ln \sum_i \left(\frac{p_i}{w}\right)^\alpha

    is the entropy of a class with the share w. The best threshold of each order has the largest sum of both
    classes.

    References
    ----------
    Sahoo, Wilkins and Yeager 1997, https://doi.org/10.1016/S0031-3203(96)00065-9

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "renyi").threshold
    2.0
    """
    scores = (
        _renyi_scores(counts, alpha=0.5),
        kapur(counts, centers),
        _renyi_scores(counts, alpha=2.0),
    )
    occupied = np.flatnonzero(counts > 0)
    bins = occupied.astype(np.float64)
    best = np.sort([best_threshold(score[occupied[:-1]], bins) for score in scores])
    t = occupied[np.searchsorted(bins, best, side="right") - 1]
    close = np.diff(t) <= 5 / 256 * (counts.size - 1)
    beta = {(True, False): (0, 1, 3), (False, True): (3, 1, 0)}.get(tuple(close), (1, 2, 1))
    shares = np.cumsum(counts)[t] / counts.sum()
    w = (shares[2] - shares[0]) / 4
    weights = (shares[0] + w * beta[0], w * beta[1], 1 - shares[2] + w * beta[2])
    level = t[0] + weights[1] * (t[1] - t[0]) + weights[2] * (t[2] - t[0])
    # A level that is a bin, but for rounding, leaves this bin in the background.
    return gap_after(counts, centers, int(level + TIE_TOLERANCE * counts.size))


@source("Yen's method", "Yen, Chang and Chang 1995", "10.1109/83.366472")
def yen(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by the correlation criterion -ln(sum(p0^2) sum(p1^2)) + 2 ln(w0 w1).

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.

    Returns
    -------
    scores : ndarray of shape (n_bins - 1,)
        Score of each cut between two bins; the threshold is the cut with the highest.

    Notes
    -----
    .. math:: -\ln \left(\sum p_0^2 \sum p_1^2\right) + 2 \ln (w_0 w_1)

    with the shares p of the bins and w of their class.

    References
    ----------
    Yen, Chang and Chang 1995, https://doi.org/10.1109/83.366472

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "yen").threshold
    2.0
    """
    return _correlation(counts)


@has_twin("thresholds.cuts")
def _correlation(counts: FloatArray) -> FloatArray:
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    e0, e1 = both_sides(p**2)
    return -np.log(e0 * e1) + 2 * np.log(w0 * w1)


def _renyi_scores(counts: FloatArray, *, alpha: float) -> FloatArray:
    """Score cuts by the sum of the class entropies ln(sum((p/w)^alpha)) / (1 - alpha)."""
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    e0, e1 = both_sides(p**alpha)
    return (np.log(e0 / w0**alpha) + np.log(e1 / w1**alpha)) / (1 - alpha)
