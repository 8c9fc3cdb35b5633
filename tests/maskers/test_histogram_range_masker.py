import functools
import itertools
import pickle

import numpy as np
import pytest
import skimage.data
import skimage.filters
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

from skmask import HistogramRangeMasker, HistogramThresholdMasker, RangeMasker
from skmask._kernels.scores.overlap import count_overlap
from skmask._kernels.thresholds.criteria import CRITERIA, cost, f_beta
from skmask.metrics import dice_score, dice_scorer, jaccard_score

SUPERVISED = ["cost", "dice", "f_beta", "jaccard", "youden"]
LEARNED = ["low_", "high_", "low_interval_", "high_interval_", "best_score_"]


def learned(masker):
    return [getattr(masker, name) for name in LEARNED]


def layers(shape=(6, 20, 24), dtype=np.uint8, seed=0, noise=8):
    """Noisy images of three levels; the true masks are the middle one, absent from the last image."""
    rng = np.random.default_rng(seed)
    levels = np.zeros(shape)
    levels[:, :, 8:] = 2
    for i, level in enumerate(levels[:-1]):
        level[: 4 + 3 * i, 4:18] = 1
    images = 40 + 60 * levels + rng.normal(0, noise, shape)
    if np.dtype(dtype).kind != "f":
        images = images.clip(0, 200).round()
    return images.astype(dtype), levels == 1


@pytest.mark.parametrize("name", ["camera", "coins", "page", "moon", "text"])
@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_classes_are_those_of_scikit_image(name, n_classes):
    image = getattr(skimage.data, name)()
    theirs = np.digitize(image, skimage.filters.threshold_multiotsu(image, n_classes), right=True)
    ours = np.zeros_like(theirs)
    for select in range(n_classes):
        masker = HistogramRangeMasker(n_classes=n_classes, select=select)
        ours += select * masker.fit_transform(image[np.newaxis])[0]
    spread = [sum(image[labels == c].var() * (labels == c).sum() for c in range(n_classes))
              for labels in (ours, theirs)]  # fmt: skip
    # Where several splits are equally good, scikit-image takes another one.
    assert spread[0] <= spread[1] * (1 + 1e-12)
    assert (ours == theirs).mean() > 0.999


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.int64, (2, 3, 4), elements=st.integers(-40, 40)),
    st.sampled_from([np.int8, np.int64, np.float16, np.float32, np.float64]),
    st.integers(2, 4),
)
@pytest.mark.filterwarnings("ignore:.*found fewer values than classes:UserWarning")
def test_classes_divide_all_numbers_among_them(values, dtype, n_classes):
    images = values.astype(dtype) / 8 if np.dtype(dtype).kind == "f" else values.astype(dtype)
    maskers = [
        HistogramRangeMasker(n_classes=n_classes, select=c).fit(images) for c in range(n_classes)
    ]
    bounds = [bound for masker in maskers for bound in (masker.low_, masker.high_)]
    finite = [bound for bound in bounds if np.isfinite(bound)]
    unseen = np.array([*np.linspace(-50, 50, 401), *finite]).astype(dtype)[np.newaxis, np.newaxis]
    assert (sum(masker.transform(unseen).astype(int) for masker in maskers) == 1).all()


@settings(deadline=None, max_examples=40)
@given(arrays(np.int16, (1, 3, 12), elements=st.integers(-40, 40)), st.booleans())
@pytest.mark.filterwarnings("ignore:.*found:UserWarning")
def test_upper_of_two_classes_is_above_the_threshold_of_otsu(images, as_float):
    images = images / 8 if as_float else images
    unseen = np.arange(-400, 400)[np.newaxis, np.newaxis] / (8 if as_float else 1)
    threshold = HistogramThresholdMasker("otsu").fit(images)
    upper = HistogramRangeMasker("otsu", n_classes=2, select=1).fit(images)
    assert upper.low_interval_ == threshold.threshold_interval_
    unseen = unseen.astype(images.dtype)
    assert_array_equal(upper.transform(unseen), threshold.transform(unseen))


