"""Colors converted to gray values and to other color spaces."""

from numbers import Integral

import numpy as np

from skmask._images.axes import without_axis
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.color import gray, optical_density, white_of
from skmask._packages import import_package
from skmask.base import ImageTransformer, StrOptions

CALLER = "ColorConverter"


class ColorConverter(ImageTransformer):
    """Convert colors to gray values, one of their channels, or another color space.

    Maskers compare single values. Put it before a masker to choose the value by which colors are compared. It
    learns nothing and can be used without a fit; `ColorProjector` learns the best one from labeled masks.

    Parameters
    ----------
    to : {"gray", "hsv", "lab", "hed", "optical_density"} or int, default="gray"
        Result of the conversion.

        - ``"gray"``: their luminance, 0.2125 R + 0.7154 G + 0.0721 B, in the unit of the images;
        - ``"hsv"``: hue, saturation and value, from 0 to 1;
        - ``"lab"``: CIE L*a*b*, of which L goes from 0 to 100;
        - ``"hed"``: the amounts of hematoxylin, eosin and DAB in stained tissue [1]_;
        - ``"optical_density"``: -log10(x / white) of each channel, proportional to the amount of a stain;
        - a number: that channel, counted from 0, or from the end by -1, -2, ....

        ``"hsv"``, ``"lab"`` and ``"hed"`` are computed by scikit-image:
        ``python -m pip install "skmask[color]"``.
    channel_axis : int, default=None
        Axis of `X` that holds the channels red, green and blue, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed. None says that images are gray; they can become
        ``"gray"`` and ``"optical_density"``.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ColorProjector : Learns the weights of the channels from labeled masks.
    RangeMasker : Masks colors by ranges of their channels, such as hues.

    Notes
    -----
    The result is float32; a channel keeps the dtype of the images. ``"gray"`` and single channels lack the
    axis of the channels; all others keep it in its place. White is the largest number of the dtype for
    integers and 1 for floats. For the conversions by scikit-image, pixels must be booleans, uint8, uint16, or
    floats from 0 to 1. For optical densities, values below white / 255 are replaced by white / 255. If a
    pixel is NaN in one channel, all values computed from it are NaN.

    References
    ----------
    .. [1] A. C. Ruifrok and D. A. Johnston, "Quantification of histochemical staining by color
       deconvolution", Analytical and Quantitative Cytology and Histology 23, 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ColorConverter
    >>> X = np.array([[[[255, 0, 0], [255, 255, 255]]]], np.uint8)  # one image: red and white
    >>> ColorConverter(channel_axis=-1).transform(X).round(1)
    array([[[ 54.2, 255. ]]], dtype=float32)
    >>> ColorConverter("hsv", channel_axis=-1).transform(X)
    array([[[[0., 1., 1.],
             [0., 0., 1.]]]], dtype=float32)
    >>> ColorConverter(1, channel_axis=-1).transform(X)
    array([[[  0, 255]]], dtype=uint8)
    """

    _parameter_constraints = {
        "to": [StrOptions({"gray", "hsv", "lab", "hed", "optical_density"}), Integral],
        "channel_axis": [None, Integral],
    }

    def __init__(self, to="gray", *, channel_axis=None):
        self.to = to
        self.channel_axis = channel_axis

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.compares_values = True
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # float32 comes out
        return tags

    _reach = pixelwise

    def _check(self, shape):
        without_axis(shape, self.channel_axis, CALLER)
        if self.channel_axis is None:
            if self.to not in ("gray", "optical_density"):
                msg = (
                    f"{CALLER} expects channel_axis for to={self.to!r}, got None, which says that images are "
                    "gray. Set it to the axis of X that holds the channels, such as -1."
                )
                raise ValueError(msg)
            return
        n_channels = shape[self.channel_axis]
        if isinstance(self.to, str):
            if self.to != "optical_density" and n_channels != 3:
                msg = (
                    f"{CALLER} expects 3 channels along channel_axis={self.channel_axis} for to={self.to!r}, "
                    f"got {n_channels}. Leave out an alpha channel: X[..., :3]."
                )
                raise ValueError(msg)
        elif not -n_channels <= self.to < n_channels:
            msg = (
                f"{CALLER} expects to be one of {n_channels} channels, counted from 0, got {self.to}. "
                "channel_axis names the axis of the channels."
            )
            raise ValueError(msg)

    def _transform(self, images):
        self._check(images.shape)
        if self.channel_axis is None or self.to == "optical_density":
            with np.errstate(over="ignore"):
                return optical_density(images) if self.to != "gray" else images.astype(np.float32)
        colors = np.moveaxis(images, self.channel_axis, 0)
        if isinstance(self.to, Integral):
            return colors[self.to].astype(images.dtype.newbyteorder("="))
        if self.to == "gray":
            return gray(colors)
        return self._convert(images)

    def _convert(self, images):
        """Convert images one by one with scikit-image, as floats in which white is 1."""
        convert = _conversion(self.to)
        if images.dtype.kind == "i" or images.dtype.itemsize > 2 and images.dtype.kind == "u":
            msg = (
                f"{CALLER} expects colors as uint8, uint16, or floats from 0 to 1 for to={self.to!r}, got "
                f"{images.dtype}. Use X.astype(np.uint8) if they go from 0 to 255."
            )
            raise TypeError(msg)
        converted = np.empty(images.shape, np.float32)
        colors = np.moveaxis(images, self.channel_axis, -1)
        results = np.moveaxis(converted, self.channel_axis, -1)
        for color, result in zip(colors, results, strict=True):
            with np.errstate(over="ignore"):
                share = color.astype(np.float32) / np.float32(white_of(images.dtype))
            finite = np.isfinite(share)
            is_complete = finite.all()
            if not is_complete:
                finite = finite.all(axis=-1)
                share[~finite] = 0
            if share.min() < 0 or share.max() > 1:
                msg = (
                    f"{CALLER} expects floats from 0 to 1 for to={self.to!r}, got values from "
                    f"{share.min():.6g} to {share.max():.6g}. Divide by 255 if they go from 0 to 255."
                )
                raise ValueError(msg)
            result[...] = convert(share)
            if not is_complete:
                result[~finite] = np.nan
        return converted

    def _describe(self):
        if self.channel_axis is None:
            if self.to == "gray":
                return "Gray values were taken as they were."
            return "Optical densities were computed."
        what = {
            "gray": "gray values, their luminance",
            "hsv": "hue, saturation and value",
            "lab": "CIE L*a*b* coordinates",
            "hed": "amounts of hematoxylin, eosin and DAB (Ruifrok and Johnston 2001)",
            "optical_density": "optical densities of their channels",
        }
        return f"Colors were converted to {what.get(self.to, f'their channel {self.to}')}."


def _conversion(to):
    color = import_package("skimage.color", caller=CALLER, extra="color", purpose=f"to={to!r}")
    return {"hed": color.rgb2hed, "hsv": color.rgb2hsv, "lab": color.rgb2lab}[to]
