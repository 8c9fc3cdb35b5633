"""Counting of floats in tables of values or over all pixels, against sorting."""

import numpy as np
import pytest

from skmask import use_engine
from skmask._kernels.compiled.histograms import floats
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.histogram import BIN_LIMIT

RNG = np.random.default_rng(0)
N = 150_000
NORMAL = RNG.normal(size=N)
SMALL = RNG.integers(0, 256, N)

IMAGES = {
    "between 0 and 1": RNG.random(N),
    "both signs": NORMAL,
    "few values": (SMALL - 128) / 255,
    "thousands of values": RNG.integers(0, 4096, N) / 4095,
    "more values than places": RNG.integers(0, 20_000, N) ** 2 / 7,
    "one value": np.full(N, 3.7),
    "zeros of both signs": np.where(NORMAL > 0, -0.0, 0.0),
    "narrow": 1 + 1e-9 * NORMAL,
    "a thousand decades": np.exp(300 * RNG.uniform(-1, 1, N)),
    "no numbers": np.full(N, np.nan),
    "some no numbers": np.where(NORMAL > 1, np.nan, NORMAL),
    "infinities": np.where(NORMAL > 1, -np.inf, np.where(NORMAL < -1, np.inf, NORMAL)),
    "denormal": NORMAL * 1e-310,
    "as many values as bins": np.arange(N) % BIN_LIMIT / 3,
    "one value more": np.arange(N) % (BIN_LIMIT + 1) / 3,
    "mostly zero": np.where(NORMAL > 0, 0, NORMAL),
    "outliers": np.where(RNG.random(N) < 1e-4, 1e30 * NORMAL, 5 + NORMAL),
}


def sorted_counts(pixels):
    """Count by the definition: keys that sort as numbers, shifted until there are few enough of them."""
    codes = (pixels[np.isfinite(pixels)].astype(np.float64) + 0.0).view(np.int64)
    keys = np.sort(np.where(codes < 0, codes ^ np.int64(2**63 - 1), codes))
    shift = 0
    while np.count_nonzero(np.diff(keys >> shift)) >= BIN_LIMIT:
        shift += 1
    return shift, *np.unique(keys >> shift, return_counts=True)


@pytest.mark.parametrize("has_sample", [False, True])
@pytest.mark.parametrize("size", [5000, 90_000, N])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", IMAGES)
def test_floats_are_counted_as_if_sorted(name, dtype, size, has_sample, monkeypatch):
    if not has_sample:
        monkeypatch.setattr(floats, "_SAMPLE", 1)
    with np.errstate(over="ignore"):
        pixels = IMAGES[name][:size].astype(dtype)
    with use_engine("numba"):
        histogram = count(pixels[np.newaxis])
    shift, keys, counts = sorted_counts(pixels)
    assert histogram.shift == shift
    np.testing.assert_array_equal(histogram.keys, keys)
    np.testing.assert_array_equal(histogram.counts, counts)
    assert histogram.n_nan == np.isnan(pixels).sum()
    assert histogram.n_neg_inf == np.isneginf(pixels).sum()
    assert histogram.n_pos_inf == np.isposinf(pixels).sum()
