"""Pipelines seen from outside: their steps, whether one of them learns, and a short way through them."""

from functools import cache, partial

from sklearn.frozen import FrozenEstimator
from sklearn.utils import get_tags


def steps_of(pipeline):
    """Return the steps of a Pipeline that do something."""
    return [step for _, step in pipeline.steps if step not in (None, "passthrough")]


def learns(estimator):
    """Tell whether an estimator, or any step of a Pipeline, has to be fitted before `transform`."""
    if isinstance(estimator, FrozenEstimator):
        return False
    if hasattr(estimator, "_learns"):
        return estimator._learns()  # making tags takes longer than masking a small image
    if hasattr(estimator, "steps"):
        return any(map(learns, steps_of(estimator)))
    return not hasattr(estimator, "__sklearn_tags__") or get_tags(estimator).requires_fit


def transform_of(estimator):
    """Return the method `transform` of an estimator; for a Pipeline, a function that calls its steps in turn.

    ``Pipeline.transform`` collects the tags and the metadata of its steps at each call, which takes as long
    as several steps on small images.
    """
    if _is_pipeline(type(estimator)):
        return partial(_transform_by_steps, estimator)
    return estimator.transform


@cache
def _is_pipeline(cls):
    # Not by the class itself, which is loaded with the first Pipeline and not with skmask.
    return (cls.__module__, cls.__qualname__) == ("sklearn.pipeline", "Pipeline")


def _transform_by_steps(pipeline, X):
    for step in steps_of(pipeline):
        X = transform_of(step)(X)
    return X
