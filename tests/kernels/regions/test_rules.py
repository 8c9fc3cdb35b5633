"""Cleaning by connected regions against SciPy, OpenCV, scikit-image and a flood fill in Python."""

from functools import partial
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import segmentation

from skmask._kernels.compiled import use_engine
from skmask._kernels.regions import rules as regions
from skmask._kernels.regions.rules import (
    clean_each,
    clean_regions,
    frame_rule,
    hole_rule,
    keep_connected,
    largest_rule,
    prepare_cleaning,
    size_rule,
)


def cleaner(make_rule):
    """Make a function of masks of what gives a rule."""

    def clean(masks, *args, **kwargs):
        return clean_regions(masks, make_rule(masks.ndim - 1, *args, **kwargs))

    return clean


fill_holes, remove_small = cleaner(hole_rule), cleaner(size_rule)
keep_largest, clear_border = cleaner(largest_rule), cleaner(frame_rule)
CLEANERS = {
    "fill_holes": fill_holes,
    "fill_small_holes": lambda masks, **kwargs: fill_holes(masks, max_size=2, **kwargs),
    "remove_small": lambda masks, **kwargs: remove_small(masks, 3, **kwargs),
    "keep_largest": lambda masks, **kwargs: keep_largest(masks, 2, **kwargs),
    "clear_border": clear_border,
    "keep_connected": lambda masks, **kwargs: keep_connected(checkers(masks), masks, **kwargs),
}
every_cleaner = pytest.mark.parametrize("clean", CLEANERS.values(), ids=CLEANERS)


def checkers(masks):
    """Seeds on every third pixel of every image."""
    return np.broadcast_to(np.indices(masks.shape[1:]).sum(axis=0) % 3 == 0, masks.shape)


def structure(masks, connectivity):
    return ndimage.generate_binary_structure(masks.ndim - 1, connectivity)


def labeled(masks, connectivity):
    """Label image by image with SciPy."""
    return [ndimage.label(mask, structure(masks, connectivity)) for mask in masks]


def touches_frame(mask):
    inner = (slice(1, -1),) * mask.ndim
    return mask.sum() > mask[inner].sum()


@st.composite
def stacks(draw, max_side=7):
    """Stacks of images of one to four axes, with a connectivity that suits them."""
    n_axes = draw(st.integers(1, 4))
    sides = st.integers(1, max_side if n_axes < 3 else 4)
    shape = (draw(st.integers(0, 3)), *draw(st.tuples(*[sides] * n_axes)))
    seed, density = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0, 0.2, 0.5, 0.8, 1]))
    masks = np.random.default_rng(seed).random(shape) < density
    return masks, draw(st.integers(1, n_axes))


def flood(mask, start, connectivity):
    """Collect the pixels connected to a start, the slow and certain way."""
    steps = [
        step
        for step in product((-1, 0, 1), repeat=mask.ndim)
        if 0 < np.abs(step).sum() <= connectivity
    ]
    found, todo = {start}, [start]
    while todo:
        pixel = todo.pop()
        for step in steps:
            neighbor = tuple(int(p + s) for p, s in zip(pixel, step, strict=True))
            inside = all(0 <= p < size for p, size in zip(neighbor, mask.shape, strict=True))
            if inside and mask[neighbor] and neighbor not in found:
                found.add(neighbor)
                todo.append(neighbor)
    return found


@settings(deadline=None, max_examples=100)
@given(stacks(max_side=5), st.data())
def test_keep_connected_equals_a_flood_fill_from_one_seed(stack, data):
    masks, connectivity = stack
    if not masks.any():
        assert not keep_connected(masks, masks, connectivity=connectivity).any()
        return
    start = data.draw(st.sampled_from([tuple(map(int, pixel)) for pixel in np.argwhere(masks)]))
    seeds = np.zeros_like(masks)
    seeds[start] = True
    expected = np.zeros_like(masks)
    for pixel in flood(masks[start[0]], start[1:], connectivity):
        expected[start[0]][pixel] = True
    np.testing.assert_array_equal(keep_connected(seeds, masks, connectivity=connectivity), expected)


