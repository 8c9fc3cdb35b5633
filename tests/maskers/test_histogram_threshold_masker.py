import functools
import itertools
import pickle
from collections import UserList

import dask.array as da
import numpy as np
import pytest
import skimage.data
import skimage.filters
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skmask import (
    HistogramThresholdMasker,
    MaskApplier,
    ThresholdMasker,
    describe,
    transform_blocks,
)
from skmask._images import readers
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA, f_beta
from skmask.metrics import dice_score, jaccard_score

LEARNED = ["threshold_", "threshold_interval_", "foreground_", "best_score_"]


def learned(masker):
    return [getattr(masker, name) for name in LEARNED]


def halves(shape=(6, 20, 24), dtype=np.uint8, seed=0, noise=25):
    """Noisy images whose true masks are of different sizes, the last one empty."""
    rng = np.random.default_rng(seed)
    masks = np.zeros(shape, bool)
    for i, mask in enumerate(masks[:-1]):
        mask[: 2 + 3 * i, 3:] = True
    images = np.where(masks, 140, 80) + rng.normal(0, noise, shape)
    if np.dtype(dtype).kind != "f":
        images = images.clip(0, 200).round()
    return images.astype(dtype), masks


@pytest.mark.parametrize("name", ["camera", "coins", "page", "moon", "text"])
def test_otsu_equals_scikit_image(name):
    image = getattr(skimage.data, name)()
    masker = HistogramThresholdMasker().fit(image[np.newaxis])
    assert masker.threshold_ == skimage.filters.threshold_otsu(image)
    assert_array_equal(masker.histogram_, np.bincount(image.ravel())[image.min() :])


def test_threshold_is_that_of_all_images_pooled():
    images, _ = halves()
    masker = HistogramThresholdMasker().fit(images)
    assert masker.threshold_ == skimage.filters.threshold_otsu(images.reshape(-1, 24))
    unseen, _ = halves(shape=(2, 50, 7), seed=1)
    assert_array_equal(masker.transform(unseen), unseen > masker.threshold_)


def test_empty_images_stay_empty_under_a_pooled_threshold():
    images, masks = halves(noise=8)
    pooled = HistogramThresholdMasker().fit(images)
    alone = HistogramThresholdMasker(strategy="per_image")
    assert pooled.transform(images[-1:]).mean() < 0.001
    assert alone.transform(images[-1:]).mean() > 0.4
    assert dice_score(masks[:-1], pooled.transform(images[:-1])) > 0.99


def test_per_image_is_otsu_of_each_and_learns_nothing():
    images, _ = halves()
    masks = HistogramThresholdMasker(strategy="per_image").transform(images)
    for image, mask in zip(images, masks, strict=True):
        assert_array_equal(mask, image > skimage.filters.threshold_otsu(image))


def test_balanced_counts_every_image_alike():
    dark, bright = np.full((1, 40, 40), 10, np.uint8), np.full((1, 5, 5), 90, np.uint8)
    masker = HistogramThresholdMasker("mean", strategy="balanced").fit([dark[0], bright[0]])
    assert masker.threshold_interval_ == (10, 90)
    assert masker.threshold_ == pytest.approx(50, abs=1)
    assert masker.histogram_.sum() == pytest.approx(2)


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize(("method", "score"), [("dice", dice_score), ("jaccard", jaccard_score)])
@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_supervised_threshold_is_the_best_of_all(method, score, strategy, foreground):
    images, masks = halves()
    if foreground == "dark":
        images = 200 - images
    average = "micro" if strategy == "pooled" else "mean"
    masker = HistogramThresholdMasker(method, strategy=strategy, foreground=foreground)
    masker.fit(images, masks)
    scores = [
        score(masks, ThresholdMasker(t, foreground=foreground).transform(images), average=average)
        for t in range(-1, 202)
    ]
    assert masker.best_score_ == pytest.approx(max(scores), abs=1e-9)
    assert scores[masker.threshold_ + 1] == pytest.approx(max(scores), abs=1e-9)
    auto = clone(masker).set_params(foreground="auto").fit(images, masks)
    assert learned(auto) == learned(masker)


