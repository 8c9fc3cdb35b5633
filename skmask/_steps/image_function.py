"""Any function of one image as an estimator."""

import pickle
from numbers import Integral

import numpy as np

from skmask._describe import number
from skmask._images.faults import ImageFault
from skmask._images.kinds import shown
from skmask.base import COUNT, ImageTransformer

CALLER = "ImageFunction"


class ImageFunction(ImageTransformer):
    """Apply any function of one image, such as those of scikit-image, OpenCV or SciPy, to every image.

    `sklearn.preprocessing.FunctionTransformer` hands the function the whole stack, so that a filter mixes
    neighboring images, and fails on lists. This estimator calls the function once for each image, whatever
    the container. It learns nothing and can be used without a fit.

    Parameters
    ----------
    function : callable
        ``function(image, **kwargs)`` takes one image and returns an array, of any shape and of any dtype of
        booleans, integers or floats. It must be possible to pickle it: define it at the top level of a
        module, with `def`, and bind parameters by `kwargs` or `functools.partial`.
    kwargs : dict, default=None
        Further arguments of the function, by name.
    reach : int or sequence of int, default=None
        How far from a pixel the function looks to compute its result, in pixels, along all axes of an image
        or along each. 0 is for functions of single pixels. Dask arrays whose chunks cut through images are
        then processed without joining the chunks. None is for functions that look at the whole image or
        change its shape.
    channel_axis : int, default=None
        Axis of `X` that holds the channels. The function gets all of them, on this axis. Set it for color
        images, which otherwise bring a warning.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    GaussianSmoother : Smooths, with NaN left out.
    transform_blocks : Applies estimators to what does not fit in memory.

    Notes
    -----
    The function gets a copy of each image that is contiguous, writeable and in native byte order, as compiled
    libraries require. `X` stays unchanged even if the function writes to its argument. The results for the
    images of a stack must have one shape; those for a list may differ.

    Examples
    --------
    >>> import numpy as np
    >>> from skimage import filters, transform
    >>> from skmask import ImageFunction
    >>> X = np.array([[[0, 0, 0], [0, 9, 0], [0, 0, 0]], [[9, 9, 9], [9, 0, 9], [9, 9, 9]]])
    >>> ImageFunction(filters.median, reach=1).transform(X)[:, 1]
    array([[0, 0, 0],
           [9, 9, 9]])

    It may change the shape:

    >>> ImageFunction(transform.rescale, kwargs={"scale": 2, "order": 0}).transform(X).shape
    (2, 6, 6)
    """

    _parameter_constraints = {
        "function": [callable],
        "kwargs": [None, dict],
        "reach": [None, COUNT, tuple, list],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(self, function, *, kwargs=None, reach=None, channel_axis=None, image_shape=None):
        self.function = function
        self.kwargs = kwargs
        self.reach = reach
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.drops_single_axes = False  # the function may count on the axes that images have
        return tags

    def transform(self, X):
        """Apply the function to every image.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The results, in the container of `X`.
        """
        images = self._read_for_transform(X)
        # The results for a list may differ in shape.
        return images.map(self._transform if images.positions is None else self._results)

    def _validate_params(self):
        super()._validate_params()
        try:
            pickle.dumps(self.function)
        except Exception as error:
            name = getattr(self.function, "__qualname__", shown(self.function))
            msg = (
                f"{CALLER} expects a function that can be pickled, got {name} ({error}). A lambda, or a "
                "function defined inside of another, could be neither saved nor sent to other processes. "
                "Define it at the top level of a module, and bind parameters by kwargs or functools.partial."
            )
            raise ValueError(msg) from error

    def _check(self, shape):
        self._reach(len(shape) - 1)

    def _transform(self, images):
        results = self._results(images)
        if len(shapes := {result.shape for result in results}) > 1:
            msg = (
                f"{CALLER} expects {self._name} to return arrays of one shape for the images of a stack, got "
                f"{' and '.join(map(str, sorted(shapes)[:2]))}. Pass the images as a list: list(X)."
            )
            raise ValueError(msg)
        return np.stack(results)

    def _reach(self, n_axes):
        if self.reach is None:
            return super()._reach(n_axes)
        reach = [self.reach] * n_axes if isinstance(self.reach, Integral) else list(self.reach)
        if len(reach) != n_axes or not all(isinstance(far, Integral) and far >= 0 for far in reach):
            msg = (
                f"{CALLER} expects reach to be an integer of at least 0, or one for each of the {n_axes} "
                f"axes of an image, got {self.reach!r}. Use None for a function of the whole image."
            )
            raise ValueError(msg)
        return reach

    def _describe(self):
        given = "".join(
            f", {name}={_briefly(value)}" for name, value in (self.kwargs or {}).items()
        )
        return f"The function {self._name}{given} was applied to each image."

    @property
    def _name(self):
        function = self.function
        module, name = (getattr(function, key, None) for key in ("__module__", "__qualname__"))
        return shown(function) if name is None else f"{module}.{name}" if module else name

    def _results(self, images):
        self._check(images.shape)
        return [self._result(image, position) for position, image in enumerate(images)]

    def _result(self, image, position):
        image = np.array(image, image.dtype.newbyteorder("="), order="C")
        shape = image.shape
        try:
            result = self.function(image, **(self.kwargs or {}))
        except Exception as error:
            before = f"{CALLER} cannot apply {self._name} to"
            after = (
                f", of shape {shape} and dtype {image.dtype}: {type(error).__name__}: {error}. Call "
                "the function with this image alone to see why."
            )
            raise ImageFault(before, after, position) from error
        result = np.asarray(result)
        if result.ndim == 0 or result.dtype.kind not in "biuf" or not result.size:
            msg = (
                f"{CALLER} expects {self._name} to return an array of numbers or booleans for each image, "
                f"got {_briefly(result)}. Return the image, also where it was changed in place."
            )
            raise TypeError(msg)
        if self.reach is not None and result.shape != shape:
            msg = (
                f"{CALLER} expects {self._name} to keep the shape of images when reach is given, got an "
                f"array of shape {result.shape} for one of {shape}. Use reach=None."
            )
            raise ValueError(msg)
        return result


def _briefly(value):
    if np.ndim(value) == 0:
        value = np.asarray(value).item()
        return number(value) if isinstance(value, float) else repr(value)
    return f"an array of shape {np.shape(value)} and dtype {np.asarray(value).dtype}"
