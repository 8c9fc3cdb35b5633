"""Base of the steps that look at the neighbors of each pixel."""

from functools import lru_cache

import numpy as np

from skmask._checks import check_spacing, warn_of_lost_contrast
from skmask._images.axes import axis_of_image, without_axis
from skmask._images.kinds import brief
from skmask._kernels.local.gaussian import gaussian_smooth
from skmask._kernels.pixels.precision import floats_for
from skmask.base import ImageTransformer


class ImageFilter(ImageTransformer):
    """Base of filters with a size in the unit of ``spacing``, which take channels one by one.

    A subclass has the parameters ``spacing``, ``channel_axis`` and ``image_shape``, and names the
    parameter that holds its size in ``_size``.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # float32 comes out
        return tags

    def _check(self, shape):
        self._reach_for(shape)

    def _reach_for(self, shape):
        """Return the reach along each axis of images in a block of a shape; refuse one that is too large."""
        if self.channel_axis is not None:
            without_axis(shape, self.channel_axis, type(self).__name__)
        reach = self._reach(len(shape) - 1)
        # The margin around an image takes memory and time.
        most = 4 * max(shape[1:]) + 64
        if max(reach) > most:
            msg = (
                f"{type(self).__name__} expects {self._size} to reach at most {most} pixels for images of "
                f"shape {tuple(shape[1:])}, four times their size and 64, got "
                f"{brief(getattr(self, self._size))}. Use a smaller one, in units of spacing."
            )
            raise ValueError(msg)
        return reach

    def _size_in_pixels(self, n_axes):
        """Return the size along each axis of an image, in pixels; 0 along that of channels."""
        numbers = getattr(self, self._size), self.spacing, self.channel_axis
        try:
            return _in_pixels(*numbers, n_axes, self._size, type(self).__name__)
        except TypeError:  # lists and arrays cannot be looked up
            return _in_pixels.__wrapped__(*numbers, n_axes, self._size, type(self).__name__)

    def _reach(self, n_axes):
        # A radius of 0.3 holds three steps of 0.1, though 0.3 / 0.1 < 3 in floating point.
        return [int(size * (1 + 1e-12)) for size in self._size_in_pixels(n_axes)]

    def _unit(self):
        """Name the unit of the size, for ``_describe``."""
        return "pixels" if self.spacing is None else f"at a spacing of {self.spacing}"


def plan_gaussian(image_shape, dtype, sigmas, *, caller):
    """Return a function that smooths images of a shape and dtype, and warns of contrast that they lose."""
    smooth = gaussian_smooth.plan(image_shape, dtype, sigmas)
    if floats_for(dtype) == np.float32:  # which holds pixels as they are
        return smooth

    def work(images):
        warn_of_lost_contrast(images[:1], caller=caller)
        return smooth(images)

    return work


@lru_cache(maxsize=64)
def _in_pixels(length, spacing, channel_axis, n_axes, name, caller):
    """Return a size along each axis of an image, of which channels have one of 0."""
    n_spatial = n_axes - (channel_axis is not None)
    steps = check_spacing(spacing, n_spatial, caller=caller)
    size = np.asarray(length, float)
    if size.shape not in ((), (n_spatial,)) or not ((size >= 0) & np.isfinite(size)).all():
        msg = (
            f"{caller} expects {name} to be a number of at least 0, or one for each of {n_spatial} axes, got "
            f"{length!r}. Leave out the axis of channels."
        )
        raise ValueError(msg)
    pixels = (size / steps).tolist()
    if channel_axis is not None:
        pixels.insert(axis_of_image(channel_axis, n_axes), 0.0)
    return tuple(pixels)