def test_supervised_threshold_of_floats_is_the_best_of_all():
    images, masks = halves(dtype=np.float32)
    masker = HistogramThresholdMasker("dice").fit(images, masks)
    best = max(dice_score(masks, images > t, average="micro") for t in np.unique(images))
    assert masker.best_score_ == pytest.approx(best, abs=1e-12)
    assert dice_score(masks, masker.transform(images), average="micro") == pytest.approx(best)


def test_criterion_curve_peaks_at_the_threshold():
    images, masks = halves()
    for masker in (
        HistogramThresholdMasker().fit(images),
        HistogramThresholdMasker("dice").fit(images, masks),
    ):
        best = masker.criterion_thresholds_[np.nanargmax(masker.criterion_)]
        low, high = masker.threshold_interval_
        assert low <= best < high
        assert low <= masker.threshold_ < high
    assert HistogramThresholdMasker("mean").fit(images).criterion_ is None


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    order=st.randoms(use_true_random=False),
    dtype=st.sampled_from([np.uint8, np.int16, np.float32]),
    params=st.sampled_from(
        [
            {"method": "otsu"},
            {"method": "li", "strategy": "balanced"},
            {"method": "dice"},
            {"method": "jaccard", "strategy": "balanced"},
        ]
    ),
)
@pytest.mark.filterwarnings("ignore:.*labeled masks without any foreground:UserWarning")
def test_partial_fit_and_merge_equal_fit_on_all_in_any_order(cuts, order, dtype, params):
    images, masks = halves(dtype=dtype)
    whole = HistogramThresholdMasker(**params).fit(images, masks)
    edges = sorted({0, 6, *cuts})
    parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
    order.shuffle(parts)
    streamed = HistogramThresholdMasker(**params)
    merged = None
    for part in parts:
        streamed.partial_fit(images[part], masks[part])
        one = HistogramThresholdMasker(**params).fit(images[part], masks[part])
        merged = one if merged is None else merged.merge(one)
    for masker in (streamed, merged):
        assert learned(masker) == learned(whole)
        assert_array_equal(masker.histogram_, whole.histogram_)
        assert_array_equal(masker.bin_edges_, whole.bin_edges_)


@pytest.mark.parametrize(
    "params", [{"method": "otsu"}, {"method": "dice"}, {"strategy": "balanced"}]
)
def test_integer_weights_are_copies(params):
    images, masks = halves()
    weights = np.array([2, 0, 1, 3, 0, 1])
    weighted = HistogramThresholdMasker(**params).fit(images, masks, sample_weight=weights)
    copies = HistogramThresholdMasker(**params).fit(
        np.repeat(images, weights, axis=0), np.repeat(masks, weights, axis=0)
    )
    assert learned(weighted) == learned(copies)
    assert_array_equal(weighted.histogram_, copies.histogram_)


def test_only_the_region_of_interest_is_learned_from():
    images, masks = halves()
    spoiled = images.copy()
    spoiled[:, :, :5] = 255
    roi = np.ones(images.shape[1:], bool)
    roi[:, :5] = False
    expected = HistogramThresholdMasker().fit(images[:, :, 5:])
    stacked = np.broadcast_to(roi, images.shape)
    for region in (roi, stacked, roi.astype(np.uint8) * 255):
        masker = HistogramThresholdMasker().fit(spoiled, roi=region)
        assert learned(masker) == learned(expected)
    as_list = HistogramThresholdMasker().fit(list(spoiled), roi=list(stacked))
    assert learned(as_list) == learned(expected)


def test_list_of_images_and_masks_learns_what_the_stack_does():
    images, masks = halves()
    for params in ({"method": "dice"}, {"method": "dice", "strategy": "balanced"}):
        stack = HistogramThresholdMasker(**params).fit(images, masks)
        ragged = HistogramThresholdMasker(**params).fit(list(images), list(masks))
        assert learned(ragged) == learned(stack)


