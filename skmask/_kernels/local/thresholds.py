"""Local thresholds: a threshold for every pixel, from the window around it.

With ``m`` and ``s`` the mean and the standard deviation of the window, ``low`` and ``high`` the
range of values, ``d = m - low`` and ``R = (high - low) / 2``, the thresholds are

========== =============================================== ================ ====== =======
method     threshold                                       objects          k      source
========== =============================================== ================ ====== =======
mean       m                                               bright or dark
gaussian   Gaussian mean, sigma = (window - 1) / 6         bright or dark
median     median                                          bright or dark
niblack    m - k s                                         dark; bright     0.2    [1]_
                                                           with k < 0
sauvola    low + d (1 + k (s / R - 1))                     dark             0.2    [2]_
wolf       m - k (1 - s / max s) (m - min)                 dark             0.5    [3]_
phansalkar low + d (1 + 2 exp(-5 d / R) + k (s / R - 1))   dark, faint      0.25   [4]_
bradley    low + d (1 - k)                                 dark             0.15   [5]_
bernsen    (least + greatest) / 2 where they differ by     bright or dark   15/255 [6]_
           k (high - low) or more; elsewhere the window
           is all foreground or all background, as that
           value is above the middle of the range or not
========== =============================================== ================ ====== =======

"Objects" are what a method was made for; ``foreground="dark"`` finds dark ones. Signs, and k where
it is not the paper's (Sauvola has 0.5), are scikit-image's.

References
----------
.. [1] W. Niblack, An Introduction to Digital Image Processing, 1986.
.. [2] J. Sauvola, M. Pietikäinen, 2000, https://doi.org/10.1016/S0031-3203(99)00055-2
.. [3] C. Wolf, J.-M. Jolion, 2003, https://doi.org/10.1007/s10044-003-0197-7
.. [4] N. Phansalkar et al., 2011, https://doi.org/10.1109/ICCSP.2011.5739305
.. [5] D. Bradley, G. Roth, 2007, https://doi.org/10.1080/2151237X.2007.10129236
.. [6] J. Bernsen, Dynamic thresholding of gray-level images, ICPR 1986.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy import fft

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray
from skmask._kernels.compiled import has_planned_twin
from skmask._kernels.local.gaussian import TRUNCATE
from skmask._kernels.local.medians import window_median
from skmask._kernels.local.smoothing import gaussian_taps, smooth
from skmask._kernels.local.units import Units, mean_in_units, units_of
from skmask._kernels.local.windows import (
    ROUNDING,
    Block,
    Window,
    blocks,
    pad,
    reduce_windows,
    window_mean,
    window_mean_sd,
)
from skmask._kernels.registry import Source

__all__ = [
    "DEFAULT_K",
    "LARGEST_SUMMED",
    "LOCAL_METHODS",
    "is_wide",
    "known_range",
    "local_mask",
    "local_threshold",
    "scale_of",
]


# Sums of larger doubles could overflow.
LARGEST_SUMMED = 2.0**960


class _Rule(NamedTuple):
    """Where a method is from, what it computes of a window, how images go on beyond their edge, and its k."""

    source: Source
    statistics: Callable[[Array, Window], tuple[FloatArray, ...]]
    border: str | None
    threshold: Callable[..., FloatArray]
    k: float | None


def local_threshold(
    images: Array,
    *,
    method: str,
    window: Window,
    k: float | None = None,
    offset: float = 0.0,
    value_range: tuple[float, float] | None = None,
) -> FloatArray:
    """Compute the threshold of every pixel of every image, by the formulas at the top of this file.

    Parameters
    ----------
    images : ndarray, shape (n, *image_shape)
        Pixels of any real dtype. Only finite ones count; where a window has none, the threshold is
        NaN.
    method : {"mean", "gaussian", "median", "niblack", "sauvola", "wolf", "phansalkar", \
"bradley", "bernsen"}
        Beyond its edge an image is mirrored, about the edge of the last pixel or, for the four
        methods that use the standard deviation, about its center: scikit-image's rules.
    window : tuple of int
        Odd length of the window along each axis of an image.
    k : float, default=None
        The method's weight; None is the one in the table. Methods without one take None only.
    offset : float, default=0.0
        Subtracted from the threshold.
    value_range : (low, high), default=None
        Values of black and white, for sauvola, phansalkar, bradley and bernsen. None is the range of the
        dtype for bool and unsigned integers, and each image's own otherwise.

    Returns
    -------
    threshold : ndarray of float64, shape (n, *image_shape)
        Infinite where bernsen finds no contrast.
    """

    def compute(part: Array, units: Units | None) -> FloatArray:
        thresholds = np.empty(part.shape)
        for block, threshold in _thresholds(part, units, method, window, k, offset, value_range):
            thresholds[block] = threshold
        return thresholds

    return _by_units(compute, images, method, window)


@has_planned_twin("local.thresholds")
def local_mask(
    images: Array,
    *,
    method: str,
    window: Window,
    k: float | None = None,
    offset: float = 0.0,
    value_range: tuple[float, float] | None = None,
    foreground: str = "bright",
) -> BoolArray:
    """Compare every pixel with its `local_threshold`, whose map is never held as a whole.

    ``foreground="bright"`` is ``images > threshold``; ``"dark"`` is all other pixels but NaN.
    """

    def compute(part: Array, units: Units | None) -> BoolArray:
        mask = np.empty(part.shape, dtype=np.bool_)
        for block, threshold in _thresholds(part, units, method, window, k, offset, value_range):
            pixels, out = part[block], mask[block]
            np.greater(pixels, threshold, out=out)
            if foreground == "dark":
                np.not_equal(out, pixels == pixels, out=out)
        return mask

    return _by_units(compute, images, method, window)


def _by_units(
    compute: Callable[[Array, Units | None], Array], images: Array, method: str, window: Window
) -> Array:
    """Return ``compute(images, units)``, apart for images whose pixels fit units and for others."""
    units = units_of(images, window) if _RULES[method].statistics is _mean else None
    n_fitting = 0 if units is None else np.count_nonzero(units.fits)
    if units is None or not n_fitting:
        return compute(images, None)
    if n_fitting == len(images):
        return compute(images, units)
    others = compute(images[~units.fits], None)
    result: Array = np.empty(images.shape, others.dtype)
    result[~units.fits] = others
    result[units.fits] = compute(images[units.fits], units.of(units.fits))
    return result


def _thresholds(
    images: Array,
    units: Units | None,
    method: str,
    window: Window,
    k: float | None,
    offset: float,
    value_range: tuple[float, float] | None,
) -> Iterator[tuple[Block, FloatArray]]:
    """Yield the thresholds of one block of the images after the other."""
    rule = _RULES[method]
    if images.size == 0:
        return
    weight = rule.k if k is None else k

    # Windows without a finite pixel are 0 / 0, and squares of the largest doubles overflow.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        low, radius = scale_of(images, method, window, value_range)
        for block in blocks(images.shape, window, whole=method == "gaussian"):
            part = pad(images, block, window, rule.border) if rule.border else images[block]
            if units is None:
                statistics = rule.statistics(part, window)
            else:
                statistics = (mean_in_units(part, window, units.of(block[0])),)
            threshold = rule.threshold(*statistics, weight, low[block[0]], radius[block[0]])
            yield block, threshold - offset if offset else threshold


def scale_of(
    images: Array, method: str, window: Window, value_range: tuple[float, float] | None
) -> tuple[FloatArray, FloatArray]:
    """Return `low` and R of each image; for wolf its least pixel and its greatest local deviation."""
    per_image = (len(images),) + (1,) * (images.ndim - 1)
    low, radius = np.zeros(per_image), np.zeros(per_image)
    if method == "wolf":
        low, _ = _extremes(images)
        for samples, rows in blocks(images.shape, window):
            _, sd = window_mean_sd(pad(images, (samples, rows), window, "reflect"), window)
            greatest = np.fmax.reduce(sd.reshape(len(sd), -1), axis=1)
            np.fmax(radius[samples], greatest.reshape(-1, *per_image[1:]), out=radius[samples])
    elif method in ("sauvola", "phansalkar", "bradley", "bernsen"):
        limits = known_range(images.dtype, value_range)
        low, high = _extremes(images) if limits is None else (low + end for end in limits)
        radius = (high - low) / 2
    # Where nothing deviates there is nothing to divide.
    radius[radius == 0] = 1
    return low, radius


def known_range(
    dtype: np.dtype[Any], value_range: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Return the values of black and white; None if they are those of each image."""
    if value_range is None and dtype.kind in "bu":
        return 0, 1 if dtype.kind == "b" else int(np.iinfo(dtype).max)
    return value_range


