"""Images in files: every format, bit depth, byte order, orientation and kind of color, and broken files."""

import os
import pickle
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pytest
import SimpleITK
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image, ImageOps
from sklearn.model_selection import KFold, train_test_split

from skmask.io import ImageFiles

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (7, 9)).astype(np.uint8)
COLORS = RNG.integers(0, 256, (7, 9, 3)).astype(np.uint8)
DEEP = RNG.integers(0, 65536, (7, 9)).astype(np.uint16)
DEEP_COLORS = RNG.integers(0, 65536, (7, 9, 3)).astype(np.uint16)


def read(path, **choices):
    files = ImageFiles(path, **choices)
    image, info = files[0], files.info(0)
    assert image.shape == info.shape
    assert image.dtype == info.dtype
    assert image.dtype.isnative
    assert image.flags.c_contiguous
    return image


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".npy"])
@pytest.mark.parametrize("image", [GRAY, GRAY > 99, DEEP], ids=["8 bits", "1 bit", "16 bits"])
def test_gray_files_are_read_as_they_are(tmp_path, suffix, image):
    path = tmp_path / f"image{suffix}"
    if suffix == ".npy":
        np.save(path, image)
    elif suffix == ".bmp" and image.dtype == np.uint16:
        return  # a format of 8 bits
    else:
        Image.fromarray(image).save(path)
    result = read(path)
    assert result.dtype == image.dtype
    assert_array_equal(result, image)


def test_jpeg_is_read_as_opencv_reads_it(tmp_path):
    smooth = cv2.GaussianBlur(GRAY, (0, 0), 2)
    Image.fromarray(smooth).save(tmp_path / "image.JPG")
    expected = cv2.imread(str(tmp_path / "image.JPG"), cv2.IMREAD_UNCHANGED)
    assert np.abs(read(tmp_path / "image.JPG").astype(int) - expected).max() <= 1


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8", "f2"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"compression": "zlib"}], ids=str)
def test_tiff_of_every_depth_and_byte_order(tmp_path, dtype, order, options):
    image = RNG.integers(0, 100, (5, 6)).astype(dtype)
    tifffile.imwrite(tmp_path / "image.tif", image, byteorder=order, **options)
    result = read(tmp_path / "image.tif")
    assert result.dtype == image.dtype
    assert_array_equal(result, image)


@pytest.mark.parametrize("order", ["<", ">"])
def test_npy_and_nifti_of_either_byte_order_come_in_native_order(tmp_path, order):
    image = DEEP.astype(f"{order}u2")
    np.save(tmp_path / "image.npy", image)
    header = nibabel.Nifti1Header(endianness=order)
    nibabel.Nifti1Image(image[..., np.newaxis], np.eye(4), header).to_filename(tmp_path / "a.nii")
    assert_array_equal(read(tmp_path / "image.npy"), image)
    assert_array_equal(read(tmp_path / "a.nii")[..., 0], image)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("image", [DEEP, np.asfortranarray(DEEP), DEEP_COLORS[:0], DEEP > 9])
def test_npy_of_every_version_and_order(tmp_path, version, image):
    with (tmp_path / "image.npy").open("wb") as file:
        np.lib.format.write_array(file, image, version=version)
    result = read(tmp_path / "image.npy", channel="all")
    assert result.dtype == image.dtype
    assert_array_equal(result, image)


@pytest.mark.parametrize("shape", [(), (5,)])
def test_npy_without_two_axes_is_no_image(tmp_path, shape):
    np.save(tmp_path / "image.npy", np.ones(shape))
    with pytest.raises(
        ValueError, match=r"^ImageFiles expects images of two or more .* in .*image.npy"
    ):
        ImageFiles(tmp_path)[0]


