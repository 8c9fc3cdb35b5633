import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage
from scipy.spatial.distance import cdist

from skmask._kernels.compiled import use_engine
from skmask._kernels.scores import surfaces


def blob(shape, sigma, seed, quantile=0.6):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), sigma)
    return field > np.quantile(field, quantile)


def eroded_surface(mask):
    return mask & ~ndimage.binary_erosion(mask, border_value=0)


def distances_by_definition(a, b, spacing):
    points = [np.argwhere(eroded_surface(mask)) * spacing for mask in (a, b)]
    table = cdist(*points)
    return table.min(axis=1), table.min(axis=0)


@settings(deadline=None, max_examples=80)
@given(array_shapes(max_dims=4, max_side=7).flatmap(lambda shape: arrays(bool, shape)))
def test_surface_is_what_an_erosion_takes_away(mask):
    before = mask.copy()
    np.testing.assert_array_equal(surfaces.surface(mask), eroded_surface(mask))
    np.testing.assert_array_equal(mask, before)


@st.composite
def pairs(draw):
    shape = draw(array_shapes(max_dims=3, min_side=2, max_side=9))
    spacing = draw(
        st.lists(st.sampled_from([0.3, 1.0, 2.5]), min_size=len(shape), max_size=len(shape))
    )
    a, b = draw(arrays(bool, shape)), draw(arrays(bool, shape))
    a.flat[draw(st.integers(0, a.size - 1))] = True
    b.flat[draw(st.integers(0, b.size - 1))] = True
    return a, b, np.array(spacing)


@settings(deadline=None, max_examples=120)
@given(pairs(), st.sampled_from([0, 1, surfaces._NEAR]))
def test_distances_equal_those_of_all_pairs_by_neighbors_and_by_tree(pair, near):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surfaces, "_NEAR", near)
        result = surfaces.surface_distances(*pair)
    for distances, expected in zip(result, distances_by_definition(*pair), strict=True):
        np.testing.assert_allclose(distances, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "sigma"), [((90, 70), 5), ((60, 60), 0), ((20, 24, 28), 2), ((12, 12, 12), 0)]
)
def test_distances_of_blobs_and_noise_equal_those_of_all_pairs(shape, sigma):
    a, b = blob(shape, sigma, 0), blob(shape, sigma, 1)
    spacing = np.arange(1, len(shape) + 1) * 0.7
    result = surfaces.surface_distances(a, b, spacing)
    for distances, expected in zip(result, distances_by_definition(a, b, spacing), strict=True):
        np.testing.assert_allclose(distances, expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(400,), (50, 70), (12, 15, 20)])
@pytest.mark.parametrize("spacing", [1.0, 2.0, 0.3])
@pytest.mark.parametrize("n_pixels", [1, 30, 399])
def test_far_pixels_find_the_nearest_target_bit_for_bit(shape, spacing, n_pixels):
    rng = np.random.default_rng(n_pixels)
    size = int(np.prod(shape))
    pixels, targets = (np.sort(rng.choice(size, n, replace=False)) for n in (n_pixels, 40))
    steps = np.full(len(shape), spacing) * np.arange(1, len(shape) + 1)
    found = surfaces.far_distances(pixels, targets, shape, steps)
    places = [np.stack(np.unravel_index(p, shape), axis=1) * steps for p in (pixels, targets)]
    expected = cdist(*places).min(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    with use_engine("numpy"):
        same = surfaces.far_distances(pixels, targets, shape, steps)
    np.testing.assert_array_equal(found, same)


def test_order_of_distances_is_that_of_the_pixels():
    a, b = np.zeros((2, 3, 8), dtype=bool)
    a[0, 1] = a[0, 4] = a[2, 7] = b[0, 1] = True
    from_a, from_b = surfaces.surface_distances(a, b, np.array([3.0, 2.0]))
    np.testing.assert_allclose(from_a, [0, 6, np.hypot(6, 12)])
    np.testing.assert_allclose(from_b, [0])


def test_empty_masks_have_no_distances_and_are_infinitely_far():
    empty, full = np.zeros((3, 3), dtype=bool), np.ones((3, 3), dtype=bool)
    steps = np.ones(2)
    assert [d.size for d in surfaces.surface_distances(empty, empty, steps)] == [0, 0]
    from_full, from_empty = surfaces.surface_distances(full, empty, steps)
    assert from_empty.size == 0
    np.testing.assert_array_equal(from_full, np.full(8, np.inf))


def test_summaries_of_distances():
    from_a, from_b = np.array([0.0, 1.0, 2.0, 10.0]), np.array([3.0, 5.0])
    assert surfaces.hausdorff(from_a, from_b, 100) == 10
    assert surfaces.hausdorff(from_a, from_b, 50) == 4
    assert surfaces.average_distance(from_a, from_b) == 21 / 6
    assert surfaces.count_near(from_a, from_b, 2) == (3, 6)
    np.testing.assert_array_equal(surfaces.near_part(np.array([3, 0]), np.array([6, 0])), [0.5, 1])


def test_tolerance_allows_for_rounding():
    three_steps = np.array([0.1 * 3])
    assert three_steps > 0.3
    assert surfaces.count_near(three_steps, np.array([0.31]), 0.3) == (1, 2)
