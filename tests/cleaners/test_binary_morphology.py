import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import ndimage
from sklearn.pipeline import make_pipeline

from skmask import BinaryCloser, BinaryDilator, BinaryEroder, BinaryOpener, ThresholdMasker

MASKS = np.random.default_rng(0).random((3, 17, 23)) < 0.2
OPERATIONS = [
    (BinaryDilator, ndimage.binary_dilation, {"ignore": 0, "background": 0, "foreground": 1}),
    (BinaryEroder, ndimage.binary_erosion, {"ignore": 1, "background": 0, "foreground": 1}),
]
ALL = pytest.mark.parametrize("cls", [BinaryDilator, BinaryEroder, BinaryOpener, BinaryCloser])
BOTH = pytest.mark.parametrize("cls", [BinaryDilator, BinaryEroder])
y, x = np.mgrid[-2:3, -2:3]
FOOTPRINTS = {
    ("diamond", 2): abs(y) + abs(x) <= 2,
    ("square", 2): np.ones((5, 5), bool),
    ("disk", 2): y**2 + x**2 <= 4,
    ("disk", 2.3): y**2 + x**2 <= 2.3**2,
}


@pytest.mark.parametrize(("cls", "operation", "outside"), OPERATIONS)
@pytest.mark.parametrize(("name", "radius"), FOOTPRINTS)
@pytest.mark.parametrize("border", ["ignore", "background", "foreground"])
@pytest.mark.parametrize("iterations", [1, 3])
def test_named_footprints_equal_scipy(cls, operation, outside, name, radius, border, iterations):
    estimator = cls(name, radius=radius, iterations=iterations, border=border)
    result = estimator.fit_transform(MASKS)
    for mask, one in zip(MASKS, result, strict=True):
        expected = operation(
            mask, FOOTPRINTS[name, radius], iterations=iterations, border_value=outside[border]
        )
        assert_array_equal(one, expected)


@pytest.mark.parametrize(("cls", "operation", "outside"), OPERATIONS)
def test_explicit_asymmetric_footprint_equals_scipy(cls, operation, outside):
    footprint = np.array([[0, 0, 0], [0, 1, 1], [0, 0, 1]], bool)
    result = cls(footprint.tolist()).transform(MASKS)
    for mask, one in zip(MASKS, result, strict=True):
        assert_array_equal(one, operation(mask, footprint, border_value=outside["ignore"]))


@BOTH
def test_no_iterations_are_the_identity_and_none_is_until_stable(cls):
    assert_array_equal(cls(iterations=0).transform(MASKS), MASKS)
    stable = cls(iterations=None).transform(MASKS)
    assert_array_equal(cls().transform(stable), stable)
    assert_array_equal(cls(iterations=100).transform(MASKS), stable)


@BOTH
def test_spacing_measures_the_radius(cls):
    wide = cls("square", radius=1.0, spacing=(1.0, 0.5)).transform(MASKS)
    assert_array_equal(wide, cls(np.ones((3, 5), bool)).transform(MASKS))
    fine = cls("square", radius=1.0, spacing=0.5).transform(MASKS)
    assert_array_equal(fine, cls(np.ones((5, 5), bool)).transform(MASKS))


@BOTH
def test_volumes_are_worked_on_in_all_their_axes(cls):
    volumes = np.random.default_rng(1).random((2, 6, 7, 8)) < 0.5
    operation = ndimage.binary_dilation if cls is BinaryDilator else ndimage.binary_erosion
    structure = ndimage.generate_binary_structure(3, 1)
    for volume, one in zip(volumes, cls().transform(volumes), strict=True):
        expected = operation(volume, structure, border_value=cls is BinaryEroder)
        assert_array_equal(one, expected)


def test_frame_does_not_eat_objects():
    full = np.ones((1, 5, 5), bool)
    assert BinaryEroder(iterations=3).transform(full).all()


def test_dilation_and_erosion_close_a_hole_in_a_pipeline():
    image = np.full((1, 7, 7), 100)
    image[0, 3, 3] = 0
    pipeline = make_pipeline(ThresholdMasker(50), BinaryDilator(), BinaryEroder())
    assert pipeline.fit_transform(image).all()


@ALL
@pytest.mark.parametrize("masks", [MASKS * 1, MASKS * np.uint8(255), MASKS * -1.0])
def test_numbers_are_masks_when_they_have_two_values(cls, masks):
    assert_array_equal(cls().transform(masks), cls().transform(MASKS))


@ALL
def test_nan_is_no_foreground(cls):
    masks = np.where(MASKS, 1.0, np.nan)
    with pytest.warns(UserWarning, match="more than two values"):
        assert_array_equal(cls().transform(masks), cls().transform(MASKS))


@ALL
def test_image_that_was_not_thresholded_is_warned_about(cls):
    images = np.arange(27).reshape(3, 3, 3)
    with pytest.warns(UserWarning, match="expects masks, got images of more than two values"):
        assert_array_equal(cls().transform(images), cls().transform(images != 0))


@ALL
def test_rows_without_image_shape_are_warned_about_once(cls):
    with pytest.warns(
        UserWarning, match=r"image_shape=\(height, width\).*X\[np.newaxis\]"
    ) as caught:
        result = cls().fit(MASKS[0]).transform(MASKS[0])
    assert len(caught) == 1
    assert_array_equal(result, cls(np.ones(3, bool), image_shape=(23,)).transform(MASKS[0]))


