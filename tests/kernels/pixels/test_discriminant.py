import numpy as np
from numpy.testing import assert_allclose
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from skmask._kernels.pixels.discriminant import discriminant, merge_moments, moments_of


def pixels(seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.random(3000) < 0.2
    values = rng.normal(size=(3, 3000)) * [[1], [20], [300]] + labels * [[1], [-9], [400]]
    return values, labels


def test_weights_are_those_of_scikit_learn():
    values, labels = pixels()
    weights, intercept = discriminant(moments_of(values, labels))
    lda = LinearDiscriminantAnalysis().fit(values.T, labels)
    expected = lda.decision_function(values.T)
    assert_allclose(weights @ values + intercept, expected, rtol=1e-2, atol=1e-2)
    assert_allclose(weights / weights[0], lda.coef_[0] / lda.coef_[0, 0], rtol=1e-6)


def test_sums_of_parts_are_those_of_all():
    values, labels = pixels()
    parts = [moments_of(values[:, i::7], labels[i::7]) for i in range(7)]
    for merged, whole in zip(merge_moments(parts), moments_of(values, labels), strict=True):
        assert_allclose(merged, whole)
    doubled = moments_of(values, labels, 2.0)
    for one, other in zip(discriminant(doubled), discriminant(merge_moments(parts)), strict=True):
        assert_allclose(one, other)


def test_terms_that_depend_on_each_other_pass():
    values, labels = pixels()
    values[2] = values[0] * 2
    weights, intercept = discriminant(moments_of(values, labels))
    alone, other = discriminant(moments_of(values[:2], labels))
    assert_allclose(weights @ values + intercept, alone @ values[:2] + other, rtol=1e-6, atol=1e-6)
    constant, _ = discriminant(moments_of(np.ones((1, 10)), np.arange(10) > 4))
    assert np.isfinite(constant).all()
