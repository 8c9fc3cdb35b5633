"""Compilation of twins, without the interpreter's lock and kept on disk."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np
from numba import extending, njit

from skmask._kernels.arrays import Array, WordArray
from skmask._kernels.compiled import paused_collector

# Divisions are those of NumPy: checks for zeros would keep loops from becoming vectors. Nothing calls the
# functions from C.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}

# Words of memory that a thread keeps for its next call: new memory costs as much as the work.
_KEPT_WORDS = 1 << 19


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is called first.

    numba keeps the machine code beside the source, or in the user's cache where that folder is read-only.
    Where both are, it refuses to compile with a cache at all: every process then compiles for itself. So it
    does where the disk is full: the code has been loaded when numba saves it.
    """
    compiled: Any
    try:
        compiled = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        compiled = njit(**_OPTIONS)(function)
    else:
        _keep_machine_code(compiled, function)
    compiled.compile = paused_collector()(compiled.compile)
    return cast(Callable[..., Any], compiled)


def _keep_machine_code(compiled: Any, function: Callable[..., Any]) -> None:
    kept = compiled._cache
    file = kept._cache_file
    file._source_stamp = file._source_stamp, _digest(Path(function.__code__.co_filename).parent)
    save = kept.save_overload

    def save_if_there_is_room(*args: Any) -> None:
        with suppress(OSError):
            save(*args)

    kept.save_overload = save_if_there_is_room


@cache
def _digest(folder: Path) -> bytes:
    """Return a digest of the files with all that is compiled into the functions in a folder of twins.

    numba compares the file of a function with that of its machine code, and looks at no other file. The
    functions that it calls are twins as well, and its constants may be those of the kernels.
    """
    kernels = folder.parent.parent / folder.name
    paths = {
        path for each in (Path(__file__).parent, folder, kernels) for path in each.glob("*.py")
    }
    return sha256(b"".join(path.read_bytes() for path in sorted(paths))).digest()


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function be compiled as a part of those that call it.

    A call with arrays takes as long as some twenty additions of vectors, and each view of an array that is
    handed over is counted twice.
    """
    inner: Callable[..., Any] = njit(inline="always", **_OPTIONS)(function)
    return inner


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function write the instructions of LLVM for its calls in compiled functions."""
    written: Callable[..., Any] = extending.intrinsic(function)
    return written


def as_source(array: Array) -> Array:
    """View an array as a read-only one: numba compiles a function once for each of both kinds."""
    source = array.view()
    source.setflags(False)  # type: ignore[call-arg]  # by keyword it takes twice as long
    return source


_thread = threading.local()


def find_memory(size: int) -> WordArray:
    """Return words of memory of this thread, which are kept for its next call unless they are many."""
    memory: WordArray | None = getattr(_thread, "memory", None)
    if memory is None or memory.size < size:
        memory = np.empty(size, np.uint64)
        if size <= _KEPT_WORDS:
            _thread.memory = memory
    return memory


@jit
def aligned(size: Any, dtype: Any) -> Any:
    """Return zeros that begin where a vector of 64 bytes may begin."""
    zeros = np.zeros(size + 64, dtype)
    return zeros[-zeros.ctypes.data % 64 // zeros.itemsize :][:size]
