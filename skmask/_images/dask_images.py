"""Images in a dask array: results are dask arrays in their turn, and nothing is computed until asked for.

A function sees a chunk of images and as much around it as its estimator looks at, or whole images where
it looks at all of an image; regions are followed from chunk to chunk. Around the image as a whole nothing
is laid, so that the border rules of functions hold there as they do in memory.
"""

import functools
import itertools
import pickle
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from skmask._images.dask_regions import clean_chunks
from skmask._images.images import FAN_IN, ReadImages, without_axis
from skmask._images.reach import RegionReach, whole_images
from skmask._images.readers import BlockReader, is_dask, to_numpy
from skmask._kernels.pixels.binary import to_mask


@dataclass(frozen=True, slots=True)
class DaskImages(ReadImages):
    """Images of a dask array.

    Parameters
    ----------
    reach : callable
        ``reach(n_axes)`` says how far along each axis of an image the result for a pixel looks: a number
        of pixels, or None for the whole axis. Or it gives a `skmask._images.reach.RegionReach`.
    channel_axis : int or None
        Axis of the array that aligned masks lack.
    """

    reach: Callable[[int], Sequence[int | None]] = whole_images
    channel_axis: int | None = None
    n_steps = None  # chunks are reduced by the scheduler in use, which tells of them itself

    def map(self, function, *aligned):
        """Give the dask array of ``function(block, *aligned_blocks)``."""
        n_axes = self.blocks.stack.ndim - 1
        reach = self.reach(n_axes)
        if not isinstance(reach, RegionReach):
            result = self._lazy(function, aligned, reach)
        elif max(self.blocks.stack.numblocks[1:]) == 1:
            result = self._lazy(function, aligned, whole_images(n_axes))
        else:
            result = clean_chunks(self._lazy(reach.mark, aligned, reach.distances), reach.rule)
        return _rows(result) if self.is_rows else result

    def map_rows(self, function, *aligned):
        """Give the dask array with one row an image."""
        return self._lazy(function, aligned, whole_images(self.blocks.stack.ndim - 1))

    def measure(self, function, *aligned):
        """Compute the rows of `map_rows`."""
        return self.map_rows(function, *aligned).compute()

    def reduce(self, function, merge, *aligned, pixelwise=False):
        """Merge by a tree of tasks, run by the scheduler in use; whole images only where needed."""
        import dask
        import dask.array as da

        chunks = self.blocks.stack.chunks
        operands = [_operand(blocks, chunks, pixelwise) for blocks in (self.blocks, *aligned)]
        reduced = da.blockwise(
            _call,
            operands[0][1],
            *_sent_once(function),
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

    def show(self, function, X):
        """Give ``function(X)``, a dask array like `X`."""
        return function(X)

    def align_roi(self, roi, *, caller, channel_axis=None):
        """Read a region of interest; one for all images is cut as they are."""
        import dask.array as da

        stack = self.blocks.stack
        shape = without_axis(stack.shape, channel_axis, caller)
        if roi is not None and np.shape(roi) == shape[1:]:
            region = da.asarray(roi if is_dask(roi) else np.asarray(to_numpy(roi)))
            if channel_axis is None:
                region = region.rechunk(stack.chunks[1:])
            roi = da.broadcast_to(region, shape, chunks=(stack.chunks[0], *region.chunks))
        return super(DaskImages, self).align_roi(roi, caller=caller, channel_axis=channel_axis)

    def _align_stack(self, masks, shape, caller, name, read):
        import dask.array as da

        aligned = super(DaskImages, self)._align_stack(masks, shape, caller, name, read)
        chunks, n_axes = self.blocks.stack.chunks, len(aligned.stack.shape)
        if n_axes != len(chunks):  # flat rows that fold, or masks without channels
            chunks = (chunks[0], *[-1] * (n_axes - 1))
        stack = da.asarray(aligned.stack, chunks=chunks)
        if stack.shape[1:] != shape:
            stack = stack.rechunk({1: -1}).reshape(len(self), *shape)
        if stack.dtype.kind != "b" and read is to_mask:
            read = functools.partial(read, caller=caller, name=name)
            stack = stack.map_blocks(read, dtype=bool, meta=np.empty(0, bool))
        return BlockReader(stack, self.blocks.bounds)

    def _lazy(self, function, aligned, reach):
        """Give the dask array of what a function that looks so far gives."""
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
            lacks = self.channel_axis % images.ndim if masks.stack.ndim < images.ndim else None
            labels = [axis for axis in axes if axis != lacks]
            is_whole = {i: -1 for i, axis in enumerate(labels) if axis in whole}
            operands += [masks.stack.rechunk(is_whole), labels]
        function = _snapshot(function)
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
            lacks = None if self.channel_axis is None else self.channel_axis % images.ndim
            out = [axis for axis in axes if axis != lacks]
            if sample.ndim > len(out):  # features of each pixel along a new, last axis
                new_axes = {images.ndim: sample.shape[-1]}
                out = [*out, images.ndim]
        result = da.blockwise(
            _call,
            out,
            *_sent_once(function),
            *operands,
            new_axes=new_axes,
            concatenate=True,
            dtype=sample.dtype,
            meta=sample[:0],
        )
        if not depth:
            return result
        return trim_internal(result, {out.index(axis): far for axis, far in depth.items()})


def read_dask(X, shape, **given):
    """Give the images in a dask array, whose flat rows fold to a shape."""
    stack = X if X.shape == shape else X.rechunk({1: -1}).reshape(shape)
    stops = np.cumsum(stack.chunks[0]).tolist()
    bounds = list(zip([0, *stops[:-1]], stops, strict=True))
    shapes = tuple((stop - start, *shape[1:]) for start, stop in bounds)
    return DaskImages(BlockReader(stack, bounds), shapes, **given)


def _rows(images):
    """Flatten images; the pixels of a row are in one chunk."""
    return images.rechunk(dict.fromkeys(range(1, images.ndim), -1)).reshape(len(images), -1)


def _operand(blocks, chunks, pixelwise):
    """Give an array in chunks of images, or of whole ones, with its axes; None has none."""
    import dask.array as da

    if not isinstance(blocks, BlockReader):  # something for each image, or nothing
        if blocks[0] is None:
            return None, None
        return da.from_array(np.concatenate(blocks), chunks=chunks[:1]), (0,)
    stack = blocks.stack
    stack = stack.rechunk(chunks if pixelwise else (chunks[0], *[-1] * (stack.ndim - 1)))
    return stack, range(stack.ndim)


def _sent_once(function):
    """Give a function as an argument of all tasks, which each worker then gets once and not with each task.

    What an estimator has learned may be megabytes.
    """
    import dask

    return dask.delayed(function, traverse=False, pure=True), None


def _call(function, *blocks):
    return function(*blocks)


def _snapshot(function):
    """Copy a function with the estimator it belongs to, which may be fitted anew before it is called."""
    import cloudpickle

    return pickle.loads(cloudpickle.dumps(function))


def _try_out(function, operands, sizes):
    """Give what a function makes of a black image, with its masks, of sizes along the axes."""
    blocks = [
        np.zeros([sizes[axis] for axis in axes], array.dtype)
        for array, axes in zip(operands[::2], operands[1::2], strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*blocks)