@settings(deadline=None, max_examples=100)
@given(stacks(), st.integers(0, 2**32 - 1))
def test_keep_connected_equals_binary_propagation(stack, seed):
    masks, connectivity = stack
    seeds = np.random.default_rng(seed).random(masks.shape) < 0.2
    kept = keep_connected(seeds, masks, connectivity=connectivity)
    for mask, seed_mask, result in zip(masks, seeds, kept, strict=True):
        expected = ndimage.binary_propagation(
            seed_mask & mask, structure(masks, connectivity), mask=mask
        )
        np.testing.assert_array_equal(result, expected)


@settings(deadline=None, max_examples=100)
@given(stacks(), st.sampled_from([None, 0, 1, 2, 4]))
def test_fill_holes_fills_background_of_the_dual_connectivity_off_the_frame(stack, max_size):
    masks, connectivity = stack
    dual = masks.ndim - 1 if connectivity == 1 else 1
    expected = masks.copy()
    for mask, (labels, count) in zip(expected, labeled(~masks, dual), strict=True):
        for label in range(1, count + 1):
            region = labels == label
            if not touches_frame(region) and (max_size is None or region.sum() <= max_size):
                mask |= region
    filled = fill_holes(masks, max_size=max_size, connectivity=connectivity)
    np.testing.assert_array_equal(filled, expected)


@pytest.mark.parametrize("max_size", [0, 1, 2, 3, 11, 12])
def test_fill_holes_fills_up_to_max_size(max_size):
    masks = np.ones((1, 9, 14), dtype=bool)
    expected = masks.copy()
    for row, size in ((1, 1), (3, 2), (5, 3), (7, 12)):
        masks[0, row, 1 : 1 + size] = False
        expected[0, row, 1 : 1 + size] = size <= max_size
    np.testing.assert_array_equal(fill_holes(masks, max_size=max_size), expected)


@settings(deadline=None, max_examples=100)
@given(stacks())
def test_fill_holes_of_full_connectivity_equals_scipy(stack):
    masks, _ = stack
    filled = fill_holes(masks, connectivity=masks.ndim - 1)
    for mask, result in zip(masks, filled, strict=True):
        np.testing.assert_array_equal(result, ndimage.binary_fill_holes(mask))


@settings(deadline=None, max_examples=100)
@given(stacks(), st.sampled_from([0, 1, 2, 3.5, 8]))
def test_remove_small_keeps_regions_of_min_size_or_more(stack, min_size):
    masks, connectivity = stack
    expected = np.zeros_like(masks)
    for mask, (labels, count) in zip(expected, labeled(masks, connectivity), strict=True):
        for label in range(1, count + 1):
            region = labels == label
            if region.sum() >= min_size:
                mask |= region
    kept = remove_small(masks, min_size, connectivity=connectivity)
    np.testing.assert_array_equal(kept, expected)


@settings(deadline=None, max_examples=100)
@given(stacks(), st.integers(1, 4))
def test_keep_largest_keeps_the_first_of_the_largest(stack, n_regions):
    masks, connectivity = stack
    expected = np.zeros_like(masks)
    for mask, (labels, count) in zip(expected, labeled(masks, connectivity), strict=True):
        regions_found = [labels == label for label in range(1, count + 1)]
        # SciPy numbers regions by their first pixel, and Python's sort is stable.
        for region in sorted(regions_found, key=lambda region: -region.sum())[:n_regions]:
            mask |= region
    kept = keep_largest(masks, n_regions, connectivity=connectivity)
    np.testing.assert_array_equal(kept, expected)


@settings(deadline=None, max_examples=100)
@given(stacks())
def test_clear_border_removes_what_touches_the_frame(stack):
    masks, connectivity = stack
    expected = np.zeros_like(masks)
    for mask, (labels, count) in zip(expected, labeled(masks, connectivity), strict=True):
        for label in range(1, count + 1):
            region = labels == label
            if not touches_frame(region):
                mask |= region
    cleared = clear_border(masks, connectivity=connectivity)
    np.testing.assert_array_equal(cleared, expected)


