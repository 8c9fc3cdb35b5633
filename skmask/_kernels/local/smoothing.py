"""Gaussian smoothing of planes of pixels, in place, and each scale from the one before.

A Gaussian of sigma 8 follows from one of sigma 4 by a Gaussian of ``sqrt(8**2 - 4**2)``. A smooth image
needs few samples. With taps spread by the sigma reached so far ("a trous", with holes) every scale costs
as much as the first, and the aliasing is below 1e-6 of the contrast. Convolutions along an axis run in
blocks that stay in the second-level cache, as sums of shifted contiguous views; a pixel's sum is in one
order wherever its block lies.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

from skmask._kernels.arrays import Array
from skmask._kernels.compiled import has_twin
from skmask._kernels.local.windows import mirrored

__all__ = ["Taps", "gaussian_taps", "smooth"]


# The weights of the center and of each neighbor to one side, and the distance of neighbors.
Taps = tuple[tuple[float, ...], int]

# Gaussians end here, in sigmas; the share beyond is 0.3 %.
TRUNCATE = 3.0

# A buffer of so many pixels, a sum and a product share a second-level cache of 1 MiB.
_BLOCK = 1 << 16


@lru_cache(maxsize=64)
def gaussian_taps(sigma: float, step: int = 1, truncate: float = TRUNCATE) -> Taps:
    """Compute the weights of a Gaussian of `sigma` pixels, sampled every `step` pixels.

    Parameters
    ----------
    sigma : float
    step : int, default=1
        At most about the sigma of what has been smoothed before.
    truncate : float, default=3.0
        Where the Gaussian ends, in sigmas.

    Returns
    -------
    taps : tuple
        Half of the symmetric weights, center first, which sum to 1 over both sides, and `step`.
    """
    spread = sigma / step
    radius = max(int(truncate * spread + 0.5), 1) if spread > 0 else 0
    distances = np.arange(radius + 1)
    weights = np.exp(-0.5 * np.square(distances / spread)) if radius else np.ones(1)
    weights /= weights[0] + 2 * weights[1:].sum()
    return tuple(weights.tolist()), step


def reach_of(taps: Taps) -> int:
    """Return how many pixels to each side the taps look."""
    weights, step = taps
    return (len(weights) - 1) * step


def smooth(plane: Array, taps: Sequence[Taps]) -> None:
    """Convolve a plane in place along all axes; beyond its edges it is mirrored.

    Parameters
    ----------
    plane : ndarray of float32 or float64
        May be a view, as long as it can be written to; or many of them, one behind the other.
    taps : sequence of Taps
        For each axis; a single weight leaves the axis alone.
    """
    for axis, one in enumerate(taps):
        if len(one[0]) == 1:
            continue
        for lines in _lines(plane, axis):
            if axis == plane.ndim - 1:
                _convolve_last(lines, one)
            else:
                _convolve_first(lines, one)


def _lines(plane: Array, axis: int) -> Iterator[Array]:
    """Yield views that cover the array.

    For the last axis they have two axes. For others they have three: `axis`, one of planes, and the last.
    """
    shape = plane.shape
    if plane.flags.c_contiguous:
        lines = plane.reshape(-1, shape[axis], prod(shape[axis + 1 :]))
        yield lines[:, :, 0] if axis == plane.ndim - 1 else lines.swapaxes(0, 1)
        return
    last = plane.ndim - 1
    first = last - 1 if axis == last else axis
    if first < 0:
        yield plane[np.newaxis]
        return
    others = np.moveaxis(plane, first, -2)
    for index in np.ndindex(others.shape[:-2]):
        yield others[index] if axis == last else others[index][:, np.newaxis]


def _convolve_first(lines: Array, taps: Taps) -> None:
    margin = reach_of(taps)
    size, n_planes, width = lines.shape
    sources = mirrored(size, margin)
    step = max(_BLOCK // (size + 2 * margin), 1)
    group = max(step // width, 1)
    for first, start in product(range(0, n_planes, group), range(0, width, step)):
        block = lines[:, first : first + group, start : start + step]
        padded = np.empty((size + 2 * margin, *block.shape[1:]), lines.dtype)
        padded[margin : margin + size] = block
        padded[:margin] = block[sources[:margin]]
        padded[margin + size :] = block[sources[margin + size :]]
        sums = _weighted(padded.reshape(-1), taps, prod(block.shape[1:]), block.size)
        block[...] = sums.reshape(block.shape)


def _convolve_last(lines: Array, taps: Taps) -> None:
    margin = reach_of(taps)
    height, size = lines.shape
    sources = mirrored(size, margin)
    length = size + 2 * margin
    step = max(_BLOCK // length, 1)
    for start in range(0, height, step):
        block = lines[start : start + step]
        rows = block.shape[0]
        # Sums run over the ends of rows into the next ones; those pixels are not used.
        padded = np.empty((rows, length), lines.dtype)
        padded[:, margin : margin + size] = block
        padded[:, :margin] = block[:, sources[:margin]]
        padded[:, margin + size :] = block[:, sources[margin + size :]]
        sums = np.empty(rows * length, lines.dtype)
        _weighted(padded.reshape(-1), taps, 1, rows * length - 2 * margin, sums)
        block[...] = sums.reshape(rows, length)[:, :size]


@has_twin("local.smoothing")
def _weighted(flat: Array, taps: Taps, stride: int, count: int, out: Array | None = None) -> Array:
    """Sum `count` pixels and their neighbors, `stride` apart, by their weights."""
    weights, step = taps
    center = (len(weights) - 1) * step * stride
    sums = np.empty(count, flat.dtype) if out is None else out[:count]
    pair = np.empty(count, flat.dtype)
    np.multiply(flat[center : center + count], flat.dtype.type(weights[0]), out=sums)
    for i, weight in enumerate(weights[1:], 1):
        shift = i * step * stride
        np.add(
            flat[center - shift : center - shift + count],
            flat[center + shift : center + shift + count],
            out=pair,
        )
        pair *= flat.dtype.type(weight)
        sums += pair
    return sums


def chained_taps(scales: Sequence[float], spacing: Sequence[float]) -> list[list[Taps]]:
    """Compute for each scale the taps along each axis that make it of the scale before.

    Parameters
    ----------
    scales : sequence of float
        Ascending sigmas, in the unit of `spacing`.
    spacing : sequence of float
        Distance of neighboring pixels along each axis.
    """
    chain, done = [], 0.0
    for scale in scales:
        more = math.sqrt(scale * scale - done * done)
        chain.append([gaussian_taps(more / one, max(int(done / one), 1)) for one in spacing])
        done = scale
    return chain
