"""Slices of a brain with the box around the foreground of all of them, the slices cropped to that box,
each to its own box, and all to one size around their middles."""

import matplotlib.pyplot as plt
from _show import ORANGE, show

from skmask import HistogramThresholdMasker, MaskCropper
from skmask.datasets import load_brain_slices

X = load_brain_slices().images[[2, 14]]
masker = HistogramThresholdMasker()
cropper = MaskCropper(masker).fit(X)
cropped = cropper.transform(X)
own = MaskCropper(masker, per="image").fit_transform(X)
sized = MaskCropper(masker, per="image", size=220).fit_transform(X)
axes = show(
    {
        "image 0": X[0],
        "image 1": X[1],
        "image 0, cropped": cropped[0],
        "image 1, cropped": cropped[1],
        'image 0, per="image"': own[0],
        'image 1, per="image"': own[1],
        "image 0, size=220": sized[0],
        "image 1, size=220": sized[1],
    }
)
inside = cropper.inverse_transform(cropped + 1) > 0
rows, columns = inside[0].any(axis=1).nonzero()[0], inside[0].any(axis=0).nonzero()[0]
for ax in axes[:2]:
    box = plt.Rectangle(
        (columns[0], rows[0]), len(columns), len(rows), fill=False, color=ORANGE, lw=2
    )
    ax.add_patch(box)
