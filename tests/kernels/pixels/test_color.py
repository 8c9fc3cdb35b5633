import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from skimage.color import rgb2gray
from sklearn.preprocessing import PolynomialFeatures

from skmask import use_engine
from skmask._kernels.pixels.color import gray, optical_density, polynomial, project, white_balanced


@pytest.mark.parametrize("dtype", [bool, "u1", "i2", ">u2", "u4", "i8", "f2", "f4", "f8", "g"])
def test_gray_is_the_weighted_sum_of_the_channels(dtype):
    colors = (np.random.default_rng(0).normal(size=(2, 9, 17, 3)) * 90).astype(dtype)
    weights = np.array([0.2125, 0.7154, 0.0721])
    for stack in (colors, colors[:, ::-1], np.ascontiguousarray(np.moveaxis(colors, -1, 0))):
        channels = stack if stack.shape[0] == 3 else np.moveaxis(stack, -1, 0)
        found = gray(channels)
        with use_engine("numpy"):
            assert found.tobytes() == gray(channels).tobytes()
        expected = np.moveaxis(channels, 0, -1).astype(np.float64) @ weights
        assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_gray_is_that_of_scikit_image():
    colors = np.random.default_rng(0).random((3, 20, 30))
    assert_allclose(gray(colors), rgb2gray(colors, channel_axis=0), rtol=1e-5)


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (float, 1)])
def test_optical_density_is_that_of_the_law_of_beer_and_lambert(dtype, white):
    values = (np.array([1, 0.1, 0.01, 0.001, 0]) * white).astype(dtype)
    expected = -np.log10(np.maximum(values / white, 1 / 255))
    assert_allclose(optical_density(values), expected, atol=1e-6)


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("n_channels", [1, 3, 5])
def test_terms_are_those_of_scikit_learn(n_channels, degree):
    colors = np.random.default_rng(0).random((n_channels, 50))
    features = PolynomialFeatures(degree, include_bias=False).fit_transform(colors.T)
    assert_allclose(polynomial(colors, degree), features.T)
    weights = np.random.default_rng(1).normal(size=features.shape[1])
    expected = features @ weights - 3
    assert_allclose(project(colors, weights, -3.0, degree), expected, rtol=1e-4, atol=1e-5)


def test_bright_quantiles_become_one():
    colors = np.random.default_rng(0).random((3, 40, 50)) * [[[10]], [[200]], [[1]]]
    colors[0, 0, 0] = np.nan
    balanced = white_balanced(colors, 0.9)
    assert_allclose(np.nanquantile(balanced, 0.9, axis=(1, 2)), 1, rtol=1e-2)
    assert_array_equal(white_balanced(np.zeros((3, 2, 2)), 0.9), 0)
    assert_array_equal(white_balanced(np.full((1, 2, 2), np.nan), 0.9), np.nan)


def test_colors_of_extreme_range_are_divided_without_a_warning():
    colors = np.array([[1e-300] * 9 + [1e300]])
    np.testing.assert_array_equal(white_balanced(colors, 0.5), [[1.0] * 9 + [np.inf]])
