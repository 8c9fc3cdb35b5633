"""Two overlapping disks a and b with their union, intersection and difference, and the complement
of a."""

import matplotlib.pyplot as plt
import numpy as np
from _show import GRAY, SKY
from matplotlib.colors import ListedColormap

rows, columns = np.ogrid[:120, :160]
a = (rows - 60) ** 2 + (columns - 60) ** 2 < 40**2
b = (rows - 60) ** 2 + (columns - 100) ** 2 < 40**2
results = {"a | b": a | b, "a & b": a & b, "a - b": a & ~b, "~a": ~a}
_, axes = plt.subplots(1, 4, figsize=(9, 2.0), layout="constrained")
for ax, (title, result) in zip(axes, results.items(), strict=True):
    ax.imshow(result, cmap=ListedColormap(["white", SKY]))
    for mask, name, x in ((a, "a", 36), (b, "b", 116)):
        ax.contour(mask, levels=[0.5], colors=GRAY, linewidths=1.5)
        ax.text(x, 64, name, fontsize=11)
    ax.set_title(title, family="monospace")
    ax.set(xticks=[], yticks=[])
