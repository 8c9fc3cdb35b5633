"""Images in a dask array: results are dask arrays in their turn, and nothing is computed until asked for.

A function sees a chunk of images and as much around it as its estimator looks at, or whole images where
it looks at all of an image; regions are followed from chunk to chunk. Nothing
is added around the whole image, so that the border rules of functions hold there as they do in memory.
"""

import functools
import hashlib
import itertools
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MethodType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmask._images.aligned_masks import AlignedMasks
from skmask._images.axes import Shape, single_axes
from skmask._images.dask_regions import clean_chunks
from skmask._images.faults import ImageFault
from skmask._images.images import FAN_IN, Function, ReadImages
from skmask._images.kinds import Kind, classify, shape_of, to_numpy
from skmask._images.masks import to_mask
from skmask._images.reach import RegionReach, whole_images
from skmask._images.readers import BlockReader, ImageStack


@dataclass(slots=True, eq=False)
class DaskImages(ReadImages):
    """Images of a dask array.

    Parameters
    ----------
    reach : callable
        ``reach(n_axes)`` says how far along each axis of an image the result for a pixel looks: a number
        of pixels, or None for the whole axis. Or it gives a `skmask._images.reach.RegionReach`.
    """

    reach: Callable[[int], Any] = whole_images
    is_lazy: ClassVar[bool] = True
    n_steps: ClassVar[None] = (
        None  # chunks are reduced by the scheduler in use, which tells of them itself
    )

    def map(self, function: Function, *aligned: Sequence[Any]) -> Any:
        """Return the dask array of ``function(block, *aligned_blocks)``."""
        n_axes = self.blocks.stack.ndim - 1
        reach = self.reach
        if self.own_shapes is not self.shapes:
            function, reach = self._method_for(function, 0), self._method_for(reach, 0)
        reach = reach(n_axes)
        if not isinstance(reach, RegionReach):
            result = self._lazy(function, aligned, reach)
        elif max(self.blocks.stack.numblocks[1:]) == 1:
            result = self._lazy(function, aligned, whole_images(n_axes))
        else:
            marks = self._lazy(reach.mark, aligned, reach.distances)
            result = clean_chunks(marks, reach.rule, self.blocks.stack)
        if self.own_shapes is not self.shapes:
            result = self._with_single_axes(result, 0)
        return _rows(result) if self.is_rows else result

    def map_rows(self, function: Function, *aligned: Sequence[Any]) -> Any:
        """Return the dask array with one row an image."""
        return self._lazy(function, aligned, whole_images(self.blocks.stack.ndim - 1))

    def measure(self, function: Function, *aligned: Sequence[Any]) -> NDArray[Any]:
        """Compute the rows of `map_rows`."""
        return self.map_rows(function, *aligned).compute()

    def reduce(
        self, function: Function, merge: Function, *aligned: Sequence[Any], pixelwise: bool = False
    ) -> Any:
        """Merge by a tree of tasks, run by the scheduler in use; whole images only where needed."""
        import dask
        import dask.array as da

        chunks = self.blocks.stack.chunks
        operands = [_operand(blocks, chunks, pixelwise) for blocks in (self.blocks, *aligned)]
        reduced = da.blockwise(
            _call,
            operands[0][1],
            *(dask.delayed(function, traverse=False, pure=False), None),
            *itertools.chain(*operands),
            align_arrays=False,
            dtype=object,
            meta=np.empty(0, object),
        )
        # Chunks at one place in their images, which may share one roi, are merged first: few are held.
        parts = reduced.to_delayed().ravel(order="F").tolist()
        merge = dask.delayed(merge, pure=False)
        while len(parts) > 1:
            parts = [merge(parts[i : i + FAN_IN]) for i in range(0, len(parts), FAN_IN)]
        return merge(parts).compute()

    def show(self, function: Function, X: Any) -> Any:
        """Return ``function(X)``, a dask array like `X`."""
        return function(X)

    def first_blocks(self) -> Iterator[Any]:
        """Yield a block without images, as looking at values would compute them."""
        yield np.empty(0, self.blocks.stack.dtype)

    def align_roi(self, roi: Any, *, caller: str, channel_axis: int | None = None) -> Sequence[Any]:
        """Read a region of interest; one for all images is cut into their chunks."""
        import dask.array as da

        own, seen = self.mask_shapes(0, channel_axis, caller)
        if roi is None or shape_of(roi) != own[1:]:
            return super(DaskImages, self).align_roi(roi, caller=caller, channel_axis=channel_axis)
        kind, region = classify(roi, caller=caller, name="roi")
        region = da.asarray(region if kind is Kind.DASK else np.asarray(to_numpy(region)))
        region = region.reshape(seen[1:])
        chunks = self.blocks.stack.chunks
        if channel_axis is None:
            region = region.rechunk(chunks[1:])
        shape = (len(self), *seen[1:])
        region = da.broadcast_to(region, shape, chunks=(chunks[0], *region.chunks))
        return self._as_masks(region, caller, "roi")

    def align_masks(
        self,
        masks: Any,
        *,
        caller: str,
        name: str,
        channel_axis: int | None = None,
        read: Function = to_mask,
    ) -> Sequence[Any]:
        """Read masks as a dask array in the chunks of the images; see `Images.align_masks`."""
        import dask.array as da

        stack = self._read_masks(masks, caller, name)
        aligned = AlignedMasks(stack, self, channel_axis, caller, name)
        aligned.check()
        if isinstance(stack, ImageStack):
            stack = stack[0 : len(self)]
        chunks, seen = self.blocks.stack.chunks, aligned.seen_shape()
        if len(stack.shape) != len(chunks):  # flat rows that fold, or other axes
            chunks = (chunks[0], *[-1] * (len(stack.shape) - 1))
        stack = da.asarray(stack, chunks=chunks)
        if stack.shape != seen:
            stack = stack.rechunk(dict.fromkeys(range(1, stack.ndim), -1)).reshape(seen)
        return self._as_masks(stack, caller, name, read)

    def _as_masks(
        self, stack: Any, caller: str, name: str, read: Function = to_mask
    ) -> BlockReader:
        if stack.dtype.kind != "b" and read is to_mask:
            read = functools.partial(to_mask, caller=caller, name=name)
            stack = stack.map_blocks(read, dtype=bool, meta=np.empty(0, bool))
        return BlockReader(stack, self.blocks.bounds)

    @property
    def _channel(self) -> int | None:
        """Axis of the blocks that holds the channels, or None."""
        if self.channel_axis is None:
            return None
        own = self.own_shapes[0]
        channel = self.channel_axis % len(own)
        if self.own_shapes is self.shapes:
            return channel
        return channel - sum(axis < channel for axis in single_axes(own, channel))

    def _lazy(
        self,
        function: Function,
        aligned: Sequence[Any],
        reach: Sequence[int | None],
    ) -> Any:
        """Return the dask array of what a function that looks so far gives."""
        import dask.array as da
        from dask.array.overlap import overlap, trim_internal

        images = self.blocks.stack
        axes = list(range(images.ndim))
        # What looks beyond both ends of an axis sees all of it.
        whole = {
            axis
            for axis, far in enumerate(reach, 1)
            if far is None or (far and (aligned or far >= images.shape[axis]))
        }
        depth = {axis: far for axis, far in enumerate(reach, 1) if far and axis not in whole}
        operands = [images.rechunk(dict.fromkeys(whole, -1)), axes]
        if depth:
            operands[0] = overlap(operands[0], depth, boundary="none")
        for masks in aligned:
            lacks = self._channel if masks.stack.ndim < images.ndim else None
            labels = [axis for axis in axes if axis != lacks]
            is_whole = {i: -1 for i, axis in enumerate(labels) if axis in whole}
            operands += [masks.stack.rechunk(is_whole), labels]
        function = _Snapshot(function)
        sizes = [
            size if axis in whole else min(size, 2 * depth.get(axis, 0) + 1)
            for axis, size in enumerate(images.shape[1:], 1)
        ]
        sample = _try_out(function, operands, [1, *sizes])
        out, new_axes = axes, {}
        if len(whole) == images.ndim - 1:
            new_axes = dict(enumerate(sample.shape[1:], images.ndim))
            out = [0, *new_axes]
        elif sample.shape[1:] != tuple(sizes):
            out = [axis for axis in axes if axis != self._channel]
            if sample.ndim > len(out):  # features of each pixel along a new, last axis
                new_axes = {images.ndim: sample.shape[-1]}
                out = [*out, images.ndim]
        result = da.blockwise(
            _call,
            out,
            *function.sent_once(),
            *operands,
            new_axes=new_axes,
            concatenate=True,
            dtype=sample.dtype,
            meta=sample[:0],
        )
        if not depth:
            return result
        return trim_internal(result, {out.index(axis): far for axis, far in depth.items()})


