"""Arguments of methods and criteria are named when they are refused."""

import numpy as np
import pytest

from skmask._kernels.thresholds.classical import percentile, robust_background
from skmask._kernels.thresholds.criteria import cost, f_beta
from skmask._kernels.thresholds.mixture import ght
from skmask._kernels.thresholds.shape import dropoff

HISTOGRAM = np.array([3.0, 1, 2]), np.arange(3.0)
OUTCOMES = (1.0, 2.0, 3.0, 4.0)
SHARE = "from 0 to 1"
AT_LEAST_0 = "of at least 0 that is finite"


@pytest.mark.parametrize(
    ("function", "args", "name", "limits"),
    [
        (percentile, HISTOGRAM, "p", SHARE),
        (robust_background, HISTOGRAM, "lower", SHARE),
        (robust_background, HISTOGRAM, "upper", SHARE),
        (robust_background, HISTOGRAM, "k", "that is finite"),
        (ght, HISTOGRAM, "nu", AT_LEAST_0),
        (ght, HISTOGRAM, "tau", AT_LEAST_0),
        (ght, HISTOGRAM, "kappa", AT_LEAST_0),
        (ght, HISTOGRAM, "omega", SHARE),
        (dropoff, HISTOGRAM, "reach", "of at least 1e-09 that is finite"),
        (f_beta, OUTCOMES, "beta", AT_LEAST_0),
        (cost, OUTCOMES, "fp_cost", AT_LEAST_0),
        (cost, OUTCOMES, "fn_cost", AT_LEAST_0),
    ],
)
def test_wrong_argument_is_refused_by_name(function, args, name, limits):
    expected = f"{function.__name__} expects {name} to be a number {limits}, got "
    wrong = [np.nan, np.inf, -np.inf, 1e200, *([-0.1] if name != "k" else [])]
    for value in wrong:
        with pytest.raises(ValueError, match=expected):
            function(*args, **{name: value})
    for value in ("0.5", None, True, [0.5], np.array([0.5]), 1j):
        with pytest.raises(TypeError, match=expected):
            function(*args, **{name: value})


@pytest.mark.parametrize("p", [0, 1, 0.5, np.float32(0.25), np.int8(1)])
def test_numbers_of_any_type_are_taken(p):
    assert np.isfinite(percentile(*HISTOGRAM, p=p)).all()
