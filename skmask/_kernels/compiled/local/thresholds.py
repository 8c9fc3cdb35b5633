"""Twin of `skmask._kernels.local.thresholds`: pixels are compared with thresholds as those are found."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Work
from skmask._kernels.compiled.jit import jit
from skmask._kernels.compiled.local.deviations import plan_deviations
from skmask._kernels.compiled.local.gaussian import (
    Plan,
    plan_smoothing,
    smooth_rows,
    workspace,
)
from skmask._kernels.compiled.local.means import plan_means
from skmask._kernels.compiled.local.planes import are_plain, plain, plain_dtype
from skmask._kernels.compiled.local.small_medians import median_smooth
from skmask._kernels.compiled.local.units import ends_of
from skmask._kernels.local import thresholds
from skmask._kernels.local.gaussian import TRUNCATE
from skmask._kernels.local.smoothing import gaussian_taps, reach_of
from skmask._kernels.local.thresholds import (
    DEFAULT_K,
    LARGEST_SUMMED,
    is_wide,
    known_range,
    scale_of,
)
from skmask._kernels.local.windows import ROUNDING, Window

# Wider kernels take longer than cosine transforms.
_MOST_REACH = 100


def local_mask(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    *,
    method: str,
    window: Window,
    k: float | None = None,
    offset: float = 0.0,
    value_range: tuple[float, float] | None = None,
    foreground: str = "bright",
) -> Work:
    """Plan comparisons of the pixels of planes with their local thresholds."""
    if not are_plain(image_shape, dtype):
        return NotImplemented
    numbers = float(offset), foreground == "dark"
    if method in ("niblack", "sauvola"):
        weight = float(DEFAULT_K[method] if k is None else k)  # type: ignore[arg-type]
        find_scale = _scale_finder(dtype, method, window, value_range)
        is_sauvola = method == "sauvola"
        return plan_deviations(image_shape, dtype, window, find_scale, weight, is_sauvola, *numbers)
    if method == "mean":
        again = partial(
            thresholds.local_mask,
            method=method,
            window=window,
            offset=offset,
            foreground=foreground,
        )
        return plan_means(image_shape, dtype, window, *numbers, again)
    if method == "median":
        return _plan_medians(image_shape, dtype, window, *numbers)
    if method == "gaussian":
        return _plan_gaussian(image_shape, window, *numbers)
    return NotImplemented


def _scale_finder(
    dtype: np.dtype[Any], method: str, window: Window, value_range: tuple[float, float] | None
) -> Callable[[Array], FloatArray]:
    """Return a function that returns `low` and R of images as rows, of one image if they are known."""

    def find(images: Array) -> FloatArray:
        return np.stack(scale_of(images, method, window, value_range)).reshape(2, -1)

    if method != "niblack" and known_range(dtype, value_range) is None:
        return find
    known = find(np.zeros((1, 1, 1), dtype))
    return lambda images: known


def _plan_medians(
    image_shape: tuple[int, ...],
    dtype: np.dtype[Any],
    window: Window,
    offset: float,
    is_dark: bool,
) -> Work:
    """Plan comparisons with medians of small windows, as doubles if that could make a difference."""
    smooth = median_smooth(image_shape, plain_dtype(dtype), [length // 2 for length in window])
    if smooth is NotImplemented:
        return NotImplemented
    compare = np.less_equal if is_dark else np.greater
    in_doubles = offset != 0 or (dtype.kind != "f" and dtype.itemsize == 8)

    def work(images: Array) -> BoolArray:
        pixels = plain(images)
        medians = smooth(pixels)
        if medians is NotImplemented:
            return NotImplemented
        if in_doubles:
            medians = medians.astype(np.float64) - offset
        mask: BoolArray = compare(pixels, medians)
        return mask

    return work


def _plan_gaussian(
    image_shape: tuple[int, ...], window: Window, offset: float, is_dark: bool
) -> Work:
    plan = _plan_smoothing(image_shape, window)
    if plan is None:
        return NotImplemented
    # For wide kernels the other engine multiplies cosine transforms. Both are within some 1e-15 of the
    # greatest pixel: it decides where a pixel is nearer to its threshold than seven times that.
    doubt = 0.5 if is_wide(window) else 0.0

    def work(images: Array) -> BoolArray:
        mask = np.empty(images.shape, np.bool_)
        arrays = plan.numbers, plan.weights, plan.find_memory()
        is_sure = _compare_gaussian(plain(images), offset, doubt, is_dark, *arrays, mask)
        return mask if is_sure else NotImplemented

    return work


@lru_cache(maxsize=64)
def _plan_smoothing(shape: tuple[int, ...], window: Window) -> Plan | None:
    taps = tuple(gaussian_taps((length - 1) / 6, truncate=TRUNCATE) for length in window)
    if max(map(reach_of, taps)) > _MOST_REACH:
        return None
    return plan_smoothing(shape, taps, np.float64)


@jit
def _compare_gaussian(
    images: Any,
    offset: float,
    doubt: float,
    is_dark: bool,
    numbers: Any,
    weights: Any,
    memory: Any,
    mask: Any,
) -> bool:
    n, height, width = images.shape
    space = workspace(numbers, weights, memory, height)
    for i in range(n):
        low, high, is_finite = ends_of(images[i].reshape(-1))
        greatest = max(high, -low)
        if not is_finite or greatest > LARGEST_SUMMED:
            return False
        slack = ROUNDING * greatest
        for first in range(0, width, space.strip):
            last = min(first + space.strip, width)
            for y in range(0, height, space.n_rows):
                if not smooth_rows(images, i, y, first, last, space):
                    return False
                for k in range(min(space.n_rows, height - y)):
                    mean = space.smoothed[k * space.strip :]
                    row, out = images[i, y + k, first:last], mask[i, y + k, first:last]
                    for x in range(len(row)):
                        threshold = mean[x] + slack - offset
                        out[x] = (row[x] > threshold) != is_dark
                    if doubt:
                        is_near = False
                        for x in range(len(row)):
                            is_near |= abs(row[x] - (mean[x] + slack - offset)) < doubt * slack
                        if is_near:
                            return False
    return True
