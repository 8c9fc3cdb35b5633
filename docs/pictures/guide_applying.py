"""Diagram: MaskApplier hands the image to the masker that it holds, gets the mask back, and returns
the image with every pixel outside the mask set to the fill value."""

import matplotlib.pyplot as plt
from _show import BLUE, arrow, canvas, picture

from skmask import MaskApplier, ThresholdMasker
from skmask.datasets import load_leg_xray

X = load_leg_xray().images[:, 500:]
masker = ThresholdMasker(150)
ax = canvas(8, 2.8)
picture(ax, X[0], (0.3, 0.5), 1.9)
ax.text(0.85, 0.25, "X", ha="center", va="center")
ax.add_patch(plt.Rectangle((2.3, 0.15), 3.3, 2.5, fc="#eef4f8", ec=BLUE, lw=1.5))
ax.text(3.95, 2.45, "MaskApplier", ha="center", va="center", weight="bold", color=BLUE)
box = {"boxstyle": "round,pad=0.4", "fc": "white", "ec": "0.4"}
ax.text(3.2, 1.75, "masker", ha="center", va="center", bbox=box)
picture(ax, masker.transform(X)[0], (4.4, 1.2), 1.1)
ax.text(
    3.95,
    0.55,
    "np.where(mask, image, fill_value)",
    ha="center",
    va="center",
    fontsize=9,
    family="monospace",
)
arrow(ax, (1.5, 1.75), (2.75, 1.75), "image")
arrow(ax, (3.65, 1.75), (4.35, 1.75), "mask")
arrow(ax, (1.5, 0.55), (2.45, 0.55), "image")
arrow(ax, (4.7, 1.15), (4.7, 0.7))
arrow(ax, (5.45, 0.55), (6.2, 0.55))
picture(ax, MaskApplier(masker).transform(X)[0], (6.35, 0.5), 1.9)
ax.text(6.9, 0.25, "masked images", ha="center", va="center")
ax.set(xlim=(0, 8), ylim=(0, 2.8))
ax.set_aspect("equal")
