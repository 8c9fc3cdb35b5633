"""Base classes of all estimators, for skmask itself and for people who extend it.

A new estimator is a docstring, an ``__init__``, parameter constraints and one hook: ``_transform``, and
``_fit`` when it learns something. Reading containers, checking input and parameters, folding flat rows and
tags happen here, once. This module and ``_parameters.py`` alone import what scikit-learn does not export.
"""

import functools
from numbers import Integral, Real

import numpy as np
from sklearn import config_context, get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils import Bunch
from sklearn.utils._array_api import get_namespace
from sklearn.utils._param_validation import (
    HasMethods,
    Hidden,
    Interval,
    StrOptions,
)
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import _BaseComposition as BaseComposition

from skmask._callbacks import UNTOLD, CallbackSupportMixin, all_or_nothing, fit_task
from skmask._checks import check_estimator, check_taken, is_estimator
from skmask._images.axes import without_axis
from skmask._images.kinds import shown
from skmask._images.reach import RegionReach
from skmask._images.tags import ImageTags
from skmask._kernels.pixels import namespaces
from skmask._kernels.pixels.binary import is_two_valued, nonzero
from skmask._mask_operators import MaskOperators
from skmask._mask_prediction import MaskPrediction
from skmask._output import OutputMixin
from skmask._parameters import check_parameters, most_unnamed, refuse_unnamed, signature_of
from skmask._pipelines import learns, transform_of
from skmask._reading import ReadingMixin
from skmask._version import migrated, stamped
from skmask._warn import warn

__all__ = [
    "BaseComposition",
    "ImageMasker",
    "ImageTransformer",
    "MaskTransformer",
    "MaskerHolder",
    "RegionReach",
]

ANY_NUMBER = Interval(Real, -np.inf, np.inf, closed="both")
COUNT = Interval(Integral, 0, None, closed="left")
AT_LEAST_ONE = Interval(Integral, 1, None, closed="left")
LENGTH = Interval(Real, 0, None, closed="left")
POSITIVE = Interval(Real, 0, None, closed="neither")
FOREGROUND = StrOptions({"bright", "dark"})
MASKER = HasMethods(["fit", "transform"])
PILLOW = Hidden(HasMethods(["getbands", "getdata"]))  # an image of Pillow in the place of an array


def _namespace_of(array):
    # Not the caller's settings: threads of dask have none.
    with config_context(array_api_dispatch=True):
        return get_namespace(array)[0]


namespaces.find_by(_namespace_of)


