"""A table of every public estimator, every parameter, and values of the wrong kind.

A value is accepted, or refused with an error that names the class and the parameter and says what to do.
"""

import inspect
import re
import warnings
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone

from skmask import ThresholdMasker
from tests.estimators import name_of, public_estimators

X = np.random.default_rng(0).integers(0, 99, (3, 5, 6)).astype(np.uint8)
Y = X > 50


class Thing:
    pass


VALUES = [
    *("", "nonsense", b"bytes", {}, {"a": 1}, set(), {1}, (), [], [[]], [[1]], [["a"]], ["a", "b"]),
    *([None], [1, "a"], [[1], [1, 2]], [[1, 2], [3, 4]], [True, False], range(0), (1,), (1, 2)),
    *((1, 2, 3), (2, 1), (-1, 2), (np.nan, 1), [("a", 1)], [("a", None)], [slice(1)], slice(1)),
    *(np.nan, np.inf, -np.inf, -1, 0, 10**30, -(10**30), 10**400, 1.5, True, False, 1j, ...),
    *(Fraction(1, 3), Decimal("0.5"), int, Thing, np.ndarray, Thing(), object(), None, print),
    *(lambda x: x, np.int64(2), np.float32(0.5), np.datetime64("2020"), np.array(3), np.zeros(0)),
    *(np.zeros((5, 6), complex), np.zeros((5, 6), "M8[s]"), np.array(["a"]), np.array([None])),
    *(np.ones((3, 3)), np.ones((2, 2), bool), np.full((5, 6), np.nan)),
]
TARGETS = [*VALUES, csr_array(np.eye(3)), {"a": Y}, [Y[0], None], memoryview(Y[0]), np.ma.array(Y)]


def table_of(estimator):
    """Give, of each parameter and value, the error; values that are accepted are left out."""
    for name in estimator.get_params(deep=False):
        for value in VALUES:
            if name in ("function", "kwargs") and (callable(value) or isinstance(value, dict)):
                continue  # a function of the user says in its own words what it cannot take
            if name == "reference" and value is print:
                continue  # is named itself
            one = clone(estimator)
            setattr(one, name, value)
            try:
                with warnings.catch_warnings(action="ignore"):
                    one.fit(X, Y).transform(X)
            except Exception as error:
                yield name, value, error


def errors_of(method, *args):
    """Give the error of a call, if there is one."""
    try:
        with warnings.catch_warnings(action="ignore"):
            method(*args)
    except Exception as error:
        yield error


def faults_of(error, *names):
    """Say what an error lacks."""
    if not isinstance(error, ValueError | TypeError):
        yield f"is a {type(error).__name__}"
    message = str(error)
    yield from (f"does not name {name}" for name in names if name not in message)
    if not re.search(r"[.?!] [A-Z].*[.?!]$", message, re.DOTALL):
        yield "has no second sentence with a remedy"
    if len(message) > 700:
        yield "is too long to read"


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_wrong_values_are_refused_by_name_and_with_a_remedy(estimator):
    bad = [
        f"{name}={value!r:.40} {', '.join(faults)}: {str(error)[:300]}"
        for name, value, error in table_of(estimator)
        if (faults := list(faults_of(error, name_of(estimator), name)))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("method", ["fit", "partial_fit", "score"])
@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_targets_of_any_kind_are_taken_or_refused_with_a_remedy(estimator, method):
    fitted = clone(estimator).fit(X, Y)
    values = TARGETS if hasattr(fitted, method) else []
    bad = [
        f"{value!r:.40} {', '.join(faults)}: {error}"
        for value in values
        for error in errors_of(getattr(clone(estimator).fit(X, Y), method), X, value)
        if (faults := list(faults_of(error)))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("images", [[[1, 2], [3]], [[[1, 2], [3, 4]], [[1, 2, 3]]]])
def test_nested_lists_of_different_lengths_are_refused(images):
    with pytest.raises(
        ValueError, match=r"ThresholdMasker expects X .* different lengths\. Use \[np"
    ):
        ThresholdMasker().transform(images)


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_what_comes_beside_images_is_taken_or_refused_by_name_and_with_a_remedy(estimator):
    bad = [
        f"{method.__name__}({name}={value!r:.40}) {', '.join(faults)}: {error}"
        for method, name in _companions_of(estimator)
        for value in TARGETS
        for error in errors_of(partial(method, **{name: value}), X, *[Y] * _takes_masks(method))
        if (faults := list(faults_of(error, name)))
    ]
    assert not bad, "\n".join(bad)


def _companions_of(estimator):
    """Give methods of a fitted estimator and the names of what they take beside images and masks."""
    fitted = clone(estimator).fit(X, Y)
    for name in ("fit", "partial_fit", "fit_transform", "transform", "score"):
        if (method := getattr(fitted, name, None)) is not None:
            for parameter in inspect.signature(method).parameters.values():
                if parameter.kind is parameter.KEYWORD_ONLY:
                    yield method, parameter.name


def _takes_masks(method):
    return "y" in inspect.signature(method).parameters
