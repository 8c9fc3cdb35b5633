import pickle

import joblib
import numpy as np
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from skmask import (
    BinaryDilator,
    BinaryEroder,
    FixedMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    MaskComplement,
    MaskDifference,
    MaskIntersection,
    MaskSymmetricDifference,
    MaskUnion,
    MaskVote,
    RangeMasker,
    ThresholdMasker,
)
from skmask.base import ImageMasker

COMBINATIONS = pytest.mark.parametrize(
    "cls", [MaskUnion, MaskIntersection, MaskDifference, MaskSymmetricDifference, MaskVote]
)
IMAGES = np.random.default_rng(0).integers(0, 9, (3, 6, 7))
a, b, c = ThresholdMasker(2), RangeMasker(1, 6), ThresholdMasker(5, foreground="dark")
MASK = IMAGES[0] > 4
in_a, in_b, in_c = IMAGES > 2, (IMAGES >= 1) & (IMAGES <= 6), IMAGES <= 5
PAIRS = [("a", a), ("b", b), ("c", c)]


class MeanMasker(ImageMasker):
    """Learns a threshold, the weighted mean of the training images, and keeps what it was shown."""

    def fit(self, X, y=None, sample_weight=None):
        self.shown_, self.y_ = X, y
        self.mean_ = np.average(np.sum(X, axis=(1, 2)), weights=sample_weight) / X[0].size
        return self

    def _fit(self, images, y):
        """Say that this masker learns."""

    def _transform(self, images):
        return images > self.mean_


def means_of(combination):
    return [masker.mean_ for _, masker in combination.maskers_]


def names_of(combination):
    return [name for name, _ in combination.maskers]


# Laws


pixels = st.integers(0, 4).map(float) | st.just(np.nan)
stacks = arrays(float, (2, 3, 4), elements=pixels)
leaves = st.one_of(
    st.builds(lambda t: (ThresholdMasker(t), lambda X: np.greater(X, t)), st.integers(-1, 4)),
    st.builds(lambda t: (RangeMasker(high=t), lambda X: np.less_equal(X, t)), st.integers(-1, 4)),
)
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda p, q: (p[0] | q[0], lambda X: p[1](X) | q[1](X)), inner, inner),
        st.builds(lambda p, q: (p[0] & q[0], lambda X: p[1](X) & q[1](X)), inner, inner),
        st.builds(lambda p, q: (p[0] - q[0], lambda X: p[1](X) & ~q[1](X)), inner, inner),
        st.builds(lambda p: (~p[0], lambda X: ~p[1](X) & ~np.isnan(X)), inner),
    ),
    max_leaves=8,
)
maskers = expressions.map(lambda expression: expression[0])


@settings(deadline=None, max_examples=60)
@given(expressions, stacks)
def test_expressions_of_maskers_equal_those_of_arrays(expression, X):
    masker, compute = expression
    assert_array_equal(masker.transform(X), compute(X))
    assert_array_equal(masker.fit_transform(X), compute(X))


@settings(deadline=None, max_examples=12)
@given(maskers, maskers, maskers, stacks)
def test_laws_of_set_algebra_hold(a, b, c, X):
    for left, right in [
        (~(a | b), ~a & ~b),
        (~(a & b), ~a | ~b),
        (a | b, b | a),
        (a & b, b & a),
        ((a | b) | c, a | (b | c)),
        ((a & b) & c, a & (b & c)),
        (a & (b | c), (a & b) | (a & c)),
        (a | (b & c), (a | b) & (a | c)),
        (a - b, a & ~b),
        (a - b - c, a - (b | c)),
        (a | (a & b), a),
        (a | a, a & a),
        (MaskComplement(MaskComplement(a)), a),
        (MaskVote([("a", a), ("b", b), ("c", c)]), (a & b) | (a & c) | (b & c)),
        (MaskVote([("a", a), ("b", b)], min_votes=1), a | b),
        (MaskVote([("a", a), ("b", b)], min_votes=2), a & b),
    ]:
        assert_array_equal(left.transform(X), right.transform(X))


# Members


