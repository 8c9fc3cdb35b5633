"""What is read as images, of whatever kind, and what is refused with what to do instead."""

from collections import UserList, deque
from pathlib import Path

import cv2
import dask.array as da
import h5py
import nibabel
import numpy as np
import pandas as pd
import pydicom
import pytest
import SimpleITK
import tifffile
import xarray
import zarr
from numpy.testing import assert_array_equal
from PIL import Image, ImageSequence
from scipy.sparse import csr_array
from skimage.io import ImageCollection
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    FixedMasker,
    HistogramThresholdMasker,
    HoleFiller,
    MaskApplier,
    MaskCropper,
    RangeMasker,
    ThresholdMasker,
    morphology,
    transform_blocks,
)
from skmask._images.kinds import Kind, classify
from skmask.display import MaskDisplay
from skmask.metrics import average_surface_distance, dice_score, threshold_curve
from skmask.thresholds import count_pixels

RNG = np.random.default_rng(0)
X = RNG.integers(0, 200, (6, 9, 11)).astype(np.uint8)
SIZES = [X[i, : 9 - i % 3] for i in range(6)]
Y = X > 120
H = HistogramThresholdMasker


class Lazy:
    """A sequence of images that are made when they are asked for, such as a Dataset of PyTorch."""

    def __init__(self, images):
        self._images = images
        self.asked = []

    def __len__(self):
        return len(self._images)

    def __getitem__(self, i):
        if not 0 <= i < len(self._images):
            raise IndexError(i)
        self.asked.append(i)
        return self._images[i].copy()


def as_objects(images, shape=(-1,)):
    objects = np.empty(len(images), object)
    objects[:] = images
    return objects.reshape(shape)


def as_files(images, path):
    for i, image in enumerate(images):
        Image.fromarray(image).save(path / f"{i}.png")
    return ImageCollection(str(path / "*.png"))


SEQUENCES = {
    "list": lambda images, path: list(images),
    "tuple": lambda images, path: tuple(images),
    "deque": lambda images, path: deque(images),
    "UserList": lambda images, path: UserList(images),
    "Series": lambda images, path: pd.Series(list(images)),
    "table": lambda images, path: pd.DataFrame({"image": list(images)}),
    "objects": lambda images, path: as_objects(images),
    "column": lambda images, path: as_objects(images, (-1, 1)),
    "lazy": lambda images, path: Lazy(images),
    "collection": as_files,
    "DataArrays": lambda images, path: [xarray.DataArray(image) for image in images],
    "Pillow": lambda images, path: [Image.fromarray(image) for image in images],
}
pytestmark = pytest.mark.filterwarnings("ignore:The plugin infrastructure in:FutureWarning")
ANY_SEQUENCE = pytest.mark.parametrize("sequence", SEQUENCES)


@ANY_SEQUENCE
def test_every_sequence_of_images_is_read(sequence, tmp_path):
    images = SEQUENCES[sequence](SIZES, tmp_path)
    masks = [image > 120 for image in SIZES]
    weights = [1, 0, 2, 1, 3, 1]
    for method in ("otsu", "dice"):
        expected = H(method).fit(SIZES, masks, sample_weight=weights)
        masker = H(method).fit(images, masks, sample_weight=weights)
        assert masker.threshold_ == expected.threshold_
        result = masker.transform(images)
        assert type(result) is list
        for one, other in zip(result, expected.transform(SIZES), strict=True):
            assert_array_equal(one, other)
    applied = MaskApplier(make_pipeline(H(), HoleFiller())).fit(images).transform(images)
    others = MaskApplier(make_pipeline(H(), HoleFiller())).fit(SIZES).transform(SIZES)
    for one, other in zip(applied, others, strict=True):
        assert_array_equal(one, other)


