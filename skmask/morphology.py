"""Binary morphology as functions: the engine behind the estimators, for masks of one's own.

Each function takes a mask with any number of axes, or several masks in one array: `axes` says which axes are
those of an image; the others count images, which never mix. Without `axes` the whole array is one image.
Pixels other than 0 are foreground, NaN is not; the result is a new array of booleans.
"""

from math import prod
from operator import index

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from skmask._checks import check_ball, check_center, check_closing
from skmask._images.axes import cut_to_axes, single_axes
from skmask._images.kinds import brief, read_one
from skmask._kernels.morphology import operations as kernels
from skmask._kernels.morphology.footprints import (
    build_closing_footprint,
    build_footprint,
    footprint_reach,
)
from skmask._kernels.pixels.binary import nonzero, sound

__all__ = ["closing", "dilate", "erode", "opening", "reconstruct"]


def dilate(
    mask, footprint="diamond", *, radius=1, iterations=1, border="ignore", spacing=None, axes=None
):
    """Add pixels at the edge of masks.

    Parameters
    ----------
    mask : array-like
        One mask, or several in one array.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Pixels within `radius` in city-block, chessboard or Euclidean distance, or an array of odd sizes.
    radius : float, default=1
        Radius of a named footprint, in pixels or in units of `spacing`.
    iterations : int or None, default=1
        How many times to dilate. 0 copies; None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside an image count. With ``"ignore"`` the outside never changes the result.
    spacing : sequence of float, default=None
        Distance of neighboring pixels along each axis of an image, for a named footprint; None is 1.
    axes : int or tuple of int, default=None
        The axes of `mask` that are those of an image, in the order of the footprint's. None is all.

    Returns
    -------
    dilated : ndarray of bool
        Of the shape of `mask`.

    See Also
    --------
    skmask.BinaryDilator : The same as an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.morphology import dilate
    >>> mask = np.zeros((3, 5), bool)
    >>> mask[1, 1] = True
    >>> dilate(mask).astype(int)
    array([[0, 1, 0, 0, 0],
           [1, 1, 1, 0, 0],
           [0, 1, 0, 0, 0]])

    The same array as three masks, each of one axis:

    >>> dilate(mask, radius=2, axes=1).astype(int)
    array([[0, 0, 0, 0, 0],
           [1, 1, 1, 1, 0],
           [0, 0, 0, 0, 0]])
    """
    return _operate(
        kernels.dilate,
        "dilate",
        (mask,),
        footprint,
        radius=radius,
        iterations=iterations,
        border=border,
        spacing=spacing,
        axes=axes,
    )


def erode(
    mask, footprint="diamond", *, radius=1, iterations=1, border="ignore", spacing=None, axes=None
):
    """Take pixels away at the edge of masks.

    Parameters
    ----------
    mask : array-like
        One mask, or several in one array.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Pixels within `radius` in city-block, chessboard or Euclidean distance, or an array of odd sizes.
    radius : float, default=1
        Radius of a named footprint, in pixels or in units of `spacing`.
    iterations : int or None, default=1
        How many times to erode. 0 copies; None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside an image count. With ``"ignore"`` the outside never changes the result: nothing
        is eaten from the frame of an image.
    spacing : sequence of float, default=None
        Distance of neighboring pixels along each axis of an image, for a named footprint; None is 1.
    axes : int or tuple of int, default=None
        The axes of `mask` that are those of an image, in the order of the footprint's. None is all.

    Returns
    -------
    eroded : ndarray of bool
        Of the shape of `mask`.

    See Also
    --------
    skmask.BinaryEroder : The same as an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.morphology import erode
    >>> mask = np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 0]])
    >>> erode(mask).astype(int)
    array([[1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0]])
    >>> erode(mask, border="background").astype(int)
    array([[0, 0, 0, 0, 0],
           [0, 1, 1, 0, 0],
           [0, 0, 0, 0, 0]])
    """
    return _operate(
        kernels.erode,
        "erode",
        (mask,),
        footprint,
        radius=radius,
        iterations=iterations,
        border=border,
        spacing=spacing,
        axes=axes,
    )


