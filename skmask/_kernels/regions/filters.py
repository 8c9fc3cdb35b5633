"""Regions of masks kept by what is measured of them, in whole images or by a rule for chunks."""

from collections.abc import Sequence
from functools import cached_property, partial
from math import copysign
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray
from skmask._kernels.regions.chunk_tables import move_moments
from skmask._kernels.regions.objects import Objects, paint_objects, regions_of
from skmask._kernels.regions.rules import (
    ChunkedRegionTable,
    RegionRule,
    blocks_of_images,
)
from skmask._kernels.regions.statistics import STATISTICS, UnderObjects, measure_objects

# Bounds are widened by this share, so that rounding loses no region of exactly that value.
TOLERANCE = 1e-12

# One number a region, but for the number of regions, of which a region is one.
PROPERTIES = [
    name
    for name, statistic in STATISTICS.items()
    if len(statistic.suffixes) == 1 and not statistic.per_axis and name != "n_regions"
]


# The properties that follow from the table of a region, and the columns that they ask for. A perimeter or
# a hull needs the pixels of the whole region.
_MOMENTS = ("bounds", "moments")
ASKED_FOR: dict[str, tuple[str, ...]] = {
    "area": (),
    "fraction": (),
    "equivalent_diameter": (),
    "extent": ("bounds",),
    "border_distance": ("bounds",),
    "axis_major_length": _MOMENTS,
    "axis_minor_length": _MOMENTS,
    "eccentricity": _MOMENTS,
    "orientation": _MOMENTS,
    "mean": ("intensities",),
    "min": ("intensities",),
    "max": ("intensities",),
}


class Range(NamedTuple):
    """The values of a property that regions may have, bounds included."""

    name: str
    low: float
    high: float

    def holds(self, values: Array) -> BoolArray:
        """Tell which values lie in the range; NaN never does."""
        low = self.low * (1 - copysign(TOLERANCE, self.low))
        high = self.high * (1 + copysign(TOLERANCE, self.high))
        inside: BoolArray = (low <= values) & (values <= high)
        return inside


def range_rule(
    ranges: Sequence[Range], *, connectivity: int, spacing: FloatArray
) -> RegionRule | None:
    """Keep the regions whose properties lie in all ranges, by a rule; None if there is none for them."""
    names = {one.name for one in ranges}
    if not names <= ASKED_FOR.keys():
        return None
    asks = dict.fromkeys(column for name in sorted(names) for column in ASKED_FOR[name])
    return RegionRule(
        connectivity, partial(_is_within, ranges=ranges, spacing=spacing), asks=tuple(asks)
    )


def _is_within(
    table: ChunkedRegionTable, ranges: Sequence[Range], spacing: FloatArray
) -> BoolArray:
    under = _UnderTabled(table, spacing)
    # Infinite pixels have a mean of NaN, and need no warning.
    with np.errstate(invalid="ignore"):
        each = [one.holds(STATISTICS[one.name].measure(under)) for one in ranges]
    kept: BoolArray = np.logical_and.reduce(each)
    return kept


class _Tabled(Objects):
    """Regions of which nothing is known but their table, and what statistics ask of them."""

    def __init__(self, table: ChunkedRegionTable, spacing: FloatArray) -> None:
        self._table = table
        self.shape = (1, *table.image_shape)
        self.spacing = spacing

    def __len__(self) -> int:
        return self.area.size

    @cached_property
    def area(self) -> IntArray:
        return self._table.sizes

    @cached_property
    def bounds(self) -> IntArray:
        return np.moveaxis(self._table.bounds, -1, 0)

    @property
    def sums(self) -> FloatArray:
        return self._moments[:, 0]

    @property
    def products(self) -> FloatArray:
        return self._moments[:, 1:]

    @cached_property
    def _moments(self) -> FloatArray:
        """Sums of coordinates and of their products, counted from the bounds of each region."""
        moments = np.moveaxis(self._table.moments, -1, 0)
        return move_moments(self.area, moments, -self.bounds[:, 0]).astype(np.float64)


class _UnderTabled(UnderObjects):
    """Regions of which nothing is known but their table, and the intensity of their pixels."""

    def __init__(self, table: ChunkedRegionTable, spacing: FloatArray) -> None:
        super().__init__(_Tabled(table, spacing))
        self._table = table

    @property
    def total(self) -> FloatArray:
        return self._table.intensities[0]

    @property
    def lowest(self) -> FloatArray:
        return self._table.intensities[1]

    @property
    def highest(self) -> FloatArray:
        return self._table.intensities[2]


def filter_regions(
    masks: BoolArray,
    ranges: Sequence[Range],
    *,
    connectivity: int = 1,
    spacing: FloatArray | None = None,
    images: Array | None = None,
) -> BoolArray:
    """Keep the regions of masks whose properties lie in all ranges.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    ranges : sequence of Range
    connectivity : int, default=1
    spacing : ndarray of float, shape (n_axes,), optional
        Distance of neighboring pixels along each axis, 1 by default.
    images : ndarray of the same shape, optional
        Images under the masks, for properties of the intensity.
    """
    names = [name for name, _, _ in ranges]
    filtered = np.empty(masks.shape, dtype=bool)
    for block in blocks_of_images(masks.shape):
        objects = regions_of(masks[block], connectivity, spacing)
        channels = [] if images is None else [images[block]]
        measured = measure_objects(objects, names, channels, masks[block])
        keep = np.ones(len(objects), dtype=bool)
        for one, values in zip(ranges, measured.T, strict=True):
            keep &= one.holds(values)
        filtered[block] = paint_objects(objects, keep)
    return filtered
