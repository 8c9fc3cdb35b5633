"""Three steps from left to right: training images and their true masks go into fit, the learned
threshold is saved to a file, and the file is applied to new images, which gives their masks."""

from _show import BLUE, ORANGE, arrow, canvas, overlay, picture

from skmask import HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
crop = (slice(16, 205), slice(24, 173))
train, new = [3, 6, 12], [8, 10]
masker = HistogramThresholdMasker("dice").fit(brain.images[train], brain.masks[train])
masks = masker.transform(brain.images[new])


ax = canvas(10, 2.6)
for i, index in enumerate(train):
    x = 0.15 + 0.32 * i
    picture(ax, brain.images[index][crop], (x, 1.35 - 0.08 * i), 0.95)
    picture(ax, brain.masks[index][crop], (x, 0.3 - 0.08 * i), 0.95)
ax.text(0.1, 2.48, "training images and masks", ha="left", va="center", fontsize=10)
box = {"boxstyle": "round,pad=0.5", "fc": "#eef4f8", "ec": BLUE, "lw": 1.5}
ax.text(
    3.45,
    1.25,
    f"masker.fit\n\nthreshold {masker.threshold_:.0f}",
    ha="center",
    va="center",
    bbox=box,
)
ax.text(
    5.75,
    1.25,
    "masks.joblib",
    ha="center",
    va="center",
    bbox={**box, "fc": "#fdf4e0", "ec": ORANGE},
)
for start, end, label in ((1.95, 2.75, "learn"), (4.15, 5.1, "save"), (6.4, 7.2, "apply")):
    arrow(ax, (start, 1.25), (end, 1.25), label)
for i, index in enumerate(new):
    y = 1.3 - 1.15 * i
    picture(ax, brain.images[index][crop], (7.35, y), 1.05)
    arrow(ax, (8.3, y + 0.5), (8.75, y + 0.5))
    picture(ax, overlay(brain.images[index], masks[i])[crop], (8.85, y), 1.05)
ax.text(8.5, 2.45, "new images and their masks", ha="center", va="center", fontsize=10)
ax.set(xlim=(0, 10), ylim=(0, 2.6), aspect="equal")
