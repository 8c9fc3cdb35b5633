"""Local thresholds against scikit-image and OpenCV: ``python tests/benchmarks/bench_local.py``."""

import sys
from collections.abc import Iterator
from time import perf_counter

import cv2
import numpy as np
from skimage.filters import threshold_local, threshold_niblack, threshold_sauvola

from skmask._kernels.local import local_mask
from skmask.datasets import make_masked_images

Row = tuple[str, float, dict[str, float], str]


def rows(quick: bool) -> Iterator[Row]:
    """Yield name, seconds of skmask, seconds of each peer, and how far the masks agree."""
    size, repeats = (256, 3) if quick else (1024, 7)
    images = make_masked_images(1, (size, size), n_objects=40, random_state=0).images
    for length in (15, 101):
        for kind in ("uint8", "float64"):
            stack = images.astype(kind)
            for method, peers in _peers(stack[0], length).items():
                if method == "median" and (length > 15 or kind != "uint8"):
                    continue
                yield _row(f"{method} {length} {kind}", stack, method, length, peers, repeats)


def _peers(image, length):
    def opencv(method):
        return lambda: cv2.adaptiveThreshold(image, 1, method, cv2.THRESH_BINARY, length, 0)

    peers = {
        method: {
            "scikit-image": lambda method=method: image > threshold_local(image, length, method)
        }
        for method in ("mean", "gaussian", "median")
    }
    peers["niblack"] = {"scikit-image": lambda: image > threshold_niblack(image, length)}
    peers["sauvola"] = {"scikit-image": lambda: image > threshold_sauvola(image, length, r=127.5)}
    if image.dtype == np.uint8:
        peers["mean"]["OpenCV"] = opencv(cv2.ADAPTIVE_THRESH_MEAN_C)
        peers["gaussian"]["OpenCV"] = opencv(cv2.ADAPTIVE_THRESH_GAUSSIAN_C)
    return peers


def _row(name, stack, method, length, peers, repeats):
    def ours():
        return local_mask(stack, method=method, window=length, value_range=(0, 255))[0]

    expected = peers["scikit-image"]()
    agreement = np.mean(ours() == expected)
    seconds = {peer: _best(call, repeats) for peer, call in peers.items()}
    return name, _best(ours, repeats), seconds, f"{agreement:.2%} of pixels as scikit-image"


def _best(call, repeats):
    call()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    for name, seconds, peers, extra in rows("--quick" in sys.argv):
        ratios = "  ".join(f"{peer} {time / seconds:5.1f} x" for peer, time in peers.items())
        print(f"{name:24} {seconds * 1e3:8.2f} ms  {ratios:40} {extra}")
