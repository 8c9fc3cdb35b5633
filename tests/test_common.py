"""What skmask promises of every public estimator, run on all of them."""

import pickle
import re
from numbers import Real

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import BaseEstimator, clone

from skmask import (
    HysteresisMasker,
    MaskApplier,
    MaskReconstructor,
    MaskUnion,
    SharedImages,
    ThresholdMasker,
)
from skmask.base import MASKER, ImageMasker, MaskerHolder, MaskTransformer
from tests.estimators import makes_masks, name_of, public_estimators

ESTIMATORS = pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
MASK_MAKERS = pytest.mark.parametrize(
    "estimator", [one for one in public_estimators() if makes_masks(one)], ids=name_of
)
IMAGE_MASKERS = pytest.mark.parametrize(
    "estimator", [one for one in public_estimators() if isinstance(one, ImageMasker)], ids=name_of
)
HOLDERS = pytest.mark.parametrize(
    "estimator", [one for one in public_estimators() if isinstance(one, MaskerHolder)], ids=name_of
)
DTYPES = [bool, *"bhilqBHILQ", np.float16, np.float32, np.float64, np.longdouble]

# Images given to what takes masks are a mistake elsewhere, as are masks to what finds three classes in
# images; here they are the point.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*expects images like those of training:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*found fewer values than classes:UserWarning"),
]


def images_for(estimator, dtype=np.uint8, shape=(5, 9, 11)):
    """Return blobs of two levels, so that every estimator finds something to do."""
    rng = np.random.default_rng(7)
    images = rng.random(shape) < 0.6
    if not isinstance(estimator, MaskTransformer) and dtype is not bool:
        images = images * 90 + rng.integers(0, 30, shape)
    return images.astype(dtype)


def assert_same(results, expected):
    for result, one in zip(results, expected, strict=True):
        assert_array_equal(result, one)


@ESTIMATORS
@pytest.mark.parametrize("is_fitted", [False, True])
def test_fit_that_fails_leaves_what_was_there(estimator, is_fitted, monkeypatch):
    X = images_for(estimator)
    if is_fitted:
        estimator.fit(X)
    before = dict(vars(estimator))
    hook = "_keep" if isinstance(estimator, MaskerHolder) else "_fit"
    learn = getattr(type(estimator), hook)

    def learn_and_fail(self, *args, **kwargs):
        learn(self, *args, **kwargs)
        raise ValueError("at the end")

    monkeypatch.setattr(type(estimator), hook, learn_and_fail)
    with pytest.raises(ValueError, match="at the end"):
        estimator.fit(X.reshape(len(X), -1))
    assert vars(estimator) == before


@ESTIMATORS
@pytest.mark.parametrize("shape", [(6, 13), (5, 9, 11), (4, 3, 8, 9), (3, 2, 3, 5, 4)], ids=str)
@pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning")
def test_samples_never_mix(estimator, shape):
    X = images_for(estimator, shape=shape)
    together = estimator.fit(X).transform(X)
    for i in range(len(X)):
        assert_array_equal(together[i], estimator.transform(X[i : i + 1])[0])


@MASK_MAKERS
def test_masks_are_boolean_and_have_the_shape_of_the_images(estimator):
    X = images_for(estimator)
    result = estimator.fit_transform(X)
    assert result.dtype == bool
    assert result.shape == X.shape
    assert result.flags.writeable
    assert not np.shares_memory(result, X)


@ESTIMATORS
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).name)
def test_images_are_left_alone_in_every_dtype_and_layout(estimator, dtype):
    X = images_for(estimator, dtype)
    X.flags.writeable = False
    before = X.copy()
    expected = estimator.fit(X).transform(X)
    padded = np.zeros((5, 18, 11), dtype)
    padded[:, ::2] = X
    layouts = [
        np.asfortranarray(X),
        padded[:, ::2],
        X[:, ::-1].copy()[:, ::-1],
        X.astype(X.dtype.newbyteorder()),
        X.tolist() if dtype is not np.longdouble else X,
    ]
    for layout in layouts:
        result = clone(estimator).fit(layout).transform(layout)
        assert_array_equal(result, expected)
    assert_array_equal(X, before)


@ESTIMATORS
def test_flat_rows_give_what_folded_images_give(estimator):
    X = images_for(estimator)
    rows = X.reshape(len(X), -1)
    flat = clone(estimator)
    if hasattr(flat, "image_shape"):
        flat.set_params(image_shape=X.shape[1:])
    folded = estimator.fit_transform(X)
    result = flat.fit_transform(rows)
    assert result.shape == (len(X), folded[0].size)
    assert_array_equal(result, folded.reshape(len(X), -1))


