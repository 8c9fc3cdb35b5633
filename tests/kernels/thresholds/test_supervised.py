import itertools
import math
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skmask._kernels.histograms.counting import IMAGE_UNIT, count
from skmask._kernels.thresholds.criteria import CRITERIA, cost, dice, f_beta, jaccard
from skmask._kernels.thresholds.supervised import (
    best_threshold,
    count_classes,
    pooled_scores,
    sum_scores,
)

VARIANTS = CRITERIA | {
    "f_beta 2": partial(f_beta, beta=2),
    "cost 1 to 7": partial(cost, fp_cost=1, fn_cost=7),
}
SIDES = {"bright": ("bright",), "dark": ("dark",), "auto": ("bright", "dark")}


def mask_of(images, threshold, side):
    # In double precision: NumPy would round the threshold to the precision of the images.
    pixels = images.astype(np.float64)
    return pixels > threshold if side == "bright" else pixels <= threshold


def counts_of(masks, truth, weights):
    """True and false positives and negatives, each summed with the weights of the pixels."""
    cells = (masks & truth, masks & ~truth, ~masks & truth, ~masks & ~truth)
    return [np.array([np.sum(cell * weights)], np.float64) for cell in cells]


def score_by_hand(images, truth, threshold, side, criterion, *, mean, weights, roi):
    """What the mask scores, pooled or as the mean over the images, straight from the definition."""
    masks = mask_of(images, threshold, side)
    if not mean:
        inside = roi * weights[:, np.newaxis]
        return criterion(*counts_of(masks, truth, inside)).item()
    scores = [criterion(*counts_of(*image)).item() for image in zip(masks, truth, roi, strict=True)]
    return np.average(scores, weights=weights)


def all_thresholds(images):
    """One for each way to split the finite values in two."""
    values = np.unique(images[np.isfinite(images)]).tolist()
    return [2 * min(values[0], 0) - 1, *values]


def curves_of(images, truth, criterion, foreground, *, mean, weights, roi):
    options = {"weights": weights, "roi": roi}
    if mean:
        return sum_scores(images, truth, criterion, foreground=foreground, **options).mean()
    return pooled_scores(count_classes(images, truth, **options), criterion, foreground=foreground)


def labeled(dtype, n_images=4, n_pixels=8):
    elements = {
        "int16": st.integers(-4, 4),
        "uint8": st.integers(0, 6),
        "bool": st.booleans(),
        "float32": st.sampled_from([-math.inf, -1.5, -0.0, 0.0, 0.25, 1e30, math.inf, math.nan]),
    }[dtype]
    shape = (n_images, n_pixels)
    return st.tuples(
        arrays(dtype, shape, elements=elements),
        arrays("bool", shape),
        arrays("int64", n_images, elements=st.integers(0, 3)),
        arrays("bool", shape),
    ).filter(lambda case: np.isfinite(case[0][case[2] > 0][case[3][case[2] > 0]]).any())


@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize("foreground", SIDES)
@pytest.mark.parametrize("dtype", ["int16", "uint8", "bool", "float32"])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_choice_is_the_best_of_all_thresholds(dtype, foreground, mean, data):
    images, truth, weights, roi = data.draw(labeled(dtype))
    criterion = VARIANTS[data.draw(st.sampled_from(sorted(VARIANTS)))]
    options = {"mean": mean, "weights": weights, "roi": roi}
    score = partial(score_by_hand, images, truth, criterion=criterion, **options)
    choice = best_threshold(curves_of(images, truth, criterion, foreground, **options))
    everywhere = itertools.product(all_thresholds(images), SIDES[foreground])
    assert choice.score == pytest.approx(max(score(*one) for one in everywhere), abs=1e-9)
    assert choice.score == pytest.approx(score(choice.threshold, choice.foreground), abs=1e-9)


