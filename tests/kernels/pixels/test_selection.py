import numpy as np
import pytest

from skmask._kernels.pixels.selection import select_pixels


@pytest.mark.parametrize("dtype", ["?", "u1", "i2", "f4", "f8", "f2", "c16", "M8[s]"])
@pytest.mark.parametrize("share", [0, 0.3, 1])
def test_pixels_are_those_of_an_index(dtype, share):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 100, (3, 17, 9)).astype(dtype)
    masks = rng.random(images.shape) < share
    images.flags.writeable = False
    for pixels, where in ((images, masks), (images[:, ::2, ::-1], masks[:, ::2, ::-1])):
        selected = select_pixels(pixels, where)
        np.testing.assert_array_equal(selected, pixels[where])
        assert selected.dtype == dtype
    assert not images.flags.writeable


def test_images_may_have_more_axes_than_masks():
    images = np.arange(24).reshape(2, 3, 4)
    masks = np.array([[True, False, True], [False, True, False]])
    np.testing.assert_array_equal(select_pixels(images, masks), images[masks])


def test_copies_of_views_of_other_bytes_are_read_as_booleans():
    images = np.arange(6000.0).reshape(2, 50, 60)
    masks = images % 3 == 0
    bytes_255 = (masks * np.uint8(255)).view(bool).copy()
    np.testing.assert_array_equal(select_pixels(images, bytes_255), images[masks])
