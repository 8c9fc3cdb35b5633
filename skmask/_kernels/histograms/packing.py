"""Arrays of 64-bit numbers as few bytes, for files of fitted estimators.

The arrays of a histogram have up to 65,536 elements of eight bytes, most of which hardly differ from the
element before: keys, edges and thresholds ascend in steps, criteria are smooth, counts are small. Each array
is stored as the differences of its elements, read as integers, of which all first bytes come first, then all
second bytes and so on. So zeros stand together, and zlib leaves little of them::

    1000, 1001, 1002  ->  1000, 1, 1  ->  232 1 1, 3 0 0, 0 0 0, ...
"""

import zlib
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array

__all__ = ["pack", "unpack"]

_WORD = np.dtype("<u8")

# Higher levels of zlib make files a tenth smaller and take four times as long.
_LEVEL = 1


def pack(values: Array) -> dict[str, Any]:
    """Return an array of int64, uint64 or float64 as a dictionary of plain objects, without loss.

    Examples
    --------
    >>> packed = pack(np.arange(65_536))
    >>> len(packed["deltas"]) < 5000
    True
    >>> unpack(packed)[-3:]
    array([65533, 65534, 65535])
    """
    dtype = values.dtype.newbyteorder("<")
    words = np.ascontiguousarray(values, dtype).reshape(-1).view(_WORD)
    # Integers wrap around, so that differences of any two can be added up again.
    deltas = np.diff(words, prepend=_WORD.type(0)).astype(_WORD, copy=False)
    planes = deltas.view(np.uint8).reshape(-1, _WORD.itemsize).T
    return {
        "dtype": dtype.str,
        "shape": list(values.shape),
        "deltas": zlib.compress(planes.tobytes(), _LEVEL),
    }


def unpack(packed: dict[str, Any]) -> Array:
    """Return the array that was packed."""
    planes = np.frombuffer(zlib.decompress(packed["deltas"]), np.uint8)
    deltas = np.ascontiguousarray(planes.reshape(_WORD.itemsize, -1).T).view(_WORD)
    words = np.cumsum(deltas.reshape(-1), dtype=_WORD)
    values: Array = words.view(packed["dtype"]).reshape(packed["shape"])
    return values.astype(values.dtype.newbyteorder("="), copy=False)