def _extremes(images: Array) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest finite pixel of each image."""
    least, greatest = np.empty((2, len(images)) + (1,) * (images.ndim - 1))
    axes = tuple(range(1, images.ndim))
    for samples, rows in blocks(images.shape, (1,) * len(axes), whole=True):
        below = above = images[samples, rows]
        finite = np.isfinite(below)
        if not finite.all():
            below, above = np.where(finite, below, np.inf), np.where(finite, above, -np.inf)
        least[samples] = below.min(axis=axes, keepdims=True)
        greatest[samples] = above.max(axis=axes, keepdims=True)
    return least, greatest


def _mean(padded: Array, window: Window) -> tuple[FloatArray]:
    return (window_mean(padded, window),)


def _gaussian_mean(images: Array, window: Window) -> tuple[FloatArray]:
    values = images.astype(np.float64)
    axes = tuple(range(1, values.ndim))
    incomplete: IntArray | list[int] = []
    if images.dtype.kind == "f":
        finite = np.isfinite(values)
        incomplete = np.flatnonzero(~finite.all(axis=axes))
        if incomplete.size:
            values[~finite] = 0
    greatest = values.max(axis=axes, keepdims=True)
    np.maximum(greatest, -values.min(axis=axes, keepdims=True), out=greatest)
    unit = np.where(greatest > LARGEST_SUMMED, 2.0**64, 1)  # powers of two change no digits
    has_large = unit.max() > 1
    if has_large:
        values /= unit
    mean = _blur(values, window)
    if has_large:
        mean *= unit
    mean += ROUNDING * greatest
    for sample in incomplete:
        share = _blur(finite[sample : sample + 1].astype(np.float64), window)[0]
        mean[sample] /= np.where(share > 1e-12, share, np.nan)
    return (mean,)


def _blur(values: FloatArray, window: Window) -> FloatArray:
    """Convolve in place with a Gaussian cut off at 4 sigma, images mirrored about the edge of their pixels.

    Mirrored so, an image is a sum of the cosines of its discrete cosine transform, and a symmetric
    kernel scales each of them: wide windows cost two transforms, however wide.
    """
    sigmas = [(length - 1) / 6 for length in window]
    axes = tuple(range(1, values.ndim))
    if not is_wide(window):
        smooth(values, [gaussian_taps(sigma, truncate=TRUNCATE) for sigma in (0, *sigmas)])
        return values
    spectrum = fft.dctn(values, axes=axes, overwrite_x=True)
    for axis, sigma in zip(axes, sigmas, strict=True):
        response = _gaussian_response(values.shape[axis], sigma)
        spectrum *= response.reshape([-1 if other == axis else 1 for other in range(values.ndim)])
    blurred: FloatArray = fft.idctn(spectrum, axes=axes, overwrite_x=True)
    return blurred


def is_wide(window: Window) -> bool:
    """Tell whether cosine transforms take less time than sums of the pixels in a window."""
    return max(window) > 37


@lru_cache(maxsize=16)
def _gaussian_response(size: int, sigma: float) -> FloatArray:
    """Return by how much a Gaussian scales each cosine along an axis."""
    offsets = np.arange(1, int(4 * sigma + 0.5) + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    cosines = np.cos(np.pi / size * np.outer(np.arange(size), offsets))
    response: FloatArray = (1 + 2 * cosines @ weights) / (1 + 2 * weights.sum())
    return response


def _median(padded: Array, window: Window) -> tuple[FloatArray]:
    return (window_median(padded, window).astype(np.float64),)


def _extent(padded: Array, window: Window) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest finite pixel of each window."""
    low = high = padded
    if padded.dtype.kind == "f":
        finite = np.isfinite(padded)
        low, high = np.where(finite, padded, np.inf), np.where(finite, padded, -np.inf)
    least = reduce_windows(low, window, np.minimum).astype(np.float64)
    return least, reduce_windows(high, window, np.maximum).astype(np.float64)


