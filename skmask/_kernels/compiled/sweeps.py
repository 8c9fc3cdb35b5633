"""Twin of `skmask._kernels.morphology.engine.sweep`: all steps on all tiles of a batch in one call.

Tiles and planes are those of the NumPy engine. A program says in tables of integers which pixels of the masks
go to a plane, which slices of planes are joined, and which pixels of a plane go to the result. Pixels are
packed and unpacked in lines: pieces of the masks, a lane each, that are as long as possible::

    masks    [ band 0 | band 1 | ... | band 7 ]     eight lines
    packed   [ a byte for each pixel of a lane ]    one line
    plane    [ gap, row | gap, row | ... ]          the rows of the line, each behind a gap

A step joins up to five slices. Most steps of small footprints then read nothing but pixels that are in the
first-level cache, since those around a pixel are.

Tables are unsigned, since numba tests signed indices for being negative and then finds no vectors.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray, ByteArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.morphology.bitplane import LANES
from skmask._kernels.morphology.engine import Operation, PlaneLayout, reach_of, schedule
from skmask._kernels.morphology.plans import widen
from skmask._kernels.morphology.tiles import Batch, cut_batches

Shape = tuple[int, ...]

# Slices that a step joins.
_WIDEST = 5

# Pixels that are unpacked for all lanes while they are in the first-level cache.
_PIECE = np.uint64(1 << 12)

_ONE = np.uint8(1)

# Bytes of memory that a thread keeps for its next call: new memory costs as much as the work.
_KEPT_SIZE = 1 << 22


def sweep(
    masks: BoolArray,
    operations: tuple[Operation, ...],
    *,
    limit: BoolArray | None = None,
    margin: Shape | None = None,
) -> BoolArray:
    """Apply operations one after another to masks of shape (n, *image_shape), in one pass."""
    if masks.ndim > 4:
        return NotImplemented
    result = np.empty(masks.shape, np.bool_)
    source, target = _line(masks), result.reshape(-1).view(np.uint8)
    limits = source[:0] if limit is None else _line(limit)
    for size, tables in _programs(masks.shape, operations, margin, limit is not None):
        _run(source, limits, target, _find_memory(size), *tables)
    return result


def _line(masks: BoolArray) -> ByteArray:
    """View masks as one line of bytes."""
    line: ByteArray = np.ascontiguousarray(masks).reshape(-1).view(np.uint8)
    line.flags.writeable = False  # numba would compile once for each of both kinds
    return line


_thread = threading.local()


def _find_memory(size: int) -> ByteArray:
    """Return memory of this thread, which is kept for its next call unless it is large."""
    memory: ByteArray | None = getattr(_thread, "memory", None)
    if memory is None or memory.size < size:
        memory = np.empty(size, np.uint8)
        if size <= _KEPT_SIZE:
            _thread.memory = memory
    return memory


class _Program(NamedTuple):
    """Bytes of memory that a batch takes, and the tables of `_run`.

    Lines are described by the place of the first, their number along three axes, their length and the
    distances along these axes.

    ======= ============================================================================================
    numbers places of packed pixels, the limit and the result in memory; size of a plane; outside
    lanes   where lanes begin in the masks, from where the first one does
    planes  lines of the images in a plane; shape of a plane; its gaps; how much follows the last image
    tiles   lines of the masks; number of moves
    moves   lines of a plane; lines of the masks; the first lane and the end of lanes
    steps   number of sources; place of the target in memory; size of the slices; whether they intersect;
            places of the sources. Or no sources; place of a plane; 0; what lies outside of the images
    ======= ============================================================================================
    """

    size: int
    tables: tuple[Array, ...]


@lru_cache(maxsize=64)
def _programs(
    shape: Shape, operations: tuple[Operation, ...], margin: Shape | None, has_limit: bool
) -> list[_Program]:
    """Write the programs of all batches of masks of a shape."""
    margin = margin or (0,) * (len(shape) - 1)
    batches = cut_batches(shape, reach_of(operations))
    return [_write(batch, shape, operations, margin, has_limit) for batch in batches]


def _write(
    batch: Batch, shape: Shape, operations: tuple[Operation, ...], margin: Shape, has_limit: bool
) -> _Program:
    operations = tuple(one._replace(plan=widen(one.plan, _WIDEST)) for one in operations)
    window = (batch.n_images, *batch.window)
    layout = PlaneLayout.of(window, operations, margin)
    n_planes = max(operation.plan.n_arrays for operation in operations)
    limit, packed = n_planes * layout.size, (n_planes + has_limit) * layout.size
    steps, result = _list_steps(operations, layout, limit if has_limit else None)

    strides = tuple(prod(shape[axis:]) for axis in range(1, len(shape) + 1))
    in_plane = (prod(layout.padded[1:]), *layout.strides)
    inside = _place(layout.inside, in_plane)
    first, spacing = batch.samples.start * strides[0], batch.spacing * strides[1]
    between = spacing or batch.n_images * strides[0]
    # Where the parts of a batch begin: all lanes, and the ends of images that are cut into bands.
    parts = [first, first, first]
    if spacing:
        parts[0] += batch.head * strides[1]
        parts[2] = parts[0] + LANES * spacing
    tiles, moves = [], []
    for place, own_moves in batch.tiles:
        start = first + _place(place[1:], strides)
        tiles.append([*_lines(start, window, strides), len(own_moves)])
        for lane, source, part, target in own_moves:
            kept = (batch.n_images, *(cut.stop - cut.start for cut in source[1:]))
            from_plane = _lines(inside + _place(source, in_plane), kept, in_plane)
            # The target holds no other lane than that of an end.
            start = parts[part] + _place(target[1:], strides) - lane * between
            to_masks = _lines(start, kept, strides)
            moves.append([*from_plane, *to_masks, lane, lane + 1 if part else batch.n_lanes])
    missing = 4 - len(window)
    rows = [layout.padded[0], *(1,) * missing, *layout.padded[1:], *(0,) * missing, *layout.gap]
    tables = (
        [packed, limit, result, layout.size, 255 * operations[0].outside],
        # The last lane stands for those that are not there.
        [min(lane, batch.n_lanes - 1) * between for lane in range(LANES)],
        [*_lines(inside, window, in_plane), *rows, layout.start],
        tiles,
        moves,
        steps or np.zeros((0, 4 + _WIDEST)),
    )
    size = packed + prod(window)
    return _Program(size, tuple(np.array(table, np.uint64) for table in tables))


def _list_steps(
    operations: Sequence[Operation], layout: PlaneLayout, limit: int | None
) -> tuple[list[list[int]], int]:
    """List all steps, and return the place of the plane of the result."""
    steps = []
    size = layout.size
    for number, (operation, calls, source, result) in enumerate(schedule(operations, layout)):
        if number:
            steps.append([0, source * size, 0, 255 * operation.outside, *(0,) * _WIDEST])
        intersects = operation.combine is np.bitwise_and
        for to, start, length, sources in calls:
            target = to * size + start
            # A source that is the target comes first, and the last one fills the row.
            places = sorted((plane * size + place for plane, place in sources), key=target.__ne__)
            places += places[-1:] * (_WIDEST - len(places))
            steps.append([len(sources), target, length, intersects, *places])
        if limit is not None:
            places = [result * size, *(limit,) * (_WIDEST - 1)]
            steps.append([2, result * size, size, True, *places])
    return steps, result * size


def _place(cuts: Sequence[slice], strides: Sequence[int]) -> int:
    """Return where a part of an array begins, given slices along its last axes."""
    pairs = zip(cuts[::-1], strides[::-1], strict=False)
    return sum(cut.start * stride for cut, stride in pairs if cut.start)


def _lines(first: int, sizes: Sequence[int], strides: Sequence[int]) -> list[int]:
    """Describe pixels by lines, of which as many are joined as lie behind each other."""
    *sizes, length = sizes
    *strides, _ = strides
    while sizes and strides[-1] == length:
        length *= sizes.pop()
        strides.pop()
    missing = 3 - len(sizes)
    return [first, *(1,) * missing, *sizes, length, *(0,) * missing, *strides]


@jit
def _run(
    source: Any,
    limit: Any,
    target: Any,
    memory: Any,
    numbers: Any,
    lanes: Any,
    planes: Any,
    tiles: Any,
    moves: Any,
    steps: Any,
) -> None:
    """Carry out a program."""
    move = 0
    for tile in tiles:
        _load(source, tile, lanes, memory, numbers[0], np.uint64(0), numbers[3], numbers[4], planes)
        if limit.size:
            _load(
                limit, tile, lanes, memory, numbers[0], numbers[1], numbers[3], np.uint64(0), planes
            )
        for step in steps:
            if step[0]:
                _join(memory, step)
            else:
                _fill_gaps(memory, step[1], step[3], planes)
        for _ in range(tile[8]):
            _save(memory, numbers[0], numbers[2], moves[move], lanes, target)
            move += 1


@jit
def _load(
    masks: Any,
    tile: Any,
    lanes: Any,
    memory: Any,
    packed: Any,
    plane: Any,
    size: Any,
    outside: Any,
    planes: Any,
) -> None:
    """Pack the masks of a tile into a plane."""
    end = packed
    for i in range(tile[1]):
        for j in range(tile[2]):
            for k in range(tile[3]):
                line = tile[0] + i * tile[5] + j * tile[6] + k * tile[7]
                a, b, c, d = line + lanes[0], line + lanes[1], line + lanes[2], line + lanes[3]
                e, f, g, h = line + lanes[4], line + lanes[5], line + lanes[6], line + lanes[7]
                # Shifts by constants stay in bytes; compilers widen others to 64 bits.
                for x in range(tile[4]):
                    low = masks[a + x] | masks[b + x] << 1 | masks[c + x] << 2 | masks[d + x] << 3
                    high = masks[e + x] | masks[f + x] << 1 | masks[g + x] << 2 | masks[h + x] << 3
                    memory[end + x] = low | high << 4
                end += tile[4]
    for x in range(size):
        memory[plane + x] = outside
    row = packed
    for i in range(planes[1]):
        for j in range(planes[2]):
            for k in range(planes[3]):
                place = plane + planes[0] + i * planes[5] + j * planes[6] + k * planes[7]
                for x in range(planes[4]):
                    memory[place + x] = memory[row + x]
                row += planes[4]


@jit
def _join(memory: Any, step: Any) -> None:
    """Join slices. An intersection is a union of what lies outside of all, flipped."""
    target, size, a, b = step[1], step[2], step[4], step[5]
    flip = np.uint8(255) if step[3] else np.uint8(0)
    # Vectors need slices that do not overlap, or are known to be the same.
    if step[0] > 2:
        c, d, e = step[6], step[7], step[8]
        for x in range(size):
            joined = (memory[a + x] ^ flip) | (memory[b + x] ^ flip) | (memory[c + x] ^ flip)
            joined |= (memory[d + x] ^ flip) | (memory[e + x] ^ flip)
            memory[target + x] = joined ^ flip
    elif a == target:
        for x in range(size):
            joined = (memory[target + x] ^ flip) | (memory[b + x] ^ flip)
            memory[target + x] = joined ^ flip
    else:
        for x in range(size):
            memory[target + x] = ((memory[a + x] ^ flip) | (memory[b + x] ^ flip)) ^ flip


@jit
def _fill_gaps(memory: Any, plane: Any, outside: Any, planes: Any) -> None:
    """Overwrite what was shifted out of the images of a plane."""
    row = plane
    for _ in range(planes[8]):
        for z in range(planes[9]):
            for y in range(planes[10]):
                is_gap = z < planes[12] or y < planes[13]
                for x in range(planes[11] if is_gap else planes[14]):
                    memory[row + x] = outside
                row += planes[11]
    for x in range(planes[15]):
        memory[row + x] = outside


@jit
def _save(memory: Any, packed: Any, plane: Any, move: Any, lanes: Any, target: Any) -> None:
    """Unpack what is kept of a plane."""
    row = packed
    for i in range(move[1]):
        for j in range(move[2]):
            for k in range(move[3]):
                place = plane + move[0] + i * move[5] + j * move[6] + k * move[7]
                for x in range(move[4]):
                    memory[row + x] = memory[place + x]
                row += move[4]
    row = packed
    for i in range(move[9]):
        for j in range(move[10]):
            for k in range(move[11]):
                line = move[8] + i * move[13] + j * move[14] + k * move[15]
                end = row + move[12]
                while row < end:
                    size = min(_PIECE, end - row)
                    for lane in range(move[16], move[17]):
                        place = line + lanes[lane]
                        bit = np.uint8(1 << lane)
                        for x in range(size):
                            target[place + x] = min(np.uint8(memory[row + x] & bit), _ONE)
                    row += size
                    line += size
