"""Labels of regions and tables of objects, in every container, against SciPy and scikit-image."""

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage import measure

from skmask import label_regions, region_table

ALL = ("area", "centroid", "bounding_box", "solidity", "mean", "median")


@pytest.fixture(scope="module")
def masks():
    noise = np.random.default_rng(0).random((5, 40, 50))
    return np.stack([ndimage.gaussian_filter(one, 2) > 0.51 for one in noise])


@pytest.fixture(scope="module")
def images(masks):
    return np.random.default_rng(1).integers(0, 200, masks.shape).astype(np.uint8)


def assert_equal(table, expected):
    assert list(table) == list(expected)
    for name, column in expected.items():
        assert_array_equal(table[name], column)


def test_labels_are_those_of_scipy_in_every_container(masks, tmp_path):
    expected = np.stack([ndimage.label(mask)[0] for mask in masks])
    np.save(tmp_path / "masks.npy", masks)
    mapped = np.load(tmp_path / "masks.npy", mmap_mode="r")
    for given in (masks, masks * 255, mapped):
        labels = label_regions(given)
        assert labels.dtype == np.int32
        assert_array_equal(labels, expected)
    lazy = label_regions(da.from_array(masks, chunks=(2, 20, 50)))
    assert isinstance(lazy, da.Array)
    assert_array_equal(lazy.compute(), expected)
    as_list = label_regions([masks[0], masks[1, :30]])
    assert_array_equal(as_list[0], expected[0])
    assert_array_equal(as_list[1], ndimage.label(masks[1, :30])[0])


def test_table_has_a_row_for_each_region_as_scikit_image(masks, images):
    names = ["label", "area", "bbox", "centroid", "solidity", "intensity_mean"]
    parts = [
        pd.DataFrame(measure.regionprops_table(labels, image, properties=names))
        for labels, image in zip(label_regions(masks), images, strict=True)
    ]
    expected = pd.concat(parts, keys=range(len(parts))).reset_index(level=0)
    properties = ("area", "bounding_box", "centroid", "solidity", "mean")
    table = region_table(masks, images, properties=properties, as_frame=True)
    assert isinstance(table, pd.DataFrame)
    assert table["image"].dtype.kind == table["label"].dtype.kind == "i"
    assert_allclose(table.to_numpy(), expected.to_numpy())


def test_every_container_gives_the_same_table(masks, images, tmp_path):
    expected = region_table(masks, images, properties=ALL)
    np.save(tmp_path / "masks.npy", masks)
    mapped = np.load(tmp_path / "masks.npy", mmap_mode="r")
    chunks = (2, 20, 50)
    for given in [
        (list(masks), list(images)),
        (list(masks), images),
        (mapped, images),
        (da.from_array(masks, chunks=chunks), da.from_array(images, chunks=(3, 40, 50))),
        (masks.astype(np.uint8), images),
        (label_regions(masks), images),
        (list(label_regions(masks)), list(images)),
        (masks.astype(float) * 255, images),
    ]:
        assert_equal(region_table(*given, properties=ALL), expected)


def test_images_of_different_sizes_keep_their_numbers(masks, images):
    sizes = [slice(40 - 10 * (i % 2)) for i in range(5)]
    given = [
        [one[size] for one, size in zip(stack, sizes, strict=True)] for stack in (masks, images)
    ]
    table = region_table(*given, properties=ALL)
    assert (np.diff(table["image"]) >= 0).all()
    for i in range(5):
        alone = region_table(given[0][i][np.newaxis], given[1][i][np.newaxis], properties=ALL)
        part = {name: column[table["image"] == i] for name, column in table.items()}
        assert_equal(part, alone | {"image": np.full(len(alone["label"]), i)})


def test_channels_and_spacing_reach_the_columns(masks, images):
    colors = np.stack([images, 2.0 * images], axis=-1)
    table = region_table(
        masks, colors, properties=("mean", "area"), channel_axis=-1, spacing=(0.5, 2)
    )
    assert_allclose(table["mean_channel_1"], 2 * table["mean_channel_0"])
    assert_array_equal(table["area"], region_table(masks)["area"])
    everything = region_table(masks, images, properties="all")
    assert {"orientation", "quantiles_50", "circularity", "border_distance"} < set(everything)
    assert "mean" not in region_table(masks, properties="all")


