"""Regions of masks kept by what is measured of them."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray
from skmask._kernels.regions.objects import paint_objects, regions_of
from skmask._kernels.regions.rules import RegionRule, RegionTable, blocks_of_images
from skmask._kernels.regions.statistics import STATISTICS, measure_objects

# Bounds are widened by this share, so that rounding loses no region of exactly that value.
TOLERANCE = 1e-12

PROPERTIES = [
    name
    for name, statistic in STATISTICS.items()
    if len(statistic.suffixes) == 1 and not statistic.per_axis
]


class Range(NamedTuple):
    """The values of a property that regions may have, bounds included."""

    name: str
    low: float
    high: float

    def holds(self, values: Array) -> BoolArray:
        """Tell which values lie in the range; NaN never does."""
        low, high = self.low - abs(self.low) * TOLERANCE, self.high + abs(self.high) * TOLERANCE
        inside: BoolArray = (low <= values) & (values <= high)
        return inside


def area_rule(ranges: Sequence[Range], *, connectivity: int, pixel: float) -> RegionRule:
    """Keep the regions whose area lies in all ranges, which are those of areas, given that of a pixel."""
    return RegionRule(connectivity, partial(_is_within, ranges=ranges, pixel=pixel))


def _is_within(table: RegionTable, ranges: Sequence[Range], pixel: float) -> BoolArray:
    kept: BoolArray = np.logical_and.reduce([one.holds(table.sizes * pixel) for one in ranges])
    return kept


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
