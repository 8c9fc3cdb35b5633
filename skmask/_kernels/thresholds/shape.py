"""Threshold methods on the outline of the histogram: its peaks, valleys and corners.

An outline depends on the width of the bins. These methods first group bins that are too fine
(`group_bins`), which leaves 8-bit histograms as they are.
"""

import numpy as np

from skmask._kernels.arrays import FloatArray
from skmask._kernels.registry import source
from skmask._kernels.thresholds.arguments import LARGEST, check_argument
from skmask._kernels.thresholds.cuts import TIE_TOLERANCE, gap_after, group_bins

# Smoothing a real histogram takes some hundred rounds; thousands mean that it has no two modes.
MAX_ROUNDS = 10_000


@source("the triangle method", "Zack, Rogers and Latt 1977", "10.1177/25.7.70454")
def triangle(counts: FloatArray, centers: FloatArray) -> float:
    r"""Cut at the corner under the chord from the peak to the end of the longer tail.

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
    .. math:: t = \arg\max_x \; h(a) + (h(b) - h(a)) \frac{x - a}{b - a} - h(x)

    with the histogram h, its peak a and the end b of its longer tail.

    References
    ----------
    Zack, Rogers and Latt 1977, https://doi.org/10.1177/25.7.70454

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "triangle").threshold
    4.0
    """
    outline, size = group_bins(counts)
    peak, last = int(np.argmax(outline)), outline.size - 1
    corner = _corner(outline, peak, 0 if peak >= last - peak else last)
    return gap_after(counts, centers, (corner + 1) * size - 1)


@source("Rosin's method", "Rosin 2001", "10.1016/S0031-3203(00)00136-9")
def rosin(counts: FloatArray, centers: FloatArray) -> float:
    r"""Cut at the corner under the chord from the peak to the brightest bin.

    For one dark population that dominates.

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
    .. math:: t = \arg\max_x \; h(a) + (h(b) - h(a)) \frac{x - a}{b - a} - h(x)

    with the histogram h, its peak a and its brightest bin b.

    References
    ----------
    Rosin 2001, https://doi.org/10.1016/S0031-3203(00)00136-9

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "rosin").threshold
    4.0
    """
    outline, size = group_bins(counts)
    peak, last = int(np.argmax(outline)), outline.size - 1
    if peak == last:
        msg = (
            "method='rosin' expects a peak with a tail of brighter pixels, got a histogram that "
            "peaks in its brightest bin. Use method='triangle' or method='otsu' instead."
        )
        raise ValueError(msg)
    return gap_after(counts, centers, (_corner(outline, peak, last) + 1) * size - 1)


@source("the foot of the background's peak")
def dropoff(counts: FloatArray, centers: FloatArray, *, reach: float = 10.0) -> float:
    r"""Cut where the first steep drop after the background peak ends.

    This is the threshold that people read off a histogram: behind the highest peak, the background,
    the counts drop, and the object begins where they flatten. This foot of the peak is the corner of
    the square root of the counts under the chord from the peak to a point a few half-widths brighter.
    The square root makes Poisson noise equal at all heights, so that the corner is at the foot and not
    halfway down. The chord is local, so that distant peaks do not move the corner. A Gaussian peak is
    cut 3 to 3.5 standard deviations from its center, a peak with a heavier flank farther away.

    Parameters
    ----------
    counts : ndarray of shape (n_bins,)
        Number of pixels in each bin; the first and the last bin have some.
    centers : ndarray of shape (n_bins,)
        Centers of the bins, equally spaced and increasing.
    reach : float, default=10.0
        Length of the chord in half-widths, the way from the peak to half its height.

    Returns
    -------
    threshold : float
        The threshold.

    Notes
    -----
    .. math:: t = \arg\max_x \; f(a) + (f(b) - f(a)) \frac{x - a}{b - a} - f(x), \quad f = \sqrt{h}

    with the histogram h, its peak a and the end b of the chord.

    Examples
    --------
    >>> from functools import partial
    >>> from skmask.thresholds import choose_threshold, dropoff
    >>> method = partial(dropoff, reach=4)
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), method).threshold
    4.0
    """
    check_argument(
        "dropoff", "reach", reach, 1e-9, LARGEST, "It is a number of half-widths, such as 10."
    )
    outline, size = group_bins(counts)
    peak, last = int(np.argmax(outline)), outline.size - 1
    half = outline[peak] / 2
    below = peak + int(np.argmax(outline[peak:] <= half))
    if below == peak:
        msg = (
            "method='dropoff' expects counts that drop to less than half after the highest peak, "
            "got a histogram without that drop. Use method='otsu' or method='triangle' instead."
        )
        raise ValueError(msg)
    half_width = below - peak - (half - outline[below]) / (outline[below - 1] - outline[below])
    end = min(last, peak + int(np.ceil(reach * half_width)))
    foot = max(peak + 1, _corner(np.sqrt(outline), peak, end))
    return gap_after(counts, centers, foot * size - 1)


