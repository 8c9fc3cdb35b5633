"""Thresholds of HistogramThresholdMasker from known shares of foreground."""

import pickle

import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask import HistogramRangeMasker, HistogramThresholdMasker, describe
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score


@pytest.fixture
def spots():
    spots = make_masked_images(12, (48, 64), noise=8.0, random_state=0)
    return spots.images, spots.masks


def shares_of(masks):
    return np.array([mask.mean() for mask in masks])


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("foreground", ["bright", "dark"])
def test_known_shares_do_nearly_as_well_as_masks(spots, strategy, foreground):
    X, y = spots
    X = X if foreground == "bright" else X.max() - X
    params = {"strategy": strategy, "foreground": foreground}
    weak = HistogramThresholdMasker("fraction", **params).fit(X[:6], shares_of(y[:6]))
    full = HistogramThresholdMasker("dice", **params).fit(X[:6], y[:6])
    scores = [dice_score(y[6:], masker.transform(X[6:])) for masker in (weak, full)]
    assert scores[0] > scores[1] - 0.02
    share = weak.transform(X[:6]).mean()
    assert share == pytest.approx(y[:6].mean(), abs=1e-3)
    assert weak.best_score_ == pytest.approx(-abs(share - y[:6].mean()), abs=1e-6)


def test_parts_containers_and_files_learn_the_same(spots):
    X, y = spots
    shares = shares_of(y)
    expected = HistogramThresholdMasker("fraction").fit(X, shares)
    weights, roi = np.arange(12) % 3, X > 20
    for strategy in ("pooled", "balanced"):
        masker = HistogramThresholdMasker("fraction", strategy=strategy)
        options = {"sample_weight": weights, "roi": roi}
        whole = masker.fit(X, shares, **options).threshold_
        lazy = da.from_array(X, chunks=(5, 20, 30))
        assert masker.fit(lazy, shares, **options).threshold_ == whole
        assert (
            masker.fit(list(X), shares.tolist(), sample_weight=weights, roi=list(roi)).threshold_
            == whole
        )
        parts = HistogramThresholdMasker("fraction", strategy=strategy)
        for some in (slice(7, 12), slice(0, 7)):
            parts.partial_fit(X[some], shares[some], sample_weight=weights[some], roi=roi[some])
        assert parts.threshold_ == whole
        assert pickle.loads(pickle.dumps(parts)).partial_fit(X[:1], shares[:1]).threshold_ > 0
    first = HistogramThresholdMasker("fraction").fit(X[:5], shares[:5])
    second = HistogramThresholdMasker("fraction").fit(X[5:], shares[5:])
    assert first.merge(second).threshold_ == expected.threshold_
    assert_array_equal(first.transform(X), expected.transform(X))


def test_known_zero_warns_and_gives_no_foreground(spots):
    X, _ = spots
    with pytest.warns(UserWarning, match="without any foreground"):
        masker = HistogramThresholdMasker("fraction").fit(X, np.zeros(12))
    assert not masker.transform(X).any()
    assert HistogramThresholdMasker("fraction").fit(X, np.ones(12)).transform(X).all()


@pytest.mark.parametrize(
    ("params", "y", "match"),
    [
        ({}, None, "share of foreground, one number for each of 12 images, .*got None"),
        ({}, np.ones((12, 48, 64), bool), r"got an array of shape \(12, 48, 64\) .* 'dice'"),
        ({}, [0.5] * 11, r"shape \(11,\)"),
        ({}, ["0.5"] * 12, "dtype <U3"),
        ({}, [30.0] * 12, "from 0 to 1 .* got 30. Divide percentages by 100"),
        ({}, [np.nan] * 12, "from 0 to 1"),
        ({"foreground": "auto"}, [0.5] * 12, "foreground='auto'"),
        ({"strategy": "per_image"}, [0.5] * 12, "strategy='per_image'"),
        ({"method": "fractions"}, [0.5] * 12, "Did you mean 'fraction'"),
    ],
)
def test_bad_choices_are_refused(spots, params, y, match):
    X, _ = spots
    with pytest.raises(ValueError, match=match):
        HistogramThresholdMasker(**{"method": "fraction", **params}).fit(X, y)


def test_ranges_do_not_take_it(spots):
    X, y = spots
    with pytest.raises(ValueError, match="HistogramRangeMasker expects method"):
        HistogramRangeMasker("fraction").fit(X, shares_of(y))


def test_words_name_the_share(spots):
    X, y = spots
    text = describe(HistogramThresholdMasker("fraction").fit(X, shares_of(y)))
    assert "so that the share of foreground is the known one of the images, but for " in text
    assert "12 training images" in text
