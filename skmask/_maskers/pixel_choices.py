"""Checks of the parameters of a classifier of pixels."""

from numbers import Real

import numpy as np

from skmask._images.kinds import brief
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._methods import check_criterion_function
from skmask._names import did_you_mean


def check_choices(classifier, features, threshold, select, *, caller):
    """Refuse parameters of a classifier of pixels that cannot work, before anything is computed."""
    if not (classifier in (None, "mlp") or hasattr(classifier, "predict_proba")):
        msg = (
            f"{caller} expects a classifier with predict_proba, got {type(classifier).__name__}. Wrap it "
            "in sklearn.calibration.CalibratedClassifierCV, or take one such as LogisticRegression."
        )
        raise TypeError(msg)
    if isinstance(threshold, str) and threshold not in CRITERIA:
        msg = (
            f"{caller} expects threshold to be a number between 0 and 1, one of {sorted(CRITERIA)}, or a "
            f"function, got {threshold!r}.{did_you_mean(threshold, CRITERIA) or ' Use one of these names.'}"
        )
        raise ValueError(msg)
    if callable(threshold):
        check_criterion_function(threshold, caller=caller, param="threshold")
    if np.iterable(features) and len(features) == 0:
        msg = f"{caller} expects features to be at least one estimator, got none. None is the default."
        raise ValueError(msg)
    for one in features if np.iterable(features) else ():
        if isinstance(one, type) or not (hasattr(one, "fit") and hasattr(one, "transform")):
            msg = (
                f"{caller} expects features to be estimators with fit and transform, got {brief(one)}. "
                "Use one such as LocalFeatures()."
            )
            raise TypeError(msg)
    labels = [] if select is None else np.ravel(np.asarray(select, object))
    if not all(isinstance(label, Real) for label in labels):
        msg = f"{caller} expects select to be labels of y, got {brief(select)}. Use numbers."
        raise TypeError(msg)
