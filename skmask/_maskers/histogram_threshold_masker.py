"""A masker whose threshold is learned from the histogram of training images."""

from numbers import Real

import numpy as np

from skmask._checks import are_bounds, check_some_pixel
from skmask._describe import above_threshold, cited, number
from skmask._images.kinds import brief, to_numpy
from skmask._kernels.histograms.counting import count
from skmask._kernels.pixels.compare import above, not_above, round_down
from skmask._kernels.pixels.namespaces import dtype_of
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._kernels.thresholds.of_pixels import threshold_of
from skmask._kernels.thresholds.shares import share_scores, sum_shares
from skmask._kernels.thresholds.supervised import (
    best_threshold,
    count_classes,
    pooled_scores,
    sum_scores,
)
from skmask._maskers.histogram_masker import HistogramMasker, bins_of
from skmask._methods import (
    UNKNOWN_HERE,
    check_of_result,
    check_threshold_function,
    checked_criterion,
    is_criterion,
)
from skmask._names import did_you_mean
from skmask._warn import warn
from skmask.base import Interval, StrOptions

CALLER = "HistogramThresholdMasker"


class HistogramThresholdMasker(HistogramMasker):
    """Make masks of the pixels above a threshold learned from training images.

    `fit` counts the pixel values of all training images in one histogram and chooses one threshold from it.
    `transform` applies this threshold, unchanged, to any image. With labeled masks, criteria such as
    ``"dice"`` choose the threshold with the highest score of all thresholds.

    Parameters
    ----------
    method : str or callable, default="otsu"
        How the threshold is chosen.

        - From the histogram alone: ``"otsu"``, ``"li"``, ``"triangle"`` and the other names in
          `skmask.thresholds.THRESHOLD_METHODS`, or a function ``(counts, centers)``.
        - From labeled masks, given to `fit` as `y`: ``"dice"``, ``"jaccard"`` and the other names in
          `skmask.thresholds.CRITERIA`, or one of these functions. A function ``(tp, fp, fn, tn)`` of your own
          is registered first, with `skmask.thresholds.register_criterion`.
        - From known shares of foreground, without masks: ``"fraction"``. Of `y`, one number from 0 to 1 for
          each image, the threshold is that at which all training images together have this share.
    foreground : {"bright", "dark", "auto"}, default="bright"
        ``"bright"`` makes pixels above the threshold foreground, ``"dark"`` all other pixels except NaN.
        ``"auto"`` chooses the side with the higher score on labeled masks.
    strategy : {"pooled", "balanced", "per_image"}, default="pooled"
        ``"pooled"`` gives every training pixel the same weight, ``"balanced"`` every training image,
        whatever its number of pixels. With labeled masks, these maximize the score of all pixels together
        and the mean score of the images. ``"per_image"`` learns nothing and chooses a threshold for each
        image by itself.
    n_bins : int or "auto", default="auto"
        Number of bins of the histogram from which a method without labeled masks chooses. ``"auto"`` is
        one bin a value for integers, up to 65,536, and 1024 bins for floats.
    value_range : {"robust", "minmax"} or (low, high), default="robust"
        Range that the bins cover; pixels beyond it are counted in the first and the last bin. ``"robust"``
        leaves out extreme values, so that a few outliers do not make the bins coarse; ``"minmax"`` leaves out
        none. Set it to compare histograms of different images.
    correction_factor : float, default=1.0
        Factor that the chosen threshold is multiplied by.
    bounds : (float, float), default=None
        Lowest and highest threshold allowed, applied last; None is unbounded.

    Attributes
    ----------
    threshold_ : float or int
        The threshold. With ``strategy="per_image"``, `n_features_in_` is the only attribute.
    threshold_interval_ : (float, float)
        All thresholds in ``[a, b)`` split the training pixels like the chosen one, before
        `correction_factor` and `bounds` are applied. A wide interval is a robust choice.
    foreground_ : {"bright", "dark"}
        The side of the threshold that is foreground.
    histogram_ : ndarray of shape (n_bins,)
        Number of training pixels in each bin; with ``strategy="balanced"``, of images.
    bin_edges_ : ndarray of shape (n_bins + 1,)
        Edges of the bins.
    criterion_ : ndarray of shape (n_thresholds,) or None
        Value that the method maximizes, at each of `criterion_thresholds_`; None for methods that compute
        their threshold directly, such as ``"mean"``.
    criterion_thresholds_ : ndarray of shape (n_thresholds,) or None
        Thresholds at which the criterion was evaluated.
    best_score_ : float or None
        Score on the labeled masks at the chosen threshold, before `correction_factor` and `bounds` are
        applied; of ``"fraction"`` minus the difference of the shares; None without `y`.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ThresholdMasker : The threshold is given instead of learned.
    ImageNormalizer : Makes the threshold relative to the brightness of each image.
    GroupedMasker : Learns a threshold for each group of images.
    skmask.thresholds : The methods as functions.

    Notes
    -----
    Up to 65,536 distinct values are counted exactly, one bin a value. More values are grouped before they are
    binned: integers in bins of equal width, a power of two, and floats in bins of equal relative width.
    Histograms merge exactly, so that `partial_fit` learns what `fit` learns from all images, in any order;
    with fractional weights, sums are rounded, and results may differ in the last digits. NaN and infinities
    are not counted, and NaN is never foreground.

    If all thresholds in a gap between two values fit the training images equally well, the middle of the gap
    is chosen, the threshold farthest from any training pixel. Thresholds of integer images are integers.
    Images of a single value give this value and a warning; nothing is above it.

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

    From labeled masks:

    >>> masks = X > 65
    >>> masker = HistogramThresholdMasker("dice").fit(X, masks)
    >>> masker.threshold_, masker.best_score_
    (41, 1.0)
    """

    _parameter_constraints = {
        **HistogramMasker._parameter_constraints,
        "foreground": [StrOptions({"bright", "dark", "auto"})],
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

    def _say_what_is_meant(self, name, value):
        if name != "method" or not isinstance(value, Real):
            return None
        return (
            f"{CALLER} expects method to be the name of a method or a function, got {brief(value)}. Use "
            f"ThresholdMasker({brief(value)}) for a given threshold."
        )

    def _is_supervised(self):
        return self._knows_shares() or is_criterion(self.method)

    def _knows_shares(self):
        return isinstance(self.method, str) and self.method == "fraction"

    def _criterion(self):
        return checked_criterion(self.method, caller=CALLER)

    def _read_labels(self, images, y):
        if not self._knows_shares():
            return super()._read_labels(images, y)
        shares = np.asarray(to_numpy(y)) if y is not None else np.empty(0)
        if shares.shape != (len(images),) or shares.dtype.kind not in "biuf":
            got = (
                "None"
                if y is None
                else f"an array of shape {shares.shape} and dtype {shares.dtype}"
            )
            msg = (
                f"{CALLER} expects y to be the share of foreground, one number for each of {len(images)} "
                f"images, for method='fraction', got {got}. For masks use a criterion such as 'dice'."
            )
            raise ValueError(msg)
        shares = shares.astype(np.float64)
        odd = shares[~((shares >= 0) & (shares <= 1))]
        if odd.size:
            msg = (
                f"{CALLER} expects shares of foreground from 0 to 1 for method='fraction', got {odd[0]:.6g}. "
                "Divide percentages by 100, and leave out images of unknown share."
            )
            raise ValueError(msg)
        return images.split(shares)

    def _summarize_labeled(self, images, masks, **options):
        if self._knows_shares():
            options["balance"] = self._balance()
            return count(images, **options), sum_shares(images, masks, **options)
        if self.strategy == "pooled":
            return (count_classes(images, masks, **options),)
        try:
            sums = sum_scores(
                images, masks, self._criterion(), foreground=self.foreground, **options
            )
        except OverflowError as error:
            msg = (
                f"{CALLER} expects a criterion with scores around 1 in size, got {error.args[0]:g}. "
                "Divide the criterion by its largest value."
            )
            raise ValueError(msg) from error
        return count(images, balance="image", **options), sums

    def _learn(self, statistics):
        if self._is_supervised():
            return self._learn_from_masks(statistics)
        (pixels,) = statistics
        _warn_of_one_value(pixels, "which becomes the threshold, so that nothing is above it")
        return self._choose(pixels)

    def _learn_from_masks(self, statistics):
        if self._knows_shares():
            pixels, known = statistics
            check_some_pixel(pixels, caller=CALLER)
            curves = share_scores(pixels, known, foreground=self.foreground)
        elif self.strategy == "pooled":
            (classes,) = statistics
            pixels = classes.foreground.merge(classes.background)
            check_some_pixel(pixels, caller=CALLER)
            curves = pooled_scores(classes, self._criterion(), foreground=self.foreground)
        else:
            pixels, sums = statistics
            check_some_pixel(pixels, caller=CALLER)
            curves = sums.mean()
        _warn_of_one_value(pixels, "so that no threshold tells foreground from background")
        choice = best_threshold(curves)
        return {
            "threshold_": self._adjust(choice.threshold),
            "threshold_interval_": choice.interval,
            "foreground_": choice.foreground,
            "criterion_": choice.criterion,
            "criterion_thresholds_": choice.thresholds,
            "best_score_": choice.score,
            **bins_of(self._levels(pixels)),
        }

    def _choose(self, pixels):
        check_some_pixel(pixels, caller=CALLER)
        check = check_of_result(self.method, caller=CALLER)
        found = threshold_of(pixels, self.method, self.n_bins, self.value_range, check)
        bins = bins_of(found.levels)
        return {
            "threshold_": self._adjust(found.threshold),
            "threshold_interval_": found.interval,
            "foreground_": self.foreground,
            "criterion_": found.criterion,
            "criterion_thresholds_": None if found.criterion is None else bins["bin_edges_"][1:],
            "best_score_": None,
            **bins,
        }

    def _adjust(self, threshold):
        if self.correction_factor != 1:
            threshold = threshold * self.correction_factor
        low, high = self.bounds or (None, None)
        threshold = threshold if low is None else max(threshold, low)
        return threshold if high is None else min(threshold, high)

    def _mask(self, images, learned):
        compare = above if learned.foreground_ == "bright" else not_above
        return compare(images, round_down(learned.threshold_, dtype_of(images)))

    def _describe(self):
        if self._knows_shares():
            share = f"the known one of the images, but for {number(-self.best_score_)},"
            how = f"so that the share of foreground is {share} in {self._training()}"
        elif self._is_supervised():
            best = f"to have the highest score, {number(self.best_score_)} by {cited(self.method)},"
            how = f"{best} on the labeled masks of {self._training()}"
        elif self._learns():
            how = f"by {cited(self.method)} from the histogram of {self._training()}"
        else:
            how = f"for each image by {cited(self.method)}"
        if self.correction_factor != 1:
            how += f", and multiplied by {number(self.correction_factor)}"
        if self.bounds is not None:
            how += f", and kept within {number(self.bounds)}"
        learned = f" of {number(self.threshold_)}" if self._learns() else ""
        foreground = getattr(self, "foreground_", self.foreground)
        pixels = above_threshold(foreground, f"a threshold{learned}")
        return f"{pixels} were taken as foreground. The threshold was chosen {how}."

    def _check_choices(self):
        if isinstance(self.method, str) and not (
            self.method in THRESHOLD_METHODS or self._is_supervised()
        ):
            known = [*THRESHOLD_METHODS, *CRITERIA, "fraction"]
            msg = (
                f"{CALLER} expects method to be one of {sorted(THRESHOLD_METHODS)}, or with labeled masks "
                f"one of {sorted(CRITERIA)}, or with known shares 'fraction', or a function, got "
                f"{self.method!r}.{did_you_mean(self.method, known) or UNKNOWN_HERE}"
            )
            raise ValueError(msg)
        if callable(self.method) and not self._is_supervised():
            check_threshold_function(self.method, caller=CALLER)
        super()._check_choices()
        if self.foreground == "auto" and not is_criterion(self.method):
            msg = (
                f"{CALLER} expects foreground='auto' with a method that learns from labeled masks, got "
                f"method={self.method!r}. Use 'bright' or 'dark'."
            )
            raise ValueError(msg)
        if self.bounds is not None and not are_bounds(self.bounds):
            msg = (
                f"{CALLER} expects bounds to be (low, high) with low <= high, or None, got "
                f"{self.bounds!r}. Order them."
            )
            raise ValueError(msg)


def _warn_of_one_value(pixels, consequence):
    if pixels.keys.size == 1:
        warn(
            f"{CALLER} found a single value, {pixels.lowest[0]}, in the training images, {consequence}. "
            "Check the images."
        )
