"""Warnings that point at the line of the user, found in one place."""

import sys
import warnings
from types import FrameType

# Frames of these packages stand between a line of the user and the line that warns.
_PACKAGES = ("skmask", "sklearn", "joblib")


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the innermost line outside of skmask, scikit-learn and joblib.

    A fixed ``stacklevel`` cannot point there: `fit_transform`, a Pipeline or a masker inside another
    estimator puts a different number of frames in between.
    """
    frame: FrameType = sys._getframe(1)
    level = 2
    while frame.f_back is not None and _is_between(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_between(frame: FrameType) -> bool:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return package in _PACKAGES