@pytest.mark.parametrize("shape", [(40, 50), (9, 10, 11)])
def test_clear_border_equals_scikit_image(shape):
    masks = np.random.default_rng(0).random((3, *shape)) > 0.6
    labels = [label for label, _ in labeled(masks, len(shape))]
    expected = [segmentation.clear_border(label) > 0 for label in labels]
    np.testing.assert_array_equal(clear_border(masks, connectivity=len(shape)), expected)


@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 61, 62, 63, 64, 65, 126, 127, 128, 129])
def test_remove_small_equals_opencv_at_widths_around_words(width, connectivity):
    masks = np.random.default_rng(width).random((3, 40, width)) > 0.55
    expected = []
    for mask in masks:
        _, labels, stats, _ = cv2.connectedComponentsWithStats(
            mask.view(np.uint8), connectivity=4 * connectivity
        )
        large = stats[:, cv2.CC_STAT_AREA] >= 4
        large[0] = False
        expected.append(large[labels])
    np.testing.assert_array_equal(remove_small(masks, 4, connectivity=connectivity), expected)


@pytest.mark.parametrize("shape", [(3, 90), (2, 64), (2, 65), (30, 1), (4, 5, 6)])
@pytest.mark.parametrize("width", [1, 31, 63, 64, 65, 127, 128, 129])
def test_floods_equal_scipy_at_widths_around_words(shape, width):
    masks = np.random.default_rng(width).random((*shape, width)) > 0.45
    seeds = np.random.default_rng(1).random(masks.shape) > 0.99
    for connectivity in range(1, masks.ndim):
        kept = keep_connected(seeds, masks, connectivity=connectivity)
        cleared = clear_border(masks, connectivity=connectivity)
        own = structure(masks, connectivity)
        for i, mask in enumerate(masks):
            expected = ndimage.binary_propagation(seeds[i] & mask, own, mask=mask)
            np.testing.assert_array_equal(kept[i], expected)
            frame = ~ndimage.binary_erosion(np.ones_like(mask), np.ones((3,) * mask.ndim))
            reached = ndimage.binary_propagation(frame & mask, own, mask=mask)
            np.testing.assert_array_equal(cleared[i], mask & ~reached)


@pytest.mark.parametrize("shape", [(1, 64, 192), (1, 65, 129), (2, 200, 150), (1, 30, 700)])
@pytest.mark.parametrize("density", [0.3, 0.5, 0.65, 0.8])
def test_floods_cross_tiles_of_rows_and_words(shape, density):
    rng = np.random.default_rng(shape[1])
    masks = rng.random(shape) < density
    # One seed on every edge and corner of tiles, alone in its tile, and some that are not in the mask.
    for y, x in product((0, 31, 32, 33, 63, 64), (0, 63, 64, 127, 128)):
        if y >= shape[1]:
            continue
        seeds = np.zeros(shape, dtype=bool)
        seeds[:, y, x] = True
        for connectivity in (1, 2):
            kept = keep_connected(seeds, masks, connectivity=connectivity)
            for i, mask in enumerate(masks):
                expected = ndimage.binary_propagation(
                    seeds[i] & mask, structure(masks, connectivity), mask=mask
                )
                np.testing.assert_array_equal(kept[i], expected)
    for mask, filled in zip(masks, fill_holes(masks, connectivity=2), strict=True):
        np.testing.assert_array_equal(filled, ndimage.binary_fill_holes(mask))


