"""Minima and maxima of gray values over a ball around every pixel, and openings and closings made of them.

A ball is cut into runs along the last axis, here for radius 2 in a plane:

    offset -2          #         half-length 0
    offset -1        # # #       half-length 1
    offset  0      # # # # #     half-length 2
    offset  1        # # #       half-length 1
    offset  2          #         half-length 0

The extremes of all runs of half-length L follow from those of L - 1 by one operation on two shifted
views. A disk therefore takes some three operations for each pixel of its radius, however many pixels it
has.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled import has_planned_twin
from skmask._kernels.local.windows import blocks

Runs = tuple[tuple[int, tuple[int, ...]], ...]


@has_planned_twin("local.extremes")
def open_gray(images: Array, radii: Sequence[float], *, dark: bool = False) -> Array:
    """Return the opening of each image: what remains of bright objects that hold the ball.

    Pixels beyond the edge of an image, and those that are not finite, are left out.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape)
        Pixels of any real dtype.
    radii : sequence of float
        Radius of the ball along each axis of an image, in pixels; 0 leaves an axis alone.
    dark : bool, default=False
        Whether objects are dark. Images are closed then, which is the opening of their negative.

    Returns
    -------
    opened : ndarray of the shape of the images
        Of their dtype, but float32 for float16.
    """
    extremes = (np.maximum, np.minimum) if dark else (np.minimum, np.maximum)
    runs = cut_ball(tuple(radii), images.shape[1:])
    reaches = [max(abs(offset[axis]) for _, offset in runs) for axis in range(len(radii) - 1)]
    reaches.append(max(half for half, _ in runs))
    dtype = np.dtype(np.float32) if images.dtype == np.float16 else images.dtype.newbyteorder("=")
    results = np.empty(images.shape, dtype)
    halo = 2 * reaches[0]
    for samples, rows in blocks(images.shape, tuple(4 * reach + 1 for reach in reaches)):
        start = max(rows.start - halo, 0)
        part = images[samples, start : rows.stop + halo]
        # Zeros become positive: the extreme of zeros of both signs would depend on their order.
        part = np.add(part, dtype.type(0)) if dtype.kind == "f" else part.astype(dtype)
        for extreme in extremes:
            identity = _identity(extreme, dtype)
            if dtype.kind == "f":
                part[~np.isfinite(part)] = identity
            part = _extremes(part, runs, reaches, extreme, identity)
        results[samples, rows] = part[:, rows.start - start : rows.stop - start]
    return results


@lru_cache(maxsize=64)
def cut_ball(radii: tuple[float, ...], sizes: tuple[int, ...]) -> Runs:
    """Return the half-length of each run of the ball and its offset along the other axes, shortest first."""
    # What is farther than an image is large meets no pixel.
    reaches = [min(math.floor(radius), size - 1) for radius, size in zip(radii, sizes, strict=True)]
    runs = []
    for offset in itertools.product(*(range(-reach, reach + 1) for reach in reaches[:-1])):
        # Along an axis of radius 0 there is no offset other than 0.
        steps = zip(offset, radii, strict=False)
        rest = 1 - math.fsum((step / radius) ** 2 for step, radius in steps if step)
        if rest >= -1e-12:
            # Rounding must not take the last pixel of a run.
            half = math.floor(radii[-1] * math.sqrt(max(rest, 0)) * (1 + 1e-12) + 1e-9)
            runs.append((min(half, reaches[-1]), offset))
    return tuple(sorted(runs))


def _identity(extreme: np.ufunc, dtype: np.dtype[Any]) -> Any:
    """Return the value that never is the extreme."""
    is_minimum = extreme is np.minimum
    if dtype.kind == "b":
        return is_minimum
    if dtype.kind == "f":
        return np.inf if is_minimum else -np.inf
    limits = np.iinfo(dtype)
    return limits.max if is_minimum else limits.min


def _extremes(
    images: Array,
    runs: Runs,
    reaches: Sequence[int],
    combine: Callable[..., Array],
    identity: Any,
) -> Array:
    """Return the extreme over the ball around each pixel of a block."""
    margins = [(0, 0), *((reach, reach) for reach in reaches)]
    running = np.pad(images, margins, constant_values=identity)
    results = np.full(images.shape, identity, images.dtype)
    reached = 0
    for half, offset in runs:
        while reached < half:
            wider = combine(running[..., :-2], running[..., 2:])
            # A run of one pixel, moved to both sides, leaves out its middle.
            running = combine(wider, running[..., 1:-1], out=wider) if reached == 0 else wider
            reached += 1
        rows = (
            slice(reach + step, reach + step + size)
            for reach, step, size in zip(reaches, offset, images.shape[1:], strict=False)
        )
        first = reaches[-1] - half
        columns = slice(first, first + images.shape[-1])
        combine(results, running[(slice(None), *rows, columns)], out=results)
    return results
