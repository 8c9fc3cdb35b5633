"""Twin of `skmask._kernels.regions.rules.keep_large`: one image after the other, in one call.

The rows of an image are packed into words, as in `skmask._kernels.compiled.regions.layouts`. A run starts or
ends where a bit differs from the one before it. Processors find the lowest of such bits in one instruction,
and pixels inside of runs take no time::

    row       0111 0110
    starts    0100 0100       1 and 5
    ends      0000 1001       4 and 8

Runs are linked as in `skmask._kernels.compiled.regions.runs`. Those of regions that stay are written to the
words.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray
from skmask._kernels.compiled.bits import LEAST, lowest_bit, pack_rows, unpack_rows
from skmask._kernels.compiled.jit import find_memory, inlined, jit
from skmask._kernels.compiled.regions.layouts import (
    ImageTable,
    find_slice,
    read_image,
    tabulate_images,
)
from skmask._kernels.compiled.regions.runs import label_runs

# Pixels of an image: places are counted in 32 bits, and memory is for as many runs as there could be.
MOST_PIXELS = 1 << 20

_NONE, _ONE, _6, _63 = (np.uint64(n) for n in (0, 1, 6, 63))


def keep_large(masks: BoolArray, connectivity: int, least: int, n_regions: int) -> BoolArray:
    """Keep the regions of at least some pixels, or some of the largest ones of each image."""
    n, *image_shape = masks.shape
    if masks.size < LEAST:
        many = np.resize(masks, (LEAST, *image_shape))
        return keep_large(many, connectivity, least, n_regions)[:n]
    if masks.size // n > MOST_PIXELS:
        return NotImplemented
    result = masks.copy()
    plan_stack(masks.shape[1:], connectivity, least, n_regions)(result.ravel())
    return result


@lru_cache(maxsize=256)
def plan_stack(
    image_shape: tuple[int, ...], connectivity: int, least: int, n_regions: int
) -> Callable[[BoolArray], None]:
    """Return what `plan_sizes` does, for images of one shape."""
    return plan_sizes(tabulate_images(np.array([image_shape]), connectivity), least, n_regions)


def plan_sizes(images: ImageTable, least: int, n_regions: int) -> Callable[[BoolArray], None]:
    """Return a function that leaves the regions that stay in joined masks, of up to `MOST_PIXELS` each."""
    table, n_axes, n_words, n_runs = images
    n_memory = 2 * n_words + 2 * n_runs

    def keep(masks: BoolArray) -> None:
        _keep(masks, find_memory(n_memory), table, n_axes, least, n_regions)

    return keep


@jit
def _keep(masks: Any, memory: Any, table: Any, n_axes: Any, least: Any, n_regions: Any) -> None:
    """Leave the regions that stay in masks."""
    start, number = np.int64(0), 0
    while start < masks.size:
        row = table[number]
        number += number + 1 < len(table)
        image = read_image(row, n_axes)
        n_words, most = image.n_words, image.n_runs
        width, apart = np.uint64(image.width), np.uint64(image.distance)
        words, kept = memory[:n_words], memory[n_words : 2 * n_words]
        places = memory[2 * n_words :].view(np.int32)
        starts, ends = places[:most], places[most : 2 * most]
        labels, sizes = places[2 * most : 3 * most], places[3 * most : 4 * most]
        for i in range(n_words):
            words[i] = _NONE
        n_runs = np.intp(0)
        for k in range(image.n_slices):
            first, place = _find_rows(k, start, row, image, n_axes)
            pack_rows(masks, place, image.height, width, words, np.uint64(first), apart, _NONE)
            stop = first + image.height * image.distance
            n_runs = _find_runs(words, first, stop, starts, ends, n_runs)
        found = label_runs(starts, ends, n_runs, image.rows, labels)
        largest = _add_lengths(starts, ends, labels, n_runs, found, sizes)
        _choose(sizes, found, largest, least, n_regions)
        _paint(words, kept, starts, n_runs, labels, sizes)
        for k in range(image.n_slices):
            first, place = _find_rows(k, start, row, image, n_axes)
            unpack_rows(words, np.uint64(first), apart, _NONE, masks, place, image.height, width)
        start += image.n_pixels


@jit
def _find_rows(number: Any, start: Any, row: Any, image: Any, n_axes: Any) -> Any:
    """Return the first word of a slice, and its first pixel."""
    first, _ = find_slice(number, row, n_axes)
    return first, np.uint64(start + number * image.height * image.width)


@inlined
def _add_lengths(
    starts: Any, ends: Any, labels: Any, n_runs: Any, n_regions: Any, sizes: Any
) -> Any:
    """Add the lengths of the runs of each region, and return the largest sum."""
    largest = np.int64(0)
    for region in range(n_regions):
        sizes[region] = 0
    for run in range(n_runs):
        sizes[labels[run]] += ends[run] - starts[run]
        largest = max(largest, np.int64(sizes[labels[run]]))
    return largest


@inlined
def _paint(words: Any, kept: Any, starts: Any, n_runs: Any, labels: Any, sizes: Any) -> None:
    """Keep the runs of regions that have a size: an addition carries from the start of a run to its end."""
    for k in range(words.size):
        kept[k] = _NONE
    for run in range(n_runs):
        start = np.uint64(starts[run])
        kept[start >> _6] |= np.uint64(sizes[labels[run]] != 0) << (start & _63)
    before = _NONE
    for k in range(words.size):
        word = words[k]
        words[k] = (word + (kept[k] | before & word) ^ word) & word
        before = words[k] >> _63


@inlined
def _find_runs(words: Any, first: Any, stop: Any, starts: Any, ends: Any, n_runs: Any) -> Any:
    """List the positions where runs start and end, and return their number. Rows end in background."""
    n_starts, n_ends = n_runs, n_runs
    last = _NONE
    for k in range(first, stop):
        word = words[k]
        before = word << _ONE | last
        last = word >> _63
        changes = word & ~before
        while changes:
            starts[n_starts] = 64 * k + lowest_bit(changes)
            changes &= changes - _ONE
            n_starts += 1
        changes = before & ~word
        while changes:
            ends[n_ends] = 64 * k + lowest_bit(changes)
            changes &= changes - _ONE
            n_ends += 1
    return n_ends


@inlined
def _choose(sizes: Any, n: Any, largest: Any, least: Any, n_regions: Any) -> None:
    """Set the sizes of the regions that go to 0."""
    n_equal = n
    if 0 < n_regions < n:
        # The greatest size that so many regions have or exceed, and how many of those of this size stay.
        least, n_equal = np.int64(1), n_regions
        while least < largest:
            middle = least + largest + 1 >> 1
            n_larger = 0
            for region in range(n):
                n_larger += sizes[region] >= middle
            if n_larger >= n_regions:
                least = middle
            else:
                largest = middle - 1
                n_equal = n_regions - n_larger
    for region in range(n):
        is_equal = sizes[region] == least
        if sizes[region] < least or (is_equal and n_equal <= 0):
            sizes[region] = 0
        n_equal -= is_equal
