"""Measurements under masks, as features for classifiers."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._describe import number, sentences_of
from skmask._images.images import without_axis
from skmask._kernels.regions.rules import read_spacing
from skmask._kernels.regions.statistics import region_statistics, statistic_columns
from skmask.base import LENGTH, MASKER, MaskerHolder


class RegionStatistics(MaskerHolder):
    """Measure images under their masks: size, shape, place and intensity as features.

    Each image becomes a row of a few numbers about the pixels in its own mask, whatever the size of the
    image.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. It is
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    statistics : sequence of str, default=("area", "mean", "std", "min", "max")
        What to measure, in the order of the columns:

        - ``"area"``: number of pixels, or their area or volume with `spacing`;
        - ``"fraction"``: share of the image that the mask covers;
        - ``"mean"``, ``"std"``, ``"min"``, ``"max"``, ``"median"``: of the intensity;
        - ``"quantiles"``: the intensity below which 5, 25, 50, 75 and 95 % of the pixels lie;
        - ``"bounding_box"``: first row, first column, and so on, then one past the last of each;
        - ``"centroid"``: mean row, mean column, and so on;
        - ``"perimeter"``: length of the border, holes included, of masks of two axes;
        - ``"n_regions"``: number of regions of pixels that share faces;
        - ``"euler_number"``: in the plane, number of regions less number of holes.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of the image or along all. It is the unit of areas,
        perimeters and places. None is 1.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. The intensity of each channel is measured apart. It is never guessed.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    columns_ : list of str
        Names of the columns.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskedPixelSelector : Takes the pixels themselves as features, under one mask for all images.

    Notes
    -----
    An empty mask has an area, a fraction, a perimeter, a number of regions and an Euler number of 0.
    Intensity and place of nothing are NaN: put a `sklearn.impute.SimpleImputer`, or a classifier that
    takes NaN, behind. A NaN under the mask makes the statistics of its intensity NaN.

    The standard deviation is that of a population, and quantiles are interpolated linearly, as NumPy does.
    The perimeter is estimated by Crofton's formula with four directions [1]_, which for disks is within
    some percent of the circumference where counting the sides of pixels is off by 27 %.

    References
    ----------
    .. [1] D. Legland, K. Kieu and M.-F. Devaux, "Computation of Minkowski measures on 2D and 3D binary
       images", Image Analysis & Stereology 26, 2007. https://doi.org/10.5566/ias.v26.p83-92

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import RegionStatistics, ThresholdMasker
    >>> X = np.array([[[0, 40, 60], [0, 80, 0]], [[0, 0, 0], [0, 0, 70]]])  # two images
    >>> statistics = RegionStatistics(ThresholdMasker(32), statistics=("area", "mean", "centroid"))
    >>> statistics.fit_transform(X)
    array([[ 3.        , 60.        ,  0.33333333,  1.33333333],
           [ 1.        , 70.        ,  1.        ,  2.        ]])
    >>> statistics.get_feature_names_out().tolist()
    ['area', 'mean', 'centroid_0', 'centroid_1']
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "statistics": [tuple, list],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        masker,
        *,
        statistics=("area", "mean", "std", "min", "max"),
        spacing=None,
        channel_axis=None,
        image_shape=None,
    ):
        self.masker = masker
        self.statistics = statistics
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def transform(self, X):
        """Measure images under the masks that the masker makes of them.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        features : ndarray of float64 of shape (n_images, n_columns)
            A row for each image.
        """
        images = self._read_for_transform(X)
        return images.map_rows(self._transform, *self._make_all_masks(X, images))

    def get_feature_names_out(self, input_features=None):
        """Give the names of the columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the pixels of flat rows, which are checked and not used.

        Returns
        -------
        names : ndarray of str
            ``area``, ``quantiles_05``, ``centroid_0`` for the first axis, ``mean_channel_0``, and so on.
        """
        check_is_fitted(self)
        if hasattr(self, "n_features_in_"):
            super().get_feature_names_out(input_features)
        return np.array(self.columns_, dtype=object)

    def _learns(self):
        return True

    def _describe(self):
        names = ", ".join(name.replace("_", " ") for name in self.statistics)
        spacing = "" if self.spacing is None else f" at a spacing of {number(self.spacing)}"
        return f"{sentences_of(self.masker_)} Measured under each mask{spacing} were: {names}."

    def _read(self, X, *, reset):
        images = super()._read(X, reset=reset)
        if reset:
            self.columns_ = self._columns_for(images.shapes[0])
        for shape in images.shapes:
            if self._columns_for(shape) != self.columns_:
                msg = (
                    "RegionStatistics expects images of as many axes and channels as those seen in fit, "
                    f"got images of shape {shape[1:]}. Rows of one length need them."
                )
                raise ValueError(msg)
        return images

    def _columns_for(self, shape):
        caller, axis = type(self).__name__, self.channel_axis
        n_axes = len(without_axis(shape, axis, caller)) - 1
        read_spacing(self.spacing, n_axes, caller)
        n_channels = None if axis is None else shape[axis]
        return statistic_columns(self.statistics, n_axes, n_channels=n_channels, caller=caller)

    def _transform(self, images, masks):
        return region_statistics(
            images,
            masks,
            self.statistics,
            spacing=self.spacing,
            channel_axis=self.channel_axis,
            caller=type(self).__name__,
        )
