import re

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage import data, morphology
from sklearn.pipeline import make_pipeline

from skmask import BackgroundSubtractor, HistogramThresholdMasker, describe
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score


def images(dtype=np.uint8):
    X = np.stack([data.coins()[20:90, 10:110], data.page()[:70, 20:120]])
    return X.astype(dtype)


def disk_of(radius):
    return morphology.disk(radius)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float16, np.float64])
def test_top_hats_are_those_of_scikit_image(dtype):
    X = images(dtype)
    white = BackgroundSubtractor(4).transform(X)
    black = BackgroundSubtractor(4, foreground="dark").transform(X)
    assert white.dtype == black.dtype == np.float32
    for i, image in enumerate(X.astype(float)):
        assert_array_equal(white[i], morphology.white_tophat(image, disk_of(4)))
        assert_array_equal(black[i], -morphology.black_tophat(image, disk_of(4)))


@pytest.mark.parametrize(
    ("method", "background"),
    [
        ("opening", lambda image: ndimage.grey_opening(image, footprint=disk_of(6))),
        ("gaussian", lambda image: ndimage.gaussian_filter(image, 2)),
        ("median", lambda image: ndimage.median_filter(image, 13)),
    ],
)
@pytest.mark.parametrize("mode", ["subtract", "divide"])
def test_backgrounds_are_those_of_scipy(method, background, mode):
    X = images().astype(float) + 1
    results = BackgroundSubtractor(6, method=method, mode=mode).transform(X)
    operate = np.subtract if mode == "subtract" else np.divide
    for result, image in zip(results, X, strict=True):
        assert_allclose(result, operate(image, background(image)), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("method", ["opening", "gaussian", "median"])
@pytest.mark.parametrize("mode", ["subtract", "divide"])
@pytest.mark.parametrize("has_nan", [False, True])
def test_chunks_of_dask_arrays_give_what_memory_gives(method, mode, has_nan):
    X = images(np.float32)
    if has_nan:
        X[0, 20:40, 30:33] = np.nan
        X[1, 3, 3] = np.inf
    step = BackgroundSubtractor(3, method=method, mode=mode)
    expected = step.transform(X)
    lazy = step.transform(da.from_array(X, chunks=(1, 31, 40)))
    assert lazy.numblocks == (2, 3, 3)
    assert_array_equal(lazy.compute(), expected)
    assert_array_equal(expected[~np.isfinite(X)], X[~np.isfinite(X)])
    assert np.isfinite(expected[np.isfinite(X)]).all()


@pytest.mark.parametrize("method", ["opening", "gaussian", "median"])
def test_channels_spacing_and_axes_of_one_pixel(method):
    X = images()
    step = BackgroundSubtractor(4, method=method)
    expected = step.transform(X)
    assert_array_equal(step.transform(X[..., np.newaxis])[..., 0], expected)
    colors = np.stack([X, X // 2], axis=1)
    by_channel = BackgroundSubtractor(4, method=method, channel_axis=1).transform(colors)
    assert_array_equal(by_channel[:, 0], expected)
    assert_array_equal(by_channel[:, 1], step.transform(X // 2))
    scaled = BackgroundSubtractor(2, method=method, spacing=0.5).transform(X)
    assert_array_equal(scaled, expected)


@pytest.mark.parametrize(
    "dtype", [bool, np.uint8, np.int16, np.uint32, np.float16, np.float32, np.float64]
)
@pytest.mark.parametrize("method", ["opening", "gaussian", "median"])
@pytest.mark.parametrize("mode", ["subtract", "divide"])
def test_results_are_those_of_doubles_after_rounding(dtype, method, mode):
    X = images(dtype) if dtype is not bool else images() > 100
    if mode == "divide" and X.dtype.kind == "f":
        X[:, :9] *= np.finfo(dtype).tiny
    step = BackgroundSubtractor(2, method=method, mode=mode)
    background = step._plan_background(X.shape[1:], X.dtype)(X).astype(float)
    x = X.astype(float)
    if mode == "subtract":
        expected = x - background
    else:
        expected = x / np.maximum(background, 1e-6 if X.dtype.kind == "f" else 1)
    assert_array_equal(step.transform(X), expected.astype(np.float32))


def test_division_by_nothing_is_finite():
    X = np.zeros((1, 20, 20), np.uint8)
    X[0, 5, 5] = 200
    assert BackgroundSubtractor(3, mode="divide").transform(X).max() == 200
    result = BackgroundSubtractor(3, mode="divide").transform(X / 255)
    assert np.isfinite(result).all()
    assert result.max() > 1e5


@pytest.mark.parametrize("method", ["opening", "gaussian", "median"])
def test_one_threshold_fits_after_uneven_light_is_taken_out(method):
    spots = make_masked_images(8, (48, 64), noise=3.0, random_state=0)
    X = (0.25 * spots.images + np.linspace(0, 100, 64)).astype(np.uint8)
    y = spots.masks
    plain = HistogramThresholdMasker("dice")
    even = make_pipeline(BackgroundSubtractor(20, method=method), HistogramThresholdMasker("dice"))
    scores = [dice_score(y[4:], one.fit(X[:4], y[:4]).transform(X[4:])) for one in (plain, even)]
    assert scores[1] > scores[0] + 0.2


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"radius": 9}, "the opening with a disk with a radius of 9 pixels, was subtracted from"),
        ({"foreground": "dark", "mode": "divide"}, "closing with a disk .* was divided out of"),
        ({"method": "median"}, "the median of the square window with a radius of 25"),
        ({"method": "gaussian"}, "the Gaussian mean within a window"),
    ],
)
def test_words_name_the_background(params, words):
    assert re.search(words, describe(BackgroundSubtractor(**params)))


def test_bad_choices_are_refused():
    for params in ({"radius": -1}, {"method": "tophat"}, {"mode": "add"}, {"foreground": "auto"}):
        (name,) = params
        with pytest.raises(ValueError, match=f"'{name}' parameter of BackgroundSubtractor"):
            BackgroundSubtractor(**params).transform(images())
