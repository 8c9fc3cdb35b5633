"""How estimators read images: parameters are checked, tags are made, and the reader makes blocks.

All that takes longer than to mask a small image, and comes to the same for the same class, parameters, shape
and dtype. Therefore what one call of ``transform`` has found serves the next one like it.
"""

from dataclasses import replace
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from skmask._images.axes import cut_to_axes, method_for, with_single_axes
from skmask._images.containers import read_images
from skmask._images.images import Images, warn_of_rows
from skmask._images.reach import pixelwise
from skmask._images.scale import check_scale, is_of_scale, learn_scale
from skmask._images.shared_images import SharedImages
from skmask._kernels.pixels.binary import sound
from skmask._parameters import can_change, settings_getter

# Readings that are kept. A loop over images of more shapes reads all of them again.
_MOST_READINGS = 1024

_readings = {}


class Reading(NamedTuple):
    """How stacks of a shape and dtype are read, by estimators of a class with the same parameters.

    Attributes
    ----------
    shape : tuple of int
        Shape in which hooks see the stack.
    is_own_shape : bool
        Whether this is the shape of the stack.
    work : callable or None
        Function that stands for the hook, if all that it does follows from the parameters and the stack.
    learns : bool
        Whether the estimator has to be fitted, and stacks are held against the scale of its images.
    """

    shape: tuple[int, ...]
    is_own_shape: bool
    work: Any
    learns: bool


