"""Comparisons of pixels with numbers, in the pixels' own dtype, exact for every integer.

Pixels may be arrays of other libraries, which are compared where they are.
"""

import math
import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.pixels.binary import is_number
from skmask._kernels.pixels.namespaces import dtype_of, namespace, ordered
from skmask._kernels.pixels.slabs import slabs

# Pixels compared with both bounds while they stay in a second-level cache.
_PIECE = 1 << 17

# Images of fewer pixels stay in a cache as a whole.
_LARGE = 1 << 20

# Images of so few pixels are compared before compiled code is called.
_SMALL = 1 << 14


def above(images: Array, threshold: float) -> BoolArray:
    """Compute ``images > threshold``; NaN is not above anything."""
    return _compare(operator.gt, images, threshold, math.floor)


def not_above(images: Array, threshold: float) -> BoolArray:
    """Compute ``images <= threshold``, the complement of `above` on all pixels but NaN."""
    return _compare(operator.le, images, threshold, math.floor)


def plan_threshold(
    threshold: float, dtype: np.dtype[Any], *, above: bool
) -> Callable[[Array], BoolArray] | None:
    """Return what `above` or `not_above` does with images of NumPy; None if it is not one comparison."""
    if dtype.kind not in "fiu":
        return None
    relation, bound = (
        operator.gt if above else operator.le,
        round_bound(threshold, dtype, math.floor),
    )
    if dtype.kind != "f":
        lowest, highest = _limits(dtype)
        if not lowest <= bound <= highest:
            return None

    def compare(images: Array) -> BoolArray:
        mask: BoolArray = relation(images, bound)
        return mask

    return compare


def at_least(images: Array, bound: float) -> BoolArray:
    """Compute ``images >= bound``."""
    return _compare(operator.ge, images, bound, math.ceil)


def below(images: Array, bound: float) -> BoolArray:
    """Compute ``images < bound``, the complement of `at_least` on all pixels but NaN."""
    return _compare(operator.lt, images, bound, math.ceil)


def within(
    images: Array,
    low: float | None,
    high: float | None,
    *,
    inclusive: str = "both",
    circular: bool = False,
) -> BoolArray:
    """Compute ``low <= images <= high`` and its open and unbounded variants.

    Parameters
    ----------
    images : ndarray
        Pixels of any real dtype.
    low, high : float or None
        Bounds; None is unbounded, and NaN pixels are outside all the same.
    inclusive : {"both", "left", "right", "neither"}
        Which bounds belong to the range.
    circular : bool
        Whether ``low > high`` means the union of both ends of a circular scale.

    Returns
    -------
    mask : ndarray of bool
    """
    reaches, stays = _relations(inclusive)
    if low is None:
        return is_number(images) if high is None else stays(images, high)
    if high is None:
        return reaches(images, low)
    is_circular = circular and low > high
    if isinstance(images, np.ndarray) and images.size > _SMALL and images.flags.c_contiguous:
        return _between(images, low, high, inclusive, is_circular)
    combine: Callable[[Any, Any], Any] = operator.ior if is_circular else operator.iand
    return combine(reaches(images, low), stays(images, high))


@has_twin("pixels.compare")
def _between(
    images: Array, low: float, high: float, inclusive: str, is_circular: bool
) -> BoolArray:
    """Compare pixels with both bounds; if the range is circular, either of them is enough."""
    reaches, stays = _relations(inclusive)
    combine: Callable[[Any, Any], Any] = operator.ior if is_circular else operator.iand
    if images.size <= _LARGE:
        return combine(reaches(images, low), stays(images, high))
    mask = np.empty(images.shape, np.bool_)
    for piece in slabs(images.shape, _PIECE):
        pixels = images[piece]
        mask[piece] = combine(reaches(pixels, low), stays(pixels, high))
    return mask


def _relations(inclusive: str) -> tuple[Callable[..., BoolArray], Callable[..., BoolArray]]:
    """Return the comparisons with the lower and with the upper bound of a range."""
    reaches = at_least if inclusive in ("both", "left") else above
    stays = not_above if inclusive in ("both", "right") else below
    return reaches, stays


