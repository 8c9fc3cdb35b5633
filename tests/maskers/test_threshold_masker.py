import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skmask import HistogramThresholdMasker, ThresholdMasker

INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


@pytest.mark.parametrize("dtype", [*INTEGERS, np.float16, np.float32, np.float64, bool])
@pytest.mark.parametrize("threshold", [0, 0.5, 1, -3, 32.5, 100])
def test_bright_is_the_comparison_of_numpy(dtype, threshold):
    X = np.arange(256).reshape(2, 8, 16).astype(dtype)
    assert_array_equal(ThresholdMasker(threshold).transform(X), threshold < X)
    assert_array_equal(ThresholdMasker(threshold, foreground="dark").transform(X), threshold >= X)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_integers_compare_as_the_numbers_they_stand_for(data):
    dtype = data.draw(st.sampled_from(INTEGERS))
    X = data.draw(arrays(dtype, (2, 3, 3)))
    near = [int(x) + d for x in X.flat for d in (-1, 0, 1)]
    threshold = data.draw(
        st.one_of(st.sampled_from(near), st.floats(allow_nan=False), st.integers(-(2**70), 2**70))
    )
    exact = np.array([int(x) > threshold for x in X.flat]).reshape(X.shape)
    assert_array_equal(ThresholdMasker(threshold).transform(X), exact)
    assert_array_equal(ThresholdMasker(threshold, foreground="dark").transform(X), ~exact)


def test_uint64_beyond_the_floats_is_exact():
    X = np.array([[[2**53, 2**53 + 1, 2**64 - 1]]], np.uint64)
    assert_array_equal(ThresholdMasker(2**53).transform(X), [[[False, True, True]]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("threshold", [-np.inf, -1e6, 0.0, 1e6, np.inf])
def test_infinities_compare_as_numbers_and_nan_is_never_foreground(dtype, threshold):
    X = np.array([[[np.nan, -np.inf, -1, 0, 1, np.inf]]], dtype)
    wide = X.astype(np.float64)
    assert_array_equal(ThresholdMasker(threshold).transform(X), wide > threshold)
    assert_array_equal(
        ThresholdMasker(threshold, foreground="dark").transform(X), wide <= threshold
    )


def test_polarities_are_complements_but_for_nan():
    X = np.random.default_rng(0).normal(size=(3, 20, 20))
    X[0, :3] = np.nan
    bright = ThresholdMasker(0.1).transform(X)
    dark = ThresholdMasker(0.1, foreground="dark").transform(X)
    assert_array_equal(bright ^ dark, ~np.isnan(X))
    assert not (bright & dark).any()


def test_nothing_is_learned_and_nothing_needs_a_fit():
    masker = ThresholdMasker(3)
    check_is_fitted(masker)
    assert masker.transform(np.full((1, 2, 2), 4)).all()
    with pytest.raises(NotFittedError):
        check_is_fitted(masker, "n_features_in_")


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"threshold": "high"}, "'threshold' parameter of ThresholdMasker must be a float"),
        ({"threshold": None}, "'threshold' parameter of ThresholdMasker must be a float"),
        ({"threshold": np.nan}, "'threshold' parameter of ThresholdMasker must be a float"),
        ({"threshold": [1, 2]}, "'threshold' parameter of ThresholdMasker must be a float"),
        ({"foreground": "light"}, "'foreground' parameter of ThresholdMasker must be a str among"),
    ],
)
def test_bad_parameters_are_refused_in_fit_and_in_an_unfitted_transform(params, match):
    X = np.zeros((1, 2, 2))
    for call in (ThresholdMasker(**params).fit, ThresholdMasker(**params).transform):
        with pytest.raises(ValueError, match=match):
            call(X)


def test_name_of_a_method_is_refused_with_the_class_that_is_meant():
    hint = r"got 'otsu'. Use HistogramThresholdMasker\('otsu'\) to learn"
    for call in (ThresholdMasker("otsu").fit, ThresholdMasker("otsu").transform):
        with pytest.raises(TypeError, match=hint):
            call(np.ones((1, 3, 3)))
    hint = r"HistogramThresholdMasker expects method .* got 120. Use ThresholdMasker\(120\) for"
    with pytest.raises(TypeError, match=hint):
        HistogramThresholdMasker(120).fit(np.ones((1, 3, 3)))
