"""Calls after the first one, which keep what it found: they check, warn and compute as the first does."""

import functools
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skmask import (
    BinaryDilator,
    DriftGuard,
    GaussianSmoother,
    GroupedMasker,
    HistogramThresholdMasker,
    HysteresisMasker,
    LargestRegionKeeper,
    LocalThresholdMasker,
    MaskApplier,
    MaskCropper,
    MaskReconstructor,
    MaskUnion,
    PixelClassifierMasker,
    RangeMasker,
    RegionFilter,
    RegionSplitter,
    SliceWise,
    SmallRegionRemover,
    ThresholdMasker,
    _reading,
    use_engine,
)
from skmask._kernels.regions.rules import size_rule
from skmask.base import ImageTransformer
from tests.estimators import name_of, public_estimators
from tests.test_common import DTYPES, images_for

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*found fewer values than classes:UserWarning"),
]


@pytest.fixture(autouse=True)
def readings(monkeypatch):
    """Begin without readings."""
    readings = {}
    monkeypatch.setattr(_reading, "_readings", readings)
    return readings


@pytest.fixture
def mask():
    mask = np.zeros((1, 12, 13), dtype=bool)
    mask[0, 3:6, 4:8] = True
    mask[0, 9, 9] = True
    return mask


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).name)
@pytest.mark.parametrize("shape", [(5, 9, 11), (1, 1, 40)], ids=str)
@pytest.mark.filterwarnings("ignore:.*expects images like those of training:UserWarning")
def test_later_calls_give_what_the_first_gives(estimator, dtype, shape, readings):
    X = images_for(estimator, dtype, shape)
    estimator.fit(X)
    first = estimator.transform(X)
    assert_array_equal(estimator.transform(X), first)
    reversed_rows = X[:, :, ::-1].copy()[:, :, ::-1]
    assert_array_equal(clone(estimator).fit(X).transform(reversed_rows), first)
    readings.clear()
    assert_array_equal(estimator.transform(X), first)


def test_readings_are_kept_if_no_parameter_can_change_in_place(mask, readings):
    dilator = BinaryDilator()
    dilator.transform([mask[0]])
    dilator.transform(mask.tolist())
    BinaryDilator(np.ones((3, 3), dtype=bool)).transform(mask)
    BinaryDilator(image_shape=(12, 13)).transform(mask.reshape(1, -1))
    assert not readings
    dilator.transform(mask)
    BinaryDilator(radius=np.float32(2)).transform(mask * 1)
    assert [key[1:] for key in readings] == [(mask.shape, bool), (mask.shape, int)]
    assert [known.work is None for known in readings.values()] == [False, True]


def test_readings_are_kept_for_tuples_of_plain_values(mask, readings):
    masker = LocalThresholdMasker(window=(3, 5), value_range=(0, np.float32(9)))
    masker.transform(mask * 1)
    assert len(readings) == 1
    LocalThresholdMasker(window=[3, 5]).transform(mask * 1)
    BinaryDilator(([0, 1, 0], [1, 1, 1], [0, 1, 0])).transform(mask)
    assert len(readings) == 1


def test_tuples_are_checked_though_equal_ones_were(mask):
    LocalThresholdMasker(window=(3, 5)).transform(mask)
    with pytest.raises(ValueError, match=r"LocalThresholdMasker expects window .* got \(3.0, 5\)"):
        LocalThresholdMasker(window=(3.0, 5)).transform(mask)


def test_parameters_that_change_count(mask):
    dilator = BinaryDilator()
    results = {}
    for radius in (1, 2, 1):
        dilator.radius = radius
        for footprint in ("diamond", "square"):
            result = dilator.set_params(footprint=footprint).transform(mask)
            expected = BinaryDilator(footprint, radius=radius).transform(mask)
            assert_array_equal(result, expected)
            results[footprint, radius] = result.sum()
    assert len(set(results.values())) == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iterations", True),
        ("iterations", 1.0),
        ("radius", -1),
        ("border", "none"),
    ],
)
def test_parameters_are_checked_though_equal_ones_were(mask, name, value):
    dilator = BinaryDilator(iterations=1, radius=1)
    dilator.transform(mask)
    with pytest.raises(ValueError, match=f"The '{name}' parameter of BinaryDilator must be"):
        dilator.set_params(**{name: value}).transform(mask)


