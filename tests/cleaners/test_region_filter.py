"""Regions kept by their properties, against scikit-image, in masks and under maskers of images."""

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from skimage import measure

from skmask import RegionFilter, SmallRegionRemover, ThresholdMasker, describe


@pytest.fixture(scope="module")
def images():
    noise = np.random.default_rng(0).random((4, 50, 60))
    return np.stack([ndimage.gaussian_filter(one, 2) for one in noise])


@pytest.fixture(scope="module")
def masks(images):
    return images > 0.51


def filtered(masks, images, keep):
    """Keep the regions for which ``keep(region)`` is true, one by one."""
    result = np.zeros_like(masks)
    for i, mask in enumerate(masks):
        labels = measure.label(mask, connectivity=1)
        for region in measure.regionprops(labels, images[i]):
            if keep(region):
                result[i][labels == region.label] = True
    return result


@pytest.mark.parametrize(
    ("name", "other", "low", "high"),
    [
        ("area", "area", 20, 80),
        ("solidity", "solidity", 0.8, None),
        ("extent", "extent", None, 0.6),
        ("eccentricity", "eccentricity", 0.3, 0.9),
        ("perimeter", "perimeter_crofton", 10, 40),
        ("axis_major_length", "axis_major_length", None, 12),
        ("mean", "intensity_mean", 0.52, None),
        ("max", "intensity_max", None, 0.54),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_regions_in_the_range_stay(images, masks, name, other, low, high):
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    expected = filtered(masks, images, lambda region: least <= region[other] <= most)
    assert 0 < expected.sum() < masks.sum()
    region_filter = RegionFilter(name, low=low, high=high, masker=ThresholdMasker(0.51))
    assert_array_equal(region_filter.transform(images), expected)
    if name not in ("mean", "max"):
        region_filter = RegionFilter(name, low=low, high=high)
        assert_array_equal(region_filter.transform(masks), expected)


def test_all_ranges_of_a_list_have_to_hold(masks, images):
    ranges = [("area", 20, None), ("solidity", None, 0.95), ("border_distance", 1, None)]
    expected = filtered(
        masks,
        images,
        lambda region: (
            region.area >= 20
            and region.solidity <= 0.95
            and min(*region.bbox[:2], 50 - region.bbox[2], 60 - region.bbox[3]) >= 1
        ),
    )
    assert_array_equal(RegionFilter(ranges).transform(masks), expected)


def test_area_is_that_of_small_region_remover(masks):
    for spacing in (None, (0.1, 0.7)):
        limit = 30 if spacing is None else 30 * 0.1 * 0.7
        expected = SmallRegionRemover(limit, spacing=spacing).transform(masks)
        region_filter = RegionFilter(low=limit, spacing=spacing)
        assert_array_equal(region_filter.transform(masks), expected)
        lazy = region_filter.transform(da.from_array(masks, chunks=(2, 20, 25)))
        assert_array_equal(lazy.compute(), expected)
    lazy = RegionFilter(low=30, masker=ThresholdMasker()).transform(
        da.from_array(masks.astype(float), chunks=(2, 20, 25))
    )
    assert_array_equal(lazy.compute(), RegionFilter(low=30).transform(masks))


def test_regions_of_nan_do_not_stay_but_where_nothing_is_asked():
    image = np.array([[[1.0, 2.0, 0.0, 3.0, 3.0]]])
    masked = np.array([[[np.nan, 2.0, 0.0, 3.0, 3.0]]])
    region_filter = RegionFilter("mean", low=1, masker=ThresholdMasker(0.5))
    assert region_filter.transform(image).sum() == 4
    assert region_filter.transform(masked).sum() == 3  # NaN is no foreground
    assert RegionFilter("area").transform(image > 0).sum() == 4


def test_masker_is_fitted_and_described(images):
    region_filter = RegionFilter([("area", 20, None), ("circularity", None, 0.9)]).fit(images > 0.5)
    assert "Regions of masks were kept by their area from 20 and circularity to 0.9" in describe(
        region_filter
    )
    assert "by their area of any value (" in describe(RegionFilter().fit(images > 0.5))
    held = RegionFilter("mean", low=0.5, masker=ThresholdMasker(0.5)).fit(images)
    assert describe(held).startswith("Pixels above a threshold of 0.5")
    assert held.masker_.threshold == 0.5


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"property": "aera"}, "property to be among area, .*, got 'aera'. Did you mean 'area'"),
        ({"property": "centroid"}, "property to be among"),
        ({"property": "n_regions"}, "property to be among"),  # a region is one
        ({"low": 3, "high": 2}, "low to be at most high, got 3 and 2 for 'area'"),
        ({"property": "mean"}, "a masker to measure 'mean'"),
        ({"property": [("area", 1, 2)], "low": 3}, "got a list of ranges as well"),
        ({"property": [("area", 1)]}, r"a list of \(property, low, high\), got \('area', 1\)"),
        ({"connectivity": 3}, "connectivity from 1 to the number of axes of an image, 2"),
        ({"spacing": (1, 2, 3)}, "spacing to be a positive number or 2 of them"),
    ],
)
def test_bad_parameters_are_refused(masks, parameters, match):
    with pytest.raises(ValueError, match=f"RegionFilter expects .*{match}"):
        RegionFilter(**parameters).fit(masks)


@pytest.mark.filterwarnings("ignore:RegionFilter takes the rows:UserWarning")
@pytest.mark.parametrize("name", ["perimeter", "eccentricity"])
@pytest.mark.parametrize("shape", [(2, 4), (1, 2, 3, 4)])
def test_properties_of_planes_are_refused_for_other_images(name, shape):
    masks = np.ones(shape, bool)
    calls = [RegionFilter(name).fit, RegionFilter(name).transform, RegionFilter(name).fit_transform]
    calls.append(lambda masks: RegionFilter(name).transform(da.from_array(masks, chunks=2)))
    for call in calls:
        with pytest.raises(ValueError, match=f"images of 2 axes to measure '{name}', got"):
            call(masks)
