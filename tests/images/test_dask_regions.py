"""Regions of images in dask arrays that are cut into chunks: those of NumPy, and no image is put together."""

import pickle

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryEroder,
    BinaryOpener,
    BorderClearer,
    HistogramThresholdMasker,
    HoleFiller,
    HysteresisMasker,
    LargestRegionKeeper,
    LocalThresholdMasker,
    MaskApplier,
    MaskReconstructor,
    RangeMasker,
    RegionFilter,
    SmallRegionRemover,
    ThresholdMasker,
)
from skmask._images.reach import RegionReach
from skmask._kernels.regions import chunks as chunked_regions
from skmask._kernels.regions.filters import ASKED_FOR
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

REGIONAL = [one for one in public_estimators() if isinstance(one._reach(2), RegionReach)]
EVERY = pytest.mark.parametrize("estimator", REGIONAL, ids=name_of)
CLEANERS = [
    HoleFiller(),
    HoleFiller(5),
    SmallRegionRemover(6),
    SmallRegionRemover(6.0, spacing=0.5),
    LargestRegionKeeper(),
    LargestRegionKeeper(3),
    BorderClearer(),
    BorderClearer(margin=1),
    BorderClearer(axes=0),
    HoleFiller(include_border=True),
    HoleFiller(9, include_border=True),
    RegionFilter([("extent", 0.3, None), ("border_distance", 1, None)], spacing=0.5),
    RegionFilter("fraction", low=0.02),
]
EVERY_CLEANER = pytest.mark.parametrize("cleaner", CLEANERS, ids=repr)


@pytest.fixture(autouse=True)
def scheduler():
    with dask.config.set(scheduler="sync"):
        yield


def spiral(size):
    """Draw a path from a corner to the center, a pixel wide, with a gap of one pixel."""
    mask = np.zeros((size, size), bool)
    pixel, step, length = np.array([0, 0]), np.array([0, 1]), size - 1
    mask[0, 0] = True
    turns = 0
    while length > 0:
        for _ in range(length):
            pixel += step
            mask[tuple(pixel)] = True
        step = np.array([step[1], -step[0]])
        turns += 1
        length -= 2 if turns >= 3 and turns % 2 else 0
    return mask


def serpentine(size):
    mask = np.zeros((size, size), bool)
    mask[::2] = True
    mask[1::4, -1] = mask[3::4, 0] = True
    return mask


def comb(size):
    mask = np.zeros((size, size), bool)
    mask[0] = mask[:, ::2] = True
    return mask


def checkerboard(size):
    return np.indices((size, size)).sum(axis=0) % 2 == 0


DRAWINGS = np.stack([draw(21) for draw in (spiral, serpentine, comb, checkerboard)])
DRAWINGS = np.concatenate([DRAWINGS, ~DRAWINGS])


def cut(X, *chunks):
    """Cut images into chunks; those of one image each along the first axis."""
    return da.from_array(X, chunks=(1, *chunks))


def test_regional_estimators_are_found():
    assert {name_of(one) for one in REGIONAL} == {
        "BorderClearer",
        "HoleFiller",
        "HysteresisMasker",
        "LargestRegionKeeper",
        "RegionFilter",
        "MaskReconstructor",
        "SmallRegionRemover",
    }


@EVERY_CLEANER
@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.parametrize("chunks", [(5, 3, 4), (8, 1, 21), (8, 21, 2), (8, 7, 11)], ids=str)
def test_paths_through_many_chunks_hang_together(cleaner, connectivity, chunks):
    cleaner = clone(cleaner).set_params(connectivity=connectivity)
    lazy = da.from_array(DRAWINGS, chunks=chunks)
    assert_array_equal(cleaner.transform(lazy), cleaner.transform(DRAWINGS))


@EVERY_CLEANER
def test_chunks_of_one_pixel_are_enough(cleaner):
    masks = np.concatenate(
        [DRAWINGS[:, :7, 5:12], np.random.default_rng(0).random((1, 7, 7)) < 0.5]
    )
    lazy = da.from_array(masks, chunks=(9, 1, 1))
    for connectivity in (1, 2):
        cleaner = clone(cleaner).set_params(connectivity=connectivity)
        assert_array_equal(cleaner.transform(lazy), cleaner.transform(masks))


