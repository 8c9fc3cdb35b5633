"""From stacks of images to rows of features, and back."""

import math

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._features.pixel_rows import fold_rows, pixel_names
from skmask._kernels.pixels.namespaces import flat_rows
from skmask.base import ImageTransformer


class ImageFlattener(ImageTransformer):
    """Flatten images to rows of pixels, as classifiers want them.

    Attributes
    ----------
    image_shape_ : tuple of int
        Shape of the images seen in `fit`; flat rows have one axis.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskApplier : Masks images before they are flattened.

    Notes
    -----
    Pixels are taken in memory order C, row by row. All images must have the shape seen in `fit`, as a row
    for a classifier has a fixed length. Flat rows pass as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ImageFlattener
    >>> X = np.arange(12).reshape(2, 2, 3)
    >>> flattener = ImageFlattener().fit(X)
    >>> flattener.transform(X)
    array([[ 0,  1,  2,  3,  4,  5],
           [ 6,  7,  8,  9, 10, 11]])
    >>> flattener.inverse_transform(flattener.transform(X)).shape
    (2, 2, 3)
    >>> flattener.get_feature_names_out()[:4].tolist()
    ['pixel_0_0', 'pixel_0_1', 'pixel_0_2', 'pixel_1_0']
    """

    _stays_on_device = True

    def transform(self, X):
        """Flatten images.

        Parameters
        ----------
        X : array-like of shape ``(n_images, *image_shape_)`` or (n_images, n_pixels), or list of arrays
            Images of the shape seen in `fit`.

        Returns
        -------
        rows : ndarray of shape (n_images, n_pixels)
            The pixels of each image, in the dtype of `X`; a view where NumPy can give one.
        """
        images = self._read_for_transform(X)
        images.check_shape(self.image_shape_, caller="ImageFlattener")
        return images.map_rows(flat_rows)

    def inverse_transform(self, X):
        """Fold rows back to images.

        Parameters
        ----------
        X : array-like of shape (n_images, n_pixels) or (n_pixels,)
            Rows such as `transform` gives, or one row, such as the coefficients of a linear model.

        Returns
        -------
        images : ndarray of shape ``(n_images, *image_shape_)`` or ``image_shape_``
        """
        check_is_fitted(self)
        return fold_rows(
            X,
            self.get_feature_names_out(),
            lambda rows: rows.reshape(*rows.shape[:-1], *self.image_shape_),
            caller="ImageFlattener",
        )

    def get_feature_names_out(self, input_features=None):
        """Return the names of the pixels.

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
        if len(self.image_shape_) == 1:
            return super().get_feature_names_out(input_features)
        return pixel_names(np.ndindex(*self.image_shape_))

    def _describe(self):
        return f"Images were flattened to rows of {math.prod(self.image_shape_)} pixels."

    def _fit(self, images, y):
        self.image_shape_ = images.shapes[0][1:]
        images.check_shape(self.image_shape_, caller="ImageFlattener")
