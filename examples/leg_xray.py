"""
X-ray: bones and soft tissue of a leg
=====================================

Masks of a leg, its bones and its soft tissue in an X-ray, and their areas in square centimeters.

:doc:`/tutorial` explains each step in NumPy and in skmask. Here they are put together.
"""

# %%
# The image
# ---------
# The pixels are 0.2 mm wide.

import matplotlib.pyplot as plt

from skmask.datasets import load_leg_xray

xray = load_leg_xray()
X, spacing = xray.images, xray.spacing
print(f"{X.shape[1]} x {X.shape[2]} pixels of {spacing[0]} mm")

# %%
# The leg
# -------
# The threshold is learned: ``"dropoff"`` finds the foot of the dark peak of the histogram. A
# closing fills gaps, and the largest region is the leg without the marker letter.

from sklearn.pipeline import make_pipeline

from skmask import BinaryCloser, HistogramThresholdMasker, LargestRegionKeeper
from skmask.display import ThresholdDisplay

leg = make_pipeline(
    HistogramThresholdMasker("dropoff"), BinaryCloser(iterations=4), LargestRegionKeeper()
)
leg.fit(X)
ThresholdDisplay.from_estimator(leg[0], log_scale=False)
print(f"learned threshold: {leg[0].threshold_}")

# %%
# Bones and soft tissue
# ---------------------
# The bones are above 150 inside the leg, roughly: no threshold separates bone from thick tissue
# everywhere. Soft tissue is what is leg and not bone. The operators ``&`` and ``-`` combine
# maskers.

from skmask import MaskApplier, ThresholdMasker

bone = ThresholdMasker(150) & leg
tissue = leg - bone
masks = {"leg": leg, "bone": bone, "soft tissue": tissue}
masks = {name: masker.fit(X).transform(X) for name, masker in masks.items()}

figure, axes = plt.subplots(1, 5, figsize=(10, 5), layout="constrained")
shown = {"X-ray": X, **masks, "bone on black": MaskApplier(bone).fit_transform(X)}
for ax, (name, image) in zip(axes, shown.items(), strict=True):
    ax.imshow(image[0], cmap="gray")
    ax.set_title(name)
    ax.set_axis_off()
plt.show()

# %%
# Areas
# -----
# With ``spacing`` in mm, areas are in square millimeters. The leg covers 308.2 square centimeters
# of the image.

from skmask import FixedMasker, RegionStatistics

for name, mask in masks.items():
    statistics = RegionStatistics(
        FixedMasker(mask[0]), statistics=("area", "mean"), spacing=spacing
    )
    area, mean = statistics.fit_transform(X)[0]
    print(f"{name:12} {area / 100:6.1f} square cm, mean intensity {mean:.0f}")
