"""Twins of `skmask._kernels.local.networks`: comparators carried out on pieces in the first-level cache."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.local.networks import BOTH, SMALLER, plan_median

# Bytes of all wires together, and the fewest of one wire.
_WIRES, _WIRE = 1 << 15, 1 << 9


def median_of_columns(flat: Array, offsets: Sequence[int], width: int) -> Array:
    """Find the median of each window of a flat array."""
    height = len(offsets)
    plan = plan_median(height, width)
    medians = np.empty(flat.size - offsets[-1] - width + 1, flat.dtype)
    # The columns, the two columns of a pair, and all of a window.
    n_wires = height * (1 + 2 + width)
    length = max(_WIRES // n_wires, _WIRE) // flat.itemsize + width - 1
    wires = np.zeros((n_wires, length), flat.dtype)
    networks = (plan.columns, plan.pairs, plan.median)
    steps = [(network.comparators, np.array(network.results)) for network in networks]
    _run(flat, np.array(offsets), *steps, plan.n_pairs, np.array(plan.starts), wires, medians)
    return medians


@jit
def _run(
    flat: Any,
    offsets: Any,
    sort: Any,
    merge: Any,
    choose: Any,
    n_pairs: int,
    starts: Any,
    wires: Any,
    medians: Any,
) -> None:
    height, width = len(offsets), len(wires) // len(offsets) - 3
    columns, pairs, window = wires[:height], wires[height : 3 * height], wires[3 * height :]
    step = wires.shape[1] - width + 1
    for start in range(0, len(medians), step):
        size = min(step, len(medians) - start)
        for k in range(height):
            first = start + offsets[k]
            _copy(flat[first : first + size + width - 1], columns[k])
        _compare(sort[0], columns)
        if n_pairs:
            for k in range(height):
                column = columns[sort[1][k]]
                _copy(column, pairs[k])
                _copy(column[1:], pairs[height + k])
            _compare(merge[0], pairs)
        wire = 0
        for i in range(len(starts)):
            is_pair = i < n_pairs
            for k in range(2 * height if is_pair else height):
                line = pairs[merge[1][k]] if is_pair else columns[sort[1][k]]
                _copy(line[starts[i] :], window[wire])
                wire += 1
        _compare(choose[0], window)
        _copy(window[choose[1][0]][:size], medians[start : start + size])


@jit
def _copy(line: Any, wire: Any) -> None:
    for x in range(len(line)):
        wire[x] = line[x]


@jit
def _compare(comparators: Any, wires: Any) -> None:
    for k in range(len(comparators)):
        a, b, written = wires[comparators[k, 0]], wires[comparators[k, 1]], comparators[k, 2]
        # These choices become vector instructions; `min` and `max` would look for NaN.
        if written == BOTH:
            for x in range(len(a)):
                low, high = a[x] if a[x] < b[x] else b[x], b[x] if a[x] < b[x] else a[x]
                a[x], b[x] = low, high
        elif written == SMALLER:
            for x in range(len(a)):
                a[x] = a[x] if a[x] < b[x] else b[x]
        else:
            for x in range(len(a)):
                b[x] = b[x] if a[x] < b[x] else a[x]
