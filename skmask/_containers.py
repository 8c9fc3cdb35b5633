"""Containers of images: what users hand in, seen as blocks of images, and results given back in kind.

Estimators see blocks only: arrays of shape ``(n_images, *image_shape)``. A stack or flat rows are one
block; a list of images of different sizes is one block for every size.
"""

import math
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from sklearn.utils import check_array

from skmask._kernels.binary import to_mask

# Images of a list are copied into common blocks only while that is cheap beside the calls it saves.
_BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Images:
    """Images of one call to ``fit`` or ``transform``.

    Parameters
    ----------
    blocks : tuple of ndarray of shape (n_images, *image_shape)
        The images, in one block or, for a list, in a block for every shape and dtype.
    positions : tuple of ndarray of int or None
        For a list, where the images of each block stand in it.
    is_rows : bool
        Whether the images came as flat rows and results go back as flat rows.
    """

    blocks: tuple[np.ndarray, ...]
    positions: tuple[np.ndarray, ...] | None = None
    is_rows: bool = False

    def __len__(self):
        return sum(len(block) for block in self.blocks)

    def map(self, function, *aligned):
        """Give ``function(block, *aligned_blocks)`` of every block, in the container that came in."""
        results = [function(*blocks) for blocks in zip(self.blocks, *aligned, strict=True)]
        if self.positions is None:
            return results[0].reshape(len(results[0]), -1) if self.is_rows else results[0]
        return self._in_order(results)

    def map_rows(self, function, *aligned):
        """Give an array with one row an image, from functions that return ``(n_images, n_features)``."""
        results = [function(*blocks) for blocks in zip(self.blocks, *aligned, strict=True)]
        return results[0] if self.positions is None else np.stack(self._in_order(results))

    def check_shape(self, image_shape, *, caller):
        """Refuse images of another shape than the one seen in fit."""
        for block in self.blocks:
            if block.shape[1:] != image_shape:
                msg = (
                    f"{caller} expects images of the shape seen in fit, {image_shape}, got images of shape "
                    f"{block.shape[1:]}. Crop or resize them first."
                )
                raise ValueError(msg)

    def split_weights(self, weights, *, caller):
        """Cut weights, one an image, into the parts that belong to the blocks; None stays None."""
        if weights is None:
            return (None,) * len(self.blocks)
        weights = np.asarray(weights)
        if weights.shape != (len(self),):
            msg = (
                f"{caller} expects sample_weight to be one number for each of {len(self)} images, got an "
                f"array of shape {weights.shape}. Weights belong to images; use roi for pixels."
            )
            raise ValueError(msg)
        if not np.any(weights):
            msg = (
                f"{caller} expects sample_weight to be positive for some images, got zero weights only. "
                "Leave sample_weight out to weigh all images alike."
            )
            raise ValueError(msg)
        if self.positions is None:
            return (weights,)
        return tuple(weights[positions] for positions in self.positions)

    def align_roi(self, roi, *, caller):
        """Read a region of interest, for each image or one for all; None stays None."""
        if roi is None:
            return (None,) * len(self.blocks)
        if self.positions is None and np.shape(roi) == self.blocks[0].shape[1:]:
            return (to_mask(np.asarray(roi), caller=caller, name="roi"),)
        return self.align_masks(roi, caller=caller, name="roi")

    def align_masks(self, masks, *, caller, name, channel_axis=None):
        """Read masks that belong to these images as blocks of booleans."""
        aligned = self.align(masks, caller=caller, name=name, channel_axis=channel_axis)
        return tuple(to_mask(block, caller=caller, name=name) for block in aligned)

    def align(self, others, *, caller, name, channel_axis=None):
        """Read images that belong to these, shape by shape, into blocks that match.

        Parameters
        ----------
        others : array-like or list of array-like
            Masks, for example, in the container and of the shapes of the images.
        caller, name : str
            Who asks and what for; they are named in errors.
        channel_axis : int, default=None
            Axis of the images' blocks that the others lack.

        Returns
        -------
        blocks : tuple of ndarray
            One for every block of the images.
        """
        shapes = [_without_axis(block.shape, channel_axis, caller) for block in self.blocks]
        if self.positions is None:
            other = _read_array(others, caller=caller, name=name)
            if self.is_rows:
                shapes = [(len(other), math.prod(shapes[0][1:]))]
            if other.shape != (len(self), *shapes[0][1:]):
                _refuse_shape(caller, name, (len(self), *shapes[0][1:]), other.shape)
            return (other.reshape(self.blocks[0].shape) if self.is_rows else other,)
        if not _is_list(others) or len(others) != len(self):
            got = f"{len(others)} of them" if _is_list(others) else type(others).__name__
            msg = (
                f"{caller} expects {name} as a list of {len(self)} arrays when the images are a list, "
                f"got {got}. Give one for every image, in the same order."
            )
            raise ValueError(msg)
        aligned = []
        for positions, shape in zip(self.positions, shapes, strict=True):
            members = [np.asarray(others[i]) for i in positions]
            for member in members:
                if member.shape != shape[1:]:
                    _refuse_shape(caller, name, shape[1:], member.shape)
            aligned.append(_stack(members))
        return tuple(aligned)

    def _in_order(self, results):
        ordered = [None] * len(self)
        for positions, result in zip(self.positions, results, strict=True):
            for position, image in zip(positions, result, strict=True):
                ordered[position] = image
        return ordered


