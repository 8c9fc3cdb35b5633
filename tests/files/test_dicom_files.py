"""DICOM: rescale, geometry, frames, palettes and series, against pydicom's own files and SimpleITK."""

import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from skmask.io import ImageFiles

RNG = np.random.default_rng(0)


def write_slice(path, pixels, *, position=0.0, series="1.2.3", **changes):
    data = FileDataset(path, {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.PatientName = "Secret^Name"
    data.SeriesInstanceUID = series
    data.Rows, data.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        data.NumberOfFrames = len(pixels)
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8 * pixels.itemsize
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    data.PixelSpacing = [0.5, 0.25]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.ImagePositionPatient = [10, 20, position]
    data.PixelData = pixels.tobytes()
    for name, value in changes.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)


def test_values_are_those_of_the_scanner(tmp_path):
    path = get_testdata_file("CT_small.dcm")
    files = ImageFiles(path)
    expected = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))[0]
    assert_array_equal(files[0], expected)
    assert files[0].dtype == files.info(0).dtype == np.int32
    assert files.info(0).spacing == (0.661468, 0.661468)
    stored = RNG.integers(0, 99, (4, 5)).astype(np.uint16)
    write_slice(tmp_path / "a.dcm", stored, RescaleSlope="0.5", RescaleIntercept="-3")
    write_slice(tmp_path / "b.dcm", stored)
    files = ImageFiles(tmp_path)
    assert_allclose(files[0], stored / 2 - 3)
    assert files.info(0).dtype == files[0].dtype == float
    assert_array_equal(files[1], stored)
    assert files[1].dtype == files.info(1).dtype == np.uint16


@pytest.mark.parametrize("name", ["MR_small.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm"])
def test_files_of_pydicom_are_as_simpleitk_reads_them(name):
    path = get_testdata_file(name)
    try:
        image = ImageFiles(path)[0]
    except ValueError as error:
        assert "Unable to decompress" in str(error)  # noqa: PT017  # JPEG 2000 needs a package
    else:
        expected = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))[0]
        assert_array_equal(image, expected)
        assert image.dtype.isnative


def test_frames_need_a_choice(tmp_path):
    frames = RNG.integers(0, 99, (3, 4, 5)).astype(np.uint8)
    write_slice(tmp_path / "a.dcm", frames, SpacingBetweenSlices=2)
    with pytest.raises(ValueError, match="got 3 pages in .*a.dcm"):
        ImageFiles(tmp_path)[0]
    assert_array_equal(ImageFiles(tmp_path, page=1)[0], frames[1])
    files = ImageFiles(tmp_path, page="all")
    assert_array_equal(files[0], frames)
    assert files.info(0) == ((3, 4, 5), np.uint8, (2, 0.5, 0.25), None)
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing, measures.SpacingBetweenSlices = [3, 4], 5
    group.PixelMeasuresSequence = [measures]
    write_slice(tmp_path / "a.dcm", frames, SharedFunctionalGroupsSequence=[group])
    data = pydicom.dcmread(tmp_path / "a.dcm")
    del data.PixelSpacing
    data.save_as(tmp_path / "a.dcm")
    assert files.info(0).spacing == (5, 3, 4)


def test_a_rescale_of_each_frame_is_refused(tmp_path):
    rescale, group = Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 2, 0, "US"
    group.PixelValueTransformationSequence = [rescale]
    frames = np.zeros((2, 4, 5), np.uint8)
    write_slice(tmp_path / "a.dcm", frames, PerFrameFunctionalGroupsSequence=[group])
    with pytest.raises(ValueError, match="a.dcm: its frames have a rescale of their own"):
        ImageFiles(tmp_path, page=0)[0]


def test_colors_and_palettes_need_a_choice():
    path = get_testdata_file("SC_rgb.dcm")
    with pytest.raises(ValueError, match="got 3 channels"):
        ImageFiles(path)[0]
    assert_array_equal(ImageFiles(path, channel="all")[0], pydicom.dcmread(path).pixel_array)
    path = get_testdata_file("OBXXXX1A.dcm")  # 8-bit palette
    if path is not None:
        data = pydicom.dcmread(path)
        assert_array_equal(ImageFiles(path, channel="index")[0], data.pixel_array)
        assert ImageFiles(path, channel="all")[0].shape == (*data.pixel_array.shape, 3)


