"""TIFF files, read by tifffile."""

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile
from skmask._packages import import_package

_MIN_IS_WHITE, _RGB, _PALETTE, _YCBCR = 0, 2, 3, 6
_ORIENTATION = 274


class TiffFile(OpenedFile):
    """An open TIFF file: one series of pages, of which one or all are the image."""

    def __init__(self, path, choices, *, caller):
        tifffile = import_package(
            "tifffile", caller=caller, extra="files", purpose=f"the file {path}"
        )
        # By its name, tifffile would look for links in the names of all folders.
        self._stream, self._file = path.open("rb"), None
        try:
            self._file = tifffile.TiffFile(self._stream)
            self._choose(choices)
        except BaseException:
            self.close()
            raise

    def close(self):
        """Close the file."""
        if self._file is not None:
            self._file.close()  # others that belong to it
        self._stream.close()

    @property
    def header(self):
        """Properties of the image, read from the file without its pixels."""
        page, part = self._keyframe, self._part
        color, n_channels = self._color()
        tag = page.tags.get(_ORIENTATION)
        return Header(
            shape=tuple(part.shape[i] for i in self._order[: self._n_axes]),
            dtype=np.dtype(part.dtype),
            color=color,
            n_channels=n_channels,
            n_pages=self._n_pages,
            orientation=1 if tag is None else int(tag.value),
            inverse_sum=self._inverse_sum(),
        )

    def read(self):
        """Return the pixels as they are stored, with channels along the last axis."""
        try:
            pixels = self._part.asarray()
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            msg = f"{error}. Install it: python -m pip install imagecodecs"
            raise ValueError(msg) from error
        return pixels.transpose(self._order)

    def colors(self, indices):
        """Return the colors of a palette, which use 8 of 16 bits."""
        return (self._keyframe.colormap.T >> 8).astype(np.uint8)[indices]

    def _choose(self, choices):
        """Choose a page or the series of all pages, and the order of axes that has channels last."""
        series = self._file.series
        self._n_pages = len(self._file.pages)
        takes_page = choices.page not in (None, "all")
        if len(series) > 1 and not takes_page:
            shapes = sorted({one.shape for one in series})
            msg = f"it holds {len(series)} images of shapes {shapes}. Use page=0 for the first of them"
            raise ValueError(msg)
        self._part = self._file.pages[choices.page] if takes_page else series[0]
        self._keyframe = self._part.keyframe
        axes = self._part.axes
        # Samples of a pixel (S), or the channels of a microscope (C), are channels; all else are pages.
        channel = "S" if "S" in axes else "C"
        self._order = sorted(range(len(axes)), key=lambda i: axes[i] == channel)
        self._n_axes = len(axes) - (channel in axes)
        if not takes_page and self._n_axes == 2:
            self._n_pages = 1

    def _inverse_sum(self):
        page = self._keyframe
        if page.photometric != _MIN_IS_WHITE or page.dtype.kind == "f":
            return None
        return -1 if page.dtype.kind == "i" else (1 << page.bitspersample) - 1

    def _color(self):
        page, n_channels = self._keyframe, 1
        if self._n_axes < len(self._order):
            n_channels = self._part.shape[self._order[-1]]
        if page.photometric == _PALETTE:
            return "palette", 3
        if n_channels == 1 and self._n_axes == len(self._order):
            return "gray", 1
        has_alpha = bool(page.extrasamples) and int(page.extrasamples[0]) in (1, 2)
        if page.photometric in (_RGB, _YCBCR) and n_channels == 3 + has_alpha:
            return ("rgba" if has_alpha else "rgb"), n_channels
        if n_channels == 2 and has_alpha:
            return "la", 2
        return "channels", n_channels
