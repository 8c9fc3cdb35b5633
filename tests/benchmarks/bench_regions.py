"""Cleaning by connected regions against scikit-image, SciPy, OpenCV, cc3d and fill-voids.

cc3d is connected-components-3d. Functions of single images are called in a loop, OpenCV in one thread. Every
peer must give the masks that skmask gives, or the benchmark stops.
"""

import sys
from itertools import product

import cc3d
import cv2
import fill_voids
import numpy as np
from scipy import ndimage
from skimage import measure, morphology, segmentation
from timing import peak_bytes, print_table, race

from skmask import (
    BorderClearer,
    ConvexHuller,
    HoleFiller,
    LargestRegionKeeper,
    RegionStatistics,
    SmallRegionRemover,
    ThresholdMasker,
)

MIN_SIZE = 30


def rows(quick):
    cv2.setNumThreads(1)
    for shape, n_quick in (((1000, 28, 28), 200), ((64, 512, 512), 8), ((1, 2048, 2048), 1)):
        shape = (n_quick, *shape[1:]) if quick else shape
        yield from _rows_of(shape, 0.01, PLANE, quick)
    yield from _rows_of((1, 64, 64, 64) if quick else (1, 128, 128, 128), 0.01, SOLID, quick)
    yield from _rows_of((2 if quick else 16, 512, 512), 0.5, PLANE, quick)
    small = {task: PLANE[task] for task in ("fill holes", "remove small", "keep largest")}
    for shape, flipped in product(((1, 28, 28), (1, 64, 64)), (0.01, 0.5)):
        yield from _rows_of(shape, flipped, small, quick)
    crops = make_crops(200 if quick else 1000)
    yield from _rows_of_masks(f"{len(crops)} crops", crops, small, quick)
    for shape in ((1000, 28, 28), (8 if quick else 64, 512, 512)):
        yield _statistics_row(shape, quick)


def _rows_of(shape, flipped, tasks, quick):
    name = "x".join(map(str, shape)) + (" noise" if flipped == 0.5 else "")
    yield from _rows_of_masks(name, make_masks(shape, flipped), tasks, quick)


def _rows_of_masks(name, masks, tasks, quick):
    size = sum(mask.nbytes for mask in masks)
    for task, (ours, peers) in tasks.items():
        expected = ours(masks)
        for peer, call in peers.items():
            if not all(map(np.array_equal, call(masks), expected)):
                raise SystemExit(f"{task} of {peer} differs from skmask")
        yield race(
            f"{task} {name}",
            lambda ours=ours: ours(masks),
            {peer: lambda call=call: call(masks) for peer, call in peers.items()},
            quick=quick,
            extra=f"peak {peak_bytes(lambda ours=ours: ours(masks)) / size:.1f} of X",
        )


def _statistics_row(shape, quick):
    """Race default statistics of blobs, which are the same for each peer."""
    fields = make_fields(shape).astype(np.float32)
    statistics = RegionStatistics(ThresholdMasker(0)).fit(fields)

    def numpy_loop():
        values = [field[field > 0] for field in fields]
        return [[len(v), v.mean(dtype=float), v.std(dtype=float), v.min(), v.max()] for v in values]

    def scikit_image():
        names = ["num_pixels", *(f"intensity_{name}" for name in ("mean", "std", "min", "max"))]
        tables = [
            measure.regionprops_table((field > 0).astype(np.uint8), field, properties=names)
            for field in fields
        ]
        return [[table[name][0] for name in names] for table in tables]

    for peer in (numpy_loop, scikit_image):
        if not np.allclose(peer(), statistics.transform(fields), rtol=1e-4):
            raise SystemExit(f"statistics of {peer.__name__} differ from skmask")
    return race(
        f"statistics {'x'.join(map(str, shape))}",
        lambda: statistics.transform(fields),
        {"NumPy": numpy_loop, "scikit-image": scikit_image},
        quick=quick,
    )


def make_masks(shape, flipped):
    """Make smooth blobs with a share of pixels flipped, as a threshold makes them of noisy images."""
    return (make_fields(shape) > 0) ^ (np.random.default_rng(1).random(shape) < flipped)


def make_crops(n_masks):
    """Make a list of masks that differ in size, of 40 to 100 pixels a side."""
    masks = make_masks((n_masks, 100, 100), 0.01)
    sides = np.random.default_rng(2).integers(40, 101, (n_masks, 2))
    return [
        mask[:height, :width].copy() for mask, (height, width) in zip(masks, sides, strict=True)
    ]


def make_fields(shape):
    """Make images of smooth noise."""
    rng = np.random.default_rng(0)
    sigma = min(6, shape[-1] / 8)
    return np.stack(
        [ndimage.gaussian_filter(rng.normal(size=shape[1:]), sigma) for _ in range(shape[0])]
    )


def each(function):
    """Make a function of one mask a function of a list, or of a stack."""

    def of_all(masks):
        if len(masks) == 1:
            return function(masks[0])[np.newaxis]
        results = [function(mask) for mask in masks]
        return np.stack(results) if isinstance(masks, np.ndarray) else results

    return of_all


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


def skimage_remove_small(mask):
    return morphology.remove_small_objects(mask, max_size=MIN_SIZE - 1)


def skimage_convex_hull(mask):
    return morphology.convex_hull_image(mask, offset_coordinates=False)


SOLID = {
    "fill holes": (
        HoleFiller(connectivity=3).transform,
        {"SciPy": each(ndimage.binary_fill_holes), "fill-voids": each(fill_voids.fill)},
    ),
    "remove small": (
        SmallRegionRemover(MIN_SIZE).transform,
        {
            "scikit-image": each(skimage_remove_small),
            "SciPy label": each(scipy_remove_small),
            "cc3d": each(cc3d_remove_small),
        },
    ),
    "keep largest": (
        LargestRegionKeeper().transform,
        {"SciPy label": each(scipy_keep_largest), "cc3d": each(cc3d_keep_largest)},
    ),
    "clear border": (BorderClearer().transform, {"scikit-image": each(skimage_clear_border)}),
}
PLANE = {task: (ours, dict(peers)) for task, (ours, peers) in SOLID.items()}
PLANE["fill holes"] = (
    HoleFiller(connectivity=2).transform,
    {**SOLID["fill holes"][1], "OpenCV": each(opencv_fill_holes)},
)
PLANE["remove small"][1]["OpenCV"] = each(opencv_remove_small)
PLANE["keep largest"][1]["OpenCV"] = each(opencv_keep_largest)
PLANE["convex hull"] = (ConvexHuller().transform, {"scikit-image": each(skimage_convex_hull)})


if __name__ == "__main__":
    print_table("regions", rows("--quick" in sys.argv))
