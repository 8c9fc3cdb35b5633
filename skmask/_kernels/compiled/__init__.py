"""The optional compiled engine: twins of kernels, and the one place that chooses between engines.

Some loops cost NumPy many passes over memory: counting, joining planes of bits, linking runs, medians. A
kernel of that kind carries the decorator `has_twin`, which names a module below this folder, whose
folders are those of the kernels. The module holds a function of the same name, compiled by numba, with the
same arguments and the same results, bit for bit. A twin that does not pay for some arguments returns
NotImplemented, and the kernel runs.

In a light call, choosing what to do takes longer than doing it. Twins of kernels with the decorator
`has_planned_twin` therefore choose for images of a shape and dtype, and return a function that does the work.

The engine is chosen by `use_engine`, or by the environment variable ``SKMASK_ENGINE`` when the first
kernel runs:

======== ===========================================================
auto     the compiled engine if numba is installed and may compile, else NumPy
numpy    NumPy
numba    the compiled engine; an error if numba cannot be imported
======== ===========================================================

Nothing here imports numba before the first kernel with a twin runs.
"""

import gc
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial, update_wrapper, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import numpy as np

from skmask._kernels.arrays import Array, Work

__all__ = [
    "ENGINES",
    "PlannedKernel",
    "has_planned_twin",
    "has_twin",
    "is_compiled",
    "paused_collector",
    "use_engine",
]

P = ParamSpec("P")
R = TypeVar("R")

ENGINES = ("auto", "numpy", "numba")

# The choice of `use_engine`; None leaves it to the environment. All threads share it: results do not
# depend on it.
_chosen: str | None = None


@contextmanager
def use_engine(engine: str) -> Iterator[None]:
    """Choose the engine that runs kernels inside a ``with`` block.

    Results are the same bit for bit; engines differ in speed only. The choice holds for all threads of
    the process. Worker processes follow the environment variable ``SKMASK_ENGINE``.

    Parameters
    ----------
    engine : {"auto", "numpy", "numba"}
        ``"auto"`` compiles if numba is installed, ``"numpy"`` never does, ``"numba"`` insists on it.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask import BinaryDilator, use_engine
    >>> with use_engine("numpy"):
    ...     BinaryDilator().transform(np.eye(3, dtype=bool)[np.newaxis]).astype(int)
    array([[[1, 1, 0],
            [1, 1, 1],
            [0, 1, 1]]])
    """
    global _chosen
    before, chosen = _chosen, _checked(engine, "engine")
    if chosen == "numba":
        _load_numba()
    _chosen = chosen
    is_compiled.cache_clear()
    try:
        yield
    finally:
        _chosen = before
        is_compiled.cache_clear()


@contextmanager
def paused_collector() -> Iterator[None]:
    """Run a block while the garbage collector is off.

    numba makes millions of objects when it is imported and when it compiles. The collector looks at them, and
    at those of all packages imported before, again and again, which takes a fifth of the time.
    """
    is_on = gc.isenabled()  # it may be off by the user's choice, or by a block around this one
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def has_twin(module: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a kernel run as its compiled twin, the function of the same name in a module below this folder."""

    def decorate(kernel: Callable[P, R]) -> Callable[P, R]:
        name = kernel.__name__.lstrip("_")

        @wraps(kernel)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if is_compiled():
                result: R = _twin(module, name)(*args, **kwargs)
                if result is not NotImplemented:
                    return result
            return kernel(*args, **kwargs)

        return run

    return decorate


class PlannedKernel(Generic[P]):
    """A kernel whose twin plans its work for images of a shape and dtype."""

    def __init__(self, kernel: Callable[Concatenate[Array, P], Array], module: str) -> None:
        update_wrapper(self, kernel)
        self._kernel, self._module = kernel, module

    def __call__(self, images: Array, *args: P.args, **kwargs: P.kwargs) -> Array:
        return self.plan(images.shape[1:], images.dtype, *args, **kwargs)(images)

    def plan(
        self, image_shape: tuple[int, ...], dtype: np.dtype[Any], *args: P.args, **kwargs: P.kwargs
    ) -> Work:
        """Return a function that does what the kernel does with any number of such images."""
        kernel, module, twin = self._kernel, self._module, None

        def run(images: Array) -> Array:
            nonlocal twin
            if is_compiled():
                if twin is None:
                    twin = _twin(module, kernel.__name__)(image_shape, dtype, *args, **kwargs)
                if twin is not NotImplemented:
                    result: Array = twin(images)
                    if result is not NotImplemented:
                        return result
            return kernel(images, *args, **kwargs)

        return run


def has_planned_twin(
    module: str,
) -> Callable[[Callable[Concatenate[Array, P], Array]], PlannedKernel[P]]:
    """Let a kernel of images run as what its twin plans, the function of the same name in a module.

    The twin takes the shape of an image and the dtype in the place of images, and returns a function of
    images. Both may return NotImplemented, and the kernel runs.
    """
    return partial(PlannedKernel, module=module)


@cache
def is_compiled() -> bool:
    """Return whether the compiled engine is used, which is decided once until the choice changes."""
    choice = _chosen or _checked(os.environ.get("SKMASK_ENGINE", "auto"), "SKMASK_ENGINE")
    if choice == "numpy":
        return False
    try:
        _load_numba()
    except ImportError:
        if choice == "numba":
            raise
        return False
    return True


def _load_numba() -> None:
    try:
        with paused_collector():
            numba = importlib.import_module("numba")
    except ImportError as error:  # missing, or too old for the installed NumPy
        msg = (
            f"skmask expects numba for the compiled engine, got {error}. Use python -m pip install "
            '"skmask[fast]", or the engine "numpy".'
        )
        raise ImportError(msg) from error
    if (
        numba.config.DISABLE_JIT
    ):  # to measure coverage or to debug; vectors exist in compiled code only
        msg = (
            "skmask expects numba to compile for the compiled engine, got NUMBA_DISABLE_JIT=1. Unset it, or "
            'use the engine "numpy".'
        )
        raise ImportError(msg)


@cache
def _twin(module: str, name: str) -> Callable[..., Any]:
    twin: Callable[..., Any] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return twin


def _checked(engine: str, name: str) -> str:
    if engine not in ENGINES:
        msg = f"skmask expects {name} to be one of {ENGINES}, got {engine!r}. Use 'auto' for the default."
        raise ValueError(msg)
    return engine
