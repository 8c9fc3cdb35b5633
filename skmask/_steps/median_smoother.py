"""Median smoothing of images."""

from numbers import Integral

from skmask._describe import number
from skmask._kernels.local.medians import median_smooth
from skmask._steps.image_filter import ImageFilter
from skmask.base import LENGTH


class MedianSmoother(ImageFilter):
    """Replace each pixel by the median of the window around it.

    Put it before a masker against outliers, such as salt-and-pepper noise or dead pixels. Unlike
    `GaussianSmoother`, it keeps edges. It learns nothing and can be used without a fit.

    Parameters
    ----------
    radius : float, default=1
        How far the square window extends to each side, in pixels or in the unit of `spacing`. 0 smooths
        nothing. A larger one removes larger specks and fills larger dents.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. None is 1.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Each
        channel is smoothed alone. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    GaussianSmoother : Faster, and better against Gaussian noise.
    LocalThresholdMasker : With ``method="median"``, compares pixels with such medians.

    Notes
    -----
    The result has the dtype of the images, as a median is one of the pixels. NaN and infinities are left out
    of windows and stay where they are; of an even number of pixels left, the mean of the middle two is
    taken. Images are mirrored about the edge of their last pixels, as by `scipy.ndimage.median_filter`.

    The time for integers with up to 256 levels hardly depends on the radius; for others it grows with the
    number of pixels in the window.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MedianSmoother
    >>> X = np.array([[[0, 0, 9, 0, 5, 5, 5]]])  # one image
    >>> MedianSmoother().transform(X)
    array([[[0, 0, 0, 5, 5, 5, 5]]])
    """

    _parameter_constraints = {
        "radius": [LENGTH],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }
    _size = "radius"

    def __init__(self, radius=1, *, spacing=None, channel_axis=None, image_shape=None):
        self.radius = radius
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    def _transform(self, images):
        return self._prepare(images.shape, images.dtype)(images)

    def _prepare(self, shape, dtype):
        return median_smooth.plan(shape[1:], dtype, self._reach_for(shape))

    def _describe(self):
        return (
            "Each pixel was replaced by the median of the square window around it with a radius of "
            f"{number(self.radius)} {self._unit()}."
        )
