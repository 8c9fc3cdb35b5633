"""Twins of `skmask._kernels.local.networks`: comparators carried out on pieces in the first-level cache."""

from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Int64Array
from skmask._kernels.compiled.jit import jit
from skmask._kernels.local.networks import BOTH, SMALLER, Network

# Bytes of a wire.
_PIECE = 1 << 11


def run_network(values: Array, inputs: Int64Array, network: Network, results: Array) -> None:
    """Put numbers on the wires of a network, and write what it finds, at all positions of an array."""
    wires = np.zeros((len(inputs), _PIECE // values.itemsize), values.dtype)
    _run(values, inputs, network.comparators, np.array(network.results), wires, results)


@jit
def _run(values: Any, inputs: Any, comparators: Any, results: Any, wires: Any, target: Any) -> None:
    n_places, step = target.shape[1], wires.shape[1]
    for start in range(0, n_places, step):
        size = min(step, n_places - start)
        for k in range(len(inputs)):
            first = start + inputs[k, 1]
            wire, part = wires[k], values[inputs[k, 0], first : first + size]
            for x in range(size):
                wire[x] = part[x]
        for k in range(len(comparators)):
            a, b, written = wires[comparators[k, 0]], wires[comparators[k, 1]], comparators[k, 2]
            # These choices become vector instructions; `min` and `max` would look for NaN.
            if written == BOTH:
                for x in range(step):
                    low, high = a[x] if a[x] < b[x] else b[x], b[x] if a[x] < b[x] else a[x]
                    a[x], b[x] = low, high
            elif written == SMALLER:
                for x in range(step):
                    a[x] = a[x] if a[x] < b[x] else b[x]
            else:
                for x in range(step):
                    b[x] = b[x] if a[x] < b[x] else a[x]
        for k in range(len(results)):
            wire, part = wires[results[k]], target[k, start : start + size]
            for x in range(size):
                part[x] = wire[x]
