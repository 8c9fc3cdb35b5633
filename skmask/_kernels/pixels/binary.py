"""Masks as they come in: booleans, or numbers of two values one of which is zero.

Arrays of other libraries are read where they are.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, ByteArray
from skmask._kernels.pixels.namespaces import bits, dtype_of, namespace

_PIECE = 1 << 16


def is_two_valued(values: Array) -> bool:
    """Return whether all values are zero or one other number."""
    if dtype_of(values).kind == "b" or 0 in values.shape:
        return True
    if not isinstance(values, np.ndarray):
        return _is_two_valued_array_api(values)
    highest, lowest = values.max(), values.min()
    other = highest if highest != 0 else lowest
    pieces = np.nditer(values, ["external_loop", "buffered"], buffersize=_PIECE)
    return bool(other == 0) or all(
        np.count_nonzero(piece == other) == np.count_nonzero(piece) for piece in pieces
    )


def _is_two_valued_array_api(values: Any) -> bool:
    """Return whether all values are zero or one other number, without extremes of unsigned integers."""
    xp = namespace(values)
    values = bits(values)
    others = values[values != 0]
    return others.shape[0] == 0 or bool(xp.all(others == others[0]))


def sound(values: Array) -> Array:
    """Return an array whose booleans have the bytes 0 and 1, which is the array itself in nearly all cases.

    NumPy relies on such bytes. A view of other memory may have others, such as ``mask.view(bool)`` of 0 and
    255, and counts and indices are wrong with them. So views are looked at. Copies of such views are not told
    from other booleans; NumPy itself counts them wrongly.
    """
    if not isinstance(values, np.ndarray) or values.dtype.kind != "b" or values.base is None:
        return values
    if isinstance(values.base, np.ndarray) and values.base.dtype.kind == "b":
        return values
    codes = values.view(np.uint8)
    return values if codes.max(initial=0) <= 1 else codes != 0


def nonzero(values: Array) -> BoolArray:
    """Read every pixel that is a number other than zero as foreground; NaN never is."""
    kind = dtype_of(values).kind
    if kind == "b":
        return sound(values)
    mask = values != 0
    if kind == "f":
        mask &= values == values
    return mask


def is_number(images: Array, *, channel_axis: int | None = None) -> BoolArray:
    """Return where pixels are numbers, which is everywhere unless they are floats that are NaN.

    With `channel_axis`, where all channels are.
    """
    xp = namespace(images)
    if dtype_of(images).kind == "f":
        numbers = images == images
    else:
        numbers = xp.ones(images.shape, dtype=xp.bool, device=images.device)
    return numbers if channel_axis is None else xp.all(numbers, axis=channel_axis)


def without(mask: BoolArray, other: BoolArray, *, in_place: bool = False) -> BoolArray:
    """Take the pixels of another mask from a mask."""
    if isinstance(mask, np.ndarray):
        # Of booleans: true here and false there.
        return np.greater(mask, other, out=mask if in_place else None)
    return mask & ~other


def as_bytes(mask: BoolArray) -> ByteArray:
    """Return a mask as numbers 0 and 1, without a copy where NumPy can."""
    if isinstance(mask, np.ndarray):
        return mask.view(np.uint8)
    xp = namespace(mask)
    return xp.astype(mask, xp.uint8)