@COMBINATIONS
@pytest.mark.parametrize("container", [np.asarray, list], ids=["stack", "list"])
def test_every_member_is_shown_what_came_in(cls, container):
    X, y = container(IMAGES), container(in_a)
    combination = cls([("one", MeanMasker()), ("two", MeanMasker())]).fit(X, y)
    for _, member in combination.maskers_:
        assert member.shown_ is X
        assert member.y_ is y


def test_fitted_members_are_found_by_name_and_given_ones_stay_unfitted():
    given_masker = MeanMasker()
    union = MaskUnion([("mean", given_masker), ("a", a), ("b", "drop")]).fit(IMAGES)
    assert not hasattr(given_masker, "mean_")
    assert union.named_maskers_.mean.mean_ == pytest.approx(IMAGES.mean())
    assert names_of(union) == ["mean", "a", "b"]
    assert union.maskers_ == list(union.named_maskers_.items())
    assert list(union.named_maskers_) == ["mean", "a"]
    assert_array_equal(union.transform(IMAGES), (IMAGES.mean() < IMAGES) | in_a)


def test_parameters_are_reached_through_names():
    union = MaskUnion(PAIRS)
    assert union.get_params()["a__threshold"] == 2
    assert union.get_params(deep=False).keys() == {"maskers", "channel_axis"}
    union = clone(union).set_params(a__threshold=4, b="drop", c=RangeMasker(high=1))
    assert_array_equal(union.transform(IMAGES), (IMAGES > 4) | (IMAGES <= 1))
    assert names_of(MaskUnion(PAIRS)) == ["a", "b", "c"]
    assert a.threshold == 2
    pipeline = make_pipeline(a, BinaryDilator()) | c
    pipeline.set_params(pipeline__binarydilator__iterations=0)
    assert_array_equal(pipeline.transform(IMAGES), in_a | in_c)


@COMBINATIONS
def test_one_member_left_gives_a_copy_of_its_masks(cls):
    X = in_a.copy()
    result = cls([("same", FunctionTransformer()), ("b", "drop")]).fit_transform(X)
    assert_array_equal(result, in_a)
    assert not np.shares_memory(result, X)


def test_frozen_members_are_used_as_they_are():
    frozen = FrozenEstimator(MeanMasker().fit(IMAGES))
    union = MaskUnion([("frozen", frozen), ("a", a)])
    expected = (IMAGES.mean() < IMAGES) | in_a
    assert_array_equal(union.transform(IMAGES), expected)
    assert_array_equal(union.fit(IMAGES * 100).transform(IMAGES), expected)
    assert_array_equal((frozen | a).transform(IMAGES), expected)


def test_fit_is_required_where_a_member_learns():
    assert not get_tags(a | b).requires_fit
    assert not get_tags(~a).requires_fit
    learning = a | make_pipeline(MeanMasker(), BinaryDilator())
    assert get_tags(learning).requires_fit
    assert get_tags(~learning & b).requires_fit
    with pytest.raises(NotFittedError):
        learning.transform(IMAGES)


def test_fit_parameters_go_to_every_member_or_where_they_are_routed():
    weights = np.array([1.0, 0.0, 0.0])
    union = MaskUnion([("one", MeanMasker()), ("two", MeanMasker())])
    fitted = clone(union).fit(IMAGES, sample_weight=weights)
    assert means_of(fitted) == pytest.approx([IMAGES[0].mean()] * 2)
    with config_context(enable_metadata_routing=True):
        union.set_params(
            one=MeanMasker().set_fit_request(sample_weight=True),
            two=MeanMasker().set_fit_request(sample_weight=False),
        )
        fitted = make_pipeline(MaskApplier(union)).fit(IMAGES, sample_weight=weights)[0].masker_
        assert means_of(fitted) == pytest.approx([IMAGES[0].mean(), IMAGES.mean()])
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            (~MeanMasker()).fit(IMAGES, sample_weight=weights)