@ESTIMATORS
@pytest.mark.parametrize("container", [np.array, list])
def test_shared_images_give_what_images_give(estimator, container):
    X, y = container(images_for(estimator)), container(images_for(estimator, bool))
    expected = clone(estimator).fit_transform(X, y)
    assert_same(clone(estimator).fit_transform(SharedImages(X), SharedImages(y)), expected)


@ESTIMATORS
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.filterwarnings("ignore:.*every pixel:UserWarning")
def test_empty_and_full_masks_pass(estimator, value):
    X = np.full((3, 6, 7), value, bool)
    result = estimator.fit(images_for(estimator, bool)).transform(np.resize(X, (3, 9, 11)))
    assert len(result) == 3


@ESTIMATORS
@pytest.mark.filterwarnings("ignore:.*booleans to learn from:UserWarning")
def test_booleans_with_other_bytes_than_0_and_1_are_read_as_masks(estimator):
    X = images_for(estimator, bool)
    other = np.where(X, np.uint8(255), np.uint8(0)).view(bool)
    expected = clone(estimator).fit(X).transform(X)
    assert_same(clone(estimator).fit(other).transform(other), expected)
    assert_same(clone(estimator).fit(list(other)).transform(list(other)), list(expected))


@ESTIMATORS
def test_memory_maps_pass_read_only(estimator, tmp_path):
    X = images_for(estimator)
    np.save(tmp_path / "images.npy", X)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    result = clone(estimator).fit(mapped).transform(mapped)
    assert type(result) is np.ndarray
    assert_array_equal(result, estimator.fit(X).transform(X))


@ESTIMATORS
def test_list_gives_what_the_stack_gives(estimator):
    X = images_for(estimator)
    expected = estimator.fit(X).transform(X)
    result = clone(estimator).fit(list(X)).transform(list(X))
    assert isinstance(result, np.ndarray if np.ndim(expected) == 2 else list)
    assert_same(result, expected)


@ESTIMATORS
def test_images_of_different_sizes_give_what_each_gives_alone(estimator):
    X = [images_for(estimator, shape=(1, 9 + i % 3, 11))[0] for i in range(5)]
    if hasattr(clone(estimator).fit(images_for(estimator)), "image_shape_"):
        # What is bound to the shape of its training images needs them to have one.
        with pytest.raises(ValueError, match="expects images of the shape"):
            estimator.fit(X)
        return
    result = estimator.fit(X).transform(X)
    for one, image in zip(result, X, strict=True):
        assert_array_equal(one, estimator.transform(image[np.newaxis])[0])


@ESTIMATORS
def test_copies_and_saved_estimators_give_the_same(estimator, tmp_path):
    X = images_for(estimator)
    expected = estimator.fit(X).transform(X)
    joblib.dump(estimator, tmp_path / "estimator.joblib")
    for other in (
        clone(estimator).fit(X),
        pickle.loads(pickle.dumps(estimator)),
        joblib.load(tmp_path / "estimator.joblib"),
        joblib.load(tmp_path / "estimator.joblib", mmap_mode="r"),
    ):
        assert_array_equal(other.transform(X), expected)


@ESTIMATORS
@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_dataframes_are_for_rows_only(estimator, container):
    X = images_for(estimator)
    expected = estimator.fit(X).transform(X)
    for one in (clone(estimator), clone(estimator).set_output(transform=container)):
        with config_context(transform_output=container):
            for result in (one.fit(X).transform(X), one.fit_transform(X)):
                is_frame = type(result).__module__.startswith(container)
                assert is_frame == (np.ndim(expected) == 2)
                assert_array_equal(np.asarray(result), expected)


@IMAGE_MASKERS
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_nan_is_never_foreground(estimator, dtype):
    X = images_for(estimator, dtype)
    X[:, 2:5, 3:6] = np.nan
    mask = estimator.fit(X).transform(X)
    assert not mask[np.isnan(X)].any()


@ESTIMATORS
@pytest.mark.parametrize(
    ("make_bad", "error", "match"),
    [
        (lambda X: np.ma.masked_array(X, X > 50), TypeError, "expects plain arrays.*filled"),
        (lambda X: [np.ma.masked_array(X[0], X[0] > 50)], TypeError, "expects plain arrays"),
        (lambda X: X[:0], ValueError, "0 sample"),
        (lambda X: X[:, :0], ValueError, "at least one pixel"),
        (lambda X: X.astype(object), TypeError, "object array"),
        (lambda X: X.astype(complex), ValueError, "Complex data not supported"),
        (lambda X: X.astype(str), (TypeError, ValueError), "string|numeric"),
        (lambda X: X.astype("M8[s]"), TypeError, "datetime"),
        (lambda X: X[0, 0], ValueError, "Reshape your data"),
        (lambda X: 3, ValueError, "Reshape your data|scalar array"),
    ],
)
def test_bad_images_are_refused_in_fit_and_transform(estimator, make_bad, error, match):
    X = images_for(estimator)
    fitted = clone(estimator).fit(X)
    for call in (estimator.fit, fitted.transform):
        with pytest.raises(error, match=match):
            call(make_bad(X))