def closed_bounds(
    low: float, high: float, inclusive: str, dtype: np.dtype[Any]
) -> tuple[Any, Any] | None:
    """Return the least and the greatest number of a dtype within a range; None if that is empty.

    For integers they are integers of Python within the dtype. For floats they are the bounds themselves,
    in the dtype, or the numbers next to them.
    """
    has_low, has_high = inclusive in ("both", "left"), inclusive in ("both", "right")
    first = round_bound(low, dtype, math.ceil if has_low else math.floor)
    last = round_bound(high, dtype, math.floor if has_high else math.ceil)
    if dtype.kind != "f":
        lowest, highest = _limits(dtype)
        first, last = max(first + (not has_low), lowest), min(last - (not has_high), highest)
        return None if first > last else (first, last)
    infinity = dtype.type(np.inf)
    if (first == infinity and not has_low) or (last == -infinity and not has_high):
        return None
    if not has_low:
        first = np.nextafter(first, infinity)
    if not has_high:
        last = np.nextafter(last, -infinity)
    return first, last


def round_down(bound: float, dtype: np.dtype[Any]) -> Any:
    """Return the largest number of a float dtype that is not above the bound.

    For integers, and for floats that hold more than any bound does, that is the bound.

    NumPy rounds the bound of a comparison to the nearest number in the dtype of the pixels. Rounded down
    beforehand, a bound between two numbers stays between them.
    """
    return bound if dtype.kind != "f" or dtype.itemsize > 8 else _floor_to_float(bound, dtype)


def round_up(bound: float, dtype: np.dtype[Any]) -> Any:
    """Return the smallest number of a float dtype that is not below the bound; for integers the bound."""
    return -round_down(-bound, dtype)


def round_bound(bound: float, dtype: np.dtype[Any], rounding: Any) -> Any:
    """Return the bound that compares with pixels of a dtype as the given one does, rounded that way.

    For integers that is an integer of Python, which may lie outside the dtype; see `_limits`.
    """
    bound = bound.item() if isinstance(bound, np.generic | np.ndarray) else bound
    if dtype.kind == "f":
        return _round_to_float(bound, dtype, rounding)
    if math.isinf(bound):
        lowest, highest = _limits(dtype)
        return highest + 1 if bound > 0 else lowest - 1
    return rounding(bound)


# To round a bound to a float takes longer than to compare a small image with it.
@lru_cache(maxsize=256, typed=True)
def _floor_to_float(bound: float, dtype: np.dtype[Any]) -> Any:
    with np.errstate(over="ignore"):
        rounded = dtype.type(bound)
        return np.nextafter(rounded, dtype.type(-np.inf)) if float(rounded) > bound else rounded


@lru_cache(maxsize=256, typed=True)
def _round_to_float(bound: float, dtype: np.dtype[Any], rounding: Any) -> Any:
    with np.errstate(over="ignore"):
        converted = dtype.type(bound)
    if np.isinf(converted) and not math.isinf(bound):
        # A finite bound beyond the dtype lies between its largest number and infinity; for `>=`
        # and `<` the bound is the infinity itself, as no finite pixel reaches it.
        largest = np.finfo(dtype).max
        beyond = rounding is math.floor if bound > 0 else rounding is math.ceil
        converted = np.copysign(largest, converted) if beyond else converted
    return converted


def _compare(
    relation: Callable[[Any, Any], Any], images: Array, bound: float, rounding: Any
) -> BoolArray:
    dtype = dtype_of(images)
    bound = round_bound(bound, dtype, rounding)
    if dtype.kind != "f":
        lowest, highest = _limits(dtype)
        if not lowest <= bound <= highest:
            # NumPy 2.0 to 2.2 crashes where integers that are not contiguous meet one beyond their dtype.
            return _full_like(images, relation(lowest, bound))
    if isinstance(images, np.ndarray):
        pixels = images.view(np.uint8) if dtype.kind == "b" else images
        return np.asarray(relation(pixels, bound))
    if dtype.kind == "f":
        return relation(images, float(bound))
    xp = namespace(images)
    pixels = xp.astype(images, xp.uint8) if dtype.kind == "b" else images
    pixels, offset = ordered(pixels)
    return relation(pixels, bound - offset)


def _full_like(images: Any, answer: bool) -> Any:
    if isinstance(images, np.ndarray):
        return np.full_like(images, answer, np.bool_)
    xp = namespace(images)
    return xp.full(images.shape, answer, dtype=xp.bool, device=images.device)


@lru_cache(maxsize=64)
def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the lowest and the highest number of an integer dtype, of which booleans are one."""
    limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
    return int(limits.min), int(limits.max)
