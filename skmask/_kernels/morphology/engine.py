"""The engine of binary morphology: plans carried out on bit planes, tile by tile.

A plane is flat. Along every axis an image is preceded by a gap, as wide as the footprint reaches, which
holds what lies outside of the image. Pixels that are shifted out of a row end in a gap, and shifting by
an offset is the same distance in the flat array everywhere. Each step of a plan is therefore one call of
NumPy on slices of flat arrays, whatever the number of rows, images and axes.
"""

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray
from skmask._kernels.compiled import has_twin
from skmask._kernels.morphology.bitplane import pack, unpack
from skmask._kernels.morphology.plans import Call, Plan, distance_of, place_steps
from skmask._kernels.morphology.tiles import cut_batches

__all__ = ["Operation", "Pass", "PlaneLayout", "reach_of", "schedule", "sweep", "sweep_planes"]

Shape = tuple[int, ...]

# Pixels of a tile whose memory a thread keeps for its next call: new memory costs as much as the work.
_KEPT_PIXELS = 1 << 19


class Operation(NamedTuple):
    """Dilation (`combine` is `numpy.bitwise_or`) or erosion (``bitwise_and``), some `times` over.

    `outside` is the value of what lies outside of the image, each time.
    """

    plan: Plan
    combine: np.ufunc
    outside: bool
    times: int = 1


class PlaneLayout(NamedTuple):
    """How images lie in a flat plane.

    Attributes
    ----------
    gap : tuple of int
        How far footprints reach along each axis of an image.
    padded : tuple of int
        Shape of all images, with a gap before each axis and margins at both ends.
    inside : tuple of slice
        Where the images are in this shape.
    strides : tuple of int
        Distance of neighbors along each axis of an image.
    start, stop : int
        Where the first image begins, after its gaps, and where the last one ends. Behind it there is as much
        of the outside as before the first.
    """

    gap: Shape
    padded: Shape
    inside: tuple[slice, ...]
    strides: Shape
    start: int
    stop: int

    @classmethod
    def of(cls, shape: Shape, operations: Sequence[Operation], margin: Shape) -> "PlaneLayout":
        """Lay out images of shape (n_images, *window)."""
        reaches = [operation.plan.reach for operation in operations]
        gap = tuple(max(reach) for reach in zip(*reaches, strict=True))
        sides = list(zip(gap, margin, shape[1:], strict=True))
        padded = (shape[0], *(before + 2 * width + size for before, width, size in sides))
        inside = (
            slice(None),
            *(slice(before + width, before + width + size) for before, width, size in sides),
        )
        strides = tuple(prod(padded[axis:]) for axis in range(2, len(shape) + 1))
        return cls(gap, padded, inside, strides, distance_of(gap, strides), prod(padded))

    @property
    def size(self) -> int:
        """Number of pixels of a plane."""
        return self.start + self.stop


class Pass(NamedTuple):
    """One time of an operation: its calls, and the numbers of the planes that it starts from and ends in."""

    operation: Operation
    calls: tuple[Call, ...]
    source: int
    result: int


def schedule(operations: Sequence[Operation], layout: PlaneLayout) -> list[Pass]:
    """List all times of all operations: the result of one is the source of the next."""
    planes = list(range(max(operation.plan.n_arrays for operation in operations)))
    passes = []
    for operation in operations:
        plan = operation.plan
        calls = place_steps(plan, layout.strides, layout.start, layout.stop)
        for _ in range(operation.times):
            renamed = tuple(call.among(planes) for call in calls)
            passes.append(Pass(operation, renamed, planes[0], planes[plan.result]))
            planes[0], planes[plan.result] = planes[plan.result], planes[0]
    return passes


@has_twin("morphology.sweeps")
def sweep(
    masks: BoolArray,
    operations: tuple[Operation, ...],
    *,
    limit: BoolArray | None = None,
    margin: Shape | None = None,
) -> BoolArray:
    """Apply operations one after another to masks of shape (n, *image_shape), in one pass.

    With `limit`, masks of the same shape, each result is cut to them. With `margin`, the images are
    first made larger, by that number of pixels of background at each end of their axes, and cut back
    after all.
    """
    return sweep_planes(masks, operations, limit=limit, margin=margin)


