"""Mask of four coins. Dilation adds a rim to the mask; added pixels are blue, removed pixels
orange."""

from _show import changes, show
from skimage import data

from skmask import BinaryDilator, ThresholdMasker

X = data.coins()[None, 160:300, 20:190]
before = ThresholdMasker(130).transform(X)
after = BinaryDilator(iterations=3).transform(before)
show(
    {
        "image": X[0],
        "mask": before[0],
        "BinaryDilator(iterations=3)": after[0],
        "what changed": changes(before[0], after[0]),
    }
)
