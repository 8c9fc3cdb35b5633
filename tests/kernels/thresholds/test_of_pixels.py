from dataclasses import replace

import numpy as np
import pytest

from skmask import use_engine
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import levels
from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.of_pixels import threshold_of

RNG = np.random.default_rng(0)
TWO_PEAKS = np.concatenate([RNG.normal(60, 9, 500), RNG.normal(170, 20, 300)])[np.newaxis]

IMAGES = {
    "one value": np.full((1, 3, 3), 7, np.uint8),
    "two values": np.array([[[-3, 8, 8]]], np.int8),
    "two peaks": TWO_PEAKS.astype(np.uint8),
    "two peaks of integers": TWO_PEAKS.astype(np.int64) - 100,
    "two peaks of floats": TWO_PEAKS,
    "gaps": np.array([[[0, 10, 20, 30]]], np.uint8),
    "tied cuts": np.array([[[0, 10, 20]]], np.uint8),
    "few of 16 bits": np.array([[[0, 1, 65_535]]], np.uint16),
    "negative": RNG.integers(-30_000, 30_000, (2, 50, 50)).astype(np.int16),
    "beyond 16 bits": np.array([[[0, 1, 70_000]]]),
    "large and exact as floats": np.array([[[2**53, 2**53 + 8, 2**53 + 20]]]),
    "large": np.array([[[2**60, 2**60 + 7, 2**60 + 9]]]),
    "unsigned": np.array([[[2**63, 2**63 + 7, 2**63 + 9]]], np.uint64),
    "booleans": RNG.random((2, 5, 5)) < 0.3,
    "floats": RNG.normal(size=(2, 300, 300)),
}


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("method", ["otsu", "li", "triangle"])
@pytest.mark.parametrize("n_bins", ["auto", 16])
@pytest.mark.parametrize("balance", ["pixel", "image"])
def test_threshold_is_that_of_the_levels(name, method, n_bins, balance):
    pixels = count(IMAGES[name], balance=balance)
    found = threshold_of(pixels, method, n_bins)
    expected = levels(pixels, n_bins)
    choice = choose(method, expected.counts, expected.centers, integer=expected.is_integer)
    for attribute in ("is_integer", "origin", "scale"):
        assert getattr(found.levels, attribute) == getattr(expected, attribute)
    for attribute in ("counts", "edges", "centers"):
        ours, theirs = getattr(found.levels, attribute), getattr(expected, attribute)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    threshold = expected.value_at(choice.threshold)
    assert (found.threshold, type(found.threshold)) == (threshold, type(threshold))
    interval = pixels.interval(threshold)
    assert (found.interval, [*map(type, found.interval)]) == (interval, [*map(type, interval)])
    if choice.criterion is None:
        assert found.criterion is None
    else:
        np.testing.assert_array_equal(found.criterion, choice.criterion)


def test_counts_that_are_not_exact_as_floats_are_added_up_as_floats():
    numbers = np.random.default_rng(11).integers(2**52, 2**55, 100)
    assert numbers.astype(float).sum() != float(numbers.sum())
    pixels = replace(count(np.arange(100).reshape(1, 10, 10)), counts=numbers)
    with use_engine("numpy"):
        expected = threshold_of(pixels, "otsu")
    found = threshold_of(pixels, "otsu")
    assert found.threshold == expected.threshold
    np.testing.assert_array_equal(found.criterion, expected.criterion)
