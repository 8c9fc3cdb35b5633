"""What is made of the features of images: stacks of them, weighted sums, and rows of chosen pixels."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmask._kernels.features.filters import Place, Strip, iter_features
from skmask._kernels.features.levels import image_levels
from skmask._kernels.features.plan import FeaturePlan

__all__ = ["feature_rows", "feature_stack", "levels_of", "weighted_features"]

Array = NDArray[Any]
FloatArray = NDArray[np.float32]
Tiles = Sequence[Place] | None


def levels_of(channels: Array, plan: FeaturePlan) -> list[FloatArray | None]:
    """Return the levels of each channel that a plan compares with; they are those of the whole image."""
    if plan.normalize is None:
        return [None] * len(channels)
    return [image_levels(plane) for plane in channels]


def feature_stack(channels: Array, plan: FeaturePlan) -> FloatArray:
    """Compute all features of an image.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.

    Returns
    -------
    features : ndarray of float32, shape (n_channels * n_features, *image_shape)
    """
    features = np.empty((len(channels) * len(plan.names), *channels.shape[1:]), np.float32)
    for feature, place, values in _iter_channels(channels, plan, levels_of(channels, plan)):
        features[feature][place] = values
    return features


def weighted_features(
    channels: Array,
    plan: FeaturePlan,
    weights: NDArray[np.float64],
    intercepts: NDArray[np.float64],
) -> FloatArray:
    """Compute weighted sums of the features of an image, of which no more than a strip is held.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.
    weights : ndarray of shape (n_sums, n_channels * n_features)
    intercepts : ndarray of shape (n_sums,)

    Returns
    -------
    sums : ndarray of float32, shape (n_sums, *image_shape)
        NaN where the pixel is not finite in a channel.
    """
    sums = np.empty((len(weights), *channels.shape[1:]), np.float32)
    for one, intercept in zip(sums, intercepts, strict=True):
        one[...] = intercept
    factors = weights.astype(np.float32)
    for feature, place, values in _iter_channels(channels, plan, levels_of(channels, plan)):
        for one, factor in zip(sums, factors[:, feature], strict=True):
            one[place] += values * factor
    return sums


def feature_rows(channels: Array, plan: FeaturePlan, chosen: NDArray[np.intp]) -> FloatArray:
    """Compute the features of chosen pixels.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.
    chosen : ndarray of int
        Positions of pixels in the flattened image, ascending.

    Returns
    -------
    rows : ndarray of float32, shape (n_chosen, n_channels * n_features)
    """
    shape = channels.shape[1:]
    rows = np.empty((chosen.size, len(channels) * len(plan.names)), np.float32)
    numbers = np.full(shape, -1, np.int32)
    numbers.ravel()[chosen] = np.arange(chosen.size, dtype=np.int32)
    members: dict[tuple[int, ...], tuple[Any, Any]] = {}
    for feature, place, values in _iter_channels(channels, plan, levels_of(channels, plan)):
        key = tuple(part.start for part in place)
        if key not in members:
            here = numbers[place]
            inside = np.nonzero(here >= 0)
            members[key] = inside, here[inside]
        inside, numbered = members[key]
        if numbered.size:
            rows[numbered, feature] = values[inside]
    return rows


def _iter_channels(
    channels: Array, plan: FeaturePlan, levels: Sequence[FloatArray | None], tiles: Tiles = None
) -> Iterator[Strip]:
    for i, plane in enumerate(channels):
        for feature, place, values in iter_features(plane, plan, levels[i], tiles=tiles):
            yield i * len(plan.names) + feature, place, values