@pytest.mark.parametrize("width", [1, 63, 64, 65, 300])
def test_floods_of_rows_reach_whole_runs(width):
    masks = np.random.default_rng(width).random((5, width)) < 0.9
    masks[0] = True
    seeds = np.zeros_like(masks)
    seeds[:, width // 2] = True
    for mask, seed, kept in zip(masks, seeds, keep_connected(seeds, masks), strict=True):
        np.testing.assert_array_equal(kept, ndimage.binary_propagation(seed & mask, mask=mask))
    for mask, cleared in zip(masks, clear_border(masks), strict=True):
        ends = np.zeros_like(mask)
        ends[[0, -1]] = True
        reached = ndimage.binary_propagation(ends & mask, mask=mask)
        np.testing.assert_array_equal(cleared, mask & ~reached)


RULES = {
    "fill_holes": hole_rule,
    "fill_small_holes": partial(hole_rule, max_size=2),
    "remove_small": partial(size_rule, min_size=3),
    "keep_largest": partial(largest_rule, n_regions=2),
    "clear_border": frame_rule,
}


@pytest.mark.parametrize("make_rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("n_axes", [1, 2, 3])
def test_cleaning_each_mask_of_a_list_equals_cleaning_it_alone(make_rule, n_axes):
    rng = np.random.default_rng(n_axes)
    most = (200, 140, 20)[n_axes - 1]
    shapes = [tuple(map(int, rng.integers(1, most, n_axes))) for _ in range(20)]
    shapes += [(1,) * n_axes, (64,) * n_axes, (65,) * n_axes]
    masks = [rng.random(shape) < density for shape in shapes for density in (0.4, 0.6)]
    masks[3] = np.asfortranarray(masks[3])
    masks[4] = np.repeat(masks[4], 2, axis=-1)[..., ::2]
    for connectivity in range(1, n_axes + 1):
        rule = make_rule(n_axes, connectivity=connectivity)
        cleaned = clean_each(masks, rule)
        for mask, one in zip(masks, cleaned, strict=True):
            np.testing.assert_array_equal(one, clean_regions(mask[np.newaxis], rule)[0])
            assert not np.shares_memory(one, mask)
    assert [one.tolist() for one in clean_each(masks[:1], rule)] == [cleaned[0].tolist()]


@pytest.mark.parametrize("make_rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 28, 28), (1, 64, 65), (2, 9, 10, 11), (4, 90)])
def test_prepared_cleaning_equals_cleaning_on_either_engine(make_rule, shape):
    rng = np.random.default_rng(0)
    masks = rng.random(shape) < 0.6
    rule = make_rule(len(shape) - 1)
    clean = prepare_cleaning(shape, rule)
    expected = clean_regions(masks, rule)
    for engine in ("numpy", "numba"):
        with use_engine(engine):
            for given in (masks, np.asfortranarray(masks), np.repeat(masks, 2, axis=-1)[..., ::2]):
                np.testing.assert_array_equal(clean(given), expected)


@pytest.mark.parametrize("connectivity", [1, 2])
def test_floods_follow_a_winding_path(connectivity):
    masks = np.ones((2, 100, 150), dtype=bool)
    masks[:, 1::2] = False
    masks[:, 1::4, -1] = masks[:, 3::4, 0] = True
    masks[1, 51] = False
    seeds = np.zeros_like(masks)
    seeds[:, 0, 0] = True
    kept = keep_connected(seeds, masks, connectivity=connectivity)
    np.testing.assert_array_equal(kept[0], masks[0])
    np.testing.assert_array_equal(kept[1, :51], masks[1, :51])
    assert not kept[1, 51:].any()
    inside = np.pad(masks, [(0, 0), (1, 1), (1, 1)])
    np.testing.assert_array_equal(clear_border(inside, connectivity=connectivity), inside)


@pytest.mark.parametrize(
    ("connectivity", "expected"),
    [
        (1, ["01010", "10101", "01010"]),  # a diamond of loose pixels holds no water
        (2, ["01010", "11111", "01010"]),
    ],
)
def test_fill_holes_follows_the_connectivity_of_the_foreground(connectivity, expected):
    mask = np.array([list(row) for row in ["01010", "10101", "01010"]]) == "1"
    filled = fill_holes(mask[np.newaxis], connectivity=connectivity)[0]
    assert ["".join("01"[pixel] for pixel in row) for row in filled.astype(int)] == expected


def test_fill_holes_of_a_volume_leaves_tunnels_open():
    masks = np.zeros((1, 3, 5, 5), dtype=bool)
    masks[:, :, 1:4, 1:4] = True
    masks[:, :, 2, 2] = False
    np.testing.assert_array_equal(fill_holes(masks), masks)
    assert fill_holes(masks[0]).sum() == 27


def test_keep_largest_resolves_ties_by_the_first_pixel():
    # The region on the right begins in an earlier row than the one on the left.
    mask = np.array([[0, 0, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]], dtype=bool)
    expected = np.zeros_like(mask)
    expected[:2, 3] = True
    np.testing.assert_array_equal(keep_largest(mask[np.newaxis])[0], expected)
    expected[1, :2] = True
    np.testing.assert_array_equal(keep_largest(mask[np.newaxis], 2)[0], expected)
    expected[3, 0] = True
    np.testing.assert_array_equal(keep_largest(mask[np.newaxis], 3)[0], expected)


def test_keep_largest_resolves_ties_in_each_image_of_a_stack():
    masks = np.zeros((2, 5, 8), dtype=bool)
    masks[0, 1, 1:3] = masks[0, 1, 5:7] = masks[0, 3, 1:3] = True
    masks[1, 0, 6:8] = masks[1, 1:3, 0] = masks[1, 4, 4] = True
    expected = np.zeros_like(masks)
    expected[0, 1, 1:3] = expected[1, 0, 6:8] = True
    np.testing.assert_array_equal(keep_largest(masks), expected)


def test_numbers_of_numpy_compile_no_twin_again():
    for number in (np.int32(7), np.uint64(8)):
        assert [type(one) for one in largest_rule(2, number).sized] == [int, int]


def test_keep_largest_of_empty_masks_stays_empty():
    masks = np.zeros((3, 4, 5), dtype=bool)
    masks[1, 2, 3] = True
    np.testing.assert_array_equal(keep_largest(masks), masks)


@pytest.mark.parametrize(
    ("pixel", "min_size", "n_kept"),
    [(1.0, 100, 100), (0.7 * 0.7, 49, 100), (6.0, 600, 100), (0.7 * 0.7, 49.1, 0)],
)
def test_remove_small_measures_in_units_of_a_pixel(pixel, min_size, n_kept):
    masks = np.zeros((1, 12, 12), dtype=bool)
    masks[0, 1:11, 1:11] = True
    assert remove_small(masks, min_size, pixel=pixel).sum() == n_kept


@every_cleaner
def test_cleaning_leaves_full_and_empty_masks(clean):
    empty = np.zeros((2, 6, 7), dtype=bool)
    assert not clean(empty).any()
    assert clean(~empty).all() == (clean is not clear_border)


@every_cleaner
@pytest.mark.parametrize("shape", [(0, 4, 5), (2, 0, 5), (2, 4, 0), (3, 1, 1), (3, 1)])
def test_cleaning_keeps_odd_shapes(clean, shape):
    cleaned = clean(np.ones(shape, dtype=bool))
    assert cleaned.shape == shape
    assert cleaned.dtype == bool


@every_cleaner
def test_cleaning_a_stack_equals_cleaning_its_images(clean, monkeypatch):
    masks = np.random.default_rng(1).random((11, 14, 15)) > 0.45
    alone = np.concatenate([clean(masks[i : i + 1]) for i in range(len(masks))])
    np.testing.assert_array_equal(clean(masks), alone)
    monkeypatch.setattr(regions, "BLOCK_PIXELS", 3 * 14 * 15)
    np.testing.assert_array_equal(clean(masks), alone)


@every_cleaner
def test_copies_of_views_of_other_bytes_are_read_as_booleans(clean):
    masks = np.random.default_rng(3).random((2, 20, 21)) > 0.45
    bytes_255 = (masks * np.uint8(255)).view(bool).copy()
    np.testing.assert_array_equal(clean(bytes_255), clean(masks))


@every_cleaner
def test_cleaning_reads_any_layout_and_writes_to_none(clean):
    masks = np.random.default_rng(2).random((4, 20, 21)) > 0.45
    expected = clean(masks)
    read_only = masks.copy()
    read_only.flags.writeable = False
    wide = np.repeat(masks, 2, axis=2)
    for same in (read_only, np.asfortranarray(masks), wide[:, :, ::2], masks[::-1][::-1]):
        np.testing.assert_array_equal(clean(same), expected)
        np.testing.assert_array_equal(same, masks)
    assert not np.shares_memory(expected, masks)
