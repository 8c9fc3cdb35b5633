"""The same images in every container, the cost of a scheduler by the number of blocks, regions in chunks."""

import sys
import tempfile
from pathlib import Path

import dask
import dask.array as da
import h5py
import numpy as np
import zarr
from scipy import ndimage
from sklearn.pipeline import make_pipeline
from timing import peak_bytes, print_table, race

from skmask import (
    BinaryDilator,
    HistogramThresholdMasker,
    HoleFiller,
    LargestRegionKeeper,
    SmallRegionRemover,
    transform_blocks,
)

N_BLOCKS = [1, 8, 64, 512]
CLEANERS = [HoleFiller(connectivity=2), SmallRegionRemover(30), LargestRegionKeeper()]


def rows(quick):
    dask.config.set(scheduler="threads")
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
    X = X[: N_BLOCKS[2 if quick else 3]] if quick else np.concatenate([X, X])
    X = X[:, :128, :128].copy()
    yield race(
        f"fit and transform {len(X)} images in memory",
        lambda: pipeline.fit(X).transform(X),
        {
            f"dask, {n} blocks": lambda n=n: _run(
                pipeline, da.from_array(X, (-(-len(X) // n), -1, -1))
            )
            for n in N_BLOCKS
            if n <= len(X)
        },
        quick=quick,
    )
    for name, mask in _large_masks(2048 if quick else 8192):
        for cleaner in CLEANERS:
            yield _cut_row(name, mask, cleaner)


def _cut_row(name, mask, cleaner):
    """Race the cleaning of one large mask in chunks against that of the whole."""
    X, side = mask[np.newaxis], len(mask)
    by_scipy = {
        HoleFiller: ndimage.binary_fill_holes,
        SmallRegionRemover: lambda mask: _labelled(mask, lambda sizes: sizes >= 30),
        LargestRegionKeeper: lambda mask: _labelled(mask, lambda sizes: sizes == sizes.max()),
    }[type(cleaner)]
    rivals = {
        f"chunks of {chunk}": lambda chunk=chunk: cleaner.transform(
            da.from_array(X, (1, chunk, chunk), name=False)
        ).compute()
        for chunk in (side // 8, side // 4)
    }
    rivals["SciPy"] = lambda: by_scipy(mask)[np.newaxis]
    for rival, call in rivals.items():
        if not np.array_equal(call(), cleaner.transform(X)):
            raise SystemExit(f"{cleaner} in {rival} differs from the whole")
    with tempfile.TemporaryDirectory() as folder:
        out = np.lib.format.open_memmap(Path(folder) / "out.npy", "w+", bool, X.shape)
        np.save(Path(folder) / "X.npy", X)
        read = np.load(Path(folder) / "X.npy", mmap_mode="r")
        peaks = {"whole": peak_bytes(lambda: cleaner.transform(X))}
        for chunk in (side // 8, side // 4):
            lazy = da.from_array(read, (1, chunk, chunk))
            cleaned = cleaner.transform(lazy)
            peaks[f"chunks of {chunk}"] = peak_bytes(lambda cleaned=cleaned: cleaned.store(out))
    figures = ", ".join(f"{who} {peak / mask.nbytes:.2f}" for who, peak in peaks.items())
    return race(
        f"{type(cleaner).__name__} {side}x{side} {name}",
        lambda: cleaner.transform(X),
        rivals,
        quick=True,  # three rounds: one takes seconds
        extra=f"peak of X: {figures}",
    )


def _large_masks(side):
    """Make blobs with a share of pixels flipped, and noise."""
    rng = np.random.default_rng(0)
    field = ndimage.gaussian_filter(rng.normal(size=(2048, 2048)), 6, mode="wrap") > 0
    yield "blobs", np.tile(field, (side // 2048,) * 2) ^ (rng.random((side, side)) < 0.01)
    yield "noise", rng.random((side, side)) < 0.5


def _labelled(mask, choose):
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return choose(sizes)[labels]


def _run(pipeline, X):
    return pipeline.fit(X).transform(X).compute()


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
