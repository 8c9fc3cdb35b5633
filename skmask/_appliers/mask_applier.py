"""Masks applied to the images they are made of."""

from functools import lru_cache
from numbers import Integral, Real

import numpy as np

from skmask._checks import check_fill_value
from skmask._describe import number, sentences_of
from skmask._images.axes import axis_of_image
from skmask._images.kinds import brief, read_one
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.binary import is_number
from skmask._kernels.pixels.fill import fill_outside
from skmask._kernels.pixels.namespaces import as_dtype, copied, dtype_of, flat_rows, namespace
from skmask._kernels.regions.statistics import region_statistics
from skmask._warn import warn
from skmask.base import ANY_NUMBER, MASKER, PILLOW, MaskerHolder, StrOptions

STATISTICS = ("mean", "median", "min", "max")
NAMES = {*STATISTICS, *(f"outside_{name}" for name in STATISTICS)}

CALLER = "MaskApplier"


class MaskApplier(MaskerHolder):
    """Keep the pixels inside the masks and fill those outside, or the other way round.

    ``np.where(mask, inside_value, fill_value)`` as a transformer, with the pixels of the image in the place
    of what is None. A Pipeline passes on one `X`, so after a masker the image is gone. This estimator
    therefore holds the masker and applies its masks to the images that they were made of.

    Parameters
    ----------
    masker : estimator or None
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. None
        is for masks that are handed to `transform`.
    fill_value : float, array-like of shape image_shape, str or None, default=0
        Value of the pixels outside the mask: one number, or an image to show there instead. With
        `channel_axis` also a sequence of one number for each channel. A name computes the value for each
        image and channel: ``"mean"``, ``"median"``, ``"min"`` or ``"max"`` of the pixels inside the mask,
        ``"outside_mean"`` and so on of those outside. None keeps the pixels.
    inside_value : float, array-like of shape image_shape, str or None, default=None
        Value of the pixels inside the mask, given alike. None keeps the pixels.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. All channels are masked alike. It is never guessed.
    dtype : dtype-like, default=None
        Data type of the result. None keeps that of the images, and is an error where it cannot hold
        the values.
    on_empty : {"ignore", "warn", "raise"}, default="ignore"
        Reaction of `transform` to masks without foreground, which leave nothing of their images.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker; absent without one.
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

    A computed value leaves NaN out and is computed in double precision. For integer images it is rounded
    to the nearest number that the dtype holds (halves to even). It is 0 if it is not defined, as under an
    empty mask.

    Masks that come with the images, one for each, are handed to `transform` or `fit_transform`, in a Pipeline
    by scikit-learn's metadata routing: ``MaskApplier(None).set_transform_request(masks=True)``. Where nothing
    is routed, as in ``cross_val_predict``, stack images and masks as channels: the masker then takes the last
    channel by `ColorConverter`. A list of tuples is refused, since it may be one of pairs of images.

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

    Objects painted over with their background, and masks that are handed in:

    >>> MaskApplier(
    ...     ThresholdMasker(64), fill_value=None, inside_value="outside_mean"
    ... ).fit_transform(X)
    array([[[10, 40, 30],
            [20, 50, 30]]])
    >>> MaskApplier(None).transform(X, masks=X > 45)
    array([[[ 0,  0, 70],
            [ 0, 50, 80]]])
    """

    _parameter_constraints = {
        "masker": [None, MASKER],
        "fill_value": [None, ANY_NUMBER, "array-like", "nan", StrOptions(NAMES), PILLOW],
        "inside_value": [None, ANY_NUMBER, "array-like", "nan", StrOptions(NAMES), PILLOW],
        "channel_axis": [None, Integral],
        "dtype": "no_validation",
        "on_empty": [StrOptions({"ignore", "warn", "raise"})],
    }

    def __init__(
        self,
        masker,
        *,
        fill_value=0,
        inside_value=None,
        channel_axis=None,
        dtype=None,
        on_empty="ignore",
    ):
        self.masker = masker
        self.fill_value = fill_value
        self.inside_value = inside_value
        self.channel_axis = channel_axis
        self.dtype = dtype
        self.on_empty = on_empty

    def transform(self, X, masks=None):
        """Mask images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        masks : array-like or list of array-like, default=None
            A mask for each image. None lets the masker make them.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The masked images, in the container of `X`.
        """
        if masks is None:
            if self.masker is None:
                msg = (
                    "MaskApplier expects masks when it has no masker, got None. Use transform(X, "
                    "masks=masks), or MaskApplier(masker)."
                )
                raise ValueError(msg)
            return super().transform(X)
        images = self._read_for_transform(X)
        axis = self.channel_axis
        aligned = images.align_masks(masks, caller="MaskApplier", name="masks", channel_axis=axis)
        self._report_empty(images, aligned)
        return images.map(self._transform, aligned)

    def fit_transform(self, X, y=None, *, masks=None, **fit_params):
        """Fit the masker on images, and mask them.

        Parameters
        ----------
        X : array-like or list of arrays
            Images.
        y : array-like, default=None
            Handed to the masker.
        masks : array-like or list of array-like, default=None
            A mask for each image. None lets the masker make them.
        **fit_params : dict
            Handed to the masker.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The masked images, in the container of `X`.
        """
        return self.fit(X, y, **fit_params).transform(X, masks=masks)

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
                f"MaskApplier expects dtype to be of booleans, integers or floats, got {brief(self.dtype)}. "
                "Use one such as np.float32, or None for that of the images."
            )
            raise TypeError(msg)

    def _maskers(self):
        return {} if self.masker is None else super()._maskers()

    def _make_masks(self, X, images):
        masks = super()._make_masks(X, images)
        self._report_empty(images, masks)
        return masks

    def _report_empty(self, images, masks):
        if self.on_empty == "ignore":
            return
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
        for name, value in self._values().items():
            if not (value is None or isinstance(value, str)):
                self._shaped_fill(name, read_one(value, caller=CALLER, name=name), shape[1:])

    def _reach(self, n_axes):
        # An image in the place of pixels, or a number computed of them, needs the image as a whole.
        is_pixelwise = all(
            value is None or isinstance(value, Real) for value in self._values().values()
        )
        return pixelwise(self, n_axes) if is_pixelwise else super()._reach(n_axes)

    @property
    def _stays_on_device(self):
        return not (isinstance(self.fill_value, str) or isinstance(self.inside_value, str))

    def _values(self):
        """Return the values outside and inside of the masks by the names of their parameters."""
        return {"fill_value": self.fill_value, "inside_value": self.inside_value}

    def _transform(self, images, masks):
        result, axis = images, self.channel_axis
        for name, value in self._values().items():
            if value is not None:
                fill = self._fill_for(name, images, masks)
                kept = masks if name == "fill_value" else ~masks
                result = fill_outside(result, kept, fill, channel_axis=axis)
        if result is not images:
            return result
        return copied(as_dtype(images, self._dtype_for(images)))

    def _describe(self):
        masker = ""
        if self.masker is not None:
            masker = f"{sentences_of(getattr(self, 'masker_', self.masker))} "
        sides = [
            f"Pixels {side} of the masks were set to {_shown(value)}."
            for side, value in zip(("outside", "inside"), self._values().values(), strict=True)
            if value is not None
        ]
        return masker + " ".join(sides)

    def _dtype_for(self, images):
        given = dtype_of(images)
        dtype = given if self.dtype is None else np.dtype(self.dtype)
        # Between floats precision may be lost, which is asked for; integers would wrap around.
        casting = "same_kind" if dtype.kind == "f" else "safe"
        if dtype != given and not np.can_cast(given, dtype, casting):
            msg = (
                f"MaskApplier expects a dtype that can hold {given} pixels, got {dtype}. "
                f"Use dtype={np.result_type(given, dtype).name!r}."
            )
            raise ValueError(msg)
        return dtype

    def _fill_for(self, name, images, masks):
        """Return a value in the dtype of the result, in a shape that broadcasts to the images."""
        value, dtype = getattr(self, name), self._dtype_for(images)
        if isinstance(value, str):
            outside, _, statistic = value.rpartition("_")
            return self._computed_fill(images, ~masks if outside else masks, statistic, dtype)
        if type(value) in (int, float):
            return _fill_of(value, str(value), dtype, name)
        fill = _checked_fill(value, dtype, name)
        return self._shaped_fill(name, fill, images.shape[1:])

    def _computed_fill(self, images, masks, statistic, dtype):
        axis = self.channel_axis
        channels = images[np.newaxis] if axis is None else np.moveaxis(images, axis, 0)
        columns = [
            region_statistics(channel, masks & is_number(channel), (statistic,))
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

    def _shaped_fill(self, name, fill, image_shape):
        if fill.ndim == 0 or fill.shape == image_shape:
            return fill
        if len(image_shape) == 1 and fill.size == image_shape[0]:
            return fill.reshape(image_shape)
        if self.channel_axis is not None:
            axis = axis_of_image(self.channel_axis, len(image_shape))
            if fill.shape == (image_shape[axis],):
                return fill.reshape([-1 if i == axis else 1 for i in range(len(image_shape))])
        msg = (
            f"MaskApplier expects {name} to be a number or an array of the images' shape, {image_shape}, "
            f"got one of shape {fill.shape}. Nothing is broadcast."
        )
        raise ValueError(msg)


def _checked_fill(value, dtype, name):
    """Return a fill value as an array of the dtype of the result."""
    remedy = "dtype={!r} to convert the images"
    value = read_one(value, caller=CALLER, name=name)
    return check_fill_value(dtype, value, caller=CALLER, remedy=remedy, name=name)


@lru_cache(maxsize=256)
def _fill_of(value, text, dtype, name):
    """Return a number as an array, without checking it again: that takes longer than to fill a small image.

    The `text` of the number tells zeros of different signs apart.
    """
    return _checked_fill(value, dtype, name)


def _are_empty(masks):
    """Tell, in a row for each mask, whether it has no foreground."""
    return ~namespace(masks).any(flat_rows(masks), axis=1, keepdims=True)


def _shown(value):
    """Name the value of one side of the masks."""
    if isinstance(value, str):
        outside, _, statistic = value.rpartition("_")
        return f"the {statistic} of those {outside or 'inside'}"
    return "those of an image" if np.ndim(value) > 1 else number(value)
