"""Gray values made comparable between images."""

import functools
from numbers import Integral

import numpy as np

from skmask._checks import check_one_kind, check_weights
from skmask._describe import cited, number
from skmask._images.axes import without_axis
from skmask._images.kinds import to_numpy
from skmask._images.reach import pixelwise
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.levels import levels
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.multilevel import multi_otsu
from skmask._methods import check_threshold_function, choose
from skmask._names import did_you_mean
from skmask.base import ImageTransformer, Interval, StrOptions

CALLER = "ImageNormalizer"

# Pixels that are held in double precision at a time.
CHUNK = 1 << 18

SCALES = {
    "minmax": "its lowest value was subtracted and divided by the range of its values",
    "quantiles": "its quantile {} was subtracted and divided by the distance of the quantiles {} and {}",
    "robust": "its median was subtracted and divided by the distance of its quartiles",
    "standardize": "its mean was subtracted and divided by its standard deviation",
}


class ImageNormalizer(ImageTransformer):
    """Make gray values comparable between images, each by a reference of its own.

    Put it before a masker when brightness, contrast or staining vary between images. With a threshold as the
    reference, such as ``"multi_otsu"``, every image is divided by its own threshold. A masker behind it, such
    as ``HistogramThresholdMasker("dice")``, then learns a relative threshold from labeled masks: by how much
    pixels must exceed the reference of their image.

    Parameters
    ----------
    reference : str or callable, default="quantiles"
        Name of two numbers of each image: the first is subtracted, then the image is divided by the
        second.

        - ``"quantiles"``: the lower of two `quantiles`, and their distance;
        - ``"robust"``: the median, and the distance of the quartiles;
        - ``"minmax"``: the lowest value, and the range;
        - ``"standardize"``: the mean, and the standard deviation;
        - ``"multi_otsu"``: nothing, and the threshold number `cut` of Otsu's method with `n_classes`;
        - ``"otsu"``, ``"li"`` and the other names in `skmask.thresholds.THRESHOLD_METHODS`, or a function
          ``(counts, centers)``: nothing, and that threshold. Thresholds are for images that are not
          negative.
    per : {"image", "training"}, default="image"
        Whether the reference is that of each image or one of all training images.
    quantiles : (float, float), default=(0.01, 0.99)
        For ``"quantiles"``: shares of the pixels below the values that become 0 and 1.
    n_classes : int, default=4
        For ``"multi_otsu"``: number of classes of gray values.
    cut : int, default=0
        For ``"multi_otsu"``: which of the ``n_classes - 1`` thresholds; 0 is the lowest, -1 the highest.
    clip : bool, default=True
        Whether the references of new images are clipped to the range of those of the training images. This
        limits the effect of an artifact or a missing object. Use False if new images may differ more from
        each other than the training images do.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``. Each
        channel has its own reference. It is never guessed.

    Attributes
    ----------
    offset_range_, scale_range_ : ndarray of shape (2,) or (2, n_channels)
        Lowest and highest of what was subtracted from a training image, and of what it was divided by. Of
        ``per="training"`` both are the same. Absent with ``per="image"`` and ``clip=False``.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    HistogramThresholdMasker : With ``strategy="per_image"``, thresholds each image by its own reference.
    BackgroundSubtractor : Evens out brightness within images.

    Notes
    -----
    The result is float32, whatever the dtype of the images. NaN and infinities are left out of references and
    stay what they are. If the divisor of an image is zero or negative, as for an image of one value, the
    nearest number of the training range is used instead, or 1.

    References come from exact counts of pixel values, as in `HistogramThresholdMasker`; means and quantiles
    of images with more than 65,536 values are exact up to the width of the bins.

    Examples
    --------
    Two images with spots, one under dim light:

    >>> import numpy as np
    >>> from skmask import ImageNormalizer
    >>> X = np.array([[[10, 10, 10, 90]], [[3, 3, 3, 27]]])
    >>> ImageNormalizer("otsu").fit_transform(X).round(1)
    array([[[0.2, 0.2, 0.2, 1.8]],
    <BLANKLINE>
           [[0.2, 0.2, 0.2, 1.8]]], dtype=float32)
    >>> ImageNormalizer("minmax").fit_transform(X)
    array([[[0., 0., 0., 1.]],
    <BLANKLINE>
           [[0., 0., 0., 1.]]], dtype=float32)
    """

    _parameter_constraints = {
        "reference": [str, callable],
        "per": [StrOptions({"image", "training"})],
        "quantiles": [tuple, list],
        "n_classes": [Interval(Integral, 2, None, closed="left")],
        "cut": [Integral],
        "clip": ["boolean"],
        "channel_axis": [None, Integral],
    }

    def __init__(
        self,
        reference="quantiles",
        *,
        per="image",
        quantiles=(0.01, 0.99),
        n_classes=4,
        cut=0,
        clip=True,
        channel_axis=None,
    ):
        self.reference = reference
        self.per = per
        self.quantiles = quantiles
        self.n_classes = n_classes
        self.cut = cut
        self.clip = clip
        self.channel_axis = channel_axis

    def fit(self, X, y=None, *, sample_weight=None, roi=None):
        """Learn the references of training images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Training images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Ignored.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images. With ``per="image"`` only whether they are 0 matters.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels that references are computed from.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y, sample_weight=sample_weight, roi=roi)

    def transform(self, X, *, roi=None):
        """Normalize images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels that references are computed from. All pixels are normalized.

        Returns
        -------
        Xt : ndarray or list of ndarray of float32
            The normalized images, in the container of `X`.
        """
        images = self._read_for_transform(X)
        aligned = [] if roi is None else [self._read_roi(images, roi)]
        return images.map(self._transform, *aligned)

    def fit_transform(self, X, y=None, *, sample_weight=None, roi=None):
        """Fit to images, then normalize them by the same region of interest.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Ignored.
        sample_weight : array-like of shape (n_images,), default=None
            Weights of the images, for `fit`.
        roi : array-like of bool of the shape of `X` or of one image, default=None
            Region of interest: the pixels that references are computed from.

        Returns
        -------
        Xt : ndarray or list of ndarray of float32
            The normalized images, in the container of `X`.
        """
        return self.fit(X, y, sample_weight=sample_weight, roi=roi).transform(X, roi=roi)

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.compares_values = True  # with the references of training images
        if self.per == "image":
            tags.mixes_scales = True
            tags.other_scale = "use clip=False and fit again"
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []  # float32 comes out
        return tags

    def _validate_params(self):
        super()._validate_params()
        known = {*SCALES, "multi_otsu", *THRESHOLD_METHODS}
        if isinstance(self.reference, str) and self.reference not in known:
            msg = (
                f"{CALLER} expects reference to be one of {', '.join(sorted(known))}, or a function of "
                f"(counts, centers), got {self.reference!r}."
                f"{did_you_mean(self.reference, known) or ' Use one of these names.'}"
            )
            raise ValueError(msg)
        if callable(self.reference):
            check_threshold_function(self.reference, caller=CALLER, param="reference")
        if self.reference == "quantiles" and not _are_quantiles(self.quantiles):
            msg = (
                f"{CALLER} expects quantiles to be two numbers, 0 <= low < high <= 1, got "
                f"{self.quantiles!r}. Pass shares of the pixels, such as (0.01, 0.99)."
            )
            raise ValueError(msg)
        if self.reference == "multi_otsu" and not -self.n_classes < self.cut < self.n_classes - 1:
            msg = (
                f"{CALLER} expects cut to be one of the {self.n_classes - 1} thresholds between "
                f"{self.n_classes} classes, counted from 0, got {self.cut}. Ask for more classes."
            )
            raise ValueError(msg)

    def _check(self, shape):
        without_axis(shape, self.channel_axis, CALLER)

    def _learns(self):
        return self.per == "training" or self.clip

    def _reach(self, n_axes):
        return pixelwise(self, n_axes) if self.per == "training" else super()._reach(n_axes)

    def _fit(self, images, y, *, sample_weight=None, roi=None):
        if sample_weight is not None:
            check_weights(to_numpy(sample_weight), len(images), caller=CALLER)
        weights = images.split_weights(sample_weight, caller=CALLER)
        rois = self._read_roi(images, roi)
        if not self._learns():
            return
        if self.per == "training":
            is_pixelwise = self.channel_axis is None
            histograms = images.reduce(
                self._count, _merge_channels, weights, rois, pixelwise=is_pixelwise
            )
            ranges = np.array([self._reference_of(histogram) for histogram in histograms])
            ranges = np.stack([ranges, ranges])
        else:
            ranges = images.reduce(self._ranges, _merge_ranges, weights, rois)
        if np.isnan(ranges[..., 0]).any():
            msg = (
                f"{CALLER} expects at least one finite pixel to learn from, got none. Check the images, the "
                "weights and the region of interest."
            )
            raise ValueError(msg)
        has_scale = ranges[..., 1] > 0
        if self.reference not in SCALES and not has_scale.all():
            msg = (
                f"{CALLER} expects some training image to have a positive threshold by {self.reference!r}, "
                "got none. Add a number to images that are negative, or use reference='standardize'."
            )
            raise ValueError(msg)
        ranges[~has_scale, 1] = 1
        if self.channel_axis is None:
            ranges = ranges[:, 0]
        self.offset_range_, self.scale_range_ = np.moveaxis(ranges, -1, 0).copy()

    def _transform(self, images, roi=None):
        normalized = np.empty(images.shape, np.float32)
        results = self._channels(normalized)
        for channel, (pixels, result) in enumerate(
            zip(self._channels(images), results, strict=True)
        ):
            for i in range(len(images)):
                offset, scale = self._reference_for(channel, pixels[i], _of_image(roi, i, pixels))
                _scale(pixels[i], offset, scale, out=result[i])
        return normalized

    def _describe(self):
        of_each = "each image" if self.per == "image" else "the training images"
        if self.reference in SCALES:
            low, high = map(number, self.quantiles)
            what = SCALES[self.reference].format(low, low, high)
            what = f"From each image {what}"
            if self.per == "training":
                what = what.replace(" its ", " the ") + ", all of the training images"
        else:
            method = cited("otsu" if self.reference == "multi_otsu" else self.reference)
            if self.reference == "multi_otsu":
                method = f"{method}, number {self.cut} of those between {self.n_classes} classes,"
            what = f"Each image was divided by the threshold of {of_each} by {method}"
            what = what.removesuffix(",")
        if self._learns() and self.per == "image":
            low, high = (number(limit) for limit in self.scale_range_)
            return f"{what}, with divisors kept within {low} and {high}, their range in training."
        return f"{what}."

    def _read_roi(self, images, roi):
        return images.align_roi(roi, caller=CALLER, channel_axis=self.channel_axis)

    def _channels(self, images):
        """Return views of the images of each channel."""
        return (images,) if self.channel_axis is None else np.moveaxis(images, self.channel_axis, 0)

    def _count(self, images, weights, roi):
        """Count the pixels of each channel."""
        return [count(pixels, weights=weights, roi=roi) for pixels in self._channels(images)]

    def _ranges(self, images, weights, roi):
        """Return the range of the references of images: lowest or highest, channel, offset or scale."""
        used = range(len(images)) if weights is None else np.flatnonzero(weights).tolist()
        references = [
            [self._reference_of_image(pixels[i], _of_image(roi, i, pixels)) for i in used]
            for pixels in self._channels(images)
        ]
        references = np.array(references).reshape(len(references), len(used), 2)
        scales = references[..., 1]
        scales[~(scales > 0)] = np.nan
        ranges = [ufunc.reduce(references, axis=1, initial=np.nan) for ufunc in (np.fmin, np.fmax)]
        return np.array(ranges)

    def _reference_for(self, channel, pixels, roi):
        """Return what to subtract from the pixels of an image, and what to divide by."""
        if not self._learns():
            offset, scale = self._reference_of_image(pixels, roi)
            return offset, scale if scale > 0 else 1.0
        ranges = [self.offset_range_, self.scale_range_]
        if self.channel_axis is not None:
            ranges = [limits[:, channel] for limits in ranges]
        if self.per == "training":
            return ranges[0][0], ranges[1][0]
        reference = self._reference_of_image(pixels, roi)
        return tuple(np.clip(one, *limits) for one, limits in zip(reference, ranges, strict=True))

    def _reference_of_image(self, pixels, roi):
        return self._reference_of(count(pixels[np.newaxis], roi=roi))

    def _reference_of(self, histogram):
        """Return what the counts of pixels say is to be subtracted, and to be divided by."""
        if not histogram.keys.size:
            return np.nan, np.nan
        match self.reference:
            case "minmax":
                low, high = histogram.lowest[0], histogram.highest[-1]
            case "quantiles":
                low, high = _quantiles(histogram, self.quantiles)
            case "robust":
                first, low, third = _quantiles(histogram, (0.25, 0.5, 0.75))
                high = low + (third - first)
            case "standardize":
                values = histogram.middle.astype(np.float64)
                # In units of the largest of them, whose square is finite.
                unit = np.abs(values).max() or 1.0
                mean = np.average(values / unit, weights=histogram.counts)
                variance = np.average((values / unit - mean) ** 2, weights=histogram.counts)
                low, high = mean * unit, (mean + np.sqrt(variance)) * unit
            case _:
                low, high = 0, self._threshold_of(histogram)
        low, high = float(low), float(high)
        return low, high - low

    def _threshold_of(self, histogram):
        found = levels(histogram)
        n_values = np.count_nonzero(found.counts)
        if self.reference == "multi_otsu" and n_values >= 2:
            cuts = multi_otsu(found.counts, found.centers, min(self.n_classes, n_values))
            # Of an image with few values, the nearest of the thresholds that there are.
            last = len(cuts) - 1
            position = cuts[min(self.cut, last) if self.cut >= 0 else max(self.cut + last + 1, 0)]
        else:
            method = "otsu" if self.reference == "multi_otsu" else self.reference
            try:
                position = choose(method, found.counts, found.centers, caller=CALLER).threshold
            except ValueError as error:
                msg = f"{CALLER} cannot find the reference of an image: {error}"
                raise ValueError(msg) from error
        return found.value_at(position)


def _scale(pixels, offset, scale, *, out):
    """Write ``(pixels - offset) / scale`` to `out`, computed in double precision, some rows at a time."""
    step = max(1, CHUNK // max(1, pixels[:1].size))
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, len(pixels), step):
            rows = slice(first, first + step)
            scaled = np.subtract(pixels[rows], offset, dtype=np.float64)
            scaled /= scale
            out[rows] = scaled


def _are_quantiles(quantiles):
    try:
        low, high = quantiles
        return 0 <= low < high <= 1
    except (TypeError, ValueError):
        return False


def _of_image(roi, i, pixels):
    """Return the region of interest of one image, in a stack of one, of regions of all or of each."""
    if roi is None:
        return None
    return roi[np.newaxis] if roi.ndim < pixels.ndim else roi[i : i + 1]


def _merge_channels(parts):
    channels = list(zip(*parts, strict=True))
    check_one_kind(channels[0], caller=CALLER)
    return [first.merge(*others) for first, *others in channels]


def _merge_ranges(parts):
    lows, highs = zip(*parts, strict=True)
    return np.array([functools.reduce(np.fmin, lows), functools.reduce(np.fmax, highs)])


def _quantiles(histogram, shares):
    """Return quantiles of the counted pixels: the values at which their cumulated share exceeds shares."""
    ranks = np.cumsum(histogram.counts)
    bins = np.searchsorted(ranks, np.multiply(shares, ranks[-1]), side="right")
    return histogram.middle.astype(np.float64)[np.minimum(bins, len(ranks) - 1)]