def read_images(X, *, caller, image_shape=None):
    """Read what a user hands in as images.

    Parameters
    ----------
    X : array-like of shape (n_images, *image_shape) or (n_images, n_pixels), or list of arrays
        A stack, flat rows, or a list of images of different sizes. A list is a list of images when
        every element is an array of two or more axes; other lists are ordinary array-likes.
    caller : str
        Name of the estimator, for errors.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into. Rows are images of one axis without it.

    Returns
    -------
    images : Images
        Blocks that share memory with `X` wherever NumPy can; they are never to be written to.
    """
    _check_image_shape(image_shape, caller)
    if isinstance(X, np.ma.MaskedArray) or (
        isinstance(X, list | tuple) and any(isinstance(image, np.ma.MaskedArray) for image in X)
    ):
        msg = (
            f"{caller} expects plain arrays, got a numpy.ma.MaskedArray, whose mask would be lost. "
            "Use X.filled(value), with np.nan for pixels that are never foreground."
        )
        raise TypeError(msg)
    if _is_list(X):
        return _read_list(X, caller, image_shape)
    if isinstance(X, np.ndarray) and X.ndim > 2 and X.dtype.kind == "O":
        msg = (
            f"{caller} expects pixels of a numeric dtype, got an object array of shape {X.shape}. "
            "Use X.astype(float), or a list of arrays for images of different sizes."
        )
        raise TypeError(msg)
    array = _read_array(X, caller=caller, name="X")
    is_rows = array.ndim == 2
    if is_rows and image_shape is not None:
        if math.prod(image_shape) != array.shape[1]:
            msg = (
                f"{caller} expects flat rows of {math.prod(image_shape)} pixels for "
                f"image_shape={tuple(image_shape)}, got rows of {array.shape[1]}. "
                "Set image_shape to the shape of the images."
            )
            raise ValueError(msg)
        array = array.reshape(len(array), *image_shape)
    _check_block(array, caller, image_shape)
    return Images((array,), is_rows=is_rows)


def _read_list(X, caller, image_shape):
    groups = {}
    arrays = [np.asarray(image) for image in X]
    for position, image in enumerate(arrays):
        groups.setdefault((image.shape, image.dtype), []).append(position)
    blocks, positions = [], []
    for (_, _), members in groups.items():
        # A large image is a block of its own, a view of what came in, rather than part of a copy.
        batches = [members] if arrays[members[0]].nbytes < _BATCH_BYTES else [[i] for i in members]
        for batch in batches:
            block = _stack([arrays[i] for i in batch])
            _check_block(block, caller, image_shape)
            blocks.append(block)
            positions.append(np.array(batch))
    return Images(tuple(blocks), tuple(positions))


def _is_list(X):
    """Tell whether `X` is a list (or an object array of one axis) of images."""
    if isinstance(X, np.ndarray):
        if X.dtype.kind != "O" or X.ndim != 1:
            return False
    elif not isinstance(X, list | tuple):
        return False
    return len(X) > 0 and all(getattr(image, "ndim", 0) >= 2 for image in X)


def _stack(images):
    return images[0][np.newaxis] if len(images) == 1 else np.stack(images)


def _read_array(X, *, caller, name):
    if isinstance(X, np.ndarray):
        X = np.asarray(X)  # a subclass such as np.memmap would come back in results
        if X.ndim >= 2 and X.size and X.dtype.kind in "biuf":
            return X  # nothing that check_array could find, and it takes longer than small images do
    return check_array(
        X, input_name=name, estimator=caller, dtype="numeric", ensure_all_finite=False, allow_nd=True
    )


def _check_image_shape(image_shape, caller):
    if image_shape is not None and not (
        len(image_shape) and all(isinstance(size, Integral) and size > 0 for size in image_shape)
    ):
        msg = (
            f"{caller} expects image_shape to be positive integers, such as (28, 28), got {image_shape!r}. "
            "Give the size of an image along each of its axes."
        )
        raise ValueError(msg)


def _check_block(block, caller, image_shape):
    if block.dtype.kind not in "biuf":
        msg = (
            f"{caller} expects pixels that are booleans, integers or floats, got dtype {block.dtype}. "
            "Convert the images first."
        )
        raise TypeError(msg)
    if block.size == 0:
        msg = (
            f"{caller} expects images of at least one pixel, got 0 feature(s) "
            f"(shape={block.shape}) while a minimum of 1 is required. Leave empty images out."
        )
        raise ValueError(msg)
    if image_shape is not None and block.shape[1:] != tuple(image_shape):
        msg = (
            f"{caller} expects images of image_shape={tuple(image_shape)}, got images of shape "
            f"{block.shape[1:]}. Leave image_shape out for stacks, or set it to their shape."
        )
        raise ValueError(msg)


def _without_axis(shape, axis, caller):
    if axis is None:
        return shape
    if len(shape) < 3 or axis == 0 or not -len(shape) < axis < len(shape):
        msg = (
            f"{caller} expects channel_axis to be an axis of the images, got {axis} for images of shape "
            f"{shape[1:]}. Axis 0 of X counts the images; flat rows have no channels."
        )
        raise ValueError(msg)
    axis = axis % len(shape)
    return shape[:axis] + shape[axis + 1 :]


def _refuse_shape(caller, name, expected, got):
    msg = (
        f"{caller} expects {name} of shape {tuple(expected)}, the shape of the images, got {tuple(got)}. "
        "A mask has exactly the shape of its image; nothing is broadcast."
    )
    raise ValueError(msg)
