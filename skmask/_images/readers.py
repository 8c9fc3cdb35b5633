"""Stacks read by parts: memory maps, zarr and h5py datasets, dask arrays, and sequences of images."""

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmask._images.faults import numbered
from skmask._images.kinds import Kind, check_member, classify, is_dask, is_lazy, is_reader, to_numpy
from skmask._kernels.pixels.binary import sound
from skmask._kernels.pixels.namespaces import dtype_of

# A block and what is computed from it are all that is held, and blocks of this size cost little each.
BLOCK_BYTES = 1 << 23


class BlockReader(Sequence[NDArray[Any]]):
    """Blocks of a stack, each read when it is asked for.

    Parameters
    ----------
    stack : object
        ``stack[start:stop]`` gives the images of a block.
    bounds : sequence of (int, int)
        Where blocks start and stop.
    shapes : sequence of tuple of int, optional
        Shapes of the blocks that are returned; by default those that are read.

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
        shapes: Sequence[tuple[int, ...]] | None = None,
    ) -> None:
        self.stack = stack
        self.bounds = bounds
        self.shapes = shapes

    def __len__(self) -> int:
        return len(self.bounds)

    def __getitem__(self, i: Any) -> Any:
        start, stop = self.bounds[i]
        block = read(self.stack[start:stop])
        if self.shapes is None or block.shape == self.shapes[i]:
            return block
        return block.reshape(self.shapes[i])

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
    """Results of a function for a stack, computed for the parts that are asked for."""

    def __init__(self, function: Callable[[Any], Any], stack: Any) -> None:
        self._function = function
        self._stack = stack

    def __getitem__(self, part: slice) -> Any:
        with numbered(range(part.start, part.stop)):
            return self._function(self._stack[part])


class ImageStack:
    """A sequence of images as a stack to slice: the images of a part are copied when it is asked for.

    Parameters
    ----------
    images : sequence
        Images, indexed by integers; those of a part have one shape.
    caller, name : str
        Who asks and what for; they are named in errors.
    order : sequence of int, optional
        Positions of the images, in the order of the stack; by default that of the sequence.
    """

    def __init__(
        self, images: Any, *, caller: str, name: str, order: Sequence[int] | None = None
    ) -> None:
        self.images = images
        self.is_lazy = is_lazy(images)
        self._order = range(len(images)) if order is None else order
        self._names = {"caller": caller, "name": name}

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> NDArray[Any]:
        numbers = self._order[part]
        if len(numbers) == 1:
            return self._read(numbers[0])[np.newaxis]  # a view
        return np.stack([self._read(i) for i in numbers])

    def _read(self, i: int) -> NDArray[Any]:
        image = self.images[i]
        if self.is_lazy and type(image) is not np.ndarray:
            image = check_member(image, **self._names)
        return read(image)

    def dtype(self, i: int) -> np.dtype[Any]:
        """Return the dtype of an image in memory."""
        return np.asarray(self.images[self._order[i]]).dtype

    def shapes(self, start: int, stop: int) -> list[tuple[int, ...]]:
        """Return the shapes of the images of a part."""
        return [np.shape(self.images[i]) for i in self._order[start:stop]]


class LazyShapes(Sequence[tuple[int, ...]]):
    """Shapes of blocks of one image each, which are known when the images are read.

    Parameters
    ----------
    stack : object
        ``stack[i : i + 1]`` reads an image.
    n_images : int
    check : callable
        Called with every block and its number when it is read for the first time.
    """

    def __init__(
        self, stack: Any, n_images: int, check: Callable[[NDArray[Any], int], None]
    ) -> None:
        self._stack = stack
        self._check = check
        self._known: list[tuple[int, ...] | None] = [None] * n_images

    def __len__(self) -> int:
        return len(self._known)

    def __getitem__(self, i: Any) -> Any:
        shape = self._known[i]
        if shape is None:
            block = self._stack[i : i + 1]
            self._check(block, i)
            shape = self._known[i] = block.shape
        return shape


class Converted(Sequence[Any]):
    """A function of the members of a sequence, computed for those that are asked for."""

    def __init__(self, function: Callable[[Any], Any], members: Sequence[Any]) -> None:
        self._function = function
        self._members = members

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, i: Any) -> Any:
        return self._function(self._members[i])


def members(X: Any, *, caller: str, name: str) -> Iterator[NDArray[Any]]:
    """Yield the images of anything that images come in, one after the other."""
    kind, data = classify(X, caller=caller, name=name)
    if kind is Kind.IMAGES:
        stack: Any = ImageStack(data, caller=caller, name=name)
        n_images = len(data)
    else:
        stack = np.asarray(to_numpy(data)) if kind in (Kind.ARRAY, Kind.DEVICE) else data
        n_images = len(stack) if stack.ndim else 0
    for i in range(n_images):
        yield read(stack[i : i + 1])[0]


def read(part: Any) -> NDArray[Any]:
    """Return a part of a stack as a plain array."""
    return sound(part if type(part) is np.ndarray else np.asarray(to_numpy(part)))


def has_newaxis(X: Any) -> bool:
    """Tell whether ``X[np.newaxis]`` works, as it does not for files."""
    return hasattr(X, "__array_function__") or not is_reader(X)


def block_bounds(X: Any, block_size: int | None = None) -> list[tuple[int, int]]:
    """Return where the blocks of a stack start and stop.

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
