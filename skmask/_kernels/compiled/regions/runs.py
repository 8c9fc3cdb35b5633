"""Twins of `skmask._kernels.regions.runs`: runs found, linked and painted one after the other.

Regions are the sets of a union-find forest over the runs. A run joins the runs that it touches in each of
the rows before it: for every such row, a pointer moves along the list of runs together with the run
itself. The root of a set is its first run, so regions are numbered in the order of their first pixels, as
SciPy numbers components.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from skmask._kernels.arrays import BoolArray, Int32Array, IntArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.regions.runs import Layout, Regions, flatten, previous_rows

_ONES = np.uint64(0x0101010101010101)


def find_regions(masks: BoolArray, connectivity: int, *, surrounded: bool = False) -> Regions:
    """Find the connected regions of a block of masks of shape (n_images, *image_shape)."""
    layout = Layout.of(masks.shape)
    flat = flatten(masks, surrounded=surrounded)
    rows = _rows(layout.strides[:-1], connectivity)
    return Regions(masks.shape, *_find(flat.view(np.uint8), flat.view(np.uint64), rows))


def first_places(starts: IntArray, labels: Int32Array, n_regions: int) -> IntArray:
    """Return the place where the first run of each region starts."""
    first = np.empty(n_regions, np.intp)
    _find_first(starts, labels, first)
    return first


def region_sizes(regions: Regions) -> IntArray:
    """Return the number of pixels of each region."""
    return _add_lengths(regions.starts, regions.ends, regions.labels, regions.n_regions)


@lru_cache(maxsize=64)
def _rows(strides: tuple[int, ...], connectivity: int) -> IntArray:
    """Return how far back each neighboring row lies, and then how far a run reaches past its ends there."""
    return np.array(list(previous_rows(strides, connectivity)), dtype=np.intp).reshape(-1)


def paint_regions(regions: Regions, keep: BoolArray) -> BoolArray:
    """Make the masks that hold the regions where `keep`, of shape (n_regions,), is True."""
    layout = Layout.of(regions.shape)
    flat = np.zeros(layout.size, dtype=np.bool_)
    starts, ends, labels = regions.starts, regions.ends, regions.labels
    _paint(flat.view(np.uint8), flat.view(np.uint64), starts, ends, labels, keep.view(np.uint8))
    return layout.images(flat)


def paint_runs(shape: tuple[int, ...], starts: IntArray, ends: IntArray) -> BoolArray:
    """Make the masks, of shape (n_images, *image_shape), that hold runs given by their positions."""
    layout = Layout.of(shape)
    flat = np.zeros(layout.size, dtype=np.bool_)
    _paint_all(flat.view(np.uint8), flat.view(np.uint64), starts, ends)
    return layout.images(flat)


def paint_values(labels: Int32Array, starts: IntArray, ends: IntArray, values: Int32Array) -> None:
    """Write a value to all pixels of each run."""
    rows = Layout.of(labels.shape).rows().reshape(-1)
    _paint_values(labels.reshape(-1), rows, labels.shape[-1], starts, ends, values)


@jit
def _count_changes(words: Any) -> Any:
    """Count the positions where a flat array of bytes 0 and 1, read as words, changes."""
    count = np.int64(0)
    last = np.uint64(0)
    for i in range(words.size):
        word = words[i]
        # Each byte against the one before it, which the shift moves onto it.
        changed = word ^ (word << np.uint64(8) | last)
        if changed:
            count += np.int64((changed * _ONES) >> np.uint64(56))
        last = word >> np.uint64(56)
    return count


@jit
def _find_runs(flat: Any, words: Any, n_changes: int) -> Any:
    places = np.empty(n_changes + 1, np.intp)
    found = 0
    last = np.uint8(0)
    for i in range(words.size):
        # A word of one value, the value before it, holds no change.
        if words[i] == _ONES * np.uint64(last):
            continue
        # Noise would mislead a branch for every pixel: a place is written in any case, and kept if it is one.
        for place in range(8 * i, 8 * i + 8):
            places[found] = place
            found += flat[place] != last
            last = flat[place]
    return places[0:n_changes:2].copy(), places[1:n_changes:2].copy()


@jit
def _root(parents: Any, run: Any) -> Any:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


@jit
def label_runs(starts: Any, ends: Any, n_runs: Any, rows: Any, labels: Any) -> Any:
    """Write the region of each run to `labels`, which are the parents of the forest until then."""
    for run in range(n_runs):
        labels[run] = run
    for k in range(0, len(rows), 2):
        distance, reach = rows[k], rows[k + 1]
        other = 0
        for run in range(n_runs):
            first, stop = starts[run] - distance - reach, ends[run] - distance + reach
            while ends[other] <= first:
                other += 1
            touched, root = other, _root(labels, run)
            while touched < run and starts[touched] < stop:
                found = _root(labels, touched)
                if found < root:
                    labels[root] = found
                    root = found
                elif found > root:
                    labels[found] = root
                touched += 1
    n_regions = 0
    for run in range(n_runs):
        # A parent comes before its children, and has the number of its region by now.
        parent = labels[run]
        if parent < run:
            labels[run] = labels[parent]
        else:
            labels[run] = n_regions
            n_regions += 1
    return n_regions


@jit
def _find(flat: Any, words: Any, rows: Any) -> Any:
    starts, ends = _find_runs(flat, words, _count_changes(words))
    labels = np.empty(starts.size, np.int32)
    return starts, ends, labels, label_runs(starts, ends, starts.size, rows, labels)


@jit
def _find_first(starts: Any, labels: Any, first: Any) -> None:
    for run in range(starts.size - 1, -1, -1):
        first[labels[run]] = starts[run]


@jit
def _add_lengths(starts: Any, ends: Any, labels: Any, n_regions: Any) -> Any:
    sizes = np.zeros(n_regions, np.intp)
    for run in range(starts.size):
        sizes[labels[run]] += ends[run] - starts[run]
    return sizes


@jit
def _paint(flat: Any, words: Any, starts: Any, ends: Any, labels: Any, keep: Any) -> None:
    for run in range(starts.size):
        kept = keep[labels[run]]
        flat[starts[run]] = kept
        flat[ends[run]] = kept
    _fill_between(words)


@jit
def _paint_all(flat: Any, words: Any, starts: Any, ends: Any) -> None:
    for run in range(starts.size):
        flat[starts[run]] = 1
        flat[ends[run]] = 1
    _fill_between(words)


@jit
def _fill_between(words: Any) -> None:
    """Fill the bytes after every odd change: short runs would mislead a loop over each of them."""
    before = np.uint64(0)
    for i in range(words.size):
        word = words[i]
        word ^= word << np.uint64(8)
        word ^= word << np.uint64(16)
        word ^= word << np.uint64(32)
        words[i] = word ^ before * _ONES
        before ^= word >> np.uint64(56)


@jit
def _paint_values(flat: Any, rows: Any, width: int, starts: Any, ends: Any, values: Any) -> None:
    row = 0
    for run in range(starts.size):
        while row + 1 < rows.size and rows[row + 1] <= starts[run]:
            row += 1
        # Without the padding of all rows and images before it, a run moves back.
        shift = row * width - rows[row]
        for place in range(starts[run] + shift, ends[run] + shift):
            flat[place] = values[run]
