"""Arrays of other libraries: what kernels have to know of them to work where they are.

A kernel that takes such arrays is written in the array API standard for them; what lies in host memory is
computed by NumPy. The standard leaves little out that masks need: names of dtypes, and the order of unsigned
integers in PyTorch.
"""

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array

_find: Callable[[Any], Any] = methodcaller("__array_namespace__")
_known: dict[type, Any] = {}


def find_by(find: Callable[[Any], Any]) -> None:
    """Set how the namespace of an array is found.

    PyTorch's arrays do not name theirs. scikit-learn knows it, and kernels do not know scikit-learn: the
    module of the base classes, which every import of the package runs, hands in what it knows.
    """
    global _find
    _find = find
    _known.clear()


def namespace(array: Any) -> Any:
    """Return the module with the functions of the array API standard for an array."""
    if isinstance(array, np.ndarray):
        return np
    if type(array) not in _known:
        _known[type(array)] = _find(array)
    return _known[type(array)]


def dtype_of(array: Any) -> np.dtype[Any]:
    """Return the dtype of an array as NumPy's."""
    if isinstance(array, np.ndarray):
        return array.dtype
    try:
        return np.dtype(str(array.dtype).rpartition(".")[2])
    except TypeError:
        msg = f"skmask expects arrays of a dtype that NumPy has, got {array.dtype}. Convert them first."
        raise TypeError(msg) from None


def to_host(array: Any) -> Array:
    """Return an array as a NumPy array, from another device if it is there."""
    if isinstance(array, np.ndarray):
        return array
    dtype_of(array)  # refuses what NumPy has no dtype for
    if hasattr(array, "detach"):  # PyTorch
        return np.asarray(array.detach().cpu().numpy())
    if hasattr(array, "get"):  # CuPy
        return np.asarray(array.get())
    try:
        return np.from_dlpack(array)
    except BufferError:  # before NumPy 2.1 nothing that is read-only may be handed over
        return np.from_dlpack(namespace(array).asarray(array, copy=True))


def like(values: Any, array: Any) -> Any:
    """Return values as an array of the library and on the device of another."""
    if isinstance(values, np.ndarray) and not (
        isinstance(array, np.ndarray) or values.flags.writeable
    ):
        values = values.copy()  # PyTorch warns of read-only memory
    return namespace(array).asarray(values, device=array.device)


def copied(array: Any) -> Any:
    """Copy an array; a copy by NumPy is in C order."""
    if isinstance(array, np.ndarray):
        return array.copy()
    return namespace(array).asarray(array, copy=True)


def as_dtype(array: Any, dtype: np.dtype[Any]) -> Any:
    """Convert an array to a dtype, or refuse one that its library lacks."""
    xp = namespace(array)
    if not hasattr(xp, dtype.name):
        msg = f"skmask expects a dtype that the library of X has, got {dtype}. Use another dtype."
        raise TypeError(msg)
    return xp.astype(array, getattr(xp, dtype.name), copy=False)


def flat_rows(images: Any) -> Any:
    """Return images as rows of pixels."""
    return namespace(images).reshape(images, (images.shape[0], -1))


def bits(array: Any) -> Any:
    """View unsigned integers as signed ones, where the library can.

    PyTorch does little with unsigned integers of more than 8 bits.
    """
    dtype = dtype_of(array)
    if dtype.kind != "u" or dtype.itemsize == 1 or not hasattr(array, "view"):
        return array
    return array.view(getattr(namespace(array), f"int{8 * dtype.itemsize}"))


def ordered(array: Any) -> tuple[Any, int]:
    """Return `bits` that sort as the integers in an array do, and by how much they are less."""
    signed = bits(array)
    if signed is array:
        return array, 0
    half = 1 << (8 * dtype_of(array).itemsize - 1)
    return signed ^ -half, half
