"""Writing of images and masks in the formats of files, so that a file is complete or absent."""

import gzip
import os
import zlib
from contextlib import contextmanager

import numpy as np

from skmask._packages import import_package

ENCODED_SUFFIXES = [".png", ".tif", ".tiff", ".nii", ".nii.gz", ".npy"]


@contextmanager
def whole_file(path):
    """Open a file that appears under its name when all of it is written, and not before.

    It is written under a temporary name, ``.NAME.PID.part``, and then renamed, which replaces an older
    file in one step. When something fails, the temporary file is removed and an older file stays as it
    is.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def remove_parts(paths):
    """Remove the temporary files that killed runs have left beside these files."""
    names = {}
    for path in paths:
        names.setdefault(path.parent, set()).add(path.name)
    for folder, known in names.items():
        for entry in os.scandir(folder) if folder.exists() else ():
            name, _, ending = entry.name.removeprefix(".").removesuffix(".part").rpartition(".")
            if entry.name.endswith(".part") and ending.isdigit() and name in known:
                os.unlink(entry)


def write_image(image, path, suffix, *, affine=None, caller):
    """Write an image or a mask to a file, in the format of its suffix.

    Booleans become 0 and 255 in PNG and TIFF, 0 and 1 in NIfTI.

    Parameters
    ----------
    image : ndarray
    path : pathlib.Path
    suffix : str
        One of `ENCODED_SUFFIXES`.
    affine : ndarray of shape (4, 4), default=None
        Affine for NIfTI; None is the identity.
    caller : str
        Name of the public function, for errors.
    """
    image = np.asarray(image)
    encode = _FORMATS[suffix]
    with whole_file(path) as file:
        encode(image, file, path=path, affine=affine, caller=caller)


def _write_png(image, file, *, path, caller, **_):
    pillow = import_package("PIL.Image", caller=caller, extra="files", purpose=f"the file {path}")
    is_color = image.ndim == 3 and image.shape[2] in (3, 4) and image.dtype == np.uint8
    if not (is_color or (image.ndim == 2 and image.dtype in (bool, np.uint8, np.uint16))):
        msg = (
            f"{caller} expects images of two axes and 8 or 16 bits for PNG files, got shape "
            f"{image.shape} and dtype {image.dtype} for {path}. Use suffix='.tif', or suffix='.npy'."
        )
        raise ValueError(msg)
    # Masks are runs of equal pixels. To look for other repetitions takes twice as long, for larger files.
    options = {"compress_type": zlib.Z_RLE} if image.dtype == bool else {}
    pillow.fromarray(_as_bytes(image)).save(file, format="PNG", **options)


def _write_tiff(image, file, *, path, caller, **_):
    tifffile = import_package("tifffile", caller=caller, extra="files", purpose=f"the file {path}")
    tifffile.imwrite(file, _as_bytes(image), photometric="minisblack", compression="zlib")


def _write_nifti(image, file, *, path, affine, caller):
    nibabel = import_package("nibabel", caller=caller, extra="files", purpose=f"the file {path}")
    image = image.astype(np.uint8) if image.dtype == bool else image
    if image.dtype in (np.int64, np.uint64, np.float16):
        msg = (
            f"{caller} expects a dtype that readers of NIfTI know, got {image.dtype} for {path}. Use "
            "suffix='.npy', or convert the images."
        )
        raise ValueError(msg)
    affine = np.eye(4) if affine is None else affine
    file.write(nibabel.Nifti1Image(image, affine).to_bytes())


def _write_compressed_nifti(image, file, **options):
    # Without a time, so that equal images are equal files.
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as compressed:
        _write_nifti(image, compressed, **options)


def _write_array(image, file, **_):
    np.save(file, image)


def _as_bytes(image):
    return image.astype(np.uint8) * np.uint8(255) if image.dtype == bool else image


_FORMATS = dict(
    zip(
        ENCODED_SUFFIXES,
        [_write_png, _write_tiff, _write_tiff, _write_nifti, _write_compressed_nifti, _write_array],
        strict=True,
    )
)
