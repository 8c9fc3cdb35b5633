"""DriftGuard: the masks of its masker, and a word on images unlike those of training."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    DriftGuard,
    FixedMasker,
    HistogramThresholdMasker,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
)
from skmask.metrics import dice_scorer


def ramp(*shares):
    """Return images of 100 pixels, of which shares are 9 and the rest 1."""
    n_bright = np.rint(100 * np.array(shares))[:, None]
    return np.where(np.arange(100) < n_bright, 9, 1).reshape(-1, 10, 10)


def test_masks_are_those_of_the_masker(disks):
    X, y = disks
    masker = make_pipeline(HistogramThresholdMasker("dice"), BinaryDilator())
    guard = DriftGuard(masker, on_drift="raise").fit(X, y)
    assert_array_equal(guard.transform(X), masker.fit(X, y).transform(X))
    assert isinstance(guard & FixedMasker(), type(FixedMasker() & FixedMasker()))


def test_ranges_are_those_of_the_training_images(disks):
    X, _ = disks
    guard = DriftGuard(ThresholdMasker(100)).fit(X)
    shares = [np.mean(image > 100) for image in X]
    assert (guard.low_, guard.high_) == (X.min(), X.max())
    assert type(guard.low_) is int
    assert guard.foreground_range_ == (min(shares), max(shares))
    as_list = DriftGuard(ThresholdMasker(100)).fit([X[0], *X[1:, :20]])
    assert as_list.high_ == max(X[0].max(), X[1:, :20].max())


def test_measures_are_those_of_each_image(disks):
    X, _ = disks
    guard = DriftGuard(ThresholdMasker(100)).fit(X[:4])
    X = X.astype(float) * 1.3
    X[5, :, ::3] = np.nan
    measures = guard.measure(X)
    outside = [np.mean((image < guard.low_) | (image > guard.high_)) for image in X]
    assert_allclose(measures.outside, outside)
    assert_allclose(measures.foreground, [np.mean(image > 100) for image in X])
    in_list = guard.measure([*X[:3], X[3, :10], *X[4:]])
    assert_array_equal(np.delete(in_list.outside, 3), np.delete(measures.outside, 3))
    assert 0 < measures.outside[0] < 1


@pytest.mark.parametrize("on_drift", ["warn", "raise"])
def test_pixels_out_of_range_are_reported_beyond_their_limit(on_drift):
    X = ramp(0.2, 0.3)
    guard = DriftGuard(ThresholdMasker(5), max_outside=0.02, on_drift=on_drift).fit(X)
    unlike = np.concatenate([X, X])
    unlike[2].flat[-2:] = 0
    guard.transform(unlike)  # two of hundred are allowed
    unlike[3].flat[-3:] = -7
    expected = pytest.raises if on_drift == "raise" else pytest.warns
    match = (
        r"at most 0.02 of the pixels outside of 1 to 9 and a foreground of 0.1 to 0.6, got 1 of 4 that "
        r"differ: image 3 has 0.03 of its pixels outside and a foreground of 0.3\. Look"
    )
    with expected(ValueError if on_drift == "raise" else UserWarning, match=match):
        guard.transform(unlike)


def test_warning_points_at_the_caller_and_names_the_first_few():
    guard = DriftGuard(ThresholdMasker(5)).fit(ramp(0.2, 0.3))
    with pytest.warns(
        UserWarning, match=r"got 4 of 5 that differ: image 0 .*image 2 .*; \.\.\."
    ) as told:
        masks = guard.transform(ramp(0, 0, 0, 0.2, 1))
    assert told[0].filename == __file__
    assert_array_equal(masks, ramp(0, 0, 0, 0.2, 1) > 5)


def test_nothing_is_said_on_request():
    guard = DriftGuard(ThresholdMasker(5), on_drift="ignore").fit(ramp(0.2, 0.3))
    guard.transform(ramp(0, 1) - 100)
    assert_array_equal(guard.measure(ramp(0.25, 1)).is_drifted, [False, True])


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=4),
    st.integers(0, 100),
    st.floats(1, 10),
)
@settings(deadline=None, max_examples=60)
def test_limits_of_the_foreground_are_those_of_the_definition(training, percent, factor):
    a, b, s = min(training) / 100, max(training) / 100, percent / 100
    bounds = [
        s - a / factor,
        b * factor - s,
        (1 - s) - (1 - b) / factor,
        (1 - a) * factor - (1 - s),
    ]
    X = ramp(*[share / 100 for share in training])
    for masker in (ThresholdMasker(5), ThresholdMasker(5, foreground="dark")):
        guard = DriftGuard(masker, max_factor=factor, max_outside=1).fit(X)
        (is_drifted,) = guard.measure(ramp(s)).is_drifted
        if min(map(abs, bounds)) > 1e-9:
            assert is_drifted == (min(bounds) < 0)
        assert not guard.measure(X).is_drifted.any()


def test_images_are_judged_one_by_one():
    guard = DriftGuard(ThresholdMasker(5)).fit(ramp(0.2, 0.3))
    X = ramp(0.1, 0.5, 0.9, 0)
    together = guard.measure(X)
    for i in range(len(X)):
        alone = guard.measure(X[i : i + 1])
        assert {name: values[0] for name, values in alone.items()} == {
            name: values[i] for name, values in together.items()
        }


def test_nan_is_outside_of_no_range():
    X = ramp(0.2, 0.3).astype(float)
    X[0, 5:] = np.nan
    guard = DriftGuard(ThresholdMasker(5), on_drift="raise").fit(X)
    assert (guard.low_, guard.high_) == (1, 9)
    guard.transform(X)
    X[1, 9] = np.inf
    with pytest.raises(ValueError, match="image 1 has 0.1 of its pixels outside"):
        guard.transform(X)


def test_training_images_without_numbers_have_an_empty_range():
    guard = DriftGuard(ThresholdMasker(5), max_factor=100).fit(np.full((1, 10, 10), np.nan))
    assert guard.low_ > guard.high_
    assert_array_equal(guard.measure(ramp(0.0)).outside, [1])
    assert_array_equal(guard.measure(np.full((1, 2, 2), np.nan)).is_drifted, [False])


def test_channels_share_a_range():
    X = np.stack([ramp(0.2, 0.3)] * 3, axis=-1)
    guard = DriftGuard(RangeMasker(5, channel_axis=-1), channel_axis=-1, on_drift="raise").fit(X)
    assert guard.transform(X).shape == X.shape[:-1]
    X[0, :1, :4, 2] = 200
    with pytest.raises(ValueError, match="image 0 has 0.0133333 of its pixels outside"):
        guard.transform(X)


def test_dask_array_is_judged(disks):
    import dask.array as da

    X, _ = disks
    guard = DriftGuard(ThresholdMasker(100), on_drift="raise").fit(X)
    lazy = da.from_array(X, chunks=(3, 20, 20))
    assert_array_equal(guard.transform(lazy).compute(), X > 100)
    with pytest.raises(ValueError, match="got 8 of 8"):
        guard.transform(lazy // 4)


def test_guard_stands_in_pipelines_and_searches(disks):
    X, y = disks
    pipeline = make_pipeline(
        DriftGuard(HistogramThresholdMasker(), on_drift="raise"), BinaryDilator()
    )
    applier = MaskApplier(pipeline).fit(X)
    with pytest.raises(ValueError, match="DriftGuard expects images like those of training"):
        applier.transform(255 - X)
    grid = {"masker__method": ["dice", "otsu"]}
    guard = DriftGuard(HistogramThresholdMasker(), on_drift="ignore")
    assert GridSearchCV(guard, grid, scoring=dice_scorer, cv=2).fit(X, y).best_score_ > 0.8


def test_silence_costs_no_measurement(disks, monkeypatch):
    guard = DriftGuard(ThresholdMasker(100), on_drift="ignore").fit(disks[0])
    monkeypatch.setattr(DriftGuard, "_measure", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        guard.transform(disks[0])


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"max_outside": 1.5}, "max_outside"),
        ({"max_factor": 0.5}, "max_factor"),
        ({"on_drift": "tell"}, "on_drift"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    with pytest.raises(ValueError, match=match):
        DriftGuard(ThresholdMasker(), **params).fit(ramp(0.2))


def test_guard_whose_fit_failed_is_unfitted_and_shown_as_such():
    guard = DriftGuard(FixedMasker([[1, 0]]))
    with pytest.raises(ValueError, match="shape of its mask"):
        guard.fit(np.zeros((1, 6)))
    with pytest.raises(NotFittedError):
        guard.transform(np.zeros((1, 6)))
    assert "training" not in guard._repr_html_()
