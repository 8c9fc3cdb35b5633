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

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from skmask._kernels.arrays import Array, BoolArray
from skmask._kernels.compiled.jit import as_source, find_memory, jit
from skmask._kernels.compiled.morphology.small_sweeps import sweep_small
from skmask._kernels.morphology.bitplane import LANES
from skmask._kernels.morphology.engine import Operation, PlaneLayout, reach_of, schedule
from skmask._kernels.morphology.plans import widen
from skmask._kernels.morphology.tiles import Batch, cut_batches

Shape = tuple[int, ...]

# Slices that a step joins.
_WIDEST = 5

# Pixels of a single image that is swept as rows of words: to lay out tiles for a new shape takes longer. More
# images have to be smaller, as they fill lanes.
_SMALL_SIZE = 1 << 18

# Pixels that are unpacked for all lanes while they are in the first-level cache.
_PIECE = np.uint64(1 << 12)

_ONE = np.uint8(1)


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
    if len(masks) ** 2 * masks.size <= _SMALL_SIZE and limit is None:
        return sweep_small(masks, operations, margin)
    result = np.empty(masks.shape, np.bool_)
    source, target = as_source(masks.ravel().view(np.uint8)), result.reshape(-1).view(np.uint8)
    limits = source[:0] if limit is None else as_source(limit.ravel().view(np.uint8))
    for size, tables in _programs(masks.shape, operations, margin, limit is not None):
        _run(source, limits, target, find_memory(size).view(np.uint8), *tables)
    return result


# Tables are written as lists of integers, and read as records, which have names for the columns.
_U = np.uint64

# Pixels in lines of one length: where the first begins, and their number and distance along three axes.
_LINES = np.dtype(
    [(name, _U) for name in ("first", "n0", "n1", "n2", "length", "by0", "by1", "by2")]
)

# Where the packed pixels, the limit and the result are in memory; the size of a plane; what lies outside of
# the images; where lanes begin in the masks, from where the first one does; the images in a plane, its shape
# and its gaps, of which the last follows all images.
_LAYOUT = np.dtype(
    [
        *((name, _U) for name in ("packed", "limit", "result", "size", "outside")),
        ("lanes", _U, (LANES,)),
        ("images", _LINES),
        *((name, _U) for name in ("n_images", "depth", "height", "width")),
        *((name, _U) for name in ("gap_z", "gap_y", "gap_x", "end_gap")),
    ]
)

# Pixels of the first lane, in the masks.
_TILES = np.dtype([("lines", _LINES), ("n_moves", _U)])

# Pixels in a plane and in the masks, for lanes from `lane` to before `end`.
_MOVES = np.dtype([("source", _LINES), ("target", _LINES), ("lane", _U), ("end", _U)])

# A step joins slices of memory at `a` to `e`. One without sources fills the gaps of the plane at `target`.
_STEPS = np.dtype(
    [
        *((name, _U) for name in ("n_sources", "target", "size", "intersects", "outside")),
        *((name, _U) for name in "abcde"),
    ]
)


class _Program(NamedTuple):
    """Words of memory that a batch takes, and the tables of `_run`."""

    size: int
    tables: tuple[Array, ...]


@lru_cache(maxsize=64)
def _programs(
    shape: Shape, operations: tuple[Operation, ...], margin: Shape | None, has_limit: bool
) -> tuple[_Program, ...]:
    """Write the programs of all batches of masks of a shape."""
    margin = margin or (0,) * (len(shape) - 1)
    operations = tuple(one._replace(plan=widen(one.plan, _WIDEST)) for one in operations)
    batches = cut_batches(shape, reach_of(operations))
    return tuple(_write(batch, shape, operations, margin, has_limit) for batch in batches)


