"""A masker for each group of images."""

from numbers import Integral

import numpy as np
from sklearn.base import clone
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping

from skmask._callbacks import all_or_nothing
from skmask._describe import number, sentences_of
from skmask._images.axes import without_axis
from skmask._images.faults import numbered
from skmask._images.kinds import is_dask, read_one, shape_of
from skmask._images.selection import select
from skmask._warn import warn
from skmask.base import MASKER, ImageMasker, Interval, MaskerHolder

CALLER = "GroupedMasker"

# Shares of the pixels below the gray values that images are clustered by.
SHARES = np.arange(0.05, 0.96, 0.05)

# Squares of numbers up to this one, and sums of them, are finite.
LARGEST = 1e150

# Position of the masker for images of no known group.
POOLED = -1


class GroupedMasker(MaskerHolder, ImageMasker):
    """Fit a masker for each group of images, such as those of one scanner, plate or stain.

    One threshold fits images that were acquired in the same way. This estimator fits one masker for each
    group, and one on all images for groups that were not in training.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `HistogramThresholdMasker` or a Pipeline of them. A copy is
        fitted on the images of each group, and one on all images.
    n_groups : int, default=None
        Number of groups to make from the images themselves, where no `groups` are known: images are
        clustered by their quantiles of gray values, and new images belong to the nearest cluster.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    groups_ : ndarray of shape (n_groups,)
        Label of each group; 0, 1, ... with `n_groups`. Empty without groups.
    maskers_ : list of estimator
        The masker of each group, in the order of `groups_`.
    masker_ : estimator
        The masker of all training images, for images of other groups.
    quantiles_ : ndarray of shape (n_groups, n_quantiles) or None
        Centers of the clusters, by `n_groups`; None without.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    ImageNormalizer : Makes images of all groups comparable instead.
    DriftGuard : Warns of images unlike those of training.

    Notes
    -----
    `groups` are given to `fit` and `transform`, directly, or through Pipelines and searches by scikit-learn's
    metadata routing: ``GroupedMasker(...).set_fit_request(groups=True).set_transform_request(groups=True)``,
    and for the scorer of a search ``MaskScorer("dice").set_score_request(groups=True)``. Images of unknown
    groups, and all images where `transform` gets no groups, get the masks of ``masker_``.

    The clusters of `n_groups` are those of k-means on the quantiles 0.05, 0.1, ..., 0.95 of each image, of
    each channel where there are several. The distance of such quantiles approximates the Wasserstein distance
    of two histograms. With dask arrays, these are computed when `transform` is called.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import GroupedMasker, HistogramThresholdMasker
    >>> X = np.array([[[10, 10, 90]], [[12, 11, 80]], [[110, 110, 190]], [[112, 115, 180]]])
    >>> scanner = ["A", "A", "B", "B"]
    >>> masker = GroupedMasker(HistogramThresholdMasker()).fit(X, groups=scanner)
    >>> [(str(group), one.threshold_) for group, one in zip(masker.groups_, masker.maskers_)]
    [('A', 46), ('B', 147)]
    >>> masker.transform(X[1:3], groups=["A", "B"]).astype(int)
    array([[[0, 0, 1]],
    <BLANKLINE>
           [[0, 0, 1]]])
    """

    _parameter_constraints = {
        "masker": [MASKER],
        "n_groups": [None, Interval(Integral, 1, None, closed="left")],
        "channel_axis": [None, Integral],
    }

    def __init__(self, masker, *, n_groups=None, channel_axis=None):
        self.masker = masker
        self.n_groups = n_groups
        self.channel_axis = channel_axis

    def fit(self, X, y=None, *, groups=None, **fit_params):
        """Fit a masker on the images of each group, and one on all.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Handed to the maskers, each with those of its images.
        groups : array-like of shape (n_images,), default=None
            Label of the group of each image. Without it, and without `n_groups`, one masker is fitted.
        **fit_params : dict
            Handed to the maskers, by scikit-learn's metadata routing where that is enabled; of what has one
            item for each image, each masker gets those of its images.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        params = self._route(fit_params)["masker"].fit
        with all_or_nothing(self):
            images = self._read_for_fit(X)
            codes = self._learn_groups(images, groups)
            with self._task(X, y, fit_params, n_subtasks=len(self.groups_) + 1) as task:
                fitted = {"masker": task.fit_masker("masker", clone(self.masker), X, y, params)}
                X = np.asarray(X) if hasattr(X, "iloc") else X
                for code, group in enumerate(self.groups_):
                    positions = np.flatnonzero(codes == code)
                    of_group = {
                        name: _of_group(value, positions, images) for name, value in params.items()
                    }
                    with numbered(positions):
                        fitted[code] = task.fit_masker(
                            f"group-{group}",
                            clone(self.masker),
                            select(X, positions),
                            _of_group(y, positions, images),
                            of_group,
                        )
                self._keep(fitted)
        return self

    def transform(self, X, *, groups=None):
        """Make the masks of images, each by the masker of its group.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        groups : array-like of shape (n_images,), default=None
            Label of the group of each image. Not used with `n_groups`.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The masks, in the container of `X`.
        """
        images = self._read_for_transform(X)
        codes = self._codes_of(images, groups)
        if (codes == POOLED).all():
            return images.map(_copied, *self._make_all_masks(X, images))
        if is_dask(X):
            masks = self._lazy_masks(X, codes)
            aligned = images.align_masks(
                masks,
                caller=CALLER,
                name="the output of its maskers",
                channel_axis=self.channel_axis,
            )
            return images.map(_copied, aligned)
        return images.map(self._masks_of_block, images.split(codes))

    def fit_transform(self, X, y=None, *, groups=None, **fit_params):
        """Fit the maskers, then make the masks of the same images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Handed to the maskers.
        groups : array-like of shape (n_images,), default=None
            Label of the group of each image.
        **fit_params : dict
            Handed to the maskers.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The masks, in the container of `X`.
        """
        return self.fit(X, y, groups=groups, **fit_params).transform(X, groups=groups)

    def get_metadata_routing(self):
        """Say where the metadata given to `fit` and `transform` go.

        Returns
        -------
        routing : sklearn.utils.metadata_routing.MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=CALLER).add_self_request(self)
        return router.add(masker=self.masker, method_mapping=mapping)

    def _learns(self):
        return self.n_groups is not None or super()._learns()

    def _keep(self, fitted):
        self.masker_ = fitted["masker"]
        self.maskers_ = [fitted[code] for code in range(len(self.groups_))]

    def _describe(self):
        pooled = sentences_of(getattr(self, "masker_", self.masker))
        groups = getattr(self, "groups_", ())
        if not len(groups):
            return pooled
        how = ""
        if self.n_groups is not None:
            how = ", clustered by their quantiles of gray values"
        of_groups = " ".join(
            f"Group {number(group)}: {sentences_of(masker)}"
            for group, masker in zip(groups, self.maskers_, strict=True)
        )
        return f"Masks were made by groups of images{how}. {of_groups} Other images: {pooled}"

    def _learn_groups(self, images, groups):
        """Set the labels of the groups, and return their position for each image."""
        self.groups_, self.quantiles_ = np.empty(0, int), None
        if self.n_groups is None:
            if groups is None:
                return np.full(len(images), POOLED)
            self.groups_, codes = np.unique(self._check_groups(groups, images), return_inverse=True)
            return codes
        self._refuse_groups(groups)
        profiles = images.measure(self._profiles)
        usable = np.isfinite(profiles).all(axis=1)
        distinct = np.unique(profiles[usable], axis=0)
        if len(distinct) < self.n_groups:
            msg = (
                f"{CALLER} expects at least n_groups={self.n_groups} images that differ, got "
                f"{len(distinct)}. Use fewer groups."
            )
            raise ValueError(msg)
        self.quantiles_ = _centers(profiles[usable], self.n_groups)
        self.groups_ = np.arange(self.n_groups)
        return self._nearest(profiles)

    def _codes_of(self, images, groups):
        """Return the position of the group of each image."""
        known = getattr(self, "groups_", ())
        if self.n_groups is not None:
            self._refuse_groups(groups)
            return self._nearest(images.measure(self._profiles))
        if groups is None:
            if len(known):
                warn(
                    f"{CALLER} was fitted with groups and expects them in transform, got none, and takes the "
                    "masker of all training images. Pass groups=, in Pipelines by metadata routing, in "
                    "searches to scoring=MaskScorer('dice').set_score_request(groups=True) as well."
                )
            return np.full(len(images), POOLED)
        position_of = {group: code for code, group in enumerate(np.asarray(known).tolist())}
        labels = self._check_groups(groups, images).tolist()
        return np.array([position_of.get(label, POOLED) for label in labels])

    def _check_groups(self, groups, images):
        labels = read_one(groups, caller=CALLER, name="groups")
        if labels.dtype.kind in ("O", "T") and all(isinstance(label, str) for label in labels.flat):
            labels = labels.astype(str)  # as columns of pandas hold strings
        if labels.shape != (len(images),) or labels.dtype.kind not in "biufUS":
            msg = (
                f"{CALLER} expects groups to be one label, a string or a number, for each of {len(images)} "
                f"images, got an array of shape {labels.shape} and dtype {labels.dtype}. Use "
                "np.array(groups, dtype=str) for labels of several kinds."
            )
            raise ValueError(msg)
        return labels

    def _refuse_groups(self, groups):
        if groups is not None:
            msg = (
                f"{CALLER} expects either groups or n_groups, got groups with n_groups={self.n_groups}. "
                "Leave one of them out."
            )
            raise ValueError(msg)

    def _profiles(self, images):
        """Return quantiles of the finite pixels of each image, channel after channel."""
        axis = self.channel_axis
        channels = images[np.newaxis] if axis is None else np.moveaxis(images, axis, 0)
        profiles = np.full((len(images), len(channels), len(SHARES)), np.nan)
        for c, channel in enumerate(channels):
            for i, image in enumerate(channel):
                pixels = image[np.isfinite(image)].astype(np.float64)
                if pixels.size:
                    quantiles = np.quantile(pixels, SHARES)
                    profiles[i, c] = quantiles.clip(-LARGEST, LARGEST)
        return profiles.reshape(len(images), -1)

    def _nearest(self, profiles):
        """Return the nearest cluster of each image; images without a number have none."""
        distances = np.square(profiles[:, np.newaxis] - self.quantiles_).sum(axis=2)
        has_none = np.isnan(distances).any(axis=1)
        return np.where(
            has_none, POOLED, np.where(has_none[:, np.newaxis], 0, distances).argmin(axis=1)
        )

    def _masker_of(self, code):
        return self.masker_ if code == POOLED else self.maskers_[code]

    def _masks_of_block(self, images, codes):
        """Make the masks of a block of images by the maskers of their groups."""
        shape = without_axis(images.shape, self.channel_axis, CALLER)
        masks = np.empty(shape, bool)
        for code in np.unique(codes).tolist():
            of_group = codes == code
            with numbered(np.flatnonzero(of_group)):
                made = np.asarray(self._masker_of(code).transform(images[of_group]))
            if made.shape[1:] != shape[1:] or made.dtype.kind != "b":
                msg = (
                    f"{CALLER} expects its masker to make masks of shape {shape[1:]}, got an array of shape "
                    f"{made.shape[1:]} and dtype {made.dtype}. End a Pipeline with a masker."
                )
                raise ValueError(msg)
            masks[of_group] = made
        return masks

    def _lazy_masks(self, X, codes):
        """Make the masks of a dask array, group by group, and put them in the order of the images."""
        import dask.array as da

        members = [np.flatnonzero(codes == code) for code in np.unique(codes)]
        masks = [
            self._masker_of(codes[positions[0]]).transform(X[positions]) for positions in members
        ]
        return da.concatenate(masks)[np.argsort(np.concatenate(members))]


def _copied(images, masks):
    return masks.copy()


def _of_group(values, positions, images):
    """Return the items that belong to images of a group; what is one for all stays as it is."""
    if values is None:
        return None
    shape = shape_of(values)
    first = (len(values),) if shape is None else shape[:1]
    is_one_for_all = images.positions is None and shape == images.shapes[0][1:]
    if first != (len(images),) or is_one_for_all:
        return values
    return select(values, positions)


def _centers(profiles, n_groups):
    """Return the centers of clusters of images, in the order of their brightness."""
    # Importing it takes longer than importing skmask, and only groups that are not given need it.
    from sklearn.cluster import KMeans

    kmeans = KMeans(n_groups, n_init=10, random_state=0).fit(profiles)
    return kmeans.cluster_centers_[np.argsort(kmeans.cluster_centers_.mean(axis=1), kind="stable")]
