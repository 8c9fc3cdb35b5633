"""Images of a list, joined to rows of pixels for functions that look at single pixels."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Images are joined while they, and what is made of them, stay in a second-level cache. To copy larger images
# takes longer than to call a function for each.
JOINED_BYTES = 1 << 18
SMALL_BYTES = 1 << 14

# Counts of so many pixels take longer than to merge them with others. Images that are read one by one take
# longer than both, and are not to be held.
COUNTED_BYTES = 1 << 22
READ_BYTES = 1 << 20


def map_joined(
    function: Callable[[Any], Any], images: Iterable[NDArray[Any]]
) -> list[NDArray[Any]]:
    """Return what a function makes of each image; it takes pixels in any number and of any shape.

    To call it for each small image would take longer than its work.
    """
    results: list[NDArray[Any]] = []
    for part in _joinable(images, JOINED_BYTES, SMALL_BYTES):
        if len(part) == 1:
            results.append(function(part[0][np.newaxis])[0])
        else:
            results += _cut(function(_row_of(part))[0], part)
        del part  # which would be held while the images of the next one are read
    return results


def map_parts(
    function: Callable[[list[Any]], list[Any]], images: Iterable[NDArray[Any]]
) -> list[NDArray[Any]]:
    """Return what a function makes of lists of a few images of any shapes and of one dtype."""
    results: list[NDArray[Any]] = []
    for part in _joinable(images, JOINED_BYTES, JOINED_BYTES):
        results += function(part)
        del part
    return results


def _cut(row: NDArray[Any], images: list[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Yield the parts of a row that belong to images, in their shapes."""
    start = 0
    for image in images:
        stop = start + image.size
        yield row[start:stop].reshape(image.shape)
        start = stop


def rows_of(images: Iterable[NDArray[Any]], n_bytes: int) -> Iterator[NDArray[Any]]:
    """Yield the pixels of all images, small ones joined to rows of up to `n_bytes`."""
    return map(_row_of, _joinable(images, n_bytes, n_bytes))


def _row_of(part: list[NDArray[Any]]) -> NDArray[Any]:
    pixels = np.concatenate(part, axis=None) if len(part) > 1 else part[0].reshape(-1)
    return pixels[np.newaxis]


def _joinable(
    images: Iterable[NDArray[Any]], most: int, largest: int
) -> Iterator[list[NDArray[Any]]]:
    """Cut images into lists of small images of one dtype, and of single large images.

    A list has `most` bytes, an image in it `largest`. Images that are read one by one are not held any longer
    than those who take the lists hold them.
    """
    part: list[NDArray[Any]] = []
    n_bytes = 0
    for image in images:
        n_bytes += image.nbytes
        if part and (n_bytes > most or image.nbytes > largest or image.dtype != part[0].dtype):
            yield part
            part, n_bytes = [], image.nbytes
        part.append(image)
        del image
        if part[0].nbytes > largest:
            yield part
            part, n_bytes = [], 0
    if part:
        yield part
