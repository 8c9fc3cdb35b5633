"""Gaussian smoothing that leaves out pixels that are no numbers."""

from collections.abc import Sequence

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.local.smoothing import Taps, gaussian_taps, smooth
from skmask._kernels.local.windows import blocks

# Where SciPy cuts the kernel off, in standard deviations.
TRUNCATE = 4.0

_ALONE = gaussian_taps(0)


def gaussian_reach(sigma: float) -> int:
    """Return how many pixels the kernel goes to each side."""
    return int(TRUNCATE * sigma + 0.5)


def gaussian_smooth(images: Array, sigmas: Sequence[float]) -> Float32Array:
    """Smooth each image of a stack by a Gaussian filter.

    Pixels that are not finite have the weight 0 (normalized convolution: Knutsson and Westin 1993,
    https://doi.org/10.1109/CVPR.1993.341081) and stay as they are. Beyond its edge an image is
    mirrored, about the edge of the last pixel.

    Parameters
    ----------
    images : ndarray of shape (n_images, *image_shape)
        Pixels of any real dtype.
    sigmas : sequence of float
        Standard deviation along each axis of an image, in pixels. 0 leaves an axis as it is.

    Returns
    -------
    smoothed : ndarray of float32, of the shape of the images
    """
    # Beyond twice the size of an image, mirrored as it is, all that remains is its mean, but for 3e-9 of it.
    sigmas = [min(sigma, 2 * size) for sigma, size in zip(sigmas, images.shape[1:], strict=True)]
    reach = gaussian_reach(sigmas[0])
    window = tuple(2 * gaussian_reach(sigma) + 1 for sigma in sigmas)
    smoothed = np.empty(images.shape, np.float32)
    # In bands, few copies are held at a time, whatever the size of the image.
    for samples, rows in blocks(images.shape, window):
        start = max(rows.start - reach, 0)
        with np.errstate(over="ignore"):
            part = images[samples, start : rows.stop + reach].astype(np.float32)
        inner = slice(rows.start - start, rows.stop - start)
        smoothed[samples, rows] = _smooth(part, sigmas)[:, inner]
    return smoothed


def _smooth(images: Float32Array, sigmas: Sequence[float]) -> Float32Array:
    finite = np.isfinite(images)
    if finite.all():
        return _convolve(images, sigmas)
    sums = _convolve(np.where(finite, images, np.float32(0)), sigmas)
    shares = _convolve(finite.astype(np.float32), sigmas)
    # Weights add up to 1 but for rounding. Away from missing pixels nothing is to be divided.
    shares /= _convolve(np.ones((1,) * images.ndim, np.float32), sigmas)
    np.divide(sums, shares, out=sums, where=finite)
    sums[~finite] = images[~finite]
    return sums


def _convolve(images: Float32Array, sigmas: Sequence[float]) -> Float32Array:
    smooth(images, [_ALONE, *map(_taps, sigmas)])
    return images


def _taps(sigma: float) -> Taps:
    # So narrow a Gaussian has no neighbor of any weight.
    return gaussian_taps(sigma, truncate=TRUNCATE) if gaussian_reach(sigma) else _ALONE
