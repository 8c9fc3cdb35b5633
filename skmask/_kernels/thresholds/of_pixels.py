"""The threshold of the pixels in a histogram, with the bins and the criterion behind it."""

from typing import Literal, NamedTuple

from skmask._kernels.arrays import FloatArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.histograms.histogram import Histogram, Number
from skmask._kernels.histograms.levels import Levels, ValueRange, levels
from skmask._kernels.thresholds.choose import Check, ThresholdMethod, choose


class PixelThreshold(NamedTuple):
    """Threshold of pixels.

    Attributes
    ----------
    levels : Levels
        The bins from which it was chosen.
    threshold : int or float
        Pixels above it are foreground.
    interval : tuple of int or float
        (low, high): all thresholds in [low, high) split the pixels in the same way.
    criterion : ndarray of shape (n_bins,) or None
        See `skmask._kernels.thresholds.choose.Choice`.
    """

    levels: Levels
    threshold: Number
    interval: tuple[Number, Number]
    criterion: FloatArray | None


@has_twin("thresholds.of_pixels")
def threshold_of(
    pixels: Histogram,
    method: str | ThresholdMethod,
    n_bins: int | Literal["auto"] = "auto",
    value_range: ValueRange = "robust",
    check: Check | None = None,
) -> PixelThreshold:
    """Choose a threshold for pixels, of which there is one at least.

    Parameters
    ----------
    pixels : Histogram
    method, check
        See `skmask._kernels.thresholds.choose.choose`.
    n_bins, value_range
        See `skmask._kernels.histograms.levels.levels`.

    Returns
    -------
    found : PixelThreshold

    Examples
    --------
    >>> import numpy as np
    >>> from skmask._kernels.histograms.counting import count
    >>> found = threshold_of(count(np.array([[1, 2, 9, 9]])), "otsu")
    >>> found.threshold, found.interval
    (5, (2, 9))
    """
    found = levels(pixels, n_bins, value_range)
    choice = choose(method, found.counts, found.centers, integer=found.is_integer, check=check)
    threshold = found.value_at(choice.threshold)
    return PixelThreshold(found, threshold, pixels.interval(threshold), choice.criterion)
