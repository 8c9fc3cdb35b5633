"""A histogram's pixels in bins of equal width, as threshold methods want them.

Methods compute with floats, which hold integers up to 2**53 exactly and numbers up to some 1e308. Where pixel
values are larger, the bins lie on an axis that is shifted (integers) or scaled by a power of two (floats):
``value = origin + scale * position``. Everywhere else positions are pixel values.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, Int64Array, IntArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.histograms.histogram import (
    BIN_LIMIT,
    Histogram,
    Number,
    key_value,
    key_values,
    number_key,
)

FLOAT_BINS = 1024
TRIMMED_SHARE = 0.001

# Integers of this size leave a bit for halves between them.
EXACT = 2**52

# Sums and products of a few numbers of this size are finite, also when an outline is drawn far beyond them.
_LARGE = 2.0**960
_SCALE = 2.0**128

# Neighbors on both sides of a value whose distances are looked at before those of all values.
_NEIGHBORS = 128

_LARGEST = float(np.finfo(np.float64).max)

ValueRange = Literal["robust", "minmax"] | tuple[float, float]


@dataclass(slots=True, eq=False)
class Levels:
    """Pixels in bins of equal width, never changed after they are made.

    Attributes
    ----------
    counts : ndarray of shape (n_bins,), int64 or float64
        Weighted number of pixels; balanced by image, of images.
    edges : ndarray of shape (n_bins + 1,), float64
        Positions, ascending. A bin holds ``edge <= position < next edge``, the last one also its upper edge.
        With "auto", edges of integers lie halfway between integers.
    centers : ndarray of shape (n_bins,), float64
        Positions of the centers of the bins.
    is_integer : bool
        Whether pixels are integers.
    origin : int
        Pixel value at position 0. It is 0 except for large integers.
    scale : float
        Difference of pixel values one position apart. It is 1 except for large floats.
    """

    counts: Array
    edges: FloatArray
    centers: FloatArray
    is_integer: bool
    origin: int = 0
    scale: float = 1.0

    @property
    def bin_edges(self) -> FloatArray:
        """Pixel values at the edges, as floats."""
        if self.scale == 1:
            return self.edges + self.origin if self.origin else self.edges
        with np.errstate(over="ignore"):
            return np.clip(self.edges * self.scale, -_LARGEST, _LARGEST)

    def value_at(self, position: float) -> Number:
        """Return the pixel value at a position; whole numbers are int for integer pixels."""
        if self.is_integer and float(position).is_integer():
            return self.origin + int(position)
        return min(max(self.origin + float(position) * self.scale, -_LARGEST), _LARGEST)


def levels(
    histogram: Histogram,
    n_bins: int | Literal["auto"] = "auto",
    value_range: ValueRange = "robust",
) -> Levels:
    """Count the pixels in bins of equal width.

    Parameters
    ----------
    histogram : Histogram
        Counts of pixel values, at least one.
    n_bins : int or "auto"
        Number of bins. "auto" gives integers one bin a value, or bins a power of two wide if that took
        more than 65,536. Floats on a grid of equal steps (integers stored as floats, or divided by 255)
        get one bin a step, other floats 1024 bins. There are fewer where the range has no room for that
        many floats, and one bin for a single value.
    value_range : "robust", "minmax" or (low, high)
        Range that the bins cover; pixels beyond it are counted in the first and the last bin. "robust" is
        the range of the data without the lowest and the highest 0.1 % of the pixels, one at least, widened by
        half its length on both sides, but not beyond the data. If a single value remains (images that are
        nearly all zero), the other pixels are trimmed by themselves, and the range covers both. Integers that
        span up to 65,536 values are not trimmed.

    Returns
    -------
    levels : Levels

    Examples
    --------
    >>> from skmask._kernels.histograms.counting import count
    >>> found = levels(count(np.array([[3, 5, 3], [4, 3, 6]])))
    >>> found.counts, found.edges
    (array([3, 1, 1, 1]), array([2.5, 3.5, 4.5, 5.5, 6.5]))
    """
    low, high = _limits(histogram, value_range)
    of_kind = _levels_of_floats if histogram.kind == "float" else _levels_of_integers
    found = of_kind(histogram, n_bins, low, high)
    return found if histogram.unit == 1 else replace(found, counts=found.counts / histogram.unit)


def _levels_of_integers(
    histogram: Histogram, n_bins: int | Literal["auto"], low: Number, high: Number
) -> Levels:
    low, high, origin = math.floor(low), math.ceil(high), 0
    largest = max(-low, high)
    if largest >= EXACT > high - low:
        low, high, origin, largest = 0, high - low, low, high - low
        values = histogram.middle.tolist()  # integers of Python, exact whatever the dtype
        keys = np.array([min(max(value - origin, low), high) for value in values], np.int64)
        histogram = replace(histogram, kind="integer", shift=0, keys=keys)
    if n_bins != "auto":
        edges = _equal_edges(low - 0.5, high + 0.5, n_bins)
    else:
        width = _integer_width(low, high)
        n_bins = (high - low) // width + 1
        if largest < EXACT:
            return Levels(*_count_evenly(histogram, low - 0.5, width, n_bins), True, origin)
        edges = _even_edges(low - 0.5, width, n_bins)
    counts, centers = _count_between(histogram, edges)
    return Levels(counts, edges, centers, True, origin)


def _levels_of_floats(
    histogram: Histogram, n_bins: int | Literal["auto"], low: Number, high: Number
) -> Levels:
    scale = _SCALE if max(abs(low), abs(high)) > _LARGE else 1.0
    edges = None
    if n_bins == "auto":
        n_bins = FLOAT_BINS
        if histogram.shift == 0:
            keys = histogram.keys
            first = keys.searchsorted(number_key("float", low))
            stop = keys.searchsorted(number_key("float", high), side="right")
            edges = _grid_edges(keys[first:stop], scale)
    if edges is None:
        edges = _equal_edges(low / scale, high / scale, n_bins)
    counts, centers = _count_between(histogram, edges, scale)
    return Levels(counts, edges, centers, False, scale=scale)


@has_twin("histograms.levels")
def _count_evenly(
    histogram: Histogram, start: float, width: int, n_bins: int
) -> tuple[Array, FloatArray, FloatArray]:
    """Count integers in bins a power of two wide, from a half on; return the bins' edges and centers, too."""
    edges = _even_edges(start, width, n_bins)
    # The division is exact, and faster than a search.
    bins = (histogram.middle.astype(np.float64) - start) / width
    counts = _sums(bins.clip(0, n_bins - 1).astype(np.intp), histogram, n_bins)
    # Of neighboring integers, the centers are the integers.
    return counts, edges, edges[:-1] + 0.5 if width == 1 else _centers(edges)


