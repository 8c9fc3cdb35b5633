"""Matches of objects counted in pairs of masks or label images, and scores made of the counts."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from skmask._checks import check_connectivity
from skmask._images.kinds import brief
from skmask._kernels.arrays import Array, FloatArray
from skmask._kernels.regions.objects import Objects, labels_of, regions_of
from skmask._kernels.scores import objects
from skmask._scores.averages import Empty, average_counts, check_average
from skmask._scores.mask_pairs import Masks, score_pairs

Average = Literal["mean", "micro"] | None
Score = float | FloatArray


def score_objects(
    score: Callable[..., FloatArray],
    y_true: Masks,
    y_pred: Masks,
    *,
    iou: float | Sequence[float],
    connectivity: int,
    average: Average,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None,
    empty: Empty,
    roi: Masks | None,
    caller: str,
) -> Score:
    """Return ``score(tp, fp, fn, total)`` of pairs of masks, averaged, at one least overlap or several."""
    check_average(average, ("mean", "micro", None), caller=caller)
    ious = _read_ious(iou, caller)
    counts = count_objects(y_true, y_pred, np.atleast_1d(ious).tolist(), connectivity, roi, caller)
    scores: Any = average_counts(
        score, counts, average, sample_weight, groups, empty, caller=caller
    )
    if ious.ndim:
        return np.asarray(scores)
    return scores[:, 0] if average is None else float(scores[0])


def _read_ious(iou: Any, caller: str) -> FloatArray:
    try:
        ious = np.asarray(iou)
    except ValueError:  # rows of different lengths
        ious = np.empty(0)
    fits = ious.ndim <= 1 and ious.size and ious.dtype.kind in "iuf"
    if not fits or not ((ious > 0) & (ious <= 1)).all():
        msg = (
            f"{caller} expects iou to be above 0 and at most 1, or a sequence of such numbers, got "
            f"{brief(iou)}. Use 0.5, at which half of the union is shared."
        )
        raise ValueError(msg)
    return ious.astype(np.float64)


def count_objects(
    y_true: Masks,
    y_pred: Masks,
    ious: list[float],
    connectivity: int,
    roi: Masks | None,
    caller: str,
) -> Array:
    """Count the matches of each pair of masks, at each least overlap."""

    def count_block(true: Any, pred: Any, roi: Any = None) -> Array:
        check_connectivity(connectivity, true.ndim - 1, caller=caller)
        if roi is not None:
            true, pred = (np.where(roi, one, np.zeros((), one.dtype)) for one in (true, pred))
        return objects.count_matches(
            _objects(true, connectivity), _objects(pred, connectivity), ious
        )

    return score_pairs(
        count_block, y_true, y_pred, roi, caller=caller, flat_rows=False, of_objects=True
    )


def _objects(block: Array, connectivity: int) -> Objects:
    if block.dtype.kind == "b":
        return regions_of(block, connectivity)
    return labels_of(block)
