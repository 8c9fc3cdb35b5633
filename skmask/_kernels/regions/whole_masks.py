"""Whole masks as objects, and the boxes around them."""

from functools import cached_property
from math import prod

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray, IntArray
from skmask._kernels.regions.objects import Objects
from skmask._kernels.regions.runs import Layout, find_runs

__all__ = ["WholeMasks", "bounding_box", "mask_bounds"]


class WholeMasks(Objects):
    """Masks, each of which is one object: areas and bounds are counted without their runs.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    spacing : ndarray of float, shape (n_axes,), optional
    """

    def __init__(self, masks: BoolArray, spacing: FloatArray | None = None) -> None:
        self._masks = masks
        self.shape = masks.shape
        self.layout = Layout.of(masks.shape)
        self.images = np.arange(len(masks))
        self.labels = np.ones_like(self.images)
        self.spacing = np.ones(masks.ndim - 1) if spacing is None else spacing
        self._pairs = {}

    @cached_property
    def _runs(self) -> tuple[IntArray, IntArray]:
        return find_runs(self._masks)

    @property
    def starts(self) -> IntArray:  # type: ignore[override]
        """Places where the runs start."""
        return self._runs[0]

    @property
    def ends(self) -> IntArray:  # type: ignore[override]
        """Places where the runs have ended."""
        return self._runs[1]

    @cached_property
    def numbers(self) -> IntArray:  # type: ignore[override]
        """Mask of each run."""
        return (self.starts - self.layout.lead) // self.layout.image_size

    @cached_property
    def area(self) -> IntArray:
        """Number of pixels of each mask."""
        rows = self._masks.reshape(len(self._masks), prod(self.shape[1:]))
        counts: IntArray = np.bitwise_count(np.packbits(rows, axis=1)).sum(axis=1, dtype=np.intp)
        return counts

    @cached_property
    def bounds(self) -> IntArray:
        """First pixels, and one past the last ones; 0 for no pixels."""
        bounds = mask_bounds(self._masks)
        bounds[self.area == 0] = 0
        return bounds


def mask_bounds(masks: BoolArray) -> IntArray:
    """Return first pixels, and one past the last ones, in an array of shape (n, 2, n_axes)."""
    bounds = np.empty((len(masks), 2, masks.ndim - 1), dtype=np.intp)
    for axis in range(1, masks.ndim):
        others = tuple(other for other in range(1, masks.ndim) if other != axis)
        occupied = np.logical_or.reduce(masks, axis=others)
        bounds[:, 0, axis - 1] = occupied.argmax(axis=1)
        bounds[:, 1, axis - 1] = masks.shape[axis] - occupied[:, ::-1].argmax(axis=1)
    return bounds


def bounding_box(mask: BoolArray, *, margin: int | IntArray = 0) -> tuple[slice, ...]:
    """Return the slices that cut the bounding box of a mask out of its image.

    Parameters
    ----------
    mask : ndarray of bool, shape image_shape
        One mask; ``masks.any(axis=0)`` gives the box that holds all masks of a stack.
    margin : int or ndarray of int, shape (n_axes,), default=0
        Number of pixels to add on every side, as far as the image goes.

    Returns
    -------
    tuple of slice
        One for each axis. An empty mask bounds nothing: its box is the whole image.
    """
    if not mask.any():
        return tuple(slice(0, size) for size in mask.shape)
    margins = np.broadcast_to(margin, mask.ndim).tolist()
    return tuple(
        slice(max(0, int(start) - room), min(size, int(stop) + room))
        for size, start, stop, room in zip(
            mask.shape, *mask_bounds(mask[np.newaxis])[0], margins, strict=True
        )
    )
