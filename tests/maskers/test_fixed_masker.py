import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask import FixedMasker, MaskApplier

MASK = np.array([[False, True, True], [True, False, True]])


@pytest.mark.parametrize("mask", [MASK, MASK.tolist(), MASK.astype(np.uint8) * 255, MASK * 1.0])
def test_every_image_gets_the_mask(mask):
    X = np.zeros((4, 2, 3))
    masks = FixedMasker(mask).fit_transform(X)
    assert masks.dtype == bool
    assert_array_equal(masks, np.broadcast_to(MASK, X.shape))


def test_rows_get_the_mask_row_by_row():
    rows = np.zeros((4, 6))
    assert_array_equal(FixedMasker(MASK).transform(rows), np.tile(MASK.ravel(), (4, 1)))


def test_no_mask_is_the_full_mask():
    assert FixedMasker().transform(np.zeros((2, 3, 3))).all()


def test_nan_is_not_foreground_under_the_mask_either():
    X = np.zeros((1, 2, 3))
    X[0, 0, 1] = np.nan
    assert FixedMasker(MASK).transform(X)[0].tolist() == [[False, False, True], [True, False, True]]


def test_results_can_be_written_to_without_touching_the_mask():
    mask = MASK.copy()
    masks = FixedMasker(mask).transform(np.zeros((2, 2, 3)))
    masks[0] = True
    assert_array_equal(masks[1], MASK)
    assert_array_equal(mask, MASK)


@pytest.mark.parametrize("shape", [(2, 3, 2), (2, 2, 4), (2, 1, 3), (2, 1, 2, 3), (2, 5)])
def test_images_of_another_shape_are_refused(shape):
    for call in (FixedMasker(MASK).fit, FixedMasker(MASK).transform):
        with pytest.raises(ValueError, match=r"shape of its mask, \(2, 3\), got images of shape"):
            call(np.zeros(shape))


@pytest.mark.parametrize(
    "mask", [[[0, 1, 2]], [[0.5, 1.0, 0.0]], [[np.nan, 1.0, 0.0]], [[1, 2, 1]]]
)
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(ValueError, match="expects mask to be masks, booleans or numbers of two"):
        FixedMasker(mask).fit(np.zeros((1, 1, 3)))


def test_mask_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="'mask' parameter of FixedMasker must be"):
        FixedMasker("brain").fit(np.zeros((1, 1, 3)))


def test_mask_lacks_the_axis_of_channels():
    X = np.ones((4, 2, 3, 3))
    X[0, 0, 1, 2] = np.nan
    masks = FixedMasker(MASK, channel_axis=-1).fit_transform(X)
    assert_array_equal(masks[1:], np.broadcast_to(MASK, (3, 2, 3)))
    assert masks[0].tolist() == [[False, False, True], [True, False, True]]
    applied = MaskApplier(FixedMasker(MASK, channel_axis=1), channel_axis=1).fit_transform(
        np.moveaxis(X, -1, 1)
    )
    assert_array_equal(applied[1], np.broadcast_to(MASK, (3, 2, 3)))
    assert FixedMasker(channel_axis=-1).transform(X).shape == (4, 2, 3)


def test_rows_with_channels_are_not_flat_rows():
    masker = FixedMasker(MASK, channel_axis=-1)
    with pytest.raises(
        ValueError, match=r"shape of its mask, \(2, 3\), got images of shape \(6,\)"
    ):
        masker.fit(np.ones((2, 6, 3)))
    flat = FixedMasker(MASK.ravel(), channel_axis=-1).fit_transform(np.ones((2, 6, 3)))
    assert_array_equal(flat, np.tile(MASK.ravel(), (2, 1)))


@pytest.mark.parametrize("axis", [0, 4, -4])
def test_axis_that_is_no_axis_of_the_images_is_refused(axis):
    with pytest.raises(ValueError, match=f"channel_axis to be an axis of the images, got {axis}"):
        FixedMasker(MASK, channel_axis=axis).fit(np.ones((4, 2, 3, 3)))