@has_twin("histograms.levels")
def _count_between(
    histogram: Histogram, edges: FloatArray, scale: float = 1.0
) -> tuple[Array, FloatArray]:
    """Count pixels between edges, and those beyond in the first and the last bin; return centers, too."""
    positions = histogram.middle.astype(np.float64, copy=False) / scale
    return _sums(_bins_of(positions, edges), histogram, edges.size - 1), _centers(edges)


def _sums(bins: IntArray, histogram: Histogram, n_bins: int) -> Array:
    counts = np.zeros(n_bins, histogram.counts.dtype)
    np.add.at(counts, bins, histogram.counts)
    return counts


def _bins_of(positions: FloatArray, edges: FloatArray) -> IntArray:
    """Return the bin of each ascending position; those beyond the edges are in the first and the last."""
    inner = edges[1:-1]
    if inner.size > positions.size:
        return inner.searchsorted(positions, side="right")
    # To find few edges among many positions takes less time than the other way round.
    stops = positions.searchsorted(inner)
    return np.arange(inner.size + 1).repeat(np.diff(stops, prepend=0, append=positions.size))


def _limits(histogram: Histogram, value_range: ValueRange) -> tuple[Number, Number]:
    """Return the lowest and the highest value that the bins cover."""
    if not isinstance(value_range, str):
        low, high = value_range
        return low, high
    low, high = histogram.limits(0, histogram.keys.size - 1)
    narrow = histogram.kind != "float" and high - low < BIN_LIMIT
    if value_range == "minmax" or narrow:
        return low, high
    start, stop = histogram.limits(*_robust_bins(histogram.counts))
    margin = (stop - start) / 2 if histogram.kind == "float" else (stop - start) // 2
    return max(low, start - margin), min(high, stop + margin)