def test_adjustments_come_in_order_factor_then_bounds():
    images, _ = halves()
    threshold = HistogramThresholdMasker().fit(images).threshold_
    assert HistogramThresholdMasker(correction_factor=1.5).fit(images).threshold_ == 1.5 * threshold
    bounded = HistogramThresholdMasker(correction_factor=1.5, bounds=(0, 120)).fit(images)
    assert bounded.threshold_ == 120
    assert HistogramThresholdMasker(bounds=(130, 140)).fit(images).threshold_ == 130


def test_one_bound_may_be_open():
    images, _ = halves()
    threshold = HistogramThresholdMasker().fit(images).threshold_
    for bounds, expected in [
        ((None, 5), 5),
        ((5, None), threshold),
        ((None, 250), threshold),
        ((250, None), 250),
        ((None, None), threshold),
    ]:
        assert HistogramThresholdMasker(bounds=bounds).fit(images).threshold_ == expected


def test_outlier_does_not_move_the_threshold_of_floats():
    rng = np.random.default_rng(0)
    images = np.concatenate([rng.normal(1, 0.2, 20000), rng.normal(2, 0.2, 20000)])
    images = images.reshape(1, 200, 200)
    clean = HistogramThresholdMasker().fit(images).threshold_
    assert clean == pytest.approx(1.5, abs=0.02)
    for outlier in (1e3, 1e6, -1e30):
        images[0, 0, 0] = outlier
        assert HistogramThresholdMasker().fit(images).threshold_ == pytest.approx(clean, abs=0.005)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_nan_and_infinities_are_not_learned_from(dtype):
    images, masks = halves(dtype=dtype)
    expected = HistogramThresholdMasker().fit(images[:, 2:])
    images[:, 0], images[:, 1, ::2], images[:, 1, 1::2] = np.nan, np.inf, -np.inf
    masker = HistogramThresholdMasker().fit(images)
    assert learned(masker) == learned(expected)
    result = masker.transform(images)
    assert not result[:, 0].any()
    assert result[:, 1, ::2].all()
    assert not result[:, 1, 1::2].any()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([False, True]), 0),
        (np.array([-128, 127], np.int8), -1),
        (np.array([0, 2**64 - 1], np.uint64), 2**63 - 1),
        (np.array([0.0, 1e-310]), 5e-311),
        (np.array([-3e38, 3e38], np.float32), 0.0),
        (np.array([1, 2], np.float16), 1.5),
    ],
)
def test_two_values_are_split_in_the_middle_of_every_dtype(values, expected):
    images = np.tile(values, 8).reshape(1, 4, 4)
    masker = HistogramThresholdMasker().fit(images)
    assert masker.threshold_ == pytest.approx(expected, rel=1e-15)
    assert_array_equal(masker.transform(images), images == values[1])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_neighboring_floats_are_told_apart_in_every_dtype(dtype, foreground):
    values = [dtype(-1.0)]
    for _ in range(8):
        values.append(np.nextafter(values[-1], dtype(0)))
    for pair in itertools.pairwise(values):
        images = np.tile(pair, 8).reshape(1, 4, 4)
        masks = images == pair[foreground == "bright"]
        masker = HistogramThresholdMasker("dice", foreground=foreground)
        assert_array_equal(masker.fit(images, masks).transform(images), masks)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
@pytest.mark.parametrize("method", ["otsu", "li", "triangle", "mean"])
def test_one_value_is_warned_about_and_has_nothing_above(method, dtype):
    images = np.ones((2, 4, 4), dtype)
    with pytest.warns(UserWarning, match="found a single value, .*, in the training images"):
        masker = HistogramThresholdMasker(method).fit(images)
    assert masker.threshold_ == 1
    assert not masker.transform(images).any()


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
def test_labeled_images_of_a_single_value_bring_a_warning(strategy):
    X = np.full((2, 5, 6), 7)
    with pytest.warns(UserWarning, match="single value, 7, .* no threshold tells foreground from"):
        HistogramThresholdMasker("dice", strategy=strategy).fit(X, np.arange(6) > X - 5)


