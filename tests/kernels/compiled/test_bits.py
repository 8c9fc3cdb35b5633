"""Packing of rows of masks into words of bits."""

import numpy as np
import pytest

from skmask._kernels.compiled.bits import LEAST, pack_rows, unpack_rows


def packed(masks, words, distance, flip=0):
    n_rows, width = masks.shape
    places = np.array([0, width, 0, distance, flip & 2**64 - 1], np.uint64)
    place, width, first, distance, flip = places
    pack_rows(masks.reshape(-1), place, n_rows, width, words, first, distance, flip)


def unpacked(words, shape, target, place, distance):
    n_rows, width = shape
    numbers = np.array([0, distance, 0, place, width], np.uint64)
    first, distance, flip, place, width = numbers
    unpack_rows(words, first, distance, flip, target, place, n_rows, width)


@pytest.mark.parametrize("width", [1, 3, 28, 63, 64, 65, 100, 128, 130])
@pytest.mark.parametrize("flip", [0, -1])
def test_words_hold_rows(width, flip):
    masks = np.random.default_rng(width).random((70, width)) < 0.4
    distance = width // 64 + 1
    words = np.zeros(70 * distance, np.uint64)
    packed(masks, words, distance, flip)
    bits = np.unpackbits(words.view(np.uint8), bitorder="little").reshape(70, -1)
    np.testing.assert_array_equal(bits[:, :width], masks ^ (flip != 0))
    assert not bits[:, width:].any()


@pytest.mark.parametrize("width", [1, 3, 28, 63, 64, 65, 100, 128, 130])
@pytest.mark.parametrize("before", [0, 5, 200])
@pytest.mark.parametrize("after", [0, 7, 100])
def test_nothing_but_the_rows_is_written(width, before, after):
    masks = np.random.default_rng(width).random((LEAST, width)) < 0.4
    distance = width // 64 + 1
    words = np.zeros(LEAST * distance, np.uint64)
    packed(masks, words, distance)
    around = np.random.default_rng(1).random(before + masks.size + after) < 0.5
    expected = around.copy()
    expected[before : before + masks.size] = masks.reshape(-1)
    unpacked(words, masks.shape, around, before, distance)
    np.testing.assert_array_equal(around, expected)
