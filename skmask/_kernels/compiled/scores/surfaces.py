"""Twins of `skmask._kernels.scores.surfaces`: each pixel looks for the other surface by itself."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray, Int64Array, IntArray
from skmask._kernels.compiled.jit import jit

# To build a search tree takes as long as to compare so many pixels with all targets.
_MOST_PIXELS = 500


def near_distances(
    pixels: IntArray, is_target: BoolArray, steps: Int64Array, lengths: FloatArray
) -> FloatArray:
    """Compute the distance of each pixel to the first of its neighbors that is a target."""
    distances = np.empty(pixels.size)
    _look_near(pixels, is_target.view(np.uint8), steps, lengths, distances)
    return distances


def far_distances(
    pixels: IntArray, targets: IntArray, shape: tuple[int, ...], spacing: FloatArray
) -> FloatArray:
    """Compute the distance of each pixel to the nearest target; for few pixels in whole units of distance."""
    # Squares of whole numbers are exact, in whichever order they are added.
    if pixels.size > _MOST_PIXELS or (spacing != np.rint(spacing)).any():
        return NotImplemented
    near = np.searchsorted(targets, pixels)
    points = [np.stack(np.unravel_index(p, shape), axis=1) * spacing for p in (targets, pixels)]
    squares = np.empty(pixels.size)
    _look_far(*points, near, squares)
    return np.sqrt(squares)


@jit
def _look_near(pixels: Any, is_target: Any, steps: Any, lengths: Any, distances: Any) -> None:
    for i in range(pixels.size):
        distances[i] = np.inf
        for k in range(steps.size):
            if is_target[pixels[i] + steps[k]]:
                distances[i] = lengths[k]
                break


@jit
def _look_far(targets: Any, pixels: Any, near: Any, squares: Any) -> None:
    """Find the least squared distances, from the targets of the same row outwards."""
    n_targets, n_axes = targets.shape
    for i in range(len(pixels)):
        best = np.inf
        before, after = near[i] - 1, near[i]
        while before >= 0 or after < n_targets:
            for side in range(2):
                j = before if side == 0 else after
                if j < 0 or j >= n_targets:
                    continue
                square = (targets[j, 0] - pixels[i, 0]) ** 2
                if square >= best:  # and so are those of all targets beyond
                    before, after = (-1, after) if side == 0 else (before, n_targets)
                    continue
                for axis in range(1, n_axes):
                    square += (targets[j, axis] - pixels[i, axis]) ** 2
                best = min(best, square)
                before, after = (before - 1, after) if side == 0 else (before, after + 1)
        squares[i] = best
