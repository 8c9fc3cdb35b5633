"""Splitting of touching objects."""

from skmask._checks import check_connectivity, check_spacing
from skmask._cleaners.masks_of_images import MasksOfImages
from skmask._describe import number, sentences_of
from skmask._kernels.regions.splits import split_regions
from skmask.base import AT_LEAST_ONE, LENGTH, MASKER, POSITIVE


class RegionSplitter(MasksOfImages):
    """Cut touching objects apart at their necks.

    Objects that touch are one region of a mask and count once. Each region is cut where it is narrow, along
    lines one pixel wide: the watershed lines of its distance transform.

    Parameters
    ----------
    depth : float, default=1.0
        Smallest difference between the radius of the smaller part and the radius of the neck, in pixels or in
        units of `spacing`. Raise it if single objects are cut; lower it if touching objects stay together.
    min_distance : float, default=None
        Cut by the distance of the centers instead, in pixels or in units of `spacing`. Of two centers closer
        than this, the one of the thinner part is dropped. None cuts by `depth`.
    seeds : estimator, default=None
        Makes masks of `X` with one region in each object, such as ``BinaryEroder(radius=5)`` for masks. Each
        region becomes one part, and `depth` is ignored. It is cloned and fitted in `fit`.
    connectivity : int, default=1
        1 connects pixels that share a face (4 neighbors in the plane), 2 also those that share an edge (8
        neighbors in the plane). The largest value is the number of axes of an image. Parts are apart by
        the same connectivity.
    spacing : float or sequence of float, default=None
        Distance of neighboring pixels, along each axis of an image or along all. None is 1.
    masker : estimator, default=None
        Makes the masks when `X` holds images. It is cloned and fitted in `fit`; wrap a fitted one in
        `sklearn.frozen.FrozenEstimator` to keep it. None takes `X` as masks.
    image_shape : tuple of int, default=None
        Shape of the image that a flat row folds into.

    Attributes
    ----------
    masker_, seeds_ : estimator
        The fitted maskers; absent where there are none.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    label_regions : Numbers the regions after the cut.
    region_table : Measures them.
    BinaryOpener : Cuts necks that are narrower than a footprint, and changes outlines.

    Notes
    -----
    The distance of each pixel from the background is a landscape with a hill for each object. A hill that
    rises less than `depth` above the saddle to a higher hill is merged with it, which leaves the h-maxima of
    the distance [1]_. The lines between the remaining hills are removed from the mask. Pixels outside of the
    image are not background. A region without a neck, an empty mask and a full mask stay as they are. It
    learns nothing but what its maskers learn.

    Fill holes first: a hole is background and makes a neck on each side.

    References
    ----------
    .. [1] P. Soille, "Morphological Image Analysis: Principles and Applications", Springer, 2004.
       https://doi.org/10.1007/978-3-662-05088-0

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import RegionSplitter
    >>> mask = np.zeros((1, 5, 11), int)
    >>> mask[0, :, :5] = mask[0, :, 6:] = mask[0, 2, 5] = 1  # two squares and a bridge
    >>> RegionSplitter().transform(mask)[0].astype(int)
    array([[1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
           [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
           [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
           [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
           [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1]])
    """

    _parameter_constraints = {
        "depth": [POSITIVE],
        "min_distance": [None, POSITIVE],
        "seeds": [None, MASKER],
        "connectivity": [AT_LEAST_ONE],
        "spacing": [None, LENGTH, "array-like"],
        "masker": [None, MASKER],
        "image_shape": [None, tuple, list],
    }

    def __init__(
        self,
        depth=1.0,
        *,
        min_distance=None,
        seeds=None,
        connectivity=1,
        spacing=None,
        masker=None,
        image_shape=None,
    ):
        self.depth = depth
        self.min_distance = min_distance
        self.seeds = seeds
        self.connectivity = connectivity
        self.spacing = spacing
        self.masker = masker
        self.image_shape = image_shape

    def _validate_params(self):
        super()._validate_params()
        if self.seeds is not None and self.min_distance is not None:
            msg = (
                "RegionSplitter expects seeds or min_distance, got both. Use seeds for one part a seed, "
                "min_distance for summits that far apart."
            )
            raise ValueError(msg)

    def _check(self, shape):
        check_connectivity(self.connectivity, len(shape) - 1, caller="RegionSplitter")
        check_spacing(self.spacing, len(shape) - 1, caller="RegionSplitter")

    def _maskers(self):
        return super()._maskers() | ({} if self.seeds is None else {"seeds": self.seeds})

    def _keep(self, fitted):
        vars(self).pop("seeds_", None)
        super()._keep(fitted)

    def _make_all_masks(self, X, images):
        masks = super()._make_all_masks(X, images)
        if self.seeds is not None:
            # Maskers that learn nothing are ready without a fit.
            seeds = getattr(self, "seeds_", self.seeds)
            masks.append(self._masks_of(seeds, X, images, "its masker of seeds"))
        return masks

    def _clean(self, masks, images, seeds=None):
        return split_regions(
            masks,
            depth=self.depth,
            min_distance=self.min_distance,
            seeds=seeds,
            connectivity=self.connectivity,
            spacing=check_spacing(self.spacing, masks.ndim - 1, caller="RegionSplitter"),
        )

    def _describe(self):
        if self.seeds is not None:
            seeds = sentences_of(getattr(self, "seeds_", self.seeds))
            how = f"into one part for each region of seeds (seeds: {seeds})"
        elif self.min_distance is not None:
            how = f"at necks between centers at least {number(self.min_distance)} apart"
        else:
            how = (
                f"at necks at least {number(self.depth)} less wide in radius than the smaller part"
            )
        unit = "" if self.spacing is None else f" at a spacing of {number(self.spacing)}"
        return (
            f"{self._first()}Touching objects were cut apart by the watershed of the distance transform, "
            f"{how}{unit} (Soille 2004, https://doi.org/10.1007/978-3-662-05088-0)."
        )
