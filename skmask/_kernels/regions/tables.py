"""Tables of the connected regions of whole images, by which rules decide."""

from functools import cache
from typing import Protocol

import numpy as np
from scipy import ndimage

from skmask._kernels.arrays import BoolArray, IntArray
from skmask._kernels.compiled import is_compiled
from skmask._kernels.regions.objects import objects_of
from skmask._kernels.regions.runs import (
    Regions,
    find_regions,
    first_pixels,
    paint_regions,
    regions_holding,
    surrounding_regions,
)

__all__ = ["RegionTable", "column", "tabulate"]

# Blocks of fewer pixels are labeled pixel by pixel: NumPy's calls on their runs would take longer.
SMALL_BLOCK = 1 << 15


class RegionTable(Protocol):
    """Properties of regions that a rule may use."""

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of the images."""

    @property
    def sizes(self) -> IntArray:
        """Number of pixels of each region, shape (n_regions,)."""

    @property
    def first_pixels(self) -> IntArray:
        """Image of each region, and a number of its first pixel that rises in C order: (2, n_regions)."""

    @property
    def on_frame(self) -> BoolArray:
        """Whether each region touches the frame of its image, shape (n_regions,)."""

    @property
    def seeded(self) -> BoolArray:
        """Whether each region holds a seed, shape (n_regions,)."""

    @property
    def bounds(self) -> IntArray:
        """First pixels, and one past the last ones, along each axis: shape (2, n_axes, n_regions)."""

    @property
    def is_in_order(self) -> bool:
        """Whether all regions are of one image, and numbered in the order of their first pixels."""


def column(image_shape: tuple[int, ...]) -> IntArray:
    """Return the sizes of images as a column, beside the bounds of regions."""
    return np.array(image_shape, dtype=np.intp)[:, np.newaxis]


def tabulate(
    masks: BoolArray, connectivity: int, *seeds: BoolArray, surrounded: bool
) -> "_Labels | _Runs":
    """Find the regions of masks. With `surrounded`, all that touch the frame may count as one."""
    seeds = tuple(masks & one for one in seeds)
    if masks.size < SMALL_BLOCK and not is_compiled():
        return _Labels(masks, connectivity, *seeds)
    return _Runs(find_regions(masks, connectivity, surrounded=surrounded), *seeds)


class _Labels:
    """The `RegionTable` of label images; what is not asked for is not computed.

    The images stand below each other, with a row of background after each, and are labeled as one: an axis
    more would take SciPy half as long again. Labels are of the type in which NumPy counts and indexes.
    """

    def __init__(self, masks: BoolArray, connectivity: int, *seeds: BoolArray) -> None:
        structure = _structure(masks.ndim - 1, connectivity)
        if len(masks) == 1:
            self._all, self.n_regions = ndimage.label(masks[0], structure, np.intp)
            self.labels = self._all[np.newaxis]
        else:
            padded = np.zeros((len(masks), masks.shape[1] + 1, *masks.shape[2:]), dtype=bool)
            padded[:, :-1] = masks
            joined = padded.reshape(-1, *masks.shape[2:])
            self._all, self.n_regions = ndimage.label(joined, structure, np.intp)
            self.labels = self._all.reshape(padded.shape)[:, :-1]
        self._seeds = seeds

    @property
    def image_shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.labels.shape[1:]
        return shape

    @property
    def is_in_order(self) -> bool:
        return len(self.labels) == 1

    @property
    def sizes(self) -> IntArray:
        return np.bincount(self._all.ravel(), minlength=self.n_regions + 1)[1:]

    @property
    def first_pixels(self) -> IntArray:
        first = np.empty(self.n_regions + 1, dtype=np.intp)
        # The last of repeated assignments stays.
        first[self._all.ravel()[::-1]] = np.arange(self._all.size)[::-1]
        return np.stack([first // (self._all.size // len(self.labels)), first])[:, 1:]

    @property
    def on_frame(self) -> BoolArray:
        there = np.zeros(self.n_regions + 1, dtype=bool)
        for axis in range(1, self.labels.ndim):
            ends = (slice(None),) * axis
            there[self.labels[(*ends, 0)]] = True
            there[self.labels[(*ends, -1)]] = True
        return there[1:]

    @property
    def seeded(self) -> BoolArray:
        there = np.zeros(self.n_regions + 1, dtype=bool)
        there[self.labels[self._seeds[0]]] = True
        return there[1:]

    @property
    def bounds(self) -> IntArray:
        _, *pixels = np.nonzero(self.labels)
        regions = self.labels[self.labels != 0] - 1
        bounds = np.empty((2, len(pixels), self.n_regions), dtype=np.intp)
        bounds[0] = column(self.image_shape)
        bounds[1] = 0
        for axis, indices in enumerate(pixels):
            np.minimum.at(bounds[0, axis], regions, indices)
            np.maximum.at(bounds[1, axis], regions, indices + 1)
        return bounds

    def paint(self, keep: BoolArray) -> BoolArray:
        """Return the masks of the regions where `keep` is True."""
        kept = np.zeros(self.n_regions + 1, dtype=bool)
        kept[1:] = keep
        return kept.take(self.labels)


@cache
def _structure(n_axes: int, connectivity: int) -> BoolArray:
    structure: BoolArray = ndimage.generate_binary_structure(n_axes, connectivity)
    return structure


class _Runs:
    """The `RegionTable` of regions made of runs; what is not asked for is not computed."""

    def __init__(self, regions: Regions, *seeds: BoolArray) -> None:
        self._regions = regions
        self._seeds = seeds

    @property
    def image_shape(self) -> tuple[int, ...]:
        return self._regions.shape[1:]

    @property
    def is_in_order(self) -> bool:
        return self._regions.shape[0] == 1

    @property
    def sizes(self) -> IntArray:
        return self._regions.sizes

    @property
    def first_pixels(self) -> IntArray:
        return np.stack(first_pixels(self._regions))

    @property
    def on_frame(self) -> BoolArray:
        return surrounding_regions(self._regions)

    @property
    def seeded(self) -> BoolArray:
        return regions_holding(self._regions, *self._seeds)

    @property
    def bounds(self) -> IntArray:
        return np.moveaxis(objects_of(self._regions).bounds, 0, -1)

    def paint(self, keep: BoolArray) -> BoolArray:
        """Return the masks of the regions where `keep` is True."""
        return paint_regions(self._regions, keep)
