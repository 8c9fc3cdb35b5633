"""Results written block by block: the same as in memory, in memory that does not grow with the stack."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

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

ROOT = Path(__file__).parents[2]


def make_stack():
    return np.random.default_rng(0).integers(0, 200, (11, 9, 12)).astype(np.uint8)


@pytest.fixture
def stack():
    return make_stack()


def peak_bytes(call):
    """Return the most memory that a call held beyond what was held before."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def make_out(kind, path, shape, dtype):
    path = Path(path)
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
        "This was in transforming the block of images 4 to 5 of X, counted from 0."
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
    with pytest.raises(TypeError, match="transform_blocks expects plain arrays .*filled"):
        transform_blocks(ThresholdMasker(), np.ma.array(stack), np.empty(stack.shape, bool))
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

    # numba, where it is installed, takes memory to compile once.
    masker = HistogramThresholdMasker("dice").fit(X[296:304], y[296:304])
    assert peak_bytes(lambda: masker.fit(X, y)) < nbytes / 10
    assert masker.threshold_ == 4
    applier = MaskApplier(
        make_pipeline(FrozenEstimator(masker), BinaryDilator(iterations=3)), fill_value=1
    )
    assert peak_bytes(lambda: applier.fit(X[:1])) < nbytes / 10
    applier.transform(X[:8])
    assert peak_bytes(lambda: transform_blocks(applier, X, out, block_size=8)) < nbytes / 10
    assert out[299].sum() == 512 * 512
    assert_array_equal(out[300], applier.transform(X[300:301])[0])
    assert peak_bytes(lambda: masker.transform(X)) > nbytes / 3


def test_arrays_of_other_libraries_are_no_place_to_write_to(stack):
    out = array_api_strict.asarray(np.empty(stack.shape, bool))
    with pytest.raises(TypeError, match=r"memory map or a file, got Array. Use np.asarray\(out\)"):
        transform_blocks(ThresholdMasker(100), stack, out)


SCRIPT = """
import os, signal, sys
from functools import partial
from pathlib import Path
import numpy as np
from skmask import ThresholdMasker, transform_blocks
from skmask._images import completion
from tests.images.test_transform_blocks import make_out, reopened

completion.INTERVAL = 0
X = np.load(sys.argv[1])

def die(blocks, n_blocks):
    for number, block in enumerate(blocks):
        if number == n_blocks:
            os.kill(os.getpid(), signal.SIGKILL)
        yield block

for path in map(Path, sys.argv[2:]):
    kind, n_blocks = path.name.split()
    if os.fork() == 0:
        out = make_out(kind, path, X.shape, bool)
        out[:] = True
        progress = partial(die, n_blocks=int(n_blocks))
        transform_blocks(ThresholdMasker(100), X, out, block_size=2, progress=progress)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def reopened(kind, path, mode="r+"):
    """Open the output of another process."""
    if kind == "memmap":
        return np.load(path / "out.npy", mmap_mode=mode)
    if kind == "zarr":
        return zarr.open_array(path / "out.zarr", mode=mode)
    return h5py.File(path / "out.h5", mode)["out"]


def mark_of(kind, path, out):
    if kind == "memmap":
        return json.loads((path / "out.npy.skmask.json").read_text())
    return dict(out.attrs)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a folder with the outputs of calls that were killed, by their kind and number of blocks."""
    folder = tmp_path_factory.mktemp("killed")
    np.save(folder / "X.npy", make_stack())
    paths = [folder / f"{kind} {n}" for kind in ("memmap", "zarr", "h5py") for n in (0, 3)]
    for path in paths:
        path.mkdir()
    command = [sys.executable, "-c", SCRIPT, folder / "X.npy", *paths]
    result = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert result.stdout.split() == ["-9"] * len(paths)
    return folder


@pytest.mark.skipif(os.name == "nt", reason="a process is killed by a signal")
@pytest.mark.parametrize("n_blocks", [0, 3])
@pytest.mark.parametrize("kind", ["memmap", "zarr", "h5py"])
def test_killed_call_says_what_is_done_and_resumes(kind, n_blocks, stack, killed):
    path = killed / f"{kind} {n_blocks}"
    out = reopened(kind, path)
    mark = mark_of(kind, path, out)
    assert not mark["skmask_complete"]
    assert mark["skmask_done"] == 2 * n_blocks
    expected = ThresholdMasker(100).transform(stack)
    assert_array_equal(out[: 2 * n_blocks], expected[: 2 * n_blocks])
    assert np.all(out[2 * n_blocks :])

    seen = []
    transform_blocks(
        ThresholdMasker(100),
        stack,
        out,
        block_size=4,
        resume=True,
        progress=lambda blocks: seen.extend(blocks) or blocks,
    )
    assert seen[0] == (2 * n_blocks, 4 if n_blocks == 0 else 8)
    assert seen[-1] == (8, 11)
    assert_array_equal(out[:], expected)
    assert mark_of(kind, path, out)["skmask_complete"]

    # Once more does nothing.
    transform_blocks(
        ThresholdMasker(100),
        stack,
        out,
        resume=True,
        progress=lambda blocks: [0 / 0, *blocks] if blocks else blocks,
    )


