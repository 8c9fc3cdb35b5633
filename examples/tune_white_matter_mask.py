"""
A tuned mask of white matter
============================

The main job: learn a mask, tune it, save it, and apply it to slices never seen.

White matter is bright in T1-weighted slices of the brain, but it is not all that is bright, and what Otsu's
method finds there is the whole brain. So a pipeline of a threshold, a dilation and an erosion is tuned by
cross-validation on training slices with labelled masks; the winner is saved with joblib, loaded in a fresh
process and applied, unchanged, to slices that no fit has seen.

All slices are of one average brain, so they are more alike than slices of different people would be.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import joblib
import matplotlib
import numpy as np
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from skmask import BinaryDilator, BinaryEroder, HistogramThresholdMasker, ThresholdMasker
from skmask.datasets import load_brain_slices
from skmask.metrics import dice_score, dice_scorer

matplotlib.use("Agg")
import matplotlib.pyplot as plt

APPLY = """
import sys, joblib, numpy as np
model, images, masks = sys.argv[1:]
np.save(masks, joblib.load(model).transform(np.load(images)))
"""


def tune(images, masks, *, quick):
    """Search thresholds, given and learned, together with the morphology that follows them."""
    iterations = [0, 1] if quick else [0, 1, 2]
    morphology = {"dilate__iterations": iterations, "erode__iterations": iterations}
    given = {
        "threshold": [ThresholdMasker()],
        "threshold__threshold": range(105, 256, 30 if quick else 10),
    }
    learned = {
        "threshold": [HistogramThresholdMasker()],
        "threshold__method": ["otsu", "li", "triangle", "dice"],
    }
    pipeline = Pipeline(
        [("threshold", ThresholdMasker()), ("dilate", BinaryDilator()), ("erode", BinaryEroder())]
    )
    grid = [{**given, **morphology}, {**learned, **morphology}]
    return GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3 if quick else 5).fit(
        images, masks
    )


def apply_in_fresh_process(model, images):
    """Apply a saved model to images as somebody else would later: a new process, only files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "images.npy", Path(folder) / "masks.npy"]
        np.save(files[0], images)
        subprocess.run([sys.executable, "-c", APPLY, model, *files], check=True)
        return np.load(files[1])


def draw(images, truth, predictions, path):
    """Draw each unseen slice with the masks: what is hit, missed and marked without need."""
    rows, columns = np.flatnonzero(images.any(axis=(0, 2))), np.flatnonzero(images.any(axis=(0, 1)))
    crop = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    colors = {"white matter found": "#2fb5c7", "missed": "#ffd43b", "falsely marked": "#e8436a"}
    figure, axes = plt.subplots(
        1 + len(predictions),
        len(images),
        figsize=(12, 7.6),
        facecolor="black",
        layout="constrained",
    )
    for axis, image in zip(axes[0], images, strict=True):
        axis.imshow(image[crop], cmap="gray", vmin=0, vmax=255)
    axes[0, 0].set_ylabel("unseen slice", color="white", fontsize=12)
    for row, (name, masks) in zip(axes[1:], predictions.items(), strict=True):
        row[0].set_ylabel(name, color="white", fontsize=12)
        for axis, image, true, mask in zip(row, images, truth, masks, strict=True):
            overlay = np.repeat(image[..., np.newaxis] / 255 * 0.75, 3, axis=-1)
            parts = (mask & true, true & ~mask, mask & ~true)
            for part, color in zip(parts, colors.values(), strict=True):
                overlay[part] = 0.35 * overlay[part] + 0.65 * np.array(
                    matplotlib.colors.to_rgb(color)
                )
            axis.imshow(overlay[crop])
            score = dice_score(true[np.newaxis], mask[np.newaxis])
            axis.set_title(f"Dice {score:.2f}", color="white", fontsize=11)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    handles = [matplotlib.patches.Patch(color=color, label=name) for name, color in colors.items()]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, frameon=False, labelcolor="white"
    )
    figure.savefig(path, dpi=110)


def main(output, *, quick):
    output.mkdir(parents=True, exist_ok=True)
    data = load_brain_slices(target="white_matter")
    first, later = train_test_split(np.arange(len(data.images)), test_size=6, random_state=0)
    train, train_masks = data.images[first], data.masks[first]
    unseen, unseen_masks = data.images[np.sort(later)], data.masks[np.sort(later)]
    print(f"{len(train)} training slices, {len(unseen)} unseen slices of {train[0].shape} pixels")

    search = tune(train, train_masks, quick=quick)
    winner = ", ".join(f"{name}={value}" for name, value in search.best_params_.items())
    print(f"{len(search.cv_results_['params'])} candidates, the best: {winner}")
    print(f"cross-validated Dice on training slices: {search.best_score_:.3f}")

    model = output / "white_matter_mask.joblib"
    joblib.dump(search.best_estimator_, model)
    tuned = apply_in_fresh_process(model, unseen)
    per_slice = HistogramThresholdMasker("otsu", strategy="per_image")
    pooled = HistogramThresholdMasker("otsu")
    supervised = HistogramThresholdMasker("dice")
    predictions = {
        "Otsu, each slice its own": per_slice.fit(train).transform(unseen),
        "Otsu, pooled training slices": pooled.fit(train).transform(unseen),
        "best Dice in training, one pass": supervised.fit(train, train_masks).transform(unseen),
        "tuned, from the saved file": tuned,
    }

    print(f"\nDice on {len(unseen)} unseen slices   mean   worst  all pixels")
    for name, masks in predictions.items():
        scores = dice_score(unseen_masks, masks, average=None)
        micro = dice_score(unseen_masks, masks, average="micro")
        print(f"{name:32} {scores.mean():.3f}   {scores.min():.3f}   {micro:.3f}")

    picture = output / "white_matter_mask.png"
    shown = {
        "Otsu, each slice": predictions["Otsu, each slice its own"],
        "learned and tuned": tuned,
    }
    draw(unseen, unseen_masks, shown, picture)
    print(f"\nwrote {model}\nwrote {picture}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Learn, tune, save and apply a mask of white matter."
    )
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="search a coarser grid")
    arguments = parser.parse_args()
    main(arguments.output, quick=arguments.quick)
