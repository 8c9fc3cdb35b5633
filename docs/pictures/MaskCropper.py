"""Slices of a brain with the box around the foreground of all of them, and the cropped slices."""

import matplotlib.pyplot as plt
from _show import ORANGE, show

from skmask import HistogramThresholdMasker, MaskCropper
from skmask.datasets import load_brain_slices

X = load_brain_slices().images[[2, 14]]
cropper = MaskCropper(HistogramThresholdMasker()).fit(X)
cropped = cropper.transform(X)
axes = show(
    {
        "image 0": X[0],
        "image 1": X[1],
        "image 0, cropped": cropped[0],
        "image 1, cropped": cropped[1],
    }
)
inside = cropper.inverse_transform(cropped + 1) > 0
rows, columns = inside[0].any(axis=1).nonzero()[0], inside[0].any(axis=0).nonzero()[0]
for ax in axes[:2]:
    box = plt.Rectangle(
        (columns[0], rows[0]), len(columns), len(rows), fill=False, color=ORANGE, lw=2
    )
    ax.add_patch(box)
