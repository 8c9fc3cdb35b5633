"""Axes of images: that of channels, and those of one pixel, which have no neighbors and no border.

Estimators that use neighboring pixels see images without their axes of one pixel, so that ``(n, h, w, 1)``
and ``(n, 1, h, w)`` give what ``(n, h, w)`` gives; results have these axes again. The axis of channels stays.
"""

from collections.abc import Callable
from functools import lru_cache
from numbers import Integral
from types import MethodType
from typing import Any

import numpy as np

from skmask._images.kinds import brief
from skmask._kernels.pixels.namespaces import namespace

Shape = tuple[int, ...]


def without_axis(shape: Shape, axis: int | None, caller: str) -> Shape:
    """Return a shape of images without the axis of their channels; None is no such axis."""
    if axis is None:
        return shape
    is_axis = isinstance(axis, Integral) and axis != 0 and -len(shape) < axis < len(shape)
    if len(shape) < 3 or not is_axis:
        msg = (
            f"{caller} expects channel_axis to be an axis of the images, got {brief(axis)} for images of "
            f"shape {shape[1:]}. Axis 0 of X counts the images; flat rows have no channels."
        )
        raise ValueError(msg)
    axis = axis % len(shape)
    return shape[:axis] + shape[axis + 1 :]


def axis_of_image(axis: int, n_axes: int) -> int:
    """Return the axis of an image of `n_axes` axes that is an axis of a stack of such images."""
    return axis % (n_axes + 1) - 1


def single_axes(shape: Shape, channel_axis: int | None = None) -> tuple[int, ...]:
    """Return the axes of a stack along which its images have one pixel, but for one if there are no others.

    Parameters
    ----------
    shape : tuple of int
        Shape of the stack, ``(n_images, *image_shape)``.
    channel_axis : int, default=None
        Axis of the stack that holds the channels, which stays.

    Examples
    --------
    >>> (
    ...     single_axes((5, 1, 9, 9)),
    ...     single_axes((5, 9, 9, 1), channel_axis=-1),
    ...     single_axes((5, 1, 1)),
    ... )
    ((1,), (), (1,))
    """
    if 1 not in shape[1:]:
        return ()
    channel = None
    if isinstance(channel_axis, Integral) and -len(shape) < channel_axis < len(shape):
        channel = int(channel_axis) % len(shape)
    return _single_axes(shape, channel)


@lru_cache(maxsize=64)
def _single_axes(shape: Shape, channel: int | None) -> tuple[int, ...]:
    n_axes = len(shape)
    pixels = [axis for axis in range(1, n_axes) if axis != channel]
    single = [axis for axis in pixels if shape[axis] == 1]
    return tuple(single[:-1] if len(single) == len(pixels) else single)


def without_single_axes(shape: Shape, channel_axis: int | None = None) -> Shape:
    """Return a shape of images without their axes of one pixel."""
    single = single_axes(shape, channel_axis)
    return tuple(size for axis, size in enumerate(shape) if axis not in single)


def with_single_axes(results: Any, shape: Shape, channel_axis: int | None = None) -> Any:
    """Return results for images in which axes of one pixel are back.

    Parameters
    ----------
    results : array
        Of the axes of the images without those of one pixel, also without their channels, or with others at
        the end.
    shape : tuple of int
        Shape of the images with all their axes.
    channel_axis : int, default=None
        Axis of `shape` that holds the channels.
    """
    single = single_axes(shape, channel_axis)
    if not single:
        return results
    if channel_axis is not None:
        seen = without_single_axes(shape, channel_axis)
        if tuple(results.shape[1 : len(seen)]) != seen[1:]:
            # One value for all channels, or other values along a last axis.
            channel = channel_axis % len(shape)
            single = tuple(axis - (axis > channel) for axis in single)
    sizes = list(results.shape)
    for axis in single:
        sizes.insert(axis, 1)
    if isinstance(results, np.ndarray):
        return results.reshape(sizes)
    if not hasattr(results, "chunks"):
        return namespace(results).reshape(results, tuple(sizes))
    return results[tuple(None if axis in single else slice(None) for axis in range(len(sizes)))]


def method_for(
    function: Callable[..., Any], shape: Shape, channel_axis: int | None = None
) -> Callable[..., Any]:
    """Return a method of an estimator as it is for images of a shape without their axes of one pixel.

    Other functions are returned as they are.
    """
    single = single_axes(shape, channel_axis)
    if not (single and isinstance(function, MethodType)):
        return function
    owner = function.__self__
    if not hasattr(owner, "_without_axes"):
        return function
    return MethodType(function.__func__, owner._without_axes(shape, single))


def cut_to_axes(
    values: Any, shape: Shape, single: tuple[int, ...], channel_axis: int | None = None
) -> Any:
    """Return the value of a parameter with one entry for each axis of an image, cut to the axes that stay.

    Examples
    --------
    >>> cut_to_axes((3.0, 1.0, 0.5), (5, 1, 9, 9), single=(1,))
    (1.0, 0.5)
    """
    channel = None if channel_axis is None else channel_axis % len(shape)
    pixels = [axis for axis in range(1, len(shape)) if axis != channel]
    try:
        fits = np.shape(values) == (len(pixels),)
    except ValueError:  # rows of different lengths, which are refused later
        fits = False
    if not fits:
        return values
    return tuple(value for value, axis in zip(values, pixels, strict=True) if axis not in single)


def along_all_axes(values: Any, shape: Shape, fill: float = 1.0) -> Any:
    """Return the value of a parameter with one entry for each axis, with a fill for axes of one pixel.

    So lengths and areas are those of the image without these axes.

    Parameters
    ----------
    values : object
        A number for all axes, or one for each axis, those of one pixel among them or not.
    shape : tuple of int
        Shape of a stack of masks, ``(n_images, *image_shape)``.
    fill : float, default=1.0

    Examples
    --------
    >>> along_all_axes(2.0, (5, 1, 9, 9)), along_all_axes((2.0, 0.5), (5, 9, 9, 1))
    ((1.0, 2.0, 2.0), (2.0, 0.5, 1.0))
    """
    single = single_axes(shape)
    if values is None or not single:
        return values
    axes = range(1, len(shape))
    n_long = len(axes) - len(single)
    if np.ndim(values) == 0:
        values = [values] * n_long
    elif np.ndim(values) == 1 and len(values) == len(axes):
        values = [value for value, axis in zip(values, axes, strict=True) if axis not in single]
    if np.ndim(values) != 1 or len(values) != n_long:
        return values
    rest = iter(values)
    return tuple(fill if axis in single else next(rest) for axis in axes)
