"""Names that are not known, and those that were meant."""

from collections.abc import Iterable
from difflib import get_close_matches

SYNONYMS = {"f1": "dice", "iou": "jaccard"}


def closest(name: object, names: Iterable[str]) -> str | None:
    """Return the closest of some names in small letters to a name in any; None where none is close."""
    name = str(name).lower()
    names = list(names)
    if SYNONYMS.get(name) in names:
        return SYNONYMS[name]
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.7)), None)


def did_you_mean(name: object, names: Iterable[str]) -> str:
    """Return a sentence with the closest of some names; nothing where none is close.

    Parameters
    ----------
    name : object
        The given name, in any case of letters.
    names : iterable of str
        Names in small letters.

    Returns
    -------
    sentence : str
        To be put behind a message, with a space in front.
    """
    meant = closest(name, names)
    return "" if meant is None else f" Did you mean {meant!r}?"
