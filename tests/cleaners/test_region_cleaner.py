import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import measure, segmentation
from sklearn.pipeline import make_pipeline

from skmask import (
    BorderClearer,
    HoleFiller,
    LargestRegionKeeper,
    SmallRegionRemover,
    ThresholdMasker,
)

rng = np.random.default_rng(0)
MASKS = rng.random((4, 30, 41)) < 0.55
VOLUMES = rng.random((2, 9, 10, 11)) < 0.4
EVERY = pytest.mark.parametrize(
    "cls", [HoleFiller, SmallRegionRemover, LargestRegionKeeper, BorderClearer]
)
STACKS = pytest.mark.parametrize("masks", [MASKS, VOLUMES], ids=["planes", "volumes"])


def each(function, masks):
    return np.stack([function(mask) for mask in masks])


@STACKS
def test_holes_of_full_connectivity_are_those_of_scipy(masks):
    filled = HoleFiller(connectivity=masks.ndim - 1).fit_transform(masks)
    assert_array_equal(filled, each(ndimage.binary_fill_holes, masks))
    assert filled.sum() > masks.sum()


@STACKS
def test_holes_of_connectivity_one_have_a_fully_connected_background(masks):
    full = np.ones((3,) * (masks.ndim - 1))
    expected = each(lambda mask: ndimage.binary_fill_holes(mask, full), masks)
    assert_array_equal(HoleFiller().transform(masks), expected)


@pytest.mark.parametrize("connectivity", [1, 2])
def test_holes_up_to_max_size_are_those_of_opencv(connectivity):
    def fill(mask):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(
            (~mask).view(np.uint8), connectivity={1: 8, 2: 4}[connectivity]
        )
        fillable = stats[:, cv2.CC_STAT_AREA] <= 3
        for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
            fillable[edge] = False
        return mask | fillable[labels]

    filled = HoleFiller(3, connectivity=connectivity).transform(MASKS)
    assert_array_equal(filled, each(fill, MASKS))


def test_cavities_of_a_volume_are_filled_and_tunnels_stay_open():
    block = np.ones((1, 5, 7, 7), bool)
    cavity, tunnel = block.copy(), block.copy()
    cavity[0, 2, 3, 3] = False
    tunnel[0, :, 3, 3] = False
    assert_array_equal(HoleFiller().transform(cavity), block)
    assert_array_equal(HoleFiller().transform(tunnel), tunnel)


@STACKS
@pytest.mark.parametrize("min_size", [0, 1, 2, 9, 10_000])
def test_small_regions_are_those_of_scikit_image(masks, min_size):
    n_axes = masks.ndim - 1
    for connectivity in range(1, n_axes + 1):

        def remove(mask, connectivity=connectivity):
            labels = measure.label(mask, connectivity=connectivity)
            is_large = np.bincount(labels.ravel()) >= min_size
            return mask & is_large[labels]

        remover = SmallRegionRemover(min_size, connectivity=connectivity)
        assert_array_equal(remover.fit_transform(masks), each(remove, masks))


@pytest.mark.parametrize(
    ("min_size", "spacing", "n_kept"),
    [(12, None, 12), (12.5, None, 0), (6, (0.25, 2), 12), (6.1, (0.25, 2), 0), (1.08, 0.3, 12)],
)
def test_spacing_measures_regions(min_size, spacing, n_kept):
    masks = np.zeros((1, 8, 8), bool)
    masks[0, 2:5, 1:5] = True
    assert SmallRegionRemover(min_size, spacing=spacing).fit_transform(masks).sum() == n_kept


@STACKS
@pytest.mark.parametrize("n_regions", [1, 3])
def test_largest_regions_are_those_of_scikit_image(masks, n_regions):
    def keep(mask):
        labels = measure.label(mask, connectivity=1)
        # scikit-image numbers regions by their first pixel, and a stable sort keeps that order.
        order = np.argsort(-np.bincount(labels.ravel())[1:], kind="stable") + 1
        return np.isin(labels, order[:n_regions])

    assert_array_equal(LargestRegionKeeper(n_regions).fit_transform(masks), each(keep, masks))


def test_first_of_equally_large_regions_is_kept():
    mask = np.array([[[0, 0, 1], [1, 0, 1], [1, 0, 0]]], bool)
    expected = [[[0, 0, 1], [0, 0, 1], [0, 0, 0]]]
    assert_array_equal(LargestRegionKeeper().transform(mask), np.array(expected, bool))
    assert_array_equal(LargestRegionKeeper(2).transform(mask), mask)


@STACKS
def test_border_is_cleared_as_scikit_image_clears_it(masks):
    for connectivity in range(1, masks.ndim):

        def clear(mask, connectivity=connectivity):
            labels = measure.label(mask, connectivity=connectivity)
            return segmentation.clear_border(labels) > 0

        cleared = BorderClearer(connectivity=connectivity).fit_transform(masks)
        assert_array_equal(cleared, each(clear, masks))


