"""Footprints: the set of pixels that one step of a morphological operation looks at."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from skmask._kernels.arrays import BoolArray

__all__ = ["FOOTPRINTS", "build_closing_footprint", "build_footprint", "footprint_reach"]

FOOTPRINTS = ("diamond", "square", "disk")

# No image is so large: further pixels are not counted.
FURTHEST = 1 << 40

# Offsets of a footprint that is cached, with its plan. To build a larger one takes a small part of the time
# of a call, and it may be as large as a volume.
CACHED_OFFSETS = 1 << 16


def build_footprint(
    footprint: str | ArrayLike,
    ndim: int,
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    within: Sequence[int] | None = None,
) -> BoolArray:
    """Return a footprint as a boolean array with an odd size along each of `ndim` axes.

    With `d` the offset of a pixel from the center, in pixels, and `s` the spacing, the names mean

    - ``"diamond"``: ``sum(abs(d * s)) <= radius``, the city-block ball;
    - ``"square"``: ``max(abs(d * s)) <= radius``, the Chebyshev ball (a cube in 3-D);
    - ``"disk"``: ``sum((d * s) ** 2) <= radius ** 2``, the Euclidean ball.

    An explicit array is copied; `radius` and `spacing` do not concern it. Small footprints of a
    name are shared by all calls, and read-only.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool
        Name, or explicit array of `ndim` axes, each of odd size, with at least one pixel.
    ndim : int
        Number of axes of the images.
    radius : float, default=1
        In pixels, or in the unit of `spacing`. 0 is the pixel itself.
    spacing : float or sequence of `ndim` floats, default=None
        Distance of neighboring pixels, along each axis or along all, 1 where None.
    within : sequence of `ndim` ints, optional
        Shape of the images. A named footprint ends one pixel outside of an image, whatever its radius:
        what is further away is outside as well.
    """
    if not isinstance(footprint, str):
        return np.array(footprint, dtype=np.bool_)
    steps = None if spacing is None else tuple(np.broadcast_to(spacing, ndim).tolist())
    # Images of any shape share a footprint that reaches through none of them.
    is_cut = within is not None and (steps is not None or radius >= min(within))
    given = (footprint, ndim, radius, steps, tuple(within) if within and is_cut else None)
    cached = _small_ball(*given)
    return _ball(*given) if cached is None else cached


def build_closing_footprint(
    footprint: str | ArrayLike,
    image_shape: Sequence[int],
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    iterations: int = 1,
    border: str = "ignore",
) -> BoolArray:
    """Return the footprint of a closing.

    With ``border="ignore"`` images get a margin as wide as all iterations reach, so that the footprint is not
    cut to the images.
    """
    has_margin = border == "ignore" and iterations > 0
    within = None if has_margin else image_shape
    return build_footprint(
        footprint, len(image_shape), radius=radius, spacing=spacing, within=within
    )


def footprint_reach(
    footprint: str | ArrayLike,
    ndim: int,
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
) -> tuple[int, ...]:
    """Return how far a footprint reaches along each axis, in pixels, without building it."""
    if not isinstance(footprint, str):
        return tuple(size // 2 for size in np.shape(footprint))
    return _reaches(*_length_and_steps(ndim, radius, spacing))


def _length_and_steps(
    ndim: int, radius: float, spacing: float | Sequence[float] | None
) -> tuple[float, tuple[float, ...]]:
    """Return the radius of a ball and the distances of pixels along each axis."""
    # A radius of 0.3 holds three steps of 0.1, though 3 * 0.1 > 0.3 in floating point.
    length = float(radius) * (1 + 1e-12)
    if spacing is None:
        return length, (1.0,) * ndim
    return length, tuple(np.broadcast_to(np.asarray(spacing, np.float64), ndim).tolist())


def _reaches(length: float, spacing: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(int(min(length // step, FURTHEST)) for step in spacing)


def _reaches_within(
    length: float, spacing: tuple[float, ...], within: tuple[int, ...] | None
) -> tuple[int, ...]:
    reaches = _reaches(length, spacing)
    return reaches if within is None else tuple(map(min, reaches, within))


@lru_cache(maxsize=64)
def _small_ball(
    name: str,
    ndim: int,
    radius: float,
    spacing: tuple[float, ...] | None,
    within: tuple[int, ...] | None,
) -> BoolArray | None:
    """Return a footprint to be shared, or None if it is large."""
    reaches = _reaches_within(*_length_and_steps(ndim, radius, spacing), within)
    if prod(2 * reach + 1 for reach in reaches) > CACHED_OFFSETS:
        return None
    ball = _ball(name, ndim, radius, spacing, within)
    ball.setflags(write=False)
    return ball


def _ball(
    name: str,
    ndim: int,
    radius: float,
    spacing: tuple[float, ...] | None,
    within: tuple[int, ...] | None,
) -> BoolArray:
    length, steps = _length_and_steps(ndim, radius, spacing)
    reaches = _reaches_within(length, steps, within)
    inside = np.ones([2 * reach + 1 for reach in reaches], dtype=np.bool_)
    if name == "square":
        return inside
    grids = np.ogrid[tuple(slice(-reach, reach + 1) for reach in reaches)]
    first, *others = (np.abs(grid * step) for grid, step in zip(grids, steps, strict=True))
    if name == "disk":
        with np.errstate(over="ignore"):
            first, *others = (offset**2 for offset in (first, *others))
        length *= length
    # Line by line: sums of floats take eight times the memory of the footprint.
    for place, offset in enumerate(first):
        inside[place] = sum((other[0] for other in others), offset) <= length
    return inside
