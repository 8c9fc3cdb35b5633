"""A slice of a brain with the mask of white matter, its centroid and its bounding box, and a table
with the measured area, mean intensity and number of regions of three slices."""

import matplotlib.pyplot as plt
from _show import SKY, overlay, show

from skmask import HistogramThresholdMasker, RegionStatistics
from skmask.datasets import load_brain_slices

brain = load_brain_slices()
X, y = brain.images[[4, 9, 14]], brain.masks[[4, 9, 14]]
names = ("centroid", "bounding_box", "area", "mean", "n_regions")
masker = HistogramThresholdMasker("dice").fit(X, y)
statistics = RegionStatistics(masker, statistics=names)
rows = statistics.fit(X, y).transform(X)
columns = statistics.get_feature_names_out().tolist()
first = dict(zip(columns, rows[0], strict=True))
axes = show(
    {"first slice": overlay(X[0], masker.transform(X)[0]), "one row per image": None},
    columns=2,
    width=7,
)
axes[0].plot(first["centroid_1"], first["centroid_0"], "+", color="white", ms=14, mew=2.5)
box = [value for name, value in first.items() if name.startswith("bounding_box")]
n = len(box) // 2
corner, far = box[:n], box[n:]
axes[0].add_patch(
    plt.Rectangle(corner[::-1], far[1] - corner[1], far[0] - corner[0], fill=False, color=SKY, lw=2)
)
axes[1].set_axis_off()
shown = ["area", "mean", "n_regions"]
cells = [[f"{row[columns.index(name)]:.0f}" for name in shown] for row in rows]
table = axes[1].table(cells, colLabels=shown, loc="center", cellLoc="right", edges="horizontal")
table.scale(1, 2)
