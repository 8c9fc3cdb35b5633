"""An axis of one pixel has no neighbors and no border: it changes no result, only its shape."""

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skmask import (
    BinaryCloser,
    BinaryDilator,
    BorderClearer,
    FixedMasker,
    HoleFiller,
    HysteresisMasker,
    LocalFeatures,
    LocalThresholdMasker,
    MaskApplier,
    MaskCropper,
    MaskReconstructor,
    PixelClassifierMasker,
    RegionStatistics,
    SliceWise,
    SmallRegionRemover,
    ThresholdMasker,
    metrics,
    morphology,
)
from skmask._images.axes import along_all_axes, cut_to_axes, single_axes, with_single_axes
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

ESTIMATORS = pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
PLACES = pytest.mark.parametrize("place", [1, 2, 3, (1, 4)], ids=str)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*expects images like those of training:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*takes the labels of Otsu's threshold:UserWarning"),
]
CONTAINERS = {
    "stack": lambda X: X,
    "list": list,
    "dask": lambda X: da.from_array(X, chunks=(2, *(min(n, 5) for n in X.shape[1:]))),
}


def assert_same_but_for_axes(result, expected):
    """Compare results of images with further axes of one pixel with those of images without them."""
    results, others = (list(one) if isinstance(one, list) else one for one in (result, expected))
    for one, other in zip(results, others, strict=True):
        assert_array_equal(np.squeeze(one), np.squeeze(other))


@ESTIMATORS
def test_every_estimator_gives_what_it_gives_without_the_axis(estimator):
    X = images_for(estimator)
    expected = clone(estimator).fit(X).transform(X)
    for place in (1, 2, 3, (1, 4)):
        longer = np.expand_dims(X, place)
        for make in CONTAINERS.values():
            given = make(longer)
            result = clone(estimator).fit(given).transform(given)
            assert_same_but_for_axes(result, expected)
            if getattr(expected, "shape", None) == X.shape:
                assert all(np.shape(one) == longer.shape[1:] for one in result)


RINGS = np.zeros((3, 12, 14), bool)
RINGS[0, 2:9, 3:9] = True
RINGS[0, 4:6, 5:7] = False
RINGS[1, :4, :5] = RINGS[1, 6:11, 6:13] = True
RINGS[2, 4, 1:13:2] = RINGS[2, 5:8, 3] = True
IMAGES = RINGS * 100 + np.random.default_rng(0).integers(0, 60, RINGS.shape)
NEIGHBORS = [
    BinaryDilator("disk", radius=2.5, spacing=(1.0, 2.0)),
    BinaryCloser("square", border="background"),
    HoleFiller(connectivity=2),
    BorderClearer(),
    SmallRegionRemover(20, spacing=(2.0, 1.0)),
    LocalThresholdMasker("niblack", window=(3, 5)),
    HysteresisMasker(60, 120, connectivity=2),
    MaskReconstructor(ThresholdMasker(120), ThresholdMasker(50), radius=2, iterations=3),
]


@pytest.mark.parametrize("estimator", NEIGHBORS, ids=name_of)
@PLACES
def test_parameters_with_a_value_for_each_axis_may_count_all_axes(estimator, place):
    X = RINGS if isinstance(estimator, BinaryDilator | SmallRegionRemover) else IMAGES
    X = X > 60 if name_of(estimator) in ("BinaryCloser", "HoleFiller", "BorderClearer") else X
    longer = np.expand_dims(X, place)
    expected = np.expand_dims(estimator.transform(X), place)
    assert_array_equal(estimator.transform(longer), expected)
    places = (place,) if isinstance(place, int) else place
    for name, fill in (("spacing", 7.0), ("window", 1)):
        values = list(estimator.get_params().get(name) or ())
        if values:
            for where in places:
                values.insert(where - 1, fill)
            whole = clone(estimator).set_params(**{name: tuple(values)})
            for container in ("stack", "list", "dask"):
                result = whole.transform(CONTAINERS[container](longer))
                assert_array_equal(np.asarray(result), expected)


