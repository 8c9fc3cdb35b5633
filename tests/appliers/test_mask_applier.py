import warnings

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from skmask import (
    BinaryDilator,
    FixedMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
    describe,
)

IMAGES = np.random.default_rng(0).integers(0, 100, (4, 6, 7))
MASKS = IMAGES > 40
BRIGHT = ThresholdMasker(40)
STATISTICS = {"mean": np.mean, "median": np.median, "min": np.min, "max": np.max}


# Fill values that are given


@pytest.mark.parametrize("fill_value", [0, 7, -3, IMAGES[0], IMAGES[0].tolist()])
@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.float32, np.float64, ">i4", ">f8"])
def test_pixels_outside_are_filled_and_the_dtype_stays(fill_value, dtype):
    X = IMAGES.astype(dtype)
    result = MaskApplier(BRIGHT, fill_value=fill_value).fit_transform(X)
    assert result.dtype == X.dtype
    assert_array_equal(result, np.where(MASKS, X, fill_value))


@pytest.mark.parametrize("fill_value", [0, 5, np.nan, "mean", "median", "min", "max"])
def test_nan_outside_is_gone_and_inside_stays(fill_value):
    X = IMAGES.astype(float)
    X[:, 0, 0] = X[:, 1, 1] = np.nan
    mask = MASKS[0].copy()
    mask[0, 0], mask[1, 1] = True, False
    inside = make_pipeline(FunctionTransformer(np.nan_to_num), FixedMasker(mask))
    result = MaskApplier(inside, fill_value=fill_value).fit_transform(X)
    assert np.isnan(result[:, 0, 0]).all()
    if not (isinstance(fill_value, float) and np.isnan(fill_value)):
        assert np.isnan(result).sum() == len(X)
    assert_array_equal(result[:, mask], X[:, mask])


@pytest.mark.parametrize(
    ("dtype", "fill_value", "wider"),
    [(np.uint8, 300, "uint16"), (np.uint8, np.nan, "float32"), (np.float32, 1e300, "float64")],
)
def test_fill_value_that_the_dtype_does_not_hold_is_refused(dtype, fill_value, wider):
    X = IMAGES.astype(dtype)
    applier = MaskApplier(BRIGHT, fill_value=fill_value)
    with pytest.raises(ValueError, match=rf"MaskApplier expects a fill_value.* dtype='{wider}' to"):
        applier.transform(X)
    result = applier.set_params(dtype=wider).transform(X)
    assert_array_equal(result, np.where(MASKS, X, np.dtype(wider).type(fill_value)))


@pytest.mark.parametrize(
    ("have", "want"),
    [(np.float32, np.int32), (np.int32, np.int8), (np.uint8, np.int8), (int, bool)],
)
def test_dtype_that_does_not_hold_the_pixels_is_refused(have, want):
    with pytest.raises(ValueError, match="MaskApplier expects a dtype that can hold"):
        MaskApplier(BRIGHT, dtype=want).transform(IMAGES.astype(have))


@pytest.mark.parametrize(
    ("have", "want"), [(np.float64, np.float16), (int, np.float32), ("u1", "i2")]
)
def test_dtype_converts_the_pixels(have, want):
    X = IMAGES.astype(have)
    result = MaskApplier(BRIGHT, dtype=want).transform(X)
    assert result.dtype == want
    assert_array_equal(result, np.where(MASKS, X, 0))


@pytest.mark.parametrize("fill_value", [[1, 2, 3], IMAGES[0, :3], IMAGES, [[0]]])
def test_fill_value_of_another_shape_is_refused(fill_value):
    applier = MaskApplier(BRIGHT, fill_value=fill_value)
    for call in (applier.transform, applier.fit):
        with pytest.raises(ValueError, match=r"the images' shape, \(6, 7\), got one of shape"):
            call(IMAGES)


def test_fill_value_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="'fill_value' parameter of MaskApplier must be"):
        MaskApplier(BRIGHT, fill_value="mode").transform(IMAGES)
    with pytest.raises(ValueError, match="'fill_value' parameter of MaskApplier must be"):
        MaskApplier(BRIGHT, fill_value=[["a"]]).transform(IMAGES)


