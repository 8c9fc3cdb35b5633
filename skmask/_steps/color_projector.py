"""A gray value learned from colors and labeled masks."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from skmask._checks import check_weights
from skmask._describe import number
from skmask._images.axes import axis_of_image, without_axis
from skmask._images.kinds import to_numpy
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.color import polynomial, products, project, white_balanced
from skmask._kernels.pixels.discriminant import discriminant, merge_moments, moments_of
from skmask._kernels.pixels.precision import FLOAT32_MAX, finite_limits
from skmask.base import HasMethods, ImageTransformer, Interval, StrOptions

CALLER = "ColorProjector"
NAMES = {None: "logistic regression", "lda": "linear discriminant analysis (Fisher 1936)"}

# Pixels whose terms are held at a time.
CHUNK = 1 << 16


class ColorProjector(ImageTransformer):
    """Project colors to the gray value that separates labeled masks best.

    `fit` learns a weight for each channel from labeled masks; `transform` returns the weighted sum of the
    channels, positive where foreground is more probable. A masker behind it, such as
    ``HistogramThresholdMasker("dice")``, then needs one threshold.

    Parameters
    ----------
    estimator : "lda" or estimator, default=None
        Classifier that learns the weights. None is logistic regression. ``"lda"`` is linear discriminant
        analysis [1]_ from the means and covariances of all pixels, which is faster and assumes normal
        distributions. Otherwise a linear classifier of scikit-learn, with ``coef_``.
    degree : int, default=1
        2 also gives weights to products of two channels, for curved boundaries between colors.
    white_quantile : float, default=None
        White balance: divide each channel of an image by its own quantile, such as 0.98. Use it if light or
        staining varies between images. None leaves colors as they are.
    n_pixels : int, default=2000
        Largest number of pixels of each image that logistic regression or a classifier learns from. Half of
        them are foreground if the image has enough. They are evenly spread over the image and weighted to
        represent all of its pixels. ``"lda"`` uses all pixels.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. It is
        never guessed. None says that images are gray: nothing is learned, and they stay as they are.

    Attributes
    ----------
    coef_ : ndarray of shape (n_terms,)
        Weight of each channel and, with ``degree=2``, of the products in the order of
        `sklearn.preprocessing.PolynomialFeatures`.
    intercept_ : float
        Constant added to the sum.
    n_channels_ : int or None
        Number of channels; None for gray images.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ColorConverter : Gray values and color spaces that are not learned.

    Notes
    -----
    The result is float32 and lacks the axis of the channels. Pixels with NaN or an infinity in one of their
    channels are left out of learning and are NaN in the result.

    References
    ----------
    .. [1] R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7,
       1936. https://doi.org/10.1111/j.1469-1809.1936.tb02137.x

    Examples
    --------
    Red spots, darker than the yellow background and brighter than the blue one:

    >>> import numpy as np
    >>> from skmask import ColorProjector
    >>> red, yellow, blue = [200, 30, 30], [210, 200, 40], [20, 30, 90]
    >>> X = np.array([[[red, yellow, blue], [blue, red, yellow]]])  # one image
    >>> y = np.array([[[1, 0, 0], [0, 1, 0]]])
    >>> projector = ColorProjector("lda", channel_axis=-1).fit(X + np.arange(6).reshape(2, 3, 1), y)
    >>> (projector.transform(X) > 0).astype(int)
    array([[[1, 0, 0],
            [0, 1, 0]]])
    """

    _parameter_constraints = {
        "estimator": [None, StrOptions({"lda"}), HasMethods(["fit"])],
        "degree": [Interval(Integral, 1, 2, closed="both")],
        "white_quantile": [None, Interval(Real, 0, 1, closed="right")],
        "n_pixels": [Interval(Integral, 2, None, closed="left")],
        "channel_axis": [None, Integral],
    }

    def __init__(
        self,
        estimator=None,
        *,
        degree=1,
        white_quantile=None,
        n_pixels=2000,
        channel_axis=None,
    ):
        self.estimator = estimator
        self.degree = degree
        self.white_quantile = white_quantile
        self.n_pixels = n_pixels
        self.channel_axis = channel_axis

    def fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn the weights of the channels from labeled masks.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width, n_channels) or (n_images, depth, height, width, \
                n_channels), or list of arrays
            Training images, with the channels on any axis.
        y : array-like of bool of the shape of `X` without its channels, or list of arrays
            Labeled masks. Ignored where images are gray.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images.
        roi : array-like of bool of the shape of `y` or of one mask, default=None
            Region of interest: the pixels to learn from.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y, sample_weight=sample_weight, roi=roi)

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.compares_values = True
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # float32 comes out
        tags.target_tags.required = self.channel_axis is not None
        return tags

    def _check(self, shape):
        without_axis(shape, self.channel_axis, CALLER)

    def _reach(self, n_axes):
        is_pixelwise = self.white_quantile is None or self.channel_axis is None
        return pixelwise(self, n_axes) if is_pixelwise else super()._reach(n_axes)

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        if sample_weight is not None:
            sample_weight = check_weights(to_numpy(sample_weight), len(images), caller=CALLER)
        self.n_channels_ = None if self.channel_axis is None else self._number_of_channels(images)
        if self.channel_axis is None:
            self.coef_, self.intercept_ = np.ones(1), 0.0
            return
        if y is None:
            msg = (
                f"{CALLER} expects y to be labeled masks, got None. Pass masks of the shape of X without its "
                "channels, or use ColorConverter, which learns nothing."
            )
            raise ValueError(msg)
        axis = self.channel_axis
        aligned = (
            images.align_masks(y, caller=CALLER, name="y", channel_axis=axis),
            images.split_weights(sample_weight, caller=CALLER),
            images.align_roi(roi, caller=CALLER, channel_axis=axis),
        )
        if self.estimator == "lda":
            moments = images.reduce(self._moments, merge_moments, *aligned)
            self._check_classes(moments.weights, images)
            self.coef_, intercept = discriminant(moments)
        else:
            terms, labels, weights = images.reduce(self._sample, _joined, *aligned)
            self._check_classes(np.bincount(labels, weights, 2), images)
            self.coef_, intercept = self._learn(terms, labels, weights)
        self.intercept_ = float(intercept)

    def _transform(self, images):
        if self.channel_axis is None:
            with np.errstate(over="ignore"):
                return images.astype(np.float32)
        self._check(images.shape)
        colors = np.moveaxis(images, self.channel_axis, 1)
        if colors.shape[1] != self.n_channels_:
            msg = (
                f"{CALLER} expects {self.n_channels_} channels on axis {self.channel_axis}, as in fit, got "
                f"{colors.shape[1]}. Pass images with the channels of training."
            )
            raise ValueError(msg)
        results = np.empty((len(images), *colors.shape[2:]), np.float32)
        for color, result in zip(colors, results, strict=True):
            balanced = self._balanced(color)
            result[...] = project(balanced, self.coef_, self.intercept_, self.degree)
            if balanced.dtype.kind == "f":
                result[~np.isfinite(balanced).all(axis=0)] = np.nan
        return results

    def _describe(self):
        if self.channel_axis is None:
            return "Gray values were taken as they were."
        terms = " ".join(
            f"{'-' if weight < 0 else '+'} {number(abs(weight))} {'*'.join(f'c{i}' for i in term)}"
            for weight, term in zip(
                self.coef_, products(self.n_channels_, self.degree), strict=True
            )
        )
        balance = ""
        if self.white_quantile is not None:
            balance = (
                f", each channel divided by its quantile {number(self.white_quantile)} in the image"
            )
        is_named = self.estimator is None or isinstance(self.estimator, str)
        learner = NAMES[self.estimator] if is_named else type(self.estimator).__name__
        return (
            f"Colors c were projected to the gray value {number(self.intercept_)} {terms}{balance}. Its "
            f"weights were learned by {learner} from labeled masks."
        )

    def _number_of_channels(self, images):
        numbers = {shape[self.channel_axis] for shape in images.shapes}
        if len(numbers) > 1:
            msg = (
                f"{CALLER} expects images of one number of channels, got {sorted(numbers)} on axis "
                f"{self.channel_axis}. Leave out alpha channels."
            )
            raise ValueError(msg)
        return numbers.pop()

    def _check_classes(self, weights, images):
        for weight, name in zip(weights, ("background", "foreground"), strict=True):
            if not weight:
                largest = images.reduce(_largest_magnitude, max)
                if largest > FLOAT32_MAX:
                    msg = (
                        f"{CALLER} expects colors of at most {FLOAT32_MAX:.2g} in magnitude, got "
                        f"{largest:.2g}, and no {name} among the others. Divide all images by the same "
                        f"number, such as {largest:.0e}."
                    )
                    raise ValueError(msg)
                msg = (
                    f"{CALLER} expects masks with foreground and background, got no {name} among the finite "
                    "pixels to learn from. Check the masks, the weights and the region of interest."
                )
                raise ValueError(msg)

    def _balanced(self, colors):
        return (
            colors if self.white_quantile is None else white_balanced(colors, self.white_quantile)
        )

    def _pixels(self, images, masks, weights, roi):
        """Yield the colors of the usable pixels of each image, of shape (n_channels, n), and their labels."""
        for i, image in enumerate(images):
            weight = 1.0 if weights is None else weights[i]
            if weight:
                colors = self._balanced(
                    np.moveaxis(image, axis_of_image(self.channel_axis, image.ndim), 0)
                )
                colors = colors.reshape(len(colors), -1)
                with np.errstate(over="ignore"):  # beyond float32 is infinite here
                    usable = np.isfinite(colors.astype(np.float32, copy=False)).all(axis=0)
                if roi is not None:
                    usable &= (roi if roi.ndim < masks.ndim else roi[i]).ravel()
                yield colors[:, usable], masks[i].ravel()[usable], weight

    def _moments(self, images, masks, weights, roi):
        n_terms = len(products(images.shape[self.channel_axis], self.degree))
        moments = [moments_of(np.empty((n_terms, 0)), np.empty(0, bool))]
        for colors, labels, weight in self._pixels(images, masks, weights, roi):
            for first in range(0, labels.size, CHUNK):
                part = slice(first, first + CHUNK)
                values = polynomial(colors[:, part], self.degree)
                moments.append(moments_of(values, labels[part], weight))
        return merge_moments(moments)

    def _sample(self, images, masks, weights, roi):
        """Return terms, labels and weights of some pixels of each class of each image."""
        n_terms = len(products(images.shape[self.channel_axis], self.degree))
        samples = [(np.empty((n_terms, 0)), np.empty(0, bool), np.empty(0))]
        for colors, labels, weight in self._pixels(images, masks, weights, roi):
            classes = [np.flatnonzero(labels == label) for label in (False, True)]
            fewest = min(len(members) for members in classes)
            # What one class cannot fill is left to the other.
            most = max(self.n_pixels // 2, self.n_pixels - fewest)
            for label, members in zip((False, True), classes, strict=True):
                n_drawn = min(most, members.size)
                drawn = members[np.arange(n_drawn) * members.size // max(n_drawn, 1)]
                share = np.full(n_drawn, weight * members.size / max(n_drawn, 1))
                terms = polynomial(colors[:, drawn], self.degree)
                samples.append((terms, np.full(n_drawn, label), share))
        return _joined(samples)

    def _learn(self, terms, labels, weights):
        """Fit the classifier to terms of one scale, and return the weights for terms as they are."""
        mean = np.average(terms, axis=1, weights=weights)
        scale = np.sqrt(np.average((terms.T - mean) ** 2, axis=0, weights=weights))
        scale[scale == 0] = 1
        classifier = _logistic_regression() if self.estimator is None else clone(self.estimator)
        given = {}
        if has_fit_parameter(classifier, "sample_weight"):
            given = {"sample_weight": weights}
        classifier.fit((terms.T - mean) / scale, labels, **given)
        coef = np.asarray(getattr(classifier, "coef_", np.nan), float)
        if coef.size != len(terms):
            msg = (
                f"{CALLER} expects a linear classifier, with one weight in coef_ for each of {len(terms)} "
                f"terms, got {type(classifier).__name__}. Use one such as LogisticRegression."
            )
            raise TypeError(msg)
        coef = coef.ravel() / scale
        return coef, np.ravel(classifier.intercept_)[0] - coef @ mean


def _largest_magnitude(images):
    low, high = finite_limits(images)
    return max(-low, high)


def _joined(samples):
    terms, labels, weights = zip(*samples, strict=True)
    return np.concatenate(terms, axis=1), np.concatenate(labels), np.concatenate(weights)


def _logistic_regression():
    # Importing it takes longer than importing skmask, and only this default needs it.
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)