@pytest.mark.parametrize("mean", [False, True])
@settings(deadline=None, max_examples=25)
@given(case=labeled("int16"), side=st.sampled_from(["bright", "dark"]))
def test_interval_holds_equally_good_thresholds_and_criterion_all_scores(mean, case, side):
    images, truth, weights, roi = case
    options = {"mean": mean, "weights": weights, "roi": roi}
    choice = best_threshold(curves_of(images, truth, dice, side, **options))
    low, high = choice.interval
    assert low <= choice.threshold < high
    for threshold in range(max(-6, int(max(low, -6))), int(min(high, 6))):
        score = score_by_hand(images, truth, threshold, side, dice, **options)
        assert score == pytest.approx(choice.score, abs=1e-9)
    for threshold, score in zip(choice.thresholds, choice.criterion, strict=True):
        expected = score_by_hand(images, truth, threshold, side, dice, **options)
        assert score == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "truth", "threshold", "interval"),
    [
        ([10, 20, 90, 99], [0, 0, 1, 1], 55, (20, 90)),
        ([10, 20, 21, 99], [0, 0, 1, 1], 20, (20, 21)),
        ([-9, -4, -1, 3], [0, 0, 1, 1], -3, (-4, -1)),
        ([10, 20, 90, 99], [1, 1, 1, 1], 9, (-math.inf, 10)),
        ([10, 20, 90, 99], [0, 0, 0, 0], 99, (99, math.inf)),
        ([0.0, 0.5, 1.0, 2.0], [0, 0, 1, 1], 0.75, (0.5, 1.0)),
        ([0.0, 0.5, 1.0, 2.0], [1, 1, 1, 1], -5e-324, (-math.inf, 0.0)),
        ([0.0, 0.5, 1.0, 2.0], [0, 0, 0, 0], 2.0, (2.0, math.inf)),
    ],
)
def test_threshold_is_the_middle_of_the_gap_or_next_to_the_pixels(
    values, truth, threshold, interval
):
    images, masks = np.array([values]), np.array([truth], bool)
    choice = best_threshold(pooled_scores(count_classes(images, masks), dice))
    assert (choice.threshold, choice.interval) == (threshold, interval)
    assert type(choice.threshold) is (int if images.dtype.kind == "i" else float)
    assert choice.score == 1


def test_tied_neighbors_are_taken_as_one_gap():
    images = np.array([[10, 20, 30, 40]])
    truth = np.array([[0, 1, 0, 1]], bool)
    classes = count_classes(images, truth)
    choice = best_threshold(pooled_scores(classes, CRITERIA["cost"]))
    np.testing.assert_allclose(choice.criterion, [-0.5, -0.25, -0.5, -0.25, -0.5])
    assert (choice.threshold, choice.interval) == (15, (10, 20))
    level = best_threshold(pooled_scores(classes, lambda tp, fp, fn, tn: np.minimum(tp, 1)))
    assert (level.threshold, level.interval) == (39, (-math.inf, 40))


def test_all_thresholds_tied_give_the_highest_value():
    images, truth = np.array([[1.0, 2.0]]), np.array([[True, False]])
    choice = best_threshold(
        pooled_scores(count_classes(images, truth), lambda *counts: 0 * counts[0])
    )
    assert (choice.threshold, choice.interval) == (2.0, (-math.inf, math.inf))


def test_auto_prefers_bright_when_both_sides_tie():
    images, truth = np.array([[1, 2, 3]]), np.array([[True, False, True]])
    curves = pooled_scores(count_classes(images, truth), CRITERIA["cost"], foreground="auto")
    assert curves.scores["bright"].max() == curves.scores["dark"].max()
    assert best_threshold(curves).foreground == "bright"


def test_dark_objects_are_found():
    images, truth = np.array([[5, 6, 90, 99]]), np.array([[True, True, False, False]])
    for curves in (
        pooled_scores(count_classes(images, truth), dice, foreground="auto"),
        sum_scores(images, truth, dice, foreground="auto").mean(),
    ):
        choice = best_threshold(curves)
        assert (choice.threshold, choice.foreground, choice.score) == (48, "dark", 1)