def test_a_spiral_is_one_region_and_holds_no_hole():
    mask = spiral(33)
    assert ndimage.label(mask)[1] == 1
    lazy = cut(mask[np.newaxis], 4, 5)
    assert_array_equal(SmallRegionRemover(mask.sum()).transform(lazy)[0], mask)
    assert not SmallRegionRemover(mask.sum() + 1).transform(lazy).any()
    assert not BorderClearer().transform(lazy).any()
    assert_array_equal(HoleFiller(connectivity=2).transform(lazy)[0], mask)


@pytest.mark.parametrize("shape", [(2, 36, 52), (2, 12, 17, 15)], ids=["planes", "volumes"])
@pytest.mark.parametrize("density", [0.1, 0.4, 0.6, 0.9])
def test_cleaning_in_chunks_is_that_of_scipy(shape, density):
    masks = np.random.default_rng(1).random(shape) < density
    lazy = cut(masks, *[7] * (masks.ndim - 1))
    filled = HoleFiller(connectivity=masks.ndim - 1).transform(lazy).compute()
    cleared = BorderClearer().transform(lazy).compute()
    largest = LargestRegionKeeper().transform(lazy).compute()
    for i, mask in enumerate(masks):
        assert_array_equal(filled[i], ndimage.binary_fill_holes(mask))
        labels, n_regions = ndimage.label(mask)
        on_frame = np.ones(mask.shape, bool)
        on_frame[(slice(1, -1),) * mask.ndim] = False
        assert_array_equal(cleared[i], mask & ~np.isin(labels, labels[on_frame]))
        sizes = ndimage.sum_labels(mask, labels, np.arange(1, n_regions + 1))
        assert_array_equal(largest[i], labels == 1 + sizes.argmax())


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_noise_in_ragged_chunks_is_cleaned_as_in_memory(data):
    n_axes = data.draw(st.integers(2, 3))
    shape = [3, *(data.draw(st.integers(2, 14 if n_axes == 2 else 6)) for _ in range(n_axes))]
    masks = np.random.default_rng(data.draw(st.integers(0, 99))).random(shape)
    masks = masks < data.draw(st.sampled_from([0.05, 0.3, 0.5, 0.65, 0.9]))
    edges = [data.draw(st.sets(st.integers(1, size - 1), max_size=3)) for size in shape]
    chunks = [np.diff([0, *sorted(cuts), size]) for cuts, size in zip(edges, shape, strict=True)]
    cleaner = clone(data.draw(st.sampled_from(CLEANERS)))
    cleaner.set_params(connectivity=data.draw(st.integers(1, n_axes)))
    lazy = da.from_array(masks, chunks=tuple(tuple(sizes.tolist()) for sizes in chunks))
    assert_array_equal(cleaner.transform(lazy), cleaner.transform(masks))


def regions_of_dask():
    """Return estimators whose regions are merged by more than their size."""
    for name in ASKED_FOR:
        low = {"fraction": 0, "mean": 105, "min": 100, "max": 115}.get(name, 0.5)
        yield RegionFilter(name, low=low, masker=ThresholdMasker(30))
    yield BorderClearer(field=np.indices((160, 240)).sum(axis=0) > 30, margin=1)
    yield BorderClearer(margin=3, axes=1)
    yield HoleFiller(include_border=True)


@pytest.mark.parametrize("estimator", list(regions_of_dask()), ids=repr)
def test_measured_regions_are_those_in_memory_and_no_image_is_joined(estimator, monkeypatch):
    images = images_for(ThresholdMasker(), shape=(2, 160, 240))
    X = images if getattr(estimator, "masker", None) else images > 30
    expected = estimator.fit(X).transform(X)
    seen = []

    def find_regions(masks, connectivity):
        seen.append(masks.shape[1:])
        return original(masks, connectivity)

    original = chunked_regions.find_regions
    monkeypatch.setattr(chunked_regions, "find_regions", find_regions)
    result = estimator.transform(da.from_array(X, chunks=(1, 80, 60))).compute()
    assert max(seen) <= (81, 61)
    assert len(seen) == 2 * 2 * 4
    assert_array_equal(result, expected)
    assert result.any()
    assert not result.all()


