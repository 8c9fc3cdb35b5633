"""Difference of masks."""

from functools import partial

from skmask._composition.mask_combination import MaskCombination
from skmask._kernels.pixels.binary import without
from skmask._mask_operators import OPERATORS, chain_of, is_dropped


class MaskDifference(MaskCombination):
    """Make masks of the pixels that the first masker takes and none of the others does.

    ``a - b`` on maskers builds it. Every masker is shown the same images.

    Parameters
    ----------
    maskers : list of (str, estimator) tuples
        Names and maskers: estimators or Pipelines that make masks, the one to take from first. They are
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

    def _validate_params(self):
        super()._validate_params()
        if is_dropped(self.maskers[0][1]):
            msg = (
                'MaskDifference expects a masker to take the others from, got "drop" in the first place. '
                "Drop the others only."
            )
            raise ValueError(msg)


OPERATORS["-"] = chain_of(MaskDifference, "-", associates=False)
