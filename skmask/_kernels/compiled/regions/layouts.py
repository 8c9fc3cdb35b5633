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

# What a flood keeps, where it starts, and whether it spreads through the corners of pixels.
KEEP_REACHED, OF_BACKGROUND, FROM_SEEDS, THROUGH_CORNERS = 1, 2, 4, 8


class Image(NamedTuple):
    """One image, as compiled functions see it.

    Attributes
    ----------
    height, width : int
        Number of rows of a slice, 1 for images of one axis, and of pixels of a row.
    distance : int
        Number of words of a row.
    n_slices : int
        Number of slices, which are planes of adjacent rows.
    n_pixels, n_words, n_runs : int
        Number of pixels and words, and of runs that the image may have.
    rows : ndarray of int
        The two numbers for each neighboring row.
    """

    height: Any
    width: Any
    distance: Any
    n_slices: Any
    n_pixels: Any
    n_words: Any
    n_runs: Any
    rows: Any


class ImageTable(NamedTuple):
    """The images of a call.

    Attributes
    ----------
    table : ndarray of int, shape (n_shapes, 2 * n_axes + 1 + 2 * n_steps)
        A row for each image, or one for all. It holds the image's shape, the distances along all axes but the
        last, its first word and its number of words. Two numbers for each neighboring row follow: how many
        bits it is away, and how many pixels a run reaches past its ends there.
    n_axes : int
        Number of axes of an image.
    n_words, n_runs : int
        Largest number of words of an image, and of runs that it may have.
    """

    table: IntArray
    n_axes: int
    n_words: int
    n_runs: int


def tabulate_images(shapes: IntArray, connectivity: int) -> ImageTable:
    """Describe images of some shapes, given by one row each."""
    n_axes = shapes.shape[1]
    steps, reaches = previous_steps(n_axes - 1, connectivity)
    strides = np.empty((len(shapes), n_axes), np.intp)
    strides[:, -1] = shapes[:, -1] // 64 + 1
    for axis in range(n_axes - 1, 0, -1):
        strides[:, axis - 1] = strides[:, axis] * (shapes[:, axis - 1] + 1)
    firsts = 1 + strides[:, 1:].sum(axis=1) if n_axes > 1 else 1 + strides[:, 0]
    n_words = 2 * firsts + strides[:, 0]
    rows = np.empty((len(shapes), len(steps), 2), np.intp)
    rows[..., 0], rows[..., 1] = 64 * strides[:, 1:] @ steps.T, reaches
    table = np.column_stack(
        [shapes, strides[:, 1:], firsts, n_words, rows.reshape(len(shapes), -1)]
    )
    n_runs = shapes[:, :-1].prod(axis=1) * (shapes[:, -1] + 1 >> 1)
    return ImageTable(table.astype(np.intp), n_axes, int(n_words.max()), int(n_runs.max()))


@jit
def read_image(row: Any, n_axes: Any) -> Any:
    """Return the image of a row of the table."""
    height, width = row[n_axes - 2] if n_axes > 1 else 1, row[n_axes - 1]
    n_slices = 1
    for axis in range(n_axes - 2):
        n_slices *= row[axis]
    n_rows = n_slices * height
    return Image(
        height,
        width,
        (width >> 6) + 1,
        n_slices,
        n_rows * width,
        row[2 * n_axes],
        n_rows * (width + 1 >> 1),
        row[2 * n_axes + 1 :],
    )


@jit
def find_slice(number: Any, image: Any, n_axes: Any) -> Any:
    """Return the first word of a slice of adjacent rows, and whether it is on the frame of its image."""
    first = image[2 * n_axes - 1]
    on_frame = False
    for axis in range(n_axes - 3, -1, -1):
        size = image[axis]
        index = number % size
        number //= size
        first += index * image[n_axes + axis]
        on_frame |= index == 0 or index == size - 1
    return first, on_frame
