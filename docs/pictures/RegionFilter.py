"""Mask of a coin image with objects of all sizes; RegionFilter keeps the regions, in white, that
are large and round, and removes the others, in orange."""

from _show import changes, show
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import BinaryOpener, HoleFiller, RegionFilter, ThresholdMasker

X = data.coins()[None]
masker = make_pipeline(ThresholdMasker(120), HoleFiller(), BinaryOpener(radius=2))
before = masker.fit_transform(X)
after = RegionFilter([("area", 500, None), ("circularity", 0.8, None)]).transform(before)
title = "RegionFilter of area and circularity"
show({"coins": X[0], "mask": before[0], title: changes(before[0], after[0])}, columns=3)
