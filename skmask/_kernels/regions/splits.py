"""Touching objects cut apart at their necks: the watershed of the distance transform, without a queue.

The distance of each pixel from the background is a landscape whose hills are the objects. Every pixel points
to its highest neighbor, and following the pointers by halving their number of steps gives all basins at
once, one for each local maximum, as in::

    distance   1 2 3 2 1 2 2 1        pointers   > > * < > > * <
    basins     a a a a b b b b        saddle of a and b: 1, depth of b: 2 - 1

A basin whose summit rises less than the wanted depth above its highest saddle is joined to the neighbor
across that saddle, all such basins in one round, until none is left. The remaining basins are those of
the h-maxima [1]_. With seeds of other origin the basins without a seed are joined instead.

References
----------
.. [1] P. Soille, "Morphological Image Analysis: Principles and Applications", Springer, 2004.
   https://doi.org/10.1007/978-3-662-05088-0
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from skmask._kernels.arrays import Array, BoolArray, Float32Array, FloatArray, Int32Array
from skmask._kernels.regions.objects import regions_of
from skmask._kernels.regions.rules import blocks_of_images
from skmask._kernels.regions.runs import Layout

# Tells, of the heights of summits above the highest saddles, which basins are to be joined to a neighbor.
Joiner = Callable[[FloatArray], BoolArray]

_PLACE = (1 << 32) - 1


def split_regions(
    masks: BoolArray,
    *,
    depth: float = 1.0,
    min_distance: float | None = None,
    seeds: BoolArray | None = None,
    connectivity: int = 1,
    spacing: FloatArray | None = None,
) -> BoolArray:
    """Cut the regions of masks at their necks, along lines of one pixel.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    depth : float, default=1.0
        How much less wide the neck is than the smaller part, as a difference of radii.
    min_distance : float, optional
        Least distance of the summits of two parts, which then counts and not the depth.
    seeds : ndarray of bool, same shape, optional
        Regions of which each makes a part, instead of the summits.
    connectivity : int, default=1
    spacing : ndarray of float, shape (n_axes,), optional
        Distance of neighboring pixels along each axis, 1 by default.
    """
    steps = np.ones(masks.ndim - 1) if spacing is None else spacing
    cut = np.empty(masks.shape, dtype=bool)
    for block in blocks_of_images(masks.shape):
        given = None if seeds is None else seeds[block] & masks[block]
        hills = _Hills(masks[block], given, connectivity, steps)
        if seeds is not None:
            hills.join_seedless()
        elif min_distance is None:
            hills.join(lambda heights: heights < depth)
        else:
            # Basins of one plateau are one before the distances of summits count.
            hills.join(lambda heights: heights <= 0)
            hills.is_seed = hills.stand_apart(min_distance)
            hills.join_seedless()
        cut[block] = hills.cut()
    return cut


class _Hills:
    """The basins of the distance transform of a block of masks, in a flat array with background between rows.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    seeds : ndarray of bool, same shape, or None
        Foreground that no pointer leaves.
    connectivity : int
    spacing : ndarray of float, shape (n_axes,)

    Attributes
    ----------
    basins : ndarray of int32, shape (n_pixels,)
        Number of the basin of each pixel of the foreground, from 0 on.
    summits : ndarray of float, shape (n_basins,)
        Greatest distance in each basin.
    tops : ndarray of int, shape (n_basins,)
        Place of one pixel of that distance.
    is_seed : ndarray of bool, shape (n_basins,)
    """

    def __init__(
        self, masks: BoolArray, seeds: BoolArray | None, connectivity: int, spacing: FloatArray
    ) -> None:
        self.layout = Layout.of(masks.shape)
        self.connectivity = connectivity
        self.spacing = spacing
        self.distance = self._flat(_distances(masks, spacing), np.float32)
        self.places = np.flatnonzero(self._flat(masks, np.bool_))
        self.ranks = np.full(self.distance.size, -1, dtype=np.int32)
        self.ranks[self.places] = np.arange(self.places.size, dtype=np.int32)
        self.regions = _flat_regions(masks, self.distance.size, connectivity)
        pointers = self._ascend()
        seed_numbers = np.full(self.places.size, -1, dtype=np.int32)
        if seeds is not None:
            numbers = _flat_regions(seeds, self.distance.size, connectivity).take(self.places)
            held = np.flatnonzero(numbers)
            first = np.zeros(numbers.max(initial=0) + 1, dtype=np.int32)
            first[numbers[held][::-1]] = held[::-1]
            pointers[held] = first[numbers[held]]
            seed_numbers[held] = numbers[held]
        roots, basins = np.unique(_followed(pointers), return_inverse=True)
        self.basins: Int32Array = basins.astype(np.int32)
        self.tops: Array = self.places[roots]
        self.summits: FloatArray = self.distance[self.tops].astype(np.float64)
        self.is_seed: BoolArray = seed_numbers[roots] >= 0
        self._link()

    def join(self, wants: Joiner) -> None:
        """Join basins to their neighbors across their highest saddles as long as any want it."""
        while True:
            n_basins = self.tops.size
            # Saddles are in falling order: the first edge of a basin is over its highest one.
            edges = np.arange(self.saddles.size)
            first = np.full(n_basins, self.saddles.size)
            np.minimum.at(first, self.ones, edges)
            np.minimum.at(first, self.others, edges)
            highest = np.append(self.saddles, -np.inf)[first]
            joins = first[wants(self.summits - highest) & (first < self.saddles.size)]
            if not joins.size:
                return
            pairs = (self.ones[joins], self.others[joins])
            graph = coo_array((np.ones(joins.size, dtype=bool), pairs), shape=(n_basins, n_basins))
            _, joined = connected_components(graph, directed=False)
            self._rename(joined.astype(np.int32))

    def join_seedless(self) -> None:
        """Join the basins without a seed to their neighbors, as far as they have any."""
        self.join(lambda heights: ~self.is_seed)

    def stand_apart(self, min_distance: float) -> BoolArray:
        """Choose summits, the highest first, so that those of one region are `min_distance` apart."""
        images, *pixels = self.layout.pixels(self.tops)
        points = np.stack(pixels, axis=1) * self.spacing
        regions = self.regions[self.tops]
        extent = np.linalg.norm(np.ptp(points, axis=0)) if points.size else 0.0
        # Regions are moved apart along an axis of their own.
        tree = KDTree(np.column_stack([points, regions * (extent + 2 * min_distance + 1)]))
        near = tree.query_pairs(np.nextafter(min_distance, 0), output_type="ndarray")
        rank = np.empty(self.tops.size, dtype=np.intp)
        rank[np.lexsort((self.tops, -self.summits))] = np.arange(self.tops.size)
        lower = np.where(rank[near[:, 0]] > rank[near[:, 1]], near[:, 0], near[:, 1])
        higher = near.sum(axis=1) - lower
        chosen = np.ones(self.tops.size, dtype=bool)
        order = np.lexsort((rank[lower], rank[higher]))
        for low, high in zip(lower[order].tolist(), higher[order].tolist(), strict=True):
            if chosen[high]:
                chosen[low] = False
        return chosen

    def cut(self) -> BoolArray:
        """Paint the masks without the pixels that touch a basin of a higher number.

        The cut lies on one side of each border and is one pixel wide; on changing sides it would be wider.
        """
        numbers = self._painted()
        own = self.basins + 1
        stays = np.ones(self.places.size, dtype=bool)
        for distance, n_axes in _steps(self.layout):
            if n_axes <= self.connectivity:
                for offset in (distance, -distance):
                    stays &= numbers.take(self.places + offset) <= own
        flat = np.zeros(self.distance.size, dtype=bool)
        flat[self.places[stays]] = True
        masks: BoolArray = self.layout.images(flat).copy()
        return masks

    def _flat(self, images: Array, dtype: Any) -> Array:
        flat = np.zeros(self.layout.stop + self.layout.lead, dtype=dtype)
        self.layout.images(flat)[...] = images
        return flat

    def _painted(self) -> Int32Array:
        """Paint the number of each basin, from 1 on."""
        numbers = np.zeros(self.distance.size, dtype=np.int32)
        numbers[self.places] = self.basins + 1
        return numbers

    def _ascend(self) -> Int32Array:
        """Return the highest neighbor of each pixel, or itself, by the ranks of the pixels."""
        # Bits of floats that are not negative are in the order of the floats; of equal ones the last counts.
        keys = self.distance.view(np.int32).astype(np.int64) << 32
        keys |= np.arange(keys.size)
        inner = slice(self.layout.lead, self.layout.stop)
        best = keys[inner].copy()
        for distance, _ in _steps(self.layout):
            for offset in (distance, -distance):
                np.maximum(best, keys[inner.start + offset : inner.stop + offset], out=best)
        found = best.take(self.places - inner.start) & _PLACE
        if self.connectivity < len(self.layout.strides):
            strayed = np.flatnonzero(self.regions.take(found) != self.regions.take(self.places))
            places = self.places[strayed]
            own = keys[places]
            for distance, _ in _steps(self.layout):
                for offset in (distance, -distance):
                    is_own = self.regions[places + offset] == self.regions[places]
                    np.maximum(own, np.where(is_own, keys[places + offset], 0), out=own)
            found[strayed] = own & _PLACE
        return self.ranks.take(found)

    def _link(self) -> None:
        """Find the highest saddle of each pair of neighboring basins."""
        numbers = self._painted()
        inner = slice(self.layout.lead, self.layout.stop)
        before = numbers[inner]
        parts: list[tuple[Any, Any, Any]] = [(numbers[:0], numbers[:0], self.distance[:0])]
        for distance, n_axes in _steps(self.layout):
            after = numbers[inner.start + distance : inner.stop + distance]
            places = np.flatnonzero((before != after) & (np.minimum(before, after) > 0))
            places += inner.start
            if n_axes > self.connectivity:
                same = self.regions.take(places) == self.regions.take(places + distance)
                places = places[same]
            saddles = np.minimum(self.distance[places], self.distance[places + distance])
            parts.append((numbers[places] - 1, numbers[places + distance] - 1, saddles))
        ones, others, saddles = map(np.concatenate, zip(*parts, strict=True))
        order = np.argsort(-saddles, kind="stable")
        self.ones: Int32Array = ones[order]
        self.others: Int32Array = others[order]
        self.saddles: FloatArray = saddles[order].astype(np.float64)

    def _rename(self, joined: Int32Array) -> None:
        """Renumber the basins; several may get one number."""
        n_basins = joined.max() + 1
        self.basins = joined.take(self.basins)
        self.ones, self.others = joined.take(self.ones), joined.take(self.others)
        between = self.ones != self.others
        self.ones, self.others = self.ones[between], self.others[between]
        self.saddles = self.saddles[between]
        # The last of repeated assignments stays: that of the highest summit.
        order = np.lexsort((self.tops, self.summits))
        tops = np.empty(n_basins, dtype=self.tops.dtype)
        tops[joined[order]] = self.tops[order]
        summits = np.empty(n_basins)
        summits[joined[order]] = self.summits[order]
        is_seed = np.zeros(n_basins, dtype=bool)
        is_seed[joined[self.is_seed]] = True
        self.tops, self.summits, self.is_seed = tops, summits, is_seed


def _distances(masks: BoolArray, spacing: FloatArray) -> Float32Array:
    """Return the distance of each pixel from the background of its image; full masks are flat."""
    distances = np.ones(masks.shape, dtype=np.float32)
    for mask, distance in zip(masks, distances, strict=True):
        if not mask.all():
            distance[...] = distance_transform_edt(mask, sampling=spacing)
    return distances


def _flat_regions(masks: BoolArray, size: int, connectivity: int) -> Int32Array:
    """Paint the number of the region of each pixel, from 1 on in all images together."""
    objects = regions_of(masks, connectivity)
    steps = np.zeros(size, dtype=np.int32)
    numbers = (objects.numbers + 1).astype(np.int32)
    steps[objects.starts] = numbers
    steps[objects.ends] = -numbers
    return np.cumsum(steps, out=steps)


def _followed(pointers: Int32Array) -> Int32Array:
    """Return where each pixel arrives when pointers are followed to their ends."""
    while True:
        further = pointers.take(pointers)
        if np.array_equal(further, pointers):
            return pointers
        pointers = further


def _steps(layout: Layout) -> list[tuple[int, int]]:
    """Return the distances of half of the neighbors of a pixel, and along how many axes each step goes."""
    steps = np.array(list(product((-1, 0, 1), repeat=len(layout.strides))), dtype=np.intp)
    forward = steps[len(steps) // 2 + 1 :]
    distances = forward @ np.array(layout.strides, dtype=np.intp)
    return list(zip(distances.tolist(), np.count_nonzero(forward, axis=1).tolist(), strict=True))
