"""Pictures of how a threshold was chosen."""

import math
from numbers import Real

import numpy as np

from skmask._displays.drawing import BLUE, GRAY, ORANGE, axes_for
from skmask._images.containers import read_images
from skmask._images.tags import ImageTags
from skmask.metrics import threshold_curve
from skmask.thresholds import compare_thresholds, count_pixels

# Thresholds of probabilities, those that PixelClassifierMasker chooses from.
PROBABILITIES = np.arange(1, 100) / 100


class ThresholdDisplay:
    """Show the histogram of the training images and where the threshold stands in it.

    It is made by `from_estimator`, which draws; `plot` draws again.

    Parameters
    ----------
    histogram : ndarray of shape (n_bins,)
        Number of pixels in each bin.
    bin_edges : ndarray of shape (n_bins + 1,)
        Edges of the bins.
    threshold : float
        The threshold.
    threshold_interval : (float, float), default=None
        Thresholds that split the training pixels alike.
    criterion, criterion_thresholds : ndarray of shape (n_thresholds,), default=None
        Criterion that the method maximizes, and its thresholds.
    name : str, default=None
        Name of the method, for the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the histogram.
    figure_ : matplotlib Figure
        Figure that holds them.
    bars_, line_ : matplotlib artists
        The histogram and the threshold.
    criterion_line_ : matplotlib Line2D or None
        The criterion, on an axis of its own.

    See Also
    --------
    HistogramThresholdMasker : Learns the threshold.

    Examples
    --------
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import ThresholdDisplay
    >>> X = make_masked_images(4, random_state=0).images
    >>> display = ThresholdDisplay.from_estimator(HistogramThresholdMasker().fit(X))
    >>> display.ax_.get_xlabel(), display.ax_.get_ylabel()
    ('Intensity', 'Training pixels')
    """

    def __init__(
        self,
        histogram,
        bin_edges,
        threshold,
        *,
        threshold_interval=None,
        criterion=None,
        criterion_thresholds=None,
        name=None,
    ):
        self.histogram = histogram
        self.bin_edges = bin_edges
        self.threshold = threshold
        self.threshold_interval = threshold_interval
        self.criterion = criterion
        self.criterion_thresholds = criterion_thresholds
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, name=None, log_scale=True):
        """Draw what a `HistogramThresholdMasker` has learned.

        Parameters
        ----------
        estimator : estimator
            A fitted `HistogramThresholdMasker`, or a fitted Pipeline, search or other estimator that
            contains one. The first that has learned a threshold is drawn.
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.
        name : str, default=None
            Name for the legend; the method when left out.
        log_scale : bool, default=True
            Whether to draw counts on a logarithmic scale.

        Returns
        -------
        display : ThresholdDisplay
        """
        learner = _learner_in(estimator)
        if learner is None:
            msg = (
                f"{cls.__name__} expects a masker that has learned a threshold, got {estimator!r}. Fit a "
                "HistogramThresholdMasker first; strategy='per_image' learns none."
            )
            raise TypeError(msg)
        display = cls(
            learner.histogram_,
            learner.bin_edges_,
            learner.threshold_,
            threshold_interval=learner.threshold_interval_,
            criterion=learner.criterion_,
            criterion_thresholds=learner.criterion_thresholds_,
            name=str(learner.method) if name is None else name,
        )
        return display.plot(ax=ax, log_scale=log_scale)

    def plot(self, *, ax=None, log_scale=True):
        """Draw the histogram, the threshold and the criterion.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.
        log_scale : bool, default=True
            Whether to draw counts on a logarithmic scale.

        Returns
        -------
        display : ThresholdDisplay
        """
        ax = axes_for(ax, type(self).__name__)
        edges = np.asarray(self.bin_edges)
        self.bars_ = ax.stairs(self.histogram, edges, fill=True, color=GRAY, alpha=0.6)
        span = edges[[0, -1]]
        if self.threshold_interval is not None:
            low, high = np.clip(self.threshold_interval, *span)
            ax.axvspan(low, high, color=ORANGE, alpha=0.3, lw=0)
        label = f"{self.name or 'threshold'}: {self.threshold:.4g}"
        self.line_ = ax.axvline(self.threshold, color=ORANGE, lw=2, label=label)
        ax.set(xlabel="Intensity", ylabel="Training pixels", xlim=span)
        if log_scale:
            ax.set_yscale("log")
        self.criterion_line_ = None
        if self.criterion is not None:
            twin = ax.twinx()
            known = np.isfinite(self.criterion)
            (self.criterion_line_,) = twin.plot(
                self.criterion_thresholds[known], self.criterion[known], color=BLUE, lw=1.5
            )
            twin.set_ylabel("Criterion", color=BLUE)
            twin.tick_params(axis="y", colors=BLUE)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self


