"""Five steps as one: learned threshold, opening, hole filling, largest region, applied to the images.

Against the same made of FunctionTransformers around scikit-image and SciPy, and of OpenCV in a plain loop.
All must give the same images, or the benchmark stops. OpenCV uses as many threads as it likes. *Kernels
alone* are the same steps on arrays, without the Pipeline, the reader and the checks.
"""

import sys

import cv2
import numpy as np
from scipy import ndimage
from skimage import filters, measure, morphology
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from timing import peak_bytes, print_table, race

from skmask import (
    BinaryOpener,
    HistogramThresholdMasker,
    HoleFiller,
    LargestRegionKeeper,
    MaskApplier,
)
from skmask.datasets import make_masked_images

RADIUS = 2
FOOTPRINT = morphology.disk(RADIUS)


def rows(quick):
    cv2.setNumThreads(-1)  # as many as it likes, whatever other tables allow
    sizes = ((100, 64), (8, 512), (1, 512)) if quick else ((1000, 64), (64, 512), (1, 512))
    for n_images, size in sizes:
        yield from _rows_of(make_images(n_images, size), quick)


def _rows_of(X, quick):
    name = "x".join(map(str, X.shape))
    masker = make_pipeline(
        HistogramThresholdMasker(),
        BinaryOpener("disk", radius=RADIUS),
        HoleFiller(connectivity=2),
        LargestRegionKeeper(),
    )
    applier = MaskApplier(masker).fit(X)
    threshold = filters.threshold_otsu(X)
    peers = {
        "scikit-image": scikit_image_pipeline(threshold).transform,
        "OpenCV": lambda X: opencv_loop(X, threshold),
        "kernels alone": kernels_alone(applier),
    }
    for peer, call in peers.items():
        if not np.array_equal(call(X), applier.transform(X)):
            raise SystemExit(f"images of {peer} differ from skmask")
    yield race(
        f"learn the threshold of {name}",
        lambda: HistogramThresholdMasker().fit(X),
        {
            "scikit-image": lambda: filters.threshold_otsu(X),
            "OpenCV": lambda: cv2.threshold(X.reshape(len(X), -1), 0, 1, cv2.THRESH_OTSU),
        },
        quick=quick,
    )
    yield race(
        f"five steps {name}",
        lambda: applier.transform(X),
        {peer: lambda call=call: call(X) for peer, call in peers.items()},
        quick=quick,
        extra=f"peak {peak_bytes(lambda: applier.transform(X)) / X.nbytes:.1f} of X",
    )


def kernels_alone(applier):
    def apply_masks(X):
        masks = X
        for step in steps:
            masks = step._transform(masks)
        return applier._transform(X, masks)

    steps = [step for _, step in applier.masker_.steps]
    return apply_masks


def scikit_image_pipeline(threshold):
    def apply_masks(X):
        masks = cleaner.transform(X)
        return np.where(masks, X, 0)

    cleaner = make_pipeline(
        FunctionTransformer(lambda X: threshold < X),
        FunctionTransformer(each(lambda mask: morphology.opening(mask, FOOTPRINT))),
        FunctionTransformer(each(ndimage.binary_fill_holes)),
        FunctionTransformer(each(keep_largest)),
    )
    return FunctionTransformer(apply_masks)


def each(function):
    return lambda masks: np.stack([function(mask) for mask in masks])


def keep_largest(mask):
    labels = measure.label(mask, connectivity=1)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return labels == sizes.argmax()


def opencv_loop(X, threshold):
    results = np.empty_like(X)
    for image, result in zip(X, results, strict=True):
        _, mask = cv2.threshold(image, int(threshold), 255, cv2.THRESH_BINARY)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, FOOTPRINT)
        mask = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        cv2.floodFill(mask, None, (0, 0), 128)
        filled = cv2.compare(mask[1:-1, 1:-1], 128, cv2.CMP_NE)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(filled, connectivity=4)
        largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        cv2.bitwise_and(image, cv2.compare(labels, largest, cv2.CMP_EQ), dst=result)
    return results


def make_images(n_images, size):
    """Make images of bright objects: eight that differ, shifted around to make many."""
    n_objects = 30 if size > 100 else 4
    images = make_masked_images(8, (size, size), n_objects=n_objects, random_state=0).images
    shifts = np.random.default_rng(0).integers(0, size, (n_images, 2))
    return np.stack([np.roll(images[i % 8], shift, axis=(0, 1)) for i, shift in enumerate(shifts)])


if __name__ == "__main__":
    print_table("pipeline", rows("--quick" in sys.argv))
