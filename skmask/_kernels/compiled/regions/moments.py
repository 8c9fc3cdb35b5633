"""Twins of `skmask._kernels.regions.objects`: bounds and moments of objects, without arrays of all runs.

Sums are added run by run, as `numpy.bincount` adds them. Runs come in the order of their positions, so that
the row of a run is found by counting rows, without a division.
"""

from typing import Any

import numpy as np

from skmask._kernels.arrays import FloatArray, IntArray
from skmask._kernels.compiled.jit import jit
from skmask._kernels.regions.objects import Objects


def bounds_of(objects: Objects) -> IntArray:
    """Return first pixels, and one past the last ones; 0 for no pixels."""
    bounds = np.zeros((len(objects), 2, objects.n_axes), np.intp)
    _find_bounds(*_runs(objects), bounds)
    return bounds


def sums_of(objects: Objects) -> FloatArray:
    """Return the sums of the coordinates along each axis, counted from the bounds."""
    sums = np.zeros((len(objects), objects.n_axes))
    _add(*_runs(objects), objects.bounds, sums, np.empty((0, 0, 0)))
    return sums


def products_of(objects: Objects) -> FloatArray:
    """Return the sums of the products of coordinates along pairs of axes."""
    products = np.zeros((len(objects), objects.n_axes, objects.n_axes))
    _add(*_runs(objects), objects.bounds, np.empty((0, 0)), products)
    return products


def _runs(objects: Objects) -> tuple[Any, ...]:
    """Return the runs of objects, their layout and room for the coordinates of a run."""
    layout = objects.layout
    padded, index = np.array([layout.padded, (0,) * objects.n_axes])
    return objects.starts, objects.ends, objects.numbers, layout.lead, padded, index


@jit
def _find_row(start: Any, row: Any, padded: Any, index: Any) -> Any:
    """Go on to the row of a run, return where it starts, and write the indices of the run to `index`."""
    width = padded[-1]
    while start >= row + width:
        row += width
        axis = index.size - 2
        while axis >= 0:
            index[axis] += 1
            if index[axis] < padded[axis]:
                break
            index[axis] = 0
            axis -= 1
    index[-1] = start - row
    return row


@jit
def _find_bounds(
    starts: Any, ends: Any, numbers: Any, row: Any, padded: Any, index: Any, bounds: Any
) -> None:
    for run in range(starts.size):
        row = _find_row(starts[run], row, padded, index)
        number = numbers[run]
        is_new = bounds[number, 1, -1] == 0
        for axis in range(index.size):
            first = index[axis]
            stop = first + (ends[run] - starts[run] if axis == index.size - 1 else 1)
            if is_new or first < bounds[number, 0, axis]:
                bounds[number, 0, axis] = first
            bounds[number, 1, axis] = max(bounds[number, 1, axis], stop)


@jit
def _add(
    starts: Any,
    ends: Any,
    numbers: Any,
    row: Any,
    padded: Any,
    index: Any,
    bounds: Any,
    sums: Any,
    products: Any,
) -> None:
    last = index.size - 1
    for run in range(starts.size):
        row = _find_row(starts[run], row, padded, index)
        number, length = numbers[run], ends[run] - starts[run]
        start = index[last] - bounds[number, 0, last]
        along = length * (2 * start + length - 1) / 2
        for one in range(len(sums) and last):
            sums[number, one] += length * (index[one] - bounds[number, 0, one])
        if len(sums):
            sums[number, last] += along
            continue
        for one in range(last):
            place = index[one] - bounds[number, 0, one]
            for other in range(one, last):
                moment = length * (index[other] - bounds[number, 0, other])
                products[number, one, other] += place * moment
            products[number, one, last] += place * along
        # Of n numbers from s on: the sum of the squares.
        square = length * start * (start + length - 1)
        square += (length - 1) * length * (2 * length - 1) // 6
        products[number, last, last] += square
    for number in range(len(products)):
        for one in range(last + 1):
            for other in range(one):
                products[number, one, other] = products[number, other, one]
