import time
from functools import partial
from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import filters

from skmask._kernels.thresholds.choose import choose
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._kernels.thresholds.multilevel import best_range, multi_otsu

small_counts = arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 6))


@st.composite
def multilevel_cases(draw):
    counts = draw(small_counts.filter(lambda counts: np.count_nonzero(counts) >= 2))
    n_classes = draw(st.integers(2, min(5, np.count_nonzero(counts))))
    steps = draw(arrays(np.int64, counts.size, elements=st.integers(1, 4)))
    return counts, np.cumsum(steps), n_classes


@st.composite
def labeled_counts(draw):
    foreground = draw(small_counts.filter(np.any))
    background = draw(arrays(np.int64, foreground.size, elements=st.integers(0, 6)).filter(np.any))
    return foreground, background


def scatter(counts, values, thresholds):
    """Sum squared deviations from the class means, what Otsu's classes make small."""
    classes = np.searchsorted(thresholds, values, side="left")
    total = 0.0
    for index in np.unique(classes):
        inside = classes == index
        if counts[inside].any():
            mean = np.average(values[inside], weights=counts[inside])
            total += np.sum(counts[inside] * (values[inside] - mean) ** 2)
    return total


@settings(deadline=None, max_examples=100)
@given(multilevel_cases())
def test_multi_otsu_is_the_best_of_all_partitions(case):
    counts, centers, n_classes = case
    values = centers[counts > 0]
    expected = min(
        scatter(counts, centers, cut) for cut in combinations(values[:-1], n_classes - 1)
    )
    thresholds = multi_otsu(counts, centers, n_classes)
    assert np.unique(np.searchsorted(thresholds, values)).size == n_classes
    assert scatter(counts, centers, thresholds) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("image", ["camera", "coins", "page", "moon", "text"])
@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_multi_otsu_agrees_with_scikit_image(image, n_classes):
    pixels = getattr(skimage.data, image)()
    counts = np.bincount(pixels.ravel(), minlength=256)
    found = multi_otsu(counts, range(256), n_classes, integer=True)
    expected = filters.threshold_multiotsu(pixels, n_classes)
    np.testing.assert_array_equal(
        np.searchsorted(found, np.flatnonzero(counts)),
        np.searchsorted(expected, np.flatnonzero(counts)),
    )


@settings(deadline=None, max_examples=40)
@given(multilevel_cases())
def test_two_classes_are_those_of_otsu(case):
    counts, centers, _ = case
    expected = choose("otsu", counts, centers).threshold
    (found,) = multi_otsu(counts, centers, 2)
    ours, theirs = scatter(counts, centers, [found]), scatter(counts, centers, [expected])
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_as_many_classes_as_values_are_cut_in_the_middle_of_every_gap():
    np.testing.assert_array_equal(multi_otsu([3, 0, 1, 2], [1, 2, 4, 5], 3), [2.5, 4.5])
    np.testing.assert_array_equal(multi_otsu([3, 0, 1, 2], [1, 2, 4, 5], 3, integer=True), [2, 4])


def test_integer_keeps_thresholds_whose_floor_splits_differently():
    np.testing.assert_allclose(multi_otsu([3, 1, 2], [0.2, 0.6, 1.2], 3, integer=True), [0.4, 0.9])


def test_multi_otsu_moves_with_an_affine_change_of_intensity():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 1000, 300) * 10**12
    thresholds = multi_otsu(counts, range(300), 5)
    moved = multi_otsu(counts, np.arange(300) * 1e-6 + 1.0, 5)
    np.testing.assert_allclose(moved, thresholds * 1e-6 + 1.0, rtol=1e-12)


def test_multi_otsu_of_sixteen_bits_takes_less_than_a_second():
    pixels = np.random.default_rng(0).normal(30_000, 9_000, 1_000_000).clip(0, 65_535)
    counts = np.bincount(pixels.astype(int), minlength=65_536)
    start = time.perf_counter()
    thresholds = multi_otsu(counts, range(65_536), 5)
    assert time.perf_counter() - start < 1
    # The best five levels for a normal distribution (Max 1960), in standard deviations.
    np.testing.assert_allclose(
        (thresholds - 30_000) / 9_000, [-1.244, -0.382, 0.382, 1.244], atol=0.02
    )


@settings(deadline=None, max_examples=150)
@given(
    labeled_counts(),
    st.sampled_from(["dice", "jaccard", "f_beta", "youden", "cost"]),
    st.floats(0.1, 5),
    st.floats(0, 5),
    st.floats(0, 5),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
)
def test_best_range_is_the_best_of_all_pairs(labeled, criterion, beta, fp_cost, fn_cost, n_nan):
    foreground, background = labeled
    formula = CRITERIA[criterion]
    if criterion == "f_beta":
        formula = partial(formula, beta=beta)
    if criterion == "cost":
        formula = partial(formula, fp_cost=fp_cost, fn_cost=fn_cost)

    def score(first, last):
        tp = np.float64(foreground[first : last + 1].sum())
        fp = np.float64(background[first : last + 1].sum())
        fn, tn = foreground.sum() + n_nan[0] - tp, background.sum() + n_nan[1] - fp
        return float(formula(tp, fp, fn, tn))

    occupied = np.flatnonzero(foreground + background)
    expected = max(score(*pair) for pair in combinations_with_replacement(occupied, 2))
    found = best_range(
        criterion,
        foreground,
        background,
        beta=beta,
        fp_cost=fp_cost,
        fn_cost=fn_cost,
        n_nan=n_nan,
    )
    assert found.first in occupied
    assert found.last in occupied
    assert found.score == pytest.approx(expected, abs=1e-12)
    assert score(found.first, found.last) == pytest.approx(expected, abs=1e-12)


def test_best_range_is_exact_for_large_counts():
    foreground = np.array([1, 10**15, 2 * 10**15, 1])
    background = np.array([10**15, 3, 10**14, 10**15])
    assert best_range("dice", foreground, background)[:2] == (1, 2)


def test_all_foreground_is_the_whole_range():
    assert best_range("dice", [0, 2, 0, 1], [0, 0, 0, 0]) == (1, 3, 1.0)
