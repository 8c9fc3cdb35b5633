"""Votes of several maskers on every pixel."""

from numbers import Integral

from skmask._composition.mask_combination import MaskCombination
from skmask._kernels.pixels.binary import as_bytes
from skmask._kernels.pixels.namespaces import namespace
from skmask.base import Interval


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
