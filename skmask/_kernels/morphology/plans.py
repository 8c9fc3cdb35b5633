"""Plans: how to dilate by a footprint in few steps.

A dilation is the union of the mask shifted by every offset in the footprint. Many offsets share their
work: a run of pixels is two runs of half the length beside each other, rows with the same runs take
them from one place, and so on through all axes. A plan is what is left to do, as a list of steps, each
of which joins two shifted arrays to a new one. Erosion takes the same steps, and intersects.

Where images lie in flat arrays, a shift is a distance. `place_steps` turns the steps into calls on slices.

NumPy joins two arrays at a time. Compiled code joins more of them while it reads and writes memory once:
`widen` merges steps, so that a cross of five pixels is a single step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from skmask._kernels.arrays import BoolArray

__all__ = ["Call", "Plan", "Ref", "Step", "distance_of", "place_steps", "plan_union", "widen"]

Offset = tuple[int, ...]


class Ref(NamedTuple):
    """An array, by its number, and where it goes: its pixel ``x`` to ``x + shift``."""

    array: int
    shift: Offset

    def by(self, shift: Offset) -> "Ref":
        """Shift further, along the first axes."""
        missing = len(self.shift) - len(shift)
        return Ref(
            self.array,
            tuple(a + b for a, b in zip(self.shift, shift + (0,) * missing, strict=True)),
        )


# Arrays that a step joins.
Sources = tuple[Ref, ...]


class Step(NamedTuple):
    """Join two shifted arrays elementwise, or more of them, to array `target`."""

    target: int
    sources: Sources


@dataclass(frozen=True, eq=False)
class Plan:
    """Steps from array 0, the mask, to array `result`, by way of `n_arrays` arrays in all.

    `reach` is the greatest distance of an offset from the center, along each axis.
    """

    steps: tuple[Step, ...]
    result: int
    n_arrays: int
    reach: Offset


class Call(NamedTuple):
    """A step that computes the pixels from `start` on of its target, `size` of them."""

    target: int
    start: int
    size: int
    sources: tuple[tuple[int, int], ...]  # arrays, and where to start in them

    def among(self, arrays: Sequence[int]) -> "Call":
        """Return the call with other numbers for its arrays."""
        sources = tuple((arrays[array], place) for array, place in self.sources)
        return self._replace(target=arrays[self.target], sources=sources)


def plan_union(footprint: BoolArray) -> Plan:
    """Plan the union of a mask shifted by every offset of a footprint from its center."""
    return _plan(footprint.shape, np.packbits(footprint).tobytes())


@lru_cache(maxsize=256)
def _plan(shape: tuple[int, ...], packed: bytes) -> Plan:
    draft = _Draft(len(shape))
    pixels = np.unpackbits(np.frombuffer(packed, np.uint8), count=prod(shape)).view(np.bool_)
    result = draft.spread(draft.mask, pixels.reshape(shape))
    return draft.finish(result, tuple(size // 2 for size in shape))


@lru_cache(maxsize=256)
def widen(plan: Plan, most: int) -> Plan:
    """Merge steps into the only ones that read their targets, as long as these join `most` arrays at most."""
    # Every step has a target of its own here, and array 0 is the mask.
    joins: list[Sources] = [()]
    current = {0: 0}
    for step in plan.steps:
        joins.append(tuple(Ref(current[ref.array], ref.shift) for ref in step.sources))
        current[step.target] = len(joins) - 1
    result = current[plan.result]
    readers: list[set[int]] = [set() for _ in joins]
    for number, sources in enumerate(joins):
        for ref in sources:
            readers[ref.array].add(number)
    for number in range(1, len(joins)):
        # Arrays that are read in the place of others may be read by this step alone, too.
        waiting = {ref.array for ref in joins[number]}
        while waiting:
            other = waiting.pop()
            if not other or len(readers[other]) > 1:
                continue
            wide = _in_place_of(joins[number], other, joins[other])
            if len(wide) <= most:
                for ref in joins[other]:
                    readers[ref.array].discard(other)
                    readers[ref.array].add(number)
                joins[number], joins[other] = wide, ()
                waiting |= {ref.array for ref in wide}
    kept = [number for number, sources in enumerate(joins) if sources]
    numbers = {number: place for place, number in enumerate([0, *kept])}
    renumbered = [
        tuple(Ref(numbers[ref.array], ref.shift) for ref in joins[number]) for number in kept
    ]
    return _find_homes(renumbered, numbers[result], plan.reach)


@lru_cache(maxsize=64)
def place_steps(plan: Plan, strides: Offset, start: int, stop: int) -> tuple[Call, ...]:
    """Place the steps of a plan in flat arrays, each to compute what later steps read of its target.

    Parameters
    ----------
    plan : Plan
    strides : tuple of int
        Distance of neighbors along each axis.
    start, stop : int
        Pixels of the result that are needed.
    """
    calls = []
    needed = {plan.result: (start, stop)}
    for step in reversed(plan.steps):
        first, last = needed.pop(step.target)
        sources = []
        for ref in step.sources:
            distance = distance_of(ref.shift, strides)
            sources.append((ref.array, first - distance))
            known = needed.get(ref.array, (first - distance, last - distance))
            needed[ref.array] = min(known[0], first - distance), max(known[1], last - distance)
        calls.append(Call(step.target, first, last - first, tuple(sources)))
    return tuple(calls[::-1])


def distance_of(offset: Sequence[int], strides: Sequence[int]) -> int:
    """Return how far a pixel moves in a flat array when it is shifted."""
    return sum(shift * stride for shift, stride in zip(offset, strides, strict=True))


class _Draft:
    """A plan in the making, in which every step has a target of its own."""

    def __init__(self, ndim: int) -> None:
        self.mask = Ref(0, (0,) * ndim)
        self.joins: list[Sources] = []
        self.runs: dict[tuple[int, int], dict[int, Ref]] = {}

    def join(self, first: Ref | None, second: Ref) -> Ref:
        """Join two arrays, if there are two."""
        if first is None:
            return second
        self.joins.append((first, second))
        return Ref(len(self.joins), self.mask.shift)

    def spread(self, source: Ref, footprint: BoolArray) -> Ref:
        """Spread an array by a footprint, whose axes are the first ones of the image."""
        if footprint.ndim == 1:
            return self.spread_line(source, footprint, axis=0)
        lines = footprint.reshape(-1, footprint.shape[-1])
        patterns = lines[:1] if lines.all() else np.unique(lines[lines.any(axis=1)], axis=0)
        total = None
        for pattern in patterns[np.argsort(patterns.sum(axis=1), kind="stable")]:
            line = self.spread_line(source, pattern, axis=footprint.ndim - 1)
            outer = footprint.shape[:-1]
            places = (lines == pattern).all(axis=1).reshape(outer)
            # Wherever the footprint holds more than the pattern, the pattern does no harm.
            allowed = (lines >= pattern).all(axis=1).reshape(outer)
            if places.sum() > 2 and _n_joins(allowed) < places.sum() - 1:
                total = self.join(total, self.spread(line, allowed))
            else:
                for place in np.argwhere(places) - np.array(outer) // 2:
                    total = self.join(total, line.by(tuple(place.tolist())))
        assert total is not None
        return total

    def spread_line(self, source: Ref, line: BoolArray, axis: int) -> Ref:
        """Spread an array along one axis by the runs of pixels in a line."""
        changes = np.flatnonzero(np.diff(line, prepend=False, append=False))
        total = None
        for start, end in changes.reshape(-1, 2).tolist():
            shift = (0,) * axis + (start - line.size // 2,)
            total = self.join(total, self.spread_run(source, end - start, axis).by(shift))
        assert total is not None
        return total

    def spread_run(self, source: Ref, length: int, axis: int) -> Ref:
        """Spread an array by offsets 0 to `length` - 1, from a run that is half as long or longer."""
        base = Ref(source.array, self.mask.shift)
        runs = self.runs.setdefault((source.array, axis), {1: base})
        if length not in runs:
            shorter = max(known for known in runs if known < length)
            if 2 * shorter < length:
                shorter = (length + 1) // 2
                self.spread_run(base, shorter, axis)
            shift = (0,) * axis + (length - shorter,)
            runs[length] = self.join(runs[shorter], runs[shorter].by(shift))
        return runs[length].by(source.shift)

    def finish(self, result: Ref, reach: Offset) -> Plan:
        """Write the steps down, using arrays again once nobody asks for their content."""
        if any(result.shift):
            if result.array == 0 or result.array < len(self.joins):
                self.join(Ref(result.array, self.mask.shift), Ref(result.array, self.mask.shift))
            first, second = self.joins[-1]
            self.joins[-1] = (first.by(result.shift), second.by(result.shift))
            result = Ref(len(self.joins), self.mask.shift)
        return _find_homes(self.joins, result.array, reach)


def _in_place_of(sources: Sources, array: int, inner: Sources) -> Sources:
    """Read what an array was joined of, and not the array itself."""
    merged: dict[Ref, None] = {}
    for ref in sources:
        replaced = [one.by(ref.shift) for one in inner] if ref.array == array else [ref]
        merged |= dict.fromkeys(replaced)
    return tuple(merged)


def _find_homes(joins: Sequence[Sources], result: int, reach: Offset) -> Plan:
    """Write down joins of arrays, each to the next array, using arrays again once nobody asks for them."""
    last_use = {ref.array: number for number, sources in enumerate(joins) for ref in sources}
    last_use[result] = len(joins)
    homes, steps = {0: 0}, []
    free: list[int] = []
    n_arrays = 1
    for number, sources in enumerate(joins):
        ending = {ref.array for ref in sources if last_use[ref.array] == number}
        shifted = {ref.array for ref in sources if any(ref.shift)}
        if (in_place := ending - shifted) and len(sources) == 2:
            home = homes[min(in_place)]
        elif free:
            home = free.pop()
        else:
            home = n_arrays
            n_arrays += 1
        steps.append(Step(home, tuple(Ref(homes[ref.array], ref.shift) for ref in sources)))
        homes[number + 1] = home
        free += sorted({homes[array] for array in ending} - {home})
    return Plan(tuple(steps), homes[result], n_arrays, reach)


def _n_joins(footprint: BoolArray) -> int:
    return len(plan_union(footprint).steps)
