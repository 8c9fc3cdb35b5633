"""Masks applied to the images they are made of."""

import numpy as np

from skmask._kernels.fill import fill_outside
from skmask.base import ANY_NUMBER, MASKER, MaskerHolder


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
    fill_value : float or array-like of shape image_shape, default=0
        Value of the pixels outside the mask: one number, or an image to show there instead. With
        `channel_axis` also a sequence of one number for each channel.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. All channels are masked alike. It is never guessed.
    dtype : dtype-like, default=None
        Data type of the result. None keeps that of the images, and is an error where it cannot hold
        `fill_value`.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ImageFlattener : Flattens the masked images to rows for a classifier.
    FixedMasker : Makes a masker of a mask that is known beforehand.

    Notes
    -----
    Pixels are chosen, not multiplied: a NaN outside the mask is gone, and one inside stays. A learned
    masker is tuned through nested names such as ``maskapplier__masker__threshold``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskApplier, ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> MaskApplier(ThresholdMasker(32)).fit_transform(X)
    array([[[ 0, 40, 70],
            [ 0, 50, 80]]])
    >>> MaskApplier(ThresholdMasker(32), fill_value=np.nan, dtype=float).fit_transform(X)
    array([[[nan, 40., 70.],
            [nan, 50., 80.]]])
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "fill_value": [ANY_NUMBER, "array-like", np.nan],
        "channel_axis": [None, int],
        "dtype": "no_validation",
    }

    def __init__(self, masker, *, fill_value=0, channel_axis=None, dtype=None):
        self.masker = masker
        self.fill_value = fill_value
        self.channel_axis = channel_axis
        self.dtype = dtype

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _transform(self, images, masks):
        if self.channel_axis is not None:
            masks = np.expand_dims(masks, self.channel_axis)
            masks = np.ascontiguousarray(np.broadcast_to(masks, images.shape))
        return fill_outside(images, masks, self._fill_for(images))

    def _fill_for(self, images):
        """Give the fill value in the dtype of the result and in a shape that belongs to the images."""
        fill = np.asarray(self.fill_value)
        dtype = images.dtype if self.dtype is None else np.dtype(self.dtype)
        if not np.can_cast(images.dtype, dtype, "same_kind"):
            msg = (
                f"MaskApplier expects a dtype that can hold {images.dtype} pixels, got {dtype}. "
                f"Use dtype={np.result_type(images.dtype, dtype).name!r}."
            )
            raise ValueError(msg)
        with np.errstate(over="ignore", invalid="ignore"):
            converted = fill.astype(dtype)
        if dtype.kind == "f":
            is_held = np.array_equal(np.isinf(converted), np.isinf(fill))
        else:
            is_held = np.array_equal(converted, fill)
        if not is_held:
            wider = np.result_type(
                dtype, np.min_scalar_type(fill) if fill.ndim == 0 else fill.dtype
            )
            msg = (
                f"MaskApplier expects a fill_value that {dtype} can hold, got {self.fill_value}. "
                f"Use another value, or dtype={wider.name!r} to convert the images."
            )
            raise ValueError(msg)
        return self._shaped_fill(converted, images.shape[1:])

    def _shaped_fill(self, fill, image_shape):
        if fill.ndim == 0 or fill.shape == image_shape:
            return fill
        if len(image_shape) == 1 and fill.size == image_shape[0]:
            return fill.reshape(image_shape)
        if self.channel_axis is not None:
            axis = self.channel_axis % (len(image_shape) + 1) - 1
            if fill.shape == (image_shape[axis],):
                by_channel = fill.reshape([-1 if i == axis else 1 for i in range(len(image_shape))])
                return np.broadcast_to(by_channel, image_shape)
        msg = (
            f"MaskApplier expects fill_value to be a number or an array of the images' shape, {image_shape}, "
            f"got one of shape {fill.shape}. Nothing is broadcast."
        )
        raise ValueError(msg)
