import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask._kernels.compiled import use_engine
from skmask._kernels.local.units import units_of

WINDOW = (5, 5)


def test_pixels_of_up_to_16_bits_need_no_units():
    assert units_of(np.zeros((1, 4, 5), np.int16), WINDOW) is None


def test_integers_of_the_range_have_46_bits():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(3, 9, 8)) * np.array([1e-9, 1, 1e200]).reshape(-1, 1, 1) + 5
    units = units_of(images, WINDOW)
    largest = np.abs((images - units.origin) * units.scale).max(axis=(1, 2))
    assert units.fits.all()
    assert (largest >= 2**44).all()
    assert (largest <= 2**46).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e301])
def test_images_of_no_usual_range_do_not_fit(bad):
    images = np.ones((3, 4, 5))
    images[1, 2, 2] = bad
    images[2] *= 1e-290
    images[2, 0, 0] = 0
    assert_array_equal(units_of(images, WINDOW).fits, [True, False, False])


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint64, np.float32, np.float64])
def test_units_are_those_of_the_other_engine(dtype):
    rng = np.random.default_rng(1)
    images = (rng.normal(size=(6, 7, 9)) * 10.0 ** rng.integers(0, 9, (6, 1, 1))).astype(dtype)
    found = units_of(images, WINDOW)
    with use_engine("numpy"):
        expected = units_of(images, WINDOW)
    for one, other in zip(found, expected, strict=True):
        assert one.tobytes() == other.tobytes()
