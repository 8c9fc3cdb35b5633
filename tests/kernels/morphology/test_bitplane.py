import numpy as np
import pytest

from skmask._kernels.morphology import bitplane
from skmask._kernels.morphology.bitplane import pack, unpack


@pytest.mark.parametrize("n_lanes", range(1, 9))
@pytest.mark.parametrize("shape", [(0,), (1,), (7,), (3, 5), (2, 0, 4)])
def test_pack_puts_each_mask_into_a_bit(n_lanes, shape):
    lanes = np.random.default_rng(0).random((n_lanes, *shape)) < 0.5
    plane = np.full(shape, 255, dtype=np.uint8)
    pack(lanes, plane)
    np.testing.assert_array_equal(
        plane, np.packbits(lanes, axis=0, bitorder="little").reshape(shape)
    )


@pytest.mark.parametrize("chunk_size", [1, 40, 1 << 17])
@pytest.mark.parametrize(("first", "n_lanes"), [(0, 8), (0, 3), (2, 5), (7, 1)])
def test_unpack_takes_the_bits_from_first_on(first, n_lanes, chunk_size, monkeypatch):
    monkeypatch.setattr(bitplane, "CHUNK_SIZE", chunk_size)
    plane = np.random.default_rng(0).integers(0, 256, (6, 5), dtype=np.uint8)
    bits = np.unpackbits(plane[np.newaxis], axis=0, bitorder="little").astype(bool)
    lanes = np.ones((n_lanes, 6, 5), dtype=bool)
    unpack(plane, lanes, first)
    np.testing.assert_array_equal(lanes, bits[first : first + n_lanes])
    assert set(np.unique(lanes.view(np.uint8))) <= {0, 1}


def test_unpack_writes_to_strided_masks_only_where_they_are():
    plane = np.random.default_rng(0).integers(0, 256, (4, 6), dtype=np.uint8)
    whole = np.zeros((8, 4, 12), dtype=bool)
    unpack(plane, whole[:, :, ::2])
    assert not whole[:, :, 1::2].any()
    again = np.empty_like(plane)
    pack(whole[:, :, ::2], again)
    np.testing.assert_array_equal(again, plane)