@pytest.mark.parametrize(
    ("maskers", "error", "match"),
    [
        (a, TypeError, r"expects maskers to be a list of \(name, masker\) pairs, got Thre"),
        ([a, b], TypeError, r"expects maskers to be a list of \(name, masker\) pairs"),
        ([("a", a, b)], TypeError, "expects maskers to be a list of"),
        ([(1, a)], TypeError, "expects maskers to be a list of"),
        ([("a", a), ("a", b)], ValueError, "Names provided are not unique"),
        ([("a__b", a)], ValueError, "must not contain __"),
        ([("maskers", a)], ValueError, "conflict with constructor arguments"),
        ([], ValueError, "expects maskers to hold at least one, got none"),
        (
            [("a", MASK)],
            TypeError,
            "expects a masker in maskers as 'a', got ndarray. Use FixedMasker",
        ),
        ([("a", "remove")], TypeError, "expects a masker in maskers as 'a', got str"),
        ([("a", ThresholdMasker)], TypeError, "got the class ThresholdMasker"),
    ],
)
@COMBINATIONS
def test_bad_maskers_are_refused(cls, maskers, error, match):
    for call in (cls(maskers).fit, cls(maskers).transform):
        with pytest.raises(error, match=match):
            call(IMAGES)


@COMBINATIONS
def test_all_members_dropped_are_refused(cls):
    with pytest.raises(ValueError, match="expects maskers to hold at least one, got none"):
        cls([("a", "drop")]).fit(IMAGES)


def test_difference_needs_its_first_masker():
    difference = (a - b).set_params(thresholdmasker="drop")
    with pytest.raises(ValueError, match="expects a masker to take the others from"):
        difference.fit(IMAGES)


@COMBINATIONS
def test_members_that_give_no_masks_of_the_images_are_refused(cls):
    flat = make_pipeline(a, ImageFlattener())
    with pytest.raises(ValueError, match=r"output of its masker 'flat' of shape \(3, 6, 7\).*got"):
        cls([("a", a), ("flat", flat)]).fit(IMAGES).transform(IMAGES)
    with pytest.raises(ValueError, match="expects the output of its masker 'b' to be masks"):
        cls([("a", a), ("b", MaskApplier(b))]).transform(IMAGES)
    to_gray = make_pipeline(FunctionTransformer(np.squeeze), a)
    with pytest.raises(ValueError, match="of shape .* the shape of the images"):
        cls([("a", a), ("b", to_gray)]).fit(IMAGES[:1]).transform(IMAGES[:1])


@COMBINATIONS
def test_members_may_give_masks_of_two_numbers(cls):
    numbers = make_pipeline(a, FunctionTransformer(lambda masks: masks * 255))
    with_numbers = cls([("a", numbers), ("b", b), ("c", c)])
    assert_array_equal(with_numbers.fit_transform(IMAGES), cls(PAIRS).transform(IMAGES))


# Votes, NaN, channels


def test_votes_are_counted():
    votes = in_a.astype(int) + in_b + in_c
    for min_votes in (1, 2, 3):
        masks = MaskVote(PAIRS, min_votes=min_votes).transform(IMAGES)
        assert_array_equal(masks, votes >= min_votes)
    assert_array_equal(MaskVote(PAIRS).transform(IMAGES), votes >= 2)
    assert_array_equal(MaskVote(PAIRS).set_params(c="drop").transform(IMAGES), in_a & in_b)


def test_many_votes_do_not_wrap_around():
    crowd = MaskVote([(f"a{i}", a) for i in range(256)], min_votes=256)
    assert_array_equal(crowd.transform(IMAGES), in_a)


def test_number_of_votes_is_checked():
    with pytest.raises(ValueError, match="at most the number of its maskers, 3, got 4"):
        MaskVote(PAIRS, min_votes=4).fit(IMAGES)
    with pytest.raises(ValueError, match="'min_votes' parameter of MaskVote"):
        MaskVote(PAIRS, min_votes=0).transform(IMAGES)


def test_nan_is_in_no_complement():
    X = np.where(IMAGES == 0, np.nan, IMAGES)
    assert_array_equal((~a).transform(X), X <= 2)
    assert_array_equal((~a | ~~a).transform(X), ~np.isnan(X))


COLORS = np.random.default_rng(1).integers(0, 9, (3, 4, 5, 2))
REDS = RangeMasker([5, 0], [9, 9], channel_axis=-1)
DULLS = RangeMasker(None, [9, 4], channel_axis=-1)