@source("the minimum method", "Prewitt and Mendelsohn 1966", "10.1111/j.1749-6632.1965.tb11715.x")
def minimum(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return the valley between the two modes of the smoothed histogram.

    The histogram is smoothed by running means of three until two modes are left, without limits to
    either side.

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
    .. math:: t = \arg\min_{m_1 < x < m_2} h(x)

    with the smoothed histogram h and its two modes.

    References
    ----------
    Prewitt and Mendelsohn 1966, https://doi.org/10.1111/j.1749-6632.1965.tb11715.x

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "minimum").threshold
    4.0
    """
    smooth, axis, modes = _smooth_to_two_modes(counts, centers, "minimum")
    between = (axis >= modes[0]) & (axis <= modes[1])
    lowest = smooth[between].min() + TIE_TOLERANCE * smooth.max()
    valley = axis[between & (smooth <= lowest)]
    return float((valley[0] + valley[-1]) / 2)


@source(
    "the intermodes method", "Prewitt and Mendelsohn 1966", "10.1111/j.1749-6632.1965.tb11715.x"
)
def intermodes(counts: FloatArray, centers: FloatArray) -> float:
    r"""Return the mean of the two modes of the smoothed histogram.

    Smoothed as for `minimum`.

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
    .. math:: t = \frac{m_1 + m_2}{2}

    with the two modes of the smoothed histogram.

    References
    ----------
    Prewitt and Mendelsohn 1966, https://doi.org/10.1111/j.1749-6632.1965.tb11715.x

    Examples
    --------
    >>> from skmask.thresholds import choose_threshold
    >>> choose_threshold([2, 9, 6, 2, 0, 1, 4, 5, 1], range(9), "intermodes").threshold
    4.0
    """
    _, _, modes = _smooth_to_two_modes(counts, centers, "intermodes")
    return float(modes.mean())


def _corner(outline: FloatArray, peak: int, end: int) -> int:
    """Return the occupied bin that lies farthest below the chord from peak to end."""
    bins = np.arange(outline.size)
    chord = outline[peak] + (outline[end] - outline[peak]) * (bins - peak) / (end - peak)
    allowed = (outline > 0) & (bins >= min(peak, end)) & (bins < max(peak, end))
    depth = np.where(allowed, chord - outline, -np.inf)
    return int(np.argmax(depth >= depth.max() - TIE_TOLERANCE * outline[peak]))


def _smooth_to_two_modes(
    counts: FloatArray, centers: FloatArray, method: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the smoothed histogram, its centers, and the intensities of its two modes."""
    outline, size = group_bins(counts)
    width = (centers[-1] - centers[0]) / (centers.size - 1)
    smooth = np.pad(outline, 1)
    for _ in range(MAX_ROUNDS):
        modes = _modes(smooth)
        if modes.size <= 2:
            break
        smooth = np.convolve(smooth, (1 / 3, 1 / 3, 1 / 3))
    if modes.size != 2:
        msg = (
            f"method={method!r} expects a histogram with two modes, got one that has "
            f"{modes.size} when smoothed. Use method='otsu' or method='triangle' instead."
        )
        raise ValueError(msg)
    margin = (smooth.size - outline.size) // 2
    first = centers[0] + width * ((size - 1) / 2 - size * margin)
    step = width * size
    return smooth, first + step * np.arange(smooth.size), first + step * modes


def _modes(outline: FloatArray) -> FloatArray:
    """Return the positions of the peaks, flat ones at their middle."""
    steps = np.diff(outline)
    steps[np.abs(steps) <= TIE_TOLERANCE * outline.max()] = 0
    (moves,) = np.nonzero(steps)
    rising = steps[moves] > 0
    peaks = np.flatnonzero(rising[:-1] & ~rising[1:])
    return (moves[peaks] + 1 + moves[peaks + 1]) / 2
