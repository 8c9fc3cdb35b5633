"""Images in the memory of a device, of another library: functions see them as they are, all in one block."""

from dataclasses import dataclass

from skmask._images.images import Images, read_array
from skmask._images.readers import is_foreign, is_reader, read
from skmask._kernels.pixels.binary import to_mask
from skmask._kernels.pixels.namespaces import like, namespace, to_host


@dataclass(frozen=True, slots=True)
class DeviceImages(Images):
    """Images of an array on a device; what is aligned with them is brought there."""

    def measure(self, function, *aligned):
        """Give the rows of `map_rows` as an array of NumPy."""
        return to_host(super(DeviceImages, self).measure(function, *aligned))

    def _align_stack(self, masks, shape, caller, name, read):
        masks = self._read_masks(masks, caller, name)
        self._check_stack(masks.shape, len(self), shape, caller, name)
        masks = namespace(masks).reshape(masks, (len(self), *shape))
        return (to_mask(masks, caller=caller, name=name),)

    def _read_masks(self, masks, caller, name):
        (images,) = self.blocks
        if is_foreign(masks) and masks.device == images.device:
            return masks
        masks = read(masks) if is_reader(masks) else read_array(masks, caller=caller, name=name)
        return like(masks, images)


def read_device(X, shape):
    """Give the images in an array on a device, whose flat rows fold to a shape."""
    X = X.detach() if hasattr(X, "detach") else X  # masks have no gradient
    images = namespace(X).reshape(X, shape)
    return DeviceImages((images,), (shape,), is_rows=X.ndim == 2)
