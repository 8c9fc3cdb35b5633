"""
Color rules: an orange suit in a photograph
===========================================

Several rules for the same color are combined by union, intersection, difference and vote.
"""

# %%
# Three rules for orange
# ----------------------
# Each rule is a Pipeline: convert the colors, then take a range. ``None`` leaves a channel free.

import matplotlib.pyplot as plt
import numpy as np
from skimage import data
from sklearn.pipeline import make_pipeline

from skmask import (
    ColorConverter,
    ColorProjector,
    ConvexHuller,
    HistogramThresholdMasker,
    HoleFiller,
    LargestRegionKeeper,
    MaskApplier,
    MaskComplement,
    MaskCropper,
    MaskSymmetricDifference,
    MaskUnion,
    MaskVote,
    RangeMasker,
)
from skmask.metrics import dice_score

X = data.astronaut()[np.newaxis]
inf = np.inf
hsv = make_pipeline(
    ColorConverter("hsv", channel_axis=-1),
    RangeMasker([0.02, 0.55, 0.4], [0.11, inf, inf], channel_axis=-1),
)
lab = make_pipeline(
    ColorConverter("lab", channel_axis=-1),
    RangeMasker([30, 15, 25], [inf, inf, inf], channel_axis=-1),
)
rgb = RangeMasker([150, 50, 0], [255, 150, 100], channel_axis=-1)
rules = [("hsv", hsv), ("lab", lab), ("rgb", rgb)]

figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
axes[0].imshow(X[0])
for ax, (name, rule) in zip(axes[1:], rules, strict=True):
    mask = rule.fit(X).transform(X)[0]
    ax.imshow(mask, cmap="gray")
    ax.set_title(name)
    print(f"{name}: {mask.mean():.1%} of the pixels")
for ax in axes.flat:
    ax.set_axis_off()
plt.show()

# %%
# Union, vote and disagreement
# ----------------------------
# The union takes the pixels of any rule, the vote those of at least two. The symmetric difference shows
# the pixels on which two rules disagree. Operators such as ``rgb | lab`` build the same estimators, as
# long as one side is a masker.

combined = {
    "union": MaskUnion(rules, channel_axis=-1),
    "vote": MaskVote(rules, channel_axis=-1),
    "hsv or lab, not both": MaskSymmetricDifference(rules[:2], channel_axis=-1),
    "all but the vote": MaskComplement(MaskVote(rules, channel_axis=-1), channel_axis=-1),
}
figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
for ax, (name, masker) in zip(axes, combined.items(), strict=True):
    mask = masker.fit(X).transform(X)[0]
    ax.imshow(mask, cmap="gray")
    ax.set_title(name)
    ax.set_axis_off()
    print(f"{name}: {mask.mean():.1%} of the pixels")
plt.show()

# %%
# Weights learned from masks
# --------------------------
# With masks of some images, `ColorProjector` learns the weights of the channels instead. Here the vote serves
# as true mask: the left half of the photograph is for training, the right half for the score.

left, right = X[:, :, :256], X[:, :, 256:]
vote = MaskVote(rules, channel_axis=-1).fit(X)
learned = make_pipeline(ColorProjector(channel_axis=-1), HistogramThresholdMasker("dice"))
learned.fit(left, vote.transform(left))
print(f"Dice with the vote: {dice_score(vote.transform(right), learned.transform(right)):.2f}")

# %%
# Clean, apply and crop
# ---------------------
# The largest region of the vote is the right half of the suit, and `HoleFiller` adds the badge. The
# convex hull also fills the dents. `MaskApplier` shows the region alone, and `MaskCropper` cuts the
# photograph to its box.

suit = make_pipeline(MaskVote(rules, channel_axis=-1), LargestRegionKeeper(), HoleFiller()).fit(X)
hull = make_pipeline(suit, ConvexHuller()).fit(X)
applied = MaskApplier(suit, channel_axis=-1).fit_transform(X)
cropped = MaskCropper(suit, channel_axis=-1, margin=10).fit_transform(X)
figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
panels = {
    "suit": suit.transform(X)[0],
    "convex hull": hull.transform(X)[0],
    "applied": applied[0],
    "cropped": cropped[0],
}
for ax, (name, panel) in zip(axes, panels.items(), strict=True):
    ax.imshow(panel, cmap="gray")
    ax.set_title(name)
    ax.set_axis_off()
plt.show()
print(f"the crop has {cropped.shape[1]}x{cropped.shape[2]} pixels")
