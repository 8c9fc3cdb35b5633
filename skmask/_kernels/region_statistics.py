"""Measurements of images under masks, a few numbers an image.

Every statistic takes images and masks, both of shape ``(n_images, *image_shape)``, and returns
floats of shape ``(n_images, n_columns)``. An empty mask has an area, a fraction, a perimeter and
counts of 0, and NaN for all else. A NaN under the mask makes statistics of intensity NaN.
"""

from collections.abc import Callable, Sequence
from math import pi, prod, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.regions import blocks_of_images, count_regions
from skmask._kernels.runs import BoolArray, IntArray

FloatArray = NDArray[np.float64]
Measure = Callable[[NDArray[Any], BoolArray], FloatArray]

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Statistic(NamedTuple):
    """A measurement: its function, and what its columns are called.

    Attributes
    ----------
    measure : callable
        Function of images and masks.
    suffixes : tuple of str
        Ends of the names of the columns, or ``("",)`` for one column that has the bare name.
    per_axis : bool
        Whether every suffix comes once for each axis of the image, numbered.
    n_axes : int or None
        Number of axes of the images that it is defined for; None for any.
    """

    measure: Measure
    suffixes: tuple[str, ...] = ("",)
    per_axis: bool = False
    n_axes: int | None = None


def region_statistics(
    images: NDArray[Any],
    masks: BoolArray,
    names: Sequence[str],
    *,
    caller: str = "region_statistics",
) -> FloatArray:
    """Measure every image under its mask.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape)
        Booleans, integers or floats.
    masks : ndarray of bool, same shape
    names : sequence of str
        Keys of `STATISTICS`.

    Returns
    -------
    ndarray of float, shape (n_images, n_columns)
        In the order of :func:`statistic_columns`.
    """
    if images.shape != masks.shape:
        msg = (
            f"{caller} expects images and masks of one shape, got {images.shape} and "
            f"{masks.shape}. Give every image its own mask."
        )
        raise ValueError(msg)
    n_columns = len(statistic_columns(names, masks.ndim - 1, caller=caller))
    measured = np.full((len(masks), n_columns), np.nan)
    # Infinite pixels have a mean or a deviation of NaN, and need no warning.
    with np.errstate(invalid="ignore"):
        for block in blocks_of_images(masks.shape):
            numbers = [STATISTICS[name].measure(images[block], masks[block]) for name in names]
            np.concatenate(numbers, axis=1, out=measured[block])
    return measured


def statistic_columns(
    names: Sequence[str], n_axes: int, *, caller: str = "statistic_columns"
) -> list[str]:
    """Name the columns of :func:`region_statistics` for images of `n_axes` axes."""
    columns = []
    for name in names:
        if name not in STATISTICS:
            msg = (
                f"{caller} expects statistics among {sorted(STATISTICS)}, got {name!r}. "
                "Choose one of them."
            )
            raise ValueError(msg)
        statistic = STATISTICS[name]
        if statistic.n_axes not in (None, n_axes):
            msg = (
                f"{caller} expects images of {statistic.n_axes} axes to measure {name!r}, got "
                f"{n_axes}. Leave it out of the statistics."
            )
            raise ValueError(msg)
        stems = [name + suffix for suffix in statistic.suffixes]
        if statistic.per_axis:
            stems = [f"{stem}_{axis}" for stem in stems for axis in range(n_axes)]
        columns += stems
    return columns


def bounding_box(mask: BoolArray, *, margin: int = 0) -> tuple[slice, ...]:
    """Return the slices that cut the bounding box of a mask out of its image.

    Parameters
    ----------
    mask : ndarray of bool, shape image_shape
        One mask; ``masks.any(axis=0)`` gives the box that holds all masks of a stack.
    margin : int, default=0
        Number of pixels to add on every side, as far as the image goes.

    Returns
    -------
    tuple of slice
        One for each axis. An empty mask bounds nothing: its box is the whole image.
    """
    if not mask.any():
        return tuple(slice(0, size) for size in mask.shape)
    return tuple(
        slice(max(0, int(start) - margin), min(size, int(stop) + margin))
        for size, start, stop in zip(mask.shape, *_bounds(mask[np.newaxis])[0], strict=True)
    )


