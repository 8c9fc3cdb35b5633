"""Image steps against SciPy, scikit-image and OpenCV in one thread, image by image as there."""

import sys

import cv2
import numpy as np
from scipy import ndimage
from skimage import color, data, morphology
from timing import print_table, race

from skmask import (
    BackgroundSubtractor,
    ColorConverter,
    GaussianSmoother,
    ImageNormalizer,
    MedianSmoother,
)


def rows(quick):
    cv2.setNumThreads(1)
    size = 256 if quick else 1024
    photograph = np.tile(data.coins(), (4, 3))[:size, :size]
    colors = np.stack([photograph, photograph // 2, 255 - photograph], axis=-1)
    for image in (photograph, photograph.astype(np.float32)):
        for name, (step, rivals) in _cases(image).items():
            yield _race(f"{name} {size}x{size} {image.dtype}", step, image, rivals, quick)
        # Small windows on small images, where calls are short.
        small = np.tile(data.coins(), (2, 2))[:512, :512].astype(image.dtype)
        for radius in (1, 2):
            step, rivals = _median(small, radius)
            name = f"median, radius {radius} 512x512 {image.dtype}"
            yield _race(name, step, small, rivals, quick)
    for side in (64, size):
        words = photograph[:side, :side].astype(np.uint16) * 257
        for radius in (1, 2):
            step, rivals = _median(words, radius)
            yield _race(f"median, radius {radius} {side}x{side} uint16", step, words, rivals, quick)
    # On an image of this size a call takes as long as the work.
    for dtype in (np.uint8, np.float32):
        tiny = photograph[:64, :64].astype(dtype)
        for name, (step, rivals) in _cases(tiny).items():
            if "25" not in name:
                yield _race(f"{name} 64x64 {tiny.dtype}", step, tiny, rivals, quick)
    for to, rival in (("gray", color.rgb2gray), ("lab", color.rgb2lab)):
        step = ColorConverter(to, channel_axis=-1)
        rivals = {"scikit-image": lambda rival=rival: rival(colors)}
        yield _race(f"{to} {size}x{size} uint8", step, colors, rivals, quick)
    relative = ImageNormalizer("multi_otsu").fit(photograph[np.newaxis])
    yield _race(
        f"relative to multi-level Otsu {size}x{size} uint8", relative, photograph, {}, quick
    )


def _race(case, step, image, rivals, quick):
    return race(case, lambda: step.transform(image[np.newaxis]), rivals, quick=quick)


def _cases(image):
    cases = {
        "Gaussian, sigma 2": (
            GaussianSmoother(2),
            {
                "SciPy": lambda: ndimage.gaussian_filter(image, 2, output=np.float32),
                "OpenCV": lambda: cv2.GaussianBlur(image, (0, 0), 2),
            },
        ),
        "opening by a disk of radius 2": _opening(image, 2),
        "opening by a disk of radius 5": _opening(image, 5),
        "opening by a disk of radius 25": _opening(image, 25),
        "median, radius 1": _median(image, 1),
        "median, radius 2": _median(image, 2),
    }
    # SciPy takes seconds for windows of this size, and OpenCV has medians of bytes only beyond radius 2.
    is_bytes = image.dtype == np.uint8
    rivals = {"OpenCV": lambda: cv2.medianBlur(image, 51)} if is_bytes else {}
    cases["median, radius 25"] = MedianSmoother(25), rivals
    return cases


def _opening(image, radius):
    disk = morphology.disk(radius)
    # OpenCV has results of the dtype of the image, and skmask of four bytes a pixel.
    rivals = {"OpenCV": lambda: cv2.morphologyEx(image, cv2.MORPH_TOPHAT, disk)}
    return BackgroundSubtractor(radius), rivals


def _median(image, radius):
    size = 2 * radius + 1
    rivals = {
        "SciPy": lambda: ndimage.median_filter(image, size),
        "OpenCV": lambda: cv2.medianBlur(image, size),
    }
    return MedianSmoother(radius), rivals


if __name__ == "__main__":
    print_table("image steps", rows("--quick" in sys.argv))
