"""Bins of histograms and the choice of Otsu's method, on both engines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask import use_engine
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import levels
from skmask._kernels.thresholds.choose import choose

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=(3, 200, 300))

IMAGES = {
    "bytes": (40 * NORMAL + 128).clip(0, 255).astype(np.uint8),
    "signed": (1000 * NORMAL).astype(np.int16),
    "wide integers": (1e6 * NORMAL).astype(np.int64),
    "large integers": (1000 * (NORMAL + 9)).astype(np.uint64) + np.uint64(2**63),
    "floats": NORMAL,
    "few floats": NORMAL[:, :9],
    "floats on a grid": np.round(20 * NORMAL) / 255,
    "floats with outliers": np.where(NORMAL > 3, 1e9 * NORMAL, NORMAL),
    "large floats": NORMAL * 3e307,
    "negative floats next to zero": -np.abs(NORMAL) * 5e-324 * 2**40,
    "mostly zero": np.where(NORMAL > 2, NORMAL, 0),
}
OPTIONS = [{}, {"n_bins": 100}, {"value_range": "minmax"}, {"value_range": (-0.5, 100)}]


def on_both_engines(function):
    results = []
    for engine in ("numpy", "numba"):
        with use_engine(engine):
            results.append(function())
    return results


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("weights", [None, np.array([0.3, 1.7, 2.2])], ids=["whole", "weighted"])
@pytest.mark.parametrize("name", IMAGES)
def test_levels_are_the_same_bit_for_bit(name, weights, options):
    histogram = count(IMAGES[name], weights=weights)
    ours, twins = on_both_engines(lambda: levels(histogram, **options))
    assert ours.counts.tobytes() == twins.counts.tobytes()
    assert ours.edges.tobytes() == twins.edges.tobytes()
    assert (ours.origin, ours.scale) == (twins.origin, twins.scale)


@settings(deadline=None, max_examples=100)
@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 3)), st.booleans())
def test_choice_of_otsu_is_the_same_bit_for_bit(counts, integer):
    counts[counts.size // 2] = 1
    centers = np.arange(counts.size) - 7.0
    ours, twins = on_both_engines(lambda: choose("otsu", counts, centers, integer=integer))
    assert ours[:2] == twins[:2]
    if counts.nonzero()[0].size > 1:
        assert ours.criterion.tobytes() == twins.criterion.tobytes()


def test_choice_of_otsu_is_the_same_for_more_pixels_than_floats_hold():
    counts, centers = np.array([2**52 + 3, 2**54 + 4, 2**53 + 3]), np.arange(3.0)
    ours, twins = on_both_engines(lambda: choose("otsu", counts, centers))
    assert ours[:2] == twins[:2]
    assert ours.criterion.tobytes() == twins.criterion.tobytes()
