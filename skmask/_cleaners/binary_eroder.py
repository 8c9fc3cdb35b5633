"""Erosion of masks."""

from skmask._cleaners.binary_morphology import BinaryMorphology
from skmask._kernels.morphology.operations import erosion


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
        How pixels outside the image count. With ``"ignore"`` the outside never changes the result: an
        object is not eaten from the frame of the image.
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
    The erosion of a mask M by a footprint F is the set of positions at which F, shifted there, lies
    within M. It equals `scipy.ndimage.binary_erosion` except for the default border, which here is not
    background. Masks are read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing
    and can be used without a fit.

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

    _work_for = staticmethod(erosion)
    _verb = "eroded"