def test_footprints_that_change_in_place_count(mask):
    footprint = np.ones((3, 3), dtype=bool)
    dilator = BinaryDilator(footprint)
    for _ in range(2):
        assert dilator.transform(mask).sum() == 30 + 9
    footprint[0] = False
    assert dilator.transform(mask).sum() == 24 + 6


def test_unfitted_estimators_are_refused_after_fitted_ones():
    X = np.arange(90.0).reshape(1, 9, 10)
    HistogramThresholdMasker().fit(X).transform(X)
    with pytest.raises(NotFittedError):
        HistogramThresholdMasker().transform(X)
    with pytest.raises(NotFittedError):
        MaskApplier(HistogramThresholdMasker()).transform(X)


def test_each_call_warns_of_another_scale():
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10)
    masker = HistogramThresholdMasker().fit(X)
    of_floats = HistogramThresholdMasker().fit(X / 255)
    for _ in range(2):
        of_floats.transform(X / 255)
        with pytest.warns(UserWarning, match="which is another scale"):
            masker.transform(X / 255)


def test_no_call_warns_of_another_scale_where_nothing_learned_counts():
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10)
    masker = HistogramThresholdMasker().fit(X).set_params(strategy="per_image")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            assert masker.transform(X / 255).any()


def test_each_call_warns_of_colors_and_of_many_values(mask):
    colors = np.arange(20 * 20 * 3, dtype=np.uint16).reshape(1, 20, 20, 3)
    for _ in range(2):
        with pytest.warns(UserWarning, match="channel_axis"):
            ThresholdMasker(3).transform(colors)
        with pytest.warns(UserWarning, match="channel_axis"):
            GaussianSmoother(2).transform(colors)
        with pytest.warns(UserWarning, match="expects masks, got images of more than two values"):
            BinaryDilator().transform(np.arange(90).reshape(1, 9, 10))


def test_views_of_other_bytes_are_seen_in_each_call(mask):
    bytes_255 = (mask * np.uint8(255)).view(bool)
    expected = mask.sum()
    remover, applier = SmallRegionRemover(1), MaskApplier(ThresholdMasker(0)).fit(mask)
    for _ in range(2):
        assert remover.transform(mask).sum() == expected
        assert remover.transform(bytes_255).sum() == expected
        assert not ThresholdMasker(1).transform(bytes_255).any()
        as_volume = BinaryDilator(iterations=0).transform(bytes_255[:, np.newaxis])
        assert as_volume.view(np.uint8).max() == 1
        assert applier.transform(bytes_255).view(np.uint8).max() == 1


def test_arrays_of_images_and_rows_are_read_in_each_call():
    X = np.arange(90.0).reshape(1, 9, 10)
    rows, images = X.reshape(9, 10), np.empty(2, dtype=object)
    images[:] = [X[0], X[0, :4]]
    ThresholdMasker(40).fit(rows).transform(rows)
    of_other_rows = ThresholdMasker(40).fit(rows[:, :5])
    for _ in range(2):
        assert [mask.sum() for mask in ThresholdMasker(30).transform(images)] == [59, 9]
        with pytest.raises(ValueError, match="expecting 5 features"):
            of_other_rows.transform(rows)
        with pytest.warns(UserWarning, match="takes the rows of a 2-D X"):
            BinaryDilator().transform(rows > 40)


def test_one_pixel_along_an_axis_changes_nothing(mask):
    for axis in (1, 3):
        moved = np.expand_dims(mask, axis)
        for cleaner in (BinaryDilator("disk", radius=2), LargestRegionKeeper(connectivity=2)):
            expected = np.expand_dims(cleaner.transform(mask), axis)
            for _ in range(2):
                assert_array_equal(cleaner.transform(moved), expected)


