"""Floods of planes, and of images of one axis, in tiles of up to 64 rows of a word.

Of each tile, a bit a row tells which rows have pixels that were not handed on to the row below, or above. So
rows where nothing changes are left alone. A tile that has new pixels on its border wakes the tiles beside it,
and those that sleep cost nothing::

    tile   0   1   2       A flood that starts in 0 and leaves it to the right wakes 1. If it comes back to 0
           3   4   5       through 3, then 3 has new pixels on its border, and wakes 0 again.
"""

from typing import Any

import numpy as np

from skmask._kernels.compiled.bits import (
    fill_runs,
    highest_bit,
    local_words,
    lowest_bit,
    pack_rows,
    unpack_rows,
)
from skmask._kernels.compiled.jit import inlined, jit
from skmask._kernels.compiled.regions.layouts import (
    FROM_SEEDS,
    KEEP_REACHED,
    OF_BACKGROUND,
    THROUGH_CORNERS,
)

TILE_ROWS = 64

_NONE, _ONE, _63 = (np.uint64(n) for n in (0, 1, 63))

# Why a tile is visited: its pixels were not handed on yet, a tile above or below it has new ones, or another.
_FIRST, _IN_COLUMN, _IN_ROW = (np.uint64(n) for n in (1, 2, 4))


