"""Masks out of fold and scores of searches by scikit-learn's own functions, without a scorer."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryOpener,
    GaussianSmoother,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    RegionStatistics,
    SmallRegionRemover,
    ThresholdMasker,
)
from skmask.metrics import dice_score


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = np.zeros((6, 24, 20), bool)
    for mask, (row, column) in zip(y, rng.integers(2, 10, (6, 2)), strict=True):
        mask[row : row + 10, column : column + 8] = True
    return rng.normal(50 + 60 * y, 20), y


def pipelines():
    return [
        HistogramThresholdMasker("dice"),
        make_pipeline(HistogramThresholdMasker("dice"), BinaryOpener()),
        HistogramThresholdMasker("dice") & ~ThresholdMasker(500),
        make_pipeline(GaussianSmoother(1), HistogramThresholdMasker("dice")),
    ]


@pytest.mark.parametrize("model", pipelines(), ids=str)
def test_masks_out_of_fold_are_predicted(data, model):
    X, y = data
    masks = cross_val_predict(model, X, y, cv=3)
    assert masks.dtype == bool
    for i in (0, 2, 4):
        fitted = model.fit(np.delete(X, [i, i + 1], 0), np.delete(y, [i, i + 1], 0))
        assert_array_equal(masks[i : i + 2], fitted.transform(X[i : i + 2]))


@pytest.mark.parametrize("model", pipelines()[:3], ids=str)
def test_masks_of_lists_are_predicted_one_by_one(data, model):
    X = [image[: 24 - i] for i, image in enumerate(data[0])]
    y = [mask[: 24 - i] for i, mask in enumerate(data[1])]
    masks = cross_val_predict(model, X, y, cv=3)
    assert masks.dtype == object
    assert [mask.shape for mask in masks] == [image.shape for image in X]
    fitted = model.fit(X[2:], y[2:])
    for one, other in zip(masks[:2], fitted.transform(X[:2]), strict=True):
        assert_array_equal(one, other)
    assert 0.8 < dice_score(y, list(masks)) < 1
    assert dice_score(y, masks) == dice_score(y, list(masks))


@pytest.mark.parametrize("model", pipelines(), ids=str)
def test_score_is_the_dice_score(data, model):
    X, y = data
    fitted = model.fit(X, y)
    expected = dice_score(y, fitted.transform(X))
    assert fitted.score(X, y) == expected
    assert fitted.score(list(X), list(y)) == expected
    scores = cross_val_score(model, X, y, cv=3)
    masks = cross_val_predict(model, X, y, cv=3)
    for i, score in enumerate(scores):
        part = slice(2 * i, 2 * i + 2)
        assert score == pytest.approx(dice_score(y[part], masks[part]))


def test_search_scores_without_scoring(data):
    X, y = data
    model = make_pipeline(ThresholdMasker(), SmallRegionRemover(8))
    search = GridSearchCV(model, {"thresholdmasker__threshold": [20, 80, 140]}, cv=3).fit(X, y)
    assert search.best_params_ == {"thresholdmasker__threshold": 80}
    assert search.score(X, y) == dice_score(y, search.predict(X))
    assert_array_equal(search.predict(X), search.transform(X))
    sizes, train, test = learning_curve(model, X, y, cv=3, train_sizes=[0.5, 1.0])
    assert test.shape == (2, 3)


def test_region_and_weights_count(data):
    X, y = data
    masker = ThresholdMasker(80).fit(X, y)
    roi = np.zeros(y.shape, bool)
    roi[:, :12] = True
    expected = dice_score(y, X > 80, roi=roi, sample_weight=range(6))
    assert masker.score(X, y, roi=roi, sample_weight=range(6)) == expected
    with config_context(enable_metadata_routing=True):
        routed = ThresholdMasker(80).set_score_request(roi=True)
        scores = cross_val_score(routed, X, y, cv=3, params={"roi": roi})
    assert scores.mean() == pytest.approx(dice_score(y, X > 80, roi=roi))


def test_labels_of_images_are_no_masks(data):
    X, y = data
    labels = np.arange(6) % 2
    for given in (labels, labels.tolist()):
        fitted = ThresholdMasker(80).fit(X, given)
        assert not hasattr(fitted, "score")
        with pytest.raises(AttributeError, match="has no attribute 'score'"):
            fitted.score(X, y)
    with pytest.raises(ValueError, match="dice_score expects y_true"):
        ThresholdMasker(80).fit(X).score(X, labels)
    assert ThresholdMasker(80).fit(X).score(X, y) > 0
    assert hasattr(ThresholdMasker(80), "score")


def test_only_what_makes_masks_predicts():
    for estimator in (
        MaskApplier(ThresholdMasker()),
        RegionStatistics(ThresholdMasker()),
        ImageFlattener(),
    ):
        assert not hasattr(estimator, "predict")
        assert not hasattr(estimator, "score")


def test_rows_are_predicted_as_arrays_whatever_the_output(data):
    X = data[0].reshape(6, -1)
    masker = ThresholdMasker(80).fit(X).set_output(transform="pandas")
    assert_array_equal(masker.predict(X), X > 80)
    assert type(masker.predict(X)) is np.ndarray