def test_npy_of_objects_is_not_loaded(tmp_path):
    np.save(tmp_path / "image.npy", np.array([[{}]]))
    with pytest.raises(
        ValueError, match="image.npy: it holds Python objects, which are not loaded"
    ):
        ImageFiles(tmp_path)[0]


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_colors_need_a_choice(tmp_path, suffix):
    path = tmp_path / f"image{suffix}"
    Image.fromarray(COLORS).save(path)
    match = r"^ImageFiles expects gray images, got 3 channels in .*image.*as_gray=True, channel=0"
    with pytest.raises(ValueError, match=match):
        ImageFiles(path)[0]
    with pytest.raises(ValueError, match=match):
        ImageFiles(path).info(0)
    assert_array_equal(read(path, channel="all"), COLORS)
    assert_array_equal(read(path, channel=2), COLORS[..., 2])
    assert_array_equal(read(path, channel=-1), COLORS[..., 2])
    assert_array_equal(read(path, as_gray=True), np.asarray(Image.fromarray(COLORS).convert("L")))
    with pytest.raises(ValueError, match=r"channel to be one of 3 channels.*got channel=3 for"):
        ImageFiles(path, channel=3)[0]


def test_16_bit_colors_of_png_keep_all_bits(tmp_path):
    path = str(tmp_path / "image.png")
    cv2.imwrite(path, DEEP_COLORS[..., ::-1])
    assert_array_equal(read(path, channel="all"), DEEP_COLORS)
    gray = read(path, as_gray=True)
    expected = DEEP_COLORS @ [0.299, 0.587, 0.114]
    assert gray.dtype == np.uint16
    assert np.abs(gray - expected).max() < 1.5
    with_alpha = np.dstack([DEEP_COLORS, np.full_like(DEEP, 65535)])
    cv2.imwrite(path, with_alpha[..., [2, 1, 0, 3]])
    assert_array_equal(read(path, channel="all"), with_alpha)
    assert_array_equal(read(path, as_gray=True), gray)


def test_gray_of_floats_has_the_weights_of_integers(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", COLORS.astype(np.float32), photometric="rgb")
    gray = read(tmp_path / "a.tif", as_gray=True)
    assert gray.dtype == np.float32
    np.testing.assert_allclose(gray, COLORS @ [0.299, 0.587, 0.114], rtol=1e-4)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_transparent_pixels_need_a_choice(tmp_path, suffix):
    path = tmp_path / f"image{suffix}"
    opaque = np.dstack([COLORS, np.full_like(GRAY, 255)])
    Image.fromarray(opaque).save(path)
    gray = np.asarray(Image.fromarray(COLORS).convert("L"))
    assert_array_equal(read(path, as_gray=True), gray)
    opaque[0, 0, 3] = 7
    Image.fromarray(opaque).save(path)
    match = r"^ImageFiles expects opaque images, got transparent pixels in .*alpha='ignore'"
    with pytest.raises(ValueError, match=match):
        ImageFiles(path, as_gray=True)[0]
    assert_array_equal(read(path, as_gray=True, alpha="ignore"), gray)
    assert_array_equal(read(path, channel="all"), opaque)
    assert_array_equal(read(path, channel=3), opaque[..., 3])


def test_gray_with_alpha(tmp_path):
    path = tmp_path / "image.png"
    Image.fromarray(np.dstack([GRAY, np.full_like(GRAY, 255)]), "LA").save(path)
    assert_array_equal(read(path), GRAY)
    Image.fromarray(GRAY).save(path, transparency=3)
    with pytest.raises(ValueError, match="transparent pixels"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, alpha="ignore"), GRAY)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif"])
def test_palettes_need_a_choice(tmp_path, suffix):
    path = tmp_path / f"image{suffix}"
    indices = RNG.integers(0, 4, (5, 6)).astype(np.uint8)
    image = Image.fromarray(indices, "P")
    colors = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [10, 20, 30]], np.uint8)
    image.putpalette(colors.ravel().tolist())
    image.save(path)
    match = r"^ImageFiles expects gray images, got a palette in .*channel='index'"
    with pytest.raises(ValueError, match=match):
        ImageFiles(path)[0]
    assert_array_equal(read(path, channel="index"), indices)
    assert_array_equal(read(path, channel="all"), colors[indices])
    assert_array_equal(read(path, channel=1), colors[indices][..., 1])


