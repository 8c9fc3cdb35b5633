"""Arrays of NumPy in npy files."""

import io
import math
from functools import lru_cache

import numpy as np
from numpy.lib import format as npy

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile


class NumpyFile(OpenedFile):
    """An array in an npy file, taken as it is.

    The files of a folder have few different headers. To parse one, as `numpy.load` does for each file, takes
    longer than to read a small image.
    """

    def __init__(self, path, _choices, *, caller):
        self._file = path.open("rb")
        try:
            self._shape, self._is_fortran, self._dtype = _parse(_read_header(self._file))
        except BaseException:
            self._file.close()
            raise

    def close(self):
        """Close the file."""
        self._file.close()

    @property
    def header(self):
        """Properties of the image."""
        return Header(self._shape, self._dtype.newbyteorder("="))

    def read(self):
        """Return the array."""
        stored = np.empty(math.prod(self._shape) * self._dtype.itemsize, np.uint8)
        n_bytes = self._file.readinto(stored)
        if n_bytes < stored.size:
            msg = f"it has {n_bytes} bytes of pixels, of {stored.size}. Write it again"
            raise ValueError(msg)
        return stored.view(self._dtype).reshape(self._shape, order="F" if self._is_fortran else "C")


def _read_header(file):
    """Return all bytes before the pixels."""
    start = file.read(npy.MAGIC_LEN)
    if not start.startswith(npy.MAGIC_PREFIX):
        msg = "it does not start as npy files do. Write it by np.save"
        raise ValueError(msg)
    length = file.read(2 if start[-2] == 1 else 4)
    return start + length + file.read(int.from_bytes(length, "little"))


@lru_cache(maxsize=256)
def _parse(header):
    """Return the shape, whether it is in the order of Fortran, and the dtype that a header tells."""
    file = io.BytesIO(header)
    version = npy.read_magic(file)
    # The third version has names of fields in another encoding, and arrays with fields are no images.
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read(file)
    if dtype.hasobject:
        msg = "it holds Python objects, which are not loaded from files. Save an array of numbers"
        raise ValueError(msg)
    return shape, is_fortran, dtype
