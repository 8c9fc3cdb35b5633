"""Checks of parameters and of what comes beside the images: each is written once, with its message.

`caller` is the name of the estimator or function that is named in errors. Kernels do not check again.
"""

import inspect
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skmask._images.kinds import brief, read_one
from skmask._kernels.morphology.footprints import FOOTPRINTS
from skmask._kernels.pixels.precision import finite_limits, loses_contrast
from skmask._kernels.regions.statistics import STATISTICS
from skmask._names import did_you_mean
from skmask._warn import warn

# Histograms have at most 65,536 occupied bins, so that more bins than this tell nothing more.
MOST_BINS = 2**20

SPACING_REMEDY = "Set it to the distance of neighboring pixels along each axis of the image."


def warn_of_lost_contrast(pixels: NDArray[Any], *, caller: str, also: str = "") -> bool:
    """Warn of pixels that float32 does not tell apart, and tell whether there was a warning.

    Parameters
    ----------
    pixels : ndarray
    caller : str
    also : str, default=""
        Another remedy, as the end of a sentence.
    """
    is_lost = loses_contrast(pixels)
    if is_lost:
        low, high = finite_limits(pixels)
        warn(
            f"{caller} computes in float32, which rounds pixels to 7 digits, and got pixels from "
            f"{low:.9g} to {high:.9g}, which lose their contrast. Subtract the same number from all images, "
            f"such as X - {low:.9g}{also}.",
            subject="contrast",
        )
    return is_lost


def check_weights(
    weights: ArrayLike, n_images: int, *, caller: str, allow_zeros: bool = False
) -> NDArray[np.float64]:
    """Return sample weights as an array of float64, one for each image.

    Parameters
    ----------
    weights : array-like of shape (n_images,)
        Finite and not negative.
    n_images : int
    caller : str
    allow_zeros : bool
        Whether all of them may be 0.

    Returns
    -------
    weights : ndarray of float64
    """
    try:
        checked = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        msg = (
            f"{caller} expects sample_weight to be numbers, got {type(weights).__name__}. Pass one number "
            "for each image."
        )
        raise TypeError(msg) from None
    if checked.shape != (n_images,):
        msg = (
            f"{caller} expects sample_weight to be one number for each of {n_images} images, got an array "
            f"of shape {checked.shape}. Weights belong to images; use roi for pixels."
        )
        raise ValueError(msg)
    if not (np.isfinite(checked) & (checked >= 0)).all():
        worst = checked[~(np.isfinite(checked) & (checked >= 0))][0]
        msg = (
            f"{caller} expects sample_weight to be finite and not negative, got {worst}. Use 0 to leave an "
            "image out."
        )
        raise ValueError(msg)
    if not (allow_zeros or checked.any()):
        msg = (
            f"{caller} expects sample_weight to be positive for some images, got zero weights only. Leave "
            "sample_weight out to weigh all images alike."
        )
        raise ValueError(msg)
    return checked


def check_value_range(value_range: Any, *, caller: str) -> None:
    """Refuse a range of bins that is neither "robust", "minmax" nor two finite numbers in order."""
    if isinstance(value_range, str):
        is_fine = value_range in ("robust", "minmax")
    else:
        is_fine = are_bounds(value_range) and None not in value_range
        is_fine = is_fine and -math.inf < value_range[0] < value_range[1] < math.inf
    if not is_fine:
        msg = (
            f"{caller} expects a value_range of two finite numbers low < high, got {brief(value_range)}. "
            "Order them, or use 'robust' or 'minmax'."
        )
        raise ValueError(msg)


def check_n_bins(n_bins: Any, *, caller: str) -> None:
    """Refuse a number of bins that is neither "auto" nor an integer of some use."""
    is_auto = isinstance(n_bins, str) and n_bins == "auto"
    if not is_auto and not (isinstance(n_bins, Integral) and 1 <= int(n_bins) <= MOST_BINS):
        msg = (
            f"{caller} expects n_bins to be an integer from 1 to {MOST_BINS} or 'auto', got {brief(n_bins)}. "
            "Use 'auto'."
        )
        raise ValueError(msg)


