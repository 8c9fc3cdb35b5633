"""The pixels under one learned mask, as features for classifiers."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._checks import check_fill_value
from skmask._describe import sentences_of
from skmask._features.pixel_rows import fold_rows, pixel_names
from skmask._images.axes import axis_of_image
from skmask._kernels.pixels.binary import as_bytes
from skmask._kernels.pixels.namespaces import flat_rows, like, namespace, to_host
from skmask.base import ANY_NUMBER, MASKER, MaskerHolder, StrOptions


class MaskedPixelSelector(MaskerHolder):
    """Select the pixels under one mask, learned over the training images, as features.

    A classifier wants the same features of every image, and masks differ from image to image. The masks of
    the training images are therefore combined to one, whose pixels become the columns.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    combine : {"union", "intersection", "majority"}, default="union"
        Which pixels the one mask takes: those in the mask of any training image, of every one, or of more
        than half of them.
    fill_value : float, default=0
        Value of the pixels that are not selected in `inverse_transform`.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. All channels of a pixel are selected. It is never guessed.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    mask_ : ndarray of bool of shape ``image_shape_``
        The pixels that are selected.
    image_shape_ : tuple of int
        Shape of the images seen in `fit`; flat rows have one axis.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ImageFlattener : Takes all pixels as features.
    MaskCropper : Cuts images to the box around the masks, and keeps them images.

    Notes
    -----
    Pixels are taken in memory order C, row by row. All images must have the shape seen in `fit`; masks are
    not made again in `transform`. A mask without any pixel is an error.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskedPixelSelector, ThresholdMasker
    >>> X = np.array([[[0, 7, 8], [0, 9, 1]], [[0, 6, 2], [0, 9, 3]]])  # two images
    >>> selector = MaskedPixelSelector(ThresholdMasker(5)).fit(X)
    >>> selector.transform(X)
    array([[7, 8, 9],
           [6, 2, 9]])
    >>> selector.get_feature_names_out().tolist()
    ['pixel_0_1', 'pixel_0_2', 'pixel_1_1']
    >>> selector.inverse_transform([0.1, 0.2, 0.3])  # such as the coefficients of a linear model
    array([[0. , 0.1, 0.2],
           [0. , 0.3, 0. ]])
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "combine": [StrOptions({"union", "intersection", "majority"})],
        "fill_value": [ANY_NUMBER, "nan"],
        "channel_axis": [None, Integral],
    }
    _stays_on_device = True

    def __init__(self, masker, *, combine="union", fill_value=0, channel_axis=None):
        self.masker = masker
        self.combine = combine
        self.fill_value = fill_value
        self.channel_axis = channel_axis

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def transform(self, X):
        """Select the pixels under the mask.

        Parameters
        ----------
        X : array-like of shape ``(n_images, *image_shape_)`` or (n_images, n_pixels), or list of arrays
            Images of the shape seen in `fit`.

        Returns
        -------
        features : ndarray of shape (n_images, n_selected)
            The selected pixels of each image, in the dtype of `X`.
        """
        images = self._read_for_transform(X)
        images.check_shape(self.image_shape_, caller="MaskedPixelSelector")
        selected = self.get_support(indices=True)
        return images.map_rows(
            lambda block: namespace(block).take(flat_rows(block), like(selected, block), axis=1)
        )

    def inverse_transform(self, X):
        """Put features back in their positions in images.

        Parameters
        ----------
        X : array-like of shape (n_images, n_selected) or (n_selected,)
            Rows such as `transform` gives, or one row, such as the coefficients of a linear model or the
            support of a feature selection.

        Returns
        -------
        images : ndarray of shape ``(n_images, *image_shape_)`` or ``image_shape_``
            Images, or flat rows after a fit on flat rows, with `fill_value` where nothing was selected.
        """
        check_is_fitted(self)
        names = self.get_feature_names_out()
        return fold_rows(X, names, self._fold, caller="MaskedPixelSelector")

    def _fold(self, rows):
        fill = check_fill_value(rows.dtype, self.fill_value, caller="MaskedPixelSelector")
        images = np.full((*rows.shape[:-1], *self.image_shape_), fill)
        images[..., self.mask_] = rows
        return images

    def get_support(self, indices=False):
        """Tell which pixels of a flattened image are selected.

        Parameters
        ----------
        indices : bool, default=False
            Whether to give the positions of the selected pixels instead of a boolean for each pixel.

        Returns
        -------
        support : ndarray of bool of shape (n_pixels,), or of int of shape (n_selected,)
        """
        check_is_fitted(self)
        support = self.mask_.ravel()
        return np.flatnonzero(support) if indices else support

    def get_feature_names_out(self, input_features=None):
        """Return the names of the selected pixels.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels of flat rows; not used for images.

        Returns
        -------
        names : ndarray of str
            ``pixel_{row}_{column}`` for images; the names of the columns for flat rows.
        """
        check_is_fitted(self)
        if self.mask_.ndim == 1:
            return super().get_feature_names_out(input_features)[self.mask_]
        return pixel_names(np.argwhere(self.mask_))

    def _describe(self):
        n_selected = np.count_nonzero(self.mask_)
        return (
            f"{sentences_of(self.masker_)} The {n_selected} pixels in the {self.combine} of the masks of the "
            "training images were taken as features."
        )

    def _fit(self, images, masks):
        self.image_shape_ = images.shapes[0][1:]
        images.check_shape(self.image_shape_, caller="MaskedPixelSelector")
        n_images = len(images)
        needed = {"union": 1, "intersection": n_images, "majority": n_images // 2 + 1}
        counts = images.reduce(lambda images, masks: _count_images(masks), sum, masks)
        mask = counts >= needed[self.combine]
        if not mask.any():
            msg = (
                f"MaskedPixelSelector expects a mask with some pixel to select, got an empty {self.combine} "
                f"of the masks of {n_images} images. Use another masker, or combine='union'."
            )
            raise ValueError(msg)
        if self.channel_axis is not None:
            axis = axis_of_image(self.channel_axis, len(self.image_shape_))
            mask = np.broadcast_to(np.expand_dims(mask, axis), self.image_shape_).copy()
        self.mask_ = mask


def _count_images(masks):
    """Count, for each pixel, the masks that hold it."""
    xp = namespace(masks)
    return to_host(xp.sum(as_bytes(masks), axis=0, dtype=xp.int64))