def test_palette_with_transparent_colors(tmp_path):
    path = tmp_path / "image.png"
    image = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), "P")
    image.putpalette([0, 0, 0, 90, 90, 90, 200, 200, 200])
    image.save(path, transparency=bytes([255, 255, 0]))
    with pytest.raises(ValueError, match="transparent pixels"):
        ImageFiles(path, as_gray=True)[0]
    assert_array_equal(read(path, as_gray=True, alpha="ignore"), [[0, 90], [200, 90]])
    assert_array_equal(read(path, channel="all"), np.asarray(Image.open(path).convert("RGBA")))
    image.save(path, transparency=0)
    assert_array_equal(read(path, channel=3), [[0, 255], [255, 255]])


def test_cmyk_needs_a_channel(tmp_path):
    Image.fromarray(COLORS).convert("CMYK").save(tmp_path / "image.jpg")
    with pytest.raises(ValueError, match=r"got 4 channels in .*Use channel=0 for the first"):
        ImageFiles(tmp_path, as_gray=True)[0]
    assert read(tmp_path / "image.jpg", channel="all").shape == (7, 9, 4)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_orientation_needs_a_choice(tmp_path, orientation, suffix):
    path = tmp_path / f"image{suffix}"
    if suffix == ".tif":
        tifffile.imwrite(path, COLORS, extratags=[(274, "H", 1, orientation, True)])
    else:
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(COLORS).save(path, exif=exif)
    stored = read(path, channel="all", orientation="ignore")
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(stored)
    image.getexif()[0x0112] = orientation
    assert_array_equal(
        read(path, channel="all", orientation="apply"), ImageOps.exif_transpose(image)
    )
    assert_array_equal(
        read(path, channel=1, orientation="apply"),
        np.asarray(ImageOps.exif_transpose(image))[..., 1],
    )
    if orientation == 1:
        assert_array_equal(read(path, channel="all"), stored)
    else:
        with pytest.raises(
            ValueError, match=rf"got orientation {orientation} of EXIF in .*'apply'"
        ):
            ImageFiles(path, channel="all")[0]


def test_pages_of_tiff_need_a_choice(tmp_path):
    path = tmp_path / "stack.tif"
    volume = RNG.integers(0, 99, (4, 5, 6)).astype(np.uint16)
    tifffile.imwrite(path, volume, photometric="minisblack")
    with pytest.raises(ValueError, match=r"files of one image, got 4 pages in .*page='all'"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, page="all"), volume)
    assert_array_equal(read(path, page=2), volume[2])
    assert_array_equal(read(path, page=-1), volume[3])
    with pytest.raises(ValueError, match=r"got .*stack.tif: IndexError"):
        ImageFiles(path, page=4)[0]
    turned = tmp_path / "turned.tif"
    tifffile.imwrite(turned, volume, photometric="minisblack", extratags=[(274, "H", 1, 6, True)])
    assert_array_equal(
        read(turned, page="all", orientation="apply"), np.rot90(volume, -1, axes=(1, 2))
    )


def test_channels_of_microscopes_need_a_choice(tmp_path):
    path = tmp_path / "cells.ome.tif"
    channels = RNG.integers(0, 99, (3, 5, 6)).astype(np.uint16)
    tifffile.imwrite(path, channels, metadata={"axes": "CYX"}, photometric="minisblack")
    with pytest.raises(ValueError, match=r"got 3 channels in .*Use channel=0"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, channel=1), channels[1])
    assert_array_equal(read(path, channel="all"), np.moveaxis(channels, 0, -1))
    planar = tmp_path / "planar.tif"
    tifffile.imwrite(planar, np.moveaxis(COLORS, -1, 0), photometric="rgb", planarconfig="separate")
    assert_array_equal(read(planar, channel="all"), COLORS)


def test_tiff_of_several_images_needs_a_page(tmp_path):
    path = tmp_path / "two.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(GRAY)
        file.write(DEEP[:3, :4])
    with pytest.raises(ValueError, match=r"it holds 2 images of shapes .*Use page=0"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, page=1), DEEP[:3, :4])