def test_parameters_of_all_axes_count_with_one_pixel_along_an_axis(mask):
    moved, image = mask[:, np.newaxis], mask[:, np.newaxis] * 9.0
    largest = LargestRegionKeeper(connectivity=2).transform(mask)
    smooth = GaussianSmoother(2, channel_axis=1).transform(image[:, 0])
    for _ in range(2):
        result = LargestRegionKeeper(connectivity=3).transform(moved)
        assert_array_equal(result[:, 0], largest)
        result = GaussianSmoother(2, channel_axis=2).transform(image)
        assert_array_equal(result[:, 0], smooth)


def test_a_hook_that_a_subclass_overrides_is_called(mask):
    class Inverted(BinaryDilator):
        def _transform(self, masks):
            return ~super()._transform(masks)

    for _ in range(2):
        assert_array_equal(Inverted().transform(mask), ~BinaryDilator().transform(mask))


def test_estimators_with_equal_parameters_may_have_learned_other_rules(mask):
    class LearnedSize(SmallRegionRemover):
        def _fit(self, images, y):
            self.size_ = images.blocks[0].sum()

        def _make_rule(self, n_axes, **given):
            return size_rule(n_axes, getattr(self, "size_", 0), **given)

    for n_rows, expected in ((12, 0), (8, 12), (4, 12)):
        remover = LearnedSize().fit(mask[:, :n_rows])
        for _ in range(2):
            assert remover.transform(mask).sum() == expected


def test_images_are_checked_against_what_was_learned_in_each_call():
    X = np.arange(720.0).reshape(1, 8, 9, 10)
    of_planes = PixelClassifierMasker().fit(X[0], X[0] > 300)
    of_volumes = PixelClassifierMasker().fit(X, X > 300)
    for _ in range(2):
        of_planes.transform(X[0])
        with pytest.raises(ValueError, match="as many axes and channels as those seen in fit"):
            of_volumes.transform(X[0])


def test_results_of_other_shapes_have_the_axes_of_one_pixel(mask):
    class Pair(ImageTransformer):
        def __init__(self, image_shape=None):
            self.image_shape = image_shape

        def _transform(self, images):
            return np.stack([images, ~images], axis=-1)

    for _ in range(2):
        assert Pair().transform(mask[:, np.newaxis]).shape == (1, 1, 12, 13, 2)


def test_both_engines_run(mask):
    with use_engine("numpy"):
        expected = BinaryDilator().transform(mask)
        assert_array_equal(BinaryDilator().transform(mask), expected)
    assert_array_equal(BinaryDilator().transform(mask), expected)


def test_maskers_that_are_not_fitted_are_checked_in_each_call():
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10)
    for masker in (ThresholdMasker(30), RangeMasker(10, 20), LocalThresholdMasker(window=3)):
        applier = MaskApplier(masker)
        expected = np.where(masker.transform(X), X, 0)
        for _ in range(2):
            assert_array_equal(applier.transform(X), expected)
    with pytest.raises(TypeError, match="MaskApplier expects a masker"):
        applier.set_params(masker="otsu").transform(X)


def test_maskers_that_are_set_after_a_fit_do_nothing_before_the_next_one():
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10)
    union = MaskUnion([("a", ThresholdMasker(60)), ("b", RangeMasker(0, 5))]).fit(X)
    expected = union.transform(X)
    union.set_params(a__threshold=0)
    assert_array_equal(union.transform(X), expected)
    assert union.fit(X).transform(X).all()


