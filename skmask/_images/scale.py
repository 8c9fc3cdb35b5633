"""The scale of training images, remembered to notice images of another scale.

A threshold learned from 8 bits makes one value of all images in [0, 1]. The scale is a dict: for each dtype
that was seen, the lowest and highest value among some images. It costs nothing where the dtype is the same.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from skmask._images.images import Images
from skmask._images.tags import ImageTags
from skmask._kernels.pixels.namespaces import dtype_of, to_host
from skmask._warn import warn

Limits = tuple[float, float]
Scale = dict[str, Limits | None]

# Images looked at in a block: a range that is off by some percent is good enough.
N_SAMPLES = 8

# Ratio of the largest absolute values above which scales differ: between 8 and 12 bits it is 16.
LARGEST_RATIO = 8


def learn_scale(
    images: Images, tags: ImageTags, *, caller: str, knows_limits: bool = False
) -> Scale:
    """Return the scale of training images, and warn of dtypes of different scales among them.

    Limits are None where values are not looked at: those of dask, and those of images of one dtype if the
    estimator learns their limits itself.
    """
    blocks = {_name_of(dtype_of(block)): block for block in images.first_blocks()}
    if "bool" in blocks:
        warn(
            f"{caller} expects images, got booleans to learn from, which are masks most often. Leave out "
            "the masker before it in a Pipeline, or use X.astype(float) for images of 0 and 1."
        )
    if knows_limits and len(blocks) == 1:
        return dict.fromkeys(blocks)
    scale: Scale = {}
    for dtype, block in blocks.items():
        limits = _limits(block)
        if not tags.mixes_scales:
            _compare(dtype, limits, scale, caller, tags.other_scale)
        scale[dtype] = limits
    return scale


def check_scale(
    images: Images,
    scale: Scale,
    training_limits: Callable[[], Limits | None],
    tags: ImageTags,
    *,
    caller: str,
) -> None:
    """Warn of images whose dtype was not seen in training and whose values have another scale.

    Parameters
    ----------
    images : Images
    scale : dict
        Of the training images.
    training_limits : callable
        Returns the limits of all training images, for dtypes without limits of their own; None if unknown.
    tags : ImageTags
    caller : str
    """
    for block in images.first_blocks():
        dtype = _name_of(dtype_of(block))
        if dtype in scale:
            continue
        known = {other: limits or training_limits() for other, limits in scale.items()}
        if images.is_lazy:
            _compare_dtypes(dtype, known, caller, tags.other_scale)
        else:
            _compare(dtype, _limits(block), known, caller, tags.other_scale)


def is_of_scale(dtype: np.dtype[Any], scale: Scale) -> bool:
    """Tell whether a dtype was seen in training, so that `check_scale` has nothing to say."""
    return _name_of(dtype) in scale


def dtypes_of(images: Images) -> list[str]:
    """Return the dtypes of images in memory, or of the first that are read."""
    return [_name_of(dtype_of(block)) for block in images.first_blocks()]


@lru_cache(maxsize=64)
def _name_of(dtype: np.dtype[Any]) -> str:
    """Return the name of a dtype, which takes NumPy longer than to look it up here."""
    return dtype.name


def _limits(block: Any) -> Limits | None:
    """Return the lowest and the highest finite value of some images."""
    block = to_host(block[:: max(1, block.shape[0] // N_SAMPLES), ...])
    if block.dtype.kind == "f" and not np.isfinite(block).all():
        block = block[np.isfinite(block)]
    return (block.min().item(), block.max().item()) if block.size else None


def _compare(dtype: str, limits: Limits | None, scale: Scale, caller: str, remedy: str) -> None:
    known = {other: there for other, there in scale.items() if there is not None}
    if limits is None or not known:
        return
    here = max(map(abs, limits))
    there = max(abs(limit) for pair in known.values() for limit in pair)
    if not (here and there) or there / LARGEST_RATIO <= here <= there * LARGEST_RATIO:
        return
    warn(
        f"{caller} learned from images of {_told(known)}, got images of {dtype} from {_shown(*limits)}, "
        f"which is another scale. Bring all images to one scale, such as by X * {_factor(dtype, known)}, or "
        f"{remedy}.",
        subject="scale",
    )


def _compare_dtypes(dtype: str, scale: Scale, caller: str, remedy: str) -> None:
    """Warn of a dask array, whose values are not computed to look at them, by its dtype alone."""
    known = {other: there for other, there in scale.items() if there is not None}
    if not known or all(np.dtype(one).kind == "f" for one in (dtype, *known)):
        return
    warn(
        f"{caller} learned from images of {_told(known)}, got a dask array of {dtype}, which is another "
        f"scale most often. Bring it to that scale, such as by X * {_factor(dtype, known)}, use "
        f"X.astype({next(iter(known))!r}) if it has that scale, or {remedy}.",
        subject="scale",
    )


def _factor(dtype: str, known: Mapping[str, Limits]) -> str:
    """Return the factor between the scales, that of the largest values of integers and of 1 for floats."""
    there, here = (
        np.iinfo(one).max if np.dtype(one).kind in "iu" else 1 for one in (next(iter(known)), dtype)
    )
    return f"({there} / {here})"


def _told(known: Mapping[str, Limits]) -> str:
    return " and ".join(f"{dtype} from {_shown(*limits)}" for dtype, limits in known.items())


def _shown(low: float, high: float) -> str:
    return f"{low:.6g} to {high:.6g}"