def test_image_shows_on_flat_rows_too():
    rows = IMAGES.reshape(4, -1)
    for fill_value in (IMAGES[0], IMAGES[0].ravel()):
        result = MaskApplier(BRIGHT, fill_value=fill_value).fit_transform(rows)
        assert_array_equal(result, np.where(MASKS, IMAGES, IMAGES[0]).reshape(4, -1))


# Fill values that are computed


@pytest.mark.parametrize("fill_value", STATISTICS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64, ">i2"])
def test_fill_values_are_computed_inside_each_mask(fill_value, dtype):
    X = IMAGES.astype(dtype)
    result = MaskApplier(BRIGHT, fill_value=fill_value).fit_transform(X)
    assert result.dtype == X.dtype
    for one, image, mask in zip(result, X, MASKS, strict=True):
        expected = STATISTICS[fill_value](image[mask].astype(float))
        if np.dtype(dtype).kind != "f":
            expected = np.rint(expected)
        assert_array_equal(one, np.where(mask, image, expected.astype(dtype)))


def test_computed_fill_value_is_not_rounded_where_the_result_is_float():
    X = np.array([[[0, 41, 42]]])
    assert MaskApplier(BRIGHT, fill_value="mean").transform(X)[0, 0, 0] == 42
    assert MaskApplier(BRIGHT, fill_value="mean", dtype=float).transform(X)[0, 0, 0] == 41.5


@pytest.mark.parametrize("fill_value", STATISTICS)
def test_computed_fill_values_leave_nan_out_and_are_zero_under_empty_masks(fill_value):
    X = IMAGES.astype(float)
    X[0, :, :3] = np.nan
    X[1] = 10
    X[2] = np.nan
    same = make_pipeline(FunctionTransformer(np.isfinite), BinaryDilator("square", radius=2))
    result = MaskApplier(same & FixedMasker(MASKS[0]), fill_value=fill_value).fit_transform(X)
    known = MASKS[0] & ~np.isnan(X[0])
    assert_array_equal(result[0, ~MASKS[0]], STATISTICS[fill_value](X[0][known]))
    assert_array_equal(
        MaskApplier(BRIGHT, fill_value=fill_value).transform(X)[1:3], np.zeros((2, 6, 7))
    )


@pytest.mark.parametrize("fill_value", STATISTICS)
def test_computed_fill_values_do_not_wrap_around(fill_value):
    for dtype in (np.uint64, np.int64):
        highest, lowest = np.iinfo(dtype).max, np.iinfo(dtype).min
        for value in (highest, lowest):
            X = np.full((1, 2, 2), value, dtype)
            masker = FixedMasker([[True, True], [False, True]])
            result = MaskApplier(masker, fill_value=fill_value).transform(X)
            assert abs(int(result[0, 1, 0]) - int(value)) <= 2048


def test_computed_fill_value_of_booleans_is_their_majority():
    X = np.array([[[True, True, False, False]], [[True, False, False, True]]])
    result = MaskApplier(FixedMasker([[1, 1, 1, 0]]), fill_value="mean").transform(X)
    assert result.dtype == bool
    assert result[:, 0, 3].tolist() == [True, False]


def test_infinities_of_both_signs_have_no_mean_and_bring_no_nan():
    X = np.array([[[np.inf, -np.inf, 1.0]]])
    result = MaskApplier(FixedMasker([[1, 1, 0]]), fill_value="mean").transform(X)
    assert_array_equal(result, [[[np.inf, -np.inf, 0.0]]])


# Channels


COLORS = np.random.default_rng(1).integers(0, 100, (4, 6, 7, 3))
RED = RangeMasker([40, 0, 0], channel_axis=-1)
IN_RED = COLORS[..., :1] >= 40


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("fill_value", [0, 5, [1, 2, 3], COLORS[0]])
def test_channels_are_masked_alike(axis, fill_value):
    X = np.moveaxis(COLORS, -1, axis)
    moved = np.moveaxis(COLORS[0], -1, axis % 4 - 1) if np.ndim(fill_value) == 3 else fill_value
    red = clone(RED).set_params(channel_axis=axis)
    applier = MaskApplier(red, fill_value=moved, channel_axis=axis)
    expected = np.moveaxis(np.where(IN_RED, COLORS, fill_value), -1, axis)
    assert_array_equal(applier.fit_transform(X), expected)
    assert_array_equal(np.stack(applier.fit_transform(list(X))), expected)


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("fill_value", STATISTICS)
def test_fill_values_are_computed_for_each_channel(axis, fill_value):
    X = np.moveaxis(COLORS.astype(float), -1, axis)
    red = clone(RED).set_params(channel_axis=axis)
    result = MaskApplier(red, fill_value=fill_value, channel_axis=axis).fit_transform(X)
    result = np.moveaxis(result, axis, -1)
    for one, image, mask in zip(result, COLORS, IN_RED[..., 0], strict=True):
        expected = STATISTICS[fill_value](image[mask].astype(float), axis=0)
        assert_array_equal(one, np.where(mask[..., np.newaxis], image, expected))