@jit
def flood_tiles(height: Any, width: Any, flags: Any, masks: Any) -> None:
    """Leave the regions that are reached from the frame, or the others, in planes of one tile each."""
    room, found = local_words(), local_words()
    flip = ~_NONE if flags & OF_BACKGROUND else _NONE
    wide = ~_NONE if flags & THROUGH_CORNERS else _NONE
    last = np.uint64(height)
    sides = _ONE | _ONE << np.uint64(width - 1)
    length = np.uint64(width)
    for number in range(masks.size // (height * width)):
        start = np.uint64(number * height * width)
        pack_rows(masks, start, height, length, room, _ONE, _ONE, flip)
        for border in (_NONE, last + _ONE):
            room[border] = found[border] = _NONE
        for row in range(_ONE, last + _ONE):
            found[row] = fill_runs(room[row] & sides, room[row])
        found[_ONE], found[last] = room[_ONE], room[last]
        _spread(room, found, _ONE, height, _ONE, ~_NONE, wide)
        if not flags & KEEP_REACHED:
            for row in range(_ONE, last + _ONE):
                found[row] ^= room[row]
        unpack_rows(found, _ONE, _ONE, flip, masks, start, height, length)


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
        place, length = np.uint64(start), np.uint64(width)
        word, apart = np.uint64(first), np.uint64(distance)
        pack_rows(source, place, height, length, room, word, apart, flip)
        if flags & FROM_SEEDS:
            pack_rows(seeds, place, height, length, found, word, apart, _NONE)
        else:
            for y in range(height):
                row = first + y * distance
                found[row] = _ONE
                found[row + (width - 1 >> 6)] |= _ONE << np.uint64(width - 1 & 63)
                if n_axes > 1 and (y == 0 or y == height - 1):
                    for i in range(row, row + distance):
                        found[i] = ~_NONE
        for i in range(n_words):
            found[i] = fill_runs(found[i] & room[i], room[i])
        if height == 1:
            _join_words(room, found, word, apart)
        else:
            waits = memory[2 * n_words : 3 * n_words]
            _visit_tiles(room, found, waits, word, height, width, wide)
        if not flags & KEEP_REACHED:
            for i in range(n_words):
                found[i] = room[i] & ~found[i]
        unpack_rows(found, word, apart, flip, target, place, height, length)
        start += height * width


@inlined
def _join_words(room: Any, found: Any, first: Any, n_words: Any) -> None:
    """Reach the pixels of a row that those in the words before lead to, then those in the words after."""
    last = first + n_words - _ONE
    for k in range(n_words):
        new = found[first + k - _ONE] >> _63 & room[first + k] & ~found[first + k]
        if new:
            found[first + k] = fill_runs(found[first + k] | new, room[first + k])
    for k in range(n_words):
        new = found[last - k + _ONE] << _63 & room[last - k] & ~found[last - k]
        if new:
            found[last - k] = fill_runs(found[last - k] | new, room[last - k])


@inlined
def _visit_tiles(
    room: Any, found: Any, waits: Any, first: Any, height: Any, width: Any, wide: Any
) -> None:
    """Reach all pixels of a plane that the reached ones lead to, tile by tile."""
    n_rows, n_columns = height + 63 >> 6, width + 63 >> 6
    side, distance = (height - 1) // n_rows + 1, np.uint64((width >> 6) + 1)
    for tile in range(n_rows * n_columns):
        place = first + np.uint64(tile // n_columns * side) * distance + np.uint64(tile % n_columns)
        pixels = _NONE
        for _ in range(min(side, height - tile // n_columns * side)):
            pixels |= found[place]
            place += distance
        waits[tile] = _FIRST if pixels else _NONE
    is_done = False
    while not is_done:
        is_done = True
        for tile in range(n_rows * n_columns):
            if not waits[tile]:
                continue
            row, column = tile // n_columns, tile % n_columns
            top = first + np.uint64(row * side) * distance + np.uint64(column)
            n = min(side, height - row * side)
            rows, pixels = _enter(room, found, top, n, distance, waits[tile], wide)
            rows, new = _spread(room, found, top, n, distance, rows, wide)
            pixels |= new
            up, down = rows & _ONE != _NONE, rows >> np.uint64(n - 1) != _NONE
            left, right = pixels & _ONE != _NONE, pixels >> _63 != _NONE
            for i in range(max(row - up, 0), min(row + down + 1, n_rows)):
                for j in range(max(column - left, 0), min(column + right + 1, n_columns)):
                    other = i * n_columns + j
                    waits[other] |= _IN_COLUMN if j == column else _IN_ROW
                    is_done &= other >= tile  # or it is visited in this round
            waits[tile] = _NONE


@inlined
def _enter(room: Any, found: Any, top: Any, n: Any, distance: Any, reasons: Any, wide: Any) -> Any:
    """Reach the pixels of a tile that those of other tiles lead to.

    Returns the rows with pixels that are to be handed on, a bit each, and these pixels of any row.
    """
    rows = pixels = _NONE
    if reasons & _FIRST:
        place = top
        for row in range(n):
            pixels |= found[place]
            rows |= np.uint64(found[place] != _NONE) << np.uint64(row)
            place += distance
    last = np.uint64(n - 1)
    for end, step in ((_NONE, _NONE - distance), (last, distance)):
        place = top + end * distance
        old = found[place]
        found[place] = _reach(found[place + step], old, room[place], wide)
        pixels |= old ^ found[place]
        rows |= np.uint64(old != found[place]) << end
    if reasons & _IN_ROW:
        place = top
        for row in range(n):
            before, after = place - _ONE, place + _ONE
            left = found[before] | (found[before - distance] | found[before + distance]) & wide
            right = found[after] | (found[after - distance] | found[after + distance]) & wide
            old = found[place]
            new = (left >> _63 | right << _63) & room[place] & ~old
            if new:
                found[place] = fill_runs(old | new, room[place])
                pixels |= old ^ found[place]
                rows |= _ONE << np.uint64(row)
            place += distance
    return rows, pixels


@inlined
def _spread(room: Any, found: Any, top: Any, n: Any, distance: Any, rows: Any, wide: Any) -> Any:
    """Reach the pixels of a tile that those in some of its rows lead to.

    Returns these rows and all that have new pixels, a bit each, and the new pixels of any row.
    """
    # The last row is not handed down, the first one not up.
    with_next, pixels = (_ONE << np.uint64(n - 1)) - _ONE, _NONE
    down, up = rows & with_next, rows & with_next << _ONE
    while down | up:
        if down:
            row, step = np.uint64(lowest_bit(down)), _ONE
            down &= down - _ONE
        else:
            row, step = np.uint64(highest_bit(up)), ~_NONE
            up ^= _ONE << row
        place = top + row * distance
        other = place + step * distance
        old = found[other]
        word = _reach(found[place], old, room[other], wide)
        if word != old:
            found[other] = word
            pixels |= word ^ old
            bit = _ONE << row + step
            rows |= bit
            down |= bit & with_next
            up |= bit & ~_ONE
    return rows, pixels


@jit
def _reach(word: Any, old: Any, room: Any, wide: Any) -> Any:
    """Return all that is reached of a word, by its own pixels `old` and by the word above or below it."""
    # Arrays that are handed over would be counted, which takes ten times as long.
    new = (word | (word << _ONE | word >> _ONE) & wide) & room & ~old
    return fill_runs(old | new, room) if new else old
