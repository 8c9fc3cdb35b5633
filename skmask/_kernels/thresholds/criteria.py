"""Criteria that thresholds of labeled masks maximize: scores from counts of right and wrong pixels.

A criterion is a function of four float64 arrays of one shape, the numbers of true positives, false
positives, false negatives and true negatives of each cut. It returns an array of scores, finite,
higher is better. Those that are scores of masks, too, are defined in `skmask._kernels.scores.overlap`, and so
is 0 / 0: 1 where the masks agree in every pixel and 0 elsewhere.
"""

from collections.abc import Callable

import numpy as np

from skmask._kernels.arrays import FloatArray
from skmask._kernels.registry import by_name, source
from skmask._kernels.scores.overlap import dice, jaccard, mcc, ratio, recall, specificity
from skmask._kernels.thresholds.arguments import LARGEST, check_argument

Criterion = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


@source("the F-measure", "van Rijsbergen 1979")
def f_beta(
    tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray, *, beta: float = 1.0
) -> FloatArray:
    r"""Compute the harmonic mean of precision and recall, recall weighing beta times as much.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.
    beta : float, default=1.0
        How many times as much recall counts as precision. Values above 1 prefer masks that are too large.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: \frac{(1 + \beta^2)\,TP}{(1 + \beta^2)\,TP + \beta^2 FN + FP}

    References
    ----------
    C. J. van Rijsbergen, "Information Retrieval", 2nd edition, Butterworths, 1979.

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import f_beta
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> f_beta(tp, fp, fn, tn, beta=2).round(3)
    array([0.8  , 0.776])
    """
    check_argument("f_beta", "beta", beta, 0, LARGEST, "Use 1 for the Dice score.")
    hits = (1 + beta**2) * tp
    return ratio(hits, hits + beta**2 * fn + fp, fp + fn)


@source(
    "Youden's index",
    "Youden 1950",
    "10.1002/1097-0142(1950)3:1%3C32::AID-CNCR2820030106%3E3.0.CO;2-3",
)
def youden(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    r"""Compute sensitivity + specificity - 1.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: \frac{TP}{TP + FN} + \frac{TN}{TN + FP} - 1

    References
    ----------
    Youden 1950, https://doi.org/10.1002/1097-0142(1950)3:1%3C32::AID-CNCR2820030106%3E3.0.CO;2-3

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import youden
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> youden(tp, fp, fn, tn).round(3)
    array([0.778, 0.8  ])
    """
    return recall(tp, fp, fn, tn) + specificity(tp, fp, fn, tn) - 1


@source("the negative mean cost of errors")
def cost(
    tp: FloatArray,
    fp: FloatArray,
    fn: FloatArray,
    tn: FloatArray,
    *,
    fp_cost: float = 1.0,
    fn_cost: float = 1.0,
) -> FloatArray:
    r"""Compute the mean cost of a pixel's error, with a minus sign: higher is better.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray
        Numbers of true positives, false positives, false negatives and true negatives, by threshold.
    fp_cost, fn_cost : float, default=1.0
        Costs of a false and of a missed pixel of foreground.

    Returns
    -------
    scores : ndarray
        Score of each threshold; the highest is chosen.

    Notes
    -----
    .. math:: -\frac{c_{FP} FP + c_{FN} FN}{TP + FP + FN + TN}

    Examples
    --------
    >>> import numpy as np
    >>> from skmask.thresholds import cost
    >>> tp, fp, fn, tn = np.array(
    ...     [[8.0, 9.0], [2.0, 9.0], [2.0, 1.0], [88.0, 81.0]]
    ... )  # two thresholds
    >>> cost(tp, fp, fn, tn, fn_cost=10).round(3)
    array([-0.22, -0.19])
    """
    for name, value in (("fp_cost", fp_cost), ("fn_cost", fn_cost)):
        check_argument("cost", name, value, 0, LARGEST, "Use 1, and more for worse errors.")
    pixels = np.maximum(tp + fp + fn + tn, 1)
    return -(fp_cost * fp + fn_cost * fn) / pixels


CRITERIA: dict[str, Criterion] = by_name(cost, dice, f_beta, jaccard, mcc, youden)
