import numpy as np
import pytest

from skmask._kernels.pixels.precision import finite_limits, floats_for, loses_contrast


@pytest.mark.parametrize(
    "dtype", ["?", "u1", "i2", "u2", "f2", "f4", ">f4", "i4", "u4", "i8", "f8", "g"]
)
def test_floats_hold_all_values_that_floats_can(dtype):
    dtype = np.dtype(dtype)
    wide = dtype.kind == "f" and dtype.itemsize > 4 or dtype.kind in "iu" and dtype.itemsize > 2
    assert floats_for(dtype) == (np.float64 if wide else np.float32)


def test_limits_are_those_of_finite_pixels():
    pixels = np.array([[3.0, -7.0], [np.nan, 2.0]])
    assert finite_limits(pixels) == (-7, 3)
    assert finite_limits(np.array([np.inf, -1.0, np.nan])) == (-1, -1)
    assert finite_limits(np.array([np.nan])) == finite_limits(pixels[:0]) == (0, 0)
    assert finite_limits(np.array([-128, 5], np.int8)) == (-128, 5)


@pytest.mark.parametrize(
    ("offset", "contrast", "loses"),
    [
        (0, 1, False),
        (1e4, 50, False),
        (1e9, 50, True),
        (-1e9, 50, True),
        (1e9, 0, False),
        (1, 1e-15, False),
    ],
)
def test_contrast_is_lost_far_from_zero(offset, contrast, loses):
    pixels = np.linspace(0, contrast, 1000) + offset
    assert loses_contrast(pixels) == loses
    assert not loses_contrast(pixels.astype(np.float32))
    pixels[:9] = np.nan
    assert loses_contrast(pixels) == loses


@pytest.mark.parametrize("first", [np.inf, -np.inf, np.nan, 0.0, 1e9 - 200, 1e9 - 120_000])
@pytest.mark.parametrize("place", [0, 500])
def test_two_pixels_tell_only_if_all_others_would(first, place):
    pixels = np.linspace(0, 50, 1000) + 1e9
    pixels[place] = first
    finite = pixels[np.isfinite(pixels)]
    is_lost = np.ptp(finite) < np.abs(finite).max() * 256 * np.finfo(np.float32).eps
    assert loses_contrast(pixels) == is_lost


def test_integers_are_held_up_to_16_million():
    assert not loses_contrast(np.arange(20) + (1 << 24) - 20)
    assert loses_contrast(np.arange(20) + (1 << 24) + 1)


def test_contrast_beyond_float32_is_told():
    assert not loses_contrast(np.array([1e300, 2e300]))
