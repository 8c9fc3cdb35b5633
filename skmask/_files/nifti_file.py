"""NIfTI files, read by nibabel."""

import math

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile
from skmask._packages import import_package


class NiftiFile(OpenedFile):
    """A NIfTI file: a volume, or several along the fourth axis."""

    def __init__(self, path, choices, *, caller):
        nibabel = import_package(
            "nibabel", caller=caller, extra="files", purpose=f"the file {path}"
        )
        self._image = nibabel.load(path, mmap=False)
        self._page = choices.page

    @property
    def header(self):
        """Properties of the image, read from the file without its pixels."""
        image = self._image
        dtype = image.header.get_data_dtype()
        if dtype.kind not in "iuf":
            msg = f"pixels of dtype {dtype} are not supported. Save real numbers"
            raise ValueError(msg)
        is_scaled = (image.dataobj.slope, image.dataobj.inter) != (1, 0)
        n_volumes = math.prod(image.shape[3:])
        takes_all = self._page == "all" and n_volumes > 1
        return Header(
            shape=tuple(image.shape if takes_all else image.shape[:3]),
            dtype=np.dtype(float) if is_scaled else dtype.newbyteorder("="),
            n_pages=n_volumes,
            spacing=tuple(map(float, image.header.get_zooms()[: min(3, len(image.shape))])),
            affine=image.affine,
        )

    def read(self):
        """Return the values, scaled where the file says so."""
        values, header = self._image.dataobj, self.header
        if header.n_pages == 1:
            values = np.asarray(values).reshape(header.shape)
        elif self._page != "all":
            values = values[..., self._page]
        return np.asarray(values, header.dtype)
