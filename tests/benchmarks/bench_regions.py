"""Cleaning by connected regions against scikit-image, SciPy, OpenCV, cc3d and fill-voids.

Run as ``python tests/benchmarks/bench_regions.py [--quick]``; cc3d is connected-components-3d. What works on
single images is called in a loop. Every peer must give the masks that skmask gives, or the benchmark stops.
"""

import sys
import time

import cc3d
import cv2
import fill_voids
import numpy as np
from scipy import ndimage
from skimage import morphology, segmentation

from skmask._kernels.hulls import convex_hull
from skmask._kernels.regions import clear_border, fill_holes, keep_largest, remove_small

MIN_SIZE = 30


def rows(quick):
    """Yield name, seconds of skmask, seconds of each peer, and what the masks are made of."""
    repeats = 3 if quick else 5
    for shape, n_quick in (((1000, 28, 28), 200), ((64, 512, 512), 8), ((1, 2048, 2048), 1)):
        shape = (n_quick, *shape[1:]) if quick else shape
        yield from _rows_of(shape, 0.01, PLANE, repeats)
    yield from _rows_of((1, 64, 64, 64) if quick else (1, 128, 128, 128), 0.01, SOLID, repeats)
    yield from _rows_of((2 if quick else 16, 512, 512), 0.5, PLANE, repeats)


def _rows_of(shape, flipped, tasks, repeats):
    masks = make_masks(shape, flipped)
    content = (
        "every pixel at random" if flipped == 0.5 else f"blobs, {flipped:.0%} of pixels flipped"
    )
    for task, (ours, peers) in tasks.items():
        expected = ours(masks)
        seconds = {}
        for peer, call in peers.items():
            if not np.array_equal(call(masks), expected):
                raise SystemExit(f"{task} of {peer} differs from skmask")
            seconds[peer] = _best(call, masks, repeats)
        name = f"{task} {'x'.join(map(str, shape))}" + (" noise" if flipped == 0.5 else "")
        yield name, _best(ours, masks, repeats), seconds, content


def make_masks(shape, flipped):
    """Make smooth blobs with a share of pixels flipped, as a threshold makes them of noisy images."""
    rng = np.random.default_rng(0)
    sigma = min(6, shape[-1] / 8)
    fields = [ndimage.gaussian_filter(rng.normal(size=shape[1:]), sigma) for _ in range(shape[0])]
    return (np.stack(fields) > 0) ^ (rng.random(shape) < flipped)


def each(function):
    """Make a function of one mask a function of a stack."""
    return lambda masks: np.stack([function(mask) for mask in masks])


def chosen(labels, keep):
    """Look up which labels to keep; label 0 is background."""
    keep[0] = False
    return keep[labels]


def scipy_remove_small(mask):
    labels, _ = ndimage.label(mask)
    return chosen(labels, np.bincount(labels.ravel()) >= MIN_SIZE)


def scipy_keep_largest(mask):
    labels, count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return chosen(labels, np.arange(count + 1) == sizes.argmax())


def opencv_fill_holes(mask):
    count, labels = cv2.connectedComponents((~mask).view(np.uint8), connectivity=4)
    is_open = np.zeros(count, dtype=bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_open[edge] = True
    return ~chosen(labels, is_open)


def opencv_remove_small(mask):
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    return chosen(labels, stats[:, cv2.CC_STAT_AREA] >= MIN_SIZE)


def opencv_keep_largest(mask):
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
    stats[0] = 0
    return chosen(labels, np.arange(count) == stats[:, cv2.CC_STAT_AREA].argmax())


def cc3d_remove_small(mask):
    return cc3d.dust(mask, MIN_SIZE, connectivity=2 * mask.ndim)


def cc3d_keep_largest(mask):
    return cc3d.largest_k(mask, 1, connectivity=2 * mask.ndim) > 0


def skimage_clear_border(mask):
    return segmentation.clear_border(ndimage.label(mask)[0]) > 0


def ours_fill_holes(masks):
    return fill_holes(masks, connectivity=masks.ndim - 1)


SOLID = {
    "fill holes": (
        ours_fill_holes,
        {"SciPy": each(ndimage.binary_fill_holes), "fill-voids": each(fill_voids.fill)},
    ),
    "remove small": (
        lambda masks: remove_small(masks, MIN_SIZE),
        {
            "scikit-image": each(
                lambda mask: morphology.remove_small_objects(mask, max_size=MIN_SIZE - 1)
            ),
            "SciPy label": each(scipy_remove_small),
            "cc3d": each(cc3d_remove_small),
        },
    ),
    "keep largest": (
        keep_largest,
        {"SciPy label": each(scipy_keep_largest), "cc3d": each(cc3d_keep_largest)},
    ),
    "clear border": (clear_border, {"scikit-image": each(skimage_clear_border)}),
}
PLANE = {task: (ours, dict(peers)) for task, (ours, peers) in SOLID.items()}
PLANE["fill holes"][1]["OpenCV"] = each(opencv_fill_holes)
PLANE["remove small"][1]["OpenCV"] = each(opencv_remove_small)
PLANE["keep largest"][1]["OpenCV"] = each(opencv_keep_largest)
PLANE["convex hull"] = (
    convex_hull,
    {
        "scikit-image": each(
            lambda mask: morphology.convex_hull_image(mask, offset_coordinates=False)
        )
    },
)


def _best(function, masks, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(masks)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    for name, ours, peers, content in rows(quick="--quick" in sys.argv):
        others = ", ".join(f"{peer} {1e3 * seconds:.1f}" for peer, seconds in peers.items())
        print(f"{name}: skmask {1e3 * ours:.1f} ms; {others} ({content})")
