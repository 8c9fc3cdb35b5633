"""Local features and classifiers of pixels in ONNX against skmask."""

import numpy as np
import onnxruntime
import pytest
from numpy.testing import assert_allclose
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmask import ImageFunction, LocalFeatures, PixelClassifierMasker
from skmask.io import to_onnx
from tests.maskers.test_pixel_classifier_masker import make_textures

ALL = ("intensity", "edges", "hessian", "structure", "std", "minmax")


def run(estimator, X):
    model = to_onnx(estimator, image_shape=X.shape[1:], dtype=X.dtype)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(["result"], {"images": X})[0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("spacing", [None, (2, 1)])
def test_features_are_those_of_skmask(dtype, spacing):
    X = make_textures(2)[0].astype(dtype)
    features = LocalFeatures(features=ALL, spacing=spacing).fit(X)
    assert_allclose(run(features, X), features.transform(X), atol=2e-3)


@pytest.mark.parametrize("shape", [(90,), (9, 11, 12), (1, 20, 30)], ids=str)
@pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning")
def test_features_of_rows_and_volumes(shape):
    X = np.random.default_rng(0).integers(0, 255, (2, *shape), np.uint8)
    features = LocalFeatures(scales=(1, 2), features=ALL, spacing=1.5).fit(X)
    found, expected = run(features, X), features.transform(X)
    assert_allclose(found, expected, atol=2e-2, rtol=1e-4)
    flat = np.zeros_like(X)
    assert_allclose(run(features, flat), features.transform(flat), atol=1e-6)


@pytest.mark.parametrize("normalize", ["robust", "quantiles"])
@pytest.mark.parametrize("shape", [(48, 64), (600, 700), (20, 120, 130)], ids=str)
def test_features_compared_with_levels_of_the_image(normalize, shape):
    X = np.random.default_rng(0).gamma(2, 20, (2, *shape)).astype(np.float32)
    X[1] = 7
    features = LocalFeatures(scales=(1,), normalize=normalize).fit(X)
    assert_allclose(run(features, X), features.transform(X), atol=1e-3)


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
@pytest.mark.parametrize("normalize", ["robust", "quantiles"])
def test_levels_are_subtracted_from_pixels_far_from_zero(normalize, dtype):
    X = make_textures(2)[0].astype(dtype) + dtype(10**9)
    features = LocalFeatures(scales=(1,), features=("intensity",), normalize=normalize).fit(X)
    assert_allclose(run(features, X), features.transform(X), rtol=1e-6, atol=1e-3)


def test_levels_of_large_pixels_do_not_overflow():
    X = np.random.default_rng(0).uniform(1e35, 2e35, (1, 40, 50)).astype(np.float32)
    features = LocalFeatures(scales=(1,), features=("intensity",), normalize="robust").fit(X)
    assert_allclose(run(features, X), features.transform(X), rtol=1e-4, atol=1e-4)


def test_nan_makes_levels_nan():
    X = make_textures(2)[0].astype(np.float32)
    masker = PixelClassifierMasker(features=LocalFeatures(normalize="quantiles"), random_state=0)
    masker.fit(X, X > 100)
    X[0, 5, 5] = np.nan
    found = run(masker, X)
    assert not found[0].any()
    assert (found[1] != masker.transform(X)[1]).mean() < 1e-3


def test_channels_and_axes_of_one_pixel():
    X, _ = make_textures(2)
    colors = np.stack([X, X // 2], axis=-1)
    for axis, images in ((-1, colors), (1, np.moveaxis(colors, -1, 1).copy())):
        features = LocalFeatures(scales=(1, 2), channel_axis=axis).fit(images)
        assert_allclose(run(features, images), features.transform(images), atol=2e-3)


@pytest.mark.parametrize(
    "classifier",
    [
        None,
        LinearDiscriminantAnalysis(),
        "mlp",
        make_pipeline(
            StandardScaler(), MLPClassifier((8, 5), activation="tanh", max_iter=30, tol=1)
        ),
        DecisionTreeClassifier(max_depth=6),
        RandomForestClassifier(12, max_depth=8),
        make_pipeline(StandardScaler(), ExtraTreesClassifier(7, max_depth=8)),
        HistGradientBoostingClassifier(max_iter=20),
        GradientBoostingClassifier(n_estimators=20),
    ],
    ids=lambda one: repr(one)[:30],
)
@pytest.mark.parametrize("with_classes", [False, True])
def test_masks_and_probabilities_are_those_of_skmask(classifier, with_classes):
    X, y = make_textures(3)
    labels = y.astype(int)
    if with_classes:
        labels[:, :10] = 2
    masker = PixelClassifierMasker(classifier, threshold="dice", n_pixels=500, random_state=0)
    masker.fit(X, labels)
    expected = masker.predict_proba(X)
    is_clear = np.abs(expected - masker.threshold_) > 0.02
    found = run(masker, X)
    assert found.dtype == bool
    # Features are rounded in another order, so that some pass a threshold of a tree.
    has_trees = any(word in repr(classifier) for word in ("Tree", "Forest", "Boosting"))
    share = 0.02 if has_trees else 0
    assert (found != masker.transform(X))[is_clear].mean() <= share
    masker.set_params(output="probability")
    errors = np.abs(run(masker, X) - expected)
    assert np.median(errors) < 1e-3
    assert (errors > 0.02).mean() <= share


def test_masks_of_volumes():
    X, y = make_textures(2, (40, 40))
    X, y = (np.stack([one] * 6, axis=1) for one in (X, y))
    for classifier in (None, "mlp", DecisionTreeClassifier(max_depth=4)):
        masker = PixelClassifierMasker(classifier, output="probability", random_state=0).fit(X, y)
        assert np.median(np.abs(run(masker, X) - masker.transform(X))) < 1e-3


@pytest.mark.parametrize("classifier", ["mlp", DecisionTreeClassifier(max_depth=6)], ids=repr)
def test_nan_is_background(classifier):
    X, y = make_textures(2)
    features = LocalFeatures(scales=(1,))
    masker = PixelClassifierMasker(classifier, features=features, random_state=0).fit(X * 1.0, y)
    X = X.astype(np.float64)
    X[0, 20:24, 20:24] = np.nan
    found = run(masker, X)
    assert not found[0, 20:24, 20:24].any()
    assert found[0, :10].any() == masker.transform(X)[0, :10].any()


@pytest.mark.parametrize(
    ("masker", "match"),
    [
        (PixelClassifierMasker(GaussianNB()), "with GaussianNB, .* linear nor a network nor trees"),
        (PixelClassifierMasker(output="labels"), "with output='labels'"),
        (PixelClassifierMasker(features=ImageFunction(np.square)), "other features than Local"),
        (
            PixelClassifierMasker(features=LocalFeatures(features=("median",), scales=(1,))),
            "'median'",
        ),
        (
            PixelClassifierMasker(GradientBoostingClassifier(n_estimators=2, init=GaussianNB())),
            "with GradientBoostingClassifier",
        ),
    ],
)
def test_what_cannot_be_expressed_is_refused(masker, match):
    X, y = make_textures(2)
    with pytest.raises(ValueError, match=f"to_onnx expects what ONNX can express, got .*{match}"):
        to_onnx(masker.fit(X, y), image_shape=X.shape[1:], dtype=X.dtype)
