"""Stacks that are read by parts: memory maps, zarr and h5py datasets, dask arrays, and all of their kind."""

import math
import operator
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn import get_config

from skmask._kernels.pixels.namespaces import dtype_of, to_host

# A block and what is computed from it are all that is held, and blocks of this size cost little each.
BLOCK_BYTES = 1 << 23

# Of the devices that DLPack counts: the processor, and memory of it that a device reads too.
HOST = (1, 3)


class BlockReader(Sequence[NDArray[Any]]):
    """Blocks of a stack, each read when it is asked for.

    Parameters
    ----------
    stack : object
        ``stack[start:stop]`` gives the images of a block.
    bounds : sequence of (int, int)
        Where blocks start and stop.
    prepare : callable, optional
        What is done to a block that was read, before it is given out.

    Examples
    --------
    >>> reader = BlockReader(np.arange(5), [(0, 2), (2, 5)])
    >>> list(reader)
    [array([0, 1]), array([2, 3, 4])]
    """

    def __init__(
        self,
        stack: Any,
        bounds: Sequence[tuple[int, int]],
        prepare: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
    ) -> None:
        self.stack = stack
        self.bounds = bounds
        self.prepare = prepare

    def __len__(self) -> int:
        return len(self.bounds)

    def __getitem__(self, i: Any) -> Any:
        start, stop = self.bounds[i]
        block = read(self.stack[start:stop])
        return block if self.prepare is None else self.prepare(block)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[i] for i in range(len(self)))


class Latest:
    """A stack that remembers the part read last, for several who read the same parts in turn."""

    def __init__(self, stack: Any) -> None:
        self._stack = stack
        self._part: slice | None = None
        self._images: Any = None

    def __getitem__(self, part: slice) -> Any:
        if part != self._part:
            self._images = None  # not two parts at a time
            self._part, self._images = part, read(self._stack[part])
        return self._images


class Shown:
    """What a function gives of a stack, computed for the parts that are asked for."""

    def __init__(self, function: Callable[[Any], Any], stack: Any) -> None:
        self._function = function
        self._stack = stack

    def __getitem__(self, part: slice) -> Any:
        return self._function(self._stack[part])


def is_image(X: Any) -> bool:
    """Tell whether `X` is an array of two or more axes, or an image of Pillow."""
    n_axes = getattr(X, "ndim", None)
    return hasattr(X, "__array_interface__") if n_axes is None else n_axes >= 2


def refuse_no_array(X: Any, *, caller: str, name: str) -> None:
    """Refuse what NumPy makes one object of, or nothing, and say what to do instead."""
    members = X if isinstance(X, list | tuple) else [X]
    if not members:
        msg = f"{caller} expects {name} to have pixels, got an empty list. Give at least one image."
        raise ValueError(msg)
    odd = [one for one in members if one is None or isinstance(one, str | bytes | os.PathLike)]
    if odd:
        got, remedy = repr(odd[0]), "Read files first, and leave out what cannot be read"
    elif hasattr(X, "__next__"):
        got, remedy = f"a {type(X).__name__}, which gives them once", "Use list(...) of it"
    elif is_image(X) and not hasattr(X, "shape"):
        got, remedy = f"a single {type(X).__name__}", "Use [image]"
    elif hasattr(X, "iloc") and X.ndim == 1 and X.dtype == object:
        got, remedy = f"a {type(X).__name__}", "Use list(...) of it"
    elif isinstance(X, dict | set) and not hasattr(X, "shape"):
        got, remedy = f"a {type(X).__name__}", "Take the images out of it"
    else:
        return
    msg = f"{caller} expects {name} to be an array or a list of arrays, got {got}. {remedy}."
    raise TypeError(msg)


def is_reader(X: Any) -> bool:
    """Tell whether `X` is a stack that is not in memory: an array, read by slices of its first axis."""
    if isinstance(X, np.ndarray):
        return isinstance(X, np.memmap) and X.ndim > 1 and X.size > 0
    if any(hasattr(X, name) for name in ("__dlpack__", "iloc")) or issparse(X):
        return False  # arrays of other libraries, tables and sparse matrices are in memory
    is_array = all(hasattr(X, name) for name in ("shape", "dtype", "ndim", "__getitem__"))
    return is_array and X.ndim > 1 and 0 not in X.shape


def has_newaxis(X: Any) -> bool:
    """Tell whether ``X[np.newaxis]`` works, as it does not for files."""
    return hasattr(X, "__array_function__") or not is_reader(X)


def is_dask(X: Any) -> bool:
    """Tell whether `X` is a dask array, without importing dask."""
    return type(X).__module__.startswith("dask.array")


def is_foreign(X: Any) -> bool:
    """Tell whether `X` is an array of another library that scikit-learn's array API dispatch is for."""
    is_other = hasattr(X, "__dlpack__") and not isinstance(X, np.ndarray)
    return is_other and get_config()["array_api_dispatch"]


def is_on_device(X: Any) -> bool:
    """Tell whether `X` is such an array outside of the memory that NumPy reads."""
    return is_foreign(X) and X.__dlpack_device__()[0] not in HOST


def to_numpy(X: Any) -> Any:
    """Give an array of another library as a NumPy array, from another device if it is there."""
    return to_host(X) if is_foreign(X) else X


def read(part: Any) -> NDArray[Any]:
    """Give a part of a stack as a plain array."""
    return np.asarray(to_numpy(part))


def block_bounds(X: Any, block_size: int | None = None) -> list[tuple[int, int]]:
    """Give where the blocks of a stack start and stop.

    Parameters
    ----------
    X : object
        A stack with a shape and a dtype.
    block_size : int, optional
        Number of images in a block. By default as many as fit in `BLOCK_BYTES`, in whole chunks where they
        fit, or where a chunk holds whole images: all of it is read for any part of it.
    """
    n_images = X.shape[0]
    if block_size is None:
        block_size = max(1, BLOCK_BYTES // (dtype_of(X).itemsize * math.prod(X.shape[1:])))
        chunks = getattr(X, "chunks", None) or (1,)
        chunk, *image = map(max, chunks) if is_dask(X) else chunks
        holds_images = all(map(operator.ge, image, X.shape[1:]))
        if chunk <= block_size or holds_images:
            block_size = max(1, block_size // chunk) * chunk
    starts = range(0, n_images, block_size)
    return [(start, min(start + block_size, n_images)) for start in starts]