def test_channel_axis_is_never_guessed():
    with pytest.raises(
        ValueError,
        match="the output of its masker of shape .* set channel_axis to the axis of channels",
    ):
        MaskApplier(RED).fit(COLORS).transform(COLORS)
    with pytest.raises(ValueError, match="channel_axis to be an axis of the images, got 4"):
        MaskApplier(RED, channel_axis=4).fit(COLORS).transform(COLORS)


# Empty masks


def test_empty_masks_are_ignored_reported_or_refused():
    X = IMAGES.copy()
    X[1] = X[3] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = MaskApplier(BRIGHT).transform(X)
        assert not result[1].any()
        MaskApplier(BRIGHT, on_empty="raise").transform(IMAGES)
    message = (
        r"masks with foreground, got 2 empty of 4, the first for image 1\. .*on_empty='ignore'"
    )
    for container in (X, list(X), X.reshape(4, -1), [*X, np.full((2, 3), 90)][:4]):
        with pytest.warns(UserWarning, match=message) as caught:
            MaskApplier(BRIGHT, on_empty="warn").transform(container)
        assert caught[0].filename == __file__
        with pytest.raises(ValueError, match=message):
            MaskApplier(BRIGHT, on_empty="raise").transform(container)


def test_images_of_different_sizes_are_reported_by_their_place():
    X = [np.full((2, 3), 90), np.full((4, 3), 90), np.full((2, 3), 0), np.full((4, 3), 0)]
    with pytest.raises(ValueError, match="got 2 empty of 4, the first for image 2"):
        MaskApplier(BRIGHT, on_empty="raise").transform(X)


def test_policy_is_checked():
    with pytest.raises(ValueError, match="'on_empty' parameter of MaskApplier"):
        MaskApplier(BRIGHT, on_empty="full").transform(IMAGES)


# The masker


def test_masker_is_cloned_fitted_and_kept():
    masker = HistogramThresholdMasker()
    applier = MaskApplier(masker).fit(IMAGES)
    assert not hasattr(masker, "threshold_")
    assert_array_equal(
        applier.transform(IMAGES), np.where(applier.masker_.threshold_ < IMAGES, IMAGES, 0)
    )
    assert get_tags(MaskApplier(masker)).requires_fit
    assert not get_tags(MaskApplier(BRIGHT)).requires_fit
    with pytest.raises(NotFittedError):
        MaskApplier(masker).transform(IMAGES)


