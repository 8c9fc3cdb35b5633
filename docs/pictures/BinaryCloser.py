"""Mask of four coins. Closing fills gaps and small holes; added pixels are blue, removed pixels
orange."""

from _show import changes, show
from skimage import data

from skmask import BinaryCloser, ThresholdMasker

X = data.coins()[None, 160:300, 20:190]
before = ThresholdMasker(130).transform(X)
after = BinaryCloser(iterations=2).transform(before)
show(
    {
        "image": X[0],
        "mask": before[0],
        "BinaryCloser(iterations=2)": after[0],
        "what changed": changes(before[0], after[0]),
    }
)