@ESTIMATORS
def test_sparse_rows_are_refused(estimator):
    with pytest.raises(TypeError, match="dense data is required"):
        estimator.fit(csr_array(np.eye(4)))


@ESTIMATORS
def test_transform_refuses_other_numbers_of_pixels_in_rows(estimator):
    rows = images_for(estimator).reshape(5, -1)
    if hasattr(estimator, "image_shape"):
        estimator = clone(estimator).set_params(image_shape=(9, 11))
    estimator.fit(rows)
    with pytest.raises(ValueError, match="pixels|features"):
        estimator.transform(rows[:, :50])


@ESTIMATORS
def test_parameters_changed_after_fit_are_checked_in_transform(estimator):
    X = images_for(estimator)
    expected = estimator.fit(X).transform(X)
    for name, constraints in type(estimator)._parameter_constraints.items():
        good = getattr(estimator, name)
        if constraints == "no_validation" or MASKER in constraints:
            continue
        for change in (setattr, lambda one, name, value: one.set_params(**{name: value})):
            change(estimator, name, ...)
            with pytest.raises(ValueError, match=f"The '{name}' parameter") as by_sklearn:
                BaseEstimator._validate_params(estimator)
            words = re.escape(str(by_sklearn.value))
            for one in (estimator, pickle.loads(pickle.dumps(estimator))):
                with pytest.raises(ValueError, match=words):
                    one.transform(X)
            with pytest.raises(ValueError, match=words):
                clone(estimator).fit(X)
            change(estimator, name, good)
    assert_same(estimator.transform(X), expected)


def test_parameters_and_constraints_of_a_subclass_are_its_own():
    class Shifted(ThresholdMasker):
        _parameter_constraints = {**ThresholdMasker._parameter_constraints, "shift": [Real]}

        def __init__(self, threshold=0.5, *, shift=0, note=None):
            super().__init__(threshold)
            self.shift = shift
            self.note = note

    X = np.ones((1, 2, 2))
    assert list(ThresholdMasker().fit(X).get_params()) == ["foreground", "threshold"]
    assert list(Shifted(note=X).fit(X).get_params()) == ["note", "shift", "threshold"]
    assert list(ThresholdMasker().get_params()) == ["foreground", "threshold"]
    with pytest.raises(ValueError, match="'shift' parameter of Shifted must be an instance of"):
        Shifted(shift="far").fit(X)
    with pytest.raises(ValueError, match="'threshold' parameter of Shifted must be a float in"):
        Shifted("high").transform(X)


@pytest.mark.parametrize(
    ("masker", "match"),
    [
        (np.ones((9, 11), bool), "got ndarray. Use FixedMasker"),
        ("otsu", "got str. Use HistogramThresholdMasker"),
        (ThresholdMasker, r"got the class ThresholdMasker. Make one: ThresholdMasker\(\.\.\.\)"),
    ],
)
@HOLDERS
def test_what_is_no_masker_is_refused(estimator, masker, match):
    for name in estimator._maskers():
        holder = clone(estimator)
        if name in holder.get_params(deep=False):
            holder.set_params(**{name: masker})
        else:
            holder.maskers = [(name, masker)]
        for call in (holder.fit, holder.transform):
            with pytest.raises(TypeError, match=f"{name_of(holder)} expects a.* {name!r}, {match}"):
                call(images_for(holder))


@pytest.mark.parametrize(
    "estimator",
    [
        HysteresisMasker(30, 60, connectivity=5),
        HysteresisMasker(30, 60, channel_axis=7),
        MaskReconstructor(ThresholdMasker(2), ThresholdMasker(), footprint=np.ones((3, 3, 3))),
        MaskUnion([("a", ThresholdMasker())], channel_axis=9),
        MaskApplier(ThresholdMasker(), channel_axis=9),
    ],
    ids=name_of,
)
def test_parameters_that_do_not_go_with_the_images_are_refused_in_fit(estimator):
    with pytest.raises(
        ValueError, match=f"^{name_of(estimator)} expects .*(axis|axes|connectivity)"
    ):
        estimator.fit(images_for(estimator))


@pytest.mark.parametrize("method", ["fit", "transform", "fit_transform"])
@pytest.mark.parametrize(
    "estimator",
    [
        one
        for one in public_estimators()
        if hasattr(one, "connectivity") and not one.__sklearn_tags__().requires_fit
    ],
    ids=name_of,
)
def test_connectivity_that_does_not_go_with_the_images_is_refused(estimator, method):
    with pytest.raises(ValueError, match=f"^{name_of(estimator)} expects a connectivity from 1"):
        getattr(estimator.set_params(connectivity=3), method)(images_for(estimator))
