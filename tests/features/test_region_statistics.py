import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from skimage.measure import regionprops
from sklearn import config_context
from sklearn.exceptions import NotFittedError
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skmask import (
    BinaryDilator,
    FixedMasker,
    HistogramThresholdMasker,
    RangeMasker,
    RegionStatistics,
    ThresholdMasker,
    describe,
)

X = np.random.default_rng(0).integers(0, 100, (5, 14, 17)).astype(np.uint8)
DEFAULTS = ["area", "mean", "std", "min", "max"]
PLACES = ("area", "centroid", "bounding_box")


def numpy_statistics(image, mask):
    values = image[mask].astype(float)
    return [values.size, values.mean(), values.std(), values.min(), values.max()]


@pytest.fixture(scope="module")
def spots():
    """Images with two or three spots, of any brightness above 90; how many is to be told."""
    rng = np.random.default_rng(1)
    labels = rng.integers(2, 4, 60)
    images = rng.normal(20, 5, (60, 24, 24))
    for image, n_spots, brightness in zip(images, labels, rng.uniform(70, 200, 60), strict=True):
        for row, column in ((4, 4), (18, 5), (8, 18))[:n_spots]:
            image[row : row + 3, column : column + 3] += brightness
    return images, labels


def test_each_image_is_measured_under_its_own_mask():
    masker = make_pipeline(HistogramThresholdMasker(), BinaryDilator())
    measured = RegionStatistics(masker).fit_transform(X)
    masks = masker.fit_transform(X)
    expected = [numpy_statistics(image, mask) for image, mask in zip(X, masks, strict=True)]
    assert_allclose(measured, expected)
    assert measured.dtype == np.float64


def test_masks_are_those_of_the_training_images():
    statistics = RegionStatistics(HistogramThresholdMasker()).fit(X[:3])
    brighter = X[3:] + np.uint8(100)
    expected = [
        numpy_statistics(image, image > statistics.masker_.threshold_) for image in brighter
    ]
    assert_allclose(statistics.transform(brighter), expected)


def test_shapes_are_measured_as_scikit_image_does():
    fields = ndimage.gaussian_filter(np.random.default_rng(2).normal(size=(4, 40, 50)), (0, 3, 3))
    names = ("area", "centroid", "bounding_box", "median")
    measured = RegionStatistics(ThresholdMasker(0), statistics=names).fit_transform(fields)
    for image, row in zip(fields, measured, strict=True):
        (props,) = regionprops((image > 0).astype(int), image)
        expected = [props.area, *props.centroid, *props.bbox, props.intensity_median]
        assert_allclose(row, expected)


def test_empty_masks_count_zero_and_average_to_nan():
    names = ("area", "fraction", "n_regions", "euler_number", "perimeter", "mean", "centroid")
    measured = RegionStatistics(ThresholdMasker(200), statistics=names).fit_transform(X)
    assert_array_equal(measured, [[0, 0, 0, 0, 0, np.nan, np.nan, np.nan]] * 5)


def test_images_of_different_sizes_become_rows_of_one_length():
    images = [X[0], X[1, :9], X[2, :, :5], X[3]]
    statistics = RegionStatistics(ThresholdMasker(50), statistics=PLACES).fit(images)
    measured = statistics.transform(images)
    assert measured.shape == (4, 7)
    for row, image in zip(measured, images, strict=True):
        assert_array_equal(row, statistics.transform(image[np.newaxis])[0])


@pytest.mark.parametrize("images", [X, list(X), [X[0], X[1, :9]]], ids=["stack", "list", "sizes"])
@pytest.mark.parametrize(
    ("container", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)]
)
def test_frames_have_named_columns(images, container, frame):
    statistics = RegionStatistics(ThresholdMasker(50), statistics=("quantiles", *PLACES))
    expected = statistics.fit_transform(images)
    result = statistics.set_output(transform=container).fit_transform(images)
    assert isinstance(result, frame)
    assert_array_equal(result, expected)
    assert list(result.columns) == statistics.get_feature_names_out().tolist()
    assert list(result.columns)[4:8] == ["quantiles_95", "area", "centroid_0", "centroid_1"]


