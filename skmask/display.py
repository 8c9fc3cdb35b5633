"""Pictures of masks and of what was learned. matplotlib is needed only when something is drawn."""

import math

import numpy as np

from skmask.metrics import dice_score
from skmask.thresholds import compare_thresholds, count_pixels

__all__ = ["MaskDisplay", "MethodsDisplay", "ThresholdDisplay", "compare_methods"]

# Okabe and Ito's colors, which people with any color vision tell apart; https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN = "#0072B2", "#E69F00", "#009E73"
GREY = "#7f7f7f"


def _axes(ax, caller):
    """Give the axes to draw on, new ones where there are none."""
    plt = _pyplot(caller)
    if ax is None:
        _, ax = plt.subplots(constrained_layout=True)
    return ax


def _pyplot(caller):
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        msg = f'{caller} expects matplotlib. Install it: python -m pip install "skmask[plot]".'
        raise ImportError(msg) from error
    return plt


class ThresholdDisplay:
    """Show the histogram of the training images and where the threshold stands in it.

    It is made by `from_estimator`, which draws; `plot` draws anew.

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
        What the method maximizes, and at which thresholds.
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
        estimator : HistogramThresholdMasker
            Fitted, with a strategy that learns.
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
        if not hasattr(estimator, "threshold_"):
            msg = (
                f"{cls.__name__} expects a masker that has learned a threshold, got {estimator!r}. Fit a "
                "HistogramThresholdMasker first; strategy='per_image' learns none."
            )
            raise TypeError(msg)
        display = cls(
            estimator.histogram_,
            estimator.bin_edges_,
            estimator.threshold_,
            threshold_interval=estimator.threshold_interval_,
            criterion=estimator.criterion_,
            criterion_thresholds=estimator.criterion_thresholds_,
            name=str(estimator.method) if name is None else name,
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
        ax = _axes(ax, type(self).__name__)
        edges = np.asarray(self.bin_edges)
        self.bars_ = ax.stairs(self.histogram, edges, fill=True, color=GREY, alpha=0.6)
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


class MethodsDisplay:
    """Show the thresholds of all methods in one histogram, and as a table.

    `compare_methods` makes and draws it; ``print(display)`` prints the table, `plot` draws anew.

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

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the histogram.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    compare_methods : Makes this display from images.
    """

    def __init__(self, histogram, centers, thresholds, *, scores=None):
        self.histogram = histogram
        self.centers = centers
        self.thresholds = thresholds
        self.scores = scores

    @property
    def table(self):
        """Rows of the table: method, threshold, share of foreground and, with true masks, Dice score."""
        total = np.sum(self.histogram)
        rows = []
        for name, threshold in self.thresholds.items():
            above = np.sum(self.histogram[np.asarray(self.centers) > threshold]) / total
            row = {"method": name, "threshold": threshold, "foreground": float(above)}
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
        """Draw the histogram with a line for each method.

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
        ax = _axes(ax, type(self).__name__)
        ax.fill_between(self.centers, self.histogram, step="mid", color=GREY, alpha=0.6, lw=0)
        ax.set(xlabel="Intensity", ylabel="Pixels", xlim=np.asarray(self.centers)[[0, -1]])
        if log_scale:
            ax.set_yscale("log")
        found = [(t, name) for name, t in self.thresholds.items() if not math.isnan(t)]
        middle = np.mean(ax.get_xlim())
        for i, (threshold, name) in enumerate(found):
            ax.axvline(threshold, color=ORANGE, lw=1)
            # Names are spread over the height of the axes, as thresholds crowd.
            ax.annotate(
                f"{name} {threshold:.4g}",
                (threshold, 1 - (i + 0.5) / len(found)),
                xycoords=("data", "axes fraction"),
                xytext=(3 if threshold <= middle else -3, 0),
                textcoords="offset points",
                ha="left" if threshold <= middle else "right",
                va="center",
                fontsize="x-small",
                bbox={"fc": "white", "ec": "none", "alpha": 0.6, "pad": 0.5},
            )
        self.ax_, self.figure_ = ax, ax.figure
        return self


