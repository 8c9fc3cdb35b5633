"""Files: images and masks in folders, and fitted estimators for others.

Image files are read by Pillow, tifffile, pydicom and nibabel, which ``pip install "skmask[files]"`` brings.
Fitted estimators are written as skops files, opened without running code, and as ONNX models.
"""

from functools import partial

from sklearn.base import BaseEstimator
from sklearn.model_selection import KFold, StratifiedKFold

import skmask
from skmask import metrics, thresholds
from skmask._doors import name_functions
from skmask._files.image_files import ImageFiles, MaskFiles
from skmask._files.pair_files import pair_files
from skmask._files.write_files import transform_files, write_masks
from skmask._onnx.export import to_onnx
from skmask._scores import mask_scorer

__all__ = [
    "ImageFiles",
    "MaskFiles",
    "pair_files",
    "to_onnx",
    "transform_files",
    "trusted_types",
    "write_masks",
]

# What a fitted network of scikit-learn keeps, such as that of PixelClassifierMasker("mlp"). skops does
# not know it.
_OPTIMIZER = "sklearn.neural_network._stochastic_optimizers.AdamOptimizer"


def trusted_types():
    """Return the names of the types and functions to trust in skops files.

    A file of `skops.io` holds no code. It names the types and functions that it is made of, and is opened
    when all of them are known to be harmless: those of scikit-learn and NumPy, which skops knows, and these.

    Returns
    -------
    names : list of str
        Estimators, scorer, threshold methods, criteria and scores of skmask. Also `functools.partial`,
        whose function skops checks by itself, and of scikit-learn the default splitters, which a fitted
        search keeps, and the optimizer of its networks. Functions of other packages are not in the list:
        skops refuses them by name. Inspect them, and add their names if you trust them.

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
    estimators = [
        thing for thing in public if isinstance(thing, type) and issubclass(thing, BaseEstimator)
    ]
    others = [metrics.MaskScorer, partial, KFold, StratifiedKFold]
    functions = [*thresholds.THRESHOLD_METHODS.values(), *thresholds.CRITERIA.values()]
    functions += [score.function for score in mask_scorer.METRICS.values()]
    own = [function for function in functions if function.__module__.startswith("skmask.")]
    names = {f"{thing.__module__}.{thing.__qualname__}" for thing in estimators + others + own}
    return sorted(names | {_OPTIMIZER})


name_functions(__name__, __all__)
