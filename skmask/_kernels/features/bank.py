"""Use the features of images: stack them, sum them with weights, and take rows of chosen pixels."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from skmask._kernels.arrays import Array, Float32Array, FloatArray, IntArray
from skmask._kernels.features.filters import Place, Strip, iter_features, iter_tiles
from skmask._kernels.features.levels import image_levels
from skmask._kernels.features.plan import FeaturePlan

__all__ = ["feature_rows", "feature_stack", "iter_stacks", "iter_sums", "levels_of"]

Tiles = Sequence[Place] | None


def levels_of(channels: Array, plan: FeaturePlan) -> list[Array | None]:
    """Return the levels of each channel that a plan compares with; they are those of the whole image."""
    if plan.normalize is None:
        return [None] * len(channels)
    return [image_levels(plane) for plane in channels]


def feature_stack(
    channels: Array, plan: FeaturePlan, out: Float32Array | None = None
) -> Float32Array:
    """Compute all features of an image.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.
    out : ndarray of float32, optional
        Where the features are written.

    Returns
    -------
    features : ndarray of float32, shape (n_channels * n_features, *image_shape)
    """
    features = out
    if features is None:
        features = np.empty((len(channels) * len(plan.names), *channels.shape[1:]), np.float32)
    for feature, place, values in _iter_channels(channels, plan, levels_of(channels, plan)):
        features[feature][place] = values
    return features


def iter_stacks(
    channels: Array, plan: FeaturePlan, *, most: int
) -> Iterator[tuple[Place, Float32Array]]:
    """Compute all features of an image tile by tile.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.
    most : int
        Number of pixels that a tile has at most, with its reach.

    Yields
    ------
    tile : tuple of slice
        Where in the image.
    features : ndarray of float32, shape (n_channels * n_features, *tile_shape)
    """
    levels = levels_of(channels, plan)
    for tile in iter_tiles(channels.shape[1:], plan.reach, most=most):
        starts = [part.start for part in tile]
        shape = [part.stop - part.start for part in tile]
        features = np.empty((len(channels) * len(plan.names), *shape), np.float32)
        for feature, place, values in _iter_channels(channels, plan, levels, [tile]):
            features[feature][_moved(place, starts)] = values
        yield tile, features


def _moved(place: Place, starts: Sequence[int]) -> Place:
    return tuple(
        slice(part.start - start, part.stop - start)
        for part, start in zip(place, starts, strict=True)
    )


def iter_sums(
    channels: Array,
    plan: FeaturePlan,
    weights: FloatArray,
    intercepts: FloatArray,
    totals: FloatArray,
) -> Iterator[tuple[Place, Float32Array]]:
    """Compute weighted sums of the features of an image, of which no more than a strip is held.

    Parameters
    ----------
    channels : ndarray of shape (n_channels, *image_shape)
    plan : FeaturePlan
        Of one channel.
    weights : ndarray of shape (n_sums, n_channels * n_features)
    intercepts : ndarray of shape (n_sums,)
    totals : ndarray of shape (n_channels * n_features,)
        The sum of each feature over the pixels is added to it.

    Yields
    ------
    tile : tuple of slice
        Where in the image.
    sums : ndarray of float32, shape (n_sums, *tile_shape)
        NaN where the pixel is not finite in a channel.
    """
    levels = levels_of(channels, plan)
    factors = weights.astype(np.float32)
    for tile in iter_tiles(channels.shape[1:], plan.reach):
        starts = [part.start for part in tile]
        shape = [part.stop - part.start for part in tile]
        sums = np.empty((len(weights), *shape), np.float32)
        for one, intercept in zip(sums, intercepts, strict=True):
            one[...] = intercept
        for feature, place, values in _iter_channels(channels, plan, levels, [tile]):
            there = _moved(place, starts)
            for one, factor in zip(sums, factors[:, feature], strict=True):
                one[there] += values * factor
            totals[feature] += values.sum()
        yield tile, sums


def feature_rows(channels: Array, plan: FeaturePlan, chosen: IntArray) -> Float32Array:
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
    rows = np.empty((chosen.size, len(channels) * len(plan.names)), np.float32)
    coordinates = np.unravel_index(chosen, channels.shape[1:])
    members: dict[tuple[int, ...], tuple[Any, Any]] = {}
    for feature, place, values in _iter_channels(channels, plan, levels_of(channels, plan)):
        key = tuple(part.start for part in place)
        if key not in members:
            members[key] = _members(coordinates, place)
        numbers, inside = members[key]
        if numbers.size:
            rows[numbers, feature] = values[inside]
    return rows


def _members(coordinates: Sequence[IntArray], place: Place) -> tuple[Any, Any]:
    """Return the numbers of the pixels that lie in a place, and their coordinates there."""
    # Along the first axis they ascend.
    first, last = np.searchsorted(coordinates[0], [place[0].start, place[0].stop])
    numbers = np.arange(first, last)
    for along, part in zip(coordinates[1:], place[1:], strict=True):
        here = along[numbers]
        numbers = numbers[(here >= part.start) & (here < part.stop)]
    inside = [along[numbers] - part.start for along, part in zip(coordinates, place, strict=True)]
    return numbers, tuple(inside)


def _iter_channels(
    channels: Array, plan: FeaturePlan, levels: Sequence[Array | None], tiles: Tiles = None
) -> Iterator[Strip]:
    for i, plane in enumerate(channels):
        for feature, place, values in iter_features(plane, plan, levels[i], tiles=tiles):
            yield i * len(plan.names) + feature, place, values
