"""Subtraction of the background of images, or division by it."""

from functools import partial
from numbers import Integral

from skmask._describe import number
from skmask._kernels.local.backgrounds import top_hat, without_background
from skmask._kernels.local.extremes import open_gray
from skmask._kernels.local.gaussian import gaussian_reach
from skmask._kernels.local.medians import median_smooth
from skmask._steps.image_filter import ImageFilter, plan_gaussian
from skmask.base import FOREGROUND, LENGTH, StrOptions


class BackgroundSubtractor(ImageFilter):
    """Estimate the background around every pixel and subtract it, or divide by it.

    Put it before a masker when light or staining is uneven within images, so that no one threshold fits all
    of an image. It learns nothing and can be used without a fit.

    Parameters
    ----------
    radius : float, default=25
        Size of the surroundings from which the background is estimated, in pixels or in the unit of
        `spacing`. It must be larger than the radius of the objects, as smaller ones are kept and larger ones
        are removed.
    method : {"opening", "gaussian", "median"}, default="opening"
        How the background is estimated. ``"opening"`` is the opening with a disk of this radius, and the
        closing for dark objects. ``"gaussian"`` is the Gaussian mean with a standard deviation of radius / 3.
        ``"median"`` is the median of the square window that extends `radius` to each side.
    mode : {"subtract", "divide"}, default="subtract"
        ``"subtract"`` is for light that is added, such as fluorescence of the background. ``"divide"`` is for
        light that is multiplied, such as uneven illumination of a page.
    foreground : {"bright", "dark"}, default="bright"
        For ``"opening"``: whether objects are brighter than the background or darker. Objects stay bright or
        dark, so a masker behind it needs the same setting.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. None is 1.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Each
        channel has its own background. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    LocalThresholdMasker : Thresholds that follow the background.
    ImageNormalizer : Evens out brightness between images.

    Notes
    -----
    With x the image and b its background, the result is x - b or x / b, in float32, whatever the dtype of the
    images. ``"opening"`` with ``"subtract"`` is the white top-hat of `skimage.morphology.white_tophat`, and
    for dark objects the black top-hat with its sign reversed [1]_. Division is for images that are not
    negative; b is at least 1 for integers and at least 1e-6 for floats.

    Gaussian means are float32, so pixels far from 0 that float32 does not tell apart bring a warning.

    The median of integers with more than a few hundred levels, or of floats, takes some hundred times as long
    as the other methods at the default radius. Convert images to uint8 before it.

    NaN and infinities are left out of backgrounds and stay what they are. Beyond its edge an image is
    mirrored; with a disk that is the same as leaving out what is beyond.

    References
    ----------
    .. [1] P. Soille, Morphological Image Analysis, 2nd edition, 2004, section 4.5.
       https://doi.org/10.1007/978-3-662-05088-0

    Examples
    --------
    Two spots, on a background brighter than the first of them:

    >>> import numpy as np
    >>> from skmask import BackgroundSubtractor
    >>> X = np.array([[[10, 20, 50, 40, 50, 60, 90, 80, 80]]])  # one image
    >>> BackgroundSubtractor(1).transform(X)
    array([[[ 0.,  0., 10.,  0.,  0.,  0., 10.,  0.,  0.]]], dtype=float32)
    """

    _parameter_constraints = {
        "radius": [LENGTH],
        "method": [StrOptions({"opening", "gaussian", "median"})],
        "mode": [StrOptions({"subtract", "divide"})],
        "foreground": [FOREGROUND],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }
    _size = "radius"

    def __init__(
        self,
        radius=25,
        *,
        method="opening",
        mode="subtract",
        foreground="bright",
        spacing=None,
        channel_axis=None,
        image_shape=None,
    ):
        self.radius = radius
        self.method = method
        self.mode = mode
        self.foreground = foreground
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def _transform(self, images):
        return self._prepare(images.shape, images.dtype)(images)

    def _prepare(self, shape, dtype):
        self._check(shape)
        if self.method == "opening" and self.mode == "subtract":
            return top_hat.plan(shape[1:], dtype, self._radii(len(shape) - 1), dark=self._is_dark())
        background = self._plan_background(shape[1:], dtype)
        return partial(without_background, find=background, divides=self.mode == "divide")

    def _reach(self, n_axes):
        if self.method == "gaussian":
            return [gaussian_reach(sigma) for sigma in self._sigmas(n_axes)]
        reach = super()._reach(n_axes)
        return [2 * far for far in reach] if self.method == "opening" else reach

    def _describe(self):
        operation = "opening" if self.foreground == "bright" else "closing"
        background = {
            "opening": f"{operation} with a disk",
            "gaussian": "Gaussian mean within a window",
            "median": "median of the square window",
        }
        verb = "subtracted from" if self.mode == "subtract" else "divided out of"
        return (
            f"The background, the {background[self.method]} with a radius of {number(self.radius)} "
            f"{self._unit()}, was {verb} each image."
        )

    def _sigmas(self, n_axes):
        return [size / 3 for size in self._size_in_pixels(n_axes)]

    def _plan_background(self, image_shape, dtype):
        """Return a function that estimates the background of images of a shape and dtype."""
        n_axes = len(image_shape)
        if self.method == "gaussian":
            sigmas = self._sigmas(n_axes)
            return plan_gaussian(image_shape, dtype, sigmas, caller="BackgroundSubtractor")
        if self.method == "median":
            return median_smooth.plan(image_shape, dtype, self._reach(n_axes))
        return open_gray.plan(image_shape, dtype, self._radii(n_axes), dark=self._is_dark())

    def _radii(self, n_axes):
        return [size * (1 + 1e-12) for size in self._size_in_pixels(n_axes)]

    def _is_dark(self):
        return self.foreground == "dark"
