"""The features of one plane of pixels, tile by tile and strip by strip.

Only one smoothed plane of a tile is held, at the scale at hand, with a margin of one pixel::

    tile = core + reach, cut off at the image's edges      strip = rows of the core
    +----------------------+
    |   +--------------+   |   the plane is smoothed in place from scale to scale; derivatives are
    |   | core  ------ |   |   differences of shifted views of it, taken for one strip after the other
    |   |       ------ |   |   in the second-level cache, and given out before the next are computed
    |   +--------------+   |
    +----------------------+

So memory does not grow with the number of features, nor with the image. A pixel's features are computed by
the same operations in the same order wherever tiles are cut.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import ndimage

from skmask._kernels.arrays import Array, BoolArray, Float32Array
from skmask._kernels.features.derivatives import (
    gradient,
    gradient_lengths,
    hessian_eigenvalues,
)
from skmask._kernels.features.eigenvalues import symmetric_eigenvalues
from skmask._kernels.features.plan import FeaturePlan
from skmask._kernels.local.smoothing import Taps, smooth
from skmask._kernels.local.windows import blocks, pad, reduce_windows

__all__ = ["Place", "Strip", "iter_features", "iter_tiles"]

Place = tuple[slice, ...]

# The number of a feature, where in the image, and its values there, which are overwritten later on.
Strip = tuple[int, Place, Float32Array]

# Pixels of a tile with its reach. Volumes need more, as the reach is on all sides.
TILE = {1: 1 << 20, 2: 1 << 20}
TILE_OF_VOLUMES = 1 << 22

# Some ten arrays of this many pixels share a second-level cache.
_STRIP = 1 << 14


def iter_tiles(
    shape: Sequence[int], reach: Sequence[int], *, most: int | None = None
) -> Iterator[Place]:
    """Cut an image into tiles that have at most `most` pixels with their reach.

    Parameters
    ----------
    shape : sequence of int
    reach : sequence of int
        How far a feature looks along each axis.
    most : int, optional

    Examples
    --------
    >>> [tuple(one.start for one in tile) for tile in iter_tiles((10, 8), (1, 1), most=60)]
    [(0, 0), (5, 0)]
    """
    most = most or TILE.get(len(shape), TILE_OF_VOLUMES)
    parts = [1] * len(shape)

    def cores() -> list[int]:
        return [-(-size // n) for size, n in zip(shape, parts, strict=True)]

    def padded() -> list[int]:
        sizes = zip(shape, cores(), reach, strict=True)
        return [min(size, core + 2 * far) for size, core, far in sizes]

    while math.prod(padded()) > most:
        # A tile narrower than its margins would cost more than it saves.
        ratios = [core / max(2 * far, 1) for core, far in zip(cores(), reach, strict=True)]
        if max(ratios) <= 1:
            break
        parts[int(np.argmax(ratios))] += 1
    steps = cores()
    ranges = [range(0, size, step) for size, step in zip(shape, steps, strict=True)]
    for starts in itertools.product(*ranges):
        yield tuple(
            slice(start, min(start + step, size))
            for start, step, size in zip(starts, steps, shape, strict=True)
        )


def iter_features(
    plane: Array,
    plan: FeaturePlan,
    levels: Array | None = None,
    *,
    tiles: Sequence[Place] | None = None,
) -> Iterator[Strip]:
    """Compute the features of one channel of an image.

    Parameters
    ----------
    plane : ndarray
        Pixels of any real dtype. Those that are not finite are left out of all averages.
    plan : FeaturePlan
    levels : ndarray, optional
        The quantiles of the image, in floats that hold its pixels, for plans that compare with them.
    tiles : sequence of tuple of slice, optional
        The parts of the image to compute, such as `iter_tiles` gives; all of it by default.

    Yields
    ------
    feature : int
        Number of the feature, as in ``plan.names``.
    place : tuple of slice
        Where in the image.
    values : ndarray of float32
        NaN where the pixel is not finite. To be copied or summed before the next is asked for.
    """
    for core in iter_tiles(plane.shape, plan.reach) if tiles is None else tiles:
        yield from _Tile(plane, plan, core, levels).strips()


class _Tile:
    """One tile of a plane of pixels: the core that features are wanted of, and what is around it."""

    def __init__(self, plane: Array, plan: FeaturePlan, core: Place, levels: Array | None) -> None:
        self.plan = plan
        self.levels = levels
        region = tuple(
            slice(max(part.start - far, 0), min(part.stop + far, size))
            for part, far, size in zip(core, plan.reach, plane.shape, strict=True)
        )
        self.starts = [part.start for part in core]
        # The core's own place in the region.
        self.core = tuple(
            slice(part.start - around.start, part.stop - around.start)
            for part, around in zip(core, region, strict=True)
        )
        pixels = self.plane = plane[region]
        # The cast of integers and doubles may overflow to infinity, which counts as missing.
        with np.errstate(over="ignore", invalid="ignore"):
            if plan.normalize == "robust":
                assert levels is not None
                low, middle, high = levels[[0, 2, 4]]
                # Pixels far from 0 lose their contrast in float32, and are cast without their median.
                pixels = (np.asarray(pixels, levels.dtype) - middle) / (
                    high - low or low.dtype.type(1)
                )
            self.pixels: Float32Array = np.asarray(pixels, np.float32)
        self.missing: BoolArray | None = None
        if plane.dtype.kind == "f":
            missing = ~np.isfinite(self.pixels)
            if missing.any():
                self.missing = missing
                self.pixels = np.where(missing, np.float32(0), self.pixels)

    def strips(self) -> Iterator[Strip]:
        """Return all features of the core, strip by strip."""
        feature = 0
        for values in self._of_raw():
            yield from self._given(feature, values)
            feature += 1
        smoothed = _Smoothed(self.pixels, self.missing)
        for scale, taps in zip(self.plan.scales, self.plan.chain, strict=True):
            if {"intensity", "edges", "hessian", "structure", "std"} & set(self.plan.features):
                smoothed.smooth(taps)
            for name in self.plan.features:
                n_features = self._count(name)
                if name in ("intensity", "edges", "hessian"):
                    for rows in self._strips_of_core():
                        for i, values in enumerate(_DERIVED[name](smoothed, rows, self.plan)):
                            yield self._strip(feature + i, rows, values)
                else:
                    for i, values in enumerate(self._of_windows(name, scale, smoothed)):
                        yield from self._given(feature + i, values[self.core])
                feature += n_features

    def _count(self, name: str) -> int:
        if name in ("hessian", "structure"):
            return self.pixels.ndim
        return 2 if name == "minmax" else 1

    def _of_raw(self) -> Iterator[Float32Array]:
        pixels = self.pixels[self.core]
        if "intensity" in self.plan.features:
            yield pixels
        if self.plan.normalize == "quantiles":
            assert self.levels is not None
            exact = np.asarray(self.plane[self.core], self.levels.dtype)
            with np.errstate(invalid="ignore"):
                for level in self.levels:
                    yield np.asarray(exact - level, np.float32)

    def _of_windows(self, name: str, scale: float, smoothed: "_Smoothed") -> list[Float32Array]:
        if name == "structure":
            return self._structure(scale, smoothed)
        if name == "std":
            deviation = np.square(self.pixels - smoothed.inner())
            return [np.sqrt(self._averaged(deviation, self.plan.blur(scale)))]
        window = self.plan.windows(scale)
        if name == "minmax":
            return [
                self._extreme(np.minimum, np.inf, window),
                self._extreme(np.maximum, -np.inf, window),
            ]
        pixels = self.pixels
        if self.missing is not None:
            pixels = np.where(
                self.missing, self._averaged(pixels.copy(), self.plan.blur(scale)), pixels
            )
        return [ndimage.median_filter(pixels, window, mode="reflect")]

    def _structure(self, scale: float, smoothed: "_Smoothed") -> list[Float32Array]:
        everything = tuple(slice(0, size) for size in self.pixels.shape)
        gradient = smoothed.gradient(everything, self.plan.spacing)
        taps = self.plan.blur_of_smooth(scale)
        entries = {}
        for i, j in itertools.combinations_with_replacement(range(len(gradient)), 2):
            entries[i, j] = self._averaged(gradient[i] * gradient[j], taps)
        return symmetric_eigenvalues(entries)

    def _averaged(self, values: Float32Array, taps: Sequence[Taps]) -> Float32Array:
        """Average over the pixels that are there; overwrites `values`."""
        if self.missing is None:
            smooth(values, taps)
            return values
        values[self.missing] = 0
        weights = (~self.missing).astype(np.float32)
        smooth(values, taps)
        smooth(weights, taps)
        return _ratio(values, weights)

    def _extreme(self, combine: np.ufunc, worst: float, window: tuple[int, ...]) -> Float32Array:
        pixels = self.pixels
        if self.missing is not None:
            pixels = np.where(self.missing, np.float32(worst), pixels)
        stack = pixels[np.newaxis]
        result = np.empty_like(stack)
        for block in blocks(stack.shape, window):
            result[block] = reduce_windows(pad(stack, block, window, "edge"), window, combine)
        return result[0]

    def _strips_of_core(self) -> Iterator[Place]:
        rows, *others = self.core
        width = math.prod(part.stop - part.start for part in others)
        step = max(_STRIP // width, 1)
        for start in range(rows.start, rows.stop, step):
            yield (slice(start, min(start + step, rows.stop)), *others)

    def _given(self, feature: int, values: Float32Array) -> Iterator[Strip]:
        """Cut values of the core into strips, so that all features come in the same positions."""
        first = self.core[0].start
        for place in self._strips_of_core():
            rows = slice(place[0].start - first, place[0].stop - first)
            yield self._strip(feature, place, values[rows])

    def _strip(self, feature: int, place: Place, values: Float32Array) -> Strip:
        if self.missing is not None:
            values = np.where(self.missing[place], np.float32(np.nan), values)
        there = tuple(
            slice(part.start - core.start + start, part.stop - core.start + start)
            for part, core, start in zip(place, self.core, self.starts, strict=True)
        )
        return feature, there, values


class _Smoothed:
    """A plane of pixels, smoothed more and more, with a margin of one pixel that repeats its edges."""

    def __init__(self, pixels: Float32Array, missing: BoolArray | None) -> None:
        self._sums = _with_margin(pixels)
        self._weights = None
        self._means = self._sums
        if missing is not None:
            self._weights = _with_margin((~missing).astype(np.float32))

    def smooth(self, taps: Sequence[Taps]) -> None:
        """Smooth further; the mean of pixels, some of them missing, is a ratio of two such planes."""
        for plane in (self._sums, self._weights):
            if plane is not None:
                smooth(_inner(plane), taps)
                _repeat_edges(plane)
        if self._weights is not None:
            self._means = _ratio(self._sums, self._weights)

    def inner(self) -> Float32Array:
        """Return the plane without its margin."""
        return _inner(self._means)

    def part(self, place: Place) -> Float32Array:
        """Return a part of the plane."""
        return self._means[tuple(slice(part.start + 1, part.stop + 1) for part in place)]

    def gradient(self, place: Place, spacing: Sequence[float]) -> list[Float32Array]:
        """Return the central difference along each axis."""
        return gradient(self._around(place), spacing)

    def edges(self, place: Place, spacing: Sequence[float]) -> Float32Array:
        """Return the length of the gradient."""
        return gradient_lengths(self._around(place), spacing)

    def hessian(self, place: Place, spacing: Sequence[float]) -> list[Float32Array]:
        """Return the eigenvalues of the Hessian matrix."""
        return hessian_eigenvalues(self._around(place), spacing)

    def _around(self, place: Place) -> Float32Array:
        """Return a part of the plane, and one pixel more to all sides."""
        return self._means[tuple(slice(part.start, part.stop + 2) for part in place)]


def _intensity(smoothed: _Smoothed, place: Place, plan: FeaturePlan) -> list[Float32Array]:
    return [smoothed.part(place)]


def _edges(smoothed: _Smoothed, place: Place, plan: FeaturePlan) -> list[Float32Array]:
    return [smoothed.edges(place, plan.spacing)]


def _hessian(smoothed: _Smoothed, place: Place, plan: FeaturePlan) -> list[Float32Array]:
    return smoothed.hessian(place, plan.spacing)


_DERIVED = {"intensity": _intensity, "edges": _edges, "hessian": _hessian}


def _with_margin(pixels: Float32Array) -> Float32Array:
    plane = np.empty([size + 2 for size in pixels.shape], np.float32)
    _inner(plane)[...] = pixels
    return plane


def _inner(plane: Float32Array) -> Float32Array:
    return plane[(slice(1, -1),) * plane.ndim]


def _repeat_edges(plane: Float32Array) -> None:
    for axis in range(plane.ndim):
        lines = np.moveaxis(plane, axis, 0)
        lines[0], lines[-1] = lines[1], lines[-2]


def _ratio(sums: Float32Array, weights: Float32Array) -> Float32Array:
    """Divide by the weights where some of the pixels are missing; 0 where all are."""
    # Elsewhere weights are 1 but for rounding, and tiles without missing pixels divide by nothing.
    partial = (weights > 0) & (weights < np.float32(1 - 1e-5))
    means = np.where(weights > 0, sums, np.float32(0))
    return np.divide(sums, weights, out=means, where=partial)
