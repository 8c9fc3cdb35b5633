"""A grid search on shared images against the same search on arrays, and where both spend their time.

Scores are the same, or the benchmark stops. Shares are those of samples of the stack, every two milliseconds.
"""

import sys
import threading
import time
from collections import Counter

import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from timing import Row, print_table

from skmask import (
    BinaryOpener,
    HistogramThresholdMasker,
    HoleFiller,
    SharedImages,
    SmallRegionRemover,
)
from skmask.datasets import make_masked_images

# The part of the work by the innermost file of the stack that tells it.
PARTS = {
    "_kernels/histograms": "counting",
    "_kernels/thresholds": "thresholds",
    "_kernels/pixels": "comparing",
    "_kernels/morphology": "morphology",
    "_kernels/regions": "regions",
    "_kernels/scores": "scores",
    "sklearn/utils/_indexing": "copies of folds",
}
METHODS = ["otsu", "li", "triangle", "yen", "isodata", "dice"]
GRIDS = {
    20: {
        "histogramthresholdmasker__method": METHODS[:5],
        "smallregionremover__min_size": [10, 30, 100, 300],
    },
    72: {
        "histogramthresholdmasker__method": METHODS,
        "binaryopener__radius": [1, 2, 3],
        "smallregionremover__min_size": [10, 30, 100, 300],
    },
}


def rows(quick):
    images, masks = make_images(12 if quick else 150)
    for share in (np.asarray, SharedImages):  # the first run compiles
        search(share(images[:3]), share(masks[:3]), GRIDS[72])
    for n_candidates, grid in GRIDS.items():
        found, seconds, extra = {}, {}, []
        for who, share in (("arrays", np.asarray), ("shared", SharedImages)):
            with Sampler() as sampler:
                start = time.perf_counter()
                found[who] = search(share(images), share(masks), grid)
                seconds[who] = time.perf_counter() - start
            extra.append(f"{who}: {sampler.shares()}")
        if not np.array_equal(found["arrays"], found["shared"]):
            raise SystemExit("scores of shared images differ")
        name = f"{n_candidates} candidates, 3 folds, {'x'.join(map(str, images.shape))}"
        yield Row(name, seconds["shared"], {"arrays": seconds["arrays"]}, "; ".join(extra))


def search(X, y, grid):
    pipeline = make_pipeline(
        HistogramThresholdMasker(), BinaryOpener("disk"), HoleFiller(), SmallRegionRemover()
    )
    return GridSearchCV(pipeline, grid, cv=3).fit(X, y).cv_results_["mean_test_score"]


def make_images(n_images):
    """Make 16-bit images of bright objects: ten that differ, with other noise each time."""
    data = make_masked_images(10, (520, 696), n_objects=60, noise=25, random_state=0)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 13, (n_images, 520, 696), dtype=np.uint16)
    chosen = np.arange(n_images) % 10
    return data.images[chosen] * np.uint16(13) + noise, data.masks[chosen]


class Sampler:
    """Looks every two milliseconds where the main thread is."""

    def __init__(self):
        self._counts = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=[threading.get_ident()])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        self._thread.join()

    def shares(self):
        """Return the shares of the parts as text, the largest first."""
        total = self._counts.total()
        return ", ".join(f"{part} {n / total:.0%}" for part, n in self._counts.most_common())

    def _watch(self, thread):
        while not self._stop.wait(0.002):
            self._counts[part_of(sys._current_frames()[thread])] += 1


def part_of(frame):
    """Return the part of the work that a stack is in."""
    while frame is not None:
        for path, part in PARTS.items():
            if path in frame.f_code.co_filename:
                return part
        frame = frame.f_back
    return "the rest"


if __name__ == "__main__":
    print_table("search", rows("--quick" in sys.argv))
