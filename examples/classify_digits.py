"""
Masked digits for a classifier
==============================

A masking step inside a classifier's Pipeline, its threshold searched together with the classifier.

Pixels below a threshold are set to 0 before a classifier sees the digits. The point is how the step is built
in and tuned, through nested names, not that it helps: these digits are clean, and weak masks change next to
nothing while strong ones lose what the classifier needs.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

from skmask import BinaryDilator, ImageFlattener, MaskApplier, ThresholdMasker

matplotlib.use("Agg")
import matplotlib.pyplot as plt

THRESHOLD = "mask__masker__thresholdmasker__threshold"
ITERATIONS = "mask__masker__binarydilator__iterations"


def search(images, labels, *, quick):
    """Search the threshold, and how far the mask is widened, with the classifier's penalty."""
    masker = make_pipeline(ThresholdMasker(), BinaryDilator())
    pipeline = Pipeline(
        [
            ("mask", MaskApplier(masker)),
            ("flatten", ImageFlattener()),
            ("classify", SVC()),
        ]
    )
    penalty = {"classify__C": [1] if quick else [1, 10]}
    without = {"mask": ["passthrough"], **penalty}
    thresholds = range(0, 15, 6 if quick else 2)
    masked = {THRESHOLD: thresholds, ITERATIONS: [0, 1], **penalty}
    folds = 3 if quick else 5
    return tuple(
        GridSearchCV(pipeline, grid, cv=folds).fit(images, labels) for grid in (without, masked)
    )


def best_by_mask(results):
    """Give the best mean accuracy, and its spread over the folds, for every mask."""
    best = {}
    rows = zip(
        results["params"], results["mean_test_score"], results["std_test_score"], strict=True
    )
    for parameters, mean, spread in rows:
        key = parameters[ITERATIONS], parameters[THRESHOLD]
        best[key] = max(best.get(key, (0, 0)), (mean, spread))
    return best


def draw(images, accuracies, without, path):
    """Draw some digits under masks of three thresholds, and accuracy against the threshold."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    thresholds = (None, 4, 8, 12)
    rows = [
        images if t is None else MaskApplier(ThresholdMasker(t)).transform(images)
        for t in thresholds
    ]
    framed = np.pad(np.array(rows), [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=4)
    left.imshow(np.block([[*row] for row in framed]), cmap="gray_r", vmin=0, vmax=16)
    names = ["no mask" if t is None else f"x > {t}" for t in thresholds]
    left.set(yticks=np.arange(len(rows)) * 10 + 4.5, yticklabels=names, xticks=[])
    left.spines[:].set_visible(False)

    for iterations, color in ((0, "#e8436a"), (1, "#2fb5c7")):
        x = [threshold for steps, threshold in accuracies if steps == iterations]
        mean, spread = zip(*(accuracies[iterations, threshold] for threshold in x), strict=True)
        label = "mask widened by one pixel" if iterations else "mask as it is"
        right.errorbar(x, mean, spread, color=color, marker="o", capsize=3, label=label)
    right.axhline(without, color="0.3", linestyle="--", label="no mask")
    right.set(xlabel="threshold, of 16", ylabel="cross-validated accuracy")
    right.legend(frameon=False)
    right.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def main(output, *, quick):
    output.mkdir(parents=True, exist_ok=True)
    digits = load_digits()
    images, unseen, labels, unseen_labels = train_test_split(
        digits.images, digits.target, test_size=0.5, stratify=digits.target, random_state=0
    )
    without, masked = search(images, labels, quick=quick)
    accuracies = best_by_mask(masked.cv_results_)

    print(f"cross-validated accuracy on {len(images)} digits, and spread over the folds")
    print(f"{'no mask':24} {without.best_score_:.3f}")
    for (iterations, threshold), (mean, spread) in accuracies.items():
        name = f"x > {threshold}" + (", widened by one" if iterations else "")
        print(f"{name:24} {mean:.3f} +- {spread:.3f}")

    winner = ", ".join(
        f"{name.rpartition('__')[2]}={value}" for name, value in masked.best_params_.items()
    )
    print(f"\nthe best mask: {winner}")
    print(f"accuracy on {len(unseen)} unseen digits")
    for name, model in {"no mask": without, "the best mask": masked}.items():
        accuracy = model.score(unseen, unseen_labels)
        error = np.sqrt(accuracy * (1 - accuracy) / len(unseen))
        print(f"{name:24} {accuracy:.3f} +- {error:.3f}")

    path = output / "classify_digits.png"
    draw(unseen[:8], accuracies, without.best_score_, path)
    print(f"\nwrote {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Search a mask together with the classifier that uses it."
    )
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="search a coarser grid")
    arguments = parser.parse_args()
    main(arguments.output, quick=arguments.quick)
