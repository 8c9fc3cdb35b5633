"""Counting of the pixel values of arrays of other libraries, on their device.

Pixels are sorted instead of entered in tables, as devices sort fast. Only the counts are copied to the host.
They are equal to those of `skmask._kernels.histograms.counting`, bin for bin.
"""

from bisect import bisect_left
from math import prod
from typing import Any

import numpy as np

from skmask._kernels.arrays import IntArray
from skmask._kernels.histograms.histogram import (
    BIN_LIMIT,
    KEY_MIN,
    Bins,
    Histogram,
    Kind,
    group_keys,
    swap_sign,
)
from skmask._kernels.pixels.namespaces import dtype_of, like, namespace, ordered, to_host

__all__ = ["count_array", "n_finite"]

# Pixels sorted at a time.
_CHUNK = 1 << 26


def count_array(images: Any, rows: IntArray | slice, *, roi: Any = None) -> Histogram:
    """Count the pixels of some images of a stack, each once."""
    xp, dtype = namespace(images), dtype_of(images)
    images, offset = ordered(images)
    numbers = np.arange(images.shape[0])[rows]
    step = max(1, _CHUNK // prod(images.shape[1:]))
    kind: Kind = "float" if dtype.kind == "f" else "uint64" if dtype == np.uint64 else "integer"
    empty = Histogram(kind, 0, np.empty(0, np.int64), np.empty(0, np.int64))
    parts = []
    for first in range(0, numbers.size, step):
        some = numbers[first : first + step]
        pixels = _take(images, some)
        if roi is not None:
            inside = _take(roi, some) if roi.ndim == images.ndim else roi
            pixels = pixels[xp.broadcast_to(inside, pixels.shape)]
        parts.append(_count(xp.reshape(pixels, (-1,)), kind, offset))
    return empty.merge(*parts)


def n_finite(images: Any, roi: Any = None) -> IntArray:
    """Count the finite pixels of each image in its region of interest."""
    xp = namespace(images)
    is_float = dtype_of(images).kind == "f"
    counted = xp.isfinite(images) if is_float else xp.ones_like(images, dtype=xp.bool)
    if roi is not None:
        counted &= roi
    axes = tuple(range(1, images.ndim))
    return to_host(xp.sum(xp.astype(counted, xp.uint8), axis=axes, dtype=xp.int64))


def _take(images: Any, numbers: IntArray) -> Any:
    """Return the images of some numbers, consecutive ones without a copy."""
    first, stop = int(numbers[0]), int(numbers[-1]) + 1
    if stop - first == numbers.size:
        return images[first:stop, ...]
    return namespace(images).take(images, like(numbers, images), axis=0)


def _count(pixels: Any, kind: Kind, offset: int) -> Histogram:
    xp = namespace(pixels)
    outside = {}
    if kind == "float":
        finite = xp.isfinite(pixels)
        if not xp.all(finite):
            others = pixels[~finite]
            n_pos_inf = int(xp.sum(xp.astype(others == xp.inf, xp.int64)))
            n_neg_inf = int(xp.sum(xp.astype(others == -xp.inf, xp.int64)))
            n_nan = others.shape[0] - n_pos_inf - n_neg_inf
            outside = {"n_nan": n_nan, "n_neg_inf": n_neg_inf, "n_pos_inf": n_pos_inf}
            pixels = pixels[finite]
        pixels = pixels + 0.0  # turns -0.0 into 0.0
    elif dtype_of(pixels).kind == "b":
        pixels = xp.astype(pixels, xp.uint8)
    values, counts = xp.unique_counts(pixels)
    if values.shape[0] <= BIN_LIMIT or not hasattr(values, "view"):
        values, counts = to_host(values), to_host(counts)
    xp = namespace(values)
    order = xp.argsort(values)
    keys = _keys(xp.take(values, order), kind, offset)
    group = group_keys if isinstance(keys, np.ndarray) else group_array
    return Histogram(kind, *group(keys, xp.take(counts, order)), **outside)


def _keys(values: Any, kind: Kind, offset: int) -> Any:
    """Return the keys of pixel values from which `offset` was subtracted."""
    xp = namespace(values)
    if kind == "float":
        return swap_sign(xp.asarray(values, dtype=xp.float64).view(xp.int64))
    if kind == "uint64":
        return values if offset else values.view(xp.int64) ^ KEY_MIN
    return xp.asarray(values, dtype=xp.int64) + offset


def group_array(keys: Any, counts: Any) -> Bins:
    """Group ascending keys, all different, with their counts, as `group_keys` does."""
    xp = namespace(keys)
    differences = keys[1:] ^ keys[:-1]

    def fits(shift: int) -> bool:
        return int(xp.sum(xp.astype(differences >> shift != 0, xp.int64))) < BIN_LIMIT

    shift = bisect_left(range(64), True, key=fits)
    (inner,) = xp.nonzero(differences >> shift != 0)
    last = xp.concat([inner, like([keys.shape[0] - 1], keys)])
    upto = to_host(xp.take(xp.cumulative_sum(counts), last))
    return shift, to_host(xp.take(keys, last) >> shift), np.diff(upto, prepend=0)