@pytest.mark.parametrize("channel_axis", [-1, 1, 3, -3])
def test_channels_keep_their_axis(channel_axis):
    colors = np.stack([IMAGES, IMAGES + 5, IMAGES // 2], axis=-1)  # (n, h, w, c)
    flat = HysteresisMasker(30, 60, channel_axis=-1).transform(colors)
    applied = MaskApplier(ThresholdMasker(50), fill_value=3).transform(IMAGES)
    longer = colors[:, :, np.newaxis]  # (n, h, 1, w, c)
    n_axes = longer.ndim
    moved = np.moveaxis(longer, -1, channel_axis)
    for given in (moved, da.from_array(moved, chunks=2), list(moved)):
        result = HysteresisMasker(30, 60, channel_axis=channel_axis).transform(given)
        rest = [size for axis, size in enumerate(moved.shape) if axis != channel_axis % n_axes]
        assert np.shape(np.asarray(result)) == tuple(rest)
        assert_array_equal(np.squeeze(np.asarray(result)), flat)
    assert_array_equal(
        MaskApplier(ThresholdMasker(50), fill_value=3).transform(IMAGES[..., np.newaxis])[..., 0],
        applied,
    )


def test_a_single_channel_stays_an_axis():
    X = IMAGES[..., np.newaxis]
    masker = HysteresisMasker(60, 120, channel_axis=-1)
    assert_array_equal(masker.transform(X), HysteresisMasker(60, 120).transform(IMAGES))


@pytest.mark.parametrize("shape", [(12, 14, 1), (1, 12, 14)])
def test_rows_fold_to_shapes_with_such_axes(shape):
    rows = RINGS.reshape(3, -1)
    expected = HoleFiller().transform(RINGS).reshape(3, -1)
    assert_array_equal(HoleFiller(image_shape=shape).transform(rows), expected)
    lazy = da.from_array(rows, chunks=(2, 50))
    assert_array_equal(HoleFiller(image_shape=shape).transform(lazy), expected)


def test_images_of_a_list_are_seen_without_their_own_axes_alone():
    volumes = [RINGS, RINGS[:1]]
    closed, flat = BinaryCloser("square").transform(volumes)
    assert_array_equal(closed, BinaryCloser("square").transform(RINGS[np.newaxis])[0])
    assert_array_equal(flat[0], BinaryCloser("square").transform(RINGS[:1])[0])


def test_footprint_that_is_an_array_keeps_its_definition():
    X = RINGS[..., np.newaxis]
    footprint = np.ones((3, 3, 3), bool)
    expected = BinaryDilator("square").transform(RINGS)
    assert_array_equal(BinaryDilator(footprint).transform(X)[..., 0], expected)
    eroded = BinaryDilator(footprint, border="foreground").transform(X)
    assert eroded.all()  # what is above and below the plane is outside of the image
    with pytest.raises(ValueError, match="a footprint with 3 axes"):
        BinaryDilator(np.ones((3, 3), bool)).transform(X)


@pytest.mark.parametrize("name", ["dilate", "erode", "opening", "closing"])
@PLACES
def test_functions_of_morphology_give_what_they_give_without_the_axis(name, place):
    operate = getattr(morphology, name)
    longer = np.expand_dims(RINGS[0], tuple(np.atleast_1d(place) - 1))
    for border in ("ignore", "background", "foreground"):
        expected = operate(RINGS[0], "disk", radius=2.5, border=border)
        result = operate(longer, "disk", radius=2.5, border=border)
        assert result.shape == longer.shape
        assert_array_equal(result.squeeze(), expected)
    assert_array_equal(
        operate(RINGS[..., np.newaxis], spacing=(1, 2, 9), radius=2, axes=(1, 2, 3))[..., 0],
        operate(RINGS, spacing=(1, 2), radius=2, axes=(1, 2)),
    )


SCORES = [name for name in metrics.__all__ if name.endswith(("score", "distance", "dice", "error"))]


@pytest.mark.parametrize("name", SCORES)
@PLACES
def test_scores_are_those_of_masks_without_the_axis(name, place):
    score = getattr(metrics, name)
    pred = np.roll(RINGS, 1, axis=2)
    expected = score(RINGS, pred)
    longer = [np.expand_dims(masks, place) for masks in (RINGS, pred)]
    assert_allclose(score(*longer), expected)
    assert_allclose(score(*map(list, longer)), expected)


def test_spacing_of_scores_may_count_all_axes():
    pred = np.roll(RINGS, 1, axis=2)
    expected = metrics.average_surface_distance(RINGS, pred, spacing=(2.0, 1.0))
    longer = [masks[:, np.newaxis] for masks in (RINGS, pred)]
    assert metrics.average_surface_distance(*longer, spacing=(5.0, 2.0, 1.0)) == expected


def test_statistics_of_regions_keep_the_axes_of_places():
    names = ("area", "perimeter", "n_regions", "euler_number", "centroid", "mean")
    X = IMAGES.astype(float)
    flat = RegionStatistics(ThresholdMasker(60), statistics=names).fit_transform(X)
    whole = RegionStatistics(ThresholdMasker(60), statistics=names).fit(X[:, np.newaxis])
    assert whole.get_feature_names_out().tolist() == [
        *names[:4], "centroid_0", "centroid_1", "centroid_2", "mean"
    ]  # fmt: skip
    result = whole.transform(X[:, np.newaxis])
    assert_allclose(np.delete(result, 4, axis=1), flat)
    assert not result[:, 4].any()


def test_known_mask_has_the_axes_of_the_images():
    mask = RINGS[0][..., np.newaxis]
    result = FixedMasker(mask).transform(IMAGES[..., np.newaxis])
    assert_array_equal(result[..., 0], FixedMasker(RINGS[0]).transform(IMAGES))
    with pytest.raises(ValueError, match="expects images of the shape of its mask"):
        FixedMasker(RINGS[0]).transform(IMAGES[..., np.newaxis])


@pytest.mark.parametrize(
    ("shape", "channel_axis", "expected"),
    [
        ((4, 1, 1), None, (1,)),
        ((4, 1), None, ()),
        ((1, 5, 1), None, (2,)),
        ((4, 1, 5, 3), -1, (1,)),
        ((4, 1, 1, 3), -1, (1,)),
        ((4, 5, 6, 1), -1, ()),
        ((4, 1, 5, 1), 1, (3,)),
        ((4, 1, 5, 1), 9, (1, 3)),
    ],
)
def test_axes_of_one_pixel_are_found(shape, channel_axis, expected):
    assert single_axes(shape, channel_axis) == expected


def test_axes_come_back_where_they_were():
    shape = (4, 1, 5, 1, 3)
    for seen, whole in (((4, 5, 3), shape), ((4, 5), (4, 1, 5, 1)), ((4, 5, 7), (4, 1, 5, 1, 7))):
        assert with_single_axes(np.zeros(seen), shape, channel_axis=-1).shape == whole
    moved = (4, 3, 1, 5)
    assert with_single_axes(np.zeros((4, 5)), moved, channel_axis=1).shape == (4, 1, 5)
    assert cut_to_axes((1, 2), moved, (2,), channel_axis=1) == (2,)
    assert cut_to_axes(2.0, moved, (2,)) == 2.0
    assert cut_to_axes((1, 2, 3, 4), moved, (2,)) == (1, 2, 3, 4)


OF_FEATURES = [
    LocalFeatures(scales=(1, 2), spacing=(1.0, 2.0)),
    LocalFeatures(scales=(1,), spacing=0.5, normalize="robust"),
    PixelClassifierMasker(features=[LocalFeatures(scales=(1,), spacing=(1.0, 2.0))]),
    PixelClassifierMasker(features=[LocalFeatures(scales=(1,)), LocalFeatures(scales=(2,))]),
    MaskCropper(ThresholdMasker(99), spacing=(1.0, 2.0), margin=2),
    MaskCropper(ThresholdMasker(99), per="image", size=5),
    MaskCropper(ThresholdMasker(99), per="image", size=(5, 8), spacing=2.0),
    RegionStatistics(ThresholdMasker(99), spacing=2.0),
    RegionStatistics(ThresholdMasker(99), statistics=("area", "perimeter"), spacing=(1.0, 2.0)),
]


@pytest.mark.parametrize("estimator", OF_FEATURES, ids=lambda one: name_of(one)[:60])
@PLACES
@pytest.mark.parametrize("container", ["stack", "list", "dask"])
def test_features_and_boxes_are_those_of_the_image_without_the_axis(estimator, place, container):
    expected = clone(estimator).fit(IMAGES, RINGS).transform(IMAGES)
    given, y = (CONTAINERS[container](np.expand_dims(one, place)) for one in (IMAGES, RINGS))
    fitted = clone(estimator).fit(given, y)
    assert_same_but_for_axes(fitted.transform(given), expected)
    if isinstance(estimator, MaskCropper):
        return  # of one shape
    fitted = clone(estimator).fit(IMAGES, RINGS)
    if not isinstance(estimator, RegionStatistics):  # one of two axes has no third place
        assert_same_but_for_axes(fitted.transform(given), expected)


@PLACES
def test_sizes_of_a_box_may_leave_out_axes_of_one_pixel(place):
    cropper = MaskCropper(ThresholdMasker(99), per="image", size=5)
    longer = np.expand_dims(IMAGES, place)
    result = cropper.fit_transform(longer)
    assert_array_equal(result, np.expand_dims(cropper.fit_transform(IMAGES), place))


@pytest.mark.parametrize("place", [2, 3, 4])
def test_slices_of_volumes_with_such_an_axis_are_those_without_it(place):
    volumes = np.stack([IMAGES, IMAGES[::-1]])
    expected = SliceWise(BorderClearer(), axis=1).fit_transform(volumes > 60)
    result = SliceWise(BorderClearer(), axis=1).fit_transform(np.expand_dims(volumes > 60, place))
    assert_array_equal(result, np.expand_dims(expected, place))


@pytest.mark.parametrize(
    ("values", "shape", "expected"),
    [
        (None, (4, 1, 9), None),
        (3.0, (4, 8, 9), 3.0),
        (3.0, (4, 8, 1, 9), (3.0, 1.0, 3.0)),
        ((3.0, 5.0), (4, 8, 1, 9), (3.0, 1.0, 5.0)),
        ((3.0, 7.0, 5.0), (4, 8, 1, 9), (3.0, 1.0, 5.0)),
        ((3.0, 7.0, 5.0, 1.0), (4, 8, 1, 9), (3.0, 7.0, 5.0, 1.0)),  # refused where it is read
        (2.0, (4, 1, 1, 9), (1.0, 1.0, 2.0)),
    ],
)
def test_values_are_given_for_all_axes(values, shape, expected):
    assert along_all_axes(values, shape) == expected
