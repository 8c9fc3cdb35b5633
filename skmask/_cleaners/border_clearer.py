"""Removal of regions that touch the border."""

from skmask._cleaners.region_cleaner import RegionCleaner
from skmask._kernels.regions.rules import frame_rule


class BorderClearer(RegionCleaner):
    """Remove the regions of masks that touch the frame of the image.

    What touches the frame goes on outside of the image: its size and its shape are not known.

    Parameters
    ----------
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane), and so on up to the number of axes of an image.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : Removes regions by their size.

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

    def __init__(self, *, connectivity=1, image_shape=None):
        self.connectivity = connectivity
        self.image_shape = image_shape

    def _say(self):
        return "Regions of masks that touch the frame of the image were removed"

    def _make_rule(self, n_axes, **given):
        return frame_rule(n_axes, **given)
