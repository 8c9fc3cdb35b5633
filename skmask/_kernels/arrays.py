"""Names of array types, one for each dtype, and of functions that take arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Array",
    "BoolArray",
    "ByteArray",
    "Float32Array",
    "FloatArray",
    "Int32Array",
    "Int64Array",
    "IntArray",
    "IntegerArray",
    "NumberArray",
    "UnsignedArray",
    "WordArray",
    "Work",
]

Array = NDArray[Any]
BoolArray = NDArray[np.bool_]
ByteArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.intp]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
IntegerArray = NDArray[np.integer[Any]]
NumberArray = NDArray[np.number[Any]]
UnsignedArray = NDArray[np.unsignedinteger[Any]]
WordArray = NDArray[np.uint64]

# A function that was planned for images of a shape and dtype.
Work = Callable[[Array], Array]
