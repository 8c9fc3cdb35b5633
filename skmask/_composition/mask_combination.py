"""Base of the set algebra of masks: estimators that combine the masks of several maskers."""

from functools import lru_cache, reduce
from numbers import Integral

from sklearn.utils import Bunch

from skmask._describe import sentences_of
from skmask._images.kinds import brief
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.namespaces import copied
from skmask._mask_operators import is_dropped
from skmask.base import BaseComposition, ImageMasker, MaskerHolder


class MaskCombination(MaskerHolder, ImageMasker, BaseComposition):
    """Base of what combines several maskers: a subclass says how two masks become one.

    ``_operators`` are two functions that do it, of which the second may write to its first argument;
    ``_what`` says what that is.
    """

    _parameter_constraints = {"maskers": "no_validation", "channel_axis": [None, Integral]}
    _stays_on_device = True

    def __init__(self, maskers, *, channel_axis=None):
        self.maskers = maskers
        self.channel_axis = channel_axis

    @property
    def named_maskers_(self):
        """The fitted maskers by name."""
        return Bunch(**dict(self.maskers_))

    def get_params(self, deep=True):
        """Get the parameters of this estimator and, by name, its maskers and theirs.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the maskers and their parameters.

        Returns
        -------
        params : dict
        """
        return self._get_params("maskers", deep=deep)

    def set_params(self, **params):
        """Set parameters of this estimator, replace maskers by name, or set theirs.

        Parameters
        ----------
        **params : dict
            ``name=masker`` replaces a masker, ``name="drop"`` leaves it out, and
            ``name__parameter=value`` sets a parameter of it.

        Returns
        -------
        self : object
        """
        return self._set_params("maskers", **params)

    def _validate_params(self):
        super()._validate_params()
        _check_names(type(self), tuple(name for name, _ in self.maskers))
        if all(is_dropped(masker) for _, masker in self.maskers):
            msg = f"{type(self).__name__} expects maskers to hold at least one, got none. Keep one of them."
            raise ValueError(msg)

    def _maskers(self):
        kept = {}
        for pair in self.maskers if isinstance(self.maskers, list) else [None]:
            if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)):
                msg = (
                    f"{type(self).__name__} expects maskers to be a list of (name, masker) pairs, got "
                    f"{brief(self.maskers)}. The operators |, & and - make names by themselves."
                )
                raise TypeError(msg)
            name, masker = pair
            if not is_dropped(masker):
                kept[name] = masker
        return kept

    def _keep(self, fitted):
        self.maskers_ = list(fitted.items())

    _reach = pixelwise

    def _make_all_masks(self, X, images):
        # Maskers that learn nothing are ready without a fit.
        fitted = dict(getattr(self, "maskers_", None) or self._maskers())
        return [
            self._masks_of(masker, X, images, f"its masker {name!r}")
            for name, masker in fitted.items()
        ]

    def _transform(self, images, *masks):
        first, *others = masks
        if not others:
            return copied(first)
        join, join_in_place = self._operators
        return reduce(join_in_place, others[1:], join(first, others[0]))

    def _describe(self):
        fitted = dict(getattr(self, "maskers_", None) or self._maskers())
        masks = " ".join(f"Mask {name!r}: {sentences_of(one)}" for name, one in fitted.items())
        return f"Several masks were made of each image, and {self._what} was taken. {masks}"


# Checking names again takes longer than masking a small image.
@lru_cache(maxsize=256)
def _check_names(cls, names):
    """Refuse names that are not unique, or stand for something else in names of parameters."""
    cls([])._validate_names(names)
