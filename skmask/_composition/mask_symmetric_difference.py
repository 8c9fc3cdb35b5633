"""Symmetric difference of masks."""

import operator

from skmask._composition.mask_combination import MaskCombination
from skmask._mask_operators import OPERATORS, chain_of


class MaskSymmetricDifference(MaskCombination):
    """Make masks of the pixels on which two maskers differ: those that one takes and the other does not.

    ``a ^ b`` on maskers builds it. Every masker is shown the same images. Of more than two maskers, pixels
    that an odd number of them takes are foreground.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that make masks. They are cloned and fitted in `fit`; wrap
        a fitted one in `sklearn.frozen.FrozenEstimator` to keep it. ``"drop"`` in the place of a masker
        leaves it out.
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
    MaskDifference : Pixels of the first masker alone.
    MaskUnion : Pixels of either masker or both.

    Notes
    -----
    A chain ``a ^ b ^ c`` is one symmetric difference of three, with names as in `MaskUnion`.

    Examples
    --------
    Where do two thresholds disagree?

    >>> import numpy as np
    >>> from skmask import ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> (ThresholdMasker(32) ^ ThresholdMasker(64)).transform(X).astype(int)
    array([[[0, 1, 0],
            [0, 1, 0]]])
    """

    _operators = operator.xor, operator.ixor
    _what = "the pixels that an odd number of them holds"


OPERATORS["^"] = chain_of(MaskSymmetricDifference, "^")
