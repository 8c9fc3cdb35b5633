"""The histogram of 12 training slices of a brain with the learned threshold, and the mask of white
matter on a slice that was not used in training."""

from _show import histogram, overlay, show

from skmask import HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
train, unseen = slice(0, None, 2), 9
masker = HistogramThresholdMasker("dice").fit(brain.images[train], brain.masks[train])
mask = masker.transform(brain.images[unseen : unseen + 1])[0]
image = brain.images[unseen]
axes = show(
    {"histogram of the training images": None, "unseen slice": image, "mask": overlay(image, mask)}
)
values = brain.images[train]
histogram(axes[0], values[values > 0], [(masker.threshold_, f"threshold\n{masker.threshold_:.0f}")])
