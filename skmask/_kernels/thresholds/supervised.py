"""Thresholds chosen with labeled masks: the best of all cuts, from counts of the two classes.

The counts of foreground and background pixels on each side of a cut are the numbers of true and false
positives and negatives of its mask. So one pass over the images scores every threshold exactly::

    value        10   20   30 | 40   50
    foreground    0    1    2 |  6    9     fn = 3, tp = 15
    background    8    9    2 |  1    0     tn = 19, fp = 1

NaN is background for every threshold, minus infinity is below and infinity above every threshold.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray, Int64Array, IntArray
from skmask._kernels.histograms.counting import Balance, count_rows, exact_weights, weigh
from skmask._kernels.histograms.histogram import (
    Histogram,
    Kind,
    Number,
    highest_values,
    lowest_values,
    merge_bins,
    threshold_within,
)
from skmask._kernels.pixels.namespaces import like, namespace
from skmask._kernels.thresholds.criteria import Criterion
from skmask._kernels.thresholds.cuts import best_run

Foreground = Literal["bright", "dark"]

_SIDES: dict[str, tuple[Foreground, ...]] = {
    "bright": ("bright",),
    "dark": ("dark",),
    "auto": ("bright", "dark"),
}

SCORE_UNIT = 2**40

_KEYS_AT_ONCE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class ClassHistograms:
    """Counts of the pixels of both classes, in the same bins.

    Attributes
    ----------
    foreground, background : Histogram
        Their `shift` and `keys` are those of all pixels together, so counts of one may be 0.
    """

    foreground: Histogram
    background: Histogram

    @property
    def n_foreground(self) -> Number:
        """Weighted number of pixels of the foreground, whatever their values."""
        pixels = self.foreground
        total: Number = pixels.counts.sum().item()
        return total + pixels.n_nan + pixels.n_neg_inf + pixels.n_pos_inf

    @property
    def kind(self) -> Kind:
        """Type of the pixel values behind the keys."""
        return self.foreground.kind

    def merge(self, *others: "ClassHistograms") -> "ClassHistograms":
        """Return the counts of all the images, as if they had been counted together."""
        return ClassHistograms(
            self.foreground.merge(*(other.foreground for other in others)),
            self.background.merge(*(other.background for other in others)),
        )

    def of_images(self, n_images: Number) -> "ClassHistograms":
        """Return the counts with another number of images."""
        return ClassHistograms(
            self.foreground.of_images(n_images), self.background.of_images(n_images)
        )


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCurves:
    """Scores of all cuts of bins; cut j has j bins below it.

    Attributes
    ----------
    kind, shift, keys
        The bins; see `Histogram`.
    scores : dict of {"bright", "dark"} to ndarray of shape (n_bins + 1,), float64
        For a foreground above the cut, below it, or both.
    """

    kind: Kind
    shift: int
    keys: Int64Array
    scores: dict[Foreground, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreSums:
    """Sums over images of each image's scores of all cuts.

    Scores are rounded to multiples of ``1 / SCORE_UNIT`` (1e-12), so that their sums are exact and do
    not depend on the order of the images.

    Attributes
    ----------
    kind, shift, keys
        The bins; see `Histogram`.
    first : ndarray of shape (n_foregrounds,)
        Weighted sum of the scores of the cut below all bins, in units of ``1 / SCORE_UNIT``.
    steps : ndarray of shape (n_bins, n_foregrounds)
        How much the sum rises when the cut passes a bin.
    foregrounds : tuple of {"bright", "dark"}
        Side of the cut that is foreground, for each column.
    n_images : int or float
        Sum of the weights of the images.
    n_foreground : int or float
        Weighted number of pixels of the foreground.
    """

    kind: Kind
    shift: int
    keys: Int64Array
    first: Array
    steps: Array
    foregrounds: tuple[Foreground, ...]
    n_images: Number
    n_foreground: Number

    def merge(self, *others: "ScoreSums") -> "ScoreSums":
        """Return the sums over all the images, as if they had been added up together."""
        parts = (self, *others)
        shift, keys, steps = merge_bins([(part.shift, part.keys, part.steps) for part in parts])
        return replace(
            self,
            shift=shift,
            keys=keys,
            first=np.sum([part.first for part in parts], axis=0),
            steps=steps,
            n_images=sum(part.n_images for part in parts),
            n_foreground=sum(part.n_foreground for part in parts),
        )

    def mean(self) -> ScoreCurves:
        """Return the weighted mean over the images."""
        sums = np.cumsum(np.vstack([self.first, self.steps]), axis=0)
        means = sums / (SCORE_UNIT * self.n_images or 1)
        scores = dict(zip(self.foregrounds, means.T, strict=True))
        return ScoreCurves(self.kind, self.shift, self.keys, scores)


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdChoice:
    """The best threshold.

    Attributes
    ----------
    threshold : int or float
        An integer for integer pixels.
    foreground : {"bright", "dark"}
        Whether pixels above the threshold are foreground, or those not above it.
    score : float
        Of `threshold`, the highest of all.
    interval : tuple of int or float
        (a, b): all thresholds with ``a <= threshold < b`` have that score; -inf and inf at the ends.
    thresholds : ndarray of shape (n_bins + 1,), float64
        For each cut, ascending, the lowest threshold that makes it; for the first cut, which has
        no lowest one, the highest.
    criterion : ndarray of shape (n_bins + 1,), float64
        Score of each of `thresholds`.
    """

    threshold: Number
    foreground: Foreground
    score: float
    interval: tuple[Number, Number]
    thresholds: FloatArray
    criterion: FloatArray


def count_classes(
    images: Array,
    masks: BoolArray,
    *,
    weights: Array | None = None,
    roi: BoolArray | None = None,
    balance: Balance = "pixel",
) -> ClassHistograms:
    """Count the pixel values of the foreground and of the background of labeled images.

    Parameters
    ----------
    images : ndarray of shape (n_images, ...)
        Pixels of any real dtype.
    masks : ndarray of bool, of the shape of the images
        True is foreground.
    weights, roi, balance
        See `skmask._kernels.histograms.counting.count`; NaN and infinities are pixels of an image, too.

    Returns
    -------
    classes : ClassHistograms
    """
    # A labeled NaN is right or wrong like any pixel, so that it counts as a pixel of its image.
    pixels = namespace(images).broadcast_to(like(True, images), images.shape)
    weighing = weigh(pixels, weights=weights, roi=roi, balance=balance)
    inside = masks if roi is None else masks & roi
    parts = []
    for factor, rows in weighing.groups:
        classes = _count_rows_of_classes(images, inside, rows, roi)
        parts.append(
            ClassHistograms(classes.foreground.scaled(factor), classes.background.scaled(factor))
        )
    merged = parts[0].merge(*parts[1:])
    n_images, unit = weighing.n_images, weighing.unit
    return ClassHistograms(
        replace(merged.foreground, n_images=n_images, unit=unit),
        replace(merged.background, n_images=n_images, unit=unit),
    )


def _count_rows_of_classes(
    images: Array, masks: BoolArray, rows: IntArray | slice, roi: BoolArray | None
) -> ClassHistograms:
    every = count_rows(images, rows, roi=roi)
    foreground = count_rows(images, rows, roi=masks)
    bins = np.searchsorted(every.keys, foreground.keys >> (every.shift - foreground.shift))
    counts = np.zeros_like(every.counts)
    np.add.at(counts, bins, foreground.counts)
    return ClassHistograms(
        replace(foreground, shift=every.shift, keys=every.keys, counts=counts),
        replace(
            every,
            counts=every.counts - counts,
            n_nan=every.n_nan - foreground.n_nan,
            n_neg_inf=every.n_neg_inf - foreground.n_neg_inf,
            n_pos_inf=every.n_pos_inf - foreground.n_pos_inf,
        ),
    )


def pooled_scores(
    classes: ClassHistograms,
    criterion: Criterion,
    *,
    foreground: Foreground | Literal["auto"] = "bright",
) -> ScoreCurves:
    """Score all cuts on the pixels of all images together.

    Parameters
    ----------
    classes : ClassHistograms
        Counts of the pixels.
    criterion : callable
        See `skmask._kernels.thresholds.criteria`.
    foreground : {"bright", "dark", "auto"}
        Whether the foreground lies above the threshold, or not, or both are tried.

    Returns
    -------
    curves : ScoreCurves
    """
    bins = classes.background
    scores = {side: _scores(classes, criterion, side) for side in _SIDES[foreground]}
    return ScoreCurves(bins.kind, bins.shift, bins.keys, scores)


def _scores(classes: ClassHistograms, criterion: Criterion, foreground: Foreground) -> FloatArray:
    fn, tp = _below_and_above(classes.foreground)
    tn, fp = _below_and_above(classes.background)
    if foreground == "dark":
        fn, tp, tn, fp = tp, fn, fp, tn
    fn, tn = fn + classes.foreground.n_nan, tn + classes.background.n_nan
    return np.asarray(criterion(tp, fp, fn, tn), np.float64)


def _below_and_above(histogram: Histogram) -> tuple[FloatArray, FloatArray]:
    """Count the pixels on both sides of each cut."""
    below = np.concatenate([[0], np.cumsum(histogram.counts)])
    above = below[-1] - below + histogram.n_pos_inf
    below = below + histogram.n_neg_inf
    return below.astype(np.float64), above.astype(np.float64)


def sum_scores(
    images: Array,
    masks: BoolArray,
    criterion: Criterion,
    *,
    foreground: Foreground | Literal["auto"] = "bright",
    weights: Array | None = None,
    roi: BoolArray | None = None,
) -> ScoreSums:
    """Score all cuts on each image and add up the scores.

    Parameters
    ----------
    images, masks, weights, roi
        See `count_classes`.
    criterion, foreground
        See `pooled_scores`.

    Returns
    -------
    sums : ScoreSums

    Raises
    ------
    OverflowError
        If scores, of which the largest is the argument of the error, are too large for exact sums.
    """
    factors = exact_weights(weights, images.shape, SCORE_UNIT)
    inside = masks if roi is None else masks & roi

    def scores_of(rows: slice, factor: Number) -> ScoreSums:
        classes = _count_rows_of_classes(images, inside, rows, roi)
        curves = pooled_scores(classes, criterion, foreground=foreground)
        table = np.column_stack([np.rint(SCORE_UNIT * side) for side in curves.scores.values()])
        largest = np.abs(table).max()
        if largest * max(factors.sum(), 1) >= 2**62:
            raise OverflowError(largest / SCORE_UNIT)
        table = table.astype(np.int64) * factor
        steps = np.diff(table, axis=0)
        sides = _SIDES[foreground]
        return ScoreSums(
            curves.kind,
            curves.shift,
            curves.keys,
            table[0],
            steps,
            sides,
            n_images=factor,
            n_foreground=factor * classes.n_foreground,
        )

    sums, waiting, n_keys = scores_of(slice(0), 0), [], 0
    for i in np.flatnonzero(factors):
        waiting.append(scores_of(slice(i, i + 1), factors[i].item()))
        n_keys += waiting[-1].keys.size
        if n_keys > _KEYS_AT_ONCE:
            sums, waiting, n_keys = sums.merge(*waiting), [], 0
    return sums.merge(*waiting)


def best_threshold(curves: ScoreCurves) -> ThresholdChoice:
    """Find the threshold of the highest score.

    Among tied cuts the first run of neighbors is taken, and of all the thresholds of that run the
    middle, rounded down for integers. A run without an end, whose thresholds make all or no pixels
    foreground, gives the threshold at its other end. If all thresholds tie, the highest value is taken,
    and if both sides tie, "bright".

    Parameters
    ----------
    curves : ScoreCurves
        Scores of the cuts of at least one bin.

    Returns
    -------
    choice : ThresholdChoice

    Examples
    --------
    >>> from skmask._kernels.thresholds.criteria import dice
    >>> images = np.array([[[10, 60], [11, 90]], [[12, 80], [70, 30]]])
    >>> masks = images > 40
    >>> choice = best_threshold(pooled_scores(count_classes(images, masks), dice))
    >>> choice.threshold, choice.interval, choice.score
    (45, (30, 60), 1.0)
    """
    kind, shift, keys = curves.kind, curves.shift, curves.keys
    foreground = max(curves.scores, key=lambda side: curves.scores[side].max())
    scores = curves.scores[foreground]
    first, last = best_run(scores)
    lowest, highest = lowest_values(kind, shift, keys), highest_values(kind, shift, keys)
    low = highest[first - 1].item() if first > 0 else -math.inf
    high = lowest[last].item() if last < keys.size else math.inf
    all_tie = first == 0 and last == keys.size
    start = threshold_within(kind, -math.inf, lowest[0].item())
    return ThresholdChoice(
        threshold=threshold_within(kind, highest[-1].item() if all_tie else low, high),
        foreground=foreground,
        score=float(scores.max()),
        interval=(low, high),
        thresholds=np.concatenate([[float(start)], highest.astype(np.float64)]),
        criterion=scores,
    )
