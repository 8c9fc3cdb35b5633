"""Threshold methods on fuzzy membership: how much a pixel belongs to its class.

Both criteria are sums over all bins for each cut, n^2 terms for n bins. They are brought to a few
dozen cumulative sums, by a polynomial and by a sum of exponentials.
"""

from functools import cache

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from scipy.signal import lfilter
from scipy.special import xlogy

from skmask._kernels.arrays import FloatArray
from skmask._kernels.registry import source
from skmask._kernels.thresholds.cuts import both_sides, relative_positions

# Bounds abs(sum of exponentials - _entropy) on [0, 1].
EXPONENTIALS_ERROR = 2e-8


@source("Shanbhag's method", "Shanbhag 1994", "10.1006/cgip.1994.1037")
def shanbhag(counts: FloatArray, centers: FloatArray) -> FloatArray:
    """Score cuts by how equal the information of both classes is, -abs(H0 - H1).

    With p the share of a bin, b the share of the bins beyond it, seen from the cut, and w that of its
    class, H = -sum(p ln(1 - b / 2w)) / 2w.

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
    .. math:: -|H_0 - H_1|

    with the information H of each class.

    References
    ----------
    Shanbhag 1994, https://doi.org/10.1006/cgip.1994.1037

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "shanbhag").threshold
    4.0
    """
    p = counts / counts.sum()
    dark = _membership_entropy(p)
    bright = _membership_entropy(p[::-1])[::-1]
    return -np.abs(dark[:-1] - bright[1:])


@source("Huang's method", "Huang and Wang 1995", "10.1016/0031-3203(94)E0043-K")
def huang(counts: FloatArray, centers: FloatArray) -> FloatArray:
    r"""Score cuts by minimum fuzziness, -sum(p S(u)).

    A pixel at the distance d from the mean of its class, relative to the range, is a member to the degree
    u = 1 / (1 + d). Its entropy is S(u) = -u ln u - (1 - u) ln(1 - u).

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
    .. math:: -\sum_i p_i S(u_i), \quad S(u) = -u \ln u - (1 - u) \ln (1 - u)

    with the share p and the membership u of each bin.

    References
    ----------
    Huang and Wang 1995, https://doi.org/10.1016/0031-3203(94)E0043-K

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "huang").threshold
    2.0
    """
    p = counts / counts.sum()
    x = relative_positions(centers)
    w0, w1 = both_sides(p)
    s0, s1 = both_sides(p * x)
    m0, m1 = s0 / w0, s1 / w1
    fuzziness = _fuzziness(p, m0, m1)
    # The sum of exponentials is right to 1e-8: what can still be the best is added up exactly.
    occupied = p[:-1] > 0
    close = fuzziness <= fuzziness[occupied].min() + 4 * EXPONENTIALS_ERROR
    for k in np.flatnonzero(close & occupied):
        below = np.arange(x.size) <= k
        fuzziness[k] = np.sum(p * _entropy(np.abs(x - np.where(below, m0[k], m1[k]))))
    return -fuzziness


def _membership_entropy(p: FloatArray) -> FloatArray:
    """Return -sum(p ln(1 - b / 2w)) / 2w of bins 0..k for each k, by -ln(1 - z) = sum(c z^j)."""
    w = np.cumsum(p)
    beyond = w - p
    entropy = np.zeros_like(p)
    numerator, denominator = p, 2 * w
    for c in _logarithm_series():
        numerator = numerator * beyond
        denominator = np.maximum(denominator * 2 * w, np.finfo(np.float64).tiny)
        entropy += c * np.cumsum(numerator) / denominator
    return entropy


@cache
def _logarithm_series() -> FloatArray:
    """Return c_1, c_2, ... of -ln(1 - z) = sum(c_j z^j), within 2e-15 for 0 <= z <= 1/2."""
    quotient = Chebyshev.interpolate(lambda z: -np.log1p(-z) / z, 18, domain=[0, 0.5])
    return np.asarray(quotient.convert(kind=Polynomial).coef, dtype=np.float64)


def _entropy(d: FloatArray) -> FloatArray:
    """Return the entropy of the membership u = 1 / (1 + d), ln(1 + d) - d ln(d) / (1 + d)."""
    return np.log1p(d) - xlogy(d, d) / (1 + d)


@cache
def _exponentials() -> tuple[FloatArray, FloatArray]:
    """Return c and a of the fit _entropy(d) = sum(c exp(-a d)) for 0 <= d <= 1."""
    d = np.concatenate([[0.0], np.geomspace(1e-9, 1, 3000)])
    rates: FloatArray = np.concatenate([[0.0], np.geomspace(0.3, 1e7, 31)])
    coefficients = np.linalg.lstsq(np.exp(-np.outer(d, rates)), _entropy(d))[0]
    return coefficients.astype(np.float64), rates


def _fuzziness(p: FloatArray, m0: FloatArray, m1: FloatArray) -> FloatArray:
    """Return sum(p _entropy(abs(x - m))) for each cut, m0 the mean of its background, m1 the other.

    For one exponential the sums over the bins on one side of a point decay from bin to bin and
    are cumulative. All bins count at both means, less those on the other side of the cut.
    """
    last = p.size - 1
    x = np.arange(p.size) / last
    means = np.stack([m0, m1])
    low = np.minimum((means * last).astype(np.intp), last - 1)
    from_low, to_high = np.abs(means - x[low]), np.abs(x[low + 1] - means)
    total = np.zeros(last)
    for c, a in zip(*_exponentials(), strict=True):
        decay = np.exp(-a / last)
        darker = lfilter([1.0], [1.0, -decay], p)
        brighter = lfilter([1.0], [1.0, -decay], p[::-1])[::-1]
        at_means = darker[low] * np.exp(-a * from_low) + brighter[low + 1] * np.exp(-a * to_high)
        total += c * (
            at_means[0]
            + at_means[1]
            - brighter[1:] * np.exp(-a * (x[1:] - m0))
            - darker[:-1] * np.exp(-a * (m1 - x[:-1]))
        )
    return total
