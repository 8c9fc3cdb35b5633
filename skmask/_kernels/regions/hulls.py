"""Convex hulls of masks, exact on the pixel grid.

A pixel belongs to the hull when its center lies in the convex hull of the centers of all foreground pixels,
or on its border. A convex body meets every row of pixels in one run: the hull is found as the first and the
last pixel of every row, in whole numbers, and painted.
"""

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull

from skmask._kernels.arrays import BoolArray, FloatArray, IntArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.regions.objects import Objects, merged_runs
from skmask._kernels.regions.rules import BLOCK_PIXELS, blocks_of_images
from skmask._kernels.regions.runs import Layout, paint_runs


def convex_hull(masks: BoolArray) -> BoolArray:
    """Fill the convex hull of the foreground of every mask.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
        Empty masks stay empty; pixels on one line have a hull on that line, and pixels in one plane a hull
        in that plane.

    Returns
    -------
    ndarray of bool, shape (n_images, *image_shape)
    """
    hulls = np.empty(masks.shape, dtype=bool)
    for block in blocks_of_images(masks.shape):
        hulls[block] = _fill_rows(masks[block])
    return hulls


def convex_hulls(objects: Objects) -> BoolArray:
    """Fill the convex hull of every object, and give the union of the hulls of an image as its mask."""
    if objects.n_axes == 1:
        starts, ends = _spans(objects)
    elif objects.n_axes == 2:
        starts, ends = _planar_runs(objects)
    else:
        starts, ends = _solid_runs(objects)
    return paint_runs(objects.shape, *merged_runs(starts, ends))


