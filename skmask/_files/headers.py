"""Headers of files, and the choices that turn the pixels of a file into an image.

A file may hold colors, a palette, transparent pixels, several pages, or a picture stored sideways. Each of
these can be read in more than one way, so a file that needs a choice is refused until the user makes it.
`Choices` are what the user chose, a `Header` is what the file holds, and `arrange` applies the first to the
second.
"""

from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

# Weights of red, green and blue in 65,536ths: Rec. 601, rounded as Pillow does in convert("L").
_LUMA = np.array([19595, 38470, 7471])

# Axes are swapped by half of the orientations of EXIF.
_SWAPPED = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices of the user, see `skmask.io.ImageFiles`."""

    as_gray: bool = False
    channel: int | str | None = None
    page: int | str | None = None
    orientation: str | None = None
    alpha: str | None = None
    white_is_zero: str | None = None

    def check(self, caller):
        """Refuse choices that do not exist."""
        _check_one_of(self.as_gray, (False, True), "as_gray", caller)
        _check_one_of(self.channel, (None, "all", "index"), "channel", caller, or_integer=True)
        _check_one_of(self.page, (None, "all"), "page", caller, or_integer=True)
        _check_one_of(self.orientation, (None, "apply", "ignore"), "orientation", caller)
        _check_one_of(self.alpha, (None, "ignore"), "alpha", caller)
        _check_one_of(self.white_is_zero, (None, "keep", "invert"), "white_is_zero", caller)
        if self.as_gray and self.channel is not None:
            msg = (
                f"{caller} expects either as_gray or channel, got as_gray=True and channel={self.channel!r}. "
                "Leave one of them out."
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Header:
    """Properties of the image in a file, known before any pixel is read.

    Parameters
    ----------
    shape : tuple of int
        Shape of the image as it is stored, without channels; with several pages, of all of them if the
        choice is ``page="all"``, else of one.
    dtype : numpy.dtype
        Data type of the pixels.
    color : {"gray", "la", "rgb", "rgba", "palette", "channels"}
        Meaning of the last axis of the pixels; "gray" and "palette" have none.
    n_channels : int
        Length of that axis, of a palette the number of its colors' channels, else 1.
    n_pages : int
        Number of pages, frames or time points.
    orientation : int
        Orientation of EXIF and TIFF, 1 to 8.
    inverse_sum : float or None
        Sum of a value and its inverse in a file in which 0 is white; None if 0 is black.
    has_key_color : bool
        Whether one color stands for transparent pixels and Pillow does not resolve it.
    spacing, affine : tuple of float, ndarray, or None
        Geometry of the pixels.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    color: str = "gray"
    n_channels: int = 1
    n_pages: int = 1
    orientation: int = 1
    inverse_sum: float | None = None
    has_key_color: bool = False
    spacing: tuple[float, ...] | None = None
    affine: np.ndarray | None = None


