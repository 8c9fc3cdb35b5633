"""The X-ray, the mask of the leg with a learned threshold and without the marker letter, and the
masked X-ray."""

from _show import show
from sklearn.pipeline import make_pipeline

from skmask import BinaryCloser, HistogramThresholdMasker, LargestRegionKeeper, MaskApplier
from skmask.datasets import load_leg_xray

X = load_leg_xray().images
masker = make_pipeline(
    HistogramThresholdMasker("dropoff"), BinaryCloser(iterations=4), LargestRegionKeeper()
)
mask = masker.fit_transform(X)[0]
show({"image": X[0], "mask": mask, "masked image": MaskApplier(masker).fit_transform(X)[0]})
