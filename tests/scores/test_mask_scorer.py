import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmask import ThresholdMasker, metrics
from skmask.metrics import MaskScorer, dice_scorer

NAMED = {
    "dice": metrics.dice_score,
    "jaccard": metrics.jaccard_score,
    "mcc": metrics.mcc_score,
    "pixel_precision": metrics.pixel_precision_score,
    "pixel_recall": metrics.pixel_recall_score,
    "specificity": metrics.specificity_score,
    "volume_similarity": metrics.volume_similarity,
    "surface_dice": metrics.surface_dice,
    "object_f1": metrics.object_f1_score,
    "object_precision": metrics.object_precision_score,
    "object_recall": metrics.object_recall_score,
    "panoptic_quality": metrics.panoptic_quality,
    "mean_matched_iou": metrics.mean_matched_iou,
    "neg_count_error": metrics.count_error,
    "neg_average_surface_distance": metrics.average_surface_distance,
    "neg_hausdorff_distance": metrics.hausdorff_distance,
}


class Predictor(BaseEstimator):
    def predict(self, X):
        return X > 100


class Both(ThresholdMasker):
    def predict(self, X):
        raise NotImplementedError


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.parametrize(("metric", "score"), NAMED.items(), ids=NAMED)
def test_scorers_give_the_score_of_the_masks_and_greater_is_better(disks, metric, score):
    X, y = disks
    sign = -1 if metric.startswith("neg_") else 1
    expected = sign * score(y, X > 100)
    assert MaskScorer(metric)(ThresholdMasker(100), X, y) == expected
    assert getattr(metrics, f"{metric}_scorer")(ThresholdMasker(100), X, y) == expected
    too_low, too_high = (MaskScorer(metric)(ThresholdMasker(t), X, y) for t in (70, 150))
    assert expected > min(too_low, too_high)


def test_every_score_has_a_scorer():
    scorers = [name for name in metrics.__all__ if name.endswith("_scorer")]
    assert scorers == sorted(f"{metric}_scorer" for metric in NAMED)
    for name in scorers:
        assert getattr(metrics, name).metric == name.removesuffix("_scorer")


def test_metric_params_reach_the_metric(disks):
    X, y = disks
    params = {"percentile": 95, "spacing": (2.0, 1.0)}
    scorer = MaskScorer("neg_hausdorff_distance", metric_params=params)
    assert scorer(ThresholdMasker(100), X, y) == -metrics.hausdorff_distance(y, X > 100, **params)
    micro = MaskScorer(metric_params={"average": "micro"})
    assert micro(ThresholdMasker(100), X, y) == metrics.dice_score(y, X > 100, average="micro")


def test_function_is_a_metric(disks):
    X, y = disks

    def agreement(y_true, y_pred, *, share=1.0):
        return share * np.mean(y_true == y_pred)

    assert MaskScorer(agreement)(ThresholdMasker(100), X, y) == np.mean(y == (X > 100))
    assert MaskScorer(agreement, metric_params={"share": 0.0})(ThresholdMasker(100), X, y) == 0
    weighed = MaskScorer(partial(metrics.dice_score, average="micro"))
    assert weighed.score(
        ThresholdMasker(100), X, y, sample_weight=np.arange(8), roi=X > 60
    ) == metrics.dice_score(y, X > 100, average="micro", sample_weight=np.arange(8), roi=X > 60)


def test_masks_come_from_transform_or_else_from_predict(disks):
    X, y = disks
    expected = dice_scorer(ThresholdMasker(100), X, y)
    assert dice_scorer(Predictor(), X, y) == expected
    assert dice_scorer(Both(100), X, y) == expected
    assert (
        dice_scorer(make_pipeline(FunctionTransformer(np.negative), ThresholdMasker(-101)), X, y)
        < 0.5
    )
    assert dice_scorer(make_pipeline(FunctionTransformer(), ThresholdMasker(100)), X, y) == expected


def test_flat_rows_score_without_a_warning(disks):
    X, y = disks
    rows = X.reshape(8, -1), y.reshape(8, -1)
    assert dice_scorer(ThresholdMasker(100), *rows) == dice_scorer(ThresholdMasker(100), X, y)
    roi = X > 60
    assert dice_scorer.score(
        ThresholdMasker(100), *rows, roi=roi.reshape(8, -1)
    ) == dice_scorer.score(ThresholdMasker(100), X, y, roi=roi)
    frames = ThresholdMasker(100).fit(rows[0]).set_output(transform="pandas")
    assert isinstance(frames.transform(rows[0]), pd.DataFrame)
    assert dice_scorer(frames, *rows) == dice_scorer(ThresholdMasker(100), X, y)
    with pytest.raises(ValueError, match="surface_dice expects a stack of masks"):
        metrics.surface_dice_scorer(ThresholdMasker(100), *rows)


