"""Scores of masks that count pixels."""

from collections.abc import Callable
from typing import Literal

from numpy.typing import ArrayLike

from skmask._kernels.arrays import FloatArray
from skmask._kernels.registry import Source
from skmask._kernels.scores import overlap
from skmask._scores.averages import Empty, average_counts, check_average
from skmask._scores.mask_pairs import Masks, score_pairs
from skmask._scores.registry import mask_score

Average = Literal["mean", "micro"] | None
Score = float | FloatArray


@mask_score("dice", overlap.dice)
def dice_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the Dice score, the overlap of two masks over their mean size.

    ``2 tp / (2 tp + fp + fn)``, also known as the F1 score of the pixels, between 0 and 1. The usual score of
    a mask where most of the image is background, which it does not count.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        1 where both masks are empty, 0 where one of them is.

    See Also
    --------
    jaccard_score : Ranks a pair of masks in the same order, and punishes errors more.
    surface_dice : Counts the pixels of the surfaces only, within a tolerance.

    References
    ----------
    L. R. Dice, "Measures of the amount of ecologic association between species", Ecology 26, 1945.
    https://doi.org/10.2307/1932409

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import dice_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> dice_score(y_true, y_pred)
    0.9
    >>> dice_score(y_true, y_pred, average=None)
    array([0.8, 1. ])
    """
    given = (average, sample_weight, groups, empty, roi, "dice_score")
    return _score(overlap.dice, y_true, y_pred, *given)


@mask_score("jaccard", overlap.jaccard)
def jaccard_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the Jaccard score, the intersection of two masks over their union.

    ``tp / (tp + fp + fn)``, between 0 and 1; with the Dice score d, it is ``d / (2 - d)`` of each pair.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        1 where both masks are empty, 0 where one of them is.

    See Also
    --------
    dice_score : Counts the intersection twice.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import jaccard_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> jaccard_score(y_true, y_pred)
    0.8333333333333333
    >>> jaccard_score(y_true, y_pred, average=None)
    array([0.66666667, 1.        ])
    """
    given = (average, sample_weight, groups, empty, roi, "jaccard_score")
    return _score(overlap.jaccard, y_true, y_pred, *given)


@mask_score("pixel_precision", Source("the precision of the pixels"))
def pixel_precision_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of the predicted pixels that is true.

    ``tp / (tp + fp)``, between 0 and 1. Low where a mask reaches beyond its object.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        Where nothing is predicted, 1 if nothing is true either and 0 otherwise.

    See Also
    --------
    pixel_recall_score : The part of the true pixels that is predicted.
    dice_score : The harmonic mean of the two.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import pixel_precision_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> pixel_precision_score(y_true, y_pred)
    0.8333333333333333
    >>> pixel_precision_score(y_true, y_pred, average=None)
    array([0.66666667, 1.        ])
    """
    given = (average, sample_weight, groups, empty, roi, "pixel_precision_score")
    return _score(overlap.precision, y_true, y_pred, *given)


@mask_score("pixel_recall", Source("the recall of the pixels"))
def pixel_recall_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of the true pixels that is predicted.

    ``tp / (tp + fn)``, between 0 and 1, also known as sensitivity. Low where a mask misses parts of its
    object.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        Where nothing is true, 1 if nothing is predicted either and 0 otherwise.

    See Also
    --------
    pixel_precision_score : The part of the predicted pixels that is true.
    specificity_score : The same for the background.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import pixel_recall_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> pixel_recall_score(y_true, y_pred)
    1.0
    >>> pixel_recall_score(y_true, y_pred, average=None)
    array([1., 1.])
    """
    given = (average, sample_weight, groups, empty, roi, "pixel_recall_score")
    return _score(overlap.recall, y_true, y_pred, *given)


