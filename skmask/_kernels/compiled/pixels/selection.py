"""Twin of `skmask._kernels.pixels.selection`: every pixel is written, and kept if it is one."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.jit import as_source, jit


def select_pixels(images: Array, masks: BoolArray) -> Array:
    """Return the pixels of foreground in C order, given images and masks of one shape."""
    if images.shape != masks.shape or images.dtype.kind not in "biuf" or images.itemsize > 8:
        return NotImplemented
    # One compilation for each size of pixels. The end is written after the last pixel that is kept.
    words = as_source(images.ravel().view(f"u{images.itemsize}"))
    selected = np.empty(np.count_nonzero(masks) + 1, words.dtype)
    _select(words, as_source(masks.ravel().view(np.uint8)), selected)
    return selected[:-1].view(images.dtype)


@jit
def _select(words: Any, flags: Any, selected: Any) -> None:
    n = np.uint64(0)
    for i in range(words.size):
        selected[n] = words[i]
        # Not the byte itself: a copy of a view of other bytes has them, too.
        n += np.uint64(flags[i] != 0)