def sweep_planes(
    masks: BoolArray,
    operations: tuple[Operation, ...],
    *,
    limit: BoolArray | None = None,
    margin: Shape | None = None,
) -> BoolArray:
    """Do what `sweep` does by NumPy."""
    margin = margin or (0,) * (masks.ndim - 1)
    result = np.empty(masks.shape, dtype=np.bool_)
    for batch in cut_batches(masks.shape, reach_of(operations)):
        shape = (batch.n_images, *batch.window)
        machine = _find_machine(shape, operations, margin)
        lanes, parts = batch.lanes(masks), batch.parts(result)
        limits = None if limit is None else batch.lanes(limit)
        for place, moves in batch.tiles:
            images = machine.run(lanes[place], None if limits is None else limits[place])
            for first, source, part, target in moves:
                unpack(np.ascontiguousarray(images[source]), parts[part][target], first)
    return result


@lru_cache(maxsize=64)
def reach_of(operations: tuple[Operation, ...]) -> Shape:
    """Return how far the operations reach together, along each axis."""
    reaches = ([o.times * width for width in o.plan.reach] for o in operations)
    return tuple(map(sum, zip(*reaches, strict=True)))


class _Machine:
    """The memory for tiles of one shape, (n_images, *window), and all calls to be made on it."""

    def __init__(self, shape: Shape, operations: Sequence[Operation], margin: Shape) -> None:
        self.layout = PlaneLayout.of(shape, operations, margin)
        self.passes = schedule(operations, self.layout)
        n_planes = max(operation.plan.n_arrays for operation in operations)
        self.planes = [np.empty(self.layout.size, dtype=np.uint8) for _ in range(n_planes)]
        self.limit = np.empty(self.layout.size, dtype=np.uint8)
        self.packed = np.empty(shape, dtype=np.uint8)
        self.calls = [[self.bind(call) for call in each.calls] for each in self.passes]

    def bind(self, call: Call) -> list[ByteArray]:
        """View the pixels of a call: two operands and the target."""
        places = (*call.sources, (call.target, call.start))
        return [self.planes[number][place : place + call.size] for number, place in places]

    def run(self, lanes: BoolArray, limits: BoolArray | None) -> ByteArray:
        """Carry out the operations on a tile, and return its images, packed."""
        first = self.passes[0]
        self.load(lanes, self.planes[first.source], outside=first.operation.outside)
        if limits is not None:
            self.load(limits, self.limit, outside=False)
        for number, (each, calls) in enumerate(zip(self.passes, self.calls, strict=True)):
            if number:
                self.fill_gaps(self.planes[each.source], outside=each.operation.outside)
            for operand, other, target in calls:
                each.operation.combine(operand, other, target)
            if limits is not None:
                result = self.planes[each.result]
                np.bitwise_and(result, self.limit, result)
        return self.images(self.planes[self.passes[-1].result])

    def load(self, lanes: BoolArray, plane: ByteArray, *, outside: bool) -> None:
        """Pack masks into a plane."""
        plane.fill(255 * outside)
        pack(lanes, self.packed)
        self.images(plane)[...] = self.packed

    def images(self, plane: ByteArray) -> ByteArray:
        """View the images in a plane, without gaps and margins."""
        return plane[: self.layout.stop].reshape(self.layout.padded)[self.layout.inside]

    def fill_gaps(self, plane: ByteArray, *, outside: bool) -> None:
        """Overwrite what was shifted out of the images."""
        padded = plane[: self.layout.stop].reshape(self.layout.padded)
        for axis, gap in enumerate(self.layout.gap, start=1):
            padded[(slice(None),) * axis + (slice(gap),)] = 255 * outside
        plane[self.layout.stop :] = 255 * outside


_thread = threading.local()


def _find_machine(shape: Shape, operations: Sequence[Operation], margin: Shape) -> _Machine:
    """Find a machine that this thread has used before, or make one."""
    if prod(shape) > _KEPT_PIXELS:
        return _Machine(shape, operations, margin)
    if not hasattr(_thread, "machines"):
        _thread.machines = lru_cache(maxsize=4)(_Machine)
    machines: Callable[..., _Machine] = _thread.machines
    return machines(shape, operations, margin)
