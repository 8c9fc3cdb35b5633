"""Tiles: how a stack of images is cut into pieces that stay in the cache, eight of them at a time.

The eight lanes of a bit plane are eight groups of images of a stack. The few images left over, and single
images, are cut into eight bands along their first axis, which overlap. Lanes that are large are cut
further, into windows. Bands and windows lose a halo of pixels at their ends, except at the ends of the
image.
"""

from functools import lru_cache
from itertools import product
from math import ceil, prod
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from skmask._kernels.arrays import BoolArray
from skmask._kernels.morphology.bitplane import LANES

__all__ = ["Batch", "Move", "Tile", "cut_batches"]

Shape = tuple[int, ...]

# Bytes of a bit plane: a few of them share a second-level cache.
PLANE_SIZE = 1 << 18

# A window of part of the columns reads memory in short pieces, which costs as much as so many pixels a row.
ROW_COST = 1024


class Move(NamedTuple):
    """Pixels of a tile that are kept: lanes from `first` on, of `source` in the window, to `target`.

    The target is a part of the images, as `Batch.parts` views them, by number, and slices of it.
    """

    first: int
    source: tuple[slice, ...]
    part: int
    target: tuple[slice, ...]


class Tile(NamedTuple):
    """A window of all lanes, and what is kept of it."""

    place: tuple[slice, ...]
    moves: tuple[Move, ...]


class Batch(NamedTuple):
    """Images of a stack that are processed together, as lanes of shape (n_images, *lane).

    Lanes are groups of images, or bands of every image that start `spacing` rows apart; without bands this
    is 0. Windows of the lanes have the shape `window`.
    """

    samples: slice
    n_lanes: int
    n_images: int
    lane: Shape
    head: int
    spacing: int
    window: Shape
    tiles: tuple[Tile, ...]

    def lanes(self, stack: BoolArray) -> BoolArray:
        """View the lanes, of shape (n_lanes, n_images, *lane)."""
        images = stack[self.samples]
        if not self.spacing:
            return images.reshape(self.n_lanes, self.n_images, *self.lane)
        shape = (self.n_lanes, self.n_images, *self.lane)
        return as_strided(images, shape, (self.spacing * stack.strides[1], *stack.strides))

    def parts(self, stack: BoolArray) -> list[BoolArray]:
        """View the parts of the images that come from all lanes, from the first, and from the last."""
        if not self.spacing:
            return [self.lanes(stack)]
        images = stack[self.samples]
        tail = self.head + self.n_lanes * self.spacing
        bands = (self.n_images, self.n_lanes, self.spacing, *self.lane[1:])
        inner = images[:, self.head : tail].reshape(bands).swapaxes(0, 1)
        return [inner, images[np.newaxis, :, : self.head], images[np.newaxis, :, tail:]]


@lru_cache(maxsize=32)
def cut_batches(shape: Shape, halo: Shape) -> tuple[Batch, ...]:
    """Cut a stack of `shape` for operations that reach as far as `halo`."""
    n_samples, *image = shape
    batches = []
    first = 0
    while first < n_samples:
        left = n_samples - first
        lane, n_lanes, spacing = tuple(image), min(left, LANES), 0
        if left < LANES:
            step = (image[0] - 2 * halo[0]) // LANES
            rows = image[0] - (LANES - 1) * step
            if step > 0 and left * rows < image[0]:
                lane, n_lanes, spacing = (rows, *image[1:]), LANES, step
        window = _choose_window(lane, halo)
        group = 1 if spacing else n_lanes
        n_images = max(1, min(left // group, PLANE_SIZE // prod(window)))
        samples = slice(first, first + n_images * group)
        tiles = _cut_lane(lane, window, halo, n_lanes, spacing)
        batches.append(Batch(samples, n_lanes, n_images, lane, halo[0], spacing, window, tiles))
        first = samples.stop
    return tuple(batches)


def _choose_window(lane: Shape, halo: Shape) -> Shape:
    """Choose how far a window reaches, along each axis, so that little of it is halo."""
    if prod(lane) <= PLANE_SIZE:
        return lane
    inner = [max(size - 2 * width, 1) for size, width in zip(lane, halo, strict=True)]
    pieces = [1] * len(lane)
    while True:
        window = [
            min(size, ceil(length / count) + 2 * width)
            for size, length, count, width in zip(lane, inner, pieces, halo, strict=True)
        ]
        costs = {
            (2 * halo[axis] + (ROW_COST if axis == len(lane) - 1 else 1)) / window[axis]: axis
            for axis in range(len(lane))
            if window[axis] > 10 * halo[axis] + 1
        }
        if prod(window) <= PLANE_SIZE or not costs:
            return tuple(window)
        axis = costs[min(costs)]
        pieces[axis] += 1 + pieces[axis] // 4


@lru_cache(maxsize=32)
def _cut_lane(
    lane: Shape, window: Shape, halo: Shape, n_lanes: int, spacing: int
) -> tuple[Tile, ...]:
    """Lay windows over lanes, and find where what is kept of them goes."""
    parts = [(0, slice(0, lane[0]))]
    if spacing:
        inner = slice(halo[0], halo[0] + spacing)
        parts = [(0, inner), (0, slice(0, inner.start)), (n_lanes - 1, slice(inner.stop, lane[0]))]
    tiles = []
    for cuts in product(*map(_cut_axis, lane, window, halo)):
        moves = []
        starts = [start for start, _ in cuts]
        (_, rows), *others = cuts
        for number, (first, part) in enumerate(parts):
            common = slice(max(rows.start, part.start), min(rows.stop, part.stop))
            if common.start < common.stop:
                kept = (common, *(other for _, other in others))
                source = map(_moved, kept, starts)
                target = map(_moved, kept, (part.start, *(0 for _ in others)))
                moves.append(
                    Move(first, (slice(None), *source), number, (slice(None),) * 2 + tuple(target))
                )
        place = (slice(start, start + size) for start, size in zip(starts, window, strict=True))
        tiles.append(Tile((slice(None), slice(None), *place), tuple(moves)))
    return tuple(tiles)


def _moved(pixels: slice, origin: int) -> slice:
    return slice(pixels.start - origin, pixels.stop - origin)


def _cut_axis(size: int, length: int, halo: int) -> list[tuple[int, slice]]:
    """Lay windows of a length along an axis: their starts, and what is kept of them, which meets."""
    if length == size:
        return [(0, slice(0, size))]
    step = length - 2 * halo
    count = ceil((size - 2 * halo) / step)
    ends = [size if i == count - 1 else (i + 1) * step + halo for i in range(count)]
    starts = [min(i * step, size - length) for i in range(count)]
    return [
        (start, slice(first, end))
        for start, first, end in zip(starts, [0, *ends], ends, strict=False)
    ]
