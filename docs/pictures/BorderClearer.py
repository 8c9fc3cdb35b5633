"""Mask of coins cut out so that the frame crosses some of them; the regions at the frame, in
orange, are removed."""

from _show import changes, show
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import BinaryCloser, BorderClearer, SmallRegionRemover, ThresholdMasker

X = data.coins()[None, 20:250, 40:330]
before = make_pipeline(ThresholdMasker(120), BinaryCloser(), SmallRegionRemover(60)).fit_transform(
    X
)
after = BorderClearer().transform(before)
show({"coins": X[0], "mask": before[0], "BorderClearer()": changes(before[0], after[0])}, columns=3)
