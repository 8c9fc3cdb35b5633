"""Selection of the largest regions."""

from skmask._cleaners.region_cleaner import RegionCleaner
from skmask._kernels.regions.rules import largest_rule
from skmask.base import AT_LEAST_ONE


class LargestRegionKeeper(RegionCleaner):
    """Keep the largest regions of masks.

    Parameters
    ----------
    n_regions : int, default=1
        How many regions of each image to keep; all where there are fewer.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : Keeps all regions of some size.

    Notes
    -----
    A region is a largest set of foreground pixels that are connected within their image; its size is the
    number of its pixels. Of regions of the same size, the one whose first pixel comes first, row by row,
    counts as larger, so that exactly `n_regions` stay. Empty and full masks stay as they are. Masks are
    read as booleans: nonzero pixels are foreground, NaN is not. It learns nothing and can be used without
    a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import LargestRegionKeeper
    >>> mask = np.array([[[1, 0, 0, 1, 1], [1, 0, 0, 1, 0], [0, 0, 1, 0, 0]]])
    >>> LargestRegionKeeper().transform(mask).astype(int)
    array([[[0, 0, 0, 1, 1],
            [0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0]]])
    >>> LargestRegionKeeper(2).transform(mask).astype(int)
    array([[[1, 0, 0, 1, 1],
            [1, 0, 0, 1, 0],
            [0, 0, 0, 0, 0]]])
    """

    _parameter_constraints = {**RegionCleaner._parameter_constraints, "n_regions": [AT_LEAST_ONE]}

    def __init__(self, n_regions=1, *, connectivity=1, image_shape=None):
        self.n_regions = n_regions
        self.connectivity = connectivity
        self.image_shape = image_shape

    def _say(self):
        if self.n_regions == 1:
            return "The largest region of each mask was kept"
        return f"The {self.n_regions} largest regions of each mask were kept"

    def _make_rule(self, n_axes, **given):
        return largest_rule(n_axes, self.n_regions, **given)