def opening(
    mask, footprint="diamond", *, radius=1, iterations=1, border="ignore", spacing=None, axes=None
):
    """Remove what the footprint does not fit into: erode masks, then dilate them.

    Parameters
    ----------
    mask : array-like
        One mask, or several in one array.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Pixels within `radius` in city-block, chessboard or Euclidean distance, or an array of odd sizes.
    radius : float, default=1
        Radius of a named footprint, in pixels or in units of `spacing`.
    iterations : int, default=1
        How many times to erode before dilating as often. 0 copies.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside an image count. With ``"ignore"`` the footprint may reach beyond the frame of
        an image where the mask does.
    spacing : sequence of float, default=None
        Distance of neighboring pixels along each axis of an image, for a named footprint; None is 1.
    axes : int or tuple of int, default=None
        The axes of `mask` that are those of an image, in the order of the footprint's. None is all.

    Returns
    -------
    opened : ndarray of bool
        Of the shape of `mask`.

    See Also
    --------
    skmask.BinaryOpener : The same as an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.morphology import opening
    >>> mask = np.array([[0, 1, 1, 1, 0, 1], [0, 1, 1, 1, 0, 0], [0, 1, 1, 1, 1, 0]])
    >>> opening(mask, "square").astype(int)
    array([[0, 1, 1, 1, 0, 0],
           [0, 1, 1, 1, 0, 0],
           [0, 1, 1, 1, 0, 0]])
    """
    return _operate(
        kernels.open_,
        "opening",
        (mask,),
        footprint,
        radius=radius,
        iterations=iterations,
        border=border,
        spacing=spacing,
        axes=axes,
    )


def closing(
    mask, footprint="diamond", *, radius=1, iterations=1, border="ignore", spacing=None, axes=None
):
    """Fill what the footprint, outside of masks, does not fit into: dilate, then erode.

    Parameters
    ----------
    mask : array-like
        One mask, or several in one array.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Pixels within `radius` in city-block, chessboard or Euclidean distance, or an array of odd sizes.
    radius : float, default=1
        Radius of a named footprint, in pixels or in units of `spacing`.
    iterations : int, default=1
        How many times to dilate before eroding as often. 0 copies.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside an image count. With ``"ignore"`` an image is closed as if it lay on a larger,
        empty one: what touches the frame is neither eaten nor grown.
    spacing : sequence of float, default=None
        Distance of neighboring pixels along each axis of an image, for a named footprint; None is 1.
    axes : int or tuple of int, default=None
        The axes of `mask` that are those of an image, in the order of the footprint's. None is all.

    Returns
    -------
    closed : ndarray of bool
        Of the shape of `mask`.

    See Also
    --------
    skmask.BinaryCloser : The same as an estimator.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.morphology import closing
    >>> mask = np.array([[1, 1, 0, 1, 1, 0, 0], [1, 1, 0, 1, 1, 0, 0], [1, 1, 0, 1, 1, 0, 0]])
    >>> closing(mask, "square").astype(int)
    array([[1, 1, 1, 1, 1, 0, 0],
           [1, 1, 1, 1, 1, 0, 0],
           [1, 1, 1, 1, 1, 0, 0]])
    """
    return _operate(
        kernels.close,
        "closing",
        (mask,),
        footprint,
        radius=radius,
        iterations=iterations,
        border=border,
        spacing=spacing,
        axes=axes,
    )


def reconstruct(
    seeds,
    limit,
    footprint="diamond",
    *,
    radius=1,
    iterations=None,
    border="ignore",
    spacing=None,
    axes=None,
):
    """Grow seeds within a limit: dilate them, and cut them to the limit after each time.

    Repeated until stable, this returns all regions of the limit that contain a seed.

    Parameters
    ----------
    seeds : array-like
        One mask to start from, or several in one array. Pixels outside the limit are ignored.
    limit : array-like
        The masks within which the seeds grow, of the same shape.
    footprint : {"diamond", "square", "disk"} or array-like of bool, default="diamond"
        Pixels within `radius` in city-block, chessboard or Euclidean distance, or an array of odd sizes.
    radius : float, default=1
        Radius of a named footprint, in pixels or in units of `spacing`.
    iterations : int or None, default=None
        How many times to dilate. None repeats until nothing changes.
    border : {"ignore", "background", "foreground"}, default="ignore"
        How pixels outside an image count. With ``"foreground"`` the seeds grow in from there too.
    spacing : sequence of float, default=None
        Distance of neighboring pixels along each axis of an image, for a named footprint; None is 1.
    axes : int or tuple of int, default=None
        The axes of `seeds` that are those of an image, in the order of the footprint's. None is all.

    Returns
    -------
    grown : ndarray of bool
        Of the shape of `seeds`.

    See Also
    --------
    skmask.MaskReconstructor : The same as an estimator.

    Examples
    --------
    >>> from skmask.morphology import reconstruct
    >>> limit = [[1, 1, 1, 0, 1, 1]]
    >>> seeds = [[1, 0, 0, 0, 0, 0]]
    >>> reconstruct(seeds, limit).astype(int)
    array([[1, 1, 1, 0, 0, 0]])
    >>> reconstruct(seeds, limit, iterations=1).astype(int)
    array([[1, 1, 0, 0, 0, 0]])
    """
    return _operate(
        kernels.reconstruct,
        "reconstruct",
        (seeds, limit),
        footprint,
        radius=radius,
        iterations=iterations,
        border=border,
        spacing=spacing,
        axes=axes,
    )


