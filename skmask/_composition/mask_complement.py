"""The complement of masks."""

from numbers import Integral

from skmask._describe import sentences_of
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.binary import is_number
from skmask._kernels.pixels.namespaces import dtype_of
from skmask._mask_operators import OPERATORS, channel_axis_of
from skmask.base import MASKER, ImageMasker, MaskerHolder


class MaskComplement(MaskerHolder, ImageMasker):
    """Make masks of the pixels that a masker leaves.

    ``~a`` on a masker builds it, and ``~~a`` is `a` again.

    Parameters
    ----------
    masker : estimator
        Makes the masks: an estimator such as `ThresholdMasker` or a Pipeline. It is cloned and fitted in
        `fit`; wrap a fitted one in `sklearn.frozen.FrozenEstimator` to keep it.
    channel_axis : int, default=None
        Axis of `X` that holds the channels and that the masks lack, such as -1 for images of shape
        ``(height, width, 3)``. It is never guessed.

    Attributes
    ----------
    masker_ : estimator
        The fitted masker.
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    MaskDifference : The pixels of one masker but for those of another.

    Notes
    -----
    NaN is never foreground, in the complement neither; with channels, a pixel is a number when all of its
    channels are.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import RangeMasker
    >>> X = np.array([[10.0, 40.0, np.nan]])  # one row of pixels
    >>> (~RangeMasker(20, 60)).transform(X).astype(int)
    array([[1, 0, 0]])
    """

    _parameter_constraints = {"masker": [MASKER], "channel_axis": [None, Integral]}
    _stays_on_device = True

    def __init__(self, masker, *, channel_axis=None):
        self.masker = masker
        self.channel_axis = channel_axis

    _reach = pixelwise

    def _transform(self, images, masks):
        complement = ~masks
        if dtype_of(images).kind == "f":
            complement &= is_number(images, channel_axis=self.channel_axis)
        return complement

    def _describe(self):
        masker = sentences_of(getattr(self, "masker_", self.masker))
        return f"{masker} The complement of these masks was taken."


def _complement(masker):
    if type(masker) is MaskComplement:
        return masker.masker
    return MaskComplement(masker, channel_axis=channel_axis_of(masker))


OPERATORS["~"] = _complement
