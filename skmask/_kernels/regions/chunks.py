"""Connected regions of images that are cut into chunks, each of which is labeled by itself.

The chunks of an image are a grid. Each one comes with the first pixels of the chunks after it: it is a pixel
longer at the far end of every axis along which a chunk follows. Any two pixels that touch, at corners as
well, then lie together in one chunk. Two neighboring chunks share a face, one pixel thick, and both have
labeled the same runs of pixels in it. Their two labels of such a run are one region.

Three steps make an image. `summarize` labels a chunk and decides on the regions that lie inside of it. It
returns a table of the regions that go on in other chunks, and their labels in the runs of the faces.
`merge` joins these tables and decides on whole regions. `paint` makes the result for a chunk. The tables
therefore grow with the faces of the chunks and not with the chunks. Between the steps a chunk is held as
runs, a bit a pixel and one to four bytes a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skmask._kernels.arrays import (
    Array,
    BoolArray,
    ByteArray,
    Int32Array,
    IntArray,
    UnsignedArray,
    WordArray,
)
from skmask._kernels.regions.chunk_tables import Table, concatenate, tabulate
from skmask._kernels.regions.rules import RegionRule
from skmask._kernels.regions.runs import (
    Layout,
    Regions,
    crop_regions,
    find_regions,
    labels_at,
    pack_runs,
    paint_runs,
    regions_holding,
    unpack_runs,
)

Shape = tuple[int, ...]

SEED = 2


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk lies in its images: from `start` to before `stop` along each axis of `image_shape`."""

    start: Shape
    stop: Shape
    image_shape: Shape

    @property
    def own(self) -> tuple[slice, ...]:
        """The part of a block that belongs to the chunk, without the faces of the next ones."""
        sizes = (stop - start for start, stop in zip(self.start, self.stop, strict=True))
        return (slice(None), *map(slice, sizes))

    def is_outermost(self, axis: int, side: int) -> bool:
        """Tell whether the image ends with the chunk, before it (side 0) or after it (side 1)."""
        return (self.start[axis] == 0, self.stop[axis] == self.image_shape[axis])[side]


class Summary(NamedTuple):
    """Summary of a chunk for the other chunks.

    Attributes
    ----------
    table : Table
        Of the regions that are not decided on, by their numbers.
    faces : dict
        Keys are an axis of the image and a side of the chunk, 0 before it and 1 after it. Values are the
        numbers of the regions in the face that is shared with the next chunk there, one for each run of
        the face.
    """

    table: Table
    faces: dict[tuple[int, int], UnsignedArray]


class HeldChunk(NamedTuple):
    """A chunk until it is painted: the runs of all regions that may stay.

    Attributes
    ----------
    shape : tuple of int
        Shape of the chunk, ``(n_images, *chunk_shape)``.
    runs : ndarray of uint64
        The packed runs.
    numbers : ndarray of unsigned int, shape (n_runs,)
        The region of each run; the last number stands for all that stay for certain.
    """

    shape: Shape
    runs: WordArray
    numbers: UnsignedArray


def mark_seeds(seeds: BoolArray, masks: BoolArray) -> ByteArray:
    """Mark the foreground of masks by 1, and by 2 where seeds lie in it."""
    return masks.astype(np.uint8) + (masks & seeds)


