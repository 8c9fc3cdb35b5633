"""
Uneven light: image steps before a learned threshold
====================================================

A threshold compares pixels with one number. Image steps make that number fit: within an image whose
background is uneven, and between images of different brightness.
"""

# %%
# Coins under uneven light
# ------------------------
# The photograph is cut into 16 images. Its true masks are those of the watershed in scikit-image's
# tutorial on segmentation, which follows edges and does not depend on brightness.

import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from skimage import data, filters, segmentation
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skmask import (
    BackgroundSubtractor,
    GroupedMasker,
    HistogramThresholdMasker,
    ImageNormalizer,
)
from skmask.datasets import load_brain_slices, make_masked_images
from skmask.display import MaskDisplay
from skmask.metrics import dice_score, dice_scorer

coins = data.coins()
markers = np.select([coins < 30, coins > 150], [1, 2])
truth = ndimage.binary_fill_holes(segmentation.watershed(filters.sobel(coins), markers) == 2)


def tiles(image):
    """Cut an image into 16 of 75 x 96 pixels."""
    return image[:300].reshape(4, 75, 4, 96).swapaxes(1, 2).reshape(16, 75, 96)


X, y = tiles(coins), tiles(truth)


def compare(maskers, X, y):
    """Print the mean Dice score of images that were not in training, and its standard error."""
    for name, masker in maskers.items():
        scores = cross_val_score(masker, X, y, scoring=dice_scorer, cv=5)
        print(f"{name:30} {scores.mean():.3f} +- {scores.std() / 5**0.5:.3f}")


# %%
# Background within images
# ------------------------
# ``BackgroundSubtractor`` takes away what is larger than a coin. ``ImageNormalizer`` divides each of
# the small images by its own Otsu threshold, so that a threshold relative to it is learned.

threshold = HistogramThresholdMasker("dice")
subtracted = make_pipeline(BackgroundSubtractor(35), HistogramThresholdMasker("dice"))
relative = make_pipeline(ImageNormalizer("otsu"), HistogramThresholdMasker("dice"))
compare({"threshold": threshold, "after subtraction": subtracted, "relative": relative}, X, y)

# %%
# The mask of the first image, whose background is the brightest, learned from the 15 others:

shown = 0
others = np.arange(len(X)) != shown
MaskDisplay.from_predictions(
    [X[shown]] * 2,
    [one.fit(X[others], y[others]).transform(X[[shown]])[0] for one in (threshold, subtracted)],
    [y[shown]] * 2,
    titles=["threshold", "after subtraction"],
)
plt.show()

# %%
# Brightness between images
# -------------------------
# The gray values of magnetic resonance images have no unit: each scan has a gain of its own. Here, gains
# of 50 % to 150 % are given to slices of a brain, whose white matter is to be found. Otsu's method splits
# the gray values of each slice in four classes; the highest of its thresholds is the reference.

brain = load_brain_slices()
gains = np.random.default_rng(0).uniform(0.5, 1.5, len(brain.images))
X, y = brain.images * gains[:, np.newaxis, np.newaxis], brain.masks
relative = make_pipeline(
    ImageNormalizer("multi_otsu", n_classes=4, cut=-1), HistogramThresholdMasker("dice")
)
compare({"threshold": threshold, "relative": relative}, X, y)

# %%
# Where relative thresholds hurt
# ------------------------------
# A reference costs accuracy if all images have the same gain: the reference of each slice is noisier
# than one threshold for all.

compare({"threshold": threshold, "relative": relative}, brain.images, brain.masks)

# %%
# It also needs an object in every image. Here a third of the images are empty, and Otsu's method splits
# their noise. The range of the references in training, to which ``clip=True`` limits those of new
# images, keeps most of the noise out of masks of empty images.

spots = make_masked_images(12, (48, 64), noise=20.0, random_state=0)
empty = make_masked_images(6, (48, 64), n_objects=0, noise=20.0, random_state=1)
order = np.random.default_rng(0).permutation(18)
X = np.concatenate([spots.images, empty.images])[order]
y = np.concatenate([spots.masks, empty.masks])[order]
by_otsu = make_pipeline(ImageNormalizer("otsu"), HistogramThresholdMasker("dice"))
compare({"threshold": threshold, "relative": by_otsu}, X, y)
for clip in (True, False):
    by_otsu.set_params(imagenormalizer__clip=clip).fit(spots.images, spots.masks)
    print(
        f"clip={clip}: {by_otsu.transform(empty.images).mean():.0%} of the pixels of empty images"
    )

# %%
# Known groups
# ------------
# Here slices come from two scanners with one gain each, and the scanner of each slice is known. One
# threshold for each scanner is better still, because it needs no reference of single slices.

y = brain.masks
scanner = np.where(np.arange(len(y)) % 2, "A", "B")
X = np.where(scanner[:, np.newaxis, np.newaxis] == "A", 0.6, 1.0) * brain.images
train = np.arange(len(X)) % 4 < 2
grouped = GroupedMasker(threshold).fit(X[train], y[train], groups=scanner[train])
for name, masks in {
    "one threshold": grouped.masker_.transform(X[~train]),
    "one for each scanner": grouped.transform(X[~train], groups=scanner[~train]),
}.items():
    print(f"{name:30} {dice_score(y[~train], masks):.3f}")