class ImageInfo(NamedTuple):
    """Shape, data type and geometry of an image in a file; see `skmask.io.ImageFiles.info`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    spacing: tuple[float, ...] | None
    affine: np.ndarray | None


class ChoiceError(ValueError):
    """A file holds no image, needs a choice which was not made, or lacks what was chosen."""


def check_header(header, choices, *, caller, path):
    """Raise a `ChoiceError` unless the choices go with the file."""
    if len(header.shape) < 2:
        msg = (
            f"{caller} expects images of two or more axes, got shape {header.shape} in {path}. Leave the "
            "file out."
        )
        raise ChoiceError(msg)
    if header.n_pages > 1 and choices.page is None:
        msg = (
            f"{caller} expects files of one image, got {header.n_pages} pages in {path}. Use page=0 for the "
            "first page, or page='all' for a volume of all pages."
        )
        raise ChoiceError(msg)
    if header.orientation != 1 and choices.orientation is None:
        msg = (
            f"{caller} expects upright images, got orientation {header.orientation} of EXIF in {path}. Use "
            "orientation='apply' to turn images upright, or orientation='ignore' to keep the stored pixels."
        )
        raise ChoiceError(msg)
    if header.inverse_sum is not None and choices.white_is_zero is None:
        msg = (
            f"{caller} expects images in which 0 is black, got one in which 0 is white in {path}. Use "
            "white_is_zero='invert' to make bright pixels large, or white_is_zero='keep'."
        )
        raise ChoiceError(msg)
    if header.has_key_color and choices.alpha is None:
        _refuse_alpha(caller, path)
    _check_channel(header, choices, caller, path)


def shape_of(header, choices):
    """Return the shape of the image without channels, after the choices."""
    turned = choices.orientation == "apply" and header.orientation in _SWAPPED
    *pages, height, width = header.shape
    return (*pages, width, height) if turned else tuple(header.shape)


def info_of(header, choices):
    """Return what is known about the image after the choices."""
    shape, n_channels = shape_of(header, choices), _n_channels(header, choices)
    shape += (n_channels,) if n_channels else ()
    is_colored = header.color == "palette" and choices.channel != "index"
    dtype = np.dtype(np.uint8) if is_colored else header.dtype
    return ImageInfo(shape, dtype, header.spacing, header.affine)


def arrange(pixels, header, choices, *, colors, caller, path):
    """Return the image that the choices make of the stored pixels.

    Parameters
    ----------
    pixels : ndarray
        The pixels as stored, with channels along the last axis.
    header : Header
    choices : Choices
    colors : callable
        ``colors(indices)`` returns the colors of a palette, with 3 or 4 channels along the last axis.
    caller, path : str, path-like
        For errors.
    """
    color = header.color
    if color == "palette" and choices.channel != "index":
        pixels = colors(pixels)
        color = "rgb" if pixels.shape[-1] == 3 else "rgba"
    if header.inverse_sum is not None and choices.white_is_zero == "invert":
        pixels = ~pixels if pixels.dtype == bool else header.inverse_sum - pixels
    if color in ("la", "rgba") and choices.channel is None:
        opaque = 255 if pixels.dtype == np.uint8 else np.iinfo(pixels.dtype).max
        if choices.alpha is None and (pixels[..., -1] != opaque).any():
            _refuse_alpha(caller, path)
        pixels = pixels[..., :-1]
    if isinstance(choices.channel, Integral) and color not in ("gray", "palette"):
        pixels = pixels[..., choices.channel]
    elif color == "la" and choices.channel is None:
        pixels = pixels[..., 0]
    elif choices.as_gray and color in ("rgb", "rgba"):
        pixels = _luma(pixels)
    if choices.orientation == "apply":
        n_channels = _n_channels(header, choices)
        pixels = _upright(pixels, header.orientation, has_channels=n_channels is not None)
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))


def _check_channel(header, choices, caller, path):
    channel = choices.channel
    if header.color == "palette":
        if channel is None and not choices.as_gray:
            msg = (
                f"{caller} expects gray images, got a palette in {path}. Use channel='index' for the "
                "numbers of the colors (labels), as_gray=True for gray values, or channel='all' for "
                "colors."
            )
            raise ChoiceError(msg)
    elif header.color in ("rgb", "rgba", "channels"):
        is_gray = choices.as_gray and header.color != "channels"
        if not is_gray and channel in (None, "index"):
            gray = "" if header.color == "channels" else "as_gray=True, "
            msg = (
                f"{caller} expects gray images, got {header.n_channels} channels in {path}. Use "
                f"{gray}channel=0 for the first channel, or channel='all' to keep them as the last axis."
            )
            raise ChoiceError(msg)
    if isinstance(channel, Integral) and not -header.n_channels <= channel < header.n_channels:
        msg = (
            f"{caller} expects channel to be one of {header.n_channels} channels, counted from 0, got "
            f"channel={channel} for {path}."
        )
        raise ChoiceError(msg)


def _n_channels(header, choices):
    """Return the length of the last axis of channels, None where the image has none."""
    return None if choices.channel != "all" or header.color == "gray" else header.n_channels


def _refuse_alpha(caller, path):
    msg = (
        f"{caller} expects opaque images, got transparent pixels in {path}. Use alpha='ignore' to keep the "
        "values below them, or channel='all' to keep alpha as a channel."
    )
    raise ChoiceError(msg)


def _luma(pixels):
    """Return gray values of red, green and blue by the weights of Rec. 601."""
    if pixels.dtype.kind == "f":
        return (pixels @ (_LUMA / 65536)).astype(pixels.dtype)
    # 16-bit values times the weights need 33 bits.
    wide = np.uint32 if pixels.itemsize == 1 else np.uint64
    total = np.full(pixels.shape[:-1], 0x8000, wide)
    for i, weight in enumerate(_LUMA):
        total += pixels[..., i] * wide(weight)
    total >>= wide(16)
    return total.astype(pixels.dtype)


def _upright(pixels, orientation, *, has_channels):
    """Return pixels turned and mirrored as an orientation of EXIF says."""
    end = pixels.ndim - has_channels
    rows, columns = end - 2, end - 1
    if orientation in _SWAPPED:
        pixels = np.swapaxes(pixels, rows, columns)
    if orientation in (3, 4, 7, 8):
        pixels = np.flip(pixels, rows)
    if orientation in (2, 3, 6, 7):
        pixels = np.flip(pixels, columns)
    return pixels


def _check_one_of(value, allowed, name, caller, *, or_integer=False):
    is_integer = isinstance(value, Integral) and not isinstance(value, bool)
    if or_integer and is_integer:
        return
    if not any(value is one or (isinstance(value, str) and value == one) for one in allowed):
        names = ", ".join(map(repr, allowed)) + (" or an integer" if or_integer else "")
        msg = f"{caller} expects {name} to be one of {names}, got {value!r}."
        raise ValueError(msg)