def read_dask(X: Any, own: Shape, seen: Shape, **given: Any) -> DaskImages:
    """Return the images in a dask array, whose flat rows fold and whose axes of one pixel are left out."""
    stack = X if X.shape == own else X.rechunk({1: -1}).reshape(own)
    if seen != own:
        stack = stack.reshape(seen)
    stops = np.cumsum(stack.chunks[0]).tolist()
    bounds = list(zip([0, *stops[:-1]], stops, strict=True))
    shapes, own_shapes = (
        tuple((stop - start, *shape[1:]) for start, stop in bounds) for shape in (seen, own)
    )
    own_shapes = shapes if seen == own else own_shapes
    return DaskImages(BlockReader(stack, bounds), shapes, own_shapes, **given)


def _rows(images: Any) -> Any:
    """Flatten images; the pixels of a row are in one chunk."""
    return images.rechunk(dict.fromkeys(range(1, images.ndim), -1)).reshape(len(images), -1)


def _operand(blocks: Any, chunks: Any, pixelwise: bool) -> tuple[Any, Any]:
    """Return an array in chunks of images, or of whole ones, with its axes; None has none."""
    import dask.array as da

    if not isinstance(blocks, BlockReader):  # something for each image, or nothing
        if blocks[0] is None:
            return None, None
        return da.from_array(np.concatenate(blocks), chunks=chunks[:1]), (0,)
    stack = blocks.stack
    stack = stack.rechunk(chunks if pixelwise else (chunks[0], *[-1] * (stack.ndim - 1)))
    return stack, range(stack.ndim)


