import numpy as np
import pytest
from numpy.testing import assert_array_equal
from skimage.morphology import convex_hull_image

from skmask import ConvexHuller

MASKS = np.random.default_rng(0).random((4, 30, 41)) > 0.99
VOLUMES = np.random.default_rng(1).random((2, 9, 10, 11)) > 0.98


@pytest.mark.parametrize("masks", [MASKS, VOLUMES], ids=["planes", "volumes"])
def test_hulls_are_those_of_scikit_image(masks):
    expected = [convex_hull_image(mask, offset_coordinates=False) for mask in masks]
    hulls = ConvexHuller().fit_transform(masks)
    assert_array_equal(hulls, expected)
    assert hulls.sum() > 2 * masks.sum()


def test_rows_and_lists_give_what_stacks_give():
    expected = ConvexHuller().transform(MASKS)
    rows = ConvexHuller(image_shape=MASKS.shape[1:]).fit_transform(MASKS.reshape(4, -1))
    assert_array_equal(rows, expected.reshape(4, -1))
    sizes = [MASKS[0], MASKS[1, :20], MASKS[2, :, :7]]
    for hull, mask in zip(ConvexHuller().transform(sizes), sizes, strict=True):
        assert_array_equal(hull, ConvexHuller().transform(mask[np.newaxis])[0])


def test_hull_fills_holes_and_joins_regions():
    masks = np.zeros((1, 7, 9), bool)
    masks[0, 2:5, 1:4] = masks[0, 2:5, 6:8] = True
    masks[0, 3, 2] = False
    expected = np.zeros((1, 7, 9), bool)
    expected[0, 2:5, 1:8] = True
    assert_array_equal(ConvexHuller().transform(masks), expected)


def test_empty_full_and_flat_masks_are_defined():
    empty = np.zeros((1, 6, 7), bool)
    assert not ConvexHuller().transform(empty).any()
    assert ConvexHuller().transform(~empty).all()
    line = empty.copy()
    line[0, 1, 1] = line[0, 3, 5] = True
    assert np.argwhere(ConvexHuller().transform(line)[0]).tolist() == [[1, 1], [2, 3], [3, 5]]


def test_bad_image_shape_is_refused():
    for call in (ConvexHuller(image_shape=30).fit, ConvexHuller(image_shape=30).transform):
        with pytest.raises(ValueError, match="'image_shape' parameter of ConvexHuller must be"):
            call(MASKS)
