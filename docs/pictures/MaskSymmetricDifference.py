"""Masks of coins by two thresholds, and the pixels on which they differ: a thin rim around each coin and
the uneven background."""

from _show import show
from skimage import data

from skmask import ThresholdMasker

X = data.coins()[None]
low, high = ThresholdMasker(95), ThresholdMasker(125)
show(
    {
        "ThresholdMasker(95)": low.transform(X)[0],
        "ThresholdMasker(125)": high.transform(X)[0],
        "low ^ high": (low ^ high).transform(X)[0],
    },
    columns=3,
)
