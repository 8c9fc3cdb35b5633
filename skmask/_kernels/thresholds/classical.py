"""Threshold methods on the means, moments and shares of the two classes."""

import numpy as np
from scipy.special import xlogy

from skmask._kernels.arrays import FloatArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.registry import source
from skmask._kernels.thresholds.arguments import LARGEST, check_argument
from skmask._kernels.thresholds.cuts import TIE_TOLERANCE, both_sides, relative_positions


@source("Otsu's method", "Otsu 1979", "10.1109/TSMC.1979.4310076")
def otsu(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by the variance between the classes, w0 w1 (m0 - m1)^2.

    Intensities are relative to the range.

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
    .. math:: \sigma_B^2 = w_0 w_1 (\mu_0 - \mu_1)^2

    with the share w and the mean :math:`\mu` of each class.

    References
    ----------
    Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "otsu").threshold
    4.0
    """
    return _between_classes(counts, centers)


@has_twin("thresholds.cuts")
def _between_classes(counts: FloatArray, centers: FloatArray) -> FloatArray:
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    s0, s1 = both_sides(p * relative_positions(centers))
    return w0 * w1 * (s0 / w0 - s1 / w1) ** 2


@source("the isodata method", "Ridler and Calvard 1978", "10.1109/TSMC.1978.4310039")
def isodata(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return the lowest threshold that is the mean of the two class means, t = (m0 + m1) / 2.

    The iteration of the paper finds one of the fixed points; this function evaluates all cuts at once.
    (m0 + m1) / 2 grows with the cut, so the first cut whose value falls short of the bin above holds the
    lowest.

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
    .. math:: t = (\mu_0 + \mu_1) / 2

    with the mean :math:`\mu` of each class.

    References
    ----------
    Ridler and Calvard 1978, https://doi.org/10.1109/TSMC.1978.4310039

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "isodata").threshold
    3.0
    """
    # Of counts, not shares: sums of integers are exact, and so is a threshold that is a whole number.
    x = centers - centers[0]
    w0, w1 = both_sides(counts)
    s0, s1 = both_sides(counts * x)
    t = (s0 / w0 + s1 / w1) / 2
    return float(centers[0] + t[(t < x[1:] - TIE_TOLERANCE * x[-1]).argmax()])


@source("Li's method", "Li and Lee 1993", "10.1016/0031-3203(93)90115-D")
def li(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by minimum cross-entropy, s0 ln m0 + s1 ln m1 (s = sum, m = mean of a class).

    The logarithm needs intensities >= 0: they are measured from the darkest occupied bin, which makes
    the choice equivariant.

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
    .. math:: s_0 \ln \mu_0 + s_1 \ln \mu_1

    with the sum s of the intensities and their mean :math:`\mu` in each class.

    References
    ----------
    Li and Lee 1993, https://doi.org/10.1016/0031-3203(93)90115-D

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "li").threshold
    4.0
    """
    p = counts / counts.sum()
    w0, w1 = both_sides(p)
    s0, s1 = both_sides(p * relative_positions(centers))
    return xlogy(s0, s0 / w0) + xlogy(s1, s1 / w1)


@source("moment preservation", "Tsai 1985", "10.1016/0734-189X(85)90133-1")
def moments(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by the share of background that preserves the first three moments.

    The two-valued image with the mean, variance and skewness g of the histogram has a share (1 + g /
    sqrt(g^2 + 4)) / 2 of dark pixels.

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
    .. math:: P_0 = \frac{1}{2} \left(1 + \frac{g}{\sqrt{g^2 + 4}}\right)

    with the skewness g of the histogram and the share P of background.

    References
    ----------
    Tsai 1985, https://doi.org/10.1016/0734-189X(85)90133-1

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "moments").threshold
    4.0
    """
    p = counts / counts.sum()
    x = relative_positions(centers)
    deviation = x - np.sum(p * x)
    square = deviation**2
    g = np.sum(p * square * deviation) / np.sum(p * square) ** 1.5
    return percentile(counts, centers, p=(1 + g / np.sqrt(g**2 + 4)) / 2)


