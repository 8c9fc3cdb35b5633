"""Dilation, erosion, opening and closing of masks."""

from functools import partial

from skmask._describe import footprint_of, times
from skmask._kernels.footprints import build_footprint
from skmask._kernels.morphology import BORDERS, close, dilate, erode, open_
from skmask.base import COUNT, LENGTH, MaskTransformer, StrOptions


class BinaryMorphology(MaskTransformer):
    """Base of the operations with a footprint: a subclass has a kernel, ``_operate``, and a ``_verb``."""

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
        self._footprint_for(len(shape) - 1)

    def _transform(self, masks):
        footprint = self._footprint_for(masks.ndim - 1)
        return type(self)._operate(masks, footprint, iterations=self.iterations, border=self.border)

    def _reach(self, n_axes):
        if self.iterations is None:
            return super()._reach(n_axes)
        return [size // 2 * self.iterations for size in self._footprint_for(n_axes).shape]

    def _describe(self):
        if self.iterations == 0 or (isinstance(self.footprint, str) and self.radius == 0):
            return "Masks were left as they were."
        border = "" if self.border == "ignore" else f", with {self.border} around the images"
        return f"Masks were {self._verb} with {footprint_of(self)}{times(self.iterations)}{border}."

    def _footprint_for(self, n_axes):
        return build_footprint(
            self.footprint,
            n_axes,
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
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all, for a named footprint.
        None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryEroder : Takes pixels away at the edge.
    BinaryCloser : Dilates, then erodes.
    MaskReconstructor : Dilates within a limit.

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

    _operate = staticmethod(partial(dilate, caller="BinaryDilator"))
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
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all, for a named footprint.
        None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryDilator : Adds pixels at the edge.
    BinaryOpener : Erodes, then dilates.

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

    _operate = staticmethod(partial(erode, caller="BinaryEroder"))
    _verb = "eroded"


class BinaryOpener(BinaryMorphology):
    """Erode masks and dilate them back: what the footprint does not fit into is gone.

    Specks and thin bridges vanish; what remains keeps its size.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Neighborhood of a pixel: the pixels within `radius` in city-block, chessboard or Euclidean
        distance, in any number of dimensions, or an array of odd sizes with as many axes as an image.
    radius : float, default=1
        Radius of a named footprint, in pixels or, with `spacing`, in its units.
    iterations : int, default=1
        How many times to erode, and then to dilate. 0 leaves masks as they are.
    border : {"ignore", "background", "foreground"}, default="ignore"
        What lies outside of the image. With ``"ignore"`` the outside never changes the result: an object
        is not eaten from the frame of the image.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all, for a named footprint.
        None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryCloser : The reverse: fills gaps instead of removing specks.
    SmallRegionRemover : Removes regions by their size, and leaves the others as they are.

    Notes
    -----
    The opening of a mask is the union of all places at which the footprint lies within the mask. It adds
    no pixel, and a second opening changes nothing. Both steps take one pass over packed bits. Masks are
    read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing and can be used without
    a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BinaryOpener
    >>> mask = np.array([[[0, 0, 0, 0, 0], [1, 1, 1, 0, 1], [1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]])
    >>> BinaryOpener("square").transform(mask).astype(int)
    array([[[0, 0, 0, 0, 0],
            [1, 1, 1, 0, 0],
            [1, 1, 1, 0, 0],
            [1, 1, 1, 0, 0]]])
    """

    _parameter_constraints = {**BinaryMorphology._parameter_constraints, "iterations": [COUNT]}
    _operate = staticmethod(open_)
    _verb = "opened"

    def _reach(self, n_axes):
        return [2 * reach for reach in super()._reach(n_axes)]


class BinaryCloser(BinaryMorphology):
    """Dilate masks and erode them back: gaps that the footprint does not fit into are filled.

    Cracks and small holes vanish, and what is filled keeps its outline.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Neighborhood of a pixel: the pixels within `radius` in city-block, chessboard or Euclidean
        distance, in any number of dimensions, or an array of odd sizes with as many axes as an image.
    radius : float, default=1
        Radius of a named footprint, in pixels or, with `spacing`, in its units.
    iterations : int, default=1
        How many times to dilate, and then to erode. 0 leaves masks as they are.
    border : {"ignore", "background", "foreground"}, default="ignore"
        What lies outside of the image. With ``"ignore"`` masks are closed as on a larger, empty image: an
        object near the frame is neither swallowed nor grown to the frame.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all, for a named footprint.
        None is 1.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryOpener : The reverse: removes specks instead of filling gaps.
    HoleFiller : Fills holes of any shape and size.

    Notes
    -----
    A pixel is in the closing of a mask when every place of the footprint that covers it touches the mask.
    It takes no pixel away, and a second closing changes nothing. Both steps take one pass over packed
    bits. Masks are read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing and can
    be used without a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BinaryCloser
    >>> mask = np.array([[[1, 1, 1, 1, 0], [1, 0, 1, 1, 0], [1, 1, 1, 1, 0]]])
    >>> BinaryCloser().transform(mask).astype(int)
    array([[[1, 1, 1, 1, 0],
            [1, 1, 1, 1, 0],
            [1, 1, 1, 1, 0]]])
    """

    _parameter_constraints = {**BinaryMorphology._parameter_constraints, "iterations": [COUNT]}
    _operate = staticmethod(close)
    _verb = "closed"

    def _reach(self, n_axes):
        return [2 * reach for reach in super()._reach(n_axes)]
