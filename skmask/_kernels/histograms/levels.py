"""A histogram's pixels in bins of equal width, as threshold methods want them.

Methods compute with floats, which hold integers up to 2**53 exactly and numbers up to some 1e308. Where pixel
values are larger, the bins lie on an axis that is shifted (integers) or scaled by a power of two (floats):
``value = origin + scale * position``. Everywhere else positions are pixel values.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from skmask._kernels.arrays import Array, FloatArray, IntArray
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram, Number

FLOAT_BINS = 1024
TRIMMED_SHARE = 0.001

# Integers of this size leave a bit for halves between them.
EXACT = 2**52

# Sums and products of a few numbers of this size are finite, also when an outline is drawn far beyond them.
_LARGE = 2.0**960
_SCALE = 2.0**128

_LARGEST = float(np.finfo(np.float64).max)

ValueRange = Literal["robust", "minmax"] | tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Pixels in bins of equal width.

    Attributes
    ----------
    counts : ndarray of shape (n_bins,), int64 or float64
        Weighted number of pixels; balanced by image, of images.
    edges : ndarray of shape (n_bins + 1,), float64
        Positions, ascending. A bin holds ``edge <= position < next edge``, the last one also its upper edge.
        With "auto", edges of integers lie halfway between integers.
    is_integer : bool
        Whether pixels are integers.
    origin : int
        Pixel value at position 0. It is 0 except for large integers.
    scale : float
        Difference of pixel values one position apart. It is 1 except for large floats.
    """

    counts: Array
    edges: FloatArray
    is_integer: bool
    origin: int = 0
    scale: float = 1.0

    @property
    def centers(self) -> FloatArray:
        """Positions of the centers of the bins."""
        return self.edges[:-1] / 2 + self.edges[1:] / 2

    @property
    def bin_edges(self) -> FloatArray:
        """Pixel values at the edges, as floats."""
        if self.scale == 1:
            return self.edges + self.origin
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
    origin, scale = 0, 1.0
    positions = histogram.middle
    if histogram.kind == "float":
        lowest = positions if histogram.shift == 0 else histogram.lowest
        if max(abs(low), abs(high)) > _LARGE:
            scale = _SCALE
            low, high, lowest, positions = (
                low / scale,
                high / scale,
                lowest / scale,
                positions / scale,
            )
        grid = _grid_edges(lowest, low, high) if n_bins == "auto" and histogram.shift == 0 else None
        n_equal = FLOAT_BINS if n_bins == "auto" else n_bins
        edges = _equal_edges(low, high, n_equal) if grid is None else grid
    else:
        low, high = math.floor(low), math.ceil(high)
        if max(abs(low), abs(high)) >= EXACT > high - low:
            origin = low
            low, high = 0, high - origin
            values = positions.tolist()  # integers of Python, exact whatever the dtype
            positions = np.array([min(max(value - origin, low), high) for value in values])
        edges = _integer_edges(n_bins, low, high)
    positions = positions.astype(np.float64)
    counts = np.zeros(edges.size - 1, histogram.counts.dtype)
    if histogram.kind != "float" and n_bins == "auto" and max(abs(low), abs(high)) < EXACT:
        # Such edges are halves, a power of two apart: the division is exact, and faster than a search.
        bins = (positions - edges[0]) / (edges[1] - edges[0])
        bins = bins.clip(0, counts.size - 1).astype(np.intp)
    else:
        bins = _bins_of(positions, edges)
    np.add.at(counts, bins, histogram.counts)
    if histogram.unit != 1:
        counts = counts / histogram.unit
    return Levels(counts, edges, histogram.kind != "float", origin, scale)


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


def _trim(counts: Array) -> tuple[int, int]:
    below, above = counts.cumsum(), counts[::-1].cumsum()
    trimmed = max(1, TRIMMED_SHARE * below[-1])
    if below.dtype.kind == "i":
        trimmed = math.floor(trimmed)  # the same among integers, which then need no conversion
    first = int(below.searchsorted(trimmed, side="right"))
    last = counts.size - 1 - int(above.searchsorted(trimmed, side="right"))
    # Of one pixel, or two that differ, trimming would leave nothing.
    return (first, last) if first <= last else (0, counts.size - 1)


def _integer_edges(n_bins: int | Literal["auto"], low: int, high: int) -> FloatArray:
    if n_bins != "auto":
        return _equal_edges(low - 0.5, high + 0.5, n_bins)
    n_values = high - low + 1
    width = 1 << max(0, (n_values - 1).bit_length() - 16)
    ulp = math.ulp(max(-low, high))
    if ulp >= 1.0:
        width = max(width, 2 * int(ulp))
    return float(low) - 0.5 + width * np.arange(-(-n_values // width) + 1, dtype=np.float64)


def _equal_edges(low: float, high: float, n_bins: int) -> FloatArray:
    """Divide [low, high] into equal bins, as many as there is room for."""
    ulp = float(np.spacing(max(abs(low), abs(high))))
    n_bins = int(min(n_bins, (high - low) / ulp / 2))
    if n_bins == 0:
        return np.array([low - ulp, high + ulp])
    edges = low + (high - low) * (np.arange(n_bins + 1) / n_bins)
    edges[-1] = high
    return edges


def _grid_edges(values: FloatArray, low: float, high: float) -> FloatArray | None:
    """Return edges halfway between ascending values if these lie on a grid of equal steps."""
    values = values[values.searchsorted(low) : values.searchsorted(high, side="right")]
    if values.size < 2:
        return None
    gaps = np.diff(values)
    span, shortest = (values[-1] - values[0]).item(), gaps.min().item()
    if shortest == 0 or span / shortest > 1.1 * BIN_LIMIT:
        return None  # scaling may have made zero of the smallest
    positions = np.cumsum(np.rint(gaps / shortest))
    step = span / positions[-1].item()
    # Steps of 1/65535 in float32 are off by 0.4 %; values between the steps are far more.
    is_off = np.abs(values[1:] - values[0] - positions * step) > 0.05 * step
    coarse = step < 2 * np.spacing(np.abs(values[[0, -1]]).max())
    if coarse or positions[-1] >= BIN_LIMIT or np.any(is_off):
        return None
    return values[0] + step * (np.arange(positions[-1] + 2) - 0.5)