@pytest.mark.parametrize("sign", ["u", "i"])
def test_white_is_zero_is_inverted_in_the_values_of_the_scanner(tmp_path, sign):
    stored = RNG.integers(0, 99, (4, 5)).astype(f"{sign}2")
    rescale = {"RescaleSlope": 2, "RescaleIntercept": -10}
    write_slice(tmp_path / "a.dcm", stored, PhotometricInterpretation="MONOCHROME1", **rescale)
    with pytest.raises(ValueError, match="0 is white"):
        ImageFiles(tmp_path)[0]
    assert_array_equal(ImageFiles(tmp_path, white_is_zero="keep")[0], stored.astype(int) * 2 - 10)
    inverted = ImageFiles(tmp_path, white_is_zero="invert")[0]
    assert_array_equal(inverted, (~stored).astype(int) * 2 - 10)


def test_a_folder_in_a_list_is_the_volume_of_a_series(tmp_path):
    volume = RNG.integers(0, 999, (4, 6, 5)).astype(np.int16)
    folder = tmp_path / "patient 1"
    folder.mkdir()
    for name, i in zip("dbca", range(4), strict=True):
        write_slice(folder / name, volume[i], position=3 * i, RescaleSlope=1, RescaleIntercept=-7)
    (folder / ".DS_Store").touch()
    assert ImageFiles(folder).names == list("abcd")  # without a suffix, each by itself
    for paths in ([folder], f"{tmp_path}/*"):
        files = ImageFiles(paths)
        assert files.names == ["patient 1"]
        assert_array_equal(files[0], volume - 7)
        info = files.info(0)
        assert (info.shape, info.dtype, info.spacing) == ((4, 6, 5), np.int32, (3, 0.5, 0.25))
        assert_array_equal(files.mask_shape(0), (4, 6, 5))
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    assert_array_equal(SimpleITK.GetArrayFromImage(image), files[0])
    left = image.TransformIndexToPhysicalPoint((4, 2, 1))  # x, y, z, to the left and back
    assert_allclose(info.affine @ [1, 2, 4, 1], [-left[0], -left[1], left[2], 1])


def test_series_that_are_none_say_why(tmp_path):
    pixels = np.zeros((4, 5), np.uint8)

    def problem(*changes):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for i, change in enumerate(changes):
            write_slice(folder / f"{i}.dcm", pixels, **{"position": i} | change)
        with pytest.raises(
            ValueError, match="^ImageFiles expects a file that can be read"
        ) as caught:
            ImageFiles([folder])[0]
        return str(caught.value).partition(": ")[2]

    assert problem({}, {"series": "9"}).startswith(
        "its files differ in SeriesInstanceUID. Put each"
    )
    assert problem({}, {"Rows": 2}).startswith("its files differ in Rows")
    assert problem({}, {}, {"position": 4}) == (
        "its slices are not evenly spaced: one is missing or there twice."
    )
    assert problem({}, {"position": 0}).startswith("its slices are not evenly")
    assert problem({}, {"ImagePositionPatient": None}).startswith("its files lack one of")
    turned = {"ImageOrientationPatient": [0, 1, 0, 0, 0, 1]}
    assert problem({}, turned).startswith("its files differ in ImageOrientationPatient")
    assert problem().startswith("the folder holds no files")


def test_files_without_images_and_patients_stay_private(tmp_path):
    write_slice(tmp_path / "a.dcm", np.zeros((4, 5), np.uint8))
    data = pydicom.dcmread(tmp_path / "a.dcm")
    del data.Rows, data.PixelData
    data.save_as(tmp_path / "a.dcm")
    with pytest.raises(ValueError, match="a.dcm: it holds no image") as caught:
        ImageFiles(tmp_path)[0]
    assert "Secret" not in str(caught.value)
