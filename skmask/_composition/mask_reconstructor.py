"""Masks grown from seeds within a limit."""

from numbers import Integral

from skmask._checks import check_ball, check_center
from skmask._describe import footprint_of, sentences_of, times
from skmask._images.axes import without_axis
from skmask._images.reach import RegionReach, pixelwise
from skmask._kernels.morphology.footprints import build_footprint
from skmask._kernels.morphology.operations import BORDERS, connectivity_of, reconstruct
from skmask._kernels.regions.chunks import mark_seeds
from skmask._kernels.regions.rules import seed_rule
from skmask.base import COUNT, LENGTH, MASKER, ImageMasker, MaskerHolder, StrOptions


class MaskReconstructor(MaskerHolder, ImageMasker):
    """Grow the masks of one masker within the masks of another.

    Geodesic dilation: the seeds are dilated step by step, and each step is cut to the limit. When nothing
    changes any more, the result is all regions of the limit that hold a seed. Reliable seeds, such as an
    eroded mask or a high threshold, restore the whole objects that they lie in and nothing else.

    Parameters
    ----------
    seeds : estimator
        Makes the masks to start from: an estimator or a Pipeline. It is cloned and fitted in `fit`; wrap a
        fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    limit : estimator
        Makes, of the same images, the masks within which the seeds grow.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Neighborhood of a pixel: the pixels within `radius` in city-block, chessboard or Euclidean
        distance, in any number of dimensions, or an array of odd sizes with as many axes as an image.
    radius : float, default=1
        Radius of a named footprint, in pixels.
    iterations : int or None, default=None
        How many steps to grow. None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside the image count. With ``"foreground"`` the seeds also grow in from there; the
        others make the same masks.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all, for a named footprint.
        None is 1.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    seeds_, limit_ : estimator
        The fitted maskers.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    BinaryDilator : Dilates without a limit.
    HysteresisMasker : Seeds and limit are two thresholds.

    Notes
    -----
    Seeds outside of the limit are left out. Maskers that look at neighbors have an `image_shape` of their
    own for flat rows.

    References
    ----------
    L. Vincent, "Morphological grayscale reconstruction in image analysis", IEEE Transactions on Image
    Processing 2(2), 1993, https://doi.org/10.1109/83.217222.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskReconstructor, ThresholdMasker
    >>> X = np.array([[[40, 90, 40, 0, 40, 40]]])  # one image of one row
    >>> MaskReconstructor(ThresholdMasker(80), ThresholdMasker(30)).transform(X).astype(int)
    array([[[1, 1, 1, 0, 0, 0]]])
    """

    _parameter_constraints = {
        "seeds": [MASKER],
        "limit": [MASKER],
        "footprint": [str, "array-like"],
        "radius": [LENGTH],
        "iterations": [COUNT, None],
        "border": [StrOptions(set(BORDERS))],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        seeds,
        limit,
        *,
        footprint="diamond",
        radius=1,
        iterations=None,
        border="ignore",
        spacing=None,
        channel_axis=None,
        image_shape=None,
    ):
        self.seeds = seeds
        self.limit = limit
        self.footprint = footprint
        self.radius = radius
        self.iterations = iterations
        self.border = border
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def _maskers(self):
        return {"seeds": self.seeds, "limit": self.limit}

    def _make_all_masks(self, X, images):
        # Maskers that learn nothing are ready without a fit.
        seeds = getattr(self, "seeds_", self.seeds)
        limit = getattr(self, "limit_", self.limit)
        return [
            self._masks_of(seeds, X, images, "its masker of seeds"),
            self._masks_of(limit, X, images, "its masker of limits"),
        ]

    def _describe(self):
        seeds = sentences_of(getattr(self, "seeds_", self.seeds))
        limit = sentences_of(getattr(self, "limit_", self.limit))
        border = ", from beyond the border too," if self.border == "foreground" else ""
        return (
            f"Seeds were dilated within limits{border} with {footprint_of(self)}{times(self.iterations)} "
            f"(Vincent 1993, https://doi.org/10.1109/83.217222). Seeds: {seeds} Limits: {limit}"
        )

    def _check(self, shape):
        super()._check(shape)
        self._footprint_for(without_axis(shape, self.channel_axis, "MaskReconstructor")[1:])

    def _reach(self, n_axes):
        n_mask_axes = n_axes - (self.channel_axis is not None)
        connectivity = connectivity_of(self._footprint_for((2,) * n_mask_axes))
        if self.iterations is not None or self.border == "foreground" or not connectivity:
            return super()._reach(n_axes)
        rule = seed_rule(n_mask_axes, connectivity=connectivity)
        return RegionReach(self._mark, pixelwise(self, n_axes), rule)

    def _mark(self, images, seeds, limit):
        return mark_seeds(seeds, limit)

    def _transform(self, images, seeds, limit):
        return reconstruct(
            seeds,
            limit,
            self._footprint_for(seeds.shape[1:]),
            iterations=self.iterations,
            border=self.border,
        )

    def _footprint_for(self, image_shape):
        """Return the footprint, as far as it reaches within masks of a shape."""
        n_axes, caller = len(image_shape), "MaskReconstructor"
        given = {"radius": self.radius, "spacing": self.spacing, "caller": caller}
        ball = check_ball(self.footprint, n_axes, **given)
        footprint = build_footprint(ndim=n_axes, within=image_shape, **ball)
        check_center(footprint, self.iterations, caller=caller)
        return footprint
