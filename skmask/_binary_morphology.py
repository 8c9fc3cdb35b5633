"""Dilation and erosion of masks."""

from skmask._describe import footprint_of, times
from skmask._kernels.footprints import build_footprint
from skmask._kernels.morphology import BORDERS, dilate, erode
from skmask.base import COUNT, LENGTH, MaskTransformer, StrOptions


class BinaryMorphology(MaskTransformer):
    """Base of the operations with a footprint: a subclass has a kernel, ``_operate``, and a ``_verb``."""

    _parameter_constraints = {
        "footprint": [str, "array-like"],
        "radius": [LENGTH],
        "iterations": [COUNT, None],
        "border": [StrOptions(set(BORDERS))],
        "spacing": [None, "array-like"],
        "image_shape": [None, tuple, list],
    }

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

    def _fit(self, images, y):
        for block in images.blocks:
            self._footprint_for(block)

    def _learns(self):
        return False  # a fit only checks the footprint against the images

    def _transform(self, masks):
        footprint = self._footprint_for(masks)
        return type(self)._operate(masks, footprint, iterations=self.iterations, border=self.border)

    def _describe(self):
        border = "" if self.border == "ignore" else f", with {self.border} around the images"
        return f"Masks were {self._verb} with {footprint_of(self)}{times(self.iterations)}{border}."

    def _footprint_for(self, masks):
        return build_footprint(
            self.footprint,
            masks.ndim - 1,
            radius=self.radius,
            spacing=self.spacing,
            caller=type(self).__name__,
        )


class BinaryDilator(BinaryMorphology):
    """Add pixels at the edge of masks.

    A pixel becomes foreground when the footprint, laid over it, holds any foreground. Many iterations are
    possible, and together with `BinaryEroder` they close holes.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Neighborhood of a pixel: the pixels within `radius` in city-block, chessboard or Euclidean
        distance, in any number of dimensions, or an array of odd sizes with as many axes as an image.
    radius : float, default=1
        Radius of a named footprint, in pixels or, with `spacing`, in its units.
    iterations : int or None, default=1
        How many times to dilate. 0 leaves masks as they are; None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        What lies outside of the image. With ``"ignore"`` the outside never changes the result.
    spacing : sequence of float, default=None
        Distance between neighboring pixels along each axis of an image, for a named footprint. None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryEroder : Takes pixels away at the edge.

    Notes
    -----
    The dilation of a mask M by a footprint F is the union of M shifted by every offset in F, as in
    `scipy.ndimage.binary_dilation`: an asymmetric footprint reaches in the direction in which it extends.
    Masks are read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing and can be
    used without a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BinaryDilator
    >>> mask = np.zeros((1, 3, 5), bool)
    >>> mask[0, 1, 1] = True
    >>> BinaryDilator().transform(mask).astype(int)
    array([[[0, 1, 0, 0, 0],
            [1, 1, 1, 0, 0],
            [0, 1, 0, 0, 0]]])
    >>> BinaryDilator("square", iterations=2).transform(mask).astype(int)
    array([[[1, 1, 1, 1, 0],
            [1, 1, 1, 1, 0],
            [1, 1, 1, 1, 0]]])
    """

    _operate = staticmethod(dilate)
    _verb = "dilated"


class BinaryEroder(BinaryMorphology):
    """Take pixels away at the edge of masks.

    A pixel stays foreground when the footprint, laid over it, holds nothing but foreground. Many
    iterations are possible, and together with `BinaryDilator` they open holes and cut thin bridges.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Neighborhood of a pixel: the pixels within `radius` in city-block, chessboard or Euclidean
        distance, in any number of dimensions, or an array of odd sizes with as many axes as an image.
    radius : float, default=1
        Radius of a named footprint, in pixels or, with `spacing`, in its units.
    iterations : int or None, default=1
        How many times to erode. 0 leaves masks as they are; None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        What lies outside of the image. With ``"ignore"`` the outside never changes the result: an object
        is not eaten from the frame of the image.
    spacing : sequence of float, default=None
        Distance between neighboring pixels along each axis of an image, for a named footprint. None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryDilator : Adds pixels at the edge.

    Notes
    -----
    The erosion of a mask M by a footprint F is the set of positions at which F, shifted there, lies within
    M, as in `scipy.ndimage.binary_erosion` but for the border, whose default here is not the background.
    Masks are read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing and can be
    used without a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BinaryEroder
    >>> mask = np.array([[[1, 1, 1, 1, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 0]]], bool)
    >>> BinaryEroder().transform(mask).astype(int)
    array([[[1, 1, 1, 0, 0],
            [1, 1, 1, 0, 0],
            [1, 1, 1, 0, 0]]])
    >>> BinaryEroder(border="background").transform(mask).astype(int)
    array([[[0, 0, 0, 0, 0],
            [0, 1, 1, 0, 0],
            [0, 0, 0, 0, 0]]])
    """

    _operate = staticmethod(erode)
    _verb = "eroded"