def test_channels_are_combined_where_the_operands_reduce_them():
    red, dull = COLORS[..., 0] >= 5, COLORS[..., 1] <= 4
    assert_array_equal((REDS | DULLS).transform(COLORS), red | dull)
    assert_array_equal((REDS - DULLS).fit_transform(list(COLORS)), red & ~dull)
    pipeline = make_pipeline(REDS, BinaryDilator(iterations=0))
    assert_array_equal((pipeline - ~DULLS).transform(COLORS), red & dull)
    gray = make_pipeline(FunctionTransformer(lambda X: X[..., 0]), ThresholdMasker(4))
    union = MaskUnion([("gray", gray), ("dull", DULLS)], channel_axis=-1)
    assert_array_equal(union.fit_transform(COLORS), red | dull)


def test_nan_in_any_channel_is_in_no_complement():
    X = COLORS.astype(float)
    X[0, 0, 0, 1] = X[0, 1, 1] = np.nan
    expected = COLORS[..., 0] < 5
    expected[0, 0, 0] = expected[0, 1, 1] = False
    assert_array_equal((~REDS).transform(X), expected)


@pytest.mark.parametrize("axis", [0, 4, -5])
def test_channel_axis_that_is_not_there_is_refused(axis):
    with pytest.raises(ValueError, match="MaskComplement expects channel_axis to be an axis"):
        MaskComplement(a, channel_axis=axis).transform(COLORS)
    with pytest.raises(ValueError, match="flat rows have no channels"):
        MaskComplement(a, channel_axis=1).transform(IMAGES[0])


# Whole ways


def test_grid_search_reaches_through_a_pipeline_an_applier_and_a_union(disks):
    images, masks = disks
    y = np.arange(len(images)) % 2
    images = images // (1 + y[:, np.newaxis, np.newaxis])  # dark disks against bright ones
    union = make_pipeline(ThresholdMasker(), BinaryDilator()) | RangeMasker(high=5)
    pipeline = make_pipeline(MaskApplier(union), ImageFlattener(), LogisticRegression())
    name = "maskapplier__masker__pipeline__thresholdmasker__threshold"
    grid = {
        name: [60, 105, 300],
        "maskapplier__masker__pipeline__binarydilator__iterations": [0, 2],
        "maskapplier__masker__rangemasker": ["drop", RangeMasker(high=3)],
    }
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(images, y)
    assert len(search.cv_results_["params"]) == 12
    scores, thresholds = search.cv_results_["mean_test_score"], search.cv_results_[f"param_{name}"]
    # Above 300 there is nothing, and nothing cannot tell bright from dark.
    assert search.best_params_[name] != 300
    assert scores[thresholds == 300].max() <= 0.5 < search.best_score_


def test_maskers_themselves_can_be_searched(disks):
    images, masks = disks
    pipeline = make_pipeline(MaskApplier(a), ImageFlattener(), LogisticRegression())
    grid = {"maskapplier__masker": [a | b, a & b, ~a, a - b]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(images, np.arange(8) % 2)
    assert len(search.cv_results_["params"]) == 4


def test_tutorial_is_one_pipeline_with_operators():
    """Soft tissue of a radiograph, without bone, with its small gaps closed, as a classifier's rows."""
    from scipy import ndimage

    rng = np.random.default_rng(0)
    X = ndimage.gaussian_filter(rng.random((6, 40, 50)), (0, 3, 3))
    X = (128 * (X - X.min()) / np.ptp(X)).astype(np.uint8)
    y = np.arange(6) % 2
    X[y == 1, 10:20, 10:20] += 40
    tissue = make_pipeline(
        ThresholdMasker(32) - ThresholdMasker(64), BinaryDilator(), BinaryEroder()
    )
    pipeline = make_pipeline(MaskApplier(tissue), ImageFlattener(), LogisticRegression())

    mask = (X > 32) & ~(X > 64)
    for i, one in enumerate(mask):
        mask[i] = ndimage.binary_erosion(ndimage.binary_dilation(one), border_value=1)
    rows = np.where(mask, X, 0).reshape(6, -1)
    assert_array_equal(pipeline[:-1].fit_transform(X), rows)
    assert_array_equal(
        pipeline.fit(X, y).predict_proba(X), LogisticRegression().fit(rows, y).predict_proba(rows)
    )


@pytest.mark.parametrize(
    "masker",
    [
        a | b | make_pipeline(c, BinaryDilator()),
        a & FixedMasker(MASK),
        (a - b) | ~c,
        MaskVote(PAIRS, min_votes=2),
        MaskApplier(a - c),
    ],
    ids=lambda masker: type(masker).__name__,
)
def test_saved_maskers_give_the_same(masker, tmp_path):
    expected = masker.fit(IMAGES).transform(IMAGES)
    joblib.dump(masker, tmp_path / "masker.joblib")
    data = skops.io.dumps(masker)
    trusted = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("skmask.") for name in trusted)
    for loaded in (
        joblib.load(tmp_path / "masker.joblib"),
        pickle.loads(pickle.dumps(masker)),
        skops.io.loads(data, trusted=trusted),
        clone(masker).fit(IMAGES),
    ):
        assert_array_equal(loaded.transform(IMAGES), expected)


