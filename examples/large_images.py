"""
Images that do not fit in memory
================================

A threshold learned on an archive that is read chunk by chunk, and masks written without being held.

The archive is a zarr array, made here so that the example runs anywhere. The same fitted Pipeline masks it in
three ways: as a lazy dask array, block by block with `transform_blocks`, and, since this archive does fit, in
memory. All give the same masks, bit for bit. Without ``--quick``, dask runs in two processes.
"""

import argparse
import contextlib
import tempfile
import time
from pathlib import Path

import dask.array as da
import matplotlib
import numpy as np
import zarr
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skmask import BinaryOpener, HistogramThresholdMasker, transform_blocks
from skmask.datasets import make_masked_images

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def make_archive(path, n_images, size):
    """Write images of bright objects, chunk by chunk: nothing here holds all of them either."""
    archive = zarr.create_array(
        path, shape=(n_images, size, size), dtype=np.uint8, chunks=(8, size // 2, size // 2)
    )
    for start in range(0, n_images, 8):
        images = make_masked_images(8, (size, size), noise=10.0, random_state=start).images
        archive[start : start + 8] = images
    return archive


def two_processes():
    """Start workers of dask.distributed; what runs on them is the same."""
    from dask.distributed import Client, LocalCluster

    stack = contextlib.ExitStack()
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    stack.enter_context(Client(stack.enter_context(cluster)))
    return stack


def draw(image, mask, path):
    figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    axes[0].imshow(image, cmap="gray")
    axes[0].set_title("an image of the archive")
    axes[1].imshow(mask, cmap="gray")
    axes[1].set_title("its mask, and the edges of the chunks")
    for line in (axes[1].axhline, axes[1].axvline):
        line(len(image) / 2, color="#e8436a", linewidth=0.8)
    for axis in axes:
        axis.set_axis_off()
    figure.savefig(path, dpi=110)


def main(output, *, quick):
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        if not quick:
            running.enter_context(two_processes())
        archive = make_archive(Path(folder) / "images.zarr", *((16, 128) if quick else (128, 512)))
        print(
            f"{archive.shape[0]} images, {archive.nbytes >> 10} KiB, in chunks of {archive.chunks}"
        )

        start = time.perf_counter()
        lazy = da.from_zarr(archive)
        pipeline = make_pipeline(HistogramThresholdMasker(), BinaryOpener("disk", radius=3)).fit(
            lazy
        )
        print(
            f"learned a threshold of {pipeline[0].threshold_} in {time.perf_counter() - start:.2f} s"
        )

        start = time.perf_counter()
        masks = pipeline.transform(lazy)
        masks.to_zarr(str(Path(folder) / "masks.zarr"))
        print(f"masked {masks.npartitions} chunks with dask in {time.perf_counter() - start:.2f} s")

        start = time.perf_counter()
        out = np.lib.format.open_memmap(Path(folder) / "masks.npy", "w+", bool, archive.shape)
        transform_blocks(pipeline, archive, out)
        print(f"masked block by block in {time.perf_counter() - start:.2f} s")

        in_memory = pipeline.transform(archive[:])
        written = zarr.open_array(Path(folder) / "masks.zarr", mode="r")
        same = np.array_equal(in_memory, out) and np.array_equal(in_memory, written[:])
        print(f"the masks of all three ways are the same: {same}")

        learner = HistogramThresholdMasker()
        for part in np.split(archive[:], 4):  # batches as they come, from a camera for example
            learner.partial_fit(part)
        same = learner.threshold_ == pipeline[0].threshold_
        print(f"batch by batch, partial_fit learns the same threshold: {same}")
        again = make_pipeline(FrozenEstimator(learner), BinaryOpener("disk", radius=3)).fit(
            archive[:1]
        )
        print(f"and masks alike: {np.array_equal(again.transform(archive[:1]), in_memory[:1])}")

        picture = output / "large_images.png"
        draw(archive[0], in_memory[0], picture)
    print(f"\nwrote {picture}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mask images that are read and written by chunks.")
    parser.add_argument("--output", type=Path, default=Path("examples/output"))
    parser.add_argument("--quick", action="store_true", help="a small archive, and no processes")
    arguments = parser.parse_args()
    main(arguments.output, quick=arguments.quick)
