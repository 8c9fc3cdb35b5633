"""Convex hulls of masks, exact on the pixel grid.

A pixel belongs to the hull when its center lies in the convex hull of the centers of all foreground pixels,
or on its border. A convex body meets every row of pixels in one run: the hull is found as the first and the
last pixel of every row, in whole numbers, and painted.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from skmask._kernels.regions.rules import BLOCK_PIXELS, blocks_of_images
from skmask._kernels.regions.runs import BoolArray, IntArray, Layout, paint_runs


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


def _fill_rows(masks: BoolArray) -> BoolArray:
    """Fill the hulls of a block between their first and last pixels in every row."""
    width = masks.shape[-1]
    lows = masks.argmax(axis=-1)
    highs = width - 1 - masks[..., ::-1].argmax(axis=-1)
    highs[~masks.any(axis=-1)] = -1
    if masks.ndim == 3:
        lows, highs = _planar_hulls(lows, highs)
    elif masks.ndim > 3:
        for image in range(len(masks)):
            lows[image], highs[image] = _solid_hull(lows[image], highs[image])
    filled = lows <= highs
    rows = Layout.of(masks.shape).rows()[filled]
    return paint_runs(masks.shape, rows + lows[filled], rows + highs[filled] + 1)


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

    Quickhull, of all functions at once: the samples that rise highest above the chord between
    the vertices beside them become vertices, until none rises above its chord. Where a function
    has not begun or has ended the result is lower than all numbers.
    """
    begun = np.logical_or.accumulate(valid, axis=-1)
    ended = ~np.logical_or.accumulate(valid[..., ::-1], axis=-1)[..., ::-1]
    inside = begun & ~ended
    function = np.flatnonzero(inside) // heights.shape[-1]
    height, sample = heights[inside], valid[inside]
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
            break
        vertex |= found
    majorants = np.full(heights.shape, -np.iinfo(np.intp).max)
    majorants[inside] = height[before] + rise * ahead // np.maximum(run, 1)
    return majorants


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


def _planes(points: IntArray) -> NDArray[np.float64]:
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

    That is `points` itself, unless they lie in a plane, on a line or in one point. Then an apex
    beside it is added along each axis that is missing, on either side: the pyramids over one
    base with their tips on opposite sides have that base in common, and no more.
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
