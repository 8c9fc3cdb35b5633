"""The same images in every container, and what a scheduler costs by the number of blocks."""

import sys
import tempfile
from pathlib import Path

import dask.array as da
import h5py
import numpy as np
import zarr
from dask.distributed import Client, LocalCluster
from sklearn.pipeline import make_pipeline
from timing import peak_bytes, print_table, race

from skmask import BinaryDilator, HistogramThresholdMasker, transform_blocks

N_BLOCKS = [8, 64, 512]


def rows(quick):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 4000, (64 if quick else 256, 512, 512)).astype(np.uint16)
    pipeline = make_pipeline(HistogramThresholdMasker(), BinaryDilator(iterations=3)).fit(X)
    masker = pipeline[0]
    with tempfile.TemporaryDirectory() as folder:
        stacks = _stacks(X, Path(folder))
        yield race(
            f"fit {X.nbytes >> 20} MiB in memory",
            lambda: masker.fit(X),
            {name: lambda stack=stack: masker.fit(stack) for name, stack in stacks.items()},
            quick=quick,
            extra=_peaks(stacks, masker.fit),
        )
        out = np.lib.format.open_memmap(Path(folder) / "out.npy", "w+", bool, X.shape)
        yield race(
            f"transform_blocks {X.nbytes >> 20} MiB in memory",
            lambda: transform_blocks(pipeline, X, out),
            {
                name: lambda stack=stack: transform_blocks(pipeline, stack, out)
                for name, stack in stacks.items()
            },
            quick=quick,
            extra=_peaks(stacks, lambda stack: transform_blocks(pipeline, stack, out)),
        )
    yield from _rows_of_schedulers(pipeline, quick)


def _rows_of_schedulers(pipeline, quick):
    """Time images so small that a block costs what its task does."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        for n_blocks in N_BLOCKS[: 2 if quick else 3]:
            shape = (n_blocks, 64, 64)
            lazy = da.random.default_rng(0).integers(0, 200, shape, np.uint8, chunks=(1, -1, -1))
            X = lazy.compute()
            for name, call in (
                ("fit", lambda X: pipeline[0].fit(X)),
                ("transform", lambda X: np.asarray(pipeline.transform(X))),
            ):
                row = race(
                    f"{name} {n_blocks} small images",
                    lambda call=call, X=X: call(X),
                    {
                        "threads": lambda call=call, lazy=lazy: call(lazy),
                        "distributed": lambda call=call, lazy=lazy: _on(client, call, lazy),
                    },
                    quick=True,
                )
                costs = [
                    f"{1e3 * (seconds - row.seconds) / n_blocks:.2f}"
                    for seconds in row.rivals.values()
                ]
                yield row._replace(extra=f"{' and '.join(costs)} ms a block")


def _on(client, call, lazy):
    with client.as_current():
        return call(lazy)


def _stacks(X, folder):
    chunks = (8, *X.shape[1:])
    np.save(folder / "X.npy", X)
    compressed = zarr.create_array(folder / "X.zarr", shape=X.shape, dtype=X.dtype, chunks=chunks)
    compressed[...] = X
    return {
        "memmap": np.load(folder / "X.npy", mmap_mode="r"),
        "h5py": h5py.File(folder / "X.h5", "w").create_dataset("X", data=X, chunks=chunks),
        "zarr": compressed,
        "dask of zarr": da.from_zarr(compressed),
    }


def _peaks(stacks, call):
    peaks = {name: peak_bytes(lambda stack=stack: call(stack)) for name, stack in stacks.items()}
    return "peak MiB " + ", ".join(f"{name} {peak >> 20}" for name, peak in peaks.items())


if __name__ == "__main__":
    print_table("containers", rows("--quick" in sys.argv))
