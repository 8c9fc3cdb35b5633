"""A masker with a threshold for every pixel."""

import math
from numbers import Integral

from skmask._checks import are_bounds, check_window
from skmask._describe import above_threshold, cite, number
from skmask._kernels.local.thresholds import DEFAULT_K, LOCAL_METHODS, local_mask
from skmask._names import did_you_mean
from skmask.base import ANY_NUMBER, FOREGROUND, ImageMasker, Interval

CALLER = "LocalThresholdMasker"

# Pixels of a mirrored image: some hundred megabytes for arrays of doubles, or so many times the image.
MOST_MIRRORED = 2**24
MOST_TIMES = 64


class LocalThresholdMasker(ImageMasker):
    """Make masks of the pixels above a threshold computed from the window around each.

    For images whose background varies from place to place, as under uneven light, so that no one threshold
    fits all of an image. It learns nothing and can be used without a fit.

    Parameters
    ----------
    method : str, default="mean"
        Formula of the threshold. m and s are the mean and standard deviation of the window, low and high
        the ends of `value_range`, and R = (high - low) / 2. The value of `k` for None is in parentheses;
        the first three methods have no `k`.

        - ``"mean"``: m
        - ``"gaussian"``: the mean with Gaussian weights, of standard deviation (window - 1) / 6
        - ``"median"``: the median
        - ``"niblack"``: m - k s (0.2) [1]_
        - ``"sauvola"``: low + (m - low) (1 + k (s / R - 1)) (0.2) [2]_
        - ``"wolf"``: m - k (1 - s / S) (m - M), with the greatest s and the darkest pixel of the image, S
          and M (0.5) [3]_
        - ``"phansalkar"``: as ``"sauvola"``, with 2 exp(-5 (m - low) / R) more in the outer parentheses,
          for faint objects (0.25) [4]_
        - ``"bradley"``: low + (m - low) (1 - k) (0.15) [5]_
        - ``"bernsen"``: the middle between the darkest and the brightest pixel of the window; where these
          differ by less than k (high - low), the window is all foreground or all background (15 / 255)
          [6]_

        ``"sauvola"``, ``"wolf"``, ``"phansalkar"`` and ``"bradley"`` are made for dark objects, print on
        paper, and so is ``"niblack"`` with a positive `k`: combine them with ``foreground="dark"``.
    window : int or tuple of int, default=31
        Odd length of the window in pixels: one for all axes of an image or one for each. It should be
        larger than the objects.
    k : float, default=None
        Weight in the formula of the method; None is the customary one.
    offset : float, default=0.0
        Subtracted from the threshold. A negative one, as far as the noise reaches, keeps an even background
        from being half foreground.
    value_range : (low, high), default=None
        The darkest and the brightest value there can be, for ``"sauvola"``, ``"phansalkar"``,
        ``"bradley"`` and ``"bernsen"``. None is the range of the dtype for booleans and unsigned integers,
        and the range of each image for others.
    foreground : {"bright", "dark"}, default="bright"
        ``"bright"`` makes pixels above their threshold foreground, ``"dark"`` all other pixels except NaN.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    HistogramThresholdMasker : One threshold for all images, learned from training images.

    Notes
    -----
    Windows are summed up by doubling, without the cancellation of integral images, at a cost that grows with
    the logarithm of the window. NaN and infinities are left out of the window. Beyond its edge an image is
    mirrored, as in scikit-image, whose masks these are where it has the method.

    References
    ----------
    .. [1] W. Niblack, An Introduction to Digital Image Processing, 1986.
    .. [2] J. Sauvola and M. Pietikäinen, "Adaptive document image binarization", Pattern Recognition 33,
       2000. https://doi.org/10.1016/S0031-3203(99)00055-2
    .. [3] C. Wolf and J.-M. Jolion, "Extraction and recognition of artificial text in multimedia
       documents", Pattern Analysis and Applications 6, 2003. https://doi.org/10.1007/s10044-003-0197-7
    .. [4] N. Phansalkar et al., "Adaptive local thresholding for detection of nuclei in diversity stained
       cytology images", 2011. https://doi.org/10.1109/ICCSP.2011.5739305
    .. [5] D. Bradley and G. Roth, "Adaptive thresholding using the integral image", Journal of Graphics
       Tools 12, 2007. https://doi.org/10.1080/2151237X.2007.10129236
    .. [6] J. Bernsen, "Dynamic thresholding of gray-level images", ICPR, 1986.

    Examples
    --------
    Two spots, on a background brighter than the first of them:

    >>> import numpy as np
    >>> from skmask import LocalThresholdMasker
    >>> X = np.array([[[10, 20, 50, 40, 50, 60, 90, 80, 90]]])  # one image
    >>> LocalThresholdMasker(window=3, offset=-5).transform(X).astype(int)
    array([[[0, 0, 1, 0, 0, 0, 1, 0, 0]]])
    """

    _parameter_constraints = {
        "method": [str],
        "window": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "k": [None, ANY_NUMBER],
        "offset": [ANY_NUMBER],
        "value_range": [None, tuple, list],
        "foreground": [FOREGROUND],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        method="mean",
        *,
        window=31,
        k=None,
        offset=0.0,
        value_range=None,
        foreground="bright",
        image_shape=None,
    ):
        self.method = method
        self.window = window
        self.k = k
        self.offset = offset
        self.value_range = value_range
        self.foreground = foreground
        self.image_shape = image_shape

    def _check(self, shape):
        self._window_for(shape)

    def _validate_params(self):
        super()._validate_params()
        if self.method not in LOCAL_METHODS:
            msg = (
                f"{CALLER} expects method to be one of {', '.join(LOCAL_METHODS)}, got {self.method!r}."
                f"{did_you_mean(self.method, LOCAL_METHODS) or ' Use one of these names.'}"
            )
            raise ValueError(msg)
        if self.k is not None and DEFAULT_K[self.method] is None:
            msg = (
                f"{CALLER} expects k=None with method={self.method!r}, which has no weight, got "
                f"k={self.k!r}. Leave k out."
            )
            raise ValueError(msg)
        limits = self.value_range
        if limits is not None and not (
            are_bounds(limits) and None not in limits and limits[0] < limits[1]
        ):
            msg = f"{CALLER} expects value_range=(low, high) with low < high, got {limits!r}. Order them."
            raise ValueError(msg)

    def _window_for(self, shape):
        """Return the length of the window along each axis of images in a block of a shape."""
        image_shape = shape[1:]
        window = check_window(self.window, len(image_shape), caller=CALLER)
        # Images are mirrored as far as the window reaches beyond them.
        n_mirrored = math.prod(map(sum, zip(image_shape, window, strict=True)))
        if n_mirrored > max(MOST_MIRRORED, MOST_TIMES * math.prod(image_shape)):
            msg = (
                f"{CALLER} expects a window of about the size of the images at most, got "
                f"window={self.window} for images of shape {image_shape}. Use a smaller one, or "
                "HistogramThresholdMasker for one threshold for all pixels of an image."
            )
            raise ValueError(msg)
        return window

    def _describe(self):
        threshold = cite(LOCAL_METHODS[self.method])
        k = "" if self.k is None else f" with k={number(self.k)}"
        offset = f" minus {number(self.offset)}" if self.offset else ""
        pixels = above_threshold(self.foreground, f"{threshold}{k}{offset}")
        return f"{pixels} in a window of {number(self.window)} pixels were taken as foreground."

    def _transform(self, images):
        return self._prepare(images.shape, images.dtype)(images)

    def _prepare(self, shape, dtype):
        return local_mask.plan(
            shape[1:],
            dtype,
            method=self.method,
            window=self._window_for(shape),
            k=self.k,
            offset=self.offset,
            value_range=self.value_range,
            foreground=self.foreground,
        )
