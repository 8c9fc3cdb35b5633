from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, fbeta_score, zero_one_loss

from skmask._kernels.scores import overlap
from skmask._kernels.thresholds.criteria import CRITERIA, cost, f_beta, youden

counts = st.lists(st.integers(0, 6), min_size=4, max_size=4)


def labels(tp, fp, fn, tn):
    true, predicted = [1] * tp + [0] * fp + [1] * fn + [0] * tn, [1] * (tp + fp) + [0] * (fn + tn)
    return np.array(true), np.array(predicted)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(1, 6), min_size=4, max_size=4), st.floats(0.1, 4))
def test_criteria_equal_those_of_scikit_learn(four, beta):
    pair = labels(*four)
    four = [np.array([float(count)]) for count in four]
    assert f_beta(*four, beta=beta) == pytest.approx(fbeta_score(*pair, beta=beta))
    assert youden(*four) == pytest.approx(2 * balanced_accuracy_score(*pair) - 1)
    assert cost(*four) == pytest.approx(-zero_one_loss(*pair))


def test_errors_cost_what_they_are_said_to_cost():
    assert cost(5.0, 2.0, 1.0, 2.0, fp_cost=3, fn_cost=10) == pytest.approx(-1.6)


def test_scores_of_masks_are_defined_once():
    for name in ("dice", "jaccard", "mcc"):
        assert CRITERIA[name] is getattr(overlap, name)


@pytest.mark.parametrize("criterion", [*CRITERIA.values(), partial(f_beta, beta=0)])
def test_faultless_masks_are_best_and_all_scores_finite(criterion):
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 4), axis=-1).reshape(-1, 4).T
    scores = criterion(*grid)
    assert np.isfinite(scores).all()
    faultless = (grid[1] == 0) & (grid[2] == 0)
    assert np.ptp(scores[faultless]) == 0
    assert scores[faultless][0] == scores.max()


@settings(deadline=None, max_examples=60)
@given(counts)
def test_f1_is_dice(four):
    four = np.array(four, float)
    assert f_beta(*four) == pytest.approx(float(overlap.dice(*four)))
