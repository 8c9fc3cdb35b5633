"""
Regions: whole coins in a photograph, and their sizes
=====================================================

Cleaning steps leave the coins that lie wholly in the photograph. Seeds, labels and tiles show further ways
to choose regions.
"""

# %%
# Coins that the frame does not cut
# ---------------------------------
# The photograph is cropped so that its frame cuts some coins. A median filter removes noise, the background
# is subtracted, and `BorderClearer` removes the coins at the frame.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data, filters
from sklearn.pipeline import make_pipeline

from skmask import (
    BackgroundSubtractor,
    BinaryEroder,
    BorderClearer,
    HistogramThresholdMasker,
    HoleFiller,
    ImageFunction,
    MaskReconstructor,
    MedianSmoother,
    SliceWise,
    SmallRegionRemover,
    ThresholdMasker,
    ValueMasker,
    label_regions,
    region_table,
)

X = data.coins()[np.newaxis, 20:270, 30:330]
coins = make_pipeline(
    MedianSmoother(2), BackgroundSubtractor(35), HistogramThresholdMasker("otsu"), HoleFiller()
)
masker = make_pipeline(*coins, BorderClearer(), SmallRegionRemover(200))
before, after = coins.fit_transform(X), masker.fit_transform(X)
figure, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
for ax, (title, panel) in zip(
    axes, {"photograph": X[0], "mask": before[0], "whole coins": after[0]}.items(), strict=True
):
    ax.imshow(panel, cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
plt.show()

# %%
# A table of the coins
# --------------------
# `region_table` has one row for each coin.

table = region_table(after, X, properties=("area", "mean", "equivalent_diameter"), as_frame=True)
print(table.round(1).to_string(index=False))

# %%
# Choose regions by seeds or by labels
# ------------------------------------
# `MaskReconstructor` keeps the regions that contain a seed, here those in which a disk of radius 20 fits.
# `label_regions` numbers the regions, and `ValueMasker` marks some of the numbers.

wide = MaskReconstructor(make_pipeline(masker, BinaryEroder("disk", radius=20)), masker)
large = wide.fit(X).transform(X)
labels = label_regions(after)
largest = table.sort_values("area")["label"].iloc[-3:].tolist()
three = ValueMasker(largest).transform(labels)
print(f"coins: {labels.max()}, wide coins: {label_regions(large).max()}, labels: {sorted(largest)}")

# %%
# A threshold for each tile
# -------------------------
# `SliceWise` fits an estimator for each position along an axis, here for the left, the middle and the right
# of the photograph, whose light differs. `ImageFunction` makes a step of any function, such as an edge
# filter of scikit-image.

tiles = np.stack([X[..., :100], X[..., 100:200], X[..., 200:]], axis=1)
each = SliceWise(HistogramThresholdMasker("otsu"), axis=1, learn="each").fit(tiles)
print("thresholds:", [one.threshold_ for one in each.estimators_])
edges = make_pipeline(ImageFunction(filters.sobel), ThresholdMasker(0.15)).fit(X)
figure, axes = plt.subplots(1, 4, figsize=(10, 2.6), layout="constrained")
panels = {
    "wide coins": large[0],
    "three largest": three[0],
    "a threshold for each tile": np.concatenate(each.transform(tiles)[0], axis=1),
    "edges": edges.transform(X)[0],
}
for ax, (title, panel) in zip(axes, panels.items(), strict=True):
    ax.imshow(panel, cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
plt.show()
