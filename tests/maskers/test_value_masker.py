"""Pixels of given values and bits, against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skmask import ValueMasker, describe

DTYPES = [bool, *"bhilqBHILQ", np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: np.dtype(dtype).name)
@pytest.mark.parametrize("values", [1, [0, 3], [2, 2, 7, -1, 300], list(range(0, 40, 2))], ids=str)
def test_values_are_those_of_isin(dtype, values):
    X = np.random.default_rng(0).integers(0, 12, (3, 7, 8)).astype(dtype)
    assert_array_equal(ValueMasker(values).transform(X), np.isin(X.astype(float), values))


def test_large_integers_are_exact():
    X = np.array([[[2**62, 2**62 + 1, -(2**63), 2**63 - 1]]])
    assert ValueMasker(2**62 + 1).transform(X).tolist() == [[[False, True, False, False]]]
    assert ValueMasker([-(2**63), 2**63 - 1]).transform(X).sum() == 2
    unsigned = np.array([[[2**64 - 1, 2**64 - 2]]], np.uint64)
    assert ValueMasker(2**64 - 1).transform(unsigned).tolist() == [[[True, False]]]


def test_floats_are_compared_in_their_dtype_and_nan_is_never_there():
    X = np.array([[[0.1, 0.2, np.nan, np.inf]]], np.float32)
    assert ValueMasker(0.1).transform(X).tolist() == [[[True, False, False, False]]]
    assert ValueMasker([np.nan, np.inf]).transform(X).tolist() == [[[False, False, False, True]]]
    assert not ValueMasker(0.5).transform(np.zeros((1, 2, 2), int)).any()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint64, np.int64]),
    st.integers(0, 2**32 - 1),
    st.sets(st.integers(0, 7), min_size=1),
)
def test_bits_are_those_of_numpy(dtype, seed, bits):
    limits = np.iinfo(dtype)
    X = np.random.default_rng(seed).integers(
        limits.min, limits.max, (2, 4, 5), dtype, endpoint=True
    )
    is_set = [(X >> bit) & 1 == 1 for bit in bits]
    for match, reduce in (("any", np.any), ("all", np.all)):
        masker = ValueMasker(bits=sorted(bits), match=match)
        assert_array_equal(masker.transform(X), reduce(is_set, axis=0))
        assert_array_equal(
            masker.transform(X.astype(X.dtype.newbyteorder())), reduce(is_set, axis=0)
        )


def test_highest_bits_are_found():
    X = np.array([[[2**63, 1]]], np.uint64)
    assert ValueMasker(bits=63).transform(X).tolist() == [[[True, False]]]
    assert ValueMasker(bits=7).transform(np.array([[[-1, 1]]], np.int8)).tolist() == [
        [[True, False]]
    ]
    assert ValueMasker(bits=0).transform(np.array([[[True, False]]])).tolist() == [[[True, False]]]


def test_it_says_what_it_takes():
    X = np.ones((1, 2, 2), int)
    assert "with the values [3, 7]" in describe(ValueMasker([3, 7]).fit(X))
    assert "with all of the bits [1, 2] set" in describe(
        ValueMasker(bits=[1, 2], match="all").fit(X)
    )


@pytest.mark.parametrize(
    ("parameters", "dtype", "match"),
    [
        ({"values": [[1, 2]]}, int, "values to be a number or a sequence"),
        ({"values": []}, int, "values to be a number or a sequence"),
        ({"bits": -1}, int, "bits to be integers from 0 on, got -1"),
        ({"bits": [0.5]}, int, "bits to be integers from 0 on"),
        ({"bits": 3}, float, r"images of integers that have bits \[3\], got floats"),
        (
            {"bits": [3, 8]},
            np.uint8,
            r"images of integers that have bits \[3, 8\], got uint8, which has bits 0 to 7",
        ),
    ],
)
def test_bad_parameters_are_refused(parameters, dtype, match):
    X = np.ones((1, 2, 2), dtype)
    with pytest.raises(ValueError, match=f"ValueMasker expects {match}"):
        ValueMasker(**parameters).fit(X).transform(X)
