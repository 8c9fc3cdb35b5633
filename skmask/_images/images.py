"""The images of one call to ``fit`` or ``transform``: blocks for estimators, and what belongs to them."""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_array

from skmask._images.readers import (
    BlockReader,
    Shown,
    has_newaxis,
    is_image,
    is_reader,
    refuse_no_array,
    to_numpy,
)
from skmask._kernels.pixels.binary import to_mask
from skmask._kernels.pixels.namespaces import flat_rows
from skmask._warn import warn

# How many partial results are merged at a time: few are held, and merging costs little.
FAN_IN = 16

# What is as long or longer along all other axes, and has three or four pixels along the last, is color.
SMALLEST_SIDE = 16

# A bar needs no more, and callbacks may keep something of every step.
MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Images:
    """Images of one call to ``fit`` or ``transform``.

    Parameters
    ----------
    blocks : tuple of ndarray or BlockReader, of shape (n_images, *image_shape)
        The images: a stack in one block, or in many that are read one after the other; a list in a
        block for every shape and dtype.
    shapes : tuple of tuple of int
        Shape of each block, known before any is read.
    positions : tuple of ndarray of int or None
        For a list, where the images of each block stand in it.
    is_rows : bool
        Whether the images came as flat rows and results go back as flat rows.
    give_back : callable or None
        Makes an array of the kind that came in of one that goes out.
    progress : callable
        Wraps the parts that a `reduce` merges, as they come, and gives them on.
    """

    blocks: Sequence[np.ndarray]
    shapes: tuple[tuple[int, ...], ...]
    positions: tuple[np.ndarray, ...] | None = None
    is_rows: bool = False
    give_back: Callable | None = None
    progress: Callable = iter

    def __len__(self):
        return sum(shape[0] for shape in self.shapes)

    @property
    def n_steps(self):
        """Number of steps in which a `reduce` is told of; None is unknown."""
        return min(len(self.blocks), MOST_STEPS)

    def map(self, function, *aligned):
        """Give ``function(block, *aligned_blocks)`` of every block, in the container that came in."""
        results = self._apply(function, aligned)
        if self.positions is not None:
            return [self._give(image) for image in self._in_order(results)]
        result = _joined(results, len(self))
        return self._give(flat_rows(result) if self.is_rows else result)

    def map_rows(self, function, *aligned):
        """Give an array with one row an image, from functions that return ``(n_images, n_features)``."""
        rows = self._rows(function, aligned)
        return rows if self.positions is not None else self._give(rows)

    def measure(self, function, *aligned):
        """Give the rows of `map_rows` as an array of NumPy, computed at once, to decide by."""
        return self._rows(function, aligned)

    def reduce(self, function, merge, *aligned, pixelwise=False):
        """Merge what ``function(block, *aligned_blocks)`` gives of every block.

        Parameters
        ----------
        function : callable
            Gives something that merges.
        merge : callable
            Takes a list of such things and gives one; in which order must not matter.
        *aligned : sequence
            One item for every block.
        pixelwise : bool, default=False
            Whether parts of images will do, in any number and of any shape, for `function`.
        """
        parts = []
        for part in self.progress(self._apply(function, aligned)):
            parts.append(part)
            if len(parts) == FAN_IN:
                parts = [merge(parts)]
        return merge(parts)

    def show(self, function, X):
        """Give ``function(X)`` for `X` as it came in, or what will give it, block by block."""
        return function(X)

    def check_shape(self, image_shape, *, caller):
        """Refuse images of another shape than the one seen in fit."""
        for shape in self.shapes:
            if shape[1:] != image_shape:
                msg = (
                    f"{caller} expects images of the shape seen in fit, {image_shape}, got images of shape "
                    f"{shape[1:]}. Crop or resize them first."
                )
                raise ValueError(msg)

    def split_weights(self, weights, *, caller):
        """Cut weights, one an image, into the parts that belong to the blocks; None stays None."""
        if weights is None:
            return (None,) * len(self.blocks)
        weights = np.asarray(to_numpy(weights))
        if weights.shape != (len(self),):
            msg = (
                f"{caller} expects sample_weight to be one number for each of {len(self)} images, got an "
                f"array of shape {weights.shape}. Weights belong to images; use roi for pixels."
            )
            raise ValueError(msg)
        return self.split(weights)

    def split(self, values):
        """Cut an array of one value an image into the parts that belong to the blocks."""
        if self.positions is None:
            stops = np.cumsum([shape[0] for shape in self.shapes])
            return tuple(np.split(values, stops[:-1]))
        return tuple(values[positions] for positions in self.positions)

    def align_roi(self, roi, *, caller, channel_axis=None):
        """Read a region of interest, for each image or one for all; None stays None."""
        if roi is None:
            return (None,) * len(self.blocks)
        shape = without_axis(self.shapes[0], channel_axis, caller)
        if self.positions is None and np.shape(roi) == shape[1:]:
            mask = to_mask(self._read_masks(roi, caller, "roi"), caller=caller, name="roi")
            return (mask,) * len(self.blocks)
        return self.align_masks(roi, caller=caller, name="roi", channel_axis=channel_axis)

    def align_masks(self, masks, *, caller, name, channel_axis=None, read=to_mask):
        """Read masks that belong to these images, shape by shape, into blocks of booleans that match.

        Parameters
        ----------
        masks : array-like or list of array-like
            Masks of the shapes of the images: of a list a list, or a stack where all have one shape.
        caller, name : str
            Who asks and what for; they are named in errors.
        channel_axis : int, default=None
            Axis of the images' blocks that masks lack.
        read : callable, default=to_mask
            ``read(masks, caller=..., name=...)`` makes booleans of an array, or leaves labels as they are.

        Returns
        -------
        blocks : sequence of ndarray of bool
            One for every block of the images, read with it where that is read.
        """
        shapes = [without_axis(shape, channel_axis, caller) for shape in self.shapes]
        if not (isinstance(masks, Shown) or is_list(masks)):
            self._refuse_labels(masks, caller, name)
            refuse_no_array(masks, caller=caller, name=name)
        if self.positions is None:
            return self._align_stack(masks, shapes[0][1:], caller, name, read)
        got = type(masks).__name__
        if is_list(masks) or len(getattr(masks, "shape", ())) > 2:
            got = len(masks) if is_list(masks) else masks.shape[0]
        if got != len(self):
            msg = (
                f"{caller} expects {name} as a list of {len(self)} arrays when the images are a list, "
                f"got {got}. Give one for every image, in the same order."
            )
            raise ValueError(msg)
        members = []
        for positions, shape in zip(self.positions, shapes, strict=True):
            for i in positions.tolist():
                mask = masks[i] if is_list(masks) else masks[i, ...]
                members.append(read_array(mask, caller=caller, name=name))
                _check_shape(members[-1].shape, shape[1:], caller, name)
        read = functools.partial(read, caller=caller, name=name)
        return BlockReader(Copies(members), self.blocks.bounds, read)

    def _align_stack(self, masks, shape, caller, name, read):
        if not (is_reader(masks) or isinstance(masks, Shown)):
            if is_list(masks):
                for mask in masks:
                    _check_shape(np.shape(mask), shape, caller, name)
            masks = self._read_masks(masks, caller, name)
        if hasattr(masks, "shape"):
            self._check_stack(masks.shape, len(self), shape, caller, name)

        def prepare(block):
            self._check_stack(block.shape, len(block), shape, caller, name)
            return read(block.reshape(len(block), *shape), caller=caller, name=name)

        bounds = getattr(self.blocks, "bounds", [(0, len(self))])
        aligned = BlockReader(masks, bounds, prepare)
        return tuple(aligned) if isinstance(self.blocks, tuple) else aligned

    def _read_masks(self, masks, caller, name):
        """Read an array of masks to where the images are."""
        return read_array(masks, caller=caller, name=name)

    def _refuse_labels(self, masks, caller, name):
        """Refuse one value an image, such as the classes of the images."""
        is_flat = isinstance(masks, list | tuple) and len(masks) and np.isscalar(masks[0])
        if is_flat or len(getattr(masks, "shape", (0, 0))) < 2:
            msg = (
                f"{caller} expects {name} to be masks of the shape of the images, got one value an image. "
                "Class labels are no masks: use a method that needs none, such as 'otsu', or fit on masks "
                "first and hand on FrozenEstimator(masker)."
            )
            raise ValueError(msg)

    def _check_stack(self, got, n_images, image_shape, caller, name):
        pixels = (math.prod(image_shape),) if self.is_rows else image_shape
        _check_shape(got, (n_images, *pixels), caller, name)

    def _rows(self, function, aligned):
        results = self._apply(function, aligned)
        if self.positions is not None:
            return np.stack(self._in_order(results))
        return _joined(results, len(self))

    def _apply(self, function, aligned):
        # Not by zip, which holds on to the blocks before while it reads the next ones.
        for i in range(len(self.blocks)):
            yield function(*[items[i] for items in (self.blocks, *aligned)])

    def _give(self, result):
        return result if self.give_back is None else self.give_back(result)

    def _in_order(self, results):
        ordered = [None] * len(self)
        for positions, result in zip(self.positions, results, strict=True):
            for position, image in zip(positions, result, strict=True):
                ordered[position] = image
        return ordered