def test_atlas_has_a_row_for_each_label_in_each_image(images):
    atlas = np.zeros(images.shape[1:], int)
    atlas[:10], atlas[20:] = 3, 11
    shown = np.broadcast_to(atlas, images.shape).copy()
    shown[1, :10] = 0
    table = region_table(shown, images, properties=("area", "mean"), labels=[3, 5, 11])
    assert table["label"].tolist() == [3, 5, 11] * 5
    assert table["area"].tolist()[:6] == [500, 0, 1000, 0, 0, 1000]
    assert_allclose(table["mean"][0], images[0, :10].mean())
    assert np.isnan(table["mean"][[1, 3, 4]]).all()


def test_empty_and_full_masks_have_no_row_and_one():
    table = region_table(np.zeros((3, 4, 5), bool), properties="all")
    assert {column.shape for column in table.values()} == {(0,)}
    table = region_table(np.ones((3, 4, 5), bool))
    assert table["area"].tolist() == [20, 20, 20]
    one_label = np.array([[[1, 0, 1]]])
    assert region_table(one_label)["area"].tolist() == [1, 1]
    assert region_table(one_label, connectivity=None)["area"].tolist() == [2]


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (
            {"masks": np.arange(6.0).reshape(1, 2, 3)},
            TypeError,
            "label images of integers, got floats",
        ),
        ({"masks": -np.arange(6).reshape(1, 2, 3)}, ValueError, "labels from 0 on, got -5"),
        ({"labels": [1]}, ValueError, "with labels or connectivity=None, got booleans"),
        ({"labels": [0]}, ValueError, "labels to be positive integers"),
        ({"properties": ("mean",)}, ValueError, "images to measure 'mean', got masks only"),
        ({"properties": ("aera",)}, ValueError, "Did you mean 'area'"),
        (
            {"images": np.zeros((1, 2, 4))},
            ValueError,
            r"masks of shape \(1, 2, 4\), the shape of the images",
        ),
        (
            {"images": np.zeros((2, 2, 3))},
            ValueError,
            "Pass one mask for every image; there are 2 images",
        ),
        ({"connectivity": 3}, ValueError, "connectivity from 1 to the number of axes"),
        ({"spacing": -1}, ValueError, "spacing to be a positive number"),
        (
            {"masks": [np.ones((2, 2), bool), np.ones((2, 2, 2), bool)]},
            ValueError,
            "one number of axes",
        ),
    ],
)
def test_bad_input_is_refused(change, error, match):
    given = {"masks": np.ones((1, 2, 3), bool)} | change
    with pytest.raises(error, match=f"region_table expects .*{match}"):
        region_table(**given)


def test_label_images_are_no_masks():
    with pytest.raises(ValueError, match="label_regions expects masks to be masks"):
        label_regions(np.arange(6).reshape(1, 2, 3))
    with pytest.raises(ValueError, match="label_regions expects a connectivity"):
        label_regions(np.ones((1, 2, 3), bool), connectivity=3)


def test_frames_need_pandas(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(ImportError, match="region_table expects pandas to be installed"):
        region_table(np.ones((1, 2, 3), bool), as_frame=True)


def test_nan_and_infinite_pixels_reach_their_objects_alone():
    masks = np.array([[[1, 1, 0, 1], [0, 0, 0, 1]]])
    images = np.array([[[np.nan, 2.0, np.nan, 3.0], [0, 0, 0, np.inf]]])
    table = region_table(masks, images, properties=("mean", "min", "max", "median"))
    assert np.isnan([table[name][0] for name in ("mean", "min", "max", "median")]).all()
    assert [table[name][1] for name in ("mean", "min", "max")] == [np.inf, 3, np.inf]


def test_labels_with_gaps_and_large_numbers_keep_their_names():
    labels = np.array([[[2**40, 0, 3], [2**40, 0, 3]]])
    table = region_table(labels, properties=("area", "solidity"))
    assert table["label"].tolist() == [3, 2**40]
    assert table["area"].tolist() == [2, 2]


@pytest.mark.parametrize("function", [label_regions, region_table])
def test_a_single_mask_brings_a_warning_with_the_fix(masks, function):
    with pytest.warns(UserWarning, match=r"Use masks\[np.newaxis\] if masks is a single image"):
        function(masks[0])
