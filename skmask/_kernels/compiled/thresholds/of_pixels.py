"""Twin of the choice of a threshold for pixels: Otsu's method on integers, compiled as a whole."""

from typing import Any, Literal

import numpy as np

from skmask._kernels.compiled.jit import as_source, jit
from skmask._kernels.compiled.thresholds.cuts import (
    EXACT,
    best_run_within,
    between_classes_within,
    spread_within,
)
from skmask._kernels.histograms.histogram import BIN_LIMIT, Histogram
from skmask._kernels.histograms.levels import Levels, ValueRange
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS, Check, ThresholdMethod
from skmask._kernels.thresholds.classical import otsu
from skmask._kernels.thresholds.of_pixels import PixelThreshold

_LONG = np.dtype(np.int64)

# Sums of two integers of this size are exact as floats.
_LARGE = 2**51


def threshold_of(
    pixels: Histogram,
    method: str | ThresholdMethod,
    n_bins: int | Literal["auto"] = "auto",
    value_range: ValueRange = "robust",
    check: Check | None = None,
) -> PixelThreshold:
    """Choose a threshold for pixels, which have several values, by one bin a value."""
    is_plain = n_bins == "auto" and isinstance(value_range, str) and pixels.unit == 1
    if not (is_plain and pixels.kind == "integer" and pixels.shift == 0):
        return NotImplemented
    if (THRESHOLD_METHODS[method] if isinstance(method, str) else method) is not otsu:
        return NotImplemented
    keys, numbers = pixels.keys, pixels.counts
    low, high = keys.item(0), keys.item(-1)
    size = high - low + 1
    if not (1 < size <= BIN_LIMIT and low > -_LARGE and high < _LARGE and numbers.dtype == _LONG):
        return NotImplemented
    counts, edges = np.zeros(size, np.int64), np.empty(size + 1)
    centers, criterion = np.empty(size), np.empty(size)
    is_one_gap, below, above = _split(as_source(keys), numbers, counts, edges, centers, criterion)
    if not is_one_gap:
        return NotImplemented
    found = Levels(counts, edges, centers, True)
    # The middle of the gap, rounded down.
    return PixelThreshold(found, (below + above) // 2, (below, above), criterion)


@jit
def _split(keys: Any, numbers: Any, counts: Any, edges: Any, centers: Any, criterion: Any) -> Any:
    """Return whether a single gap between values has the best score, and its ends."""
    low, n_pixels = keys[0], np.int64(0)
    for i in range(edges.size):
        edges[i] = i + (low - 0.5)
    for i in range(centers.size):
        centers[i] = i + np.float64(low)
    places, seen, values = np.empty(keys.size, np.intp), np.empty(keys.size), np.empty(keys.size)
    for i in range(keys.size):
        place, number = keys[i] - low, numbers[i]
        counts[place] = number
        places[i], seen[i], values[i] = place, number, keys[i]
        n_pixels += number
    if n_pixels > EXACT:
        return False, low, low
    scores = np.empty(keys.size - 1)
    between_classes_within(seen, values, np.float64(n_pixels), scores)
    spread_within(scores, places, criterion)
    first, last = best_run_within(scores)
    return first == last, keys[first], keys[first + 1]
