"""Regions of images in chunks against whole images, and against scipy.ndimage.label."""

from itertools import accumulate, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import ndimage

from skmask._kernels.regions.chunk_tables import move_moments
from skmask._kernels.regions.chunks import Chunk, mark_seeds, merge, paint, summarize
from skmask._kernels.regions.filters import ASKED_FOR, Range, filter_regions, range_rule
from skmask._kernels.regions.objects import regions_of
from skmask._kernels.regions.rules import (
    clean_regions,
    frame_rule,
    hole_rule,
    keep_connected,
    largest_rule,
    seed_rule,
    size_rule,
    unseeded_rule,
)
from skmask._kernels.regions.statistics import STATISTICS, measure_objects

RULES = {
    "holes": hole_rule,
    "small holes": lambda n, **given: hole_rule(n, max_size=3, **given),
    "cut holes": lambda n, **given: hole_rule(n, include_border=True, **given),
    "small cut holes": lambda n, **given: hole_rule(n, max_size=9, include_border=True, **given),
    "sizes": lambda n, **given: size_rule(n, 4, **given),
    "largest": largest_rule,
    "three largest": lambda n, **given: largest_rule(n, 3, **given),
    "frame": frame_rule,
    "wide frame": lambda n, **given: frame_rule(n, margin=2, **given),
    "ends of one axis": lambda n, **given: frame_rule(n, axes=[n - 1], **given),
}
EVERY_RULE = pytest.mark.parametrize("make_rule", RULES.values(), ids=RULES)


def cut(marks, sizes):
    """Cut images, given the sizes of the chunks along each axis, into chunks with a face of the next."""
    bounds = [pairwise(accumulate(along, initial=0)) for along in sizes]
    for place in product(*bounds):
        starts, stops = zip(*place, strict=True)
        longer = (slice(start, stop + 1) for start, stop in place)
        yield marks[(slice(None), *longer)].copy(), Chunk(starts, stops, marks.shape[1:])


def clean_chunks(marks, rule, sizes, images=None):
    """Clean images chunk by chunk, and give them with what was merged."""
    chunks = list(cut(marks, sizes))
    parts = []
    for block, chunk in chunks:
        own = tuple(map(slice, chunk.start, chunk.stop))
        under = None if images is None else images[(slice(None), *own)]
        parts.append(summarize(block, chunk, rule, under))
    held, told = zip(*parts, strict=True)
    kept = merge(told, tuple(map(len, sizes)), rule)
    cleaned = np.empty(marks.shape, bool)
    for (_, chunk), one, keep in zip(chunks, held, kept, strict=True):
        place = map(slice, chunk.start, chunk.stop)
        cleaned[(slice(None), *place)] = paint(one, keep, rule)
    return cleaned, told


@st.composite
def parts(draw, size):
    """Cut a length into up to five parts."""
    cuts = draw(st.sets(st.integers(1, size - 1), max_size=4) if size > 1 else st.just(set()))
    return np.diff([0, *sorted(cuts), size]).tolist()


