"""
The best of all thresholds, without a search
============================================

A search over 256 thresholds in 5 folds makes and scores masks 1280 times. One count of the pixels will do.

How many pixels of the foreground and of the background are above a threshold follows for all thresholds
from one histogram of each. So a masker finds the best threshold in its fit, once in each fold, and the
curve of the scores over all thresholds, with their spread over the images, costs no more than sorting the
pixels. Here are the three ways to the same threshold, on slices of a brain whose white matter is labelled.
"""

import argparse
from pathlib import Path
from time import perf_counter

import matplotlib
import numpy as np
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score

from skmask import HistogramThresholdMasker, ThresholdMasker
from skmask.datasets import load_brain_slices
from skmask.metrics import dice_scorer, threshold_curve

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def timed(call):
    """Give the seconds that a call takes, and its result."""
    start = perf_counter()
    result = call()
    return perf_counter() - start, result


def draw(curve, path):
    """Draw the mean score, how far the images lie apart, and the best threshold of each."""
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    low, high = np.quantile(curve.scores, [0.1, 0.9], axis=0)
    axes.fill_between(
        curve.thresholds, low, high, color="#2fb5c7", alpha=0.25, label="80 % of slices"
    )
    axes.plot(curve.thresholds, curve.mean, color="#17687a", label="mean of the slices")
    axes.axvline(curve.best_threshold, color="#e8436a", linewidth=1, label="best threshold of all")
    axes.plot(
        curve.image_thresholds,
        curve.scores.max(axis=1),
        "o",
        color="#e8436a",
        markersize=4,
        label="best threshold of one slice",
    )
    axes.set(xlabel="threshold", ylabel="Dice score", xlim=(100, 255), ylim=(0, 1))
    axes.legend(loc="lower left", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def main(output, *, quick):
    output.mkdir(parents=True, exist_ok=True)
    data = load_brain_slices(n_slices=6 if quick else 20)
    X, y = data.images, data.masks
    thresholds = np.arange(180, 212) if quick else np.arange(256)
    cv = KFold(3 if quick else 5)

    grid = {"threshold": thresholds}
    search = GridSearchCV(ThresholdMasker(), grid, scoring=dice_scorer, cv=cv)
    by_search, _ = timed(lambda: search.fit(X, y))

    masker = HistogramThresholdMasker("dice", strategy="balanced")
    scoring, unseen = timed(lambda: cross_val_score(masker, X, y, scoring=dice_scorer, cv=cv))
    fitting, _ = timed(lambda: masker.fit(X, y))
    by_masker = scoring + fitting

    by_curve, curve = timed(lambda: threshold_curve(X, y, thresholds=thresholds))

    print(f"{len(X)} slices, {len(thresholds)} thresholds, {cv.get_n_splits()} folds\n")
    print("                                 time   threshold   Dice")
    rows = [
        (
            "GridSearchCV(ThresholdMasker())",
            by_search,
            search.best_params_["threshold"],
            search.best_score_,
        ),
        ("HistogramThresholdMasker('dice')", by_masker, masker.threshold_, unseen.mean()),
        ("threshold_curve", by_curve, curve.best_threshold, curve.best_score),
    ]
    for name, seconds, threshold, score in rows:
        print(f"{name:32} 1/{by_search / seconds:<6.0f} {threshold:5.0f}     {score:.4f}")
    same = np.allclose(curve.mean, search.cv_results_["mean_test_score"])
    print(f"\nthe curve and the search give the same scores: {same}")
    low, high = masker.threshold_interval_
    agree = low <= search.best_params_["threshold"] < high and low <= curve.best_threshold < high
    print(f"all three choose the same threshold: {agree}")
    print(
        "the masker's Dice is that of slices its fits have not seen; the others' is of those they chose on"
    )

    picture = output / "threshold_curve.png"
    draw(threshold_curve(X, y), picture)
    print(f"\nwrote {picture}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Find the best of all thresholds in three ways.")
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="search fewer thresholds")
    arguments = parser.parse_args()
    main(arguments.output, quick=arguments.quick)
