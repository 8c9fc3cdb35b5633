"""Cleaning of masks by connected regions: holes filled, regions kept or removed, image by image.

A region is a maximal set of foreground pixels that are connected inside their image. With
``connectivity=1`` a pixel is connected to those that share a face with it, with
``connectivity=2`` also to those that share an edge, and so on up to the number of axes of the
image, as in :func:`scipy.ndimage.generate_binary_structure`.

All functions take masks of shape ``(n_images, *image_shape)``, never write to them, and return
a new boolean array. `caller` is named in errors.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.runs import (
    BoolArray,
    IntArray,
    find_regions,
    first_pixels,
    paint_regions,
    regions_holding,
    surrounding_regions,
)

BLOCK_PIXELS = 1 << 20


def fill_holes(
    masks: BoolArray,
    *,
    max_size: int | None = None,
    connectivity: int = 1,
    caller: str = "fill_holes",
) -> BoolArray:
    """Turn the holes of every mask into foreground.

    A hole is a region of the background that does not touch the frame of its image. Foreground
    and background need opposite connectivities, or a closed curve of pixels might not separate
    its inside from its outside, and an open one might [1]_. Hence the background is fully
    connected where the foreground has ``connectivity=1``, and connected through faces only
    where the foreground has a higher one: ``connectivity > 1`` fills the holes that
    :func:`scipy.ndimage.binary_fill_holes` fills.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    max_size : int, default=None
        Size in pixels of the largest holes to fill; None fills all.
    connectivity : int, default=1
        Connectivity of the foreground.

    References
    ----------
    .. [1] A. Rosenfeld, "Connectivity in digital pictures", Journal of the ACM 17 (1970),
       146-160. :doi:`10.1145/321556.321570`
    """
    check_connectivity(masks, connectivity, caller)
    dual = masks.ndim - 1 if connectivity == 1 else 1

    def fill(masks: BoolArray) -> BoolArray:
        regions = find_regions(~masks, dual, surrounded=True)
        is_open = surrounding_regions(regions)
        if max_size is not None:
            is_open |= regions.sizes > max_size
        return ~paint_regions(regions, is_open)

    return _by_blocks(fill, masks)


def remove_small(
    masks: BoolArray,
    min_size: float,
    *,
    connectivity: int = 1,
    spacing: float | Sequence[float] | None = None,
    caller: str = "remove_small",
) -> BoolArray:
    """Keep the regions of every mask that have at least `min_size`.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    min_size : float
        Size of the smallest regions to keep: in pixels, or in physical units with `spacing`.
    connectivity : int, default=1
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of the image or along all.
    """
    check_connectivity(masks, connectivity, caller)
    min_pixels = min_size / read_spacing(spacing, masks.ndim - 1, caller).prod()
    # A region of exactly min_size must not be lost to the rounding of a product.
    limit = min_pixels * (1 - 1e-12)

    def remove(masks: BoolArray) -> BoolArray:
        regions = find_regions(masks, connectivity)
        return paint_regions(regions, regions.sizes >= limit)

    return _by_blocks(remove, masks)


def keep_largest(
    masks: BoolArray, n_regions: int = 1, *, connectivity: int = 1, caller: str = "keep_largest"
) -> BoolArray:
    """Keep the `n_regions` largest regions of every mask, or all where there are fewer.

    Of equally large regions, those whose first pixel in C order comes first are kept.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    n_regions : int, default=1
    connectivity : int, default=1
    """
    check_connectivity(masks, connectivity, caller)

    def keep(masks: BoolArray) -> BoolArray:
        regions = find_regions(masks, connectivity)
        images, first = first_pixels(regions)
        order = np.lexsort((first, -regions.sizes, images))
        per_image = np.bincount(images, minlength=len(masks))
        rank = np.arange(order.size) - np.repeat(np.cumsum(per_image) - per_image, per_image)
        largest = np.zeros(order.size, dtype=bool)
        largest[order[rank < n_regions]] = True
        return paint_regions(regions, largest)

    return _by_blocks(keep, masks)


def clear_border(
    masks: BoolArray, *, connectivity: int = 1, caller: str = "clear_border"
) -> BoolArray:
    """Remove the regions of every mask that touch the frame of the image.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    connectivity : int, default=1
    """
    check_connectivity(masks, connectivity, caller)

    def clear(masks: BoolArray) -> BoolArray:
        regions = find_regions(masks, connectivity, surrounded=True)
        return paint_regions(regions, ~surrounding_regions(regions))

    return _by_blocks(clear, masks)


def keep_connected(
    seeds: BoolArray, masks: BoolArray, *, connectivity: int = 1, caller: str = "keep_connected"
) -> BoolArray:
    """Keep the regions of every mask that hold at least one seed.

    Parameters
    ----------
    seeds : ndarray of bool, shape (n_images, *image_shape)
        Seeds outside the mask count for nothing.
    masks : ndarray of bool, shape (n_images, *image_shape)
    connectivity : int, default=1
    """
    check_connectivity(masks, connectivity, caller)
    if seeds.shape != masks.shape:
        msg = (
            f"{caller} expects seeds and masks of one shape, got {seeds.shape} and {masks.shape}. "
            "Give every mask its own seeds."
        )
        raise ValueError(msg)

    def keep(masks: BoolArray, seeds: BoolArray) -> BoolArray:
        regions = find_regions(masks, connectivity)
        return paint_regions(regions, regions_holding(regions, masks & seeds))

    return _by_blocks(keep, masks, seeds)


def count_regions(
    masks: BoolArray, *, connectivity: int = 1, caller: str = "count_regions"
) -> IntArray:
    """Count the regions of every mask.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    connectivity : int, default=1

    Returns
    -------
    ndarray of int, shape (n_images,)
    """
    check_connectivity(masks, connectivity, caller)
    counts = np.zeros(len(masks), dtype=np.intp)
    for block in blocks_of_images(masks.shape):
        images, _ = first_pixels(find_regions(masks[block], connectivity))
        counts[block] = np.bincount(images, minlength=len(masks[block]))
    return counts


def blocks_of_images(shape: tuple[int, ...]) -> Iterator[slice]:
    """Cut the first axis of a stack into slices of about a million pixels, or of one image."""
    n_pixels = prod(shape[1:])
    if n_pixels == 0:
        return
    step = max(1, BLOCK_PIXELS // n_pixels)
    for start in range(0, shape[0], step):
        yield slice(start, start + step)


def check_connectivity(masks: BoolArray, connectivity: int, caller: str) -> None:
    """Raise a ValueError unless the images have as many axes as the connectivity asks for."""
    n_axes = masks.ndim - 1
    if not 1 <= connectivity <= n_axes:
        msg = (
            f"{caller} expects a connectivity from 1 to the number of axes of an image, {n_axes}, "
            f"got {connectivity}. Choose 1 for pixels that share a face."
        )
        raise ValueError(msg)


def read_spacing(
    spacing: float | Sequence[float] | None, n_axes: int, caller: str
) -> NDArray[np.float64]:
    """Return the distances of neighboring pixels along every axis: 1 where there is no spacing."""
    if spacing is None:
        return np.ones(n_axes)
    steps = np.asarray(spacing)
    fits = steps.dtype.kind in "iuf" and steps.shape in ((), (n_axes,))
    if not fits or not ((steps > 0) & np.isfinite(steps)).all():
        msg = (
            f"{caller} expects spacing to be a positive number or {n_axes} of them, got {spacing}. "
            "Give the distance of neighboring pixels along each axis of the image."
        )
        raise ValueError(msg)
    return np.broadcast_to(steps.astype(np.float64), n_axes)


def _by_blocks(clean: Callable[..., BoolArray], *stacks: BoolArray) -> BoolArray:
    """Clean a stack by blocks of images, so that memory stays bounded."""
    cleaned = np.empty(stacks[0].shape, dtype=bool)
    for block in blocks_of_images(cleaned.shape):
        cleaned[block] = clean(*(stack[block] for stack in stacks))
    return cleaned
