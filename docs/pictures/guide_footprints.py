"""Footprints drawn as pixels: a diamond, a square and a disk of radius 3; an array that extends to
the right only; and a disk of radius 3 where rows are twice as far apart as columns, which covers
fewer rows."""

import matplotlib.pyplot as plt
import numpy as np
from _show import pixels

from skmask.morphology import dilate

center = np.zeros((9, 9), bool)
center[4, 4] = True
footprints = {
    '"diamond", radius=3': dilate(center, "diamond", radius=3),
    '"square", radius=3': dilate(center, "square", radius=3),
    '"disk", radius=3': dilate(center, "disk", radius=3),
    "[[0, 0, 1, 1, 1]]": dilate(center, [[0, 0, 1, 1, 1]]),
    '"disk", radius=3,\nspacing=(2, 1)': dilate(center, "disk", radius=3, spacing=(2, 1)),
}
_, axes = plt.subplots(1, 5, figsize=(10, 2.4), layout="constrained")
for ax, (title, footprint) in zip(axes, footprints.items(), strict=True):
    pixels(ax, footprint, before=center, title=title)
axes[-1].set_aspect(2)
