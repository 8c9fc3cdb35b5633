"""Checks of parameters and companions: every message, tested once."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmask._checks import (
    check_ball,
    check_center,
    check_closing,
    check_connectivity,
    check_fill_value,
    check_n_bins,
    check_one_kind,
    check_spacing,
    check_statistics,
    check_value_range,
    check_weights,
    check_window,
)
from skmask._kernels.histograms.counting import count


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"footprint": "cross"}, "X expects footprint to be one of 'diamond', 'square', 'disk'"),
        (
            {"footprint": np.ones((2, 3))},
            r"X expects a footprint of odd size .* got shape \(2, 3\)",
        ),
        ({"footprint": np.ones((0, 3))}, "odd size along each axis"),
        (
            {"footprint": np.ones(3)},
            r"X expects a footprint with 2 axes, .* got one of shape \(3,\)",
        ),
        ({"footprint": np.zeros((3, 3))}, "X expects a footprint with at least one pixel set"),
        ({"footprint": [[0, 2, 0]]}, "X expects a footprint of booleans or of 0 and 1"),
        ({"footprint": [[0, np.nan, 0]]}, "booleans or of 0 and 1"),
        ({"radius": -1}, "X expects radius to be finite and not negative, got -1"),
        ({"radius": np.nan}, "finite and not negative, got nan"),
        ({"radius": np.inf}, "finite and not negative, got inf"),
        ({"spacing": (1, 1, 1)}, "X expects spacing to be a positive number or 2 of them"),
        ({"spacing": ("a", "b")}, "X expects spacing to be a positive number or 2 of them"),
        ({"spacing": -2}, "X expects spacing to be a positive number .*got -2"),
        ({"spacing": (1, 0)}, "X expects spacing to be a positive number"),
        ({"spacing": (1, np.nan)}, "spacing to be a positive number"),
        ({"spacing": np.inf}, "spacing to be a positive number"),
    ],
)
def test_wrong_footprints_are_refused(arguments, match):
    given = {"footprint": "disk", "radius": 1, "spacing": None} | arguments
    with pytest.raises(ValueError, match=match):
        check_ball(given.pop("footprint"), 2, **given, caller="X")


def test_radius_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="X expects radius to be a number, got str"):
        check_ball("disk", 2, radius="a", spacing=None, caller="X")


def test_checked_footprint_is_what_kernels_take():
    assert check_ball("disk", 2, radius=2, spacing=0.5, caller="X") == {
        "footprint": "disk",
        "radius": 2.0,
        "spacing": [0.5, 0.5],
    }
    given = check_ball([[0, 1, 1]], 2, radius=9, spacing=-1, caller="X")
    assert given["footprint"].tolist() == [[False, True, True]]
    assert set(given) == {"footprint"}


def test_footprint_without_its_center_never_comes_to_rest():
    footprint = np.array([True, False, True])
    check_center(footprint, 3, caller="X")
    check_center(~footprint, None, caller="X")
    with pytest.raises(ValueError, match="X expects a footprint that contains its center"):
        check_center(footprint, None, caller="X")


def test_closing_that_reaches_too_far_is_refused():
    given = {"border": "ignore", "caller": "X"}
    check_closing((1, 1), (10, 64), iterations=192, **given)
    check_closing((10**9, 1), (10, 64), iterations=1, border="background", caller="X")
    check_closing((10**9, 1), (10, 64), iterations=0, **given)
    with pytest.raises(ValueError, match=r"at most 192 pixels .* got 193\. Use a smaller radius"):
        check_closing((193, 1), (10, 64), iterations=1, **given)


@pytest.mark.parametrize("connectivity", [0, 3, 1.5])
def test_connectivity_that_images_do_not_have_is_refused(connectivity):
    message = (
        f"X expects a connectivity from 1 to .* axes of an image, 2, got {connectivity}. Use 1"
    )
    with pytest.raises(ValueError, match=message):
        check_connectivity(connectivity, 2, caller="X")


def test_statistics_are_refused_by_name():
    check_statistics(["area", "perimeter"], 2, caller="X")
    with pytest.raises(ValueError, match=r"X expects statistics among \['area'.*got 'size'"):
        check_statistics(["size"], 2, caller="X")
    with pytest.raises(ValueError, match="X expects statistics to name one or more, got no"):
        check_statistics([], 2, caller="X")
    for n_axes in (1, 3):
        with pytest.raises(ValueError, match="X expects images of 2 axes to measure 'perimeter'"):
            check_statistics(["area", "perimeter"], n_axes, caller="X")


def test_spacing_is_one_number_for_each_axis():
    assert check_spacing(None, 2, caller="X").tolist() == [1, 1]
    assert check_spacing(2, 3, caller="X").tolist() == [2, 2, 2]
    assert check_spacing((1, 0.5), 2, caller="X").tolist() == [1, 0.5]


@pytest.mark.parametrize("window", [4, -3, 0, 3.0, "wide", None, (3, 5, 7), (3, 2)])
def test_wrong_window_is_refused(window):
    with pytest.raises(
        ValueError, match="X expects window to be a positive odd integer, or one for"
    ):
        check_window(window, 2, caller="X")


def test_window_is_one_length_for_each_axis():
    assert check_window(5, 2, caller="X") == (5, 5)
    assert check_window((5, np.int8(3)), 2, caller="X") == (5, 3)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1, 2], r"one number for each of 3 images, got an array of shape \(2,\)"),
        ([1, np.nan, 1], "finite and not negative, got nan"),
        ([1, -1, 1], "finite and not negative, got -1"),
        ([0, 0, 0], "positive for some images, got zero weights only"),
    ],
)
def test_wrong_weights_are_refused(weights, match):
    with pytest.raises(ValueError, match=f"X expects sample_weight to be {match}"):
        check_weights(weights, 3, caller="X")


def test_weights_of_zero_may_be_allowed():
    assert check_weights([0, 0], 2, caller="X", allow_zeros=True).tolist() == [0, 0]
    with pytest.raises(TypeError, match="X expects sample_weight to be numbers, got list"):
        check_weights(["a", "b"], 2, caller="X")


def test_bins_and_their_range_are_checked():
    check_n_bins("auto", caller="X")
    check_n_bins(2**20, caller="X")
    with pytest.raises(ValueError, match="X expects n_bins to be an integer from 1 to 1048576"):
        check_n_bins(2**20 + 1, caller="X")
    for limits in ((2, 1), (1, 1), (0, np.inf), (np.nan, 1), (0, 1, 2), (), (None, 1), "all", 3):
        with pytest.raises(
            ValueError, match="X expects a value_range of two finite numbers.*Order"
        ):
            check_value_range(limits, caller="X")


@pytest.mark.parametrize(("dtype", "kind"), [("float32", "float"), ("uint64", "uint64")])
def test_kinds_of_pixels_do_not_mix(dtype, kind):
    parts = [count(np.zeros((1, 3), dtype)), count(np.zeros((1, 3), np.int16))]
    check_one_kind(parts[:1] * 2, caller="X")
    with pytest.raises(ValueError, match=f"X expects images of one kind .* got .*{kind}.*Convert"):
        check_one_kind(parts, caller="X")


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (np.uint8, 255),
        (np.uint8, 3.0),
        (np.int64, -(2**63)),
        (np.uint64, 2**64 - 1),
        (bool, 1),
        (np.float16, 65504),
        (np.float32, np.nan),
        (np.float32, -np.inf),
        (np.float32, 0.1),
        (np.float64, 2**70),
        (np.int16, [[1, 2], [3, 4]]),
        (">f4", 1.5),
    ],
)
def test_values_that_a_dtype_holds_pass(dtype, value):
    dtype = np.dtype(dtype)
    fill = check_fill_value(dtype, value, caller="It")
    assert fill.dtype == dtype
    assert_array_equal(fill, np.array(value).astype(dtype))


@pytest.mark.parametrize(
    ("dtype", "value", "wider"),
    [
        (np.uint8, 256, "uint16"),
        (np.uint8, -1, "int16"),
        (np.uint8, 0.5, "float32"),
        (np.int32, np.nan, "float64"),
        (np.int64, np.inf, "float64"),
        (np.uint64, 2**64, "float64"),
        (bool, 2, "uint8"),
        (np.float16, 1e6, "float32"),
        (np.float32, 1e300, "float64"),
        (np.uint8, [[1, 256]], "int64"),
        (np.float16, [[1.0, 1e9]], "float64"),
    ],
)
def test_values_that_a_dtype_does_not_hold_are_refused(dtype, value, wider):
    with pytest.raises(ValueError, match=rf"It expects a fill_value that .* or use '{wider}'\."):
        check_fill_value(np.dtype(dtype), value, caller="It", remedy="use {!r}")


@pytest.mark.parametrize("value", ["blue", [["a"]], 1j])
def test_fill_values_of_another_kind_are_refused(value):
    with pytest.raises(TypeError, match="It expects fill_value to be a number or an array"):
        check_fill_value(np.dtype(float), value, caller="It")
