"""A masker with a given threshold."""

from skmask._describe import above_threshold, number
from skmask._images.reach import pixelwise
from skmask._kernels.pixels.compare import above, not_above, plan_threshold
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask.base import ANY_NUMBER, FOREGROUND, ImageMasker


class ThresholdMasker(ImageMasker):
    """Make masks of the pixels above a given threshold.

    The comparison ``X > threshold`` as a transformer, so that a threshold can stand in a Pipeline and be
    tuned by `sklearn.model_selection.GridSearchCV`. It learns nothing and can be used without a fit.

    Parameters
    ----------
    threshold : float, default=0.5
        Pixels greater than this are foreground.
    foreground : {"bright", "dark"}, default="bright"
        ``"bright"`` makes pixels above the threshold foreground, ``"dark"`` all other pixels except NaN.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of the flat rows seen in `fit`; absent after a fit on a stack or a list.

    See Also
    --------
    HistogramThresholdMasker : Learns the threshold from training images.
    RangeMasker : Two bounds instead of one.

    Notes
    -----
    Pixels are compared in their own dtype as NumPy does it, without a copy; integers of every width are
    compared exactly, also with fractions and with numbers beyond the range of their dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import ThresholdMasker
    >>> X = np.array([[[10, 40, 70], [20, 50, 80]]])  # one image
    >>> ThresholdMasker(32).transform(X).astype(int)
    array([[[0, 1, 1],
            [0, 1, 1]]])
    >>> ThresholdMasker(32, foreground="dark").transform(X).astype(int)
    array([[[1, 0, 0],
            [1, 0, 0]]])
    """

    _parameter_constraints = {"threshold": [ANY_NUMBER], "foreground": [FOREGROUND]}
    _stays_on_device = True

    def __init__(self, threshold=0.5, *, foreground="bright"):
        self.threshold = threshold
        self.foreground = foreground

    _reach = pixelwise

    def _say_what_is_meant(self, name, value):
        if name != "threshold" or not isinstance(value, str):
            return None
        if value not in THRESHOLD_METHODS | CRITERIA:
            return None
        return (
            f"ThresholdMasker expects threshold to be a number, got {value!r}. Use "
            f"HistogramThresholdMasker({value!r}) to learn the threshold by a method."
        )

    def _transform(self, images):
        compare = above if self.foreground == "bright" else not_above
        return compare(images, self.threshold)

    def _prepare(self, shape, dtype):
        return plan_threshold(self.threshold, dtype, above=self.foreground == "bright")

    def _describe(self):
        pixels = above_threshold(self.foreground, f"a threshold of {number(self.threshold)}")
        return f"{pixels} were taken as foreground."
