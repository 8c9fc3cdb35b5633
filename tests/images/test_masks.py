"""Masks beside images: read from numbers, or refused."""

import numpy as np
import pytest

from skmask._images.masks import to_mask

DTYPES = [np.uint8, np.int8, ">i2", np.int64, np.uint64, np.float16, np.float64]
nan = np.nan


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("other", [1, 100, -1])
def test_two_numbers_one_of_them_zero_are_a_mask(dtype, other):
    if other < 0 and np.dtype(dtype).kind == "u":
        other = 255
    values = np.array([[0, other], [other, 0]]).astype(dtype)
    mask = to_mask(values, caller="It", name="y")
    assert mask.dtype == bool
    assert mask.tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(("values", "expected"), [([[0, 0]], False), ([[3, 3]], True)])
def test_one_number_is_a_mask(values, expected):
    mask = to_mask(np.array(values), caller="It", name="y")
    assert mask.tolist() == [[expected, expected]]


def test_booleans_are_not_copied():
    values = np.array([True, False])
    assert to_mask(values, caller="It", name="y") is values


@pytest.mark.parametrize(
    "values",
    [
        [0, 1, 2],
        [-1, 0, 1],
        [-2, -1, 0],
        [1, 2],
        [0.0, 0.5, 1.0],
        [0.0, nan],
        [nan, 1.0],
        [nan, nan],
    ],
)
def test_other_numbers_are_refused(values):
    with pytest.raises(ValueError, match="It expects y to be masks, .* Use y > 0 for label images"):
        to_mask(np.array(values), caller="It", name="y")


def test_regions_of_interest_are_not_told_to_use_one():
    with pytest.raises(ValueError, match="Use roi > 0 for label images, or threshold first.$"):
        to_mask(np.arange(3), caller="It", name="roi")
