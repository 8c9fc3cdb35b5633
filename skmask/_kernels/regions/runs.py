"""Labeling engine: the connected regions of a block of masks, found through runs of pixels.

A run is an unbroken row of foreground along the last axis. A block of images is laid out as one flat
array in which every axis ends in one pixel of background. Then neither rows nor images touch, and a
neighboring row is a fixed distance away. Runs start and end where the flat array changes. The runs that
overlap one of a neighboring row lie between two ranks in the list of all changes. The regions are the
connected components of the graph of overlapping runs. Steps on every pixel run at memory speed, on bytes
or packed bits; all others are on runs.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skmask._kernels.arrays import Array, BoolArray, Int32Array, IntArray, WordArray
from skmask._kernels.compiled import has_twin


class Layout(NamedTuple):
    """How a block of masks lies in a flat array.

    First comes a lead, then one image after another, every axis longer by one pixel. The first half of the
    lead is background, long enough that all neighboring rows of a row have their place.

    Attributes
    ----------
    shape : tuple of int
        Shape of the block, ``(n_images, *image_shape)``.
    padded : tuple of int
        Shape of an image with its padding.
    strides : tuple of int
        Distance of neighbors along each axis of the image.
    lead : int
        Place of the first pixel of the first image.
    image_size : int
        Number of positions that an image takes.
    stop : int
        Place after the last image.
    size : int
        Size of the flat array: it ends in background, and fills whole words.
    inside : tuple of slice
        Where the pixels are in the padded images of a block.
    """

    shape: tuple[int, ...]
    padded: tuple[int, ...]
    strides: tuple[int, ...]
    lead: int
    image_size: int
    stop: int
    size: int
    inside: tuple[slice, ...]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, shape: tuple[int, ...]) -> "Layout":
        """Lay out a block of a shape."""
        padded = tuple(size + 1 for size in shape[1:])
        strides = tuple(prod(padded[axis + 1 :]) for axis in range(len(padded)))
        lead, image_size = 2 * (sum(strides) + 1), prod(padded)
        stop = lead + shape[0] * image_size
        inside = tuple(map(slice, shape))
        return cls(shape, padded, strides, lead, image_size, stop, (stop // 64 + 1) * 64, inside)

    def images(self, flat: Array) -> Array:
        """View the images in a flat array, in the shape of the block."""
        padded = flat[self.lead : self.stop].reshape(self.shape[0], *self.padded)
        return padded[self.inside]

    def rows(self) -> IntArray:
        """Return the positions where rows start, of shape (n_images, *image_shape[:-1])."""
        places = np.arange(self.lead, self.stop, self.padded[-1])
        padded = places.reshape(self.shape[0], *self.padded[:-1])
        return padded[self.inside[:-1]]

    def places(self, pixels: Sequence[IntArray]) -> IntArray:
        """Return the positions of pixels, given by their image and their index along each axis of it."""
        return self.lead + np.ravel_multi_index(tuple(pixels), (self.shape[0], *self.padded))

    def pixels(self, places: IntArray) -> tuple[IntArray, ...]:
        """Return the images of the pixels at some positions, and their indices along each axis."""
        return np.unravel_index(places - self.lead, (self.shape[0], *self.padded))


class Regions(NamedTuple):
    """The runs of a block of masks, and the regions that they make up.

    Attributes
    ----------
    shape : tuple of int
        Shape of the block, ``(n_images, *image_shape)``.
    starts, ends : ndarray of int, shape (n_runs,)
        Places where the runs start, in rising order, and where they have ended.
    labels : ndarray of int, shape (n_runs,)
        Region of each run.
    n_regions : int
        Number of regions.
    """

    shape: tuple[int, ...]
    starts: IntArray
    ends: IntArray
    labels: Int32Array
    n_regions: int

    @property
    def sizes(self) -> IntArray:
        """Number of pixels of each region."""
        return region_sizes(self)


@has_twin("regions.runs")
def find_regions(masks: BoolArray, connectivity: int, *, surrounded: bool = False) -> Regions:
    """Find the connected regions of a block of masks of shape (n_images, *image_shape).

    With `surrounded`, foreground surrounds the images and takes part: all that touches the
    frame of an image is one with it.
    """
    changes = _changes(masks, surrounded=surrounded)
    starts, ends = unpack_runs(changes)
    labels, n_regions = _link(changes, starts, ends, Layout.of(masks.shape), connectivity)
    return Regions(masks.shape, starts, ends, labels, n_regions)


def find_runs(masks: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the positions where the runs of masks start and where they have ended."""
    return unpack_runs(_changes(masks))


