"""The images of one call to ``fit`` or ``transform``: blocks for estimators, and what belongs to them."""

import itertools
import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmask._checks import check_weights
from skmask._images.aligned_masks import AlignedMasks, refuse_no_list
from skmask._images.axes import Shape, method_for, single_axes, with_single_axes, without_axis
from skmask._images.faults import ImageFault
from skmask._images.joined import COUNTED_BYTES, READ_BYTES, map_joined, map_parts, rows_of
from skmask._images.kinds import Kind, classify, read_array, read_one, shape_of, to_numpy
from skmask._images.masks import refuse_labels, to_mask
from skmask._images.readers import BlockReader, Converted, ImageStack, Shown, has_newaxis
from skmask._images.shared_images import SharedImages
from skmask._kernels.pixels.binary import sound
from skmask._kernels.pixels.namespaces import flat_rows
from skmask._warn import once, warn

Function = Callable[..., Any]
_first = operator.itemgetter(0)
Positions = Sequence[list[int]]

# How many partial results are merged at a time: few are held, and merging costs little.
FAN_IN = 16

# Progress bars need no more steps, and callbacks may keep something of every step.
MOST_STEPS = 1000


@dataclass(slots=True, eq=False)
class Images:
    """Images of one call to ``fit`` or ``transform``, never changed after they are made.

    Parameters
    ----------
    blocks : tuple of ndarray or BlockReader, of shape (n_images, *image_shape)
        The images as estimators see them: a stack in one block, or in many that are read one after the
        other; a list in a block for every shape and dtype.
    shapes : sequence of tuple of int
        Shape of each block.
    own_shapes : sequence of tuple of int
        Shape of each block with the axes of one pixel that estimators do not see; `shapes` itself if
        there are none.
    positions : sequence of list of int or None
        For a list, where the images of each block stand in it.
    is_rows : bool
        Whether the images came as flat rows and results go back as flat rows.
    channel_axis : int or None
        Axis of the images as they came that holds the channels; masks lack it.
    give_back : callable or None
        Makes an array of the kind that came in of one that goes out.
    progress : callable
        Wraps the parts that a `reduce` merges, as they come, and yields them.
    shared : SharedImages or None
        Source of the images, if they are shared.
    """

    blocks: tuple[Any, ...] | BlockReader
    shapes: Sequence[Shape]
    own_shapes: Sequence[Shape]
    positions: Positions | None = None
    is_rows: bool = False
    channel_axis: int | None = None
    give_back: Callable[[Any], Any] | None = None
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter
    shared: SharedImages | None = None

    is_lazy: ClassVar[bool] = False  # whether results are computed later
    knows_shapes: ClassVar[bool] = True  # whether the shapes are known before the images are read

    @classmethod
    def of_stack(cls, X: NDArray[Any], seen: Shape, channel_axis: int | None) -> "Images":
        """Return the images of a stack that estimators see in a shape of the same pixels."""
        if seen == X.shape:
            shapes = (X.shape,)
            return cls((X,), shapes, shapes, channel_axis=channel_axis)
        return cls((X.reshape(seen),), (seen,), (X.shape,), channel_axis=channel_axis)

    def __len__(self) -> int:
        return sum(shape[0] for shape in self.shapes)

    @property
    def _is_plain_stack(self) -> bool:
        """Whether the images are one array, seen by estimators as it came in."""
        is_one = type(self.blocks) is tuple and self.positions is None
        return is_one and self.own_shapes is self.shapes and not self.is_rows

    @property
    def _members(self) -> Iterable[NDArray[Any]] | None:
        """The images of a list in several blocks, in the order in which they came; None for others."""
        if isinstance(self.blocks, BlockReader) and type(self.blocks.stack) is ImageStack:
            images: Sequence[NDArray[Any]] = self.blocks.stack.images
            return images
        return None

    @property
    def has_parts(self) -> bool:
        """Whether the images are a list in several blocks, in memory and seen by estimators as it came in."""
        is_seen = self.positions is not None and self.own_shapes is self.shapes
        return is_seen and self.knows_shapes and self._members is not None

    @property
    def n_steps(self) -> int | None:
        """Number of progress steps that a `reduce` reports; None if unknown."""
        return min(len(self.blocks), MOST_STEPS)

    def map(self, function: Function, *aligned: Sequence[Any]) -> Any:
        """Return ``function(block, *aligned_blocks)`` of every block, in the container that came in."""
        if isinstance(self.blocks, tuple):  # most calls
            result = self._method_for(function, 0)(self.blocks[0], *map(_first, aligned))
            if self.own_shapes is not self.shapes:
                result = self._with_single_axes(result, 0)
            if self.positions is not None:
                return list(result)
            return self._give(flat_rows(result) if self.is_rows else result)
        results = self._apply(function, aligned)
        if self.own_shapes is not self.shapes:
            results = map(self._with_single_axes, results, itertools.count())
        with once():
            if self.positions is not None:
                return self._given(_in_order(results, self.positions))
            result = _joined(results, len(self))
        return self._give(flat_rows(result) if self.is_rows else result)

    def map_pixels(self, function: Function) -> Any:
        """Return what `map` does, of a function that takes pixels in any number and of any shape.

        Small images of a list are joined to a row: to call the function for each takes longer than its work.
        """
        if (images := self._members) is None:
            return self.map(function)
        return self._given(map_joined(function, images))

    def map_parts(self, function: Function) -> Any:
        """Return what `map` does of a list that has parts, of a function that takes and returns small lists.

        The images of a small list may differ in shape, but not in their number of axes or in dtype.
        """
        with once():
            return self._given(map_parts(function, self._members or ()))

    def map_rows(self, function: Function, *aligned: Sequence[Any]) -> Any:
        """Return an array with one row an image, from functions that return ``(n_images, n_features)``."""
        rows = self._rows(function, aligned)
        return rows if self.positions is not None else self._give(rows)

    def measure(self, function: Function, *aligned: Sequence[Any]) -> NDArray[Any]:
        """Return the rows of `map_rows` as an array of NumPy, computed at once, to decide by."""
        return self._rows(function, aligned)

    def reduce(
        self, function: Function, merge: Function, *aligned: Sequence[Any], pixelwise: bool = False
    ) -> Any:
        """Merge ``function(block, *aligned_blocks)`` of every block.

        Parameters
        ----------
        function : callable
            Returns something that merges.
        merge : callable
            Takes a list of such things and returns one; in which order must not matter.
        *aligned : sequence
            One item for every block.
        pixelwise : bool, default=False
            Whether `function` takes parts of images, in any number and of any shape. The images of a list are
            then joined, where nothing is aligned with them and nobody counts the blocks.
        """
        if type(self.blocks) is tuple and self.progress is iter:  # most calls
            return merge([self._call(function, 0, aligned)])
        is_joined = pixelwise and self.progress is iter and all(one[0] is None for one in aligned)
        results: Iterator[Any]
        if is_joined and (images := self._members) is not None:
            # Not by a loop, which holds on to a row while it reads the images of the next one.
            nothing = [itertools.repeat(None)] * len(aligned)
            n_bytes = COUNTED_BYTES if self.knows_shapes else READ_BYTES
            results = map(function, rows_of(images, n_bytes), *nothing)
        else:
            results = self._apply(function, aligned)
        parts = []
        for part in self.progress(results):
            parts.append(part)
            if len(parts) == FAN_IN:
                parts = [merge(parts)]
        return merge(parts)

    def remember(self, key: tuple[Hashable, ...], compute: Callable[[], Any]) -> Any:
        """Return what `compute` returns, once for each key if the images are shared."""
        return compute() if self.shared is None else self.shared.remember(key, compute)

    def show(self, function: Function, X: Any) -> Any:
        """Return ``function(X)`` for `X` as it came in, or what computes it block by block."""
        return function(X)

    def check(self, function: Callable[[Shape], Any]) -> None:
        """Call a function with every shape of images, ``(1, *image_shape)``, to refuse those that do not fit.

        A method of an estimator is called for the images as it sees them. For images that are read one by one
        the function is called when they are read.
        """
        last = None
        for i, shape in enumerate(self.own_shapes):
            if shape[1:] != last:
                self._method_for(function, i)((1, *self.shapes[i][1:]))
                last = shape[1:]

    def check_shape(self, image_shape: Shape, *, caller: str) -> None:
        """Refuse images of another shape than the one seen in fit."""

        def check(shape: Shape) -> None:
            if shape[1:] != image_shape:
                msg = (
                    f"{caller} expects images of the shape seen in fit, {image_shape}, got images of shape "
                    f"{shape[1:]}. Crop or resize them first."
                )
                raise ValueError(msg)

        self.check(check)

    def first_blocks(self) -> Iterator[Any]:
        """Yield the first block, or of a list the first block of every dtype, to look at the values."""
        if self.positions is None or isinstance(self.blocks, tuple):
            yield self.blocks[0]
            return
        dtypes = [self.blocks.stack.dtype(start) for start, _ in self.blocks.bounds]
        for dtype in dict.fromkeys(dtypes):
            yield self.blocks[dtypes.index(dtype)]

    def split_weights(self, weights: Any, *, caller: str) -> tuple[Any, ...]:
        """Cut weights, one an image, into the parts that belong to the blocks; None stays None."""
        if weights is None:
            return (None,) * len(self.blocks)
        weights = check_weights(to_numpy(weights), len(self), caller=caller, allow_zeros=True)
        return self.split(weights)

    def split(self, values: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Cut an array of one value an image into the parts that belong to the blocks."""
        if self.positions is None:
            stops = np.cumsum([shape[0] for shape in self.shapes])
            return tuple(np.split(values, stops[:-1]))
        return tuple(values[positions] for positions in self.positions)

    def align_roi(self, roi: Any, *, caller: str, channel_axis: int | None = None) -> Sequence[Any]:
        """Read a region of interest, for each image or one for all; None stays None."""
        if roi is None:
            return (None,) * len(self.blocks)
        if self.positions is None:
            own, seen = self.mask_shapes(0, channel_axis, caller)
            if shape_of(roi) == own[1:]:
                region = self._read_one(roi, seen[1:], caller=caller, name="roi")
                return (to_mask(region, caller=caller, name="roi"),) * len(self.blocks)
        return self.align_masks(roi, caller=caller, name="roi", channel_axis=channel_axis)

    def mask_shapes(self, i: int, channel_axis: int | None, caller: str) -> tuple[Shape, Shape]:
        """Return the shapes of masks of a block, as they come and as estimators see them.

        Parameters
        ----------
        i : int
            Number of the block.
        channel_axis : int or None
            Axis of the images that masks lack.
        caller : str
        """
        images = self.own_shapes[i]
        own = without_axis(images, channel_axis, caller)
        if self.own_shapes is self.shapes:
            return own, own
        lost = set(single_axes(images, self.channel_axis))
        lost |= set() if channel_axis is None else {channel_axis % len(images)}
        return own, tuple(size for axis, size in enumerate(images) if axis not in lost)

    def align_masks(
        self,
        masks: Any,
        *,
        caller: str,
        name: str,
        channel_axis: int | None = None,
        read: Function = to_mask,
    ) -> Sequence[Any]:
        """Read masks that belong to these images into blocks of booleans that match.

        Parameters
        ----------
        masks : array-like or list of array-like
            Masks of the shapes of the images: of a list a list, or a stack where all have one shape.
        caller, name : str
            Who asks and what for; they are named in errors.
        channel_axis : int, default=None
            Axis of the images that masks lack.
        read : callable, default=to_mask
            ``read(masks, caller=..., name=...)`` makes booleans of an array, or leaves labels as they are.

        Returns
        -------
        blocks : sequence of ndarray of bool
            One for every block of the images, read with it where that is read.
        """
        if (
            type(masks) is np.ndarray
            and masks.dtype.kind == "b"
            and channel_axis is None
            and self._is_plain_stack
            and masks.shape == self.shapes[0]
        ):
            # There is nothing to find, and the checks below take longer than small images.
            return (sound(masks),)
        stack = masks if isinstance(masks, Shown) else self._read_masks(masks, caller, name)
        aligned = AlignedMasks(stack, self, channel_axis, caller, name, read)
        aligned.check()
        return tuple(aligned) if isinstance(self.blocks, tuple) else aligned

    def _read_one(self, mask: Any, shape: Shape, **names: str) -> Any:
        """Read one mask for all images to where they are."""
        return read_one(mask, **names).reshape(shape)

    def _read_masks(self, masks: Any, caller: str, name: str) -> Any:
        """Read masks to something that is sliced as the images are."""
        if isinstance(masks, list | tuple):
            refuse_labels(masks, caller=caller, name=name)
        kind, data = classify(masks, caller=caller, name=name)
        if kind is Kind.IMAGES:
            return ImageStack(data, caller=caller, name=name, order=self.order)
        refuse_labels(data, caller=caller, name=name)
        if kind in (Kind.ARRAY, Kind.DEVICE):
            data = read_array(data, caller=caller, name=name)
        if self.positions is None:
            return data
        if len(data.shape) < 3:
            refuse_no_list(type(masks).__name__, len(self), caller=caller, name=name)
        members = Converted(lambda i: data[i, ...], range(data.shape[0]))
        return ImageStack(members, caller=caller, name=name, order=self.order)

    @property
    def order(self) -> list[int] | None:
        """Positions of the images in what came in, in the order of the blocks."""
        return None if self.positions is None else list(itertools.chain(*self.positions))

    def _rows(self, function: Function, aligned: Sequence[Sequence[Any]]) -> Any:
        results = self._apply(function, aligned)
        if self.positions is not None:
            return np.stack(_in_order(results, self.positions))
        return _joined(results, len(self))

    def _apply(self, function: Function, aligned: Sequence[Sequence[Any]]) -> Iterator[Any]:
        # Not by zip, which holds on to the blocks before while it reads the next ones.
        for i in range(len(self.blocks)):
            yield self._call(function, i, aligned)

    def _call(self, function: Function, i: int, aligned: Sequence[Sequence[Any]]) -> Any:
        """Call a function with a block; what it says of an image names the image as it came in."""
        blocks = [items[i] for items in (self.blocks, *aligned)]
        try:
            return self._method_for(function, i)(*blocks)
        except ImageFault as fault:
            raise fault.moved(self._position(i, fault.position)) from fault.__cause__

    def _position(self, i: int, within_block: int) -> int:
        """Return where an image of a block stands in what came in."""
        if self.positions is not None:
            return self.positions[i][within_block]
        return sum(shape[0] for shape in self.shapes[:i]) + within_block

    def _method_for(self, function: Function, i: int) -> Function:
        if self.own_shapes is self.shapes:
            return function
        return method_for(function, self.own_shapes[i], self.channel_axis)

    def _with_single_axes(self, result: Any, i: int) -> Any:
        return with_single_axes(result, self.own_shapes[i], self.channel_axis)

    def _given(self, results: list[Any]) -> list[Any]:
        return results if self.give_back is None else list(map(self.give_back, results))

    def _give(self, result: Any) -> Any:
        return result if self.give_back is None else self.give_back(result)


@dataclass(slots=True, eq=False)
class ReadImages(Images):
    """Images of a stack that is read block by block; results are held in memory."""

    blocks: BlockReader

    def show(self, function: Function, X: Any) -> Any:
        """Return what computes ``function(X)`` for the part of `X` that belongs to a block."""
        return Shown(function, self.blocks.stack)


@dataclass(slots=True, eq=False)
class LazyImages(ReadImages):
    """Images of a sequence, each read when it is asked for, as a block of its own.

    Parameters
    ----------
    checks : list of callable
        Function to call with each shape of images when an image of that shape is read.
    """

    checks: list[Callable[[Shape], Any]] = field(default_factory=list)

    knows_shapes: ClassVar[bool] = False

    def __len__(self) -> int:
        return len(self.blocks)

    def first_blocks(self) -> Iterator[Any]:
        """Yield the first image."""
        yield self.blocks[0]

    def check(self, function: Callable[[Shape], Any]) -> None:
        """Call a function with every shape of images when an image of that shape is read."""
        self.checks.append(function)

    @property
    def _members(self) -> Iterator[NDArray[Any]]:
        """The images, each read when it is asked for."""
        return (self.blocks[i][0] for i in self._checked_numbers())

    def _apply(self, function: Function, aligned: Sequence[Sequence[Any]]) -> Iterator[Any]:
        return (self._call(function, i, aligned) for i in self._checked_numbers())

    def _checked_numbers(self) -> Iterator[int]:
        """Yield the number of each image, whose shape has been checked."""
        last = None
        for i in range(len(self.blocks)):
            if (own := self.own_shapes[i]) != last:
                last = own
                for check in self.checks:
                    self._method_for(check, i)(self.shapes[i])
            yield i


def warn_of_rows(X: Any, n_pixels: int, *, caller: str, folds: bool, name: str = "X") -> None:
    """Warn of rows that may be flattened images, or a single image."""
    stack = name if has_newaxis(X) else f"dask.array.from_array({name})"
    fold = (
        f"{caller}(image_shape=(height, width)) if they are flattened images, or " if folds else ""
    )
    warn(
        f"{caller} takes the rows of a 2-D {name}, {n_pixels} pixels each, as images of one axis. "
        f"Use {fold}{stack}[np.newaxis] if {name} is a single image.",
        subject="rows",
    )


def _in_order(results: Iterable[Any], positions: Positions) -> list[Any]:
    """Return the images of blocks of results at their positions."""
    ordered = [None] * sum(map(len, positions))
    for where, result in zip(positions, results, strict=True):
        for position, image in zip(where, result, strict=True):
            ordered[position] = image
    return ordered


def _joined(results: Iterable[Any], n_images: int) -> Any:
    """Join blocks of results along the images."""
    results = iter(results)
    first = next(results)
    if first.shape[0] == n_images:
        return first
    joined = np.empty((n_images, *first.shape[1:]), first.dtype)
    joined[: len(first)] = first
    start = len(first)
    for result in results:
        joined[start : start + len(result)] = result
        start += len(result)
    return joined
