"""Convex hulls of masks."""

from skmask._kernels.regions.hulls import convex_hull
from skmask.base import MaskTransformer


class ConvexHuller(MaskTransformer):
    """Fill the convex hull of each mask: the smallest convex shape that holds all its foreground.

    It closes dents, gaps between regions, and holes. Where each region is to have a hull of its own, keep
    one region first, with `LargestRegionKeeper`.

    Parameters
    ----------
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    HoleFiller : Fills what is enclosed, and no more.

    Notes
    -----
    A pixel belongs to the hull when its center lies in the convex hull of the centers of all foreground
    pixels, or on its border. This is found in whole numbers, exactly, for images of any number of axes:
    by first and last pixels of rows in the plane, by Quickhull [1]_ in volumes. Empty and full masks stay
    as they are; foreground on one line has a hull on that line. Masks are read as booleans: nonzero
    pixels are foreground, NaN is not. It learns nothing and can be used without a fit.

    References
    ----------
    .. [1] C. B. Barber, D. P. Dobkin and H. Huhdanpaa, "The Quickhull algorithm for convex hulls", ACM
       Transactions on Mathematical Software 22, 1996. https://doi.org/10.1145/235815.235821

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ConvexHuller
    >>> mask = np.array([[[0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 1]]])
    >>> ConvexHuller().transform(mask).astype(int)
    array([[[0, 0, 1, 0, 0],
            [0, 1, 1, 1, 0],
            [1, 1, 1, 1, 1]]])
    """

    _parameter_constraints = {"image_shape": [None, tuple, list]}

    def __init__(self, *, image_shape=None):
        self.image_shape = image_shape

    def _transform(self, masks):
        return convex_hull(masks)

    def _describe(self):
        return "Masks were filled to their convex hulls."
