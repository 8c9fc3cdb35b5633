"""Masks as they come in: booleans, or numbers of two values one of which is zero."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_PIECE = 1 << 16


def to_mask(values: NDArray[Any], *, caller: str, name: str) -> NDArray[np.bool_]:
    """Read an array as a mask, without a copy where it is boolean.

    Parameters
    ----------
    values : ndarray
        Booleans, or numbers with at most two values, one of them 0 (0 and 1, 0 and 255).
    caller, name : str
        Who asks and what for; they are named in errors.

    Returns
    -------
    mask : ndarray of bool, same shape

    Raises
    ------
    ValueError
        If the values are not those of a mask.
    """
    if values.dtype.kind == "b":
        return values
    if not is_two_valued(values):
        msg = (
            f"{caller} expects {name} to be masks, booleans or numbers of two values one of which is 0, "
            f"got {values.dtype} with other values. Use {name} != 0 for label images, or threshold first."
        )
        raise ValueError(msg)
    return np.not_equal(values, 0)


def is_two_valued(values: NDArray[Any]) -> bool:
    """Tell whether all values are zero or one other number."""
    if values.size == 0:
        return True
    highest, lowest = values.max(), values.min()
    other = highest if highest != 0 else lowest
    pieces = np.nditer(values, ["external_loop", "buffered"], buffersize=_PIECE)
    return bool(other == 0) or all(
        np.count_nonzero(piece == other) == np.count_nonzero(piece) for piece in pieces
    )


def nonzero(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Read every pixel that is a number other than zero as foreground; NaN never is."""
    if values.dtype.kind == "b":
        return values
    mask = np.not_equal(values, 0)
    if values.dtype.kind == "f":
        mask &= np.equal(values, values)
    return mask


def is_number(images: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell where pixels are numbers, which is everywhere unless they are floats that are NaN."""
    if images.dtype.kind == "f":
        return np.equal(images, images)
    return np.ones(images.shape, np.bool_)
