import numpy as np
import pytest

from skmask._kernels.histograms import code_counter
from skmask._kernels.histograms.code_counter import CodeCounter
from skmask._kernels.histograms.histogram import BIN_LIMIT, swap_sign

RNG = np.random.default_rng(0)
N = 600_000
NORMAL = RNG.normal(size=N)
SMALL = RNG.integers(0, 256, N)

FLOATS = {
    "one sign": 1.0 + 0.1 * np.abs(NORMAL),
    "both signs": NORMAL,
    "both signs, far from zero": np.sign(NORMAL) * (100 + NORMAL),
    "mostly zero": np.where(RNG.random(N) < 0.7, 0.0, np.exp(NORMAL)),
    "mostly one negative value": np.where(RNG.random(N) < 0.7, -1024.0, NORMAL),
    "mostly one value among few": np.where(RNG.random(N) < 0.7, -1024.0, SMALL / 255),
    "few values": SMALL / 255,
    "few values of both signs": (SMALL - 128) / 255,
    "few values, then others": np.where(np.arange(N) < N // 2, SMALL, SMALL + 0.5),
    "few values, then many": np.where(np.arange(N) < N // 2, SMALL, NORMAL),
    "as many values as bins": RNG.integers(0, 65_536, N) / np.float32(65_535),
    "drifting": NORMAL + np.linspace(0, 1e6, N),
    "a thousand decades": np.exp(300 * RNG.uniform(-1, 1, N)),
    "outliers": np.where(RNG.random(N) < 1e-4, 1e30 * NORMAL, 5 + NORMAL),
    "one value": np.full(N, 3.7),
}
INTEGERS = {
    "computed tomography": (1000 * NORMAL).clip(-1024, 3071),
    "one negative value far away": np.where(RNG.random(N) < 0.2, -(2**62), SMALL),
    "wide": 1e8 * NORMAL,
    "around the largest": 2.0**62 + 1e5 * NORMAL,
}


def check(codes):
    counter = CodeCounter()
    for piece in np.array_split(codes, 20):
        counter.add(piece)
    shift, keys, counts = counter.bins()
    expected = np.sort(swap_sign(codes))
    assert shift == smallest_shift(expected)
    for got, wanted in zip(
        (keys, counts), np.unique(expected >> shift, return_counts=True), strict=True
    ):
        np.testing.assert_array_equal(got, wanted)


def smallest_shift(keys):
    return next(s for s in range(64) if np.count_nonzero(np.diff(keys >> s)) < BIN_LIMIT)


@pytest.fixture(params=["sorting much", "sorting little"], autouse=True)
def sort_size(request, monkeypatch):
    """Sort as few codes at once as is done at all, too: the table is then cleared and laid often."""
    if request.param == "sorting little":
        monkeypatch.setattr(code_counter, "_SORT_SIZE", 5000)


@pytest.mark.parametrize("name", FLOATS)
def test_codes_of_floats_are_counted_as_by_sorting(name):
    check((FLOATS[name] + 0.0).view(np.int64))


@pytest.mark.parametrize("name", INTEGERS)
def test_codes_of_integers_are_counted_as_by_sorting(name):
    check(swap_sign(INTEGERS[name].astype(np.int64)))


def test_extreme_codes_are_counted_as_by_sorting():
    extremes = np.array([-(2**63), -1, 0, 1, 2**63 - 1])
    check(swap_sign(RNG.choice(extremes, N)))


def test_counter_goes_on_after_its_bins_were_read():
    counter = CodeCounter()
    counter.add(np.array([3, 5, 3]))
    counter.bins()
    counter.add(np.array([5]))
    _, keys, counts = counter.bins()
    assert (keys.tolist(), counts.tolist()) == ([3, 5], [2, 2])


def test_nothing_is_counted_as_no_bins():
    counter = CodeCounter()
    counter.add(np.empty(0, np.int64))
    shift, keys, counts = counter.bins()
    assert (shift, keys.size, counts.size) == (0, 0, 0)
