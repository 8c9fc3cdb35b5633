"""Bar chart: how many times as long SciPy, scikit-image and OpenCV take as skmask, and skmask with numba."""

import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from _show import BLUE, GREEN, ORANGE, SKY

COLORS = {"skmask with numba": SKY, "SciPy": BLUE, "scikit-image": ORANGE, "OpenCV": GREEN}

# The chart shows the table of the page, so that the two cannot disagree.
rows = list(csv.DictReader(Path("../benchmarks.csv").read_text().splitlines()))
figure, ax = plt.subplots(figsize=(9, 5.5), layout="constrained")
positions = np.arange(len(rows))
for i, (name, color) in enumerate(COLORS.items()):
    ratios = np.array([float(row[name] or "nan") for row in rows])
    ax.barh(positions + 0.2 * (i - 1.5), ratios - 1, height=0.2, left=1, color=color, label=name)
ax.axvline(1, color="0.2", lw=1.5)
ax.set_xscale("log")
ax.set_yticks(positions, [row["operation"] for row in rows])
ax.invert_yaxis()
ax.set_xlabel("time as a multiple of that of skmask; right of the line, skmask is faster")
ax.legend(loc="lower right")
