"""Levels of images against NumPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmask._kernels.features.levels import image_levels


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


def test_levels_of_doubles_and_long_integers_are_exact():
    offset, image = 10**9, np.arange(101)
    for dtype in (np.int32, np.float64):
        assert_allclose(image_levels((image + offset).astype(dtype)) - offset, [5, 25, 50, 75, 95])
    assert image_levels(image.astype(np.uint16)).dtype == np.float32
