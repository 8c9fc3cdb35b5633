"""A masker that gives the same mask for every image."""

from numbers import Integral

import numpy as np

from skmask._images.axes import without_axis
from skmask._images.kinds import read_one
from skmask._images.masks import to_mask
from skmask._kernels.pixels.binary import is_number
from skmask._kernels.pixels.namespaces import like
from skmask.base import PILLOW, ImageMasker

NAMES = {"caller": "FixedMasker", "name": "mask"}


class FixedMasker(ImageMasker):
    """Return a mask that is known beforehand, the same for every image.

    An atlas, a region of interest drawn once, the frame of a microscope: wherever an estimator takes a
    masker, this one hands it a given mask.

    Parameters
    ----------
    mask : array-like of bool of shape image_shape, default=None
        The mask: booleans, or numbers of two values one of which is 0. None is the full mask: every
        pixel is foreground.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the mask lacks, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskApplier : Applies the masks of a masker to the images.

    Notes
    -----
    The mask has to have the shape of the images; nothing is broadcast. Flat rows are read in the order of
    the mask's pixels in memory order C, row by row. Pixels that are NaN are never foreground, as with all
    maskers, nor are pixels with NaN in a channel; for the rest the images are not looked at. As every
    parameter, the mask is copied by `sklearn.base.clone`.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import FixedMasker
    >>> masker = FixedMasker([[0, 1, 1], [0, 1, 0]])
    >>> masker.transform(np.zeros((1, 2, 3))).astype(int)
    array([[[0, 1, 1],
            [0, 1, 0]]])
    """

    _parameter_constraints = {
        "mask": [None, "array-like", PILLOW],
        "channel_axis": [None, Integral],
    }
    _stays_on_device = True

    def __init__(self, mask=None, *, channel_axis=None):
        self.mask = mask
        self.channel_axis = channel_axis

    def _check(self, shape):
        self._mask_for(shape)

    def _transform(self, images):
        mask = self._mask_for(images.shape)
        numbers = is_number(images, channel_axis=self.channel_axis)
        numbers &= like(mask, images)
        return numbers

    def _describe(self):
        if self.mask is None:
            return "All pixels were taken as foreground."
        mask = read_one(self.mask, **NAMES)
        n_inside, n_pixels = np.count_nonzero(mask), mask.size
        return f"The same mask, of {n_inside} of {n_pixels} pixels, was taken for all images."

    def _mask_for(self, shape):
        """Return the mask in the shape of images in a block of a shape; True for the full one."""
        image_shape = tuple(without_axis(shape, self.channel_axis, "FixedMasker")[1:])
        if self.mask is None:
            return True
        mask = to_mask(read_one(self.mask, **NAMES), **NAMES)
        is_flat = self.channel_axis is None and len(image_shape) == 1
        if is_flat and mask.size == image_shape[0]:
            return mask.reshape(-1)
        if mask.shape != image_shape:
            msg = (
                f"FixedMasker expects images of the shape of its mask, {mask.shape}, got images of shape "
                f"{image_shape}, and nothing is broadcast. Name the axis of channels by channel_axis; use "
                "X[np.newaxis] for a single image."
            )
            raise ValueError(msg)
        return mask