def compare_methods(images, y=None, *, ax=None):
    """Choose a threshold by every method from the pooled histogram of images, and draw them all.

    Parameters
    ----------
    images : array-like of shape (n_images, height, width), or of any stack
        Images, whose pixels are counted together.
    y : array-like of bool of the shape of `images`, default=None
        True masks: each threshold is scored by the mean Dice score of the images.
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
    images = np.asarray(images)
    histogram, centers = count_pixels(images)
    thresholds = compare_thresholds(histogram, centers)
    scores = None
    if y is not None:
        scores = {
            name: math.nan if math.isnan(t) else dice_score(y, images > t)
            for name, t in thresholds.items()
        }
    return MethodsDisplay(histogram, centers, thresholds, scores=scores).plot(ax=ax)


class MaskDisplay:
    """Show masks on their images and, against true masks, what is right, too much and missing.

    It is made by `from_estimator` or `from_predictions`, which draw; `plot` draws anew.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width), or list of 2-D arrays
        The images.
    masks : ndarray of bool or list of arrays
        Masks of the images.
    true_masks : ndarray of bool or list of arrays, default=None
        The true masks, where known.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes
        One for every image.
    ax_ : matplotlib Axes
        The first of them.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    ThresholdDisplay : Shows how a threshold was chosen.

    Notes
    -----
    Without true masks the foreground is filled in blue. With them, green is foreground in both, orange is
    foreground that should not be, blue is foreground that is missing: colors that people with any color
    vision tell apart.

    Examples
    --------
    >>> from skmask import ThresholdMasker
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import MaskDisplay
    >>> data = make_masked_images(4, random_state=0)
    >>> display = MaskDisplay.from_estimator(ThresholdMasker(120), data.images, data.masks)
    >>> len(display.axes_)
    4
    """

    def __init__(self, images, masks, *, true_masks=None):
        self.images = images
        self.masks = masks
        self.true_masks = true_masks

    @classmethod
    def from_estimator(cls, estimator, X, y=None, *, axis=None, n_columns=4, titles=None):
        """Draw the masks that an estimator makes of images.

        Parameters
        ----------
        estimator : estimator
            Makes masks; fitted, where it needs a fit.
        X : array-like of shape (n_images, height, width) or (n_images, depth, height, width), or list
            Images.
        y : array-like of bool, or list, default=None
            True masks, where known.
        axis : int, default=None
            For volumes, the axis of `X` along which the middle slice of each is shown.
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        return cls.from_predictions(
            X, estimator.transform(X), y, axis=axis, n_columns=n_columns, titles=titles
        )

    @classmethod
    def from_predictions(
        cls, images, masks, true_masks=None, *, axis=None, n_columns=4, titles=None
    ):
        """Draw given masks.

        Parameters
        ----------
        images : array-like of shape (n_images, height, width) or (n_images, depth, height, width), or list
            Images.
        masks : array-like of bool, or list
            Masks of the images.
        true_masks : array-like of bool, or list, default=None
            True masks, where known.
        axis : int, default=None
            For volumes, the axis of `images` along which the middle slice of each is shown.
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        parts = [
            None if part is None else [_slice(np.asarray(one), axis) for one in part]
            for part in (images, masks, true_masks)
        ]
        for part in parts[1:]:
            if part is not None and [one.shape for one in part] != [
                image.shape[:2] for image in parts[0]
            ]:
                msg = (
                    f"{cls.__name__} expects masks of the shapes of the images, got "
                    f"{[one.shape for one in part]} for {[image.shape for image in parts[0]]}. "
                    "Give a mask for every image, in the same order."
                )
                raise ValueError(msg)
        display = cls(parts[0], parts[1], true_masks=parts[2])
        return display.plot(n_columns=n_columns, titles=titles)

    def plot(self, *, n_columns=4, titles=None):
        """Draw a grid of images with their masks.

        Parameters
        ----------
        n_columns : int, default=4
            Images side by side.
        titles : sequence of str, default=None
            A title for every image.

        Returns
        -------
        display : MaskDisplay
        """
        plt = _pyplot(type(self).__name__)
        n_columns = min(n_columns, len(self.images))
        n_rows = -(-len(self.images) // n_columns)
        self.figure_, grid = plt.subplots(
            n_rows,
            n_columns,
            figsize=(2.6 * n_columns, 2.6 * n_rows),
            squeeze=False,
            constrained_layout=True,
        )
        for ax in grid.flat:
            ax.set_axis_off()
        self.axes_ = grid.ravel()[: len(self.images)]
        truths = [None] * len(self.images) if self.true_masks is None else self.true_masks
        for ax, image, mask, truth in zip(self.axes_, self.images, self.masks, truths, strict=True):
            ax.imshow(image, cmap="gray", interpolation="nearest")
            for color, where in _regions(np.asarray(mask, bool), truth):
                _fill(ax, where, color)
        for ax, title in zip(self.axes_, titles or [], strict=False):
            ax.set_title(title, fontsize="small")
        if self.true_masks is not None:
            names = {"right": GREEN, "too much": ORANGE, "missing": BLUE}
            handles = [plt.Rectangle((0, 0), 1, 1, color=color) for color in names.values()]
            self.figure_.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
        self.ax_ = self.axes_[0]
        return self


def _slice(image, axis):
    """Give an image of two axes (and channels): of a volume, the slice in its middle."""
    if axis is not None:
        # Axis 0 of X counts the images.
        image = np.take(image, image.shape[axis - 1] // 2, axis=axis - 1)
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[-1] in (3, 4) and axis is None):
        msg = (
            f"MaskDisplay expects images of two axes, got one of shape {image.shape}. Reshape flat rows, and "
            "give the axis to cut volumes along, such as axis=1."
        )
        raise ValueError(msg)
    return image


def _regions(mask, truth):
    if truth is None:
        return [(BLUE, mask)]
    truth = np.asarray(truth, bool)
    return [(GREEN, mask & truth), (ORANGE, mask & ~truth), (BLUE, truth & ~mask)]


def _fill(ax, where, color):
    from matplotlib.colors import to_rgb

    overlay = np.zeros((*where.shape, 4))
    overlay[where] = (*to_rgb(color), 0.55)
    ax.imshow(overlay, interpolation="nearest")
