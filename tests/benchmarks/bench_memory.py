"""A stack ten times the memory that the operating system allows, against one in memory without a limit."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import zarr
from timing import Row, print_table

KINDS = ["memmap", "h5py", "zarr"]
LIMIT = 64  # MiB


def rows(_quick):
    if sys.platform != "linux":
        print("memory: the limit is one of Linux")
        return
    with tempfile.TemporaryDirectory() as folder:
        _write_stacks(Path(folder))
        whole = _in_child(folder, "memory", 0)
        limited = {kind: _in_child(folder, kind, LIMIT) for kind in KINDS}
    extra = f"{10 * LIMIT} MiB, limit {LIMIT} MiB"
    for task in ("fit", "write"):
        rivals = {kind: seconds[task] for kind, seconds in limited.items()}
        yield Row(f"{task} by blocks", whole[task], rivals, extra)
    held = ", ".join(f"{kind} {seconds['whole']}" for kind, seconds in limited.items())
    yield Row("transform to memory", whole["whole"], {}, f"with the limit: {held}")


def _write_stacks(folder):
    shape, chunks = (20 * LIMIT, 512, 512), (8, 512, 512)  # half a MiB an image
    rng = np.random.default_rng(0)
    stacks = [
        np.lib.format.open_memmap(folder / "X.npy", "w+", np.uint16, shape),
        h5py.File(folder / "X.h5", "w").create_dataset("X", shape, np.uint16, chunks=chunks),
        zarr.create_array(folder / "X.zarr", shape=shape, dtype=np.uint16, chunks=chunks),
    ]
    for start in range(0, len(stacks[0]), 8):
        images = rng.integers(0, 4000, chunks).astype(np.uint16)
        for stack in stacks:
            stack[start : start + 8] = images


def _in_child(folder, kind, mebibytes):
    command = [sys.executable, __file__, "--in", folder, kind, str(mebibytes)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _measure(folder, kind, mebibytes):
    """Fit on a stack and mask it, in memory that is limited from here on, and print the seconds."""
    import resource

    zarr.config.set({"async.concurrency": 1, "threading.max_workers": 1})
    from skmask import HistogramThresholdMasker, MaskApplier, transform_blocks

    folder = Path(folder)
    X = {
        "memory": lambda: np.load(folder / "X.npy"),
        "memmap": lambda: np.load(folder / "X.npy", mmap_mode="r"),
        "h5py": lambda: h5py.File(folder / "X.h5")["X"],
        "zarr": lambda: zarr.open_array(folder / "X.zarr", mode="r"),
    }[kind]()
    out = np.lib.format.open_memmap(folder / f"{kind}.npy", "w+", X.dtype, X.shape)
    # Threads and caches of the libraries are there before the limit.
    MaskApplier(HistogramThresholdMasker()).fit(X[:8]).transform(X[:8])
    if mebibytes:
        status = Path("/proc/self/status").read_text()
        used = int(status.split("VmData:")[1].split()[0]) << 10
        limit = used + (mebibytes << 20)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    applier = MaskApplier(HistogramThresholdMasker())
    seconds = {"fit": _time(lambda: applier.fit(X))}
    seconds["write"] = _time(lambda: transform_blocks(applier, X, out))
    try:
        seconds["whole"] = _time(lambda: applier.transform(X))
    except MemoryError:
        seconds["whole"] = "MemoryError"
    print(json.dumps(seconds))


def _time(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    if "--in" in sys.argv:
        _measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        print_table("memory", rows("--quick" in sys.argv))
