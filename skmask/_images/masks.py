"""Masks that stand beside images, such as `y` and `roi`: their values and their shapes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from skmask._kernels.pixels.binary import is_two_valued, nonzero, sound
from skmask._kernels.pixels.namespaces import dtype_of


def to_mask(values: Any, *, caller: str, name: str) -> Any:
    """Read an array as a mask, without a copy where it is boolean.

    Parameters
    ----------
    values : array
        Booleans, or numbers with at most two values, one of them 0 (0 and 1, 0 and 255).
    caller, name : str
        Who asks and what for; they are named in errors.

    Returns
    -------
    mask : array of bool, same shape
    """
    dtype = dtype_of(values)
    if dtype.kind == "b":
        return sound(values)
    if dtype.kind not in "iuf":
        msg = (
            f"{caller} expects {name} to be masks, booleans or numbers, got dtype {dtype}. Convert them, "
            f"such as by {name} != 0."
        )
        raise TypeError(msg)
    if not is_two_valued(values):
        ignored = ""
        if name != "roi":
            ignored = (
                "; where one value marks pixels to ignore, such as 255 in labels 0, 1 and 255, use "
                f"{name} == 1 and roi={name} != 255"
            )
        msg = (
            f"{caller} expects {name} to be masks, booleans or numbers of two values one of which is 0, "
            f"got {dtype} with other values. Use {name} > 0 for label images, or threshold first{ignored}."
        )
        raise ValueError(msg)
    return nonzero(values)


def check_shape(
    got: Sequence[int],
    expected: Sequence[int],
    *,
    caller: str,
    name: str,
    number: int | None = None,
) -> None:
    """Refuse a shape of masks that is not that of the images, and say in which way it differs.

    Parameters
    ----------
    got, expected : tuple of int
        Shapes of stacks, or of one mask and one image.
    caller, name : str
        Who asks and what for; they are named in errors.
    number : int, default=None
        Number of the image, if the shapes are those of one mask and one image.
    """
    got, expected = tuple(got), tuple(expected)
    if got == expected:
        return
    of_stack = number is None
    if of_stack and len(got) == len(expected) and got[1:] == expected[1:]:
        remedy = f"Pass one mask for every image; there are {expected[0]} images."
    elif sorted(got) == sorted(expected):
        remedy = f"The axes are in another order: use np.transpose({name}, axes)."
    elif len(got) == len(expected) - 1 and _lacks_one_axis(got, expected, of_stack):
        remedy = (
            "Make color images gray first by ColorConverter or ColorProjector, or set channel_axis to the "
            "axis of channels where there is such a parameter."
        )
    elif len(got) == len(expected) + 1 and _lacks_one_axis(expected, got, of_stack):
        remedy = (
            f"Take one channel of {name}, or index an axis of length 1 away. Leave channel_axis out for "
            "images without channels."
        )
    elif math.prod(got) == math.prod(expected):
        remedy = f"Use {name}.reshape({expected}) if the pixels are in this order."
    else:
        remedy = "Crop or resize both alike."
    whose = "the shape of the images" if of_stack else f"the shape of image {number}"
    msg = (
        f"{caller} expects {name} of shape {expected}, {whose}, got {got}. "
        f"A mask has exactly the shape of its image, and nothing is broadcast. {remedy}"
    )
    raise ValueError(msg)


def _lacks_one_axis(shape: tuple[int, ...], whole: tuple[int, ...], of_stack: bool) -> bool:
    axes = range(1 if of_stack else 0, len(whole))
    return any(whole[:axis] + whole[axis + 1 :] == shape for axis in axes)


def refuse_labels(masks: Any, *, caller: str, name: str) -> None:
    """Refuse one value an image, such as the classes of the images."""
    is_flat = isinstance(masks, list | tuple) and len(masks) and np.isscalar(masks[0])
    if is_flat or len(getattr(masks, "shape", (0, 0))) < 2:
        msg = (
            f"{caller} expects {name} to be masks of the shape of the images, got one value an image. "
            "Class labels are no masks: use a method that needs none, such as 'otsu', or fit on masks "
            "first and pass FrozenEstimator(masker)."
        )
        if is_flat and isinstance(masks[0], str):
            msg += " Read files first, or use MaskFiles(paths) of skmask.io, if these are paths."
        raise ValueError(msg)