@mask_score("specificity", Source("the specificity of the pixels"))
def specificity_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the part of the true background that is predicted as background.

    ``tn / (tn + fp)``, between 0 and 1: the recall of the complements. It depends on how much background an
    image shows; give a `roi` where that is arbitrary.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two full masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        Without true background it is 1 if none is predicted either, and 0 otherwise.

    See Also
    --------
    pixel_recall_score : The same for the foreground.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import specificity_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> specificity_score(y_true, y_pred)
    0.75
    >>> specificity_score(y_true, y_pred, average=None)
    array([0.5, 1. ])
    """
    given = (average, sample_weight, groups, empty, roi, "specificity_score")
    return _score(overlap.specificity, y_true, y_pred, *given)


@mask_score("mcc", overlap.mcc)
def mcc_score(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compute the Matthews correlation coefficient of two masks.

    The correlation of the pixels as zeros and ones, between -1 and 1; foreground and background count alike.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty or two full masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        Where a mask is empty or full, 1 if they are equal, -1 if they are complements and 0 otherwise.

    References
    ----------
    D. Chicco and G. Jurman, "The advantages of the Matthews correlation coefficient (MCC) over F1 score and
    accuracy in binary classification evaluation", BMC Genomics 21, 2020.
    https://doi.org/10.1186/s12864-019-6413-7

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import mcc_score
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> mcc_score(y_true, y_pred)
    0.7886751345948129
    >>> mcc_score(y_true, y_pred, average=None)
    array([0.57735027, 1.        ])
    """
    given = (average, sample_weight, groups, empty, roi, "mcc_score")
    return _score(overlap.mcc, y_true, y_pred, *given)


@mask_score(
    "volume_similarity",
    Source("the similarity of volumes", "Taha and Hanbury 2015", "10.1186/s12880-015-0068-x"),
)
def volume_similarity(
    y_true: Masks,
    y_pred: Masks,
    *,
    average: Average = "mean",
    sample_weight: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    empty: Empty = "one",
    roi: Masks | None = None,
) -> Score:
    """Compare the sizes of two masks, wherever they are.

    ``1 - |fp - fn| / (2 tp + fp + fn)``, between 0 and 1: one minus the difference of the sizes over their
    sum. Masks of one size score 1 even where they do not overlap.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_masks, height, width), (n_masks, depth, height, width) or \
            (n_masks, n_pixels), or list of array-like
        True and predicted masks: booleans, or numbers of two values one of which is 0.
    average : {"mean", "micro"} or None, default="mean"
        Mean of the masks' scores, one score of all their pixels, or None for an array of scores.
    sample_weight : array-like of shape (n_masks,), default=None
        Weight of each mask in the mean or in the counts.
    groups : array-like of shape (n_masks,), default=None
        Group of each mask, such as its patient: the mean is that of the groups' means, which count alike.
    empty : {"one", "nan", "skip"}, default="one"
        Score of two empty masks: 1, NaN, or NaN that the mean leaves out.
    roi : array-like or list of array-like of the masks' shape, default=None
        Region of interest: masks of the pixels to count, or one for all masks of a stack. All pixels by
        default.

    Returns
    -------
    score : float or ndarray of float64 of shape (n_masks,)
        1 where both masks are empty, 0 where one of them is.

    References
    ----------
    A. A. Taha and A. Hanbury, "Metrics for evaluating 3D medical image segmentation", BMC Medical Imaging 15,
    2015. https://doi.org/10.1186/s12880-015-0068-x

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.metrics import volume_similarity
    >>> y_true = np.array([[[0, 1, 1, 0]], [[0, 0, 0, 0]]])
    >>> y_pred = np.array([[[0, 1, 1, 1]], [[0, 0, 0, 0]]])
    >>> volume_similarity(y_true, y_pred)
    0.9
    >>> volume_similarity(y_true, y_pred, average=None)
    array([0.8, 1. ])
    """
    given = (average, sample_weight, groups, empty, roi, "volume_similarity")
    return _score(overlap.volume_similarity, y_true, y_pred, *given)


def _score(
    score: Callable[..., FloatArray],
    y_true: Masks,
    y_pred: Masks,
    average: Average,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None,
    empty: Empty,
    roi: Masks | None,
    caller: str,
) -> Score:
    check_average(average, ("mean", "micro", None), caller=caller)
    counts = score_pairs(
        overlap.count_overlap, y_true, y_pred, roi, caller=caller, stays_on_device=True
    )
    return average_counts(score, counts, average, sample_weight, groups, empty, caller=caller)