def test_white_is_zero_needs_a_choice(tmp_path):
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, GRAY, photometric="miniswhite")
    with pytest.raises(ValueError, match=r"got one in which 0 is white in .*'invert'"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, white_is_zero="keep"), GRAY)
    assert_array_equal(read(path, white_is_zero="invert"), 255 - GRAY)


def test_compressed_tiff_names_the_package_that_reads_it(tmp_path):
    Image.fromarray(GRAY).save(tmp_path / "image.tif", compression="tiff_lzw")
    try:
        import imagecodecs  # noqa: F401
    except ImportError:
        with pytest.raises(ValueError, match=r"image.tif: .*pip install imagecodecs"):
            ImageFiles(tmp_path)[0]
    else:
        assert_array_equal(read(tmp_path / "image.tif"), GRAY)


def test_nifti_keeps_spacing_and_affine(tmp_path):
    volume = RNG.normal(size=(4, 5, 6)).astype(np.float32)
    affine = np.diag([0.5, 2, 3, 1])
    affine[:3, 3] = [9, 8, 7]
    for name in ("a.nii", "b.nii.gz"):
        nibabel.Nifti1Image(volume, affine).to_filename(tmp_path / name)
        files = ImageFiles(tmp_path / name)
        assert files.names == [name[0]]
        assert_array_equal(read(tmp_path / name), volume)
        assert files.info(0).spacing == (0.5, 2, 3)
        assert_array_equal(files.info(0).affine, affine)
        expected = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / name)))
        assert_array_equal(files[0], expected.T)


def test_nifti_applies_its_slope_and_needs_a_choice_of_volume(tmp_path):
    path = tmp_path / "series.nii"
    stored = RNG.integers(0, 50, (3, 4, 5, 2)).astype(np.int16)
    image = nibabel.Nifti1Image(stored, np.eye(4))
    image.header.set_slope_inter(0.5, -3)
    image.to_filename(path)
    values = nibabel.load(path).get_fdata()
    with pytest.raises(ValueError, match="got 2 pages"):
        ImageFiles(path)[0]
    assert_array_equal(read(path, page=1), values[..., 1])
    assert_array_equal(read(path, page="all"), values)
    nibabel.Nifti1Image(stored[..., :1], np.eye(4)).to_filename(path)
    assert_array_equal(read(path), stored[..., 0])
    colors = np.zeros((3, 4, 5), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    nibabel.Nifti1Image(colors, np.eye(4)).to_filename(path)
    with pytest.raises(ValueError, match="are not supported. Save real numbers"):
        ImageFiles(path)[0]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".dcm", ".nii", ".nii.gz", ".npy"])
@pytest.mark.parametrize("content", [b"", b"some text\n" * 50], ids=["empty", "text"])
def test_files_that_are_no_images_are_named(tmp_path, suffix, content):
    (tmp_path / f"broken scan{suffix}").write_bytes(content)
    with pytest.raises(
        ValueError, match=rf"^ImageFiles expects a file that .*broken scan{suffix}: "
    ):
        ImageFiles(tmp_path)[0]


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif", "a.nii", "a.nii.gz", "a.npy"])
def test_truncated_files_are_named(tmp_path, name):
    image, path = RNG.integers(0, 256, (99, 99)).astype(np.uint8), tmp_path / name
    if name == "a.npy":
        np.save(path, image)
    elif ".nii" in name:
        nibabel.Nifti1Image(image, np.eye(4)).to_filename(path)
    else:
        Image.fromarray(image).save(path)
    content = path.read_bytes()
    for part in (0.1, 0.5, 0.95):
        path.write_bytes(content[: int(len(content) * part)])
        with pytest.raises(ValueError, match=rf"^ImageFiles expects a file that can be .*{name}: "):
            ImageFiles(path)[0]


