"""Reading of image files, whose format follows from their names, with errors that name the file."""

import os
from contextlib import contextmanager
from pathlib import Path

from skmask._files.dicom_file import DicomFile, DicomSeries
from skmask._files.headers import ChoiceError, arrange, check_header
from skmask._files.nifti_file import NiftiFile
from skmask._files.numpy_file import NumpyFile
from skmask._files.pillow_file import PillowFile
from skmask._files.tiff_file import TiffFile

FORMATS = dict.fromkeys([".png", ".jpg", ".jpeg", ".bmp"], PillowFile)
FORMATS |= dict.fromkeys([".tif", ".tiff"], TiffFile)
FORMATS |= dict.fromkeys([".dcm", ".dicom"], DicomFile)
FORMATS |= dict.fromkeys([".nii", ".nii.gz"], NiftiFile)
FORMATS |= {".npy": NumpyFile}

# DICOM files often have names without a suffix. They start with 128 bytes for other purposes.
_DICOM_MARK = b"DICM"


def suffix_of(path):
    """Return the suffix of a file name in lower case, with both parts of .nii.gz."""
    name = os.path.basename(path).lower()
    return ".nii.gz" if name.endswith(".nii.gz") else os.path.splitext(name)[1].rstrip(".")


def stem_of(path):
    """Return the name of a file without `suffix_of`; of a folder, its name."""
    path = Path(path)
    suffix = suffix_of(path) if not path.is_dir() else ""
    return path.name[: -len(suffix)] if suffix in FORMATS else path.name


def is_image_file(path):
    """Tell whether a file in a folder is to be read as an image."""
    if path.name.startswith(".") or not path.is_file():
        return False
    suffix = suffix_of(path)
    return suffix in FORMATS or (not suffix and _is_dicom(path))


def read_image(path, choices, *, caller):
    """Return the image in a file as an array, and its header."""
    with _naming(path, caller), _open(path, choices, caller) as file:
        header = file.header
        check_header(header, choices, caller=caller, path=path)
        pixels = file.read()
        image = arrange(pixels, header, choices, colors=file.colors, caller=caller, path=path)
        return image, header


def read_header(path, choices, *, caller):
    """Return the header of a file, which has what the choices need."""
    with _naming(path, caller), _open(path, choices, caller) as file:
        header = file.header
        check_header(header, choices, caller=caller, path=path)
        return header


def _open(path, choices, caller):
    if path.is_dir():
        return DicomSeries(path, choices, caller=caller)
    suffix = suffix_of(path)
    kind = FORMATS.get(suffix)
    if kind is None and path.exists():
        if not _is_dicom(path):
            msg = f"its suffix is none of {', '.join(FORMATS)}"
            raise ValueError(msg)
        kind = DicomFile
    return (kind or NumpyFile)(path, choices, caller=caller)


def _is_dicom(path):
    with path.open("rb") as file:
        file.seek(128)
        return file.read(4) == _DICOM_MARK


@contextmanager
def _naming(path, caller):
    """Name the file in the errors of libraries, which are of many kinds."""
    try:
        yield
    except (ImportError, MemoryError, ChoiceError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the operating system, which names the file
        reason = " ".join(str(error).split())[:300].rstrip(".")
        if type(error) is not ValueError:
            reason = f"{type(error).__name__}: {reason}. Check the file, or leave it out"
        msg = f"{caller} expects a file that can be read, got {path}: {reason}."
        raise ValueError(msg) from error
