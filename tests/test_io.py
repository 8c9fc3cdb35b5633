"""Files of skops: every estimator, trusted by name, and nothing else."""

import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from skops.io.exceptions import UntrustedTypesFoundException

from skmask import (
    BinaryDilator,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
)
from skmask.io import trusted_types
from skmask.thresholds import otsu
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for


def assert_returns(estimator, X):
    file = skops.io.dumps(estimator)
    unknown = set(skops.io.get_untrusted_types(data=file))
    assert unknown <= set(trusted_types())
    loaded = skops.io.loads(file, trusted=trusted_types())
    result, expected = loaded.transform(X), estimator.transform(X)
    assert_array_equal(result, expected)
    assert np.asarray(result).dtype == np.asarray(expected).dtype
    return loaded


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
def test_every_estimator_returns_from_a_file(estimator):
    X = images_for(estimator)
    assert_returns(estimator.fit(X), X)


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


def test_functions_are_not_trusted(disks):
    file = skops.io.dumps(HistogramThresholdMasker(otsu).fit(disks[0]))
    with pytest.raises(UntrustedTypesFoundException, match="otsu"):
        skops.io.loads(file, trusted=trusted_types())


def test_list_is_of_estimators_alone():
    names = [name.rpartition(".")[2] for name in trusted_types()]
    assert sorted(names) == sorted(map(name_of, public_estimators()))
