"""Threshold methods and criteria as users give them: by name, as a function, or with arguments bound.

Tables in `skmask._kernels.thresholds` hold those of skmask. Methods of users are registered and checked
here.
"""

import contextlib
import functools
import inspect

import numpy as np

from skmask._images.kinds import brief
from skmask._kernels.local.thresholds import LOCAL_METHODS
from skmask._kernels.registry import source_of
from skmask._kernels.thresholds import choose as kernels
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._names import closest, did_you_mean

# How libraries call the first parameter of functions that threshold an image. A method never sees one.
IMAGE_NAMES = {"X", "a", "image", "images", "img", "input", "src"}

# Set on registered criteria, so that a function that was sent to another process by value is still known.
CRITERION_MARK = "_skmask_criterion"

UNKNOWN_HERE = " A name registered in another process is not known here: use the function itself."


def unbound(method):
    """Return the function of a method whose arguments were bound by `functools.partial`."""
    while isinstance(method, functools.partial):
        method = method.func
    return method


def arguments_of(method):
    """Return the keyword arguments that were bound to a method, by name."""
    arguments = {}
    while isinstance(method, functools.partial):
        arguments = method.keywords | arguments
        method = method.func
    return arguments


def is_criterion(method):
    """Return whether a method, by name or as a function, is a criterion of labeled masks."""
    if isinstance(method, str):
        return method in CRITERIA
    function = unbound(method)
    return hasattr(function, CRITERION_MARK) or any(
        function is criterion for criterion in CRITERIA.values()
    )


def criterion_of(method):
    """Return the function of a criterion."""
    return CRITERIA[method] if isinstance(method, str) else method


def checked_criterion(method, *, caller):
    """Return the function of a criterion, whose scores are checked whenever it is called."""
    function = criterion_of(method)

    def criterion(tp, fp, fn, tn):
        scores = np.asarray(function(tp, fp, fn, tn), np.float64)
        is_fitting = scores.shape == np.shape(tp)
        if not (is_fitting and np.isfinite(scores).all()):
            got = "some that are not finite" if is_fitting else f"an array of shape {scores.shape}"
            msg = (
                f"{caller} expects criterion {name_of(method)} to return one finite score for each of "
                f"{np.size(tp)} cuts, got {got}. Define the score where there is nothing to divide by, too."
            )
            raise ValueError(msg)
        return scores

    return criterion


def check_criterion_function(function, *, caller, param):
    """Refuse a function that cannot be a criterion, by a call with the counts of two cuts."""
    counts = [np.ones(2) for _ in range(4)]
    try:
        fits = np.shape(function(*counts)) == (2,)
    except Exception:
        fits = False
    if not fits:
        msg = (
            f"{caller} expects {param} to be a function of (tp, fp, fn, tn) that returns one score for each "
            f"cut, got {name_of(function)}. Use a name in skmask.thresholds.CRITERIA, or such a function."
        )
        raise TypeError(msg)


def register_threshold_method(name, function):
    """Make a function available as the threshold method `name`.

    The name is known in this process, and in others that register it, too. The worker processes of
    ``n_jobs`` do not: there, use the function itself as `method` instead of its name.

    Parameters
    ----------
    name : str
        Name of the method; a name that is taken is refused.
    function : callable
        ``function(counts, centers)`` of two float64 arrays of shape (n_bins,), where the first and the last
        bin are occupied and differ. Return the threshold (a float), or the score of each cut (an array of
        shape (n_bins - 1,), higher is better): the score at k is that of bins 0..k as background. Raise
        ValueError where the method finds no threshold.

    See Also
    --------
    register_criterion : The same for functions of labeled masks.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.thresholds import THRESHOLD_METHODS, register_threshold_method
    >>> register_threshold_method("midrange", lambda counts, centers: centers[[0, -1]].mean())
    >>> HistogramThresholdMasker("midrange").fit(np.array([[[10, 10, 11, 40]]])).threshold_
    25
    >>> del THRESHOLD_METHODS["midrange"]
    """
    _check_new(name, function, "register_threshold_method", "(counts, centers)")
    check_threshold_function(function, caller="register_threshold_method")
    THRESHOLD_METHODS[name] = function


def register_criterion(name, function):
    """Make a function of labeled masks available as the criterion `name`, and as a method itself.

    Estimators take a function for a threshold method unless it is registered as a criterion. The name is
    known in this process, and in others that register it, too. The function itself is known everywhere: use
    it as `method` instead of its name with the worker processes of ``n_jobs``.

    Parameters
    ----------
    name : str
        Name of the criterion; a name that is taken is refused.
    function : callable
        ``function(tp, fp, fn, tn)`` of four float64 arrays of one shape, the numbers of true positives, false
        positives, false negatives and true negatives of each threshold. Return their scores, finite, higher
        is better.

    See Also
    --------
    register_threshold_method : The same for functions of histograms.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.thresholds import CRITERIA, register_criterion
    >>> def few_errors(tp, fp, fn, tn):
    ...     return -(fp + 10 * fn) / (tp + fp + fn + tn)
    >>> register_criterion("few_errors", few_errors)
    >>> X = np.array([[[10, 20, 30, 40]]])
    >>> HistogramThresholdMasker("few_errors").fit(X, X > 20).threshold_
    25
    >>> del CRITERIA["few_errors"]
    """
    _check_new(name, function, "register_criterion", "(tp, fp, fn, tn)")
    if not _takes(function, 4):
        msg = (
            f"register_criterion expects a function of (tp, fp, fn, tn), got {name_of(function)}"
            f"{_parameters_of(function)}. Write it as a function of these four arrays."
        )
        raise ValueError(msg)
    CRITERIA[name] = function
    # Functions written in C hold no attributes, and need none: they are the same object everywhere.
    with contextlib.suppress(AttributeError):
        setattr(unbound(function), CRITERION_MARK, True)


