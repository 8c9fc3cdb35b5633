"""Levels of images against NumPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmask._kernels.features.levels import image_levels, largest_magnitude


def test_levels_are_quantiles_of_finite_pixels():
    image = np.random.default_rng(0).normal(size=(50, 60))
    image[:5] = np.nan
    image[5] = np.inf
    expected = np.quantile(image[6:], [0.05, 0.25, 0.5, 0.75, 0.95])
    assert_allclose(image_levels(image), expected, rtol=1e-5)
    assert (image_levels(image[:5]) == 0).all()


@pytest.mark.parametrize("shape", [(2_000_000,), (1500, 1400), (130, 120, 140)], ids=str)
def test_levels_of_large_images_are_close(shape):
    image = np.random.default_rng(0).random(shape)
    assert_allclose(image_levels(image), [0.05, 0.25, 0.5, 0.75, 0.95], atol=0.005)


def test_the_largest_magnitude_is_that_of_finite_pixels():
    pixels = np.array([[3.0, -7.0], [np.nan, 2.0]])
    assert largest_magnitude(pixels) == 7
    assert largest_magnitude(np.array([np.inf, -1.0, np.nan])) == 1
    assert largest_magnitude(np.array([np.nan])) == largest_magnitude(pixels[:0]) == 0
    assert largest_magnitude(np.array([-128, 5], np.int8)) == 128
