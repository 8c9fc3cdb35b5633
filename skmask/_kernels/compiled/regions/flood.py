"""Twin of `skmask._kernels.regions.rules.keep_reached`: a flood over words of 64 pixels.

All runs of foreground in a word that hold a reached pixel are filled, by an addition whose carry runs through
them. The pixels that they touch in the words around it are reached in turn::

    foreground   0111 0110        word above   0011 0000   reached in turn
    reached      0010 0000        this word    0111 0000
    filled       0111 0000        word below   0000 0110   stays out

Words that are not reached are never looked at again: the work is that of the flood, not of the image.
"""

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled.bits import LEAST
from skmask._kernels.compiled.jit import as_source, find_memory
from skmask._kernels.compiled.regions.layouts import (
    FROM_SEEDS,
    KEEP_REACHED,
    OF_BACKGROUND,
    ImageTable,
    tabulate_stack,
)
from skmask._kernels.compiled.regions.tiles import flood_planes
from skmask._kernels.compiled.regions.volumes import flood_volumes


def keep_reached(
    masks: BoolArray, connectivity: int, reached: bool, of_background: bool, *seeds: BoolArray
) -> BoolArray:
    """Keep the regions that hold a seed or, without seeds, touch the frame; all others if not `reached`."""
    if masks.size < LEAST:
        many = (np.resize(one, (LEAST, *masks.shape[1:])) for one in (masks, *seeds))
        return keep_reached(next(many), connectivity, reached, of_background, *many)[: len(masks)]
    result = np.empty(masks.shape, np.bool_)
    source = as_source(masks.ravel())
    own_seeds = as_source(seeds[0].ravel()) if seeds else source
    flags = (FROM_SEEDS if seeds else 0) + find_flags(reached, of_background)
    images = tabulate_stack(masks.shape[1:], connectivity)
    flood(source, own_seeds, result.ravel(), images, flags)
    return result


def find_flags(reached: bool | None, of_background: bool) -> int:
    """Return what a flood keeps as one number, which takes less time to hand over."""
    return (KEEP_REACHED if reached else 0) + (OF_BACKGROUND if of_background else 0)


def flood(
    source: BoolArray, seeds: BoolArray, target: BoolArray, images: ImageTable, flags: int
) -> None:
    """Write the regions of joined images that are reached, or the others."""
    table, n_steps, n_words, _ = images
    # All memory is allocated here, since compiling the allocations takes two seconds.
    memory = find_memory(4 * n_words + table.size)
    run = flood_planes if n_steps < 2 else flood_volumes
    run(source, seeds, target, memory, table, n_steps, flags)