def check_one_kind(parts: Iterable[Any], *, caller: str) -> None:
    """Refuse to merge counts of pixels of different kinds, such as integers and floats."""
    kinds = sorted({part.kind for part in parts})
    if len(kinds) > 1:
        msg = (
            f"{caller} expects images of one kind of pixels, got {' and '.join(kinds)}. "
            "Convert all images to one dtype."
        )
        raise ValueError(msg)


def check_some_pixel(histogram: Any, *, caller: str) -> None:
    """Refuse to choose from a histogram without a pixel."""
    if histogram.keys.size == 0:
        msg = (
            f"{caller} expects at least one finite pixel, got none. "
            "Check the images, the weights and the region of interest."
        )
        raise ValueError(msg)


def as_float(value: Any) -> float:
    """Return a real number as a float; NaN for what is none, or too large."""
    try:
        return float(value) if isinstance(value, Real) else math.nan
    except OverflowError:
        return math.nan


def are_bounds(bounds: Any, lowest: float = -math.inf, highest: float = math.inf) -> bool:
    """Tell whether bounds are two numbers in order, within limits; None is unbounded."""
    if not isinstance(bounds, list | tuple) or len(bounds) != 2:
        return False
    if not all(bound is None or isinstance(bound, Real) for bound in bounds):
        return False
    low, high = bounds
    low, high = lowest if low is None else low, highest if high is None else high
    return lowest <= low <= high <= highest


def check_spacing(
    spacing: float | Sequence[float] | None, n_axes: int, *, caller: str
) -> NDArray[np.float64]:
    """Return the distance of neighboring pixels along each axis of an image, 1 where `spacing` is None."""
    if spacing is None:
        return np.ones(n_axes)
    try:
        steps = np.asarray(spacing)
    except ValueError:  # sequences of different lengths
        steps = np.asarray(None)
    fits = steps.dtype.kind in "iuf" and steps.shape in ((), (n_axes,))
    if not fits or not ((steps > 0) & np.isfinite(steps)).all():
        msg = (
            f"{caller} expects spacing to be a positive number or {n_axes} of them, got {brief(spacing)}. "
            f"{SPACING_REMEDY}"
        )
        raise ValueError(msg)
    return np.broadcast_to(steps.astype(np.float64), n_axes)


def check_connectivity(connectivity: int, n_axes: int, *, caller: str) -> None:
    """Refuse a connectivity above the number of axes."""
    if not (isinstance(connectivity, Integral) and 1 <= connectivity <= n_axes):
        msg = (
            f"{caller} expects a connectivity from 1 to the number of axes of an image, {n_axes}, "
            f"got {brief(connectivity)}. Use 1 for pixels that share a face."
        )
        raise ValueError(msg)


def check_window(window: int | Sequence[int], n_axes: int, *, caller: str) -> tuple[int, ...]:
    """Return the odd length of a window along each axis of an image."""
    # Most calls; to check sequences takes longer than masking a small image.
    if type(window) is int and window > 0 and window % 2:
        return (window,) * n_axes
    lengths = (
        (window,) * n_axes
        if isinstance(window, Integral)
        else tuple(np.ravel(np.asarray(window, object)))
    )
    is_odd = all(
        isinstance(length, Integral) and int(length) > 0 and length % 2 for length in lengths
    )
    if len(lengths) != n_axes or not is_odd:
        msg = (
            f"{caller} expects window to be a positive odd integer, or one for each of the {n_axes} axes of "
            f"an image, got {window!r}. Use 2 * half + 1 for a window that looks half pixels to each side."
        )
        raise ValueError(msg)
    return tuple(int(length) for length in lengths)


def check_radius(radius: Any, *, caller: str) -> float:
    """Return the radius of a named footprint as a float."""
    try:
        length = float(operator.pos(radius))
    except OverflowError:
        length = math.inf
    except TypeError:
        msg = f"{caller} expects radius to be a number, got {type(radius).__name__}. Try radius=1."
        raise TypeError(msg) from None
    if not 0 <= length < math.inf:
        msg = (
            f"{caller} expects radius to be finite and not negative, got {brief(radius)}. Use 0 for the "
            "pixel itself."
        )
        raise ValueError(msg)
    return length


def check_footprint_name(footprint: str, *, caller: str) -> None:
    """Refuse a name that no footprint has."""
    if footprint not in FOOTPRINTS:
        msg = (
            f"{caller} expects footprint to be one of {', '.join(map(repr, FOOTPRINTS))} or an "
            f"array, got {footprint!r}."
            f"{did_you_mean(footprint, FOOTPRINTS) or ' Use one of these names.'}"
        )
        raise ValueError(msg)


