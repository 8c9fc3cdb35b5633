"""The scale of training images, remembered to notice images of another scale.

A threshold learned from 8 bits makes one value of all images in [0, 1]. The scale is a dict: for each dtype
that was seen, the lowest and highest value among some images. It costs nothing where the dtype is the same.
"""

import numpy as np

from skmask._kernels.pixels.namespaces import dtype_of, to_host
from skmask._warn import warn

# Images looked at in a block: a range that is off by some percent is good enough.
N_SAMPLES = 8

# Ratio of the largest absolute values above which scales differ: between 8 and 12 bits it is 16.
LARGEST_RATIO = 8


def learn_scale(images, tags, *, caller):
    """Return the scale of training images, and warn of dtypes of different scales among them."""
    scale = {}
    for dtype, block in _first_blocks(images):
        if dtype == "bool":
            warn(
                f"{caller} expects images, got booleans to learn from, which are masks most often. Leave out "
                "the masker before it in a Pipeline, or use X.astype(float) for images of 0 and 1."
            )
        limits = _limits(block)
        if not tags.mixes_scales:
            _compare(dtype, limits, scale, caller, tags.other_scale)
        scale[dtype] = limits
    return scale


def check_scale(images, scale, tags, *, caller):
    """Warn of images whose dtype was not seen in training and whose values have another scale."""
    if images.is_lazy:
        return  # values are not computed to look at them
    for dtype, block in _first_blocks(images):
        if dtype not in scale:
            _compare(dtype, _limits(block), scale, caller, tags.other_scale)


def _first_blocks(images):
    """Yield the dtypes of images in memory, or of the first block that is read, with a block of each."""
    for block in images.first_blocks():
        yield dtype_of(block).name, block


def _limits(block):
    """Return the lowest and the highest finite value of some images."""
    block = to_host(block[:: max(1, block.shape[0] // N_SAMPLES), ...])
    if block.dtype.kind == "f" and not np.isfinite(block).all():
        block = block[np.isfinite(block)]
    return (block.min().item(), block.max().item()) if block.size else None


def _compare(dtype, limits, scale, caller, remedy):
    known = {other: there for other, there in scale.items() if there is not None}
    if limits is None or not known:
        return
    here = max(map(abs, limits))
    there = max(abs(limit) for pair in known.values() for limit in pair)
    if not (here and there) or there / LARGEST_RATIO <= here <= there * LARGEST_RATIO:
        return
    trained = " and ".join(f"{other} from {_shown(*pair)}" for other, pair in known.items())
    warn(
        f"{caller} learned from images of {trained}, got images of {dtype} from {_shown(*limits)}, which is "
        f"another scale. Bring all images to one scale, such as by X * {_factor(dtype, known)}, or "
        f"{remedy}."
    )


def _factor(dtype, known):
    """Return the factor between the scales, that of the largest values of integers and of 1 for floats."""
    there, here = (
        np.iinfo(one).max if np.dtype(one).kind in "iu" else 1 for one in (next(iter(known)), dtype)
    )
    return f"({there} / {here})"


def _shown(low, high):
    return f"{low:.6g} to {high:.6g}"
