"""
Count galaxies: many small objects on a dark background
=======================================================

The Hubble deep field: a threshold from the noise of the background, hysteresis for faint objects,
and a count.
"""

# %%
# The image
# ---------

import matplotlib.pyplot as plt
import numpy as np
from skimage import color, data
from sklearn.pipeline import make_pipeline

from skmask import HistogramThresholdMasker, HysteresisMasker, RegionStatistics, SmallRegionRemover
from skmask.display import ThresholdDisplay

image = color.rgb2gray(data.hubble_deep_field())
X = image[np.newaxis]

# %%
# A threshold from the background
# -------------------------------
# Nearly all pixels are dark. ``"robust_background"`` estimates mean and deviation of the background
# and goes above it.

masker = HistogramThresholdMasker("robust_background").fit(X)
ThresholdDisplay.from_estimator(masker)
print(f"threshold {masker.threshold_:.3f}: {masker.transform(X).mean():.1%} of the pixels")

# %%
# Faint parts of objects
# ----------------------
# Hysteresis keeps the regions above a low threshold that contain a pixel above a high one, so that
# the faint rims of galaxies stay and faint noise goes.

faint = HistogramThresholdMasker("robust_background", correction_factor=0.8)
bright = HistogramThresholdMasker("robust_background", correction_factor=2.5)
hysteresis = make_pipeline(HysteresisMasker(faint, bright), SmallRegionRemover(8))
masks = hysteresis.fit_transform(X)
count, area = RegionStatistics(hysteresis, statistics=("n_regions", "area")).fit_transform(X)[0]
print(f"{count:.0f} objects of {area / count:.0f} pixels on average")

figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
part = slice(200, 500), slice(300, 620)
axes[0].imshow(image[part], cmap="gray", vmax=0.6)
axes[1].imshow(image[part], cmap="gray", vmax=0.6)
axes[1].contour(masks[0][part], levels=[0.5], colors="#E69F00", linewidths=1)
for ax, title in zip(axes, ("part of the image", "outlines of the masks"), strict=True):
    ax.set_title(title)
    ax.set_axis_off()
plt.show()
