"""Features as an estimator: names, shapes, containers and messages."""

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skmask import ImageFlattener, LocalFeatures, PixelClassifierMasker, describe
from skmask.datasets import make_masked_images


def make_images(n=2, shape=(40, 50)):
    return make_masked_images(n, shape, random_state=0).images


def test_names_and_shapes():
    X = make_images()
    features = LocalFeatures().fit(X)
    assert len(features.feature_names_) == 17
    assert features.transform(X).shape == (2, 40, 50, 17)
    assert features.transform(X).dtype == np.float32
    colors = np.stack([X, X], axis=-1)
    names = LocalFeatures(scales=(2,), channel_axis=-1).fit(colors).feature_names_
    assert names[::5] == ["intensity_channel_0", "intensity_channel_1"]


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_channels_are_independent(axis):
    X = make_images(2)
    stacked = np.stack([X, X[::-1]], axis=axis)
    together = LocalFeatures(channel_axis=axis).fit_transform(stacked)
    alone = LocalFeatures().fit_transform(X)
    assert_array_equal(together, np.concatenate([alone, alone[::-1]], axis=-1))


def test_an_axis_of_one_pixel_changes_nothing():
    X = make_images(2)
    expected = LocalFeatures().fit_transform(X)
    for axis in (1, 2, 3):
        result = LocalFeatures().fit_transform(np.expand_dims(X, axis))
        assert_array_equal(result, np.expand_dims(expected, axis))


def test_rows_name_their_columns():
    rows = make_images(3, (4, 5)).reshape(3, -1)
    features = LocalFeatures(scales=(1,), image_shape=(4, 5)).fit(rows)
    names = features.get_feature_names_out()
    assert names[:6].tolist() == [
        "pixel_0_0_intensity",
        "pixel_0_0_intensity_1",
        "pixel_0_0_edges_1",
        "pixel_0_0_hessian_1_max",
        "pixel_0_0_hessian_1_min",
        "pixel_0_1_intensity",
    ]
    assert features.transform(rows).shape == (3, len(names))


def test_dask_gives_the_same_in_chunks():
    X = make_images(2, (150, 170))
    colors = np.stack([X, X // 2], axis=-1)
    for features, images, chunks in (
        (LocalFeatures(), X, (1, 60, 80)),
        (LocalFeatures(normalize="quantiles"), X, (1, 60, 80)),
        (LocalFeatures(channel_axis=-1), colors, (1, 60, 80, 1)),
        (LocalFeatures(channel_axis=1), np.moveaxis(colors, -1, 1), (1, 1, 60, 80)),
    ):
        lazy = features.fit(images).transform(da.from_array(images, chunks=chunks))
        assert isinstance(lazy, da.Array)
        expected = features.transform(images)
        assert lazy.shape == expected.shape
        assert_array_equal(lazy.compute(), expected)


def test_images_become_rows_for_classifiers_of_images():
    X = make_images(6, (12, 12))
    model = make_pipeline(LocalFeatures(scales=(1,)), ImageFlattener(), LogisticRegression())
    assert model.fit(X, [0, 1] * 3).predict(X).shape == (6,)


def test_description():
    text = describe(LocalFeatures(normalize="robust").fit(make_images()))
    assert text.startswith(
        "Of each pixel, 17 features were computed: intensity, edges, hessian, under"
    )
    assert "median and range" in text


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"scales": ()}, "scales to be positive numbers, got .*Pass standard deviations"),
        ({"scales": (0, 1)}, "scales to be positive numbers"),
        ({"scales": ("a",)}, "scales to be positive numbers"),
        ({"scales": (np.inf,)}, "scales to be positive numbers"),
        (
            {"features": ("edge",)},
            "features to be among intensity, .*got 'edge'. Did you mean 'edges'",
        ),
        ({"features": ()}, "features to name at least one"),
        ({"scales": (1e9,)}, "scales of at most 1000 pixels, got 1e.09 at a spacing of 1"),
        ({"scales": (4,), "spacing": 1e-6}, "scales of at most 1000 pixels, got 4 at .* 1e-06"),
        ({"spacing": (1, 2, 3)}, "spacing to be a positive number or 2 of them"),
        ({"channel_axis": 7}, "channel_axis to be an axis of the images"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    with pytest.raises(ValueError, match=f"LocalFeatures expects {match}"):
        LocalFeatures(**params).fit(make_images())


@pytest.mark.parametrize(
    "convert", [lambda X: [*X], lambda X: da.from_array(X, chunks=(1, 40, 50))]
)
@pytest.mark.parametrize(
    ("number", "found"), [(np.uint64(1 << 56), "1.*e.19"), (1e300, "2e.302"), (1e37, "2e.39")]
)
def test_pixels_whose_features_overflow_are_refused(convert, number, found):
    X = make_images().astype(type(number))
    X[1] *= number
    features = LocalFeatures().fit(X[:1])
    match = f"LocalFeatures expects pixels of at most 2.3e.18 .* in image [01] .*Divide .*, such as {found}"
    with pytest.raises(ValueError, match=match):
        np.asarray(features.transform(convert(X)))
    with pytest.raises(ValueError, match=match):
        PixelClassifierMasker(random_state=0).fit(convert(X), convert(50 * number < X))
    robust = LocalFeatures(normalize="robust").fit(X)
    if number < 1e38:
        assert np.isfinite(robust.transform(X[:1])).all()


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_contrast_far_from_zero_is_kept_or_warned_of(dtype):
    X = make_images(3).astype(dtype)
    far, y = X + dtype(10**9), X > 120
    expected = LocalFeatures(normalize="robust").fit_transform(X)
    assert_allclose(LocalFeatures(normalize="robust").fit_transform(far), expected, atol=1e-4)
    levels = LocalFeatures(features=("intensity",), normalize="quantiles", scales=(1,))
    found = levels.fit_transform(far)[..., 1:6]
    assert_allclose(found, levels.fit_transform(X)[..., 1:6], atol=1e-4)
    with pytest.warns(UserWarning, match=r"lose their contrast. Subtract .* such as X - 1.*e\+09,"):
        LocalFeatures().fit(list(far))
    robust = PixelClassifierMasker(features=LocalFeatures(normalize="robust"), random_state=0)
    assert (robust.fit(far[:2], y[:2]).transform(far[2:]) == y[2:]).mean() > 0.95


def test_other_channels_or_axes_at_transform_are_refused():
    X = make_images()
    colors = np.stack([X, X, X], axis=-1)
    features = LocalFeatures(channel_axis=-1).fit(colors)
    with pytest.raises(ValueError, match="as many axes and channels as those seen in fit"):
        features.transform(colors[..., :2])
    with pytest.raises(ValueError, match="as many axes and channels as those seen in fit"):
        LocalFeatures().fit(X).transform(np.stack([X, X], axis=1))
    with pytest.warns(UserWarning, match="channel_axis"):
        LocalFeatures().fit(colors)