def test_frozen_masker_is_used_as_it_is():
    frozen = FrozenEstimator(HistogramThresholdMasker().fit(IMAGES))
    expected = MaskApplier(frozen).transform(IMAGES)
    assert_array_equal(MaskApplier(frozen).fit(IMAGES // 3).transform(IMAGES), expected)


@pytest.mark.parametrize(
    ("masker", "error", "match"),
    [
        (make_pipeline(BRIGHT, ImageFlattener()), ValueError, "of shape .* nothing is broadcast"),
        (FunctionTransformer(), ValueError, "expects the output of its masker to be masks"),
    ],
)
def test_what_makes_no_masks_is_refused(masker, error, match):
    with pytest.raises(error, match=match):
        MaskApplier(masker).fit(IMAGES).transform(IMAGES)


@pytest.mark.parametrize("fill_value", [0, 9, "mean"])
def test_every_layout_is_read_and_left_alone(fill_value):
    expected = MaskApplier(BRIGHT, fill_value=fill_value).fit_transform(IMAGES)
    for layout in (np.asfortranarray(IMAGES), np.repeat(IMAGES, 2, axis=2)[:, :, ::2]):
        layout.flags.writeable = False
        result = MaskApplier(BRIGHT, fill_value=fill_value).fit_transform(layout)
        assert_array_equal(result, expected)
        assert_array_equal(layout, IMAGES)
        assert result.flags.writeable


@pytest.mark.parametrize("dtype", ["junk", "U5", object, complex, 3.5])
def test_what_is_no_dtype_of_pixels_is_refused_in_fit(dtype):
    applier = MaskApplier(ThresholdMasker(1), dtype=dtype)
    for call in (applier.fit, applier.transform):
        with pytest.raises(
            TypeError, match="MaskApplier expects dtype to be of booleans, int.*got .* Use"
        ):
            call(np.ones((1, 2, 3)))


SIDES = {
    None: None,
    7: 7,
    "mean": ("inside", np.mean),
    "outside_median": ("outside", np.median),
    "outside_max": ("outside", np.max),
}


@pytest.mark.parametrize("inside", SIDES, ids=str)
@pytest.mark.parametrize("outside", SIDES, ids=str)
def test_both_sides_are_those_of_where(inside, outside):
    X = np.random.default_rng(0).integers(0, 100, (3, 6, 7)).astype(float)
    masks = X > 40

    def value(name, image, mask):
        if SIDES[name] is None:
            return image
        if isinstance(SIDES[name], tuple):
            side, reduce = SIDES[name]
            return reduce(image[mask if side == "inside" else ~mask])
        return name

    expected = np.stack(
        [
            np.where(mask, value(inside, image, mask), value(outside, image, mask))
            for image, mask in zip(X, masks, strict=True)
        ]
    )
    applier = MaskApplier(ThresholdMasker(40), fill_value=outside, inside_value=inside)
    result = applier.fit(X).transform(X)
    np.testing.assert_allclose(result, expected)
    assert not np.shares_memory(result, X)
    lazy = applier.transform(da.from_array(X, chunks=(2, 3, 7)))
    np.testing.assert_allclose(lazy.compute(), expected)


def test_image_inside_and_colors():
    X = np.random.default_rng(0).integers(0, 100, (3, 6, 7, 3))
    masks = X[..., 0] > 40
    image = np.arange(6 * 7 * 3).reshape(6, 7, 3)
    masker = RangeMasker(low=[41, -np.inf, -np.inf], channel_axis=-1)
    applier = MaskApplier(masker, fill_value=None, inside_value=image, channel_axis=-1)
    assert_array_equal(applier.fit_transform(X), np.where(masks[..., np.newaxis], image, X))
    red = MaskApplier(masker, fill_value=None, inside_value=[255, 0, 0], channel_axis=-1)
    assert_array_equal(red.fit_transform(X), np.where(masks[..., np.newaxis], [255, 0, 0], X))


def test_masks_are_handed_in_for_each_image():
    X = np.random.default_rng(0).integers(0, 100, (4, 6, 7))
    masks = np.random.default_rng(1).random(X.shape) > 0.5
    expected = np.where(masks, X, 0)
    for applier in (MaskApplier(None), MaskApplier(ThresholdMasker(200))):
        assert_array_equal(applier.fit(X).transform(X, masks), expected)
        assert_array_equal(applier.transform(X, masks=masks * 255), expected)
        assert_array_equal(applier.fit_transform(X, masks=masks), expected)
        listed = applier.transform(list(X), masks=list(masks))
        assert_array_equal(np.stack(listed), expected)
        lazy = applier.transform(da.from_array(X, chunks=(2, 6, 7)), masks=masks)
        assert_array_equal(lazy.compute(), expected)
    assert "Pixels outside of the masks were set to 0." in describe(MaskApplier(None).fit(X))
    with pytest.raises(ValueError, match="MaskApplier expects masks when it has no masker"):
        MaskApplier(None).transform(X)
    with pytest.raises(ValueError, match="MaskApplier expects masks of shape"):
        MaskApplier(None).transform(X, masks=masks[:3])


def test_masks_are_routed_through_pipelines():
    X = np.random.default_rng(0).integers(0, 100, (4, 6, 7))
    masks = np.random.default_rng(1).random(X.shape) > 0.5
    expected = np.where(masks, X, 0).reshape(4, -1)
    with config_context(enable_metadata_routing=True):
        applier = MaskApplier(None).set_transform_request(masks=True)
        pipeline = make_pipeline(applier, ImageFlattener())
        assert_array_equal(pipeline.fit_transform(X, masks=masks), expected)
        assert_array_equal(pipeline.fit(X, masks=masks).transform(X, masks=masks), expected)