def check_footprint(footprint: NDArray[Any], n_axes: int, *, caller: str) -> NDArray[np.bool_]:
    """Return a footprint that was passed as an array, as a new array of booleans.

    Parameters
    ----------
    footprint : ndarray of bool or of 0 and 1
        Of `n_axes` axes, each of odd size, with at least one pixel.
    n_axes : int
    caller : str

    Returns
    -------
    footprint : ndarray of bool
    """
    if footprint.ndim != n_axes:
        msg = (
            f"{caller} expects a footprint with {n_axes} axes, as the images have, got one of shape "
            f"{footprint.shape}. The sample axis is no part of a footprint."
        )
        raise ValueError(msg)
    if any(size % 2 == 0 for size in footprint.shape):
        msg = (
            f"{caller} expects a footprint of odd size along each axis, so that it has a center, "
            f"got shape {footprint.shape}. Pad it with False."
        )
        raise ValueError(msg)
    if footprint.dtype.kind != "b" and not np.isin(footprint, (0, 1)).all():
        msg = (
            f"{caller} expects a footprint of booleans or of 0 and 1, got dtype {footprint.dtype} "
            "with other values. Compare it with a number first."
        )
        raise ValueError(msg)
    pixels = footprint.astype(np.bool_)
    if not pixels.any():
        msg = f"{caller} expects a footprint with at least one pixel set, got none. Set the center."
        raise ValueError(msg)
    return pixels


def check_ball(
    footprint: Any, n_axes: int, *, radius: Any, spacing: Any, caller: str
) -> dict[str, Any]:
    """Return a footprint, by name or as an array, with its radius and spacing, as kernels take them.

    Parameters
    ----------
    footprint : str or array-like of bool
    n_axes : int
        Number of axes of an image.
    radius : float
        Radius of a named footprint.
    spacing : float or sequence of float or None
        Distance of neighboring pixels, for a named footprint.
    caller : str

    Returns
    -------
    given : dict
        Arguments of `skmask._kernels.morphology.footprints.build_footprint`.
    """
    if not isinstance(footprint, str):
        pixels = read_one(footprint, caller=caller, name="footprint")
        return {"footprint": check_footprint(pixels, n_axes, caller=caller)}
    check_footprint_name(footprint, caller=caller)
    return {
        "footprint": footprint,
        "radius": check_radius(radius, caller=caller),
        "spacing": None
        if spacing is None
        else check_spacing(spacing, n_axes, caller=caller).tolist(),
    }


