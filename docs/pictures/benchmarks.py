"""Bar chart of ten operations: how many times as long SciPy, scikit-image and OpenCV take as skmask."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from _show import BLUE, GREEN, ORANGE

# The chart shows the table of the page, so that the two cannot disagree.
lines = Path("../benchmarks.rst").read_text().split("\n")
first, second, third = [i for i, line in enumerate(lines) if line.startswith("=" * 40)]
edges = [match.span() for match in re.finditer("=+", lines[first])]
rows = [[line[start:end].strip() for start, end in edges] for line in lines[second + 1 : third]]
figure, ax = plt.subplots(figsize=(9, 5.5), layout="constrained")
places = np.arange(len(rows))
for i, (name, color) in enumerate({"SciPy": BLUE, "scikit-image": ORANGE, "OpenCV": GREEN}.items()):
    ratios = np.array([float(row[2 + i] or "nan") for row in rows])
    ax.barh(places + 0.26 * (i - 1), ratios - 1, height=0.26, left=1, color=color, label=name)
ax.axvline(1, color="0.2", lw=1.5)
ax.set_xscale("log")
ax.set_yticks(places, [row[0] for row in rows])
ax.invert_yaxis()
ax.set_xlabel("time as a multiple of that of skmask; right of the line, skmask is faster")
ax.legend()
