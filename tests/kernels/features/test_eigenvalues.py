"""Eigenvalues of small matrices against LAPACK."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmask._kernels.features.eigenvalues import symmetric_eigenvalues


@pytest.mark.parametrize("n_rows", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1e-12, 1.0, 1e6])
def test_eigenvalues_are_those_of_lapack(n_rows, size):
    matrices = np.random.default_rng(n_rows).normal(size=(500, n_rows, n_rows)) * size
    matrices[:20] = np.eye(n_rows) * size
    matrices[20:30] = 0
    matrices = ((matrices + matrices.transpose(0, 2, 1)) / 2).astype(np.float32)
    entries = {(i, j): matrices[:, i, j].copy() for i in range(n_rows) for j in range(i, n_rows)}
    expected = np.linalg.eigvalsh(matrices.astype(float))[:, ::-1].T
    assert_allclose(symmetric_eigenvalues(entries), expected, atol=2e-6 * size * n_rows)
