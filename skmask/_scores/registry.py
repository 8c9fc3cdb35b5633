"""Scores of masks by name, each defined once: name, phrase and source stand above the function."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from skmask._kernels.registry import Source, source, source_of

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Score:
    """A score of masks as a metric of `skmask.metrics.MaskScorer`.

    Attributes
    ----------
    name : str
        Name of the metric; it begins with "neg_" where less is better.
    function : callable
        The public function.
    takes_rows : bool
        Whether masks may be flat rows.
    """

    name: str
    function: Callable[..., Any]
    takes_rows: bool

    @property
    def sign(self) -> int:
        """Sign with which greater is better: 1, or -1 for distances."""
        return -1 if self.name.startswith("neg_") else 1


_scores: dict[Callable[..., Any], Score] = {}


def mask_score(
    name: str, origin: Source | Callable[..., Any], *, takes_rows: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a score with its name as a metric and with its source.

    A decorated function says what to do when it is called as scikit-learn calls its scorers.

    Parameters
    ----------
    name : str
        Name of the metric; "neg_" in front says that less is better.
    origin : Source or callable
        Where the score comes from, or the kernel that says so.
    takes_rows : bool, default=True
        Whether masks may be flat rows.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        public = function.__name__

        @wraps(function)
        def score(*args: P.args, **kwargs: P.kwargs) -> R:
            if args and hasattr(args[0], "fit"):
                msg = (
                    f"{public} expects masks, got the estimator {type(args[0]).__name__}. Use "
                    f"scoring={name}_scorer for searches and cross-validation."
                )
                raise TypeError(msg)
            return function(*args, **kwargs)

        given = origin if isinstance(origin, Source) else source_of(origin)
        if given is not None:
            source(given.phrase, given.authors, given.doi)(score)
        _scores[score] = Score(name, score, takes_rows)
        return score

    return decorate


def scores_in(*modules: ModuleType) -> dict[str, Score]:
    """Return the scores that modules define, by name."""
    functions = [thing for module in modules for thing in vars(module).values() if callable(thing)]
    found = [_scores[function] for function in functions if function in _scores]
    return {score.name: score for score in sorted(found, key=lambda score: score.name)}
