"""Convex hulls against exact geometry, linear programming and scikit-image."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from skimage.morphology import convex_hull_image

from skmask._kernels.regions import rules as regions
from skmask._kernels.regions.hulls import convex_hull


def plane_hull(mask):
    """Keep the pixels that no line through two pixels of the mask parts from all of it."""
    points = np.argwhere(mask)
    pixels = np.argwhere(np.ones_like(mask))
    inside = np.full(len(pixels), len(points) > 0)
    if len(points) == 1:
        inside &= (pixels == points[0]).all(axis=1)
    for a, b in combinations(points, 2):
        across, along = np.array([a[1] - b[1], b[0] - a[0]]), b - a
        for normal in (across, -across, along, -along):
            if (points @ normal <= a @ normal).all():
                inside &= pixels @ normal <= a @ normal
            if (points @ normal <= b @ normal).all():
                inside &= pixels @ normal <= b @ normal
    return inside.reshape(mask.shape)


def is_convex_combination(point, points):
    """Solve for non-negative weights of sum one that average `points` to `point`."""
    result = linprog(
        np.zeros(len(points)),
        A_eq=np.vstack([points.T, np.ones(len(points))]),
        b_eq=np.append(point, 1),
        method="highs",
    )
    return result.status == 0


def solid_hull(mask):
    points = np.argwhere(mask)
    hull = np.zeros_like(mask)
    if len(points):
        for pixel in np.ndindex(mask.shape):
            hull[pixel] = is_convex_combination(np.array(pixel), points)
    return hull


def random_masks(shape, n_pixels, seed):
    """One mask with a few pixels: the fewer, the more often they lie on a line or in a plane."""
    mask = np.zeros(shape, dtype=bool)
    pixels = np.random.default_rng(seed).choice(mask.size, min(n_pixels, mask.size), replace=False)
    mask.flat[pixels] = True
    return mask


@settings(deadline=None, max_examples=150)
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9)), st.integers(0, 8), st.integers(0, 2**32 - 1)
)
def test_convex_hull_of_an_image_is_exact(shape, n_pixels, seed):
    mask = random_masks(shape, n_pixels, seed)
    np.testing.assert_array_equal(convex_hull(mask[np.newaxis])[0], plane_hull(mask))


@settings(deadline=None, max_examples=25)
@given(
    st.tuples(*[st.integers(1, 4)] * 3), st.sampled_from([0, 1, 2, 3, 4, 9]), st.integers(0, 999)
)
@example((3, 1, 4), 5, 0)
@example((3, 2, 3, 2), 4, 0)
@example((3, 3, 2, 3), 9, 0)
@example((2, 3, 1, 2, 2), 8, 0)
def test_convex_hull_of_a_volume_is_exact(shape, n_pixels, seed):
    mask = random_masks(shape, n_pixels, seed)
    np.testing.assert_array_equal(convex_hull(mask[np.newaxis])[0], solid_hull(mask))


@pytest.mark.parametrize("seed", range(12))
def test_convex_hull_of_a_nearly_flat_tetrahedron_is_exact(seed):
    shape = (40, 50, 60)
    pixels = np.indices(shape).reshape(3, -1).T
    a, b, c = np.random.default_rng(seed).choice(pixels, 3, replace=False)
    volumes = (pixels - a) @ np.cross(b - a, c - a)
    d = pixels[np.where(volumes == 0, np.iinfo(int).max, np.abs(volumes)).argmin()]
    mask = np.zeros(shape, dtype=bool)
    mask[tuple(np.transpose([a, b, c, d]))] = True

    inside = np.ones(len(pixels), dtype=bool)
    for p, q, r, apex in ((a, b, c, d), (a, b, d, c), (a, c, d, b), (b, c, d, a)):
        normal = np.cross(q - p, r - p)
        inside &= ((pixels - p) @ normal) * np.sign((apex - p) @ normal) >= 0
    np.testing.assert_array_equal(convex_hull(mask[np.newaxis])[0], inside.reshape(shape))


def test_convex_hull_of_rows_fills_between_first_and_last():
    rows = np.array([[0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 0, 0, 1]], dtype=bool)
    expected = [[0, 1, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]
    np.testing.assert_array_equal(convex_hull(rows), np.array(expected, dtype=bool))


@pytest.mark.parametrize("shape", [(31, 130), (64, 64), (130, 31), (9, 10, 11)])
def test_convex_hull_equals_scikit_image(shape):
    masks = np.random.default_rng(0).random((4, *shape)) > 0.99
    expected = [convex_hull_image(mask, offset_coordinates=False) for mask in masks]
    np.testing.assert_array_equal(convex_hull(masks), expected)


@pytest.mark.parametrize(("n_axes", "radii"), [(2, (1, 7.3, 20)), (3, (1, 7.3, 20)), (4, (1, 4.3))])
def test_convex_hull_of_a_ball_is_the_ball(n_axes, radii):
    center = int(radii[-1])
    distance = ((np.indices((2 * center + 1,) * n_axes) - center) ** 2).sum(axis=0)
    balls = np.stack([distance <= radius**2 for radius in radii])
    surfaces = balls & (np.stack([distance >= (radius - 2) ** 2 for radius in radii]))
    np.testing.assert_array_equal(convex_hull(balls), balls)
    np.testing.assert_array_equal(convex_hull(surfaces), balls)


def test_convex_hull_of_coplanar_pixels_stays_in_their_plane():
    masks = np.zeros((1, 9, 9, 9), dtype=bool)
    corners = [(0, 0, 8), (0, 8, 0), (8, 0, 0)]
    masks[0][tuple(np.transpose(corners))] = True
    expected = np.indices((9, 9, 9)).sum(axis=0) == 8
    np.testing.assert_array_equal(convex_hull(masks)[0], expected)


def test_convex_hull_of_a_slanted_line_skips_pixels_beside_it():
    masks = np.zeros((1, 7, 7, 7), dtype=bool)
    masks[0, 0, 0, 0] = masks[0, 2, 4, 6] = True
    assert np.argwhere(convex_hull(masks)[0]).tolist() == [[0, 0, 0], [1, 2, 3], [2, 4, 6]]


def test_convex_hull_of_a_flat_triangle_in_a_large_image_is_exact():
    # The corner (1, 1999) is 1 / 4000 of a pixel off the line through the two others.
    mask = np.zeros((3, 4001), dtype=bool)
    mask[0, 0] = mask[1, 1999] = mask[2, 4000] = True
    assert np.argwhere(convex_hull(mask[np.newaxis])[0]).tolist() == [
        [0, 0],
        [1, 1999],
        [1, 2000],
        [2, 4000],
    ]


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 6), (2, 3, 4, 5), (1, 3, 2, 4, 3)])
def test_convex_hull_of_full_and_empty_masks_leaves_them(shape):
    empty = np.zeros(shape, dtype=bool)
    assert not convex_hull(empty).any()
    assert convex_hull(~empty).all()


@pytest.mark.parametrize(
    "shape", [(0, 4, 5), (2, 0, 5), (2, 4, 0), (3, 1, 1), (3, 1), (2, 1, 1, 1)]
)
def test_convex_hull_keeps_odd_shapes(shape):
    hulls = convex_hull(np.ones(shape, dtype=bool))
    assert hulls.shape == shape
    assert hulls.dtype == bool
    assert hulls.all()


def test_convex_hull_of_a_stack_equals_that_of_its_images(monkeypatch):
    masks = np.random.default_rng(1).random((11, 14, 15)) > 0.97
    alone = np.concatenate([convex_hull(masks[i : i + 1]) for i in range(len(masks))])
    np.testing.assert_array_equal(convex_hull(masks), alone)
    monkeypatch.setattr(regions, "BLOCK_PIXELS", 3 * 14 * 15)
    np.testing.assert_array_equal(convex_hull(masks), alone)


@pytest.mark.parametrize("shape", [(4, 20, 21), (2, 9, 10, 11)])
def test_convex_hull_reads_any_layout_and_writes_to_none(shape):
    masks = np.random.default_rng(2).random(shape) > 0.98
    expected = convex_hull(masks)
    read_only = masks.copy()
    read_only.flags.writeable = False
    for same in (read_only, np.asfortranarray(masks), masks[..., ::-1].copy()[..., ::-1]):
        np.testing.assert_array_equal(convex_hull(same), expected)
        np.testing.assert_array_equal(same, masks)
