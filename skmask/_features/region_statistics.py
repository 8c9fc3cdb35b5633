"""Measurements under masks, as features for classifiers."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmask._checks import check_spacing, check_statistics
from skmask._describe import number, sentences_of
from skmask._images.axes import along_all_axes, cut_to_axes, without_axis
from skmask._kernels.regions.statistics import (
    STATISTICS,
    label_statistics,
    region_statistics,
    statistic_columns,
)
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
        Statistics to measure, in the order of the columns:

        - ``"area"``: number of pixels, or their area or volume with `spacing`; ``"fraction"``: share of the
          image that the mask covers;
        - ``"area_convex"``, ``"solidity"``, ``"extent"``: area of the convex hull, share of it and of the
          bounding box that is foreground;
        - ``"equivalent_diameter"``, ``"axis_major_length"``, ``"axis_minor_length"``: of the disk of the same
          area, of the ellipse of the same second moments;
        - ``"eccentricity"``, ``"orientation"``, ``"perimeter"``, ``"circularity"``: shape of masks of two
          axes;
        - ``"border_distance"``: distance of the foreground from the frame of the image, 0 on it;
        - ``"n_regions"``: number of regions of pixels that share faces;
        - ``"euler_number"``: in the plane, number of regions less number of holes;
        - ``"centroid"``: mean row, mean column, and so on;
        - ``"bounding_box"``: first row, first column, and so on, then one past the last of each;
        - ``"mean"``, ``"std"``, ``"min"``, ``"max"``, ``"median"``: of the intensity;
        - ``"quantiles"``: the intensity below which 5, 25, 50, 75 and 95 % of the pixels lie.
    labels : array-like of int of shape image_shape, default=None
        An atlas: a label image for all images, whose labels other than 0 are measured one by one, under the
        mask. Columns end in ``_label_3``, and so on. None measures the mask as a whole.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. It is the unit of areas,
        perimeters and positions. None is 1. Axes of one pixel change no length and no area; a position
        has a column for each of them, too.
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
    labels_ : list of int or None
        The labels of the atlas, in the order of their columns.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    region_table : Lists each region of a mask by itself, with the same statistics.
    MaskedPixelSelector : Takes the pixels themselves as features, under one mask for all images.

    Notes
    -----
    An empty mask has an area, a fraction, a perimeter, a number of regions and an Euler number of 0. Its
    intensity and position are NaN: put a `sklearn.impute.SimpleImputer` or a classifier that takes NaN
    behind it. A NaN under the mask makes the statistics of its intensity NaN.

    The standard deviation is that of a population, and quantiles are interpolated linearly, as NumPy does.
    The perimeter is estimated by Crofton's formula with four directions [1]_. For disks it is within a few
    percent of the circumference; counting the sides of pixels is off by 27 %.

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
        "labels": [None, "array-like"],
        "spacing": [None, LENGTH, "array-like"],
        "channel_axis": [None, Integral],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        masker,
        *,
        statistics=("area", "mean", "std", "min", "max"),
        labels=None,
        spacing=None,
        channel_axis=None,
        image_shape=None,
    ):
        self.masker = masker
        self.statistics = statistics
        self.labels = labels
        self.spacing = spacing
        self.channel_axis = channel_axis
        self.image_shape = image_shape

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.drops_single_axes = False  # places have all axes
        return tags

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
        """Return the names of the columns.

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
        apart = (
            "" if self.labels_ is None else f" in each of {len(self.labels_)} labels of an atlas"
        )
        return (
            f"{sentences_of(self.masker_)} Measured under each mask{apart}{spacing} were: {names}."
        )

    def _read(self, X, *, reset):
        images = super()._read(X, reset=reset)
        if reset:
            self.labels_ = self._read_labels()
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
        masks_shape = without_axis(shape, axis, caller)
        self._spacing_for(masks_shape)
        n_channels = None if axis is None else shape[axis]
        columns = []
        for names, spare in self._by_axes(masks_shape):
            n_axes = len(masks_shape) - 1 - len(spare)
            check_statistics(names, n_axes, caller=caller)
            columns += statistic_columns(names, n_axes, n_channels=n_channels)
        if self.labels_ is None:
            return columns
        return [f"{column}_label_{label}" for label in self.labels_ for column in columns]

    def _read_labels(self):
        """Return the labels of the atlas, or refuse it."""
        if self.labels is None:
            return None
        atlas = np.asarray(self.labels)
        if atlas.dtype.kind not in "iu" or atlas.min(initial=0) < 0 or not atlas.any():
            msg = (
                "RegionStatistics expects labels to be integers from 0 on, with one or more above 0, got an "
                f"array of {atlas.dtype}. Use 0 for background, and positive integers for regions."
            )
            raise ValueError(msg)
        return np.unique(atlas[atlas > 0]).tolist()

    def _check(self, shape):
        super()._check(shape)
        if self.labels is None:
            return
        expected = without_axis(shape, self.channel_axis, type(self).__name__)[1:]
        if np.shape(self.labels) != expected:
            msg = (
                f"RegionStatistics expects labels of the shape of the images, {expected}, got "
                f"{np.shape(self.labels)}. Resample the atlas to the images."
            )
            raise ValueError(msg)

    def _transform(self, images, masks):
        if self.labels_ is not None:
            self._check(images.shape)
            return label_statistics(
                images,
                masks,
                np.asarray(self.labels),
                self.labels_,
                self.statistics,
                spacing=self._spacing_for(masks.shape),
                channel_axis=self.channel_axis,
            )
        spacing = self._spacing_for(masks.shape)
        columns = []
        for names, spare in self._by_axes(masks.shape):
            seen = masks.squeeze(spare)
            rows = region_statistics(
                # Statistics of the plane measure no intensity.
                seen if spare else images,
                seen,
                names,
                spacing=cut_to_axes(spacing, masks.shape, spare),
                channel_axis=None if spare else self.channel_axis,
            )
            columns.append(rows)
        return np.concatenate(columns, axis=1)

    def _spacing_for(self, shape):
        """Return the spacing along all axes of masks, 1 along those of one pixel."""
        spacing = along_all_axes(self.spacing, shape)
        return check_spacing(spacing, len(shape) - 1, caller="RegionStatistics")

    def _by_axes(self, shape):
        """Return lists of statistics, each with the axes of one pixel that masks are measured without.

        Those of the plane are there for volumes that have such an axis; all others count all axes.
        """
        spare = [axis for axis, size in enumerate(shape) if axis and size == 1][: len(shape) - 3]
        if self.labels_ is not None or not spare:
            return [(self.statistics, ())]
        return [
            ([name], tuple(spare) if _is_of_the_plane(name) else ()) for name in self.statistics
        ]


def _is_of_the_plane(name):
    return isinstance(name, str) and name in STATISTICS and STATISTICS[name].n_axes == 2