def test_image_without_numbers_is_empty_per_image():
    images, _ = halves(dtype=np.float64)
    images[0] = np.nan
    for foreground in ("bright", "dark"):
        masker = HistogramThresholdMasker(strategy="per_image", foreground=foreground)
        assert not masker.transform(images)[0].any()


def test_functions_serve_as_methods():
    images, masks = halves()
    quarter = HistogramThresholdMasker(lambda counts, centers: 0.25 * centers[-1])
    assert quarter.fit(images).threshold_ == int(0.25 * images.max())
    recall = HistogramThresholdMasker(functools.partial(f_beta, beta=3.0)).fit(images, masks)
    assert recall.threshold_ < HistogramThresholdMasker("dice").fit(images, masks).threshold_
    assert learned(pickle.loads(pickle.dumps(recall))) == learned(recall)


def test_file_of_a_fitted_masker_is_small():
    images = np.random.default_rng(0).integers(0, 256, (20, 200, 200), np.uint8)
    assert len(pickle.dumps(HistogramThresholdMasker().fit(images))) < 20_000


def test_a_second_fit_forgets_the_first_and_a_failed_fit_leaves_the_old_state():
    images, masks = halves()
    masker = HistogramThresholdMasker("dice").fit(images, masks)
    before = learned(masker)
    with pytest.raises(ValueError, match="y to be masks"):
        masker.fit(images, images)
    assert learned(masker) == before
    assert learned(masker.fit(images, masks)) == before


@pytest.mark.parametrize("y", [None, np.arange(6), np.zeros((6, 20, 23), bool), "masks"])
@pytest.mark.parametrize("method", ["dice", *sorted(set(CRITERIA) - {"dice"})])
def test_y_that_is_no_mask_is_refused_by_supervised_methods_alone(method, y):
    images, _ = halves()
    with pytest.raises((ValueError, TypeError), match="expects y (to be|of shape)"):
        HistogramThresholdMasker(method).fit(images, y)
    HistogramThresholdMasker("otsu").fit(images, y)


@pytest.mark.parametrize(
    ("params", "fit_params", "match"),
    [
        ({"method": "atsu"}, {}, r"expects method to be one of \[.*'otsu'.*got 'atsu'"),
        ({"method": [3]}, {}, "'method' parameter of HistogramThresholdMasker must be"),
        ({"foreground": "auto"}, {}, "foreground='auto' with a method that learns from labeled"),
        ({"strategy": "per_image", "method": "dice"}, {}, "per_image' with a method that needs no"),
        ({"strategy": "stack"}, {}, "'strategy' parameter of HistogramThresholdMasker must be"),
        (
            {"bounds": (3, 1)},
            {},
            r"expects bounds to be \(low, high\) with low <= high, or None, got \(3, 1\)",
        ),
        ({"bounds": ("a", 5)}, {}, r"expects bounds to be .*got \('a', 5\)"),
        ({"bounds": (np.nan, 5)}, {}, "expects bounds to be"),
        ({"value_range": ("a", 5)}, {}, r"expects a value_range of two .*got \('a', 5\)"),
        ({"value_range": (None, 5)}, {}, "expects a value_range of two"),
        ({"bounds": (3,)}, {}, r"expects bounds to be \(low, high\)"),
        ({"n_bins": 1}, {}, "'n_bins' parameter of HistogramThresholdMasker must be"),
        ({"value_range": (3, 1)}, {}, "value_range"),
        ({"value_range": "wide"}, {}, "'value_range' parameter of HistogramThresholdMasker"),
        ({"correction_factor": 0}, {}, "'correction_factor' parameter of Histogram"),
        ({}, {"sample_weight": [1, 2]}, "sample_weight to be one number for each of 6 images"),
        ({}, {"sample_weight": [0] * 6}, "got zero weights only"),
        ({}, {"sample_weight": [-1, 1, 1, 1, 1, 1]}, "not negative"),
        ({}, {"roi": np.zeros((20, 24), bool)}, "at least one finite pixel"),
        ({}, {"roi": np.ones((20, 23), bool)}, r"roi of shape \(6, 20, 24\)"),
        ({}, {"roi": np.arange(480).reshape(20, 24)}, "expects roi to be masks"),
    ],
)
def test_bad_choices_are_refused(params, fit_params, match):
    images, masks = halves()
    with pytest.raises(ValueError, match=match):
        HistogramThresholdMasker(**params).fit(images, masks, **fit_params)


