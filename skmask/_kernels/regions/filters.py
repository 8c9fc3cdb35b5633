"""Regions of masks kept by what is measured of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.names import did_you_mean
from skmask._kernels.regions.objects import FloatArray, regions_of
from skmask._kernels.regions.rules import (
    RegionRule,
    RegionTable,
    blocks_of_images,
    check_connectivity,
    read_spacing,
)
from skmask._kernels.regions.runs import BoolArray, IntArray, Regions, paint_regions
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

    def holds(self, values: FloatArray | IntArray) -> BoolArray:
        """Tell which values lie in the range; NaN never does."""
        low, high = self.low - abs(self.low) * TOLERANCE, self.high + abs(self.high) * TOLERANCE
        inside: BoolArray = (low <= values) & (values <= high)
        return inside


def read_ranges(
    given: str | Sequence[Sequence[Any]],
    low: float | None,
    high: float | None,
    *,
    has_images: bool,
    caller: str,
) -> list[Range]:
    """Read one property with its bounds, or a list of ``(property, low, high)``; None is unbounded."""
    ranges = []
    if not isinstance(given, str) and (low is not None or high is not None):
        msg = (
            f"{caller} expects low and high for a single property, got a list of ranges as well. Write the "
            "bounds into the list: (property, low, high)."
        )
        raise ValueError(msg)
    for item in [(given, low, high)] if isinstance(given, str) else given:
        if isinstance(item, str) or len(item) != 3:
            msg = f"{caller} expects ranges to be (property, low, high), got {item!r}. None is unbounded."
            raise ValueError(msg)
        name, least, most = item
        if name not in PROPERTIES:
            msg = (
                f"{caller} expects a property among {sorted(PROPERTIES)}, got {name!r}."
                f"{did_you_mean(name, PROPERTIES)}"
            )
            raise ValueError(msg)
        if STATISTICS[name].per_channel and not has_images:
            msg = (
                f"{caller} expects images to measure {name!r}, and X holds masks. Give the masker that makes "
                "the masks as masker, and images as X."
            )
            raise ValueError(msg)
        one = Range(
            name, -np.inf if least is None else least, np.inf if most is None else most
        )
        if not one.low <= one.high:
            msg = f"{caller} expects low to be at most high, got {least} and {most} for {name!r}."
            raise ValueError(msg)
        ranges.append(one)
    return ranges


def check_axes(ranges: Sequence[Range], n_axes: int, caller: str) -> None:
    """Refuse properties that images of so many axes do not have."""
    for name, _, _ in ranges:
        if STATISTICS[name].n_axes not in (None, n_axes):
            msg = (
                f"{caller} expects images of {STATISTICS[name].n_axes} axes to measure {name!r}, got "
                f"{n_axes}. Choose another property."
            )
            raise ValueError(msg)


def area_rule(
    n_axes: int,
    ranges: Sequence[Range],
    *,
    connectivity: int = 1,
    spacing: float | Sequence[float] | None = None,
    caller: str = "area_rule",
) -> RegionRule:
    """Keep the regions whose area lies in all ranges, which are those of areas."""
    check_connectivity(n_axes, connectivity, caller)
    pixel = read_spacing(spacing, n_axes, caller).prod()
    return RegionRule(connectivity, partial(_is_within, ranges=ranges, pixel=pixel))


def _is_within(table: RegionTable, ranges: Sequence[Range], pixel: float) -> BoolArray:
    kept: BoolArray = np.logical_and.reduce([one.holds(table.sizes * pixel) for one in ranges])
    return kept


def filter_regions(
    masks: BoolArray,
    ranges: Sequence[Range],
    *,
    connectivity: int = 1,
    spacing: float | Sequence[float] | None = None,
    images: NDArray[Any] | None = None,
    caller: str = "filter_regions",
) -> BoolArray:
    """Keep the regions of masks whose properties lie in all ranges.

    Parameters
    ----------
    masks : ndarray of bool, shape (n_images, *image_shape)
    ranges : sequence of Range
    connectivity : int, default=1
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of the image or along all.
    images : ndarray of the same shape, optional
        Images under the masks, for properties of the intensity.
    """
    n_axes = masks.ndim - 1
    check_connectivity(n_axes, connectivity, caller)
    steps = read_spacing(spacing, n_axes, caller)
    names = [name for name, _, _ in ranges]
    filtered = np.empty(masks.shape, dtype=bool)
    for block in blocks_of_images(masks.shape):
        objects = regions_of(masks[block], connectivity, steps)
        channels = [] if images is None else [images[block]]
        measured = measure_objects(objects, names, channels, masks[block])
        keep = np.ones(len(objects), dtype=bool)
        for one, values in zip(ranges, measured.T, strict=True):
            keep &= one.holds(values)
        regions = Regions(
            objects.shape, objects.starts, objects.ends, objects.numbers, len(objects)
        )
        filtered[block] = paint_regions(regions, keep)
    return filtered
