import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.classical import isodata, li, otsu, percentile, robust_background

histograms = arrays(np.float64, st.integers(2, 30), elements=st.integers(0, 9)).filter(
    lambda counts: counts[0] > 0 and counts[-1] > 0
)


def classes(counts, k):
    """Yield share and pixels, relative to the range, of background and foreground."""
    pixels = np.repeat(np.arange(counts.size) / (counts.size - 1), counts.astype(int))
    border = (k + 0.5) / (counts.size - 1)
    for side in (pixels[pixels < border], pixels[pixels > border]):
        yield side.size / pixels.size, side


def otsu_of_pixels(counts, k):
    (w0, dark), (w1, bright) = classes(counts, k)
    return w0 * w1 * (dark.mean() - bright.mean()) ** 2


def li_of_pixels(counts, k):
    return sum(
        w * pixels.mean() * np.log(pixels.mean())
        for w, pixels in classes(counts, k)
        if pixels.mean() > 0
    )


@settings(deadline=None, max_examples=40)
@given(histograms, st.sampled_from([(otsu, otsu_of_pixels), (li, li_of_pixels)]))
def test_scores_equal_the_formula_on_pixels(counts, pair):
    method, formula = pair
    expected = [formula(counts, k) for k in range(counts.size - 1)]
    found = method(counts, np.arange(counts.size) * 3.0 + 100)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-13)


@settings(deadline=None, max_examples=60)
@given(histograms)
def test_isodata_is_the_lowest_fixed_point(counts):
    centers = np.arange(counts.size) * 2.0 + 5
    pixels = np.repeat(centers, counts.astype(int))

    def mean_of_means(t):
        return (pixels[pixels <= t].mean() + pixels[pixels > t].mean()) / 2

    t = isodata(counts, centers)
    assert mean_of_means(t) == pytest.approx(t)
    # Below t the map lies above the diagonal: no fixed point there.
    for lower in centers[centers + 2 <= t]:
        assert mean_of_means(lower) >= lower + 2 - 1e-9


def test_moments_puts_the_share_of_the_two_valued_image_in_the_background():
    rng = np.random.default_rng(0)
    counts = np.bincount(rng.gamma(3, 12, 50_000).astype(int).clip(0, 255), minlength=256)
    pixels = np.repeat(np.arange(256.0), counts)
    m1, m2, m3 = (np.mean(pixels**order) for order in (1, 2, 3))
    # z0 and z1 of Tsai's equations, as roots of z^2 + c1 z + c0.
    c0, c1 = np.linalg.solve([[1, m1], [m1, m2]], [-m2, -m3])
    z0, z1 = np.sort(np.roots([1, c1, c0]).real)
    share = (z1 - m1) / (z1 - z0)
    assert share * z0**3 + (1 - share) * z1**3 == pytest.approx(m3)
    low, _ = choose("moments", counts, range(256)).interval
    assert low == np.argmin(abs(np.cumsum(counts) / pixels.size - share))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.77, 1.0])
def test_percentile_leaves_about_the_share_in_the_background(p):
    counts = np.random.default_rng(1).integers(1, 50, 200)
    threshold = choose(partial(percentile, p=p), counts, range(200)).threshold
    share = counts[: int(threshold) + 1].sum() / counts.sum()
    every = np.cumsum(counts)[:-1] / counts.sum()
    assert abs(share - p) == pytest.approx(abs(every - p).min())


def test_median_of_three_equal_values_is_the_middle_one():
    assert choose("median", [2, 2, 2], [0, 100, 200]).threshold == 100


@pytest.mark.parametrize(("lower", "upper"), [(0.0, 0.0), (0.0, 0.3), (0.3, 0.0), (0.1, 0.25)])
def test_robust_background_trims_both_sides(lower, upper):
    counts = np.random.default_rng(2).integers(0, 40, 100) * 1.0
    counts[[0, -1]] = 20
    pixels = np.repeat(np.arange(100.0), counts.astype(int) * 1000)
    kept = pixels[round(lower * pixels.size) : round((1 - upper) * pixels.size)]
    found = robust_background(counts, np.arange(100.0), lower=lower, upper=upper, k=1.5)
    assert found == pytest.approx(kept.mean() + 1.5 * kept.std(), rel=1e-4)


@pytest.mark.parametrize("limits", [(0.5, 0.5), (0.3, 0.9)])
def test_robust_background_refuses_limits_that_leave_nothing(limits):
    with pytest.raises(ValueError, match="robust_background expects lower \\+ upper < 1, got"):
        robust_background(np.ones(3), np.arange(3.0), lower=limits[0], upper=limits[1])


@given(arrays(np.int64, st.integers(2, 60), elements=st.integers(0, 10**6)), st.integers(0, 10**6))
def test_mean_and_isodata_are_exact_where_they_are_whole(counts, first):
    counts[[0, -1]] += 1
    pixels = [Fraction(int(count)) for count in counts]
    mean_ = sum(count * k for k, count in enumerate(pixels)) / sum(pixels)
    centers = np.arange(first, first + counts.size)
    assert choose("mean", counts, centers, integer=True).threshold == first + math.floor(mean_)

    def middle_of_means(cut):
        parts = [range(cut + 1), range(cut + 1, counts.size)]
        return (
            sum(sum(pixels[k] * k for k in part) / sum(pixels[k] for k in part) for part in parts)
            / 2
        )

    cuts = range(counts.size - 1)
    lowest = next(t for k in cuts if (t := middle_of_means(k)) < k + 1)
    assert choose("isodata", counts, centers, integer=True).threshold == first + math.floor(lowest)