def test_symmetric_difference_is_where_an_odd_number_takes():
    X = np.random.default_rng(0).integers(0, 100, (3, 6, 7))
    masks = [threshold < X for threshold in (20, 50, 80)]
    one, two, three = (ThresholdMasker(threshold) for threshold in (20, 50, 80))
    assert_array_equal((one ^ two).transform(X), masks[0] ^ masks[1])
    chain = one ^ two ^ three
    assert type(chain) is MaskSymmetricDifference
    assert [name for name, _ in chain.maskers] == [f"thresholdmasker-{i}" for i in (1, 2, 3)]
    assert_array_equal(chain.fit(X).transform(X), masks[0] ^ masks[1] ^ masks[2])
    assert_array_equal((make_pipeline(one) ^ two).transform(X), masks[0] ^ masks[1])


@pytest.mark.parametrize("min_votes", [None, 0.3, 0.6, 1.0])
def test_weights_count_in_the_vote(min_votes):
    X = np.random.default_rng(0).integers(0, 100, (3, 6, 7))
    weights = [0.1, 0.2, 0.7]
    maskers = [(f"above {t}", ThresholdMasker(t)) for t in (20, 50, 80)]
    share = sum(w * (t < X) for w, t in zip(weights, (20, 50, 80), strict=True))
    expected = share > 0.5 if min_votes is None else share >= min_votes - 1e-9
    vote = MaskVote(maskers, min_votes=min_votes, weights=weights)
    assert_array_equal(vote.fit(X).transform(X), expected)
    maskers[1] = ("above 50", "drop")
    kept = MaskVote(maskers, weights=weights)
    assert_array_equal(kept.transform(X), 0.7 * (X > 80) + 0.1 * (X > 20) > 0.4)


def test_half_of_the_weights_is_no_majority():
    X = np.ones((1, 2, 2))
    maskers = [(str(i), ThresholdMasker(0)) for i in range(2)] + [("no", ThresholdMasker(2))]
    assert not MaskVote(maskers, weights=[0.1, 0.2, 0.3]).transform(X).any()
    assert MaskVote(maskers, weights=[0.1, 0.2, 0.3], min_votes=0.3).transform(X).all()


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"weights": [1]}, "weights to be 2 numbers from 0 on"),
        ({"weights": [1, -1]}, "weights to be 2 numbers from 0 on"),
        ({"weights": [0, 0]}, "not all 0"),
        ({"weights": [1, np.inf]}, "weights to be 2 numbers from 0 on"),
        ({"weights": [1, 2], "min_votes": 4}, "at most the sum of its weights, 3, got 4"),
        ({"min_votes": 1.5}, "min_votes to be an integer without weights, got 1.5"),
    ],
)
def test_weights_that_make_no_vote_are_refused(parameters, match):
    maskers = [("a", ThresholdMasker()), ("b", ThresholdMasker())]
    with pytest.raises(ValueError, match=f"MaskVote expects .*{match}"):
        MaskVote(maskers, **parameters).fit(np.ones((1, 2, 2)))


def test_metadata_that_a_masker_does_not_take_name_it_and_routing():
    X = np.arange(60.0).reshape(3, 4, 5)
    union = MaskUnion([("learned", HistogramThresholdMasker()), ("given", ThresholdMasker(3))])
    match = "MaskUnion cannot pass roi to its masker 'given', as fit of ThresholdMasker .*metadata routing"
    with pytest.raises(TypeError, match=match):
        union.fit(X, roi=X > 1)
    MaskUnion([("learned", HistogramThresholdMasker())]).fit(X, roi=X > 1)
