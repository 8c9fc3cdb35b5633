import numpy as np
import pytest
from scipy import ndimage

from skmask import BinaryCloser, BinaryDilator, BinaryEroder, BinaryOpener, morphology
from skmask._kernels.morphology.footprints import build_footprint
from skmask.morphology import closing, dilate, erode, opening, reconstruct

OPERATIONS = {"dilate": dilate, "erode": erode, "opening": opening, "closing": closing}
SCIPY = {
    "dilate": ndimage.binary_dilation,
    "erode": ndimage.binary_erosion,
    "opening": ndimage.binary_opening,
    "closing": ndimage.binary_closing,
}
ESTIMATORS = {
    "dilate": BinaryDilator,
    "erode": BinaryEroder,
    "opening": BinaryOpener,
    "closing": BinaryCloser,
}


def random_mask(*shape):
    return np.random.default_rng(0).random(shape) < 0.5


def test_names_are_those_promised():
    assert morphology.__all__ == sorted(morphology.__all__)
    assert set(morphology.__all__) == {*OPERATIONS, "reconstruct"}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shape", [(70,), (20, 31), (9, 10, 11)])
def test_whole_array_is_one_image_by_default(name, shape):
    mask = random_mask(*shape)
    footprint = build_footprint("disk", mask.ndim, radius=2)
    np.testing.assert_array_equal(
        OPERATIONS[name](mask, "disk", radius=2, border="background"), SCIPY[name](mask, footprint)
    )


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("axes", [0, -1, (0, 1), (1, 2), (2, 0), (0, 3), (3, 1, 2), (0, 1, 2, 3)])
def test_axes_name_those_of_the_images(name, axes):
    mask = random_mask(6, 7, 8, 9)
    axes_given = (axes,) if isinstance(axes, int) else axes
    random = np.random.default_rng(1)
    footprint = random.random((3, 5, 3, 1)[: len(axes_given)]) < 0.6
    footprint.flat[0] = True
    result = OPERATIONS[name](mask, footprint, axes=axes, border="background")
    positive = [axis % mask.ndim for axis in axes_given]  # SciPy wants them in rising order
    ordered = footprint.transpose(np.argsort(positive))
    expected = SCIPY[name](mask, ordered, axes=tuple(sorted(positive)))
    np.testing.assert_array_equal(result, expected)
    assert result.flags.c_contiguous


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("border", ["ignore", "background", "foreground"])
def test_functions_agree_with_the_estimators(name, border):
    masks = random_mask(3, 12, 14)
    options = {"radius": 2.5, "iterations": 2, "border": border, "spacing": (2, 1)}
    np.testing.assert_array_equal(
        OPERATIONS[name](masks, "disk", **options, axes=(1, 2)),
        ESTIMATORS[name]("disk", **options).transform(masks),
    )


def test_reconstruct_grows_seeds_within_their_limits():
    limits = random_mask(4, 20, 22)
    seeds = limits & (np.random.default_rng(1).random(limits.shape) < 0.05)
    grown = reconstruct(seeds, limits, axes=(1, 2))
    steps = reconstruct(seeds, limits, iterations=3, axes=(1, 2))
    for i, (seed, limit) in enumerate(zip(seeds, limits, strict=True)):
        np.testing.assert_array_equal(grown[i], ndimage.binary_propagation(seed, mask=limit))
        expected = ndimage.binary_dilation(seed, iterations=3, mask=limit)
        np.testing.assert_array_equal(steps[i], expected)