def test_lists_of_images_score_like_stacks(disks):
    X, y = disks
    scores = cross_val_score(ThresholdMasker(100), list(X), list(y), scoring=dice_scorer, cv=3)
    np.testing.assert_array_equal(
        scores, cross_val_score(ThresholdMasker(100), X, y, scoring=dice_scorer, cv=3)
    )


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_grid_search_finds_the_threshold(disks, n_jobs):
    X, y = disks
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(), ThresholdMasker(100)),
        {"thresholdmasker__threshold": [40, 105, 160]},
        scoring={"dice": dice_scorer, "distance": metrics.neg_average_surface_distance_scorer},
        refit="dice",
        cv=2,
        n_jobs=n_jobs,
        error_score="raise",
    ).fit(X, y)
    assert search.best_params_ == {"thresholdmasker__threshold": 105}
    halves = [metrics.dice_score(y[half], X[half] > 105) for half in (slice(4), slice(4, 8))]
    assert search.best_score_ == pytest.approx(np.mean(halves))
    assert search.cv_results_["mean_test_distance"].argmax() == 1
    assert dice_scorer(search, X, y) == metrics.dice_score(y, X > 105)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_regions_and_weights_are_routed(disks, n_jobs):
    X, y = disks
    roi, weights = np.random.default_rng(0).random(X.shape) < 0.5, np.arange(1, 9)
    plain = MaskScorer().set_score_request(roi=False, sample_weight=False)
    weighted = MaskScorer().set_score_request(roi=True, sample_weight=True)
    scores = cross_validate(
        ThresholdMasker(75), X, y, scoring={"plain": plain, "weighted": weighted}, cv=2, n_jobs=n_jobs,
        params={"roi": roi, "sample_weight": weights}, error_score="raise",
    )  # fmt: skip
    for i, half in enumerate((slice(4), slice(4, 8))):
        pair = y[half], X[half] > 75
        expected = metrics.dice_score(*pair, roi=roi[half], sample_weight=weights[half])
        assert scores["test_plain"][i] == metrics.dice_score(*pair)
        assert scores["test_weighted"][i] == expected


@pytest.mark.usefixtures("routing")
def test_search_routes_the_region(disks):
    X, y = disks
    roi = np.random.default_rng(0).random(X.shape) < 0.5
    scorer = MaskScorer().set_score_request(roi=True)
    search = GridSearchCV(
        ThresholdMasker(100), {"threshold": [100]}, scoring=scorer, cv=2, error_score="raise"
    )
    halves = [
        metrics.dice_score(y[half], X[half] > 100, roi=roi[half])
        for half in (slice(4), slice(4, 8))
    ]
    assert search.fit(X, y, roi=roi).best_score_ == pytest.approx(np.mean(halves))


def test_scorer_is_an_estimator_to_clone_and_pickle(disks):
    X, y = disks
    scorer = MaskScorer("neg_hausdorff_distance", metric_params={"percentile": 95})
    assert repr(scorer) == (
        "MaskScorer(metric='neg_hausdorff_distance', metric_params={'percentile': 95})"
    )
    for copy in (clone(scorer), pickle.loads(pickle.dumps(scorer))):
        assert copy is not scorer
        assert copy.get_params() == scorer.get_params()
        assert copy(ThresholdMasker(100), X, y) == scorer(ThresholdMasker(100), X, y)
    assert scorer.set_params(metric="dice", metric_params=None)(ThresholdMasker(100), X, y) > 0.9


@pytest.mark.parametrize("metric", ["hausdorff_distance", "f1", None, 3])
def test_unknown_metric_is_refused(disks, metric):
    with pytest.raises(ValueError, match=f"MaskScorer expects metric .* dice, .* got {metric!r}"):
        MaskScorer(metric)(ThresholdMasker(100), *disks)


@pytest.mark.parametrize(("metric", "score"), NAMED.items())
def test_score_in_the_place_of_its_scorer_says_so(disks, metric, score):
    match = rf"{score.__name__} expects masks, got the estimator Thre.* scoring={metric}_scorer for"
    with pytest.raises(TypeError, match=match):
        cross_val_score(ThresholdMasker(100), *disks, scoring=score, error_score="raise")


def test_scorer_in_the_place_of_a_metric_is_refused(disks):
    with pytest.raises(
        TypeError, match="expects metric to be a function of masks, got a MaskScorer"
    ):
        MaskScorer(dice_scorer)(ThresholdMasker(100), *disks)


def test_missing_masks_are_refused(disks):
    with pytest.raises(ValueError, match="MaskScorer expects y to be the true masks, got None"):
        dice_scorer(ThresholdMasker(100), disks[0])


def test_estimator_that_makes_no_masks_is_refused(disks):
    X, y = disks
    with pytest.raises(
        TypeError, match="MaskScorer expects an estimator with .*, got BaseEstimator"
    ):
        dice_scorer(BaseEstimator(), X, y)
    with pytest.raises(ValueError, match="dice_score expects y_pred to be masks"):
        dice_scorer(FunctionTransformer(), X, y)
