"""Gaussian smoothing of images."""

from numbers import Integral

from skmask._describe import number
from skmask._kernels.local.gaussian import gaussian_reach
from skmask._steps.image_filter import ImageFilter, plan_gaussian
from skmask.base import LENGTH


class GaussianSmoother(ImageFilter):
    """Smooth images by a Gaussian filter.

    Put it before a masker when noise makes the histograms of foreground and background overlap. It learns
    nothing and can be used without a fit.

    Parameters
    ----------
    sigma : float or sequence of float, default=1.0
        Standard deviation of the Gaussian, in pixels or in the unit of `spacing`; one for all axes of an
        image or one for each. 0 smooths nothing. A larger one removes more noise and more detail.
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
    MedianSmoother : Removes outliers and keeps edges.
    BackgroundSubtractor : Removes what is smooth.

    Notes
    -----
    The filter is that of `scipy.ndimage.gaussian_filter`: cut off at four standard deviations, and images are
    mirrored about the edge of their last pixels. The result is float32, whatever the dtype of the images, so
    pixels far from 0 that float32 does not tell apart bring a warning.

    NaN and infinities stay where they are and do not spread. With w the Gaussian, and c the image that is 1
    at finite pixels and 0 elsewhere, the result is the normalized convolution (w * (c x)) / (w * c) [1]_.

    References
    ----------
    .. [1] H. Knutsson and C.-F. Westin, "Normalized and differential convolution", CVPR, 1993.
       https://doi.org/10.1109/CVPR.1993.341081

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import GaussianSmoother
    >>> X = np.array([[[0, 0, 0, 80, 0, 0, 0]]])  # one image
    >>> GaussianSmoother(1.0).transform(X).round(1)
    array([[[ 0.4,  4.3, 19.4, 31.9, 19.4,  4.3,  0.4]]], dtype=float32)
    """

    _parameter_constraints = {
        "sigma": [LENGTH, "array-like"],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }
    _size = "sigma"

    def __init__(self, sigma=1.0, *, spacing=None, channel_axis=None, image_shape=None):
        self.sigma = sigma
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def _transform(self, images):
        return self._prepare(images.shape, images.dtype)(images)

    def _prepare(self, shape, dtype):
        self._check(shape)
        sigmas = self._size_in_pixels(len(shape) - 1)
        return plan_gaussian(shape[1:], dtype, sigmas, caller="GaussianSmoother")

    def _reach(self, n_axes):
        return [gaussian_reach(sigma) for sigma in self._size_in_pixels(n_axes)]

    def _describe(self):
        return (
            f"Images were smoothed by a Gaussian filter with a standard deviation of {number(self.sigma)} "
            f"{self._unit()}."
        )
