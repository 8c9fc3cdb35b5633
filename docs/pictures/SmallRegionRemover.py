"""Mask of coins with many specks; regions below 100 pixels, drawn in orange, are removed."""

from _show import changes, show
from skimage import data

from skmask import SmallRegionRemover, ThresholdMasker

X = data.coins()[None, :150, :220]
before = ThresholdMasker(108).transform(X)
after = SmallRegionRemover(100).transform(before)
show(
    {"coins": X[0], "mask": before[0], "SmallRegionRemover(100)": changes(before[0], after[0])},
    columns=3,
)
