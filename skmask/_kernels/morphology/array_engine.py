"""The engine of binary morphology for arrays of other libraries: the same plans, a byte a pixel.

A plane is flat, as in `skmask._kernels.morphology.engine`, but holds a pixel a byte, and the gaps follow
the images. On a device a step costs about the same for few pixels as for millions, and packing bits takes
more steps than most footprints do.
"""

import operator
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.morphology.engine import Operation
from skmask._kernels.morphology.plans import Call, distance_of, place_steps
from skmask._kernels.pixels.namespaces import namespace

__all__ = ["sweep_array"]

Shape = tuple[int, ...]

# Pixels of a plane, of which a plan may hold a dozen at a time.
BATCH_SIZE = 1 << 26


def sweep_array(masks: Any, operations: Sequence[Operation], *, margin: Shape | None = None) -> Any:
    """Apply operations one after another, as `engine.sweep` does without a limit."""
    layout = _Layout.of(masks.shape[1:], operations, margin or (0,) * (masks.ndim - 1))
    n_images = masks.shape[0]
    step = max(1, BATCH_SIZE // prod(layout.padded))
    swept = []
    for first in range(0, n_images, step):
        batch = (slice(first, min(first + step, n_images)), ...)
        swept.append(_sweep_batch(masks[batch], operations, layout))
    return namespace(masks).concat(swept)


class _Layout(NamedTuple):
    """How images lie in a plane: after a lead, one after another, every axis followed by a gap.

    Attributes
    ----------
    image, margin, padded : tuple of int
        Shape of an image; background around it along each axis; shape with margins and gap.
    strides : tuple of int
        Distance of neighbors along each axis.
    lead : int
        How far the operations reach.
    """

    image: Shape
    margin: Shape
    padded: Shape
    strides: Shape
    lead: int

    @classmethod
    def of(cls, image: Shape, operations: Sequence[Operation], margin: Shape) -> "_Layout":
        """Lay out images of a shape."""
        gap = tuple(map(max, zip(*(each.plan.reach for each in operations), strict=True)))
        padded = tuple(map(sum, zip(image, margin, margin, gap, strict=True)))
        strides = tuple(prod(padded[axis + 1 :]) for axis in range(len(padded)))
        return cls(tuple(image), margin, padded, strides, distance_of(gap, strides))

    def blank(self, masks: Any, *, outside: bool) -> Any:
        """Make a plane for some masks that holds what lies outside."""
        xp = namespace(masks)
        size = self.lead + masks.shape[0] * prod(self.padded)
        return xp.full((size,), outside, dtype=xp.bool, device=masks.device)

    def pixels(self, plane: Any) -> Any:
        """View the images of a plane with their margins and gaps."""
        return namespace(plane).reshape(plane[self.lead :], (-1, *self.padded))

    def images(self, plane: Any) -> Any:
        """View the images of a plane."""
        inner = (
            slice(width, width + size) for width, size in zip(self.margin, self.image, strict=True)
        )
        return self.pixels(plane)[(slice(None), *inner)]

    def fill_gaps(self, plane: Any, *, outside: bool) -> None:
        """Overwrite the lead, and what was shifted out of the images."""
        plane[: self.lead] = outside
        pixels = self.pixels(plane)
        for axis, (size, width) in enumerate(zip(self.image, self.margin, strict=True), start=1):
            after = slice(size + 2 * width, None)
            pixels[(*(slice(None),) * axis, after, ...)] = outside


def _sweep_batch(masks: Any, operations: Sequence[Operation], layout: _Layout) -> Any:
    plane = layout.blank(masks, outside=operations[0].outside)
    layout.images(plane)[...] = masks
    start, stop = layout.lead, plane.shape[0] - layout.lead
    passes = [each for each in operations for _ in range(each.times)]
    for number, operation in enumerate(passes):
        if number:
            layout.fill_gaps(plane, outside=operation.outside)
        calls = place_steps(operation.plan, layout.strides, start, stop)
        plane[start:stop] = _run(calls, plane, operation, start, stop)
    return layout.images(plane)


def _run(calls: Sequence[Call], plane: Any, operation: Operation, start: int, stop: int) -> Any:
    """Carry out the steps, and return the pixels from `start` to `stop` of the result."""
    combine = operator.or_ if operation.combine is np.bitwise_or else operator.and_
    held = {0: (plane, 0)}
    for call in calls:
        first, second = (
            held[array][0][place - held[array][1] :][: call.size] for array, place in call.sources
        )
        held[call.target] = combine(first, second), call.start
    result, first_place = held[operation.plan.result]
    return result[start - first_place : stop - first_place]