def _robust_bins(counts: Array) -> tuple[int, int]:
    """Return the first and the last bin that remain when the sparse ends are trimmed."""
    first, last = _trim(counts)
    if first < last or counts.size == 1:
        return first, last
    others = np.delete(np.arange(counts.size), first)
    start, stop = others[list(_trim(counts[others]))].tolist()
    return min(first, start), max(last, stop)


@has_twin("histograms.levels")
def _trim(counts: Array) -> tuple[int, int]:
    """Return the first and the last bin that are not among the lowest and highest pixels."""
    below, above = counts.cumsum(), counts[::-1].cumsum()
    trimmed = max(1, TRIMMED_SHARE * below[-1])
    if below.dtype.kind == "i":
        trimmed = math.floor(trimmed)  # the same among integers, which then need no conversion
    first = int(below.searchsorted(trimmed, side="right"))
    last = counts.size - 1 - int(above.searchsorted(trimmed, side="right"))
    # Of one pixel, or two that differ, trimming would leave nothing.
    return (first, last) if first <= last else (0, counts.size - 1)


def _integer_width(low: int, high: int) -> int:
    """Return the width of bins of integers: one, or a power of two that makes few bins with exact edges."""
    width: int = 1 << max(0, (high - low).bit_length() - 16)
    ulp = math.ulp(max(-low, high))
    return max(width, 2 * int(ulp)) if ulp >= 1.0 else width


def _even_edges(start: float, width: int, n_bins: int) -> FloatArray:
    if width == 1:
        return np.arange(start, start + n_bins + 1)
    return np.arange(n_bins + 1, dtype=np.float64) * width + start


def _centers(edges: FloatArray) -> FloatArray:
    halves = edges / 2
    return halves[:-1] + halves[1:]


def _equal_edges(low: float, high: float, n_bins: int) -> FloatArray:
    """Divide [low, high] into equal bins, as many as there is room for."""
    ulp = math.ulp(max(abs(low), abs(high)))
    n_bins = int(min(n_bins, (high - low) / ulp / 2))
    if n_bins == 0:
        return np.array([low - ulp, high + ulp])
    return _divided(low, high, n_bins)


@has_twin("histograms.levels")
def _divided(low: float, high: float, n_bins: int) -> FloatArray:
    edges = low + (high - low) * (np.arange(n_bins + 1) / n_bins)
    edges[-1] = high
    return edges


@has_twin("histograms.levels")
def _shortest_gap(keys: Int64Array, scale: float) -> float:
    """Return the smallest difference of neighboring values of floats."""
    values = key_values("float", keys) / scale
    shortest: float = (values[1:] - values[:-1]).min().item()
    return shortest


def _grid_edges(keys: Int64Array, scale: float) -> FloatArray | None:
    """Return edges halfway between ascending values if these lie on a grid of equal steps."""
    if keys.size < 2:
        return None
    first, last = (key_value("float", int(keys[i])) / scale for i in (0, -1))
    span = last - first
    # A few neighbors tell in most cases that there is no grid.
    few = slice(keys.size // 2 - _NEIGHBORS, keys.size // 2 + _NEIGHBORS)
    for some in (keys[few], keys) if keys.size > 2 * _NEIGHBORS else (keys,):
        shortest = _shortest_gap(some, scale)
        if shortest == 0 or span / shortest > 1.1 * BIN_LIMIT:
            return None  # scaling may have made zero of the smallest
    values = key_values("float", keys) / scale
    gaps = values[1:] - values[:-1]
    positions = np.cumsum(np.rint(gaps / shortest))
    step = span / positions[-1].item()
    # Steps of 1/65535 in float32 are off by 0.4 %; values between the steps are far more.
    is_off = np.abs(values[1:] - values[0] - positions * step) > 0.05 * step
    coarse = step < 2 * np.spacing(np.abs(values[[0, -1]]).max())
    if coarse or positions[-1] >= BIN_LIMIT or np.any(is_off):
        return None
    return values[0] + step * (np.arange(positions[-1] + 2) - 0.5)
