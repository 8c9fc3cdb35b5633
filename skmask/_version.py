"""The version, and what it means for files: the stamp they carry, and their migrations.

Releases that differ in the last number only read each other's files: what estimators keep changes with
a new minor release alone, which then reads the older files by an entry in `MIGRATIONS`.
"""

import re
from collections.abc import Callable
from typing import Any

__version__ = "0.1.0"

STAMP = "_skmask_version"

# What changed: the release since which, as (major, minor), and a function of the name of a class and its
# older state, which gives the state as that release has it.
MIGRATIONS: list[tuple[tuple[int, int], Callable[[str, dict[str, Any]], dict[str, Any]]]] = []


def stamped(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of an estimator with the version that wrote it."""
    return {**state, STAMP: __version__}


def migrated(state: object, *, caller: str) -> dict[str, Any]:
    """Return a state that was read from a file as this version has it, without the stamp.

    Parameters
    ----------
    state : dict
        Result of `stamped`, in this version or another.
    caller : str
        Name of the class, for migrations and errors.

    Returns
    -------
    state : dict
    """
    state = dict(state) if isinstance(state, dict) else {}
    written = state.pop(STAMP, None)
    if not (isinstance(written, str) and re.match(r"\d+\.\d+", written)):
        got = "without its version" if written is None else f"of version {written!r:.40}"
        msg = (
            f"{caller} expects a file written by skmask, got one {got}. Fit the estimator "
            "again and save it."
        )
        raise ValueError(msg)
    if _release(written) > _release(__version__):
        msg = (
            f"{caller} expects a file of skmask {__version__} or older, got one of skmask {written}. "
            f"Install skmask {written} or newer to read it."
        )
        raise ValueError(msg)
    for since, migrate in MIGRATIONS:
        if _release(written) < since:
            state = migrate(caller, state)
    return state


def _release(version: str) -> tuple[int, int]:
    major, minor = re.findall(r"\d+", version)[:2]
    return int(major), int(minor)
