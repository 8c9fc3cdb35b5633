"""Parameters of estimators checked against their constraints, with errors that say what to use instead."""

import functools
import inspect
import sys
from numbers import Integral, Rational, Real

import numpy as np
from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    _ArrayLikes,
    make_constraint,
)

from skmask._images.kinds import brief
from skmask._names import did_you_mean

# Of values that cannot change in place.
PLAIN_TYPES = frozenset(
    {bool, float, int, str, type(None)}
    | {np.dtype(code).type for code in "?" + np.typecodes["AllInteger"] + np.typecodes["Float"]}
)


def check_parameters(estimator):
    """Raise an error if a parameter does not satisfy ``_parameter_constraints``."""
    cls = type(estimator)
    for name in _constraints_of(cls):
        value = getattr(estimator, name)
        accepts = _accepts_plain if type(value) in PLAIN_TYPES else _accepts
        if not accepts(cls, name, type(value), value):
            constraints = _constraints_of(cls)[name]
            meant = estimator._say_what_is_meant(name, value)
            raise InvalidParameterError(meant or _refusal(cls, name, value, constraints))


@functools.cache
def settings_getter(cls):
    """Return a function of an estimator that returns its class, its parameters and their types as a key.

    The key has no hash if one of the parameters has none. Of maskers that an estimator holds, it has the
    names and the classes, which tell whether they are maskers at all. Their parameters count in their own
    calls.
    """
    items, is_holder = ["type(estimator)"], hasattr(cls, "_maskers")
    for name in cls._get_param_names():
        if name == "masker" and is_holder:
            items.append("type(estimator.masker), bool")
        elif name == "maskers" and is_holder:
            classes = "[(*names, type(masker)) for *names, masker in estimator.maskers]"
            items.append(f"tuple({classes}), bool")
        else:
            # 1, 1.0 and True are equal: the type tells them apart, and so do the types in a tuple.
            value, kind = f"estimator.{name}", f"type(estimator.{name})"
            if _may_be_tuple(cls, name):
                kind += f" if type({value}) is not tuple else (*map(type, {value}),)"
            items.append(f"{value}, {kind}")
    # Written out, as collections.namedtuple does it, this takes a third of the time of a loop over the names.
    return eval(f"lambda estimator: ({', '.join(items)},)")


def can_change(settings):
    """Tell whether one of the parameters may change in place."""
    for kind in settings[2::2]:
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not PLAIN_TYPES.issuperset(kinds):
            return True
    return False


def _may_be_tuple(cls, name):
    constraints = list(cls._parameter_constraints.get(name, ()))
    return "array-like" in constraints or tuple in constraints


def signature_of(cls):
    """Return the signature of a class, that of its ``__init__``."""
    if cls.__init__ is object.__init__:
        return inspect.Signature()
    _, *parameters = inspect.signature(cls.__init__).parameters.values()
    return inspect.Signature(parameters)


def most_unnamed(signature):
    """Return how many values a signature takes without their names."""
    kinds = [one.kind for one in signature.parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return sys.maxsize
    return kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)


def refuse_unnamed(cls, values):
    """Raise the error of a class that is called with too many values without names."""
    names = list(cls.__signature__.parameters)
    taken, named = names[: cls._most_unnamed], names[cls._most_unnamed :]
    call, left = list(map(brief, values[: len(taken)])), named.copy()
    for value in values[len(taken) :]:
        name = next((name for name in left if _accepts(cls, name, type(value), value)), None)
        if name is None:
            remedy = f"Name the others: {', '.join(named)}." if named else "Leave them out."
            break
        left.remove(name)
        call.append(f"{name}={brief(value)}")
    else:
        remedy = f"Name the others, such as in {cls.__name__}({', '.join(call)})."
    expected = f"only {' and '.join(taken)}" if taken else "nothing"
    got = f"{len(values)} value{'s' * (len(values) > 1)}"
    msg = f"{cls.__name__} expects {expected} without a name, got {got}. {remedy}"
    raise TypeError(msg)


@functools.cache
def _constraints_of(cls):
    """Return what each parameter of a class is checked against."""
    given = cls._parameter_constraints
    return {
        name: [make_constraint(constraint) for constraint in given[name]]
        for name in cls._get_param_names()
        if given.get(name, "no_validation") != "no_validation"
    }


def _accepts(cls, name, kind, value):
    """Tell whether a class takes a value of a kind for a parameter."""
    return any(_satisfies(value, constraint) for constraint in _constraints_of(cls).get(name, ()))


# Checking numbers and strings again takes longer than masking a small image. 1, 1.0 and True are equal: the
# kind tells them apart.
_accepts_plain = functools.lru_cache(maxsize=4096)(_accepts)


def _satisfies(value, constraint):
    """Tell whether a parameter satisfies a constraint, and NumPy can compute with it."""
    kind = getattr(constraint, "type", None)
    if kind is Integral and isinstance(value, bool | np.bool):
        return False  # True is 1 for Python, and a mistake here
    if kind is Real and isinstance(value, Real) and not _fits_a_float(value):
        return False
    if not constraint.is_satisfied_by(value):
        return False
    return not isinstance(constraint, _ArrayLikes) or _holds_numbers(value)


def _fits_a_float(value):
    """Tell whether NumPy computes with a real number, as it does not with fractions."""
    if isinstance(value, int):
        return abs(value) <= sys.float_info.max
    return isinstance(value, float | np.number | np.bool)


def _holds_numbers(values):
    """Tell whether what is array-like holds numbers, booleans or None, and nothing else."""
    if isinstance(values, dict | set | type):
        return False
    if not (isinstance(values, np.ndarray) or not hasattr(values, "dtype")):
        return True  # an array of another library, which is looked at where it is read
    try:
        values = np.asarray(values)
    except ValueError:
        return False  # rows of different lengths
    if values.dtype.kind != "O":
        return values.dtype.kind in "biuf"
    return all(
        value is None or isinstance(value, Real) and _fits_a_float(value) for value in values.flat
    )


def _refusal(cls, name, value, constraints):
    """Say what a parameter must be, in scikit-learn's words, what it is, and how to get there."""
    *others, last = [str(constraint) for constraint in constraints if not constraint.hidden]
    expected = f"{', '.join(others)} or {last}" if others else last
    return (
        f"The {name!r} parameter of {cls.__name__} must be {expected}. Got {brief(value)} instead. "
        f"{_remedy(cls, name, value, constraints)}"
    )


def _remedy(cls, name, value, constraints):
    if name == "footprint" and isinstance(value, Real):
        return f"Use {cls.__name__}(radius={value!r}) for the radius of a named footprint."
    options = [
        option for one in constraints if isinstance(one, StrOptions) for option in one.options
    ]
    if isinstance(value, str) and (meant := did_you_mean(value, options)):
        return meant.strip()
    if isinstance(value, Rational) and not isinstance(value, Integral):
        return f"Use {name}=float(...) of it."
    if isinstance(value, str) and options:
        return f"Use {' or '.join(map(repr, sorted(options)))}."
    is_array = np.iterable(value) and any("array" in str(one) for one in constraints)
    kind = "an array of numbers" if is_array else "a value of this kind"
    default = inspect.signature(cls).parameters[name].default
    if default is inspect.Parameter.empty:
        return f"Use {kind}; the docstring of {cls.__name__} says what {name} means."
    return f"Use {kind}, or {name}={default!r}, the default."
