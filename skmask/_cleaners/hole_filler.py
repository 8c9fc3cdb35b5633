"""Filling of holes."""

from skmask._cleaners.region_cleaner import RegionCleaner
from skmask._describe import counted
from skmask._kernels.regions.rules import hole_rule
from skmask.base import COUNT


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
        also those that share an edge (8 neighbors in the plane). The largest value is the number of axes
        of an image. The background has the opposite connectivity, see Notes.
    include_border : bool, default=False
        Whether holes that the frame of the image cuts open are filled as well: regions of the background that
        touch the frame, but do not reach both ends of any axis.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : The same for foreground: removes small regions.
    ConvexHuller : Fills dents and gaps as well.

    Notes
    -----
    Foreground and background need opposite connectivities [1]_. A closed curve of pixels that share sides
    separates its inside from its outside even if the background passes through corners. A curve of pixels
    that share corners only does so if the background cannot pass there. Hence the background is fully
    connected with ``connectivity=1``, and connected through faces alone with any higher one. The default
    therefore leaves open what only corners enclose, and fills fewer holes than
    `scipy.ndimage.binary_fill_holes` does; any higher connectivity, such as the number of axes of an
    image, fills the same holes as SciPy.

    A bay of the background at the frame may be a hole whose rest lies outside of the image. With
    ``include_border=True`` it is filled if it touches one side of the frame, or sides that meet at a corner;
    give a `max_size` where corners of the image are background.

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

    _parameter_constraints = {
        **RegionCleaner._parameter_constraints,
        "max_size": [None, COUNT],
        "include_border": ["boolean"],
    }

    def __init__(self, max_size=None, *, connectivity=1, include_border=False, image_shape=None):
        self.max_size = max_size
        self.connectivity = connectivity
        self.include_border = include_border
        self.image_shape = image_shape

    def _say(self):
        size = "" if self.max_size is None else f" of at most {counted(self.max_size, 'pixel')}"
        border = " and at their borders" if self.include_border else ""
        return f"Holes{size} in masks{border} were filled"

    def _make_rule(self, n_axes, **given):
        return hole_rule(
            n_axes, max_size=self.max_size, include_border=self.include_border, **given
        )
