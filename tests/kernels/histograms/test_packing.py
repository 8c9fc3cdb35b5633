import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from skmask._kernels.histograms.packing import pack, unpack

DTYPES = st.sampled_from([np.int64, np.uint64, np.float64])


@given(arrays(DTYPES, array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=20)))
def test_arrays_return_bit_for_bit(values):
    returned = unpack(pack(values))
    assert returned.dtype == values.dtype
    assert returned.shape == values.shape
    assert returned.tobytes() == values.tobytes()
    assert returned.flags.writeable


@pytest.mark.parametrize("dtype", [">i8", ">f8"])
def test_any_byte_order_and_layout_is_packed(dtype):
    values = np.arange(24).reshape(4, 6).astype(dtype).T[::2]
    assert_array_equal(unpack(pack(values)), values)
    assert unpack(pack(values)).dtype.isnative


@pytest.mark.parametrize(
    "values",
    [
        np.arange(65_536),
        np.arange(-5, 65_000, 3),
        np.arange(65_537) - 0.5,
        np.linspace(0, 1, 1025),
        np.zeros(65_536),
        np.full(65_536, np.nan),
    ],
    ids=str,
)
def test_regular_arrays_take_little_room(values):
    assert 8 * len(pack(values)["deltas"]) < values.nbytes


def test_special_floats_return():
    values = np.array([np.nan, -np.nan, 0.0, -0.0, np.inf, -np.inf, 5e-324, 1.7e308])
    assert unpack(pack(values)).tobytes() == values.tobytes()