def test_global_frames_come_out_of_a_pipeline_that_ends_in_statistics():
    pipeline = make_pipeline(BinaryDilator(), RegionStatistics(ThresholdMasker(0)))
    masks = X > 90
    expected = pipeline.fit_transform(masks)
    with config_context(transform_output="pandas"):
        result = pipeline.fit_transform(masks)
    assert list(result.columns) == DEFAULTS
    assert_array_equal(result, expected)


def test_search_tunes_the_masker_for_a_classifier(spots):
    images, labels = spots
    pipeline = make_pipeline(
        RegionStatistics(ThresholdMasker(), statistics=("n_regions", "mean")),
        SimpleImputer(),
        StandardScaler(),
        LogisticRegression(),
    )
    grid = {"regionstatistics__masker__threshold": [0, 60, 1000]}
    with pytest.warns(UserWarning, match="Skipping features without any observed values"):
        search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(images, labels)
    assert search.best_params_ == {"regionstatistics__masker__threshold": 60}
    assert search.best_score_ == 1


def test_classifier_that_takes_nan_needs_no_imputer(spots):
    images, labels = spots
    images = np.concatenate([images, np.zeros((6, 24, 24))])
    pipeline = make_pipeline(
        RegionStatistics(ThresholdMasker(60)), DecisionTreeClassifier(random_state=0)
    )
    assert cross_val_score(pipeline, images, [*labels, *[0] * 6], cv=3).mean() > 0.9


@pytest.mark.parametrize("channel_axis", [1, -1])
def test_intensity_of_each_channel_is_measured_apart(channel_axis):
    rgb = np.random.default_rng(3).integers(0, 255, (4, 3, 8, 9))
    masker = RangeMasker([100, 0, 0], [255, 255, 255], channel_axis=channel_axis)
    statistics = RegionStatistics(
        masker, statistics=("area", "mean", "centroid"), channel_axis=channel_axis
    )
    measured = statistics.fit_transform(np.moveaxis(rgb, 1, channel_axis))
    for image, row in zip(rgb, measured, strict=True):
        mask = image[0] >= 100
        centroid = np.argwhere(mask).mean(axis=0)
        assert_allclose(row, [mask.sum(), *image[:, mask].mean(axis=1), *centroid])
    assert statistics.get_feature_names_out().tolist() == [
        "area", "mean_channel_0", "mean_channel_1", "mean_channel_2", "centroid_0", "centroid_1",
    ]  # fmt: skip


def test_spacing_is_the_unit_of_areas_and_places():
    masker = ThresholdMasker(50)
    pixels = RegionStatistics(masker, statistics=PLACES).fit_transform(X)
    physical = RegionStatistics(masker, statistics=PLACES, spacing=(2, 0.5)).fit_transform(X)
    assert_allclose(physical, pixels * [1, 2, 0.5, 2, 0.5, 2, 0.5])


def test_flat_rows_are_folded():
    expected = RegionStatistics(ThresholdMasker(50), statistics=PLACES).fit_transform(X)
    statistics = RegionStatistics(ThresholdMasker(50), statistics=PLACES, image_shape=(14, 17))
    assert_array_equal(statistics.fit_transform(X.reshape(5, -1)), expected)
    assert statistics.get_feature_names_out()[0] == "area"
    with pytest.raises(ValueError, match="input_features should have length equal"):
        statistics.get_feature_names_out(["a", "b"])


def test_rows_without_image_shape_are_warned_about():
    with pytest.warns(UserWarning, match=r"RegionStatistics\(image_shape=\(height, width\)"):
        RegionStatistics(ThresholdMasker(50)).fit_transform(X[0])