class _Snapshot:
    """A function as it is now, with the estimator it belongs to, serialized once.

    The estimator may be fitted again before the function is called, and what it has learned may be
    megabytes: the bytes are copy, name and message in one.
    """

    def __init__(self, function: Function) -> None:
        import cloudpickle

        self._data = cloudpickle.dumps(_for_results(function))
        self._function: Function | None = None

    def __dask_tokenize__(self) -> str:
        return hashlib.sha256(self._data).hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        return {"_data": self._data, "_function": None}

    def __call__(self, *blocks: Any) -> Any:
        if self._function is None:
            self._function = pickle.loads(self._data)
        return self._function(*blocks)

    def sent_once(self) -> tuple[Any, None]:
        """Return the argument of all tasks that workers get once each, and not with each task."""
        import dask

        name = f"function-{self.__dask_tokenize__()}"
        return dask.delayed(self, name=name, traverse=False), None


def _for_results(function: Function) -> Function:
    """Return a method of an estimator without what results do not depend on, such as training histograms."""
    if not (isinstance(function, MethodType) and hasattr(function.__self__, "_state_of_results")):
        return function
    estimator = object.__new__(type(function.__self__))
    vars(estimator).update(function.__self__._state_of_results())
    return MethodType(function.__func__, estimator)


def _call(function: Function, *blocks: Any) -> Any:
    try:
        return function(*blocks)
    except ImageFault as fault:
        raise fault.moved(fault.position, " in its chunk") from fault.__cause__


def _try_out(function: Function, operands: Sequence[Any], sizes: Sequence[int]) -> NDArray[Any]:
    """Return what a function makes of a black image, with its masks, of sizes along the axes."""
    blocks = [
        np.zeros([sizes[axis] for axis in axes], array.dtype)
        for array, axes in zip(operands[::2], operands[1::2], strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*blocks)
