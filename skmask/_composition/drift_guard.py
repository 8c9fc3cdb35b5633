"""A masker that tells when images are unlike those that it was trained on."""

import math
from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch

from skmask._describe import number, sentences_of
from skmask._kernels.pixels.compare import above, below
from skmask._warn import warn
from skmask.base import MASKER, ImageMasker, Interval, MaskerHolder, StrOptions

SHOWN = 3


class DriftGuard(MaskerHolder, ImageMasker):
    """Warn of images that are unlike the training images, and return the masks of a masker as they are.

    A threshold that was learned on one scanner fits the next one badly, and nothing fails: the masks are
    only wrong. In `fit` the guard learns the range of the pixel values and of the shares of foreground; in
    `transform` it holds each image against them.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    max_outside : float, default=0.01
        Largest share of the pixels of an image that may be outside of the range of the training images.
    max_factor : float, default=2.0
        Largest allowed ratio of the share of foreground of an image to the largest share in training, and of
        the smallest share in training to that of the image. The same holds for the background.
    on_drift : {"warn", "raise", "ignore"}, default="warn"
        Reaction of `transform` to images beyond these limits.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    low_, high_ : float or int
        The lowest and the highest value in the training images.
    foreground_range_ : (float, float)
        The smallest and the largest share of foreground in a training image.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskApplier : With ``on_empty``, warns of masks that are empty.

    Notes
    -----
    Each image is judged by itself. For a share s of foreground in training images between a and b, and f
    the factor, ``a / f <= s <= b f`` and ``(1 - b) / f <= 1 - s <= (1 - a) f`` must hold, so that masks and
    their complements are judged alike. NaN is outside of no range. Channels share one range.

    A dask array is computed for the judgment when `transform` is called, but for ``on_drift="ignore"``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import DriftGuard, HistogramThresholdMasker
    >>> X = np.array([[[10, 12, 70, 75], [11, 12, 80, 11]], [[11, 14, 12, 80], [10, 68, 10, 10]]])
    >>> guard = DriftGuard(HistogramThresholdMasker(), on_drift="raise").fit(X)
    >>> guard.low_, guard.high_, guard.foreground_range_
    (10, 80, (0.25, 0.375))
    >>> brighter = X[:1] + 40
    >>> guard.measure(brighter)
    {'outside': array([0.375]), 'foreground': array([1.]), 'is_drifted': array([ True])}
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "max_outside": [Interval(Real, 0, 1, closed="both")],
        "max_factor": [Interval(Real, 1, None, closed="left")],
        "on_drift": [StrOptions({"warn", "raise", "ignore"})],
        "channel_axis": [None, Integral],
    }

    def __init__(
        self, masker, *, max_outside=0.01, max_factor=2.0, on_drift="warn", channel_axis=None
    ):
        self.masker = masker
        self.max_outside = max_outside
        self.max_factor = max_factor
        self.on_drift = on_drift
        self.channel_axis = channel_axis

    def measure(self, X):
        """Measure how far images are from the training images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        measures : `sklearn.utils.Bunch`
            Arrays of one value for each image: ``outside``, the share of pixels outside of the range of
            the training images; ``foreground``, the share of foreground; and ``is_drifted``.
        """
        images = self._read_for_transform(X)
        return self._measure(images, self._make_masks(X, images))

    def _fit(self, images, masks):
        self.low_, self.high_, *shares = images.reduce(_extremes, _merged, masks)
        self.foreground_range_ = tuple(shares)

    def _make_all_masks(self, X, images):
        masks = self._make_masks(X, images)
        if self.on_drift != "ignore":
            self._report(self._measure(images, masks))
        return [masks]

    def _transform(self, images, masks):
        return masks.copy()

    def _measure(self, images, masks):
        shares = images.measure(self._shares, masks)
        outside, foreground = shares.T
        smallest, largest = self.foreground_range_
        is_drifted = outside > self.max_outside
        for share, low, high in (
            (foreground, smallest, largest),
            (1 - foreground, 1 - largest, 1 - smallest),
        ):
            is_drifted |= (share < low / self.max_factor) | (share > high * self.max_factor)
        return Bunch(outside=outside, foreground=foreground, is_drifted=is_drifted)

    def _shares(self, images, masks):
        outside = below(images, self.low_) | above(images, self.high_)
        return np.stack([_mean_of_each(outside), _mean_of_each(masks)], axis=1)

    def _report(self, measures):
        drifted = np.flatnonzero(measures.is_drifted)
        if not drifted.size:
            return
        told = "; ".join(
            f"image {i} has {number(measures.outside[i])} of its pixels outside and a foreground of "
            f"{number(measures.foreground[i])}"
            for i in drifted[:SHOWN]
        )
        msg = (
            f"DriftGuard expects images like those of training, with {self._limits()}, got {drifted.size} of "
            f"{len(measures.outside)} that differ: {told}{'; ...' if drifted.size > SHOWN else ''}. Look at "
            "them, by measure(X), and fit again on such images if they are right."
        )
        if self.on_drift == "raise":
            raise ValueError(msg)
        warn(msg)

    def _limits(self):
        smallest, largest = self.foreground_range_
        low = max(smallest / self.max_factor, 1 - (1 - smallest) * self.max_factor)
        high = min(largest * self.max_factor, 1 - (1 - largest) / self.max_factor)
        return (
            f"at most {number(self.max_outside)} of the pixels outside of {number(self.low_)} to "
            f"{number(self.high_)} and a foreground of {number(low)} to {number(high)}"
        )

    def _describe(self):
        masker = sentences_of(self.masker_)
        return f"{masker} Images were expected to be like those of training, with {self._limits()}."


def _extremes(images, masks):
    """Return the lowest and highest number, and the smallest and largest share of foreground."""
    low, high = np.fmin.reduce(images, axis=None), np.fmax.reduce(images, axis=None)
    shares = _mean_of_each(masks)
    # Without a number among the pixels the range is empty; the sign makes integers of booleans.
    low, high = (math.inf, -math.inf) if np.isnan(low) else (+low.item(), +high.item())
    return low, high, shares.min().item(), shares.max().item()


def _merged(parts):
    lows, highs, smallest, largest = zip(*parts, strict=True)
    return min(lows), max(highs), min(smallest), max(largest)


def _mean_of_each(masks):
    return masks.reshape(len(masks), -1).mean(axis=1)
