"""What the steps that smooth have in common: sizes, spacing, channels, chunks."""

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import BackgroundSubtractor, GaussianSmoother, HistogramThresholdMasker, MedianSmoother
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score, dice_scorer

SMOOTHERS = [GaussianSmoother(1.3), MedianSmoother(2)]


def images(shape=(3, 40, 37), seed=0, dtype=np.float32):
    return (np.random.default_rng(seed).random(shape) * 100).astype(dtype)


@pytest.mark.parametrize("step", SMOOTHERS, ids=str)
@pytest.mark.parametrize("has_nan", [False, True])
def test_chunks_of_dask_arrays_give_what_memory_gives(step, has_nan):
    X = images()
    if has_nan:
        X[0, 5:9, 20:30] = np.nan
    lazy = step.transform(da.from_array(X, chunks=(2, 9, 20)))
    assert max(lazy.numblocks) > 2
    assert_array_equal(lazy.compute(), step.transform(X))


@pytest.mark.parametrize("step", SMOOTHERS, ids=str)
def test_channels_are_smoothed_alone(step):
    X = images((2, 20, 18, 3))
    expected = np.stack([step.transform(X[..., channel]) for channel in range(3)], axis=-1)
    for axis in (-1, 3):
        step = type(step)(**{**step.get_params(), "channel_axis": axis})
        assert_array_equal(step.transform(X), expected)
    lazy = step.transform(da.from_array(X, chunks=(1, 8, 8, 2)))
    assert_array_equal(lazy.compute(), expected)
    first = type(step)(**{**step.get_params(), "channel_axis": 1})
    assert_array_equal(first.transform(np.moveaxis(X, -1, 1)), np.moveaxis(expected, -1, 1))


def test_spacing_gives_sizes_in_its_unit():
    X = images()
    assert_array_equal(
        GaussianSmoother(3.0, spacing=(1.5, 6)).transform(X),
        GaussianSmoother((2, 0.5)).transform(X),
    )
    smoothed = MedianSmoother(0.3, spacing=(0.1, 0.2)).transform(X)
    assert_array_equal(smoothed[0], ndimage.median_filter(X[0], (7, 3)))


@pytest.mark.parametrize("step", SMOOTHERS, ids=str)
def test_an_axis_of_one_pixel_changes_nothing(step):
    X = images()
    X[0, 5:9, 20:30] = np.nan
    assert_array_equal(step.transform(X[..., np.newaxis])[..., 0], step.transform(X))


def test_size_zero_smooths_nothing():
    X = images()
    assert_array_equal(GaussianSmoother(0).transform(X), X)
    assert_array_equal(MedianSmoother(0.9).transform(X), X)


def test_smoothing_helps_a_threshold_on_noisy_images():
    spots = make_masked_images(12, (48, 64), noise=80.0, random_state=0)
    X, y = spots.images, spots.masks
    pipeline = make_pipeline(GaussianSmoother(), HistogramThresholdMasker("dice"))
    grid = {"gaussiansmoother__sigma": [0, 1, 2]}
    search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3).fit(X[:8], y[:8])
    assert search.best_params_["gaussiansmoother__sigma"] > 0
    plain = HistogramThresholdMasker("dice").fit(X[:8], y[:8])
    score = dice_score(y[8:], search.transform(X[8:]))
    assert score > dice_score(y[8:], plain.transform(X[8:])) + 0.1


@pytest.mark.parametrize(
    ("step", "match"),
    [
        (GaussianSmoother(-1), "'sigma' parameter of GaussianSmoother must be"),
        (
            GaussianSmoother((1, -1)),
            r"GaussianSmoother expects sigma to be a number of at least 0.*2 axes",
        ),
        (GaussianSmoother((1, 1, 1)), "GaussianSmoother expects sigma .* one for each of 2 axes"),
        (GaussianSmoother((1, np.nan)), "GaussianSmoother expects sigma"),
        (GaussianSmoother(spacing=(1, 1, 1)), "GaussianSmoother expects spacing to be .* or 2 of"),
        (GaussianSmoother(channel_axis=5), "GaussianSmoother expects channel_axis to be an axis"),
        (MedianSmoother((1, 2)), "'radius' parameter of MedianSmoother must be"),
        (MedianSmoother(channel_axis=0), "MedianSmoother expects channel_axis to be an axis"),
    ],
)
def test_bad_choices_are_refused_with_a_fit_and_without(step, match):
    for call in (step.fit, step.transform):
        with pytest.raises(ValueError, match=match):
            call(images())


@pytest.mark.parametrize("step", SMOOTHERS, ids=str)
def test_colors_without_channel_axis_bring_a_warning(step):
    with pytest.warns(UserWarning, match="channel_axis"):
        step.transform(images((1, 20, 20, 3)))


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
@pytest.mark.parametrize(
    "estimator", [GaussianSmoother(), BackgroundSubtractor(3, method="gaussian")]
)
def test_contrast_that_float32_loses_is_warned_of(estimator, dtype):
    X = np.random.default_rng(0).integers(0, 50, (2, 12, 13)).astype(dtype)
    estimator.transform(X)
    far = X + dtype(10**9)
    match = rf"{type(estimator).__name__} computes in float32, .* lose their contrast. Subtract .* X - 1"
    for _ in range(2):
        with pytest.warns(UserWarning, match=match):
            estimator.transform(far)
    estimator.transform(far.astype(np.float32))
    estimator.transform(np.full((1, 5, 5), dtype(10**9)))
