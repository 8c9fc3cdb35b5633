"""Twins of what counts a histogram in bins of equal width, in one pass over its keys."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, Int64Array
from skmask._kernels.compiled.jit import as_source, find_memory, inlined, jit
from skmask._kernels.histograms.histogram import Histogram
from skmask._kernels.histograms.levels import TRIMMED_SHARE

_MAGNITUDE = np.int64(2**63 - 1)


def count_evenly(
    histogram: Histogram, start: float, width: int, n_bins: int
) -> tuple[Array, FloatArray, FloatArray]:
    """Count integers in bins a power of two wide, from a half on; return the bins' edges and centers, too."""
    if histogram.kind == "uint64":
        return NotImplemented
    counts = np.zeros(n_bins, histogram.counts.dtype)
    edges, centers = np.empty(n_bins + 1), np.empty(n_bins)
    keys = as_source(histogram.keys)
    _count_evenly(keys, histogram.shift, histogram.counts, start, width, counts, edges, centers)
    return counts, edges, centers


def count_between(
    histogram: Histogram, edges: FloatArray, scale: float = 1.0
) -> tuple[Array, FloatArray]:
    """Count pixels between edges, and those beyond in the first and the last bin; return centers, too."""
    if histogram.kind != "float":
        return NotImplemented
    counts, centers = np.zeros(edges.size - 1, histogram.counts.dtype), np.empty(edges.size - 1)
    keys = as_source(histogram.keys)
    positions = find_memory(keys.size).view(np.float64)
    _count_floats(keys, histogram.shift, histogram.counts, edges, scale, positions, counts, centers)
    return counts, centers


def trim(counts: Array) -> tuple[int, int]:
    """Return the first and the last bin that are not among the lowest and highest pixels."""
    if counts.dtype.kind != "i":
        return NotImplemented
    first, last = _trim(counts)
    return (first, last) if first <= last else (0, counts.size - 1)


def divided(low: float, high: float, n_bins: int) -> FloatArray:
    """Divide a range into equal bins."""
    edges = np.empty(n_bins + 1)
    _divide(float(low), float(high), edges)
    return edges


def shortest_gap(keys: Int64Array, scale: float) -> float:
    """Return the smallest difference of neighboring values of floats."""
    shortest: float = _shortest_gap(keys, scale)
    return shortest


@jit
def _count_evenly(
    keys: Any,
    shift: int,
    weights: Any,
    start: float,
    width: int,
    counts: Any,
    edges: Any,
    centers: Any,
) -> None:
    for i in range(edges.size):
        edges[i] = i * width + start
    for i in range(centers.size):
        centers[i] = edges[i] / 2 + edges[i + 1] / 2
    last, to_middle = counts.size - 1, ((np.int64(1) << shift) - 1) // 2
    for i in range(keys.size):
        place = (np.float64((keys[i] << shift) + to_middle) - start) / width
        counts[np.int64(min(max(place, 0.0), last))] += weights[i]


@inlined
def _value(key: Any) -> Any:
    return np.int64(key ^ ((key >> 63) & _MAGNITUDE)).view(np.float64)


@jit
def _count_floats(
    keys: Any,
    shift: int,
    weights: Any,
    edges: Any,
    scale: float,
    positions: Any,
    counts: Any,
    centers: Any,
) -> None:
    for i in range(centers.size):
        centers[i] = edges[i] / 2 + edges[i + 1] / 2
    # The scale is a power of two.
    factor, to_end = 1 / scale, (np.int64(1) << shift) - 1
    # A loop of its own becomes vectors.
    for i in range(keys.size):
        key = keys[i] << shift
        position, end = _value(key), key + to_end
        # Key -1 stands for -0.0, which is counted as 0.0.
        position += (_value(end - (end == -1)) - position) / 2
        positions[i] = position * factor
    place, n_pixels = 0, counts[0]
    stop = edges[1] if counts.size > 1 else np.inf
    for i in range(keys.size):
        while positions[i] >= stop:
            counts[place] = n_pixels
            place += 1
            n_pixels = counts[place]
            stop = edges[place + 1] if place + 1 < counts.size else np.inf
        n_pixels += weights[i]
    counts[place] = n_pixels


@jit
def _trim(counts: Any) -> Any:
    n_pixels, first, last = np.int64(0), 0, counts.size - 1
    for i in range(counts.size):
        n_pixels += counts[i]
    trimmed = max(1, np.int64(TRIMMED_SHARE * n_pixels))
    below, above = counts[first], counts[last]
    while below <= trimmed and first < counts.size - 1:
        first += 1
        below += counts[first]
    while above <= trimmed and last > 0:
        last -= 1
        above += counts[last]
    return first, last


@jit
def _divide(low: float, high: float, edges: Any) -> None:
    n_bins = edges.size - 1
    for i in range(n_bins):
        edges[i] = low + (high - low) * (i / n_bins)
    edges[n_bins] = high


@jit
def _shortest_gap(keys: Any, scale: float) -> Any:
    shortest, before = np.inf, _value(keys[0]) / scale
    for i in range(1, keys.size):
        value = _value(keys[i]) / scale
        shortest = min(shortest, value - before)
        before = value
    return shortest
