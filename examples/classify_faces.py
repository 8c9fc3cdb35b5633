"""
Faces told from other patches by the pixels under a mask
========================================================

A classifier on the pixels under one mask, learned over the training images or drawn by hand, beside the same
classifier on all pixels.

The 200 patches of 25 x 25 pixels come with scikit-image: 100 faces of "Labeled Faces in the Wild", then 100
patches without a face. Each selector is fitted anew in every fold, mask included, so nothing of the test
images is in the mask. What a mask brings here is not accuracy, whose differences stay within their spread. It
halves the features and says where the classifier may look: that the pixels *around* the faces do nearly as
well is a warning that a classifier of whole patches need not have learned much about faces.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
import skimage.data
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skmask import FixedMasker, HistogramThresholdMasker, ImageFlattener, MaskedPixelSelector

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def selectors(image_shape):
    """Give the ways to make features of the images, by name."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, size) for size in image_shape), indexing="ij")
    oval = FixedMasker((x / 0.75) ** 2 + (y / 0.95) ** 2 <= 1)
    bright = HistogramThresholdMasker("otsu")
    return {
        "all pixels": ImageFlattener(),
        "bright in most images": MaskedPixelSelector(bright, combine="majority"),
        "an oval, drawn by hand": MaskedPixelSelector(oval),
        "all around the oval": MaskedPixelSelector(~oval),
    }


def classifier(selector):
    """Give the Pipeline from images to labels."""
    return Pipeline(
        [
            ("select", selector),
            ("scale", StandardScaler()),
            ("classify", LogisticRegression(C=0.1, max_iter=1000)),
        ]
    )


def draw(images, labels, models, accuracies, path):
    """Draw the mean images, and where each classifier looks: its coefficients, put back in place."""
    figure, axes = plt.subplots(1, 2 + len(models), figsize=(13, 2.6), layout="constrained")
    for axis, label, name in zip(axes, (1, 0), ("mean face", "mean of the others"), strict=False):
        axis.imshow(images[labels == label].mean(axis=0), cmap="gray", vmin=0, vmax=1)
        axis.set_title(name, fontsize=10)
    for axis, (name, model) in zip(axes[2:], models.items(), strict=True):
        select, classify = model["select"], model["classify"]
        coefficients = select.inverse_transform(classify.coef_)[0]
        used = select.inverse_transform(np.ones(classify.coef_.shape[1], bool))
        limit = np.abs(coefficients).max()
        shown = np.where(used, coefficients, np.nan)
        axis.set_facecolor("0.85")
        axis.imshow(shown, cmap="PuOr_r", vmin=-limit, vmax=limit)
        scores = accuracies[name]
        axis.set_title(f"{name}\n{scores.mean():.3f} ± {scores.std():.3f}", fontsize=10)
    for axis in axes:
        axis.set(xticks=[], yticks=[])
    figure.savefig(path, dpi=110)


def main(output, *, quick):
    output.mkdir(parents=True, exist_ok=True)
    images = skimage.data.lfw_subset()
    labels = np.repeat([1, 0], 100)
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=1 if quick else 6, random_state=0)

    models = {name: classifier(one) for name, one in selectors(images.shape[1:]).items()}
    accuracies = {
        name: cross_val_score(model, images, labels, cv=folds) for name, model in models.items()
    }
    for model in models.values():
        model.fit(images, labels)

    print(f"cross-validated accuracy, {folds.get_n_splits()} folds, mean and spread")
    print(f"{'pixels':24} {'features':>8}   {'accuracy':15}   against all pixels")
    for name, scores in accuracies.items():
        n_features = models[name]["classify"].n_features_in_
        difference = scores - accuracies["all pixels"]
        print(
            f"{name:24} {n_features:8}   {scores.mean():.3f} +- {scores.std():.3f}   "
            f"{difference.mean():+.3f} +- {difference.std():.3f}"
        )

    path = output / "classify_faces.png"
    draw(images, labels, models, accuracies, path)
    print(f"\nwrote {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Tell faces from other patches by the pixels under a mask."
    )
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="split the images once, not six times")
    arguments = parser.parse_args()
    main(arguments.output, quick=arguments.quick)
