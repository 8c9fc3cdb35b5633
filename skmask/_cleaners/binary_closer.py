"""Closing of masks."""

from skmask._checks import check_closing
from skmask._cleaners.binary_morphology import BinaryMorphology
from skmask._kernels.morphology.footprints import build_closing_footprint, footprint_reach
from skmask._kernels.morphology.operations import closing
from skmask.base import COUNT


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
        How pixels outside the image count. With ``"ignore"`` masks are closed as on a larger, empty
        image: an object near the frame is neither swallowed nor grown to the frame. The footprint and all
        iterations together may then reach twice the size of an image and 64 pixels, and no further.
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
    _work_for = staticmethod(closing)
    _verb = "closed"

    def _reach(self, n_axes):
        return [2 * reach for reach in super()._reach(n_axes)]

    def _footprint_for(self, image_shape):
        n_axes, given = len(image_shape), {"iterations": self.iterations, "border": self.border}
        ball = self._ball(n_axes)
        reach = footprint_reach(ndim=n_axes, **ball)
        check_closing(reach, image_shape, caller="BinaryCloser", **given)
        return build_closing_footprint(image_shape=image_shape, **given, **ball)