def test_bad_choices_are_refused_without_a_fit_too():
    images, _ = halves()
    with pytest.raises(ValueError, match="got 'atsu'"):
        HistogramThresholdMasker("atsu", strategy="per_image").transform(images)
    with pytest.raises(NotFittedError):
        HistogramThresholdMasker().transform(images)


@pytest.mark.parametrize("name", ["sample_weight", "roi"])
def test_what_to_learn_from_is_refused_per_image(name):
    images, _ = halves()
    value = {"sample_weight": np.ones(6), "roi": np.ones(images.shape, bool)}[name]
    masker = HistogramThresholdMasker(strategy="per_image")
    match = f"Masker expects {name} with a strategy that learns, got strategy='per_image'"
    with pytest.raises(ValueError, match=match):
        masker.fit(images, **{name: value})
    with pytest.raises(ValueError, match=match):
        masker.fit_transform(images, **{name: value})
    masker.fit(images, **{name: None})


def test_strategy_that_learns_wants_a_fit_of_its_own():
    rows = np.arange(12.0).reshape(2, 6)
    masker = HistogramThresholdMasker(strategy="per_image")
    masker.fit(rows).set_params(strategy="pooled")
    with pytest.raises(NotFittedError):
        masker.transform(rows)


def test_merge_wants_a_fitted_masker_of_the_same_parameters():
    images, _ = halves()
    masker = HistogramThresholdMasker().fit(images)
    for other in (HistogramThresholdMasker("li").fit(images), ThresholdMasker(), None):
        with pytest.raises(ValueError, match="merge with a masker of the same parameters"):
            masker.merge(other)
    with pytest.raises(NotFittedError):
        masker.merge(HistogramThresholdMasker())


def test_merge_knows_the_same_function_from_another_process():
    images, masks = halves()
    masker = HistogramThresholdMasker(functools.partial(f_beta, beta=2.0), strategy="balanced")
    parts = [clone(masker).fit(images[i::2], masks[i::2]) for i in range(2)]
    merged = parts[0].merge(pickle.loads(pickle.dumps(parts[1])))
    assert learned(merged) == learned(masker.fit(images, masks))
    with pytest.raises(ValueError, match="merge with a masker of the same parameters"):
        masker.merge(clone(masker).set_params(method=functools.partial(f_beta, beta=3.0)))