def test_field_of_view_goes_with_rows_and_single_axes():
    masks = np.random.default_rng(0).random((3, 12, 15)) < 0.5
    field = np.indices((12, 15)).sum(axis=0) > 5
    expected = BorderClearer(field=field).transform(masks)
    rows = BorderClearer(field=field, image_shape=(12, 15))
    lazy = rows.transform(da.from_array(masks.reshape(3, -1), chunks=(2, 50)))
    assert_array_equal(lazy.compute().reshape(masks.shape), expected)
    single = BorderClearer(field=field[:, np.newaxis])
    lazy = single.transform(da.from_array(masks[:, :, np.newaxis], chunks=(2, 5, 1, 4)))
    assert_array_equal(lazy.compute()[:, :, 0], expected)


def test_properties_that_need_whole_regions_join_the_chunks():
    X = images_for(RegionFilter(), shape=(2, 30, 40))
    for name, low in [("solidity", 0.7), ("perimeter", 6)]:
        estimator = RegionFilter(name, low=low)
        assert not isinstance(estimator._reach(2), RegionReach)
        lazy = estimator.transform(da.from_array(X, chunks=(1, 8, 9)))
        assert_array_equal(lazy, estimator.transform(X))


@EVERY
def test_no_task_sees_or_gives_more_than_a_chunk_and_its_faces(estimator, monkeypatch):
    X = images_for(estimator, shape=(2, 160, 240))
    expected = estimator.fit(X).transform(X)
    seen, given = [], []

    def find_regions(masks, connectivity):
        seen.append(masks.shape)
        return original(masks, connectivity)

    original = chunked_regions.find_regions
    monkeypatch.setattr(chunked_regions, "find_regions", find_regions)
    lazy = estimator.transform(da.from_array(X, chunks=(1, 80, 60)))
    assert seen == []
    with dask.callbacks.Callback(posttask=lambda _, result, *rest: given.append(n_bytes(result))):
        chunks = dask.compute(*lazy.to_delayed().ravel())
    assert set(seen) == {(1, height, width) for height in (80, 81) for width in (60, 61)}
    assert len(seen) == len(chunks) == lazy.npartitions
    # Images are bytes, and what is merged is a small part of them here.
    assert max(given) <= 81 * 61
    assert_array_equal(lazy, expected)


