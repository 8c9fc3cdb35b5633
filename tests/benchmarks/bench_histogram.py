"""Counting pixels, and choosing thresholds from labeled masks, against loops over both."""

import sys
from functools import partial
from time import perf_counter

import cv2
import numpy as np
from skimage.filters import threshold_otsu
from timing import Row, print_table, race

from skmask._kernels.histograms.counting import count
from skmask._kernels.thresholds.criteria import dice
from skmask._kernels.thresholds.supervised import (
    best_threshold,
    count_classes,
    pooled_scores,
    sum_scores,
)
from skmask.datasets import make_masked_images

TIMED_THRESHOLDS = 4


def rows(quick):
    n_images, size = (10, 256) if quick else (100, 512)
    images, masks = _labeled_images(n_images, size)
    for name, stack in _stacks(images).items():
        label = f"{n_images}x{size}x{size} {name}"
        yield race(f"count {label}", partial(count, stack), _counters(stack), quick=quick)
        one = stack[:1]
        label = f"1x{size}x{size} {name}"
        yield race(f"count {label}", partial(count, one), _counters(one), quick=quick)
    for name in ("uint8", "float32, continuous"):
        stack = _stacks(images)[name]
        loop = _seconds_of_loop(stack, masks)
        for kind, choose in (("pooled", _best_pooled), ("mean over images", _best_mean)):
            row = race(
                f"best Dice, {kind}, {n_images}x{size}x{size} {name}",
                partial(choose, stack, masks),
                {},
                quick=quick,
                extra=f"256 thresholds, extrapolated from {TIMED_THRESHOLDS}",
            )
            yield Row(row.name, row.seconds, {"loop over thresholds": loop}, row.extra)


def _labeled_images(n_images, size):
    data = make_masked_images(n_images, (size, size), random_state=0)
    return data.images, np.asarray(data.masks)


def _stacks(images):
    noise = np.random.default_rng(0).normal(0, 0.01, images.shape)
    return {
        "uint8": images.astype(np.uint8),
        "uint16": images.astype(np.uint16) * 100,
        "float32, 256 values": images.astype(np.float32) / 255,
        "float32, continuous": (images / 255 + noise).astype(np.float32),
    }


def _counters(stack):
    rivals = {
        "np.histogram": partial(np.histogram, stack, 1024),
        "skimage.filters.threshold_otsu": lambda: [threshold_otsu(image) for image in stack],
    }
    if stack.dtype.kind == "u":
        n_values = 2 ** (8 * stack.itemsize)
        tall = [stack.reshape(-1, stack.shape[-1])]
        rivals["np.bincount"] = lambda: np.bincount(stack.ravel(), minlength=n_values)
        rivals["cv2.calcHist"] = partial(cv2.calcHist, tall, [0], None, [n_values], [0, n_values])
    return rivals


def _best_pooled(images, masks):
    return best_threshold(pooled_scores(count_classes(images, masks), dice))


def _best_mean(images, masks):
    return best_threshold(sum_scores(images, masks, dice).mean())


def _seconds_of_loop(images, masks):
    """Time the Dice scores of some thresholds, one by one; give the time of 256."""
    axes = tuple(range(1, images.ndim))
    thresholds = np.linspace(images.min(), images.max(), TIMED_THRESHOLDS)
    start = perf_counter()
    for threshold in thresholds:
        found = images > threshold
        hits = np.count_nonzero(found & masks, axis=axes)
        sizes = np.count_nonzero(found, axis=axes) + np.count_nonzero(masks, axis=axes)
        np.mean(2 * hits / np.maximum(sizes, 1))
    return (perf_counter() - start) * 256 / TIMED_THRESHOLDS


if __name__ == "__main__":
    print_table("histograms", rows("--quick" in sys.argv))
