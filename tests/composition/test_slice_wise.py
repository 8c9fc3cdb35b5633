"""Slices along any axis, in any container, against each slice alone."""

import dask.array as da
import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryCloser,
    FixedMasker,
    HistogramThresholdMasker,
    HoleFiller,
    ImageFlattener,
    ImageFunction,
    LargestRegionKeeper,
    MaskCropper,
    SliceWise,
    ThresholdMasker,
    describe,
)
from skmask.metrics import dice_scorer


def volumes(dtype=bool, shape=(4, 5, 12, 13), seed=0):
    noise = np.random.default_rng(seed).random(shape)
    return noise > 0.5 if dtype is bool else (200 * noise).astype(dtype)


def alone(estimator, X, axis):
    """Transform each slice by itself."""
    slices = np.moveaxis(X, axis, 0)
    return np.moveaxis(np.stack([estimator.transform(one) for one in slices]), 0, axis)


@pytest.mark.parametrize("axis", [1, 2, 3, -1, -3])
@pytest.mark.parametrize(
    "cleaner",
    [HoleFiller(), LargestRegionKeeper(2), BinaryCloser()],
    ids=lambda one: type(one).__name__,
)
def test_slices_are_cleaned_as_each_alone(cleaner, axis):
    X = volumes()
    expected = alone(cleaner, X, axis)
    for learn in ("together", "each"):
        wise = SliceWise(cleaner, axis=axis, learn=learn)
        assert_array_equal(wise.transform(X), expected)
        assert_array_equal(wise.fit(X).transform(X), expected)


def test_classes_first_and_last_are_cleaned_alike():
    first = volumes()
    last = np.ascontiguousarray(np.moveaxis(first, 1, -1))
    expected = SliceWise(HoleFiller(), axis=1).transform(first)
    result = SliceWise(HoleFiller(), axis=-1).transform(last)
    assert_array_equal(np.moveaxis(result, -1, 1), expected)


@pytest.mark.parametrize("axis", [1, 3])
@pytest.mark.parametrize("learn", ["together", "each"])
def test_every_container_gives_what_the_stack_gives(axis, learn, tmp_path):
    X = volumes(np.uint8)
    y = X > 90
    make = SliceWise(HistogramThresholdMasker("dice"), axis=axis, learn=learn)
    expected = make.fit(X, y).transform(X)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    stored = zarr.create_array(store=str(tmp_path / "X.zarr"), data=X, chunks=(2, 5, 12, 13))
    lazy = da.from_array(X, chunks=(2, 2, 6, 13))
    for given, masks in [
        (mapped, y),
        (stored, y),
        (list(X), list(y)),
        (lazy, da.from_array(y, chunks=(2, 2, 6, 13))),
        (X.tolist(), y.tolist()),
    ]:
        result = make.fit(given, masks).transform(given)
        assert_array_equal(np.asarray(result), expected)
    rows = SliceWise(
        HistogramThresholdMasker("dice"), axis=axis, learn=learn, image_shape=X.shape[1:]
    )
    flat = X.reshape(4, -1)
    result = rows.fit(flat, y.reshape(4, -1)).transform(flat)
    assert_array_equal(result.reshape(X.shape), expected)


def test_each_slice_learns_for_itself():
    X = np.random.default_rng(0).normal(0, 1, (6, 10, 11, 3)) + [0, 50, 200]
    X[:, 3:6, 3:6] += 20
    wise = SliceWise(HistogramThresholdMasker(), axis=-1, learn="each").fit(X)
    thresholds = [one.threshold_ for one in wise.estimators_]
    expected = [HistogramThresholdMasker().fit(X[..., i]).threshold_ for i in range(3)]
    assert thresholds == expected
    truth = np.zeros(X.shape, bool)
    truth[:, 3:6, 3:6] = True
    assert_array_equal(wise.transform(X), truth)
    assert not np.array_equal(
        SliceWise(HistogramThresholdMasker(), axis=-1).fit_transform(X), truth
    )
    text = describe(wise)
    assert text.startswith("Images were cut into slices along axis -1, each by itself. Slice 0: ")
    assert "Slice 2: " in text


def test_images_of_different_sizes_have_as_many_slices_as_they_have():
    X = [volumes(shape=(1, depth, 9, 10 + depth))[0] for depth in (2, 4, 3)]
    result = SliceWise(HoleFiller()).fit(X).transform(X)
    for one, image in zip(result, X, strict=True):
        assert_array_equal(one, HoleFiller().transform(image))
    with pytest.raises(
        ValueError, match=r"one number of slices with learn='each', got \[2, 3, 4\]"
    ):
        SliceWise(HoleFiller(), learn="each").fit(X)


