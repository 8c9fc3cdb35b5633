"""Histogram of a brain slice with three thresholds of Otsu's method for four classes, and the slice with one
shade of gray for each class."""

import numpy as np
from _show import histogram, show

from skmask.datasets import load_brain_slices
from skmask.thresholds import count_pixels, multi_otsu

image = load_brain_slices().images[9]
thresholds = multi_otsu(*count_pixels(image[np.newaxis]), 4)
classes = np.digitize(image, thresholds, right=True) / 3
axes = show({"histogram": None, "slice": image, "four classes": classes}, columns=3, width=8.5)
histogram(axes[0], image[image > 0], [(t, f"{t:.0f}") for t in thresholds])
