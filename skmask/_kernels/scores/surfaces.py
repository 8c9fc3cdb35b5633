"""How far apart the surfaces of two masks are."""

import itertools
from functools import lru_cache

import numpy as np
from scipy.spatial import KDTree

from skmask._kernels.arrays import BoolArray, FloatArray, Int64Array, IntArray, NumberArray
from skmask._kernels.compiled import has_twin

# How far to look for the other surface pixel by pixel, in pixels of the finest axis. Three to four are the
# best on blobs and on noise, in 2-D and 3-D: up to six times as fast as a search tree for all of them.
_NEAR = 3.5


def surface(mask: BoolArray) -> BoolArray:
    """Keep the pixels of a mask that share a face with the background or with the frame.

    Parameters
    ----------
    mask : ndarray of bool, any shape

    Returns
    -------
    surface : ndarray of bool, same shape
    """
    inside = mask.copy()
    for axis in range(mask.ndim):
        here, there = inside.swapaxes(0, axis), mask.swapaxes(0, axis)
        here[1:] &= there[:-1]
        here[:-1] &= there[1:]
        here[:1] = False
        here[-1:] = False
    return mask ^ inside


def surface_distances(
    a: BoolArray, b: BoolArray, spacing: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Compute how far each surface pixel of one mask is from the surface of the other.

    Parameters
    ----------
    a, b : ndarray of bool, same shape
        Two masks.
    spacing : ndarray of float, shape (a.ndim,)
        Distance of neighboring pixels along each axis.

    Returns
    -------
    from_a, from_b : ndarray of float64
        Euclidean distances, one a surface pixel: none for an empty mask, infinite ones to an empty mask.
    """
    box = _bounding_box(a | b)
    # A margin, so that no neighbor is beyond the array.
    reach = _neighbors(tuple(spacing), _NEAR)[0].max(axis=0)
    margin = [(size, size) for size in reach]
    surface_a, surface_b = surface(np.pad(a[box], margin)), surface(np.pad(b[box], margin))
    return _distances(surface_a, surface_b, spacing), _distances(surface_b, surface_a, spacing)


def hausdorff(
    from_a: FloatArray, from_b: FloatArray, percentile: float, empty: float = 0.0
) -> float:
    """Return the larger of both directions' percentiles; 100 gives the Hausdorff distance."""
    if from_a.size == 0 or from_b.size == 0:
        return empty if from_a.size == from_b.size else np.inf
    return float(max(np.percentile(from_a, percentile), np.percentile(from_b, percentile)))


def average_distance(from_a: FloatArray, from_b: FloatArray, empty: float = 0.0) -> float:
    """Return the mean over the pixels of both surfaces, or `empty`; https://doi.org/10.1109/TMI.2009.2013851."""
    n_pixels = from_a.size + from_b.size
    return float(from_a.sum() + from_b.sum()) / n_pixels if n_pixels else empty


def count_near(from_a: FloatArray, from_b: FloatArray, tolerance: float) -> tuple[int, int]:
    """Count the pixels of both surfaces within a tolerance of the other one, and all of them."""
    # In floats, three pixels of 0.1 are further than 0.3.
    limit = tolerance * (1 + 1e-9)
    near = np.count_nonzero(from_a <= limit) + np.count_nonzero(from_b <= limit)
    return int(near), from_a.size + from_b.size


def near_part(near: NumberArray, total: NumberArray, empty: float = 1.0) -> FloatArray:
    """Return near / total, the surface Dice score, `empty` without any surface; https://doi.org/10.2196/26151."""
    return np.divide(near, total, out=np.full(np.shape(total), empty), where=total != 0)


def _distances(source: BoolArray, target: BoolArray, spacing: FloatArray) -> FloatArray:
    """Compute the distance of every pixel of `source` to the nearest pixel of `target`.

    Surfaces that are worth comparing are close to each other. Neighbors are tried from the nearest
    outwards, all pixels at once; the few that find none of them ask a search tree.
    """
    offsets, lengths = _neighbors(tuple(spacing), _NEAR)
    is_target = target.reshape(-1)
    pixels = np.flatnonzero(source)
    distances = near_distances(pixels, is_target, offsets @ target.strides, lengths)
    left = np.flatnonzero(np.isinf(distances))
    if left.size and (targets := np.flatnonzero(is_target)).size:
        distances[left] = far_distances(pixels[left], targets, target.shape, spacing)
    return distances


@has_twin("scores.surfaces")
def near_distances(
    pixels: IntArray, is_target: BoolArray, steps: Int64Array, lengths: FloatArray
) -> FloatArray:
    """Compute the distance of each pixel to the first of its neighbors that is a target, infinity if none is.

    Parameters
    ----------
    pixels : ndarray of int, shape (n,)
        Places in `is_target`.
    is_target : ndarray of bool, shape (n_places,)
    steps, lengths : ndarray, shape (n_neighbors,)
        From a pixel to its neighbors: the offset in the array and the distance; from the nearest
        outwards.
    """
    distances = np.full(pixels.size, np.inf)
    left = np.arange(pixels.size)
    for step, length in zip(steps, lengths, strict=True):
        found = is_target[pixels + step]
        distances[left[found]] = length
        pixels, left = pixels[~found], left[~found]
        if left.size == 0:
            break
    return distances


@has_twin("scores.surfaces")
def far_distances(
    pixels: IntArray, targets: IntArray, shape: tuple[int, ...], spacing: FloatArray
) -> FloatArray:
    """Compute the distance of each pixel to the nearest target; both are rising indices of an array."""
    points = [np.stack(np.unravel_index(p, shape), axis=1) * spacing for p in (targets, pixels)]
    tree = KDTree(points[0], leafsize=32, compact_nodes=False, balanced_tree=False)
    distances: FloatArray = tree.query(points[1])[0]
    return distances


@lru_cache
def _neighbors(spacing: tuple[float, ...], near: float) -> tuple[Int64Array, FloatArray]:
    """List offsets of pixels and their lengths, from nothing up to `near` finest pixels."""
    limit = near * min(spacing)
    reaches = [int(limit / step) for step in spacing]
    grid = itertools.product(*(range(-reach, reach + 1) for reach in reaches))
    offsets = np.array(list(grid), dtype=np.int64).reshape(-1, len(spacing))
    lengths = np.sqrt(np.square(offsets * spacing).sum(axis=1))
    order = np.argsort(lengths)[: np.count_nonzero(lengths <= limit)]
    return offsets[order], lengths[order]


def _bounding_box(mask: BoolArray) -> tuple[slice, ...]:
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        used = np.flatnonzero(mask.any(axis=others))
        box.append(slice(used[0], used[-1] + 1) if used.size else slice(0))
    return tuple(box)
