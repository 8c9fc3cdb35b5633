"""Dilation of masks."""

from skmask._cleaners.binary_morphology import BinaryMorphology
from skmask._kernels.morphology.operations import dilation


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
        How pixels outside the image count. With ``"ignore"`` the outside never changes the result.
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

    _work_for = staticmethod(dilation)
    _verb = "dilated"
