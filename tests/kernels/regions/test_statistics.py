"""Measurements under masks against NumPy on the bare pixels, and scikit-image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import measure

from skmask._kernels.regions import rules as regions
from skmask._kernels.regions.statistics import (
    STATISTICS,
    region_statistics,
    statistic_columns,
)
from skmask._kernels.regions.whole_masks import bounding_box

ANY_AXES = [name for name, one in STATISTICS.items() if one.n_axes is None]
COUNTS = {"area", "area_convex", "fraction", "perimeter", "n_regions", "euler_number"}
INTENSITY = {
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "median": np.median,
}
DTYPES = [bool, np.uint8, np.int16, np.int64, np.float16, np.float32, np.float64]


def statistic(name, images, masks):
    return region_statistics(images, masks, [name])


@st.composite
def stacks(draw):
    """Images and masks of one to four axes."""
    n_axes = draw(st.integers(1, 4))
    sides = st.integers(1, 7 if n_axes < 3 else 4)
    shape = (draw(st.integers(0, 3)), *draw(st.tuples(*[sides] * n_axes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    masks = rng.random(shape) < draw(st.sampled_from([0, 0.1, 0.5, 1]))
    images = rng.integers(0, 200, shape).astype(draw(st.sampled_from(DTYPES)))
    return images, masks


@settings(deadline=None, max_examples=100)
@given(stacks(), st.sampled_from(sorted(INTENSITY)))
def test_intensity_equals_numpy_on_the_pixels_under_the_mask(stack, name):
    images, masks = stack
    expected = [
        INTENSITY[name](image[mask].astype(float)) if mask.any() else np.nan
        for image, mask in zip(images, masks, strict=True)
    ]
    measured = statistic(name, images, masks)
    np.testing.assert_allclose(measured, np.reshape(expected, (-1, 1)), rtol=1e-12, atol=1e-12)


@settings(deadline=None, max_examples=100)
@given(stacks())
def test_quantiles_equal_numpy_quantile(stack):
    images, masks = stack
    expected = [
        np.quantile(image[mask].astype(float), [0.05, 0.25, 0.5, 0.75, 0.95])
        if mask.any()
        else [np.nan] * 5
        for image, mask in zip(images, masks, strict=True)
    ]
    measured = statistic("quantiles", images, masks)
    np.testing.assert_allclose(measured, np.reshape(expected, (-1, 5)), rtol=1e-12)


@settings(deadline=None, max_examples=100)
@given(stacks())
def test_geometry_equals_the_coordinates_of_the_pixels(stack):
    images, masks = stack
    names = ["area", "fraction", "bounding_box", "centroid"]
    measured = region_statistics(images, masks, names)
    for mask, row in zip(masks, measured, strict=True):
        pixels = np.argwhere(mask)
        if len(pixels):
            box = [*pixels.min(axis=0), *(pixels.max(axis=0) + 1), *pixels.mean(axis=0)]
        else:
            box = [np.nan] * 3 * mask.ndim
        np.testing.assert_allclose(row, [len(pixels), len(pixels) / mask.size, *box], rtol=1e-12)


def test_n_regions_counts_regions_connected_by_faces():
    masks = np.random.default_rng(0).random((3, 20, 21)) > 0.5
    expected = [[ndimage.label(mask)[1]] for mask in masks]
    np.testing.assert_array_equal(statistic("n_regions", masks, masks), expected)


@pytest.mark.parametrize("shape", [(20, 21), (9, 10, 11)])
def test_euler_number_equals_scikit_image(shape):
    masks = np.random.default_rng(0).random((5, *shape)) > 0.4
    expected = [[measure.euler_number(mask, connectivity=1)] for mask in masks]
    np.testing.assert_array_equal(statistic("euler_number", masks, masks), expected)


def test_euler_number_is_regions_less_holes():
    masks = np.random.default_rng(1).random((5, 30, 31)) > 0.4
    filled = regions.clean_regions(masks, regions.hole_rule(2))
    holes = [ndimage.label(hole, np.ones((3, 3)))[1] for hole in filled & ~masks]
    expected = np.array([ndimage.label(mask)[1] for mask in masks]) - holes
    np.testing.assert_array_equal(statistic("euler_number", masks, masks)[:, 0], expected)


def test_perimeter_equals_scikit_image_crofton():
    masks = np.random.default_rng(0).random((5, 20, 21)) > 0.4
    expected = [[measure.perimeter_crofton(mask, directions=4)] for mask in masks]
    np.testing.assert_allclose(statistic("perimeter", masks, masks), expected)


def test_perimeter_of_a_disk_is_near_that_of_the_circle():
    distance = ((np.indices((101, 101)) - 50) ** 2).sum(axis=0)
    disks = np.stack([distance <= radius**2 for radius in (20, 40)])
    measured = statistic("perimeter", disks, disks)[:, 0]
    np.testing.assert_allclose(measured, 2 * np.pi * np.array([20, 40]), rtol=0.02)


@pytest.mark.parametrize("spacing", [(0.5, 1.0), (1.0, 0.5), (3.0, 1.0)])
def test_perimeter_in_units_of_spacing_is_near_that_of_the_circle(spacing):
    places = np.indices((101, 101)) * np.reshape(spacing, (2, 1, 1))
    center = 50 * np.reshape(spacing, (2, 1, 1))
    radius = 45 * min(spacing)
    disk = (((places - center) ** 2).sum(axis=0) <= radius**2)[np.newaxis]
    measured = region_statistics(disk, disk, ["perimeter"], spacing=spacing)
    np.testing.assert_allclose(measured, 2 * np.pi * radius, rtol=0.05)


def test_spacing_is_the_unit_of_areas_and_places():
    masks = np.random.default_rng(0).random((3, 9, 10, 11)) > 0.9
    names = ["area", "fraction", "bounding_box", "centroid", "n_regions", "euler_number"]
    pixels = region_statistics(masks, masks, names)
    physical = region_statistics(masks, masks, names, spacing=(2.0, 1.0, 0.5))
    axes = [2.0, 1.0, 0.5]
    np.testing.assert_allclose(physical, pixels * [1, 1, *axes, *axes, *axes, 1, 1])
    twice = region_statistics(masks, masks, names, spacing=2)
    np.testing.assert_allclose(twice, pixels * [8, 1, *[2] * 9, 1, 1])


@pytest.mark.parametrize("channel_axis", [1, 3, -1])
def test_channels_are_measured_apart_and_shapes_once(channel_axis):
    rng = np.random.default_rng(0)
    masks, images = rng.random((5, 9, 10)) > 0.5, rng.random((3, 5, 9, 10))
    names = ["mean", "centroid", "quantiles"]
    alone = [region_statistics(image, masks, names) for image in images]
    expected = np.hstack(
        [np.hstack([one[:, :1] for one in alone]), alone[0][:, 1:3], *[one[:, 3:] for one in alone]]
    )
    stack = np.moveaxis(images, 0, channel_axis)
    measured = region_statistics(stack, masks, names, channel_axis=channel_axis)
    np.testing.assert_array_equal(measured, expected)
    assert statistic_columns(["mean", "area", "quantiles"], 2, n_channels=2)[:5] == [
        "mean_channel_0",
        "mean_channel_1",
        "area",
        "quantiles_05_channel_0",
        "quantiles_25_channel_0",
    ]
    assert len(statistic_columns(names, 2, n_channels=3)) == expected.shape[1]


@pytest.mark.parametrize("n_axes", [1, 2, 3, 4])
def test_columns_are_as_many_as_the_numbers(n_axes):
    masks = np.ones((2, *[3] * n_axes), dtype=bool)
    for name in ANY_AXES:
        assert statistic(name, masks, masks).shape == (2, len(statistic_columns([name], n_axes)))


def test_columns_are_named_in_order():
    names = ["area", "quantiles", "bounding_box", "centroid"]
    assert statistic_columns(names, 2) == [
        "area",
        "quantiles_05",
        "quantiles_25",
        "quantiles_50",
        "quantiles_75",
        "quantiles_95",
        "bounding_box_start_0",
        "bounding_box_start_1",
        "bounding_box_stop_0",
        "bounding_box_stop_1",
        "centroid_0",
        "centroid_1",
    ]


def test_empty_masks_count_zero_and_average_to_nan():
    images = np.ones((2, 4, 5))
    empty = np.zeros((2, 4, 5), dtype=bool)
    for name in STATISTICS:
        measured = statistic(name, images, empty)
        if name in COUNTS:
            np.testing.assert_array_equal(measured, 0)
        else:
            assert np.isnan(measured).all()


def test_pixels_outside_the_mask_do_not_count():
    images = np.array([[[1.0, 3.0, np.nan, np.inf, -np.inf]]])
    masks = np.array([[[True, True, False, False, False]]])
    names = ["mean", "std", "min", "max", "median", "quantiles"]
    expected = [[2, 1, 1, 3, 2, 1.1, 1.5, 2, 2.5, 2.9]]
    np.testing.assert_allclose(region_statistics(images, masks, names), expected)


@pytest.mark.parametrize("name", [*INTENSITY, "quantiles"])
def test_nan_under_the_mask_gives_nan(name):
    images = np.array([[[1.0, np.nan, 3.0]], [[1.0, 2.0, 3.0]]])
    measured = statistic(name, images, np.ones((2, 1, 3), dtype=bool))
    np.testing.assert_array_equal(np.isnan(measured).all(axis=1), [True, False])
    assert not np.isnan(measured[1]).any()


def test_infinities_under_the_mask_are_numbers_and_warn_of_nothing():
    images = np.array([[[-np.inf, np.inf, np.inf]]])
    masks = np.ones((1, 1, 3), dtype=bool)
    names = ["mean", "std", "min", "max", "median"]
    expected = [[np.nan, np.nan, -np.inf, np.inf, np.inf]]
    np.testing.assert_array_equal(region_statistics(images, masks, names), expected)


def test_statistics_of_a_stack_equal_those_of_its_images(monkeypatch):
    rng = np.random.default_rng(1)
    masks, images = rng.random((11, 14, 15)) > 0.45, rng.random((11, 14, 15))
    names = list(STATISTICS)
    alone = [region_statistics(images[i : i + 1], masks[i : i + 1], names)[0] for i in range(11)]
    monkeypatch.setattr(regions, "BLOCK_PIXELS", 3 * 14 * 15)
    np.testing.assert_array_equal(region_statistics(images, masks, names), alone)


def test_statistics_read_any_layout_and_write_to_none():
    rng = np.random.default_rng(2)
    masks, images = rng.random((4, 14, 15)) > 0.45, rng.random((4, 14, 15))
    names = list(STATISTICS)
    expected = region_statistics(images, masks, names)
    read_only = images.copy(), masks.copy()
    for array in read_only:
        array.flags.writeable = False
    np.testing.assert_array_equal(region_statistics(*read_only, names), expected)
    turned = np.asfortranarray(images), np.asfortranarray(masks)
    np.testing.assert_array_equal(region_statistics(*turned, names), expected)


@pytest.mark.parametrize(("n_axes", "margin"), [(1, 0), (2, 0), (2, 1), (2, 99), (3, 2)])
def test_bounding_box_cuts_out_all_pixels_and_a_margin(n_axes, margin):
    mask = np.zeros((9,) * n_axes, dtype=bool)
    mask[(slice(3, 5),) * n_axes] = True
    expected = slice(max(0, 3 - margin), min(9, 5 + margin))
    assert bounding_box(mask, margin=margin) == (expected,) * n_axes


def test_bounding_box_of_an_empty_mask_is_the_image():
    assert bounding_box(np.zeros((4, 5), dtype=bool), margin=1) == (slice(0, 4), slice(0, 5))
