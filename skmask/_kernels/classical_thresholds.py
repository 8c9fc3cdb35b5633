"""Threshold methods on class means and shares: Otsu, Li, and their kin."""

from scipy.special import xlogy

from skmask._kernels.cuts import FloatArray, both_sides, relative_positions


def otsu(counts: FloatArray, centers: FloatArray) -> FloatArray:
    """Score cuts by the variance between the classes, w0 w1 (m0 - m1)^2.

    Otsu 1979, doi:10.1109/TSMC.1979.4310076. Intensities are taken relative to the range.
    """
    w0, w1 = both_sides(counts / counts.sum())
    s0, s1 = both_sides(counts / counts.sum() * relative_positions(centers))
    return w0 * w1 * (s0 / w0 - s1 / w1) ** 2


def li(counts: FloatArray, centers: FloatArray) -> FloatArray:
    """Score cuts by minimum cross-entropy, s0 ln m0 + s1 ln m1 (s = sum, m = mean of a class).

    Li & Lee 1993, doi:10.1016/0031-3203(93)90115-D. The logarithm needs intensities >= 0: they
    are measured from the darkest occupied bin, which makes the choice equivariant.
    """
    w0, w1 = both_sides(counts / counts.sum())
    s0, s1 = both_sides(counts / counts.sum() * relative_positions(centers))
    return xlogy(s0, s0 / w0) + xlogy(s1, s1 / w1)