@dataclass(frozen=True, slots=True)
class ReadImages(Images):
    """Images of a stack that is read block by block; results are held in memory."""

    def show(self, function, X):
        """Give what will give ``function(X)`` for the part of `X` that belongs to a block."""
        return Shown(function, self.blocks.stack)


def warn_of_rows(X, n_pixels, *, caller):
    """Warn of rows that may be flattened images, or a single image."""
    single = "X[np.newaxis]" if has_newaxis(X) else "dask.array.from_array(X)[np.newaxis]"
    warn(
        f"{caller} takes the rows of a 2-D X, {n_pixels} pixels each, as images of one axis. "
        f"Use {caller}(image_shape=(height, width)) if they are flattened images, or {single} if X is a "
        "single image."
    )


def warn_of_colors(shapes, *, caller):
    """Warn of images whose last axis looks like that of colors."""
    for shape in shapes:
        *sizes, n_channels = shape[1:]
        if n_channels in (3, 4) and sizes and min(sizes) >= SMALLEST_SIDE:
            warn(
                f"{caller} takes X of shape {shape} as images of shape {shape[1:]}, of one value a pixel. If "
                "the last axis holds colors, make them gray first by ColorConverter, or by ColorProjector "
                "from labeled masks, or name channel_axis where there is such a parameter."
            )
            return


