"""Files of skops: every estimator, trusted by name, and nothing else."""

from functools import partial

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from skops.io.exceptions import UntrustedTypesFoundException

from skmask import (
    BinaryDilator,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    PixelClassifierMasker,
)
from skmask._methods import unbound
from skmask.io import trusted_types
from skmask.metrics import MaskScorer, dice_scorer, jaccard_score
from skmask.thresholds import THRESHOLD_METHODS, dice, f_beta, otsu, percentile
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for


def assert_returns(estimator, X, functions=()):
    file = skops.io.dumps(estimator)
    trusted = {*trusted_types(), *functions}
    assert set(skops.io.get_untrusted_types(data=file)) <= trusted
    loaded = skops.io.loads(file, trusted=sorted(trusted))
    result, expected = loaded.transform(X), estimator.transform(X)
    assert_array_equal(result, expected)
    assert np.asarray(result).dtype == np.asarray(expected).dtype
    return loaded


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
def test_every_estimator_returns_from_a_file(estimator):
    X = images_for(estimator)
    # Functions of others, here the one that `tests.estimators` gives, are trusted one by one.
    assert_returns(estimator.fit(X), X, functions=["numpy.flip"])


@pytest.mark.parametrize(
    "masker",
    [
        HistogramThresholdMasker("dice"),
        HistogramThresholdMasker("dice", strategy="balanced", foreground="auto"),
        HistogramThresholdMasker(strategy="balanced"),
        HistogramRangeMasker("jaccard"),
    ],
    ids=str,
)
def test_counts_return_and_learning_goes_on(masker, disks):
    X, y = disks
    loaded = assert_returns(masker.fit(X[:5], y[:5]), X)
    loaded.partial_fit(X[5:], y[5:])
    assert_array_equal(loaded.transform(X), masker.fit(X, y).transform(X))


def test_pipelines_return(disks):
    X, y = disks
    frozen = FrozenEstimator(HistogramThresholdMasker("dice").fit(X, y))
    masker = make_pipeline(frozen, BinaryDilator("disk", radius=2))
    applier = MaskApplier(masker, fill_value=np.nan, dtype=np.float32)
    assert_returns(make_pipeline(applier, ImageFlattener()).fit(X), X)


@pytest.mark.parametrize(
    "method", [otsu, partial(percentile, p=0.8), dice, partial(f_beta, beta=2)], ids=str
)
def test_functions_of_skmask_return(method, disks):
    X, y = disks
    loaded = assert_returns(HistogramThresholdMasker(method).fit(X, y), X)
    assert unbound(loaded.method) is unbound(method)


@pytest.mark.parametrize("classifier", [None, "mlp"])
def test_classifiers_of_pixels_return(classifier, disks):
    X, y = disks
    masker = PixelClassifierMasker(classifier, n_pixels=200, random_state=0)
    assert_returns(masker.fit(X, y), X)


def own_method(counts, centers):
    return centers.mean()


@pytest.mark.parametrize("method", [own_method, partial(own_method)])
def test_functions_of_others_are_not_trusted(method, disks):
    file = skops.io.dumps(HistogramThresholdMasker(method).fit(disks[0]))
    with pytest.raises(UntrustedTypesFoundException, match="own_method"):
        skops.io.loads(file, trusted=trusted_types())


def test_registered_functions_of_others_are_not_trusted(monkeypatch):
    monkeypatch.setitem(THRESHOLD_METHODS, "own_method", own_method)
    assert not any("own_method" in name for name in trusted_types())


@pytest.mark.parametrize("scoring", [dice_scorer, MaskScorer(jaccard_score)], ids=str)
def test_searches_return(scoring, disks):
    X, y = disks
    grid = {"method": ["li", partial(percentile, p=0.7)]}
    search = GridSearchCV(HistogramThresholdMasker(), grid, scoring=scoring, cv=2).fit(X, y)
    loaded = assert_returns(search, X)
    assert loaded.score(X, y) == search.score(X, y)
