"""Gaussian smoothing of one plane of pixels, in place, each scale from the one before.

A Gaussian of sigma 8 follows from one of sigma 4 by a Gaussian of ``sqrt(8**2 - 4**2)``. A smooth image
needs few samples. With taps spread by the sigma reached so far ("a trous", with holes) every scale costs
as much as the first, and the aliasing is below 1e-6 of the contrast. Convolutions along an axis run in
blocks that stay in the second-level cache, as sums of shifted contiguous views; a pixel's sum is in one
order wherever its block lies.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from skmask._kernels.arrays import Float32Array, IntArray
from skmask._kernels.compiled import has_twin

__all__ = ["Taps", "gaussian_taps", "smooth"]


# The weights of the center and of each neighbor to one side, and the distance of neighbors.
Taps = tuple[tuple[float, ...], int]

# Gaussians end here, in sigmas; the share beyond is 0.3 %.
TRUNCATE = 3.0

# A buffer of so many pixels, a sum and a product share a second-level cache of 1 MiB.
_BLOCK = 1 << 16


def gaussian_taps(sigma: float, step: int = 1) -> Taps:
    """Compute the weights of a Gaussian of `sigma` pixels, sampled every `step` pixels.

    Parameters
    ----------
    sigma : float
    step : int, default=1
        At most about the sigma of what has been smoothed before.

    Returns
    -------
    taps : tuple
        Half of the symmetric weights, center first, which sum to 1 over both sides, and `step`.
    """
    spread = sigma / step
    radius = max(int(TRUNCATE * spread + 0.5), 1) if spread > 0 else 0
    distances = np.arange(radius + 1)
    weights = np.exp(-0.5 * np.square(distances / spread)) if radius else np.ones(1)
    weights /= weights[0] + 2 * weights[1:].sum()
    return tuple(weights.tolist()), step


def reach_of(taps: Taps) -> int:
    """Return how many pixels to each side the taps look."""
    weights, step = taps
    return (len(weights) - 1) * step


def smooth(plane: Float32Array, taps: Sequence[Taps]) -> None:
    """Convolve a plane in place along all axes; beyond its edges it is mirrored.

    Parameters
    ----------
    plane : ndarray of float32
        May be a view, as long as it can be written to.
    taps : sequence of Taps
        For each axis; a single weight leaves the axis alone.
    """
    for axis, one in enumerate(taps):
        if len(one[0]) == 1:
            continue
        for lines in _planes(plane, axis):
            if axis == plane.ndim - 1:
                _convolve_last(lines, one)
            else:
                _convolve_first(lines, one)


def _planes(plane: Float32Array, axis: int) -> Iterator[Float32Array]:
    """Yield views of two axes, `axis` and the last one, that cover the array."""
    last = plane.ndim - 1
    first = last - 1 if axis == last else axis
    if first < 0:
        yield plane[np.newaxis]
        return
    others = np.moveaxis(plane, first, -2)
    for index in np.ndindex(others.shape[:-2]):
        yield others[index]


def _convolve_first(lines: Float32Array, taps: Taps) -> None:
    margin = reach_of(taps)
    size, width = lines.shape
    mirrored = _mirrored(size, margin)
    step = max(_BLOCK // (size + 2 * margin), 1)
    for start in range(0, width, step):
        block = lines[:, start : start + step]
        columns = block.shape[1]
        padded = np.empty((size + 2 * margin, columns), np.float32)
        padded[margin : margin + size] = block
        padded[:margin] = block[mirrored[:margin]]
        padded[margin + size :] = block[mirrored[margin + size :]]
        sums = _weighted(padded.reshape(-1), taps, columns, size * columns)
        block[...] = sums.reshape(size, columns)


def _convolve_last(lines: Float32Array, taps: Taps) -> None:
    margin = reach_of(taps)
    height, size = lines.shape
    mirrored = _mirrored(size, margin)
    length = size + 2 * margin
    step = max(_BLOCK // length, 1)
    for start in range(0, height, step):
        block = lines[start : start + step]
        rows = block.shape[0]
        # Sums run over the ends of rows into the next ones; those pixels are not used.
        padded = np.empty((rows, length), np.float32)
        padded[:, margin : margin + size] = block
        padded[:, :margin] = block[:, mirrored[:margin]]
        padded[:, margin + size :] = block[:, mirrored[margin + size :]]
        sums = np.empty(rows * length, np.float32)
        _weighted(padded.reshape(-1), taps, 1, rows * length - 2 * margin, sums)
        block[...] = sums.reshape(rows, length)[:, :size]


@has_twin("convolution")
def _weighted(
    flat: Float32Array, taps: Taps, stride: int, count: int, out: Float32Array | None = None
) -> Float32Array:
    """Sum `count` pixels and their neighbors, `stride` apart, by their weights."""
    weights, step = taps
    center = (len(weights) - 1) * step * stride
    sums = np.empty(count, np.float32) if out is None else out[:count]
    pair = np.empty(count, np.float32)
    np.multiply(flat[center : center + count], np.float32(weights[0]), out=sums)
    for i, weight in enumerate(weights[1:], 1):
        shift = i * step * stride
        np.add(
            flat[center - shift : center - shift + count],
            flat[center + shift : center + shift + count],
            out=pair,
        )
        pair *= np.float32(weight)
        sums += pair
    return sums


def _mirrored(size: int, margin: int) -> IntArray:
    """Return where the pixels of an axis lie that is mirrored beyond its ends, edges repeated."""
    positions = np.arange(-margin, size + margin) % (2 * size)
    return np.minimum(positions, 2 * size - 1 - positions)


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