def test_threshold_is_exact_beyond_the_integers_of_a_float():
    images = np.array([[2**63, 2**63 + 1, 2**63 + 2, 2**63 + 3]], np.uint64)
    truth = np.array([[False, False, True, True]])
    choice = best_threshold(pooled_scores(count_classes(images, truth), dice))
    assert choice.threshold == 2**63 + 1
    assert choice.score == 1


def noisy(dtype, n_images=6, size=120):
    """Images of more distinct values than bins, with masks that thresholds approximate."""
    rng = np.random.default_rng(0)
    truth = rng.random((n_images, size, size)) < 0.3
    images = rng.normal(np.where(truth, 2.0, 0.0), rng.uniform(0.5, 2, (n_images, 1, 1)))
    return (images * (1 if dtype.startswith("float") else 1e8)).astype(dtype), truth


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_grouped_values_score_as_the_masks_do(dtype):
    images, truth = noisy(dtype)
    classes = count_classes(images, truth)
    assert classes.foreground.shift > 0
    pooled = best_threshold(pooled_scores(classes, jaccard))
    masks = images.astype(np.float64) > pooled.threshold
    assert pooled.score == jaccard(*counts_of(masks, truth, np.ones(1))).item()
    mean = best_threshold(sum_scores(images, truth, jaccard).mean())
    masks = images.astype(np.float64) > mean.threshold
    scores = [jaccard(*counts_of(*pair, 1)).item() for pair in zip(masks, truth, strict=True)]
    assert mean.score == pytest.approx(np.mean(scores), abs=1e-11)


def pooled_state(classes):
    return [
        (h.shift, h.keys.tolist(), h.counts.tolist(), h.n_nan, h.n_neg_inf, h.n_pos_inf, h.n_images)
        for h in (classes.foreground, classes.background)
    ]


def sums_state(sums):
    return sums.shift, sums.keys.tolist(), sums.first.tolist(), sums.steps.tolist(), sums.n_images


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_any_split_and_order_merges_to_one(dtype, data):
    images, truth, weights, roi = data.draw(labeled(dtype))
    order = data.draw(st.permutations(range(len(images))))
    cuts = sorted(data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=2)))

    def check(build, state):
        a, b, c = (
            build(images[rows], truth[rows], weights=weights[rows], roi=roi[rows])
            for rows in np.split(np.array(order), cuts)
        )
        whole = state(build(images, truth, weights=weights, roi=roi))
        assert state(a.merge(b, c)) == whole
        assert state(c.merge(b).merge(a)) == whole
        assert state(b.merge(a.merge(c))) == whole

    check(count_classes, pooled_state)
    check(partial(sum_scores, criterion=dice, foreground="auto"), sums_state)


def test_grouped_values_merge_to_one_in_any_split():
    images, truth = noisy("float64")
    for build, state in (
        (count_classes, pooled_state),
        (partial(sum_scores, criterion=dice), sums_state),
    ):
        parts = [build(images[i::3], truth[i::3]) for i in (2, 0, 1)]
        assert state(parts[0].merge(*parts[1:])) == state(build(images, truth))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_integer_weights_count_as_copies(dtype, data):
    images, truth, weights, roi = data.draw(labeled(dtype))
    copies = [array.repeat(weights, axis=0) for array in (images, truth, roi)]
    weighted = count_classes(images, truth, weights=weights, roi=roi)
    copied = count_classes(*copies[:2], roi=copies[2])
    assert pooled_state(weighted) == pooled_state(copied)
    weighted = sum_scores(images, truth, dice, weights=weights, roi=roi)
    copied = sum_scores(*copies[:2], dice, roi=copies[2])
    assert sums_state(weighted) == sums_state(copied)


def test_fractional_weights_weigh():
    images = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    truth = np.array([[0, 1, 1, 1], [0, 0, 1, 1]], bool)
    options = {"weights": np.array([0.25, 1.5]), "roi": np.ones((2, 4), bool)}
    for mean in (False, True):
        choice = best_threshold(curves_of(images, truth, dice, "bright", mean=mean, **options))
        score = partial(score_by_hand, images, truth, criterion=dice, mean=mean, **options)
        best = max(score(threshold, "bright") for threshold in range(9))
        assert choice.score == pytest.approx(best)