@pytest.mark.parametrize(
    ("select", "expected"),
    [(0, [0]), (-1, [3]), ([1, 2], [1, 2]), ((-1, 2), [2, 3]), (range(4), [0, 1, 2, 3])],
)
def test_selected_classes_are_foreground(select, expected):
    values = np.array([10, 12, 50, 52, 90, 92, 130, 132])
    masker = HistogramRangeMasker(n_classes=4, select=select).fit(values.reshape(1, 2, 4))
    mask = masker.transform(values.reshape(1, 2, 4))
    assert_array_equal(mask.ravel(), np.isin(np.repeat(range(4), 2), expected))
    assert (masker.low_ == -np.inf) == (0 in expected)
    assert (masker.high_ == np.inf) == (3 in expected)


def test_bounds_lie_in_the_middle_of_gaps():
    images = np.array([[[10, 12, 40, 43, 80]], [[11, 44, 42, 90, 85]]])
    masker = HistogramRangeMasker().fit(images)
    assert (masker.low_, masker.high_) == (27, 62)
    assert masker.low_interval_ == (12, 40)
    assert masker.high_interval_ == (44, 80)
    assert_array_equal(masker.thresholds_, [26, 62])
    floats = HistogramRangeMasker("dice").fit(images / 2, (images >= 40) & (images <= 44))
    assert (floats.low_, floats.high_) == (np.nextafter(13.0, 14.0), 31.0)


@settings(deadline=None, max_examples=60)
@given(
    arrays(np.int64, (2, 20), elements=st.integers(-30, 30)),
    st.sampled_from([0, 0.25, 0.5, 0.75, 1]),
    st.sampled_from([0, 0.25, 0.5, 0.75, 1]),
    st.sampled_from([np.int64, np.float32]),
)
def test_quantiles_are_those_of_numpy(values, a, b, dtype):
    quantiles = min(a, b), max(a, b)
    images = values.astype(dtype)
    masker = HistogramRangeMasker("quantile", quantiles=quantiles).fit(images)
    low, high = np.quantile(images, quantiles, method="inverted_cdf")
    assert (masker.low_, masker.high_) == (low, high)
    assert_array_equal(masker.transform(images), (images >= low) & (images <= high))


