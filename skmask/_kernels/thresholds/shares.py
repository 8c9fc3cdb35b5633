"""Thresholds from known shares of foreground, without masks: the cut whose share is nearest.

The share of pixels above a threshold, of all images together, falls as the threshold rises. So one threshold
meets the share of foreground that is known, although the foreground pixels are not.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, FloatArray
from skmask._kernels.histograms.counting import Balance, exact_weights, finite_by_image
from skmask._kernels.histograms.histogram import Histogram, Number
from skmask._kernels.thresholds.supervised import ScoreCurves

# Shares are rounded to multiples of 1e-9, so that their sums are exact in any order.
SHARE_UNIT = 2**30


@dataclass(frozen=True, slots=True, eq=False)
class ShareSum:
    """Known amounts of foreground, summed up over images.

    Attributes
    ----------
    n_units : int or float
        Weighted number of pixels, or, balanced by image, of images, in units of ``1 / SHARE_UNIT``.
    """

    n_units: Number

    @property
    def n_foreground(self) -> Number:
        """Weighted number of pixels or images."""
        return self.n_units / SHARE_UNIT

    def merge(self, *others: "ShareSum") -> "ShareSum":
        """Return the sum over all the images."""
        return ShareSum(self.n_units + sum(other.n_units for other in others))

    def of_images(self, n_images: Number) -> "ShareSum":
        """Return the sum as that of `n_images` images, which it does not count."""
        return self


def sum_shares(
    images: Array,
    shares: FloatArray,
    *,
    weights: Array | None = None,
    roi: BoolArray | None = None,
    balance: Balance = "pixel",
) -> ShareSum:
    """Sum up the known amounts of foreground of a stack of images.

    Parameters
    ----------
    images : ndarray of shape (n_images, ...)
    shares : ndarray of shape (n_images,)
        Share of the finite pixels of each image that is foreground, from 0 to 1.
    weights, roi, balance
        As for `skmask._kernels.histograms.counting.count`.
    """
    amounts = finite_by_image(images, roi)
    if balance == "image":
        amounts = np.minimum(amounts, 1)
    units = np.rint(shares * SHARE_UNIT).astype(np.int64).tolist()
    factors = exact_weights(weights, images.shape, 1).tolist()
    terms = zip(amounts.tolist(), units, factors, strict=True)
    return ShareSum(sum(amount * unit * factor for amount, unit, factor in terms))


def share_scores(
    pixels: Histogram, known: ShareSum, *, foreground: Literal["bright", "dark"] = "bright"
) -> ScoreCurves:
    """Score all cuts by minus the distance of their share of foreground from the known one.

    Parameters
    ----------
    pixels : Histogram
        Counts of at least one pixel.
    known : ShareSum
        Of the same images, with the same weights and balance.
    foreground : {"bright", "dark"}
    """
    below = np.concatenate([[0], np.cumsum(pixels.counts)]).astype(np.float64)
    share = below / below[-1]
    if foreground == "bright":
        share = 1 - share
    wanted = known.n_foreground / pixels.n_pixels
    return ScoreCurves(
        pixels.kind, pixels.shift, pixels.keys, {foreground: -np.abs(share - wanted)}
    )