class Recorder(TransformerMixin, BaseEstimator):
    """Keeps what it is fitted on."""

    def fit(self, X, y=None, **params):
        self.seen_ = X, y, params
        return self

    def transform(self, X):
        return X


def test_what_comes_beside_the_images_is_cut_with_them():
    X = volumes(np.uint8)
    wise = SliceWise(Recorder()).fit(X, X > 9, weights=np.arange(4), roi=X > 5, name="a")
    seen, y, params = wise.estimator_.seen_
    slices = X.reshape(20, 12, 13)
    assert_array_equal(seen, slices)
    assert_array_equal(y, slices > 9)
    assert_array_equal(params["weights"], np.repeat(np.arange(4), 5))
    assert_array_equal(params["roi"], slices > 5)
    assert params["name"] == "a"
    wise = SliceWise(Recorder(), axis=2, learn="each").fit(X, X[:, :, 0] > 9, weights=np.arange(4))
    seen, y, params = wise.estimators_[3].seen_
    assert_array_equal(seen, X[:, :, 3])
    assert_array_equal(y, X[:, :, 0] > 9)
    assert_array_equal(params["weights"], np.arange(4))
    wise = SliceWise(Recorder()).fit(list(X), [1, 2, 3, 4])
    assert_array_equal(wise.estimator_.seen_[1], np.repeat([1, 2, 3, 4], 5))
    wise = SliceWise(Recorder()).fit(list(X), list(X[:, 0]))
    assert_array_equal(wise.estimator_.seen_[1], np.repeat(X[:, 0], 5, axis=0))


def test_lines_and_pixels_are_slices_too():
    X = volumes(np.uint8, (3, 6, 7))
    for axis in (1, 2):
        result = SliceWise(ThresholdMasker(90), axis=axis).fit_transform(X)
        assert_array_equal(result, X > 90)
    kept = SliceWise(LargestRegionKeeper(), axis=1).transform(X > 90)
    for image, result in zip(X > 90, kept, strict=True):
        for row, one in zip(image, result, strict=True):
            assert_array_equal(
                one, LargestRegionKeeper().transform(row[np.newaxis, :, np.newaxis])[0, :, 0]
            )


def test_search_reaches_the_estimator_inside():
    X = volumes(np.uint8)
    wise = SliceWise(make_pipeline(ThresholdMasker(), HoleFiller()))
    grid = {"estimator__thresholdmasker__threshold": [40, 90, 160]}
    search = GridSearchCV(wise, grid, scoring=dice_scorer, cv=2).fit(
        X, SliceWise(HoleFiller()).transform(X > 90)
    )
    assert search.best_params_ == {"estimator__thresholdmasker__threshold": 90}


@pytest.mark.parametrize("axis", [0, 4, -4, -5])
def test_axis_out_of_range_is_refused(axis):
    with pytest.raises(
        ValueError, match=f"SliceWise expects axis to be an axis of the images, got {axis}"
    ):
        SliceWise(HoleFiller(), axis=axis).fit(volumes())


def test_estimators_that_change_the_shape_are_refused():
    cropper = MaskCropper(FixedMasker(np.eye(12, 13, dtype=bool)[:6].repeat(2, axis=0)))
    for estimator in (ImageFlattener(), cropper):
        with pytest.raises(ValueError, match="SliceWise expects an estimator that keeps the shape"):
            SliceWise(estimator).fit_transform(volumes())


def test_another_number_of_slices_is_refused_when_each_has_learned():
    wise = SliceWise(HistogramThresholdMasker(), learn="each").fit(volumes(np.uint8))
    with pytest.raises(ValueError, match="images of 5 slices as in fit, got 4"):
        wise.transform(volumes(np.uint8)[:, :4])


def refuse_bright(image):
    if image.max() > 9:
        raise ZeroDivisionError
    return image


@pytest.mark.parametrize("axis", [1, -1])
def test_errors_name_the_image_not_the_slice(axis):
    X = np.zeros((4, 3, 5, 6), np.uint8)
    X[2] = 10
    sliced = SliceWise(ImageFunction(refuse_bright), axis=axis)
    for images in (X, list(X)):
        with pytest.raises(ValueError, match=r"to image 2 \(counted from 0\)"):
            sliced.transform(images)
