"""Binary morphology of stacks of masks: samples along the first axis are never mixed.

All functions take masks of shape (n, *image_shape), boolean, and a footprint of booleans with an odd size
along each axis of an image; they return new masks. The border says what lies outside of the image:
``"background"`` and ``"foreground"`` mean that, and with ``"ignore"`` the outside never changes a result.

Masks may be arrays of another library; all but `reconstruct` take them, and work on them where they are.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import ndimage

from skmask._kernels.arrays import BoolArray, IntArray
from skmask._kernels.morphology.array_engine import sweep_array
from skmask._kernels.morphology.engine import Operation, sweep, sweep_planes
from skmask._kernels.morphology.footprints import CACHED_OFFSETS
from skmask._kernels.morphology.nearest import is_nearest, join_nearest, joins_nearest
from skmask._kernels.morphology.plans import plan_union
from skmask._kernels.pixels.namespaces import copied, namespace
from skmask._kernels.regions.rules import keep_connected

__all__ = [
    "BORDERS",
    "Border",
    "close",
    "closing",
    "connectivity_of",
    "dilate",
    "dilation",
    "erode",
    "erosion",
    "open_",
    "opening",
    "reconstruct",
]

Shape = tuple[int, ...]
Work = Callable[[BoolArray], BoolArray]
Border = Literal["ignore", "background", "foreground"]
BORDERS = ("ignore", "background", "foreground")

# Pixels that one pass over the masks may reach: halo pixels of a tile are computed and then discarded.
PASS_REACH = 32

# Pixels of a footprint that stands for several times a smaller one: in four dimensions it takes longer to
# plan than it saves.
MERGED_SIZE = 1 << 19


def dilate(
    masks: BoolArray,
    footprint: BoolArray,
    *,
    iterations: int | None = 1,
    border: Border = "ignore",
) -> BoolArray:
    """Dilate each mask: ``out[i, x]`` is the OR of ``masks[i, x - d]`` over the footprint's offsets d.

    None iterations go on until nothing changes, for which the center has to be in the footprint.
    """
    return dilation(footprint, masks.shape[1:], iterations, border)(masks)


def erode(
    masks: BoolArray,
    footprint: BoolArray,
    *,
    iterations: int | None = 1,
    border: Border = "ignore",
) -> BoolArray:
    """Erode each mask: ``out[i, x]`` is the AND of ``masks[i, x + d]`` over the footprint's offsets d.

    None iterations go on until nothing changes, for which the center has to be in the footprint.
    """
    return erosion(footprint, masks.shape[1:], iterations, border)(masks)


def open_(
    masks: BoolArray, footprint: BoolArray, *, iterations: int = 1, border: Border = "ignore"
) -> BoolArray:
    """Erode, then dilate, each `iterations` times."""
    return opening(footprint, masks.shape[1:], iterations, border)(masks)


def close(
    masks: BoolArray, footprint: BoolArray, *, iterations: int = 1, border: Border = "ignore"
) -> BoolArray:
    """Dilate, then erode, each `iterations` times; ``"ignore"`` as on a larger, empty image."""
    return closing(footprint, masks.shape[1:], iterations, border)(masks)


def dilation(
    footprint: BoolArray, image_shape: Shape, iterations: int | None, border: Border
) -> Work:
    """Return a function that does what `dilate` does with masks of images of a shape."""
    outside = border == "foreground"
    return _repetition(footprint, image_shape, np.bitwise_or, iterations, outside)


def erosion(
    footprint: BoolArray, image_shape: Shape, iterations: int | None, border: Border
) -> Work:
    """Return a function that does what `erode` does with masks of images of a shape."""
    outside = border != "background"
    return _repetition(footprint, image_shape, np.bitwise_and, iterations, outside)


def opening(footprint: BoolArray, image_shape: Shape, iterations: int, border: Border) -> Work:
    """Return a function that does what `open_` does with masks of images of a shape."""
    if not 0 < iterations * max(_reach(footprint)) <= PASS_REACH:
        given = footprint, image_shape, iterations, border
        return partial(_in_turn, works=(erosion(*given), dilation(*given)))
    first = _operation(footprint, np.bitwise_and, border != "background", iterations)
    last = _operation(footprint, np.bitwise_or, border == "foreground", iterations)
    return partial(_sweep, operations=(first, last))


def closing(footprint: BoolArray, image_shape: Shape, iterations: int, border: Border) -> Work:
    """Return a function that does what `close` does with masks of images of a shape."""
    reach = _reach(footprint)
    if iterations == 0 or (border != "ignore" and iterations * max(reach) > PASS_REACH):
        given = footprint, image_shape, iterations, border
        return partial(_in_turn, works=(dilation(*given), erosion(*given)))
    outside = border == "foreground"
    first = _operation(footprint, np.bitwise_or, outside, iterations)
    last = _operation(footprint, np.bitwise_and, outside, iterations)
    margin = tuple(iterations * width for width in reach) if border == "ignore" else None
    return partial(_sweep, operations=(first, last), margin=margin)


def _in_turn(masks: BoolArray, works: Sequence[Work]) -> BoolArray:
    for work in works:
        masks = work(masks)
    return masks


def reconstruct(
    seeds: BoolArray,
    limit: BoolArray,
    footprint: BoolArray,
    *,
    iterations: int | None = None,
    border: Border = "ignore",
) -> BoolArray:
    """Dilate ``seeds & limit`` within `limit`: each iteration is a dilation, cut to `limit`."""
    grown = seeds & limit
    if grown.size == 0 or iterations == 0:
        return grown
    connectivity = connectivity_of(footprint)
    if iterations is None and connectivity and border != "foreground":
        return keep_connected(grown, limit, connectivity=connectivity)
    offsets = _crop(footprint, seeds.shape[1:], neutral=border != "foreground")
    if not offsets.any():
        return np.zeros_like(grown)
    plan = plan_union(offsets)
    most = max(1, PASS_REACH // max(1, *plan.reach))

    def grow(masks: BoolArray, within: BoolArray, times: int) -> BoolArray:
        dilation = Operation(plan, np.bitwise_or, border == "foreground", times)
        return sweep(masks, (dilation,), limit=within)

    if iterations is None:
        return _settle(grown, lambda masks, samples: grow(masks, limit[samples], most))
    return _iterate(grown, lambda masks, times: grow(masks, limit, times), iterations, most)


def _repetition(
    footprint: BoolArray,
    image_shape: Shape,
    combine: np.ufunc,
    iterations: int | None,
    outside: bool,
) -> Work:
    """Return a function that combines masks with themselves, shifted by the offsets of a footprint."""
    if 0 in image_shape or iterations == 0:
        return copied
    prepare = _prepare if footprint.size > CACHED_OFFSETS else _prepare_once
    # Images of any shape share the task of a footprint that is smaller.
    within = image_shape if min(image_shape) < max(footprint.shape) else None
    task = prepare(footprint.shape, footprint.tobytes(), within, combine, outside, iterations)
    if not task.operations:
        return partial(_fill, value=outside)
    if task.is_neutral and iterations == 1 and is_nearest(task.offsets):
        return partial(_combine, task=task, combine=combine)
    if iterations is None:
        return partial(_settle, advance=lambda some, _: _sweep(some, task.operations))
    if iterations <= task.most:
        return partial(_sweep, operations=task.operations)

    def advance(some: BoolArray, times: int) -> BoolArray:
        return _sweep(some, (_operation(task.offsets, combine, outside, times),))

    return partial(_iterate, advance=advance, iterations=iterations, most=task.most)


class _Task(NamedTuple):
    """A dilation or an erosion.

    Attributes
    ----------
    offsets : ndarray of bool
        The footprint, without the offsets that lead out of an image from all its pixels.
    is_neutral : bool
        Whether what lies outside changes nothing.
    most : int
        Iterations that one pass over the masks takes at most.
    operations : tuple of Operation
        As many iterations as are wanted and as one pass takes; none if no offset is left.
    """

    offsets: BoolArray
    is_neutral: bool
    most: int
    operations: tuple[Operation, ...]


def _prepare(
    shape: Shape,
    pixels: bytes,
    within: Shape | None,
    combine: np.ufunc,
    outside: bool,
    iterations: int | None,
) -> _Task:
    """Make a task of a footprint, given by its shape and pixels, for images of a shape or larger ones."""
    is_neutral = outside == (combine is np.bitwise_and)
    offsets = np.frombuffer(pixels, dtype=np.bool_).reshape(shape)
    if within is not None:
        offsets = _crop(offsets, within, neutral=is_neutral)
    most = max(1, PASS_REACH // max(1, *_reach(offsets)))
    times = most if iterations is None else min(iterations, most)
    operations = (_operation(offsets, combine, outside, times),) if offsets.any() else ()
    return _Task(offsets, is_neutral, most, operations)


_prepare_once = lru_cache(maxsize=256)(_prepare)


def _fill(masks: BoolArray, value: bool) -> BoolArray:
    xp = namespace(masks)
    return xp.full(masks.shape, value, dtype=xp.bool, device=masks.device)


def _combine(masks: BoolArray, task: _Task, combine: np.ufunc) -> BoolArray:
    """Combine masks with their nearest neighbors, once; what lies outside changes nothing."""
    if joins_nearest(masks):
        return join_nearest(masks, task.offsets, combine)
    return _sweep(masks, task.operations)


def _sweep(
    masks: BoolArray, operations: tuple[Operation, ...], margin: Shape | None = None
) -> BoolArray:
    """Apply operations where the masks are."""
    if 0 in masks.shape:
        return copied(masks)
    if not isinstance(masks, np.ndarray):
        return sweep_array(masks, operations, margin=margin)
    return sweep(masks, operations, margin=margin)


def _iterate(
    masks: BoolArray, advance: Callable[[BoolArray, int], BoolArray], iterations: int, most: int
) -> BoolArray:
    """Advance the masks `iterations` times, at most `most` at a time, and skip those that only repeat.

    A footprint without its center may take masks through a cycle, so that to see no change is not enough.
    Brent's method finds any cycle: the masks are held against earlier ones, which are renewed after
    1, 2, 4, 8, ... passes. A fixed point is a cycle of one.
    """
    earlier, age, renewal = masks, 0, 1
    while iterations:
        times = min(most, iterations)
        masks = advance(masks, times)
        iterations -= times
        age += 1
        if iterations >= most:
            if namespace(masks).all(masks == earlier):
                iterations %= age * most
            elif age == renewal:
                earlier, age, renewal = masks, 0, 2 * renewal
    return masks


def _settle(masks: BoolArray, advance: Callable[[BoolArray, IntArray], BoolArray]) -> BoolArray:
    """Advance the masks, given with their numbers, until they change no more."""
    if not isinstance(masks, np.ndarray):
        return _settle_array(masks, advance)
    masks = masks.copy()
    samples = np.arange(len(masks))
    while samples.size:
        before = masks[samples]
        after = advance(before, samples)
        masks[samples] = after
        samples = samples[(before != after).any(axis=tuple(range(1, masks.ndim)))]
    return masks


def _settle_array(masks: Any, advance: Callable[[Any, Any], Any]) -> Any:
    """Advance all masks until none changes: to pick out those that do would take longer."""
    xp = namespace(masks)
    while True:
        after = advance(masks, ...)
        if not xp.any(after != masks):
            return after
        masks = after


def _operation(offsets: BoolArray, combine: np.ufunc, outside: bool, times: int) -> Operation:
    """Plan an operation, as one with a larger footprint where that is the same and takes less.

    An erosion is planned for the mirrored footprint.
    """
    plan = _plan_operation if offsets.size > CACHED_OFFSETS else _cached_operation
    return plan(offsets.shape, offsets.tobytes(), combine, outside, times)


def _plan_operation(
    shape: Shape, pixels: bytes, combine: np.ufunc, outside: bool, times: int
) -> Operation:
    offsets = np.frombuffer(pixels, dtype=np.bool_).reshape(shape)
    if combine is np.bitwise_and:
        offsets = offsets[(slice(None, None, -1),) * offsets.ndim]
    plan = plan_union(offsets)
    merged_size = prod(2 * times * width + 1 for width in plan.reach)
    if times > 1 and times * max(plan.reach) <= PASS_REACH and merged_size <= MERGED_SIZE:
        merged = _merge(offsets, times)
        if merged is not None:
            return Operation(plan_union(merged), combine, outside)
    return Operation(plan, combine, outside, times)


_cached_operation = lru_cache(maxsize=256)(_plan_operation)


def _merge(offsets: BoolArray, times: int) -> BoolArray | None:
    """Return the footprint that once does what this one does `times` over, if there is one.

    It is the sum of `times` footprints, under one condition: a path of steps between two pixels of an
    image must also exist inside the image. With each offset let the footprint hold those that are nearer
    to 0 along some axes. Then a way that leaves the image can be moved to its edge.
    """
    for axis, size in enumerate(offsets.shape):
        to_center = np.diff(np.moveaxis(offsets, axis, 0).astype(np.int8), axis=0)
        if (to_center[: size // 2] < 0).any() or (to_center[size // 2 :] > 0).any():
            return None
    padded = np.pad(offsets, [((times - 1) * (size // 2),) * 2 for size in offsets.shape])
    again = Operation(plan_union(offsets), np.bitwise_or, outside=False, times=times - 1)
    # For this alone, compiled code for single masks would have to be compiled.
    return sweep_planes(padded[np.newaxis], (again,))[0]


def _crop(offsets: BoolArray, image: Shape, *, neutral: bool) -> BoolArray:
    """Leave out the offsets that lead out of an image from all its pixels.

    Unless that is neutral one step beyond the image stands for all that are further.
    """
    for axis, size in enumerate(image):
        excess = offsets.shape[axis] // 2 - (size - neutral)
        if excess > 0:
            line = np.moveaxis(offsets, axis, 0)
            inner = line[excess:-excess].copy()
            if not neutral:
                inner[0] |= line[:excess].any(axis=0)
                inner[-1] |= line[-excess:].any(axis=0)
            offsets = np.moveaxis(inner, 0, axis)
    return offsets


def connectivity_of(footprint: BoolArray) -> int:
    """Return the connectivity of neighbors that a footprint stands for, or 0."""
    if footprint.shape != (3,) * footprint.ndim:
        return 0
    connectivities = range(1, footprint.ndim + 1)
    neighbors = (ndimage.generate_binary_structure(footprint.ndim, n) for n in connectivities)
    equal = (np.array_equal(footprint, each) for each in neighbors)
    return next((n for n, found in zip(connectivities, equal, strict=True) if found), 0)


def _reach(footprint: BoolArray) -> Shape:
    return tuple(size // 2 for size in footprint.shape)