def test_quantiles_may_be_open():
    images, _ = layers()
    assert HistogramRangeMasker("quantile", quantiles=(None, 0.5)).fit(images).low_ == -np.inf
    assert HistogramRangeMasker("quantile", quantiles=(0.5, None)).fit(images).high_ == np.inf


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("method", SUPERVISED)
def test_supervised_range_is_the_best_of_all(method, dtype):
    images, masks = layers((4, 6, 12), noise=25)
    images = (images // 4).astype(dtype)
    masker = HistogramRangeMasker(method).fit(images, masks)

    def score(low, high):
        counts = count_overlap(masks, (images >= low) & (images <= high)).sum(axis=0)
        return CRITERIA[method](*counts.astype(float))

    pairs = itertools.combinations_with_replacement(np.unique(images), 2)
    best = max(score(*pair) for pair in pairs)
    assert masker.best_score_ == pytest.approx(best, abs=1e-12)
    assert score(masker.low_, masker.high_) == pytest.approx(best, abs=1e-12)
    given = RangeMasker(masker.low_, masker.high_).transform(images)
    assert_array_equal(masker.transform(images), given)


@settings(deadline=None, max_examples=120)
@given(
    arrays(
        np.float32,
        (2, 3, 4),
        elements=st.sampled_from([1, 2, 3, 4, np.nan, np.inf, -np.inf]),
    ).filter(lambda images: np.isfinite(images).any()),
    arrays(bool, (2, 3, 4)),
    st.sampled_from(SUPERVISED),
)
@pytest.mark.filterwarnings("ignore:.*labeled masks without any foreground:UserWarning")
def test_supervised_range_is_the_best_of_all_with_nan_and_infinities(images, masks, method):
    masker = HistogramRangeMasker(method).fit(images, masks)

    def score(predicted):
        if method == "dice":
            return dice_score(masks, predicted, average="micro")
        return CRITERIA[method](*count_overlap(masks, predicted).sum(axis=0).astype(float))

    values = np.unique(images[~np.isnan(images)])
    pairs = itertools.combinations_with_replacement(values, 2)
    ranges = [(images >= low) & (images <= high) for low, high in pairs]
    best = max(map(score, [*ranges, np.zeros_like(masks)]))
    assert masker.best_score_ == pytest.approx(best, abs=1e-12)
    assert score(masker.transform(images)) == pytest.approx(best, abs=1e-12)


def test_infinite_background_is_left_out_of_the_range():
    images = np.array([[[-np.inf, 1, 2, 3, 4, np.inf, np.inf]]])
    for wanted in ([3, 4], [1, 2], [np.inf], [-np.inf]):
        masks = np.isin(images, wanted)
        masker = HistogramRangeMasker("dice").fit(images, masks)
        assert masker.best_score_ == 1
        assert_array_equal(masker.transform(images), masks)


def test_balanced_images_weigh_alike_however_many_nan_they_have():
    images = np.array([[[1.0] * 6], [[2.0, *[np.nan] * 5]]])
    masks = np.ones_like(images, bool)
    masks[0, 0, :3] = False
    masker = HistogramRangeMasker("dice", strategy="balanced").fit(images, masks)
    assert masker.best_score_ == pytest.approx(2 * (3 + 1) / (6 + 1 + 3 + 6))


def test_functions_with_arguments_serve_as_methods():
    images, masks = layers(noise=25)
    wide = HistogramRangeMasker(functools.partial(f_beta, beta=4.0)).fit(images, masks)
    dice = HistogramRangeMasker(f_beta).fit(images, masks)
    assert wide.high_ - wide.low_ > dice.high_ - dice.low_
    assert learned(dice) == learned(HistogramRangeMasker("dice").fit(images, masks))
    narrow = HistogramRangeMasker(functools.partial(cost, fp_cost=9.0)).fit(images, masks)
    assert narrow.high_ - narrow.low_ < dice.high_ - dice.low_
    assert learned(pickle.loads(pickle.dumps(wide))) == learned(wide)


def test_learned_range_is_ahead_of_any_threshold():
    images, masks = layers()
    unseen, truth = layers(seed=1)
    ranged = HistogramRangeMasker("jaccard").fit(images, masks)
    threshold = HistogramThresholdMasker("jaccard", foreground="auto").fit(images, masks)
    assert jaccard_score(truth, ranged.transform(unseen)) > 0.95
    assert jaccard_score(truth, threshold.transform(unseen)) < 0.8


def test_search_tunes_classes_and_quantiles():
    images, masks = layers()
    grid = [
        {"n_classes": [2, 3], "select": [0, 1]},
        {"method": ["quantile"], "quantiles": [(0.1, 0.5), (None, 0.9)]},
    ]
    search = GridSearchCV(HistogramRangeMasker(), grid, scoring=dice_scorer, cv=3)
    search.fit(images, masks)
    assert search.best_params_ == {"n_classes": 3, "select": 1}


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    order=st.randoms(use_true_random=False),
    dtype=st.sampled_from([np.uint8, np.int16, np.float32]),
    params=st.sampled_from(
        [
            {},
            {"method": "quantile", "strategy": "balanced"},
            {"method": "dice"},
            {"method": "youden", "strategy": "balanced"},
        ]
    ),
)
@pytest.mark.filterwarnings("ignore:.*labeled masks without any foreground:UserWarning")
def test_partial_fit_and_merge_equal_fit_on_all_in_any_order(cuts, order, dtype, params):
    images, masks = layers(dtype=dtype)
    whole = HistogramRangeMasker(**params).fit(images, masks)
    edges = sorted({0, 6, *cuts})
    parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
    order.shuffle(parts)
    streamed = HistogramRangeMasker(**params)
    merged = None
    for part in parts:
        streamed.partial_fit(images[part], masks[part])
        one = HistogramRangeMasker(**params).fit(images[part], masks[part])
        merged = one if merged is None else merged.merge(one)
    for masker in (streamed, merged):
        assert learned(masker) == learned(whole)
        assert_array_equal(masker.histogram_, whole.histogram_)
        assert_array_equal(masker.bin_edges_, whole.bin_edges_)


