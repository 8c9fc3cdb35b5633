"""Planes as compiled loops take them."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import as_source

# Booleans, integers and floats of 8 to 64 bits.
NUMBERS = frozenset("?bBhHiIlLqQfd")


def are_plain(image_shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Tell whether images are planes of a common dtype."""
    return len(image_shape) == 2 and 0 not in image_shape and dtype.char in NUMBERS


def plain_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype that images have for compiled loops: bytes in the place of booleans."""
    return np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")


def plain(images: Array) -> Array:
    """Return images that are contiguous, in the byte order of the machine, and read-only."""
    dtype = images.dtype
    if not (images.flags.c_contiguous and dtype.isnative):
        images = np.ascontiguousarray(images, dtype.newbyteorder("="))
    return as_source(images.view(np.uint8) if dtype.char == "?" else images)