def _write(
    batch: Batch, shape: Shape, operations: tuple[Operation, ...], margin: Shape, has_limit: bool
) -> _Program:
    """Write the program of a batch."""
    window = (batch.n_images, *batch.window)
    layout = PlaneLayout.of(window, operations, margin)
    n_planes = max(operation.plan.n_arrays for operation in operations)
    limit, packed = n_planes * layout.size, (n_planes + has_limit) * layout.size
    steps, result = _list_steps(operations, layout, limit if has_limit else None)
    places = [packed, limit, result, layout.size, 255 * operations[0].outside]
    strides = tuple(prod(shape[axis:]) for axis in range(1, len(shape) + 1))
    tables = (
        _records(_LAYOUT, [places + _list_lanes(batch, strides) + _describe_plane(layout, window)]),
        _records(_TILES, _list_tiles(batch, strides)),
        _records(_MOVES, _list_moves(batch, layout, strides)),
        _records(_STEPS, steps),
    )
    return _Program((packed + prod(window) + 7) // 8, tables)


def _records(kind: np.dtype[np.void], rows: list[list[int]]) -> Array:
    return np.array(rows, _U).reshape(-1).view(kind)


def _describe_plane(layout: PlaneLayout, window: Shape) -> list[int]:
    """Return the images in a plane, its shape, its gaps and how much follows the last image."""
    in_plane = _strides_of(layout)
    images = _lines(_place(layout.inside, in_plane), window, in_plane)
    n_images, *image = layout.padded
    missing = 4 - len(window)
    ones, zeros = (1,) * missing, (0,) * missing
    return [*images, n_images, *ones, *image, *zeros, *layout.gap, layout.start]


def _strides_of(layout: PlaneLayout) -> Shape:
    """Return the distance of images in a plane, and of neighbors along their axes."""
    return (prod(layout.padded[1:]), *layout.strides)


def _list_lanes(batch: Batch, strides: Shape) -> list[int]:
    """List where lanes begin in the masks, from where the first one does."""
    distance = _distance_of_lanes(batch, strides)
    # The last lane stands for those that are not there.
    return [min(lane, batch.n_lanes - 1) * distance for lane in range(LANES)]


def _distance_of_lanes(batch: Batch, strides: Shape) -> int:
    return batch.spacing * strides[1] or batch.n_images * strides[0]


def _list_tiles(batch: Batch, strides: Shape) -> list[list[int]]:
    """List the pixels of all tiles, and the number of their moves."""
    first = batch.samples.start * strides[0]
    window = (batch.n_images, *batch.window)
    starts = (first + _place(tile.place[1:], strides) for tile in batch.tiles)
    return [
        [*_lines(start, window, strides), len(tile.moves)]
        for start, tile in zip(starts, batch.tiles, strict=True)
    ]


def _list_moves(batch: Batch, layout: PlaneLayout, strides: Shape) -> list[list[int]]:
    """List the moves of all tiles."""
    in_plane = _strides_of(layout)
    inside, distance = _place(layout.inside, in_plane), _distance_of_lanes(batch, strides)
    # Where the parts of a batch begin: all lanes, and the ends of images that are cut into bands.
    parts = [batch.samples.start * strides[0]] * 3
    if batch.spacing:
        parts[0] += batch.head * strides[1]
        parts[2] = parts[0] + LANES * distance
    moves = []
    for lane, source, part, target in (move for tile in batch.tiles for move in tile.moves):
        kept = (batch.n_images, *(cut.stop - cut.start for cut in source[1:]))
        from_plane = _lines(inside + _place(source, in_plane), kept, in_plane)
        # The target holds no other lane than that of an end.
        start = parts[part] + _place(target[1:], strides) - lane * distance
        to_masks = _lines(start, kept, strides)
        moves.append([*from_plane, *to_masks, lane, lane + 1 if part else batch.n_lanes])
    return moves


def _list_steps(
    operations: Sequence[Operation], layout: PlaneLayout, limit: int | None
) -> tuple[list[list[int]], int]:
    """List all steps, and return the place of the plane of the result."""
    steps = []
    size = layout.size
    for number, (operation, calls, source, result) in enumerate(schedule(operations, layout)):
        if number:
            steps.append([0, source * size, 0, 0, 255 * operation.outside, *(0,) * _WIDEST])
        intersects = operation.combine is np.bitwise_and
        for to, start, length, sources in calls:
            target = to * size + start
            # A source that is the target comes first, and the last one fills the row.
            places = sorted((plane * size + place for plane, place in sources), key=target.__ne__)
            places += places[-1:] * (_WIDEST - len(places))
            steps.append([len(sources), target, length, intersects, 0, *places])
        if limit is not None:
            places = [result * size, *(limit,) * (_WIDEST - 1)]
            steps.append([2, result * size, size, True, 0, *places])
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
    layouts: Any,
    tiles: Any,
    moves: Any,
    steps: Any,
) -> None:
    """Carry out a program."""
    layout = layouts[0]
    move = 0
    for tile in tiles:
        _load(source, tile, memory, layout, np.uint64(0), layout.outside)
        if limit.size:
            _load(limit, tile, memory, layout, layout.limit, np.uint64(0))
        for step in steps:
            if step.n_sources:
                _join(memory, step)
            else:
                _fill_gaps(memory, layout, step.target, step.outside)
        for _ in range(tile.n_moves):
            _save(memory, layout, moves[move], target)
            move += 1


