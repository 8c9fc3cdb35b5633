"""Compilation of twins, without the interpreter's lock and kept on disk."""

from collections.abc import Callable
from typing import Any

from numba import njit


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is called first.

    numba keeps the machine code beside the source, or in the user's cache where that folder is read-only.
    Where both are, it refuses to compile with a cache at all: every process then compiles for itself.
    """
    compiled: Callable[..., Any]
    try:
        compiled = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        compiled = njit(nogil=True)(function)
    return compiled
