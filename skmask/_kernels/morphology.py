"""Binary morphology of stacks of masks: samples along the first axis are never mixed."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["BORDERS", "Border", "close", "dilate", "erode", "open_", "reconstruct"]

Mask = NDArray[np.bool_]
Border = Literal["ignore", "background", "foreground"]
BORDERS = ("ignore", "background", "foreground")


def dilate(
    masks: Mask, footprint: Mask, *, iterations: int | None = 1, border: Border = "ignore"
) -> Mask:
    """Dilate each mask: ``out[i, x]`` is the OR of ``masks[i, x - d]`` over the footprint's d."""
    if masks.size == 0 or iterations == 0:
        return masks.copy()
    return np.asarray(
        ndimage.binary_dilation(
            masks,
            footprint[np.newaxis],
            iterations=-1 if iterations is None else iterations,
            border_value=border == "foreground",
        )
    )


def erode(
    masks: Mask, footprint: Mask, *, iterations: int | None = 1, border: Border = "ignore"
) -> Mask:
    """Erode each mask: ``out[i, x]`` is the AND of ``masks[i, x + d]`` over the footprint's d."""
    if masks.size == 0 or iterations == 0:
        return masks.copy()
    return np.asarray(
        ndimage.binary_erosion(
            masks,
            footprint[np.newaxis],
            iterations=-1 if iterations is None else iterations,
            border_value=border != "background",
        )
    )


def open_(masks: Mask, footprint: Mask, *, iterations: int = 1, border: Border = "ignore") -> Mask:
    """Erode, then dilate, each `iterations` times."""
    eroded = erode(masks, footprint, iterations=iterations, border=border)
    return dilate(eroded, footprint, iterations=iterations, border=border)


def close(masks: Mask, footprint: Mask, *, iterations: int = 1, border: Border = "ignore") -> Mask:
    """Dilate, then erode, each `iterations` times; ``"ignore"`` as on a larger, empty image."""
    if border != "ignore":
        dilated = dilate(masks, footprint, iterations=iterations, border=border)
        return erode(dilated, footprint, iterations=iterations, border=border)
    margins = [(0, 0)] + [(iterations * (size // 2),) * 2 for size in footprint.shape]
    padded = np.pad(masks, margins)
    dilated = dilate(padded, footprint, iterations=iterations)
    eroded = erode(dilated, footprint, iterations=iterations)
    inside = tuple(
        slice(before, before + size) for (before, _), size in zip(margins, masks.shape, strict=True)
    )
    return eroded[inside].copy()


def reconstruct(
    seeds: Mask,
    limit: Mask,
    footprint: Mask,
    *,
    iterations: int | None = None,
    border: Border = "ignore",
) -> Mask:
    """Dilate ``seeds & limit`` within `limit`: each step is a dilation, cut to `limit`."""
    grown = seeds & limit
    while iterations is None or iterations > 0:
        before = grown
        grown = dilate(before, footprint, border=border) & limit
        if iterations is not None:
            iterations -= 1
        if np.array_equal(grown, before):
            break
    return grown
