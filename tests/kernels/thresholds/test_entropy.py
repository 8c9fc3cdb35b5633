import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.entropy import kapur, yen

histograms = arrays(np.float64, st.integers(2, 30), elements=st.integers(0, 9)).filter(
    lambda counts: counts[0] > 0 and counts[-1] > 0
)


def renyi_entropy(counts, alpha):
    return np.log(np.sum((counts / counts.sum()) ** alpha)) / (1 - alpha)


@settings(deadline=None, max_examples=40)
@given(histograms)
def test_kapur_scores_equal_the_sum_of_class_entropies(counts):
    expected = [
        stats.entropy(counts[: k + 1]) + stats.entropy(counts[k + 1 :])
        for k in range(counts.size - 1)
    ]
    np.testing.assert_allclose(kapur(counts, np.arange(counts.size)), expected, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(histograms)
def test_yen_scores_equal_the_correlation_criterion(counts):
    p = counts / counts.sum()
    expected = []
    for k in range(counts.size - 1):
        dark, bright = p[: k + 1], p[k + 1 :]
        correlation = -np.log(np.sum(dark**2) * np.sum(bright**2))
        expected.append(correlation + 2 * np.log(dark.sum() * (1 - dark.sum())))
    np.testing.assert_allclose(yen(counts, np.arange(counts.size)), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_renyi_combines_the_thresholds_of_three_orders(seed):
    rng = np.random.default_rng(seed)
    means = rng.uniform(20, 230, 4)
    pixels = rng.normal(means[rng.integers(0, 4, 30_000)], 12).clip(0, 255).astype(int)
    counts = np.bincount(pixels, minlength=256)
    counts[[0, 255]] += 1

    def best(alpha):
        entropy = stats.entropy if alpha == 1 else lambda side: renyi_entropy(side, alpha)
        scores = [entropy(counts[: k + 1]) + entropy(counts[k + 1 :]) for k in range(255)]
        return int(np.argmax(scores))

    t1, t2, t3 = sorted(best(alpha) for alpha in (0.5, 1, 2))
    close = (t2 - t1 <= 5, t3 - t2 <= 5)
    b1, b2, b3 = {(True, False): (0, 1, 3), (False, True): (3, 1, 0)}.get(close, (1, 2, 1))
    share = np.cumsum(counts) / counts.sum()
    w = share[t3] - share[t1]
    expected = t1 * (share[t1] + w * b1 / 4) + t2 * w * b2 / 4 + t3 * (1 - share[t3] + w * b3 / 4)
    low, high = choose("renyi", counts, range(256)).interval
    assert low <= expected < high
