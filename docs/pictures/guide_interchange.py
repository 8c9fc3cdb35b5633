"""One mask of coins in three notations: pixels, polygons around its regions drawn on the image, and
run lengths that alternate between background and foreground along the columns."""

import numpy as np
from _show import ORANGE, show
from skimage import data, measure

from skmask import HistogramThresholdMasker, HoleFiller, SmallRegionRemover

image = data.coins()[165:300, 20:200]
mask = HistogramThresholdMasker().fit_transform(image[np.newaxis])
mask = SmallRegionRemover(100).transform(HoleFiller().transform(mask))[0]
axes = show(
    {"mask": mask, "polygons (GeoJSON)": image, "run lengths (COCO)": np.zeros_like(image)},
    columns=3,
    width=9,
)
for outline in measure.find_contours(np.pad(mask, 1), 0.5):
    axes[1].plot(*(measure.approximate_polygon(outline, 0.8)[:, ::-1] - 1).T, color=ORANGE, lw=2)
changes = np.flatnonzero(np.diff(mask.T.ravel()))
runs = np.diff(changes, prepend=-1)[:48]
text = "\n".join(" ".join(f"{run:3}" for run in runs[i : i + 6]) for i in range(0, 48, 6))
axes[2].clear()
axes[2].set(xlim=(0, 1), ylim=(0, 1), title="run lengths (COCO)")
axes[2].title.set_fontsize(10)
axes[2].set_axis_off()
axes[2].text(0.5, 0.5, text + "\n ...", ha="center", va="center", family="monospace", fontsize=9)