def test_partial_fit_may_change_only_what_the_counts_do_not_depend_on():
    images, masks = halves()
    masker = HistogramThresholdMasker().fit(images[:3])
    masker.set_params(method="li", n_bins=50).partial_fit(images[3:])
    assert learned(masker) == learned(HistogramThresholdMasker("li", n_bins=50).fit(images))
    changes = [
        ({}, {"method": "dice"}),
        ({}, {"strategy": "balanced"}),
        ({"method": "dice", "strategy": "balanced"}, {"method": "jaccard"}),
        ({"method": "dice", "strategy": "balanced"}, {"foreground": "dark"}),
        ({"method": "dice"}, {"method": "otsu"}),
    ]
    for params, change in changes:
        masker = HistogramThresholdMasker(**params).partial_fit(images, masks).set_params(**change)
        with pytest.raises(ValueError, match="partial_fit with the parameters it began with, {.*}"):
            masker.partial_fit(images, masks)
        masker.fit(images, masks)


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("method", ["otsu", "dice"])
@pytest.mark.parametrize("as_rows", [False, True])
def test_batch_without_numbers_may_come_first(method, strategy, as_rows):
    images, masks = halves(dtype=np.float32)
    images[:2] = np.nan
    if as_rows:
        images, masks = images.reshape(6, -1), masks.reshape(6, -1)
    whole = HistogramThresholdMasker(method, strategy=strategy).fit(images, masks)
    masker, first, other = clone(whole), clone(whole), clone(whole)
    for one in (masker, first):
        one.partial_fit(images[:1], masks[:1])
        with pytest.raises(NotFittedError):
            one.transform(images)
    masker.partial_fit(images[1:2], masks[1:2]).partial_fit(images[2:], masks[2:])
    first = pickle.loads(pickle.dumps(first)).merge(other.partial_fit(images[1:2], masks[1:2]))
    with pytest.raises(NotFittedError):
        first.transform(images)
    first.merge(clone(whole).fit(images[2:], masks[2:]))
    assert learned(masker) == learned(first) == learned(whole)
    with pytest.raises(ValueError, match="at least one finite pixel"):
        clone(whole).fit(images[:2], masks[:2])


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("method", ["otsu", "dice"])
def test_partial_fit_learns_nothing_from_images_of_weight_0(method, strategy):
    images, masks = halves()
    masker = HistogramThresholdMasker(method, strategy=strategy)
    masker.partial_fit(images, masks, sample_weight=[0] * 6)
    with pytest.raises(NotFittedError):
        masker.transform(images)
    masker.partial_fit(images, masks).partial_fit(images // 2, masks, sample_weight=[0] * 6)
    expected = HistogramThresholdMasker(method, strategy=strategy).fit(images, masks)
    assert masker.threshold_ == expected.threshold_
    assert_array_equal(masker.histogram_, expected.histogram_)
    assert_array_equal(masker.criterion_, expected.criterion_)
    assert describe(masker) == describe(expected)


def test_failed_partial_fit_leaves_the_old_state():
    good = np.repeat([10, 10, 10, 60, 60, 60], 5).reshape(1, 5, 6)
    good = np.concatenate([good, good + 1])
    one_peak = np.arange(10, 62)
    spoiling = np.repeat(one_peak, 20 * np.minimum(one_peak - 9, 62 - one_peak)).reshape(1, 4, -1)
    masker = HistogramThresholdMasker("minimum").partial_fit(good)
    before = learned(masker)
    with pytest.raises(ValueError, match="minimum"):
        masker.partial_fit(spoiling)
    assert learned(masker) == before
    expected = clone(masker).fit(np.concatenate([good, good]))
    other = clone(masker).fit(good)
    assert learned(masker.merge(other)) == learned(expected)
    assert learned(other.partial_fit(good)) == learned(expected)
    assert_array_equal(masker.histogram_, expected.histogram_)


def test_partial_fit_has_nothing_to_learn_per_image():
    images, _ = halves()
    with pytest.raises(ValueError, match="partial_fit with a strategy that learns"):
        HistogramThresholdMasker(strategy="per_image").partial_fit(images)


@pytest.mark.parametrize("y", [np.arange(6), [0, 1, 0, 1, 0, 1], list("abcdef"), np.array(3)])
def test_class_labels_are_no_masks(y):
    images, _ = halves()
    with pytest.raises(ValueError, match="expects y to be masks.*Class labels are no masks"):
        HistogramThresholdMasker("dice").fit(images, y)


def test_refit_per_image_forgets_what_was_learned():
    images, masks = halves()
    for method in ("otsu", "dice"):
        masker = HistogramThresholdMasker(method).fit(images, masks)
        masker.set_params(method="otsu", strategy="per_image").fit(images)
        assert not [name for name in vars(masker) if name.endswith("_") or "statistics" in name]
        masker.set_params(strategy="pooled")
        with pytest.raises(NotFittedError):
            masker.transform(images)
        assert (
            masker.partial_fit(images).threshold_
            == HistogramThresholdMasker().fit(images).threshold_
        )


def test_failed_refit_per_image_keeps_what_was_learned():
    images, masks = halves()
    masker = HistogramThresholdMasker().fit(images)
    before = learned(masker)
    with pytest.raises(ValueError, match="expects roi with a strategy that learns"):
        masker.set_params(strategy="per_image").fit(images, roi=masks)
    assert learned(masker) == before


@pytest.mark.parametrize("first", [2**60, -(2**62), 2**64 - 900])
@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_thresholds_of_large_integers_are_exact(method, first):
    images = np.random.default_rng(1).normal(60, 12, (3, 30, 30)).clip(0, 250).astype(np.int64)
    images[:, 10:20, 5:25] += 80
    dtype = np.uint64 if first >= 2**63 else np.int64
    large = np.array([first + value for value in images.ravel().tolist()], dtype)
    large = large.reshape(images.shape)
    for strategy in ("pooled", "balanced"):
        small = HistogramThresholdMasker(method, strategy=strategy).fit(images)
        masker = HistogramThresholdMasker(method, strategy=strategy).fit(large)
        assert masker.threshold_ == first + small.threshold_
        assert masker.threshold_interval_ == tuple(first + end for end in small.threshold_interval_)
        assert_array_equal(masker.transform(large), small.transform(images))


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_thresholds_of_large_floats_scale(method):
    images = np.random.default_rng(1).normal(4, 1, (3, 30, 30)).clip(-10, 10)
    images[:, 10:20, 5:25] += 5
    large = images / np.abs(images).max() * 1.7e308
    # A power of two changes no digit.
    unit = 2.0**1000 / 2.0**10
    exact = HistogramThresholdMasker(method).fit(images * unit)
    assert exact.threshold_ == unit * HistogramThresholdMasker(method).fit(images).threshold_
    masker = HistogramThresholdMasker(method).fit(large)
    assert np.isfinite(masker.threshold_)
    assert 0 < masker.transform(large).mean() < 1


def test_mask_of_the_mean_is_that_of_exact_sums():
    rng = np.random.default_rng(0)
    for _ in range(300):
        images = rng.integers(0, 50, (1, 4, 5))
        masker = HistogramThresholdMasker("mean").fit(images)
        assert masker.threshold_ == images.sum() // images.size
        assert_array_equal(masker.transform(images), images * images.size > images.sum())


def test_rows_are_not_images_of_their_own_without_a_warning():
    images, _ = halves()
    masker = HistogramThresholdMasker(strategy="per_image")
    with pytest.warns(
        UserWarning, match="takes each row of a 2-D X for an image of its own. Use X"
    ):
        rows = masker.fit(images).transform(images.reshape(6, -1))
    assert_array_equal(rows.reshape(images.shape), masker.transform(images))


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("method", ["dice", "cost"])
def test_masks_without_foreground_are_warned_about(method, strategy):
    images, masks = halves()
    masker = HistogramThresholdMasker(method, strategy=strategy)
    with pytest.warns(UserWarning, match="labeled masks without any foreground to learn from"):
        masker.fit(images, np.zeros_like(masks))
    masker.fit(images, masks)  # no warning
    with pytest.warns(UserWarning, match="labeled masks without any foreground to learn from"):
        masker.fit(images, masks, roi=~masks)


def test_bins_are_bounded():
    images, _ = halves()
    with pytest.raises(ValueError, match="n_bins"):
        HistogramThresholdMasker(n_bins=10**8).fit(images)


def test_image_for_which_no_threshold_is_found_is_named():
    images, _ = halves()
    images[4] = np.arange(images[4].size).reshape(images[4].shape) % 50
    masker = HistogramThresholdMasker("minimum", strategy="per_image")
    with pytest.raises(
        ValueError, match=r"cannot choose for image 4 \(counted.*: method='minimum'"
    ):
        masker.transform(images)


def read_only_by_parts(images, tmp_path):
    np.save(tmp_path / "images.npy", images)
    return np.load(tmp_path / "images.npy", mmap_mode="r")


@pytest.mark.parametrize("container", [list, UserList, "different sizes", "file", "masker"])
def test_image_that_fails_is_counted_in_what_came_in(container, tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "BLOCK_BYTES", 1)  # blocks of one image
    images = np.stack([halves()[0][0]] * 6)
    images[4] = np.arange(images[4].size).reshape(images[4].shape) % 50
    masker = HistogramThresholdMasker("minimum", strategy="per_image")
    if container == "different sizes":
        X = [images[0, :-1], images[1, :, :-1], *images[2:]]
    elif callable(container):
        X = container(images)
    else:
        X = read_only_by_parts(images, tmp_path)
    if container == "masker":
        masker = MaskApplier(masker).fit(images[:2])
    with pytest.raises(ValueError, match=r"for image 4 \(counted from 0\)"):
        masker.transform(X)


def test_image_that_fails_is_counted_in_blocks_that_are_written(tmp_path):
    images = np.stack([halves()[0][0]] * 6)
    images[4] = np.arange(images[4].size).reshape(images[4].shape) % 50
    masker = HistogramThresholdMasker("minimum", strategy="per_image")
    with pytest.raises(ValueError, match=r"for image 4 \(counted from 0\)"):
        transform_blocks(masker, images, np.empty(images.shape, bool), block_size=3)
    lazy = masker.transform(da.from_array(images, chunks=(3, -1, -1)))
    with pytest.raises(ValueError, match=r"for image 1 \(counted from 0 in its chunk\)"):
        lazy.compute()


@pytest.mark.parametrize(
    "criterion",
    [
        lambda tp, fp, fn, tn: np.nan * tp,
        lambda tp, fp, fn, tn: tp[:-1],
        lambda tp, fp, fn, tn: 1.0,
    ],
)
@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
def test_criterion_without_a_finite_score_a_cut_is_refused(criterion, strategy, monkeypatch):
    images, masks = halves()
    monkeypatch.setitem(CRITERIA, "own", criterion)
    match = "HistogramThresholdMasker expects criterion own to return one finite .*, got .* Define"
    with pytest.raises(ValueError, match=match):
        HistogramThresholdMasker("own", strategy=strategy).fit(images, masks)


def test_criterion_of_huge_scores_is_refused(monkeypatch):
    images, masks = halves()
    monkeypatch.setitem(CRITERIA, "own", lambda tp, fp, fn, tn: 1e9 * tp)
    with pytest.raises(ValueError, match=r"scores around 1 in size, got 4.2e\+10. Divide"):
        HistogramThresholdMasker("own", strategy="balanced").fit(images, masks)


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("method", ["otsu", "dice"])
def test_kinds_of_pixels_do_not_mix(method, strategy):
    images, masks = halves()
    masker = HistogramThresholdMasker(method, strategy=strategy).fit(images, masks)
    match = "HistogramThresholdMasker expects images of one kind of pixels, got float and integer"
    with pytest.raises(ValueError, match=match):
        masker.partial_fit(images / 2, masks)
    with pytest.raises(ValueError, match=match):
        masker.merge(clone(masker).fit(images / 2, masks))


@pytest.mark.parametrize(
    "weights", [[1, 2], [1, -1, 1, 1, 1, 1], [1, np.nan, 1, 1, 1, 1], list("abcdef"), [[1] * 6]]
)
@pytest.mark.parametrize("learn", ["fit", "partial_fit"])
def test_wrong_weights_are_refused(weights, learn):
    images, _ = halves()
    with pytest.raises(
        (ValueError, TypeError), match="HistogramThresholdMasker expects sample_weight"
    ):
        getattr(HistogramThresholdMasker(), learn)(images, sample_weight=weights)