def test_iterations_none_goes_on_until_nothing_changes():
    mask = np.zeros((5, 40), dtype=bool)
    mask[2, 3] = True
    assert dilate(mask, iterations=None).all()
    assert not erode(~mask, iterations=None).any()
    np.testing.assert_array_equal(
        dilate(mask, [[1, 1, 1]], iterations=None).any(axis=1), mask.any(axis=1)
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_numbers_other_than_zero_are_foreground(dtype):
    mask = random_mask(9, 9)
    values = np.where(mask, 7, 0).astype(dtype)
    np.testing.assert_array_equal(dilate(values), dilate(mask))
    np.testing.assert_array_equal(dilate(values.tolist()), dilate(mask))


def test_nan_is_not_foreground():
    values = np.array([0, np.nan, 0, 0, 2, 0, 0])
    assert dilate(values).tolist() == [False, False, False, True, True, True, False]


@pytest.mark.parametrize("name", OPERATIONS)
def test_input_is_not_written_to_and_not_returned(name):
    mask = random_mask(8, 9)
    before = mask.copy()
    mask.flags.writeable = False
    for iterations in (0, 1):
        result = OPERATIONS[name](mask, iterations=iterations)
        assert not np.shares_memory(result, mask)
        assert result.flags.writeable
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("shape", [(0,), (0, 5), (5, 0), (2, 0, 3)])
def test_empty_masks_stay_empty(name, shape):
    assert OPERATIONS[name](np.zeros(shape, dtype=bool)).shape == shape
    assert OPERATIONS[name](np.zeros(shape, dtype=bool), axes=0).shape == shape


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"iterations": -1}, ValueError, "{} expects iterations not to be negative, got -1"),
        ({"iterations": 1.5}, TypeError, "{} expects iterations to be an integer, got 1.5"),
        (
            {"border": "reflect"},
            ValueError,
            "{} expects border to be one of 'ignore', .* got 'refl",
        ),
        (
            {"axes": 2},
            ValueError,
            "{} expects axes to be those of a mask of 2 axes, each once, got 2",
        ),
        ({"axes": (0, 0)}, ValueError, r"{} expects axes to be those of a mask .* got \(0, 0\)"),
        ({"axes": ()}, ValueError, "{} expects axes to be at least one axis, got none"),
        ({"footprint": "cross"}, ValueError, "{} expects footprint to be one of"),
        ({"footprint": [1, 1, 1]}, ValueError, "{} expects a footprint with 2 axes"),
        ({"radius": -1}, ValueError, "{} expects radius to be finite"),
        (
            {"spacing": (1, 1, 1)},
            ValueError,
            "{} expects spacing to be a positive number or 2 of them",
        ),
        ({"mask": True}, ValueError, "{} expects mask to be an array, got True"),
        (
            {"mask": np.array(["a"])},
            TypeError,
            "{} expects mask to hold booleans or numbers, got dtype",
        ),
        ({"mask": np.ma.array([1, 0], mask=[0, 1])}, TypeError, "{} expects plain arrays"),
    ],
)
def test_bad_arguments_raise(name, arguments, error, match):
    arguments = {"mask": np.ones((3, 3), dtype=bool), **arguments}
    with pytest.raises(error, match=match.format(name)):
        OPERATIONS[name](**arguments)


@pytest.mark.parametrize("name", ["opening", "closing"])
def test_opening_and_closing_want_a_number_of_iterations(name):
    with pytest.raises(TypeError, match=f"{name} expects iterations to be an integer, got None"):
        OPERATIONS[name](np.ones(3, dtype=bool), iterations=None)


@pytest.mark.parametrize("name", ["dilate", "erode"])
def test_until_stable_without_the_center_raises(name):
    with pytest.raises(ValueError, match=f"{name} expects a footprint that contains its center"):
        OPERATIONS[name](np.ones(3, dtype=bool), [1, 0, 1], iterations=None)


def test_seeds_and_limit_of_different_shapes_raise():
    with pytest.raises(ValueError, match=r"reconstruct expects seeds and limit of one shape, got"):
        reconstruct(np.ones((3, 3)), np.ones((1, 3)))


@pytest.mark.parametrize("axes", ["x", (0, "x"), 1.5, 5, (0, 0), ()])
def test_axes_that_are_none_are_refused_by_name(axes):
    with pytest.raises(
        (TypeError, ValueError), match=r"dilate expects axes to be .* Use None if all"
    ):
        dilate(random_mask(3, 4), axes=axes)


@pytest.mark.parametrize("name", OPERATIONS)
def test_radius_and_iterations_far_beyond_the_image_take_no_longer(name):
    mask = np.random.default_rng(0).random((9, 12)) < 0.3
    function = getattr(morphology, name)
    if name == "closing":
        with pytest.raises(ValueError, match="closing expects radius and iterations that reach"):
            function(mask, "disk", radius=1e9)
        return
    expected = function(mask, "square", radius=12)
    np.testing.assert_array_equal(function(mask, "disk", radius=1e9), expected)
    np.testing.assert_array_equal(function(mask, iterations=10**9), expected)
