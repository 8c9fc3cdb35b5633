"""Opening of masks."""

from skmask._cleaners.binary_morphology import BinaryMorphology
from skmask._kernels.morphology.operations import opening
from skmask.base import COUNT


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
    BinaryCloser : The reverse: fills gaps instead of removing specks.
    SmallRegionRemover : Removes regions by their size, and leaves the others as they are.

    Notes
    -----
    The opening of a mask is the union of all positions at which the footprint lies within the mask. It adds
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
    _work_for = staticmethod(opening)
    _verb = "opened"

    def _reach(self, n_axes):
        return [2 * reach for reach in super()._reach(n_axes)]