@pytest.mark.parametrize("params", [{}, {"method": "quantile"}, {"method": "dice"}])
def test_integer_weights_are_copies(params):
    images, masks = layers(noise=20)
    weights = np.array([2, 0, 1, 3, 0, 1])
    weighted = HistogramRangeMasker(**params).fit(images, masks, sample_weight=weights)
    copies = HistogramRangeMasker(**params).fit(
        np.repeat(images, weights, axis=0), np.repeat(masks, weights, axis=0)
    )
    assert learned(weighted) == learned(copies)


@pytest.mark.parametrize("params", [{}, {"method": "quantile"}, {"method": "dice"}])
def test_only_the_region_of_interest_is_learned_from(params):
    images, masks = layers()
    spoiled = images.copy()
    spoiled[:, :, :5] = 255
    roi = np.ones(images.shape[1:], bool)
    roi[:, :5] = False
    expected = HistogramRangeMasker(**params).fit(images[:, :, 5:], masks[:, :, 5:])
    for region in (roi, np.broadcast_to(roi, images.shape)):
        masker = HistogramRangeMasker(**params).fit(spoiled, masks, roi=region)
        assert learned(masker) == learned(expected)


@pytest.mark.parametrize("params", [{}, {"method": "dice", "strategy": "balanced"}])
def test_list_of_images_and_masks_learns_what_the_stack_does(params):
    images, masks = layers()
    stack = HistogramRangeMasker(**params).fit(images, masks)
    ragged = HistogramRangeMasker(**params).fit(list(images), list(masks))
    assert learned(ragged) == learned(stack)


def test_balanced_counts_every_image_alike():
    small, large = np.arange(4).reshape(2, 2), np.full((40, 40), 9)
    masker = HistogramRangeMasker("quantile", quantiles=(0, 0.4), strategy="balanced")
    assert masker.fit([small, large]).high_ == 3
    assert masker.set_params(strategy="pooled").fit([small, large]).high_ == 9


def test_per_image_chooses_for_each_image():
    images, _ = layers()
    shifted = images[:-1] + np.arange(5, dtype=np.uint8)[:, np.newaxis, np.newaxis] * 10
    masker = HistogramRangeMasker(strategy="per_image")
    for mask, image in zip(masker.transform(shifted), shifted, strict=True):
        assert_array_equal(mask, HistogramRangeMasker().fit_transform(image[np.newaxis])[0])
    empty = np.full((1, 3, 3), np.nan)
    assert not masker.transform(empty).any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("params", [{}, {"method": "quantile"}, {"method": "dice"}])
def test_nan_and_infinities_are_not_learned_from(params, dtype):
    images, masks = layers(dtype=dtype)
    expected = HistogramRangeMasker(**params).fit(images[:, 2:], masks[:, 2:])
    images[:, 0], images[:, 1, ::2], images[:, 1, 1::2] = np.nan, np.inf, -np.inf
    masks[:, 1] = False
    masker = HistogramRangeMasker(**params).fit(images, masks)
    assert learned(masker)[:4] == learned(expected)[:4]
    assert not masker.transform(images)[:, :2].any()


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (np.array([-128, 0, 127], np.int8), -63, 63),
        (np.array([0, 2**63, 2**64 - 1], np.uint64), 2**62, 3 * 2**62),
        (np.array([0.0, 1e-310, 2e-310]), 5e-311, 1.5e-310),
        (np.array([-3e38, 0, 3e38], np.float32), -1.5e38, 1.5e38),
        (np.array([1, 2, 3], np.float16), 1.5, 2.5),
        (np.array([False, True, True]), 1, np.inf),
    ],
)
@pytest.mark.parametrize("method", ["otsu", "dice"])
@pytest.mark.filterwarnings("ignore:.*ignores n_classes:UserWarning")
def test_middle_of_three_values_is_found_in_every_dtype(method, values, low, high):
    images = np.repeat(values, 4).reshape(1, 3, 4)
    n_classes = len(np.unique(values))
    masker = HistogramRangeMasker(method, n_classes=n_classes).fit(images, images == values[1])
    assert (masker.low_, masker.high_) == pytest.approx((low, high), rel=1e-4)
    assert_array_equal(masker.transform(images), images == values[1])


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_fewer_values_than_classes_leave_the_brightest_empty(dtype):
    images = np.ones((2, 4, 4), dtype)
    for select, expected in ((0, True), (1, False), (2, False)):
        with pytest.warns(UserWarning, match="found fewer values than classes, 1 for n_classes=3"):
            masker = HistogramRangeMasker(select=select).fit(images)
        assert (masker.transform(images) == expected).all()
    assert HistogramRangeMasker("quantile").fit_transform(images).all()
    assert HistogramRangeMasker("dice").fit(images, images > 0).transform(images).all()


