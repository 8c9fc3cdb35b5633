"""Sums, extremes and moments over the window around every pixel, samples along axis 0 never mixed.

A window is put together along one axis after the other, from runs of 1, 2, 4, ... pixels, each of
them two shorter ones beside each other. A whole block is one flat array, and one step for all its
runs is one operation on two shifted views: fewer than ``2 * log2(length)`` of them an axis. Nothing
is ever subtracted, as running sums and integral images do, so that no digits cancel.
"""

from collections.abc import Iterator
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray
from skmask._kernels.compiled import has_twin

__all__ = [
    "ROUNDING",
    "Block",
    "Window",
    "add_windows",
    "blocks",
    "mirrored",
    "pad",
    "reduce_windows",
    "subtract_mean",
    "window_mean",
    "window_mean_sd",
]

Window = tuple[int, ...]
Block = tuple[slice, slice]

# A sum of doubles goes through some forty additions: its error, relative to its greatest term.
ROUNDING = 2.0**-46

# Padded pixels of a block: some arrays of this many doubles share a second-level cache.
_BLOCK = 1 << 17


def blocks(shape: tuple[int, ...], window: Window, *, whole: bool = False) -> Iterator[Block]:
    """Cut a stack of `shape` into blocks of some images, or bands of rows where they are large.

    Where an image is cut depends on its shape alone, not on how many there are; `whole` images are
    not cut.
    """
    n_samples, n_rows = shape[:2]
    row = prod(size + length - 1 for size, length in zip(shape[2:], window[1:], strict=True))
    halo = window[0] - 1
    rows = n_rows if whole else min(n_rows, max(_BLOCK // row - halo, 2 * halo, 1))
    samples = max(_BLOCK // (row * (n_rows + halo)), 1)
    for sample in range(0, n_samples, samples):
        for first in range(0, n_rows, rows):
            yield slice(sample, sample + samples), slice(first, min(first + rows, n_rows))


def pad(images: Array, block: Block, window: Window, border: str) -> Array:
    """Copy a block with half a window around it, mirrored where the image ends.

    The border is a rule of `numpy.pad`: ``"symmetric"`` mirrors about the edge of the last pixel,
    ``"reflect"`` about its center.
    """
    samples, rows = block
    halves = [length // 2 for length in window]
    sources = [
        mirrored(size, half, border) for size, half in zip(images.shape[1:], halves, strict=True)
    ]
    bands = images[samples].take(sources[0][rows.start : rows.stop + 2 * halves[0]], axis=1)
    padded: Array = np.empty((*bands.shape[:2], *map(len, sources[1:])), images.dtype)
    inner = [
        slice(half, half + size) for half, size in zip(halves[1:], images.shape[2:], strict=True)
    ]
    padded[:, :, *inner] = bands
    for axis, (half, source) in enumerate(zip(halves[1:], sources[1:], strict=True), start=2):
        size = images.shape[axis]
        # Lines along this axis are complete along those before, and are cut off along those behind.
        before: list[Any] = [slice(None)] * axis
        behind = inner[axis - 1 :]
        for margin in (slice(0, half), slice(half + size, None)):
            padded[*before, margin, *behind] = padded[*before, source[margin] + half, *behind]
    return padded


@lru_cache(maxsize=64)
def mirrored(size: int, margin: int, border: str = "symmetric") -> IntArray:
    """Return where the pixels of an axis lie that goes on beyond its ends, by a rule of `numpy.pad`."""
    positions = np.arange(-margin, size + margin)
    if border == "symmetric":
        positions %= 2 * size
        positions = np.minimum(positions, 2 * size - 1 - positions)
    else:
        period = max(2 * size - 2, 1)
        positions %= period
        positions = np.minimum(positions, period - positions)
    positions.flags.writeable = False
    return positions


def reduce_windows(padded: Array, window: Window, combine: np.ufunc) -> Array:
    """Combine the pixels of each window of a padded block, in the block's own dtype.

    Parameters
    ----------
    padded : ndarray, shape (n, size + length - 1, ...)
    window : tuple of int
        Odd length along each axis of an image.
    combine : ufunc
        ``np.add`` (modulo the dtype's range), ``np.maximum`` or ``np.minimum``.

    Returns
    -------
    reduced : ndarray, shape (n, size, ...)
    """
    flat = np.ascontiguousarray(padded).reshape(-1)
    scratch = np.empty((3, flat.size), flat.dtype)
    shape = [len(padded)]
    for axis, length in enumerate(window, start=1):
        flat = _reduce_runs(flat, length, prod(padded.shape[axis + 1 :]), combine, scratch)
        shape.append(padded.shape[axis] - length + 1)
    strides = [prod(padded.shape[axis + 1 :]) * flat.itemsize for axis in range(padded.ndim)]
    return np.ndarray(shape, flat.dtype, buffer=flat, strides=strides)


def _reduce_runs(flat: Array, length: int, stride: int, combine: np.ufunc, scratch: Array) -> Array:
    """Combine ``flat[i + k * stride]`` for k below `length`; runs beyond a row's end are unused."""
    result, runs, run, covered = flat, flat, 1, 1
    while covered < length:
        spare = scratch[run.bit_length() % 2]
        runs = combine(
            runs[: -run * stride], runs[run * stride :], out=spare[: runs.size - run * stride]
        )
        run *= 2
        if length & run:
            tail = runs[covered * stride :]
            result = combine(result[: tail.size], tail, out=scratch[2, : tail.size])
            covered += run
    return result


def window_mean(padded: Array, window: Window) -> FloatArray:
    """Compute the mean of the finite pixels of each window; NaN where there are none.

    Exact up to the last division for pixels of up to 16 bits. The mean of others is rounded up, by
    `ROUNDING` times the greatest difference from the mean of the block, so that no pixel is above
    the mean of its equals.
    """
    values, origin, count, greatest = _measured(padded, window)
    mean: FloatArray = _sum(values, window) / count
    if values.dtype.kind == "f" or origin:
        mean += origin + ROUNDING * greatest
    return mean


def window_mean_sd(padded: Array, window: Window) -> tuple[FloatArray, FloatArray]:
    """Compute the mean as `window_mean` and the standard deviation of the same pixels.

    With n pixels the deviation is ``sqrt(n * sum(x ** 2) - sum(x) ** 2) / n``. Where the difference
    is within the rounding of its terms, for pixels of more than 16 bits, the deviation is 0.
    """
    values, origin, count, greatest = _measured(padded, window)
    mean = _sum(values, window).astype(np.float64)
    sd: FloatArray = _sum(values, window, power=2) * count
    sd -= mean * mean
    np.copyto(sd, 0, where=sd <= 2 * ROUNDING * np.square(count * greatest))
    np.sqrt(sd, out=sd)
    sd /= count
    mean /= count
    mean += origin + ROUNDING * greatest
    return mean, sd


def _measured(padded: Array, window: Window) -> tuple[Array, Any, Any, Any]:
    """Return pixels less an origin, the origin of each image, and what the sums are to be judged by.

    Pixels of up to 16 bits come as unsigned integers, others as doubles, 0 where not finite. The
    third item is the number of finite pixels of each window; the fourth the greatest size of what
    is added up in each image, 0 where sums are exact.
    """
    kind, size = padded.dtype.kind, padded.dtype.itemsize
    everywhere = float(prod(window))
    if kind == "b":
        return padded.view(np.uint8), 0, everywhere, 0
    if kind == "u" and size <= 2:
        return padded, 0, everywhere, 0
    if kind == "i" and size <= 2:
        lowest = np.iinfo(padded.dtype).min
        return (padded ^ lowest).view(f"u{size}"), lowest, everywhere, 0

    values = padded.astype(np.float64)
    origin, greatest, finite = subtract_mean(values)
    count: Any = everywhere
    if finite is not None:
        count = _sum(finite.view(np.uint8), window).astype(np.float64)
    return values, origin, count, greatest


def subtract_mean(values: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray | None]:
    """Subtract the mean of the finite pixels of each image in place; other pixels become 0.

    Returns
    -------
    origin, greatest : ndarray of shape (n, 1, ...)
        The means, and the greatest differences from them.
    finite : ndarray of bool or None
        Which pixels are finite; None stands for all.
    """
    rows = values.reshape(len(values), -1)
    pixels, finite = np.full(len(values), rows.shape[1]), None
    with np.errstate(invalid="ignore", over="ignore"):
        totals = rows.sum(axis=1)
    # A sum is finite only if all pixels are.
    if not np.isfinite(totals).all():
        finite = np.isfinite(values)
        values[~finite] = 0
        pixels, totals = finite.reshape(rows.shape).sum(axis=1), rows.sum(axis=1)
    origin = totals / np.maximum(pixels, 1)
    rows -= origin[:, np.newaxis]
    if finite is not None:
        values[~finite] = 0
    greatest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    per_image = (-1, *(1,) * (values.ndim - 1))
    return origin.reshape(per_image), greatest.reshape(per_image), finite


def _sum(values: Array, window: Window, power: int = 1) -> Array:
    """Add up the pixels, or their squares, of each window; integers without any rounding.

    Doubles are squared in place: another array would come from the operating system, page by page.
    """
    if values.dtype.kind == "u":
        values = values.astype(np.min_scalar_type(prod(window) * int(values.max()) ** power))
        return add_windows(values if power == 1 else values * values, window)
    if power == 2:
        np.square(values, out=values)
    return reduce_windows(values, window, np.add)


@has_twin("local.windows")
def add_windows(padded: Array, window: Window) -> Array:
    """Add up the unsigned integers of each window of a padded block, modulo the range of their dtype."""
    return reduce_windows(padded, window, np.add)