def test_classes_add_up_to_all_pixels():
    rng = np.random.default_rng(1)
    images = rng.normal(size=(3, 40, 40)).astype(np.float32)
    special = images.copy()
    special[0, 0, :3] = [np.nan, np.inf, -np.inf]
    truth, roi = rng.random((2, 3, 40, 40)) < 0.5
    for balance, stack in (("pixel", special), ("image", images)):
        options = {"roi": roi, "balance": balance, "weights": np.array([1, 2, 1])}
        classes, every = count_classes(stack, truth, **options), count(stack, **options)
        np.testing.assert_array_equal(classes.foreground.keys, every.keys)
        np.testing.assert_array_equal(
            classes.foreground.counts + classes.background.counts, every.counts
        )
        assert classes.foreground.n_nan + classes.background.n_nan == every.n_nan
        assert classes.foreground.unit == classes.background.unit == every.unit


def test_balanced_images_have_one_share_for_all_pixels_with_a_label():
    images = np.array([[[1.0, np.nan, np.inf, 2.0]], [[np.nan] * 4]])
    truth = np.array([[[1, 1, 0, 0]], [[1, 1, 1, 0]]], bool)
    classes = count_classes(images, truth, balance="image")
    inside, outside = classes.foreground, classes.background
    share = IMAGE_UNIT // 4
    np.testing.assert_array_equal(inside.counts, [share, 0])
    np.testing.assert_array_equal(outside.counts, [0, share])
    assert (inside.n_nan, outside.n_nan, outside.n_pos_inf) == (4 * share, share, share)


def test_region_of_one_image_is_that_of_all():
    rng = np.random.default_rng(2)
    images, truth = rng.integers(0, 9, (3, 5, 5)), rng.random((3, 5, 5)) < 0.5
    roi = rng.random((5, 5)) < 0.5
    everywhere = np.broadcast_to(roi, images.shape)
    for build, state in (
        (count_classes, pooled_state),
        (partial(sum_scores, criterion=dice), sums_state),
    ):
        assert state(build(images, truth, roi=roi)) == state(build(images, truth, roi=everywhere))


def test_many_grouped_images_are_merged_as_they_come():
    rng = np.random.default_rng(3)
    images = rng.normal(size=(40, 200, 200))
    truth = images > rng.normal(size=(40, 1, 1))
    sums = sum_scores(images, truth, dice)
    halves = [sum_scores(images[i::2], truth[i::2], dice) for i in (0, 1)]
    assert sums_state(halves[0].merge(halves[1])) == sums_state(sums)


@pytest.mark.parametrize("build", [count_classes, partial(sum_scores, criterion=dice)])
def test_states_are_pickled(build):
    images, truth = noisy("float32", n_images=2, size=30)
    built = build(images, truth)
    state = pooled_state if build is count_classes else sums_state
    assert state(pickle.loads(pickle.dumps(built))) == state(built)


def test_no_pixel_has_a_single_cut_to_score():
    images, nowhere = np.full((2, 3), np.nan), np.zeros((2, 3), bool)
    for curves in (
        pooled_scores(count_classes(images, nowhere), dice),
        pooled_scores(count_classes(np.ones((2, 3)), nowhere, roi=nowhere), dice),
        sum_scores(images, nowhere, dice).mean(),
        sum_scores(np.ones((2, 3)), nowhere, dice, weights=np.zeros(2)).mean(),
    ):
        assert curves.keys.size == 0
        assert curves.scores["bright"].size == 1


def test_huge_scores_have_no_exact_sums():
    images, truth = np.array([[1, 2]]), np.array([[False, True]])
    with pytest.raises(OverflowError, match=r"1e\+09|1000000000"):
        sum_scores(images, truth, lambda tp, fp, fn, tn: 1e9 * tp)
