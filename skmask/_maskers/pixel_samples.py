"""Labeled pixels of training images, drawn image by image."""

from dataclasses import dataclass

import numpy as np

from skmask._images.axes import axis_of_image
from skmask._images.faults import numbered
from skmask._kernels.features.sampling import draw_pixels
from skmask._kernels.histograms.counting import count
from skmask._kernels.pixels.namespaces import dtype_of
from skmask._kernels.thresholds.of_pixels import threshold_of

# Rows of features in memory, 36 MB of the default features: of many images fewer pixels each are drawn.
MOST_ROWS = 1 << 19

# Pixels whose labels are looked at together.
PART = 1 << 20


@dataclass(frozen=True, slots=True)
class PixelSamples:
    """Features and labels of pixels, ordered by image.

    Attributes
    ----------
    rows : ndarray of float32, shape (n_pixels, n_features)
    labels : ndarray of int, shape (n_pixels,)
    weights : ndarray, shape (n_pixels,)
        How many pixels each stands for, around 1.
    images : ndarray of int, shape (n_pixels,)
        Position of the image of each pixel.
    """

    rows: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    images: np.ndarray

    @classmethod
    def joined(cls, parts):
        """Return samples of several parts, in the order of their images."""
        fields = [np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__]
        order = np.argsort(fields[-1], kind="stable")
        return cls(*(values[order] for values in fields))

    def part(self, members):
        """Return those of the pixels for which `members` is true."""
        return PixelSamples(*(getattr(self, name)[members] for name in self.__slots__))


def draw_samples(
    images,
    labels,
    rois,
    weights,
    features,
    *,
    n_pixels,
    balance,
    seed,
    channel_axis,
    caller,
    first=0,
):
    """Draw labeled pixels of all images.

    Parameters
    ----------
    images : Images
    labels : sequence of ndarray or None
        Aligned with the blocks; None takes those of Otsu's threshold.
    rois : sequence of ndarray or None
    weights : ndarray of shape (n_images,) or None
    features : PixelFeatures
    n_pixels : int or None
        Of an image; None is all.
    balance : bool
    seed : int
    channel_axis : int or None
    caller : str
    first : int
        Position of the first image.
    """
    most = max(MOST_ROWS // len(images), 1)
    n_pixels = most if n_pixels is None else min(n_pixels, most)
    positions = images.split(np.arange(len(images)))
    threshold = None
    if labels is None:
        labels = (None,) * len(images.blocks)
        threshold = _otsu_threshold(images, weights, rois, channel_axis, caller)

    def draw(block, block_labels, block_rois, block_positions):
        if block_labels is None:
            block_labels = _gray(block, channel_axis) > threshold
        parts = []
        for i, position in enumerate(block_positions.tolist()):
            weight = 1.0 if weights is None else weights[position]
            if weight == 0:
                continue
            rng = np.random.default_rng([seed, first + position])
            roi = block_rois
            if roi is not None and roi.ndim == block_labels.ndim:
                roi = roi[i]
            parts_of_image = _Parts(block[i], block_labels[i], roi, channel_axis, caller)
            chosen, found, factors = draw_pixels(parts_of_image, n_pixels, rng, balance=balance)
            if chosen.size:
                with numbered([i]):
                    rows = features.rows(block[i], chosen)
                at = np.full(chosen.size, first + position)
                drawn = PixelSamples(rows, found, factors * weight, at)
                is_missing = np.isnan(rows).any(axis=1)
                if is_missing.any():
                    drawn = drawn.part(~is_missing)
                if drawn.labels.size:
                    parts.append(drawn)
        return parts

    parts = images.reduce(draw, _concatenated, labels, rois, positions)
    if not parts:
        msg = (
            f"{caller} expects at least one labeled pixel with a finite value, got none. Check the images "
            "and the region of interest."
        )
        raise ValueError(msg)
    return PixelSamples.joined(parts)


def _concatenated(lists):
    return [one for part in lists for one in part]


class _Parts:
    """The labels of an image, part by part, and which of its pixels have one and are finite."""

    def __init__(self, image, labels, roi, channel_axis, caller):
        if channel_axis is not None:
            image = np.moveaxis(image, axis_of_image(channel_axis, image.ndim), -1)
        self._image = image
        self._labels = labels
        self._roi = roi
        self._caller = caller

    def __call__(self):
        n_rows = len(self._labels)
        step = max(PART * n_rows // self._labels.size, 1)
        for start in range(0, n_rows, step):
            rows = slice(start, start + step)
            labels = self._labels[rows]
            known = np.isfinite(self._image[rows])
            if known.ndim > labels.ndim:
                known = known.all(axis=-1)
            if self._roi is not None:
                known &= self._roi[rows]
            if labels.dtype.kind == "f":
                labels = _whole_numbers(labels, known, self._caller)
            yield labels.ravel(), known.ravel()


def _whole_numbers(labels, known, caller):
    fractions = labels[known]
    odd = fractions[~(fractions == np.round(fractions))]
    if odd.size:
        msg = (
            f"{caller} expects y to be masks or label images, booleans or whole numbers, got {odd[0]}. Use y "
            "> 0.5 for probabilities, and roi for pixels without a label."
        )
        raise ValueError(msg)
    return np.where(known, labels, 0).astype(np.int64)


def _otsu_threshold(images, weights, rois, channel_axis, caller):
    """Return Otsu's threshold for the mean of the channels of all images."""

    def count_block(block, block_weights, roi):
        return count(_gray(block, channel_axis), weights=block_weights, roi=roi)

    def merge(parts):
        return parts[0].merge(*parts[1:])

    split = images.split_weights(weights, caller=caller)
    pixels = images.reduce(count_block, merge, split, rois)
    if pixels.keys.size == 0:
        return np.inf
    return threshold_of(pixels, "otsu").threshold


def _gray(block, channel_axis):
    if channel_axis is not None:
        return block.mean(axis=channel_axis)
    # Longer floats differ beyond any bin.
    return block.astype(np.float64) if dtype_of(block).itemsize > 8 else block
