"""A masker whose threshold is learned from the histogram of training images."""

import inspect
import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._kernels.compare import above, not_above
from skmask._kernels.counting import count
from skmask._kernels.criteria import CRITERIA
from skmask._kernels.levels import levels
from skmask._kernels.supervised import (
    best_threshold,
    count_classes,
    pooled_scores,
    sum_scores,
)
from skmask._kernels.thresholds import THRESHOLD_METHODS, choose
from skmask.base import ImageMasker, Interval, StrOptions

CALLER = "HistogramThresholdMasker"


class HistogramThresholdMasker(ImageMasker):
    """Make masks of the pixels above a threshold learned from training images.

    `fit` counts the pixel values of all training images in one histogram and chooses one threshold from it;
    `transform` applies that threshold, unchanged, to any image. Where labelled masks are at hand, the
    methods ``"dice"``, ``"jaccard"`` and their kin find the best threshold there is.

    Parameters
    ----------
    method : str or callable, default="otsu"
        How the threshold is chosen.

        - From the histogram alone: ``"otsu"``, ``"li"``, ``"triangle"`` and the other names in
          `skmask.thresholds.THRESHOLD_METHODS`, or a function ``(counts, centers)``.
        - From labelled masks, given to `fit` as `y`: ``"dice"``, ``"jaccard"`` and the other names in
          `skmask.thresholds.CRITERIA`, or a function of pixel counts ``(tp, fp, fn, tn)``.
    foreground : {"bright", "dark", "auto"}, default="bright"
        Whether pixels above the threshold are foreground or the others, the exact complement but for NaN.
        ``"auto"`` takes what scores better on labelled masks.
    strategy : {"pooled", "balanced", "per_image"}, default="pooled"
        ``"pooled"`` counts every pixel of the training images alike, ``"balanced"`` every image, whatever
        its number of pixels; with labelled masks these are the score of all pixels and the mean of the
        scores of the images. ``"per_image"`` learns nothing and chooses a threshold for each image anew.
    n_bins : int or "auto", default="auto"
        Number of bins of the histogram from which a method without labelled masks chooses. ``"auto"`` is
        one bin a value for integers, up to 65,536, and 1024 bins for floats.
    value_range : {"robust", "minmax"} or (low, high), default="robust"
        Range of these bins; pixels beyond it are counted in the end bins. ``"robust"`` leaves out extreme
        values of floats, so that a few outliers do not make the bins coarse.
    correction_factor : float, default=1.0
        What the chosen threshold is multiplied by.
    bounds : (float, float), default=None
        Lowest and highest threshold allowed, applied last.

    Attributes
    ----------
    threshold_ : float or int
        The threshold. Absent with ``strategy="per_image"``, as are all that follow but `n_features_in_`.
    threshold_interval_ : (float, float)
        All thresholds in ``[a, b)`` split the training pixels as the chosen one does: how sure the choice
        is, before `correction_factor` and `bounds`.
    foreground_ : {"bright", "dark"}
        The polarity in use.
    histogram_ : ndarray of shape (n_bins,)
        Number of training pixels in each bin; with ``strategy="balanced"``, of images.
    bin_edges_ : ndarray of shape (n_bins + 1,)
        Edges of the bins.
    criterion_ : ndarray of shape (n_thresholds,) or None
        What the method maximizes, at each of `criterion_thresholds_`; None for methods that compute their
        threshold directly, such as ``"mean"``.
    criterion_thresholds_ : ndarray of shape (n_thresholds,) or None
        Thresholds at which the criterion was evaluated.
    best_score_ : float or None
        Score of the training masks at the chosen threshold, before `correction_factor` and `bounds`; None
        without labelled masks.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ThresholdMasker : The threshold is given instead of learned.
    skmask.thresholds : The methods as functions.

    Notes
    -----
    Counts are exact: integers of up to 65,536 values, and any data of as few values, have a bin for each;
    beyond that, integers are grouped by powers of two and floats by equal relative width before they are
    binned. Histograms merge exactly, so `partial_fit` gives what `fit` gives on all images at once, in any
    order. NaN and infinities are not counted, and NaN is never foreground.

    Where all thresholds in a gap between two values fit the training images equally well, the middle of the
    gap is taken, the one farthest from any training pixel. On integer images thresholds are integers.
    Images of one value only give that value, for which nothing is bright, with a warning.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker
    >>> X = np.array([[[10, 12, 70], [11, 12, 80]], [[11, 14, 12], [10, 68, 10]]])
    >>> masker = HistogramThresholdMasker().fit(X)
    >>> masker.threshold_, masker.threshold_interval_
    (41, (14, 68))
    >>> masker.transform([[[10, 60, 12]]]).astype(int)
    array([[[0, 1, 0]]])

    From labelled masks:

    >>> masks = X > 65
    >>> masker = HistogramThresholdMasker("dice").fit(X, masks)
    >>> masker.threshold_, masker.best_score_
    (41, 1.0)
    """

    _parameter_constraints = {
        "method": [str, callable],
        "foreground": [StrOptions({"bright", "dark", "auto"})],
        "strategy": [StrOptions({"pooled", "balanced", "per_image"})],
        "n_bins": [StrOptions({"auto"}), Interval(Integral, 2, None, closed="left")],
        "value_range": [StrOptions({"robust", "minmax"}), tuple, list],
        "correction_factor": [Interval(Real, 0, None, closed="neither")],
        "bounds": [None, tuple, list],
    }

    def __init__(
        self,
        method="otsu",
        *,
        foreground="bright",
        strategy="pooled",
        n_bins="auto",
        value_range="robust",
        correction_factor=1.0,
        bounds=None,
    ):
        self.method = method
        self.foreground = foreground
        self.strategy = strategy
        self.n_bins = n_bins
        self.value_range = value_range
        self.correction_factor = correction_factor
        self.bounds = bounds

    def fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn the threshold from training images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Training images: a stack, flat rows, or a list of images of different sizes.
        y : array-like of bool of the shape of `X`, or list of arrays, default=None
            Labelled masks, for the methods that learn from them; ignored by the others.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images. An integer counts as so many copies.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels to learn from.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y, sample_weight=sample_weight, roi=roi)

    def partial_fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn from further images, as if all had come in one call to `fit`.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            More training images.
        y : array-like of bool of the shape of `X`, or list of arrays, default=None
            Their labelled masks, for the methods that learn from them.
        sample_weight : array-like of shape (n_images,), default=None
            Their weights.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            The pixels to learn from.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        self._check_choices()
        if not self._learns():
            msg = f"{CALLER} expects partial_fit with a strategy that learns, got 'per_image'. Use fit."
            raise ValueError(msg)
        counts = getattr(self, "_counts", None)
        images = self._read(X, reset=counts is None)
        new = self._count(images, y, sample_weight, roi)
        return self._learn_from(new if counts is None else _merge([counts, new]))

    def merge(self, other):
        """Take in what another masker with the same parameters has learned from other images.

        Parameters
        ----------
        other : HistogramThresholdMasker
            Fitted, for example on another part of the images in another process. It is left as it is.

        Returns
        -------
        self : object
            The masker as if fitted on the images of both.
        """
        if (
            not isinstance(other, HistogramThresholdMasker)
            or other.get_params() != self.get_params()
        ):
            msg = (
                f"{CALLER} expects to merge with a masker of the same parameters, got {other!r} for "
                f"{self!r}. Fit both with the same parameters."
            )
            raise ValueError(msg)
        check_is_fitted(self, "threshold_")
        check_is_fitted(other, "threshold_")
        return self._learn_from(_merge([self._counts, other._counts]))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self._is_supervised()
        return tags

    def _learns(self):
        return self.strategy != "per_image"

    def _is_supervised(self):
        if isinstance(self.method, str):
            return self.method in CRITERIA
        names = list(inspect.signature(self.method).parameters) if callable(self.method) else []
        return names[:4] == ["tp", "fp", "fn", "tn"]

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        self._check_choices()
        if self._learns():
            self._learn_from(self._count(images, y, sample_weight, roi))

    def _transform(self, images):
        if self._learns():
            compare = above if self.foreground_ == "bright" else not_above
            return compare(images, self.threshold_)
        self._check_choices()
        compare = above if self.foreground == "bright" else not_above
        masks = np.empty(images.shape, bool)
        for image, mask in zip(images, masks, strict=True):
            pixels = count(_at_most_64_bits(image[np.newaxis]), caller=CALLER)
            # An image without a number in it has no foreground, whatever the threshold.
            threshold = self._choose(pixels)["threshold_"] if pixels.keys.size else np.nan
            mask[...] = compare(image, threshold)
        return masks

    def _count(self, images, y, sample_weight, roi):
        """Count the pixels of all blocks; what is counted is a tuple of things that merge."""
        weights = images.split_weights(sample_weight, caller=CALLER)
        rois = images.align_roi(roi, caller=CALLER)
        masks = [None] * len(images.blocks)
        if self._is_supervised():
            if y is None:
                msg = (
                    f"{CALLER} expects y to be labelled masks for method={self.method!r}, got None. "
                    "Give masks of the shape of X, or use a method that needs none, such as 'otsu'."
                )
                raise ValueError(msg)
            masks = images.align_masks(y, caller=CALLER, name="y")
        blocks = zip(images.blocks, masks, weights, rois, strict=True)
        return _merge([self._count_block(*block) for block in blocks])

    def _count_block(self, images, masks, weights, roi):
        options = {"weights": weights, "roi": roi, "caller": CALLER}
        images = _at_most_64_bits(images)
        is_pooled = self.strategy == "pooled"
        if masks is not None and is_pooled:
            return (count_classes(images, masks, **options),)
        pixels = count(images, balance="pixel" if is_pooled else "image", **options)
        if masks is None:
            return (pixels,)
        sums = sum_scores(images, masks, self._criterion(), foreground=self.foreground, **options)
        return pixels, sums

    def _learn_from(self, counts):
        """Choose the threshold, and set what is learned at once, so that nothing is left half-way."""
        pixels = counts[0]
        if not self._is_supervised():
            if pixels.keys.size == 1:
                warnings.warn(
                    f"{CALLER} found a single value, {pixels.lowest[0]}, in the training images and takes it "
                    "for the threshold, so that nothing is above it. Check the images.",
                    UserWarning,
                    stacklevel=4,
                )
            learned = self._choose(pixels)
        else:
            if self.strategy == "pooled":
                pixels = pixels.foreground.merge(pixels.background)
                curves = pooled_scores(
                    counts[0], self._criterion(), foreground=self.foreground, caller=CALLER
                )
            else:
                curves = counts[1].mean()
            learned = self._choose_supervised(curves) | self._bins(pixels)
        learned["_counts"] = counts
        for name, value in learned.items():
            setattr(self, name, value)
        return self

    def _choose(self, pixels):
        """Choose from the histogram alone; give the attributes to be set."""
        learned = self._bins(pixels)
        edges = learned["bin_edges_"]
        is_integer = pixels.kind != "float"
        choice = choose(
            self.method,
            learned["histogram_"],
            (edges[:-1] + edges[1:]) / 2,
            integer=is_integer,
            caller=CALLER,
        )
        is_whole = is_integer and float(choice.threshold).is_integer()
        return learned | {
            "threshold_": self._adjust(int(choice.threshold) if is_whole else choice.threshold),
            "threshold_interval_": pixels.interval(choice.threshold),
            "foreground_": self.foreground,
            "criterion_": choice.criterion,
            "criterion_thresholds_": None if choice.criterion is None else edges[1:],
            "best_score_": None,
        }

    def _choose_supervised(self, curves):
        """Choose the best of all thresholds; give the attributes to be set."""
        choice = best_threshold(curves, caller=CALLER)
        return {
            "threshold_": self._adjust(choice.threshold),
            "threshold_interval_": choice.interval,
            "foreground_": choice.foreground,
            "criterion_": choice.criterion,
            "criterion_thresholds_": choice.thresholds,
            "best_score_": choice.score,
        }

    def _bins(self, pixels):
        histogram, edges = levels(pixels, self.n_bins, self.value_range, caller=CALLER)
        return {"histogram_": histogram, "bin_edges_": edges}

    def _adjust(self, threshold):
        if self.correction_factor != 1:
            threshold = threshold * self.correction_factor
        if self.bounds is not None:
            threshold = min(max(threshold, self.bounds[0]), self.bounds[1])
        return threshold

    def _is_supervised(self):
        if isinstance(self.method, str):
            return self.method in CRITERIA
        return list(inspect.signature(self.method).parameters)[:4] == ["tp", "fp", "fn", "tn"]

    def _criterion(self):
        return CRITERIA[self.method] if isinstance(self.method, str) else self.method

    def _check_choices(self):
        if isinstance(self.method, str) and self.method not in THRESHOLD_METHODS | CRITERIA:
            msg = (
                f"{CALLER} expects method to be one of {sorted(THRESHOLD_METHODS)}, or with labelled masks "
                f"one of {sorted(CRITERIA)}, or a function, got {self.method!r}. Check the spelling."
            )
            raise ValueError(msg)
        if self.foreground == "auto" and not self._is_supervised():
            msg = (
                f"{CALLER} expects foreground='auto' with a method that learns from labelled masks, got "
                f"method={self.method!r}. Use 'bright' or 'dark'."
            )
            raise ValueError(msg)
        if self.strategy == "per_image" and self._is_supervised():
            msg = (
                f"{CALLER} expects strategy='per_image' with a method that needs no masks, got "
                f"method={self.method!r}, and images to come have none. Use 'pooled' or 'balanced'."
            )
            raise ValueError(msg)
        if self.bounds is not None and not (
            len(self.bounds) == 2 and self.bounds[0] <= self.bounds[1]
        ):
            msg = f"{CALLER} expects bounds to be (low, high), got {self.bounds!r}. Order them."
            raise ValueError(msg)


def _merge(parts):
    """Merge tuples of counts, member by member."""
    return tuple(first.merge(*others) for first, *others in zip(*parts, strict=True))


def _at_most_64_bits(images):
    """Give floats that can be counted; longer ones differ beyond any bin."""
    return images.astype(np.float64) if images.dtype.itemsize > 8 else images