class ReadingMixin:
    """Reading of images before the hooks of an estimator see them."""

    # Parameters that may have a value for each axis of an image.
    _axis_parameters = ("spacing", "window")

    def _check(self, shape):
        """Refuse images of a shape, ``(n_images, *image_shape)``, that the parameters do not go with."""

    def _training_limits(self):
        """Return the lowest and the highest value of the training images, None if they are not known."""

    def _prepare(self, shape, dtype):
        """Return a function that does what ``_transform`` does with blocks of a shape and dtype.

        It serves all estimators of the class with the same parameters, and is asked for where none of these
        can change in place and nothing is learned. None leaves the work to the hook. The class that defines
        ``_transform`` defines this as well, or it is not used.
        """

    def _sees_single_pixels(self):
        """Tell whether `_transform` takes pixels in any number and of any shape."""
        return type(self)._reach is pixelwise and getattr(self, "channel_axis", None) is None

    def _read_for_fit(self, X):
        images = self._read(X, reset=True)
        if type(self)._check is not ReadingMixin._check:
            images.check(self._check)
        return images

    def _map(self, hook, X):
        """Return what ``_transform``, or a hook that calls it, makes of images, in their container."""
        if (known := self._known(X)) is not None:
            work = known.work or hook
            checked = X if X.base is None else sound(X)  # only views can be unsound
            if known.is_own_shape:
                return work(checked)
            result = work(checked.reshape(known.shape))
            if result.shape == known.shape:
                return result.reshape(X.shape)
            return with_single_axes(result, X.shape, getattr(self, "channel_axis", None))
        return self._map_read(hook, self._check_and_read(X))

    def _map_read(self, hook, images):
        """Return what a hook makes of images that have been read, in their container."""
        if images.positions is not None and self._sees_single_pixels():
            return images.map_pixels(hook)
        return images.map(hook)

    def _read_for_transform(self, X):
        if (known := self._known(X)) is not None:
            return Images.of_stack(sound(X), known.shape, getattr(self, "channel_axis", None))
        return self._check_and_read(X)

    def _known(self, X):
        """Return the reading of a stack that need not be checked and read again; None for others."""
        if type(X) is not np.ndarray:
            return None
        try:
            known = _readings.get((settings_getter(type(self))(self), X.shape, X.dtype))
        except (TypeError, ValueError):  # a parameter has no hash, or maskers are no pairs
            return None
        if known is None or not known.learns:
            return known
        if not self.__sklearn_is_fitted__():
            return None
        scale = vars(self).get("_scale")
        return known if scale is None or is_of_scale(X.dtype, scale) else None

    def _check_and_read(self, X):
        self._validate_params()
        if not self.__sklearn_is_fitted__():
            check_is_fitted(self)
        images = self._read(X, reset=False)
        if type(X) is np.ndarray and not images.is_rows and images.own_shapes[0] == X.shape:
            self._keep_reading(images, X)
        return images

    def _keep_reading(self, images, X):
        """Keep how a stack was read, if that has to be neither done nor told again."""
        settings, seen = settings_getter(type(self))(self), images.shapes[0]
        if can_change(settings):
            return
        is_warned_of = images.channel_axis is None and seen[-1] in (3, 4)  # they look like colors
        depends_on_axes = method_for(self._check, X.shape).__self__ is not self
        # Other estimators of the class, with the same parameters, may have learned from other images.
        may_depend_on_fit = type(self)._read is not ReadingMixin._read
        if is_warned_of or depends_on_axes or may_depend_on_fit:
            return
        if len(_readings) >= _MOST_READINGS:
            _readings.clear()
        learns, work = self._learns(), None
        if _prepares_its_work(type(self)) and not learns:
            work = self._prepare(seen, X.dtype)
        _readings[settings, X.shape, X.dtype] = Reading(seen, seen == X.shape, work, learns)

    def _read(self, X, *, reset):
        if isinstance(X, SharedImages):
            # An estimator that learns nothing reads one image, to check its shape.
            shown = X.first() if reset and not self._learns() else X
            return replace(self._read(shown.compute(), reset=reset), shared=X)
        tags, caller = self.__skmask_tags__(), type(self).__name__
        images = read_images(X, tags, caller=caller)
        if images.is_rows:
            # Before a fit there is no number of pixels to hold the rows against.
            if reset or hasattr(self, "n_features_in_"):
                validate_data(self, X, reset=reset, skip_check_array=True)
            if tags.warns_of_rows and not reset:
                warn_of_rows(X, images.shapes[0][1], caller=caller, folds=tags.uses_neighbors)
        elif reset:
            for attribute in ("n_features_in_", "feature_names_in_"):
                if hasattr(self, attribute):
                    delattr(self, attribute)
        if reset:
            vars(self).pop("_scale", None)
            if tags.compares_values and self._learns():
                knows_limits = type(self)._training_limits is not ReadingMixin._training_limits
                self._scale = learn_scale(images, tags, caller=caller, knows_limits=knows_limits)
        elif (
            hasattr(self, "_scale") and self._learns()
        ):  # or nothing of the training images counts now
            check_scale(images, self._scale, self._training_limits, tags, caller=caller)
        return images

    def _without_axes(self, shape, single):
        """Return the estimator as it is for images of a shape without some of their axes.

        Parameters
        ----------
        shape : tuple of int
            Shape of a stack, ``(n_images, *image_shape)``.
        single : tuple of int
            Axes of the stack that its images are seen without.
        """
        channel_axis, n_axes = getattr(self, "channel_axis", None), len(shape) - 1
        cut = {}
        for name in self._axis_parameters:
            if (values := getattr(self, name, None)) is not None:
                cut[name] = cut_to_axes(values, shape, single, channel_axis)
        if channel_axis is not None:
            n_axes -= 1
            channel = channel_axis % len(shape)
            cut["channel_axis"] = channel - sum(axis < channel for axis in single)
        connectivity = getattr(self, "connectivity", None)
        if isinstance(connectivity, Integral) and connectivity <= n_axes:
            cut["connectivity"] = min(connectivity, n_axes - len(single))
        if not cut:
            return self
        view = object.__new__(type(self))
        vars(view).update(vars(self) | cut)
        return view


def _prepares_its_work(cls):
    """Tell whether the class that defines ``_transform`` defines ``_prepare`` as well."""
    definer = next((one for one in cls.__mro__ if "_transform" in vars(one)), ReadingMixin)
    return "_prepare" in vars(definer)