def regions_holding(regions: Regions, pixels: BoolArray) -> BoolArray:
    """Tell which regions hold at least one of `pixels`, foreground of the same block."""
    return _regions_at(regions, _places(_changes(pixels))[::2])


def surrounding_regions(regions: Regions) -> BoolArray:
    """Tell which regions hold the foreground that surrounds the images."""
    layout = Layout.of(regions.shape)
    first = layout.lead - 1
    return _regions_at(regions, np.arange(first, layout.stop, layout.image_size))


def _regions_at(regions: Regions, places: IntArray) -> BoolArray:
    """Tell which regions hold the pixels of foreground at some positions."""
    there = np.zeros(regions.n_regions, dtype=bool)
    there[labels_at(regions, places)] = True
    return there


def labels_at(regions: Regions, places: IntArray) -> Int32Array:
    """Return the regions of the pixels of foreground at some positions."""
    runs = np.searchsorted(regions.starts, places, side="right") - 1
    return regions.labels.take(runs)


def first_pixels(regions: Regions) -> tuple[IntArray, IntArray]:
    """Return the image of each region, and the place of its first pixel in C order."""
    first = _first_places(regions.starts, regions.labels, regions.n_regions)
    layout = Layout.of(regions.shape)
    return (first - layout.lead) // layout.image_size, first


@has_twin("regions.runs")
def _first_places(starts: IntArray, labels: Int32Array, n_regions: int) -> IntArray:
    """Return the place where the first run of each region starts."""
    first = np.empty(n_regions, dtype=np.intp)
    # The last of repeated assignments stays.
    first[labels[::-1]] = starts[::-1]
    return first


def crop_regions(regions: Regions, masks: BoolArray) -> Regions:
    """Cut the far ends of the images off, given the near part that is left of their masks.

    Regions keep their numbers. Nothing may be left of some, and others may be in pieces.
    """
    layout = Layout.of(regions.shape)
    is_near = np.zeros(layout.size, dtype=bool)
    layout.images(is_near)[tuple(slice(size) for size in masks.shape)] = True
    labels = regions.labels[is_near.take(regions.starts)]
    starts, ends = unpack_runs(_changes(masks))
    return Regions(masks.shape, starts, ends, labels, regions.n_regions)


@has_twin("regions.runs")
def region_sizes(regions: Regions) -> IntArray:
    """Return the number of pixels of each region."""
    lengths = regions.ends - regions.starts
    return np.bincount(regions.labels, lengths, regions.n_regions).astype(np.intp)


@has_twin("regions.runs")
def paint_regions(regions: Regions, keep: BoolArray) -> BoolArray:
    """Make the masks that hold the regions where `keep`, of shape (n_regions,), is True."""
    runs = keep[regions.labels]
    return paint_runs(regions.shape, regions.starts[runs], regions.ends[runs])


@has_twin("regions.runs")
def paint_runs(shape: tuple[int, ...], starts: IntArray, ends: IntArray) -> BoolArray:
    """Make the masks, of shape (n_images, *image_shape), that hold runs given by their positions."""
    # A pixel is foreground after an odd number of changes: parities within words, then across.
    words = pack_runs(shape, starts, ends)
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(words >> np.uint64(63))
    words[1:] ^= -odd[:-1]
    flat = np.unpackbits(words.view(np.uint8), bitorder="little").view(bool)
    return Layout.of(shape).images(flat)


def pack_runs(shape: tuple[int, ...], starts: IntArray, ends: IntArray) -> WordArray:
    """Pack the positions where runs start and end, in the layout of a shape: a bit a pixel."""
    changes = np.zeros(Layout.of(shape).size, dtype=bool)
    changes[starts] = True
    changes[ends] = True
    return _pack(changes)


def unpack_runs(words: WordArray) -> tuple[IntArray, IntArray]:
    """Return the positions where packed runs start and end."""
    places = _places(words)
    return places[::2], places[1::2]


