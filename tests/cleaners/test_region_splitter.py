"""Touching objects cut apart, against the watershed of scikit-image and known numbers of disks."""

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import measure, morphology, segmentation

from skmask import (
    BinaryEroder,
    RangeMasker,
    RegionSplitter,
    ThresholdMasker,
    describe,
    label_regions,
)


def disks(centers, radius, shape=(60, 90)):
    rows, columns = np.indices(shape)
    mask = np.zeros(shape, bool)
    for row, column in centers:
        mask |= (rows - row) ** 2 + (columns - column) ** 2 < radius**2
    return mask


def blobs(n_images=6, seed=0, side=120):
    noise = np.random.default_rng(seed).random((n_images, side, side))
    return np.stack([ndimage.gaussian_filter(one, 4) > 0.5 for one in noise])


PAIRS = np.stack(
    [
        disks([(30, 20), (30, 38), (30, 65)], 12),
        disks([(30, 20), (42, 34), (30, 48), (18, 34)], 11),
        disks([(30, 40)], 25),
    ]
)
N_DISKS = [3, 4, 1]


@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.parametrize(
    "given",
    [{}, {"min_distance": 12}, {"seeds": BinaryEroder(footprint="disk", radius=8)}],
    ids=["depth", "min_distance", "seeds"],
)
def test_disks_that_touch_are_counted(given, connectivity):
    cut = RegionSplitter(connectivity=connectivity, **given).transform(PAIRS)
    labels = label_regions(cut, connectivity=connectivity)
    assert labels.max(axis=(1, 2)).tolist() == N_DISKS
    assert not (cut & ~PAIRS).any()
    assert (PAIRS & ~cut).sum() < 100


@pytest.mark.parametrize("connectivity", [1, 2])
def test_cuts_are_one_pixel_wide(connectivity):
    masks = blobs()
    removed = masks & ~RegionSplitter(0.8, connectivity=connectivity).transform(masks)
    square = np.ones((1, 2, 2), bool)
    thick = ndimage.binary_erosion(removed, square).sum()
    assert removed.sum() > 500
    assert thick < 0.01 * removed.sum()  # where three parts meet


def test_parts_are_those_of_the_watershed_of_h_maxima():
    # The lines differ by a pixel here and there; nearly all pixels lie in the same parts.
    for mask in blobs(3, seed=1):
        distance = ndimage.distance_transform_edt(mask)
        seeds = measure.label(morphology.h_maxima(distance, 1.5), connectivity=2)
        basins = segmentation.watershed(-distance, seeds, mask=mask, watershed_line=True)
        cut = RegionSplitter(1.5).transform(mask[np.newaxis])[0]
        labels = measure.label(cut, connectivity=1)
        both = (labels > 0) & (basins > 0)
        pairs = np.zeros((labels.max() + 1, basins.max() + 1))
        np.add.at(pairs, (labels[both], basins[both]), 1)
        assert pairs.max(axis=1).sum() > 0.95 * both.sum()


def test_depth_decides_what_is_a_neck():
    n_parts = [
        label_regions(RegionSplitter(depth).transform(blobs())).max(axis=(1, 2)).sum()
        for depth in (0.3, 1, 2, 8, 100)
    ]
    assert n_parts == sorted(n_parts, reverse=True)
    assert_array_equal(RegionSplitter(100).transform(blobs()), blobs())


def test_spacing_is_the_unit_of_depth_and_distance():
    masks = blobs()
    for given in ({"depth": 1.0}, {"min_distance": 9.0}):
        expected = RegionSplitter(**given).transform(masks)
        doubled = {name: 2 * value for name, value in given.items()}
        assert_array_equal(RegionSplitter(spacing=2, **doubled).transform(masks), expected)


def test_seeds_outside_count_nothing_and_regions_without_seeds_stay():
    mask = PAIRS[:1]
    image = mask.astype(int)
    image[0, 30, 20] = image[0, 30, 38] = 3
    image[0, 0, 0] = 5
    splitter = RegionSplitter(seeds=ThresholdMasker(2), masker=RangeMasker(1, 3))
    cut = splitter.transform(image)
    assert label_regions(cut).max() == 3
    touching = RegionSplitter(seeds=ThresholdMasker(2), masker=ThresholdMasker(0))
    assert_array_equal(touching.transform(mask.astype(float)), mask)


def test_volumes_rows_and_lines_are_cut():
    rng = np.random.default_rng(0)
    volume = np.stack([ndimage.gaussian_filter(rng.random((30, 30, 30)), 3) > 0.5])
    cut = RegionSplitter(0.5).transform(volume)
    assert label_regions(cut).max() > label_regions(volume).max()
    line = np.array([[[0], [1], [1], [1], [1], [0], [1]]], bool)
    assert_array_equal(RegionSplitter().transform(line), line)


def test_holder_and_dask_give_what_masks_give():
    masks = blobs()
    expected = RegionSplitter().transform(masks)
    images = np.where(masks, 200, 50)
    splitter = RegionSplitter(masker=ThresholdMasker(100)).fit(images)
    assert_array_equal(splitter.transform(images), expected)
    lazy = da.from_array(masks, chunks=(2, 50, 60))
    assert_array_equal(RegionSplitter().transform(lazy).compute(), expected)
    seeds = RegionSplitter(seeds=BinaryEroder(radius=3))
    assert_array_equal(seeds.transform(lazy).compute(), seeds.transform(masks))


def test_it_says_how_it_cut():
    assert "at necks at least 1 less wide" in describe(RegionSplitter().fit(PAIRS))
    assert "at least 5 apart" in describe(RegionSplitter(min_distance=5).fit(PAIRS))
    assert "seeds: Masks were eroded" in describe(RegionSplitter(seeds=BinaryEroder()).fit(PAIRS))


def test_seeds_and_distance_exclude_each_other():
    with pytest.raises(ValueError, match="RegionSplitter expects seeds or min_distance, got both"):
        RegionSplitter(seeds=BinaryEroder(), min_distance=3).fit(PAIRS)
    with pytest.raises(ValueError, match="RegionSplitter expects a connectivity from 1 to"):
        RegionSplitter(connectivity=3).fit(PAIRS)
