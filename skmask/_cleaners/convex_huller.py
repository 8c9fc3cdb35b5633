"""Convex hulls of masks."""

import numpy as np

from skmask._checks import check_connectivity
from skmask._kernels.regions.hulls import convex_hull, convex_hulls
from skmask._kernels.regions.objects import regions_of
from skmask._kernels.regions.rules import blocks_of_images
from skmask.base import AT_LEAST_ONE, MaskTransformer, StrOptions


class ConvexHuller(MaskTransformer):
    """Fill the convex hull of each mask, or of each of its regions.

    The hull is the smallest convex shape that holds all foreground. It closes dents, gaps between regions,
    and holes.

    Parameters
    ----------
    per : {"image", "region"}, default="image"
        Fill the hull of all foreground of an image, or that of each region by itself, which leaves the gaps
        between regions open where the hulls do not meet.
    connectivity : int, default=1
        Connectivity of the regions: 1 connects pixels that share a face (4 neighbors in the plane), 2
        also those that share an edge (8 neighbors in the plane). The largest value is the number of axes
        of an image.
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
    >>> mask = np.array([[[1, 0, 0, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 0, 1]]])
    >>> ConvexHuller(per="region").transform(mask).astype(int)
    array([[[1, 0, 0, 0, 1],
            [1, 1, 0, 0, 1],
            [1, 1, 1, 0, 1]]])
    """

    _parameter_constraints = {
        "per": [StrOptions({"image", "region"})],
        "connectivity": [AT_LEAST_ONE],
        "image_shape": [None, tuple, list],
    }

    def __init__(self, *, per="image", connectivity=1, image_shape=None):
        self.per = per
        self.connectivity = connectivity
        self.image_shape = image_shape

    def _check(self, shape):
        check_connectivity(self.connectivity, len(shape) - 1, caller="ConvexHuller")

    def _transform(self, masks):
        self._check(masks.shape)
        if self.per == "image":
            return convex_hull(masks)
        hulls = np.empty(masks.shape, dtype=bool)
        for block in blocks_of_images(masks.shape):
            hulls[block] = convex_hulls(regions_of(masks[block], self.connectivity))
        return hulls

    def _describe(self):
        if self.per == "image":
            return "Masks were filled to their convex hulls."
        return (
            "The regions of masks were filled to their convex hulls, each by itself (connectivity "
            f"{self.connectivity})."
        )
