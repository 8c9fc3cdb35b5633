"""An image cut into four chunks; one chunk is drawn with the margin of neighboring pixels that it
is read with, so that the result is the same as for the whole image."""

import matplotlib.pyplot as plt
from _show import BLUE, ORANGE, show
from skimage import data

image = data.coins()[:300, :380]
axes = show({"image in four chunks": image, "one chunk and its margin": image}, width=8)
for ax in axes:
    ax.axhline(149.5, color=ORANGE, lw=2)
    ax.axvline(189.5, color=ORANGE, lw=2)
axes[1].add_patch(plt.Rectangle((0, 0), 189, 149, fc=BLUE, alpha=0.35))
axes[1].add_patch(plt.Rectangle((0, 0), 214, 174, fill=False, ec=BLUE, lw=2.5, ls="--"))
axes[1].text(95, 75, "kept", color="white", ha="center", fontsize=12)
axes[1].text(202, 75, "margin", color="white", rotation=90, va="center", ha="center", fontsize=10)
