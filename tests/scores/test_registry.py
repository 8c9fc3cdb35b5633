"""Scores are defined once, with their names and sources."""

import numpy as np
import pytest

from skmask import ThresholdMasker, metrics
from skmask._kernels.registry import Source, source_of
from skmask._scores import overlap_scores
from skmask._scores.mask_scorer import METRICS
from skmask._scores.registry import mask_score, scores_in


def test_every_score_has_a_scorer_of_its_name():
    scorers = {name for name in metrics.__all__ if name.endswith("_scorer")}
    assert scorers == {f"{name}_scorer" for name in METRICS}
    for name, score in METRICS.items():
        assert getattr(metrics, f"{name}_scorer").metric == name
        assert getattr(metrics, score.function.__name__) is score.function
        assert score.sign == (-1 if name.startswith("neg_") else 1)


def test_scores_are_those_of_a_module():
    assert set(scores_in(overlap_scores)) < set(METRICS)
    assert list(METRICS) == sorted(METRICS)


def test_decorated_function_keeps_its_name_and_has_its_source():
    @mask_score("agreement", Source("the agreement", "Doe 1999", "10.1/2"), takes_rows=False)
    def agreement(y_true, y_pred):
        """Compute it."""
        return float((y_true == y_pred).mean())

    assert agreement.__name__ == "agreement"
    assert agreement.__doc__ == "Compute it."
    assert source_of(agreement) == Source("the agreement", "Doe 1999", "10.1/2")
    with pytest.raises(
        TypeError, match="agreement expects masks, got the estimator Thr.*agreement_scorer"
    ):
        agreement(ThresholdMasker(), None)


@pytest.mark.parametrize("value", ["5", None, -1, float("nan"), [5]])
def test_wrong_percentile_and_tolerance_are_refused(value):
    masks = np.ones((1, 3, 3), bool)
    with pytest.raises(
        ValueError, match="hausdorff_distance expects percentile between 0 and 100, got"
    ):
        metrics.hausdorff_distance(masks, masks, percentile=value)
    with pytest.raises(ValueError, match="surface_dice expects tolerance .*, got"):
        metrics.surface_dice(masks, masks, tolerance=value)
