"""Union of masks."""

import operator

from skmask._composition.mask_combination import MaskCombination
from skmask._mask_operators import OPERATORS, chain_of


class MaskUnion(MaskCombination):
    """Make masks of the pixels that any of several maskers takes.

    ``a | b`` on maskers builds it. Every masker is shown the same images.

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


OPERATORS["|"] = chain_of(MaskUnion, "|")
