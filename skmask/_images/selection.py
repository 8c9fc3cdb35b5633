"""Some of the images that a user handed in, in the container that they came in."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmask._images.kinds import is_dask, is_reader, to_numpy
from skmask._images.readers import read


def select(X: Any, positions: NDArray[np.intp]) -> Any:
    """Return the images at some positions of a stack, a list, or anything that images come in.

    Parameters
    ----------
    X : array-like or list of array-like
        Images, masks, or one value an image.
    positions : ndarray of int

    Returns
    -------
    selected : object
        A list of a list, a dask array of a dask array, and of what is read by parts or image by image
        something that is read so; otherwise an array.
    """
    if isinstance(X, list | tuple):
        return [X[i] for i in positions.tolist()]
    if is_reader(X) and not is_dask(X):
        return Selection(X, positions)
    if isinstance(X, Sequence):
        return SelectedMembers(X, positions)
    if hasattr(X, "iloc") or not hasattr(X, "__getitem__"):
        X = np.asarray(X)
    return to_numpy(X)[positions]


class Selection:
    """Some images of a stack that is not in memory, read when they are asked for."""

    def __init__(self, stack: Any, positions: NDArray[np.intp]) -> None:
        self._stack = stack
        self._positions = positions
        self.shape = (len(positions), *stack.shape[1:])
        self.dtype = stack.dtype
        self.ndim = stack.ndim

    def __getitem__(self, part: slice) -> NDArray[Any]:
        images = [read(self._stack[i : i + 1]) for i in self._positions[part].tolist()]
        return np.concatenate(images)


class SelectedMembers(Sequence[Any]):
    """Some images of a sequence, such as one of files, read when they are asked for."""

    def __init__(self, images: Sequence[Any], positions: NDArray[np.intp]) -> None:
        self._images = images
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return SelectedMembers(self._images, self._positions[i])
        return self._images[int(self._positions[i])]
