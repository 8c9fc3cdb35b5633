"""Morphology of small images on words of 64 pixels, for `skmask._kernels.compiled.morphology.sweeps`.

To lay out lanes and tiles for a new shape takes longer than all work on a small image. Here all images lie in
one plane, row by row, and all numbers follow from their shape. A row fills whole words, the last of them with
what lies outside; other axes begin with a gap of it::

    gap      0000 0000 0000 0000 | 0000 0000 0000 0000
    row 0    0110 0111 1110 0011 | 1000 0000 0000 0000      17 pixels
    row 1    1110 0011 0000 0000 | 0000 0000 0000 0000

A shift by any offset is one distance in the plane: of words, and of bits that come from the word beside. A
step joins three shifted planes. All operations are dilations: an erosion flips all bits before and after.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.bits import LEAST, pack_rows, read_between, unpack_rows
from skmask._kernels.compiled.jit import as_source, find_memory, jit
from skmask._kernels.morphology.engine import Operation
from skmask._kernels.morphology.plans import Step, widen

__all__ = ["sweep_small"]

Shape = tuple[int, ...]

# Planes that the steps of a plan join; here a step joins three.
_WIDEST = 6

_0, _1, _2, _4, _6, _63 = (np.uint64(n) for n in (0, 1, 2, 4, 6, 63))


def sweep_small(
    masks: BoolArray, operations: tuple[Operation, ...], margin: Shape | None
) -> BoolArray:
    """Apply operations one after another to masks of shape (n, *image_shape), of three axes at most."""
    if masks.size < LEAST:
        return sweep_small(np.resize(masks, (LEAST, *masks.shape[1:])), operations, margin)[
            : len(masks)
        ]
    size, layout, steps = _plan(masks.shape, operations, margin)
    result = np.empty(masks.shape, np.bool_)
    _run(as_source(masks.ravel()), result.ravel(), find_memory(size), layout, steps)
    return result


# Tables are written as lists of integers, and read as records, which have names for the columns. They are
# unsigned, since numba tests signed indices for being negative and then finds no vectors.
_U = np.uint64

# Numbers of images, and of slices, rows and pixels of an image; slices and rows of an image in a plane, and
# words of a row, with margins and gaps; the gaps, and the pixels of a row that are none; first word of the
# first image, words of all images, and words that are reached past them.
_LAYOUT = np.dtype(
    [
        *(
            (name, _U)
            for name in ("n_images", "depth", "height", "width", "slices", "rows", "words")
        ),
        *((name, _U) for name in ("gap_z", "gap_y", "filled", "first", "size", "lead")),
    ]
)

# A plane moved along three axes.
_MOVED = np.dtype([(name, _U) for name in ("plane", "z", "y", "x")])

# A step joins three moved planes to some bits of a plane. Before a dilation, bits of the plane are flipped
# and all gaps filled with what lies outside. The last step saves the plane.
_STEPS = np.dtype(
    [
        *((name, _U) for name in ("kind", "plane", "flip", "outside", "kept")),
        *((name, _MOVED) for name in "abc"),
    ]
)
_SURROUND, _JOIN, _SAVE = range(3)


class _Program(NamedTuple):
    """Steps, the number of their planes, and how far one of them reaches along three axes."""

    steps: Array
    n_planes: int
    gap: Shape


@lru_cache(maxsize=256)
def _write(operations: tuple[Operation, ...]) -> _Program:
    """Write a program."""
    widened = [each._replace(plan=widen(each.plan, _WIDEST)) for each in operations]
    n_planes = max(operation.plan.n_arrays for operation in widened)
    planes = list(range(n_planes))
    steps = []
    for operation in widened:
        plan, flip = operation.plan, -(operation.combine is np.bitwise_and)
        for _ in range(operation.times):
            steps.append([_SURROUND, planes[0], flip, flip ^ -operation.outside, *(0,) * 13])
            steps += (joined for step in plan.steps for joined in _list_joins(step, planes))
            planes[0], planes[plan.result] = planes[plan.result], planes[0]
    steps.append([_SAVE, planes[0], flip, *(0,) * 14])
    gap = tuple(map(max, zip(*(operation.plan.reach for operation in operations), strict=True)))
    return _Program(_records(_STEPS, steps), n_planes, _padded(gap, 0))


def _list_joins(step: Step, planes: Sequence[int]) -> Iterator[list[int]]:
    """List the steps that join the planes of a step of a plan, three at a time."""
    target = planes[step.target]
    moved = [
        [planes[array], *_padded(shift, 0)] for array, shift in step.sources if array != step.target
    ]
    kept = -(len(moved) < len(step.sources))
    for first in range(0, len(moved), 3):
        some = moved[first : first + 3]
        # The last one stands for those that are not there.
        some += some[-1:] * (3 - len(some))
        yield [_JOIN, target, 0, 0, kept, *chain(*some)]
        kept = -1


def _records(kind: np.dtype[np.void], rows: list[list[int]]) -> Array:
    return np.array(rows, np.int64).reshape(-1).view(kind)


def _padded(numbers: Shape, missing: int) -> Shape:
    """Return numbers for three axes."""
    return (*(missing,) * (3 - len(numbers)), *numbers)


@lru_cache(maxsize=256)
def _plan(
    shape: Shape, operations: tuple[Operation, ...], margin: Shape | None
) -> tuple[int, Array, Array]:
    """Return the words of memory for masks of a shape, how they lie in a plane, and the steps."""
    steps, n_planes, (gap_z, gap_y, gap_x) = _write(operations)
    n_images, *image = shape
    depth, height, width = _padded(tuple(image), 1)
    margin_z, margin_y, margin_x = _padded(margin or (), 0)
    slices, rows = gap_z + depth + 2 * margin_z, gap_y + height + 2 * margin_y
    start = margin_x + 63 >> 6
    filled = 64 * start + width + margin_x
    words = filled + gap_x + 63 >> 6
    lead = (gap_z * rows + gap_y) * words + (gap_x >> 6) + 2
    first = 2 * lead + ((gap_z + margin_z) * rows + gap_y + margin_y) * words + start
    size = n_images * slices * rows * words
    numbers = [
        n_images,
        depth,
        height,
        width,
        slices,
        rows,
        words,
        gap_z,
        gap_y,
        filled,
        first,
        size,
        lead,
    ]
    return n_planes * (size + 4 * lead), _records(_LAYOUT, [numbers]), steps


@jit
def _run(source: Any, target: Any, planes: Any, layouts: Any, steps: Any) -> None:
    """Carry out all steps."""
    layout = layouts[0]
    size = layout.size + _4 * layout.lead
    # Margins need no flip, as the first operation is a dilation then.
    flipped = steps[0].flip
    _load(source, planes, layout, flipped)
    is_new = True
    for step in steps:
        plane = step.plane * size
        if step.kind == _JOIN:
            _join(planes, plane, size, step, layout)
        elif step.kind == _SURROUND:
            if step.flip != flipped or step.outside or not is_new:
                _surround(planes, plane, layout, step.flip ^ flipped, step.outside)
            flipped, is_new = step.flip, False
        else:
            _save(planes, plane, step.flip, target, layout)


@jit
def _load(masks: Any, planes: Any, layout: Any, flip: Any) -> None:
    """Pack masks among zeros, to the first plane."""
    for i in range(layout.size + _4 * layout.lead):
        planes[i] = _0
    pixel, height, width = _0, layout.height, layout.width
    for image in range(layout.n_images):
        word = layout.first + image * layout.slices * layout.rows * layout.words
        for _ in range(layout.depth):
            pack_rows(masks, pixel, height, width, planes, word, layout.words, flip)
            pixel += height * width
            word += layout.rows * layout.words


@jit
def _save(planes: Any, plane: Any, flip: Any, masks: Any, layout: Any) -> None:
    """Unpack masks from a plane."""
    pixel, height, width = _0, layout.height, layout.width
    for image in range(layout.n_images):
        word = plane + layout.first + image * layout.slices * layout.rows * layout.words
        for _ in range(layout.depth):
            unpack_rows(planes, word, layout.words, flip, masks, pixel, height, width)
            pixel += height * width
            word += layout.rows * layout.words


@jit
def _surround(planes: Any, plane: Any, layout: Any, flip: Any, outside: Any) -> None:
    """Flip the bits of a plane, and write what lies outside to all gaps."""
    row, stop = plane + _2 * layout.lead, plane + layout.size + _4 * layout.lead
    whole, inside = layout.filled >> _6, (_1 << (layout.filled & _63)) - _1
    for i in range(plane, stop):
        planes[i] ^= flip
    _fill(planes, plane, row, outside)
    for _ in range(layout.n_images):
        for z in range(layout.slices):
            for y in range(layout.rows):
                first = row
                if z >= layout.gap_z and y >= layout.gap_y:
                    first += whole
                    if inside:
                        planes[first] = (planes[first] & inside) | (outside & ~inside)
                        first += _1
                row += layout.words
                _fill(planes, first, row, outside)
    _fill(planes, row, stop, outside)


@jit
def _fill(planes: Any, start: Any, stop: Any, word: Any) -> None:
    for i in range(start, stop):
        planes[i] = word


@jit
def _join(planes: Any, plane: Any, size: Any, step: Any, layout: Any) -> None:
    """Join three moved planes to what is kept of a plane."""
    kept = step.kept
    a, m = _find(step.a, size, layout)
    b, n = _find(step.b, size, layout)
    c, o = _find(step.c, size, layout)
    next_a, next_b, next_c = a + _1, b + _1, c + _1
    for i in range(layout.lead, size - layout.lead):
        joined = read_between(planes[a + i], planes[next_a + i], m)
        joined |= read_between(planes[b + i], planes[next_b + i], n)
        joined |= read_between(planes[c + i], planes[next_c + i], o)
        planes[plane + i] = planes[plane + i] & kept | joined


@jit
def _find(moved: Any, size: Any, layout: Any) -> Any:
    """Return the first word of a moved plane, and the bit of it that comes first."""
    words = (moved.z * layout.rows + moved.y) * layout.words + np.uint64(-(np.int64(-moved.x) >> 6))
    return moved.plane * size - words, -moved.x & _63
