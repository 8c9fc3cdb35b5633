"""Threshold methods on the outline of the histogram: triangle, and its kin."""

import numpy as np

from skmask._kernels.cuts import FloatArray, middle


def triangle(counts: FloatArray, centers: FloatArray) -> float:
    """Cut at the corner: the bin farthest from the chord between the peak and its longer tail.

    Zack, Rogers & Latt 1977, doi:10.1177/25.7.70454.
    """
    peak = int(np.argmax(counts))
    tail = 0 if peak >= counts.size - 1 - peak else counts.size - 1
    bins = np.arange(counts.size)
    chord = counts[peak] + (counts[tail] - counts[peak]) * (bins - peak) / (tail - peak)
    between = (bins >= min(peak, tail)) & (bins < max(peak, tail)) & (counts > 0)
    corner = int(np.argmax(np.where(between, chord - counts, -np.inf)))
    following = corner + 1 + int(np.argmax(counts[corner + 1 :] > 0))
    return middle(centers[corner], centers[following])
