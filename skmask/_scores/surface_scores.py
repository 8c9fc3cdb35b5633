"""Scores of masks that measure how far apart their surfaces are."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from skmask._checks import as_float, check_spacing
from skmask._images.axes import cut_to_axes, single_axes
from skmask._images.kinds import brief
from skmask._kernels.arrays import Array, FloatArray
from skmask._kernels.registry import Source
from skmask._kernels.scores import surfaces
from skmask._scores.averages import (
    Empty,
    average_counts,
    check_average,
    empty_value,
    mean_of,
    read_groups,
    read_weights,
)
from skmask._scores.mask_pairs import Masks, score_pairs
from skmask._scores.registry import mask_score

Spacing = float | Sequence[float]
Score = float | FloatArray


@mask_score(
    "neg_hausdorff_distance",
    Source(
        "the Hausdorff distance", "Huttenlocher, Klanderman and Rucklidge 1993", "10.1109/34.232073"
    ),
    takes_rows=False,
)
def hausdorff_distance(
    y_true: Masks,
    y_pred: Masks,
    *,
    percentile: float = 100,
    spacing: Spacing = 1.0,
    average: Literal["mean"] | None = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the Hausdorff distance, the furthest that two surfaces are apart.

    The distance from each surface pixel of one mask to the nearest surface pixel of the other, in both
    directions. The result is the largest distance, or with ``percentile=95`` the larger of the two 95th
    percentiles, which is robust to a few stray pixels. Surface pixels share a face with the background or
    with the frame of the image.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    percentile : float, default=100
        Percentile of the distances in each direction, interpolated linearly.
    spacing : float or sequence of float, default=1.0
        Distance of neighboring pixels, along each axis of an image or along all.
    average : {"mean"} or None, default="mean"
        Mean of the masks' distances, or None for an array of distances.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: a distance of 0, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it.

    Returns
    -------
    distance : float or ndarray of float64 of shape (n_masks,)
        0 where both masks are empty, infinite where one of them is.

    See Also
    --------
    average_surface_distance : The mean in place of the maximum.
    surface_dice : A score between 0 and 1, also where a mask is empty.

    References
    ----------
    D. P. Huttenlocher, G. A. Klanderman and W. J. Rucklidge, "Comparing images using the Hausdorff
    distance", IEEE Transactions on Pattern Analysis and Machine Intelligence 15, 1993.
    https://doi.org/10.1109/34.232073

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import hausdorff_distance
    >>> y_true = np.array([[[1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0]]])
    >>> y_pred = np.array([[[1, 1, 1, 0, 0, 1], [1, 1, 1, 0, 0, 0]]])
    >>> hausdorff_distance(y_true, y_pred)
    3.0
    >>> hausdorff_distance(y_true, y_pred, spacing=(2, 0.5))
    1.5
    """
    caller = "hausdorff_distance"
    if not 0 <= as_float(percentile) <= 100:
        msg = (
            f"{caller} expects percentile between 0 and 100, got {brief(percentile)}. Use 95, say."
        )
        raise ValueError(msg)
    measure = partial(surfaces.hausdorff, percentile=float(percentile))
    given = (spacing, average, sample_weight, groups, empty, roi, caller)
    return _mean_distance(measure, y_true, y_pred, *given)


