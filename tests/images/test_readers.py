"""What is read as images, and what is refused with what to do instead."""

import weakref

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import zarr
from numpy.testing import assert_array_equal
from PIL import Image

from skmask import (
    BinaryDilator,
    HistogramThresholdMasker,
    HysteresisMasker,
    ImageFlattener,
    RangeMasker,
    ThresholdMasker,
)
from skmask._images.readers import Latest, block_bounds
from skmask.metrics import dice_score, dice_scorer


def test_images_of_pillow_are_a_list_of_images():
    rng = np.random.default_rng(0)
    X = [rng.integers(0, 200, shape, np.uint8) for shape in ((5, 6), (4, 6), (5, 6))]
    y = [image > 120 for image in X]
    images, masks = ([Image.fromarray(one) for one in many] for many in (X, y))
    masker = HistogramThresholdMasker("dice").fit(images, masks)
    assert masker.threshold_ == HistogramThresholdMasker("dice").fit(X, y).threshold_
    assert dice_score(masker.transform(images), masks) == 1
    assert dice_scorer(masker, images, masks) == 1
    assert type(masker.transform(images[::2])) is list
    colors = rng.integers(0, 200, (5, 6, 3), np.uint8)
    reds = RangeMasker([150, 0, 0], [255, 80, 80], channel_axis=-1)
    (mask,) = reds.transform([Image.fromarray(colors)])
    assert_array_equal(mask, reds.transform(colors[np.newaxis])[0])


@pytest.mark.parametrize("chunk", [1, 3, 40, 200])
def test_blocks_are_whole_chunks_however_large(chunk, monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 50 * 4 * 4)
    stack = zarr.create_array({}, shape=(400, 4, 4), dtype="u1", chunks=(chunk, 4, 4))
    starts = [start for start, _ in block_bounds(stack)]
    step = max(50 // chunk, 1) * chunk
    assert starts == list(range(0, 400, step))


@pytest.mark.parametrize(("chunk", "step"), [(20, 40), (400, 50)])
def test_chunks_of_parts_of_images_make_no_block_larger(chunk, step, monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 50 * 4 * 4)
    chunks = (chunk, 2, 4)
    stack = zarr.create_array({}, shape=(400, 4, 4), dtype="u1", chunks=chunks)
    for cut in (stack, da.zeros(stack.shape, dtype="u1", chunks=chunks)):
        assert [start for start, _ in block_bounds(cut)] == list(range(0, 400, step))


@pytest.mark.parametrize("images", [[], ()])
def test_no_images_are_refused(images):
    match = "ThresholdMasker expects X to have pixels, got an empty list. Use a list of at least"
    with pytest.raises(ValueError, match=match):
        ThresholdMasker().transform(images)


@pytest.mark.parametrize("images", [np.ones((2, 3, 4)), [np.ones((3, 4))] * 2])
@pytest.mark.parametrize("make", [iter, lambda masks: Image.fromarray(masks[0])])
def test_masks_that_are_no_arrays_are_refused_with_the_fix(images, make):
    match = "HistogramThresholdMasker expects y to be an array or a list of arrays, got an? .* Use "
    with pytest.raises(TypeError, match=match):
        HistogramThresholdMasker("dice").fit(images, make(np.ones((2, 3, 4), bool)))


@pytest.mark.parametrize(
    ("estimator", "shape"),
    [
        (HistogramThresholdMasker(), (20, 30, 3)),
        (HistogramThresholdMasker(), (2, 20, 30, 4)),
        (ThresholdMasker(), (2, 20, 30, 3)),
        (RangeMasker(0, 1), (2, 20, 30, 3)),
        (BinaryDilator(), (2, 20, 30, 3)),
        (HysteresisMasker(0, 1), (2, 20, 30, 3)),
    ],
)
def test_what_sees_pixels_together_warns_of_colors(estimator, shape):
    X = (np.random.default_rng(0).random(shape) > 0.5).astype(np.uint8)
    with pytest.warns(UserWarning, match="If the last axis holds colors, make them"):
        estimator.fit(X)
    with pytest.warns(UserWarning, match="If the last axis holds colors, make them") as caught:
        estimator.transform(X)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("estimator", "shape"),
    [
        (HistogramThresholdMasker(), (2, 9, 30, 3)),
        (HistogramThresholdMasker(), (2, 3, 20, 30)),
        (HistogramThresholdMasker(), (20, 3)),
        (ImageFlattener(), (2, 20, 30, 3)),
        (HysteresisMasker(0, RangeMasker(1, channel_axis=-1), channel_axis=-1), (2, 20, 30, 3)),
    ],
)
def test_nothing_else_warns_of_colors(estimator, shape):
    estimator.fit(np.random.default_rng(0).random(shape))


def test_hint_for_a_single_image_works(tmp_path):
    image = np.eye(20, dtype=bool)
    stored = zarr.create_array(tmp_path / "image.zarr", data=image, chunks=(5, 20))
    with pytest.warns(UserWarning, match=r"or dask\.array\.from_array\(X\)\[np\.newaxis\] if X is"):
        BinaryDilator().transform(stored)
    with pytest.warns(UserWarning, match=r"or X\[np\.newaxis\] if X is a single image"):
        BinaryDilator().transform(image)
    expected = BinaryDilator().transform(image[np.newaxis])
    assert_array_equal(BinaryDilator().transform(da.from_array(stored)[np.newaxis]), expected)


def test_only_one_part_of_a_stack_is_held():
    alive = []

    class Parts:
        def __getitem__(self, part):
            assert not any(one() is not None for one in alive)
            block = np.zeros(3)
            alive.append(weakref.ref(block))
            return block

    latest = Latest(Parts())
    assert latest[0:1] is latest[0:1]
    for start in range(1, 4):
        latest[start : start + 1]
    assert len(alive) == 4


def test_refit_on_a_stack_forgets_the_number_of_pixels_of_rows():
    rows = pd.DataFrame(np.arange(12.0).reshape(2, 6), columns=list("abcdef"))
    masker = ThresholdMasker(3).fit(rows)
    assert masker.n_features_in_ == 6
    assert masker.feature_names_in_.tolist() == list("abcdef")
    masker.fit(np.ones((2, 3, 4)))
    assert not hasattr(masker, "n_features_in_")
    assert not hasattr(masker, "feature_names_in_")
