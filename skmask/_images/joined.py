"""Small images of a list, joined to rows of pixels for functions that look at single pixels."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Images are joined while they, and what is made of them, stay in a second-level cache.
JOINED_BYTES = 1 << 18


def map_joined(
    function: Callable[[Any], Any], images: Iterable[NDArray[Any]]
) -> Iterator[NDArray[Any]]:
    """Yield what a function makes of each image; it takes pixels in any number and of any shape.

    To call it for each small image would take longer than its work.
    """
    for part in _joinable(images):
        pixels = np.concatenate(part, axis=None) if len(part) > 1 else part[0].reshape(-1)
        result, start = function(pixels[np.newaxis])[0], 0
        for image in part:
            stop = start + image.size
            yield result[start:stop].reshape(image.shape)
            start = stop


def _joinable(images: Iterable[NDArray[Any]]) -> Iterator[list[NDArray[Any]]]:
    """Cut a list of images into lists of small images of one dtype, and of single large images."""
    part: list[NDArray[Any]] = []
    n_bytes = 0
    for image in images:
        n_bytes += image.nbytes
        if part and (n_bytes > JOINED_BYTES or image.dtype != part[0].dtype):
            yield part
            part, n_bytes = [], image.nbytes
        part.append(image)
    yield part
