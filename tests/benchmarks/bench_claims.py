"""The operations of the chart in docs/benchmarks.rst against SciPy, scikit-image and OpenCV.

``compare.py --csv docs/benchmarks.csv claims`` writes what the chart and the table of that page show.
"""

import sys
from functools import partial

import bench_morphology
import bench_regions
import cv2
import numpy as np
from scipy import ndimage
from skimage import morphology as skimage_morphology
from timing import peak_bytes, print_table, race

from skmask import HistogramThresholdMasker
from skmask._kernels.morphology.footprints import build_footprint
from skmask.datasets import make_masked_images
from skmask.morphology import closing, dilate

MORPHOLOGY = [
    ("dilate", dilate, (64, 512, 512), "disk", 5),
    ("dilate", dilate, (1, 1024, 1024), "disk", 10),
    ("dilate", dilate, (1, 512, 512), "square", 1),
    ("close", closing, (64, 512, 512), "disk", 5),
    ("dilate", dilate, (1, 128, 128, 128), "disk", 3),
]
REGIONS = {
    "fill holes": "fill holes",
    "remove small": "remove small regions",
    "keep largest": "keep the largest region",
    "clear border": "clear the border",
    "convex hull": "convex hull",
}


def rows(quick):
    for word, operate, shape, name, radius in MORPHOLOGY:
        yield _morphology_row(word, operate, shape, name, radius, quick)
    masks = bench_regions.make_masks((1, 2048, 2048), 0.01)
    for task, words in REGIONS.items():
        ours, peers = bench_regions.PLANE[task]
        calls = {"skmask": partial(ours, masks)}
        for peer, call in peers.items():
            peer = peer.removesuffix(" label")
            if peer in ("SciPy", "scikit-image", "OpenCV"):
                calls[peer] = partial(call, masks)
        yield _row(f"{words}, 1 image 2048x2048", calls, masks, quick)
    images = make_masked_images(10, (256, 256), noise=20, random_state=0).images
    calls = {
        "skmask": lambda: HistogramThresholdMasker().fit(images),
        "OpenCV": lambda: cv2.threshold(images.reshape(10, -1), 0, 1, cv2.THRESH_OTSU),
    }
    yield _row("learn Otsu's threshold, 10 images 256x256", calls, images, quick)


def _morphology_row(word, operate, shape, name, radius, quick):
    footprint = build_footprint(name, len(shape) - 1, radius=radius)
    masks = bench_morphology.make_blobs(shape, 2 * radius)
    axes = tuple(range(1, len(shape)))
    kind = {"dilate": cv2.MORPH_DILATE, "close": cv2.MORPH_CLOSE}[word]
    scipy = {"dilate": ndimage.binary_dilation, "close": ndimage.binary_closing}[word]
    skimage = {"dilate": skimage_morphology.dilation, "close": skimage_morphology.closing}[word]
    kernel = footprint.astype(np.uint8)
    calls = {
        "skmask": lambda: operate(masks, name, radius=radius, axes=axes),
        "SciPy": lambda: scipy(masks, footprint[np.newaxis]),
        "scikit-image": lambda: [skimage(mask, footprint) for mask in masks],
    }
    if len(shape) == 3:
        images = masks.view(np.uint8)
        calls["OpenCV"] = lambda: [cv2.morphologyEx(mask, kind, kernel) for mask in images]
    what = "1 volume of" if len(shape) == 4 else f"{shape[0]} image" + "s" * (shape[0] > 1)
    size = "x".join(map(str, shape[1:]))
    round_name = "ball" if len(shape) == 4 else "disk"
    words = "3x3 square" if name == "square" else f"{round_name} of radius {radius}"
    return _row(f"{word} {what} {size}, {words}", calls, masks, quick)


def _row(name, calls, data, quick):
    ours = calls.pop("skmask")
    peak = peak_bytes(ours) / data.nbytes
    return race(name, ours, calls, quick=quick, extra=f"peak {peak:.1f} of X")


if __name__ == "__main__":
    print_table("claims", rows("--quick" in sys.argv))
