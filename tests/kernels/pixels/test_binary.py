import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask._kernels.pixels.binary import is_number, is_two_valued, nonzero

DTYPES = [np.uint8, np.int8, ">i2", np.int64, np.uint64, np.float16, np.float64]
nan = np.nan


def test_booleans_are_not_copied():
    values = np.array([True, False])
    assert nonzero(values) is values


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("values", [[[0, 1], [1, 0]], [[0, 100]], [[0, 0]], [[3, 3]]])
def test_numbers_of_two_values_are_told(dtype, values):
    assert is_two_valued(np.array(values).astype(dtype))


@pytest.mark.parametrize(
    "values",
    [
        [[0, 1, 2]],
        [[-1, 0, 1]],
        [[-2, -1, 0]],
        [[1, 2]],
        [[0.0, 0.5, 1.0]],
        [[0.0, nan]],
        [[nan, 1.0]],
        [[nan, nan]],
    ],
)
def test_other_numbers_are_not_of_two_values(values):
    assert not is_two_valued(np.array(values))


@pytest.mark.parametrize("order", ["C", "F"])
def test_values_are_told_without_a_copy(order):
    values = np.full((20, 300, 301), 255, np.uint8, order)
    values[:, ::2] = 0
    tracemalloc.start()
    assert is_two_valued(values)
    values[-1, -1, -1] = 1
    assert not is_two_valued(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e5


def test_nothing_is_two_valued():
    assert is_two_valued(np.empty((0, 3)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1, 2, -3], [False, True, True, True]),
        ([0.0, -0.0, 0.5, nan, np.inf], [False, False, True, False, True]),
        ([True, False], [True, False]),
    ],
)
def test_nonzero_numbers_are_foreground_and_nan_is_not(values, expected):
    assert nonzero(np.array(values)).tolist() == expected


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_whole_numbers_are_numbers(dtype):
    values = np.zeros((2, 3), dtype)
    assert_array_equal(is_number(values), np.ones((2, 3), bool))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ">f8", np.longdouble])
def test_floats_are_numbers_unless_nan(dtype):
    values = np.array([nan, 0.0, np.inf, -np.inf]).astype(dtype)
    assert is_number(values).tolist() == [False, True, True, True]