def check_threshold_function(method, *, caller, param="method"):
    """Refuse a function that cannot be a threshold method, and say what to write instead.

    Parameters
    ----------
    method : callable
        The function, of ``(counts, centers)``.
    caller : str
        Who asks; it is named in errors.
    param : str, default="method"
        Name of the parameter, for errors.
    """
    function, name = unbound(method), name_of(method)
    if isinstance(function, type):
        msg = (
            f"{caller} expects {param} to be a name or a function (counts, centers), got the class "
            f"{name}. Use a name in skmask.thresholds.THRESHOLD_METHODS."
        )
        raise TypeError(msg)
    parameters = _signature(function)
    if parameters and next(iter(parameters)) in IMAGE_NAMES:
        msg = (
            f"{caller} expects {param} to be a function of a histogram, (counts, centers), got {name}, a "
            f"function of an image. {_string_for(name)}"
        )
        raise ValueError(msg)
    if _takes(method, 2):
        return
    remedy = "Write it as a function of these two arrays."
    if _takes(method, 4):
        register = f"skmask.thresholds.register_criterion({name!r}, {name})"
        remedy = f"If it is a criterion (tp, fp, fn, tn), call {register} first."
    msg = (
        f"{caller} expects {param} to be a function of a histogram, (counts, centers), got {name}"
        f"{_parameters_of(method)}. {remedy}"
    )
    raise ValueError(msg)


def choose(method, counts, centers, *, integer=False, caller):
    """Choose a threshold by a method of skmask, or of users, whose result is checked.

    Parameters
    ----------
    method : str or callable
        Name in `skmask.thresholds.THRESHOLD_METHODS`, or a function like those.
    counts, centers : ndarray of shape (n_bins,)
        A histogram with at least one pixel.
    integer : bool, default=False
        Whether to round the threshold down to an integer where that makes no difference.
    caller : str
        Who asks; it is named in errors.

    Returns
    -------
    choice : skmask.thresholds.Choice
    """
    check = check_of_result(method, caller=caller)
    return kernels.choose(method, counts, centers, integer=integer, check=check)


def check_of_result(method, *, caller):
    """Return a function that checks what a method of users returns; None for methods of skmask."""
    if isinstance(method, str) and source_of(THRESHOLD_METHODS[method]) is not None:
        return None
    return functools.partial(_check_found, name=name_of(method), caller=caller)


def check_method_name(method, *, caller):
    """Refuse a name that is no threshold method."""
    if not isinstance(method, str) or method not in THRESHOLD_METHODS:
        meant = did_you_mean(method, THRESHOLD_METHODS)
        msg = (
            f"{caller} expects method to be a threshold method, got {brief(method)}.{meant} "
            f"Choose one of {', '.join(sorted(THRESHOLD_METHODS))}, or pass a function."
        )
        raise ValueError(msg)


def name_of(method):
    """Return the name of a method in messages."""
    if isinstance(method, str):
        return method
    function = unbound(method)
    return getattr(function, "__name__", None) or type(function).__name__


def _check_found(found, counts, name, caller):
    """Refuse what a method returned unless it is a threshold, or scores with a best one among them."""
    got = _fault_of(found, counts)
    if got is not None:
        msg = (
            f"{caller} expects method {name} to return a finite threshold, or one score for each of the "
            f"{counts.size - 1} cuts between {counts.size} bins, not NaN where the bin before is occupied, "
            f"got {got}. Raise ValueError where there is no threshold."
        )
        raise ValueError(msg)


def _fault_of(found, counts):
    """Return in words what is wrong with a result; None if it can be used."""
    try:
        values = np.asarray(found)
    except ValueError:  # sequences of different lengths
        values = np.asarray(None)
    if values.dtype.kind not in "biuf":
        return type(found).__name__
    if values.ndim == 0:
        return None if np.isfinite(values) else f"a threshold of {values}"
    if values.shape != (counts.size - 1,):
        return f"an array of shape {values.shape}"
    best = values[counts[:-1] > 0].max()  # NaN if one of them is
    return None if np.isfinite(best) else "scores that are NaN or infinite"


def _check_new(name, function, caller, parameters):
    if not callable(function):
        msg = (
            f"{caller} expects a callable of {parameters}, got {type(function).__name__}. Pass a function or "
            "a functools.partial."
        )
        raise TypeError(msg)
    if not isinstance(name, str):
        msg = f"{caller} expects a name, got {name!r}. Pass the name first, then the function."
        raise TypeError(msg)
    if name in THRESHOLD_METHODS | CRITERIA:
        msg = (
            f"{caller} expects a new name, got {name!r}, which is registered. Choose another name."
        )
        raise ValueError(msg)


def _signature(function):
    """Return the parameters of a function by name; None where Python does not know them."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def _takes(function, n_arguments):
    """Return whether a function can be called with a number of positional arguments, as far as is known."""
    if _signature(function) is None:
        return True
    try:
        inspect.signature(function).bind(*[None] * n_arguments)
    except TypeError:
        return False
    return True


def _parameters_of(function):
    parameters = _signature(function)
    return "" if parameters is None else f"({', '.join(parameters)})"


def _string_for(name):
    """Say how to get the method of skmask that a function of another library stands for."""
    wanted = name.removeprefix("threshold_")
    if wanted in LOCAL_METHODS and wanted not in THRESHOLD_METHODS:
        return f"Use LocalThresholdMasker({wanted!r})."
    known = closest(wanted, THRESHOLD_METHODS)
    if known is not None:
        return f"Use method={known!r}."
    return "Use a name in skmask.thresholds.THRESHOLD_METHODS."