@source("the percentile method", "Doyle 1962", "10.1145/321119.321123")
def percentile(counts: FloatArray, centers: FloatArray, *, p: float = 0.5) -> FloatArray:
    r"""Score cuts by how near the share of background comes to p, the p-tile method.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.
    p : float, default=0.5
        Share of the pixels that become background.

    Returns
    -------
    scores : ndarray of shape (n_bins - 1,)
        Score of each cut between two bins; the threshold is the cut with the highest.

    Notes
    -----
    .. math:: -|P_0 - p|

    with the share :math:`P_0` of background. The score is the highest for the nearest share.

    References
    ----------
    Doyle 1962, https://doi.org/10.1145/321119.321123

    Examples
    --------
    >>> from functools import partial
    >>> from skmask.thresholds import choose_threshold, percentile
    >>> method = partial(percentile, p=0.9)
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), method).threshold
    7.0
    """
    check_argument("percentile", "p", p, 0, 1, "It is the share of background pixels.")
    return -np.abs(np.cumsum(counts)[:-1] / counts.sum() - p)


@source("the median")
def median(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by how near they come to halving the pixels.

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
    .. math:: -|P_0 - \tfrac{1}{2}|

    with the share :math:`P_0` of background: `percentile` with ``p=0.5``.

    References
    ----------
    Doyle 1962, https://doi.org/10.1145/321119.321123

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "median").threshold
    2.0
    """
    return percentile(counts, centers, p=0.5)


@source("the mean", "Glasbey 1993", "10.1006/cgip.1993.1040")
def mean(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return the mean intensity (Glasbey 1993, https://doi.org/10.1006/cgip.1993.1040).

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
    .. math:: t = \sum_i p_i x_i

    with the share p and the center x of each bin.

    References
    ----------
    Glasbey 1993, https://doi.org/10.1006/cgip.1993.1040

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "mean").threshold
    3.0
    """
    # Of counts, not shares: sums of integers are exact, and so is a mean that is a whole number.
    return float(centers[0] + np.sum(counts * (centers - centers[0])) / counts.sum())


@source("the robust mean and deviation of the background")
def robust_background(
    counts: FloatArray,
    centers: FloatArray,
    *,
    lower: float = 0.05,
    upper: float = 0.05,
    k: float = 2.0,
) -> float:
    r"""Return mean + k standard deviations of what is left without the outer pixels.

    For images that are mostly background, with outliers and objects among the pixels left out. A bin
    on the limit counts in part.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.
    lower, upper : float, default=0.05
        Shares of the darkest and of the brightest pixels to leave out.
    k : float, default=2.0
        Number of standard deviations.

    Returns
    -------
    threshold : float
        The threshold.

    Notes
    -----
    .. math:: t = \mu + k \sigma

    with the mean and the standard deviation of the remaining pixels.

    References
    ----------
    Carpenter et al. 2006 (CellProfiler), https://doi.org/10.1186/gb-2006-7-10-r100

    Examples
    --------
    >>> from functools import partial
    >>> from skmask.thresholds import choose_threshold, robust_background
    >>> method = partial(robust_background, upper=0.4, k=1)
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), method).threshold
    2.0
    """
    check_argument("robust_background", "lower", lower, 0, 1, "It is a share of the pixels.")
    check_argument("robust_background", "upper", upper, 0, 1, "It is a share of the pixels.")
    check_argument("robust_background", "k", k, -LARGEST, LARGEST, "Use 2, for example.")
    if lower + upper >= 1:
        msg = f"robust_background expects lower + upper < 1, got {lower!r} and {upper!r}. Leave out less."
        raise ValueError(msg)
    total = counts.sum()
    cumulated = np.concatenate([[0.0], np.cumsum(counts)])
    kept = np.diff(np.clip(cumulated, lower * total, (1 - upper) * total))
    kept /= kept.sum()
    x = centers - centers[0]
    center = np.sum(kept * x)
    deviation = x[-1] * np.sqrt(np.sum(kept * ((x - center) / x[-1]) ** 2))
    return float(centers[0] + center + k * deviation)
