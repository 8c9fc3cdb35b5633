"""Pixels that have one of some values, or some of their bits set."""

from collections.abc import Sequence
from functools import reduce
from operator import ior
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.pixels.namespaces import dtype_of

# A table of answers for all values of a dtype is fast as long as it stays in a cache.
TABLE_BYTES = 2

# So many values or less are faster to compare with, one by one, than to sort and search.
FEW_VALUES = 12


def equals_any(images: Array, values: Sequence[float]) -> BoolArray:
    """Return which pixels equal one of some values, exactly for integers; NaN equals nothing.

    Pixels of floats are compared in their own dtype, as NumPy compares them with numbers of Python.
    """
    dtype = dtype_of(images)
    wanted = [value for value in values if can_be(value, dtype)]
    if not isinstance(images, np.ndarray):
        return _equals_array_api(images, wanted)
    if dtype.kind in "iu" and dtype.itemsize <= TABLE_BYTES:
        native, unsigned = dtype.newbyteorder("="), f"u{dtype.itemsize}"
        table = np.zeros(1 << 8 * dtype.itemsize, dtype=np.bool_)
        table[np.array(wanted, dtype=native).view(unsigned)] = True
        return table.take(np.ascontiguousarray(images, dtype=native).view(unsigned))
    if len(wanted) > FEW_VALUES:
        return np.isin(images, np.array(wanted, dtype=dtype))
    none = np.zeros(images.shape, dtype=np.bool_)
    return reduce(ior, (images == dtype.type(value) for value in wanted), none)


def has_bits(images: Array, bits: Sequence[int], *, all_of: bool) -> BoolArray:
    """Return which integers have any, or all, of some bits set; bit 0 is worth 1.

    Negative numbers are read as their two's complement.
    """
    size = images.dtype.itemsize
    unsigned = np.dtype(f"u{size}")
    flags = unsigned.type(sum(1 << bit for bit in set(bits)))
    found = images.astype(images.dtype.newbyteorder("="), copy=False).view(unsigned) & flags
    answer: BoolArray = found == flags if all_of else found != 0
    return answer


def can_be(value: float, dtype: np.dtype[Any]) -> bool:
    """Return whether a pixel of a dtype can have a value."""
    if dtype.kind == "f":
        return value == value
    if value != value or value != np.floor(value):
        return False
    if dtype.kind == "b":
        return value in (0, 1)
    limits = np.iinfo(dtype)
    return bool(limits.min <= value <= limits.max)


def _equals_array_api(images: Any, wanted: Sequence[float]) -> Any:
    kind = dtype_of(images).kind
    convert = {"b": bool, "f": float}.get(kind, int)
    masks = [images == convert(value) for value in wanted]
    return reduce(ior, masks) if masks else images != images