@mask_score(
    "neg_average_surface_distance",
    Source("the average distance of surfaces", "Heimann et al. 2009", "10.1109/TMI.2009.2013851"),
    takes_rows=False,
)
def average_surface_distance(
    y_true: Masks,
    y_pred: Masks,
    *,
    spacing: Spacing = 1.0,
    average: Literal["mean"] | None = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute how far two surfaces are apart on average.

    The mean distance of the pixels of both surfaces to the other one, also known as the average symmetric
    surface distance. Surface pixels share a face with the background or with the frame of the image.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    spacing : float or sequence of float, default=1.0
        Distance of neighboring pixels, along each axis of an image or along all.
    average : {"mean"} or None, default="mean"
        Mean of the masks' distances, or None for an array of distances.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: a distance of 0, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it.

    Returns
    -------
    distance : float or ndarray of float64 of shape (n_masks,)
        0 where both masks are empty, infinite where one of them is.

    See Also
    --------
    hausdorff_distance : The maximum or a percentile in place of the mean.

    References
    ----------
    T. Heimann et al., "Comparison and evaluation of methods for liver segmentation from CT datasets",
    IEEE Transactions on Medical Imaging 28, 2009. https://doi.org/10.1109/TMI.2009.2013851

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import average_surface_distance
    >>> y_true = np.array([[[1, 1, 1, 0, 0], [1, 1, 1, 0, 0]]])
    >>> y_pred = np.array([[[1, 1, 1, 1, 0], [1, 1, 1, 1, 0]]])
    >>> average_surface_distance(y_true, y_pred)  # 2 of the 14 surface pixels are 1 away
    0.14285714285714285
    """
    caller = "average_surface_distance"
    measure = surfaces.average_distance
    given = (spacing, average, sample_weight, groups, empty, roi, caller)
    return _mean_distance(measure, y_true, y_pred, *given)


@mask_score(
    "surface_dice",
    Source("the surface Dice coefficient", "Nikolov et al. 2021", "10.2196/26151"),
    takes_rows=False,
)
def surface_dice(
    y_true: Masks,
    y_pred: Masks,
    *,
    tolerance: float = 1.0,
    spacing: Spacing = 1.0,
    average: Literal["mean", "micro"] | None = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of two surfaces that is within a tolerance of the other one.

    Between 0 and 1, also known as normalized surface distance. It asks how much of an outline is right, as
    far as people would agree on it, where the Dice score asks how much of an area is. Surface pixels share
    a face with the background or with the frame of the image.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    tolerance : float, default=1.0
        Largest distance that counts as right, in the unit of `spacing`.
    spacing : float or sequence of float, default=1.0
        Distance of neighboring pixels, along each axis of an image or along all.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their surfaces, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        1 where both masks are empty, 0 where one of them is.

    See Also
    --------
    dice_score : Counts all pixels, not those of the surfaces.

    References
    ----------
    S. Nikolov et al., "Clinically applicable segmentation of head and neck anatomy for radiotherapy", Journal
    of Medical Internet Research 23, 2021. https://doi.org/10.2196/26151

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import surface_dice
    >>> y_true = np.array([[[1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0]]])
    >>> y_pred = np.array([[[1, 1, 1, 1, 0, 1], [1, 1, 1, 1, 0, 0]]])
    >>> surface_dice(y_true, y_pred)  # all but 1 of the 15 surface pixels
    0.9333333333333333
    >>> surface_dice(y_true, y_pred, tolerance=0)
    0.8
    """
    caller = "surface_dice"
    check_average(average, ("mean", "micro", None), caller=caller)
    if not as_float(tolerance) >= 0:
        got = brief(tolerance)
        msg = f"{caller} expects tolerance to be 0 or more, got {got}. Use a length in the unit of spacing."
        raise ValueError(msg)
    measure = partial(surfaces.count_near, tolerance=float(tolerance))
    counts = _measure(measure, y_true, y_pred, spacing, roi, caller)
    return average_counts(
        surfaces.near_part, counts, average, sample_weight, groups, empty, caller=caller
    )


def _mean_distance(
    measure: Callable[..., float],
    y_true: Masks,
    y_pred: Masks,
    spacing: Spacing,
    average: str | None,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None,
    empty: Empty,
    roi: Masks | None,
    caller: str,
) -> Score:
    check_average(average, ("mean", None), caller=caller)
    measure = partial(measure, empty=empty_value(empty, 0.0, caller=caller))
    distances = _measure(measure, y_true, y_pred, spacing, roi, caller)
    weights = read_weights(sample_weight, len(distances), caller=caller)
    members = read_groups(groups, len(distances), caller=caller)
    return distances if average is None else mean_of(distances, weights, members, empty)


def _measure(
    measure: Callable[..., Any],
    y_true: Masks,
    y_pred: Masks,
    spacing: Spacing,
    roi: Masks | None,
    caller: str,
) -> Array:
    """Return ``measure(from_true, from_pred)`` of the surface distances of all masks, one row each."""

    def measure_block(true: Any, pred: Any, roi: Any = True) -> Array:
        # An axis of one pixel has no border: along it, every pixel would be on the surface.
        single = single_axes(true.shape)
        steps = check_spacing(
            cut_to_axes(spacing, true.shape, single), true.ndim - 1 - len(single), caller=caller
        )
        true, pred = ((mask & roi).squeeze(single) for mask in (true, pred))
        pairs = zip(true, pred, strict=True)
        return np.array([measure(*surfaces.surface_distances(*pair, steps)) for pair in pairs])

    return score_pairs(measure_block, y_true, y_pred, roi, caller=caller, flat_rows=False)
