"""Every public estimator, found and not listed, so that no new one escapes the common tests."""

import inspect

import numpy as np

import skmask
from skmask.base import ImageMasker, ImageTransformer, MaskTransformer


def public_estimators():
    """Return an instance of every public estimator with its defaults."""
    classes = (getattr(skmask, name) for name in skmask.__all__)
    return [
        make(cls) for cls in classes if inspect.isclass(cls) and issubclass(cls, ImageTransformer)
    ]


def make(cls):
    """Return an instance with defaults, and plain maskers for the parameters that have none."""
    maskers = [("low", skmask.ThresholdMasker()), ("high", skmask.ThresholdMasker(2))]
    low, high = (masker for _, masker in maskers)
    given = {"masker": low, "estimator": low, "maskers": maskers, "seeds": high, "limit": low}
    given |= {"low": 1, "high": skmask.HistogramThresholdMasker(), "function": np.flip}
    required = [
        name
        for name, parameter in inspect.signature(cls).parameters.items()
        if parameter.default is inspect.Parameter.empty
        and parameter.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    return cls(**{name: given[name] for name in required})


def makes_masks(estimator):
    """Tell whether an estimator gives masks."""
    return isinstance(estimator, ImageMasker | MaskTransformer)


def name_of(estimator):
    """Name a test after the estimator."""
    return type(estimator).__name__