def flatten(masks: BoolArray, *, surrounded: bool = False) -> BoolArray:
    """Lay out a block of masks in a flat array, with background or foreground between the images."""
    layout = Layout.of(masks.shape)
    flat = np.zeros(layout.size, dtype=bool)
    if surrounded:
        flat[layout.lead // 2 : layout.stop] = True
    # A copy of a view of other bytes has them, too, and twins count with the bytes.
    np.not_equal(masks.view(np.uint8), 0, out=layout.images(flat))
    return flat


def _changes(masks: BoolArray, *, surrounded: bool = False) -> WordArray:
    """Pack the positions where the flat layout of the masks changes, 64 a word."""
    flat = flatten(masks, surrounded=surrounded)
    changes = np.zeros_like(flat)
    np.not_equal(flat[1:], flat[:-1], out=changes[1:])
    return _pack(changes)


def _pack(flags: BoolArray) -> WordArray:
    return np.packbits(flags, bitorder="little").view("<u8")


def _places(words: WordArray) -> IntArray:
    """List the positions of the bits that are set, skipping the bytes that are empty if many are."""
    packed = words.view(np.uint8)
    filled = np.flatnonzero(packed != 0)
    if 2 * filled.size > packed.size:
        return np.flatnonzero(np.unpackbits(packed, bitorder="little").view(bool))
    bits = np.flatnonzero(np.unpackbits(packed.take(filled), bitorder="little").view(bool))
    return (filled.take(bits >> 3) << 3) | (bits & 7)


def _link(
    changes: WordArray, starts: IntArray, ends: IntArray, layout: Layout, connectivity: int
) -> tuple[Int32Array, int]:
    """Return the number of the region of each run, and the number of regions.

    Each run joins the first one that it touches before it, if any, which makes trees. Few runs touch more
    than one: the regions are the connected components of a small graph of trees.
    """
    own = np.arange(starts.size, dtype=np.int32)
    parents: Int32Array = own.copy()
    is_root = np.ones(own.size, dtype=bool)
    edges: list[tuple[Int32Array, Int32Array]] = [(own[:0], own[:0])]
    count_changes = _counter(changes)
    for distance, reach in previous_rows(layout.strides[:-1], connectivity):
        # Changes begin and end runs in turn: half of them, rounded up or down, are beginnings or ends.
        first = count_changes(starts - (distance + reach)) >> 1
        stop = np.minimum(count_changes(ends - (distance - reach + 1)) + 1 >> 1, own)
        joins = is_root & (first < stop)
        parents += (first - parents) * joins
        is_root &= ~joins
        first += joins
        runs = np.flatnonzero(first < stop)
        n_more = stop[runs] - first[runs]
        edges.append((np.repeat(own[runs], n_more), _ranges(first[runs], n_more)))

    numbers = np.cumsum(is_root, dtype=np.int32) - 1
    trees = numbers.take(_roots(parents))
    links = trees.take(np.concatenate(edges, axis=1))
    links = links[:, links[0] != links[1]]
    shape = (np.count_nonzero(is_root),) * 2
    graph = coo_array((np.ones(links.shape[1], dtype=bool), tuple(links)), shape=shape)
    n_regions, labels = connected_components(graph, directed=False)
    return labels.take(trees), n_regions


def _counter(changes: WordArray) -> Callable[[IntArray], Int32Array]:
    """Return a function that counts the changes up to positions, those included."""
    counts = np.bitwise_count(changes)
    before = np.cumsum(counts, dtype=np.int32) - counts

    def count_changes(places: IntArray) -> Int32Array:
        words = places >> 6
        upto = changes.take(words) << (~places & 63).view(np.uint64)
        return before.take(words) + np.bitwise_count(upto)

    return count_changes


def _ranges(starts: Int32Array, sizes: Int32Array) -> Int32Array:
    """Join ranges of integers, given where they start and how many integers they have."""
    stops = np.cumsum(sizes, dtype=np.int32)
    return np.repeat(starts - (stops - sizes), sizes) + np.arange(sizes.sum(), dtype=np.int32)


def _roots(parents: Int32Array) -> Int32Array:
    """Find the root of every node of a forest, by halving the distances to the roots."""
    while True:
        grandparents = parents.take(parents)
        if np.array_equal(grandparents, parents):
            return parents
        parents = grandparents


def previous_rows(strides: tuple[int, ...], connectivity: int) -> Iterator[tuple[int, int]]:
    """Return how far back neighboring rows lie, and how far a run reaches past its ends to touch theirs.

    A run touches those that it overlaps, and with a reach of 1 also those that meet it at a corner.
    """
    steps, reaches = previous_steps(len(strides), connectivity)
    distances = steps @ np.array(strides, dtype=np.intp)
    return zip(distances.tolist(), reaches.tolist(), strict=True)


@cache
def previous_steps(n_axes: int, connectivity: int) -> tuple[IntArray, BoolArray]:
    """Return the steps back to neighboring rows, and whether runs reach past their ends there."""
    steps = np.array(list(product((-1, 0, 1), repeat=n_axes)), dtype=np.intp)
    backward = steps[len(steps) // 2 + 1 :]
    n_moves = np.count_nonzero(backward, axis=1)
    near = n_moves <= connectivity
    return backward[near], n_moves[near] < connectivity
