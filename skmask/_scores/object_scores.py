"""Scores of objects: regions of masks or labels, matched one to one by their overlap."""

from collections.abc import Sequence
from typing import Literal

from numpy.typing import ArrayLike

from skmask._kernels.registry import Source
from skmask._kernels.scores import objects
from skmask._scores.averages import (
    Empty,
    check_average,
    empty_value,
    mean_of,
    read_groups,
    read_weights,
)
from skmask._scores.mask_pairs import Masks
from skmask._scores.object_counts import Average, Score, count_objects, score_objects
from skmask._scores.registry import mask_score


@mask_score("object_precision", Source("the precision of the objects"))
def object_precision_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float] = 0.5,
    connectivity: int = 1,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of the predicted objects that match a true one.

    ``tp / (tp + fp)``, between 0 and 1. Low where there are objects too many, or too far off.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    iou : float or sequence of float, default=0.5
        Least intersection over union of two objects that match, above 0 and at most 1, or several of them.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their objects, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    score : float or ndarray of float64
        With several values of `iou` an array with one score for each, in the last axis.

    See Also
    --------
    object_recall_score : The part of the true objects that is found.

    Notes
    -----
    See `object_f1_score` for how objects are matched. Without predicted objects it is 0 if there are
    true ones.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import object_precision_score
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> object_precision_score(y_true, y_pred)
    1.0
    """
    return score_objects(
        objects.precision,
        y_true,
        y_pred,
        iou=iou,
        connectivity=connectivity,
        average=average,
        sample_weight=sample_weight,
        groups=groups,
        empty=empty,
        roi=roi,
        caller="object_precision_score",
    )


@mask_score("object_recall", Source("the recall of the objects"))
def object_recall_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float] = 0.5,
    connectivity: int = 1,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of the true objects that match a predicted one.

    ``tp / (tp + fn)``, between 0 and 1. Low where objects are missed, or touch and count as one.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    iou : float or sequence of float, default=0.5
        Least intersection over union of two objects that match, above 0 and at most 1, or several of them.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their objects, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    score : float or ndarray of float64
        With several values of `iou` an array with one score for each, in the last axis.

    See Also
    --------
    object_precision_score : The part of the predicted objects that is true.

    Notes
    -----
    See `object_f1_score` for how objects are matched. Without true objects it is 0 if there are predicted
    ones.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import object_recall_score
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> print(f"{object_recall_score(y_true, y_pred):.3f}")
    0.667
    """
    return score_objects(
        objects.recall,
        y_true,
        y_pred,
        iou=iou,
        connectivity=connectivity,
        average=average,
        sample_weight=sample_weight,
        groups=groups,
        empty=empty,
        roi=roi,
        caller="object_recall_score",
    )


@mask_score("object_f1", Source("the F1 score of the objects"))
def object_f1_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float] = 0.5,
    connectivity: int = 1,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the F1 score of objects: how many are found, and how many found are true.

    ``2 tp / (2 tp + fp + fn)``, between 0 and 1, the harmonic mean of precision and recall.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    iou : float or sequence of float, default=0.5
        Least intersection over union of two objects that match, above 0 and at most 1, or several of them.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their objects, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    score : float or ndarray of float64
        With several values of `iou` an array with one score for each, in the last axis.

    See Also
    --------
    panoptic_quality : Weighs the matches by their overlap.
    dice_score : The same for pixels, in which a merged pair of objects counts as found.

    Notes
    -----
    A match is a true and a predicted object of one image whose intersection over union is at least `iou`.
    Above 0.5 no object can match two others. At 0.5 and below, the largest number of matches is found, one
    to one, and of these those that overlap most (an assignment problem [1]_). Matches are tp, other
    predicted objects fp, other true ones fn.

    References
    ----------
    .. [1] H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics
       Quarterly 2, 1955. https://doi.org/10.1002/nav.3800020109

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import object_f1_score
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> object_f1_score(y_true, y_pred)
    0.8
    >>> object_f1_score(y_true, y_pred, iou=[0.5, 0.75]).round(3)
    array([0.8, 0.4])
    """
    return score_objects(
        objects.f1,
        y_true,
        y_pred,
        iou=iou,
        connectivity=connectivity,
        average=average,
        sample_weight=sample_weight,
        groups=groups,
        empty=empty,
        roi=roi,
        caller="object_f1_score",
    )


@mask_score(
    "panoptic_quality",
    Source("panoptic quality", "Kirillov et al. 2019", "10.1109/CVPR.2019.00963"),
)
def panoptic_quality(
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float] = 0.5,
    connectivity: int = 1,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the panoptic quality: the F1 score of objects times the mean overlap of the matches.

    ``sum of IoU / (tp + fp / 2 + fn / 2)``, between 0 and 1: how many objects are found, and how well.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    iou : float or sequence of float, default=0.5
        Least intersection over union of two objects that match, above 0 and at most 1, or several of them.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their objects, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    score : float or ndarray of float64
        With several values of `iou` an array with one score for each, in the last axis.

    See Also
    --------
    object_f1_score : How many are found; it also says how objects are matched.
    mean_matched_iou : How well those that are found overlap.

    References
    ----------
    A. Kirillov et al., "Panoptic segmentation", IEEE Conference on Computer Vision and Pattern Recognition,
    2019. https://doi.org/10.1109/CVPR.2019.00963

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import panoptic_quality
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> print(f"{panoptic_quality(y_true, y_pred):.3f}")
    0.667
    """
    return score_objects(
        objects.panoptic_quality,
        y_true,
        y_pred,
        iou=iou,
        connectivity=connectivity,
        average=average,
        sample_weight=sample_weight,
        groups=groups,
        empty=empty,
        roi=roi,
        caller="panoptic_quality",
    )


