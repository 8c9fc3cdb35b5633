import dask.array as da
import joblib
import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    FixedMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskCropper,
    RangeMasker,
    ThresholdMasker,
    describe,
)

IMAGES = np.random.default_rng(0).integers(0, 50, (4, 9, 11))
IMAGES[0, 2, 3] = IMAGES[1, 4, 7] = IMAGES[2, 5, 4] = 99  # the box is 2:6, 3:8
BRIGHT = ThresholdMasker(60)
BOX = (slice(2, 6), slice(3, 8))


def test_box_holds_the_foreground_of_all_training_images():
    cropper = MaskCropper(BRIGHT).fit(IMAGES)
    assert cropper.box_ == BOX
    assert cropper.image_shape_ == (9, 11)
    assert_array_equal(cropper.transform(IMAGES), IMAGES[:, *BOX])
    # The box stays that of the training images, whatever comes later.
    assert_array_equal(cropper.transform(IMAGES * 0 + 99), np.full((4, 4, 5), 99))
    assert MaskCropper(BRIGHT).fit(IMAGES[:1]).box_ == (slice(2, 3), slice(3, 4))


@pytest.mark.parametrize(
    ("margin", "box"),
    [
        (1, (slice(1, 7), slice(2, 9))),
        (3, (slice(0, 9), slice(0, 11))),
        (1000, (slice(0, 9), slice(0, 11))),
    ],
)
def test_margin_ends_at_the_frame(margin, box):
    assert MaskCropper(BRIGHT, margin=margin).fit(IMAGES).box_ == box


def test_box_of_random_masks_equals_that_of_their_coordinates():
    rng = np.random.default_rng(1)
    for _ in range(20):
        masks = rng.random((3, 4, 5, 6)) < 0.02
        masks[0, 1, 2, 3] = True
        where = np.argwhere(masks.any(axis=0))
        box = tuple(slice(*pair) for pair in zip(where.min(0), where.max(0) + 1, strict=True))
        assert MaskCropper(BRIGHT).fit(masks * 99).box_ == box


def test_images_without_foreground_have_no_part_but_some_must_have_one():
    assert MaskCropper(BRIGHT).fit(IMAGES[[0, 3]]).box_ == (slice(2, 3), slice(3, 4))
    with pytest.raises(
        ValueError, match="foreground in the mask of some training image, got 1 empty"
    ):
        MaskCropper(BRIGHT).fit(IMAGES[3:])


def test_crops_are_copies():
    X = IMAGES.copy()
    crops = MaskCropper(FixedMasker()).fit_transform(X)
    crops += 1
    assert_array_equal(X, IMAGES)
    assert crops.flags.c_contiguous


@pytest.mark.parametrize(("fill_value", "dtype"), [(0, int), (7, np.uint8), (np.nan, np.float32)])
def test_inverse_puts_crops_back(fill_value, dtype):
    X = IMAGES.astype(dtype)
    cropper = MaskCropper(BRIGHT, fill_value=fill_value).fit(X)
    expected = np.full_like(X, fill_value)
    expected[:, *BOX] = X[:, *BOX]
    for crops in (cropper.transform(X), cropper.transform(list(X))):
        back = cropper.inverse_transform(crops)
        assert type(back) is type(crops)
        assert_array_equal(np.stack(back), expected)
        assert back[0].dtype == dtype


def test_inverse_refuses_other_shapes_and_values_that_do_not_fit():
    cropper = MaskCropper(BRIGHT, fill_value=np.nan).fit(IMAGES)
    with pytest.raises(ValueError, match=r"fill_value that int64 can hold, got nan.* X.astype"):
        cropper.inverse_transform(IMAGES[:, *BOX])
    with pytest.raises(ValueError, match=r"MaskCropper expects images of image_shape=\(4, 5\)"):
        cropper.inverse_transform(IMAGES)
    with pytest.raises(NotFittedError):
        MaskCropper(BRIGHT).inverse_transform(IMAGES)


def test_flat_rows_fold_and_unfold():
    rows = IMAGES.reshape(4, -1)
    cropper = MaskCropper(BRIGHT, image_shape=(9, 11)).fit(rows)
    assert cropper.box_ == BOX
    crops = cropper.transform(rows)
    assert_array_equal(crops, IMAGES[:, *BOX].reshape(4, -1))
    assert_array_equal(
        cropper.inverse_transform(crops), cropper.inverse_transform(IMAGES[:, *BOX]).reshape(4, -1)
    )
    names = np.array([f"x{i}" for i in range(99)]).reshape(9, 11)[BOX].ravel()
    assert cropper.get_feature_names_out().tolist() == names.tolist()
    frame = cropper.set_output(transform="pandas").transform(rows)
    assert frame.columns.tolist() == names.tolist()