@pytest.mark.parametrize(
    ("estimator", "name", "match"),
    [
        (MaskApplier(ThresholdMasker(30)), "masker", "expects a masker as 'masker'"),
        (MaskCropper(ThresholdMasker(30)), "masker", "expects a masker as 'masker'"),
        (RegionFilter(masker=ThresholdMasker(30)), "masker", "expects a masker as 'masker'"),
        (DriftGuard(ThresholdMasker(30)), "masker", "expects a masker as 'masker'"),
        (GroupedMasker(ThresholdMasker(30)), "masker", "expects a masker as 'masker'"),
        (~ThresholdMasker(30), "masker", "expects a masker as 'masker'"),
        (MaskUnion([("a", ThresholdMasker(30))]), "a", "expects a masker in maskers as 'a'"),
        (SliceWise(RangeMasker(3, 30)), "estimator", "expects a masker as 'estimator'"),
        (HysteresisMasker(RangeMasker(3, 9), 30), "low", "expects a number or a masker as 'low'"),
        (MaskReconstructor(ThresholdMasker(30), ThresholdMasker(20)), "seeds", "as 'seeds'"),
        (RegionSplitter(seeds=ThresholdMasker(30)), "seeds", "as 'seeds'"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_what_is_no_masker_is_refused_in_each_call(estimator, name, match):
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10) % 2 * 40
    estimator.fit(X)
    assert_array_equal(estimator.transform(X), estimator.transform(X))
    for value in ("otsu", ThresholdMasker):
        estimator.set_params(**{name: value})
        for images in (X, X, X[:, :8]):
            with pytest.raises(TypeError, match=f"{type(estimator).__name__} .*{match}"):
                estimator.transform(images)


@pytest.mark.parametrize(
    "maskers", ["otsu", 3, [3], [()], [("a", 3)], [("a", ThresholdMasker(1))] * 2], ids=str
)
def test_what_are_no_maskers_is_refused_in_each_call(maskers):
    X = np.arange(90, dtype=np.uint8).reshape(1, 9, 10)
    union = MaskUnion([("a", ThresholdMasker(60))]).fit(X)
    assert_array_equal(union.transform(X), union.transform(X))
    union.maskers = maskers
    for images in (X, X, X[:, :8]):
        with pytest.raises((TypeError, ValueError), match="MaskUnion expects|not unique"):
            union.transform(images)


def test_maskers_of_an_earlier_fit_are_forgotten(mask):
    splitter = RegionSplitter(masker=ThresholdMasker(0), seeds=ThresholdMasker(1))
    splitter.fit(mask * 2).set_params(masker=None, seeds=None).fit(mask)
    assert not hasattr(splitter, "masker_")
    assert not hasattr(splitter, "seeds_")
    applier = MaskApplier(ThresholdMasker(0)).fit(mask).set_params(masker=None).fit(mask)
    assert not hasattr(applier, "masker_")


def test_few_readings_are_kept(mask, readings, monkeypatch):
    monkeypatch.setattr(_reading, "_MOST_READINGS", 5)
    for width in range(1, 14):
        BinaryDilator().transform(mask[:, :, :width])
        assert len(readings) <= 5


def test_parameters_of_users_may_have_the_names_of_maskers(mask):
    class Masker(ThresholdMasker):
        _parameter_constraints = {
            **ThresholdMasker._parameter_constraints,
            "masker": "no_validation",
            "maskers": "no_validation",
        }

        def __init__(self, threshold=0.5, masker=0, maskers=None):
            super().__init__(threshold)
            self.masker = masker
            self.maskers = maskers

        def _transform(self, images):
            return images > self.masker

        def _prepare(self, shape, dtype):
            masker = self.masker
            return lambda images: images > masker

    for maskers in (None, 3, [1, 2]):
        for _ in range(2):
            assert_array_equal(Masker(masker=0, maskers=maskers).transform(mask * 1), mask)
            assert not Masker(masker=1, maskers=maskers).transform(mask * 1).any()


def test_decorated_transforms_take_what_their_decorator_takes(mask):
    def decorate(method):
        @functools.wraps(method)
        def wrapped(*args, **kwargs):
            return method(*args, **kwargs)

        return wrapped

    class Masker(ThresholdMasker):
        @decorate
        def transform(self, X, verbose=False):
            return super().transform(X), verbose

    for _ in range(2):
        result, verbose = Masker(0).transform(mask * 1, verbose=True)
        assert_array_equal(result, mask)
        assert verbose
