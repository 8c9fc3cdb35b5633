"""Votes of several maskers on every pixel."""

import numpy as np

from skmask._composition.mask_combination import MaskCombination
from skmask._describe import number
from skmask._kernels.pixels.binary import as_bytes
from skmask._kernels.pixels.namespaces import namespace
from skmask._mask_operators import is_dropped
from skmask.base import AT_LEAST_ONE, POSITIVE

TOLERANCE = 1e-12


class MaskVote(MaskCombination):
    """Make masks of the pixels that a number of maskers takes.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that make masks. They are cloned and fitted in `fit`; wrap
        a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. ``"drop"`` in the place of a masker
        leaves it out.
    min_votes : float, default=None
        Number of maskers that must select a pixel or, with `weights`, the sum of their weights. None is the
        majority: more than half of the maskers, or of their weights.
    weights : array-like of shape (n_maskers,), default=None
        Weight of each masker in the vote. None weighs them alike.
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
    >>> MaskVote(maskers, weights=[1, 1, 3]).transform(X).astype(int)
    array([[[0, 0, 0],
            [0, 0, 1]]])
    """

    _parameter_constraints = {
        **MaskCombination._parameter_constraints,
        "min_votes": [None, AT_LEAST_ONE, POSITIVE],
        "weights": [None, "array-like"],
    }

    def __init__(self, maskers, *, min_votes=None, weights=None, channel_axis=None):
        super().__init__(maskers, channel_axis=channel_axis)
        self.min_votes = min_votes
        self.weights = weights

    @property
    def _what(self):
        votes = "more than half" if self.min_votes is None else f"at least {number(self.min_votes)}"
        if self.weights is None:
            return f"what {votes} of them share"
        return f"what {votes} of their weights {number(self.weights)} share"

    def _validate_params(self):
        super()._validate_params()
        weights = self._weights()
        if self.min_votes is not None and self.min_votes > sum(weights) * (1 + TOLERANCE):
            what = "number of its maskers" if self.weights is None else "sum of its weights"
            msg = (
                f"MaskVote expects min_votes of at most the {what}, {number(sum(weights))}, got "
                f"{self.min_votes}. None is the majority of those that are there."
            )
            raise ValueError(msg)
        if self.weights is None and self.min_votes is not None and self.min_votes % 1:
            msg = (
                f"MaskVote expects min_votes to be an integer without weights, got {self.min_votes}. Use "
                "weights for shares of votes."
            )
            raise ValueError(msg)

    def _weights(self):
        """Return the weights of the maskers that are not dropped, ones without weights."""
        maskers = [masker for _, masker in self.maskers]
        if self.weights is None:
            return [1] * sum(not is_dropped(masker) for masker in maskers)
        weights = np.asarray(self.weights, dtype=np.float64)
        fits = weights.shape == (len(maskers),) and (np.isfinite(weights) & (weights >= 0)).all()
        if not fits or not weights.any():
            msg = (
                f"MaskVote expects weights to be {len(maskers)} numbers from 0 on, one for each masker and "
                f"not all 0, got {self.weights}. Leave weights out to count all maskers alike."
            )
            raise ValueError(msg)
        pairs = zip(weights.tolist(), maskers, strict=True)
        return [weight for weight, masker in pairs if not is_dropped(masker)]

    def _transform(self, images, *masks):
        if self.weights is not None:
            return self._weigh(masks)
        needed = len(masks) // 2 + 1 if self.min_votes is None else self.min_votes
        xp = namespace(masks[0])
        # Bytes hold the votes of some hundred maskers.
        dtype = xp.uint8 if len(masks) < 256 else xp.int32
        votes = xp.zeros(masks[0].shape, dtype=dtype, device=masks[0].device)
        for mask in masks:
            votes += as_bytes(mask)
        return votes >= needed

    def _weigh(self, masks):
        xp = namespace(masks[0])
        weights = self._weights()
        votes = xp.zeros(masks[0].shape, dtype=xp.float64, device=masks[0].device)
        for mask, weight in zip(masks, weights, strict=True):
            votes += weight * xp.astype(mask, xp.float64)
        limit = self._limit(weights)
        return votes > limit if self.min_votes is None else votes >= limit

    def _limit(self, weights):
        """Return the sum of weights that takes a pixel, if reached, or of a majority, if exceeded."""
        # A vote of exactly the limit must not be lost, and half must not win, by the rounding of a sum.
        if self.min_votes is None:
            return sum(weights) / 2 * (1 + TOLERANCE)
        return self.min_votes * (1 - TOLERANCE)
