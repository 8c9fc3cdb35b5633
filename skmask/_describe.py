"""Fitted estimators in words, with what was learned and where methods come from."""

import functools
import html
import math
import re
import reprlib
from numbers import Real

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from skmask._kernels.thresholds.choose import THRESHOLD_METHODS
from skmask._kernels.thresholds.criteria import CRITERIA
from skmask._version import __version__

# Of each method: its name in a sentence, its authors and year, and its DOI.
SOURCES = {
    "bernsen": ("Bernsen's method", "Bernsen 1986", ""),
    "bradley": ("Bradley's method", "Bradley and Roth 2007", "10.1080/2151237X.2007.10129236"),
    "cost": ("the negative mean cost of errors", "", ""),
    "dice": ("the Dice coefficient", "Dice 1945", "10.2307/1932409"),
    "dropoff": ("the foot of the background's peak", "", ""),
    "f_beta": ("the F-measure", "van Rijsbergen 1979", ""),
    "gaussian": ("the Gaussian mean", "", ""),
    "gaussian_mixture": (
        "a mixture of two Gaussians",
        "Dempster, Laird and Rubin 1977",
        "10.1111/j.2517-6161.1977.tb01600.x",
    ),
    "ght": ("generalized histogram thresholding", "Barron 2020", "10.48550/arXiv.2007.07350"),
    "huang": ("Huang's method", "Huang and Wang 1995", "10.1016/0031-3203(94)E0043-K"),
    "intermodes": (
        "the intermodes method",
        "Prewitt and Mendelsohn 1966",
        "10.1111/j.1749-6632.1965.tb11715.x",
    ),
    "isodata": ("the isodata method", "Ridler and Calvard 1978", "10.1109/TSMC.1978.4310039"),
    "jaccard": ("the Jaccard index", "Jaccard 1912", "10.1111/j.1469-8137.1912.tb05611.x"),
    "kapur": ("Kapur's method", "Kapur, Sahoo and Wong 1985", "10.1016/0734-189X(85)90125-2"),
    "li": ("Li's method", "Li and Lee 1993", "10.1016/0031-3203(93)90115-D"),
    "mcc": ("Matthews' correlation", "Matthews 1975", "10.1016/0005-2795(75)90109-9"),
    "mean": ("the mean", "Glasbey 1993", "10.1006/cgip.1993.1040"),
    "median": ("the median", "", ""),
    "minerror": (
        "the minimum-error method",
        "Kittler and Illingworth 1986",
        "10.1016/0031-3203(86)90030-0",
    ),
    "minimum": (
        "the minimum method",
        "Prewitt and Mendelsohn 1966",
        "10.1111/j.1749-6632.1965.tb11715.x",
    ),
    "moments": ("moment preservation", "Tsai 1985", "10.1016/0734-189X(85)90133-1"),
    "niblack": ("Niblack's method", "Niblack 1986", ""),
    "otsu": ("Otsu's method", "Otsu 1979", "10.1109/TSMC.1979.4310076"),
    "percentile": ("the percentile method", "Doyle 1962", "10.1145/321119.321123"),
    "phansalkar": (
        "Phansalkar's method",
        "Phansalkar et al. 2011",
        "10.1109/ICCSP.2011.5739305",
    ),
    "renyi": (
        "Renyi's entropy",
        "Sahoo, Wilkins and Yeager 1997",
        "10.1016/S0031-3203(96)00065-9",
    ),
    "robust_background": ("the robust mean and deviation of the background", "", ""),
    "rosin": ("Rosin's method", "Rosin 2001", "10.1016/S0031-3203(00)00136-9"),
    "sauvola": (
        "Sauvola's method",
        "Sauvola and Pietikäinen 2000",
        "10.1016/S0031-3203(99)00055-2",
    ),
    "shanbhag": ("Shanbhag's method", "Shanbhag 1994", "10.1006/cgip.1994.1037"),
    "triangle": ("the triangle method", "Zack, Rogers and Latt 1977", "10.1177/25.7.70454"),
    "wolf": ("Wolf's method", "Wolf and Jolion 2003", "10.1007/s10044-003-0197-7"),
    "yen": ("Yen's method", "Yen, Chang and Chang 1995", "10.1109/83.366472"),
    "youden": (
        "Youden's index",
        "Youden 1950",
        "10.1002/1097-0142(1950)3:1%3C32::AID-CNCR2820030106%3E3.0.CO;2-3",
    ),
}


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
    values from 10 to 80. Masks were dilated with a diamond of radius 1. This was computed with skmask ...
    """
    if isinstance(estimator, type) or not hasattr(estimator, "fit"):
        got = getattr(estimator, "__name__", type(estimator).__name__)
        msg = f"describe expects a fitted estimator, got {got}. Use what fit returns."
        raise TypeError(msg)
    return f"{sentences_of(estimator)} This was computed with skmask {__version__}."


def html_of(estimator):
    """Give the sentences as HTML, to stand below the diagram of scikit-learn; nothing before a fit."""
    try:
        return f"<p>{html.escape(sentences_of(estimator))}</p>"
    except (TypeError, ValueError):
        return ""  # not fitted, or parameters that a fit will refuse


def sentences_of(estimator):
    """Give the sentences of one estimator, of all steps of a Pipeline, or of the best of a search."""
    if isinstance(estimator, FrozenEstimator):
        return sentences_of(estimator.estimator)
    if hasattr(estimator, "best_estimator_"):
        return f"{sentences_of(estimator.best_estimator_)}{_choice_of(estimator)}"
    if hasattr(estimator, "steps"):
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
        return " ".join(map(sentences_of, steps))
    check_is_fitted(estimator)
    if hasattr(estimator, "_describe"):
        return estimator._describe()
    return f"{shown(estimator)} was applied."


def shown(value):
    """Show a parameter, or an estimator with its parameters, on one line."""
    return re.sub(r"\s+", " ", str(value))


def brief(value):
    """Show what was given for a parameter, on one line and not at length."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    words = shown(reprlib.repr(value))
    return words if len(words) <= 100 else f"{words[:97]}..."


