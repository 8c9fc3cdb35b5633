"""Base of the morphological operations with a footprint."""

import numpy as np

from skmask._checks import check_ball, check_center
from skmask._describe import footprint_of, times
from skmask._kernels.morphology.footprints import build_footprint, footprint_reach
from skmask._kernels.morphology.operations import BORDERS
from skmask.base import COUNT, LENGTH, MaskTransformer, StrOptions

# A footprint of more offsets is planned in each call: that takes a small part of its time, and a plan that is
# kept would take much memory.
_PREPARED_OFFSETS = 1 << 12


class BinaryMorphology(MaskTransformer):
    """Base of the operations with a footprint: a subclass has a ``_verb``, and a kernel in ``_work_for``."""

    _parameter_constraints = {
        "footprint": [str, "array-like"],
        "radius": [LENGTH],
        "iterations": [COUNT, None],
        "border": [StrOptions(set(BORDERS))],
        "spacing": [None, LENGTH, "array-like"],
        "image_shape": [None, tuple, list],
    }
    _stays_on_device = True

    def __init__(
        self,
        footprint="diamond",
        *,
        radius=1,
        iterations=1,
        border="ignore",
        spacing=None,
        image_shape=None,
    ):
        self.footprint = footprint
        self.radius = radius
        self.iterations = iterations
        self.border = border
        self.spacing = spacing
        self.image_shape = image_shape

    def _check(self, shape):
        self._footprint_for(shape[1:])

    def _transform(self, masks):
        return self._operation(self._footprint_for(masks.shape[1:]), masks.shape[1:])(masks)

    def _prepare(self, shape, dtype):
        footprint = self._footprint_for(shape[1:])
        if dtype == np.bool_ and footprint.size <= _PREPARED_OFFSETS:
            return self._operation(footprint, shape[1:])
        return None

    def _operation(self, footprint, image_shape):
        return type(self)._work_for(footprint, image_shape, self.iterations, self.border)

    def _reach(self, n_axes):
        if self.iterations is None:
            return super()._reach(n_axes)
        reach = footprint_reach(ndim=n_axes, **self._ball(n_axes))
        return [self.iterations * pixels for pixels in reach]

    def _describe(self):
        if self.iterations == 0 or (isinstance(self.footprint, str) and self.radius == 0):
            return "Masks were left as they were."
        border = "" if self.border == "ignore" else f", with {self.border} around the images"
        return f"Masks were {self._verb} with {footprint_of(self)}{times(self.iterations)}{border}."

    def _footprint_for(self, image_shape):
        """Return the footprint, as far as it reaches within images of a shape."""
        n_axes = len(image_shape)
        footprint = build_footprint(ndim=n_axes, within=image_shape, **self._ball(n_axes))
        check_center(footprint, self.iterations, caller=type(self).__name__)
        return footprint

    def _ball(self, n_axes):
        return check_ball(
            self.footprint,
            n_axes,
            radius=self.radius,
            spacing=self.spacing,
            caller=type(self).__name__,
        )
