"""Cleaning of masks by their connected regions: holes filled, regions removed or kept."""

from numbers import Integral

from skmask._describe import number
from skmask._kernels.regions import (
    clean_regions,
    frame_rule,
    hole_rule,
    largest_rule,
    size_rule,
)
from skmask._reach import RegionReach
from skmask.base import COUNT, LENGTH, Interval, MaskTransformer

AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")


class RegionCleaner(MaskTransformer):
    """Base of what cleans by regions: a subclass gives its rule, and says it in ``_say``."""

    _parameter_constraints = {
        "connectivity": [AT_LEAST_ONE],
        "image_shape": [None, tuple, list],
    }

    def _check(self, shape):
        self._rule(len(shape) - 1)

    def _describe(self):
        return f"{self._say()} (connectivity {self.connectivity})."

    def _reach(self, n_axes):
        return RegionReach(self._read_masks, [0] * n_axes, self._rule(n_axes))

    def _transform(self, masks):
        return clean_regions(masks, self._rule(masks.ndim - 1))

    def _rule(self, n_axes):
        """Give the rule for images of so many axes, or refuse them."""
        return self._make_rule(n_axes, connectivity=self.connectivity, caller=type(self).__name__)


class HoleFiller(RegionCleaner):
    """Fill the holes of masks.

    A hole is background that foreground encloses: a connected region of the background that does not
    touch the frame of its image.

    Parameters
    ----------
    max_size : int, default=None
        Size in pixels of the largest holes to fill; larger ones stay open. None fills all.
    connectivity : int, default=1
        Connectivity of the foreground: 1 connects pixels that share a face (4 neighbors in the plane), 2
        also those that share an edge (8 neighbors in the plane), and so on up to the number of axes of
        an image. That of the background is the opposite, see Notes.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : The same for foreground: removes small regions.
    ConvexHuller : Fills dents and gaps besides.

    Notes
    -----
    Foreground and background need opposite connectivities [1]_. A closed curve of pixels that share sides
    separates its inside from its outside even where the background may pass through corners, and one of
    pixels that share corners does so only where the background may not. Hence the background is fully
    connected with ``connectivity=1``, and connected through faces alone with any higher one. The default
    therefore leaves open what only corners enclose, and fills fewer holes than
    `scipy.ndimage.binary_fill_holes` does; any higher connectivity, such as the number of axes of an
    image, fills the same holes as SciPy.

    A volume is filled as a volume: what is enclosed in a slice but open along the depth is no hole.
    Empty and full masks stay as they are. Masks are read as booleans: nonzero pixels are foreground, NaN
    is not. It learns nothing and can be used without a fit.

    References
    ----------
    .. [1] A. Rosenfeld, "Connectivity in digital pictures", Journal of the ACM 17, 1970.
       https://doi.org/10.1145/321556.321570

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HoleFiller
    >>> mask = np.array(
    ...     [[[1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 1, 0], [1, 1, 1, 1, 0, 1], [0, 0, 0, 0, 1, 0]]]
    ... )
    >>> HoleFiller().transform(mask).astype(int)
    array([[[1, 1, 1, 0, 0, 0],
            [1, 1, 1, 0, 1, 0],
            [1, 1, 1, 1, 0, 1],
            [0, 0, 0, 0, 1, 0]]])
    >>> HoleFiller(connectivity=2).transform(mask).astype(int)
    array([[[1, 1, 1, 0, 0, 0],
            [1, 1, 1, 0, 1, 0],
            [1, 1, 1, 1, 1, 1],
            [0, 0, 0, 0, 1, 0]]])
    """

    _parameter_constraints = {**RegionCleaner._parameter_constraints, "max_size": [None, COUNT]}

    def __init__(self, max_size=None, *, connectivity=1, image_shape=None):
        self.max_size = max_size
        self.connectivity = connectivity
        self.image_shape = image_shape

    def _say(self):
        size = "" if self.max_size is None else f" of at most {self.max_size} pixels"
        return f"Holes{size} in masks were filled"

    def _make_rule(self, n_axes, **given):
        return hole_rule(n_axes, max_size=self.max_size, **given)


class SmallRegionRemover(RegionCleaner):
    """Remove the small regions of masks.

    A region is kept when its size is `min_size` or more.

    Parameters
    ----------
    min_size : float, default=64
        Size of the smallest regions that stay: a number of pixels or, with `spacing`, an area or a volume
        in its units.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane), and so on up to the number of axes of an image.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of the image or along all. None counts pixels.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    LargestRegionKeeper : Keeps a number of regions, whatever their size.
    HoleFiller : The same for background: fills holes, up to a size if need be.

    Notes
    -----
    A region is a largest set of foreground pixels that are connected within their image; its size is the
    number of its pixels, times the product of `spacing`. Empty masks stay empty, and ``min_size=0`` or 1
    leaves masks as they are. Masks are read as booleans: nonzero pixels are foreground, NaN is not. It
    learns nothing and can be used without a fit.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import SmallRegionRemover
    >>> mask = np.array([[[1, 1, 0, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 1, 1]]])
    >>> SmallRegionRemover(3).transform(mask).astype(int)
    array([[[1, 1, 0, 0, 0],
            [1, 0, 0, 0, 0],
            [0, 0, 0, 0, 0]]])

    Two pixels of 0.5 mm by 2 mm have 2 square millimeters.

    >>> SmallRegionRemover(2.0, spacing=(0.5, 2.0)).transform(mask).astype(int)
    array([[[1, 1, 0, 0, 0],
            [1, 0, 0, 0, 0],
            [0, 0, 0, 1, 1]]])
    """

    _parameter_constraints = {
        **RegionCleaner._parameter_constraints,
        "min_size": [LENGTH],
        "spacing": [None, LENGTH, "array-like"],
    }

    def __init__(self, min_size=64, *, connectivity=1, spacing=None, image_shape=None):
        self.min_size = min_size
        self.connectivity = connectivity
        self.spacing = spacing
        self.image_shape = image_shape

    def _say(self):
        unit = (
            "pixels" if self.spacing is None else f"(pixels at a spacing of {number(self.spacing)})"
        )
        return f"Regions of masks smaller than {number(self.min_size)} {unit} were removed"

    def _make_rule(self, n_axes, **given):
        return size_rule(n_axes, self.min_size, spacing=self.spacing, **given)


class LargestRegionKeeper(RegionCleaner):
    """Keep the largest regions of masks.

    Parameters
    ----------
    n_regions : int, default=1
        How many regions of each image to keep; all where there are fewer.
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
