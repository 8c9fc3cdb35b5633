"""Twin of `skmask._kernels.regions.rules.keep_reached`: a flood over words of 64 pixels.

Every row of an image is packed into words, and ends in a bit of background at least; every axis before the
last ends in a row of background. A word that was reached waits in a queue. When its turn comes, all runs of
foreground in it that hold a reached pixel are filled, by an addition whose carry runs through them. The
pixels that they touch in the words around it are reached in turn::

    foreground   0111 0110        word above   0011 0000   reached, and next in the queue
    reached      0010 0000        this word    0111 0000
    filled       0111 0000        word below   0000 0110   stays out

Words that are not reached are never looked at again: the work is that of the flood, not of the image.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, ByteArray, IntArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.regions.runs import previous_rows

_ONE = np.uint64(1)
_LAST = np.uint64(63)


def keep_reached(
    masks: BoolArray,
    connectivity: int,
    *seeds: BoolArray,
    reached: bool = True,
    of_background: bool = False,
) -> BoolArray:
    """Keep the regions that hold a seed or, without seeds, touch the frame; all others if not `reached`."""
    width = masks.shape[-1]
    sizes, strides, steps, n_words = _geometry(masks.shape, connectivity)
    rows = _pack(masks)
    own_seeds = _pack(seeds[0]) if seeds else rows[:0]
    # All memory is allocated here, since compiling the allocations takes two seconds.
    words, waits = np.zeros((2, n_words), np.uint64), np.zeros(n_words, np.bool_)
    queue = np.empty(n_words, np.intp)
    flip = np.uint8(255 * of_background)
    _flood(rows, own_seeds, words, queue, waits, sizes, strides, steps, width, flip, reached)
    kept = rows.reshape(*masks.shape[:-1], rows.shape[-1])
    return np.unpackbits(kept, axis=-1, count=width, bitorder="little").view(bool)


@lru_cache(maxsize=64)
def _geometry(
    shape: tuple[int, ...], connectivity: int
) -> tuple[IntArray, IntArray, IntArray, int]:
    """Return the numbers of rows along each axis, distances of neighbors, neighboring rows and the words.

    Distances are in words. A neighboring row is given by its distance, and by the number of pixels that a run
    reaches past its ends there. As many words of background as the distance of the last neighbor precede
    and follow all others.
    """
    strides = [shape[-1] // 64 + 1]
    for size in shape[-2:0:-1]:
        strides.insert(0, strides[0] * (size + 1))
    neighbors = np.array(list(previous_rows(tuple(strides[1:]), connectivity)), np.intp)
    n_words = 2 * (1 + sum(strides[1:])) + shape[0] * strides[0]
    return np.array(shape[:-1]), np.array(strides), neighbors.reshape(-1, 2), n_words


def _pack(masks: BoolArray) -> ByteArray:
    """Pack the rows of masks, eight pixels a byte."""
    packed = np.packbits(masks, axis=-1, bitorder="little")
    return packed.reshape(-1, packed.shape[-1])


@jit
def _fill(reached: Any, room: Any) -> Any:
    """Fill the runs of a word that hold a reached pixel."""
    # An addition carries from the lowest reached pixel of a run to its end.
    filled = (room + reached ^ room | reached) & room
    run = room
    for i in range(6):
        shift = _ONE << np.uint64(i)
        filled |= run & filled >> shift
        run &= run >> shift
    return filled


@jit
def _flood(
    rows: Any,
    seeds: Any,
    words: Any,
    queue: Any,
    waits: Any,
    sizes: Any,
    strides: Any,
    steps: Any,
    width: Any,
    flip: Any,
    reached: Any,
) -> None:
    """Overwrite packed rows by the words that are reached, or by the others.

    The rows of foreground are the given ones with some bits flipped. Words of foreground are kept in
    ``words[0]``, and those that are reached in ``words[1]``.
    """
    room, found = words[0], words[1]
    n_waiting = 0
    for row in range(len(rows)):
        first, on_frame = _find_row(row, sizes, strides)
        for byte in range(rows.shape[1]):
            place, shift = first + (byte >> 3), np.uint64(8 * (byte & 7))
            room[place] |= np.uint64(rows[row, byte] ^ flip) << shift
            if len(seeds):
                found[place] |= np.uint64(seeds[row, byte]) << shift
        last = first + (width - 1 >> 6)
        room[last] &= ~np.uint64(0) >> np.uint64(63 - (width - 1 & 63))
        if not len(seeds):
            found[first] |= _ONE
            found[last] |= _ONE << np.uint64(width - 1 & 63)
        for place in range(first, last + 1):
            if on_frame and not len(seeds):
                found[place] = room[place]
            found[place] &= room[place]
            if found[place]:
                queue[n_waiting] = place
                waits[place] = True
                n_waiting += 1
    _spread(room, found, queue, waits, steps, n_waiting)
    for row in range(len(rows)):
        first, _ = _find_row(row, sizes, strides)
        for byte in range(rows.shape[1]):
            place, shift = first + (byte >> 3), np.uint64(8 * (byte & 7))
            word = found[place] if reached else room[place] & ~found[place]
            rows[row, byte] = np.uint8(word >> shift & np.uint64(255)) ^ flip


@jit
def _find_row(row: int, sizes: Any, strides: Any) -> Any:
    """Return the first word of a row, and whether it is on the frame of its image."""
    place = 1
    for axis in range(1, strides.size):
        place += strides[axis]
    on_frame = False
    for axis in range(sizes.size - 1, -1, -1):
        index = row % sizes[axis]
        row //= sizes[axis]
        place += index * strides[axis]
        on_frame |= axis > 0 and (index == 0 or index == sizes[axis] - 1)
    return place, on_frame


@jit
def _spread(room: Any, found: Any, queue: Any, waits: Any, steps: Any, n_waiting: Any) -> None:
    """Reach all words that the waiting ones lead to."""
    n_all = room.size
    head = 0
    tail = n_waiting
    while n_waiting:
        place = queue[head]
        head = head + 1 if head + 1 < n_all else 0
        n_waiting -= 1
        waits[place] = False
        new = _fill(found[place], room[place])
        found[place] = new
        for k in range(-1, 2 * len(steps)):
            middle, reach = place, True
            spread = np.uint64(0)
            if k >= 0:
                middle += steps[k >> 1, 0] if k & 1 else -steps[k >> 1, 0]
                reach = steps[k >> 1, 1] != 0
                spread = new | new << _ONE | new >> _ONE if reach else new
            for side in range(-1 if reach else 0, 2 if reach else 1):
                bits = spread
                if side < 0:
                    bits = new << _LAST
                elif side > 0:
                    bits = new >> _LAST
                other = middle + side
                bits &= room[other] & ~found[other]
                if bits:
                    found[other] |= bits
                    if not waits[other]:
                        waits[other] = True
                        queue[tail] = other
                        tail = tail + 1 if tail + 1 < n_all else 0
                        n_waiting += 1
