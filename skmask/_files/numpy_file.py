"""Arrays of NumPy in npy files."""

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile

# Mapping a smaller file takes longer than reading it.
_WORTH_MAPPING = 2**20


class NumpyFile(OpenedFile):
    """An array in an npy file, taken as it is."""

    def __init__(self, path, _choices, *, caller):
        mode = "r" if path.stat().st_size > _WORTH_MAPPING else None
        self._stack = np.load(path, mmap_mode=mode, allow_pickle=False)

    def close(self):
        """Close the file, which is open as long as its memory map is."""
        self._stack = None

    @property
    def header(self):
        """Properties of the image."""
        return Header(self._stack.shape, self._stack.dtype.newbyteorder("="))

    def read(self):
        """Return the array."""
        return np.array(self._stack)
