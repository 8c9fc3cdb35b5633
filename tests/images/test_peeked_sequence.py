"""Sequences whose images are read when they are asked for, each of them once."""

import weakref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask import BinaryDilator, HistogramThresholdMasker, LocalThresholdMasker, ThresholdMasker
from skmask._images.peeked_sequence import PeekedSequence
from skmask.metrics import dice_score
from skmask.thresholds import count_pixels

SIZES = [(9, 11), (40, 30), (9, 11), (300, 400), (8, 8), (1500, 1000), (5, 6), (1400, 900)]


class Files:
    """Images that are made when they are asked for, as files are read."""

    def __init__(self, sizes=SIZES):
        self._sizes = sizes
        self.read = []
        self.most_alive = 0
        self._alive = []

    def __len__(self):
        return len(self._sizes)

    def __getitem__(self, i):
        self.read.append(i)
        # What is held while an image is read counts, and small images may be.
        large = [one() for one in self._alive if one() is not None and one().nbytes > 1 << 20]
        self.most_alive = max(self.most_alive, len(large))
        image = np.random.default_rng(i).integers(0, 200, self._sizes[i], np.uint8)
        self._alive.append(weakref.ref(image))
        return image


@pytest.mark.parametrize(
    "work",
    [
        lambda files: HistogramThresholdMasker().fit(files),
        lambda files: HistogramThresholdMasker(strategy="balanced").fit(files),
        lambda files: ThresholdMasker(100).transform(files),
        lambda files: BinaryDilator().transform(ThresholdMasker(100).transform(files)),
        lambda files: LocalThresholdMasker(window=3).transform(files),
        lambda files: count_pixels(files),
    ],
    ids=["fit", "balanced", "transform", "pipeline", "local", "count"],
)
def test_each_image_is_read_once_and_large_ones_are_not_held(work):
    files = Files()
    work(files)
    assert files.read == list(range(len(SIZES)))
    assert files.most_alive == 0


def test_results_are_those_of_a_list():
    X = list(Files())
    masker, expected = HistogramThresholdMasker().fit(Files()), HistogramThresholdMasker().fit(X)
    assert masker.threshold_ == expected.threshold_
    assert_array_equal(masker.histogram_, expected.histogram_)
    for mask, image in zip(masker.transform(Files()), X, strict=True):
        assert_array_equal(mask, image > masker.threshold_)


@pytest.mark.parametrize(
    ("odd", "match"),
    [
        (np.zeros((2, 5, 6)), "one number of axes, .* This was image 3, counted from 0"),
        (np.zeros((0, 6)), "at least one pixel, .* This was image 3, counted from 0"),
        (
            np.zeros((5, 6), complex),
            "booleans, integers or floats, .* This was image 3, counted from 0",
        ),
    ],
)
def test_images_that_are_refused_are_named_by_their_number(odd, match):
    class Odd(Files):
        def __getitem__(self, i):
            return odd if i == 3 else super().__getitem__(i)

    with pytest.raises((TypeError, ValueError), match=match):
        HistogramThresholdMasker().fit(Odd())
    with pytest.raises((TypeError, ValueError), match=match):
        LocalThresholdMasker(window=3).transform(Odd())


def test_scores_read_each_mask_once():
    files = Files([(9, 11)] * 3)
    masks = ThresholdMasker(100).transform(list(files))

    class Masks(Files):
        def __getitem__(self, i):
            return super().__getitem__(i) > 100

    lazy = Masks([(9, 11)] * 3)
    assert dice_score(lazy, masks) == 1
    assert lazy.read == [0, 1, 2]


def test_the_first_image_is_held_until_another_is_read():
    files = Files()
    peeked = PeekedSequence(files)
    assert len(peeked) == len(files)
    assert peeked[0] is peeked[0]
    assert files.read == [0]
    first = weakref.ref(peeked[0])
    peeked[1]
    assert first() is None
    peeked[0]
    assert files.read == [0, 1, 0]
