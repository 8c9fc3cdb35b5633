import itertools
import math
import operator
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from skmask._kernels.pixels import compare
from skmask._kernels.pixels.compare import (
    above,
    at_least,
    below,
    not_above,
    plan_threshold,
    round_down,
    round_up,
    within,
)

COMPARISONS = {
    above: operator.gt,
    not_above: operator.le,
    at_least: operator.ge,
    below: operator.lt,
}
EACH = pytest.mark.parametrize("kernel", COMPARISONS, ids=lambda kernel: kernel.__name__)
INTEGERS = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", ">u2", ">i8"]


def compare_each(pixels, kernel, bound):
    """Compare as Python does, exactly for numbers of every size."""
    return [COMPARISONS[kernel](pixel, bound) for pixel in pixels.tolist()]


def bounds_near(limits):
    edges = st.sampled_from([limits.min, limits.max, 0, 2**53, -(2**63), 2**64])
    whole = st.builds(operator.add, edges, st.integers(-2, 2))
    return whole | whole.map(float) | st.floats(allow_nan=False) | st.floats(-300, 300)


@pytest.mark.parametrize("dtype", INTEGERS)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_integers_compare_exactly(dtype, data):
    limits = np.iinfo(dtype)
    near = [limits.min, limits.min + 1, limits.max - 1, limits.max]
    pixels = data.draw(arrays(dtype, 6, elements=st.sampled_from(near) | st.integers(0, 100)))
    bound = data.draw(bounds_near(limits))
    for kernel in COMPARISONS:
        assert_array_equal(kernel(pixels, bound), compare_each(pixels, kernel, bound))


@pytest.mark.parametrize("dtype", [*INTEGERS, "f2", "f4", "f8", "g", "?", "O"])
@pytest.mark.parametrize(
    "bound", [0, 3, 2.5, np.float32(0.1), 0.1, -1, -1e300, 2**70, np.inf, True]
)
def test_planned_thresholds_equal_comparisons(dtype, bound):
    pixels = np.array([0, 1, 2, 3, 100, 0.1, np.nan] if dtype in "f2f4f8g" else range(120), dtype)
    n_planned = 0
    for is_above, kernel in ((True, above), (False, not_above)):
        planned = plan_threshold(bound, pixels.dtype, above=is_above)
        if planned is not None:
            n_planned += 1
            assert_array_equal(planned(pixels), kernel(pixels, bound))
            assert_array_equal(planned(pixels[:, None]), kernel(pixels[:, None], bound))
    is_inside = pixels.dtype.kind == "f" or (pixels.dtype.kind in "iu" and 0 <= bound <= 100)
    assert n_planned == 2 or not is_inside


INCLUSIVE = {
    "both": (operator.ge, operator.le),
    "left": (operator.ge, operator.lt),
    "right": (operator.gt, operator.le),
    "neither": (operator.gt, operator.lt),
}


@pytest.mark.parametrize("inclusive", INCLUSIVE)
@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("dtype", ["?", "u1", "i1", "u2", "u8", "i8", ">u2", "f2", "f4", "f8"])
def test_ranges_of_large_images_equal_two_comparisons(dtype, circular, inclusive, monkeypatch):
    monkeypatch.setattr(compare, "_SMALL", 0)
    monkeypatch.setattr(compare, "_LARGE", 0)
    monkeypatch.setattr(compare, "_PIECE", 5)
    rng = np.random.default_rng(0)
    images = rng.integers(-9, 9, (3, 5, 7)).astype(dtype)
    numbers = [-9, -8.5, 0, 0.5, 1, 3, 2**16, -np.inf, np.inf]
    if images.dtype.kind == "f":
        images[0, :, 0] = np.nan, -np.inf, np.inf, np.finfo(dtype).max, -0.0
    reaches, stays = INCLUSIVE[inclusive]
    pixels = images.ravel().astype(object)
    for low, high in itertools.product(numbers, repeat=2):
        combine = operator.or_ if circular and low > high else operator.and_
        expected = [combine(reaches(one, low), stays(one, high)) for one in pixels.tolist()]
        found = within(images, low, high, inclusive=inclusive, circular=circular)
        assert_array_equal(found.ravel(), expected)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_floats_compare_exactly_with_bounds_of_their_dtype(dtype, data):
    # Any bits, read as floats: of all sizes, infinite, or no number.
    size = np.dtype(dtype).itemsize
    pixels = data.draw(arrays(f"u{size}", 6)).view(f"f{size}").astype(dtype)
    bound = data.draw(st.sampled_from([0.0, *pixels[~np.isnan(pixels)].tolist()]))
    for kernel in COMPARISONS:
        assert_array_equal(kernel(pixels, bound), compare_each(pixels, kernel, bound))


@EACH
@pytest.mark.parametrize("bound", [7e4, -7e4, 1e300, -1e300, np.inf, -np.inf])
def test_bounds_beyond_a_float_dtype_are_below_infinity(kernel, bound):
    pixels = np.array([-np.inf, -65504, 0, 65504, np.inf, np.nan], np.float16)
    assert_array_equal(kernel(pixels, bound), compare_each(pixels, kernel, bound))


@EACH
def test_fractions_between_floats_compare_as_numpy_does(kernel):
    pixels = np.array([0.1, 0.2], np.float32)
    assert_array_equal(kernel(pixels, 0.1), COMPARISONS[kernel](pixels, 0.1))


