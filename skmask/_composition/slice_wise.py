"""One estimator for all slices of images: channels, planes of volumes, frames."""

from collections.abc import Mapping, Set, Sized
from numbers import Integral

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from skmask._callbacks import all_or_nothing
from skmask._describe import sentences_of
from skmask._images.faults import numbered
from skmask._images.kinds import is_list, read_one, to_numpy
from skmask._images.readers import read
from skmask._images.slices import slice_images, stack_slices, unstack_slices
from skmask.base import MASKER, ImageMasker, ImageTransformer, MaskerHolder, StrOptions


class SliceWise(MaskerHolder, ImageMasker):
    """Apply an estimator to every slice of the images along one axis.

    Use it to clean volumes slice by slice, one-hot masks class by class and videos frame by frame, or to
    learn one threshold for each channel of color images.

    Parameters
    ----------
    estimator : estimator
        Transforms the slices: a masker, a cleaner or a Pipeline that keeps the shape of an image. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    axis : int, default=1
        Axis of `X` along which the images are cut: 1 for the first axis of an image (the depth of a volume,
        channels that come first), -1 for the last (channels that come last).
    learn : {"together", "each"}, default="together"
        Whether one estimator learns from all slices, or one for each position along the axis, as for channels
        that differ.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    estimator_ : estimator
        The estimator fitted on all slices, with ``learn="together"``.
    estimators_ : list of estimator
        The estimators by their position along the axis, with ``learn="each"``.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    RangeMasker : Combines the channels of an image in one mask.

    Notes
    -----
    The result has the shape of the images. Masks to learn from, and metadata such as `roi`, are cut as the
    images are where they have their shape; masks without the axis, labels and weights go to all slices.

    Examples
    --------
    Holes of a mask of two classes, channels first, which together have none:

    >>> import numpy as np
    >>> from skmask import HoleFiller, SliceWise
    >>> ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> X = np.stack([ring, 1 - ring])[np.newaxis]  # one image of shape (2, 3, 3)
    >>> SliceWise(HoleFiller(), axis=1).transform(X)[0].astype(int)
    array([[[1, 1, 1],
            [1, 1, 1],
            [1, 1, 1]],
    <BLANKLINE>
           [[0, 0, 0],
            [0, 1, 0],
            [0, 0, 0]]])
    """

    _parameter_constraints = {
        "estimator": [MASKER],
        "axis": [Integral],
        "learn": [StrOptions({"together", "each"})],
        "image_shape": [None, tuple, list],
    }

    def __init__(self, estimator, *, axis=1, learn="together", image_shape=None):
        self.estimator = estimator
        self.axis = axis
        self.learn = learn
        self.image_shape = image_shape

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        # The estimator sees the slices, and warns of colors if it does not expect them.
        tags.warns_of_colors = False
        tags.drops_single_axes = False
        return tags

    def fit(self, X, y=None, **fit_params):
        """Fit the estimator on the slices of the images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Handed to the estimator, cut as the images are where it has their shape.
        **fit_params : dict
            Handed to the estimator alike, by scikit-learn's metadata routing where that is enabled.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        params = self._route(fit_params)["estimator"].fit
        with all_or_nothing(self):
            images = self._read_for_fit(X)
            n_slices = self._count_slices(images)
            learns_each = self.learn == "each"
            places = list(range(n_slices)) if learns_each else [None]
            fitted = []
            with self._task(X, y, fit_params, n_subtasks=len(places)) as task:
                for place in places:
                    cut = _Cutter(X, images, self.axis, place, n_slices)
                    own = {name: cut.companion(value, name) for name, value in params.items()}
                    name = "estimator" if place is None else f"estimator-{place}"
                    given = (name, clone(self.estimator), cut.images(), cut.companion(y, "y"), own)
                    with numbered(
                        range(len(images)) if learns_each else self._images_of_slices(images)
                    ):
                        fitted.append(task.fit_masker(*given))
            self._keep(fitted)
        return self

    def transform(self, X):
        """Transform the slices of images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        Xt : ndarray or list of ndarray
            Results of the estimator for all slices, put together, in the container of `X`.
        """
        images = self._read_for_transform(X)
        if self.learn == "each" and hasattr(self, "estimators_"):
            self._check_number(self._count_slices(images))
        return images.map(self._transform)

    def _check(self, shape):
        if not -len(shape) < self.axis < len(shape) or self.axis == 0:
            msg = (
                f"SliceWise expects axis to be an axis of the images, got {self.axis} for images of shape "
                f"{shape[1:]}. Use 1 for the first axis of an image, since axis 0 of X counts the images, or "
                "-1 for the last."
            )
            raise ValueError(msg)

    def _maskers(self):
        return {"estimator": self.estimator}

    def _keep(self, fitted):
        if self.learn == "together":
            (self.estimator_,) = fitted
        else:
            self.estimators_ = fitted

    def _reach(self, n_axes):
        reach = [None] * n_axes
        inner = self.estimator
        if self.learn == "together" and n_axes > 1:
            axis = self.axis % (n_axes + 1) - 1
            if isinstance(inner, ImageTransformer):
                far = inner._reach(n_axes - 1)
                if isinstance(far, list):
                    reach = [*far[:axis], 0, *far[axis:]]
            reach[axis] = 0
        return reach

    def _transform(self, images):
        axis = self.axis % images.ndim
        if self.learn == "together":
            # Estimators that learn nothing are ready without a fit.
            estimator = getattr(self, "estimator_", self.estimator)
            with numbered(np.arange(len(images)).repeat(images.shape[axis])):
                result = self._apply(estimator, stack_slices(images, axis))
            return unstack_slices(result, images.shape, axis)
        n_slices = images.shape[axis]
        estimators = getattr(self, "estimators_", [self.estimator] * n_slices)
        results = [
            self._apply(estimator, slice_images(images, axis, place)).reshape(
                images.shape[:axis] + images.shape[axis + 1 :]
            )
            for place, estimator in zip(range(n_slices), estimators, strict=True)
        ]
        return np.stack(results, axis=axis)

    def _apply(self, estimator, slices):
        result = np.asarray(estimator.transform(slices))
        if result.shape != slices.shape:
            msg = (
                f"SliceWise expects an estimator that keeps the shape of a slice, got {result.shape[1:]} of "
                f"{slices.shape[1:]} from {type(estimator).__name__}. Use one that makes masks or images."
            )
            raise ValueError(msg)
        return result

    def _describe(self):
        if self.learn == "together":
            sentences = sentences_of(getattr(self, "estimator_", self.estimator))
            return f"Images were cut into slices along axis {self.axis}. {sentences}"
        estimators = getattr(self, "estimators_", [self.estimator])
        slices = " ".join(
            f"Slice {i}: {sentences_of(estimator)}" for i, estimator in enumerate(estimators)
        )
        return f"Images were cut into slices along axis {self.axis}, each by itself. {slices}"

    def _count_slices(self, images):
        """Return the number of slices of the images, or refuse different ones where it counts."""
        numbers = {shape[self.axis % len(shape)] for shape in images.shapes}
        if self.learn == "each" and len(numbers) > 1:
            msg = (
                f"SliceWise expects images of one number of slices with learn='each', got {sorted(numbers)}. "
                "Use learn='together'."
            )
            raise ValueError(msg)
        return max(numbers)

    def _images_of_slices(self, images):
        """Return the position of the image that each slice is cut from."""
        n_slices = np.empty(len(images), int)
        order = (
            np.arange(len(images)) if images.positions is None else np.concatenate(images.positions)
        )
        n_slices[order] = np.repeat(
            [shape[self.axis % len(shape)] for shape in images.shapes],
            [shape[0] for shape in images.shapes],
        )
        return np.arange(len(images)).repeat(n_slices)

    def _check_number(self, n_slices):
        if n_slices != len(self.estimators_):
            msg = (
                f"SliceWise expects images of {len(self.estimators_)} slices as in fit, got {n_slices}. Use "
                "learn='together' for any number."
            )
            raise ValueError(msg)


class _Cutter:
    """Cut the images of one fit, and their companions, to the slices that one estimator learns from.

    Parameters
    ----------
    X : object
        The images as they came in.
    images : Images
        The same, read.
    axis : int
    place : int or None
        Which slice to take of each image; None takes all.
    n_slices : int
        Number of slices of an image.
    """

    def __init__(self, X, images, axis, place, n_slices):
        self._X = X
        self._images = images
        self._axis = axis % len(images.shapes[0])
        self._place = place
        self._n_slices = n_slices

    def images(self):
        """Return the slices of the images."""
        blocks = self._images.blocks
        if isinstance(blocks, tuple) and self._images.positions is None:  # a stack, read and folded
            return slice_images(blocks[0], self._axis, self._place)
        return self._cut(self._X)

    def companion(self, value, name):
        """Return the slices of masks; of what is no mask of the whole images, one for each slice."""
        is_sized = isinstance(value, Sized) and getattr(value, "shape", None) != ()
        if not is_sized or isinstance(value, str | Mapping | Set) or issparse(value):
            return value  # nothing of each image: the estimator takes it, or says why not
        value = to_numpy(value)
        if not (is_list(value) or hasattr(value, "shape")):
            value = read_one(value, caller="SliceWise", name=name)
        if self._has_shape_of_images(value):
            return self._cut(value)
        if self._place is not None or len(value) != len(self._images):
            return value
        if is_list(value):
            sizes = [np.shape(image)[self._axis - 1] for image in self._X]
            return [one for one, size in zip(value, sizes, strict=True) for _ in range(size)]
        if is_list(self._X):
            sizes = [np.shape(image)[self._axis - 1] for image in self._X]
            return np.repeat(np.asarray(value), sizes, axis=0)
        return np.repeat(np.asarray(value), self._n_slices, axis=0)

    def _has_shape_of_images(self, value):
        if is_list(value):
            pairs = zip(value, self._X, strict=False)
            return all(np.shape(one) == np.shape(image) for one, image in pairs)
        return _shape_of(value) == _shape_of(self._X)

    def _cut(self, X):
        if not is_list(X):
            X = X if hasattr(X, "shape") else np.asarray(X)
            if self._images.is_rows:
                X = read(to_numpy(X)[0 : X.shape[0]]).reshape(-1, *self._images.shapes[0][1:])
        return slice_images(X, self._axis, self._place)


def _shape_of(array):
    return np.asarray(array).shape if not hasattr(array, "shape") else tuple(array.shape)