def is_list(X):
    """Tell whether `X` is a list (or an object array of one axis) of images."""
    if isinstance(X, np.ndarray):
        if X.dtype.kind != "O" or X.ndim != 1:
            return False
    elif not isinstance(X, list | tuple):
        return False
    return len(X) > 0 and all(map(is_image, X))


class Copies:
    """A list of images as something to slice: a part is copied into a stack when it is asked for."""

    def __init__(self, images):
        self._images = images

    def __getitem__(self, part):
        images = self._images[part]
        return images[0][np.newaxis] if len(images) == 1 else np.stack(images)


def read_array(X, *, caller, name):
    """Read what is given as one array of numbers or booleans."""
    if isinstance(X, np.ma.MaskedArray):
        msg = (
            f"{caller} expects plain arrays, got a numpy.ma.MaskedArray, whose mask would be lost. "
            "Use X.filled(value), with np.nan for pixels that are never foreground."
        )
        raise TypeError(msg)
    X = to_numpy(X)
    if isinstance(X, np.ndarray):
        X = np.asarray(X)  # a subclass such as np.memmap would come back in results
        if X.ndim >= 2 and X.size and X.dtype.kind in "biuf":
            return X  # check_array finds nothing in it, and takes longer than small images do
    return check_array(
        X,
        input_name=name,
        estimator=caller,
        dtype="numeric",
        ensure_all_finite=False,
        allow_nd=True,
    )


def _joined(results, n_images):
    """Join blocks of results along the images."""
    results = iter(results)
    first = next(results)
    if first.shape[0] == n_images:
        return first
    joined = np.empty((n_images, *first.shape[1:]), first.dtype)
    joined[: len(first)] = first
    start = len(first)
    for result in results:
        joined[start : start + len(result)] = result
        start += len(result)
    return joined


def without_axis(shape, axis, caller):
    """Give a shape of images without the axis of their channels, which None says they lack."""
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


def _check_shape(got, expected, caller, name):
    if tuple(got) != tuple(expected):
        msg = (
            f"{caller} expects {name} of shape {tuple(expected)}, the shape of the images, got {tuple(got)}. "
            "A mask has exactly the shape of its image, and nothing is broadcast. Name the axis of channels "
            "by channel_axis, or make images gray first by ColorConverter or ColorProjector."
        )
        raise ValueError(msg)