@EACH
@pytest.mark.parametrize("bound", [-0.5, 0, 0.5, 1, 2])
def test_booleans_compare_as_zero_and_one(kernel, bound):
    pixels = np.array([False, True])
    assert_array_equal(kernel(pixels, bound), compare_each(pixels, kernel, bound))


def test_polarities_are_complements_but_for_nan():
    pixels = np.array([np.nan, -np.inf, 0.0, 1.0, np.inf])
    for one, other in [(above, not_above), (at_least, below)]:
        assert_array_equal(one(pixels, 0.0) ^ other(pixels, 0.0), ~np.isnan(pixels))


@settings(deadline=None, max_examples=60)
@given(
    arrays("u1", 12),
    st.none() | st.floats(-5, 260),
    st.none() | st.floats(-5, 260),
    st.sampled_from(["both", "left", "right", "neither"]),
    st.booleans(),
)
def test_ranges_equal_chained_comparisons(pixels, low, high, inclusive, circular):
    reaches = operator.ge if inclusive in ("both", "left") else operator.gt
    stays = operator.le if inclusive in ("both", "right") else operator.lt
    expected = []
    for pixel in pixels.tolist():
        over = low is None or reaches(pixel, low)
        under = high is None or stays(pixel, high)
        wraps = circular and None not in (low, high) and low > high
        expected.append(over or under if wraps else over and under)
    mask = within(pixels, low, high, inclusive=inclusive, circular=circular)
    assert_array_equal(mask, expected)


@pytest.mark.parametrize(
    ("low", "high"), [(None, None), (0, None), (None, 5), (0, 5), (-math.inf, math.inf)]
)
def test_nan_is_in_no_range(low, high):
    pixels = np.array([1.0, np.nan])
    assert within(pixels, low, high).tolist() == [True, False]
    assert within(pixels, high, low, circular=True)[1] == np.False_


def test_masks_can_be_written_to_and_pixels_are_left_alone():
    pixels = np.arange(5, dtype=np.uint8)
    pixels.flags.writeable = False
    assert within(pixels, None, None).flags.writeable
    assert within(pixels, 1, 3).flags.writeable
    assert_array_equal(pixels, np.arange(5))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@settings(deadline=None, max_examples=60)
@given(bounds_near(np.iinfo("u8")) | st.floats(allow_nan=False, width=16).map(lambda x: x * 1.001))
def test_bounds_are_rounded_to_the_nearest_number_below_and_above(dtype, bound):
    dtype = np.dtype(dtype)
    down, up = round_down(bound, dtype), round_up(bound, dtype)
    assert down.dtype == up.dtype == dtype
    assert float(down) <= bound <= float(up)
    with np.errstate(over="ignore"):
        assert float(down) == float(up) == bound or np.nextafter(down, dtype.type(np.inf)) == up


@pytest.mark.parametrize("dtype", ["u8", "i1", "g"])
@settings(deadline=None, max_examples=20)
@given(bounds_near(np.iinfo("u8")))
def test_bounds_of_integers_and_of_long_floats_are_left_alone(dtype, bound):
    assert round_down(bound, np.dtype(dtype)) == round_up(bound, np.dtype(dtype)) == bound


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("bound", [2**62, 2**62 + 1, -(2**62) - 1, 2**53 + 1])
def test_bounds_of_numpy_are_as_exact_as_those_of_python(compare, bound):
    images = np.array([[bound - 1, bound, bound + 1]])
    expected = [COMPARISONS[compare](value, bound) for value in images[0].tolist()]
    for kind in (int, np.int64):
        assert_array_equal(compare(images, kind(bound))[0], expected)


# Every comparison of integers that are not contiguous with a number beyond their dtype, which NumPy before
# 2.2.2 does not survive.
CRASH = """
import sys

import numpy as np
from skmask import HistogramRangeMasker, HistogramThresholdMasker, HysteresisMasker
from skmask import RangeMasker, ThresholdMasker

integers = np.random.default_rng(0).integers(0, 256, (4, 40, 50))
beyond = [256, -1, 2**40, -2**40, 2**64, 2**100, 1e300, np.inf, -np.inf, np.uint64(2**64 - 1)]
for dtype in sys.argv[1:]:
    X = integers.astype(dtype)
    view = X[:, 5:30, 5:30]
    for bound in beyond:
        for masker in (
            ThresholdMasker(bound),
            ThresholdMasker(bound, foreground="dark"),
            RangeMasker(bound, None),
            RangeMasker(None, bound, inclusive="neither"),
            HysteresisMasker(bound, bound),
            HistogramThresholdMasker(bounds=(bound, bound)).fit(X),
        ):
            masks = masker.transform(view)
            assert masks.all() or not masks.any() or abs(bound) <= 256
    for select in range(3):
        HistogramRangeMasker("otsu", n_classes=3, select=select).fit(X).transform(view)
    print(dtype, flush=True)
"""


def test_bounds_beyond_the_dtype_do_not_crash(engine):
    dtypes = ["uint8", "int8", "int16", "uint32", "int64", "uint64", "bool"]
    command = [sys.executable, "-W", "ignore", "-c", CRASH, *dtypes]
    env = {**os.environ, "SKMASK_ENGINE": engine}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert result.stdout.split() == dtypes, result.stderr
    assert result.returncode == 0
