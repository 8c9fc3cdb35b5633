"""Images cut to the box around their masks."""

from numbers import Integral

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmask._checks import check_fill_value, check_spacing
from skmask._describe import number, sentences_of
from skmask._images.axes import along_all_axes, axis_of_image, without_axis
from skmask._images.containers import read_images
from skmask._images.kinds import is_dask, is_list, is_reader, to_numpy
from skmask._images.tags import ImageTags
from skmask._kernels.regions.whole_masks import bounding_box
from skmask._output import fitted_on_rows
from skmask.base import ANY_NUMBER, LENGTH, MASKER, POSITIVE, MaskerHolder, StrOptions


class MaskCropper(MaskerHolder):
    """Cut images to the box around their masks: one box for all, or one for each.

    By default one box is learned in `fit`, the smallest that holds the foreground of every training image,
    and is cut out of every image in `transform`. A stack stays a stack, only smaller: less to compute, and no
    border that a classifier could learn from. Objects that are anywhere have a box each.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    per : {"all", "image"}, default="all"
        Cut all images to the box that is learned in `fit`, or each image to the box of its own mask, so that
        a list of images comes out.
    size : float or sequence of float, default=None
        Size of what is cut out along each axis, or along all, around the center of the box of each mask, in
        pixels or in units of `spacing`; a stack comes out of a stack. It needs ``per="image"``. None cuts to
        the box.
    margin : float, default=0
        How much to leave around the foreground on every side, as far as the image goes, in pixels or in units
        of `spacing`.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all: the unit of `size` and
        `margin`, which are rounded up to whole pixels. None is 1.
    fill_value : float, default=0
        Value of the pixels around the box in `inverse_transform`, and of what `size` takes from beyond the
        image.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    box_ : tuple of slice
        The box, a slice for every axis of an image: ``image[box_]`` is the part that is kept. With
        ``per="all"`` only.
    image_shape_ : tuple of int
        Shape of the images seen in `fit`. With ``per="all"`` only.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskApplier : Fills what is outside of the masks, and keeps the size.
    MaskedPixelSelector : Keeps the pixels of one mask, of any outline, as features.

    Notes
    -----
    With ``per="all"`` training images without foreground have no part in the box; when none has any, that is
    an error. The images have one shape, in `fit` as in `transform`, where masks are not made again. Masks
    and other companions of the images are cut in the same way by `transform`.

    With ``per="image"`` an image without foreground stays whole, and `size` is cut from its center. Of a
    dask array the boxes are computed at once, and the list holds dask arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskCropper, ThresholdMasker
    >>> X = np.zeros((2, 4, 5), int)
    >>> X[0, 1, 2], X[1, 2, 3] = 7, 9
    >>> cropper = MaskCropper(ThresholdMasker(5)).fit(X)
    >>> cropper.transform(X)
    array([[[7, 0],
            [0, 0]],
    <BLANKLINE>
           [[0, 0],
            [0, 9]]])
    >>> cropper.box_
    (slice(1, 3, None), slice(2, 4, None))
    >>> cropper.inverse_transform(cropper.transform(X)).shape
    (2, 4, 5)
    >>> MaskCropper(ThresholdMasker(5), per="image", size=2).fit_transform(X)
    array([[[0, 0],
            [0, 7]],
    <BLANKLINE>
           [[0, 0],
            [0, 9]]])
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "per": [StrOptions({"all", "image"})],
        "size": [None, POSITIVE, "array-like"],
        "margin": [LENGTH],
        "spacing": [None, LENGTH, "array-like"],
        "fill_value": [ANY_NUMBER, "nan"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        masker,
        *,
        per="all",
        size=None,
        margin=0,
        spacing=None,
        fill_value=0,
        channel_axis=None,
        image_shape=None,
    ):
        self.masker = masker
        self.per = per
        self.size = size
        self.margin = margin
        self.spacing = spacing
        self.fill_value = fill_value
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.drops_single_axes = False  # the box has all axes
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def transform(self, X):
        """Cut images to the box.

        Parameters
        ----------
        X : array-like of shape ``(n_images, *image_shape_)`` or (n_images, n_pixels), or list of arrays
            Images, with ``per="all"`` of the shape seen in `fit`.

        Returns
        -------
        Xt : ndarray or list of ndarray
            Copies of the part in the box, in the container of `X`; with ``per="image"`` and no `size` a list.
        """
        images = self._read_for_transform(X)
        if self.per == "all":
            images.check_shape(self.image_shape_, caller="MaskCropper")
            return images.map(lambda block: block[:, *self.box_].copy())
        masks = self._make_masks(X, images)
        if self.size is not None:
            return images.map(self._cut_to_size, masks)
        if images.is_rows:
            msg = (
                "MaskCropper expects images to cut each to its own box, got flat rows, which would differ in "
                "length. Set size for rows of one length, or reshape them to images."
            )
            raise ValueError(msg)
        boxes = images.measure(self._measure_boxes, masks).astype(int)
        stack = X if is_list(X) or is_reader(X) else images.blocks[0]
        return [self._cut(stack, i, bounds) for i, bounds in enumerate(boxes)]

    def inverse_transform(self, X):
        """Put what was cut out back in its place.

        Parameters
        ----------
        X : array-like of the shape that `transform` gives, or list of arrays
            Cut images, or what was computed from them pixel by pixel.

        Returns
        -------
        Xt : ndarray or list of ndarray
            Images of shape ``image_shape_``, with `fill_value` around the box, in the container of `X`.
        """
        if self.per == "image":
            msg = (
                "MaskCropper expects per='all' for inverse_transform, got per='image', which cuts another "
                "box from each image. Use MaskApplier to keep the size of images."
            )
            raise ValueError(msg)
        check_is_fitted(self)
        cut_shape = tuple(part.stop - part.start for part in self.box_)
        return read_images(X, ImageTags(image_shape=cut_shape), caller="MaskCropper").map(
            self._place
        )

    def _describe(self):
        unit = "pixels" if self.spacing is None else f"(spacing {number(self.spacing)})"
        margin = f" with a margin of {number(self.margin)} {unit}" if self.margin else ""
        masker = sentences_of(self.masker_)
        if self.size is not None:
            return (
                f"{masker} Images were cropped to a size of {number(self.size)} {unit} around the center of "
                "the mask of each."
            )
        if self.per == "image":
            return f"{masker} Each image was cropped to the box around its mask{margin}."
        box = ", ".join(f"{part.start}:{part.stop}" for part in self.box_)
        return (
            f"{masker} Images were cropped to [{box}], the box around the masks of all training images"
            f"{margin}."
        )

    @available_if(fitted_on_rows)
    def get_feature_names_out(self, input_features=None):
        """Return the names of the pixels in the box, after a fit on flat rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels; those seen in `fit`, or ``x0, x1, ...``, when left out.

        Returns
        -------
        names : ndarray of str
        """
        names = super().get_feature_names_out(input_features)
        return names.reshape(self.image_shape_)[self.box_].ravel()

    def _validate_params(self):
        super()._validate_params()
        if self.size is not None and self.per != "image":
            msg = (
                "MaskCropper expects per='image' for a size around the center of each mask, got per='all'. "
                "Set per='image', or leave size out."
            )
            raise ValueError(msg)

    def _check(self, shape):
        super()._check(shape)
        self._pixels(shape)

    def _pixels(self, shape):
        """Return the margin and the size in pixels along the axes of a mask; None for no size."""
        shape = without_axis(shape, self.channel_axis, "MaskCropper")
        n_axes = len(shape) - 1
        spacing = along_all_axes(self.spacing, shape)
        spacing = check_spacing(spacing, n_axes, caller="MaskCropper")
        # A length of a whole number of pixels must not be rounded up by the rounding of a quotient.
        margin = np.ceil(self.margin / spacing * (1 - 1e-12)).astype(int)
        if self.size is None:
            return margin, None
        size = np.asarray(along_all_axes(self.size, shape), dtype=float)
        if size.shape not in ((), (n_axes,)) or not (size > 0).all():
            msg = (
                f"MaskCropper expects size to be a positive number or {n_axes} of them, got {self.size}. "
                "Use the size along each axis of the image."
            )
            raise ValueError(msg)
        return margin, np.ceil(size / spacing * (1 - 1e-12)).astype(int)

    def _fit(self, images, masks):
        if self.per == "image":
            return
        self.image_shape_ = images.shapes[0][1:]
        images.check_shape(self.image_shape_, caller="MaskCropper")
        common = images.reduce(
            lambda images, masks: masks.any(axis=0), lambda parts: np.any(parts, axis=0), masks
        )
        if not common.any():
            msg = (
                f"MaskCropper expects foreground in the mask of some training image, got {len(images)} empty "
                "masks. Use another masker."
            )
            raise ValueError(msg)
        margin, _ = self._pixels((1, *self.image_shape_))
        self.box_ = self._with_channels(bounding_box(common, margin=margin), self.image_shape_)

    def _with_channels(self, box, image_shape):
        """Add a slice of all channels to a box of masks."""
        if self.channel_axis is None:
            return box
        axis = axis_of_image(self.channel_axis, len(image_shape))
        return (*box[:axis], slice(0, image_shape[axis]), *box[axis:])

    def _measure_boxes(self, images, masks):
        """Return where the box of each mask starts and stops, in a row for each image."""
        margin, _ = self._pixels(images.shape)
        boxes = [bounding_box(mask, margin=margin) for mask in masks]
        return np.array([[[part.start, part.stop] for part in box] for box in boxes]).reshape(
            len(boxes), -1
        )

    def _cut(self, stack, i, bounds):
        """Cut an image to its box, given by where it starts and stops along each axis."""
        image = stack[i : i + 1][0]
        image = image if is_dask(stack) else np.asarray(to_numpy(image))
        box = tuple(map(slice, *bounds.reshape(-1, 2).T.tolist()))
        part = image[self._with_channels(box, image.shape)]
        return part if is_dask(stack) else part.copy()

    def _cut_to_size(self, images, masks):
        """Cut images to one size around the centers of the boxes of their masks."""
        _, size = self._pixels(images.shape)
        fill = check_fill_value(images.dtype, self.fill_value, caller="MaskCropper")
        axis = self.channel_axis
        planes = images if axis is None else np.moveaxis(images, axis, -1)
        cut = np.full((len(images), *size, *planes.shape[masks.ndim :]), fill)
        for image, mask, target in zip(planes, masks, cut, strict=True):
            box = bounding_box(mask)
            source, place = [], []
            for part, length, whole in zip(box, size.tolist(), mask.shape, strict=True):
                start = (part.start + part.stop - length) // 2
                first, last = max(start, 0), min(start + length, whole)
                source.append(slice(first, max(first, last)))
                place.append(slice(first - start, max(first, last) - start))
            target[tuple(place)] = image[tuple(source)]
        return cut if axis is None else np.moveaxis(cut, -1, axis % images.ndim)

    def _place(self, images):
        fill = check_fill_value(images.dtype, self.fill_value, caller="MaskCropper")
        placed = np.full((len(images), *self.image_shape_), fill)
        placed[:, *self.box_] = images
        return placed
