"""Local features of every pixel, for classifiers of pixels."""

import functools
import math
from numbers import Integral

import numpy as np
from sklearn.utils.metaestimators import available_if

from skmask._checks import check_spacing, warn_of_lost_contrast
from skmask._describe import number
from skmask._features.pixel_rows import pixel_names
from skmask._images.axes import axis_of_image, without_axis
from skmask._images.faults import ImageFault, numbered
from skmask._kernels.features.bank import (
    feature_rows,
    feature_stack,
    iter_stacks,
    iter_sums,
)
from skmask._kernels.features.levels import greatest_of
from skmask._kernels.features.plan import FEATURES, make_plan
from skmask._kernels.pixels.precision import FLOAT32_MAX, finite_limits
from skmask._names import did_you_mean
from skmask._output import fitted_on_rows
from skmask.base import LENGTH, ImageTransformer, StrOptions

# Pixels of the largest Gaussian and window, which take memory and time.
MOST_SCALE = 1000


class LocalFeatures(ImageTransformer):
    """Compute features of the surroundings of every pixel: brightness, edges, curvature, texture.

    Use it if single gray values do not separate foreground from background, most often in a
    `PixelClassifierMasker`, whose memory does not grow with the number of features.

    Parameters
    ----------
    scales : sequence of float, default=(1, 2, 4, 8)
        Standard deviations of the Gaussians, in pixels or in the unit of `spacing`. Add 16 for objects of
        more than some 30 pixels.
    features : sequence of str, default=("intensity", "edges", "hessian")
        Features to compute, at each scale s:

        - ``"intensity"``: the mean under a Gaussian, and the pixel as it is;
        - ``"edges"``: the length of the gradient of that mean;
        - ``"hessian"``: the eigenvalues of its second derivatives, which distinguish lines and blobs, bright
          and dark;
        - ``"structure"``: the eigenvalues of the structure tensor, the products of the first derivatives
          averaged under a Gaussian, which distinguish oriented texture from corners [1]_;
        - ``"std"``: the standard deviation around that mean, under a Gaussian;
        - ``"minmax"``: the least and the greatest pixel of a window of ``2 * s + 1`` pixels;
        - ``"median"``: the median of such a window; ten times as slow as all others together.
    normalize : {"robust", "quantiles"}, default=None
        How images of different brightness or staining are made comparable. ``"robust"`` subtracts the
        image's own median and divides by the distance of its 5 and 95 % quantiles. ``"quantiles"`` adds
        features: the distance of the pixel to the 5, 25, 50, 75 and 95 % quantiles of the image, which
        needs some ten training images.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. None is 1.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Each
        channel has its own features. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    feature_names_ : list of str
        Names of the features along the last axis of what `transform` returns, such as ``"hessian_2_max"``.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    PixelClassifierMasker : Learns masks from these features.
    RegionStatistics : Features of images instead of pixels.

    Notes
    -----
    Gaussians end at three standard deviations, and each is computed from the previous one. Derivatives are
    differences of neighboring pixels; beyond its edge an image is mirrored. Everything is computed in
    float32, in tiles, so that memory holds little more than the features. Medians and quantiles of the image
    are subtracted before, in double precision where pixels need it. Pixels that are not finite are left out
    of all averages, and their own features are NaN.

    References
    ----------
    .. [1] J. Bigun and G. H. Granlund, "Optimal orientation detection of linear symmetry", ICCV, 1987.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import LocalFeatures
    >>> X = np.zeros((1, 9, 9))  # one image
    >>> X[0, 4, :] = 1  # with a bright line
    >>> features = LocalFeatures(scales=(1,))
    >>> features.fit_transform(X).shape
    (1, 9, 9, 5)
    >>> features.feature_names_
    ['intensity', 'intensity_1', 'edges_1', 'hessian_1_max', 'hessian_1_min']
    >>> features.transform(X)[0, 4, 4].round(2)  # strong curvature across the line, none along it
    array([ 1.  ,  0.4 ,  0.  ,  0.  , -0.31], dtype=float32)
    """

    _parameter_constraints = {
        "scales": [tuple, list],
        "features": [tuple, list],
        "normalize": [None, StrOptions({"robust", "quantiles"})],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        scales=(1, 2, 4, 8),
        features=("intensity", "edges", "hessian"),
        *,
        normalize=None,
        spacing=None,
        channel_axis=None,
        image_shape=None,
    ):
        self.scales = scales
        self.features = features
        self.normalize = normalize
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        # Features along axes of one pixel are left out here, so that those of fit are kept.
        tags.drops_single_axes = False
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def transform(self, X):
        """Compute the features of every pixel.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        features : ndarray of float32 of shape ``(n_images, *image_shape, n_features)`` or list
            The features of each pixel along the last axis; for flat rows all of them in a row.
        """
        return super().transform(X)

    @available_if(fitted_on_rows)
    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns, after a fit on flat rows.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels; those seen in `fit` when left out.

        Returns
        -------
        names : ndarray of str
            Name of a pixel and of a feature, such as ``pixel_0_3_edges_1`` or ``x3_edges_1``.
        """
        pixels = super().get_feature_names_out(input_features)
        if self.image_shape is not None and input_features is None:
            pixels = pixel_names(np.ndindex(*self.image_shape))
        return np.array(
            [f"{pixel}_{name}" for pixel in pixels for name in self.feature_names_], dtype=object
        )

    def compute_rows(self, image, chosen):
        """Return the features of chosen pixels of one image, of shape (n_chosen, n_features)."""
        plan, channels = self._checked(image)
        return feature_rows(channels, plan, chosen)

    def iter_stacks(self, image, *, most):
        """Yield tiles of `shape_of` an image, and their features, of shape ``(n_features, *tile_shape)``."""
        plan, channels = self._checked(image)
        yield from iter_stacks(channels, plan, most=most)

    def iter_sums(self, image, weights, intercepts, totals):
        """Yield tiles of `shape_of` an image, and weighted sums, of shape ``(n_sums, *tile_shape)``."""
        plan, channels = self._checked(image)
        yield from iter_sums(channels, plan, weights, intercepts, totals)

    def shape_of(self, image):
        """Return the shape of an image without its channels and axes of one pixel."""
        return self.plan_of(image)[1].shape[1:]

    def check_shape(self, shape):
        """Refuse a block of images whose features are not those seen in `fit`."""
        if self._names_for(shape) != self.feature_names_:
            msg = (
                "LocalFeatures expects images of as many axes and channels as those seen in fit, with "
                f"{len(self.feature_names_)} features, got images of shape {shape[1:]}. Fit on images "
                "like these, or set channel_axis."
            )
            raise ValueError(msg)

    def _check(self, shape):
        self._names_for(shape)

    def _learns(self):
        return True

    def _read(self, X, *, reset):
        images = super()._read(X, reset=reset)
        if reset:
            self._n_axes = 1
            shapes = [
                without_axis(shape, self.channel_axis, "LocalFeatures") for shape in images.shapes
            ]
            self._n_axes = max(len(self._long_axes(shape[1:])) for shape in shapes)
            self.feature_names_ = self._names_for(images.shapes[0])
            if self.normalize is None:
                self._warn_of_lost_contrast(next(images.first_blocks()))
        for shape in images.shapes:
            self.check_shape(shape)
        return images

    def _warn_of_lost_contrast(self, images):
        """Warn of training images that float32 does not tell from flat ones, by the first of them."""
        for image in images[:1]:
            also = ", or use normalize='robust'"
            for channel in self.plan_of(image)[1]:
                if warn_of_lost_contrast(channel, caller="LocalFeatures", also=also):
                    return

    def _reach(self, n_axes):
        if self.normalize is not None:
            return super()._reach(n_axes)
        n_spatial = n_axes - (self.channel_axis is not None)
        n_given = len(self.spacing) if np.ndim(self.spacing) == 1 else n_spatial
        reach = list(self._plan(n_given, tuple(range(n_given))).reach)
        if n_given < n_spatial:  # which of the axes have one pixel is not known here
            reach = [max(reach)] * n_spatial
        if self.channel_axis is not None:
            reach.insert(axis_of_image(self.channel_axis, n_axes), None)
        return reach

    def _transform(self, images):
        shape = without_axis(images.shape, self.channel_axis, "LocalFeatures")
        n_features = len(self.feature_names_)
        features = np.empty((len(images), n_features, *shape[1:]), np.float32)
        for i, (image, one) in enumerate(zip(images, features, strict=True)):
            with numbered([i]):
                plan, channels = self._checked(image)
            feature_stack(channels, plan, one.reshape(n_features, *channels.shape[1:]))
        return np.moveaxis(features, 1, -1)

    def _describe(self):
        kinds = ", ".join(self.features)
        normalize = {
            None: "",
            "robust": ", of images with their own median and range set to 0 and 1",
            "quantiles": ", and distances to the image's own quantiles",
        }[self.normalize]
        return (
            f"Of each pixel, {len(self.feature_names_)} features were computed: {kinds}, under Gaussians of "
            f"standard deviation {number(self.scales)}{normalize}."
        )

    def _names_for(self, shape):
        """Return the names of the features of images in a block of a shape."""
        spatial = without_axis(shape, self.channel_axis, "LocalFeatures")[1:]
        plan = self._plan(len(spatial), self._long_axes(spatial))
        if self.channel_axis is None:
            return list(plan.names)
        channels = range(shape[self.channel_axis])
        return [f"{name}_channel_{channel}" for channel in channels for name in plan.names]

    def _checked(self, image):
        """Return the plan for an image and its channels, or refuse pixels whose features overflow."""
        plan, channels = self.plan_of(image)
        # Normalized pixels are small.
        limit = FLOAT32_MAX if self.normalize == "robust" else plan.largest
        found = 0.0
        if greatest_of(channels.dtype) > limit:
            low, high = finite_limits(channels)
            found = max(-low, high)
        if found > limit:
            before = (
                f"LocalFeatures expects pixels of at most {limit:.2g} in magnitude, so that features fit "
                f"into float32, got {found:.2g} in"
            )
            after = f". Divide all images by the same number, such as {found:.0e}."
            raise ImageFault(before, after, 0)
        return plan, channels

    def plan_of(self, image):
        """Return the plan for an image, and its channels without the axes of one pixel."""
        channels = image[np.newaxis]
        if self.channel_axis is not None:
            channels = np.moveaxis(image, axis_of_image(self.channel_axis, image.ndim), 0)
        shape = channels.shape[1:]
        axes = self._long_axes(shape)
        return self._plan(len(shape), axes), channels.reshape(
            len(channels), *(shape[axis] for axis in axes)
        )

    def _long_axes(self, shape):
        """Return the axes of more than one pixel, and others until there are as many as in fit."""
        axes = [axis for axis, size in enumerate(shape) if size > 1]
        short = [axis for axis, size in enumerate(shape) if size == 1]
        return tuple(sorted([*axes, *short[: max(self._n_axes - len(axes), 0)]]))

    def _plan(self, n_axes, axes):
        """Return the plan for images of `n_axes` axes, of which those of one pixel do not count."""
        scales = tuple(self.scales)
        if not scales or not all(
            isinstance(one, (int, float, np.number)) and 0 < one < math.inf for one in scales
        ):
            msg = (
                f"LocalFeatures expects scales to be positive numbers, got {self.scales!r}. Pass standard "
                "deviations in pixels, such as (1, 2, 4)."
            )
            raise ValueError(msg)
        for name in self.features:
            if name not in FEATURES:
                msg = (
                    f"LocalFeatures expects features to be among {', '.join(FEATURES)}, got {name!r}."
                    f"{did_you_mean(name, FEATURES) or ' Use one of these names.'}"
                )
                raise ValueError(msg)
        if not self.features:
            msg = (
                "LocalFeatures expects features to name at least one, got none. Try ('intensity',)."
            )
            raise ValueError(msg)
        if np.ndim(self.spacing) == 1 and len(self.spacing) == len(axes):
            axes, n_axes = range(len(axes)), len(axes)  # without the axes of one pixel
        spacing = check_spacing(self.spacing, n_axes, caller="LocalFeatures")
        if max(scales) > MOST_SCALE * spacing.min():
            msg = (
                f"LocalFeatures expects scales of at most {MOST_SCALE} pixels, got {max(scales):g} at a "
                f"spacing of {spacing.min():g}. Use smaller ones, in the unit of spacing."
            )
            raise ValueError(msg)
        return _cached_plan(
            scales, tuple(self.features), self.normalize, tuple(spacing[list(axes)].tolist())
        )


@functools.lru_cache(maxsize=64)
def _cached_plan(scales, features, normalize, spacing):
    return make_plan(
        len(spacing), scales=scales, features=features, normalize=normalize, spacing=spacing
    )
