"""The labeling engine against scipy.ndimage.label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from skmask._kernels.regions.runs import (
    Layout,
    crop_regions,
    find_regions,
    first_pixels,
    labels_at,
    pack_runs,
    paint_regions,
    regions_holding,
    surrounding_regions,
    unpack_runs,
)


@st.composite
def stacks(draw):
    """Stacks of images of one to four axes, with a connectivity that suits them."""
    n_axes = draw(st.integers(1, 4))
    sides = st.integers(1, 9 if n_axes < 3 else 4)
    shape = (draw(st.integers(1, 3)), *draw(st.tuples(*[sides] * n_axes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    masks = rng.random(shape) < draw(st.sampled_from([0, 0.2, 0.5, 0.8, 1]))
    return masks, draw(st.integers(1, n_axes))


def label_stack(masks, connectivity):
    """Label a stack with SciPy: no connection along the first axis, numbers by first pixel."""
    structure = np.zeros((3,) * masks.ndim, dtype=bool)
    structure[1] = ndimage.generate_binary_structure(masks.ndim - 1, connectivity)
    return ndimage.label(masks, structure)


@settings(deadline=None, max_examples=150)
@given(stacks())
def test_each_region_is_painted_as_scipy_labels_it(stack):
    masks, connectivity = stack
    labels, count = label_stack(masks, connectivity)
    regions = find_regions(masks, connectivity)
    images, first = first_pixels(regions)
    assert len(regions.sizes) == count
    for label, region in enumerate(np.argsort(first), start=1):
        painted = paint_regions(regions, np.arange(count) == region)
        np.testing.assert_array_equal(painted, labels == label)
        assert regions.sizes[region] == painted.sum()
        assert painted[images[region]].any()
        np.testing.assert_array_equal(regions_holding(regions, painted), np.arange(count) == region)


@settings(deadline=None, max_examples=50)
@given(stacks(), st.data())
def test_cropped_regions_are_what_is_left_of_each(stack, data):
    masks, connectivity = stack
    near = (slice(None), *(slice(data.draw(st.integers(1, size))) for size in masks.shape[1:]))
    regions = find_regions(masks, connectivity)
    cropped = crop_regions(regions, masks[near])
    assert cropped.shape == masks[near].shape
    for region in range(regions.n_regions):
        keep = np.arange(regions.n_regions) == region
        expected = paint_regions(regions, keep)[near]
        np.testing.assert_array_equal(paint_regions(cropped, keep), expected)
        assert cropped.sizes[region] == expected.sum()


@settings(deadline=None, max_examples=50)
@given(stacks())
def test_places_of_pixels_lead_to_their_regions(stack):
    masks, connectivity = stack
    regions = find_regions(masks, connectivity)
    layout = Layout.of(masks.shape)
    places = layout.places(np.nonzero(masks))
    np.testing.assert_array_equal(layout.pixels(places), np.nonzero(masks))
    labels = labels_at(regions, places)
    for region in range(regions.n_regions):
        painted = paint_regions(regions, np.arange(regions.n_regions) == region)
        np.testing.assert_array_equal(painted[masks], labels == region)


@settings(deadline=None, max_examples=50)
@given(stacks())
def test_packed_runs_are_unpacked(stack):
    regions = find_regions(*stack)
    words = pack_runs(regions.shape, regions.starts, regions.ends)
    assert words.nbytes <= Layout.of(regions.shape).size // 8
    starts, ends = unpack_runs(words)
    np.testing.assert_array_equal(starts, regions.starts)
    np.testing.assert_array_equal(ends, regions.ends)


@settings(deadline=None, max_examples=150)
@given(stacks())
def test_surrounding_regions_are_those_of_an_image_with_a_frame(stack):
    masks, connectivity = stack
    regions = find_regions(masks, connectivity, surrounded=True)
    painted = paint_regions(regions, surrounding_regions(regions))
    for mask, result in zip(masks, painted, strict=True):
        structure = ndimage.generate_binary_structure(mask.ndim, connectivity)
        border = np.pad(np.zeros_like(mask), 1, constant_values=True)
        framed = ndimage.binary_propagation(
            border, structure, mask=np.pad(mask, 1, constant_values=True)
        )
        np.testing.assert_array_equal(result, framed[(slice(1, -1),) * mask.ndim])


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (2, 3, 4, 5)])
def test_rows_start_where_the_images_lie(shape):
    layout = Layout.of(shape)
    flat = np.zeros(layout.size, dtype=bool)
    flat[layout.rows()] = True
    expected = np.zeros(shape, dtype=bool)
    expected[..., 0] = True
    np.testing.assert_array_equal(layout.images(flat), expected)
    assert flat.sum() == expected.sum()


@pytest.mark.parametrize("turned", [False, True])
def test_combs_and_snakes_are_one_region(turned):
    masks = np.zeros((2, 101, 301), dtype=bool)
    masks[0, :, ::2] = masks[1, ::2] = True
    masks[0, -1] = True
    masks[1, 1::4, 0] = masks[1, 3::4, -1] = True
    if turned:
        masks = masks[:, ::-1, ::-1]
    assert find_regions(masks, 1).sizes.tolist() == masks.sum(axis=(1, 2)).tolist()
