"""Phrases and sources of methods, criteria and scores, kept beside their functions.

A function is defined in one place with all that the package says of it: its name, the phrase for a sentence,
the authors, the year and the DOI. Tables of functions by name are made of the functions themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Source:
    """Where a method comes from.

    Attributes
    ----------
    phrase : str
        Its name in a sentence, such as "Otsu's method".
    authors : str
        Authors and year; empty where there is nobody to cite.
    doi : str
        DOI of the publication; empty where it has none.
    """

    phrase: str
    authors: str = ""
    doi: str = ""


_sources: dict[Callable[..., Any], Source] = {}


def source(phrase: str, authors: str = "", doi: str = "") -> Callable[[Function], Function]:
    """Decorate a function with its `Source`."""

    def decorate(function: Function) -> Function:
        _sources[function] = Source(phrase, authors, doi)
        return function

    return decorate


def source_of(function: Callable[..., Any]) -> Source | None:
    """Return the source of a function; None if it has none."""
    return _sources.get(function)


def by_name(*functions: Function) -> dict[str, Function]:
    """Return functions by their names, sorted."""
    named = {function.__name__: function for function in functions}
    return dict(sorted(named.items()))
