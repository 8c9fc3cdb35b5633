"""Sizes that no other table has: odd, prime, one pixel wide, volumes, 16 bits.

The other tables use sizes that are friendly to words and vectors. Ratios here should be like those there.
OpenCV runs in one thread. To learn from floats, skmask counts each value, and scikit-image 256 bins.
"""

import sys

import bench_regions
import cv2
import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from timing import print_table, race

from skmask import (
    BinaryDilator,
    HistogramThresholdMasker,
    HoleFiller,
    LocalThresholdMasker,
    SmallRegionRemover,
    ThresholdMasker,
)
from skmask._kernels.morphology.footprints import build_footprint

SHAPES = [(1, 509, 613), (7, 127, 131), (1, 4099, 1), (1, 1, 4099), (1, 3001, 7), (1, 61, 67, 71)]
DTYPES = (np.uint8, np.uint16, np.float32)


def rows(quick):
    cv2.setNumThreads(1)
    for shape in SHAPES[: 4 if quick else None]:
        size = "x".join(map(str, shape))
        masks = bench_regions.make_masks(shape, 0.01)
        for name, (ours, peers) in _on_masks(masks).items():
            yield race(f"{name} {size}", ours, peers, quick=quick)
        fields = bench_regions.make_fields(shape)
        fields = (fields - fields.min()) / np.ptp(fields)
        for dtype in DTYPES:
            scale = 1 if dtype is np.float32 else np.iinfo(dtype).max
            images = (fields * scale).astype(dtype)
            for name, (ours, peers) in _on_images(images).items():
                yield race(f"{name} {size} {np.dtype(dtype).name}", ours, peers, quick=quick)


def _on_masks(masks):
    """Return the call of skmask and those of its peers, by the name of the row."""
    n_axes = masks.ndim - 1
    tasks = {}
    for name, radius in (("square", 1), ("disk", 4)):
        footprint = build_footprint(name, n_axes, radius=radius)
        dilator = BinaryDilator(name, radius=radius)
        peers = {"SciPy": lambda f=footprint: ndimage.binary_dilation(masks, f[np.newaxis])}
        if n_axes == 2:
            kernel = footprint.astype(np.uint8)
            peers["OpenCV"] = lambda k=kernel: [
                cv2.dilate(mask.view(np.uint8), k) for mask in masks
            ]
        tasks[f"dilate {name} {radius}"] = (lambda d=dilator: d.transform(masks), peers)
    each, plane = bench_regions.each, bench_regions.PLANE
    small, filler = SmallRegionRemover(bench_regions.MIN_SIZE), HoleFiller(connectivity=n_axes)
    peers = {"SciPy": lambda: each(bench_regions.scipy_remove_small)(masks)}
    if n_axes == 2:
        peers["OpenCV"] = lambda: plane["remove small"][1]["OpenCV"](masks)
    tasks["remove small"] = (lambda: small.transform(masks), peers)
    peers = {"SciPy": lambda: each(ndimage.binary_fill_holes)(masks)}
    tasks["fill holes"] = (lambda: filler.transform(masks), peers)
    return tasks


def _on_images(images):
    middle = images.max() / 2
    tasks = {
        "threshold": (
            lambda: ThresholdMasker(middle).transform(images),
            {"NumPy": lambda: images > middle},
        )
    }
    learner = HistogramThresholdMasker()
    tasks["learn"] = (
        lambda: learner.fit(images),
        {"scikit-image": lambda: threshold_otsu(images)},
    )
    if images.ndim == 3 and min(images.shape) > 31 or images.shape[0] == 1 < min(images.shape[1:]):
        local = LocalThresholdMasker("mean", window=15)
        window = (1, *(15,) * (images.ndim - 1))
        tasks["local mean"] = (
            lambda: local.transform(images),
            {"SciPy": lambda: images > ndimage.uniform_filter(images.astype(float), window)},
        )
    return tasks


if __name__ == "__main__":
    print_table("sizes", rows("--quick" in sys.argv))
