import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skmask._kernels.histograms.counting import count
from skmask._kernels.thresholds.shares import share_scores, sum_shares
from skmask._kernels.thresholds.supervised import best_threshold


def threshold_of(images, shares, foreground="bright", **options):
    known = sum_shares(images, np.asarray(shares, float), **options)
    return best_threshold(share_scores(count(images, **options), known, foreground=foreground))


@given(
    share=st.floats(0, 1),
    foreground=st.sampled_from(["bright", "dark"]),
    seed=st.integers(0, 99),
)
def test_no_threshold_comes_nearer(share, foreground, seed):
    images = np.random.default_rng(seed).integers(0, 30, (2, 5, 6))
    choice = threshold_of(images, [share, share], foreground)
    distances = [
        abs(((images > t) if foreground == "bright" else (images <= t)).mean() - share)
        for t in (*range(-1, 31), choice.threshold)
    ]
    assert distances[-1] <= min(distances) + 1e-9
    assert_allclose(-choice.score, distances[-1], atol=1e-8)


def test_weights_roi_and_balance_choose_what_counts():
    images = np.array([[0, 10, 20, 30], [100, 110, 120, 130]])
    assert threshold_of(images, [1, 0.5], weights=np.array([0, 1])).interval == (110, 120)
    roi = np.array([[1, 1, 1, 1], [0, 0, 0, 1]], bool)
    assert threshold_of(images, [0, 1], roi=roi).interval == (30, 130)
    assert threshold_of(images, [0, 1], roi=roi, balance="image").interval == (30, 130)
    known = sum_shares(images, np.array([0.5, 1]), roi=roi, balance="image")
    assert known.n_foreground == 1.5
    assert sum_shares(images, np.array([0.5, 1]), roi=roi).n_foreground == 3


@pytest.mark.parametrize("balance", ["pixel", "image"])
def test_sums_of_parts_are_those_of_all(balance):
    rng = np.random.default_rng(0)
    images, shares, weights = rng.random((9, 4, 4)), rng.random(9), rng.integers(0, 3, 9)
    images[3] = np.nan
    parts = [
        sum_shares(
            images[i : i + 2], shares[i : i + 2], weights=weights[i : i + 2], balance=balance
        )
        for i in (6, 0, 8, 2, 4)
    ]
    whole = sum_shares(images, shares, weights=weights, balance=balance)
    assert parts[0].merge(*parts[1:]).n_units == whole.n_units
