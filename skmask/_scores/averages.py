"""Averages of scores: weights, groups, and what a pair of empty masks counts."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from skmask._checks import check_weights
from skmask._images.kinds import brief, read_one, to_numpy
from skmask._kernels.arrays import Array, FloatArray, IntArray

Empty = Literal["one", "nan", "skip"]


def check_average(average: str | None, allowed: tuple[str | None, ...], *, caller: str) -> None:
    """Refuse a way to average that a score does not have."""
    if not isinstance(average, str | None) or average not in allowed:
        names = ", ".join(map(repr, allowed[:-1]))
        msg = (
            f"{caller} expects average to be {names} or {allowed[-1]!r}, got {brief(average)}. Use 'mean', "
            "the default, or None for all scores."
        )
        raise ValueError(msg)


def empty_value(empty: str, perfect: float, *, caller: str) -> float:
    """Return the score of two empty masks: the perfect one, or NaN."""
    if not isinstance(empty, str) or empty not in ("one", "nan", "skip"):
        msg = (
            f"{caller} expects empty to be 'one', 'nan' or 'skip', got {brief(empty)}. Use 'skip' to leave "
            "empty pairs out of the mean."
        )
        raise ValueError(msg)
    return perfect if empty == "one" else np.nan


def average_counts(
    score: Callable[..., FloatArray],
    counts: Array,
    average: str | None,
    sample_weight: ArrayLike | None,
    groups: ArrayLike | None,
    empty: str,
    *,
    caller: str,
) -> Any:
    """Score counts of shape (n_masks, ..., n_counts): each mask and then the mean, or sums of all of them.

    Parameters
    ----------
    score : callable
        Takes each of the counts, and what 0 / 0 is where both masks are empty as `empty`.
    counts : ndarray
    average : {"mean", "micro"} or None
        Mean of the masks' scores, score of their summed counts, or no mean.
    sample_weight, groups : array-like of shape (n_masks,) or None
    empty : {"one", "nan", "skip"}
    caller : str

    Returns
    -------
    score : float or ndarray
        Without the axis of the masks where there is a mean, and without that of the counts.
    """
    value = empty_value(empty, 1.0, caller=caller)
    weights = read_weights(sample_weight, len(counts), caller=caller)
    members = read_groups(groups, len(counts), caller=caller)
    if average == "micro":
        by_group = np.zeros((members.max() + 1, *counts.shape[1:]))
        np.add.at(by_group, members, (counts.T * weights).T)
        is_used = np.bincount(members, weights) > 0
        counts, weights = by_group[is_used], np.ones(is_used.sum())
        members = np.zeros(len(counts), dtype=np.intp)
    scores = score(*np.moveaxis(counts, -1, 0), empty=value)
    if average is None:
        return scores
    return mean_of(scores, weights, members, empty)


def mean_of(scores: FloatArray, weights: FloatArray, members: IntArray, empty: str) -> Any:
    """Return the mean over the masks, or that of the means of their groups; it leaves out weights of 0.

    Others than these may be infinite. With ``empty="skip"`` NaN is left out, too.
    """
    if scores.ndim > 1:
        columns = scores.reshape(len(scores), -1).T
        means = [mean_of(column, weights, members, empty) for column in columns]
        return np.reshape(means, scores.shape[1:])
    used = weights > 0
    if empty == "skip":
        used &= ~np.isnan(scores)
    if not used.any():
        return float("nan")
    groups = [used & (members == group) for group in range(members.max() + 1)]
    means = [np.average(scores[one], weights=weights[one]) for one in groups if one.any()]
    return float(np.mean(means))


def read_weights(sample_weight: ArrayLike | None, n_masks: int, *, caller: str) -> FloatArray:
    """Read one weight a mask, ones for None."""
    if sample_weight is None:
        return np.ones(n_masks)
    return check_weights(to_numpy(sample_weight), n_masks, caller=caller)


def read_groups(groups: ArrayLike | None, n_masks: int, *, caller: str) -> IntArray:
    """Read the group of each mask and number the groups; all masks are one group for None."""
    if groups is None:
        return np.zeros(n_masks, dtype=np.intp)
    named = read_one(groups, caller=caller, name="groups")
    if named.shape != (n_masks,):
        msg = (
            f"{caller} expects groups of shape ({n_masks},), got {named.shape}. Pass one for each mask, such "
            "as its patient."
        )
        raise ValueError(msg)
    if named.dtype.kind == "O":
        named = named.astype(str)  # labels of several kinds cannot be sorted
    members: IntArray = np.unique(named, return_inverse=True)[1]
    return members
