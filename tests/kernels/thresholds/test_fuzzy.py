import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask._kernels.thresholds import fuzzy as fuzzy_thresholds
from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.fuzzy import huang, shanbhag

histograms = arrays(np.float64, st.integers(2, 30), elements=st.integers(0, 9)).filter(
    lambda counts: counts[0] > 0 and counts[-1] > 0
)


def fuzziness(counts, k):
    """Evaluate Huang's criterion by its definition."""
    x = np.arange(counts.size)
    total = 0.0
    for side in (x <= k, x > k):
        mean = np.average(x[side], weights=counts[side])
        u = 1 / (1 + np.abs(x[side] - mean) / (counts.size - 1))
        certain = u == 1
        v = np.where(certain, 0.5, 1 - u)
        entropy = -u * np.log(u) - np.where(certain, 0, v * np.log(v))
        total += np.sum(counts[side] * entropy)
    return total / counts.sum()


def imbalance(counts, k):
    """Evaluate Shanbhag's criterion by its definition."""
    p = counts / counts.sum()
    information = []
    for side in (p[: k + 1], p[:k:-1]):
        beyond = np.cumsum(side) - side
        w = side.sum()
        information.append(-np.sum(side * np.log(1 - beyond / (2 * w))) / (2 * w))
    return abs(information[0] - information[1])


@settings(deadline=None, max_examples=60)
@given(histograms)
def test_shanbhag_scores_equal_the_formula(counts):
    expected = [-imbalance(counts, k) for k in range(counts.size - 1)]
    np.testing.assert_allclose(shanbhag(counts, np.arange(counts.size)), expected, atol=1e-13)


def test_shanbhag_scores_stay_right_beside_rare_pixels():
    counts = np.array([1.0, 0, 2, 1, 1e12, 3e12, 1e3, 5, 1])
    expected = [-imbalance(counts, k) for k in range(counts.size - 1)]
    np.testing.assert_allclose(shanbhag(counts, np.arange(9.0)), expected, atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(histograms)
def test_huang_scores_equal_the_formula(counts):
    expected = np.array([-fuzziness(counts, k) for k in range(counts.size - 1)])
    scores = huang(counts, np.arange(counts.size) * 1.0)
    np.testing.assert_allclose(scores, expected, atol=fuzzy_thresholds.EXPONENTIALS_ERROR * 2)
    best = np.flatnonzero((counts[:-1] > 0) & (expected >= expected.max() - 1e-13))
    np.testing.assert_allclose(scores[best], expected[best], rtol=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_huang_finds_the_best_of_thousands_of_bins(seed):
    rng = np.random.default_rng(seed)
    pixels = np.concatenate([rng.normal(700, 150, 9000), rng.normal(1500, 120, 4000)])
    counts = np.bincount(pixels.clip(0, 2047).astype(int), minlength=2048) * 1.0
    counts[[0, -1]] += 1
    expected = [fuzziness(counts, k) for k in range(2047)]
    low, high = choose("huang", counts, range(2048)).interval
    assert low <= np.argmin(expected) < high


def test_logarithm_series_is_right_to_rounding():
    z = np.linspace(0, 0.5, 10_001)
    powers = z[:, None] ** np.arange(1, 20)
    np.testing.assert_allclose(
        powers @ fuzzy_thresholds._logarithm_series(), -np.log1p(-z), rtol=0, atol=2e-15
    )


def test_exponentials_keep_their_error_bound():
    c, a = fuzzy_thresholds._exponentials()
    rng = np.random.default_rng(0)
    d = np.concatenate([[0, 1], rng.random(20_000), 10 ** rng.uniform(-12, 0, 20_000)])
    error = np.exp(-np.outer(d, a)) @ c - fuzzy_thresholds._entropy(d)
    assert np.abs(error).max() < fuzzy_thresholds.EXPONENTIALS_ERROR