def test_flat_rows_without_image_shape_are_images_of_one_axis():
    cropper = MaskCropper(BRIGHT).fit(IMAGES[0])
    assert cropper.box_ == (slice(3, 4),)
    with pytest.warns(UserWarning, match=r"MaskCropper\(image_shape=\(height, width\)\)"):
        assert_array_equal(cropper.transform(IMAGES[0]), IMAGES[0][:, 3:4])


@pytest.mark.parametrize("axis", [-1, 1, 2])
def test_channels_are_cut_alike_and_all_kept(axis):
    colors = np.zeros((2, 6, 7, 3))
    colors[0, 1, 2, 0] = colors[1, 3, 4, 0] = 9
    X = np.moveaxis(colors, -1, axis)
    masker = RangeMasker([5, 0, 0], channel_axis=axis)
    cropper = MaskCropper(masker, channel_axis=axis).fit(X)
    crops = cropper.transform(X)
    assert_array_equal(crops, np.moveaxis(colors[:, 1:4, 2:5], -1, axis))
    assert_array_equal(cropper.inverse_transform(crops), X)
    assert_array_equal(X[0][cropper.box_], crops[0])


def test_images_of_different_shapes_are_refused():
    with pytest.raises(
        ValueError, match=r"shape seen in fit, \(9, 11\), got images of shape \(8, 11"
    ):
        MaskCropper(BRIGHT).fit([IMAGES[0], IMAGES[1, :8]])
    cropper = MaskCropper(BRIGHT).fit(IMAGES)
    with pytest.raises(ValueError, match="MaskCropper expects images of the shape seen in fit"):
        cropper.transform(IMAGES[:, :8])


def test_bad_parameters_are_refused():
    for parameters in ({"margin": -1}, {"size": 0}, {"per": "mask"}, {"fill_value": "mean"}):
        (name,) = parameters
        with pytest.raises(ValueError, match=f"'{name}' parameter of MaskCropper"):
            MaskCropper(BRIGHT, **parameters).fit(IMAGES)


def test_cropper_is_tuned_in_a_pipeline(disks):
    images, masks = disks
    pipeline = make_pipeline(
        MaskCropper(HistogramThresholdMasker()), ImageFlattener(), LogisticRegression()
    )
    grid = {"maskcropper__margin": [0, 4], "maskcropper__masker__method": ["otsu", "li"]}
    y = (masks.sum(axis=(1, 2)) > np.median(masks.sum(axis=(1, 2)))).astype(int)
    search = GridSearchCV(pipeline, grid, cv=2).fit(images, y)
    assert len(search.cv_results_["params"]) == 4
    cropped = search.best_estimator_[:-2].transform(masks)
    assert cropped.dtype == bool
    assert_array_equal(cropped, masks[:, *search.best_estimator_[0].box_])


def test_saved_croppers_give_the_same(tmp_path):
    cropper = MaskCropper(BRIGHT, margin=1).fit(IMAGES)
    joblib.dump(cropper, tmp_path / "cropper.joblib")
    data = skops.io.dumps(cropper)
    trusted = skops.io.get_untrusted_types(data=data)
    assert all(name.startswith("skmask.") for name in trusted)
    for loaded in (joblib.load(tmp_path / "cropper.joblib"), skops.io.loads(data, trusted=trusted)):
        assert_array_equal(loaded.transform(IMAGES), cropper.transform(IMAGES))


def test_refused_fit_changes_nothing():
    X = np.zeros((1, 4, 5))
    X[0, 1, 2] = 7
    cropper = MaskCropper(ThresholdMasker(5)).fit(X)
    masker, box = cropper.masker_, cropper.box_
    with pytest.raises(ValueError, match="got 1 empty masks"):
        cropper.fit(np.zeros((1, 6, 7)))
    assert cropper.masker_ is masker
    assert cropper.box_ == box
    assert cropper.image_shape_ == (4, 5)


def blobs():
    """Images of one bright box each, the last without any."""
    X = np.random.default_rng(0).integers(0, 50, (4, 12, 14))
    for image, (row, column) in zip(X, [(2, 3), (0, 9), (7, 1)], strict=False):
        image[row : row + 4, column : column + 5] += 100
    return X


def box_of(mask, margin=(0, 0)):
    if not mask.any():
        return tuple(map(slice, mask.shape))
    return tuple(
        slice(max(0, index.min() - room), index.max() + 1 + room)
        for index, room in zip(np.nonzero(mask), margin, strict=True)
    )


