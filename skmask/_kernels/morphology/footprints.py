"""Footprints: the set of pixels that one step of a morphological operation looks at."""

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmask._kernels.names import did_you_mean
from skmask._kernels.regions.rules import read_spacing

__all__ = ["FOOTPRINTS", "build_closing_footprint", "build_footprint", "footprint_reach"]

FOOTPRINTS = ("diamond", "square", "disk")

# No image is so large: further pixels are not counted.
FURTHEST = 1 << 40


def build_footprint(
    footprint: str | ArrayLike,
    ndim: int,
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    within: Sequence[int] | None = None,
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
    within : sequence of `ndim` ints, optional
        Shape of the images. A named footprint ends one pixel outside of an image, whatever its radius:
        what is further away is outside as well.
    caller : str
        Who asks, for the error messages.
    """
    if not isinstance(footprint, str):
        return _check_footprint(footprint, ndim, caller)
    length, steps = _check_ball(footprint, ndim, radius, spacing, caller)
    reaches = _reaches(length, steps)
    if within is not None:
        reaches = tuple(map(min, reaches, within))
    return _ball(footprint, length, steps, reaches).copy()


def build_closing_footprint(
    footprint: str | ArrayLike,
    image_shape: Sequence[int],
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    iterations: int = 1,
    border: str = "ignore",
    caller: str,
) -> NDArray[np.bool_]:
    """Return the footprint of a closing, which as on a larger image must not reach much further.

    The margin around the image is as wide as all iterations reach, and takes that much memory and time.
    """
    ball: dict[str, Any] = {"radius": radius, "spacing": spacing, "caller": caller}
    if border != "ignore" or iterations == 0:
        return build_footprint(footprint, len(image_shape), within=image_shape, **ball)
    margin = iterations * max(footprint_reach(footprint, len(image_shape), **ball))
    most = 2 * max(image_shape) + 64
    if margin > most:
        msg = (
            f"{caller} expects radius and iterations that reach at most {most} pixels for images of shape "
            f"{tuple(image_shape)}, twice their size and 64, got {margin}. Use a smaller radius, fewer "
            "iterations, or border='background', which needs no margin."
        )
        raise ValueError(msg)
    return build_footprint(footprint, len(image_shape), **ball)


def footprint_reach(
    footprint: str | ArrayLike,
    ndim: int,
    *,
    radius: float = 1,
    spacing: float | Sequence[float] | None = None,
    caller: str,
) -> tuple[int, ...]:
    """Return how far a footprint reaches along each axis, in pixels, without building it."""
    if not isinstance(footprint, str):
        return tuple(size // 2 for size in _check_footprint(footprint, ndim, caller).shape)
    return _reaches(*_check_ball(footprint, ndim, radius, spacing, caller))


def _check_ball(
    name: str,
    ndim: int,
    radius: float,
    spacing: float | Sequence[float] | None,
    caller: str,
) -> tuple[float, tuple[float, ...]]:
    """Return the radius of a ball, and the distances of pixels along each axis."""
    if name not in FOOTPRINTS:
        msg = (
            f"{caller} expects footprint to be one of {', '.join(map(repr, FOOTPRINTS))} or an "
            f"array, got {name!r}.{did_you_mean(name, FOOTPRINTS) or ' Use one of these names.'}"
        )
        raise ValueError(msg)
    # A radius of 0.3 holds three steps of 0.1, though 3 * 0.1 > 0.3 in floating point.
    length = _check_radius(radius, caller) * (1 + 1e-12)
    return length, tuple(read_spacing(spacing, ndim, caller).tolist())


def _reaches(length: float, spacing: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(int(min(length // step, FURTHEST)) for step in spacing)


@lru_cache(maxsize=64)
def _ball(
    name: str, length: float, spacing: tuple[float, ...], reaches: tuple[int, ...]
) -> NDArray[np.bool_]:
    inside = np.ones([2 * reach + 1 for reach in reaches], dtype=np.bool_)
    if name == "square":
        return inside
    grids = np.ogrid[tuple(slice(-reach, reach + 1) for reach in reaches)]
    first, *others = (np.abs(grid * step) for grid, step in zip(grids, spacing, strict=True))
    if name == "disk":
        with np.errstate(over="ignore"):
            first, *others = (offset**2 for offset in (first, *others))
        length *= length
    # Line by line: sums of floats take eight times the memory of the footprint.
    for place, offset in enumerate(first):
        inside[place] = sum((other[0] for other in others), offset) <= length
    return inside


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
        msg = (
            f"{caller} expects radius to be a number, got {radius!r}. Give it in pixels, such as 1."
        )
        raise TypeError(msg) from None
    except OverflowError:
        length = np.inf
    if not 0 <= length < np.inf:
        msg = (
            f"{caller} expects radius to be finite and not negative, got {radius!r}. Give it in pixels, such "
            "as 1; 0 is the pixel itself."
        )
        raise ValueError(msg)
    return length