def check_center(footprint: NDArray[np.bool_], iterations: int | None, *, caller: str) -> None:
    """Refuse to repeat until nothing changes with a footprint that does not contain its center."""
    if iterations is None and not footprint[tuple(size // 2 for size in footprint.shape)]:
        msg = (
            f"{caller} expects a footprint that contains its center when iterations is None, as masks may "
            "change forever otherwise. Set the center, or a number of iterations."
        )
        raise ValueError(msg)


def check_closing(
    reach: Sequence[int], image_shape: Sequence[int], *, iterations: int, border: str, caller: str
) -> None:
    """Refuse a closing whose margin around the images takes far more memory than they do."""
    margin = iterations * max(reach) if border == "ignore" else 0
    most = 2 * max(image_shape) + 64
    if margin > most:
        msg = (
            f"{caller} expects radius and iterations that reach at most {most} pixels for images of shape "
            f"{tuple(image_shape)}, twice their size and 64, got {margin}. Use a smaller radius, fewer "
            "iterations, or border='background', which needs no margin."
        )
        raise ValueError(msg)


def check_statistics(
    names: Sequence[str], n_axes: int, *, caller: str, param: str = "statistics"
) -> None:
    """Refuse names that are no statistics of regions of images with `n_axes` axes."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        msg = (
            f"{caller} expects {param} to be a sequence of names, got {brief(names)}. Put them into a "
            "tuple."
        )
        raise TypeError(msg)
    if not len(names):
        msg = f"{caller} expects {param} to name one or more, got none. Choose from {sorted(STATISTICS)}."
        raise ValueError(msg)
    for name in names:
        if not isinstance(name, str) or name not in STATISTICS:
            msg = (
                f"{caller} expects {param} among {sorted(STATISTICS)}, got {brief(name)}."
                f"{did_you_mean(name, STATISTICS) or ' Use some of these names.'}"
            )
            raise ValueError(msg)
        needed = STATISTICS[name].n_axes
        if needed not in (None, n_axes):
            msg = (
                f"{caller} expects images of {needed} axes to measure {name!r}, got {n_axes}. "
                f"Leave it out of the {param}."
            )
            raise ValueError(msg)


def check_fill_value(
    dtype: np.dtype[Any],
    fill_value: Any,
    *,
    caller: str,
    remedy: str = "X.astype({!r})",
    name: str = "fill_value",
) -> NDArray[Any]:
    """Return a fill value, a number or an array of numbers, in the dtype that has to hold it.

    Parameters
    ----------
    dtype : dtype
    fill_value : number or array-like
    caller : str
        Name of the estimator, for errors.
    remedy : str
        How to correct a value that the dtype cannot hold, with a placeholder for the name of one that can.
    name : str
        Name of the parameter, for errors.

    Returns
    -------
    fill : ndarray of `dtype`, in the shape of `fill_value`

    Raises
    ------
    TypeError
        If the fill value is no number.
    ValueError
        If the dtype cannot hold it: integers hold no fractions and no NaN, and nothing wraps around.
    """
    fill = np.asarray(fill_value)
    if fill.dtype.kind == "O":
        fill = fill.astype(np.float64)  # integers beyond 64 bits
    if fill.dtype.kind not in "biuf":
        msg = (
            f"{caller} expects {name} to be a number or an array of them, got {fill_value!r}. "
            "Convert it first."
        )
        raise TypeError(msg)
    with np.errstate(over="ignore", invalid="ignore"):
        converted = fill.astype(dtype)
    if dtype.kind == "f":
        is_held = np.array_equal(np.isinf(converted), np.isinf(fill))
    else:
        is_held = np.array_equal(converted, fill)
    if not is_held:
        narrowest = np.min_scalar_type(fill) if fill.ndim == 0 else fill.dtype
        if fill.dtype.kind == "f":
            narrowest = np.result_type(narrowest, np.float32)  # few take shorter floats
        wider = np.result_type(dtype, narrowest).name
        msg = (
            f"{caller} expects a {name} that {dtype} can hold, got {fill_value}. "
            f"Use another value, or {remedy.format(wider)}."
        )
        raise ValueError(msg)
    return converted


def is_estimator(estimator: Any) -> bool:
    """Tell whether an object is an estimator instance."""
    is_class = isinstance(estimator, type)
    return not is_class and hasattr(estimator, "fit") and hasattr(estimator, "transform")


def check_estimator(estimator: Any, expectation: str) -> None:
    """Refuse an object that is no estimator instance; `expectation` begins the message."""
    if isinstance(estimator, type):
        name = estimator.__name__
        msg = f"{expectation}, got the class {name}. Make one: {name}(...)."
        raise TypeError(msg)
    if not is_estimator(estimator):
        remedy = "FixedMasker(mask) for a known mask"
        if isinstance(estimator, str):
            remedy = f"HistogramThresholdMasker({estimator!r}) for a method"
        elif isinstance(estimator, Real):
            remedy = f"ThresholdMasker({estimator!r}) for a threshold"
        msg = f"{expectation}, got {type(estimator).__name__}. Use {remedy}."
        raise TypeError(msg)


def check_taken(fit_params: Mapping[str, Any], masker: Any, name: str, *, caller: str) -> None:
    """Refuse parameters that the ``fit`` of a masker, known by a name to its owner, does not take."""
    taken = inspect.signature(masker.fit).parameters
    if any(one.kind is one.VAR_KEYWORD for one in taken.values()):
        return
    for key in fit_params:
        if key not in taken:
            msg = (
                f"{caller} cannot pass {key} to its masker {name!r}, as fit of {type(masker).__name__} "
                "does not take it. Enable metadata routing by "
                "sklearn.set_config(enable_metadata_routing=True), and request it by "
                f"set_fit_request({key}=True) of the maskers that take it."
            )
            raise TypeError(msg)
