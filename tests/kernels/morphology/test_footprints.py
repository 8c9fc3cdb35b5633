import tracemalloc
from itertools import product

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage
from skimage import morphology

from skmask._kernels.morphology.footprints import (
    CACHED_OFFSETS,
    FOOTPRINTS,
    _small_ball,
    build_closing_footprint,
    build_footprint,
    footprint_reach,
)
from skmask._kernels.morphology.operations import BORDERS, close, dilate, erode, open_


def by_definition(name, ndim, radius, spacing):
    """Try every offset of a large enough grid by itself, then cut the grid to what holds pixels."""
    reach = int(radius / min(spacing)) + 1
    norms = {
        "diamond": lambda offset: sum(map(abs, offset)) <= radius,
        "square": lambda offset: max(map(abs, offset)) <= radius,
        "disk": lambda offset: sum(x * x for x in offset) <= radius * radius,
    }
    grid = np.zeros((2 * reach + 1,) * ndim, dtype=bool)
    for place in product(range(-reach, reach + 1), repeat=ndim):
        offset = [x * step for x, step in zip(place, spacing, strict=True)]
        grid[tuple(x + reach for x in place)] = norms[name](offset)
    along = [np.flatnonzero(grid.any(axis=tuple({*range(ndim)} - {i}))) for i in range(ndim)]
    return grid[tuple(slice(found[0], found[-1] + 1) for found in along)]


@pytest.mark.parametrize("name", FOOTPRINTS)
@pytest.mark.parametrize(
    ("ndim", "radius", "spacing"),
    [
        (1, 3, (1,)),
        (2, 0, (1, 1)),
        (2, 1, (1, 1)),
        (2, 2.5, (1, 1)),
        (2, 1.5, (1, 1)),
        (2, 5, (2, 0.75)),
        (3, 2.9, (1.5, 1, 1)),
        (3, 3, (4, 1, 1)),
        (4, 2, (1, 1, 1, 1)),
    ],
)
def test_named_footprints_are_the_balls_of_their_norms(name, ndim, radius, spacing):
    found = build_footprint(name, ndim, radius=radius, spacing=spacing)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, by_definition(name, ndim, radius, spacing))


@pytest.mark.parametrize("radius", [1, 2, 3, 5, 10])
def test_named_footprints_are_those_of_scikit_image(radius):
    def build(name, ndim):
        return build_footprint(name, ndim, radius=radius)

    np.testing.assert_array_equal(build("disk", 2), morphology.disk(radius))
    np.testing.assert_array_equal(build("disk", 3), morphology.ball(radius))
    np.testing.assert_array_equal(build("diamond", 2), morphology.diamond(radius))
    np.testing.assert_array_equal(build("diamond", 3), morphology.octahedron(radius))
    assert build("square", 2).shape == (2 * radius + 1,) * 2
    assert build("square", 2).all()


def test_disk_with_spacing_is_within_the_distance_that_simpleitk_measures():
    single = np.zeros((9, 41, 41), dtype=np.uint8)
    single[4, 20, 20] = 1
    image = sitk.GetImageFromArray(single)
    image.SetSpacing((0.6, 0.7, 2.5))
    distance = sitk.GetArrayFromImage(
        sitk.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=True)
    )
    found = build_footprint("disk", 3, radius=7.3, spacing=(2.5, 0.7, 0.6))
    margins = [(a - b) // 2 for a, b in zip(single.shape, found.shape, strict=True)]
    padded = np.pad(found, [(margin, margin) for margin in margins])
    np.testing.assert_array_equal(padded, distance <= 7.3)


def test_first_neighbors_are_the_structures_of_scipy():
    for ndim in (1, 2, 3, 4):
        for name, connectivity in (("diamond", 1), ("square", ndim)):
            expected = ndimage.generate_binary_structure(ndim, connectivity)
            np.testing.assert_array_equal(build_footprint(name, ndim), expected)


def test_radius_holds_as_many_steps_as_in_exact_arithmetic():
    assert build_footprint("disk", 1, radius=0.3, spacing=[0.1]).shape == (7,)
    assert build_footprint("disk", 1, radius=0.29, spacing=[0.1]).shape == (5,)


def test_explicit_footprint_is_copied_as_booleans():
    given = np.array([[0, 1, 1]])
    found = build_footprint(given, 2, radius=9)
    assert found.tolist() == [[False, True, True]]
    booleans = np.array([True, False, True])
    build_footprint(booleans, 1)[:] = True
    assert booleans.tolist() == [True, False, True]


@pytest.mark.parametrize("name", FOOTPRINTS)
@pytest.mark.parametrize(
    ("radius", "spacing"), [(5, None), (7.3, (1, 2)), (4, (0.3, 1.7)), (40, None), (3, 0.01)]
)
@pytest.mark.parametrize("shape", [(4, 6), (1, 9), (3, 1), (17, 2)])
def test_footprint_within_images_does_what_the_whole_one_does(name, radius, spacing, shape):
    ball = {"radius": radius, "spacing": spacing}
    whole = build_footprint(name, 2, **ball)
    cropped = build_footprint(name, 2, within=shape, **ball)
    assert all(size <= 2 * pixels + 1 for size, pixels in zip(cropped.shape, shape, strict=True))
    reach = footprint_reach(name, 2, **ball)
    assert whole.shape == tuple(2 * pixels + 1 for pixels in reach)
    masks = np.random.default_rng(0).random((5, *shape)) < 0.3
    for operate in (dilate, erode, open_, close):
        for border in BORDERS if operate is not close else ("background", "foreground"):
            for iterations in (1, 3):
                given = {"iterations": iterations, "border": border}
                np.testing.assert_array_equal(
                    operate(masks, cropped, **given), operate(masks, whole, **given)
                )


@pytest.mark.parametrize("name", FOOTPRINTS)
@pytest.mark.parametrize(
    ("radius", "spacing"),
    [(5000, None), (1e200, None), (10**30, 1e-300), (1, 1e-4), (1, (1e-9, 1e-320)), (1e200, 1e200)],
)
def test_memory_is_bounded_by_the_images_whatever_the_radius(name, radius, spacing):
    ball = {"radius": radius, "spacing": spacing}
    tracemalloc.start()
    footprint = build_footprint(name, 2, within=(64, 64), **ball)
    footprint_reach(name, 2, **ball)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert footprint.size <= 129**2
    assert peak < 10 * 129**2


def test_footprint_of_a_closing_is_cut_to_the_images_unless_there_is_a_margin():
    assert build_closing_footprint("disk", (10, 64), radius=50).shape == (101, 101)
    for given in ({"border": "background"}, {"iterations": 0}):
        footprint = build_closing_footprint("disk", (10, 64), radius=1e9, **given)
        assert footprint.shape == (21, 129)


def test_large_footprints_are_not_kept():
    before = _small_ball.cache_info().currsize
    footprint = build_footprint("square", 2, radius=200)
    assert footprint.size > CACHED_OFFSETS
    assert footprint.all()
    assert _small_ball.cache_info().currsize == before


def test_shared_footprints_cannot_be_changed():
    shared = build_footprint("disk", 2, radius=3)
    assert build_footprint("disk", 2, radius=3) is shared
    with pytest.raises(ValueError, match="read-only"):
        shared[0, 0] = True
