"""Images cut to the box around their masks."""

from numbers import Integral

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skmask._describe import sentences_of
from skmask._images.containers import read_images
from skmask._images.reach import axis_of_image
from skmask._kernels.pixels.fill import fill_as
from skmask._kernels.regions.statistics import bounding_box
from skmask._output import fitted_on_rows
from skmask.base import ANY_NUMBER, COUNT, MASKER, MaskerHolder


class MaskCropper(MaskerHolder):
    """Cut images to the box around the masks of the training images.

    One box is learned in `fit`, the smallest that holds the foreground of every training image, and is cut
    out of every image in `transform`. A stack stays a stack, only smaller: less to compute, and no border
    that a classifier could learn from.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    margin : int, default=0
        Number of pixels to leave around the foreground on every side, as far as the image goes.
    fill_value : float, default=0
        Value of the pixels around the box in `inverse_transform`.
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
        The box, a slice for every axis of an image: ``image[box_]`` is the part that is kept.
    image_shape_ : tuple of int
        Shape of the images seen in `fit`.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskApplier : Fills what is outside of the masks, and keeps the size.
    MaskedPixelSelector : Keeps the pixels of one mask, of any outline, as features.

    Notes
    -----
    Training images without foreground have no part in the box; when none has any, that is an error. The
    images have one shape, in `fit` as in `transform`, where masks are not made again. What belongs to the
    images, such as masks to learn from, is cut alike by `transform`.

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
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "margin": [COUNT],
        "fill_value": [ANY_NUMBER, "nan"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(self, masker, *, margin=0, fill_value=0, channel_axis=None, image_shape=None):
        self.masker = masker
        self.margin = margin
        self.fill_value = fill_value
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def transform(self, X):
        """Cut images to the box.

        Parameters
        ----------
        X : array-like of shape ``(n_images, *image_shape_)`` or (n_images, n_pixels), or list of arrays
            Images of the shape seen in `fit`.

        Returns
        -------
        Xt : ndarray or list of ndarray
            Copies of the part in the box, in the container of `X`.
        """
        images = self._read_for_transform(X)
        images.check_shape(self.image_shape_, caller="MaskCropper")
        return images.map(lambda block: block[:, *self.box_].copy())

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
        check_is_fitted(self)
        cut_shape = tuple(part.stop - part.start for part in self.box_)
        return read_images(X, caller="MaskCropper", image_shape=cut_shape).map(self._place)

    def _describe(self):
        box = ", ".join(f"{part.start}:{part.stop}" for part in self.box_)
        margin = f" with a margin of {self.margin} pixels" if self.margin else ""
        return (
            f"{sentences_of(self.masker_)} Images were cropped to [{box}], the box around the masks of all "
            f"training images{margin}."
        )

    @available_if(fitted_on_rows)
    def get_feature_names_out(self, input_features=None):
        """Give the names of the pixels in the box, after a fit on flat rows.

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

    def _fit(self, images, masks):
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
        box = list(bounding_box(common, margin=self.margin))
        if self.channel_axis is not None:
            axis = axis_of_image(self.channel_axis, len(self.image_shape_))
            box.insert(axis, slice(0, self.image_shape_[axis]))
        self.box_ = tuple(box)

    def _place(self, images):
        fill = fill_as(images.dtype, self.fill_value, caller="MaskCropper")
        placed = np.full((len(images), *self.image_shape_), fill)
        placed[:, *self.box_] = images
        return placed
