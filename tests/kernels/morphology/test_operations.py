from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import morphology as skimage_morphology

from skmask._kernels.compiled.morphology import sweeps
from skmask._kernels.morphology import nearest, tiles
from skmask._kernels.morphology import operations as morphology
from skmask._kernels.morphology.footprints import build_footprint
from skmask._kernels.morphology.operations import BORDERS, close, dilate, erode, open_, reconstruct

OUTSIDE = {
    "dilate": {"ignore": 0, "background": 0, "foreground": 1},
    "erode": {"ignore": 1, "background": 0, "foreground": 1},
}
PASSES = {"dilate": ndimage.binary_dilation, "erode": ndimage.binary_erosion}


def by_scipy(operation, masks, footprint, iterations=1, border="ignore", limit=None):
    """Operate on one mask after another, one pass after another.

    SciPy's own ``iterations`` corrupt memory with footprints that are larger than the image.
    """
    results = masks.copy()
    for number, mask in enumerate(masks):
        result = mask
        for _ in range(iterations):
            outside = OUTSIDE[operation][border]
            result = PASSES[operation](result, footprint, border_value=outside)
            if limit is not None:
                result = result & limit[number]
        results[number] = result
    return results


def closed_by_scipy(masks, footprint, iterations=1):
    """Close on a larger, empty image."""
    margins = [(0, 0), *((iterations * (size // 2),) * 2 for size in footprint.shape)]
    padded = by_scipy("dilate", np.pad(masks, margins), footprint, iterations)
    closed = by_scipy("erode", padded, footprint, iterations)
    return closed[
        tuple(
            slice(width, width + size)
            for (width, _), size in zip(margins, masks.shape, strict=True)
        )
    ]


@st.composite
def cases(draw, max_ndim=4):
    """Draw masks and a footprint, often asymmetric, or larger than the images."""
    ndim = draw(st.integers(1, max_ndim))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    largest = [0, 140, 40, 12, 7][ndim]
    near_words = st.sampled_from([7, 8, 9, 15, 16, 17, 63, 64, 65, 127, 128, 129])
    small = st.integers(0 if draw(st.booleans()) else 1, largest)
    shape = [draw(st.one_of(small, near_words if ndim < 3 else small)) for _ in range(ndim)]
    shape[:-1] = [min(size, largest) for size in shape[:-1]]
    n_samples = draw(st.sampled_from([1, 1, 2, 5, 8, 9, 19]))
    masks = random.random((n_samples, *shape)) < draw(st.sampled_from([0.02, 0.5, 0.9, 1]))
    if draw(st.booleans()):
        masks = np.asfortranarray(masks)
    reach = [0, 9, 4, 2, 2][ndim]
    if draw(st.booleans()):
        name = draw(st.sampled_from(["diamond", "square", "disk"]))
        radius = draw(st.floats(0, reach + 1))
        return masks, build_footprint(name, ndim, radius=radius).copy()
    size = [2 * draw(st.integers(0, reach)) + 1 for _ in range(ndim)]
    footprint = random.random(size) < draw(st.sampled_from([0.2, 0.7, 1]))
    footprint[tuple(random.integers(0, size))] = True
    return masks, footprint


@pytest.fixture(params=[30, 700, tiles.PLANE_SIZE], ids="planes of {}".format, scope="module")
def plane_size(request):
    """Make the tiles so small that small images have many of them."""
    whole = tiles.PLANE_SIZE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "PLANE_SIZE", request.param)
        patch.setattr(nearest, "BLOCK_SIZE", request.param)
        if request.param < whole:  # or the compiled engine would sweep them without tiles
            patch.setattr(sweeps, "_SMALL_SIZE", 0)
        forget_tiles()
        yield request.param
    forget_tiles()


def forget_tiles():
    tiles.cut_batches.cache_clear()
    sweeps._programs.cache_clear()


ITERATIONS = st.sampled_from([1, 1, 1, 0, 2, 3, 5])


@settings(max_examples=60, deadline=None)
@given(cases(), ITERATIONS, st.sampled_from(BORDERS))
def test_dilation_and_erosion_are_those_of_scipy(plane_size, case, iterations, border):
    masks, footprint = case
    before = masks.copy()
    for name, operation in (("dilate", dilate), ("erode", erode)):
        found = operation(masks, footprint, iterations=iterations, border=border)
        expected = by_scipy(name, masks, footprint, iterations, border)
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == bool
        assert found.flags.c_contiguous or found.size == 0
        assert not np.shares_memory(found, masks)
    np.testing.assert_array_equal(masks, before)


@settings(max_examples=40, deadline=None)
@given(cases(), ITERATIONS, st.sampled_from(BORDERS))
def test_opening_and_closing_are_those_of_scipy(plane_size, case, iterations, border):
    masks, footprint = case
    eroded = by_scipy("erode", masks, footprint, iterations, border)
    np.testing.assert_array_equal(
        open_(masks, footprint, iterations=iterations, border=border),
        by_scipy("dilate", eroded, footprint, iterations, border),
    )
    dilated = by_scipy("dilate", masks, footprint, iterations, border)
    np.testing.assert_array_equal(
        close(masks, footprint, iterations=iterations, border=border),
        closed_by_scipy(masks, footprint, iterations)
        if border == "ignore"
        else by_scipy("erode", dilated, footprint, iterations, border),
    )


@settings(max_examples=40, deadline=None)
@given(cases(), st.sampled_from([0, 1, 3, 6]), st.sampled_from(BORDERS), st.integers(0, 9))
def test_dilation_within_a_limit_is_that_of_scipy(plane_size, case, iterations, border, seed):
    limit, footprint = case
    seeds = np.random.default_rng(seed).random(limit.shape) < 0.1
    expected = by_scipy("dilate", seeds & limit, footprint, iterations, border, limit)
    found = reconstruct(seeds, limit, footprint, iterations=iterations, border=border)
    np.testing.assert_array_equal(found, expected)


@settings(max_examples=30, deadline=None)
@given(cases(max_ndim=3), st.sampled_from(BORDERS))
def test_until_stable_is_as_often_as_it_takes(plane_size, case, border):
    masks, footprint = case
    footprint[tuple(size // 2 for size in footprint.shape)] = True
    often = masks[0].size + 1 if masks.size < 500 else 150
    seeds = masks & (np.random.default_rng(0).random(masks.shape) < 0.3)
    for operation in (dilate, erode, lambda seeds, *a, **k: reconstruct(seeds, masks, *a, **k)):
        stable = operation(seeds, footprint, iterations=None, border=border)
        np.testing.assert_array_equal(
            stable, operation(seeds, footprint, iterations=often, border=border)
        )


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("width", [*range(1, 20), 31, 32, 33, *range(62, 67), *range(126, 131)])
def test_borders_hold_at_every_width(width, border):
    masks = np.random.default_rng(width).random((3, 5, width)) < 0.4
    for name, operation in (("dilate", dilate), ("erode", erode)):
        for footprint in (np.ones((3, 3), bool), np.array([[0, 1, 1, 0, 1]], bool)):
            np.testing.assert_array_equal(
                operation(masks, footprint, iterations=2, border=border),
                by_scipy(name, masks, footprint, 2, border),
            )


@pytest.mark.parametrize("shape", [(1, 700, 800), (2, 300, 500), (9, 40, 50), (1, 40, 60, 70)])
@pytest.mark.parametrize("footprint", [("diamond", 1), ("square", 3), ("disk", 6)])
def test_large_images_are_those_of_scipy(shape, footprint):
    """Images of the sizes that are cut, packed and joined in all the ways there are."""
    name, radius = footprint
    masks = np.random.default_rng(0).random(shape) < 0.1
    footprint = build_footprint(name, len(shape) - 1, radius=radius)
    np.testing.assert_array_equal(
        dilate(masks, footprint), ndimage.binary_dilation(masks, footprint[np.newaxis])
    )
    holed = ~masks
    np.testing.assert_array_equal(
        erode(holed, footprint, border="background"),
        ndimage.binary_erosion(holed, footprint[np.newaxis]),
    )


@pytest.mark.parametrize("operation", ["dilation", "erosion", "opening"])
def test_symmetric_footprints_are_those_of_scikit_image(operation):
    ours = {"dilation": dilate, "erosion": erode, "opening": open_}[operation]
    theirs = getattr(skimage_morphology, operation)
    random = np.random.default_rng(0)
    for shape in [(30, 41), (12, 13, 14)]:
        mask = ndimage.gaussian_filter(random.standard_normal(shape), 1) > 0
        for name, radius in [("diamond", 2), ("square", 1), ("disk", 3)]:
            footprint = build_footprint(name, len(shape), radius=radius)
            np.testing.assert_array_equal(
                ours(mask[np.newaxis], footprint)[0], theirs(mask, footprint, mode="ignore")
            )


@pytest.mark.parametrize("height", [1, 7, 8, 23, 64, 129, 509])
@pytest.mark.parametrize("width", [1, 31, 63, 64, 65, 127, 129, 613])
def test_footprints_up_to_radius_3_are_those_of_opencv(height, width):
    masks = np.random.default_rng(0).random((1, height, width)) < 0.4
    kinds = {"dilate": cv2.MORPH_DILATE, "erode": cv2.MORPH_ERODE, "open_": cv2.MORPH_OPEN}
    for name, radius in (("diamond", 1), ("square", 1), ("disk", 2), ("diamond", 3)):
        footprint = build_footprint(name, 2, radius=radius)
        for operation, kind in kinds.items():
            expected = cv2.morphologyEx(masks[0].view(np.uint8), kind, footprint.astype(np.uint8))
            result = getattr(morphology, operation)(masks, footprint)
            np.testing.assert_array_equal(result[0], expected.astype(bool))


def test_reconstruction_is_scipys_propagation():
    random = np.random.default_rng(0)
    limits = np.stack(
        [ndimage.gaussian_filter(random.standard_normal((40, 50)), 1) > 0 for _ in range(3)]
    )
    seeds = limits & (random.random(limits.shape) < 0.01)
    for name in ("diamond", "square", "disk"):
        for radius in (1, 2):
            footprint = build_footprint(name, 2, radius=radius)
            expected = [
                ndimage.binary_propagation(seed, footprint, mask=limit)
                for seed, limit in zip(seeds, limits, strict=True)
            ]
            np.testing.assert_array_equal(reconstruct(seeds, limits, footprint), expected)


@settings(max_examples=40, deadline=None)
@given(cases(max_ndim=3), st.integers(1, 3))
def test_laws_of_morphology_hold(case, n):
    masks, footprint = case
    mirrored = np.flip(footprint)
    for inner, outer in [("background", "foreground"), ("foreground", "background")]:
        np.testing.assert_array_equal(  # duality
            dilate(masks, footprint, iterations=n, border=inner),
            ~erode(~masks, mirrored, iterations=n, border=outer),
        )
        np.testing.assert_array_equal(
            close(masks, footprint, iterations=n, border=inner),
            ~open_(~masks, mirrored, iterations=n, border=outer),
        )
    opened, closed = open_(masks, footprint, iterations=n), close(masks, footprint, iterations=n)
    assert (opened <= masks).all()
    assert (closed >= masks).all()
    np.testing.assert_array_equal(open_(opened, footprint, iterations=n), opened)
    np.testing.assert_array_equal(close(closed, footprint, iterations=n), closed)
    fewer = masks & (np.random.default_rng(n).random(masks.shape) < 0.8)
    for operation in (dilate, erode, open_, close):
        assert (operation(fewer, footprint) <= operation(masks, footprint)).all()
    for operation in (dilate, erode):
        result = masks
        for _ in range(n):
            result = operation(result, footprint)
        np.testing.assert_array_equal(operation(masks, footprint, iterations=n), result)
    if footprint[tuple(size // 2 for size in footprint.shape)]:
        assert (dilate(masks, footprint, iterations=n) >= masks).all()
        assert (erode(masks, footprint, iterations=n) <= masks).all()


@settings(max_examples=30, deadline=None)
@given(cases(max_ndim=3), st.sampled_from(BORDERS))
def test_samples_are_worked_on_by_themselves(plane_size, case, border):
    masks, footprint = case
    for operation in (dilate, erode, open_, close):
        together = operation(masks, footprint, iterations=2, border=border)
        for i in range(len(masks)):
            alone = operation(masks[i : i + 1], footprint, iterations=2, border=border)
            np.testing.assert_array_equal(together[i], alone[0])


def test_translation_moves_the_result():
    random = np.random.default_rng(0)
    frame = np.zeros((1, 60, 70), dtype=bool)
    frame[0, 20:40, 20:45] = random.random((20, 25)) < 0.5
    footprint = random.random((5, 7)) < 0.5
    for operation in (dilate, erode, open_, close):
        moved = operation(np.roll(frame, (3, -5), axis=(1, 2)), footprint, border="background")
        result = operation(frame, footprint, border="background")
        np.testing.assert_array_equal(moved, np.roll(result, (3, -5), axis=(1, 2)))


def test_dilation_reflects_and_erosion_does_not():
    mask = np.array([[0, 0, 0, 1, 0, 0, 0]], bool)
    right = np.array([False, False, True])
    assert dilate(mask, right).astype(int).tolist() == [[0, 0, 0, 0, 1, 0, 0]]
    assert erode(mask, right).astype(int).tolist() == [[0, 0, 1, 0, 0, 0, 1]]


def test_closing_neither_swallows_nor_grows_what_is_at_the_frame():
    mask = np.zeros((1, 7, 7), dtype=bool)
    mask[0, 2:5, 1:4] = True
    footprint = np.ones((5, 5), dtype=bool)
    np.testing.assert_array_equal(close(mask, footprint), mask)
    corner = np.zeros((1, 7, 7), dtype=bool)
    corner[0, :3, :3] = True
    np.testing.assert_array_equal(close(corner, footprint), corner)
    full = np.ones((1, 5, 5), dtype=bool)
    assert close(full, footprint).all()
    assert close(full, footprint, border="background").sum() == 1


@pytest.mark.parametrize("order", ["read-only", "strided", "reversed", "Fortran", "broadcast"])
def test_any_memory_layout_works(order):
    masks = np.random.default_rng(0).random((10, 33, 41)) < 0.3
    views = {
        "read-only": masks.copy(),
        "strided": np.repeat(masks, 2, axis=2)[:, :, ::2],
        "reversed": masks[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
        "Fortran": np.asfortranarray(masks),
        "broadcast": np.broadcast_to(masks[:1], masks.shape),
    }
    view = views[order]
    view.flags.writeable = False
    disk = build_footprint("disk", 2, radius=2)
    square = np.ones((3, 3), dtype=bool)
    for images in (view, view[:2], view[:1]):
        for footprint in (disk, square):
            for operation in (dilate, erode, open_, close):
                expected = operation(np.array(images, order="C"), footprint)
                np.testing.assert_array_equal(operation(images, footprint), expected)


def test_threads_do_not_disturb_each_other():
    random = np.random.default_rng(0)
    stacks = [random.random((9, 30 + i % 3, 40)) < 0.4 for i in range(60)]
    footprint = build_footprint("disk", 2, radius=3)

    def work(masks):
        return close(masks, footprint), dilate(masks, footprint, iterations=5)

    with ThreadPoolExecutor(4) as pool:
        for found, masks in zip(pool.map(work, stacks), stacks, strict=True):
            for result, expected in zip(found, work(masks), strict=True):
                np.testing.assert_array_equal(result, expected)


def test_iterations_are_taken_together_only_where_that_is_the_same():
    step_and_back = np.array([1, 0, 0, 0, 1], bool)
    mask = np.array([[1, 0, 0, 0, 0, 0]], bool)
    twice = dilate(mask, step_and_back, iterations=2)
    np.testing.assert_array_equal(twice, by_scipy("dilate", mask, step_and_back, 2))
    # Out of the image and back in is no way.
    assert twice.astype(int).tolist() == [[1, 0, 0, 0, 1, 0]]
    square = np.ones((3, 3), dtype=bool)
    assert morphology._merge(square, 4).shape == (9, 9)
    assert morphology._merge(step_and_back, 2) is None


def test_zero_iterations_copy():
    masks = np.random.default_rng(0).random((3, 8, 8)) < 0.5
    footprint = np.ones((3, 3), dtype=bool)
    for operation in (dilate, erode, open_, close):
        result = operation(masks, footprint, iterations=0)
        np.testing.assert_array_equal(result, masks)
        assert not np.shares_memory(result, masks)


@pytest.mark.parametrize("shape", [(0, 5, 5), (3, 0, 5), (3, 5, 0), (0, 0, 0)])
def test_empty_stacks_stay_empty(shape):
    masks = np.zeros(shape, dtype=bool)
    footprint = np.ones((3, 3), dtype=bool)
    for operation in (dilate, erode, open_, close):
        for border in BORDERS:
            assert operation(masks, footprint, iterations=2, border=border).shape == shape
    assert reconstruct(masks, masks, footprint).shape == shape


@settings(max_examples=60, deadline=None)
@given(cases(max_ndim=2), st.sampled_from([40, 63, 150, 10**6 + 7]), st.sampled_from(BORDERS))
def test_iterations_that_only_repeat_are_skipped_exactly(case, iterations, border):
    masks, footprint = case
    for operation, function in (("dilate", dilate), ("erode", erode)):
        result = function(masks, footprint, iterations=iterations, border=border)
        np.testing.assert_array_equal(
            result, repeated_by_scipy(operation, masks, footprint, iterations, border)
        )


def repeated_by_scipy(operation, masks, footprint, iterations, border):
    """Operate step by step until masks come again, and count on from there."""
    seen, history = {}, []
    while len(history) <= iterations and masks.tobytes() not in seen:
        seen[masks.tobytes()] = len(history)
        history.append(masks)
        masks = by_scipy(operation, masks, footprint, border=border)
    if len(history) > iterations:
        return history[iterations]
    start = seen[masks.tobytes()]
    return history[start + (iterations - start) % (len(history) - start)]


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_masks_that_go_round_for_ever_are_found_out(shift, monkeypatch):
    # Every third pixel, or one of a few, is lit and moves on: nothing is ever as it was before.
    footprint = np.zeros((1, 13), bool)
    footprint[0, [6 - shift, 6 + 2 * shift]] = True
    masks = np.random.default_rng(shift).random((1, 3, 60)) < 0.05
    passes = []
    sweep = morphology.sweep
    monkeypatch.setattr(
        morphology, "sweep", lambda *args, **given: passes.append(1) or sweep(*args, **given)
    )
    result = dilate(masks, footprint, iterations=10**9 + 1)
    assert len(passes) < 100
    np.testing.assert_array_equal(
        result, repeated_by_scipy("dilate", masks, footprint, 10**9 + 1, "ignore")
    )


@pytest.mark.parametrize("border", BORDERS)
def test_reconstruction_stops_when_nothing_changes(border, monkeypatch):
    masks = np.random.default_rng(0).random((2, 30, 40)) < 0.7
    seeds = masks & (np.random.default_rng(1).random(masks.shape) < 0.01)
    footprint = build_footprint("square", 2, radius=2)
    expected = reconstruct(seeds, masks, footprint, border=border)
    passes = []
    sweep = morphology.sweep
    monkeypatch.setattr(
        morphology, "sweep", lambda *args, **given: passes.append(1) or sweep(*args, **given)
    )
    result = reconstruct(seeds, masks, footprint, iterations=10**7, border=border)
    assert len(passes) < 20
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("iterations", [None, 1, 5])
def test_reconstruction_by_a_footprint_beyond_the_image_is_that_of_scipy(iterations):
    rng = np.random.default_rng(0)
    limit = rng.random((3, 5, 6)) < 0.6
    seeds = rng.random(limit.shape) < 0.2
    for shape in [(1, 33), (21, 1), (31, 15)]:
        footprint = rng.random(shape) < 0.2
        footprint[shape[0] // 2, shape[1] // 2] = iterations is None
        for border in BORDERS:
            result = reconstruct(seeds, limit, footprint, iterations=iterations, border=border)
            grown = by_scipy("dilate", seeds & limit, footprint, iterations or 50, border, limit)
            np.testing.assert_array_equal(result, grown)


def test_merged_footprints_of_four_axes_stay_small(monkeypatch):
    planned = []
    plan = morphology.plan_union
    monkeypatch.setattr(
        morphology, "plan_union", lambda offsets: planned.append(offsets.size) or plan(offsets)
    )
    masks = np.random.default_rng(0).random((1, 12, 12, 12, 12)) < 0.001
    footprint = np.ones((3,) * 4, bool)
    result = dilate(masks, footprint, iterations=10)
    assert max(planned) <= morphology.MERGED_SIZE
    np.testing.assert_array_equal(result, by_scipy("dilate", masks, footprint, 10))
