"""The best threshold from labeled masks, with the tools of a user: searches against one pass."""

import sys
from functools import partial
from time import perf_counter

import numpy as np
from sklearn.model_selection import GridSearchCV, cross_val_score
from timing import Row, print_table, race

from skmask import HistogramRangeMasker, HistogramThresholdMasker, ThresholdMasker
from skmask.datasets import make_masked_images
from skmask.metrics import dice_scorer, threshold_curve

TIMED_THRESHOLDS = 2
FOLDS = 5


def rows(quick):
    n_images, size = (10, 128) if quick else (100, 512)
    data = make_masked_images(n_images, (size, size), random_state=0)
    masks = data.masks
    for name, images in (
        ("uint8", data.images),
        ("float32", (data.images / np.float32(255)).astype(np.float32)),
    ):
        thresholds = np.linspace(images.min(), images.max(), 256)
        rivals = {"GridSearchCV": _seconds_of_search(images, masks, thresholds)}
        ways = {
            f"best Dice in {FOLDS} folds": partial(_cross_validate, images, masks),
            "best Dice, one fit": partial(HistogramThresholdMasker("dice").fit, images, masks),
            "best range, one fit": partial(HistogramRangeMasker("dice").fit, images, masks),
            "threshold_curve": partial(threshold_curve, images, masks, thresholds=thresholds),
        }
        for way, call in ways.items():
            row = race(f"{way}, {n_images}x{size}x{size} {name}", call, {}, quick=True)
            extra = f"256 thresholds, extrapolated from {TIMED_THRESHOLDS}"
            yield Row(row.name, row.seconds, rivals, extra)


def _cross_validate(images, masks):
    masker = HistogramThresholdMasker("dice", strategy="balanced")
    return cross_val_score(masker, images, masks, scoring=dice_scorer, cv=FOLDS)


def _seconds_of_search(images, masks, thresholds):
    """Time a search over some thresholds; give the time of all."""
    few = thresholds[:: thresholds.size // TIMED_THRESHOLDS]
    search = GridSearchCV(
        ThresholdMasker(), {"threshold": few}, scoring=dice_scorer, cv=FOLDS, refit=False
    )
    start = perf_counter()
    search.fit(images, masks)
    return (perf_counter() - start) * thresholds.size / few.size


if __name__ == "__main__":
    print_table("supervised choice", rows("--quick" in sys.argv))
