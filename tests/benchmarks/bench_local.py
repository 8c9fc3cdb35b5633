"""Local thresholds against scikit-image, image by image as there, and OpenCV in one thread."""

import sys

import cv2
import numpy as np
from skimage.filters import threshold_local, threshold_niblack, threshold_sauvola
from timing import print_table, race

from skmask._kernels.local.thresholds import local_mask
from skmask.datasets import make_masked_images


def rows(quick):
    cv2.setNumThreads(1)
    size = 256 if quick else 1024
    # Small images, where calls are short, for the method that takes least.
    for side, windows, methods in ((size, (15, 101), None), (512, (15, 51), ("mean",))):
        images = make_masked_images(1, (side, side), n_objects=40, random_state=0).images
        for window in windows:
            for dtype in (np.uint8, np.float64):
                for method, rivals in _rivals(images.astype(dtype)[0], window).items():
                    if methods is not None and method not in methods:
                        continue
                    if method == "median" and (window > 15 or dtype is not np.uint8):
                        continue
                    yield _race(method, window, images.astype(dtype), rivals, quick)


def _race(method, window, stack, rivals, quick):
    def ours():
        return local_mask(stack, method=method, window=(window, window), value_range=(0, 255))[0]

    agreement = np.mean(ours() == rivals["scikit-image"]())
    side, dtype = stack.shape[1], stack.dtype
    return race(
        f"{method} {window} {side}x{side} {dtype}",
        ours,
        rivals,
        quick=quick,
        extra=f"{agreement:.2%} of pixels as scikit-image",
    )


def _rivals(image, window):
    def opencv(method):
        return lambda: cv2.adaptiveThreshold(image, 1, method, cv2.THRESH_BINARY, window, 0)

    def local(method):
        return lambda: image > threshold_local(image, window, method)

    rivals = {name: {"scikit-image": local(name)} for name in ("mean", "gaussian", "median")}
    rivals["niblack"] = {"scikit-image": lambda: image > threshold_niblack(image, window)}
    rivals["sauvola"] = {"scikit-image": lambda: image > threshold_sauvola(image, window, r=127.5)}
    if image.dtype == np.uint8:
        rivals["mean"]["OpenCV"] = opencv(cv2.ADAPTIVE_THRESH_MEAN_C)
        rivals["gaussian"]["OpenCV"] = opencv(cv2.ADAPTIVE_THRESH_GAUSSIAN_C)
    return rivals


if __name__ == "__main__":
    print_table("local thresholds", rows("--quick" in sys.argv))
