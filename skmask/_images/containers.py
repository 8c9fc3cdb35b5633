"""The reader: whatever a user passes in becomes blocks of images, and results go back in the same container.

Estimators see blocks only: arrays of shape ``(n_images, *image_shape)``. A stack or flat rows are one
block. A list of images of different sizes has one block for every size. Data that does not fit in memory
is read block by block, and a sequence that reads its images from elsewhere image by image.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate, chain, pairwise
from numbers import Integral
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from skmask._images.axes import Shape, without_single_axes
from skmask._images.dask_images import read_dask
from skmask._images.device_images import read_device
from skmask._images.images import Images, LazyImages, ReadImages
from skmask._images.kinds import (
    NUMBERS,
    Kind,
    classify,
    is_foreign,
    is_lazy,
    n_bands,
    read_array,
    to_numpy,
)
from skmask._images.readers import (
    BlockReader,
    Converted,
    ImageStack,
    Latest,
    LazyShapes,
    block_bounds,
)
from skmask._images.tags import ImageTags
from skmask._kernels.pixels.binary import sound
from skmask._kernels.pixels.namespaces import dtype_of, like
from skmask._warn import warn

# Rows do not fold, and nothing is warned of.
PLAIN = ImageTags()

# Images of a list are copied into blocks of this size, which saves calls for small ones.
_BATCH_BYTES = 1 << 20

# Three or four pixels along the last axis, and at least so many along all others, look like colors.
SMALLEST_SIDE = 16


def read_images(X: Any, tags: ImageTags = PLAIN, *, caller: str, name: str = "X") -> Images:
    """Read what a user passes in as images.

    Parameters
    ----------
    X : array-like of shape (n_images, *image_shape) or (n_images, n_pixels), or sequence of arrays
        A stack, flat rows, or a sequence of images of different sizes; see `skmask._images.kinds`.
    tags : ImageTags
        How the estimator treats images.
    caller, name : str
        Names of the estimator or function, and of its argument, for errors.

    Returns
    -------
    images : Images
        Blocks that share memory with `X` wherever NumPy can; they are never to be written to.
    """
    X = sound(X)
    if _is_plain(X, tags):
        seen = _seen(X.shape, tags)
        images = Images.of_stack(X, seen, tags.channel_axis)
        if seen[-1] in (3, 4) and _expects_gray(tags):
            warn_of_colors(images, has_bands=False, caller=caller)
        return images
    if tags.image_shape is not None:
        _check_image_shape(tags.image_shape, caller)
    kind, data = classify(X, caller=caller, name=name, on_device=tags.stays_on_device)
    reader = _Reader(tags, caller)
    if kind is Kind.IMAGES:
        images = reader.read_lazily(data) if is_lazy(data) else reader.read_list(data)
    else:
        images = reader.read_stack(kind, data)
    if _expects_gray(tags):
        is_list = kind is Kind.IMAGES
        has_bands = is_list and n_bands(data[0]) > 1
        is_unknown = is_list and is_lazy(data)
        if has_bands or is_unknown or any(shape[-1] in (3, 4) for shape in images.shapes):
            warn_of_colors(images, has_bands, caller)
    return images


def _is_plain(X: Any, tags: ImageTags) -> bool:
    """Tell whether `X` is a stack with nothing to convert, to fold or to refuse, as in most calls."""
    return (
        type(X) is np.ndarray
        and X.ndim > 2
        and X.dtype.kind in NUMBERS
        and X.size > 0
        and tags.image_shape is None
    )


def _seen(shape: Shape, tags: ImageTags) -> Shape:
    """Return the shape in which estimators see images of a shape."""
    if 1 not in shape[1:] or not tags.drops_single_axes:
        return shape
    return without_single_axes(shape, tags.channel_axis)


def _expects_gray(tags: ImageTags) -> bool:
    """Tell whether colors without a `channel_axis` bring a warning."""
    if tags.channel_axis is not None:
        return False
    if tags.warns_of_colors is None:
        return tags.uses_neighbors or tags.compares_values
    return tags.warns_of_colors


class _Reader:
    """The reading of one call, with what its estimator says of images."""

    def __init__(self, tags: ImageTags, caller: str) -> None:
        self.tags = tags
        self.caller = caller
        self.image_shape = tags.image_shape

    def read_stack(self, kind: Kind, X: Any) -> Images:
        stack = X
        if kind is Kind.ARRAY and not (
            type(X) is np.ndarray and X.ndim > 1 and X.dtype.kind in NUMBERS
        ):
            self._refuse_objects(X)
            stack = read_array(X, caller=self.caller, name="X")
        own = self._folded(kind, stack.shape)
        self._check_block(own, stack.dtype if type(stack) is np.ndarray else dtype_of(stack))
        seen = _seen(own, self.tags)
        given = {"is_rows": stack.ndim == 2, "channel_axis": self.tags.channel_axis}
        shapes: tuple[Shape, ...]
        own_shapes: tuple[Shape, ...]
        if kind is Kind.ARRAY:
            blocks = (stack if stack.shape == seen else stack.reshape(seen),)
            shapes = (seen,)
            own_shapes = shapes if seen is own else (own,)
            give_back = None if type(X) is np.ndarray else _giver_of(X)
            return Images(blocks, shapes, own_shapes, give_back=give_back, **given)
        if kind is Kind.DEVICE:
            return read_device(stack, own, seen, **given)
        if kind is Kind.DASK:
            return read_dask(stack, own, seen, reach=self.tags.reach, **given)
        bounds = block_bounds(stack)
        own_shapes = tuple((stop - start, *own[1:]) for start, stop in bounds)
        shapes = own_shapes
        if seen is not own:
            shapes = tuple((stop - start, *seen[1:]) for start, stop in bounds)
        return ReadImages(BlockReader(Latest(stack), bounds, shapes), shapes, own_shapes, **given)

    def read_list(self, X: Sequence[Any]) -> Images:
        """Read a list of images into blocks of images of one shape and dtype."""
        own_shapes: tuple[Shape, ...]
        if (stack := _small_stack(X)) is not None:
            own = stack.shape
            self._check_block(own, stack.dtype)
            seen, own_shapes = _seen(own, self.tags), (own,)
            return Images(
                (stack.reshape(seen),),
                own_shapes if seen is own else (seen,),
                own_shapes,
                positions=[list(range(len(X)))],
                channel_axis=self.tags.channel_axis,
            )
        arrays = [
            image if type(image) is np.ndarray else np.asarray(to_numpy(image)) for image in X
        ]
        groups: dict[tuple[Shape, np.dtype[Any]], list[int]] = {}
        for position, image in enumerate(arrays):
            groups.setdefault((image.shape, image.dtype), []).append(position)
        self._check_images(groups)
        if any(dtype.kind == "b" for _, dtype in groups):
            arrays = list(map(sound, arrays))
        positions: list[list[int]] = []
        batch_shapes: list[Shape] = []
        for (shape, _), members in groups.items():
            # A large image is a block of its own, a view of what came in.
            step = max(1, _BATCH_BYTES // arrays[members[0]].nbytes)
            whole = len(members) <= step
            batches = (
                [members]
                if whole
                else [members[i : i + step] for i in range(0, len(members), step)]
            )
            positions += batches
            batch_shapes += [(len(batch), *shape) for batch in batches]
        own_shapes = tuple(batch_shapes)
        shapes = own_shapes
        if self.tags.drops_single_axes and any(1 in shape for shape, _ in groups):
            without_single = tuple(_seen(shape, self.tags) for shape in own_shapes)
            shapes = own_shapes if without_single == own_shapes else without_single
        order = list(chain.from_iterable(positions))
        bounds = list(pairwise(accumulate(map(len, positions), initial=0)))
        images = ImageStack(arrays, caller=self.caller, name="X", order=order)
        return Images(
            BlockReader(images, bounds, shapes),
            shapes,
            own_shapes,
            positions=positions,
            channel_axis=self.tags.channel_axis,
            give_back=_giver_of(X[0]),
        )

    def read_lazily(self, X: Sequence[Any]) -> LazyImages:
        """Read a sequence image by image, when hooks ask for them."""
        stack = Latest(ImageStack(X, caller=self.caller, name="X"))
        first = stack[0:1].shape[1:]

        def check(block: NDArray[Any], i: int) -> None:
            try:
                if block.ndim != len(first) + 1:
                    self._refuse_axes(block.shape[1:], first)
                self._check_block(block.shape, block.dtype)
            except (TypeError, ValueError) as error:
                msg = f"{error} This was image {i}, counted from 0."
                raise type(error)(msg) from None

        own_shapes = LazyShapes(stack, len(X), check)
        shapes = (
            Converted(partial(_seen, tags=self.tags), own_shapes)
            if self.tags.drops_single_axes
            else own_shapes
        )
        bounds = [(i, i + 1) for i in range(len(X))]
        return LazyImages(
            BlockReader(stack, bounds, shapes),
            shapes,
            own_shapes,
            positions=[[i] for i in range(len(X))],
            channel_axis=self.tags.channel_axis,
            give_back=_giver_of(X[0]),
        )

    def _folded(self, kind: Kind, shape: Shape) -> Shape:
        """Return the shape of the images in an array, whose flat rows fold if there is an `image_shape`."""
        if self.image_shape is None or len(shape) != 2:
            if kind is Kind.DASK and any(map(math.isnan, shape)):
                msg = (
                    f"{self.caller} expects a dask array of known shape, got {shape}. Use "
                    "X.compute_chunk_sizes()."
                )
                raise ValueError(msg)
            return tuple(shape)
        if math.prod(self.image_shape) != shape[1]:
            msg = (
                f"{self.caller} expects flat rows of {math.prod(self.image_shape)} pixels for "
                f"image_shape={tuple(self.image_shape)}, got rows of {shape[1]}. "
                "Set image_shape to the shape of the images."
            )
            raise ValueError(msg)
        return shape[0], *self.image_shape

    def _check_images(self, groups: Iterable[tuple[Shape, np.dtype[Any]]]) -> None:
        """Check each shape and each dtype of the images of a list once."""
        shapes, dtypes = map(dict.fromkeys, zip(*groups, strict=True))
        for dtype in dtypes:
            self._check_dtype(dtype)
        first = next(iter(shapes))
        for shape in shapes:
            if len(shape) != len(first):
                self._refuse_axes(shape, first)
            self._check_shape((1, *shape))

    def _check_block(self, shape: Shape, dtype: np.dtype[Any]) -> None:
        self._check_dtype(dtype)
        self._check_shape(shape)

    def _check_dtype(self, dtype: np.dtype[Any]) -> None:
        if dtype.kind not in NUMBERS:
            msg = (
                f"{self.caller} expects pixels that are booleans, integers or floats, got dtype {dtype}. "
                "Convert the images first."
            )
            raise TypeError(msg)

    def _check_shape(self, shape: Shape) -> None:
        if 0 in shape:
            if shape[0] == 0:
                msg = (
                    f"{self.caller} expects at least one image, got 0 sample(s) (shape={shape}) while a "
                    "minimum of 1 is required. Leave out empty stacks."
                )
                raise ValueError(msg)
            msg = (
                f"{self.caller} expects images of at least one pixel, got 0 feature(s) "
                f"(shape={shape}) while a minimum of 1 is required. Leave empty images out."
            )
            raise ValueError(msg)
        if self.image_shape is not None and shape[1:] != tuple(self.image_shape):
            msg = (
                f"{self.caller} expects images of image_shape={tuple(self.image_shape)}, got images of shape "
                f"{shape[1:]}. Leave image_shape out for stacks, or set it to their shape."
            )
            raise ValueError(msg)

    def _refuse_axes(self, shape: Shape, first: Shape) -> NoReturn:
        msg = (
            f"{self.caller} expects images of one number of axes, got a list with shapes {first} and "
            f"{shape}. Make all of them gray, or all of them color."
        )
        raise ValueError(msg)

    def _refuse_objects(self, X: Any) -> None:
        if isinstance(X, np.ndarray) and X.ndim > 2 and X.dtype.kind == "O":
            msg = (
                f"{self.caller} expects pixels of a numeric dtype, got an object array of shape {X.shape}. "
                "Use X.astype(float), or a list of arrays for images of different sizes."
            )
            raise TypeError(msg)


def _small_stack(X: Sequence[Any]) -> NDArray[Any] | None:
    """Return a list of few small arrays of one shape and dtype as a stack; None for other lists."""
    first = X[0]
    if type(first) is not np.ndarray or first.nbytes * len(X) > _BATCH_BYTES:
        return None
    shape, dtype = first.shape, first.dtype
    for image in X:
        if type(image) is not np.ndarray or image.shape != shape or image.dtype != dtype:
            return None
    if len(X) == 1:
        return first[np.newaxis]
    return np.array(list(map(sound, X)) if dtype.kind == "b" else X)


def warn_of_colors(images: Images, has_bands: bool, caller: str) -> None:
    """Warn once of images whose last axis looks like that of colors, or which Pillow says have bands."""
    shapes_told: list[Shape] = []

    def check(shape: Shape) -> None:
        *sizes, n_channels = shape[1:]
        looks_like_colors = n_channels in (3, 4) and sizes and min(sizes) >= SMALLEST_SIDE
        if shapes_told or not (looks_like_colors or has_bands):
            return
        shapes_told.append(shape)
        warn(
            f"{caller} takes images of shape {shape[1:]} as images of one value a pixel. If the last axis "
            "holds colors, make them gray first by ColorConverter, or by ColorProjector from labeled masks, "
            "or set channel_axis where there is such a parameter.",
            subject="colors",
        )

    images.check(check)


def _giver_of(X: Any) -> Callable[[Any], Any] | None:
    """Return a function that makes arrays of the library of `X` from those of NumPy; None for NumPy's."""
    return partial(like, array=X) if is_foreign(X) else None


def _check_image_shape(image_shape: Any, caller: str) -> None:
    if image_shape is not None and not (
        len(image_shape)
        and all(isinstance(size, Integral) and int(size) > 0 for size in image_shape)
    ):
        msg = (
            f"{caller} expects image_shape to be positive integers, such as (28, 28), got {image_shape!r}. "
            "Set it to the size of an image along each of its axes."
        )
        raise ValueError(msg)
