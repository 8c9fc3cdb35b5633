"""Arrays of NumPy in npy files."""

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile


class NumpyFile(OpenedFile):
    """An array in an npy file, taken as it is."""

    def __init__(self, path, _choices, *, caller):
        self._stack = np.load(path, mmap_mode="r", allow_pickle=False)

    def close(self):
        """Close the file, which is open as long as its memory map is."""
        self._stack = None

    @property
    def header(self):
        """Properties of the image, read from the file without its pixels."""
        return Header(self._stack.shape, self._stack.dtype.newbyteorder("="))

    def read(self):
        """Return the array."""
        return np.array(self._stack)
