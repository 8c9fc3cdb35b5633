"""Objects of two label images matched by how far they overlap, and the scores made of the matches.

Both are runs of pixels in one layout (see `skmask._kernels.regions.objects`), so that the pixels which two
objects share are the lengths of the overlaps of their runs.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from skmask._kernels.arrays import FloatArray, IntArray, NumberArray
from skmask._kernels.regions.objects import Objects, overlapping
from skmask._kernels.scores.overlap import ratio


def count_matches(true: Objects, pred: Objects, ious: Sequence[float]) -> FloatArray:
    """Match the true and predicted objects of a block of images, one to one.

    Parameters
    ----------
    true, pred : Objects
        Of blocks of one shape.
    ious : sequence of float
        Least intersection over union of objects that match, above 0.

    Returns
    -------
    counts : ndarray of float64, shape (n_images, n_ious, 4)
        For each image and least overlap the number of matches (tp), of predicted objects without one (fp), of
        true objects without one (fn), and the sum of the overlaps of the matches.
    """
    ones, others, overlaps = _overlaps(true, pred)
    n_images = true.shape[0]
    n_true = np.bincount(true.images, minlength=n_images)
    n_pred = np.bincount(pred.images, minlength=n_images)
    counts = np.empty((n_images, len(ious), 4))
    for i, iou in enumerate(ious):
        near = np.flatnonzero(overlaps >= iou)
        # Above one half, an object shares that much with one other at most.
        kept = near if iou > 0.5 else near[_assigned(ones[near], others[near], overlaps[near])]
        images = true.images[ones[kept]]
        tp = np.bincount(images, minlength=n_images)
        total = np.bincount(images, overlaps[kept], n_images)
        counts[:, i] = np.stack([tp, n_pred - tp, n_true - tp, total], axis=1)
    return counts


def _overlaps(true: Objects, pred: Objects) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of objects that share pixels, and their intersections over their unions."""
    ones, others = overlapping(true.starts, true.ends, pred.starts, pred.ends)
    start = np.maximum(true.starts[ones], pred.starts[others])
    end = np.minimum(true.ends[ones], pred.ends[others])
    codes = true.numbers[ones] * max(1, len(pred)) + pred.numbers[others]
    pairs, place = np.unique(codes, return_inverse=True)
    shared = np.bincount(place, end - start, pairs.size)
    one, other = np.divmod(pairs, max(1, len(pred)))
    return one, other, shared / (true.area[one] + pred.area[other] - shared)


def _assigned(ones: IntArray, others: IntArray, overlaps: FloatArray) -> IntArray:
    """Choose the most pairs in which no object comes twice, and of these the ones that overlap most.

    Most pairs have no rival. Those that have are few, in small groups that share objects, each of which is an
    assignment problem.
    """
    if not ones.size:
        return np.empty(0, dtype=np.intp)
    n_ones = ones.max() + 1
    n_nodes = n_ones + others.max() + 1
    graph = coo_array(
        (np.ones(ones.size, dtype=bool), (ones, n_ones + others)), shape=(n_nodes,) * 2
    )
    _, parts = connected_components(graph, directed=False)
    group = parts[ones]
    order = np.argsort(group, kind="stable")
    bounds = np.flatnonzero(np.diff(group[order])) + 1
    chosen = []
    for pairs in np.split(order, bounds):
        if pairs.size == 1:
            chosen.append(pairs)
            continue
        rows, row = np.unique(ones[pairs], return_inverse=True)
        columns, column = np.unique(others[pairs], return_inverse=True)
        gains = np.zeros((rows.size, columns.size))
        # A pair more is worth more than all overlaps together.
        gains[row, column] = overlaps[pairs] + pairs.size
        places = np.full(gains.shape, -1)
        places[row, column] = pairs
        found = places[linear_sum_assignment(gains, maximize=True)]
        chosen.append(found[found >= 0])
    return np.concatenate(chosen)


def precision(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return tp / (tp + fp), the part of the predicted objects that match.

    Here and below 0 / 0 is `empty` where there are no objects at all, and 0 elsewhere.
    """
    return ratio(tp, tp + fp, fp + fn, empty)


def recall(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return tp / (tp + fn), the part of the true objects that match."""
    return ratio(tp, tp + fn, fp + fn, empty)


def f1(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return 2 tp / (2 tp + fp + fn), the harmonic mean of precision and recall."""
    return ratio(2 * tp, 2 * tp + fp + fn, fp + fn, empty)


def panoptic_quality(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return total / (tp + fp / 2 + fn / 2), f1 times the mean overlap; https://doi.org/10.1109/CVPR.2019.00963."""
    return ratio(2 * total, 2 * tp + fp + fn, fp + fn, empty)


def matched_iou(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 1.0
) -> FloatArray:
    """Return total / tp, the mean overlap of the matches."""
    return ratio(total, tp, fp + fn, empty)


def count_error(
    tp: NumberArray, fp: NumberArray, fn: NumberArray, total: NumberArray, empty: float = 0.0
) -> FloatArray:
    """Return how far the number of predicted objects is from that of the true ones."""
    error = np.abs(np.asarray(fp, dtype=np.float64) - fn)
    return np.where(tp + fp + fn == 0, empty, error)
