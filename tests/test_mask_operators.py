import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    BinaryEroder,
    FixedMasker,
    MaskApplier,
    MaskComplement,
    MaskDifference,
    MaskIntersection,
    MaskUnion,
    RangeMasker,
    ThresholdMasker,
)

IMAGES = np.random.default_rng(0).integers(0, 9, (3, 6, 7))
MASK = IMAGES[0] > 4
a, b, c = ThresholdMasker(2), RangeMasker(1, 6), ThresholdMasker(5, foreground="dark")


def names_of(combination):
    return [name for name, _ in combination.maskers]


@pytest.mark.parametrize(
    ("combine", "cls"),
    [
        (lambda x, y: x | y, MaskUnion),
        (lambda x, y: x & y, MaskIntersection),
        (lambda x, y: x - y, MaskDifference),
    ],
)
def test_operators_flatten_chains_and_take_pipelines_on_either_side(combine, cls):
    pipeline = make_pipeline(a, BinaryDilator())
    chain = combine(combine(a, pipeline), c)
    assert type(chain) is cls
    assert chain.maskers == [
        ("thresholdmasker-1", a),
        ("pipeline", pipeline),
        ("thresholdmasker-2", c),
    ]
    assert combine(pipeline, c).maskers == [("pipeline", pipeline), ("thresholdmasker", c)]


def test_chains_flatten_to_the_right_where_the_operator_associates():
    assert (a | (b | c)).maskers == (a | b | c).maskers
    assert (a & (b & c)).maskers == (a & b & c).maskers
    assert names_of(a - (b - c)) == ["thresholdmasker", "maskdifference"]
    assert names_of((a & b) | c) == ["maskintersection", "thresholdmasker"]


def test_names_depend_on_the_maskers_alone_and_chosen_ones_stay():
    assert names_of(a | b | c) == ["thresholdmasker-1", "rangemasker", "thresholdmasker-2"]
    chosen = MaskUnion([("bone", a), ("metal", b)])
    assert names_of(chosen | c) == ["bone", "metal", "thresholdmasker"]
    assert names_of(c | chosen | a) == ["thresholdmasker-1", "bone", "metal", "thresholdmasker-2"]


def test_made_names_leave_chosen_ones_alone_and_never_repeat():
    taken = MaskUnion([("thresholdmasker", b), ("x", c)])
    assert names_of(taken | a) == ["thresholdmasker", "x", "thresholdmasker-1"]
    taken = MaskUnion([("thresholdmasker-1", b), ("thresholdmasker-3", b)])
    assert names_of(taken | a | c) == [
        "thresholdmasker-1", "thresholdmasker-3", "thresholdmasker-2", "thresholdmasker-4",
    ]  # fmt: skip
    # A name in the style of made ones is one, unless the class is another.
    mixed = MaskUnion([("a", a), ("a-1", b)]) | MaskUnion([("thresholdmasker-7", a), ("b", b)])
    assert names_of(mixed) == ["a", "a-1", "thresholdmasker", "b"]
    assert_array_equal(mixed.fit(IMAGES).transform(IMAGES), (a | b).transform(IMAGES))


def test_two_members_of_one_chosen_name_are_refused():
    bones = [MaskUnion([("bone", one), ("metal", c)]) for one in (a, b)]
    with pytest.raises(ValueError, match=r"names that differ.*got 'bone', 'metal' twice. Rename"):
        bones[0] | bones[1]
    with pytest.raises(ValueError, match="got 'bone' twice"):
        MaskUnion([("bone", a)]) | MaskUnion([("bone", a)])


def test_operators_store_their_operands_and_leave_them_alone():
    union = a | b
    before = list(union.maskers)
    longer = union | c
    longer |= b
    assert union.maskers == before
    assert longer.maskers[0][1] is a
    assert longer.maskers[1][1] is b


def test_complement_of_a_complement_is_the_masker():
    assert type(~a) is MaskComplement
    assert ~~a is a
    pipeline = make_pipeline(a, BinaryDilator())
    assert (~MaskComplement(pipeline)) is pipeline


def test_union_with_a_dropped_member_stays_one_member():
    union = (a | b).set_params(rangemasker="drop")
    assert (union | c).maskers == [("maskunion", union), ("thresholdmasker", c)]


def test_masks_of_masks_combine_too():
    edge = make_pipeline(ThresholdMasker(4), BinaryDilator() - BinaryEroder())
    expected = BinaryDilator().transform(IMAGES > 4) & ~BinaryEroder().transform(IMAGES > 4)
    assert_array_equal(edge.fit_transform(IMAGES), expected)


@pytest.mark.parametrize(
    "other",
    [
        MASK,
        np.True_,
        {1},
        [MASK],
        None,
        pd.DataFrame(MASK),
        pd.Series(MASK[0]),
    ],
    ids=lambda other: type(other).__name__,
)
@pytest.mark.parametrize(
    ("symbol", "combine"),
    [("|", lambda x, y: x | y), ("&", lambda x, y: x & y), ("-", lambda x, y: x - y)],
)
def test_operators_refuse_all_but_maskers_and_say_what_to_do(symbol, combine, other):
    for left, right in [(a, other), (other, a)]:
        with pytest.raises(TypeError, match=r"expects a masker on either.*Use FixedMasker\(mask\)"):
            combine(left, right)
    assert_array_equal((FixedMasker(MASK) & a).transform(IMAGES), MASK & (IMAGES > 2))


@pytest.mark.parametrize(
    ("other", "remedy"),
    [
        ("otsu", r"HistogramThresholdMasker\('otsu'\) for a method"),
        (3, r"ThresholdMasker\(3\) for a threshold"),
        (0.5, r"ThresholdMasker\(0\.5\) for a threshold"),
    ],
)
def test_methods_and_thresholds_are_no_maskers(other, remedy):
    with pytest.raises(TypeError, match=f"expects a masker on either.*Use {remedy}"):
        other | a


def test_operators_refuse_classes():
    for combine in (lambda: a | ThresholdMasker, lambda: ThresholdMasker | a):
        with pytest.raises(TypeError, match=r"got the class ThresholdMasker. Make one: Thresh"):
            combine()


def test_channel_axis_comes_from_operands_that_take_it_out():
    colors = RangeMasker([5, 0], [9, 9], channel_axis=-1)
    pipeline = make_pipeline(MaskApplier(colors, channel_axis=1), colors, BinaryDilator())
    for masker in (colors, pipeline, FrozenEstimator(pipeline)):
        assert (masker | a).channel_axis == -1
        assert (a - masker).channel_axis == -1
    assert (~colors).channel_axis == -1
    assert (a | b).channel_axis is None
    with pytest.raises(ValueError, match=r"& expects one channel_axis, got -1 and 1\. Pass"):
        colors & RangeMasker([5, 0], [9, 9], channel_axis=1)
    assert (colors & colors).channel_axis == -1
    # A step that keeps the channels says nothing about masks.
    assert (a | make_pipeline(MaskApplier(colors, channel_axis=-1), b)).channel_axis is None
