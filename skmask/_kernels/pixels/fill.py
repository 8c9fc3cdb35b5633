"""Filling the pixels outside a mask, as ``np.where(mask, images, fill)`` does, by bits instead of branches.

The bits of a pixel, read as an integer, are kept inside the mask and cleared outside. Whole vectors pass
at once whatever the mask looks like. A NaN outside the mask does not survive, as it does in a
multiplication of floats. An exclusive or before and after puts any other value in the place of zero:
``keep(x ^ fill) ^ fill``.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.pixels.namespaces import as_dtype, bits, like, namespace
from skmask._kernels.pixels.slabs import slabs

# Pixels worked on at a time when three passes are needed: they stay in a level-two cache.
_CHUNK = 1 << 15

# Integers as which pixels are read, by their size in bytes.
_BITS: dict[int, np.dtype[Any]] = {
    size: np.dtype(name) for size, name in ((1, "u1"), (2, "u2"), (4, "u4"), (8, "i8"))
}


def fill_outside(
    images: Array,
    mask: BoolArray,
    fill: Array,
    *,
    channel_axis: int | None = None,
) -> Array:
    """Compute ``np.where(mask, images, fill)`` in the dtype of `fill`.

    Parameters
    ----------
    images : ndarray of shape (n, *image_shape)
        Images of another library are filled where they are.
    mask : ndarray of bool, same shape but for the axis of the channels
    fill : ndarray that broadcasts to the shape of the images
        Fill value; its dtype is the dtype of the result and must hold the pixels of `images`.
    channel_axis : int, optional
        Axis of `images` that the mask lacks.

    Returns
    -------
    filled : ndarray of shape (n, *image_shape), dtype of `fill`
    """
    dtype = fill.dtype
    if not isinstance(images, np.ndarray):
        return _fill_array_api(images, mask, fill, channel_axis)
    if channel_axis is not None:
        mask = _by_channel(mask, images.shape, channel_axis)
    if dtype.itemsize not in _BITS:
        return np.where(mask, images, fill).astype(dtype, copy=False)
    images = images.astype(dtype, copy=False)
    bits = _BITS[dtype.itemsize]
    return _select(images.view(bits), mask, fill.view(bits)).view(dtype)


@has_twin("pixels.fill")
def _select(pixels: Array, mask: BoolArray, other: Array) -> Array:
    """Return pixels, read as integers, inside the mask, and others outside."""
    selected = np.empty_like(pixels)
    keep: np.ufunc
    if pixels.itemsize == 8:
        # Vector units multiply no integers of 64 bits. As signed numbers the masks -1 and 0 widen to all
        # bits and none.
        keep, kept = np.bitwise_and, np.negative(mask.view(np.int8))
    else:
        keep, kept = np.multiply, mask.view(np.uint8)
    if other.ndim == 0 and other.item() == 0:
        keep(pixels, kept, out=selected)
        return selected
    other = np.broadcast_to(other, pixels.shape)
    for chunk in slabs(pixels.shape, _CHUNK):
        part = selected[chunk]
        np.bitwise_xor(pixels[chunk], other[chunk], out=part)
        keep(part, kept[chunk], out=part)
        np.bitwise_xor(part, other[chunk], out=part)
    return selected


def _by_channel(mask: BoolArray, shape: tuple[int, ...], channel_axis: int) -> BoolArray:
    """Copy a mask for every channel, which is faster channel by channel than by broadcasting."""
    by_channel = np.empty(shape, np.bool_)
    for channel in np.moveaxis(by_channel, channel_axis, 0):
        channel[...] = mask
    return by_channel


def _fill_array_api(images: Any, mask: Any, fill: Array, channel_axis: int | None) -> Any:
    xp = namespace(images)
    if channel_axis is not None:
        mask = xp.expand_dims(mask, axis=channel_axis)
    images = as_dtype(images, fill.dtype)
    kept, others = bits(images), bits(like(fill, images))
    filled = xp.where(mask, kept, others)
    return filled if kept is images else filled.view(images.dtype)
