"""Cleaning of masks by connected regions: holes filled, regions kept or removed, image by image.

A region is a maximal set of foreground pixels that are connected inside their image. With
``connectivity=1`` a pixel is connected to those that share a face with it, with ``connectivity=2`` also
to those that share an edge. The largest value is the number of axes of the image, as in
:func:`scipy.ndimage.generate_binary_structure`.

A rule says which regions stay, by what is known of each; `clean_regions` follows it in whole images, and
`skmask._kernels.regions.chunks` in images that are cut into chunks. Masks have shape
``(n_images, *image_shape)`` and are never written to; results are new boolean arrays. `n_axes` is the
number of axes of an image.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from math import ceil, prod
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import numpy as np

from skmask._kernels.arrays import BoolArray, FloatArray, IntArray
from skmask._kernels.compiled import has_twin, is_compiled
from skmask._kernels.regions.tables import RegionTable, column, tabulate

BLOCK_PIXELS = 1 << 20

# No image has as many.
MOST_PIXELS = 1 << 62


class ChunkedRegionTable(RegionTable, Protocol):
    """Properties that a rule may use of regions in several chunks."""

    @property
    def moments(self) -> IntArray:
        """Sums of the coordinates of the pixels, and of their products: (1 + n_axes, n_axes, n_regions)."""

    @property
    def intensities(self) -> FloatArray:
        """Sum, lowest and highest of the values of the pixels, shape (3, n_regions)."""


class RegionRule(NamedTuple):
    """Which regions of masks stay.

    Attributes
    ----------
    connectivity : int
        Connectivity of the regions.
    keep : callable
        Takes a `RegionTable`, or a `ChunkedRegionTable`, and returns whether each region stays.
    of_background : bool
        Whether the regions are those of the background.
    asks : tuple of str
        Columns of the table that are not free and that `keep` asks for: ``"on_frame"``, for which all
        regions that touch the frame may count as one; ``"bounds"``, ``"moments"``, ``"intensities"``.
    compares : bool
        Whether `keep` compares the regions of an image. It then may keep more, but never less of the same
        regions when it is shown a part of them.
    reached : bool or None
        If no more than the frame or seeds decide: whether the regions stay that touch the frame or hold a
        seed (True), or the others (False).
    sized : tuple of int or None
        If no more than sizes decide: the least number of pixels of regions that stay, and how many of the
        largest regions of an image stay, 0 for all.
    """

    connectivity: int
    keep: Callable[[Any], BoolArray]
    of_background: bool = False
    asks: tuple[str, ...] = ()
    compares: bool = False
    reached: bool | None = None
    sized: tuple[int, int] | None = None


# Of rules with the same arguments; to make one takes a tenth of the time of cleaning a small mask.
_made_once = lru_cache(maxsize=256)


@_made_once
def hole_rule(
    n_axes: int,
    *,
    max_size: int | None = None,
    connectivity: int = 1,
    include_border: bool = False,
) -> RegionRule:
    """Turn the holes of masks into foreground.

    A hole is a region of the background that does not touch the frame of its image. Foreground
    and background need opposite connectivities, or a closed curve of pixels might not separate
    its inside from its outside, and an open one might [1]_. Hence the background is fully
    connected where the foreground has ``connectivity=1``, and connected through faces only
    where the foreground has a higher one: ``connectivity > 1`` fills the holes that
    :func:`scipy.ndimage.binary_fill_holes` fills.

    Parameters
    ----------
    n_axes : int
    max_size : int, default=None
        Size in pixels of the largest holes to fill; None fills all.
    connectivity : int, default=1
        Connectivity of the foreground.
    include_border : bool, default=False
        Whether holes that the frame cuts open are filled: regions of the background that touch it, but
        do not reach both ends of any axis.

    References
    ----------
    .. [1] A. Rosenfeld, "Connectivity in digital pictures", Journal of the ACM 17 (1970),
       146-160. https://doi.org/10.1145/321556.321570
    """
    return RegionRule(
        connectivity=n_axes if connectivity == 1 else 1,
        keep=partial(_is_open, max_size=max_size, include_border=include_border),
        of_background=True,
        asks=("bounds",) if include_border else ("on_frame",),
        reached=True if max_size is None and not include_border else None,
    )


def _is_open(table: RegionTable, max_size: int | None, include_border: bool) -> BoolArray:
    is_open = _reaches_across(table) if include_border else table.on_frame
    return is_open if max_size is None else is_open | (table.sizes > max_size)


def _reaches_across(table: RegionTable) -> BoolArray:
    """Tell which regions reach both ends of an axis of more than one pixel."""
    firsts, stops = table.bounds
    sizes = column(table.image_shape)
    across: BoolArray = ((firsts == 0) & (stops == sizes) & (sizes > 1)).any(axis=0)
    return across


@_made_once
def size_rule(
    n_axes: int, min_size: float, *, connectivity: int = 1, pixel: float = 1.0
) -> RegionRule:
    """Keep the regions that have at least `min_size`.

    Parameters
    ----------
    n_axes : int
    min_size : float
        Size of the smallest regions to keep.
    connectivity : int, default=1
    pixel : float, default=1.0
        Size of a pixel, in the unit of `min_size`.
    """
    min_pixels = min_size / pixel
    # A region of exactly min_size must not be lost to the rounding of a product.
    least = ceil(min(min_pixels * (1 - 1e-12), MOST_PIXELS))
    return RegionRule(connectivity, partial(_is_large, least=least), sized=(least, 0))


def _is_large(table: RegionTable, least: int) -> BoolArray:
    return table.sizes >= least


@_made_once
def largest_rule(n_axes: int, n_regions: int = 1, *, connectivity: int = 1) -> RegionRule:
    """Keep the `n_regions` largest regions of every image, or all where there are fewer.

    Of equally large regions, those whose first pixel in C order comes first are kept.

    Parameters
    ----------
    n_axes : int
    n_regions : int, default=1
    connectivity : int, default=1
    """
    n_regions = min(int(n_regions), MOST_PIXELS)  # twins are compiled for each type of integers
    keep = partial(_is_largest, n_regions=n_regions)
    return RegionRule(connectivity, keep, compares=True, sized=(0, n_regions))


def _is_largest(table: RegionTable, n_regions: int) -> BoolArray:
    if table.is_in_order:
        sizes = table.sizes
        largest: BoolArray = np.zeros(sizes.size, dtype=bool)
        if n_regions == 1 and sizes.size:
            largest[sizes.argmax()] = True
        else:
            largest[np.argsort(-sizes, kind="stable")[:n_regions]] = True
        return largest
    images, first = table.first_pixels
    if n_regions == 1:
        return _is_first_largest(table.sizes, images, first)
    order = np.lexsort((first, -table.sizes, images))
    per_image = np.bincount(images)
    rank = np.arange(order.size) - np.repeat(np.cumsum(per_image) - per_image, per_image)
    is_largest = np.zeros(order.size, dtype=bool)
    is_largest[order[rank < n_regions]] = True
    return is_largest


def _is_first_largest(sizes: IntArray, images: IntArray, first: IntArray) -> BoolArray:
    """Tell which region of each image is the largest, and the first of them, without sorting."""
    most = np.zeros(images.max(initial=-1) + 1, dtype=np.intp)
    np.maximum.at(most, images, sizes)
    candidates = np.flatnonzero(sizes == most[images])
    earliest = np.full(most.size, np.iinfo(np.intp).max)
    np.minimum.at(earliest, images[candidates], first[candidates])
    is_largest = np.zeros(sizes.size, dtype=bool)
    is_largest[candidates] = first[candidates] == earliest[images[candidates]]
    return is_largest


def frame_rule(
    n_axes: int,
    *,
    connectivity: int = 1,
    axes: Sequence[int] | None = None,
    margin: int = 0,
) -> RegionRule:
    """Remove the regions that touch the frame of the image.

    Parameters
    ----------
    n_axes : int
    connectivity : int, default=1
    axes : sequence of int, default=None
        Axes of the image along which the frame counts; None counts all.
    margin : int, default=0
        Number of pixels beside the frame that belong to it.
    """
    if axes is None and margin == 0:
        return RegionRule(connectivity, _is_inside, asks=("on_frame",), reached=False)
    counted = list(range(n_axes)) if axes is None else list(axes)
    return RegionRule(
        connectivity, partial(_is_far_inside, axes=counted, margin=margin), asks=("bounds",)
    )


def _is_inside(table: RegionTable) -> BoolArray:
    return ~table.on_frame


def _is_far_inside(table: RegionTable, axes: list[int], margin: int) -> BoolArray:
    firsts, stops = table.bounds
    rooms = np.minimum(firsts, column(table.image_shape) - stops)
    inside: BoolArray = (rooms[axes] > margin).all(axis=0)
    return inside


def seed_rule(n_axes: int, *, connectivity: int = 1) -> RegionRule:
    """Keep the regions that hold at least one seed.

    Parameters
    ----------
    n_axes : int
    connectivity : int, default=1
    """
    return RegionRule(connectivity, attrgetter("seeded"), reached=True)


def unseeded_rule(n_axes: int, *, connectivity: int = 1) -> RegionRule:
    """Keep the regions that hold no seed; the arguments are those of `seed_rule`."""
    return RegionRule(connectivity, _is_unseeded, reached=False)


def _is_unseeded(table: RegionTable) -> BoolArray:
    return ~table.seeded


def clean_regions(masks: BoolArray, rule: RegionRule, *seeds: BoolArray) -> BoolArray:
    """Keep the regions of masks that a rule keeps, given their seeds if it asks for them."""
    # Most calls have few pixels, for which a loop over blocks takes as long as the work.
    if 0 < masks.size <= BLOCK_PIXELS:
        return np.ascontiguousarray(_keep_regions(masks, rule, *seeds))
    cleaned = np.empty(masks.shape, dtype=bool)
    # By blocks of images, so that memory stays bounded.
    for block in blocks_of_images(masks.shape):
        own_seeds = [one[block] for one in seeds]
        cleaned[block] = _keep_regions(masks[block], rule, *own_seeds)
    return cleaned


@has_twin("regions.plans")
def clean_each(masks: Sequence[BoolArray], rule: RegionRule) -> list[BoolArray]:
    """Keep the regions that a rule without seeds keeps, of masks that may differ in shape."""
    return [clean_regions(mask[np.newaxis], rule)[0] for mask in masks]


@has_twin("regions.plans")
def prepare_cleaning(shape: tuple[int, ...], rule: RegionRule) -> Callable[[BoolArray], BoolArray]:
    """Return a function that cleans masks of a shape by a rule without seeds, as `clean_regions` does."""
    return partial(clean_regions, rule=rule)


def is_joint(rule: RegionRule) -> bool:
    """Tell whether masks that differ in shape are cleaned faster together than apart."""
    return is_compiled() and (rule.reached is not None or rule.sized is not None)


def _keep_regions(masks: BoolArray, rule: RegionRule, *seeds: BoolArray) -> BoolArray:
    if rule.reached is not None:
        return keep_reached(masks, rule.connectivity, rule.reached, rule.of_background, *seeds)
    if rule.sized is not None:
        return keep_large(masks, rule.connectivity, *rule.sized)
    regions = ~masks if rule.of_background else masks
    table = tabulate(regions, rule.connectivity, *seeds, surrounded="on_frame" in rule.asks)
    kept = table.paint(rule.keep(table))
    return np.logical_not(kept, out=kept) if rule.of_background else kept


@has_twin("regions.flood")
def keep_reached(
    masks: BoolArray, connectivity: int, reached: bool, of_background: bool, *seeds: BoolArray
) -> BoolArray:
    """Keep the regions that hold a seed or, without seeds, touch the frame; all others if not `reached`.

    The regions may be those of the background, which is then kept.
    """
    regions = ~masks if of_background else masks
    table = tabulate(regions, connectivity, *seeds, surrounded=not seeds)
    is_reached = table.seeded if seeds else table.on_frame
    kept = table.paint(is_reached if reached else ~is_reached)
    return np.logical_not(kept, out=kept) if of_background else kept


@has_twin("regions.sizes")
def keep_large(masks: BoolArray, connectivity: int, least: int, n_regions: int) -> BoolArray:
    """Keep the regions of at least some pixels, or some of the largest ones of each image."""
    table = tabulate(masks, connectivity, surrounded=False)
    return table.paint(_is_largest(table, n_regions) if n_regions else _is_large(table, least))


def keep_connected(seeds: BoolArray, masks: BoolArray, *, connectivity: int = 1) -> BoolArray:
    """Keep the regions of every mask that hold at least one seed.

    Parameters
    ----------
    seeds : ndarray of bool, shape (n_images, *image_shape)
        Seeds outside the mask count for nothing.
    masks : ndarray of bool, shape (n_images, *image_shape)
    connectivity : int, default=1
    """
    rule = seed_rule(masks.ndim - 1, connectivity=connectivity)
    return clean_regions(masks, rule, seeds)


def blocks_of_images(shape: tuple[int, ...]) -> Iterator[slice]:
    """Cut the first axis of a stack into slices of about a million pixels, or of one image."""
    n_pixels = prod(shape[1:])
    if n_pixels == 0:
        return
    step = max(1, BLOCK_PIXELS // n_pixels)
    for start in range(0, shape[0], step):
        yield slice(start, start + step)
