"""Every threshold method on 256, 4,096 and 65,536 bins, and several thresholds at once.

Some functions of scikit-image take a histogram: they run on the same one. Those that take an image
run on 512x512 pixels, which skmask then counts as well.
"""

import sys
from functools import partial

import numpy as np
import SimpleITK
from skimage import filters
from timing import print_table, race

from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import levels
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS, choose
from skmask._kernels.thresholds.multilevel import best_range, multi_otsu

SIMPLEITK = {
    "huang": "Huang",
    "intermodes": "Intermodes",
    "isodata": "IsoData",
    "kapur": "MaximumEntropy",
    "li": "Li",
    "minerror": "KittlerIllingworth",
    "moments": "Moments",
    "otsu": "Otsu",
    "renyi": "RenyiEntropy",
    "shanbhag": "Shanbhag",
    "triangle": "Triangle",
    "yen": "Yen",
}
SCIKIT_IMAGE_TAKES_HISTOGRAMS = ["isodata", "minimum", "otsu", "yen"]
SCIKIT_IMAGE_TAKES_IMAGES = ["li", "triangle"]
# Beyond so many bins a peer takes 10 to 80 seconds, or gives up.
MOST_BINS = {
    ("SimpleITK", "huang"): 4096,
    ("SimpleITK", "intermodes"): 256,
    ("SimpleITK", "isodata"): 4096,
    ("SimpleITK", "kapur"): 4096,
    ("SimpleITK", "renyi"): 4096,
    ("SimpleITK", "shanbhag"): 4096,
    ("scikit-image", "minimum"): 256,
}


def two_classes(n_bins):
    """Draw a 512x512 image of two Gaussian classes between the gray values 0 and n_bins - 1."""
    rng = np.random.default_rng(0)
    dark, bright = rng.normal(0.2, 0.05, 160_000), rng.normal(0.6, 0.1, 2**18 - 160_000)
    pixels = np.concatenate([[0, 1], dark[1:], bright[1:]]).clip(0, 1).reshape(512, 512)
    return (pixels * (n_bins - 1)).astype(np.uint8 if n_bins == 256 else np.uint16)


def count_and_choose(method, image):
    found = levels(count(image[np.newaxis]))
    return choose(method, found.counts, found.centers, integer=True)


def simpleitk_threshold(name, image, n_bins):
    threshold_filter = getattr(SimpleITK, f"{name}ThresholdImageFilter")()
    threshold_filter.SetNumberOfHistogramBins(n_bins)
    threshold_filter.Execute(image)
    return threshold_filter.GetThreshold()


def affordable(rivals, method, n_bins):
    """Leave out the rivals that this many bins are too much for."""
    return {
        who: call for who, call in rivals.items() if n_bins <= MOST_BINS.get((who, method), n_bins)
    }


def rows(quick):
    """Return a row for each method and number of bins, then the rows for several thresholds."""
    for n_bins in (256, 4096) if quick else (256, 4096, 65_536):
        image = two_classes(n_bins)
        centers = np.arange(n_bins)
        counts = np.bincount(image.ravel())
        for method in sorted(THRESHOLD_METHODS):
            rivals = {}
            if method in SCIKIT_IMAGE_TAKES_HISTOGRAMS:
                call = getattr(filters, f"threshold_{method}")
                rivals["scikit-image"] = partial(call, hist=(counts, centers))
            ours = partial(choose, method, counts, centers)
            yield race(
                f"{method}, histogram of {n_bins}",
                ours,
                affordable(rivals, method, n_bins),
                quick=quick,
            )
        itk_image = SimpleITK.GetImageFromArray(image)
        for method, name in SIMPLEITK.items():
            rivals = {"SimpleITK": partial(simpleitk_threshold, name, itk_image, n_bins)}
            if method in SCIKIT_IMAGE_TAKES_IMAGES:
                rivals["scikit-image"] = partial(getattr(filters, f"threshold_{method}"), image)
            rivals = affordable(rivals, method, n_bins)
            if rivals:
                ours = partial(count_and_choose, method, image)
                yield race(f"{method}, image of {n_bins} values", ours, rivals, quick=quick)
    yield from _several_thresholds(quick)


def _several_thresholds(quick):
    for n_bins, n_classes in [(256, 3), (256, 4), (256, 5), (4096, 3), (65_536, 5)]:
        counts, centers = np.bincount(two_classes(n_bins).ravel()), np.arange(n_bins)
        rivals = {}
        # Scikit-image tries all combinations: 5 classes of 65,536 bins would take ages.
        if n_bins < 65_536:
            rivals["scikit-image"] = partial(
                filters.threshold_multiotsu, classes=n_classes, hist=(counts, centers)
            )
        ours = partial(multi_otsu, counts, centers, n_classes)
        yield race(f"multi_otsu, {n_classes} classes, {n_bins} bins", ours, rivals, quick=quick)
    background = np.bincount(two_classes(65_536).ravel())
    foreground = background[::-1].copy()
    yield race(
        "best_range dice, 65536 bins",
        partial(best_range, "dice", foreground, background),
        {},
        quick=quick,
    )


if __name__ == "__main__":
    print_table("thresholds", rows("--quick" in sys.argv))
