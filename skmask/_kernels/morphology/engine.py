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
from skmask._kernels.morphology.bitplane import pack, unpack
from skmask._kernels.morphology.plans import Plan
from skmask._kernels.morphology.tiles import cut_batches

__all__ = ["Operation", "sweep"]

Shape = tuple[int, ...]

# Pixels of a tile whose memory a thread keeps for its next call: new memory costs as much as the work.
KEPT_SIZE = 1 << 19


class Operation(NamedTuple):
    """Dilation (`combine` is `numpy.bitwise_or`) or erosion (``bitwise_and``), some `times` over.

    `outside` is the value of what lies outside of the image, each time.
    """

    plan: Plan
    combine: np.ufunc
    outside: bool
    times: int = 1


class Pass(NamedTuple):
    """One time of an operation: its calls, two operands and a target each, and the planes at its ends."""

    operation: Operation
    calls: list[list[ByteArray]]
    source: ByteArray
    result: ByteArray


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
    margin = margin or (0,) * (masks.ndim - 1)
    result = np.empty(masks.shape, dtype=np.bool_)
    for batch in cut_batches(masks.shape, _reach(operations)):
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
def _reach(operations: tuple[Operation, ...]) -> Shape:
    """Return how far the operations reach together, along each axis."""
    reaches = ([o.times * width for width in o.plan.reach] for o in operations)
    return tuple(map(sum, zip(*reaches, strict=True)))


class _Machine:
    """The memory for tiles of one shape, (n_images, *window), and all calls to be made on it."""

    def __init__(self, shape: Shape, operations: Sequence[Operation], margin: Shape) -> None:
        reaches = [operation.plan.reach for operation in operations]
        self.gap = tuple(max(reach) for reach in zip(*reaches, strict=True))
        sides = list(zip(self.gap, margin, shape[1:], strict=True))
        self.padded = (shape[0], *(gap + 2 * width + size for gap, width, size in sides))
        self.inside = (
            slice(None),
            *(slice(gap + width, gap + width + size) for gap, width, size in sides),
        )
        self.strides = [prod(self.padded[axis:]) for axis in range(2, len(shape) + 1)]
        # Before the first pixel there is a gap along every axis, and so there is after the last.
        self.start = self.distance(self.gap)
        self.stop = prod(self.padded)
        n_planes = max(operation.plan.n_arrays for operation in operations)
        self.planes = [self.new_plane() for _ in range(n_planes)]
        self.limit = self.new_plane()
        self.packed = np.empty(shape, dtype=np.uint8)
        self.passes = self.schedule(operations)

    def new_plane(self) -> ByteArray:
        """Make a plane, of whatever content."""
        return np.empty(self.stop + self.start, dtype=np.uint8)

    def distance(self, offset: Sequence[int]) -> int:
        """Return how far a pixel moves in a plane when it is shifted."""
        return sum(shift * stride for shift, stride in zip(offset, self.strides, strict=True))

    def schedule(self, operations: Sequence[Operation]) -> list[Pass]:
        """Lay out all times of all operations: the result of one is the source of the next."""
        passes = []
        planes = self.planes.copy()
        for operation in operations:
            result = operation.plan.result
            known: dict[int, list[list[ByteArray]]] = {}
            for _ in range(operation.times):
                key = id(planes[0])
                if key not in known:
                    known[key] = self.bind(operation.plan, planes)
                passes.append(Pass(operation, known[key], planes[0], planes[result]))
                planes[0], planes[result] = planes[result], planes[0]
        return passes

    def bind(self, plan: Plan, planes: Sequence[ByteArray]) -> list[list[ByteArray]]:
        """Place the steps of a plan, each to compute what later steps read of its target."""
        calls = []
        needed = {plan.result: (self.start, self.stop)}
        for step in reversed(plan.steps):
            start, stop = needed.pop(step.target)
            views = []
            for ref in (step.first, step.second):
                distance = self.distance(ref.shift)
                first, last = start - distance, stop - distance
                views.append(planes[ref.array][first:last])
                known = needed.get(ref.array, (first, last))
                needed[ref.array] = min(known[0], first), max(known[1], last)
            calls.append([*views, planes[step.target][start:stop]])
        return calls[::-1]

    def run(self, lanes: BoolArray, limits: BoolArray | None) -> ByteArray:
        """Carry out the operations on a tile, and return its images, packed."""
        operation, _, source, _ = self.passes[0]
        self.load(lanes, source, outside=operation.outside)
        if limits is not None:
            self.load(limits, self.limit, outside=False)
        for number, (operation, calls, source, result) in enumerate(self.passes):
            if number:
                self.fill_gaps(source, outside=operation.outside)
            for first, second, target in calls:
                operation.combine(first, second, target)
            if limits is not None:
                np.bitwise_and(result, self.limit, result)
        return self.images(result)

    def load(self, lanes: BoolArray, plane: ByteArray, *, outside: bool) -> None:
        """Pack masks into a plane."""
        plane.fill(255 * outside)
        pack(lanes, self.packed)
        self.images(plane)[...] = self.packed

    def images(self, plane: ByteArray) -> ByteArray:
        """View the images in a plane, without gaps and margins."""
        return plane[: self.stop].reshape(self.padded)[self.inside]

    def fill_gaps(self, plane: ByteArray, *, outside: bool) -> None:
        """Overwrite what was shifted out of the images."""
        padded = plane[: self.stop].reshape(self.padded)
        for axis, gap in enumerate(self.gap, start=1):
            padded[(slice(None),) * axis + (slice(gap),)] = 255 * outside
        plane[self.stop :] = 255 * outside


_thread = threading.local()


def _find_machine(shape: Shape, operations: Sequence[Operation], margin: Shape) -> _Machine:
    """Find a machine that this thread has used before, or make one."""
    if prod(shape) > KEPT_SIZE:
        return _Machine(shape, operations, margin)
    if not hasattr(_thread, "machines"):
        _thread.machines = lru_cache(maxsize=4)(_Machine)
    machines: Callable[..., _Machine] = _thread.machines
    return machines(shape, operations, margin)