@pytest.mark.parametrize("method", SUPERVISED)
@pytest.mark.filterwarnings("ignore:.*labeled masks without any foreground:UserWarning")
def test_masks_of_one_class_give_nothing_or_everything(method):
    images, masks = layers()
    for label in (False, True):
        masker = HistogramRangeMasker(method).fit(images, np.full_like(masks, label))
        assert (masker.transform(images) == label).all()
        assert masker.best_score_ == (0 if method == "cost" else 1)


def test_outlier_does_not_move_the_range_of_floats():
    images, _ = layers((40, 20, 24), dtype=np.float64)
    clean = HistogramRangeMasker().fit(images)
    images[0, 0, 0] = 1e6
    masker = HistogramRangeMasker().fit(images)
    assert (masker.low_, masker.high_) == pytest.approx((clean.low_, clean.high_), abs=1)


def test_unseen_images_of_two_dtypes_fall_under_the_same_range():
    images, masks = layers(dtype=np.float32)
    masker = HistogramRangeMasker("dice").fit(images, masks)
    assert dice_score(masks, masker.transform(images.astype(np.float16))) > 0.95


@pytest.mark.parametrize("y", [None, np.arange(6), np.zeros((6, 20, 23), bool), "masks"])
@pytest.mark.parametrize("method", SUPERVISED)
def test_y_that_is_no_mask_is_refused_by_supervised_methods_alone(method, y):
    images, _ = layers()
    with pytest.raises((ValueError, TypeError), match="expects y (to be|of shape)"):
        HistogramRangeMasker(method).fit(images, y)
    HistogramRangeMasker("otsu").fit(images, y)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"method": "atsu"}, "expects method to be 'otsu', 'quantile', or .*got 'atsu'"),
        ({"method": "mcc"}, "expects method to be 'otsu'.*got 'mcc'"),
        ({"method": max}, "expects method to be 'otsu'"),
        ({"n_classes": 1}, "'n_classes' parameter of HistogramRangeMasker must be"),
        ({"select": 3}, "select to be one class or some in a row, of 0 to 2, got 3"),
        ({"select": [0, 2]}, "select to be one class or some in a row"),
        ({"select": []}, "select to be one class or some in a row"),
        ({"select": 0.5}, "'select' parameter of HistogramRangeMasker must be"),
        ({"select": [0.5]}, "select to be one class or some in a row"),
        ({"quantiles": (0.9, 0.1)}, r"quantiles to be \(low, high\).*got \(0.9, 0.1\)"),
        ({"quantiles": (0.1, 0.5, 0.9)}, r"quantiles to be \(low, high\)"),
        ({"quantiles": (5, 95)}, r"got \(5, 95\). Pass shares, not percent, in order"),
        ({"quantiles": ("a", 5)}, r"quantiles to be \(low, high\).*got \('a', 5\)"),
        ({"value_range": ("a", 5)}, r"expects a value_range of two .*got \('a', 5\)"),
        ({"quantiles": (-0.1, None)}, r"quantiles to be \(low, high\)"),
        ({"strategy": "per_image", "method": "dice"}, "per_image' with a method that needs no"),
        ({"strategy": "stack"}, "'strategy' parameter of HistogramRangeMasker must be"),
    ],
)
def test_bad_choices_are_refused(params, match):
    images, masks = layers()
    with pytest.raises(ValueError, match=match):
        HistogramRangeMasker(**params).fit(images, masks)