@pytest.mark.parametrize("kind", ["memmap", "zarr", "h5py"])
def test_marks_are_kept_and_renewed(kind, stack, tmp_path):
    out = make_out(kind, tmp_path, stack.shape, bool)
    transform_blocks(ThresholdMasker(5), stack, out, block_size=4, resume=True)
    mark = mark_of(kind, tmp_path, out)
    assert mark["skmask_complete"]
    assert mark["skmask_done"] == len(stack)
    with pytest.raises(ValueError, match="expects to resume with the estimator .* resume=False"):
        transform_blocks(ThresholdMasker(6), stack, out, resume=True)
    for others in (stack + 1, stack.astype(np.float32), stack[::-1].copy()):
        with pytest.raises(ValueError, match="expects to resume with the images .* resume=False"):
            transform_blocks(ThresholdMasker(5), others, out, resume=True)

    def stop(blocks):
        yield blocks[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transform_blocks(ThresholdMasker(6), stack, out, block_size=4, progress=stop)
    assert not mark_of(kind, tmp_path, out)["skmask_complete"]
    transform_blocks(ThresholdMasker(6), stack, out, resume=True)
    assert_array_equal(out[:], ThresholdMasker(6).transform(stack))


def test_resume_completes_what_was_killed_before_its_last_mark(stack, tmp_path):
    out = make_out("memmap", tmp_path, stack.shape, bool)
    transform_blocks(ThresholdMasker(5), stack, out)
    mark = mark_of("memmap", tmp_path, out)
    (tmp_path / "out.npy.skmask.json").write_text(json.dumps(mark | {"skmask_complete": False}))
    transform_blocks(ThresholdMasker(5), stack, out, resume=True)
    assert mark_of("memmap", tmp_path, out) == mark


def test_resume_begins_with_the_chunk_that_may_be_cut(stack, tmp_path, monkeypatch):
    monkeypatch.setattr("skmask._images.completion.INTERVAL", 0)
    out = zarr.create_array(tmp_path / "out.zarr", shape=stack.shape, dtype=bool, chunks=(4, 9, 12))

    def stop(blocks):
        yield from blocks[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transform_blocks(ThresholdMasker(6), stack, out, block_size=2, progress=stop)
    seen = []
    transform_blocks(
        ThresholdMasker(6),
        stack,
        out,
        block_size=3,
        resume=True,
        progress=lambda blocks: seen.extend(blocks) or blocks,
    )
    assert out.attrs["skmask_complete"]
    assert seen == [(4, 6), (6, 9), (9, 11)]
    assert_array_equal(out[:], ThresholdMasker(6).transform(stack))


def test_resume_needs_a_file(stack):
    with pytest.raises(ValueError, match="when resume=True, got ndarray, which .*Leave resume out"):
        transform_blocks(ThresholdMasker(), stack, np.empty(stack.shape, bool), resume=True)
    with pytest.raises(TypeError, match="expects resume to be True or False, got 3"):
        transform_blocks(ThresholdMasker(), stack, np.empty(stack.shape, bool), resume=3)


@pytest.mark.parametrize("kind", ["memmap", "zarr", "h5py", "ndarray"])
def test_place_that_is_read_only_is_refused_before_any_work(kind, stack, tmp_path):
    out = make_out(kind, tmp_path, stack.shape, bool)
    if kind == "ndarray":
        out.flags.writeable = False
    else:
        if kind == "h5py":
            out.file.close()
        out = reopened(kind, tmp_path, "r")
    with pytest.raises(ValueError, match=r"that is read-only\. Open it with mode 'r\+'"):
        transform_blocks(HistogramThresholdMasker(), stack, out)  # which is not fitted


def test_room_for_a_memory_map_is_reserved_first(stack, tmp_path, monkeypatch):
    out = make_out("memmap", tmp_path, stack.shape, bool)
    out[:] = True
    calls = []
    monkeypatch.setattr(os, "posix_fallocate", lambda *args: calls.append(args[1:]), raising=False)
    transform_blocks(ThresholdMasker(5), stack, out)
    assert calls == [(0, os.path.getsize(tmp_path / "out.npy"))]

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    before = out.copy()
    with pytest.raises(OSError, match="expects room for .* bytes of out .* Free some") as caught:
        transform_blocks(ThresholdMasker(50), stack, out)
    assert caught.value.errno == errno.ENOSPC
    assert_array_equal(out, before)


def test_room_is_looked_for_where_it_cannot_be_reserved(stack, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    out = make_out("memmap", tmp_path, stack.shape, bool)
    transform_blocks(ThresholdMasker(5), stack, out)
    usage = shutil.disk_usage(tmp_path)._replace(free=-(2**40))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match="expects room for"):
        transform_blocks(ThresholdMasker(5), stack, out)


def test_errors_in_writing_name_the_block(stack):
    class Full:
        shape, dtype = stack.shape, np.dtype(bool)

        def __setitem__(self, part, result):
            if part.start:
                raise OSError("disk full")

    with pytest.raises(OSError, match="disk full") as caught:
        transform_blocks(ThresholdMasker(), stack, Full(), block_size=4)
    assert caught.value.__notes__ == [
        "This was in writing the block of images 4 to 7 of X, counted from 0."
    ]