def test_folders_lists_and_patterns(tmp_path):
    for name in ("b 1.png", "ä.png", "c.PNG", ".hidden.png", "notes.txt", "sub/d.png", "sub/e.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(GRAY).save(tmp_path / name, format="PNG" if "e.tif" not in name else "TIFF")
    with pytest.raises(
        ValueError, match=r"It has subfolders: use '.*/\*/\*' for the files in them"
    ):
        ImageFiles(tmp_path.parent)
    (tmp_path / "folder.png").mkdir()
    assert ImageFiles(tmp_path).names == ["b 1", "c", "ä"]
    assert ImageFiles(f"{tmp_path}/").names == ["b 1", "c", "ä"]
    assert ImageFiles(f"{tmp_path}/sub/*").names == ["d", "e"]
    assert ImageFiles(f"{tmp_path}/**/*.tif").names == ["sub/e"]
    assert ImageFiles([tmp_path / "ä.png", f"{tmp_path}/sub/d.png"]).names == ["ä", "sub/d"]
    assert ImageFiles(tmp_path / "b 1.png").names == ["b 1"]
    assert repr(ImageFiles(tmp_path)) == f"ImageFiles(3 files in {tmp_path})"
    assert_array_equal(ImageFiles(f"{tmp_path}/ä.png")[0], GRAY)


def test_names_lead_out_of_no_folder(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("a.npy", "../b.npy"):
        np.save(name, GRAY)
    assert ImageFiles(["a.npy", "../b.npy"]).names == ["work/a", "b"]


@pytest.mark.parametrize(
    ("paths", "error", "match"),
    [
        ("nowhere", FileNotFoundError, r"got 'nowhere', which does not exist"),
        ("*.png", ValueError, r"at least one image file, got none in '\*.png'"),
        ([], ValueError, "at least one image file"),
        (["a.png", "b.png"], FileNotFoundError, r"got 2 that do not: a.png, b.png"),
        ([GRAY], TypeError, r"expects paths of files, got ndarray"),
    ],
    ids=str,
)
def test_paths_that_lead_nowhere(tmp_path, monkeypatch, paths, error, match):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=rf"^ImageFiles .*{match}"):
        ImageFiles(paths)


@pytest.mark.parametrize(
    ("choices", "match"),
    [
        ({"as_gray": "yes"}, r"as_gray to be one of False, True, got 'yes'"),
        ({"channel": "red"}, r"channel to be one of None, 'all', 'index' or an integer, got 'red'"),
        ({"page": 1.0}, "page to be one of None, 'all' or an integer, got 1.0"),
        ({"orientation": True}, "orientation to be one of None, 'apply', 'ignore', got True"),
        ({"alpha": "drop"}, "alpha to be one of None, 'ignore', got 'drop'"),
        ({"white_is_zero": True}, "white_is_zero to be one of"),
        ({"as_gray": True, "channel": 1}, "either as_gray or channel"),
    ],
    ids=str,
)
def test_choices_that_do_not_exist(tmp_path, choices, match):
    np.save(tmp_path / "a.npy", GRAY)
    with pytest.raises(ValueError, match=f"^ImageFiles expects {match}"):
        ImageFiles(tmp_path, **choices)


def test_unknown_suffixes_are_named_in_lists(tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"a")
    with pytest.raises(ValueError, match=r"a.xyz: its suffix is none of .png, "):
        ImageFiles([tmp_path / "a.xyz"])[0]


def test_parts_are_lazy_and_of_the_same_kind(tmp_path):
    for i in range(6):
        np.save(tmp_path / f"{i}.npy", np.full((2, 3), i))
    files = ImageFiles(tmp_path)
    for i in range(6):
        (tmp_path / f"{i}.npy").rename(tmp_path / f"{i}.gone")  # nothing below reads
    for key, names in [
        (slice(1, 3), "12"),
        ([4, 0], "40"),
        (np.array([1, 1]), "11"),
        (np.arange(6) > 4, "5"),
        ([True] + [False] * 5, "0"),
        ([-1], "5"),
        (([2], ...), "2"),
    ]:
        part = files[key]
        assert type(part) is ImageFiles
        assert part.names == list(names)
    train, test = train_test_split(files, random_state=0)
    assert type(train) is type(test) is ImageFiles
    assert sorted(train.names + test.names) == files.names
    assert [len(test) for _, test in KFold(3).split(files)] == [2, 2, 2]
    assert pickle.loads(pickle.dumps(part)).paths == part.paths
    with pytest.raises(IndexError):
        files[6]
    (tmp_path / "5.gone").rename(tmp_path / "5.npy")
    assert files[-1].max() == files[np.int64(5)].max() == 5
    with pytest.raises(FileNotFoundError, match=r"2\.npy"):
        files[2]


def test_files_are_closed_at_once(tmp_path):
    Image.fromarray(GRAY).save(tmp_path / "a.png")
    Image.fromarray(GRAY).save(tmp_path / "b.tif")
    np.save(tmp_path / "c.npy", GRAY)
    nibabel.Nifti1Image(GRAY, np.eye(4)).to_filename(tmp_path / "d.nii")
    code = f"""
import resource
from skmask.io import ImageFiles
files = ImageFiles({str(tmp_path)!r})
kept = [files[0] for _ in range(1)], [files.info(i) for i in range(4)], list(files)
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
kept = [files[i % 4] for i in range(200)], [files.info(i % 4) for i in range(200)]
"""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env=os.environ)


