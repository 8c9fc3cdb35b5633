"""Measurements of objects and of the images under them, a few numbers an object.

Statistics are defined here once, for whole masks, for connected regions and for labels. An object without
pixels, such as an empty mask, has an area, a fraction, a perimeter and counts of 0, and NaN for all else.
A NaN in an object makes its statistics of intensity NaN. Shapes are defined as in
:func:`skimage.measure.regionprops`.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from math import gamma, pi, prod, sqrt
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, IntArray
from skmask._kernels.pixels.selection import select_pixels
from skmask._kernels.regions.hulls import convex_areas
from skmask._kernels.regions.objects import Objects, labels_of
from skmask._kernels.regions.rules import blocks_of_images
from skmask._kernels.regions.runs import paint_runs
from skmask._kernels.regions.whole_masks import WholeMasks

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class UnderObjects:
    """Objects and the image that they lie in; what many statistics need is computed once.

    The pixels are read run by run. Neighboring runs of one object make one segment, so that a whole mask is a
    single one, and sums of segments are sums of few numbers.

    Parameters
    ----------
    objects : Objects
    images : ndarray of shape (n_images, *image_shape), optional
        Only statistics of intensity ask for it.
    masks : ndarray of bool, same shape, optional
        The pixels of all objects, where somebody has them.
    """

    def __init__(
        self, objects: Objects, images: Array | None = None, masks: BoolArray | None = None
    ) -> None:
        self.objects = objects
        self.images = images
        self._masks = masks

    @cached_property
    def values(self) -> Array:
        """Pixels of all objects, in the order of the runs."""
        assert self.images is not None
        return select_pixels(
            self.images, _paint(self.objects) if self._masks is None else self._masks
        )

    @cached_property
    def segments(self) -> tuple[IntArray, IntArray, IntArray]:
        """Object of each segment, where it starts among the `values`, and its length."""
        if isinstance(self.objects, WholeMasks):
            area = self.objects.area
            filled = np.flatnonzero(area)
            return filled, (np.cumsum(area) - area)[filled], area[filled]
        numbers, lengths = self.objects.numbers, self.objects.lengths
        is_first = np.ones(numbers.size, dtype=bool)
        is_first[1:] = numbers[1:] != numbers[:-1]
        starts = (np.cumsum(lengths) - lengths)[is_first]
        return numbers[is_first], starts, np.diff(starts, append=lengths.sum())

    @cached_property
    def total(self) -> FloatArray:
        """Sum of the intensity of each object."""
        return self.sum_of(self.values)

    @cached_property
    def mean(self) -> FloatArray:
        """Mean intensity of each object; NaN for no pixels."""
        return self.objects.per_pixel(self.total)

    @cached_property
    def lowest(self) -> FloatArray:
        """Lowest intensity of each object; infinity for no pixels."""
        return self._extreme(np.minimum, np.inf)

    @cached_property
    def highest(self) -> FloatArray:
        """Highest intensity of each object; minus infinity for no pixels."""
        return self._extreme(np.maximum, -np.inf)

    def sum_of(self, values: Array) -> FloatArray:
        """Sum numbers, one for each of the `values`, for each object."""
        numbers, starts, _ = self.segments
        if not starts.size:
            return np.zeros(len(self.objects))
        totals: Any = np.add.reduceat(values, starts, dtype=np.float64)
        sums: Any = np.bincount(numbers, totals, len(self.objects))
        return sums

    def _extreme(self, extreme: np.ufunc, worst: float) -> FloatArray:
        numbers, starts, _ = self.segments
        found = np.full(len(self.objects), worst)
        if starts.size:
            extreme.at(found, numbers, extreme.reduceat(self.values, starts).astype(np.float64))
        return found

    @cached_property
    def ordered(self) -> Array:
        """The `values` object by object, in rising order within each."""
        numbers, starts, lengths = self.segments
        if (numbers[1:] > numbers[:-1]).all():
            ordered = self.values.copy()
        else:
            order = np.argsort(numbers, kind="stable")
            stops = np.cumsum(lengths[order])
            shifts = np.repeat(starts[order] - (stops - lengths[order]), lengths[order])
            ordered = self.values[shifts + np.arange(shifts.size)]
        # NumPy's stable sort is a radix sort for integers this short, ten times faster than its default.
        is_short = ordered.dtype.kind in "biu" and ordered.itemsize <= 2
        area = self.objects.area
        for stop, size in zip(np.cumsum(area).tolist(), area.tolist(), strict=True):
            ordered[stop - size : stop].sort(kind="stable" if is_short else None)
        return ordered


class Statistic(NamedTuple):
    """A measurement: its function, and what its columns are called.

    Attributes
    ----------
    measure : callable
        Function of objects and images that gives an array of shape (n_objects,) or (n_objects, n_columns).
    suffixes : tuple of str
        Ends of the names of the columns, or ``("",)`` for one column that has the bare name.
    per_axis : bool
        Whether every suffix comes once for each axis of the image, numbered.
    per_channel : bool
        Whether all columns come once for each channel of the image, numbered.
    n_axes : int or None
        Number of axes of the images that it is defined for; None for any.

    A statistic of the intensity comes for each channel, and needs an image.
    """

    measure: Callable[[UnderObjects], Array]
    suffixes: tuple[str, ...] = ("",)
    per_axis: bool = False
    per_channel: bool = False
    n_axes: int | None = None


def region_statistics(
    images: Array,
    masks: BoolArray,
    names: Sequence[str],
    *,
    spacing: float | Sequence[float] | None = None,
    channel_axis: int | None = None,
) -> FloatArray:
    """Measure every image under its mask.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape), with channels along `channel_axis`
        Booleans, integers or floats.
    masks : ndarray of bool, shape (n_images, *image_shape)
    names : sequence of str
        Keys of `STATISTICS`.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all: the unit of areas,
        perimeters and positions.
    channel_axis : int, default=None
        Axis of `images` that the masks lack.

    Returns
    -------
    ndarray of float, shape (n_images, n_columns)
        In the order of :func:`statistic_columns`.
    """
    channels = [images] if channel_axis is None else list(np.moveaxis(images, channel_axis, 0))
    n_axes = masks.ndim - 1
    steps = np.broadcast_to(np.asarray(1.0 if spacing is None else spacing, np.float64), n_axes)
    n_channels = None if channel_axis is None else len(channels)
    columns = statistic_columns(names, n_axes, n_channels=n_channels)
    measured = np.full((len(masks), len(columns)), np.nan)
    for block in blocks_of_images(masks.shape):
        objects = WholeMasks(masks[block], steps)
        parts = [channel[block] for channel in channels]
        measured[block] = measure_objects(objects, names, parts, masks[block])
    return measured


def label_statistics(
    images: Array,
    masks: BoolArray,
    atlas: Array,
    labels: Sequence[int],
    names: Sequence[str],
    *,
    spacing: FloatArray,
    channel_axis: int | None = None,
) -> FloatArray:
    """Measure every image under its mask, apart in each region of an atlas for all images.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape), with channels along `channel_axis`
    masks : ndarray of bool, shape (n_images, *image_shape)
    atlas : ndarray of int, shape image_shape
    labels : sequence of int
        The labels of the atlas to measure, in rising order.
    names : sequence of str
        Keys of `STATISTICS`.
    spacing : ndarray of float, shape (n_axes,)
    channel_axis : int, optional
        Axis of `images` that the masks lack.

    Returns
    -------
    ndarray of float, shape (n_images, n_labels * n_columns)
        The columns of one label after those of another.
    """
    channels = [images] if channel_axis is None else list(np.moveaxis(images, channel_axis, 0))
    parts = []
    for block in blocks_of_images(masks.shape):
        objects = labels_of(np.where(masks[block], atlas, 0), spacing, labels=labels)
        rows = measure_objects(objects, names, [channel[block] for channel in channels])
        parts.append(rows.reshape(len(masks[block]), -1))
    return np.concatenate(parts)


def measure_objects(
    objects: Objects,
    names: Sequence[str],
    channels: Sequence[Array] = (),
    masks: BoolArray | None = None,
) -> FloatArray:
    """Measure objects.

    Parameters
    ----------
    objects : Objects
    names : sequence of str
        Keys of `STATISTICS`.
    channels : sequence of ndarray of the shape of the objects' block
        The image of each channel, one without channels; statistics of the intensity need one or more.
    masks : ndarray of bool, optional
        The pixels of all objects, where somebody has them.

    Returns
    -------
    ndarray of float, shape (n_objects, n_columns)
        In the order of :func:`statistic_columns`.
    """
    if masks is None and any(STATISTICS[name].per_channel for name in names):
        masks = _paint(objects)
    parts = [UnderObjects(objects, channel, masks) for channel in channels]
    shapes = parts[:1] or [UnderObjects(objects)]
    # Infinite pixels have a mean or a deviation of NaN, and need no warning.
    with np.errstate(invalid="ignore"):
        numbers = [
            STATISTICS[name].measure(part)
            for name in names
            for part in (parts if STATISTICS[name].per_channel else shapes)
        ]
    return np.column_stack(numbers).astype(np.float64)


def statistic_columns(
    names: Sequence[str],
    n_axes: int,
    *,
    n_channels: int | None = None,
) -> list[str]:
    """Name the columns of :func:`region_statistics` for images of `n_axes` axes, channels apart."""
    columns = []
    for name in names:
        statistic = STATISTICS[name]
        stems = [name + suffix for suffix in statistic.suffixes]
        if statistic.per_axis:
            stems = [f"{stem}_{axis}" for stem in stems for axis in range(n_axes)]
        if statistic.per_channel and n_channels is not None:
            stems = [f"{stem}_channel_{i}" for i in range(n_channels) for stem in stems]
        columns += stems
    return columns


def _area(under: UnderObjects) -> Array:
    """Count the pixels, in units of the area or volume of a pixel."""
    return under.objects.area * under.objects.spacing.prod()


def _fraction(under: UnderObjects) -> Array:
    """Divide the number of pixels by that of the image."""
    return under.objects.area / prod(under.objects.shape[1:])


def _area_convex(under: UnderObjects) -> Array:
    """Count the pixels of the convex hull, in units of the area or volume of a pixel."""
    return convex_areas(under.objects) * under.objects.spacing.prod()


def _solidity(under: UnderObjects) -> Array:
    """Divide the number of pixels by that of the convex hull."""
    return _share(under.objects, convex_areas(under.objects))


def _extent(under: UnderObjects) -> Array:
    """Divide the number of pixels by that of the bounding box."""
    bounds = under.objects.bounds
    return _share(under.objects, (bounds[:, 1] - bounds[:, 0]).prod(axis=1))


def _share(objects: Objects, of: IntArray) -> FloatArray:
    return objects.area / np.where(of > 0, of, np.nan)


def _equivalent_diameter(under: UnderObjects) -> Array:
    """Find the diameter of the disk or ball of the same area or volume."""
    n_axes = under.objects.n_axes
    unit_ball = pi ** (n_axes / 2) / gamma(n_axes / 2 + 1)
    area = np.where(under.objects.area > 0, _area(under), np.nan)
    return 2 * (area / unit_ball) ** (1 / n_axes)


def _axis_major_length(under: UnderObjects) -> Array:
    """Find the longest axis of the ellipsoid of the same second moments."""
    return _axis_length(under.objects, 0)


def _axis_minor_length(under: UnderObjects) -> Array:
    """Find the shortest axis of the ellipsoid of the same second moments."""
    return _axis_length(under.objects, -1)


def _axis_length(objects: Objects, which: int) -> FloatArray:
    # A full ellipsoid of n axes has a variance of half an axis squared over n + 2 along that axis.
    return 2 * sqrt(objects.n_axes + 2) * np.sqrt(objects.principal_variances[:, which])


def _eccentricity(under: UnderObjects) -> Array:
    """Find the eccentricity of the ellipse of the same second moments: 0 is a circle, near 1 a line."""
    large, small = under.objects.principal_variances.T
    ratio = np.divide(small, large, out=np.where(large == 0, 1.0, np.nan), where=large > 0)
    return np.sqrt(1 - ratio)


def _orientation(under: UnderObjects) -> Array:
    """Find the angle of the first axis of the image with the longest one of the ellipse, counterclockwise."""
    covariance = under.objects.covariance
    mixed, difference = covariance[:, 0, 1], covariance[:, 0, 0] - covariance[:, 1, 1]
    angle = np.arctan2(2 * mixed, difference) / 2
    round_ones = difference == 0
    angle[round_ones] = np.where(mixed[round_ones] > 0, pi / 4, -pi / 4)
    return angle


def _border_distance(under: UnderObjects) -> Array:
    """Find how far the nearest pixel is from the frame of the image, 0 on it."""
    objects = under.objects
    sizes = np.array(objects.shape[1:])
    rooms = np.minimum(objects.bounds[:, 0], sizes - objects.bounds[:, 1]) * objects.spacing
    # An axis of one pixel has no border.
    distance = rooms[:, sizes > 1].min(axis=1, initial=np.inf)
    distance[objects.area == 0] = np.nan
    return distance


def _mean(under: UnderObjects) -> Array:
    """Average the intensity."""
    return under.mean


def _std(under: UnderObjects) -> Array:
    """Take the standard deviation of the intensity, of the pixels as a population."""
    numbers, _, lengths = under.segments
    deviations = np.repeat(under.mean.take(numbers), lengths)
    np.subtract(under.values, deviations, out=deviations)
    deviations *= deviations
    return np.sqrt(under.objects.per_pixel(under.sum_of(deviations)))


def _min(under: UnderObjects) -> Array:
    """Take the lowest intensity."""
    return np.where(under.objects.area > 0, under.lowest, np.nan)


def _max(under: UnderObjects) -> Array:
    """Take the highest intensity."""
    return np.where(under.objects.area > 0, under.highest, np.nan)


def _median(under: UnderObjects) -> Array:
    """Take the median intensity."""
    return _quantiles_at(under, (0.5,))


def _quantiles(under: UnderObjects) -> Array:
    """Take five quantiles of the intensity."""
    return _quantiles_at(under, _QUANTILES)


def _quantiles_at(under: UnderObjects, quantiles: tuple[float, ...]) -> FloatArray:
    """Interpolate quantiles linearly between the pixels, as :func:`numpy.quantile` does."""
    area = under.objects.area
    filled = area > 0
    starts = (np.cumsum(area) - area)[filled, np.newaxis]
    last = area[filled, np.newaxis] - 1
    place = last * np.array(quantiles)
    below = place.astype(np.intp)
    share = place - below
    low = under.ordered[starts + below].astype(np.float64)
    high = under.ordered[starts + below + (share > 0)].astype(np.float64)
    interpolated = np.where(low == high, low, low * (1 - share) + high * share)
    # NaN is last in order.
    interpolated[np.isnan(under.ordered[starts + last]).any(axis=1)] = np.nan
    measured = np.full((len(filled), len(quantiles)), np.nan)
    measured[filled] = interpolated
    return measured


def _bounding_box(under: UnderObjects) -> Array:
    """Find the first pixel along every axis, and one past the last along every axis."""
    objects = under.objects
    bounds = (objects.bounds * objects.spacing).reshape(len(objects), 2 * objects.n_axes)
    bounds[objects.area == 0] = np.nan
    return bounds


def _centroid(under: UnderObjects) -> Array:
    """Average the coordinates of the pixels, counted from the first, along every axis."""
    return under.objects.centroid * under.objects.spacing


def _perimeter(under: UnderObjects) -> Array:
    """Estimate the length of the border of a plane object, holes included, by Crofton's formula.

    It counts how often the lines through pixels change between object and background, in four
    directions, weighted by the distance of the lines and the share of all directions that is nearest. It
    is ``pi / 8 * (n_0 + n_90 + (n_45 + n_135) / sqrt(2))`` for square pixels. Pixels outside the image
    are background [1]_.

    References
    ----------
    .. [1] D. Legland, K. Kieu, M.-F. Devaux, "Computation of Minkowski measures on 2D and 3D
       binary images", Image Analysis & Stereology 26 (2007), 83-92.
       https://doi.org/10.5566/ias.v26.p83-92
    """
    return under.objects.perimeter


def _circularity(under: UnderObjects) -> Array:
    """Compare the area with that of a circle of the same perimeter: 1 is a circle, near 0 a thread."""
    perimeter = np.where(under.objects.area > 0, under.objects.perimeter, np.nan)
    return 4 * pi * _area(under) / perimeter**2


def _n_regions(under: UnderObjects) -> Array:
    """Count the regions of pixels that are connected by their faces."""
    return under.objects.n_regions()


def _euler_number(under: UnderObjects) -> Array:
    """Count regions less holes (in the plane), pixels being connected by their faces."""
    return under.objects.euler_number()


def _paint(objects: Objects) -> BoolArray:
    """Make the masks of the pixels of all objects."""
    is_first = np.append(True, objects.starts[1:] != objects.ends[:-1])[: objects.starts.size]
    is_last = np.roll(is_first, -1)
    return paint_runs(objects.shape, objects.starts[is_first], objects.ends[is_last])


STATISTICS: dict[str, Statistic] = {
    "area": Statistic(_area),
    "fraction": Statistic(_fraction),
    "area_convex": Statistic(_area_convex),
    "solidity": Statistic(_solidity),
    "extent": Statistic(_extent),
    "equivalent_diameter": Statistic(_equivalent_diameter),
    "axis_major_length": Statistic(_axis_major_length),
    "axis_minor_length": Statistic(_axis_minor_length),
    "eccentricity": Statistic(_eccentricity, n_axes=2),
    "orientation": Statistic(_orientation, n_axes=2),
    "perimeter": Statistic(_perimeter, n_axes=2),
    "circularity": Statistic(_circularity, n_axes=2),
    "border_distance": Statistic(_border_distance),
    "n_regions": Statistic(_n_regions),
    "euler_number": Statistic(_euler_number),
    "centroid": Statistic(_centroid, per_axis=True),
    "bounding_box": Statistic(_bounding_box, ("_start", "_stop"), per_axis=True),
    "mean": Statistic(_mean, per_channel=True),
    "std": Statistic(_std, per_channel=True),
    "min": Statistic(_min, per_channel=True),
    "max": Statistic(_max, per_channel=True),
    "median": Statistic(_median, per_channel=True),
    "quantiles": Statistic(
        _quantiles, tuple(f"_{100 * q:02.0f}" for q in _QUANTILES), per_channel=True
    ),
}
