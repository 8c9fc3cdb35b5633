"""Transform images that end, or begin, at a page of memory that nobody may read.

A compiled function that reads beyond its array ends the process. It runs by itself: ``python -m
tests.kernels.compiled.guarded``.
"""

import ctypes
import mmap
import warnings

import numpy as np

from skmask import BackgroundSubtractor, LocalThresholdMasker, MedianSmoother, use_engine
from skmask._kernels.compiled.regions.flood import plan_tile
from skmask._kernels.compiled.regions.sizes import plan_stack
from tests.estimators import public_estimators
from tests.test_common import images_for

SHAPES = [(1, 1, 67), (1, 5, 64), (2, 9, 11), (1, 33, 65), (1, 64, 130), (1, 3, 9, 17)]
DTYPES = [bool, np.uint8, np.uint16, np.float32, np.float64]
MORE = [
    BackgroundSubtractor(2),
    BackgroundSubtractor(7),
    LocalThresholdMasker("median", window=3),
    LocalThresholdMasker("niblack", window=5),
    MedianSmoother(2),
]


def guarded(values, at_end):
    """Copy values to pages of their own, between two that cannot be read."""
    page = mmap.PAGESIZE
    size = -(-values.nbytes // page) * page
    memory = np.frombuffer(mmap.mmap(-1, size + 2 * page), np.uint8)
    for start in (0, page + size):
        address = ctypes.c_void_p(memory.ctypes.data + start)
        assert ctypes.CDLL(None).mprotect(address, page, 0) == 0
    first = page + size - values.nbytes if at_end else page
    copy = memory[first : first + values.nbytes].view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy


def main():
    warnings.simplefilter("ignore")
    n_calls = 0
    for estimator in [*public_estimators(), *MORE]:
        for shape in SHAPES:
            for dtype in DTYPES:
                X = images_for(estimator, dtype, shape)
                try:
                    expected = estimator.fit(X).transform(X)
                except ValueError:  # such as windows that are larger than the image
                    continue
                for at_end in (True, False):
                    result = estimator.transform(guarded(X, at_end))
                    np.testing.assert_array_equal(result, expected)
                    n_calls += 1
    n_calls += clean_in_place()
    print(n_calls)


def clean_in_place():
    """Clean masks where they are, as estimators do with copies of small ones, and count the calls."""
    n_calls = 0
    for shape in ((1, 8, 8), (1, 5, 64), (2, 9, 11), (3, 28, 28), (1, 64, 64)):
        masks = np.random.default_rng(0).random(shape) < 0.5
        for clean in (plan_tile(shape[1:], 1, True, True), plan_stack(shape[1:], 1, 3, 0)):
            expected = masks.copy()
            clean(expected.ravel())
            for at_end in (True, False):
                own = guarded(masks, at_end)
                clean(own.ravel())
                np.testing.assert_array_equal(own, expected)
                n_calls += 1
    return n_calls


if __name__ == "__main__":
    with use_engine("numba"):
        main()
