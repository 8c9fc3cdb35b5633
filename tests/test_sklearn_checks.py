"""scikit-learn's own checks, none expected to fail, and those that its generator leaves out."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_estimator,
    check_global_output_transform_pandas,
    check_global_set_output_transform_polars,
    check_inplace_ensure_writeable,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_set_output_transform_polars,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
)

from tests.estimators import name_of, public_estimators

# The checks hand flat rows of random numbers to everything, which skmask warns about by design.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*expects images like those of training:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*takes the labels of Otsu's threshold instead:UserWarning"),
    # The DataFrame checks mix named and unnamed columns, for which scikit-learn itself warns.
    pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names:UserWarning"),
]


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_check_estimator_passes_with_nothing_failed_or_skipped(estimator):
    results = check_estimator(estimator, on_skip=None, on_fail="raise")
    assert len(results) > 40
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.parametrize(
    "check",
    [
        check_dataframe_column_names_consistency,
        check_global_output_transform_pandas,
        check_global_set_output_transform_polars,
        check_inplace_ensure_writeable,
        check_set_output_transform,
        check_set_output_transform_pandas,
        check_set_output_transform_polars,
        check_transformer_get_feature_names_out,
        check_transformer_get_feature_names_out_pandas,
    ],
    ids=lambda check: check.__name__,
)
@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_checks_outside_the_generator_pass(estimator, check):
    check(name_of(estimator), estimator)


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_stack_passes_under_global_dataframe_output(estimator):
    X = np.random.default_rng(0).random((4, 6, 5))
    expected = estimator.fit(X).transform(X)
    with config_context(transform_output="pandas"):
        result = estimator.fit_transform(X)
    np.testing.assert_array_equal(np.asarray(result), expected)
    if result.ndim == 3:
        assert isinstance(result, np.ndarray)
