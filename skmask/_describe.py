"""Fitted estimators in words, with what was learned and where methods come from."""

import functools
import html
import math
from numbers import Real

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skmask._images.kinds import shown
from skmask._kernels.registry import source_of
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._pipelines import steps_of
from skmask._version import __version__


def describe(estimator):
    """Say what a fitted estimator does, in sentences fit for the methods section of a paper.

    Parameters
    ----------
    estimator : object
        A fitted estimator of skmask, a Pipeline, or a search. Steps that are not of skmask are named with
        their parameters.

    Returns
    -------
    text : str
        One or two sentences for each step, with what was learned, from how many images, and the sources
        of methods; for a search the best estimator, and how it was chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmask import BinaryDilator, HistogramThresholdMasker, describe
    >>> X = np.array([[[10, 12, 70], [11, 12, 80]], [[11, 14, 12], [10, 68, 10]]])
    >>> pipeline = make_pipeline(HistogramThresholdMasker(), BinaryDilator()).fit(X)
    >>> print(describe(pipeline))  # doctest: +ELLIPSIS
    Pixels above a threshold of 41 were taken as foreground. The threshold was chosen by Otsu's method
    (Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076) from the histogram of 2 training images with
    values from 10 to 80. Masks were dilated with a diamond of radius 1. This was computed with ...
    """
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        got = getattr(estimator, "__name__", type(estimator).__name__)
        msg = f"describe expects a fitted estimator, got {got}. Use what fit returns."
        raise TypeError(msg)
    return f"{sentences_of(estimator)} This was computed with skmask {__version__}."


def html_of(estimator):
    """Return the sentences as HTML, to stand below the diagram of scikit-learn; nothing before a fit."""
    try:
        return f"<p>{html.escape(sentences_of(estimator))}</p>"
    except (TypeError, ValueError):
        return ""  # not fitted, or parameters that a fit will refuse


def sentences_of(estimator):
    """Return the sentences of one estimator, of all steps of a Pipeline, or of the best of a search."""
    if isinstance(estimator, FrozenEstimator):
        return sentences_of(estimator.estimator)
    if hasattr(estimator, "best_estimator_"):
        return f"{sentences_of(estimator.best_estimator_)}{_choice_of(estimator)}"
    if hasattr(estimator, "steps"):
        return " ".join(map(sentences_of, steps_of(estimator))) + _comparison_of(estimator)
    check_is_fitted(estimator)
    if hasattr(estimator, "_describe"):
        return estimator._describe()
    return f"{shown(estimator)} was applied."


def number(value):
    """Show a number, floats with six digits; sequences of numbers are shown in brackets."""
    if np.ndim(value):
        return "[" + ", ".join(map(number, value)) + "]"
    value = np.asarray(value).item()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def counted(n, noun):
    """Show how many there are of a thing: "1 pixel", "2 pixels"."""
    return f"{number(n)} {noun}" if n == 1 else f"{number(n)} {noun}s"


def number_within(low, high):
    """Show the number of the fewest digits within limits."""
    if low <= 0 <= high:
        return "0"
    middle = low + (high - low) / 2
    for n_digits in range(1, 18):
        value = float(f"{middle:.{n_digits}g}")
        if low <= value <= high:
            return number(int(value) if value.is_integer() and isinstance(low, int) else value)
    return number(low)


def cited(method):
    """Name a method or a criterion, by name or as a function, with its source."""
    if isinstance(method, functools.partial):
        return f"{cited(method.func)} with {_assigned(method.keywords)}"
    if isinstance(method, str):
        function = (THRESHOLD_METHODS | CRITERIA).get(method)
        source = function and source_of(function)
        return cite(source) if source else f"the method {method}"
    source = source_of(method)
    return cite(source) if source else f"the function {getattr(method, '__name__', shown(method))}"


def cite(source):
    """Name a method by its source, with authors and DOI."""
    place = f"https://doi.org/{source.doi}"
    origin = ", ".join([source.authors] * bool(source.authors) + [place] * bool(source.doi))
    return f"{source.phrase} ({origin})" if origin else source.phrase


def above_threshold(foreground, threshold):
    """Name the foreground of a threshold."""
    return f"Pixels {'above' if foreground == 'bright' else 'not above'} {threshold}"


def in_range(low, high, inclusive="both"):
    """Name a range of values; None and infinities are unbounded."""
    lower = "from" if inclusive in ("both", "left") else "above"
    upper = "to" if inclusive in ("both", "right") else "below"
    ends = [] if _is_open(low) else [f"{lower} {number(low)}"]
    ends += [] if _is_open(high) else [f"{upper} {number(high)}"]
    return " ".join(ends) or "that are numbers"


def footprint_of(estimator):
    """Name the footprint of an estimator."""
    footprint, spacing = estimator.footprint, getattr(estimator, "spacing", None)
    if not isinstance(footprint, str):
        shape = " x ".join(map(str, np.shape(footprint)))
        return f"a footprint of {counted(np.count_nonzero(footprint), 'pixel')} ({shape})"
    apart = "" if spacing is None else f" at a spacing of {number(spacing)}"
    return f"a {footprint} of radius {number(estimator.radius)}{apart}"


def times(iterations):
    """Say how often something was done; nothing for once."""
    if iterations is None:
        return " until nothing changed"
    return "" if iterations == 1 else f" {iterations} times"


def _choice_of(search):
    """Say how a search chose among candidates; nothing for one without scikit-learn's attributes."""
    if not (hasattr(search, "cv_results_") and hasattr(search, "n_splits_")):
        return ""
    # A search by halving lists a candidate once for every round.
    n_candidates = len(set(map(shown, search.cv_results_["params"])))
    score = ""
    if hasattr(search, "best_score_"):
        score = f", with a mean score of {number(search.best_score_)} by {_scoring_of(search)}"
    return (
        f" The setting {_assigned(search.best_params_)} was chosen from {n_candidates} candidates in "
        f"cross-validation with {search.n_splits_} splits{score}."
    )


def _comparison_of(pipeline):
    """Say how `search_masker` chose a Pipeline; nothing for other ones."""
    results = getattr(pipeline, "search_results_", None)
    if not results:
        return ""
    count = counted(len(results), "masker")
    return (
        f" It was chosen from {count} by a mean Dice coefficient of {number(results[0]['score'])}, with a "
        f"standard error of {results[0]['standard_error']:.2g}, of images that it was not fitted on."
    )


def _scoring_of(search):
    """Name the score that decided a search."""
    scoring = search.scoring
    if search.multimetric_:
        scoring = scoring[search.refit] if isinstance(scoring, dict) else search.refit
    if scoring is None:
        return "its own method"
    if isinstance(scoring, str):
        return scoring
    if not hasattr(scoring, "_find_metric"):
        return cited(scoring)
    metric, params = scoring._find_metric(), scoring.metric_params
    named = cited(metric.function)
    if metric.sign < 0:
        named = f"the negative of {named}"
    return f"{named} with {_assigned(params)}" if params else named


def _assigned(params):
    """Show parameters with their values."""
    values = (
        number(value) if isinstance(value, Real) else shown(value) for value in params.values()
    )
    return ", ".join(map("=".join, zip(params, values, strict=True)))


def _is_open(bound):
    return bound is None or (np.ndim(bound) == 0 and math.isinf(bound))