def _area(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Count the pixels of the mask."""
    return _column(_count(masks))


def _fraction(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Divide the area by the number of pixels of the image."""
    return _column(_count(masks) / prod(masks.shape[1:]))


def _mean(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Average the intensity."""
    total = _under(images, masks, 0).sum(axis=1, dtype=np.float64)
    return _column(_per_pixel(total, masks))


def _std(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Take the standard deviation of the intensity, of the pixels as a population."""
    mean = _mean(images, masks).reshape(len(masks), *(1,) * (masks.ndim - 1))
    deviations = _under(images - mean, masks, 0)
    variance = _per_pixel(np.einsum("ij,ij->i", deviations, deviations), masks)
    return _column(np.sqrt(variance))


def _min(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Take the lowest intensity."""
    lowest = _under(images, masks, np.inf).min(axis=1, initial=np.inf)
    return _column(np.where(_count(masks) > 0, lowest, np.nan))


def _max(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Take the highest intensity."""
    highest = _under(images, masks, -np.inf).max(axis=1, initial=-np.inf)
    return _column(np.where(_count(masks) > 0, highest, np.nan))


def _median(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Take the median intensity."""
    return _quantiles_at(images, masks, (0.5,))


def _quantiles(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Take five quantiles of the intensity."""
    return _quantiles_at(images, masks, _QUANTILES)


def _quantiles_at(
    images: NDArray[Any], masks: BoolArray, quantiles: tuple[float, ...]
) -> FloatArray:
    """Interpolate quantiles linearly between the pixels, as :func:`numpy.quantile` does."""
    values = np.sort(_under(images, masks, np.inf).astype(np.float64, copy=False), axis=1)
    area = _count(masks)[:, np.newaxis]
    place = np.maximum(area - 1, 0) * np.array(quantiles)
    below = place.astype(np.intp)
    share = place - below
    low = np.take_along_axis(values, below, axis=1)
    high = np.take_along_axis(values, below + (share > 0), axis=1)
    interpolated = np.where(low == high, low, low * (1 - share) + high * share)
    # NaN sorts behind the infinities that stand for the pixels outside.
    undefined = (area == 0) | np.isnan(values[:, -1:])
    return np.where(undefined, np.nan, interpolated)


def _bounding_box(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Find the first pixel along every axis, and one past the last along every axis."""
    bounds = _bounds(masks).reshape(len(masks), -1).astype(np.float64)
    bounds[_count(masks) == 0] = np.nan
    return bounds


def _centroid(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Average the coordinates of the pixels, in pixels from the first, along every axis."""
    columns = []
    for axis in range(1, masks.ndim):
        others = tuple(other for other in range(1, masks.ndim) if other != axis)
        total = masks.sum(axis=others) @ np.arange(masks.shape[axis])
        columns.append(_per_pixel(total, masks))
    return np.stack(columns, axis=1)


def _perimeter(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Estimate the length of the border of a plane mask, holes included, by Crofton's formula.

    It counts how often the lines through pixels change between mask and background, in four
    directions, weighted by the distance of the lines: ``pi / 8 * (n_0 + n_90 + (n_45 + n_135) /
    sqrt(2))``. What lies outside the image is background [1]_.

    References
    ----------
    .. [1] D. Legland, K. Kieu, M.-F. Devaux, "Computation of Minkowski measures on 2D and 3D
       binary images", Image Analysis & Stereology 26 (2007), 83-92.
       :doi:`10.5566/ias.v26.p83-92`
    """
    padded = np.pad(masks, [(0, 0), (1, 1), (1, 1)])
    upper, lower = padded[:, :-1], padded[:, 1:]
    straight = _count(padded[:, :, 1:] != padded[:, :, :-1]) + _count(upper != lower)
    diagonal = _count(upper[:, :, 1:] != lower[:, :, :-1]) + _count(
        upper[:, :, :-1] != lower[:, :, 1:]
    )
    return _column(pi / 8 * (straight + diagonal / sqrt(2)))


def _n_regions(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Count the regions of pixels that are connected by their faces."""
    return _column(count_regions(masks))


def _euler_number(images: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Count regions less holes (in the plane), pixels being connected by their faces.

    It is the Euler characteristic of the complex that has the pixels as vertices, pairs of
    neighbors as edges, squares of four as faces, and so on.
    """
    cells = [(masks, 1)]
    for axis in range(1, masks.ndim):
        after = (slice(None),) * axis + (slice(1, None),)
        before = (slice(None),) * axis + (slice(None, -1),)
        cells += [(cell[after] & cell[before], -sign) for cell, sign in cells]
    return _column(np.sum([sign * _count(cell) for cell, sign in cells], axis=0))


def _under(images: NDArray[Any], masks: BoolArray, outside: float) -> NDArray[Any]:
    """Return the pixels as rows, with the value `outside` where the mask is not."""
    return np.where(masks, images, outside).reshape(len(masks), prod(masks.shape[1:]))


def _count(masks: BoolArray) -> IntArray:
    """Count the foreground of every mask."""
    rows = masks.reshape(len(masks), prod(masks.shape[1:]))
    counts: IntArray = np.bitwise_count(np.packbits(rows, axis=1)).sum(axis=1, dtype=np.intp)
    return counts


def _per_pixel(total: NDArray[Any], masks: BoolArray) -> FloatArray:
    """Divide a total by the area; NaN for empty masks."""
    area = _count(masks)
    ratio: FloatArray = np.divide(total, area, out=np.full(len(masks), np.nan), where=area > 0)
    return ratio


def _bounds(masks: BoolArray) -> IntArray:
    """Return first pixels, and one past the last ones, in an array of shape (n, 2, n_axes)."""
    bounds = np.empty((len(masks), 2, masks.ndim - 1), dtype=np.intp)
    for axis in range(1, masks.ndim):
        others = tuple(other for other in range(1, masks.ndim) if other != axis)
        occupied = np.logical_or.reduce(masks, axis=others)
        bounds[:, 0, axis - 1] = occupied.argmax(axis=1)
        bounds[:, 1, axis - 1] = masks.shape[axis] - occupied[:, ::-1].argmax(axis=1)
    return bounds


def _column(numbers: NDArray[Any]) -> FloatArray:
    return numbers.astype(np.float64)[:, np.newaxis]


STATISTICS: dict[str, Statistic] = {
    "area": Statistic(_area),
    "fraction": Statistic(_fraction),
    "mean": Statistic(_mean),
    "std": Statistic(_std),
    "min": Statistic(_min),
    "max": Statistic(_max),
    "median": Statistic(_median),
    "quantiles": Statistic(_quantiles, tuple(f"_{100 * q:02.0f}" for q in _QUANTILES)),
    "bounding_box": Statistic(_bounding_box, ("_start", "_stop"), per_axis=True),
    "centroid": Statistic(_centroid, per_axis=True),
    "perimeter": Statistic(_perimeter, n_axes=2),
    "n_regions": Statistic(_n_regions),
    "euler_number": Statistic(_euler_number),
}
