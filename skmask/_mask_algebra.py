"""Set algebra of masks: maskers that combine what other maskers make of the same images."""

import operator
from functools import partial, reduce
from numbers import Integral

from sklearn.utils import Bunch

from skmask._describe import sentences_of
from skmask._kernels.binary import as_bytes, without
from skmask._kernels.namespaces import copied, namespace
from skmask._mask_operators import (
    OPERATORS,
    chain_of,
    is_dropped,
)
from skmask._reach import pixelwise
from skmask.base import BaseComposition, ImageMasker, Interval, MaskerHolder


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

    def _maskers(self):
        maskers = self.maskers
        if not isinstance(maskers, list) or not all(map(_is_pair, maskers)):
            msg = (
                f"{type(self).__name__} expects maskers to be a list of (name, masker) pairs, got "
                f"{maskers!r}. The operators |, & and - make names by themselves."
            )
            raise TypeError(msg)
        self._validate_names([name for name, _ in maskers])
        kept = {name: masker for name, masker in maskers if not is_dropped(masker)}
        if not kept:
            msg = f"{type(self).__name__} expects at least one masker, got none. Keep one of them."
            raise ValueError(msg)
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


class MaskUnion(MaskCombination):
    """Make masks of the pixels that any of several maskers takes.

    ``a | b`` on maskers builds it. Every masker is shown the same images.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that give masks. They are cloned and fitted in `fit`;
        wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. ``"drop"`` in the place of a
        masker leaves it out.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    maskers_ : list of (str, estimator) tuples
        Names and fitted maskers, without those dropped.
    named_maskers_ : `sklearn.utils.Bunch`
        The fitted maskers by name.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskIntersection : Pixels that all maskers take.
    MaskVote : Pixels that a number of maskers takes.

    Notes
    -----
    A chain ``a | b | c`` is one union of three. Names are made as `sklearn.pipeline.make_pipeline` makes
    them, the class in lower case and ``-1``, ``-2``, ... in order where it repeats; names that somebody
    chose stay, and two that are the same are an error. Parameters are set through them, as in
    ``thresholdmasker-2__threshold``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> union = ThresholdMasker(60) | ThresholdMasker(15, foreground="dark")
    >>> union.transform(X).astype(int)
    array([[[1, 0, 1],
            [0, 0, 1]]])
    >>> [name for name, _ in union.maskers]
    ['thresholdmasker-1', 'thresholdmasker-2']
    """

    _operators = operator.or_, operator.ior
    _what = "their union"


class MaskIntersection(MaskCombination):
    """Make masks of the pixels that all of several maskers take.

    ``a & b`` on maskers builds it. Every masker is shown the same images.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that give masks. They are cloned and fitted in `fit`;
        wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. ``"drop"`` in the place of a
        masker leaves it out.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    maskers_ : list of (str, estimator) tuples
        Names and fitted maskers, without those dropped.
    named_maskers_ : `sklearn.utils.Bunch`
        The fitted maskers by name.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskUnion : Pixels that any masker takes.
    FixedMasker : Makes a masker of a known mask, such as a region to intersect with.

    Notes
    -----
    A chain ``a & b & c`` is one intersection of three, with names as in `MaskUnion`.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import FixedMasker, ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> region = FixedMasker([[1, 1, 0], [1, 1, 0]])
    >>> (ThresholdMasker(30) & region).transform(X).astype(int)
    array([[[0, 1, 0],
            [0, 1, 0]]])
    """

    _operators = operator.and_, operator.iand
    _what = "their intersection"


class MaskDifference(MaskCombination):
    """Make masks of the pixels that the first masker takes and none of the others does.

    ``a - b`` on maskers builds it. Every masker is shown the same images.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that give masks, the one to take from first. They are
        cloned and fitted in `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
        ``"drop"`` in the place of any but the first leaves it out.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    maskers_ : list of (str, estimator) tuples
        Names and fitted maskers, without those dropped.
    named_maskers_ : `sklearn.utils.Bunch`
        The fitted maskers by name.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskComplement : All pixels but those of a masker.

    Notes
    -----
    A chain ``a - b - c`` is one difference of three, with names as in `MaskUnion`.

    Examples
    --------
    Soft tissue in a radiograph, brighter than the background and darker than bone:

    >>> import numpy as np
    >>> from skmask import ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> (ThresholdMasker(32) - ThresholdMasker(64)).transform(X).astype(int)
    array([[[0, 1, 0],
            [0, 1, 0]]])
    """

    _operators = without, partial(without, in_place=True)
    _what = "the first without the others"

    def _maskers(self):
        kept = super()._maskers()
        if is_dropped(self.maskers[0][1]):
            msg = (
                'MaskDifference expects a masker to take the others from, got "drop" in the first place. '
                "Drop the others only."
            )
            raise ValueError(msg)
        return kept


class MaskVote(MaskCombination):
    """Make masks of the pixels that a number of maskers takes.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that give masks. They are cloned and fitted in `fit`;
        wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. ``"drop"`` in the place of a
        masker leaves it out.
    min_votes : int, default=None
        How many maskers have to take a pixel. None is the majority, more than half of them.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    maskers_ : list of (str, estimator) tuples
        Names and fitted maskers, without those dropped.
    named_maskers_ : `sklearn.utils.Bunch`
        The fitted maskers by name.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskUnion : One vote is enough.
    MaskIntersection : All votes are needed.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import MaskVote, ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> maskers = [(f"above {t}", ThresholdMasker(t)) for t in (15, 45, 75)]
    >>> MaskVote(maskers).transform(X).astype(int)
    array([[[0, 0, 1],
            [0, 1, 1]]])
    >>> MaskVote(maskers, min_votes=1).transform(X).astype(int)
    array([[[0, 1, 1],
            [1, 1, 1]]])
    """

    _parameter_constraints = {
        **MaskCombination._parameter_constraints,
        "min_votes": [None, Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, maskers, *, min_votes=None, channel_axis=None):
        super().__init__(maskers, channel_axis=channel_axis)
        self.min_votes = min_votes

    @property
    def _what(self):
        votes = "more than half" if self.min_votes is None else f"at least {self.min_votes}"
        return f"what {votes} of them share"

    def _maskers(self):
        kept = super()._maskers()
        if isinstance(self.min_votes, Integral) and self.min_votes > len(kept):
            msg = (
                f"MaskVote expects min_votes of at most the number of its maskers, {len(kept)}, got "
                f"{self.min_votes}. None is the majority of those that are there."
            )
            raise ValueError(msg)
        return kept

    def _transform(self, images, *masks):
        needed = len(masks) // 2 + 1 if self.min_votes is None else self.min_votes
        xp = namespace(masks[0])
        # Bytes hold the votes of some hundred maskers.
        dtype = xp.uint8 if len(masks) < 256 else xp.int32
        votes = xp.zeros(masks[0].shape, dtype=dtype, device=masks[0].device)
        for mask in masks:
            votes += as_bytes(mask)
        return votes >= needed


def _is_pair(item):
    return isinstance(item, tuple | list) and len(item) == 2 and isinstance(item[0], str)


OPERATORS.update(
    {
        "|": chain_of(MaskUnion, "|"),
        "&": chain_of(MaskIntersection, "&"),
        "-": chain_of(MaskDifference, "-", associates=False),
    }
)
