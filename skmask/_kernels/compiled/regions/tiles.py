"""Floods of planes, and of images of one axis, in tiles of up to 64 rows of a word.

Sweeps go up and down a tile until they change nothing, with the row before in a register. A tile that has
reached pixels on its border wakes the tiles beside them. Those that sleep cost nothing::

    tile   0   1   2       A flood that starts in 0 and leaves it to the right wakes 1. If it comes back to 0
           3   4   5       through 3, then 3 has new pixels on its border, and wakes 0 again.
"""

from typing import Any

import numpy as np

from skmask._kernels.compiled.bits import fill_runs, local_words, pack_rows, unpack_rows
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.compiled.regions.layouts import (
    FROM_SEEDS,
    KEEP_REACHED,
    OF_BACKGROUND,
    THROUGH_CORNERS,
)

TILE_ROWS = 64

_NONE, _ONE, _63 = (np.uint64(n) for n in (0, 1, 63))


@jit
def flood_tiles(height: Any, width: Any, flags: Any, masks: Any) -> None:
    """Leave the regions that are reached from the frame, or the others, in planes of one tile each."""
    room, found = local_words(), local_words()
    flip = ~_NONE if flags & OF_BACKGROUND else _NONE
    wide = ~_NONE if flags & THROUGH_CORNERS else _NONE
    last = np.uint64(height)
    sides = _ONE | _ONE << np.uint64(width - 1)
    rows = height, np.uint64(width)
    for number in range(masks.size // (height * width)):
        start = np.uint64(number * height * width)
        pack_rows(masks, start, *rows, room, _ONE, _ONE, flip)
        for border in (_NONE, last + _ONE):
            room[border] = found[border] = _NONE
        for row in range(_ONE, last + _ONE):
            found[row] = fill_runs(room[row] & sides, room[row])
        found[_ONE], found[last] = room[_ONE], room[last]
        _sweep_tile(room, found, _ONE, last, _ONE, wide)
        if not flags & KEEP_REACHED:
            for row in range(_ONE, last + _ONE):
                found[row] ^= room[row]
        unpack_rows(found, _ONE, _ONE, flip, masks, start, *rows)


@jit
def flood_planes(
    source: Any,
    seeds: Any,
    target: Any,
    memory: Any,
    table: Any,
    n_axes: Any,
    flags: Any,
) -> None:
    """Write the regions of images that are reached, from the frame without seeds, or the others.

    Words of regions are kept in `room`, and those that are reached in `found`. Every row ends in a bit of
    background at least, and a row of background is above and below.
    """
    flip = ~_NONE if flags & OF_BACKGROUND else _NONE
    wide = ~_NONE if n_axes > 1 and table[0, 2 * n_axes + 2] else _NONE
    start, number = 0, 0
    while start < target.size:
        image = table[number]
        number += number + 1 < len(table)
        height, width = image[0] if n_axes > 1 else 1, image[n_axes - 1]
        distance = (width >> 6) + 1
        first, n_words = image[2 * n_axes - 1], image[2 * n_axes]
        room, found = memory[:n_words], memory[n_words : 2 * n_words]
        for i in range(n_words):
            room[i] = found[i] = _NONE
        rows = np.uint64(start), height, np.uint64(width)
        at = np.uint64(first), np.uint64(distance)
        pack_rows(source, *rows, room, *at, flip)
        if flags & FROM_SEEDS:
            pack_rows(seeds, *rows, found, *at, _NONE)
        else:
            for y in range(height):
                row = first + y * distance
                found[row] = _ONE
                found[row + (width - 1 >> 6)] |= _ONE << np.uint64(width - 1 & 63)
                if n_axes > 1 and (y == 0 or y == height - 1):
                    for word in range(row, row + distance):
                        found[word] = ~_NONE
        waits, news = memory[2 * n_words : 3 * n_words], memory[3 * n_words : 4 * n_words]
        _sweep(room, found, waits, news, np.uint64(first), height, width, wide)
        if not flags & KEEP_REACHED:
            for i in range(n_words):
                found[i] = room[i] & ~found[i]
        unpack_rows(found, *at, flip, target, *rows)
        start += height * width


@inlined
def _sweep(
    room: Any, found: Any, waits: Any, news: Any, first: Any, height: Any, width: Any, wide: Any
) -> None:
    """Reach all pixels of a plane that the reached ones lead to, tile by tile."""
    for i in range(room.size):
        found[i] = fill_runs(found[i] & room[i], room[i])
    n_rows, n_columns = height + 63 >> 6, width + 63 >> 6
    side, distance = (height - 1) // n_rows + 1, np.uint64((width >> 6) + 1)
    for tile in range(n_rows * n_columns):
        place = first + np.uint64(tile // n_columns * side) * distance + np.uint64(tile % n_columns)
        # Pixels of any row of a tile that others do not know of.
        news[tile] = _NONE
        for _ in range(min(side, height - tile // n_columns * side)):
            news[tile] |= found[place]
            place += distance
        waits[tile] = news[tile] != _NONE
    is_done = False
    while not is_done:
        is_done = True
        for tile in range(n_rows * n_columns):
            if not waits[tile]:
                continue
            row, column = tile // n_columns, tile % n_columns
            top = first + np.uint64(row * side) * distance + np.uint64(column)
            bottom = top + np.uint64(min(side, height - row * side) - 1) * distance
            before = (_NONE, _NONE) if news[tile] else (found[top], found[bottom])
            if n_columns > 1:
                news[tile] |= _enter(room, found, top, bottom, distance, wide)
            news[tile] |= _sweep_tile(room, found, top, bottom, distance, wide)
            up, down = found[top] != before[0], found[bottom] != before[1]
            left, right = news[tile] & _ONE != _NONE, news[tile] >> _63 != _NONE
            for i in range(max(row - up, 0), min(row + down + 1, n_rows)):
                for j in range(max(column - left, 0), min(column + right + 1, n_columns)):
                    other = i * n_columns + j
                    waits[other] = _ONE
                    is_done &= other >= tile  # or it is visited in this round
            waits[tile] = news[tile] = _NONE


@inlined
def _enter(room: Any, found: Any, place: Any, bottom: Any, distance: Any, wide: Any) -> Any:
    """Reach the pixels of a tile that those at its sides lead to, and return the new ones of any row."""
    news = _NONE
    while place <= bottom:
        before, after = place - _ONE, place + _ONE
        left = found[before] | (found[before - distance] | found[before + distance]) & wide
        right = found[after] | (found[after - distance] | found[after + distance]) & wide
        new = (left >> _63 | right << _63) & room[place] & ~found[place]
        if new:
            new = fill_runs(found[place] | new, room[place])
            news |= new ^ found[place]
            found[place] = new
        place += distance
    return news


@inlined
def _sweep_tile(room: Any, found: Any, top: Any, bottom: Any, distance: Any, wide: Any) -> Any:
    """Reach the pixels that those in, above and below a tile lead to, and return the new ones of any row."""
    news = _NONE
    n_rows = np.intp((bottom - top) // distance) + 1
    is_new, n_sweeps = True, 0
    place = top - distance
    # One sweep that changes nothing is enough after another one, in the other direction.
    while is_new or n_sweeps < 2:
        is_new = False
        n_sweeps += 1
        last = found[place]
        for _ in range(n_rows):
            place += distance
            old = found[place]
            new = (last | (last << _ONE | last >> _ONE) & wide) & room[place] & ~old
            last = old
            if new:
                last = fill_runs(old | new, room[place])
                news |= old ^ last
                found[place] = last
                is_new = True
        place += distance
        distance = _NONE - distance
    return news
