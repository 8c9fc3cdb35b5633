"""A slice like those of training passes; the same slice from a brighter scanner gives a mask of the
whole brain, and the guard warns."""

import numpy as np
from _show import overlay, show

from skmask import DriftGuard, HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
guard = DriftGuard(HistogramThresholdMasker("dice"), max_factor=1.5, on_drift="ignore").fit(
    brain.images, brain.masks
)
image = brain.images[9]
brighter = np.where(image > 0, 80 + image // 4 * 3, 0).astype(np.uint8)
X = np.stack([image, brighter])
masks = guard.transform(X)
show(
    {
        "like the training images": overlay(X[0], masks[0]),
        "from a brighter scanner: warning": overlay(X[1], masks[1]),
    },
    width=5,
)