def _plain(mean: FloatArray, k: None, low: FloatArray, radius: FloatArray) -> FloatArray:
    return mean


def _bradley(mean: FloatArray, k: float, low: FloatArray, radius: FloatArray) -> FloatArray:
    return mean - k * (mean - low)


def _niblack(
    mean: FloatArray, sd: FloatArray, k: float, low: FloatArray, radius: FloatArray
) -> FloatArray:
    return mean - k * sd


def _sauvola(
    mean: FloatArray, sd: FloatArray, k: float, low: FloatArray, radius: FloatArray
) -> FloatArray:
    return low + (mean - low) * (1 + k * (sd / radius - 1))


def _phansalkar(
    mean: FloatArray, sd: FloatArray, k: float, low: FloatArray, radius: FloatArray
) -> FloatArray:
    excess = mean - low
    return low + excess * (1 + 2 * np.exp(-5 * excess / radius) + k * (sd / radius - 1))


def _wolf(
    mean: FloatArray, sd: FloatArray, k: float, low: FloatArray, radius: FloatArray
) -> FloatArray:
    return mean - k * (1 - sd / radius) * (mean - low)


def _bernsen(
    least: FloatArray, greatest: FloatArray, k: float, low: FloatArray, radius: FloatArray
) -> FloatArray:
    middle = least / 2 + greatest / 2
    one_class = np.where(middle > low + radius, -np.inf, np.inf)
    return np.where(greatest - least < 2 * k * radius, one_class, middle)


