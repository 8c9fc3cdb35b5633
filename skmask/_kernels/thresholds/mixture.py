"""Threshold methods that see two Gaussian classes in the histogram.

The pixels of a bin are spread over it, which adds width^2 / 12 to the variance of a class. Real
histograms do not feel it; without it a class of one bin would have the variance 0, whose
logarithm beats every other cut.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, xlogy

from skmask._kernels.arrays import FloatArray
from skmask._kernels.registry import source
from skmask._kernels.thresholds.arguments import LARGEST, check_argument
from skmask._kernels.thresholds.classical import otsu
from skmask._kernels.thresholds.cuts import (
    best_threshold,
    both_sides,
    group_bins,
    relative_positions,
)

MAX_STEPS = 1000
LIKELIHOOD_TOLERANCE = 1e-11


@source("the minimum-error method", "Kittler and Illingworth 1986", "10.1016/0031-3203(86)90030-0")
def minerror(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by minimum error, 2 (w0 ln w0 + w1 ln w1) - w0 ln v0 - w1 ln v1.

    W is the share of a class and v its variance.

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
    .. math:: 2 (w_0 \ln w_0 + w_1 \ln w_1) - w_0 \ln v_0 - w_1 \ln v_1

    with the share w and the variance v of each class.

    References
    ----------
    Kittler and Illingworth 1986, https://doi.org/10.1016/0031-3203(86)90030-0

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "minerror").threshold
    4.0
    """
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    d0, d1 = _scatter(p, centers)
    return 2 * (xlogy(w0, w0) + xlogy(w1, w1)) - w0 * np.log(d0 / w0) - w1 * np.log(d1 / w1)


@source("generalized histogram thresholding", "Barron 2020", "10.48550/arXiv.2007.07350")
def ght(
    counts: FloatArray,
    centers: FloatArray,
    *,
    nu: float = 0.0,
    tau: float = 0.0,
    kappa: float = 0.0,
    omega: float = 0.5,
) -> FloatArray:
    r"""Score cuts by generalized histogram thresholding, f0 + f1 with a prior on each class.

    The defaults are minimum error; a large `nu` with a small `tau` is Otsu, a large `kappa` is the
    percentile `omega`.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.
    nu : float, default=0.0
        Confidence, in pixels, that both classes have the standard deviation `tau`.
    tau : float, default=0.0
        Expected standard deviation of a class, in intensities.
    kappa : float, default=0.0
        Confidence, in pixels, that the share of background is `omega`.
    omega : float, default=0.5
        Expected share of background.

    Returns
    -------
    scores : ndarray of shape (n_bins - 1,)
        Score of each cut between two bins; the threshold is the cut with the highest.

    Notes
    -----
    .. math:: v = \frac{p \nu \tau^2 + d}{p \nu + w}, \quad
        f = -\frac{d}{v} - w \ln v + 2 (w + \kappa o) \ln w

    of each class, with its count w, its share p of all pixels, its sum of squared deviations d, and o, which
    is `omega` for the background and ``1 - omega`` for the foreground. The score is the sum of both f.

    References
    ----------
    Barron 2020, https://doi.org/10.48550/arXiv.2007.07350

    Examples
    --------
    >>> from functools import partial
    >>> from skmask.thresholds import choose_threshold, ght
    >>> method = partial(ght, kappa=1000, omega=0.9)
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), method).threshold
    6.0
    """
    for name, value in (("nu", nu), ("tau", tau), ("kappa", kappa)):
        check_argument("ght", name, value, 0, LARGEST, "Use 0 for no prior.")
    check_argument("ght", "omega", omega, 0, 1, "It is the share of background pixels.")
    variance = (tau / (centers[-1] - centers[0])) ** 2
    total = counts.sum()

    def f(w: FloatArray, d: FloatArray, o: float) -> FloatArray:
        p = w / total
        v = (p * nu * variance + d) / (p * nu + w)
        return -d / v - w * np.log(v) + 2 * (w + kappa * o) * np.log(w)

    w0, w1 = both_sides(counts)
    d0, d1 = _scatter(counts, centers)
    return f(w0, d0, omega) + f(w1, d1, 1 - omega)


@source(
    "a mixture of two Gaussians",
    "Dempster, Laird and Rubin 1977",
    "10.1111/j.2517-6161.1977.tb01600.x",
)
def gaussian_mixture(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return where two Gaussian classes, fitted by expectation-maximization, are equally likely.

    Starts from the classes of Otsu's cut; the threshold lies between the two means.

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
    .. math:: w_0 \, N(t; \mu_0, \sigma_0) = w_1 \, N(t; \mu_1, \sigma_1)

    with the share, the mean and the standard deviation of each class, and the normal density N.

    References
    ----------
    Dempster, Laird and Rubin 1977, https://doi.org/10.1111/j.2517-6161.1977.tb01600.x

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "gaussian_mixture").threshold
    4.0
    """
    outline, size = group_bins(counts)
    p = outline / outline.sum()
    x = (size * np.arange(p.size) + (size - 1) / 2) / (centers.size - 1)
    bin_variance = (size / (centers.size - 1)) ** 2 / 12
    occupied = np.flatnonzero(p > 0)
    bright = (x > best_threshold(otsu(p, x)[occupied[:-1]], x[occupied])).astype(np.float64)
    likelihood = -np.inf
    for _ in range(MAX_STEPS):
        joint = np.stack([1 - bright, bright]) * p
        w = joint.sum(axis=1)
        m = joint @ x / w
        v = (joint * (x - m[:, None]) ** 2).sum(axis=1) / w + bin_variance
        log_density = np.log(w / np.sqrt(v))[:, None] - (x - m[:, None]) ** 2 / (2 * v[:, None])
        bright = expit(log_density[1] - log_density[0])
        previous, likelihood = likelihood, p @ np.logaddexp(*log_density)
        if likelihood - previous < LIKELIHOOD_TOLERANCE:
            break

    def log_odds(t: float) -> float:
        dark, bright = np.log(w / np.sqrt(v)) - (t - m) ** 2 / (2 * v)
        return float(bright - dark)

    if not log_odds(m[0]) < 0 < log_odds(m[1]):
        msg = (
            "method='gaussian_mixture' expects two classes with a border between their means, got "
            "a histogram where one hides the other. Use method='otsu' or method='triangle' instead."
        )
        raise ValueError(msg)
    return float(centers[0] + brentq(log_odds, m[0], m[1]) * (centers[-1] - centers[0]))


def _scatter(weights: FloatArray, centers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the sums of squared deviations from the class means, relative to the range."""
    x = relative_positions(centers)
    bin_variance = 1 / (12 * (centers.size - 1) ** 2)
    w = both_sides(weights)
    s = both_sides(weights * x)
    q = both_sides(weights * x**2)
    d0, d1 = (np.maximum(q[i] - s[i] ** 2 / w[i], 0) + w[i] * bin_variance for i in (0, 1))
    return d0, d1
