"""Mask of coins with dark holes inside; after filling every coin is solid. Filled pixels are
blue."""

from _show import changes, show
from skimage import data

from skmask import HoleFiller, ThresholdMasker

X = data.coins()[None, :, :300]
before = ThresholdMasker(115).transform(X)
after = HoleFiller().transform(before)
show({"coins": X[0], "mask": before[0], "HoleFiller()": changes(before[0], after[0])}, columns=3)