class ThresholdCurveDisplay:
    """Show the score of every threshold, with its spread over the images.

    It is made by `from_estimator` or `from_predictions`, which score and draw; `plot` draws again.

    Parameters
    ----------
    curve : skmask.metrics.ThresholdCurve
        The scores, as `skmask.metrics.threshold_curve` gives them.
    metric : str, default="score"
        Name of the score, for the axis.
    threshold : float, default=None
        Threshold of an estimator, to be compared with the best one.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curve.
    figure_ : matplotlib Figure
        Figure that holds them.
    line_ : matplotlib Line2D
        The mean of the images' scores.

    See Also
    --------
    skmask.metrics.threshold_curve : The scores of all thresholds.

    Notes
    -----
    The band is one standard deviation of the images' scores wide to either side; the ticks at the foot are
    the thresholds that would be best for each image by itself. Where they lie far apart, no single threshold
    serves all images.

    Examples
    --------
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import ThresholdCurveDisplay
    >>> data = make_masked_images(6, random_state=0)
    >>> display = ThresholdCurveDisplay.from_predictions(data.images, data.masks, metric="dice")
    >>> print(display.curve.best_threshold, round(display.curve.best_score, 2))
    112.0 0.96
    """

    def __init__(self, curve, *, metric="score", threshold=None):
        self.curve = curve
        self.metric = metric
        self.threshold = threshold

    @classmethod
    def from_estimator(cls, estimator, X, y, *, metric="dice", ax=None, **options):
        """Score every threshold of a fitted masker on labeled images, and draw the scores.

        Best on images that the masker has not learned from: its own threshold, a dashed line, then shows
        how much is lost to the best one.

        Parameters
        ----------
        estimator : estimator
            A masker with one threshold, of pixels as `HistogramThresholdMasker` and `ThresholdMasker`, or of
            probabilities as `PixelClassifierMasker`. In a Pipeline, images go through the steps before the
            masker; cleaning behind it is left out.
        X : array-like or list of array-like
            Images.
        y : array-like of bool or list of array-like
            Their true masks.
        metric : str or callable, default="dice"
            As in `skmask.metrics.threshold_curve`.
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.
        **options : dict
            Further arguments of `skmask.metrics.threshold_curve`.

        Returns
        -------
        display : ThresholdCurveDisplay
        """
        images, threshold, own = _compared_with_threshold(estimator, X)
        curve = threshold_curve(images, y, metric=metric, **own | options)
        return cls(curve, metric=_name_of(metric), threshold=threshold).plot(ax=ax)

    @classmethod
    def from_predictions(cls, images, masks, *, metric="dice", ax=None, **options):
        """Score every threshold on labeled images, and draw the scores.

        Parameters
        ----------
        images : array-like or list of array-like
            Images.
        masks : array-like of bool or list of array-like
            Their true masks.
        metric : str or callable, default="dice"
            As in `skmask.metrics.threshold_curve`.
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.
        **options : dict
            Further arguments of `skmask.metrics.threshold_curve`.

        Returns
        -------
        display : ThresholdCurveDisplay
        """
        curve = threshold_curve(images, masks, metric=metric, **options)
        return cls(curve, metric=_name_of(metric)).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the mean score and its spread against the threshold.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.

        Returns
        -------
        display : ThresholdCurveDisplay
        """
        ax = axes_for(ax, type(self).__name__)
        thresholds, mean, std, _ = self.curve
        ax.fill_between(thresholds, mean - std, mean + std, color=BLUE, alpha=0.2, lw=0)
        (self.line_,) = ax.plot(thresholds, mean, color=BLUE, label="mean of the images")
        best = self.curve.best_threshold
        ax.axvline(best, color=ORANGE, lw=2, label=f"best: {best:.4g}")
        if self.threshold is not None:
            label = f"masker: {self.threshold:.4g}"
            ax.axvline(self.threshold, color=GRAY, lw=2, ls="--", label=label)
        own = self.curve.image_thresholds
        ax.plot(own, np.zeros_like(own), "|", color=GRAY, ms=12, transform=ax.get_xaxis_transform())
        ax.set(xlabel="Threshold", ylabel=self.metric)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)
        self.ax_, self.figure_ = ax, ax.figure
        return self


class MethodsDisplay:
    """Show the thresholds of all methods in front of the histogram, and as a table.

    `compare_methods` makes and draws it; ``print(display)`` prints the table, `plot` draws again.

    Parameters
    ----------
    histogram : ndarray of shape (n_bins,)
        Number of pixels in each bin.
    centers : ndarray of shape (n_bins,)
        Centers of the bins.
    thresholds : dict of str to float
        Threshold by method, NaN where a method finds none.
    scores : dict of str to float, default=None
        Mean Dice score of the images by method, where there are true masks.
    foreground : {"bright", "dark"}, default="bright"
        Whether pixels above a threshold are foreground, or the others.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with one row for each method.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    compare_methods : Makes this display from images.
    """

    def __init__(self, histogram, centers, thresholds, *, scores=None, foreground="bright"):
        self.histogram = histogram
        self.centers = centers
        self.thresholds = thresholds
        self.scores = scores
        self.foreground = foreground

    @property
    def table(self):
        """Rows of the table: method, threshold, share of foreground and, with true masks, Dice score."""
        total = np.sum(self.histogram)
        rows = []
        for name, threshold in self.thresholds.items():
            inside = np.asarray(self.centers) > threshold
            inside = inside if self.foreground == "bright" else ~inside
            share = float(np.sum(self.histogram[inside]) / total)
            row = {"method": name, "threshold": threshold, "foreground": share}
            if math.isnan(threshold):
                row["foreground"] = math.nan
            if self.scores is not None:
                row["dice"] = self.scores[name]
            rows.append(row)
        return rows

    def __str__(self):
        lines = ["method              threshold  foreground" + ("   Dice" if self.scores else "")]
        for row in self.table:
            line = f"{row['method']:<18} {row['threshold']:>10.5g} {row['foreground']:>11.1%}"
            lines.append(line + (f"  {row['dice']:.3f}" if self.scores else ""))
        return "\n".join(lines)

    def plot(self, *, ax=None, log_scale=True):
        """Draw a row with a dot for each method, in front of the histogram.

        The labels are the method, its threshold and, with true masks, its Dice score.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.
        log_scale : bool, default=True
            Whether to draw counts on a logarithmic scale.

        Returns
        -------
        display : MethodsDisplay
        """
        names = list(self.thresholds)
        height = 1.2 + 0.22 * len(names)
        ax = axes_for(ax, type(self).__name__, figsize=(7, height))
        behind = ax.twinx()
        behind.fill_between(self.centers, self.histogram, step="mid", color=GRAY, alpha=0.4, lw=0)
        behind.set_ylabel("Pixels", color=GRAY)
        behind.tick_params(axis="y", colors=GRAY)
        if log_scale:
            behind.set_yscale("log")
        ax.set_zorder(behind.get_zorder() + 1)
        ax.patch.set_visible(False)
        for i, name in enumerate(names):
            ax.plot(self.thresholds[name], i, "o", color=BLUE)
        ax.set_yticks(range(len(names)), [self._label(name) for name in names], fontsize="small")
        ax.invert_yaxis()
        ax.grid(axis="y", alpha=0.5)
        ax.set(xlabel="Intensity", xlim=np.asarray(self.centers)[[0, -1]])
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _label(self, name):
        label = f"{name}  {self.thresholds[name]:.4g}"
        return label if self.scores is None else f"{label}  {self.scores[name]:.2f}"


def compare_methods(images, y=None, *, foreground="bright", ax=None):
    """Choose a threshold by every method from the pooled histogram of images, and draw them all.

    Parameters
    ----------
    images : array-like of shape (n_images, height, width), or of any stack, or list of arrays
        Images, whose pixels are counted together. Files and dask arrays are read block by block.
    y : array-like of bool of the shape of `images` or list of arrays, default=None
        True masks: each threshold is scored by the mean Dice score of the images.
    foreground : {"bright", "dark"}, default="bright"
        Whether pixels above a threshold are foreground, or all others but NaN.
    ax : matplotlib Axes, default=None
        Where to draw; new axes when left out.

    Returns
    -------
    display : MethodsDisplay
        Prints as a table, in the order of the thresholds.

    See Also
    --------
    skmask.thresholds.compare_thresholds : The thresholds alone.

    Examples
    --------
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import compare_methods
    >>> data = make_masked_images(10, random_state=0)
    >>> display = compare_methods(data.images, data.masks)
    >>> for row in display.table[-3:]:
    ...     print(row["method"], row["threshold"], f"{row['foreground']:.2f}")
    minimum 116.0 0.21
    shanbhag 139.0 0.16
    robust_background 148.0 0.13
    """
    if foreground not in ("bright", "dark"):
        msg = (
            f"compare_methods expects foreground to be 'bright' or 'dark', got {foreground!r}. "
            "Use 'dark' for dark objects."
        )
        raise ValueError(msg)
    if np.ndim(images[0]) > 2:
        read_images(
            images, ImageTags(warns_of_colors=True), caller="compare_methods"
        )  # warns of colors
    histogram, centers = count_pixels(images)
    thresholds = compare_thresholds(histogram, centers)
    scores = None
    if y is not None:
        found = np.unique([t for t in thresholds.values() if not math.isnan(t)])
        curve = threshold_curve(images, y, thresholds=found, foreground=foreground)
        by_threshold = dict(zip(found.tolist(), curve.mean.tolist(), strict=True))
        scores = {name: by_threshold.get(float(t), math.nan) for name, t in thresholds.items()}
    display = MethodsDisplay(histogram, centers, thresholds, scores=scores, foreground=foreground)
    return display.plot(ax=ax)


def _learner_in(estimator):
    """Return the first part of an estimator that has learned a threshold, or None."""
    if hasattr(estimator, "threshold_") and hasattr(estimator, "histogram_"):
        return estimator
    for attribute in (
        "best_estimator_",
        "steps",
        "maskers_",
        "masker_",
        "low_",
        "high_",
        "estimator",
    ):
        value = getattr(estimator, attribute, [])
        for part in value if isinstance(value, list) else [value]:
            learner = _learner_in(part[1] if isinstance(part, tuple) else part)
            if learner is not None:
                return learner
    return None


def _name_of(metric):
    return metric if isinstance(metric, str) else getattr(metric, "__name__", "score")


def _compared_with_threshold(estimator, X):
    """Return what a masker compares with its threshold, the threshold, and options of the curve."""
    if hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]
    for step in steps:
        threshold = getattr(step, "threshold_", getattr(step, "threshold", None))
        if isinstance(threshold, Real) and hasattr(step, "predict_proba"):
            return step.predict_proba(X), threshold, {"thresholds": PROBABILITIES}
        if isinstance(threshold, Real) and hasattr(step, "foreground"):
            learned = getattr(step, "foreground_", None)
            return X, threshold, {"foreground": learned or step.foreground}
        if not isinstance(step, str | None):  # such as "passthrough"
            X = step.transform(X)
    msg = (
        f"ThresholdCurveDisplay expects a masker with one threshold, got {type(estimator).__name__}. Fit one "
        "such as HistogramThresholdMasker or PixelClassifierMasker, or use from_predictions; "
        "strategy='per_image' learns none."
    )
    raise TypeError(msg)
