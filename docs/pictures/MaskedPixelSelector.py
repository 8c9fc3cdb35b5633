"""Digits, the mask of pixels that are bright in most of them, and the table with one row per image
and one column per pixel of the mask."""

from _show import show
from sklearn.datasets import load_digits

from skmask import MaskedPixelSelector, ThresholdMasker

X = load_digits().images[:12]
selector = MaskedPixelSelector(ThresholdMasker(8), combine="majority").fit(X)
rows = selector.transform(X)
show({"image 0": X[0], "image 1": X[1], "learned mask": selector.mask_, "one row per image": rows})
