"""Gaussians against SciPy and their own limits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage

from skmask._kernels.local.smoothing import chained_taps, gaussian_taps, reach_of, smooth


@pytest.mark.parametrize("sigma", [0.5, 1, 2.3, 6])
@pytest.mark.parametrize("shape", [(5,), (300,), (3, 200), (40, 7), (1, 1), (6, 30, 20)], ids=str)
def test_convolution_is_that_of_scipy(sigma, shape):
    plane = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    expected = ndimage.gaussian_filter(plane, sigma, truncate=3, mode="reflect")
    smooth(plane, [gaussian_taps(sigma)] * plane.ndim)
    assert_allclose(plane, expected, atol=2e-6)


def test_taps_with_holes_alias_less_than_a_millionth():
    impulse = np.zeros(401, np.float32)
    impulse[200] = 1
    expected = np.zeros(401)
    expected[200] = 1
    for scale, taps in zip((1, 2, 4, 8), chained_taps((1, 2, 4, 8), (1.0,)), strict=True):
        smooth(impulse, taps)
        expected = ndimage.gaussian_filter1d(np.eye(1, 401, 200)[0], scale, truncate=8)
        # What is left is the cut at three sigmas; at the sampling rate there is nothing.
        spectrum = np.abs(np.fft.rfft(impulse - expected))
        assert spectrum.max() < 0.03
        assert spectrum[-150 // scale :].max() < 0.02


def test_a_constant_stays_constant_and_a_scale_of_nothing_changes_nothing():
    plane = np.full((20, 30), 5, np.float32)
    smooth(plane, [gaussian_taps(3)] * 2)
    assert_allclose(plane, 5, rtol=1e-6)
    image = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    before = image.copy()
    smooth(image, [gaussian_taps(0)] * 2)
    assert_array_equal(image, before)
    assert reach_of(gaussian_taps(0)) == 0
