"""A masker whose range is learned from the histogram of training images."""

import math
from inspect import signature
from numbers import Integral

import numpy as np

from skmask._checks import are_bounds
from skmask._describe import cited, in_range, number
from skmask._images.kinds import brief
from skmask._kernels.histograms.histogram import threshold_within
from skmask._kernels.pixels.compare import round_down, round_up, within
from skmask._kernels.pixels.namespaces import dtype_of
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._kernels.thresholds.multilevel import best_range, multi_otsu
from skmask._kernels.thresholds.supervised import count_classes
from skmask._maskers.histogram_masker import HistogramMasker, bins_of
from skmask._methods import arguments_of, criterion_of, unbound
from skmask._names import did_you_mean
from skmask._warn import warn
from skmask.base import Interval

CALLER = "HistogramRangeMasker"
# Parameters that one method alone reads.
PARAMETERS_OF = {"otsu": ("n_classes", "select"), "quantile": ("quantiles",)}

# Criteria for which the best of all ranges is found without trying them all.
RANGE_CRITERIA = ("cost", "dice", "f_beta", "jaccard", "youden")


class HistogramRangeMasker(HistogramMasker):
    """Make masks of the pixels within a range learned from training images.

    `fit` counts the pixel values of all training images in one histogram and chooses one range from it.
    `transform` applies ``low_ <= X <= high_``, unchanged, to any image. With labeled masks, criteria such as
    ``"dice"`` choose the range with the highest score of all ranges.

    Parameters
    ----------
    method : str or callable, default="otsu"
        How the range is chosen.

        - ``"otsu"`` splits the histogram into `n_classes` classes with the largest variance between them
          and selects those in `select`.
        - ``"quantile"`` selects the values between the `quantiles` of the pixels.
        - ``"cost"``, ``"dice"``, ``"f_beta"``, ``"jaccard"`` and ``"youden"`` select the range with
          the highest score on labeled masks, given to `fit` as `y`. So does one of these functions of
          `skmask.thresholds` with arguments, ``functools.partial(f_beta, beta=2)``.
    n_classes : int, default=3
        Number of classes of ``"otsu"``.
    select : int or sequence of int, default=1
        Classes of ``"otsu"`` that are foreground, one or several in a row. 0 is the darkest class, -1 the
        brightest.
    quantiles : (float, float), default=(0.05, 0.95)
        Shares of the pixels up to the lower and up to the upper bound of ``"quantile"``; None is unbounded.
    strategy : {"pooled", "balanced", "per_image"}, default="pooled"
        ``"pooled"`` gives every training pixel the same weight, ``"balanced"`` every training image,
        whatever its number of pixels. ``"per_image"`` learns nothing and chooses a range for each image by
        itself.
    n_bins : int or "auto", default="auto"
        Number of bins of the histogram from which ``"otsu"`` chooses. ``"auto"`` is one bin a value for
        integers, up to 65,536, and 1024 bins for floats.
    value_range : {"robust", "minmax"} or (low, high), default="robust"
        Range that the bins cover; pixels beyond it are counted in the first and the last bin. ``"robust"``
        leaves out extreme values, so that a few outliers do not make the bins coarse; ``"minmax"`` leaves out
        none. Set it to compare histograms of different images.

    Attributes
    ----------
    low_, high_ : float or int
        The bounds, which both belong to the range; -inf and inf where it is unbounded. With
        ``strategy="per_image"``, `n_features_in_` is the only attribute.
    low_interval_ : (float, float)
        All lower bounds in ``(a, b]`` select the same finite training pixels. A wide interval is a robust
        choice.
    high_interval_ : (float, float)
        All upper bounds in ``[a, b)`` select the same finite training pixels.
    thresholds_ : ndarray of shape (n_classes - 1,) or None
        Thresholds between the classes of ``"otsu"``; a pixel is in class c if it is above c of them.
    histogram_ : ndarray of shape (n_bins,)
        Number of training pixels in each bin; with ``strategy="balanced"``, of images.
    bin_edges_ : ndarray of shape (n_bins + 1,)
        Edges of the bins.
    best_score_ : float or None
        Score of the range on the labeled masks, of the pixels of all images together. With
        ``strategy="balanced"`` each pixel counts as its share of its image, which differs from the mean
        score of the images. None without labeled masks.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    RangeMasker : The range is given instead of learned.
    HistogramThresholdMasker : Learns one bound instead of two.

    Notes
    -----
    A bound lies in the middle of the gap between the last training value inside and the next one outside, or
    for integers next to the middle. A range that reaches the lowest or the highest training value is
    unbounded on this side. Bounds of ``"quantile"`` are training values.

    Classes of ``"otsu"`` are found exactly, by dynamic programming, and every number is in one class. If the
    images have fewer values than classes, each value is a class, from the darkest on, the other classes are
    empty, and a warning says so. Labeled masks without any foreground, or for which no range scores better
    than an empty one, give an empty range, from inf to -inf.

    Histograms merge exactly, so that `partial_fit` learns what `fit` learns from all images, in any order;
    with fractional weights, sums are rounded, and results may differ in the last digits. NaN and infinities
    are not counted, except with labeled masks, where they are right or wrong like all pixels: an infinity can
    be in an unbounded range, NaN is never foreground.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramRangeMasker
    >>> X = np.array([[[10, 12, 40, 43, 80]], [[11, 44, 42, 90, 85]]])
    >>> masker = HistogramRangeMasker("otsu", n_classes=3, select=1).fit(X)
    >>> masker.low_, masker.high_, masker.thresholds_
    (27, 62, array([26., 62.]))
    >>> masker.transform([[[20, 30, 50, 70]]]).astype(int)
    array([[[0, 1, 1, 0]]])

    From labeled masks:

    >>> masker = HistogramRangeMasker("dice").fit(X, X >= 80)
    >>> masker.low_, masker.high_, masker.best_score_
    (63, inf, 1.0)
    """

    _parameter_constraints = {
        **HistogramMasker._parameter_constraints,
        "n_classes": [Interval(Integral, 2, 1 << 16, closed="both")],
        "select": [Integral, "array-like"],
        "quantiles": [tuple, list],
    }

    def __init__(
        self,
        method="otsu",
        *,
        n_classes=3,
        select=1,
        quantiles=(0.05, 0.95),
        strategy="pooled",
        n_bins="auto",
        value_range="robust",
    ):
        self.method = method
        self.n_classes = n_classes
        self.select = select
        self.quantiles = quantiles
        self.strategy = strategy
        self.n_bins = n_bins
        self.value_range = value_range

    def _is_supervised(self):
        return self._criterion() is not None

    def _criterion(self):
        """Return the name of the criterion; None for a method that needs no masks."""
        function = unbound(self.method)
        return next((name for name in RANGE_CRITERIA if function in (name, CRITERIA[name])), None)

    def _summarize_labeled(self, images, masks, **options):
        return (count_classes(images, masks, balance=self._balance(), **options),)

    def _learn(self, statistics):
        (counted,) = statistics
        self._warn_of_unread_parameters()
        if self._is_supervised():
            return self._learn_from_masks(counted)
        learned = self._choose(counted)
        n_values = np.count_nonzero(learned["histogram_"])
        if self.method == "otsu" and n_values < self.n_classes:
            warn(
                f"{CALLER} found fewer values than classes, {n_values} for n_classes={self.n_classes}, and "
                "leaves the brightest classes empty. Use fewer classes, or check the images."
            )
        return learned

    def _warn_of_unread_parameters(self):
        for method, names in PARAMETERS_OF.items():
            for name in names:
                value = getattr(self, name)
                default = signature(type(self)).parameters[name].default
                if self.method != method and not np.array_equal(value, default):
                    warn(
                        f"{CALLER} ignores {name}={value!r} with method={self.method!r}: only {method!r} "
                        f"reads it. Leave {name} out, or use method={method!r}."
                    )

    def _learn_from_masks(self, classes):
        inside, outside = classes.foreground, classes.background
        pixels = inside.merge(outside)
        below, above, score = self._best_cuts(inside, outside, pixels)
        return {
            **_range_between(below, above, pixels),
            "thresholds_": None,
            "best_score_": score,
            **bins_of(self._levels(pixels)),
        }

    def _best_cuts(self, inside, outside, pixels):
        """Return the cuts below and above the best range, and its score."""
        criterion = criterion_of(self.method)
        tp, fp = _with_infinities(inside), _with_infinities(outside)
        n_hits, n_alarms = tp.sum(), fp.sum()
        if n_alarms == 0 and n_hits > 0:
            return -math.inf, math.inf, float(criterion(n_hits, 0, inside.n_nan, outside.n_nan))
        nothing = float(criterion(0, 0, n_hits + inside.n_nan, n_alarms + outside.n_nan))
        if n_hits == 0:
            return math.inf, -math.inf, nothing
        params = arguments_of(self.method)
        n_nan = inside.n_nan, outside.n_nan
        found = best_range(self._criterion(), tp, fp, n_nan=n_nan, **params)
        if found.score < nothing:
            return math.inf, -math.inf, nothing
        lowest, highest, occupied = pixels.lowest, pixels.highest, tp + fp > 0

        def cut_before(i):
            if not occupied[:i].any():
                return -math.inf
            if not occupied[i:].any():
                return math.inf
            low = highest[i - 2].item() if i > 1 else -math.inf
            high = lowest[i - 1].item() if i <= lowest.size else math.inf
            return threshold_within(pixels.kind, low, high)

        return cut_before(found.first), cut_before(found.last + 1), found.score

    def _choose(self, pixels):
        found = self._levels(pixels)
        thresholds = None
        if self.method == "otsu":
            thresholds = self._split(pixels, found)
            cuts = [-math.inf, *thresholds, math.inf]
            selected = self._selected()
            below, above = cuts[selected[0]], cuts[selected[-1] + 1]
            # Integers of which floats hold no halves are kept as integers.
            dtype = pixels.lowest.dtype if found.origin else np.float64
            thresholds = np.array(thresholds, dtype)
        else:
            below, above = self._cuts_at_quantiles(pixels)
        return {
            **_range_between(below, above, pixels),
            "thresholds_": thresholds,
            "best_score_": None,
            **bins_of(found),
        }

    def _split(self, pixels, found):
        """Return the thresholds between the classes."""
        n_found = min(self.n_classes, np.count_nonzero(found.counts))
        thresholds = []
        if n_found > 1:
            positions = multi_otsu(found.counts, found.centers, n_found, integer=found.is_integer)
            thresholds = [found.value_at(position) for position in positions.tolist()]
        # Classes for which there are no values are left empty, above the highest value.
        return thresholds + [pixels.highest[-1].item()] * (self.n_classes - 1 - len(thresholds))

    def _cuts_at_quantiles(self, pixels):
        shares = np.cumsum(pixels.counts)
        low, high = (
            None if share is None else int(np.searchsorted(shares, share * shares[-1]))
            for share in self.quantiles
        )
        below = -math.inf if low is None else _just_below(pixels.lowest[low].item())
        return below, math.inf if high is None else pixels.highest[high].item()

    def _mask(self, images, learned):
        dtype = dtype_of(images)
        low, high = round_up(learned.low_, dtype), round_down(learned.high_, dtype)
        return within(images, low, high)

    def _describe(self):
        if self.method == "otsu":
            classes = ", ".join(map(str, self._selected()))
            top = self.n_classes - 1
            how = f"is class {classes}, of 0 (dark) to {top} (bright), by {cited('otsu')} from the histogram"
        elif self.method == "quantile":
            how = f"holds the quantiles {in_range(*self.quantiles)} of the pixels"
        else:
            best = f"{number(self.best_score_)} by {cited(self.method)}"
            how = f"has the highest score, {best}, on the labeled masks"
        learned = (
            f" with values {in_range(self.low_, self.high_)}" if self._learns() else " in a range"
        )
        training = self._training() if self._learns() else "each image"
        return f"Pixels{learned} were taken as foreground. The range {how} of {training}."

    def _selected(self):
        """Return the classes that are foreground, ascending."""
        classes = np.atleast_1d(self.select)
        if classes.dtype.kind in "iu" and classes.ndim == 1 and classes.size:
            inside = (classes >= -self.n_classes) & (classes < self.n_classes)
            classes = np.unique(classes % self.n_classes)
            if inside.all() and classes[-1] - classes[0] == classes.size - 1:
                return classes.tolist()
        msg = (
            f"{CALLER} expects select to be one class or some in a row, of 0 to {self.n_classes - 1}, got "
            f"{brief(self.select)}. Combine maskers with | for classes that are apart."
        )
        raise ValueError(msg)

    def _check_choices(self):
        if not self._is_supervised() and self.method not in ("otsu", "quantile"):
            names = ("otsu", "quantile", *RANGE_CRITERIA)
            msg = (
                f"{CALLER} expects method to be 'otsu', 'quantile', or with labeled masks one of "
                f"{RANGE_CRITERIA} or such a function of skmask.thresholds, got {self.method!r}."
                f"{did_you_mean(self.method, names) or ' Use one of these names.'}"
            )
            raise ValueError(msg)
        if self._is_supervised():
            criterion_of(self.method)(1.0, 0.0, 0.0, 1.0)  # refuses arguments that are bound to it
        super()._check_choices()
        if self.method == "otsu":
            self._selected()
        if not are_bounds(self.quantiles, 0, 1):
            msg = (
                f"{CALLER} expects quantiles to be (low, high) with 0 <= low <= high <= 1, or None, got "
                f"{self.quantiles!r}. Pass shares, not percent, in order."
            )
            raise ValueError(msg)


def _with_infinities(histogram):
    """Return the counts with those of the infinities at both ends."""
    return np.concatenate([[histogram.n_neg_inf], histogram.counts, [histogram.n_pos_inf]])


def _range_between(below, above, pixels):
    """Return the attributes of the range of the pixels above one cut and not above another."""
    is_integer = pixels.kind != "float"
    return {
        "low_": _first_above(below, is_integer),
        "high_": math.floor(above) if is_integer and math.isfinite(above) else above,
        "low_interval_": pixels.interval(below),
        "high_interval_": pixels.interval(above),
    }


def _first_above(cut, is_integer):
    if math.isinf(cut):
        return cut
    return math.floor(cut) + 1 if is_integer else math.nextafter(cut, math.inf)


def _just_below(value):
    return value - 1 if isinstance(value, int) else math.nextafter(value, -math.inf)