_RULES: dict[str, _Rule] = {
    "mean": _Rule(Source("the mean"), _mean, "symmetric", _plain, None),
    "gaussian": _Rule(Source("the Gaussian mean"), _gaussian_mean, None, _plain, None),
    "median": _Rule(Source("the median"), _median, "symmetric", _plain, None),
    "niblack": _Rule(
        Source("the threshold of Niblack's method", "Niblack 1986"),
        window_mean_sd,
        "reflect",
        _niblack,
        0.2,
    ),
    "sauvola": _Rule(
        Source(
            "the threshold of Sauvola's method",
            "Sauvola and Pietikäinen 2000",
            "10.1016/S0031-3203(99)00055-2",
        ),
        window_mean_sd,
        "reflect",
        _sauvola,
        0.2,
    ),
    "wolf": _Rule(
        Source(
            "the threshold of Wolf's method", "Wolf and Jolion 2003", "10.1007/s10044-003-0197-7"
        ),
        window_mean_sd,
        "reflect",
        _wolf,
        0.5,
    ),
    "phansalkar": _Rule(
        Source(
            "the threshold of Phansalkar's method",
            "Phansalkar et al. 2011",
            "10.1109/ICCSP.2011.5739305",
        ),
        window_mean_sd,
        "reflect",
        _phansalkar,
        0.25,
    ),
    "bradley": _Rule(
        Source(
            "the threshold of Bradley's method",
            "Bradley and Roth 2007",
            "10.1080/2151237X.2007.10129236",
        ),
        _mean,
        "symmetric",
        _bradley,
        0.15,
    ),
    "bernsen": _Rule(
        Source("the threshold of Bernsen's method", "Bernsen 1986"),
        _extent,
        "symmetric",
        _bernsen,
        15 / 255,
    ),
}

LOCAL_METHODS = {name: rule.source for name, rule in _RULES.items()}
DEFAULT_K = {name: rule.k for name, rule in _RULES.items()}
