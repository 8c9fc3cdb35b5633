"""Removal of regions that touch the border."""

from numbers import Integral

import numpy as np

from skmask._cleaners.region_cleaner import RegionCleaner
from skmask._describe import counted, number
from skmask._images.kinds import read_one
from skmask._images.masks import to_mask
from skmask._kernels.regions.borders import near_outside
from skmask._kernels.regions.chunks import mark_seeds
from skmask._kernels.regions.rules import clean_regions, frame_rule, unseeded_rule
from skmask.base import COUNT

FIELD = {"caller": "BorderClearer", "name": "field"}


class BorderClearer(RegionCleaner):
    """Remove the regions of masks that touch the frame of the image, or the end of a field of view.

    Objects that touch the frame continue outside of the image, so their size and shape are unknown.

    Parameters
    ----------
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image.
    axes : int or sequence of int, default=None
        Axes of an image, counted from 0, along which the frame counts, such as ``(1, 2)`` for a volume whose
        first and last slice do not. None counts all.
    margin : int, default=0
        How many pixels beside the frame belong to it.
    field : array-like of bool of shape image_shape, default=None
        Field of view, as of a microscope or a fundus camera. Regions that touch pixels outside of it are
        removed, instead of those that touch the frame. Pixels beyond the image are outside.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : Removes regions by their size.
    RegionFilter : Keeps regions by other properties, such as ``"border_distance"``.

    Notes
    -----
    A region is a largest set of foreground pixels that are connected within their image. It touches the
    frame when one of its pixels is the first or the last along any axis. Empty masks stay empty, and full
    masks become empty. Masks are read as booleans: nonzero pixels are foreground, NaN is not. It learns
    nothing and can be used without a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BorderClearer
    >>> mask = np.array([[[0, 0, 0, 0, 0], [0, 1, 0, 1, 1], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]]])
    >>> BorderClearer().transform(mask).astype(int)
    array([[[0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 0, 0, 0, 0]]])
    """

    _parameter_constraints = {
        **RegionCleaner._parameter_constraints,
        "axes": [None, Integral, "array-like"],
        "margin": [COUNT],
        "field": [None, "array-like"],
    }

    def __init__(self, *, connectivity=1, axes=None, margin=0, field=None, image_shape=None):
        self.connectivity = connectivity
        self.axes = axes
        self.margin = margin
        self.field = field
        self.image_shape = image_shape

    def transform(self, X):
        """Remove the regions of masks that touch the border.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Masks: booleans, or numbers of which the nonzero ones are foreground. NaN never is.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The new masks, in the container of `X`.
        """
        if self.field is None:
            return self._map(self._transform_numbers, X)
        images = self._read_for_transform(X)
        if not images.is_lazy:
            return images.map(self._transform_numbers)
        images.check(self._check)
        near = images.align_roi(self._near_outside(), caller="BorderClearer")
        return images.map(self._transform_numbers, near)

    def _say(self):
        what = "touch" if not self.margin else f"come within {counted(self.margin, 'pixel')} of"
        where = (
            "the frame of the image" if self.field is None else "the outside of the field of view"
        )
        along = "" if self.axes is None else f" along its axes {number(self.axes)}"
        return f"Regions of masks that {what} {where}{along} were removed"

    def _validate_params(self):
        super()._validate_params()
        if self.field is not None and self.axes is not None:
            msg = (
                "BorderClearer expects axes for the frame of the image, got a field as well. Use the field "
                "alone, which has no axes."
            )
            raise ValueError(msg)

    def _check(self, shape):
        super()._check(shape)
        if self.field is not None and np.shape(self.field) != shape[1:]:
            msg = (
                f"BorderClearer expects field of the shape of the images, {shape[1:]}, got "
                f"{np.shape(self.field)}. Crop or resize it."
            )
            raise ValueError(msg)

    def _without_axes(self, shape, single):
        view = super()._without_axes(shape, single)
        if self.axes is not None:
            kept = [axis for axis in range(1, len(shape)) if axis not in single]
            axes = [axis + 1 for axis in self._axes(len(shape) - 1)]
            view.axes = [kept.index(axis) for axis in axes if axis in kept]
            view._lacks_axes = not view.axes
        if np.shape(self.field) == shape[1:]:
            field = read_one(self.field, **FIELD)
            view.field = field.squeeze(tuple(axis - 1 for axis in single))
        return view

    def _reach(self, n_axes):
        reach = super()._reach(n_axes)
        return reach if self.field is None else reach._replace(mark=self._mark)

    def _mark(self, images, near):
        return mark_seeds(near, self._read_masks(images))

    def _transform_numbers(self, images, near=None):
        if self.field is None:
            return super()._transform_numbers(images)
        masks = self._read_masks(images)
        self._check(masks.shape)
        near = np.broadcast_to(self._near_outside() if near is None else near, masks.shape)
        return clean_regions(masks, self._rule(masks.ndim - 1), near)

    def _near_outside(self):
        field = to_mask(read_one(self.field, **FIELD), **FIELD)
        return near_outside(field, margin=self.margin)

    def _axes(self, n_axes):
        """Return the axes of the image along which the frame counts, as numbers from 0 on."""
        if getattr(self, "_lacks_axes", False):
            return []
        axes = np.atleast_1d(self.axes)
        fits = axes.ndim == 1 and axes.size and axes.dtype.kind in "iu"
        if not fits or not ((-n_axes <= axes) & (axes < n_axes)).all():
            msg = (
                f"BorderClearer expects axes among those of an image, 0 to {n_axes - 1}, got {self.axes}. "
                "Count the axes of an image, not of the stack."
            )
            raise ValueError(msg)
        return (axes % n_axes).tolist()

    def _make_rule(self, n_axes, **given):
        if self.field is not None:
            return unseeded_rule(n_axes, **given)
        axes = None if self.axes is None else self._axes(n_axes)
        return frame_rule(n_axes, axes=axes, margin=self.margin, **given)
