from functools import partial

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.mixture import GaussianMixture

from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.mixture import ght, minerror

IMAGES = ("camera", "coins", "page", "moon", "text")

histograms = arrays(np.float64, st.integers(2, 30), elements=st.integers(0, 9)).filter(
    lambda counts: counts[0] > 0 and counts[-1] > 0
)
priors = st.fixed_dictionaries(
    {
        "nu": st.floats(0, 1e3),
        "tau": st.floats(0, 10),
        "kappa": st.floats(0, 1e3),
        "omega": st.floats(0, 1),
    }
)


def count_grays(name):
    return np.bincount(getattr(skimage.data, name)().ravel(), minlength=256)


def class_moments(counts, k):
    """Yield count and variance, with that of the bins, of background and foreground."""
    x = np.arange(counts.size)
    for side in (x <= k, x > k):
        w = counts[side].sum()
        mean = np.average(x[side], weights=counts[side])
        yield w, np.average((x[side] - mean) ** 2, weights=counts[side]) + 1 / 12


@settings(deadline=None, max_examples=40)
@given(histograms)
def test_minerror_scores_equal_the_formula(counts):
    expected = []
    for k in range(counts.size - 1):
        (w0, v0), (w1, v1) = class_moments(counts, k)
        p0, p1 = w0 / counts.sum(), w1 / counts.sum()
        cost = 1 + p0 * np.log(v0) + p1 * np.log(v1) - 2 * (p0 * np.log(p0) + p1 * np.log(p1))
        expected.append(1 + 2 * np.log(counts.size - 1) - cost)
    found = minerror(counts, np.arange(counts.size) * 5.0 - 2)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(histograms, priors)
def test_ght_scores_equal_the_formula(counts, prior):
    nu, tau, kappa, omega = (prior[name] for name in ("nu", "tau", "kappa", "omega"))
    expected = []
    for k in range(counts.size - 1):
        score = 0.0
        for (w, variance), share in zip(class_moments(counts, k), (omega, 1 - omega), strict=True):
            p = w / counts.sum()
            v = (p * nu * tau**2 + w * variance) / (p * nu + w)
            score += -w * variance / v - w * np.log(v) + 2 * (w + kappa * share) * np.log(w)
        expected.append(score)
    found = ght(counts, np.arange(counts.size) * 1.0, **prior)
    # Intensities relative to the range add a constant: the logarithm of the range.
    found = found - 2 * counts.sum() * np.log(counts.size - 1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize(
    ("prior", "limit"),
    [
        ({}, "minerror"),
        ({"nu": 1e30, "tau": 1e-2}, "otsu"),
        ({"kappa": 1e30, "omega": 0.5}, "median"),
    ],
)
def test_limits_of_ght_are_the_methods_it_generalizes(image, prior, limit):
    counts = count_grays(image)
    found = choose(partial(ght, **prior), counts, range(256))
    assert found.interval == choose(limit, counts, range(256)).interval


def test_single_dark_pixel_does_not_win_by_its_variance_of_zero():
    rng = np.random.default_rng(0)
    pixels = np.concatenate([[0], rng.normal(80, 9, 30_000), rng.normal(160, 20, 30_000)])
    counts = np.bincount(pixels.clip(0, 255).astype(int), minlength=256)
    assert choose("minerror", counts, range(256)).threshold == pytest.approx(108, abs=5)


@pytest.mark.parametrize("seed", range(4))
def test_gaussian_mixture_agrees_with_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.3, 0.7)
    dark = rng.normal(70, rng.uniform(8, 14), int(20_000 * weights))
    bright = rng.normal(150, rng.uniform(12, 25), int(20_000 * (1 - weights)))
    pixels = np.concatenate([dark, bright]).clip(0, 255).round()
    model = GaussianMixture(2, means_init=[[70], [150]], tol=1e-9, max_iter=1000)
    model.fit(pixels[:, None])
    grid = np.linspace(*np.sort(model.means_.ravel()), 100_001)
    odds = np.diff(model.predict_proba(grid[:, None]), axis=1).ravel()
    expected = grid[np.argmin(np.abs(odds))]
    counts = np.bincount(pixels.astype(int), minlength=256)
    found = choose("gaussian_mixture", counts, range(256)).threshold
    assert found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("n_bins", [100, 1000, 65_536])
def test_gaussian_mixture_of_equal_classes_is_cut_halfway(n_bins):
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.normal(3, 0.5, 200_000), rng.normal(6, 0.5, 200_000)])
    counts, edges = np.histogram(pixels, n_bins, (0, 10))
    threshold = choose("gaussian_mixture", counts, (edges[1:] + edges[:-1]) / 2).threshold
    assert threshold == pytest.approx(4.5, abs=0.02)


def test_gaussian_mixture_refuses_a_class_that_hides_the_other():
    x = np.arange(-100, 101)
    counts = 1e6 * (np.exp(-(x**2) / 50) + 0.05 * np.exp(-(x**2) / 2000))
    with pytest.raises(ValueError, match="method='gaussian_mixture' expects two classes"):
        choose("gaussian_mixture", counts, x)
