"""A masker of two thresholds: faint pixels count where they are connected to bright ones."""

from numbers import Integral, Real

from skmask._checks import check_connectivity, check_estimator
from skmask._describe import number, sentences_of
from skmask._images.axes import without_axis
from skmask._images.reach import RegionReach, pixelwise
from skmask._kernels.pixels.compare import above
from skmask._kernels.regions.chunks import mark_seeds
from skmask._kernels.regions.rules import keep_connected, seed_rule
from skmask.base import ANY_NUMBER, MASKER, ImageMasker, Interval, MaskerHolder


class HysteresisMasker(MaskerHolder, ImageMasker):
    """Make masks of the regions above a low threshold that hold a pixel above a high one.

    A high threshold alone cuts the faint ends off objects, a low one alone lets noise in; a region of faint
    pixels that are connected to a bright one is most often neither. Both thresholds may be learned.

    Parameters
    ----------
    low : float or estimator
        Pixels of regions are greater than this number, or foreground of this masker.
        ``HistogramThresholdMasker(correction_factor=0.8)`` is a fraction of a learned threshold,
        ``HistogramRangeMasker(n_classes=3, select=[1, 2])`` the lower level of two.
    high : float or estimator
        At least one pixel of a region is greater than this number, or foreground of this masker. A number
        is not below `low`; pixels of a masker belong to a region whatever `low` is.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. A pixel is above a number when all of its channels are. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    low_, high_ : float or estimator
        The number given or the masker fitted.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    HistogramThresholdMasker : Learns one threshold.
    MaskReconstructor : Grows the masks of one masker within those of another, step by step.
    SmallRegionRemover : Removes regions by their size instead of their brightness.

    Notes
    -----
    Maskers are cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    With two numbers nothing is learned, and it can be used without a fit. Searches set ``low``, ``high`` or
    what maskers have, such as ``low__correction_factor``. For dark objects use maskers with
    ``foreground="dark"``.

    References
    ----------
    J. Canny, "A computational approach to edge detection", IEEE Transactions on Pattern Analysis and Machine
    Intelligence 8, 1986. https://doi.org/10.1109/TPAMI.1986.4767851

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker, HysteresisMasker
    >>> X = np.array([[[10, 40, 70, 40, 10, 40, 10]]])  # one image
    >>> HysteresisMasker(30, 60).transform(X).astype(int)
    array([[[0, 1, 1, 1, 0, 0, 0]]])

    With a threshold that is learned, and a fraction of it:

    >>> masker = HysteresisMasker(
    ...     HistogramThresholdMasker(correction_factor=0.5), HistogramThresholdMasker()
    ... ).fit(X)
    >>> masker.low_.threshold_, masker.high_.threshold_
    (12.5, 25)
    """

    _parameter_constraints = {
        "low": [ANY_NUMBER, MASKER],
        "high": [ANY_NUMBER, MASKER],
        "connectivity": [Interval(Integral, 1, None, closed="left")],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(self, low, high, *, connectivity=1, channel_axis=None, image_shape=None):
        self.low = low
        self.high = high
        self.connectivity = connectivity
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def _validate_params(self):
        for name, masker in self._maskers().items():
            check_estimator(masker, f"HysteresisMasker expects a number or a masker as {name!r}")
        super()._validate_params()
        low, high = self.low, self.high
        if isinstance(low, Real) and isinstance(high, Real) and low > high:
            msg = f"HysteresisMasker expects low <= high, got low={low} and high={high}. Exchange them."
            raise ValueError(msg)

    def _maskers(self):
        bounds = {"low": self.low, "high": self.high}
        return {name: bound for name, bound in bounds.items() if not isinstance(bound, Real)}

    def _keep(self, fitted):
        self.low_ = fitted.get("low", self.low)
        self.high_ = fitted.get("high", self.high)

    def _bounds(self):
        """Return the bounds of the last fit, or those to use without one, by name."""
        return {name: getattr(self, f"{name}_", getattr(self, name)) for name in ("low", "high")}

    def _make_all_masks(self, X, images):
        return [
            self._masks_of(bound, X, images, f"its masker {name!r}")
            for name, bound in self._bounds().items()
            if not isinstance(bound, Real)
        ]

    def _describe(self):
        low, high = (
            f"Pixels above {number(bound)}." if isinstance(bound, Real) else sentences_of(bound)
            for bound in self._bounds().values()
        )
        return (
            "Seeds were taken as foreground with all that is connected to them (connectivity "
            f"{self.connectivity}). Seeds: {high} Connected: {low}"
        )

    def _check(self, shape):
        super()._check(shape)
        self._rule(len(shape) - 1)

    def _rule(self, n_axes):
        n_mask_axes = n_axes - (self.channel_axis is not None)
        check_connectivity(self.connectivity, n_mask_axes, caller="HysteresisMasker")
        return seed_rule(n_mask_axes, connectivity=self.connectivity)

    def _reach(self, n_axes):
        return RegionReach(self._mark, pixelwise(self, n_axes), self._rule(n_axes))

    def _mark(self, images, *masks):
        return mark_seeds(*self._seeds_and_limit(images, masks))

    def _transform(self, images, *masks):
        seeds, limit = self._seeds_and_limit(images, masks)
        self._rule(images.ndim - 1)  # refuses images of too few axes, also without a fit
        return keep_connected(seeds, limit, connectivity=self.connectivity)

    def _seeds_and_limit(self, images, masks):
        given = iter(masks)
        low, high = (
            self._above(images, bound) if isinstance(bound, Real) else next(given)
            for bound in self._bounds().values()
        )
        return high, low | high

    def _above(self, images, bound):
        masks = above(images, bound)
        if self.channel_axis is None:
            return masks
        # Refuses what is no axis of the images, also without a fit.
        without_axis(images.shape, self.channel_axis, "HysteresisMasker")
        return masks.all(axis=self.channel_axis)
