"""Holes and regions at the border, and hulls of single regions, against brute force and scikit-image."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage

from skmask import BorderClearer, ConvexHuller, HoleFiller, describe

shapes = st.integers(0, 2**32 - 1)


def random_masks(seed, n_axes=2):
    rng = np.random.default_rng(seed)
    shape = (2, *rng.integers(2, 10 if n_axes == 2 else 6, n_axes))
    return rng.random(shape) < rng.random()


def each_region(mask, connectivity):
    structure = ndimage.generate_binary_structure(mask.ndim, connectivity)
    labels, n_regions = ndimage.label(mask, structure)
    return (labels == i + 1 for i in range(n_regions))


@settings(deadline=None, max_examples=80)
@given(shapes, st.sampled_from([2, 3]), st.sampled_from([None, 3]), st.sampled_from([1, 2]))
def test_holes_that_the_frame_cuts_are_filled(seed, n_axes, max_size, connectivity):
    masks = random_masks(seed, n_axes)
    expected = masks.copy()
    for mask, filled in zip(masks, expected, strict=True):
        for region in each_region(~mask, n_axes if connectivity == 1 else 1):
            spans = False
            for axis, size in enumerate(mask.shape):
                there = np.nonzero(region)[axis]
                spans |= size > 1 and there.min() == 0 and there.max() == size - 1
            if not spans and (max_size is None or region.sum() <= max_size):
                filled |= region
    filler = HoleFiller(max_size, connectivity=connectivity, include_border=True)
    assert_array_equal(filler.transform(masks), expected)
    lazy = da.from_array(masks, chunks=(1, *[2] * n_axes))
    assert_array_equal(filler.transform(lazy).compute(), expected)


@settings(deadline=None, max_examples=80)
@given(shapes, st.sampled_from([None, 0, (1,), (-1, 0)]), st.integers(0, 3))
def test_regions_near_the_frame_go(seed, axes, margin):
    masks = random_masks(seed)
    counted = range(2) if axes is None else [axis % 2 for axis in np.atleast_1d(axes)]
    # An axis of one pixel has no border, unless there is no other.
    long_axes = [axis for axis, size in enumerate(masks.shape[1:]) if size > 1] or [1]
    counted = [axis for axis in counted if axis in long_axes]
    expected = masks.copy()
    for mask, cleared in zip(masks, expected, strict=True):
        for region in each_region(mask, 1):
            for axis in counted:
                there = np.nonzero(region)[axis]
                if there.min() <= margin or there.max() >= mask.shape[axis] - 1 - margin:
                    cleared &= ~region
    clearer = BorderClearer(axes=axes, margin=margin)
    assert_array_equal(clearer.transform(masks), expected)
    lazy = da.from_array(masks, chunks=(1, 2, 3))
    assert_array_equal(clearer.transform(lazy).compute(), expected)


@settings(deadline=None, max_examples=80)
@given(shapes, st.integers(0, 2))
def test_regions_near_the_end_of_the_field_go(seed, margin):
    masks = random_masks(seed)
    field = np.random.default_rng(seed).random(masks.shape[1:]) < 0.8
    padded = np.pad(~field, margin + 1, constant_values=True)
    size = 2 * margin + 3
    near = ndimage.binary_dilation(padded, np.ones((size, size)))
    near = near[margin + 1 : -margin - 1, margin + 1 : -margin - 1]
    expected = masks.copy()
    for mask, cleared in zip(masks, expected, strict=True):
        for region in each_region(mask, 1):
            if (region & near).any():
                cleared &= ~region
    clearer = BorderClearer(field=field, margin=margin)
    assert_array_equal(clearer.transform(masks), expected)
    rows = BorderClearer(field=field, margin=margin, image_shape=field.shape)
    flat = rows.transform(masks.reshape(2, -1))
    assert_array_equal(flat.reshape(masks.shape), expected)


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_axes_of_one_pixel_change_nothing(axis):
    masks = random_masks(3)
    flat = np.expand_dims(masks, axis)
    field = np.random.default_rng(1).random(masks.shape[1:]) < 0.8
    own = [other + (other >= axis - 1) for other in (0, 1)]
    pairs = [
        (BorderClearer(margin=1), BorderClearer(margin=1)),
        (BorderClearer(axes=[1]), BorderClearer(axes=[own[1]])),
        (BorderClearer(axes=[1]), BorderClearer(axes=[own[1], axis - 1])),
        (BorderClearer(field=field), BorderClearer(field=np.expand_dims(field, axis - 1))),
        (HoleFiller(include_border=True), HoleFiller(include_border=True)),
        (ConvexHuller(per="region"), ConvexHuller(per="region")),
    ]
    for plain, other in pairs:
        expected = np.expand_dims(plain.transform(masks), axis)
        assert_array_equal(other.transform(flat), expected, err_msg=str(other))


def test_field_of_the_whole_image_is_the_frame():
    masks = random_masks(7)
    field = np.ones(masks.shape[1:], bool)
    assert_array_equal(
        BorderClearer(field=field).transform(masks), BorderClearer().transform(masks)
    )


@settings(deadline=None, max_examples=60)
@given(shapes, st.sampled_from([1, 2, 3]), st.sampled_from([1, 2]))
def test_hull_of_each_region_is_that_of_the_region_alone(seed, n_axes, connectivity):
    connectivity = min(connectivity, n_axes)
    masks = random_masks(seed, n_axes)
    expected = np.zeros(masks.shape, bool)
    for mask, hulls in zip(masks, expected, strict=True):
        for region in each_region(mask, connectivity):
            hulls |= ConvexHuller().transform(region[np.newaxis, ..., np.newaxis])[0, ..., 0]
    huller = ConvexHuller(per="region", connectivity=connectivity)
    result = huller.transform(masks[..., np.newaxis] if n_axes == 1 else masks)
    assert_array_equal(result.reshape(masks.shape), expected)


def test_options_are_described():
    X = np.ones((1, 4, 5), bool)
    text = describe(HoleFiller(9, include_border=True).fit(X))
    assert "Holes of at most 9 pixels in masks and at their borders were filled" in text
    text = describe(BorderClearer(axes=[0], margin=2).fit(X))
    assert "come within 2 pixels of the frame of the image along its axes [0]" in text
    text = describe(BorderClearer(field=np.ones((4, 5))).fit(X))
    assert "touch the outside of the field of view" in text
    assert "each by itself" in describe(ConvexHuller(per="region").fit(X))


@pytest.mark.parametrize(
    ("estimator", "match"),
    [
        (BorderClearer(axes=2), "axes among those of an image, 0 to 1, got 2"),
        (BorderClearer(axes=[0.5]), "axes among those of an image"),
        (BorderClearer(axes=0, field=np.ones((4, 5))), "got a field as well"),
        (BorderClearer(field=np.ones((5, 4))), r"shape of the images, \(4, 5\), got \(5, 4\)"),
        (BorderClearer(field=np.arange(20).reshape(4, 5)), "field to be masks"),
        (ConvexHuller(connectivity=3), "connectivity from 1 to the number of axes"),
    ],
    ids=str,
)
def test_bad_options_are_refused(estimator, match):
    X = np.ones((1, 4, 5), bool)
    with pytest.raises(ValueError, match=f"{type(estimator).__name__} expects .*{match}"):
        estimator.fit(X).transform(X)
