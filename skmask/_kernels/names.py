"""Names that are not known, and those that were meant."""

from collections.abc import Iterable
from difflib import get_close_matches

SYNONYMS = {"f1": "dice", "iou": "jaccard"}


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
    name = str(name).lower()
    names = list(names)
    close = [SYNONYMS[name]] if SYNONYMS.get(name) in names else []
    close += get_close_matches(name, names, n=1, cutoff=0.7)
    return f" Did you mean {close[0]!r}?" if close else ""
