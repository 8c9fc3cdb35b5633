"""Floods of volumes: words that were reached wait in a queue, and lead to those around them in turn."""

from typing import Any

import numpy as np

from skmask._kernels.compiled.bits import fill_runs, pack_rows, unpack_rows
from skmask._kernels.compiled.jit import jit
from skmask._kernels.compiled.regions.layouts import (
    FROM_SEEDS,
    KEEP_REACHED,
    OF_BACKGROUND,
    find_slice,
)

_NONE, _ONE, _63 = (np.uint64(n) for n in (0, 1, 63))


@jit
def flood_volumes(
    source: Any,
    seeds: Any,
    target: Any,
    memory: Any,
    table: Any,
    n_axes: Any,
    flags: Any,
) -> None:
    """Write the regions of images that are reached, from the frame without seeds, or the others.

    Words of regions are kept in `room`, and those that are reached in `found`.
    """
    flip = ~_NONE if flags & OF_BACKGROUND else _NONE
    start, number = 0, 0
    while start < target.size:
        image = table[number]
        number += number + 1 < len(table)
        height, width, n_words = image[n_axes - 2], image[n_axes - 1], image[2 * n_axes]
        distance = (width >> 6) + 1
        length, apart = np.uint64(width), np.uint64(distance)
        n_slices = 1
        for axis in range(n_axes - 2):
            n_slices *= image[axis]
        room, found = memory[:n_words], memory[n_words : 2 * n_words]
        for i in range(n_words):
            room[i] = found[i] = _NONE
        for k in range(n_slices):
            first, on_frame = find_slice(k, image, n_axes)
            place, word = np.uint64(start + k * height * width), np.uint64(first)
            pack_rows(source, place, height, length, room, word, apart, flip)
            if flags & FROM_SEEDS:
                pack_rows(seeds, place, height, length, found, word, apart, _NONE)
                continue
            for y in range(height):
                row = first + y * distance
                found[row] = _ONE
                found[row + (width - 1 >> 6)] |= _ONE << np.uint64(width - 1 & 63)
                if on_frame or y == 0 or y == height - 1:
                    for i in range(row, row + distance):
                        found[i] = ~_NONE
        waits, queue = memory[2 * n_words : 3 * n_words], memory[3 * n_words : 4 * n_words]
        _spread(room, found, waits, queue, image[2 * n_axes + 1 :])
        if not flags & KEEP_REACHED:
            for i in range(n_words):
                found[i] = room[i] & ~found[i]
        for k in range(n_slices):
            word = np.uint64(find_slice(k, image, n_axes)[0])
            place = np.uint64(start + k * height * width)
            unpack_rows(found, word, apart, flip, target, place, height, length)
        start += n_slices * height * width


@jit
def _spread(room: Any, found: Any, waits: Any, queue: Any, rows: Any) -> None:
    """Reach all words that the reached ones lead to. Those that wait never fill the queue."""
    head: Any = np.intp(0)
    tail: Any = np.intp(0)
    for word in range(room.size):
        found[word] &= room[word]
        waits[word] = found[word] != _NONE
        if found[word]:
            queue[tail] = word
            tail += 1
    while head != tail:
        place = np.intp(queue[head])
        head = head + 1 if head + 1 < room.size else 0
        waits[place] = _NONE
        new = fill_runs(found[place], room[place])
        found[place] = new
        # Pixels that are next to the words before and after.
        first, last = new << _63, new >> _63
        for k in range(-1, len(rows)):
            middle, reach = place, True
            spread = _NONE
            if k >= 0:
                distance = rows[k & ~1] >> 6
                middle += distance if k & 1 else -distance
                reach = rows[k | 1] != 0
                spread = new | new << _ONE | new >> _ONE if reach else new
            for side in range(-1 if reach and first else 0, 2 if reach and last else 1):
                bits = first if side < 0 else last if side > 0 else spread
                other = middle + side
                bits &= room[other] & ~found[other]
                if bits:
                    found[other] |= bits
                    if not waits[other]:
                        waits[other] = _ONE
                        queue[tail] = np.uint64(other)
                        tail = tail + 1 if tail + 1 < room.size else 0
