"""A masker with a given range, also by channel."""

import operator
from functools import partial
from numbers import Integral, Real

import numpy as np

from skmask._describe import in_range
from skmask._images.axes import without_axis
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.compare import within
from skmask.base import ANY_NUMBER, ImageMasker, StrOptions


class RangeMasker(ImageMasker):
    """Make masks of the pixels between two bounds.

    The chained comparison ``low <= X <= high`` as a transformer. With `channel_axis` the bounds may differ
    by channel, as in a range of colors. It learns nothing and can be used without a fit.

    Parameters
    ----------
    low, high : float or array-like of shape (n_channels,), default=None
        Bounds of the range. None is unbounded; in a sequence, -inf and inf are. A sequence gives a bound
        for each channel and needs `channel_axis`.
    inclusive : {"both", "left", "right", "neither"}, default="both"
        Which bounds belong to the range.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Masks
        lack this axis. It is never guessed.
    channel_reduce : {"all", "any"}, default="all"
        Whether a pixel is foreground when all of its channels are in range or when any is.
    circular : bool or sequence of int, default=False
        Whether the values are circular, as hues are, or which channels are: then ``low > high`` stands for
        the two ends of the scale, ``X >= low`` or ``X <= high``.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ThresholdMasker : One bound instead of two.
    HistogramThresholdMasker : Learns a threshold from training images.

    Notes
    -----
    Ranges are closed on both ends unless `inclusive` says otherwise, as they are in image libraries, while
    a threshold is exceeded strictly. Bounds beyond the range of the dtype do not wrap around. NaN is never
    foreground, with no bounds either.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import RangeMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> RangeMasker(20, 50).transform(X).astype(int)
    array([[[0, 1, 0],
            [1, 1, 0]]])

    Reds, in an image of hue, saturation and value between 0 and 1:

    >>> hsv = np.array([[[[0.95, 0.9, 0.8], [0.50, 0.9, 0.8], [0.02, 0.1, 0.8]]]])
    >>> reds = RangeMasker([0.9, 0.5, 0.0], [0.1, 1.0, 1.0], channel_axis=-1, circular=[0])
    >>> reds.transform(hsv).astype(int)
    array([[[1, 0, 0]]])
    """

    _parameter_constraints = {
        "low": [None, ANY_NUMBER, "array-like"],
        "high": [None, ANY_NUMBER, "array-like"],
        "inclusive": [StrOptions({"both", "left", "right", "neither"})],
        "channel_axis": [None, Integral],
        "channel_reduce": [StrOptions({"all", "any"})],
        "circular": ["boolean", "array-like"],
    }
    _stays_on_device = True

    def __init__(
        self,
        low=None,
        high=None,
        *,
        inclusive="both",
        channel_axis=None,
        channel_reduce="all",
        circular=False,
    ):
        self.low = low
        self.high = high
        self.inclusive = inclusive
        self.channel_axis = channel_axis
        self.channel_reduce = channel_reduce
        self.circular = circular

    _reach = pixelwise

    def _check(self, shape):
        self._channels(shape)

    def _transform(self, images):
        combine = operator.iand if self.channel_reduce == "all" else operator.ior
        masks = None
        for channel, low, high, circular in self._channels(images.shape):
            mask = within(images[channel], low, high, inclusive=self.inclusive, circular=circular)
            masks = mask if masks is None else combine(masks, mask)
        return masks

    def _prepare(self, shape, dtype):
        if self.channel_axis is not None:
            return None
        ((_, low, high, circular),) = self._channels(shape)
        return partial(within, low=low, high=high, inclusive=self.inclusive, circular=circular)

    def _describe(self):
        axis = self.channel_axis
        what = "values" if axis is None else f"{self.channel_reduce} channels (axis {axis})"
        scale = "" if self.circular is False else " on a circular scale"
        bounds = in_range(self.low, self.high, self.inclusive)
        return f"Pixels with {what} {bounds}{scale} were taken as foreground."

    def _channels(self, shape):
        """Return the index, the bounds and the circularity of every channel, or of the whole image."""
        axis = self.channel_axis
        if axis is None:
            index, n_channels = [...], 1
            sequences = [name for name in ("low", "high") if not _is_single(getattr(self, name))]
            if not isinstance(self.circular, bool | np.bool_):
                sequences.append("circular")
            if sequences:
                msg = (
                    "RangeMasker expects single bounds when channel_axis is None, got a sequence for "
                    f"{' and '.join(sequences)}. Set channel_axis to the axis of X that holds the channels, "
                    "such as -1."
                )
                raise ValueError(msg)
        else:
            without_axis(shape, axis, "RangeMasker")  # refuses what is no axis of the images
            n_channels = shape[axis]
            index = [
                (*[slice(None)] * (axis % len(shape)), channel, ...)
                for channel in range(n_channels)
            ]
        low = self._by_channel("low", n_channels)
        high = self._by_channel("high", n_channels)
        circular = self._circular_channels(n_channels)
        for channel in range(n_channels):
            below = low[channel] is not None and high[channel] is not None
            if below and low[channel] > high[channel] and not circular[channel]:
                wrapping = "True" if self.channel_axis is None else f"[{channel}]"
                msg = (
                    f"RangeMasker expects low <= high, got low={low[channel]} and high={high[channel]}. "
                    f"Exchange them, or set circular={wrapping} for values that wrap around, such as hues."
                )
                raise ValueError(msg)
        return list(zip(index, low, high, circular, strict=True))

    def _by_channel(self, name, n_channels):
        bound = getattr(self, name)
        if _is_single(bound):
            return [bound] * n_channels
        bounds = np.asarray(bound)
        if bounds.shape != (n_channels,) or bounds.dtype.kind not in "biuf":
            msg = (
                f"RangeMasker expects {name} to be one number or {n_channels}, one for each channel, "
                f"got an array of shape {bounds.shape} and dtype {bounds.dtype}. "
                "Use -inf and inf for channels without a bound."
            )
            raise ValueError(msg)
        if np.isnan(bounds).any():
            msg = f"RangeMasker expects {name} without NaN, got {bound}. Use -inf or inf for no bound."
            raise ValueError(msg)
        return bounds.tolist()

    def _circular_channels(self, n_channels):
        if isinstance(self.circular, bool | np.bool_):
            return [bool(self.circular)] * n_channels
        circular = [False] * n_channels
        for channel in self.circular:
            is_index = isinstance(channel, Integral) and not isinstance(channel, bool)
            if not is_index or not -n_channels <= channel < n_channels:
                msg = (
                    f"RangeMasker expects circular to be a bool or indices of the {n_channels} channels, "
                    f"got {channel!r} among them. Count channels from 0."
                )
                raise ValueError(msg)
            circular[channel] = True
        return circular


def _is_single(bound):
    """Tell whether a bound is one for all channels; NumPy takes long to see that of a number."""
    return bound is None or isinstance(bound, Real) or np.ndim(bound) == 0