@ANY_SEQUENCE
def test_masks_and_scores_come_as_every_sequence(sequence, tmp_path):
    masks = SEQUENCES[sequence]([mask.astype(np.uint8) * 255 for mask in Y], tmp_path)
    expected = H("dice").fit(X, Y).threshold_
    for images in (X, list(X), Lazy(X), da.from_array(X, chunks=(2, 4, 11))):
        assert H("dice").fit(images, masks).threshold_ == expected
        assert H().fit(images, roi=masks).threshold_ == H().fit(X, roi=Y).threshold_
    shifted = np.roll(Y, 1, axis=2)
    assert dice_score(masks, shifted) == dice_score(Y, shifted)
    assert dice_score(list(shifted), masks) == dice_score(Y, shifted)
    assert_array_equal(count_pixels(masks)[0], count_pixels(Y.astype(np.uint8) * 255)[0])
    assert threshold_curve(X, masks).best_threshold == threshold_curve(X, Y).best_threshold
    assert len(MaskDisplay.from_predictions(X, masks, masks).axes_) == 6


def test_lazy_sequence_is_read_image_by_image_and_once():
    images = Lazy(SIZES)
    masker = ThresholdMasker(100) | (ThresholdMasker(20) & ThresholdMasker(50))
    masker.transform(images)
    assert images.asked[-5:] == [1, 2, 3, 4, 5]  # the first is looked at to see what it is
    assert len(images.asked) <= 9
    images.asked.clear()
    H("dice").fit(images, Lazy(SIZES_MASKS))
    assert sorted(set(images.asked)) == list(range(6))
    assert len(images.asked) <= 10


SIZES_MASKS = [image > 120 for image in SIZES]


def test_lazy_sequences_are_checked_as_they_are_read():
    with pytest.raises(
        ValueError, match=r"one number of axes, got a list with shapes .* \(2, 3, 4\)"
    ):
        ThresholdMasker().transform(Lazy([X[0], np.ones((2, 3, 4))]))
    with pytest.raises(ValueError, match="y of shape .* got"):
        H("dice").fit(Lazy(SIZES), Lazy(list(Y)))
    with pytest.raises(ValueError, match="expects images of the shape seen in fit"):
        MaskCropper(ThresholdMasker(9)).fit(X).transform(Lazy(SIZES))
    with pytest.raises(ValueError, match="a footprint with 2 axes"):
        BinaryDilator(np.ones((3, 3, 3))).fit_transform(Lazy(list(Y)))
    with pytest.raises(TypeError, match="got None. Read files first"):
        ThresholdMasker().transform(Lazy([X[0], X[1]])._images + [None])


def test_images_of_a_column_transformer_are_read():
    table = pd.DataFrame({"image": list(X), "age": range(6)})
    columns = ColumnTransformer([("masks", make_pipeline(H(), AsColumn()), ["image"])])
    result = columns.fit_transform(table)
    assert_array_equal(result[:, 0], Y_OTSU.sum(axis=(1, 2)))


class AsColumn(ThresholdMasker):
    """Return the sizes of masks as a column."""

    def transform(self, X):
        return np.array([[mask.sum()] for mask in X])


Y_OTSU = H().fit(X).transform(X)


def test_arrays_of_xarray_give_arrays():
    named = xarray.DataArray(X, dims=("plate", "row", "column"))
    expected = H().fit(X).transform(X)
    result = H().fit(named).transform(named)
    assert type(result) is np.ndarray
    assert_array_equal(named.copy(data=result).values, expected)
    lazy = named.chunk({"plate": 2})
    result = H().fit(lazy).transform(lazy)
    assert isinstance(result, da.Array)
    assert_array_equal(result, expected)
    assert dice_score(named > 120, lazy > 120) == 1
    with pytest.warns(UserWarning, match="takes the rows of a 2-D X"):
        BinaryDilator().transform(named[0] > 120)


def patient():
    dataset = pydicom.Dataset()
    dataset.PatientName = "Doe^Jane"
    return dataset


def pages(path):
    tifffile.imwrite(path / "pages.tif", X)
    return tifffile.TiffFile(path / "pages.tif")


