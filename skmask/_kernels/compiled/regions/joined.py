"""Twin of `skmask._kernels.regions.rules.clean_each`: masks that differ in shape are joined to one row."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled.bits import LEAST
from skmask._kernels.compiled.jit import as_source
from skmask._kernels.compiled.regions.flood import find_flags, flood
from skmask._kernels.compiled.regions.layouts import tabulate_images
from skmask._kernels.compiled.regions.sizes import MOST_PIXELS, select_large
from skmask._kernels.regions.rules import RegionRule


def clean_each(masks: Sequence[BoolArray], rule: RegionRule) -> list[BoolArray]:
    """Keep the regions that a rule without seeds keeps, of masks that may differ in shape."""
    stops = list(accumulate(mask.size for mask in masks))
    is_simple = rule.reached is not None or rule.sized is not None
    if not is_simple or len(masks) == 1 or not LEAST <= stops[-1] <= MOST_PIXELS:
        return NotImplemented
    source = as_source(np.concatenate(masks, axis=None))
    target = np.empty_like(source)
    images = tabulate_images(np.array([mask.shape for mask in masks]), rule.connectivity)
    if rule.sized is not None:
        select_large(source, target, images, *rule.sized)
    else:
        flood(source, source, target, images, find_flags(rule.reached, rule.of_background))
    starts = [0, *stops]
    return [
        target[start:stop].reshape(mask.shape)
        for start, stop, mask in zip(starts, stops, masks, strict=False)
    ]
