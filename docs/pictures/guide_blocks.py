"""A file with many images. One block of three images is in memory at a time; its masks are written to
another file, and the next block follows."""

import matplotlib.pyplot as plt
from _show import BLUE, ORANGE, arrow, canvas, picture

from skmask import HistogramThresholdMasker
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
masks = HistogramThresholdMasker("dice").fit(brain.images, brain.masks).transform(brain.images)
crop = (slice(16, 205), slice(24, 173))
ax = canvas(9.6, 2.9)
for y, title, arrays in ((1.75, "images on disk", brain.images), (0.25, "masks on disk", masks)):
    ax.text(0.1, y + 0.4, title, fontsize=10, va="center")
    for i in range(12):
        x = 1.7 + 0.65 * i
        if y > 1 or i < 6:
            picture(ax, arrays[i + 3][crop], (x, y), 0.75)
        else:
            ax.add_patch(plt.Rectangle((x, y), 0.59, 0.75, fc="#f5f5f5", ec="0.6", ls=":"))
ax.add_patch(plt.Rectangle((1.7 + 0.65 * 3 - 0.03, 0.15), 1.95, 2.45, fill=False, ec=BLUE, lw=2))
ax.text(1.7 + 0.65 * 4.5 - 0.03, 2.75, "block in memory", color=BLUE, ha="center", va="center")
arrow(ax, (1.7 + 0.65 * 4.5 - 0.03, 1.7), (1.7 + 0.65 * 4.5 - 0.03, 1.08))
arrow(ax, (1.7 + 0.65 * 6 + 0.05, 1.37), (1.7 + 0.65 * 8, 1.37))
ax.text(1.7 + 0.65 * 8.1, 1.37, "next block", color=ORANGE, va="center")
ax.set(xlim=(0, 9.6), ylim=(0, 2.9), aspect="equal")
