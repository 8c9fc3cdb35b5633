"""Removal of small regions."""

from skmask._checks import check_spacing
from skmask._cleaners.region_cleaner import RegionCleaner
from skmask._describe import number
from skmask._kernels.regions.rules import size_rule
from skmask.base import LENGTH


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
        neighbors in the plane). The largest value is the number of axes of an image.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. None counts pixels.
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
        pixel = 1.0
        if self.spacing is not None:
            pixel = check_spacing(self.spacing, n_axes, caller="SmallRegionRemover").prod().item()
        return size_rule(n_axes, self.min_size, pixel=pixel, **given)