def convex_areas(objects: Objects) -> IntArray:
    """Count the pixels in the convex hull of every object, of whole pixels and not of their centers.

    The hull is that of the middles of the faces of all pixels, and a pixel is in it when its center is, as
    in :func:`skimage.morphology.convex_hull_image`. In twice as many rows and columns all of them are whole
    numbers. It is 0 for an object without pixels.
    """
    if objects.n_axes == 1:
        areas: IntArray = objects.bounds[:, 1, 0] - objects.bounds[:, 0, 0]
        return areas
    if objects.n_axes == 2:
        numbers, _, lows, highs = _planar_hulls_of(objects, doubled=True)
        counts = np.bincount(numbers, (highs - lows + 1).clip(0), len(objects))
        return counts.astype(np.intp)
    # A box is its own hull. Small objects of one shape, of which noise is full, are counted once.
    is_box = (objects.bounds[:, 1] - objects.bounds[:, 0]).prod(axis=1) == objects.area
    areas = np.where(is_box, objects.area, 0)
    known: dict[tuple[Any, ...], int] = {}
    for number, _, lows, highs in _crops(objects, ~is_box):
        key = (lows.shape, lows.tobytes(), highs.tobytes())
        if key not in known:
            low, high = _solid_hull(*_doubled(lows, highs))
            even = (slice(1, None, 2),) * lows.ndim
            known[key] = (high[even] // 2 + -low[even] // 2 + 1).clip(0).sum()
        areas[number] = known[key]
    return areas


def _spans(objects: Objects) -> tuple[IntArray, IntArray]:
    """Return the runs from the first to the last pixel of objects of one axis."""
    row = objects.layout.rows()[objects.images]
    return row + objects.bounds[:, 0, 0], row + objects.bounds[:, 1, 0]


def _planar_runs(objects: Objects) -> tuple[IntArray, IntArray]:
    """Return the runs of the hulls of plane objects, each by itself."""
    numbers, rows, lows, highs = _planar_hulls_of(objects, doubled=False)
    places = objects.layout.rows()[objects.images[numbers], rows]
    filled = lows <= highs
    return (places + lows)[filled], (places + highs + 1)[filled]


def _planar_hulls_of(
    objects: Objects, *, doubled: bool
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the hulls of plane objects as object, row, first and last pixel of each of their rows.

    The hulls are those of the centers of the pixels or, when doubled, of the middles of their sides.
    """
    numbers, places, lows, highs = objects.rows()
    top, bottom = objects.bounds[:, 0, 0], objects.bounds[:, 1, 0]
    scale, edge = (2, 1) if doubled else (1, 0)
    counts = np.where(bottom > top, scale * (bottom - top - 1) + 1 + 2 * edge, 0)
    first = np.cumsum(counts) - counts
    rows = objects.layout.pixels(places)[1]
    spots = first[numbers] + scale * (rows - top[numbers]) + edge
    function = np.repeat(np.arange(len(objects)), counts)
    bounds = []
    for side in (-lows, highs):
        height = np.full(function.size, -(1 << 40))
        height[spots] = scale * side + edge
        if doubled:
            # A pixel reaches half a row up and down, in its middle.
            height[spots + 1] = 2 * side
            height[spots - 1] = np.maximum(height[spots - 1], 2 * side)
        majorant = _majorants_of(function, height, height > -(1 << 40))
        bounds.append(majorant // scale)
    ahead = np.arange(function.size) - first[function]
    is_row = ahead % scale == edge
    row = top[function] + ahead // scale
    return function[is_row], row[is_row], -bounds[0][is_row], bounds[1][is_row]


def _solid_runs(objects: Objects) -> tuple[IntArray, IntArray]:
    """Return the runs of the hulls of objects of three or more axes, each by itself."""
    starts, ends = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    rows = objects.layout.rows()
    for number, box, lows, highs in _crops(objects, objects.area > 0):
        low, high = _solid_hull(lows, highs)
        filled = low <= high
        places = rows[objects.images[number], *box[:-1]][filled] + box[-1].start
        starts.append(places + low[filled])
        ends.append(places + high[filled] + 1)
    return np.concatenate(starts), np.concatenate(ends)


def _crops(
    objects: Objects, wanted: BoolArray
) -> Iterator[tuple[int, tuple[slice, ...], IntArray, IntArray]]:
    """Return the numbers of objects, their boxes, and the first and last pixel in each row of its box."""
    numbers, places, lows, highs = objects.rows()
    _, *rows, _ = objects.layout.pixels(places)
    stops = np.cumsum(np.bincount(numbers, minlength=len(objects)))
    for number, (start, stop) in enumerate(pairwise([0, *stops.tolist()])):
        if not wanted[number]:
            continue
        begin, end = objects.bounds[number]
        *shape, width = end - begin
        own = tuple(index[start:stop] - one for index, one in zip(rows, begin, strict=False))
        low, high = np.full(shape, width), np.full(shape, -1)
        low[own], high[own] = lows[start:stop] - begin[-1], highs[start:stop] - begin[-1]
        yield number, tuple(map(slice, begin, end)), low, high


def _doubled(lows: IntArray, highs: IntArray) -> tuple[IntArray, IntArray]:
    """Return the bounds of the middles of the faces of pixels, in twice as many rows and columns."""
    occupied = lows <= highs
    shape = tuple(2 * size + 1 for size in lows.shape)
    low, high = np.full(shape, np.iinfo(np.int32).max), np.full(shape, -np.iinfo(np.int32).max)
    middle = (slice(1, None, 2),) * lows.ndim
    low[middle][occupied] = 2 * lows[occupied] - 1
    high[middle][occupied] = 2 * highs[occupied] + 1
    for axis in range(lows.ndim):
        for side in (slice(0, -1, 2), slice(2, None, 2)):
            beside = (*middle[:axis], side, *middle[axis + 1 :])
            np.minimum(low[beside], np.where(occupied, 2 * lows, low[beside]), out=low[beside])
            np.maximum(high[beside], np.where(occupied, 2 * highs, high[beside]), out=high[beside])
    return low, high


def _fill_rows(masks: BoolArray) -> BoolArray:
    """Fill the hulls of a block between their first and last pixels in every row."""
    lows, highs = row_ends(masks)
    if masks.ndim == 3:
        lows, highs = _planar_hulls(lows, highs)
    elif masks.ndim > 3:
        for image in range(len(masks)):
            lows[image], highs[image] = _solid_hull(lows[image], highs[image])
    filled = lows <= highs
    rows = Layout.of(masks.shape).rows()[filled]
    return paint_runs(masks.shape, rows + lows[filled], rows + highs[filled] + 1)


@has_twin("regions.hulls")
def row_ends(masks: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the first and the last pixel of foreground in every row: 0 and -1 of a row without any."""
    lows = masks.argmax(axis=-1)
    highs = masks.shape[-1] - 1 - masks[..., ::-1].argmax(axis=-1)
    highs[~masks.any(axis=-1)] = -1
    return lows, highs


def _planar_hulls(lows: IntArray, highs: IntArray) -> tuple[IntArray, IntArray]:
    """Return the bounds of planar hulls, given and taken as arrays of shape (n, n_rows).

    The last pixels of the rows are a function of the row whose least concave majorant bounds
    the hull; the first pixels are the same mirrored.
    """
    occupied = lows <= highs
    majorants = _concave_majorants(np.stack([-lows, highs]), np.stack([occupied, occupied]))
    return -majorants[0], majorants[1]


def _concave_majorants(heights: IntArray, valid: BoolArray) -> IntArray:
    """Round down the least concave functions above the `valid` heights along the last axis.

    Where a function has not begun or has ended the result is lower than all numbers.
    """
    begun = np.logical_or.accumulate(valid, axis=-1)
    ended = ~np.logical_or.accumulate(valid[..., ::-1], axis=-1)[..., ::-1]
    inside = begun & ~ended
    function = np.flatnonzero(inside) // heights.shape[-1]
    majorants = np.full(heights.shape, -np.iinfo(np.intp).max)
    majorants[inside] = _majorants_of(function, heights[inside], valid[inside])
    return majorants


def _majorants_of(function: IntArray, height: IntArray, sample: BoolArray) -> IntArray:
    """Round down the least concave functions above samples, one function after the other.

    Quickhull, of all functions at once: the samples that rise highest above the chord between
    the vertices beside them become vertices, until none rises above its chord. The first and the last
    height of each function are samples.
    """
    place = np.arange(height.size)
    vertex = np.ones(height.size, dtype=bool)
    vertex[1:-1] = (function[1:-1] != function[:-2]) | (function[1:-1] != function[2:])
    while True:
        before = np.maximum.accumulate(np.where(vertex, place, 0))
        after = np.minimum.accumulate(np.where(vertex, place, place.size)[::-1])[::-1]
        run, rise, ahead = after - before, height[after] - height[before], place - before
        above = np.where(sample, (height - height[before]) * run - rise * ahead, 0)
        highest = np.maximum.reduceat(above, np.flatnonzero(vertex))[np.cumsum(vertex) - 1]
        found = (above > 0) & (above == highest)
        if not found.any():
            return height[before] + rise * ahead // np.maximum(run, 1)
        vertex |= found


def _solid_hull(lows: IntArray, highs: IntArray) -> tuple[IntArray, IntArray]:
    """Return the bounds of one hull in any number of axes, given and taken as arrays of rows."""
    occupied = lows <= highs
    if not occupied.any():
        return lows, highs
    places = np.argwhere(occupied)
    ends = [lows[occupied], highs[occupied]]
    points = np.concatenate([np.column_stack([places, end]) for end in ends])
    planes = np.concatenate([_planes(solid) for solid in _solids(points)])

    # Products and sums of integers below 2**53 are exact in float64.
    rows = np.indices(lows.shape).reshape(lows.ndim, -1).astype(np.float64)
    low, high = np.full(lows.size, -np.inf), np.full(lows.size, np.inf)
    step = max(1, BLOCK_PIXELS // lows.size)
    for start in range(0, len(planes), step):
        block = planes[start : start + step]
        across, slope, offset = block[:, :-2], block[:, -2:-1], block[:, -1:]
        room = offset - across @ rows
        sign = np.sign(slope[:, 0])
        rising, level, falling = sign > 0, sign == 0, sign < 0
        np.minimum(
            high, np.floor(room[rising] / slope[rising]).min(axis=0, initial=np.inf), out=high
        )
        np.maximum(
            low, np.ceil(room[falling] / slope[falling]).max(axis=0, initial=-np.inf), out=low
        )
        high[(room[level] < 0).any(axis=0)] = -np.inf
    inside = low <= high
    low, high = np.where(inside, low, 0), np.where(inside, high, -1)
    return low.astype(np.intp).reshape(lows.shape), high.astype(np.intp).reshape(lows.shape)


def _planes(points: IntArray) -> FloatArray:
    """Return the planes ``normal . p <= offset`` of a hull in whole numbers, one a row."""
    hull = ConvexHull(points)
    corners = points[hull.simplices]
    normals = _normals(corners[:, 1:] - corners[:, :1])
    # Qhull may cut a face into simplices of which some are flat: the others hold its plane.
    proper = normals.any(axis=1)
    corners, normals = corners[proper], normals[proper]
    outward = (normals * hull.equations[proper, :-1]).sum(axis=1)
    normals[outward < 0] *= -1
    normals //= np.gcd.reduce(normals, axis=1, keepdims=True)
    offsets = (normals * corners[:, 0]).sum(axis=1, keepdims=True)
    return np.unique(np.hstack([normals, offsets]), axis=0).astype(np.float64)


def _normals(edges: IntArray) -> IntArray:
    """Return vectors at right angles to n - 1 edges each, given as an array of shape (m, n - 1, n).

    The cross product in n axes: its coordinates are the determinants of the edges without one axis,
    signs alternating, and a determinant is the product of one row with the normal of the others.
    """
    normals = np.ones((len(edges), edges.shape[2]), dtype=np.intp)
    if edges.shape[1]:
        for axis in range(edges.shape[2]):
            minors = np.delete(edges, axis, axis=2)
            normals[:, axis] = (-1) ** axis * (minors[:, 0] * _normals(minors[:, 1:])).sum(axis=1)
    return normals


def _solids(points: IntArray) -> list[IntArray]:
    """Return sets of points whose hulls have a volume, and the hull of `points` in common.

    The only set is `points` itself, unless they lie in a plane, on a line or in one point. Then an apex
    beside it is added along each axis that is missing, on either side: the pyramids over one base with
    their tips on opposite sides have that base in common, and no more.
    """
    # Bareiss's elimination: whole numbers that stay as small as determinants of the differences.
    differences, divisor = points - points[0], 1
    missing = list(range(points.shape[1]))
    while differences.any():
        pivot = differences[np.abs(differences).sum(axis=1).argmax()]
        axis = int(np.abs(pivot).argmax())
        missing.remove(axis)
        differences = (differences * pivot[axis] - differences[:, [axis]] * pivot) // divisor
        divisor = pivot[axis]
    apexes = np.eye(points.shape[1], dtype=np.intp)[missing]
    signs = np.array(list(product((-1, 1), repeat=len(missing))), dtype=np.intp)
    return [np.concatenate([points, points[0] + sign[:, np.newaxis] * apexes]) for sign in signs]