@jit
def _load(masks: Any, tile: Any, memory: Any, layout: Any, plane: Any, outside: Any) -> None:
    """Pack the masks of a tile into a plane."""
    lines, images, lanes = tile.lines, layout.images, layout.lanes
    end = layout.packed
    for i in range(lines.n0):
        for j in range(lines.n1):
            for k in range(lines.n2):
                line = lines.first + i * lines.by0 + j * lines.by1 + k * lines.by2
                a, b, c, d = line + lanes[0], line + lanes[1], line + lanes[2], line + lanes[3]
                e, f, g, h = line + lanes[4], line + lanes[5], line + lanes[6], line + lanes[7]
                # Shifts by constants stay in bytes; compilers widen others to 64 bits.
                for x in range(lines.length):
                    low = masks[a + x] | masks[b + x] << 1 | masks[c + x] << 2 | masks[d + x] << 3
                    high = masks[e + x] | masks[f + x] << 1 | masks[g + x] << 2 | masks[h + x] << 3
                    memory[end + x] = low | high << 4
                end += lines.length
    for x in range(layout.size):
        memory[plane + x] = outside
    row = layout.packed
    for i in range(images.n0):
        for j in range(images.n1):
            for k in range(images.n2):
                place = plane + images.first + i * images.by0 + j * images.by1 + k * images.by2
                for x in range(images.length):
                    memory[place + x] = memory[row + x]
                row += images.length


@jit
def _join(memory: Any, step: Any) -> None:
    """Join slices. An intersection is a union of what lies outside of all, flipped."""
    target, size, a, b = step.target, step.size, step.a, step.b
    flip = np.uint8(255) if step.intersects else np.uint8(0)
    # Vectors need slices that do not overlap, or are known to be the same.
    if step.n_sources > 2:
        c, d, e = step.c, step.d, step.e
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
def _fill_gaps(memory: Any, layout: Any, plane: Any, outside: Any) -> None:
    """Overwrite what was shifted out of the images of a plane."""
    row = plane
    for _ in range(layout.n_images):
        for z in range(layout.depth):
            for y in range(layout.height):
                is_gap = z < layout.gap_z or y < layout.gap_y
                for x in range(layout.width if is_gap else layout.gap_x):
                    memory[row + x] = outside
                row += layout.width
    for x in range(layout.end_gap):
        memory[row + x] = outside


@jit
def _save(memory: Any, layout: Any, move: Any, target: Any) -> None:
    """Unpack what is kept of a plane."""
    kept, out, lanes = move.source, move.target, layout.lanes
    row = layout.packed
    for i in range(kept.n0):
        for j in range(kept.n1):
            for k in range(kept.n2):
                place = layout.result + kept.first + i * kept.by0 + j * kept.by1 + k * kept.by2
                for x in range(kept.length):
                    memory[row + x] = memory[place + x]
                row += kept.length
    row = layout.packed
    for i in range(out.n0):
        for j in range(out.n1):
            for k in range(out.n2):
                line = out.first + i * out.by0 + j * out.by1 + k * out.by2
                end = row + out.length
                while row < end:
                    size = min(_PIECE, end - row)
                    for lane in range(move.lane, move.end):
                        place = line + lanes[lane]
                        bit = np.uint8(1 << lane)
                        for x in range(size):
                            target[place + x] = min(np.uint8(memory[row + x] & bit), _ONE)
                    row += size
                    line += size
