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

from skmask._kernels.arrays import BoolArray, IntArray
from skmask._kernels.compiled.bits import LEAST, pack_rows, unpack_rows
from skmask._kernels.compiled.jit import as_source, find_memory, jit
from skmask._kernels.regions.runs import previous_steps

_NONE, _ONE, _63 = (np.uint64(n) for n in (0, 1, 63))


def keep_reached(
    masks: BoolArray,
    connectivity: int,
    *seeds: BoolArray,
    reached: bool = True,
    of_background: bool = False,
) -> BoolArray:
    """Keep the regions that hold a seed or, without seeds, touch the frame; all others if not `reached`."""
    if masks.size < LEAST:
        many = (np.resize(one, (LEAST, *masks.shape[1:])) for one in (masks, *seeds))
        kinds = {"reached": reached, "of_background": of_background}
        return keep_reached(next(many), connectivity, *many, **kinds)[: len(masks)]
    axes, steps, n_words = lay_out(masks.shape, connectivity)
    result = np.empty(masks.shape, np.bool_)
    source = as_source(masks.ravel())
    own_seeds = as_source(seeds[0].ravel()) if seeds else source
    # All memory is allocated here, since compiling the allocations takes two seconds.
    memory = find_memory(4 * n_words)
    flags = len(seeds), reached, of_background
    _flood(source, own_seeds, result.ravel(), memory, n_words, axes, steps, *flags)
    return result


@lru_cache(maxsize=64)
def lay_out(shape: tuple[int, ...], connectivity: int) -> tuple[IntArray, IntArray, int]:
    """Return sizes and distances along each axis but the last, neighboring rows and the number of words.

    Distances are in words; in the last column are the width and where the first image starts. A neighboring
    row is given by its distance in bits, and by the number of pixels that a run reaches past its ends there.
    As many words of background as the distance of the last neighbor precede and follow all others.
    """
    strides = [shape[-1] // 64 + 1]
    for size in shape[-2:0:-1]:
        strides.insert(0, strides[0] * (size + 1))
    steps, reaches = previous_steps(len(shape) - 2, connectivity)
    rows = np.empty((len(steps), 2), np.intp)
    rows[:, 0], rows[:, 1] = 64 * (steps @ strides[1:]), reaches
    start = 1 + sum(strides[1:])
    return np.array([shape, [*strides, start]]), rows, 2 * start + shape[0] * strides[0]


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
    source: Any,
    seeds: Any,
    target: Any,
    memory: Any,
    n_words: Any,
    axes: Any,
    steps: Any,
    n_seeds: Any,
    reached: Any,
    of_background: Any,
) -> None:
    """Write the regions that are reached, or the others, to masks.

    Words of regions are kept in `room`, and those that are reached in `found`. Without seeds, regions are
    reached from the frame.
    """
    room, found = memory[:n_words], memory[n_words : 2 * n_words]
    queue, waits = memory[2 * n_words : 3 * n_words], memory[3 * n_words : 4 * n_words]
    for i in range(n_words):
        room[i] = found[i] = waits[i] = _NONE
    flip = ~_NONE if of_background else _NONE
    height, width = axes[0, -2] if axes.shape[1] > 2 else 1, axes[0, -1]
    distance = axes[1, -2]
    n_waiting = np.intp(0)
    for number in range(source.size // (height * width)):
        first, on_frame = find_slice(number, axes)
        rows = np.uint64(first), np.uint64(distance)
        place = np.uint64(number * height * width)
        pack_rows(source, place, height, np.uint64(width), room, *rows, flip)
        if n_seeds:
            pack_rows(seeds, place, height, np.uint64(width), found, *rows, _NONE)
        for y in range(height):
            last = first + (width - 1 >> 6)
            if not n_seeds:
                found[first] |= _ONE
                found[last] |= _ONE << np.uint64(width - 1 & 63)
                if on_frame or (axes.shape[1] > 2 and (y == 0 or y == height - 1)):
                    for word in range(first, last + 1):
                        found[word] = room[word]
            for word in range(first, last + 1):
                found[word] &= room[word]
                if found[word]:
                    queue[n_waiting] = word
                    waits[word] = _ONE
                    n_waiting += 1
            first += distance
    _spread(room, found, queue, waits, steps, n_waiting)
    if not reached:
        for i in range(n_words):
            found[i] = room[i] & ~found[i]
    for number in range(source.size // (height * width)):
        first, _ = find_slice(number, axes)
        rows = np.uint64(first), np.uint64(distance)
        place = np.uint64(number * height * width)
        unpack_rows(found, *rows, flip, target, place, height, np.uint64(width))


@jit
def find_slice(number: Any, axes: Any) -> Any:
    """Return the first word of a slice of adjacent rows, and whether it is on the frame of its image."""
    place = axes[1, -1]
    on_frame = False
    axis = max(axes.shape[1] - 3, 0)
    while axis >= 0:
        size = axes[0, axis]
        index = number % size
        number //= size
        place += index * axes[1, axis]
        on_frame |= axis > 0 and (index == 0 or index == size - 1)
        axis -= 1
    return place, on_frame


@jit
def _spread(room: Any, found: Any, queue: Any, waits: Any, steps: Any, tail: Any) -> None:
    """Reach all words that the waiting ones lead to. These never fill the queue."""
    head = 0
    while head != tail:
        place = np.intp(queue[head])
        head = head + 1 if head + 1 < room.size else 0
        waits[place] = _NONE
        new = _fill(found[place], room[place])
        found[place] = new
        # Pixels that are next to the words before and after.
        first, last = new << _63, new >> _63
        for k in range(-1, 2 * len(steps)):
            middle, reach = place, True
            spread = _NONE
            if k >= 0:
                distance = steps[k >> 1, 0] >> 6
                middle += distance if k & 1 else -distance
                reach = steps[k >> 1, 1] != 0
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