@mask_score("mean_matched_iou", Source("the mean overlap of matched objects"))
def mean_matched_iou(
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float] = 0.5,
    connectivity: int = 1,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the mean intersection over union of the objects that match.

    Between `iou` and 1, whatever is missed; 0 where nothing matches.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    iou : float or sequence of float, default=0.5
        Least intersection over union of two objects that match, above 0 and at most 1, or several of them.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their objects, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    score : float or ndarray of float64
        With several values of `iou` an array with one score for each, in the last axis.

    See Also
    --------
    panoptic_quality : Counts what is missed as well.

    Notes
    -----
    See `object_f1_score` for how objects are matched.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import mean_matched_iou
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> print(f"{mean_matched_iou(y_true, y_pred):.3f}")
    0.833
    """
    return score_objects(
        objects.matched_iou,
        y_true,
        y_pred,
        iou=iou,
        connectivity=connectivity,
        average=average,
        sample_weight=sample_weight,
        groups=groups,
        empty=empty,
        roi=roi,
        caller="mean_matched_iou",
    )


@mask_score("neg_count_error", Source("the error in the number of objects"))
def count_error(
    y_true: Masks,
    y_pred: Masks,
    *,
    connectivity: int = 1,
    average: Literal["mean"] | None = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute how far the number of predicted objects is from that of the true ones.

    ``|n_pred - n_true|`` of each image: 0 is right, wherever the objects are.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width) or (n_masks, depth, height, width), \
            or list of array-like
        True and predicted objects: masks, whose connected regions are the objects, or label images of
        integers with 0 for background. One may be masks and the other label images.
    connectivity : int, default=1
        Connectivity of the regions of masks: 1 connects pixels that share a face, 2 also those that share an
        edge, and so on.
    average : {"mean"} or None, default="mean"
        Mean of the masks' errors, or None for an array of errors.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of a pair without any object: an error of 0, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: both masks are cut to it, or one for all masks of a stack.

    Returns
    -------
    error : float or ndarray of float64 of shape (n_masks,)

    See Also
    --------
    object_f1_score : Asks whether they are the same objects.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import count_error
    >>> y_true = np.array([[[1, 1, 1, 0, 1, 1, 0, 1]]])  # three objects
    >>> y_pred = np.array([[[1, 1, 0, 0, 1, 1, 0, 0]]])  # two of them
    >>> count_error(y_true, y_pred)
    1.0
    """
    caller = "count_error"
    check_average(average, ("mean", None), caller=caller)
    value = empty_value(empty, 0.0, caller=caller)
    counts = count_objects(y_true, y_pred, [1.0], connectivity, roi, caller)
    tp, fp, fn, total = counts[:, 0].T
    errors = objects.count_error(tp, fp, fn, total, value)
    weights = read_weights(sample_weight, len(errors), caller=caller)
    members = read_groups(groups, len(errors), caller=caller)
    return errors if average is None else mean_of(errors, weights, members, empty)
