"""Mask of four coins. Opening removes specks and thin parts; added pixels are blue, removed pixels
orange."""

from _show import changes, show
from skimage import data

from skmask import BinaryOpener, ThresholdMasker

X = data.coins()[None, 160:300, 20:190]
before = ThresholdMasker(130).transform(X)
after = BinaryOpener(iterations=2).transform(before)
show(
    {
        "image": X[0],
        "mask": before[0],
        "BinaryOpener(iterations=2)": after[0],
        "what changed": changes(before[0], after[0]),
    }
)