@st.composite
def cut_stacks(draw):
    """Stacks of images of one to three axes, a connectivity that suits them, and sizes of chunks."""
    n_axes = draw(st.integers(1, 3))
    sides = st.integers(1, [40, 14, 7][n_axes - 1])
    shape = (draw(st.integers(1, 3)), *draw(st.tuples(*[sides] * n_axes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    masks = rng.random(shape) < draw(st.sampled_from([0, 0.1, 0.3, 0.5, 0.6, 0.8, 0.95, 1]))
    return masks, draw(st.integers(1, n_axes)), [draw(parts(size)) for size in shape[1:]]


@EVERY_RULE
@settings(deadline=None, max_examples=60)
@given(stack=cut_stacks())
def test_chunks_give_what_whole_images_give(make_rule, stack):
    masks, connectivity, sizes = stack
    rule = make_rule(masks.ndim - 1, connectivity=connectivity)
    cleaned, _ = clean_chunks(masks, rule, sizes)
    assert_array_equal(cleaned, clean_regions(masks, rule))


@settings(deadline=None, max_examples=60)
@given(stack=cut_stacks(), seed=st.integers(0, 2**32 - 1))
def test_chunks_keep_the_regions_that_hold_a_seed_in_any_chunk(stack, seed):
    masks, connectivity, sizes = stack
    seeds = np.random.default_rng(seed).random(masks.shape) < 0.05
    rule = seed_rule(masks.ndim - 1, connectivity=connectivity)
    cleaned, _ = clean_chunks(mark_seeds(seeds, masks), rule, sizes)
    assert_array_equal(cleaned, keep_connected(seeds, masks, connectivity=connectivity))


@settings(deadline=None, max_examples=60)
@given(stack=cut_stacks(), seed=st.integers(0, 2**32 - 1))
def test_chunks_keep_the_regions_that_hold_no_seed(stack, seed):
    masks, connectivity, sizes = stack
    seeds = np.random.default_rng(seed).random(masks.shape) < 0.05
    rule = unseeded_rule(masks.ndim - 1, connectivity=connectivity)
    cleaned, _ = clean_chunks(mark_seeds(seeds, masks), rule, sizes)
    seeded = keep_connected(seeds, masks, connectivity=connectivity)
    assert_array_equal(cleaned, masks & ~seeded)


@pytest.mark.parametrize("name", ASKED_FOR)
@settings(deadline=None, max_examples=30)
@given(stack=cut_stacks(), seed=st.integers(0, 2**32 - 1))
def test_properties_in_chunks_are_those_of_whole_regions_to_the_last_bit(name, stack, seed):
    masks, connectivity, sizes = stack
    n_axes = masks.ndim - 1
    if STATISTICS[name].n_axes not in (None, n_axes):
        return
    rng = np.random.default_rng(seed)
    images = rng.integers(-9, 99, masks.shape).astype(rng.choice(["i2", "f4", "f8"]))
    if images.dtype.kind == "f":
        images[rng.random(masks.shape) < 0.1] = np.nan
    spacing = rng.choice([1, 0.3, 2.5], n_axes)
    # The ranges start at values of regions, where the last bit would tell.
    objects = regions_of(masks, connectivity, spacing)
    values = measure_objects(objects, [name], [images], masks).ravel()
    low = rng.choice(values) if values.size else 0.0
    ranges = [Range(name, low, np.inf)]
    rule = range_rule(ranges, connectivity=connectivity, spacing=spacing)
    cleaned, told = clean_chunks(masks, rule, sizes, images)
    given = {"connectivity": connectivity, "spacing": spacing, "images": images}
    assert_array_equal(cleaned, filter_regions(masks, ranges, **given))


def test_moments_far_from_the_origin_are_exact():
    # Products of coordinates overflow 64 bits here, and the moments about the bounds do not.
    area, far = np.array([4]), np.array([[2**40, 2**40 + 7]])
    moments = np.array([[[2, 2], [2, 1], [1, 2]]])
    moved = move_moments(area, moments, far)
    assert_array_equal(move_moments(area, moved, -far), moments)


@pytest.mark.parametrize(
    ("n_axes", "connectivity"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)]
)
@pytest.mark.parametrize("side", [1, 2, 3, 5])
@pytest.mark.parametrize("density", [0.2, 0.5, 0.8])
def test_sizes_over_chunks_are_those_of_scipy(n_axes, connectivity, side, density):
    shape = [(60,), (11, 12), (6, 6, 7)][n_axes - 1]
    mask = np.random.default_rng(n_axes).random(shape) < density
    structure = ndimage.generate_binary_structure(n_axes, connectivity)
    labels, _ = ndimage.label(mask, structure)
    is_large = np.bincount(labels.ravel()) >= 4
    is_large[0] = False
    sizes = [np.diff([*range(0, size, side), size]).tolist() for size in shape]
    rule = size_rule(n_axes, 4, connectivity=connectivity)
    cleaned, _ = clean_chunks(mask[np.newaxis], rule, sizes)
    assert_array_equal(cleaned[0], is_large[labels])


@EVERY_RULE
@pytest.mark.parametrize("connectivity", [1, 2])
@pytest.mark.parametrize("density", [0.3, 0.6])
def test_what_is_merged_grows_with_the_faces_of_chunks(make_rule, connectivity, density):
    masks = np.random.default_rng(0).random((1, 120, 120)) < density
    rule = make_rule(2, connectivity=connectivity)
    cleaned, told = clean_chunks(masks, rule, [[60, 60], [60, 60]])
    assert_array_equal(cleaned, clean_regions(masks, rule))
    for summary in told:
        n_runs = sum(labels.size for labels in summary.faces.values())
        assert len(summary.table.sizes) <= n_runs + 3  # the largest may stand within
        assert n_runs <= 2 * (60 // 2 + 1)


def test_what_is_held_is_less_than_the_chunk():
    masks = np.random.default_rng(0).random((1, 101, 101)) < 0.55
    block, chunk = next(cut(masks, [[100, 1], [100, 1]]))
    held, _ = summarize(block, chunk, size_rule(2, 4))
    assert held.shape == (1, 100, 100)
    assert held.runs.nbytes + held.numbers.nbytes < 0.5 * masks.nbytes


def test_first_pixels_count_in_the_whole_image():
    # Of two regions of one size, the one on the right starts in an earlier row, in a later chunk.
    mask = np.array([[0, 0, 0, 1], [1, 0, 0, 1], [1, 0, 0, 0]], bool)
    for sizes in ([[3], [2, 2]], [[1, 2], [2, 2]], [[1, 1, 1], [1, 1, 1, 1]]):
        cleaned, _ = clean_chunks(mask[np.newaxis], largest_rule(2), sizes)
        assert_array_equal(cleaned[0, :, 3], [True, True, False])
        assert cleaned.sum() == 2


@EVERY_RULE
def test_chunks_are_left_alone(make_rule):
    masks = np.random.default_rng(1).random((2, 9, 9)) < 0.5
    masks.flags.writeable = False
    before = masks.copy()
    summarize(masks, Chunk((0, 0), (8, 8), (20, 20)), make_rule(2))
    assert_array_equal(masks, before)
