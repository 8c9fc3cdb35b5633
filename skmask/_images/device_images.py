"""Images in the memory of a device, of another library: functions see them as they are, all in one block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from skmask._images.aligned_masks import AlignedMasks
from skmask._images.axes import Shape
from skmask._images.images import Function, Images
from skmask._images.kinds import Kind, classify, is_foreign, read_array, read_one
from skmask._images.masks import refuse_labels, to_mask
from skmask._images.readers import ImageStack
from skmask._images.readers import read as read_part
from skmask._kernels.pixels.namespaces import like, namespace, to_host


@dataclass(slots=True, eq=False)
class DeviceImages(Images):
    """Images of an array on a device; masks aligned with them are copied there."""

    def measure(self, function: Function, *aligned: Sequence[Any]) -> NDArray[Any]:
        """Return the rows of `map_rows` as an array of NumPy."""
        return to_host(super(DeviceImages, self).measure(function, *aligned))

    def first_blocks(self) -> Iterator[Any]:
        """Yield every eighth row of the images, little to copy and enough to look at the values."""
        yield self.blocks[0][:, ::8, ...]

    def align_masks(
        self,
        masks: Any,
        *,
        caller: str,
        name: str,
        channel_axis: int | None = None,
        read: Function = to_mask,
    ) -> Sequence[Any]:
        """Read masks to the device, in one block; see `Images.align_masks`."""
        masks = self._read_masks(masks, caller, name)
        aligned = AlignedMasks(masks, self, channel_axis, caller, name)
        aligned.check()
        masks = namespace(masks).reshape(masks, aligned.seen_shape())
        return (read(masks, caller=caller, name=name),)

    def _read_one(self, mask: Any, shape: Shape, **names: str) -> Any:
        (images,) = self.blocks
        is_there = is_foreign(mask) and mask.device == images.device
        mask = mask if is_there else like(read_one(mask, **names), images)
        return namespace(mask).reshape(mask, shape)

    def _read_masks(self, masks: Any, caller: str, name: str) -> Any:
        (images,) = self.blocks
        kind, data = classify(masks, caller=caller, name=name, on_device=True)
        if kind is Kind.IMAGES:
            data = ImageStack(data, caller=caller, name=name)[0 : len(data)]
        else:
            refuse_labels(data, caller=caller, name=name)
        if is_foreign(data) and data.device == images.device:
            return data
        if kind is Kind.ARRAY:
            data = read_array(data, caller=caller, name=name)
        return like(read_part(data), images)


def read_device(X: Any, own: Shape, seen: Shape, **given: Any) -> DeviceImages:
    """Return the images in an array on a device, whose flat rows fold to a shape."""
    X = X.detach() if hasattr(X, "detach") else X  # masks have no gradient
    shapes = (seen,)
    images = namespace(X).reshape(X, seen)
    return DeviceImages((images,), shapes, shapes if seen is own else (own,), **given)
