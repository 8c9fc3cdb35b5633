"""PNG, JPEG and BMP files, read by Pillow."""

import numpy as np

from skmask._files.headers import Header
from skmask._files.opened_file import OpenedFile
from skmask._packages import import_package

_COLORS = {"1": "gray", "L": "gray", "I": "gray", "I;16": "gray", "P": "palette", "LA": "la"}
_COLORS |= {"RGB": "rgb", "RGBA": "rgba", "CMYK": "channels"}
_ORIENTATION = 0x0112


class PillowFile(OpenedFile):
    """An open PNG, JPEG or BMP file."""

    def __init__(self, path, choices, *, caller):
        self._pillow = import_package(
            "PIL.Image", caller=caller, extra="files", purpose=f"the file {path}"
        )
        self._path = path
        self._image = image = self._pillow.open(path, formats=["PNG", "JPEG", "BMP"])
        self._n_pages = getattr(image, "n_frames", 1)
        self._takes_all = choices.page == "all"
        self._page = choices.page or 0
        # The tiles are gone once the image is decoded.
        self._raw_mode = str(image.tile[0][3]) if image.tile else ""
        self._is_16_bit = image.mode in ("I", "I;16") or self._raw_mode.endswith(";16B")
        # Pillow decodes a PNG file to look for EXIF data behind the pixels.
        looks_ahead = image.format == "PNG" and "exif" not in image.info
        self._orientation = 1 if looks_ahead else image.getexif().get(_ORIENTATION, 1)

    def close(self):
        """Close the file."""
        self._image.close()

    @property
    def header(self):
        """Properties of the image, read from the file without its pixels."""
        image = self._image
        if image.mode not in _COLORS or self._raw_mode == "LA;16B":
            mode = self._raw_mode or image.mode
            msg = f"pixels of Pillow's mode {mode!r} are not supported. Save it in another mode"
            raise ValueError(msg)
        has_key = "transparency" in image.info
        dtype = np.uint16 if self._is_16_bit else np.uint8
        return Header(
            shape=(*[self._n_pages] * self._takes_all, image.height, image.width),
            dtype=np.dtype(bool if image.mode == "1" else dtype),
            color=_COLORS[image.mode],
            n_channels=3 + has_key if image.mode == "P" else len(image.getbands()),
            n_pages=self._n_pages,
            orientation=self._orientation,
            has_key_color=has_key and image.mode != "P",
        )

    def read(self):
        """Return the pixels as they are stored."""
        if self._takes_all:
            return np.stack([self._read_page(i) for i in range(self._n_pages)])
        return self._read_page(self._page)

    def colors(self, indices):
        """Return the colors of a palette."""
        stored = np.array(self._image.getpalette("RGB"), np.uint8).reshape(-1, 3)
        table = np.zeros((256, 3), np.uint8)
        table[: len(stored)] = stored
        transparent = self._image.info.get("transparency")
        if transparent is not None:
            alpha = np.full((256, 1), 255, np.uint8)
            if isinstance(transparent, bytes):
                alpha[: len(transparent), 0] = list(transparent)
            else:
                alpha[transparent] = 0
            table = np.hstack([table, alpha])
        return table[indices]

    def _read_page(self, page):
        image = self._image
        if self._n_pages > 1:
            image.seek(page)
        if self._is_16_bit and image.mode in ("RGB", "RGBA"):
            return self._read_16_bit_colors()
        pixels = np.asarray(image)
        if image.getexif().get(_ORIENTATION, 1) != self._orientation:
            msg = "its orientation is stored behind the pixels. Save it again"
            raise ValueError(msg)
        # Older versions of Pillow hold 16-bit gray values of PNG files in 32 bits.
        return pixels.astype(np.uint16) if image.mode == "I" else pixels

    def _read_16_bit_colors(self):
        # Pillow keeps the upper byte of each color only. It decodes either byte order, though, and the lower
        # byte is the upper one of the other order.
        pixels = np.asarray(self._image).astype(np.uint16) << 8
        with self._pillow.open(self._path) as image:
            codec, extents, offset, _ = image.tile[0]
            image.tile = [(codec, extents, offset, f"{image.mode};16L")]
            return pixels | np.asarray(image)
