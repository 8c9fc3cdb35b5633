"""Medians of the window around every pixel.

The medians of small windows are found by comparing pixels (`skmask._kernels.local.networks`). Of integers
with few levels, the number of pixels up to each level is counted in all windows at once, which takes nearly
the same time for every size of the window. Others are gathered window by window.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from skmask._kernels.arrays import Array
from skmask._kernels.compiled import has_planned_twin, has_twin
from skmask._kernels.local.networks import median_of_columns
from skmask._kernels.local.windows import Window, blocks, pad, reduce_windows

# Pixels, and bytes, of a window whose median is found by comparing pairs of them.
_NETWORK = 121
_NETWORK_BYTES = 400

# Windows gathered at a time, in pixels, to select their medians.
_GATHERED = 1 << 18

# Counting one level in all windows takes as long as gathering two pixels for each, and gathering
# has a fixed cost.
_FEW_LEVELS = 256


@has_planned_twin("local.small_medians")
def median_smooth(images: Array, reaches: Sequence[int]) -> Array:
    """Replace each pixel by the median of the window around it.

    NaN and infinities are left out of windows and stay as they are. Beyond its edge an image is mirrored,
    about the edge of the last pixel. Of an even number of pixels, the median is the mean of the middle two.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape)
        Pixels of any real dtype.
    reaches : sequence of int
        Pixels that the window goes to each side, along each axis of an image.

    Returns
    -------
    smoothed : ndarray of the dtype and the shape of the images
    """
    window = tuple(2 * reach + 1 for reach in reaches)
    smoothed = np.empty(images.shape, images.dtype.newbyteorder("="))
    for block in blocks(images.shape, window):
        part = images[block]
        medians = window_median(pad(images, block, window, "symmetric"), window)
        if part.dtype.kind == "f":
            finite = np.isfinite(part)
            if not finite.all():
                medians = np.where(finite, medians, part)
        smoothed[block] = medians
    return smoothed


@has_twin("local.medians")
def window_median(padded: Array, window: Window) -> Array:
    """Compute the median of the finite pixels of each window; NaN where there are none.

    Medians of integers and booleans have their dtype, those of floats are floats of 32 bits or more.
    """
    kind, size = padded.dtype.kind, prod(window)
    # Of two levels, counting one is all there is to do; longer floats become doubles.
    is_small = (
        kind != "b"
        and padded.dtype.itemsize <= 8
        and size <= _NETWORK
        and size * padded.dtype.itemsize <= _NETWORK_BYTES
    )
    if is_small and (kind != "f" or np.isfinite(padded).all()):
        return _median_by_network(padded, window)
    return _median_of_large(padded, window)


@has_twin("local.medians")
def _median_of_large(padded: Array, window: Window) -> Array:
    """Compute the medians of windows of any size."""
    if padded.dtype.kind != "f":
        levels = np.unique(padded)
        if levels.size <= max(_FEW_LEVELS, 2 * prod(window)):
            return _median_by_level(padded, window, levels)
    return _median_by_rank(padded, window)


def _median_by_network(padded: Array, window: Window) -> Array:
    """Find the medians of small windows, all at once, by comparing the pixels at two positions."""
    dtype = padded.dtype.newbyteorder("=")
    pixels = np.ascontiguousarray(padded, np.float32 if dtype == np.float16 else dtype)
    if dtype.kind == "f":
        pixels = pixels + pixels.dtype.type(0)  # zeros without a sign
    # Columns are all of a window but for its last axis. In a flat array they go on where images end.
    *heights, width = window
    steps = [prod(pixels.shape[axis + 1 :]) for axis in range(1, pixels.ndim - 1)]
    offsets = [0]
    for length, step in zip(heights, steps, strict=True):
        offsets = [offset + i * step for offset in offsets for i in range(length)]
    medians = np.empty(pixels.size, pixels.dtype)
    found = median_of_columns(pixels.reshape(-1), offsets, width)
    medians[: found.size] = found
    inner = tuple(
        slice(size - length + 1) for size, length in zip(pixels.shape[1:], window, strict=True)
    )
    return medians.reshape(pixels.shape)[(slice(None), *inner)]


def _median_by_level(padded: Array, window: Window, levels: Array) -> Array:
    """Find the first level that has a majority of the pixels up to it."""
    half = prod(window) // 2
    counter = np.min_scalar_type(prod(window))
    sizes = zip(padded.shape[1:], window, strict=True)
    shape = len(padded), *(size - length + 1 for size, length in sizes)
    below = np.zeros(shape, np.min_scalar_type(levels.size))
    for level in levels[:-1]:
        below += reduce_windows((padded <= level).astype(counter), window, np.add) <= half
    return levels[below]


def _median_by_rank(padded: Array, window: Window) -> Array:
    """Select the middle of the sorted finite pixels of each window."""
    values = padded
    if padded.dtype.kind == "f":
        finite = np.where(np.isfinite(padded), padded, np.nan)
        values = finite.astype(np.result_type(finite.dtype, np.float64), copy=False)
        values += 0.0  # zeros without a sign
    views = sliding_window_view(values, window, axis=tuple(range(1, values.ndim)))
    median = np.empty(views.shape[: values.ndim], values.dtype)
    size, half = prod(window), prod(window) // 2
    step = max(_GATHERED // size, 1)
    for first in range(0, median.size, step):
        some = np.unravel_index(np.arange(first, min(first + step, median.size)), median.shape)
        pixels = views[some].reshape(-1, size)
        middle = np.partition(pixels, half, axis=1)[:, half]
        missing = np.count_nonzero(pixels != pixels, axis=1)
        gaps = np.flatnonzero(missing)
        if gaps.size:
            count = size - missing[gaps, np.newaxis]
            pair = np.hstack([(count - 1) // 2, count // 2])
            ordered = np.sort(pixels[gaps], axis=1)
            lower, upper = np.take_along_axis(ordered, pair, axis=1).T
            # The sum of two pixels may be too large for a float.
            middle[gaps] = np.where(lower == upper, lower, lower / 2 + upper / 2)
        median[some] = middle
    return median
