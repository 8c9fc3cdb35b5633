"""Local thresholds against scikit-image, image by image as there, and OpenCV in one thread."""

import sys

import cv2
import numpy as np
from skimage.filters import threshold_local, threshold_niblack, threshold_sauvola
from timing import print_table, race

from skmask import LocalThresholdMasker
from skmask.datasets import make_masked_images


def rows(quick):
    cv2.setNumThreads(1)
    size = 256 if quick else 1024
    # Small images, where calls are short: all methods, and the one that takes least.
    cases = (size, (15, 101), None), (512, (15, 51), ("mean",)), (64, (5, 15), None)
    for side, windows, methods in cases:
        images = make_masked_images(1, (side, side), n_objects=40, random_state=0).images
        for window in windows:
            for dtype in (np.uint8, np.float64):
                for method, rivals in _rivals(images.astype(dtype)[0], window).items():
                    if methods is not None and method not in methods:
                        continue
                    # Medians of large windows of many levels take long.
                    most = 15 if dtype is np.uint8 else 5
                    if method == "median" and window > most:
                        continue
                    yield _race(method, window, images.astype(dtype), rivals, quick)


def _race(method, window, stack, rivals, quick):
    value_range = (0, 255) if method == "sauvola" else None
    masker = LocalThresholdMasker(method, window=window, value_range=value_range)

    def ours():
        return masker.transform(stack)[0]

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
        # Beyond an edge it repeats the last pixels, and skmask mirrors them.
        rivals["median"]["OpenCV"] = lambda: image > cv2.medianBlur(image, window)
    else:
        rivals["mean"]["OpenCV"] = lambda: image > _mean(image, window)
    rivals["niblack"]["OpenCV"] = lambda: image > _niblack(image, window)
    return rivals


def _mean(image, window):
    return cv2.blur(image, (window, window), borderType=cv2.BORDER_REFLECT)


def _niblack(image, window):
    size, border = (window, window), cv2.BORDER_REFLECT_101
    mean = cv2.boxFilter(image, cv2.CV_64F, size, borderType=border)
    squares = cv2.sqrBoxFilter(image, cv2.CV_64F, size, borderType=border)
    return mean - 0.2 * np.sqrt(np.maximum(squares - mean * mean, 0))


if __name__ == "__main__":
    print_table("local thresholds", rows("--quick" in sys.argv))
