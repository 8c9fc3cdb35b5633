"""The features that a classifier of pixels sees: local ones, those of any estimator, and several joined."""

import math

import numpy as np
from sklearn.base import clone

from skmask._features.local_features import LocalFeatures
from skmask._images.axes import without_axis
from skmask._images.faults import numbered
from skmask._pipelines import steps_of
from skmask._warn import warn

# Bytes of features that are held for the pixels of a tile.
STACK_BYTES = 1 << 25

# Relative error of means of features in float32.
ROUNDING = 1e-5


class PixelFeatures:
    """Fitted estimators of features, and what is computed with them for one image at a time.

    Parameters
    ----------
    estimators : list of estimator
        Each gives one image, or features along a last axis, of the size of the image it is shown.
    channel_axis : int or None
        Axis of the blocks of images that holds the channels.
    caller : str
    n_features : int, default=None
        Number of features seen in fit, where that is known.
    """

    def __init__(self, estimators, channel_axis, caller, n_features=None):
        self.n_features = n_features
        self._channel_axis = channel_axis
        self._caller = caller
        self._sources = [_Source(*_split(one)) for one in estimators]

    def names(self, image):
        """Return the names of the features of an image."""
        return [name for source in self._sources for name in self._names_of(source, image)]

    def is_local(self):
        """Return whether features look no farther than `LocalFeatures` say."""
        return all(source.local is not None and not source.before for source in self._sources)

    def reach(self, n_axes):
        """Return how far the features look; None is the whole axis."""
        if not self.is_local():
            return [None] * n_axes
        reaches = zip(*(source.local._reach(n_axes) for source in self._sources), strict=True)
        return [None if None in along else max(along) for along in reaches]

    def check_shape(self, shape):
        """Refuse images that have other features than those seen in fit."""
        for source in self._sources:
            if source.local is not None and not source.before:
                source.local.check_shape(shape)

    def rows(self, image, chosen):
        """Return the features of chosen pixels, of shape (n_chosen, n_features)."""
        parts = []
        for source in self._sources:
            shown = source.prepare(image)
            if source.local is None:
                parts.append(self._stack_of(source, image, shown)[:, chosen].T)
            else:
                parts.append(source.local.compute_rows(shown, chosen))
        rows = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        if self.n_features not in (None, rows.shape[1]):
            msg = (
                f"{self._caller} expects {self.n_features} features of each pixel, as in fit, got "
                f"{rows.shape[1]} for an image of shape {image.shape}. Use features whose number does not "
                "depend on the image."
            )
            raise ValueError(msg)
        return rows

    def shape_of(self, image):
        """Return the shape that the tiles of an image are parts of: without channels, perhaps flat."""
        only = self._only_local()
        return (self._n_pixels(image),) if only is None else only.local.shape_of(image)

    def iter_sums(self, image, weights, intercepts, totals):
        """Yield tiles of an image, and weighted sums of features, of shape (n_sums, *tile_shape).

        The sum of each feature over the pixels is added to `totals`.
        """
        only = self._only_local()
        if only is not None:
            yield from only.local.iter_sums(only.prepare(image), weights, intercepts, totals)
            return
        rows = self.rows(image, np.arange(self._n_pixels(image)))
        totals += rows.sum(axis=0, dtype=float)
        sums = weights.astype(np.float32) @ rows.T + intercepts.astype(np.float32)[:, np.newaxis]
        yield (slice(None),), sums

    def iter_rows(self, image):
        """Yield tiles of an image, and the features of their pixels, of shape (n_pixels, n_features)."""
        only = self._only_local()
        if only is not None:
            n_features = len(only.local.feature_names_)
            most = max(STACK_BYTES // (4 * n_features), 1)
            for tile, stack in only.local.iter_stacks(only.prepare(image), most=most):
                yield tile, stack.reshape(n_features, -1).T
            return
        yield (slice(None),), self.rows(image, np.arange(self._n_pixels(image)))

    def _only_local(self):
        """Return the one source of features where it is local, so that tiles will do."""
        first = self._sources[0]
        return first if len(self._sources) == 1 and first.local is not None else None

    def _n_pixels(self, image):
        return math.prod(self._shape_of(image))

    def _shape_of(self, image):
        return without_axis((1, *image.shape), self._channel_axis, self._caller)[1:]

    def _names_of(self, source, image):
        if source.local is not None:
            return source.local.feature_names_
        n_features = len(self._stack_of(source, image, source.prepare(image)))
        name = type(source.other).__name__.lower()
        return [name] if n_features == 1 else [f"{name}_{i}" for i in range(n_features)]

    def _stack_of(self, source, image, shown):
        with np.errstate(over="ignore"):
            result = np.array(source.other.transform(shown[np.newaxis])[0], np.float32)
        # Pixels whose features are not finite count as missing.
        result[~np.isfinite(result)] = np.nan
        shape = self._shape_of(image)
        if result.shape == shape:
            return result.reshape(1, -1)
        if result.shape[:-1] != shape:
            msg = (
                f"{self._caller} expects features of shape {shape}, the shape of the image, or with one more "
                f"axis of features, got {result.shape} from {type(source.other).__name__}. Keep the size of "
                "the images."
            )
            raise ValueError(msg)
        return np.moveaxis(result, -1, 0).reshape(result.shape[-1], -1)


class _Source:
    """One estimator of features: what is done to images before, and `LocalFeatures` or another one."""

    def __init__(self, before, local, other):
        self.before = before
        self.local = local
        self.other = other

    def prepare(self, image):
        """Return an image after the steps before the features."""
        for step in self.before:
            image = np.asarray(step.transform(image[np.newaxis])[0])
        return image


def _split(estimator):
    """Split a fitted estimator into steps before, local features, and another estimator of features."""
    steps = [estimator]
    if hasattr(estimator, "steps"):
        steps = steps_of(estimator)
    if type(steps[-1]) is LocalFeatures:
        return steps[:-1], steps[-1], None
    return [], None, estimator


def depend_on_scale(features):
    """Tell whether all features are of pixels as they are, so that images have to be of one scale."""
    if features is None:
        return True
    given = features if isinstance(features, list | tuple) else [features]
    return all(type(one) is LocalFeatures and one.normalize is None for one in given)


def fit_features(features, images, channel_axis):
    """Return the estimators of features, fitted on images.

    Parameters
    ----------
    features : estimator, sequence of estimators or None
        None is `LocalFeatures`.
    images : Images
    channel_axis : int or None
        Handed to `LocalFeatures` that have none.
    """
    given = [LocalFeatures()] if features is None else features
    given = list(given) if isinstance(given, list | tuple) else [given]
    first = images.blocks[0][:1]
    fitted = []
    for one in map(clone, given):
        steps = [one]
        if hasattr(one, "steps"):
            steps = [step for _, step in one.steps]
        if type(steps[-1]) is LocalFeatures and steps[-1].channel_axis is None:
            steps[-1].channel_axis = channel_axis
        if len(steps) == 1 and type(one) is LocalFeatures:
            fitted.append(one.fit(first))
        else:
            positions = images.positions
            with numbered(range(len(images)) if positions is None else np.concatenate(positions)):
                fitted.append(one.fit([image for block in images.blocks for image in block]))
    return fitted


def warn_of_outliers(means, ranges, names, *, caller):
    """Warn of images whose features are, on average, far from all pixels of training."""
    low, high = ranges.astype(float)
    # Means of a constant feature are rounded.
    margin = np.maximum(high - low, ROUNDING * np.maximum(np.abs(low), np.abs(high)))
    is_far = (means < low - margin) | (means > high + margin)
    if is_far.any():
        image, feature = np.argwhere(is_far)[0]
        warn(
            f"{caller} expects images like those of training, got some whose features are "
            f"outside of their range: {names[feature]} is {means[image, feature]:.6g} on average, and was "
            f"{low[feature]:.6g} to {high[feature]:.6g} in training. Check the scale of the pixels.",
            subject="scale",
        )