def test_merge_wants_a_fitted_masker_of_the_same_class_and_parameters():
    images, _ = layers()
    masker = HistogramRangeMasker().fit(images)
    for other in (HistogramRangeMasker(select=2).fit(images), HistogramThresholdMasker(), None):
        with pytest.raises(ValueError, match="merge with a masker of the same parameters"):
            masker.merge(other)
    with pytest.raises(NotFittedError):
        masker.merge(HistogramRangeMasker())


def test_merge_compares_parameters_that_are_arrays():
    images, _ = layers()
    masker = HistogramRangeMasker(select=np.array([1, 2]))
    whole = clone(masker).fit(images)
    parts = [clone(masker).fit(part) for part in (images[:2], images[2:])]
    assert learned(parts[0].merge(parts[1])) == learned(whole)
    with pytest.raises(ValueError, match="merge with a masker of the same parameters"):
        whole.merge(HistogramRangeMasker(select=np.array([0, 1])).fit(images))


def test_balanced_score_is_that_of_pixels_with_a_share_in_their_image():
    images, masks = layers(noise=25)
    X, y = [images[0], images[1][:5]], [masks[0], masks[1][:5]]
    masker = HistogramRangeMasker("dice", strategy="balanced").fit(X, y)
    counts = [
        count_overlap(truth[np.newaxis], mask[np.newaxis])[0] / mask.size
        for truth, mask in zip(y, masker.transform(X), strict=True)
    ]
    assert masker.best_score_ == pytest.approx(CRITERIA["dice"](*np.sum(counts, axis=0)))


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize(
    ("criterion", "name"),
    [
        (functools.partial(f_beta, beta=np.nan), "f_beta expects beta"),
        (functools.partial(f_beta, beta=np.inf), "f_beta expects beta"),
        (functools.partial(cost, fp_cost=np.nan), "cost expects fp_cost"),
        (functools.partial(cost, fp_cost=np.inf), "cost expects fp_cost"),
        (functools.partial(cost, fn_cost=-1), "cost expects fn_cost"),
    ],
)
def test_arguments_that_no_search_ends_with_are_refused(criterion, name, strategy):
    images, masks = layers()
    for masker in (HistogramRangeMasker, HistogramThresholdMasker):
        with pytest.raises(ValueError, match=name):
            masker(criterion, strategy=strategy).fit(images, masks)


@pytest.mark.parametrize("first", [2**60, -(2**62), 2**64 - 900])
def test_classes_of_large_integers_are_exact(first):
    images, _ = layers()
    dtype = np.uint64 if first >= 2**63 else np.int64
    large = np.array([first + value for value in images.ravel().tolist()], dtype)
    for params in ({}, {"select": 2}, {"method": "quantile", "quantiles": (0.2, 0.7)}):
        small = HistogramRangeMasker(**params).fit(images.astype(np.int64))
        masker = HistogramRangeMasker(**params).fit(large.reshape(images.shape))
        for name in ("low_", "high_"):
            bound, expected = getattr(masker, name), getattr(small, name)
            assert bound == (expected if np.isinf(expected) else first + expected)
        if small.thresholds_ is not None:
            assert masker.thresholds_.tolist() == [first + int(t) for t in small.thresholds_]
        assert_array_equal(masker.transform(large.reshape(images.shape)), small.transform(images))


@pytest.mark.parametrize("params", [{"n_classes": 9}, {"select": 0}, {"quantiles": (0.1, 0.9)}])
@pytest.mark.parametrize("method", ["dice", "quantile", "otsu", functools.partial(f_beta, beta=2)])
def test_parameters_that_a_method_does_not_read_are_warned_about(method, params):
    images, masks = layers()
    masker = HistogramRangeMasker(method, **params)
    (name,) = params
    reader = "quantile" if name == "quantiles" else "otsu"
    if method == reader:
        masker.fit(images, masks)
        return
    with pytest.warns(UserWarning, match=f"HistogramRangeMasker ignores {name}=.* only '{reader}'"):
        masker.fit(images, masks)
