"""Names that are not known, and those that were meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: object, names: Iterable[str]) -> str:
    """Give a sentence with the closest of some names; nothing where none is close.

    Parameters
    ----------
    name : object
        What was given, in any case of letters.
    names : iterable of str
        Names in small letters.

    Returns
    -------
    sentence : str
        To be put behind a message, with a space in front.
    """
    close = get_close_matches(str(name).lower(), names, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