@ALL
@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"footprint": "circle"}, "expects footprint to be one of 'diamond', 'square', 'disk'"),
        ({"footprint": np.ones((2, 3), bool)}, "odd"),
        ({"footprint": np.ones(3, bool)}, "footprint with 2 axes"),
        ({"footprint": 3}, "'footprint' parameter of Binary.* must be"),
        ({"radius": -1}, "'radius' parameter of Binary.* must be a float in the range"),
        ({"radius": np.nan}, "'radius' parameter of Binary.* must be a float in the range"),
        ({"iterations": -1}, "'iterations' parameter of Binary.* must be an int in the range"),
        ({"iterations": 1.5}, "'iterations' parameter of Binary.* must be an int in the range"),
        ({"border": "reflect"}, "'border' parameter of Binary.* must be a str among"),
        ({"spacing": (1, 2, 3)}, "spacing"),
        ({"image_shape": 28}, "'image_shape' parameter of Binary.* must be"),
        ({"image_shape": (17, 0)}, "image_shape to be positive integers"),
        ({"image_shape": (17, 2.5)}, "image_shape to be positive integers"),
        ({"image_shape": ()}, "image_shape to be positive integers"),
        ({"image_shape": (23, 17)}, "expects images of image_shape=.23, 17."),
    ],
)
def test_bad_parameters_are_refused_in_fit_and_in_an_unfitted_transform(cls, params, match):
    for call in (cls(**params).fit, cls(**params).transform):
        with pytest.raises((ValueError, TypeError), match=match):
            call(MASKS)


@ALL
def test_rows_that_do_not_fold_are_refused(cls):
    with pytest.raises(
        ValueError, match="flat rows of 30 pixels for image_shape=.5, 6., got rows of 391"
    ):
        cls(image_shape=(5, 6)).fit(MASKS.reshape(3, -1))


@pytest.mark.parametrize(("name", "radius"), FOOTPRINTS)
@pytest.mark.parametrize("iterations", [0, 1, 3])
def test_opening_and_closing_are_the_operations_one_after_another(name, radius, iterations):
    options = {"radius": radius, "iterations": iterations}
    dilate, erode = BinaryDilator(name, **options), BinaryEroder(name, **options)
    opened = BinaryOpener(name, **options).fit_transform(MASKS)
    assert_array_equal(opened, dilate.transform(erode.transform(MASKS)))
    padded = np.pad(MASKS, [(0, 0), (9, 9), (9, 9)])
    closed = BinaryCloser(name, **options).fit_transform(MASKS)
    assert_array_equal(closed, erode.transform(dilate.transform(padded))[:, 9:-9, 9:-9])
    assert not (opened & ~MASKS).any()
    assert not (MASKS & ~closed).any()


@pytest.mark.parametrize(("name", "radius"), FOOTPRINTS)
def test_opening_and_closing_with_background_outside_equal_scipy(name, radius):
    footprint = FOOTPRINTS[name, radius]
    opened = BinaryOpener(footprint, border="background").transform(MASKS)
    closed = BinaryCloser(footprint, border="background").transform(MASKS)
    for mask, one, other in zip(MASKS, opened, closed, strict=True):
        assert_array_equal(one, ndimage.binary_opening(mask, footprint))
        assert_array_equal(other, ndimage.binary_closing(mask, footprint))


@pytest.mark.parametrize("cls", [BinaryOpener, BinaryCloser])
def test_opening_and_closing_do_not_settle_by_repetition(cls):
    with pytest.raises(ValueError, match="'iterations' parameter of Binary.* must be an int"):
        cls(iterations=None).fit(MASKS)


@BOTH
def test_repetition_until_stable_wants_the_center_in_the_footprint(cls):
    with pytest.raises(
        ValueError, match=f"{cls.__name__} expects a footprint that contains its cent"
    ):
        cls([0, 0, 1], iterations=None, image_shape=(23,)).transform(MASKS[0])


@pytest.mark.parametrize("cls", [BinaryDilator, BinaryEroder, BinaryOpener])
@pytest.mark.parametrize(
    "params",
    [
        {"iterations": 10**30},
        {"footprint": "disk", "radius": 20_000},
        {"footprint": "square", "spacing": 1e-4},
        {"footprint": "disk", "radius": 1e200, "iterations": 10**6, "border": "foreground"},
    ],
    ids=str,
)
def test_memory_and_time_are_bounded_by_the_images(cls, params):
    masks = np.random.default_rng(0).random((1, 64, 64)) < 0.02
    far = cls("square", radius=64, border=params.get("border", "ignore")).fit_transform(masks)
    tracemalloc.start()
    result = cls(**params).fit(masks).transform(masks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_array_equal(result, far)
    assert peak < 2**20


def test_closing_that_reaches_too_far_is_refused():
    masks = np.zeros((1, 6, 9), bool)
    for closer in (BinaryCloser(iterations=5000), BinaryCloser("disk", radius=1e9)):
        for call in (closer.fit, closer.transform):
            with pytest.raises(ValueError, match="BinaryCloser expects radius and iterations that"):
                call(masks)
    assert not BinaryCloser(iterations=5000, border="background").fit_transform(masks).any()
