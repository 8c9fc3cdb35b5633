"""How images lie in words of 64 pixels: one image after the other, in the same memory.

Every row of an image is packed into words, and ends in a bit of background at least. Every axis before the
last ends in a row of background. As many words of background as the distance of the last neighboring row
precede and follow all others.
"""

from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import IntArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.regions.runs import previous_steps

# What a flood keeps, and where it starts.
KEEP_REACHED, OF_BACKGROUND, FROM_SEEDS = 1, 2, 4


class ImageTable(NamedTuple):
    """The images of a call.

    Attributes
    ----------
    table : ndarray of int, shape (n_steps + n_shapes, n_axes)
        First the steps to neighboring rows: along all axes but the last, and the number of pixels that a run
        reaches past its ends there. Then the shape of each image, or one for all.
    n_steps : int
    n_words, n_runs : int
        Largest number of words of an image, and of runs that it may have.
    """

    table: IntArray
    n_steps: int
    n_words: int
    n_runs: int


def tabulate_images(shapes: IntArray, connectivity: int) -> ImageTable:
    """Describe images of some shapes, given by one row each."""
    n_axes = shapes.shape[1]
    steps, reaches = previous_steps(n_axes - 1, connectivity)
    table = np.concatenate([np.column_stack([steps, reaches]), shapes]).astype(np.intp)
    distances = shapes[:, -1] // 64 + 1
    firsts = 1 + distances
    for axis in range(n_axes - 2, -1, -1):
        distances = distances * (shapes[:, axis] + 1)
        firsts += distances if axis else 0
    n_words = 2 * firsts + distances
    n_runs = shapes[:, :-1].prod(axis=1) * (shapes[:, -1] + 1 >> 1)
    return ImageTable(table, len(steps), int(n_words.max()), int(n_runs.max()))


@jit
def lay_out(shape: Any, steps: Any, strides: Any, rows: Any) -> Any:
    """Lay out an image, and return its first word and its number of words.

    Strides, the distances along all axes but the last, are in words. The distances of neighboring rows are in
    bits, beside the number of pixels that a run reaches past its ends there.
    """
    n = strides.size
    distance = (shape[n] >> 6) + 1
    first = 1 + distance
    for axis in range(n - 1, -1, -1):
        strides[axis] = distance
        distance *= shape[axis] + 1
        first += distance if axis else 0
    for k in range(len(rows)):
        rows[k, 0] = 0
        for axis in range(n):
            rows[k, 0] += 64 * steps[k, axis] * strides[axis]
        rows[k, 1] = steps[k, n]
    return first, 2 * first + distance


@jit
def find_slice(number: Any, shape: Any, strides: Any) -> Any:
    """Return how far a slice of adjacent rows is from the first, and whether it is on the frame."""
    distance = np.intp(0)
    on_frame = False
    for axis in range(shape.size - 3, -1, -1):
        size = shape[axis]
        index = number % size
        number //= size
        distance += index * strides[axis]
        on_frame |= index == 0 or index == size - 1
    return distance, on_frame