def number(value):
    """Show a number, floats with six digits; sequences of numbers are shown in brackets."""
    if np.ndim(value):
        return "[" + ", ".join(map(number, value)) + "]"
    value = np.asarray(value).item()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def cited(method):
    """Name a method, given by name or as a function, with its source."""
    if isinstance(method, functools.partial):
        return f"{cited(method.func)} with {_assigned(method.keywords)}"
    if callable(method):
        name = getattr(method, "__name__", shown(method))
        if (THRESHOLD_METHODS | CRITERIA).get(name) is not method:
            return f"the function {name}"
        method = name
    if method not in SOURCES:
        return f"the method {method}"
    phrase, authors, doi = SOURCES[method]
    place = f"https://doi.org/{doi}"
    source = ", ".join([authors] * bool(authors) + [place] * bool(doi))
    return f"{phrase} ({source})" if source else phrase


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
        return f"a footprint of {np.count_nonzero(footprint)} pixels ({shape})"
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


def _scoring_of(search):
    """Name the score that decided a search."""
    scoring = search.scoring
    if search.multimetric_:
        scoring = scoring[search.refit] if isinstance(scoring, dict) else search.refit
    if scoring is None:
        return "its own method"
    if isinstance(scoring, str):
        return scoring
    metric = getattr(scoring, "metric", scoring)
    params = getattr(scoring, "metric_params", None)
    named = cited(metric) if callable(metric) or metric in SOURCES else metric
    return f"{named} with {_assigned(params)}" if params else named


def _assigned(params):
    """Show parameters with their values."""
    values = (
        number(value) if isinstance(value, Real) else shown(value) for value in params.values()
    )
    return ", ".join(map("=".join, zip(params, values, strict=True)))


def _is_open(bound):
    return bound is None or (np.ndim(bound) == 0 and math.isinf(bound))