def test_each_image_is_cut_to_its_own_mask_in_every_container(tmp_path):
    X = blobs()
    cropper = MaskCropper(ThresholdMasker(60), per="image").fit(X)
    expected = [image[box_of(image > 60)] for image in X]
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for given in (X, list(X), mapped, X.tolist()):
        result = cropper.transform(given)
        assert isinstance(result, list)
        for one, other in zip(result, expected, strict=True):
            assert_array_equal(one, other)
            assert one.base is None or not np.shares_memory(one, X)
    lazy = cropper.transform(da.from_array(X, chunks=(3, 6, 14)))
    for one, other in zip(lazy, expected, strict=True):
        assert isinstance(one, da.Array)
        assert_array_equal(one.compute(), other)
    with pytest.raises(ValueError, match="per='all' for inverse_transform, got .*Use MaskApplier"):
        cropper.inverse_transform(lazy)
    assert not hasattr(cropper, "box_")
    sizes = [X[0], X[1, :9]]
    for one, image in zip(cropper.transform(sizes), sizes, strict=True):
        assert_array_equal(one, image[box_of(image > 60)])


def test_fixed_size_is_cut_around_the_center_and_padded():
    X = blobs()
    cropper = MaskCropper(ThresholdMasker(60), per="image", size=(6, 5), fill_value=-1).fit(X)
    result = cropper.transform(X)
    assert result.shape == (4, 6, 5)
    assert_array_equal(result[0], X[0, 1:7, 3:8])
    assert_array_equal(result[1], np.vstack([np.full((1, 5), -1), X[1, :5, 9:14]]))
    assert_array_equal(result[3], X[3, 3:9, 4:9])
    assert_array_equal(cropper.transform(da.from_array(X, chunks=(3, 6, 14))).compute(), result)
    assert_array_equal(np.stack(cropper.transform(list(X))), result)
    rows = MaskCropper(
        ThresholdMasker(60), per="image", size=(6, 5), fill_value=-1, image_shape=(12, 14)
    )
    assert_array_equal(rows.fit_transform(X.reshape(4, -1)), result.reshape(4, -1))
    large = MaskCropper(ThresholdMasker(60), per="image", size=40).fit(X).transform(X)
    assert_array_equal(large.sum(axis=(1, 2)), X.sum(axis=(1, 2)))


def test_margins_and_sizes_have_units():
    X = blobs()
    spacing = (0.5, 0.2)
    cropper = MaskCropper(ThresholdMasker(60), per="image", margin=0.6, spacing=spacing).fit(X)
    for one, image in zip(cropper.transform(X)[:3], X, strict=False):
        assert_array_equal(one, image[box_of(image > 60, (2, 3))])
    sized = MaskCropper(ThresholdMasker(60), per="image", size=1.0, spacing=spacing)
    assert sized.fit_transform(X).shape == (4, 2, 5)
    common = MaskCropper(ThresholdMasker(60), margin=0.6, spacing=spacing).fit(X)
    assert common.box_ == box_of((X > 60).any(axis=0), (2, 3)) or common.box_[0].stop == 12


def test_channels_stay_with_their_image():
    X = np.stack([blobs(), 2 * blobs()], axis=-1)
    masker = RangeMasker(low=[60, -np.inf], channel_axis=-1)
    cropper = MaskCropper(masker, per="image", channel_axis=-1).fit(X)
    for one, image in zip(cropper.transform(X), X, strict=True):
        assert_array_equal(one, image[box_of(image[..., 0] > 59)])
    sized = MaskCropper(masker, per="image", size=4, channel_axis=-1).fit_transform(X)
    assert sized.shape == (4, 4, 4, 2)
    assert_array_equal(sized[..., 1], 2 * sized[..., 0])


def test_own_boxes_are_refused_where_they_make_no_sense():
    X = blobs()
    with pytest.raises(ValueError, match="MaskCropper expects per='image' for a size"):
        MaskCropper(ThresholdMasker(60), size=4).fit(X)
    with pytest.raises(
        ValueError, match=r"size to be a positive number or 2 of them, got \(1, 2, 3\)"
    ):
        MaskCropper(ThresholdMasker(60), per="image", size=(1, 2, 3)).fit(X)
    rows = MaskCropper(ThresholdMasker(60), per="image", image_shape=(12, 14))
    with pytest.raises(ValueError, match="MaskCropper expects images to cut each to its own box"):
        rows.fit_transform(X.reshape(4, -1))


def test_own_boxes_are_described():
    X = blobs()
    own = MaskCropper(ThresholdMasker(60), per="image", margin=2).fit(X)
    assert (
        "Each image was cropped to the box around its mask with a margin of 2 pixels"
        in describe(own)
    )
    sized = MaskCropper(ThresholdMasker(60), per="image", size=4).fit(X)
    assert "cropped to a size of 4 pixels around the center" in describe(sized)
