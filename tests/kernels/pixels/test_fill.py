import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from skmask._kernels.pixels import fill as fill_module
from skmask._kernels.pixels.fill import fill_outside

DTYPES = [bool, *"bhilqBHILQ", np.float16, np.float32, np.float64, np.longdouble]
DTYPES += [">i2", ">u4", ">f4", ">f8"]
EACH_DTYPE = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).str)


def example(dtype, shape=(4, 5, 7)):
    rng = np.random.default_rng(0)
    images = (rng.integers(0, 120, shape) * (rng.random(shape) < 0.9)).astype(dtype)
    return images, rng.random(shape) < 0.5


def fills_for(images):
    rng = np.random.default_rng(1)
    shapes = [(), images.shape[1:], (len(images), 1, 1), (1, images.shape[2]), images.shape]
    yield np.zeros((), images.dtype)
    yield np.zeros(images.shape[1:], images.dtype)
    yield from (np.asarray(rng.integers(0, 99, shape)).astype(images.dtype) for shape in shapes)


@EACH_DTYPE
@pytest.mark.parametrize("shape", [(4, 5, 7), (3, 80, 101)])
def test_pixels_outside_are_filled_in_every_dtype(dtype, shape):
    images, mask = example(dtype, shape)
    for fill in fills_for(images):
        filled = fill_outside(images, mask, fill)
        assert filled.dtype == images.dtype
        assert_array_equal(filled, np.where(mask, images, fill))


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from(["?", "u1", "i2", "f4", "f8", "u8"]), st.integers(1, 9))
def test_any_bits_and_shapes_equal_where(data, dtype, chunk):
    shape = data.draw(array_shapes(min_dims=2, max_dims=4, max_side=5))
    images = data.draw(arrays(dtype, shape))
    mask = data.draw(arrays(bool, shape))
    fill = data.draw(arrays(dtype, data.draw(st.sampled_from([(), shape[1:]]))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fill_module, "_CHUNK", chunk)
        filled = fill_outside(images, mask, fill)
    expected = np.where(mask, images, fill)
    # Byte for byte: signed zeros and the bits of a NaN are kept too.
    assert filled.tobytes() == expected.tobytes()


@pytest.mark.parametrize("fill", [0.0, -0.0, 3.0, np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_what_is_outside_never_leaks(dtype, fill):
    images = np.array([[np.nan, np.inf, -np.inf, 1.0], [np.nan, np.inf, -np.inf, -0.0]], dtype)
    mask = np.array([[False] * 4, [True] * 4])
    filled = fill_outside(images, mask, np.asarray(fill, dtype))
    assert_array_equal(filled[0], np.full(4, fill, dtype))
    assert_array_equal(np.signbit(filled[0]), np.signbit(np.full(4, fill)))
    assert_array_equal(filled[1], images[1])
    assert np.signbit(filled[1, 3])


@pytest.mark.parametrize("fill", [0, 7])
@pytest.mark.parametrize("shape", [(6, 8, 10), (6, 50, 60)])
def test_every_layout_is_read_and_left_alone(fill, shape):
    images, mask = example(np.float64, shape)
    expected = np.where(mask, images, fill)
    for layout in (
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        lambda a: a[::-1].copy()[::-1],
    ):
        one, its_mask = layout(images), layout(mask)
        one.flags.writeable = its_mask.flags.writeable = False
        for pair in ((one, mask), (images, its_mask), (one, its_mask)):
            filled = fill_outside(*pair, np.asarray(fill, float))
            assert_array_equal(filled, expected)
            assert filled.flags.writeable
        assert_array_equal(one, images)


def test_dtype_of_the_fill_is_that_of_the_result():
    images, mask = example(np.uint8)
    filled = fill_outside(images, mask, np.asarray(np.nan, np.float32))
    assert filled.dtype == np.float32
    assert_array_equal(filled, np.where(mask, images, np.float32(np.nan)))
