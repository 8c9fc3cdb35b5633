"""Masks applied to the images they are made of."""

from numbers import Integral

import numpy as np

from skmask._describe import number, sentences_of
from skmask._images.reach import axis_of_image, pixelwise
from skmask._images.readers import to_numpy
from skmask._kernels.pixels.binary import is_number
from skmask._kernels.pixels.fill import fill_as, fill_outside
from skmask._kernels.pixels.namespaces import dtype_of, flat_rows, namespace
from skmask._kernels.regions.statistics import region_statistics
from skmask._warn import warn
from skmask.base import ANY_NUMBER, MASKER, MaskerHolder, StrOptions

STATISTICS = {"mean", "median", "min", "max"}


class MaskApplier(MaskerHolder):
    """Keep the pixels inside the masks and fill those outside.

    ``np.where(mask, X, fill_value)`` as a transformer. A Pipeline hands on one `X`, so after a masker the
    image is gone; this estimator therefore holds the masker, shows it the images and applies the masks
    that it makes to the same images.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    fill_value : float, array-like of shape image_shape, or {"mean", "median", "min", "max"}, default=0
        Value of the pixels outside the mask: one number, or an image to show there instead. With
        `channel_axis` also a sequence of one number for each channel. A name computes the value from the
        pixels inside the mask, for each image and channel.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. All channels are masked alike. It is never guessed.
    dtype : dtype-like, default=None
        Data type of the result. None keeps that of the images, and is an error where it cannot hold
        `fill_value`.
    on_empty : {"ignore", "warn", "raise"}, default="ignore"
        What to do in `transform` about masks without foreground, which leave nothing of their images.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskCropper : Cuts images to the box around their masks.
    ImageFlattener : Flattens the masked images to rows for a classifier.
    FixedMasker : Makes a masker of a mask that is known beforehand.

    Notes
    -----
    Pixels are chosen, not multiplied: a NaN outside the mask is gone, and one inside stays. A learned
    masker is tuned through nested names such as ``maskapplier__masker__threshold``.

    A computed fill value leaves NaN out, is computed in double precision, is rounded to the nearest number
    that an integer dtype holds (halves to even), and is 0 where it is not defined, as under an empty mask.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskApplier, ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> MaskApplier(ThresholdMasker(32)).fit_transform(X)
    array([[[ 0, 40, 70],
            [ 0, 50, 80]]])
    >>> MaskApplier(ThresholdMasker(32), fill_value="mean").fit_transform(X)
    array([[[60, 40, 70],
            [60, 50, 80]]])
    >>> MaskApplier(ThresholdMasker(32), fill_value=np.nan, dtype=float).fit_transform(X)
    array([[[nan, 40., 70.],
            [nan, 50., 80.]]])
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "fill_value": [ANY_NUMBER, "array-like", "nan", StrOptions(STATISTICS)],
        "channel_axis": [None, Integral],
        "dtype": "no_validation",
        "on_empty": [StrOptions({"ignore", "warn", "raise"})],
    }

    def __init__(self, masker, *, fill_value=0, channel_axis=None, dtype=None, on_empty="ignore"):
        self.masker = masker
        self.fill_value = fill_value
        self.channel_axis = channel_axis
        self.dtype = dtype
        self.on_empty = on_empty

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _validate_params(self):
        super()._validate_params()
        try:
            is_known = self.dtype is None or np.dtype(self.dtype).kind in "biuf"
        except (TypeError, ValueError):
            is_known = False
        if not is_known:
            msg = (
                f"MaskApplier expects a dtype of booleans, integers or floats, got {self.dtype!r}. Use one "
                "such as np.float32, or None for that of the images."
            )
            raise TypeError(msg)

    def _make_masks(self, X, images):
        masks = super()._make_masks(X, images)
        if self.on_empty != "ignore":
            self._report_empty(images, masks)
        return masks

    def _report_empty(self, images, masks):
        is_empty = images.measure(lambda block, masks: _are_empty(masks), masks)
        if not is_empty.any():
            return
        msg = (
            f"MaskApplier expects masks with foreground, got {is_empty.sum()} empty of {len(images)}, the "
            f"first for image {is_empty.argmax()}. Use another masker, or on_empty='ignore'."
        )
        if self.on_empty == "raise":
            raise ValueError(msg)
        warn(msg)

    def _check(self, shape):
        super()._check(shape)
        if not isinstance(self.fill_value, str):
            self._shaped_fill(np.asarray(to_numpy(self.fill_value)), shape[1:])

    def _reach(self, n_axes):
        is_number = not isinstance(self.fill_value, str) and np.ndim(self.fill_value) == 0
        return pixelwise(self, n_axes) if is_number else super()._reach(n_axes)

    @property
    def _stays_on_device(self):
        return not isinstance(self.fill_value, str)

    def _transform(self, images, masks):
        fill = self._fill_for(images, masks)
        return fill_outside(images, masks, fill, channel_axis=self.channel_axis)

    def _describe(self):
        masker = sentences_of(getattr(self, "masker_", self.masker))
        if isinstance(self.fill_value, str):
            fill = f"the {self.fill_value} of those inside"
        else:
            fill = "those of an image" if np.ndim(self.fill_value) > 1 else number(self.fill_value)
        return f"{masker} Pixels outside of the masks were set to {fill}."

    def _fill_for(self, images, masks):
        """Give the fill value in the dtype of the result, in a shape that broadcasts to the images."""
        given = dtype_of(images)
        dtype = given if self.dtype is None else np.dtype(self.dtype)
        # Between floats precision may be lost, which is asked for; integers would wrap around.
        if not np.can_cast(given, dtype, "same_kind" if dtype.kind == "f" else "safe"):
            msg = (
                f"MaskApplier expects a dtype that can hold {given} pixels, got {dtype}. "
                f"Use dtype={np.result_type(given, dtype).name!r}."
            )
            raise ValueError(msg)
        if isinstance(self.fill_value, str):
            return self._computed_fill(images, masks, dtype)
        remedy = "dtype={!r} to convert the images"
        fill = fill_as(dtype, to_numpy(self.fill_value), caller="MaskApplier", remedy=remedy)
        return self._shaped_fill(fill, images.shape[1:])

    def _computed_fill(self, images, masks, dtype):
        axis = self.channel_axis
        channels = images[np.newaxis] if axis is None else np.moveaxis(images, axis, 0)
        columns = [
            region_statistics(channel, masks & is_number(channel), (self.fill_value,))
            for channel in channels
        ]
        fill = np.concatenate(columns, axis=1)
        fill[np.isnan(fill)] = 0
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            # In doubles the largest integers of 64 bits round to one that is not among them.
            fill = np.rint(fill).clip(limits.min, np.nextafter(float(limits.max) + 1, 0))
        elif dtype.kind == "b":
            fill = np.rint(fill)
        with np.errstate(over="ignore"):
            fill = fill.astype(dtype)
        fill = fill.reshape(len(images), *[1] * (images.ndim - 2), -1)
        return fill if axis is None else np.moveaxis(fill, -1, axis)

    def _shaped_fill(self, fill, image_shape):
        if fill.ndim == 0 or fill.shape == image_shape:
            return fill
        if len(image_shape) == 1 and fill.size == image_shape[0]:
            return fill.reshape(image_shape)
        if self.channel_axis is not None:
            axis = axis_of_image(self.channel_axis, len(image_shape))
            if fill.shape == (image_shape[axis],):
                return fill.reshape([-1 if i == axis else 1 for i in range(len(image_shape))])
        msg = (
            f"MaskApplier expects fill_value to be a number or an array of the images' shape, {image_shape}, "
            f"got one of shape {fill.shape}. Nothing is broadcast."
        )
        raise ValueError(msg)


def _are_empty(masks):
    """Tell, in a row for each mask, whether it has no foreground."""
    return ~namespace(masks).any(flat_rows(masks), axis=1, keepdims=True)