@EVERY
def test_regions_end_at_their_image(cls):
    masks = np.zeros((3, 5, 6), bool)
    masks[:, 2, 2:5] = True
    masks[1] = False
    alone = each(lambda mask: cls().transform(mask[np.newaxis])[0], masks)
    assert_array_equal(cls().transform(masks), alone)


@EVERY
@pytest.mark.parametrize("connectivity", [1, 2])
def test_rows_lists_and_numbers_give_what_stacks_give(cls, connectivity):
    params = {"connectivity": connectivity}
    expected = cls(**params).transform(MASKS)
    rows = cls(**params, image_shape=MASKS.shape[1:]).fit_transform(MASKS.reshape(4, -1))
    assert_array_equal(rows, expected.reshape(4, -1))
    assert_array_equal(cls(**params).transform(MASKS * 255), expected)
    sizes = [MASKS[0], MASKS[1, :20], MASKS[2, :, :7]]
    for result, mask in zip(cls(**params).transform(sizes), sizes, strict=True):
        assert_array_equal(result, cls(**params).transform(mask[np.newaxis])[0])


@EVERY
@pytest.mark.parametrize("connectivity", [1, 2])
def test_lists_give_what_their_masks_give_alone(cls, connectivity):
    """Lists that are cleaned in several parts, of several types, with large masks and axes of one pixel."""
    rng = np.random.default_rng(1)
    shapes = [(700, 500), (1, 40), (40, 1), *rng.integers(1, 150, (70, 2))]
    masks = [rng.random(shape) < 0.55 for shape in shapes]
    numbers = [mask * 255 if i % 3 == 0 else mask for i, mask in enumerate(masks)]
    floats = [np.where(mask, 2.5, 0) for mask in masks]
    cleaner = cls(connectivity=connectivity)
    expected = [cleaner.transform(mask[np.newaxis])[0] for mask in masks]
    for given in (masks, numbers, floats, masks[3:], [mask.T.copy().T for mask in masks[3:]]):
        results = cleaner.transform(given)
        assert len(results) == len(given)
        for result, alone in zip(results, expected[-len(given) :], strict=True):
            assert_array_equal(result, alone)


def test_a_hook_that_a_subclass_overrides_is_called_for_lists():
    class Inverted(HoleFiller):
        def _transform(self, masks):
            return ~super()._transform(masks)

    masks = [np.ones((9, width), dtype=bool) for width in (9, 10, 11)]
    assert not any(mask.any() for mask in Inverted().transform(masks))


@EVERY
def test_empty_and_full_masks_are_defined(cls):
    empty = np.zeros((2, 9, 10), bool)
    assert not cls().transform(empty).any()
    assert cls().transform(~empty).all() == (cls is not BorderClearer)


def test_cleaning_follows_a_threshold_in_a_pipeline():
    image = np.full((1, 12, 12), 20)
    image[0, 2:9, 2:9] = 100
    image[0, 4, 4] = 20  # a hole
    image[0, 10, 10:] = 100  # a speck
    image[0, :3, 11] = 100  # cut by the frame
    pipeline = make_pipeline(
        ThresholdMasker(50), HoleFiller(), SmallRegionRemover(2), BorderClearer()
    )
    expected = np.zeros((1, 12, 12), bool)
    expected[0, 2:9, 2:9] = True
    assert_array_equal(pipeline.fit_transform(image), expected)


@EVERY
@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"connectivity": 0}, "'connectivity' parameter of .* must be an int in the range"),
        ({"connectivity": 1.5}, "'connectivity' parameter of .* must be an int in the range"),
        ({"connectivity": 3}, "connectivity from 1 to the number of axes of an image, 2, got 3"),
        ({"image_shape": 30}, "'image_shape' parameter of .* must be"),
    ],
)
def test_bad_parameters_are_refused_in_fit_and_in_an_unfitted_transform(cls, params, match):
    for call in (cls(**params).fit, cls(**params).transform):
        with pytest.raises(ValueError, match=match):
            call(MASKS)


@pytest.mark.parametrize(
    ("estimator", "match"),
    [
        (HoleFiller(-1), "'max_size' parameter of HoleFiller must be"),
        (HoleFiller(2.5), "'max_size' parameter of HoleFiller must be"),
        (SmallRegionRemover(-1), "'min_size' parameter of SmallRegionRemover must be a float"),
        (SmallRegionRemover(np.nan), "'min_size' parameter of SmallRegionRemover must be"),
        (SmallRegionRemover(spacing="mm"), "'spacing' parameter of SmallRegionRemover must be"),
        (SmallRegionRemover(spacing=0), "SmallRegionRemover expects spacing to be a positive"),
        (
            SmallRegionRemover(spacing=(1, 2, 3)),
            r"SmallRegionRemover expects spacing to be a positive number or 2 of them, got \(1, 2, 3",
        ),
        (LargestRegionKeeper(0), "'n_regions' parameter of LargestRegionKeeper must be an int"),
    ],
)
def test_bad_sizes_are_refused_in_fit_and_in_an_unfitted_transform(estimator, match):
    for call in (estimator.fit, estimator.transform):
        with pytest.raises(ValueError, match=match):
            call(MASKS)
