"""Twin of `skmask._kernels.local.thresholds`: pixels are compared with thresholds as those are found."""

from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.compiled.local.deviations import compare_with_deviations
from skmask._kernels.compiled.local.gaussian import (
    Plan,
    plain_planes,
    plan_smoothing,
    smooth_rows,
    workspace,
)
from skmask._kernels.compiled.local.means import compare_with_means, compare_with_means_in_units
from skmask._kernels.compiled.local.small_medians import median_smooth
from skmask._kernels.local.gaussian import TRUNCATE
from skmask._kernels.local.smoothing import gaussian_taps, reach_of
from skmask._kernels.local.thresholds import DEFAULT_K, LARGEST_SUMMED, is_wide, scale_of
from skmask._kernels.local.units import Units
from skmask._kernels.local.windows import ROUNDING, Window

# Wider kernels take longer than cosine transforms.
_MOST_REACH = 100


def compare(
    images: Array,
    units: Units | None,
    method: str,
    window: Window,
    k: float | None,
    offset: float,
    value_range: tuple[float, float] | None,
    foreground: str,
) -> BoolArray:
    """Compare every pixel with its local threshold."""
    pixels, numbers = plain_planes(images), (float(offset), foreground == "dark")
    if pixels is None:
        return NotImplemented
    mask, is_done = np.empty(images.shape, np.bool_), False
    if method in ("niblack", "sauvola"):
        scale = scale_of(images, method, window, value_range)
        weight = float(DEFAULT_K[method] if k is None else k)  # type: ignore[arg-type]
        is_done = compare_with_deviations(pixels, window, method, weight, scale, *numbers, mask)
    elif method == "mean" and _is_short(pixels):
        is_done = compare_with_means(pixels, window, *numbers, mask)
    elif method == "mean" and units is not None:
        is_done = compare_with_means_in_units(pixels, units, window, *numbers, mask)
    elif method == "median":
        is_done = _above_median(pixels, window, *numbers, mask)
    elif method == "gaussian":
        is_done = _above_gaussian(pixels, window, *numbers, mask)
    return mask if is_done else NotImplemented


def _is_short(images: Array) -> bool:
    return images.dtype.kind != "f" and images.dtype.itemsize <= 2


def _above_median(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    """Compare pixels with medians of small windows, as doubles if that could make a difference."""
    medians = median_smooth(images, [length // 2 for length in window])
    if medians is NotImplemented:
        return False
    if offset or (images.dtype.kind != "f" and images.dtype.itemsize == 8):
        medians = medians.astype(np.float64) - offset
    np.greater(images, medians, out=mask)
    if is_dark:
        np.logical_not(mask, out=mask)
    return True


def _above_gaussian(
    images: Array, window: Window, offset: float, is_dark: bool, mask: BoolArray
) -> bool:
    plan = _plan_gaussian(images.shape[1:], window)
    if plan is None:
        return False
    axes = tuple(range(1, images.ndim))
    greatest = images.max(axis=axes).astype(np.float64)
    if images.dtype.kind != "u":
        np.maximum(greatest, -images.min(axis=axes).astype(np.float64), out=greatest)
    # For wide kernels the other engine multiplies cosine transforms. Both are within some 1e-15 of the
    # greatest pixel: it decides where a pixel is nearer to its threshold than seven times that.
    doubt = 0.5 if is_wide(window) else 0.0
    arrays = plan.numbers, plan.weights, plan.find_memory()
    is_sure: bool = _compare_gaussian(images, greatest, offset, doubt, is_dark, *arrays, mask)
    return is_sure


@lru_cache(maxsize=64)
def _plan_gaussian(shape: tuple[int, ...], window: Window) -> Plan | None:
    taps = tuple(gaussian_taps((length - 1) / 6, truncate=TRUNCATE) for length in window)
    if max(map(reach_of, taps)) > _MOST_REACH:
        return None
    return plan_smoothing(shape, taps, np.float64)


@jit
def _compare_gaussian(
    images: Any,
    greatest: Any,
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
        if not greatest[i] <= LARGEST_SUMMED:
            return False
        slack = ROUNDING * greatest[i]
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