def test_missing_packages_are_named(tmp_path, monkeypatch):
    for name, suffix in [("PIL.Image", "png"), ("tifffile", "tif"), ("pydicom", "dcm")]:
        (tmp_path / f"a.{suffix}").touch()
        monkeypatch.setitem(sys.modules, name, None)
        package = {"PIL.Image": "Pillow"}.get(name, name)
        match = rf'ImageFiles expects the package {package} for .*a.{suffix}.*"skmask\[files\]"'
        with pytest.raises(ImportError, match=match):
            ImageFiles(tmp_path / f"a.{suffix}")[0]


def write_png(path, samples, bits, color_type, *, interlaced=False):
    """Write a PNG file by hand: samples of shape (height, width, channels), of any bit depth."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    def rows(part):
        if part.size == 0:
            return b""
        if bits == 16:
            lines = part.astype(">u2").reshape(len(part), -1).view(np.uint8)
        else:
            planes = np.unpackbits(part.astype(np.uint8)[..., np.newaxis], axis=-1)[..., 8 - bits :]
            lines = np.packbits(planes.reshape(len(part), -1), axis=1)
        return b"".join(b"\0" + line.tobytes() for line in lines)

    starts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    starts = [*starts, (1, 0, 2, 1)] if interlaced else [(0, 0, 1, 1)]
    data = b"".join(rows(samples[top::down, left::right]) for top, left, down, right in starts)
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, interlaced)
    palette = b""
    if color_type == 3:
        palette = chunk(b"PLTE", bytes(range(3 << bits)) if bits < 8 else bytes(range(256)) * 3)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + palette
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("color_type", "bits"),
    [(0, bits) for bits in (1, 2, 4, 8, 16)]
    + [(3, bits) for bits in (1, 2, 4, 8)]
    + [(color, bits) for color in (2, 4, 6) for bits in (8, 16)],
)
def test_every_kind_of_png(tmp_path, color_type, bits, interlaced):
    n_channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    samples = RNG.integers(0, 1 << bits, (11, 13, n_channels))
    path = tmp_path / "a.png"
    write_png(path, samples, bits, color_type, interlaced=interlaced)
    if color_type == 0:
        scale = 255 // ((1 << bits) - 1) if 1 < bits < 8 else 1  # as Pillow scales 2 and 4 bits
        assert_array_equal(read(path), samples[..., 0] * scale)
        assert ImageFiles(path)[0].dtype == {1: bool, 16: np.uint16}.get(bits, np.uint8)
    elif color_type == 3:
        assert_array_equal(read(path, channel="index"), samples[..., 0])
        colors = np.array(list(bytes(range(256)) * 3)).reshape(-1, 3)
        assert_array_equal(read(path, channel="all"), colors[samples[..., 0]])
    elif (color_type, bits) == (4, 16):
        with pytest.raises(ValueError, match="a.png: pixels of Pillow's mode 'LA;16B' are not"):
            ImageFiles(path)[0]
    else:
        assert_array_equal(read(path, channel="all"), samples)
        assert read(path, channel="all").dtype == (np.uint8 if bits == 8 else np.uint16)
