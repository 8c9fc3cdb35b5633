"""Masks that belong to images, read block by block as these are."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from skmask._images.axes import Shape
from skmask._images.masks import check_shape, to_mask
from skmask._images.readers import BlockReader, ImageStack, read


class AlignedMasks(BlockReader):
    """Masks that are read in the blocks of their images, and held against their shapes.

    Parameters
    ----------
    stack : object
        Masks in the order of the images in blocks, to be sliced.
    images : skmask._images.images.Images
    channel_axis : int or None
        Axis of the images that masks lack.
    caller, name : str
        Who asks and what for; they are named in errors.
    read : callable, default=to_mask
        See `Images.align_masks`.
    """

    def __init__(
        self,
        stack: Any,
        images: Any,
        channel_axis: int | None,
        caller: str,
        name: str,
        read: Callable[..., Any] = to_mask,
    ) -> None:
        bounds = getattr(images.blocks, "bounds", [(0, len(images))])
        super().__init__(stack, bounds)
        self.images = images
        self.channel_axis = channel_axis
        self.names: dict[str, Any] = {"caller": caller, "name": name}
        self.read = read
        self._foreground: set[Any] = set()  # values of it in masks of numbers

    def __getitem__(self, i: Any) -> Any:
        start, stop = self.bounds[i]
        masks = read(self.stack[start:stop])
        check_shape(masks.shape, self.own_shape(i), **self.names)
        result = self.read(masks.reshape(self.seen_shape(i)), **self.names)
        if self.read is to_mask and masks.dtype.kind != "b":
            self._check_foreground(masks)
        return result

    def _check_foreground(self, masks: Any) -> None:
        """Refuse 0 and 1 beside 0 and 255: one of them may have another meaning."""
        self._foreground |= {masks.min().item(), masks.max().item()} - {0}
        if len(self._foreground) > 1:
            caller, name = self.names["caller"], self.names["name"]
            one, other = sorted(self._foreground)[:2]
            msg = (
                f"{caller} expects {name} to be masks with one value of foreground, got {one:g} and "
                f"{other:g}. Use {name} != 0, for each mask of a list, if both stand for foreground."
            )
            raise ValueError(msg)

    def check(self) -> None:
        """Refuse what is seen to be wrong before anything is read."""
        images = self.images
        if isinstance(self.stack, ImageStack):
            n_masks = len(self.stack)
            if n_masks != len(images):
                if images.positions is not None:
                    refuse_no_list(n_masks, len(images), **self.names)
                check_shape((n_masks, *self.own_shape(0)[1:]), self.own_shape(), **self.names)
            if images.knows_shapes and not self.stack.is_lazy:
                order = images.order or range(n_masks)
                for i, (start, stop) in enumerate(self.bounds):
                    shapes = self.stack.shapes(start, stop)
                    for number, shape in zip(order[start:stop], shapes, strict=True):
                        check_shape(shape, self.own_shape(i)[1:], number=number, **self.names)
        elif hasattr(self.stack, "shape"):
            check_shape(self.stack.shape, self.own_shape(), **self.names)

    def own_shape(self, i: int | None = None) -> Shape:
        """Return the shape of the masks of a block as they come, that of all if `i` is None."""
        n_images, *shape = self._shapes(i)[0]
        return (n_images, math.prod(shape)) if self.images.is_rows else (n_images, *shape)

    def seen_shape(self, i: int | None = None) -> Shape:
        """Return the shape of the masks of a block as estimators see them."""
        return self._shapes(i)[1]

    def _shapes(self, i: int | None) -> Sequence[Shape]:
        caller = self.names["caller"]
        shapes = self.images.mask_shapes(i or 0, self.channel_axis, caller)
        return shapes if i is not None else [(len(self.images), *shape[1:]) for shape in shapes]


def refuse_no_list(got: Any, n_images: int, *, caller: str, name: str) -> NoReturn:
    """Refuse masks that are no list of as many as there are images in a list."""
    msg = (
        f"{caller} expects {name} as a list of {n_images} arrays when the images are a list, "
        f"got {got}. Pass one for every image, in the same order."
    )
    raise ValueError(msg)