class ImageTransformer(
    ReadingMixin, CallbackSupportMixin, OutputMixin, TransformerMixin, BaseEstimator
):
    """Base of everything that takes images.

    A subclass writes ``_transform(self, images)`` on one block of images of shape
    ``(n_images, *image_shape)`` and, if it learns, ``_fit(self, images, y)`` on
    ``skmask._images.images.Images``, whose ``blocks`` are such arrays. If ``_fit`` raises, its changes
    are taken back. Where parameters do not go with every shape of images, ``_check(self, shape)`` says
    so. A subclass with a parameter ``image_shape`` looks at neighboring pixels: flat rows are folded for
    it.
    """

    _parameter_constraints: dict = {}

    # Whether the hooks take arrays of other libraries, on a device, as they are.
    _stays_on_device = False

    def __new__(cls, *args, **kwargs):
        """Refuse more values without names than the class takes, in the words of a user."""
        if len(args) > cls._most_unnamed:
            refuse_unnamed(cls, args)
        return super().__new__(cls)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.__signature__ = signature_of(cls)  # which Python would take from __new__
        cls._most_unnamed = most_unnamed(cls.__signature__)

    def fit(self, X, y=None):
        """Check the parameters and the images, and learn what is to be learned.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Masks for estimators that learn from them; ignored by the others.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        return self._fit_with(X, y)

    def transform(self, X):
        """Transform images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The result, in the container of `X`.
        """
        return self._map(self._transform, X)

    def __getstate__(self):
        return stamped(super().__getstate__())

    def __setstate__(self, state):
        super().__setstate__(migrated(state, caller=type(self).__name__))

    def __sklearn_is_fitted__(self):
        return not self._learns() or any(name[-1] == "_" != name[0] for name in vars(self))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.requires_fit = self._learns()
        return tags

    # Reading a signature takes longer than all checks of a call together.
    @classmethod
    def _get_param_names(cls):
        return list(_names_of(cls))

    def _validate_params(self):
        check_parameters(self)

    def _say_what_is_meant(self, name, value):
        """Say, as a whole message, what a parameter that is refused was meant for; None if unknown."""

    def _note_targets(self, y):
        """Keep what kind of targets a fit is on; nothing by default."""

    def __skmask_tags__(self):
        """Return what the reader has to know of this estimator.

        The tags follow from the parameters ``image_shape`` and ``channel_axis`` and from the hooks ``_fit``,
        ``_reach`` and ``_stays_on_device``. A subclass may change those of its base class.

        Returns
        -------
        tags : ImageTags
        """
        uses_neighbors = hasattr(self, "image_shape")
        image_shape = self.image_shape if uses_neighbors else None
        return ImageTags(
            uses_neighbors=uses_neighbors,
            # A footprint passed as an array says itself which axes it has.
            drops_single_axes=uses_neighbors and isinstance(getattr(self, "footprint", ""), str),
            warns_of_rows=uses_neighbors and image_shape is None,
            stays_on_device=self._stays_on_device,
            image_shape=image_shape,
            channel_axis=getattr(self, "channel_axis", None),
            reach=self._reach,
        )

    def _learns(self):
        """Tell whether `transform` needs a fit."""
        return type(self)._fit is not ImageTransformer._fit

    def _reach(self, n_axes):
        """Say how far the result for a pixel looks, in pixels along each axis of an image.

        None stands for the whole axis. Images cut into chunks are put together as far as that. Estimators
        that keep whole regions of masks return a `RegionReach` instead, and see single chunks.
        """
        return [None] * n_axes

    def _describe(self):
        """Say in a sentence or two, fit for a methods section, what was done, with what was learned."""
        return f"{shown(self)} was applied."

    def _fit(self, images, y):
        """Learn from the blocks of `images`; nothing by default."""

    def _state_of_results(self):
        """Return all that `transform` depends on, except for the images."""
        return vars(self)

    def _fit_with(self, X, y, **metadata):
        self._validate_params()
        with all_or_nothing(self):
            images = self._read_for_fit(X)
            with self._task(X, y, metadata, images=images) as task:
                self._fit(task.watch(images), y, **metadata)
        return self

    def _task(self, X, y, metadata, *, images=None, n_subtasks=0, name="fit"):
        """Return the task that a fit is to callbacks, where there are any; every fit begins here."""
        self._note_targets(y)
        if not hasattr(self, "_skl_callbacks"):
            return UNTOLD
        if images is not None and self._learns():
            n_subtasks = images.n_steps
        return fit_task(self, X, y, metadata, n_subtasks=n_subtasks, name=name)


class ImageMasker(MaskOperators, MaskPrediction, ImageTransformer):
    """Base of estimators that make masks of images: ``_transform`` takes pixels and returns booleans."""

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.compares_values = True
        return tags

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


class MaskTransformer(MaskOperators, MaskPrediction, ImageTransformer):
    """Base of what makes masks of masks: ``_transform`` takes and returns booleans.

    Numbers are read as masks as NumPy reads them: nonzero is foreground. A mask of more than two values
    brings a warning, since that is most often an image that was to be thresholded first. Two masks may have
    different values of foreground, in every container. Of images in chunks each chunk is looked at.
    """

    def transform(self, X):
        """Transform masks.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Masks: booleans, or numbers of which the nonzero ones are foreground. NaN never is.

        Returns
        -------
        masks : ndarray of bool or list of ndarray of bool
            The new masks, in the container of `X`.
        """
        return self._map(self._transform_numbers, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _transform_numbers(self, images):
        return self._transform(self._read_masks(images))

    def _read_masks(self, images):
        """Read a block of images as masks."""
        if not (is_two_valued(images) or all(map(is_two_valued, images))):
            warn(
                f"{type(self).__name__} expects masks, got images of more than two values, of which every "
                "nonzero pixel is taken as foreground. Put a masker such as ThresholdMasker first."
            )
        return nonzero(images)


class MaskerHolder(MetaEstimatorMixin, ImageTransformer):
    """Base of what needs images and masks together, and therefore holds the masker.

    The masker, an estimator or a Pipeline in the parameter ``masker``, is cloned, fitted on the images
    that come in and shown every image again in ``transform``. A subclass writes
    ``_transform(self, images, masks)`` and, if it learns more than its masker does,
    ``_fit(self, images, masks)`` on ``skmask._images.images.Images`` and aligned blocks of masks. A masker in
    a `sklearn.frozen.FrozenEstimator` is used as it is.

    After a fit, another masker or other parameters of it count from the next fit on, as in scikit-learn. All
    calls check the parameters as they are now: an object that is no masker is refused by each of them.
    """

    def fit(self, X, y=None, **fit_params):
        """Fit the masker on the images.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.
        y : array-like, default=None
            Handed to the masker.
        **fit_params : dict
            Handed to the masker, by scikit-learn's metadata routing where that is enabled.

        Returns
        -------
        self : object
            The fitted estimator.
        """
        self._validate_params()
        maskers = self._maskers()
        routed = self._route(fit_params)
        with all_or_nothing(self):
            images = self._read_for_fit(X)
            is_learner = super()._learns()
            with self._task(X, y, fit_params, n_subtasks=len(maskers) + is_learner) as task:
                fitted = {
                    name: task.fit_masker(name, clone(masker), X, y, routed[name].fit)
                    for name, masker in maskers.items()
                }
                self._keep(fitted)
                if is_learner:
                    with task.subtask("learn", images.n_steps) as learning:
                        self._fit(learning.watch(images), self._make_masks(X, images))
        return self

    def transform(self, X):
        """Mask images with the masks that the masker makes of them.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images: a stack, flat rows, or a list of images of different sizes.

        Returns
        -------
        Xt : ndarray or list of ndarray
            The result, in the container of `X`.
        """
        images = self._read_for_transform(X)
        return images.map(self._transform, *self._make_all_masks(X, images))

    def get_metadata_routing(self):
        """Say where the metadata given to `fit` go.

        Returns
        -------
        routing : sklearn.utils.metadata_routing.MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=type(self).__name__).add_self_request(self)
        return router.add(**self._maskers(), method_mapping=mapping)

    def _route(self, fit_params):
        """Return what is handed to the ``fit`` of each masker, by the names of both."""
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **fit_params)
        for name, masker in self._maskers().items():
            check_taken(fit_params, masker, name, caller=type(self).__name__)
        return dict.fromkeys(self._maskers(), Bunch(fit=fit_params))

    def __skmask_tags__(self):
        tags = super().__skmask_tags__()
        tags.compares_values = False  # its maskers do
        return tags

    def _check(self, shape):
        without_axis(shape, getattr(self, "channel_axis", None), type(self).__name__)

    def _known(self, X):
        # Maskers that are not fitted have to be checked again.
        own = vars(self)
        if "masker_" in own or "maskers_" in own or own.get("masker", self) is None:
            return super()._known(X)
        return None

    def _validate_params(self):
        for name, masker in self._maskers().items():
            if not is_estimator(masker):
                place = "" if hasattr(self, name) else " in maskers"
                expectation = f"{type(self).__name__} expects a masker{place} as {name!r}"
                check_estimator(masker, expectation)
        super()._validate_params()

    def __sklearn_is_fitted__(self):
        # After a fit, which is what most calls are made after, no masker has to be asked.
        own = vars(self)
        return "masker_" in own or "maskers_" in own or super().__sklearn_is_fitted__()

    def _learns(self):
        return super()._learns() or any(map(learns, self._maskers().values()))

    def _maskers(self):
        """Return the maskers to fit, by name."""
        return {"masker": self.masker}

    def _keep(self, fitted):
        """Keep the fitted maskers; one that there was in an earlier fit only does not stay."""
        vars(self).pop("masker_", None)
        for name, masker in fitted.items():
            setattr(self, f"{name}_", masker)

    def _make_masks(self, X, images):
        """Show the masker the images as they came in, and return masks aligned with the blocks."""
        # A masker that learns nothing is ready without a fit.
        return self._masks_of(getattr(self, "masker_", self.masker), X, images)

    def _make_all_masks(self, X, images):
        """Return what stands beside the images in ``_transform``: masks aligned with the blocks."""
        return [self._make_masks(X, images)]

    def _masks_of(self, masker, X, images, name="its masker"):
        return images.align_masks(
            images.show(transform_of(masker), X),
            caller=type(self).__name__,
            name=f"the output of {name}",
            channel_axis=getattr(self, "channel_axis", None),
        )


@functools.cache
def _names_of(cls):
    """Return the names of the parameters of a class."""
    return tuple(super(ImageTransformer, cls)._get_param_names())
