"""Properties of regions in a chunk of images, so that parts of a region in several chunks can be joined.

A column of the table is a number, or several, for each region. All are counted in whole images, and are such
that the column of a region is a sum, the lowest, the highest or any of the columns of its parts::

    chunk 1   1 1 | 0 0   chunk 2        size  first pixel  stop
              1 1 | 1 0                    4     (0, 0)    (2, 2)   part in chunk 1
                                           1     (1, 2)    (2, 3)   part in chunk 2
                                           5     (0, 0)    (2, 3)   both

Whole numbers are exact in any order, so that joined regions have the numbers of whole images bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Int32Array, IntArray
from skmask._kernels.regions.objects import Objects, objects_of
from skmask._kernels.regions.runs import Layout, Regions, first_pixels
from skmask._kernels.regions.statistics import UnderObjects

Shape = tuple[int, ...]

LARGEST = np.iinfo(np.intp).max

# How each column is joined, and the value that changes nothing.
JOINS: dict[str, tuple[np.ufunc, float]] = {
    "sizes": (np.add, 0),
    "images": (np.maximum, 0),
    "first_pixels": (np.minimum, LARGEST),
    "on_frame": (np.logical_or, False),
    "seeded": (np.logical_or, False),
    "firsts": (np.minimum, LARGEST),
    "stops": (np.maximum, 0),
    "moments": (np.add, 0),
    "total": (np.add, 0),
    "lowest": (np.minimum, np.inf),
    "highest": (np.maximum, -np.inf),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Properties of some regions, see `skmask._kernels.regions.rules.ChunkedRegionTable`.

    Parameters
    ----------
    image_shape : tuple of int
    columns : dict of str to ndarray
        Columns of `JOINS`, in which regions are the last axis.
    """

    image_shape: Shape
    columns: dict[str, Array]

    is_in_order: ClassVar[bool] = False

    @property
    def sizes(self) -> IntArray:
        """Number of pixels of each region."""
        return self.columns["sizes"]

    @property
    def first_pixels(self) -> IntArray:
        """Image of each region, and its first pixel."""
        return np.stack([self.columns["images"], self.columns["first_pixels"]])

    @property
    def on_frame(self) -> BoolArray:
        """Whether each region touches the frame of its image."""
        return self.columns["on_frame"]

    @property
    def seeded(self) -> BoolArray:
        """Whether each region holds a seed."""
        return self.columns["seeded"]

    @property
    def bounds(self) -> IntArray:
        """First pixels, and one past the last ones, along each axis."""
        return np.stack([self.columns["firsts"], self.columns["stops"]])

    @property
    def moments(self) -> IntArray:
        """Sums of the coordinates of the pixels, and of their products."""
        return self.columns["moments"]

    @property
    def intensities(self) -> FloatArray:
        """Sum, lowest and highest of the values of the pixels."""
        return np.stack([self.columns[name] for name in ("total", "lowest", "highest")])

    def take(self, regions: BoolArray) -> "Table":
        """Return what is known of those regions of which `regions` is True."""
        taken = {name: column[..., regions] for name, column in self.columns.items()}
        return Table(self.image_shape, taken)

    def join(self, numbers: Int32Array, n_regions: int) -> "Table":
        """Join parts of regions, given the number of the region that each belongs to."""
        joined = {}
        for name, column in self.columns.items():
            join, nothing = JOINS[name]
            joined[name] = np.full((*column.shape[:-1], n_regions), nothing, dtype=column.dtype)
            with np.errstate(invalid="ignore"):  # NaN and infinite pixels need no warning
                join.at(joined[name].T, numbers, column.T)
        return Table(self.image_shape, joined)


def concatenate(tables: Sequence[Table]) -> Table:
    """Put the tables of several chunks of the same images one after the other."""
    columns = {
        name: np.concatenate([table.columns[name] for table in tables], axis=-1)
        for name in tables[0].columns
    }
    return Table(tables[0].image_shape, columns)


def tabulate(
    regions: Regions,
    own: Regions,
    *,
    start: Shape,
    image_shape: Shape,
    on_frame: BoolArray,
    seeded: BoolArray,
    asks: Sequence[str] = (),
    images: Array | None = None,
) -> Table:
    """Make the table of the regions of a chunk.

    Parameters
    ----------
    regions : Regions
        Those of the chunk and of the faces that it shares with the chunks after it.
    own : Regions
        Their parts in the chunk alone, which may be empty.
    start, image_shape : tuple of int
        Where the chunk starts in its images, and their shape.
    on_frame, seeded : ndarray of bool, shape (n_regions,)
    asks : sequence of str
        Properties to compute, of ``"bounds"``, ``"moments"`` and ``"intensities"``.
    images : ndarray of the shape of `own`, optional
        Values of the pixels, for intensities.
    """
    of_image, places = first_pixels(regions)
    _, *pixels = Layout.of(regions.shape).pixels(places)
    pixels = [first + index for first, index in zip(start, pixels, strict=True)]
    columns: dict[str, Array] = {
        "sizes": own.sizes,
        "images": of_image,
        "first_pixels": np.ravel_multi_index(tuple(pixels), image_shape),
        "on_frame": on_frame,
        "seeded": seeded,
    }
    columns |= _measured(objects_of(own), start, asks, images)
    for name in {"firsts", "stops"} & columns.keys():
        columns[name][:, columns["sizes"] == 0] = JOINS[name][1]
    return Table(image_shape, columns)


def _measured(
    objects: Objects, start: Shape, asks: Sequence[str], images: Array | None
) -> dict[str, Array]:
    columns: dict[str, Array] = {}
    if "bounds" in asks:
        columns["firsts"], columns["stops"] = np.moveaxis(objects.bounds + start, 0, -1)
    if "moments" in asks:
        moments = np.concatenate([objects.sums[:, np.newaxis], objects.products], axis=1)
        moved = move_moments(objects.area, moments.astype(np.int64), objects.bounds[:, 0] + start)
        columns["moments"] = np.moveaxis(moved, 0, -1)
    if "intensities" in asks:
        under = UnderObjects(objects, images)
        with np.errstate(invalid="ignore"):
            columns |= {name: getattr(under, name) for name in ("total", "lowest", "highest")}
    return columns


def move_moments(area: IntArray, moments: IntArray, distances: IntArray) -> IntArray:
    """Return the moments of regions, counted from another origin.

    Integers that overflow on the way do so both ways: the moments about the bounds of a region are
    right wherever they fit into 64 bits.

    Parameters
    ----------
    area : ndarray of int, shape (n_regions,)
    moments : ndarray of int, shape (n_regions, 1 + n_axes, n_axes)
        Sums of the coordinates, then sums of the products of pairs of them.
    distances : ndarray of int, shape (n_regions, n_axes)
        Amount that the coordinates grow by.
    """
    moved = moments.copy()
    growth = area[:, np.newaxis] * distances
    moved[:, 0] += growth
    mixed = distances[:, :, np.newaxis] * moments[:, :1]
    moved[:, 1:] += mixed + mixed.swapaxes(1, 2)
    moved[:, 1:] += growth[:, :, np.newaxis] * distances[:, np.newaxis]
    return moved
