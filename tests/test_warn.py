"""Warnings point at the line of the user, whatever stands in between."""

import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    DriftGuard,
    HistogramThresholdMasker,
    HoleFiller,
    MaskApplier,
    ThresholdMasker,
    metrics,
)
from skmask._warn import once, warn

X = np.arange(2 * 20 * 20).reshape(2, 20, 20)
CONSTANT = np.full((2, 5, 5), 7)
SINGLE = "found a single value"
VALUES = "got images of more than two values"
ROWS = "takes the rows of a 2-D X"
H = HistogramThresholdMasker

CALLS = {
    "fit": (SINGLE, lambda: H().fit(CONSTANT)),
    "fit_transform": (SINGLE, lambda: H().fit_transform(CONSTANT)),
    "partial_fit": (SINGLE, lambda: H().partial_fit(CONSTANT)),
    "pipeline": (SINGLE, lambda: make_pipeline(H(), HoleFiller()).fit(CONSTANT)),
    "held": (SINGLE, lambda: MaskApplier(H()).fit(CONSTANT)),
    "held twice": (SINGLE, lambda: MaskApplier(H() | ThresholdMasker()).fit(CONSTANT)),
    "transform": (VALUES, lambda: HoleFiller().transform(X)),
    "transform of a pipeline": (VALUES, lambda: make_pipeline(HoleFiller()).transform(X)),
    "list": (VALUES, lambda: HoleFiller().transform(list(X))),
    "rows": (ROWS, lambda: BinaryDilator().transform(X[0] > 3)),
    "rows in fit_transform": (ROWS, lambda: BinaryDilator().fit_transform(X[0] > 3)),
    "empty": (
        "1 empty|2 empty",
        lambda: MaskApplier(ThresholdMasker(9e9), on_empty="warn").transform(X),
    ),
    "drift": ("images like those of training", lambda: DriftGuard(H()).fit(X).transform(X + 9000)),
    "score": ("takes each row for a mask", lambda: metrics.dice_score(X[0] > 3, X[0] > 4)),
    "search": (
        SINGLE,
        lambda: GridSearchCV(
            H(), {"method": ["otsu"]}, scoring="accuracy", cv=2, error_score=0
        ).fit(CONSTANT, CONSTANT),
    ),
}


@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
@pytest.mark.parametrize("call", CALLS)
def test_warning_points_at_the_line_of_the_user(call):
    match, function = CALLS[call]
    with pytest.warns(UserWarning, match=match) as caught:
        function()

    told = [warning.filename for warning in caught if re.search(match, str(warning.message))]
    assert set(told) == {__file__}


def test_a_subject_is_warned_of_once_in_a_block():
    def call():
        with once():
            warn("8 bits", subject="scale")
            with once():
                warn("16 bits", subject="scale")
                warn("empty")
            warn("empty")
            warn("12 bits", subject="scale")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
        call()
        warn("empty")
    assert [str(one.message) for one in caught] == ["8 bits", "empty"] * 2 + ["empty"]


def test_warnings_of_threads_are_not_lost():
    with pytest.warns(UserWarning, match=SINGLE), ThreadPoolExecutor(1) as threads:
        threads.submit(H().fit, CONSTANT).result()