PACKAGES = {
    "SimpleITK": (lambda path: SimpleITK.GetImageFromArray(X[0]), "SimpleITK.GetArrayFromImage"),
    "nibabel": (lambda path: nibabel.Nifti1Image(X.astype(float), np.eye(4)), "get_fdata"),
    "pydicom": (lambda path: patient(), "pixel_array"),
    "cv2": (lambda path: cv2.UMat(X[0]), r"\.get\(\)"),
    "tifffile": (pages, "asarray"),
    "zarr": (lambda path: zarr.open_group(path / "group.zarr", mode="w"), r"\['name'\]"),
    "h5py": (lambda path: h5py.File(path / "file.h5", "w"), r"\['name'\]"),
    "xarray": (lambda path: xarray.Dataset({"a": ("x", [1])}), r"\['name'\]"),
}


@pytest.mark.parametrize("package", PACKAGES)
def test_objects_of_other_packages_are_refused_with_the_call(package, tmp_path):
    make, call = PACKAGES[package]
    given = make(tmp_path)
    for refuse in (
        lambda: H().fit(given),
        lambda: H().fit([given, given]),
        lambda: H("dice").fit(X, given),
        lambda: H().fit(X, roi=[given]),
        lambda: FixedMasker(given).fit(X),
        lambda: dice_score(Y, given),
        lambda: dice_score([given], Y[:1]),
        lambda: morphology.dilate(given),
        lambda: count_pixels(given),
        lambda: threshold_curve(given, Y),
        lambda: MaskDisplay.from_predictions(given, Y),
        lambda: transform_blocks(ThresholdMasker(), given, np.empty(X.shape, bool)),
    ):
        with pytest.raises((TypeError, ValueError)) as refused:
            refuse()
        message = str(refused.value)
        assert "Doe" not in message
        assert len(message) < 400
    with pytest.raises(TypeError, match=call):
        H().fit(given)
    getattr(given, "close", int)()


def test_calls_that_are_named_give_arrays():
    image = SimpleITK.GetImageFromArray(X[0])
    assert_array_equal(
        ThresholdMasker(9).transform([SimpleITK.GetArrayFromImage(image)])[0], X[0] > 9
    )
    volume = nibabel.Nifti1Image(X.astype(float), np.eye(4))
    assert_array_equal(ThresholdMasker(9).transform([volume.get_fdata()])[0], X > 9)
    assert_array_equal(ThresholdMasker(9).transform([cv2.UMat(X[0]).get()])[0], X[0] > 9)


@pytest.mark.parametrize(
    ("images", "error", "match"),
    [
        (Image.fromarray(X[0]), TypeError, r"got a single Image. Use \[X\]"),
        ((image for image in X), TypeError, r"got a generator, which can be read only once. Use list\(X\)"),
        (map(np.asarray, X), TypeError, r"got a map, which can be read only once. Use list\(X\)"),
        ("brain.nii", TypeError, "got a str. Read files first"),
        (b"brain.nii", TypeError, "got a bytes. Read files first"),
        ([Path("brain.nii")], TypeError, r"got a \w+Path. Read files first"),
        ([X[0], None], TypeError, "got None. .*leave out those that cannot be read"),
        ({"brain": X[0]}, TypeError, "got a dict. Use a list of the images in it"),
        ({1, 2}, TypeError, "got a set. Use a list of the images in it"),
        (None, TypeError, "got None"),
        ([], ValueError, "to have pixels, got an empty list. Use a list of at least one image"),
        (deque(), ValueError, "to have pixels, got an empty list"),
        (pd.Series(["a.png", "b.png"]), TypeError, "got a str. Read files first"),
        (pd.DataFrame({"path": ["a.png"], "n": [1]}), TypeError, "got a DataFrame with text. Read files"),
        (csr_array(np.eye(3)), TypeError, r"a sparse csr_array, .* Use X.toarray\(\)"),
        ([(X[0], Y[0]), (X[1], Y[1])], ValueError, "pairs of an image and its mask. .* pass masks as y"),
        ([X[0], X[0, 0]], ValueError, r"got a list of images with an array of shape \(11,\) among them"),
        ([X[0], np.stack([X[0]] * 3, -1)], ValueError, r"one number of axes.*\(9, 11\) and \(9, 11, 3\)"),
        ([Image.fromarray(X[0]), Image.fromarray(X[0]).convert("RGB")], ValueError, "one number of axes"),
    ],
    ids=lambda given: "",
)  # fmt: skip
def test_what_is_no_array_is_refused_with_the_fix(images, error, match):
    with pytest.raises(error, match=f"^ThresholdMasker expects .*{match}"):
        ThresholdMasker().transform(images)


