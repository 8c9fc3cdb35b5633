"""What a supervised threshold maximizes: scores from counts of right and wrong pixels.

A criterion is a function of four float64 arrays of one shape, the numbers of true positives, false
positives, false negatives and true negatives of each cut. It returns an array of scores, finite,
higher is better. A score whose definition leaves 0 / 0 is that of a faultless mask: 1.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Criterion = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


def dice(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    """Compute 2 TP / (2 TP + FP + FN), the F1 score; https://doi.org/10.2307/1932409."""
    return _ratio(2 * tp, 2 * tp + fp + fn)


def jaccard(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    """Compute TP / (TP + FP + FN), intersection over union."""
    return _ratio(tp, tp + fp + fn)


def f_beta(
    tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray, *, beta: float = 1.0
) -> FloatArray:
    """Compute the harmonic mean of precision and recall, recall weighing beta times as much."""
    hits = (1 + beta**2) * tp
    return _ratio(hits, hits + beta**2 * fn + fp)


def youden(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    """Compute sensitivity + specificity - 1.

    https://doi.org/10.1002/1097-0142(1950)3:1%3C32::AID-CNCR2820030106%3E3.0.CO;2-3
    """
    return _ratio(tp, tp + fn) + _ratio(tn, tn + fp) - 1


def mcc(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    """Compute the correlation of mask and truth; https://doi.org/10.1016/0005-2795(75)90109-9.

    Where one of them has one class only, it is 1 without errors, -1 without a right pixel, else 0
    (https://doi.org/10.1186/s12864-019-6413-7).
    """
    spread = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    degenerate = np.where(fp + fn == 0, 1.0, np.where(tp + tn == 0, -1.0, 0.0))
    return np.divide(tp * tn - fp * fn, spread, out=degenerate, where=spread > 0)


def cost(
    tp: FloatArray,
    fp: FloatArray,
    fn: FloatArray,
    tn: FloatArray,
    *,
    fp_cost: float = 1.0,
    fn_cost: float = 1.0,
) -> FloatArray:
    """Compute the mean cost of a pixel's error, with a minus sign: higher is better."""
    pixels = np.maximum(tp + fp + fn + tn, 1)
    return -(fp_cost * fp + fn_cost * fn) / pixels


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)


CRITERIA: dict[str, Criterion] = {
    "cost": cost,
    "dice": dice,
    "f_beta": f_beta,
    "jaccard": jaccard,
    "mcc": mcc,
    "youden": youden,
}
