"""Objects as runs of pixels, and their geometry: what is measured of many objects at once.

An object is any set of pixels of one image: a connected region, a whole mask, or the pixels of one label.
All three are runs, unbroken rows of pixels along the last axis, with the number of an object for each run::

    0 1 1 0 2        runs (row, start, end): (0, 1, 3) (0, 4, 5) (1, 0, 3)
    1 1 1 0 0        objects:                 0         1         0

Sums over the pixels of a run have closed forms, so that areas, bounds and moments of all objects are a few
weighted counts of runs. Perimeters and Euler numbers depend on neighboring rows and count pairs of runs
that overlap. Nothing loops over pixels or objects.
"""

from collections.abc import Sequence
from functools import cached_property, reduce
from itertools import combinations
from math import atan2, hypot, pi
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Int32Array, IntArray, IntegerArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.regions.runs import (
    Layout,
    Regions,
    find_regions,
    first_pixels,
    paint_regions,
)

Runs = tuple[IntArray, IntArray, IntArray]


class Objects:
    """The objects in a block of images, and their geometry, computed when it is asked for.

    Parameters
    ----------
    shape : tuple of int
        Shape of the block, ``(n_images, *image_shape)``.
    starts, ends : ndarray of int, shape (n_runs,)
        Places where the runs start and have ended, in rising order, in the `Layout` of the block.
    numbers : ndarray of int, shape (n_runs,)
        Object of each run.
    images : ndarray of int, shape (n_objects,)
        Image of each object, in rising order.
    labels : ndarray of int, shape (n_objects,)
        Label of each object in its image.
    spacing : ndarray of float, shape (n_axes,), optional
        Distance of neighboring pixels along each axis, 1 by default.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        starts: IntArray,
        ends: IntArray,
        numbers: IntegerArray,
        images: IntArray,
        labels: IntArray,
        spacing: FloatArray | None = None,
    ) -> None:
        self.shape = shape
        self.layout = Layout.of(shape)
        self.starts = starts
        self.ends = ends
        self.numbers: IntArray = np.asarray(numbers, dtype=np.intp)
        self.images = images
        self.labels = labels
        self.spacing = np.ones(len(shape) - 1) if spacing is None else spacing
        self._pairs: dict[int, tuple[IntArray, IntArray]] = {}

    def __len__(self) -> int:
        return len(self.images)

    @property
    def n_axes(self) -> int:
        """Number of axes of an image."""
        return len(self.shape) - 1

    @cached_property
    def lengths(self) -> IntArray:
        """Number of pixels of each run."""
        return self.ends - self.starts

    @cached_property
    def pixels(self) -> tuple[IntArray, ...]:
        """Index of the first pixel of each run, along each axis of the image."""
        return self.layout.pixels(self.starts)[1:]

    @cached_property
    def area(self) -> IntArray:
        """Number of pixels of each object."""
        return self.total(self.lengths).astype(np.intp)

    @cached_property
    def bounds(self) -> IntArray:
        """First pixels, and one past the last ones: shape (n_objects, 2, n_axes); 0 for no pixels."""
        return _bounds_of(self)

    @cached_property
    def sums(self) -> FloatArray:
        """Sums of the coordinates of each object along each axis, counted from its bounds."""
        return _sums_of(self)

    @cached_property
    def products(self) -> FloatArray:
        """Sums of the products of coordinates along pairs of axes: shape (n_objects, n_axes, n_axes)."""
        return _products_of(self)

    @cached_property
    def centroid(self) -> FloatArray:
        """Mean coordinates of each object; NaN for no pixels."""
        return self.bounds[:, 0] + self.per_pixel(self.sums)

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the coordinates of each object, with spacing: shape (n, n_axes, n_axes)."""
        mean = self.per_pixel(self.sums)
        covariance = self.per_pixel(self.products) - mean[:, :, np.newaxis] * mean[:, np.newaxis]
        return covariance * np.multiply.outer(self.spacing, self.spacing)

    @cached_property
    def principal_variances(self) -> FloatArray:
        """Variances along the principal axes of each object, largest first; NaN for no pixels."""
        filled = self.area > 0
        variances = np.full((len(self), self.n_axes), np.nan)
        variances[filled] = np.linalg.eigvalsh(self.covariance[filled])[:, ::-1].clip(0)
        return variances

    @cached_property
    def perimeter(self) -> FloatArray:
        """Length of the border of each plane object by Crofton's formula, see `statistics`."""
        height, width = self.spacing
        angle = atan2(height, width)
        row = self.layout.strides[0]
        pairs = {shift: self._shared_pixels(row + shift) for shift in (-1, 0, 1)}
        n_runs = self.total()
        diagonal = 2 * (2 * self.area - pairs[-1] - pairs[1])
        total: FloatArray = (
            height * angle * 2 * n_runs
            + width * (pi / 2 - angle) * 2 * (self.area - pairs[0])
            + height * width / hypot(height, width) * (pi / 4) * diagonal
        ) / 2
        return total

    def euler_number(self, connectivity: int = 1) -> IntArray:
        """Count the parts of each object less their tunnels, and so on; in the plane, less their holes.

        Cubes, squares and edges need not be counted along the runs: a run of n pixels has n - 1 edges, and
        one more vertex. With face connectivity it is a sum over all sets of the other axes, with
        alternating signs. Each term is the number of runs in the intersection of the object with itself
        moved by a pixel along these axes. With full connectivity unions take the place of intersections,
        and ends of runs that meet are joined.
        """
        strides = self.layout.strides[:-1]
        if connectivity == 1 and len(strides) == 1:
            pairs = np.bincount(self.numbers[self._overlaps(strides[0])[0]], minlength=len(self))
            return (self.total() - pairs).astype(np.intp)
        own = (self.starts, self.ends, self.numbers)
        total = np.zeros(len(self))
        for size in range(len(strides) + 1):
            for moves in combinations(strides, size):
                if connectivity == 1:
                    runs, sign = reduce(_meet, moves, own), (-1) ** size
                else:
                    runs, sign = reduce(_join, moves, own), (-1) ** (len(strides) - size)
                total += sign * np.bincount(runs[2], minlength=len(self))
        return total.astype(np.intp)

    def n_regions(self) -> IntArray:
        """Count the parts of each object whose pixels are connected by their faces."""
        links = [self._overlaps(stride) for stride in self.layout.strides[:-1]]
        ones, others = np.concatenate([np.empty((2, 0), dtype=np.intp), *links], axis=1)
        parts = _components(self.starts.size, ones, others)
        first = np.unique(parts, return_index=True)[1]
        return np.bincount(self.numbers[first], minlength=len(self))

    def total(self, weights: Array | None = None) -> FloatArray:
        """Sum numbers, one a run, for each object; without numbers, count the runs."""
        totals: Any = np.bincount(self.numbers, weights, len(self))
        return totals

    def per_pixel(self, total: Array) -> FloatArray:
        """Divide numbers for each object, one or a row, by its area; NaN for no pixels."""
        area = np.where(self.area > 0, self.area, np.nan)
        return np.divide(total, area.reshape(-1, *[1] * (total.ndim - 1)))

    def rows(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Return the rows that objects have pixels in, sorted by object.

        Returns
        -------
        numbers, places, lows, highs : ndarray of int, shape (n_rows,)
            Object, place of the row, first and last pixel of the object in it.
        """
        places = self.starts - self.pixels[-1]
        order = np.argsort(self.numbers, kind="stable")
        numbers, places = self.numbers[order], places[order]
        is_first = np.ones(order.size, dtype=bool)
        is_first[1:] = (numbers[1:] != numbers[:-1]) | (places[1:] != places[:-1])
        is_last = np.roll(is_first, -1)
        lows = self.pixels[-1][order[is_first]]
        highs = (self.ends[order] - places)[is_last] - 1
        return numbers[is_first], places[is_first], lows, highs

    @cached_property
    def relative(self) -> tuple[IntArray, ...]:
        """Index of the first pixel of each run along each axis, counted from the bounds of its object."""
        origins = self.bounds[:, 0].take(self.numbers, axis=0)
        return tuple(index - origins[:, axis] for axis, index in enumerate(self.pixels))

    @cached_property
    def first_moments(self) -> tuple[Array, ...]:
        """Sums of the coordinates of the pixels of each run, along each axis."""
        *others, start = self.relative
        along = self.lengths * (2 * start + self.lengths - 1) / 2
        return (*(self.lengths * index for index in others), along)

    def _overlaps(self, distance: int) -> tuple[IntArray, IntArray]:
        """Return the pairs of runs of one object that overlap when the second is moved by a distance."""
        if distance not in self._pairs:
            self._pairs[distance] = _overlaps(self.starts, self.ends, distance, self.numbers)
        return self._pairs[distance]

    def _shared_pixels(self, distance: int) -> FloatArray:
        """Count the pixels of each object that are also in it when it is moved by a distance."""
        ones, others = self._overlaps(distance)
        start = np.maximum(self.starts[ones], self.starts[others] + distance)
        end = np.minimum(self.ends[ones], self.ends[others] + distance)
        shared: Any = np.bincount(self.numbers[ones], end - start, len(self))
        return shared


@has_twin("regions.moments")
def _bounds_of(objects: Objects) -> IntArray:
    """Return first pixels, and one past the last ones; 0 for no pixels."""
    bounds = np.zeros((len(objects), 2, objects.n_axes), dtype=np.intp)
    bounds[:, 0] = np.where(objects.area > 0, max(objects.shape), 0)[:, np.newaxis]
    for axis, index in enumerate(objects.pixels):
        last = index + objects.lengths if axis == objects.n_axes - 1 else index + 1
        np.minimum.at(bounds[:, 0, axis], objects.numbers, index)
        np.maximum.at(bounds[:, 1, axis], objects.numbers, last)
    return bounds


@has_twin("regions.moments")
def _sums_of(objects: Objects) -> FloatArray:
    """Return the sums of the coordinates along each axis, counted from the bounds."""
    return np.stack([objects.total(weights) for weights in objects.first_moments], axis=1)


@has_twin("regions.moments")
def _products_of(objects: Objects) -> FloatArray:
    """Return the sums of the products of coordinates along pairs of axes."""
    products = np.empty((len(objects), objects.n_axes, objects.n_axes))
    places, first = objects.relative, objects.first_moments
    for one in range(objects.n_axes):
        for other in range(one, objects.n_axes):
            if one == other == objects.n_axes - 1:
                start, length = places[-1], objects.lengths
                # Of n numbers from s on: the sum of the squares.
                product = length * start * (start + length - 1)
                product += (length - 1) * length * (2 * length - 1) // 6
            else:
                product = places[one] * first[other]
            products[:, one, other] = products[:, other, one] = objects.total(product)
    return products


def objects_of(regions: Regions) -> Objects:
    """Make objects of the connected regions of masks, by the numbers that these have."""
    images, _ = first_pixels(regions)
    labels = np.arange(1, regions.n_regions + 1)
    return Objects(regions.shape, regions.starts, regions.ends, regions.labels, images, labels)


def regions_of(
    masks: BoolArray, connectivity: int = 1, spacing: FloatArray | None = None
) -> Objects:
    """Make objects of the connected regions of masks, numbered image by image in C order."""
    regions = find_regions(masks, connectivity)
    images, first = first_pixels(regions)
    numbers = regions.labels
    if (first[1:] < first[:-1]).any():  # never in the compiled engine
        order = np.argsort(first)
        ranks = np.empty(order.size, dtype=np.int32)
        ranks[order] = np.arange(order.size, dtype=np.int32)
        numbers, images = ranks.take(numbers), images[order]
    per_image = np.bincount(images, minlength=len(masks))
    before = np.repeat(np.cumsum(per_image) - per_image, per_image)
    labels = np.arange(1, images.size + 1) - before
    return Objects(masks.shape, regions.starts, regions.ends, numbers, images, labels, spacing)


def labels_of(
    label_images: IntegerArray,
    spacing: FloatArray | None = None,
    *,
    labels: Sequence[int] | None = None,
) -> Objects:
    """Make an object of each label other than 0 in each image, or of given labels, there or not."""
    layout = Layout.of(label_images.shape)
    flat = np.zeros(layout.size, dtype=label_images.dtype)
    layout.images(flat)[...] = label_images
    cuts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    values = flat.take(cuts[:-1])
    wanted = values != 0 if labels is None else np.isin(values, labels)
    starts, ends, values = cuts[:-1][wanted], cuts[1:][wanted], values[wanted]
    images = (starts - layout.lead) // layout.image_size
    if labels is None:
        known, ranks = np.unique(values, return_inverse=True)
        codes, numbers = np.unique(images * known.size + ranks, return_inverse=True)
        of_image, rank = np.divmod(codes, max(1, known.size))
    else:
        known = np.unique(labels)
        numbers = images * known.size + np.searchsorted(known, values)
        of_image = np.repeat(np.arange(len(label_images)), known.size)
        rank = np.tile(np.arange(known.size), len(label_images))
    of_label = known.astype(np.intp)[rank]
    return Objects(label_images.shape, starts, ends, numbers, of_image, of_label, spacing)


def paint_labels(objects: Objects, labels: Int32Array) -> None:
    """Write the labels of objects to a block of zeros of their shape, contiguous in C order."""
    values = objects.labels.astype(np.int32).take(objects.numbers)
    _paint_values(labels, objects.starts, objects.ends, values)


@has_twin("regions.runs")
def _paint_values(labels: Int32Array, starts: IntArray, ends: IntArray, values: Int32Array) -> None:
    """Write a value to all pixels of each run."""
    # With padding, as places without it would take a division for each run.
    layout = Layout.of(labels.shape)
    steps = np.zeros(layout.size, dtype=np.int32)
    steps[starts] = values
    # Where a run ends the next one may start.
    steps[ends] -= values
    labels[...] = layout.images(np.cumsum(steps, out=steps))


def paint_objects(objects: Objects, keep: BoolArray) -> BoolArray:
    """Make the masks that hold the objects where `keep`, of shape (n_objects,), is True."""
    numbers = objects.numbers.astype(np.int32)
    regions = Regions(objects.shape, objects.starts, objects.ends, numbers, len(objects))
    return paint_regions(regions, keep)


def merged_runs(starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Return the runs of the union of runs, which may overlap and come in any order."""
    starts, ends, _ = _merge(starts, ends, np.zeros_like(starts))
    return starts, ends


def _merge(starts: IntArray, ends: IntArray, numbers: IntArray) -> Runs:
    """Join the runs of each object that overlap or touch."""
    order = np.lexsort((starts, numbers))
    starts, ends, numbers = starts[order], ends[order], numbers[order]
    if not order.size:
        return starts, ends, numbers
    # Objects are moved apart, so that the furthest end so far is one of the same object.
    offset = numbers * (ends.max() + 1)
    furthest = np.maximum.accumulate(ends + offset) - offset
    is_first = np.ones(order.size, dtype=bool)
    is_first[1:] = (numbers[1:] != numbers[:-1]) | (starts[1:] > furthest[:-1])
    is_last = np.roll(is_first, -1)
    return starts[is_first], furthest[is_last], numbers[is_first]


def _join(runs: Runs, distance: int) -> Runs:
    """Return the union of objects with themselves moved by a distance."""
    starts, ends, numbers = runs
    return _merge(
        np.concatenate([starts, starts + distance]),
        np.concatenate([ends, ends + distance]),
        np.concatenate([numbers, numbers]),
    )


def _meet(runs: Runs, distance: int) -> Runs:
    """Return the intersection of objects with themselves moved by a distance."""
    starts, ends, numbers = runs
    ones, others = _overlaps(starts, ends, distance, numbers)
    return (
        np.maximum(starts[ones], starts[others] + distance),
        np.minimum(ends[ones], ends[others] + distance),
        numbers[ones],
    )


def _overlaps(
    starts: IntArray, ends: IntArray, distance: int, numbers: IntegerArray
) -> tuple[IntArray, IntArray]:
    """Return the pairs of runs of one object that overlap when the second is moved by a distance."""
    ones, others = overlapping(starts, ends, starts + distance, ends + distance)
    same = numbers[ones] == numbers[others]
    return ones[same], others[same]


def overlapping(
    starts: IntArray, ends: IntArray, other_starts: IntArray, other_ends: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the pairs of runs, of two lists in rising order, that have a pixel in common."""
    first = np.searchsorted(other_ends, starts, side="right")
    n_pairs = np.searchsorted(other_starts, ends, side="left") - first
    ones = np.repeat(np.arange(starts.size), n_pairs)
    before = np.cumsum(n_pairs) - n_pairs
    return ones, np.arange(ones.size) + np.repeat(first - before, n_pairs)


def _components(n_nodes: int, ones: IntArray, others: IntArray) -> Int32Array:
    """Return the connected component of each node of a graph."""
    graph = coo_array((np.ones(ones.size, dtype=bool), (ones, others)), shape=(n_nodes, n_nodes))
    _, parts = connected_components(graph, directed=False)
    return parts
