"""Vectors in compiled functions: operations are those of NumPy, on their own pixels only."""

import numpy as np
import pytest
from numba import errors, njit
from numpy.testing import assert_array_equal

from skmask._kernels.compiled import vectors

DTYPES = ["u1", "i1", "u2", "i4", "u8", "i8", "f4", "f8"]


@njit
def combine(a, b, first, lows, highs, sums):
    x, y = vectors.load(a, first), vectors.load(b, first)
    vectors.store(lows, first, vectors.smaller(x, y))
    vectors.store(highs, first, vectors.larger(x, y))
    vectors.store(sums, first, vectors.add(x, y))
    return vectors.n_lanes(a)


@njit
def move(pixels, left, right):
    vectors.store(left, 0, vectors.from_the_left(vectors.load(pixels, 0)))
    vectors.store(right, 0, vectors.from_the_right(vectors.load(pixels, 0)))


@njit
def is_marked(pixels, first):
    marks = vectors.mark_missing(vectors.zeros(pixels), vectors.load(pixels, first))
    return vectors.has_marks(marks)


@njit
def load_alone(pixels):
    vectors.store(pixels, 0, vectors.load(pixels, 0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_operations_are_those_of_numpy(dtype):
    rng = np.random.default_rng(0)
    if dtype[0] == "f":
        a, b = rng.normal(size=(2, 200)).astype(dtype)
    else:
        a, b = rng.integers(0, 256, (2, 1600), np.uint8).view(dtype)
    results = np.full((3, a.size), 7, dtype)
    count = combine(a, b, 3, *results)
    assert count == vectors.VECTOR_BYTES // a.itemsize
    expected = np.full((3, a.size), 7, dtype)
    inner = slice(3, 3 + count)
    for result, operation in zip(expected, (np.minimum, np.maximum, np.add), strict=True):
        result[inner] = operation(a[inner], b[inner])
    assert_array_equal(results, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_vectors_move_by_a_lane(dtype):
    pixels = np.arange(vectors.VECTOR_BYTES // np.dtype(dtype).itemsize, dtype=dtype)
    left, right = np.zeros((2, pixels.size), dtype)
    move(pixels, left, right)
    assert_array_equal(left, np.r_[pixels[:1], pixels[:-1]])
    assert_array_equal(right, np.r_[pixels[1:], pixels[-1:]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_that_are_not_finite_leave_marks(dtype):
    pixels = np.full(100, np.iinfo(dtype).max if dtype[0] != "f" else np.finfo(dtype).max, dtype)
    count = vectors.VECTOR_BYTES // pixels.itemsize
    assert not is_marked(pixels, 1)
    if dtype[0] == "f":
        for value in (np.nan, np.inf, -np.inf):
            pixels[:] = -1
            pixels[[0, count + 1]] = value
            assert not is_marked(pixels, 1)
            pixels[count] = value
            assert is_marked(pixels, 1)


def test_pixels_that_are_not_one_behind_the_other_are_refused():
    with pytest.raises(errors.TypingError, match="a vector lies in a flat, contiguous array"):
        load_alone(np.zeros(200)[::2])
    with pytest.raises(errors.TypingError, match="a vector lies in a flat, contiguous array"):
        load_alone(np.zeros((20, 20)))