def test_use_before_fit_is_refused():
    for call in (
        lambda: RegionStatistics(ThresholdMasker()).transform(X),
        lambda: RegionStatistics(ThresholdMasker()).get_feature_names_out(),
    ):
        with pytest.raises(NotFittedError):
            call()


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"statistics": "area"}, "'statistics' parameter of RegionStatistics must be"),
        ({"statistics": ()}, "RegionStatistics expects statistics to name one or more, got none"),
        (
            {"statistics": ("area", "size")},
            "RegionStatistics expects statistics among .* got 'size'",
        ),
        ({"spacing": (1, 2, 3)}, "RegionStatistics expects spacing to be a positive number or 2"),
        ({"spacing": 0}, "RegionStatistics expects spacing to be a positive number or 2"),
        ({"channel_axis": 0}, "RegionStatistics expects channel_axis to be an axis of the images"),
        ({"channel_axis": 3}, "RegionStatistics expects channel_axis to be an axis of the images"),
        ({"channel_axis": -1}, "RegionStatistics expects the output of its masker of shape"),
        ({"masker": FixedMasker(X[0] > 50)}, "FixedMasker expects"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    params = {"masker": ThresholdMasker(), **params}
    images = X[:, :13] if isinstance(params["masker"], FixedMasker) else X
    with pytest.raises((ValueError, TypeError), match=match):
        RegionStatistics(**params).fit(images).transform(images)


def test_statistics_of_the_plane_are_refused_for_volumes():
    with pytest.raises(ValueError, match="RegionStatistics expects images of 2 axes to measure"):
        RegionStatistics(ThresholdMasker(), statistics=("perimeter",)).fit(X[np.newaxis])


def test_images_that_would_give_other_columns_are_refused():
    statistics = RegionStatistics(ThresholdMasker(), statistics=PLACES).fit(X)
    with pytest.raises(ValueError, match="as many axes and channels as those seen in fit, got"):
        statistics.transform(X[np.newaxis])
    with pytest.raises(ValueError, match="images of one number of axes"):
        RegionStatistics(ThresholdMasker(), statistics=PLACES).fit([X[0], X])


def test_refused_fit_keeps_the_columns():
    statistics = RegionStatistics(ThresholdMasker(5), statistics=["centroid"])
    statistics.fit(np.ones((1, 4, 5)))
    with pytest.raises(ValueError, match="images of one number of axes"):
        statistics.fit([np.ones((4, 5)), np.ones((2, 4, 5))])
    with pytest.raises(ValueError, match="images of one number of axes"):
        statistics.fit([np.ones((2, 4, 5)), np.ones((4, 5))])
    assert statistics.columns_ == ["centroid_0", "centroid_1"]


def test_labels_of_an_atlas_are_measured_under_the_mask():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 100, (4, 8, 9, 2))
    atlas = rng.choice([0, 2, 7], (8, 9))
    atlas[X[..., 1].max(axis=0) < 20] = 0
    masker = FixedMasker(rng.random((8, 9)) > 0.5, channel_axis=-1)
    statistics = RegionStatistics(
        masker, statistics=("area", "mean"), labels=atlas, channel_axis=-1
    ).fit(X)
    assert statistics.labels_ == [2, 7]
    names = statistics.get_feature_names_out().tolist()
    assert names[:4] == [
        "area_label_2",
        "mean_channel_0_label_2",
        "mean_channel_1_label_2",
        "area_label_7",
    ]
    rows = statistics.transform(X)
    mask = masker.mask
    for i, image in enumerate(X):
        expected = []
        for label in (2, 7):
            chosen = mask & (atlas == label)
            expected += [chosen.sum(), *image[chosen].mean(axis=0)]
        np.testing.assert_allclose(rows[i], expected)
    assert "in each of 2 labels of an atlas" in describe(statistics)


def test_labels_that_an_image_lacks_keep_their_columns():
    atlas = np.array([[1, 1, 5], [0, 5, 5]])
    X = np.array([[[9, 9, 0], [0, 0, 0]], [[9, 0, 9], [9, 9, 9]]])
    rows = RegionStatistics(
        ThresholdMasker(5), statistics=("area", "mean"), labels=atlas
    ).fit_transform(X)
    np.testing.assert_array_equal(rows, [[2, 9, 0, np.nan], [1, 9, 3, 9]])
    flat = RegionStatistics(
        ThresholdMasker(5), statistics=("area", "mean"), labels=atlas, image_shape=(2, 3)
    )
    np.testing.assert_array_equal(flat.fit_transform(X.reshape(2, -1)), rows)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (np.ones((2, 3)), "labels to be integers from 0 on"),
        (np.zeros((2, 3), int), "labels to be integers from 0 on"),
        (-np.ones((2, 3), int), "labels to be integers from 0 on"),
        (np.ones((3, 2), int), r"labels of the shape of the images, \(2, 3\), got \(3, 2\)"),
    ],
)
def test_labels_that_are_no_atlas_are_refused(labels, match):
    with pytest.raises(ValueError, match=f"RegionStatistics expects {match}"):
        RegionStatistics(ThresholdMasker(), labels=labels).fit(np.ones((1, 2, 3)))
