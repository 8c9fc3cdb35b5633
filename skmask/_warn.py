"""Warnings that point at the line of the user, found in one place."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

# Frames of these packages stand between a line of the user and the line that warns.
_PACKAGES = ("skmask", "sklearn", "joblib")

# Subjects of the warnings since `once` was entered; None outside of it.
_given: ContextVar[set[str] | None] = ContextVar("_given", default=None)


def warn(
    message: str, category: type[Warning] = UserWarning, *, subject: str | None = None
) -> None:
    """Warn at the innermost line outside of skmask, scikit-learn and joblib.

    A fixed ``stacklevel`` cannot point there: `fit_transform`, a Pipeline or a masker inside another
    estimator puts a different number of frames in between.

    Parameters
    ----------
    message : str
    category : type, default=UserWarning
    subject : str, default=None
        Name of the cause, where several messages have the same one. None is the message itself.
    """
    given = _given.get()
    if given is not None:
        if (subject or message) in given:
            return
        given.add(subject or message)
    frame: FrameType = sys._getframe(1)
    level = 2
    while frame.f_back is not None and _is_between(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


@contextmanager
def once() -> Iterator[None]:
    """Warn once of each subject in a ``with`` block, which may be inside of another one.

    Each block of images and each estimator of features would repeat a warning, with its own words or numbers.
    Warnings in other threads are not left out.
    """
    if _given.get() is not None:
        yield
        return
    token = _given.set(set())
    try:
        yield
    finally:
        _given.reset(token)


def _is_between(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in _PACKAGES
