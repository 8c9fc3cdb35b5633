"""Small images of a list, joined for functions that look at single pixels."""

import numpy as np
import pytest

from skmask import RangeMasker, ThresholdMasker, ValueMasker
from skmask._images.joined import JOINED_BYTES, map_joined

RNG = np.random.default_rng(0)
SHAPES = [(3, 5), (1, 7), (4, 4), (3, 5), (2, 3, 4), (6,)]


def make_images(dtypes=("uint8",), shapes=SHAPES):
    return [
        RNG.integers(0, 100, shape).astype(dtypes[i % len(dtypes)])
        for i, shape in enumerate(shapes)
    ]


@pytest.mark.parametrize("dtypes", [["uint8"], ["uint8", "float32"], ["bool", "bool", ">u2"]])
def test_results_are_those_of_each_image(dtypes):
    images = make_images(dtypes)
    dtypes_seen = []

    def function(pixels):
        assert len(pixels) == 1
        dtypes_seen.append(pixels.dtype)
        return pixels > 50

    for image, result in zip(images, map_joined(function, images), strict=True):
        np.testing.assert_array_equal(result, image > 50)
    assert all(a != b for a, b in zip(dtypes_seen, dtypes_seen[1:], strict=False))


def test_large_images_are_not_joined_and_not_copied():
    large = np.zeros((JOINED_BYTES + 1,), np.uint8)
    images = [np.zeros(3, np.uint8), large, np.zeros(4, np.uint8), np.zeros(5, np.uint8)]
    seen = []
    list(map_joined(lambda pixels: seen.append(pixels) or pixels, images))
    assert [pixels.size for pixels in seen] == [3, large.size, 9]
    assert np.shares_memory(seen[1], large)


def test_images_in_the_order_of_fortran_and_views_keep_their_pixels():
    images = [np.asfortranarray(RNG.integers(0, 9, (4, 6))), RNG.integers(0, 9, (8, 9))[::2, ::-3]]
    for image, result in zip(images, map_joined(lambda pixels: pixels > 4, images), strict=True):
        np.testing.assert_array_equal(result, image > 4)


@pytest.mark.parametrize(
    "masker", [ThresholdMasker(40), RangeMasker(20, 60), ValueMasker(7), ValueMasker(bits=[0])]
)
def test_lists_of_different_sizes_are_masked_as_each_image(masker):
    images = make_images(["uint8", "int64"], [(9, 8), (7, 30), (9, 8), (40, 41), (1, 1)])
    masks = masker.transform(images)
    assert [mask.shape for mask in masks] == [image.shape for image in images]
    for image, mask in zip(images, masks, strict=True):
        np.testing.assert_array_equal(mask, masker.transform(image[np.newaxis])[0])


def test_channels_stay_what_they_are():
    images = make_images(shapes=[(9, 8, 3), (7, 30, 3)])
    masker = RangeMasker([10, 0, 0], [80, 90, 100], channel_axis=-1)
    for image, mask in zip(images, masker.transform(images), strict=True):
        np.testing.assert_array_equal(mask, masker.transform(image[np.newaxis])[0])
