"""The pixels under masks, one after another."""

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled import has_twin


@has_twin("pixels.selection")
def select_pixels(images: Array, masks: BoolArray) -> Array:
    """Return the pixels of foreground in C order, given images and masks of one shape."""
    return images[masks]
