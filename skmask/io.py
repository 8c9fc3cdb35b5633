"""Files of fitted estimators for others: skops files, opened without running code, and ONNX models."""

import skmask
from skmask._onnx.export import to_onnx

__all__ = ["to_onnx", "trusted_types"]


def trusted_types():
    """Give the names of the types to trust in skops files.

    A file of `skops.io` holds no code. It names the types that it is made of, and is opened when all of
    them are known to be harmless: those of scikit-learn and NumPy, which skops knows, and these.

    Returns
    -------
    names : list of str
        The estimators of skmask. Functions that are given as parameters are not among them: skops
        refuses them by name, for you to look at.

    Examples
    --------
    >>> import numpy as np
    >>> import skops.io
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.io import trusted_types
    >>> X = np.array([[[10, 12, 70], [11, 12, 80]], [[11, 14, 12], [10, 68, 10]]])
    >>> file = skops.io.dumps(HistogramThresholdMasker().fit(X))
    >>> skops.io.loads(file, trusted=trusted_types()).threshold_
    41
    """
    public = [getattr(skmask, name) for name in skmask.__all__]
    classes = [thing for thing in public if isinstance(thing, type)]
    return sorted(f"{cls.__module__}.{cls.__qualname__}" for cls in classes)