def _operate(kernel, caller, masks, footprint, *, radius, iterations, border, spacing, axes):
    """Show a kernel the masks as stacks of images, and give its result their shape."""
    names = ("seeds", "limit") if len(masks) > 1 else ("mask",)
    masks = [_read(mask, caller, name) for mask, name in zip(masks, names, strict=True)]
    if masks[0].shape != masks[-1].shape:
        msg = (
            f"{caller} expects seeds and limit of one shape, got {masks[0].shape} and {masks[1].shape}. Pass "
            "one limit for each mask of seeds."
        )
        raise ValueError(msg)
    own_shape = masks[0].shape
    axes = _check_axes(axes, len(own_shape), caller)
    if isinstance(footprint, str) and 1 in own_shape:  # an array says itself which axes it has
        masks, axes, spacing = _without_single_axes(masks, axes, spacing)
    n_axes = masks[0].ndim
    if not isinstance(border, str) or border not in kernels.BORDERS:
        borders = ", ".join(map(repr, kernels.BORDERS))
        msg = (
            f"{caller} expects border to be one of {borders}, got {brief(border)}. Use 'ignore', the "
            "default."
        )
        raise ValueError(msg)
    n_others = n_axes - len(axes)
    is_in_order = axes == tuple(range(n_others, n_axes))
    if not is_in_order:
        order = (*(axis for axis in range(n_axes) if axis not in axes), *axes)
        masks = [mask.transpose(order) for mask in masks]
    shape = masks[0].shape
    image_shape = shape[n_others:]
    iterations = _check_iterations(iterations, caller)
    ball = check_ball(footprint, len(axes), radius=radius, spacing=spacing, caller=caller)
    if caller == "closing":
        margin = {"iterations": iterations, "border": border}
        check_closing(footprint_reach(ndim=len(axes), **ball), image_shape, caller=caller, **margin)
        footprint = build_closing_footprint(image_shape=image_shape, **margin, **ball)
    else:
        footprint = build_footprint(ndim=len(axes), within=image_shape, **ball)
        check_center(footprint, iterations, caller=caller)
    result = kernel(
        *(mask.reshape(prod(shape[:n_others]), *image_shape) for mask in masks),
        footprint,
        iterations=iterations,
        border=border,
    )
    if is_in_order:
        return result.reshape(own_shape)
    back = sorted(range(n_axes), key=order.__getitem__)
    return np.ascontiguousarray(result.reshape(shape).transpose(back)).reshape(own_shape)


def _without_single_axes(masks, axes, spacing):
    """Leave out the axes of images along which there is one pixel, which has no neighbors and no border."""
    shape = masks[0].shape
    image_shape = (1, *(shape[axis] for axis in axes))
    single = single_axes(image_shape)
    if not single:
        return masks, axes, spacing
    lost = [axes[i - 1] for i in single]
    kept = tuple(axis - sum(one < axis for one in lost) for axis in axes if axis not in lost)
    return (
        [mask.squeeze(tuple(lost)) for mask in masks],
        kept,
        cut_to_axes(spacing, image_shape, single),
    )


def _read(mask, caller, name):
    if type(mask) is np.ndarray and mask.dtype.kind == "b":
        return sound(mask)
    values = read_one(mask, caller=caller, name=name)
    if values.ndim == 0:
        msg = f"{caller} expects {name} to be an array, got {brief(mask)}. Use [{name}] for a single pixel."
        raise ValueError(msg)
    if values.dtype.kind not in "biuf":
        msg = (
            f"{caller} expects {name} to hold booleans or numbers, got dtype {values.dtype}. Compare the "
            "image with a number first."
        )
        raise TypeError(msg)
    return nonzero(values)


def _check_axes(axes, n_axes, caller):
    if axes is None and n_axes:
        return tuple(range(n_axes))
    given = () if axes is None else axes
    try:
        checked = normalize_axis_tuple(given, n_axes)
    except (TypeError, ValueError, OverflowError) as error:
        msg = (
            f"{caller} expects axes to be those of a mask of {n_axes} axes, each once, got {brief(axes)}. "
            "Use None if all are those of one image."
        )
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(msg) from None
    if not checked:
        msg = (
            f"{caller} expects axes to be at least one axis, got none. Use None if all axes are those of one "
            "image."
        )
        raise ValueError(msg)
    return checked


def _check_iterations(iterations, caller):
    if iterations is None and caller not in ("opening", "closing"):
        return None
    try:
        count = index(iterations)
    except TypeError:
        got = brief(iterations)
        msg = f"{caller} expects iterations to be an integer, got {got}. Use 1 for a single pass."
        raise TypeError(msg) from None
    if count < 0:
        msg = (
            f"{caller} expects iterations not to be negative, got {brief(count)}. Use 0 for a copy."
        )
        raise ValueError(msg)
    return count
