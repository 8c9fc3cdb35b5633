"""Results written block by block: the same as in memory, in memory that does not grow with the stack."""

import tracemalloc

import array_api_strict
import dask.array as da
import h5py
import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    ThresholdMasker,
    transform_blocks,
)


@pytest.fixture
def stack():
    return np.random.default_rng(0).integers(0, 200, (11, 9, 12)).astype(np.uint8)


def peak_bytes(call):
    """Give the most memory that a call held beyond what was held before."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def make_out(kind, path, shape, dtype):
    if kind == "memmap":
        return np.lib.format.open_memmap(path / "out.npy", "w+", dtype, shape)
    if kind == "zarr":
        return zarr.create_array(
            path / "out.zarr", shape=shape, dtype=dtype, chunks=(2, *shape[1:])
        )
    if kind == "h5py":
        return h5py.File(path / "out.h5", "w").create_dataset("out", shape, dtype)
    return np.empty(shape, dtype)


@pytest.mark.parametrize("block_size", [1, 3, 7, 11, 500, None])
@pytest.mark.parametrize("kind", ["ndarray", "memmap", "zarr", "h5py"])
def test_blocks_give_what_the_whole_gives(kind, block_size, stack, tmp_path):
    pipeline = make_pipeline(
        MaskApplier(make_pipeline(HistogramThresholdMasker(), BinaryDilator("disk", radius=2)))
    ).fit(stack)
    out = make_out(kind, tmp_path, stack.shape, stack.dtype)
    for X in (stack, da.from_array(stack, chunks=(2, 5, 7))):
        out[:] = 255
        assert transform_blocks(pipeline, X, out, block_size=block_size) is out
        assert_array_equal(np.asarray(out[:]), pipeline.transform(stack))


def test_rows_of_features_are_written_too(stack):
    flattener = ImageFlattener().fit(stack)
    out = np.empty((11, 108), np.uint8)
    assert_array_equal(
        transform_blocks(flattener, stack, out, block_size=4), flattener.transform(stack)
    )


def test_progress_sees_every_block(stack):
    seen = []

    def progress(blocks):
        for block in blocks:
            seen.append(block)
            yield block

    transform_blocks(
        ThresholdMasker(), stack, np.empty(stack.shape, bool), block_size=4, progress=progress
    )
    assert seen == [(0, 4), (4, 8), (8, 11)]


@pytest.mark.parametrize(
    ("out", "match"),
    [
        (np.empty((11, 9, 11), bool), r"out of shape \(11, 9, 12\).*got shape \(11, 9, 11\)"),
        (np.empty((10, 9, 12), bool), r"got shape \(10, 9, 12\)"),
        (np.empty((11, 9, 12), np.uint8), "dtype that holds float64"),
    ],
)
def test_place_of_another_shape_or_kind_is_refused(out, match, stack):
    estimator = (
        ThresholdMasker() if out.dtype == bool else MaskApplier(ThresholdMasker(), dtype=float)
    )
    with pytest.raises(ValueError, match=match):
        transform_blocks(estimator, stack, out)


@pytest.mark.parametrize(
    ("dtype", "out_dtype"), [(np.int64, np.int8), (np.uint16, np.uint8), (np.int64, np.uint64)]
)
def test_integers_never_wrap_around(dtype, out_dtype, stack):
    applier = MaskApplier(ThresholdMasker(), dtype=dtype)
    with pytest.raises(ValueError, match=f"dtype that holds {np.dtype(dtype)}"):
        transform_blocks(applier.fit(stack), stack, np.empty(stack.shape, out_dtype))


def test_floats_may_lose_precision(stack):
    applier = MaskApplier(ThresholdMasker(), dtype=float).fit(stack)
    out = transform_blocks(applier, stack, np.empty(stack.shape, np.float32))
    assert_array_equal(out, applier.transform(stack))


def test_block_size_of_another_kind_is_refused(stack):
    with pytest.raises(TypeError, match=r"block_size to be an integer, got 2\.5\. None is"):
        transform_blocks(ThresholdMasker(), stack, np.empty(stack.shape, bool), block_size=2.5)


def test_errors_say_in_which_block_of_the_stack_they_were(stack):
    empty = stack.copy()
    empty[5] = 0
    empty[4, 0, 0] = 9
    applier = MaskApplier(ThresholdMasker(), on_empty="raise").fit(empty)
    with pytest.raises(ValueError, match="1 empty of 2, the first for image 1") as caught:
        transform_blocks(applier, empty, np.empty_like(empty), block_size=2)
    assert caught.value.__notes__ == [
        "This was in the block of images 4 to 5 of X, counted from 0."
    ]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"out": None}, "expects out to be an array to write to, got NoneType. Make one"),
        ({"out": []}, "expects out to be an array to write to, got list"),
        ({"progress": True}, "expects progress to be a function such as tqdm.tqdm, got True"),
    ],
)
def test_place_and_progress_of_another_kind_are_refused(given, match, stack):
    given = {"out": np.empty(stack.shape, bool)} | given
    with pytest.raises(TypeError, match=f"transform_blocks {match}"):
        transform_blocks(ThresholdMasker(), stack, **given)


def test_lists_and_blocks_of_nothing_are_refused(stack):
    with pytest.raises(TypeError, match="expects X to be a stack.*got list"):
        transform_blocks(ThresholdMasker(), list(stack), np.empty(stack.shape, bool))
    with pytest.raises(ValueError, match="block_size to be at least 1, got 0"):
        transform_blocks(ThresholdMasker(), stack, np.empty(stack.shape, bool), block_size=0)


def test_stack_of_ten_times_the_memory_is_fitted_and_transformed(tmp_path, monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 4 * 2**20)
    # Chunks that were never written take no room in the file and are read as zeros.
    file = h5py.File(tmp_path / "large.h5", "w")
    chunked = {"shape": (320, 512, 512), "chunks": (4, 512, 512)}
    X, y = (
        file.create_dataset("X", dtype=np.uint16, **chunked),
        file.create_dataset("y", dtype=bool, **chunked),
    )
    out = file.create_dataset("out", dtype=np.uint16, compression="lzf", **chunked)
    X[300, 100:200, 100:200], y[300, 100:200, 100:200] = 9, True
    nbytes = 2 * X.size

    masker = HistogramThresholdMasker("dice")
    assert peak_bytes(lambda: masker.fit(X, y)) < nbytes / 10
    assert masker.threshold_ == 4
    applier = MaskApplier(
        make_pipeline(FrozenEstimator(masker), BinaryDilator(iterations=3)), fill_value=1
    )
    assert peak_bytes(lambda: applier.fit(X[:1])) < nbytes / 10
    assert peak_bytes(lambda: transform_blocks(applier, X, out, block_size=8)) < nbytes / 10
    assert out[299].sum() == 512 * 512
    assert_array_equal(out[300], applier.transform(X[300:301])[0])
    assert peak_bytes(lambda: masker.transform(X)) > nbytes / 3


def test_arrays_of_other_libraries_are_no_place_to_write_to(stack):
    out = array_api_strict.asarray(np.empty(stack.shape, bool))
    with pytest.raises(TypeError, match=r"memory map or a file, got Array. Use np.asarray\(out\)"):
        transform_blocks(ThresholdMasker(100), stack, out)
