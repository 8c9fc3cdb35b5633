"""Transforming what does not fit in memory, block by block, to a place that need not either."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, Literal

import numpy as np

from skmask._images.axes import Shape
from skmask._images.completion import Completion, check_writable, reserve
from skmask._images.faults import numbered
from skmask._images.kinds import Kind, classify
from skmask._images.readers import block_bounds, read


def transform_blocks(
    estimator: Any,
    X: Any,
    out: Any,
    *,
    block_size: int | None = None,
    progress: Callable[[Sequence[tuple[int, int]]], Iterable[tuple[int, int]]] | None = None,
    resume: bool = False,
) -> Any:
    """Transform a stack block by block and write the results as they come.

    For images and results that do not fit in memory. Results are those of ``estimator.transform(X)``, as
    images are never mixed; what is held is a block of images and what the estimator makes of it.

    Parameters
    ----------
    estimator : estimator
        Fitted: an estimator of skmask or a Pipeline.
    X : array, memory map, zarr array, h5py dataset or dask array of shape (n_images, ...)
        Images: anything with `shape` and `dtype` that is read by slices of the first axis.
    out : array, memory map, zarr array or h5py dataset of shape (n_images, ...)
        Where results are written, by slices of the first axis.
    block_size : int, default=None
        Number of images in a block. None is about 8 MiB of images, in whole chunks of `X` where they fit.
        A chunk that holds whole images is one block however large, because it is read as a whole.
    progress : callable, default=None
        Wraps the sequence of blocks and yields them, such as ``tqdm.tqdm`` or ``rich.progress.track``.
    resume : bool, default=False
        Whether to go on where an earlier call with the same images, estimator and `out` was interrupted,
        and to do nothing where it was not. False writes all results again. Other images are noticed by their
        shape, dtype, first or last image. If only images between them changed, use False.

    Returns
    -------
    out : object
        The `out` that was given.

    See Also
    --------
    skmask.base.ImageTransformer.transform : Of a dask array it gives a dask array, of other stacks an
        array in memory.

    Notes
    -----
    When it is interrupted, the blocks before are written and the others are as they were. Marks in the
    file say so. A zarr array and an h5py dataset have the attributes ``skmask_complete`` (whether all
    results are written) and ``skmask_done`` (how many, from the first image on). ``skmask_estimator`` and
    ``skmask_images`` are hashes of the estimator, and of the shape, the dtype and two of the images. For
    a memory map they stand in a JSON file beside it, ``out.npy.skmask.json`` for ``out.npy``. They are
    brought up to date every second, after the results have gone to the disk, and an HDF5 file can be
    opened after a kill.

    The disk space of a memory map is reserved first, since the system kills a process that writes to one
    when the disk is full. Other errors name the images that they concern.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skmask import ThresholdMasker, transform_blocks
    >>> X = np.arange(12).reshape(3, 2, 2)
    >>> with tempfile.TemporaryFile() as file:
    ...     masks = np.memmap(file, bool, shape=X.shape)
    ...     transform_blocks(ThresholdMasker(5), X, masks, block_size=2).astype(int)
    memmap([[[0, 0],
             [0, 0]],
    <BLANKLINE>
            [[0, 0],
             [1, 1]],
    <BLANKLINE>
            [[1, 1],
             [1, 1]]])
    """
    kind, X = classify(X, caller="transform_blocks")
    if kind is Kind.IMAGES or not hasattr(X, "dtype") or len(X.shape) < 2:
        msg = (
            f"transform_blocks expects X to be a stack with a shape and a dtype, got {type(X).__name__}. "
            "Use estimator.transform for lists."
        )
        raise TypeError(msg)
    _check_arguments(out, block_size, progress, resume)
    check_writable(out)
    n_images = X.shape[0]
    completion = Completion(out)
    done = completion.start(estimator, lambda: _ends(X), resume=resume)
    if done == n_images:
        completion.finish(n_images)  # a kill may have come just before
        return out
    reserve(out)
    # A chunk that a kill has cut is written again as a whole.
    done -= done % (getattr(out, "chunks", None) or (1,))[0]
    bounds = [
        (max(start, done), stop) for start, stop in block_bounds(X, block_size) if stop > done
    ]
    for start, stop in bounds if progress is None else progress(bounds):
        with numbered(range(start, stop)), _naming(start, stop, "transforming"):
            result = read(estimator.transform(X[start:stop]))
        _check_room(out, (n_images, *result.shape[1:]), result.dtype)
        with _naming(start, stop, "writing"):
            out[start:stop] = result
            completion.advance(stop)
    completion.finish(n_images)
    return out


def _check_arguments(out: Any, block_size: Any, progress: Any, resume: Any) -> None:
    if hasattr(out, "__dlpack__") and not isinstance(out, np.ndarray):
        msg = (
            f"transform_blocks expects out to be an array of NumPy, a memory map or a file, got "
            f"{type(out).__name__}. Use np.asarray(out), which shares its memory if that is the host's."
        )
        raise TypeError(msg)
    if not (hasattr(out, "shape") and hasattr(out, "dtype")):
        msg = (
            f"transform_blocks expects out to be an array to write to, got {type(out).__name__}. Make one of "
            "the shape and dtype of the results, such as np.empty(X.shape, bool) for masks."
        )
        raise TypeError(msg)
    if not (progress is None or callable(progress)):
        msg = (
            f"transform_blocks expects progress to be a function such as tqdm.tqdm, got {progress!r}. Leave "
            "it out to be told nothing."
        )
        raise TypeError(msg)
    if not isinstance(block_size, Integral | None) or isinstance(block_size, bool):
        msg = f"transform_blocks expects block_size to be an integer, got {block_size}. None is the default."
        raise TypeError(msg)
    if block_size is not None and block_size < 1:
        msg = f"transform_blocks expects block_size to be at least 1, got {block_size}. None is the default."
        raise ValueError(msg)
    if not isinstance(resume, bool | np.bool):
        msg = f"transform_blocks expects resume to be True or False, got {resume!r}. False is the default."
        raise TypeError(msg)


def _ends(X: Any) -> object:
    """Return the shape and dtype of images, the first and the last: other ones seldom share them."""
    n_images = X.shape[0]
    first, last = (read(X[i : i + 1]) for i in (0, max(n_images - 1, 0)))
    return tuple(X.shape), str(X.dtype), first, last


@contextmanager
def _naming(start: int, stop: int, doing: str) -> Iterator[None]:
    """Add to an error which images it is about."""
    try:
        yield
    except Exception as error:
        error.add_note(
            f"This was in {doing} the block of images {start} to {stop - 1} of X, counted from 0."
        )
        raise


def _check_room(out: Any, shape: Shape, dtype: np.dtype[Any]) -> None:
    # Floats may lose precision, which is asked for; integers would wrap around.
    casting: Literal["same_kind", "safe"] = "same_kind" if out.dtype.kind == "f" else "safe"
    if tuple(out.shape) != shape or not np.can_cast(dtype, out.dtype, casting):
        msg = (
            f"transform_blocks expects out of shape {shape} and a dtype that holds {dtype}, got shape "
            f"{tuple(out.shape)} and {out.dtype}. Make it for the results, not for the images."
        )
        raise ValueError(msg)
