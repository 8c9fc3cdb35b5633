"""A slice of a brain: a learned threshold cannot separate gray matter, a learned range of two
bounds can."""

from _show import overlay, show

from skmask import HistogramRangeMasker, HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices(target="gray_matter")
image = brain.images[9]
panels = {"slice": image}
for masker in (HistogramThresholdMasker("dice"), HistogramRangeMasker("dice")):
    mask = masker.fit(brain.images, brain.masks).transform(brain.images)[9]
    panels[type(masker).__name__] = overlay(image, mask)
panels["true gray matter"] = overlay(image, brain.masks[9])
show(panels)
