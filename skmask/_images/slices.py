"""Images cut into slices along an axis, in the container that they came in.

Slices have two axes or more: an axis of one pixel changes nothing, and tells a slice of one axis from the row
of a table.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmask._images.axes import Shape
from skmask._images.kinds import is_dask, is_list, is_reader, to_numpy
from skmask._images.readers import read


def stack_slices(images: Any, axis: int) -> Any:
    """Return all slices of a stack along an axis as a stack, those of one image after the other."""
    moved = images if axis == 1 else np.moveaxis(images, axis, 1)
    return _two_axes(moved.reshape(-1, *moved.shape[2:]))


def unstack_slices(slices: Any, shape: Shape, axis: int) -> Any:
    """Return the stack of a shape whose slices along an axis are given."""
    moved = [shape[0], shape[axis], *shape[1:axis], *shape[axis + 1 :]]
    stacked = slices.reshape(moved)
    return stacked if axis == 1 else np.ascontiguousarray(np.moveaxis(stacked, 1, axis))


def slice_images(X: Any, axis: int, index: int | None = None) -> Any:
    """Return the slices of images along an axis, all of them or those at an index.

    Parameters
    ----------
    X : array, list of arrays, dask array, memory map or file
        Images, the first axis counting them; not rows that are to be folded.
    axis : int
        Axis of a stack of the images, from 1 on.
    index : int, default=None
        Which slice of each image to take; None takes all, those of one image after the other.

    Returns
    -------
    slices : object
        In the container of `X`. Stacks in files are cut when they are read.
    """
    if is_list(X):
        arrays = [np.asarray(to_numpy(image)) for image in X]
        if index is not None:
            return [_two_axes(image.take(index, axis - 1)[np.newaxis])[0] for image in arrays]
        return [one for image in arrays for one in stack_slices(image[np.newaxis], axis)]
    if is_dask(X):
        return _slice_dask(X, axis, index)
    if is_reader(X):
        return _LazySlices(X, axis, index)
    stack = np.asarray(to_numpy(X))
    return stack_slices(stack, axis) if index is None else _two_axes(stack.take(index, axis))


def _slice_dask(X: Any, axis: int, index: int | None) -> Any:
    import dask.array as da

    moved = da.moveaxis(X, axis, 1)
    if index is not None:
        return _two_axes(moved[:, index])
    # Of whole slices, so that the chunks of one image are not mixed with those of others.
    moved = moved.rechunk({1: -1})
    return _two_axes(moved.reshape(-1, *moved.shape[2:]))


def _two_axes(slices: Any) -> Any:
    """Return slices of less than two axes more of them, of one pixel."""
    return slices.reshape(*slices.shape, *[1] * (3 - slices.ndim)) if slices.ndim < 3 else slices


class _LazySlices:
    """The slices of a stack that is read by parts, as a stack of that kind."""

    def __init__(self, stack: Any, axis: int, index: int | None) -> None:
        self._stack = stack
        self._axis = axis
        self._index = index
        self._per_image = stack.shape[axis] if index is None else 1
        rest = stack.shape[1:axis] + stack.shape[axis + 1 :]
        self.shape = (stack.shape[0] * self._per_image, *rest, *[1] * (2 - len(rest)))
        self.dtype = stack.dtype
        self.ndim = len(self.shape)

    def __getitem__(self, part: slice) -> NDArray[Any]:
        start, stop, _ = part.indices(self.shape[0])
        first, last = start // self._per_image, -(-stop // self._per_image)
        images = read(self._stack[first:last])
        if self._index is not None:
            return _two_axes(images.take(self._index, self._axis))
        skipped = first * self._per_image
        return stack_slices(images, self._axis)[start - skipped : stop - skipped]
