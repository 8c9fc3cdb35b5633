"""Footprints: the set of pixels that one step of a morphological operation looks at."""

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmask._kernels.names import did_you_mean
from skmask._kernels.regions.rules import read_spacing

__all__ = ["FOOTPRINTS", "build_footprint"]

FOOTPRINTS = ("diamond", "square", "disk")


def build_footprint(
    footprint: str | ArrayLike,
    ndim: int,
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    caller: str,
) -> NDArray[np.bool_]:
    """Return a footprint as a boolean array with an odd size along each of `ndim` axes.

    With `d` the offset of a pixel from the center, in pixels, and `s` the spacing, the names mean

    - ``"diamond"``: ``sum(abs(d * s)) <= radius``, the city-block ball;
    - ``"square"``: ``max(abs(d * s)) <= radius``, the Chebyshev ball (a cube in 3-D);
    - ``"disk"``: ``sum((d * s) ** 2) <= radius ** 2``, the Euclidean ball.

    Anything but a name is an explicit array, checked and copied; `radius` and `spacing` do not
    concern it.

    Parameters
    ----------
    footprint : {"diamond", "square", "disk"} or array-like of bool
        Name, or explicit array of `ndim` axes, each of odd size.
    ndim : int
        Number of axes of the images.
    radius : float, default=1
        In pixels, or in the unit of `spacing`. 0 is the pixel itself.
    spacing : float or sequence of `ndim` floats, default=None
        Distance of neighboring pixels, along each axis or along all, 1 where None.
    caller : str
        Who asks, for the error messages.
    """
    if not isinstance(footprint, str):
        return _check_footprint(footprint, ndim, caller)
    if footprint not in FOOTPRINTS:
        msg = (
            f"{caller} expects footprint to be one of {', '.join(map(repr, FOOTPRINTS))} or an "
            f"array, got {footprint!r}.{did_you_mean(footprint, FOOTPRINTS)}"
        )
        raise ValueError(msg)
    return _ball(
        footprint,
        _check_radius(radius, caller),
        tuple(read_spacing(spacing, ndim, caller).tolist()),
    ).copy()


@lru_cache(maxsize=64)
def _ball(name: str, radius: float, spacing: tuple[float, ...]) -> NDArray[np.bool_]:
    # A radius of 0.3 holds three steps of 0.1, though 3 * 0.1 > 0.3 in floating point.
    length = radius * (1 + 1e-12)
    reaches = [int(length // step) for step in spacing]
    grids = np.ogrid[tuple(slice(-reach, reach + 1) for reach in reaches)]
    offsets = [np.abs(grid * step) for grid, step in zip(grids, spacing, strict=True)]
    full = np.zeros([2 * reach + 1 for reach in reaches])
    if name == "diamond":
        inside = sum(offsets, full) <= length
    elif name == "square":
        inside = full <= length
    else:
        inside = sum((offset**2 for offset in offsets), full) <= length**2
    return np.asarray(inside, dtype=np.bool_)


def _check_footprint(footprint: ArrayLike, ndim: int, caller: str) -> NDArray[np.bool_]:
    values = np.asarray(footprint)
    if values.ndim != ndim:
        msg = (
            f"{caller} expects a footprint with {ndim} axes, as the images have, got one of shape "
            f"{values.shape}. The sample axis is no part of a footprint."
        )
        raise ValueError(msg)
    if any(size % 2 == 0 for size in values.shape):
        msg = (
            f"{caller} expects a footprint of odd size along each axis, so that it has a center, "
            f"got shape {values.shape}. Pad it with False."
        )
        raise ValueError(msg)
    if values.dtype != np.bool_ and not np.isin(values, (0, 1)).all():
        msg = (
            f"{caller} expects a footprint of booleans or of 0 and 1, got dtype {values.dtype} "
            "with other values. Compare it with a number first."
        )
        raise ValueError(msg)
    pixels = values.astype(np.bool_)
    if not pixels.any():
        msg = f"{caller} expects a footprint with at least one pixel set, got none."
        raise ValueError(msg)
    return pixels


def _check_radius(radius: Any, caller: str) -> float:
    try:
        length = float(operator.pos(radius))
    except TypeError:
        msg = f"{caller} expects radius to be a number, got {radius!r}."
        raise TypeError(msg) from None
    if not 0 <= length < np.inf:
        msg = f"{caller} expects radius to be finite and not negative, got {radius!r}."
        raise ValueError(msg)
    return length
