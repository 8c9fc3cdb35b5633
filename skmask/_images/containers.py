"""Containers of images: what users hand in, seen as blocks of images, and results given back in kind.

Estimators see blocks only: arrays of shape ``(n_images, *image_shape)``. A stack or flat rows are one
block; a list of images of different sizes is one block for every size; what does not fit in memory is
read block by block.
"""

import math
from functools import partial
from numbers import Integral

import numpy as np

from skmask._images.dask_images import read_dask
from skmask._images.device_images import read_device
from skmask._images.images import (
    Copies,
    Images,
    ReadImages,
    is_list,
    read_array,
)
from skmask._images.reach import whole_images
from skmask._images.readers import (
    BlockReader,
    Latest,
    block_bounds,
    is_dask,
    is_foreign,
    is_on_device,
    is_reader,
    refuse_no_array,
    to_numpy,
)
from skmask._kernels.pixels.namespaces import dtype_of, like

# Images of a list are copied into blocks of this size, which saves calls for small ones.
_BATCH_BYTES = 1 << 20


def read_images(
    X,
    *,
    caller,
    image_shape=None,
    reach=whole_images,
    channel_axis=None,
    stays_on_device=False,
):
    """Read what a user hands in as images.

    Parameters
    ----------
    X : array-like of shape (n_images, *image_shape) or (n_images, n_pixels), or list of arrays
        A stack, flat rows, or a list of images of different sizes. A list is a list of images when
        every element is an array of two or more axes or an image of Pillow; other lists are ordinary
        array-likes.
    caller : str
        Name of the estimator, for errors.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into. Rows are images of one axis without it.
    reach : callable, default=whole_images
        ``reach(n_axes)`` says how far along each axis of an image the results for a pixel look; see
        `skmask.base.ImageTransformer`.
    channel_axis : int, default=None
        Axis of `X` that holds the channels.
    stays_on_device : bool, default=False
        Whether an array on a device is not to be copied to the host.

    Returns
    -------
    images : Images
        Blocks that share memory with `X` wherever NumPy can; they are never to be written to.
    """
    _check_image_shape(image_shape, caller)
    if _is_masked(X):
        msg = (
            f"{caller} expects plain arrays, got a numpy.ma.MaskedArray, whose mask would be lost. "
            "Use X.filled(value), with np.nan for pixels that are never foreground."
        )
        raise TypeError(msg)
    if is_list(X):
        return _read_list(X, caller, image_shape)
    if isinstance(X, np.ndarray) and X.ndim > 2 and X.dtype.kind == "O":
        msg = (
            f"{caller} expects pixels of a numeric dtype, got an object array of shape {X.shape}. "
            "Use X.astype(float), or a list of arrays for images of different sizes."
        )
        raise TypeError(msg)
    if stays_on_device and is_on_device(X) and X.ndim > 1:
        shape = _folded(X.shape, image_shape, caller)
        _check_block(shape, dtype_of(X), caller, image_shape)
        return read_device(X, shape)
    refuse_no_array(X, caller=caller, name="X")
    is_read = is_reader(X)
    stack = X if is_read else read_array(X, caller=caller, name="X")
    is_rows = stack.ndim == 2
    shape = _folded(stack.shape, image_shape, caller)
    _check_block(shape, stack.dtype, caller, image_shape)
    if is_dask(stack):
        return read_dask(stack, shape, is_rows=is_rows, reach=reach, channel_axis=channel_axis)
    if not is_read:
        return Images((stack.reshape(shape),), (shape,), is_rows=is_rows, give_back=_giver_of(X))
    bounds = block_bounds(stack)
    shapes = tuple((stop - start, *shape[1:]) for start, stop in bounds)
    blocks = BlockReader(Latest(stack), bounds, lambda block: block.reshape(-1, *shape[1:]))
    return ReadImages(blocks, shapes, is_rows=is_rows)


def _giver_of(X):
    """Give what makes arrays like an array of another library of those of NumPy; None for NumPy's."""
    return partial(like, array=X) if is_foreign(X) else None


def _is_masked(X):
    images = [X, *X] if isinstance(X, list | tuple) or is_list(X) else [X]
    # A dask array shows in an empty array of what its chunks are.
    return any(isinstance(getattr(one, "_meta", one), np.ma.MaskedArray) for one in images)


def _read_list(X, caller, image_shape):
    if any(getattr(image, "mode", None) == "P" for image in X):
        msg = (
            f"{caller} expects pixels to be values, got an image of Pillow with a palette, whose pixels are "
            "numbers of colors. Use image.convert('L'), or convert('RGB') with channel_axis."
        )
        raise ValueError(msg)
    groups = {}
    arrays = [np.asarray(to_numpy(image)) for image in X]
    for position, image in enumerate(arrays):
        groups.setdefault((image.shape, image.dtype), []).append(position)
    batches = []
    for (shape, dtype), members in groups.items():
        _check_block((len(members), *shape), dtype, caller, image_shape)
        # A large image is a block of its own, a view of what came in.
        step = max(1, _BATCH_BYTES // arrays[members[0]].nbytes)
        batches += [members[first : first + step] for first in range(0, len(members), step)]
    stops = np.cumsum([len(batch) for batch in batches]).tolist()
    ordered = Copies([arrays[position] for batch in batches for position in batch])
    return Images(
        BlockReader(ordered, list(zip([0, *stops], stops, strict=False))),
        tuple((len(batch), *arrays[batch[0]].shape) for batch in batches),
        tuple(np.array(batch) for batch in batches),
        give_back=_giver_of(X[0]),
    )


def _folded(shape, image_shape, caller):
    """Give the shape of the images in an array, whose flat rows fold where a shape is given."""
    if any(map(math.isnan, shape)):
        msg = f"{caller} expects a dask array of known shape, got {shape}. Use X.compute_chunk_sizes()."
        raise ValueError(msg)
    if len(shape) != 2 or image_shape is None:
        return tuple(shape)
    if math.prod(image_shape) != shape[1]:
        msg = (
            f"{caller} expects flat rows of {math.prod(image_shape)} pixels for "
            f"image_shape={tuple(image_shape)}, got rows of {shape[1]}. "
            "Set image_shape to the shape of the images."
        )
        raise ValueError(msg)
    return shape[0], *image_shape


def _check_image_shape(image_shape, caller):
    if image_shape is not None and not (
        len(image_shape) and all(isinstance(size, Integral) and size > 0 for size in image_shape)
    ):
        msg = (
            f"{caller} expects image_shape to be positive integers, such as (28, 28), got {image_shape!r}. "
            "Give the size of an image along each of its axes."
        )
        raise ValueError(msg)


def _check_block(shape, dtype, caller, image_shape):
    if dtype.kind not in "biuf":
        msg = (
            f"{caller} expects pixels that are booleans, integers or floats, got dtype {dtype}. "
            "Convert the images first."
        )
        raise TypeError(msg)
    if 0 in shape:
        msg = (
            f"{caller} expects images of at least one pixel, got 0 feature(s) "
            f"(shape={shape}) while a minimum of 1 is required. Leave empty images out."
        )
        raise ValueError(msg)
    if image_shape is not None and shape[1:] != tuple(image_shape):
        msg = (
            f"{caller} expects images of image_shape={tuple(image_shape)}, got images of shape "
            f"{shape[1:]}. Leave image_shape out for stacks, or set it to their shape."
        )
        raise ValueError(msg)
