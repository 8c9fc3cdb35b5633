import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skmask._kernels.morphology import tiles
from skmask._kernels.morphology.tiles import cut_batches


@pytest.fixture(params=[1, 50, 1 << 18], ids="planes of {}".format)
def plane_size(request, monkeypatch):
    monkeypatch.setattr(tiles, "PLANE_SIZE", request.param)
    cut_batches.cache_clear()
    yield request.param
    cut_batches.cache_clear()


SHAPES = [
    ((1, 40), (2,)),
    ((1, 8), (0,)),
    ((3, 7), (3,)),
    ((1, 33, 20), (1, 1)),
    ((1, 33, 20), (3, 0)),
    ((5, 9, 4), (1, 1)),
    ((8, 9, 70), (1, 2)),
    ((29, 5, 6), (2, 2)),
    ((2, 50, 6, 5), (1, 1, 1)),
    ((1, 100, 100), (40, 40)),
]


@pytest.mark.parametrize(("shape", "halo"), SHAPES)
def test_tiles_cover_each_pixel_once(shape, halo, plane_size):
    counts = np.zeros(shape, dtype=np.uint8)
    for batch in cut_batches(shape, halo):
        parts = batch.parts(counts)
        for _, moves in batch.tiles:
            for _, _, part, target in moves:
                parts[part][target] += 1
    assert (counts == 1).all()


@pytest.mark.parametrize(("shape", "halo"), SHAPES)
def test_what_is_kept_is_a_halo_away_from_where_tiles_are_cut(shape, halo, plane_size):
    places = np.stack(np.indices(shape), axis=-1).reshape(-1, len(shape))
    numbers = np.arange(len(places)).reshape(shape)
    for batch in cut_batches(shape, halo):
        for place, moves in batch.tiles:
            tile = batch.lanes(numbers)[place]
            for first, source, part, target in moves:
                kept = batch.parts(numbers)[part][target]
                lanes = tile[first : first + len(kept)]
                np.testing.assert_array_equal(kept, lanes[(slice(None), *source)])
                for lane, image in np.ndindex(kept.shape[:2]):
                    ends = places[lanes[lane, image].reshape(-1)[[0, -1]]][:, 1:]
                    inner = places[kept[lane, image].reshape(-1)[[0, -1]]][:, 1:]
                    low = (inner[0] - ends[0] >= halo) | (ends[0] == 0)
                    high = (ends[1] - inner[1] >= halo) | (ends[1] == np.subtract(shape[1:], 1))
                    assert low.all()
                    assert high.all()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 100), st.integers(0, 10), st.integers(1, 60))
def test_windows_meet_and_stay_within_the_axis(size, halo, step):
    length = min(size, step + 2 * halo)
    cuts = tiles._cut_axis(size, length, halo)
    assert [kept.start for _, kept in cuts] == [0, *(kept.stop for _, kept in cuts[:-1])]
    assert cuts[-1][1].stop == size
    for start, kept in cuts:
        assert 0 <= start <= size - length
        assert kept.start < kept.stop
        assert start + halo <= kept.start or start == 0
        assert kept.stop <= start + length - halo or start + length == size


def test_planes_stay_small():
    for shape, halo in [((1, 4096, 4096), (5, 5)), ((64, 512, 512), (1, 1)), ((1, 10**7), (1,))]:
        for batch in cut_batches(shape, halo):
            assert batch.n_images * np.prod(batch.window) <= tiles.PLANE_SIZE
