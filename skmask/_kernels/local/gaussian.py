"""Gaussian smoothing that leaves out pixels that are no numbers."""

from collections.abc import Sequence

import numpy as np

from skmask._kernels.arrays import Array, Float32Array
from skmask._kernels.compiled import has_planned_twin
from skmask._kernels.local.smoothing import Taps, gaussian_taps, reach_of, smooth
from skmask._kernels.local.windows import blocks

# Where SciPy cuts the kernel off, in standard deviations.
TRUNCATE = 4.0

_ALONE = gaussian_taps(0)


def gaussian_reach(sigma: float) -> int:
    """Return how many pixels the kernel goes to each side."""
    return int(TRUNCATE * sigma + 0.5)


@has_planned_twin("local.gaussian")
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
    taps = gaussian_taps_of(images.shape[1:], sigmas)
    window = tuple(2 * reach_of(one) + 1 for one in taps)
    reach = window[0] // 2
    smoothed = np.empty(images.shape, np.float32)
    # In bands, few copies are held at a time, whatever the size of the image.
    for samples, rows in blocks(images.shape, window):
        start = max(rows.start - reach, 0)
        with np.errstate(over="ignore"):
            part = images[samples, start : rows.stop + reach].astype(np.float32)
        inner = slice(rows.start - start, rows.stop - start)
        smoothed[samples, rows] = _smooth(part, taps)[:, inner]
    return smoothed


def gaussian_taps_of(image_shape: tuple[int, ...], sigmas: Sequence[float]) -> list[Taps]:
    """Return the taps along each axis of images of a shape."""
    taps = []
    for sigma, size in zip(sigmas, image_shape, strict=True):
        # Beyond twice the size of an image, all that remains is its mean, but for 3e-9 of it.
        spread = min(sigma, 2 * size)
        # So narrow a Gaussian has no neighbor of any weight.
        taps.append(gaussian_taps(spread, truncate=TRUNCATE) if gaussian_reach(spread) else _ALONE)
    return taps


def _smooth(images: Float32Array, taps: Sequence[Taps]) -> Float32Array:
    finite = np.isfinite(images)
    if finite.all():
        return _convolve(images, taps)
    sums = _convolve(np.where(finite, images, np.float32(0)), taps)
    shares = _convolve(finite.astype(np.float32), taps)
    # Weights add up to 1 but for rounding. Away from missing pixels nothing is to be divided.
    shares /= _convolve(np.ones((1,) * images.ndim, np.float32), taps)
    np.divide(sums, shares, out=sums, where=finite)
    sums[~finite] = images[~finite]
    return sums


def _convolve(images: Float32Array, taps: Sequence[Taps]) -> Float32Array:
    smooth(images, [_ALONE, *taps])
    return images
