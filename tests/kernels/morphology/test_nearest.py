import numpy as np
import pytest
from scipy import ndimage

from skmask._kernels.compiled import is_compiled
from skmask._kernels.morphology import nearest
from skmask._kernels.morphology.nearest import BOX, CROSS, is_nearest, join_nearest, joins_nearest


@pytest.mark.parametrize("block_size", [1, 30, 1 << 18])
@pytest.mark.parametrize("shape", [(1, 2, 2), (2, 3, 2), (1, 2, 9), (3, 17, 65), (1, 40, 7)])
@pytest.mark.parametrize("offsets", [CROSS, BOX], ids=["cross", "box"])
def test_neighbors_are_joined_as_by_scipy(offsets, shape, block_size, monkeypatch):
    monkeypatch.setattr(nearest, "BLOCK_SIZE", block_size)
    for density in (0.1, 0.5, 0.9):
        masks = np.random.default_rng(0).random(shape) < density
        np.testing.assert_array_equal(
            join_nearest(masks, offsets, np.bitwise_or),
            ndimage.binary_dilation(masks, offsets[np.newaxis]),
        )
        np.testing.assert_array_equal(
            join_nearest(masks, offsets, np.bitwise_and),
            ndimage.binary_erosion(masks, offsets[np.newaxis], border_value=1),
        )


def test_it_is_for_single_images_or_large_ones():
    small, large = np.zeros((1, 20, 20), dtype=bool), np.broadcast_to(False, (8, 512, 512))
    few, many = np.zeros((7, 20, 20), dtype=bool), np.zeros((8, 20, 20), dtype=bool)
    for masks in (small, few, large, np.zeros((1, 9, 300), dtype=bool)):
        assert joins_nearest(masks) == (not is_compiled())
    assert not joins_nearest(many)


def test_it_is_for_crosses_and_boxes():
    corner = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    assert is_nearest(BOX)
    assert is_nearest(CROSS)
    for shape in ((3, 5), (3,), (3, 3, 3)):
        assert not is_nearest(np.ones(shape, dtype=bool))
    assert not is_nearest(corner)
