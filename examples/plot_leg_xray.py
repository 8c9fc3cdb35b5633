"""
Masks of a leg X-ray
====================

The masking tutorial on a radiograph: leg, bone and tissue, grown, shrunk, closed and opened.

What takes a line of NumPy each takes an estimator each here: thresholds are read off the histogram, tissue
is what is leg and not bone, ``MaskApplier`` is ``np.where``, and dilation and erosion in turn close holes
(grow, then shrink) or open them (shrink, then grow). The marker letter is bright too and so becomes "leg":
a threshold knows nothing of shapes.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import ListedColormap
from sklearn.pipeline import make_pipeline

from skmask import BinaryDilator, BinaryEroder, MaskApplier, ThresholdMasker
from skmask.datasets import load_leg_xray

matplotlib.use("Agg")
import matplotlib.pyplot as plt

LEG, BONE = 32, 150
STEPS = 4
ZOOM = (slice(880, 1330), slice(270, 480))
ADDED, REMOVED = "#2fb5c7", "#e8436a"


def make_images(images):
    """Make masks of the radiograph, the radiograph where they are, and the bone's mask reshaped."""
    leg, bone = ThresholdMasker(LEG), ThresholdMasker(BONE)
    tissue = leg - bone
    dilator, eroder = BinaryDilator(iterations=STEPS), BinaryEroder(iterations=STEPS)
    maskers = {
        f"leg: x > {LEG}": leg,
        f"bone, roughly: x > {BONE}": bone,
        "tissue: leg - bone": tissue,
        "where tissue, else 0": MaskApplier(tissue),
        "where bone, else 0": MaskApplier(bone),
    }
    reshaped = {
        "bone, enlarged": bone,
        "dilated": make_pipeline(bone, dilator),
        "eroded": make_pipeline(bone, eroder),
        "closed": make_pipeline(bone, dilator, eroder),
        "opened": make_pipeline(bone, eroder, dilator),
    }
    return tuple(
        {name: estimator.fit_transform(images)[0] for name, estimator in group.items()}
        for group in (maskers, reshaped)
    )


def draw(image, made, reshaped, path):
    """Draw the radiograph and what was made of it, its histogram, and the bone's mask enlarged."""
    figure = plt.figure(figsize=(12, 8.4), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[5, 3.2])

    for axis, (title, panel) in zip(
        top.subplots(1, 6), {"radiograph": image, **made}.items(), strict=True
    ):
        axis.imshow(panel, cmap="gray", vmin=0, vmax=1 if panel.dtype == bool else 255)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
        if title.startswith("bone"):
            rows, columns = ZOOM
            corner = (columns.start, rows.start)
            size = (columns.stop - columns.start, rows.stop - rows.start)
            axis.add_patch(plt.Rectangle(corner, *size, fill=False, color=ADDED, linewidth=1.5))

    histogram, *zooms = bottom.subplots(1, 6, width_ratios=[1.9, 1, 1, 1, 1, 1])
    histogram.stairs(np.bincount(image.ravel(), minlength=256), fill=True, color="0.55")
    for threshold, name in ((LEG, "leg"), (BONE, "bone")):
        histogram.axvline(threshold, color=REMOVED)
        place = {"transform": histogram.get_xaxis_transform(), "va": "top"}
        histogram.text(threshold + 4, 0.97, f"{name} > {threshold}", color=REMOVED, **place)
    histogram.set(xlim=(0, 255), yticks=[])
    histogram.set_title("number of pixels by intensity", fontsize=10)
    histogram.spines[["left", "top", "right"]].set_visible(False)

    colors = ListedColormap(["black", "white", REMOVED, ADDED])
    before = reshaped["bone, enlarged"][ZOOM]
    for axis, (title, mask) in zip(zooms, reshaped.items(), strict=True):
        after = mask[ZOOM]
        kinds = np.select([before & after, before, after], [1, 2, 3])
        axis.imshow(kinds, cmap=colors, vmin=0, vmax=3, interpolation="nearest")
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    note = f"{STEPS} steps of dilation or erosion each; blue pixels were added, red ones taken away"
    bottom.supxlabel(note, fontsize=9, x=0.99, ha="right")
    figure.savefig(path, dpi=110)


def main(output):
    output.mkdir(parents=True, exist_ok=True)
    images = load_leg_xray().images
    made, reshaped = make_images(images)

    print(f"a radiograph of {images.shape[1]} x {images.shape[2]} pixels; share of the masks:")
    for name, mask in {**made, **reshaped}.items():
        if mask.dtype == bool and "enlarged" not in name:
            print(f"{name:24} {mask.mean():6.1%}")

    path = output / "leg_xray.png"
    draw(images[0], made, reshaped, path)
    print(f"\nwrote {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Retell the masking tutorial on a radiograph.")
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="the same: this example is quick")
    main(parser.parse_args().output)
