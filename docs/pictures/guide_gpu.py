"""A stack of images in the memory of a graphics card goes through thresholds and morphology without leaving
the card, and the masks are on the card, too. Steps on connected regions copy to the host and back."""

from _show import BLUE, ORANGE, arrow, canvas, overlay, picture

from skmask import BinaryOpener, HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
images = brain.images[[6, 9, 12]]
masks = BinaryOpener().transform(
    HistogramThresholdMasker("dice").fit(brain.images, brain.masks).transform(images)
)
crop = (slice(16, 205), slice(24, 173))
ax = canvas(9.6, 2.9)
box = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": BLUE, "lw": 1.5}
ax.fill_between([0.1, 9.5], 1.0, 2.85, color="#e3f2ec", zorder=0)
ax.fill_between([0.1, 9.5], 0.05, 0.85, color="#f1f1f1", zorder=0)
ax.text(0.2, 2.7, "memory of the graphics card", va="center", fontsize=10)
ax.text(0.2, 0.2, "memory of the host", va="center", fontsize=10)
for i in range(3):
    picture(ax, images[i][crop], (0.25 + 0.3 * i, 1.4 - 0.08 * i), 1.0)
    picture(ax, overlay(images[i], masks[i])[crop], (8.0 + 0.3 * i, 1.4 - 0.08 * i), 1.0)
for x, text in ((2.9, "threshold"), (4.6, "opening")):
    ax.text(x, 1.8, text, ha="center", va="center", bbox=box)
ax.text(6.35, 0.45, "connected regions", ha="center", va="center", bbox={**box, "ec": ORANGE})
for start, end in (
    ((1.75, 1.8), (2.3, 1.8)),
    ((3.5, 1.8), (4.05, 1.8)),
    ((5.15, 1.8), (7.9, 1.8)),
    ((5.3, 1.65), (5.95, 0.75)),
    ((6.75, 0.75), (7.4, 1.65)),
):
    arrow(ax, start, end)
ax.text(5.0, 1.15, "copy", ha="center", fontsize=9)
ax.text(7.55, 1.15, "copy", ha="center", fontsize=9)
ax.set(xlim=(0, 9.6), ylim=(0, 2.9), aspect="equal")