def summarize(
    marks: Array, chunk: Chunk, rule: RegionRule, images: Array | None = None
) -> tuple[HeldChunk, Summary]:
    """Label a chunk, and decide on its regions as far as the chunk tells.

    Parameters
    ----------
    marks : ndarray of bool, or of uint8 as by `mark_seeds`, shape (n_images, *chunk_shape)
        The chunk, longer by the faces that it shares with the chunks after it.
    chunk : Chunk
    rule : RegionRule
    images : ndarray of shape (n_images, *own_shape), optional
        The pixels under the chunk's own masks, for rules that ask for intensities.
    """
    masks = marks != 0
    if rule.of_background:
        np.logical_not(masks, out=masks)
    regions = find_regions(masks, rule.connectivity)
    faces = _label_faces(regions, masks)
    on_frame = np.zeros(regions.n_regions, dtype=bool)
    is_shared = on_frame.copy()
    shared_faces = {}
    for (axis, side), labels in faces.items():
        if chunk.is_outermost(axis, side):
            on_frame[labels] = True
        else:
            is_shared[labels] = True
            shared_faces[axis, side] = labels

    own = crop_regions(regions, masks[chunk.own])
    table = tabulate(
        regions,
        own,
        start=chunk.start,
        image_shape=chunk.image_shape,
        on_frame=on_frame,
        seeded=_seeded(regions, marks),
        asks=rule.asks,
        images=images,
    )
    stays = ~is_shared
    stays[stays] = rule.keep(table.take(stays))
    is_sent = (is_shared | stays) if rule.compares else is_shared
    n_sent = np.count_nonzero(is_sent)
    numbers = np.full(regions.n_regions, n_sent, dtype=np.min_scalar_type(n_sent))
    numbers[is_sent] = np.arange(n_sent)
    summary = Summary(
        table.take(is_sent),
        {face: numbers.take(labels) for face, labels in shared_faces.items()},
    )
    runs = (is_sent | stays).take(own.labels)
    held = HeldChunk(
        own.shape,
        pack_runs(own.shape, own.starts[runs], own.ends[runs]),
        numbers.take(own.labels[runs]),
    )
    return held, summary


def merge(summaries: Sequence[Summary], grid: Shape, rule: RegionRule) -> list[BoolArray]:
    """Join the regions of all chunks of the same images, and decide which stay.

    Parameters
    ----------
    summaries : sequence of Summary
        Those of the chunks in C order.
    grid : tuple of int
        Number of chunks along each axis of an image.
    rule : RegionRule

    Returns
    -------
    list of ndarray of bool
        For each chunk, whether the regions of its table stay.
    """
    counts = [summary.table.sizes.size for summary in summaries]
    starts = np.cumsum([0, *counts])
    links = _link_faces(summaries, starts, grid)
    is_linked = np.ones(links.shape[1], dtype=bool)
    graph = coo_array((is_linked, tuple(links)), shape=(sum(counts),) * 2)
    n_regions, joined = connected_components(graph, directed=False)
    table = concatenate([summary.table for summary in summaries])
    keep = rule.keep(table.join(joined, n_regions))
    return np.split(keep.take(joined), starts[1:-1])


def paint(held: HeldChunk, keep: BoolArray, rule: RegionRule) -> BoolArray:
    """Make the masks of a chunk, of which `keep` tells which regions of its table stay."""
    starts, ends = unpack_runs(held.runs)
    runs = np.append(keep, True).take(held.numbers)
    masks = paint_runs(held.shape, starts[runs], ends[runs])
    return ~masks if rule.of_background else masks


def _label_faces(regions: Regions, masks: BoolArray) -> dict[tuple[int, int], Int32Array]:
    """Return the labels of the runs in the faces of a block, by axis and side.

    A run goes along the last axis that the face has; those of equal faces are equally many.
    """
    layout = Layout.of(masks.shape)
    labels = {}
    for axis, side in product(range(masks.ndim - 1), (0, 1)):
        index = side * (masks.shape[axis + 1] - 1)
        face = masks.take(index, axis=axis + 1)
        if face.ndim > 1:
            face[..., 1:] &= ~face[..., :-1]
        images, *pixels = np.nonzero(face)
        pixels.insert(axis, np.full(images.size, index))
        labels[axis, side] = labels_at(regions, layout.places([images, *pixels]))
    return labels


def _seeded(regions: Regions, marks: Array) -> BoolArray:
    """Tell which regions hold a seed."""
    if marks.dtype == np.bool_:
        return np.zeros(regions.n_regions, dtype=bool)
    return regions_holding(regions, marks == SEED)


def _link_faces(summaries: Sequence[Summary], starts: IntArray, grid: Shape) -> IntArray:
    """Return the pairs of regions that are one, by their rows in all tables together."""
    places = np.arange(len(summaries)).reshape(grid)
    links = [np.empty((2, 0), dtype=np.intp)]
    for axis in range(len(grid)):
        line = np.moveaxis(places, axis, 0)
        for one, after in zip(line[:-1].ravel().tolist(), line[1:].ravel().tolist(), strict=True):
            far, near = summaries[one].faces[axis, 1], summaries[after].faces[axis, 0]
            links.append(np.stack([starts[one] + far, starts[after] + near]))
    return np.concatenate(links, axis=1)