@pytest.mark.parametrize("mode", ["P", "PA"])
def test_palettes_are_refused_everywhere(mode):
    image = Image.fromarray(np.eye(12, dtype=np.uint8) * 200).convert("P")
    image = image.convert(mode) if mode == "PA" else image
    images = np.zeros((1, 12, 12), np.uint8)
    match = r"got an image of Pillow with a palette.*convert\('L'\)"
    for refuse in (
        lambda: H().fit([image]),
        lambda: H("dice").fit(images, [image]),
        lambda: H().fit(images, roi=[image]),
        lambda: dice_score(images, [image]),
        lambda: FixedMasker(image).transform(images),
        lambda: MaskApplier(ThresholdMasker(), fill_value=image).fit(images),
        lambda: morphology.dilate(images[0], image),
        lambda: morphology.dilate(image),
        lambda: count_pixels([image]),
    ):
        with pytest.raises(ValueError, match=match):
            refuse()


@pytest.mark.parametrize("dtype", [np.uint8, float, bool])
def test_masked_arrays_are_refused_everywhere_with_a_hint_that_works(dtype):
    masked = np.ma.masked_array(X.astype(dtype), X > 150)
    mask = np.ma.masked_array(Y, X > 150)
    for name, refuse in (
        ("X", lambda: H().fit(masked)),
        ("y", lambda: H("dice").fit(X, mask)),
        ("roi", lambda: H().fit(X, roi=mask)),
        ("mask", lambda: FixedMasker(mask[0]).transform(X)),
        ("fill_value", lambda: MaskApplier(ThresholdMasker(), fill_value=masked[0]).fit(X)),
        ("y_pred", lambda: dice_score(Y, mask)),
        ("y_true", lambda: dice_score(list(mask), Y)),
        ("mask", lambda: morphology.dilate(mask)),
        ("footprint", lambda: BinaryDilator(mask[0, :3, :3]).transform(Y)),
        ("images", lambda: count_pixels(masked)),
        ("images", lambda: MaskDisplay.from_predictions(masked, Y)),
        ("X", lambda: H().fit(da.from_array(masked, chunks=(2, 9, 11)))),
    ):
        with pytest.raises(TypeError, match=f"expects plain arrays as {name}, got .*filled"):
            refuse()
    with pytest.raises(TypeError) as refused:
        ThresholdMasker(9).transform(masked)
    call = str(refused.value).partition("Use ")[2].partition(":")[0].rstrip(".")
    filled = eval(call, {"X": masked, "np": np, "float": float})
    result = ThresholdMasker(9).transform(filled)
    assert not result[masked.mask].any()
    lazy = da.from_array(masked, chunks=(2, 9, 11))
    with pytest.raises(TypeError) as refused:
        ThresholdMasker(9).transform(lazy)
    call = str(refused.value).partition("Use ")[2].partition(":")[0].rstrip(".")
    filled = eval(call, {"X": lazy, "np": np, "dask": __import__("dask"), "float": float})
    assert_array_equal(ThresholdMasker(9).transform(filled), result)


