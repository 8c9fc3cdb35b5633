"""Twins of the functions of `skmask._kernels.regions.rules` that clean many masks, or masks many times."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import prod

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled import is_compiled
from skmask._kernels.compiled.bits import LEAST
from skmask._kernels.compiled.jit import as_source
from skmask._kernels.compiled.regions import flood, sizes
from skmask._kernels.compiled.regions.layouts import tabulate_images
from skmask._kernels.regions.rules import RegionRule, clean_regions


def clean_each(masks: Sequence[BoolArray], rule: RegionRule) -> list[BoolArray]:
    """Keep the regions that a rule without seeds keeps, of masks that may differ in shape."""
    # They are joined to one row: a call for each would take longer than its work.
    stops = list(accumulate(mask.size for mask in masks))
    if len(masks) == 1 or not _is_simple(rule, stops[-1]):
        return NotImplemented
    joined = np.concatenate(masks, axis=None)
    images = tabulate_images(np.array([mask.shape for mask in masks]), rule.connectivity)
    if rule.sized is not None:
        sizes.plan_sizes(images, *rule.sized)(joined)
    else:
        write = flood.plan_flood(images, bool(rule.reached), rule.of_background)
        write(joined, as_source(joined))
    starts = [0, *stops]
    return [
        joined[start:stop].reshape(mask.shape)
        for start, stop, mask in zip(starts, stops, masks, strict=False)
    ]


def prepare_cleaning(shape: tuple[int, ...], rule: RegionRule) -> Callable[[BoolArray], BoolArray]:
    """Return a function that cleans masks of a shape by a rule without seeds."""
    if not _is_simple(rule, prod(shape)):
        return NotImplemented
    if rule.sized is not None:
        return _clean_copies(sizes.plan_stack(shape[1:], rule.connectivity, *rule.sized), rule)
    own = shape[1:], rule.connectivity, bool(rule.reached), rule.of_background
    flood_tile = flood.plan_tile(*own)
    if flood_tile is not None:
        return _clean_copies(flood_tile, rule)
    write = flood.plan_stack(*own)

    def clean(masks: BoolArray) -> BoolArray:
        if not is_compiled():  # another engine has been chosen since
            return clean_regions(masks, rule)
        result, source = np.empty(shape, bool), masks.ravel()
        source.setflags(False)  # type: ignore[call-arg]  # a view or a copy, as masks have an axis of images
        write(result.ravel(), source)
        return result

    return clean


def _clean_copies(
    clean_in_place: Callable[[BoolArray], None], rule: RegionRule
) -> Callable[[BoolArray], BoolArray]:
    """Return a function that cleans copies of masks: a copy takes less time than to hand over two arrays."""

    def clean(masks: BoolArray) -> BoolArray:
        if not is_compiled():  # another engine has been chosen since
            return clean_regions(masks, rule)
        result = masks.copy()
        clean_in_place(result.ravel())
        return result

    return clean


def _is_simple(rule: RegionRule, n_pixels: int) -> bool:
    decides = rule.reached is not None or rule.sized is not None
    return decides and LEAST <= n_pixels <= sizes.MOST_PIXELS
