"""Twin of `skmask._kernels.regions.rules.keep_reached`: a flood over words of 64 pixels.

All runs of foreground in a word that hold a reached pixel are filled, by an addition whose carry runs through
them. The pixels that they touch in the words around it are reached in turn::

    foreground   0111 0110        word above   0011 0000   reached in turn
    reached      0010 0000        this word    0111 0000
    filled       0111 0000        word below   0000 0110   stays out

Words that are not reached are never looked at again: the work is that of the flood, not of the image.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled.bits import LEAST
from skmask._kernels.compiled.jit import as_source, find_memory
from skmask._kernels.compiled.regions.layouts import (
    FROM_SEEDS,
    KEEP_REACHED,
    OF_BACKGROUND,
    THROUGH_CORNERS,
    ImageTable,
    tabulate_images,
)
from skmask._kernels.compiled.regions.tiles import TILE_ROWS, flood_planes, flood_tiles
from skmask._kernels.compiled.regions.volumes import flood_volumes


def keep_reached(
    masks: BoolArray, connectivity: int, reached: bool, of_background: bool, *seeds: BoolArray
) -> BoolArray:
    """Keep the regions that hold a seed or, without seeds, touch the frame; all others if not `reached`."""
    if masks.size < LEAST:
        many = (np.resize(one, (LEAST, *masks.shape[1:])) for one in (masks, *seeds))
        return keep_reached(next(many), connectivity, reached, of_background, *many)[: len(masks)]
    if not seeds:
        flood_tile = plan_tile(masks.shape[1:], connectivity, reached, of_background)
        if flood_tile is not None:
            result = masks.copy()
            flood_tile(result.ravel())
            return result
    result = np.empty(masks.shape, bool)
    flood = plan_stack(masks.shape[1:], connectivity, reached, of_background)
    own_seeds = as_source(seeds[0].ravel()) if seeds else None
    flood(result.ravel(), as_source(masks.ravel()), own_seeds)
    return result


def plan_tile(
    image_shape: tuple[int, ...], connectivity: int, reached: bool, of_background: bool
) -> Callable[[BoolArray], None] | None:
    """Return a function that floods joined planes in place, None for images that exceed a tile."""
    if len(image_shape) != 2 or max(image_shape) > TILE_ROWS:
        return None
    flags = _flags(reached, of_background) + (THROUGH_CORNERS if connectivity > 1 else 0)
    return partial(flood_tiles, *image_shape, flags)


def _flags(reached: bool, of_background: bool) -> int:
    # One number takes less time to hand over than several.
    return (KEEP_REACHED if reached else 0) + (OF_BACKGROUND if of_background else 0)


@lru_cache(maxsize=256)
def plan_stack(
    image_shape: tuple[int, ...], connectivity: int, reached: bool, of_background: bool
) -> Callable[..., None]:
    """Return what `plan_flood` does, for images of one shape."""
    images = tabulate_images(np.array([image_shape]), connectivity)
    return plan_flood(images, reached, of_background)


def plan_flood(images: ImageTable, reached: bool, of_background: bool) -> Callable[..., None]:
    """Return a function that writes the regions of joined images that are reached, or the others.

    It takes the array to write to, the masks and, if the frame is not to be reached, seeds.
    """
    table, n_axes, n_words, _ = images
    run = flood_planes if n_axes < 3 else flood_volumes
    own = _flags(reached, of_background)

    def flood(target: BoolArray, source: BoolArray, seeds: BoolArray | None = None) -> None:
        flags = own if seeds is None else own + FROM_SEEDS
        seeds = source if seeds is None else seeds
        # All memory is allocated here, since compiling the allocations takes two seconds.
        run(source, seeds, target, find_memory(4 * n_words), table, n_axes, flags)

    return flood
