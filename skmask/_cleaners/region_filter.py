"""Selection of regions by their properties."""

import numpy as np

from skmask._checks import check_connectivity, check_spacing
from skmask._cleaners.masks_of_images import MasksOfImages
from skmask._describe import in_range, number
from skmask._images.reach import RegionReach
from skmask._kernels.regions.filters import PROPERTIES, Range, filter_regions, range_rule
from skmask._kernels.regions.rules import clean_regions
from skmask._kernels.regions.statistics import STATISTICS
from skmask._names import did_you_mean
from skmask.base import ANY_NUMBER, AT_LEAST_ONE, LENGTH, MASKER


class RegionFilter(MasksOfImages):
    """Keep the regions of masks whose properties lie in ranges: size, shape, place or intensity.

    Parameters
    ----------
    property : str or list of (str, float, float), default="area"
        Property that must lie between `low` and `high`, or a list of ``(property, low, high)`` that must all
        hold, with None for no bound:

        - ``"area"``: number of pixels, or their area or volume with `spacing`; ``"fraction"``: share of the
          image;
        - ``"extent"``, ``"solidity"``: share of the bounding box, of the convex hull; ``"area_convex"``;
        - ``"equivalent_diameter"``, ``"axis_major_length"``, ``"axis_minor_length"``: of the disk of the same
          area, of the ellipse of the same second moments;
        - ``"eccentricity"``, ``"orientation"``, ``"perimeter"``, ``"circularity"``: of regions of two axes;
        - ``"border_distance"``: distance from the frame of the image, 0 on it;
        - ``"euler_number"``: in the plane, 1 less the number of holes;
        - ``"mean"``, ``"std"``, ``"min"``, ``"max"``, ``"median"``: of the intensity, with a `masker`.
    low, high : float, default=None
        Smallest and largest value of the regions that stay, both included. None is no bound.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. It is the unit of areas
        and lengths. None counts pixels.
    masker : estimator, default=None
        Makes the masks when `X` holds images, which properties of the intensity need. It is cloned and
        fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. None takes `X` as
        masks.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker; absent without a `masker`.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    SmallRegionRemover : Short for a least area.
    LargestRegionKeeper : Keeps a number of regions.
    region_table : Lists the properties of all regions.
    RegionStatistics : Measures whole masks by the same names.

    Notes
    -----
    Properties are those of `region_table`, and equal those of :func:`skimage.measure.regionprops`; the
    perimeter is Crofton's, and the circularity is ``4 pi area / perimeter**2``. A region whose property
    is NaN, such as the mean over a NaN, does not stay. Empty masks stay empty. It learns nothing but what its
    masker learns.

    The chunks of dask arrays stay apart for the area, fraction, extent, diameter, axis lengths, eccentricity,
    orientation, border distance, mean, minimum and maximum. All other properties join the chunks of
    each image. Means of floats may differ from those of whole images by rounding.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import RegionFilter, ThresholdMasker
    >>> mask = np.array([[[1, 1, 0, 0, 1], [1, 1, 0, 0, 1], [0, 0, 0, 0, 1]]])
    >>> RegionFilter("area", high=3).transform(mask).astype(int)
    array([[[0, 0, 0, 0, 1],
            [0, 0, 0, 0, 1],
            [0, 0, 0, 0, 1]]])
    >>> RegionFilter([("area", 3, None), ("eccentricity", None, 0.5)]).transform(mask).astype(int)
    array([[[1, 1, 0, 0, 0],
            [1, 1, 0, 0, 0],
            [0, 0, 0, 0, 0]]])

    Regions of bright pixels, by their mean intensity:

    >>> image = np.array([[[50, 60, 0, 90, 90]]])
    >>> RegionFilter("mean", low=80, masker=ThresholdMasker(30)).transform(image).astype(int)
    array([[[0, 0, 0, 1, 1]]])
    """

    _parameter_constraints = {
        "property": [str, tuple, list],
        "low": [None, ANY_NUMBER],
        "high": [None, ANY_NUMBER],
        "connectivity": [AT_LEAST_ONE],
        "spacing": [None, LENGTH, "array-like"],
        "masker": [None, MASKER],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        property="area",
        *,
        low=None,
        high=None,
        connectivity=1,
        spacing=None,
        masker=None,
        image_shape=None,
    ):
        self.property = property
        self.low = low
        self.high = high
        self.connectivity = connectivity
        self.spacing = spacing
        self.masker = masker
        self.image_shape = image_shape

    def _validate_params(self):
        super()._validate_params()
        self._ranges()

    def _check(self, shape):
        self._given(len(shape) - 1)

    def _describe(self):
        ranges = " and ".join(
            f"{name.replace('_', ' ')} "
            f"{'of any value' if np.isinf([low, high]).all() else in_range(low, high)}"
            for name, low, high in self._ranges()
        )
        unit = "" if self.spacing is None else f", spacing {number(self.spacing)}"
        return (
            f"{self._first()}Regions of masks were kept by their {ranges} (connectivity "
            f"{self.connectivity}{unit})."
        )

    def _reach(self, n_axes):
        rule = self._rule(n_axes)
        if rule is None:
            return super()._reach(n_axes)
        return RegionReach(self._masks_alone, [0] * n_axes, rule)

    def _masks_alone(self, images, *masks):
        return masks[0] if masks else self._read_masks(images)

    def _clean(self, masks, images):
        rule = self._rule(masks.ndim - 1)
        if rule is not None and {"bounds"}.issuperset(rule.asks):
            return clean_regions(masks, rule)
        given = self._given(masks.ndim - 1)
        return filter_regions(masks, self._ranges(), images=images, **given)

    def _rule(self, n_axes):
        """Return the rule for the regions of images in chunks, None if it takes whole images."""
        return range_rule(self._ranges(), **self._given(n_axes))

    def _given(self, n_axes):
        """Return the other parameters for images with `n_axes` axes, or refuse the images."""
        check_connectivity(self.connectivity, n_axes, caller="RegionFilter")
        for name, _, _ in self._ranges():
            if STATISTICS[name].n_axes not in (None, n_axes):
                msg = (
                    f"RegionFilter expects images of {STATISTICS[name].n_axes} axes to measure {name!r}, got "
                    f"{n_axes}. Choose another property."
                )
                raise ValueError(msg)
        spacing = check_spacing(self.spacing, n_axes, caller="RegionFilter")
        return {"connectivity": self.connectivity, "spacing": spacing}

    def _ranges(self):
        """Return the ranges of all properties, or refuse them."""
        if isinstance(self.property, str):
            return [self._range(self.property, self.low, self.high)]
        if self.low is not None or self.high is not None:
            msg = (
                "RegionFilter expects low and high for a single property, got a list of ranges as well. "
                "Write the bounds into the list: (property, low, high)."
            )
            raise ValueError(msg)
        for item in self.property or [None]:
            if not isinstance(item, tuple | list) or len(item) != 3:
                msg = (
                    f"RegionFilter expects property to be a name or a list of (property, low, high), got "
                    f"{item!r} in it. Use None for no bound."
                )
                raise ValueError(msg)
        return [self._range(*item) for item in self.property]

    def _range(self, name, low, high):
        if not isinstance(name, str) or name not in PROPERTIES:
            msg = (
                f"RegionFilter expects property to be among {', '.join(PROPERTIES)}, got {name!r}."
                f"{did_you_mean(name, PROPERTIES) or ' Use one of these names.'}"
            )
            raise ValueError(msg)
        if STATISTICS[name].per_channel and self.masker is None:
            msg = (
                f"RegionFilter expects a masker to measure {name!r}, since X holds masks without one. Use "
                f"RegionFilter({name!r}, masker=...) on the images."
            )
            raise ValueError(msg)
        least, most = -np.inf if low is None else low, np.inf if high is None else high
        if not least <= most:
            msg = (
                f"RegionFilter expects low to be at most high, got {low} and {high} for {name!r}. Swap "
                "them."
            )
            raise ValueError(msg)
        return Range(name, least, most)