def n_bytes(result):
    """Count the bytes of the arrays in what a task gave."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, tuple | list):
        return sum(map(n_bytes, result))
    return getattr(result, "nbytes", 0)


@EVERY
def test_images_in_one_chunk_are_not_merged(estimator, monkeypatch):
    X = images_for(estimator)
    monkeypatch.setattr(chunked_regions, "find_regions", None)
    lazy = estimator.fit(X).transform(da.from_array(X, chunks=(2, -1, -1)))
    assert_array_equal(lazy, estimator.transform(X))


@EVERY
def test_lazy_regions_are_of_the_estimator_as_it_was(estimator):
    X, estimator = images_for(estimator), clone(estimator)
    lazy = estimator.fit(X).transform(da.from_array(X, chunks=(2, 4, 5)))
    expected = estimator.transform(X)
    for name in estimator.get_params(deep=False):
        setattr(estimator, name, None)
    assert_array_equal(lazy, expected)


@EVERY
def test_lazy_regions_can_be_sent_to_other_processes(estimator):
    X = images_for(estimator)
    lazy = estimator.fit(X).transform(da.from_array(X, chunks=(2, 4, 5)))
    assert_array_equal(pickle.loads(cloudpickle.dumps(lazy)), estimator.transform(X))


@pytest.mark.parametrize("estimator", CLEANERS, ids=repr)
def test_rows_are_folded_or_are_images_of_one_axis(estimator):
    X = np.random.default_rng(0).random((4, 9 * 11)) < 0.7
    folded = clone(estimator).set_params(image_shape=(9, 11))
    lazy = da.from_array(X, chunks=(3, 7))
    assert_array_equal(folded.transform(lazy), folded.transform(X))
    with pytest.warns(UserWarning, match="takes the rows of a 2-D X"):
        expected = estimator.transform(X)
    with pytest.warns(UserWarning, match="takes the rows of a 2-D X"):
        result = estimator.transform(lazy)
    assert_array_equal(result, expected)


def test_numbers_are_read_as_masks_chunk_by_chunk():
    X = np.random.default_rng(0).choice([0.0, 7], (2, 20, 20))
    assert_array_equal(HoleFiller().transform(cut(X, 6, 7)), HoleFiller().transform(X))
    X[0, 0, :3] = 3, np.nan, 0
    lazy = HoleFiller().transform(cut(X, 6, 7))
    with pytest.warns(UserWarning, match="HoleFiller expects masks, got images of more") as told:
        masks = lazy.compute()
    assert len(told) == 1
    assert_array_equal(masks, HoleFiller().transform(np.nan_to_num(X) != 0))


def test_channels_may_be_cut_from_hysteresis():
    X = np.random.default_rng(0).integers(0, 99, (3, 20, 21, 3)).astype(np.uint8)
    lazy = da.from_array(X, chunks=(2, 6, 5, 2))
    bright = RangeMasker(20, 99, channel_axis=-1)
    for low, high in [(10, 40), (bright, 40), (10, RangeMasker(50, 99, channel_axis=-1))]:
        masker = HysteresisMasker(low, high, channel_axis=-1, connectivity=2).fit(X)
        assert_array_equal(masker.transform(lazy), masker.transform(X))


def test_hysteresis_takes_maskers_that_look_farther():
    X = np.random.default_rng(0).integers(0, 99, (3, 30, 31)).astype(np.uint8)
    sure = make_pipeline(ThresholdMasker(50), BinaryEroder())
    masker = HysteresisMasker(LocalThresholdMasker(window=9), sure).fit(X)
    expected = masker.transform(X)
    assert 0 < expected.sum() < (X > 0).sum()
    assert_array_equal(masker.transform(da.from_array(X, chunks=(2, 11, 7))), expected)


@pytest.mark.parametrize(
    ("parameters", "is_regional"),
    [
        ({}, True),
        ({"footprint": "square"}, True),
        ({"footprint": "disk", "radius": 2}, False),
        ({"iterations": 3}, False),
    ],
)
def test_reconstruction_follows_regions_where_steps_are_those_to_neighbors(parameters, is_regional):
    X = np.random.default_rng(0).integers(0, 99, (3, 30, 31)).astype(np.uint8)
    masker = MaskReconstructor(ThresholdMasker(95), ThresholdMasker(45), **parameters).fit(X)
    assert isinstance(masker._reach(2), RegionReach) == is_regional
    assert_array_equal(masker.transform(da.from_array(X, chunks=(2, 11, 7))), masker.transform(X))


def test_pipelines_of_lazy_steps_are_those_in_memory(disks):
    X, y = disks
    pipeline = make_pipeline(
        HistogramThresholdMasker("dice"),
        BinaryOpener(),
        HoleFiller(),
        SmallRegionRemover(20),
        LargestRegionKeeper(2),
    )
    applier = MaskApplier(pipeline).fit(X, y)
    lazy = applier.transform(da.from_array(X, chunks=(3, 10, 11)))
    assert lazy.chunksize == (3, 10, 11)
    assert_array_equal(lazy, applier.transform(X))


def test_empty_chunks_are_passed_over():
    masks = DRAWINGS[:3]
    chunks = ((1, 0, 2), (0, 10, 11), (7, 0, 0, 14, 0))
    lazy = LargestRegionKeeper().transform(da.from_array(masks, chunks=chunks))
    assert_array_equal(lazy, LargestRegionKeeper().transform(masks))


@pytest.mark.parametrize("estimator", REGIONAL[:1] + [HysteresisMasker(1, 2)], ids=name_of)
def test_connectivity_that_images_have_not_is_refused_at_once(estimator):
    estimator = clone(estimator).set_params(connectivity=3)
    message = (
        f"{name_of(estimator)} expects a connectivity from 1 to the number of axes of an image, 2"
    )
    with pytest.raises(ValueError, match=message):
        estimator.transform(cut(DRAWINGS, 4, 4))


def test_hysteresis_refuses_channels_that_are_none():
    with pytest.raises(ValueError, match="HysteresisMasker expects channel_axis to be an axis"):
        HysteresisMasker(1, 2, channel_axis=3).transform(cut(DRAWINGS, 4, 4))
