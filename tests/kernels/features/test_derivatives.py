"""Derivatives of smoothed pixels against NumPy, and both engines against each other."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skmask._kernels.compiled import use_engine
from skmask._kernels.features.bank import feature_stack
from skmask._kernels.features.derivatives import gradient_lengths, hessian_eigenvalues
from skmask._kernels.features.plan import FEATURES, make_plan

RNG = np.random.default_rng(0)


def central(values, axis, spacing):
    """Return the differences of the neighbors to both sides, without the pixels at the edges."""
    return np.gradient(values, spacing, axis=axis)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (2.0, 0.5)])
def test_gradients_and_hessians_are_those_of_numpy(spacing):
    around = RNG.normal(size=(9, 12)).astype(np.float32)
    down, across = (central(around.astype(float), axis, spacing[axis]) for axis in (0, 1))
    expected = np.hypot(down, across)[1:-1, 1:-1]
    assert_allclose(gradient_lengths(around, spacing), expected, rtol=1e-5)
    core = around.astype(float)
    a = np.diff(core, 2, axis=0)[:, 1:-1] / spacing[0] ** 2
    c = np.diff(core, 2, axis=1)[1:-1] / spacing[1] ** 2
    b = central(down, 1, spacing[1])[1:-1, 1:-1]
    matrices = np.stack([np.stack([a, b], -1), np.stack([b, c], -1)], -1)
    greatest_first = np.linalg.eigvalsh(matrices)[..., ::-1]
    for found, values in zip(
        hessian_eigenvalues(around, spacing), np.moveaxis(greatest_first, -1, 0), strict=True
    ):
        assert_allclose(found, values, atol=1e-4)


@pytest.mark.parametrize("shape", [(70,), (40, 57), (3, 2), (1, 9), (9, 12, 11)])
@pytest.mark.parametrize("spacing", [1.0, 0.7])
def test_engines_agree_bit_for_bit(shape, spacing):
    features = [name for name in FEATURES if name != "median"]
    plan = make_plan(
        len(shape), scales=(0.7, 2, 5), features=features, spacing=[spacing] * len(shape)
    )
    image = RNG.normal(size=(1, *shape)) * 10.0 ** RNG.integers(-6, 8, shape)
    image[0].flat[3] = np.nan
    with use_engine("numpy"):
        expected = feature_stack(image, plan)
    with use_engine("numba"):
        found = feature_stack(image, plan)
    assert_array_equal(found, expected)
