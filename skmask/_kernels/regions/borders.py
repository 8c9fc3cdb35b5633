"""Regions at the border of images: near the frame, near the end of a field of view, and holes cut open."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import maximum_filter

from skmask._kernels.arrays import BoolArray
from skmask._kernels.regions.objects import paint_objects, regions_of
from skmask._kernels.regions.rules import blocks_of_images


def clear_near_frame(
    masks: BoolArray, *, axes: Sequence[int], margin: int, connectivity: int
) -> BoolArray:
    """Remove the regions that come within `margin` pixels of the frame along some axes of the image."""
    cleared = np.empty(masks.shape, dtype=bool)
    sizes = np.array(masks.shape[1:])
    for block in blocks_of_images(masks.shape):
        objects = regions_of(masks[block], connectivity)
        rooms = np.minimum(objects.bounds[:, 0], sizes - objects.bounds[:, 1])
        keep: BoolArray = np.all(rooms[:, list(axes)] > margin, axis=1)
        cleared[block] = paint_objects(objects, keep)
    return cleared


def clear_near_outside(
    masks: BoolArray, field: BoolArray, *, margin: int, connectivity: int
) -> BoolArray:
    """Remove the regions that come within `margin` pixels of what is outside of a field of view.

    Pixels next to the outside are within 0 of it, at corners too; beyond the image everything is outside.
    """
    windows = [2 * margin + 3 if size > 1 else 1 for size in field.shape]
    near = maximum_filter(~field, size=windows, mode="constant", cval=True)
    cleared = np.empty(masks.shape, dtype=bool)
    for block in blocks_of_images(masks.shape):
        objects = regions_of(masks[block], connectivity)
        edges = regions_of(masks[block] & near, connectivity)
        # The run that a pixel lies in is the last one that starts before it.
        runs = np.searchsorted(objects.starts, edges.starts, side="right") - 1
        keep = np.ones(len(objects), dtype=bool)
        keep[objects.numbers[runs]] = False
        cleared[block] = paint_objects(objects, keep)
    return cleared


def fill_cut_holes(masks: BoolArray, *, max_size: int | None, connectivity: int) -> BoolArray:
    """Fill the regions of the background that do not reach both ends of any axis.

    These are all holes, and those that the frame cuts open at one side or at a corner.
    """
    filled = np.empty(masks.shape, dtype=bool)
    sizes = np.array(masks.shape[1:])
    for block in blocks_of_images(masks.shape):
        objects = regions_of(~masks[block], connectivity)
        reaches = (objects.bounds[:, 0] == 0) & (objects.bounds[:, 1] == sizes) & (sizes > 1)
        is_open = reaches.any(axis=1)
        if max_size is not None:
            is_open |= objects.area > max_size
        filled[block] = ~paint_objects(objects, is_open)
    return filled