def test_pages_of_a_tiff_are_read_or_said_to_be_there(tmp_path):
    tifffile.imwrite(tmp_path / "pages.tif", X)
    with Image.open(tmp_path / "pages.tif") as image:
        for given, name in ((image, "X"), ([image], "image")):
            with pytest.raises(ValueError, match="with 6 pages, of which only one") as refused:
                ThresholdMasker(9).transform(given)
            call = str(refused.value).partition("Use ")[2].rstrip(".").replace("PIL.", "")
            pages = eval(call, {"ImageSequence": ImageSequence, name: image})
            assert_array_equal(np.stack(ThresholdMasker(9).transform(pages)), X > 9)
        iterator = ImageSequence.Iterator(image)
        with pytest.raises(
            TypeError, match="got an Iterator, which can be read only once"
        ) as refused:
            ThresholdMasker(9).transform(iterator)
        call = str(refused.value).partition("Use ")[2].rstrip(".")
        pages = eval(call, {"X": ImageSequence.Iterator(image)})
        assert_array_equal(np.stack(ThresholdMasker(9).transform(pages)), X > 9)


def test_images_of_pillow_may_stand_beside_images():
    mask = Image.fromarray(Y[0])
    assert_array_equal(FixedMasker(mask).transform(X), np.broadcast_to(Y[0], X.shape))
    fill = Image.fromarray(X[1])
    result = MaskApplier(FixedMasker(mask), fill_value=fill).fit_transform(X)
    assert_array_equal(result, np.where(Y[0], X, X[1]))


def test_bands_of_pillow_bring_the_warning_of_colors():
    two = Image.fromarray(X[0]).convert("LA")
    with pytest.warns(UserWarning, match="If the last axis holds colors, make them gray first"):
        ThresholdMasker().transform([two])
    RangeMasker(3, 200, channel_axis=-1).transform([two])


@pytest.mark.parametrize(
    ("masks", "match"),
    [
        (Y[:-1], "Pass one mask for every image; there are 6 images"),
        (Y.transpose(0, 2, 1), "axes are in another order: use np.transpose"),
        (Y[..., np.newaxis], "Take one channel of y"),
        (Y[:, 1:], "Crop or resize both alike"),
        (Y.reshape(6, 3, 33), r"Use y.reshape\(\(6, 9, 11\)\) if"),
    ],
)
def test_wrong_shape_of_masks_says_in_which_way(masks, match):
    with pytest.raises(ValueError, match=f"expects y of shape .*nothing is broadcast. .*{match}"):
        H("dice").fit(X, masks)


def test_void_labels_bring_the_hint_of_a_region():
    labels = np.where(X > 190, 255, Y)
    with pytest.raises(ValueError, match=r"use y == 1 and roi=y != 255"):
        H("dice").fit(X, labels)
    masker = H("dice").fit(X, labels == 1, roi=labels != 255)
    assert masker.best_score_ == 1


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (X, Kind.ARRAY),
        (X.tolist(), Kind.ARRAY),
        (pd.DataFrame(X[0]), Kind.ARRAY),
        ([[1, 2], [3, 4]], Kind.ARRAY),
        ([np.ones(3), np.ones(3)], Kind.ARRAY),
        (list(X), Kind.IMAGES),
        (Lazy(X), Kind.IMAGES),
        (da.from_array(X), Kind.DASK),
        (zarr.array(X), Kind.BLOCKS),
    ],
    ids=lambda given: type(given).__name__,
)
def test_kinds_are_told_apart(given, kind):
    assert classify(given, caller="f").kind is kind


def test_surfaces_of_lazy_masks_are_measured():
    shifted = np.roll(Y, 1, axis=2)
    expected = average_surface_distance(Y, shifted)
    assert average_surface_distance(Lazy(Y), Lazy(shifted)) == expected
    with pytest.raises(ValueError, match=r"y_pred\[0\] of shape \(9, 11\), .* got \(8, 11\)"):
        dice_score(Lazy(Y), Lazy([mask[1:] for mask in Y]))
