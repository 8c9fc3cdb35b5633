"""
Large data: learn and mask chunk by chunk with zarr and dask
============================================================

A threshold is learned on an archive that is read in chunks, and the masks are written in chunks.
The masks are those of the images in memory, bit for bit.
"""

# %%
# An archive on disk
# ------------------
# 32 images in a zarr array, written in chunks, so that they are never in memory together.

import tempfile
from pathlib import Path

import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
import zarr
from sklearn.pipeline import make_pipeline

from skmask import BinaryOpener, HistogramThresholdMasker, transform_blocks
from skmask.datasets import make_masked_images

temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)
archive = zarr.create_array(
    folder / "images.zarr", shape=(32, 256, 256), dtype=np.uint8, chunks=(8, 128, 128)
)
for start in range(0, 32, 8):
    archive[start : start + 8] = make_masked_images(8, (256, 256), random_state=start).images

# %%
# With dask
# ---------
# ``fit`` counts chunks in parallel, ``transform`` is lazy, ``to_zarr`` computes and writes.

lazy = da.from_zarr(archive)
pipeline = make_pipeline(HistogramThresholdMasker(), BinaryOpener("disk", radius=3)).fit(lazy)
masks = pipeline.transform(lazy)
masks.to_zarr(str(folder / "masks.zarr"))
print(f"threshold {pipeline[0].threshold_}, {masks.npartitions} chunks written")

# %%
# Block by block, without dask
# ----------------------------

out = np.lib.format.open_memmap(folder / "masks.npy", "w+", bool, archive.shape)
transform_blocks(pipeline, archive, out)

# %%
# All ways give the same masks
# ----------------------------

in_memory = pipeline.transform(archive[:])
written = zarr.open_array(folder / "masks.zarr", mode="r")[:]
print("dask:", np.array_equal(written, in_memory), " blocks:", np.array_equal(out, in_memory))

# %%
# Batches as they come
# --------------------
# ``partial_fit`` learns from one batch after the other, from a camera for example. It learns the
# same threshold.

learner = HistogramThresholdMasker()
for start in range(0, 32, 8):
    learner.partial_fit(archive[start : start + 8])
print("same threshold:", learner.threshold_ == pipeline[0].threshold_)

figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
axes[0].imshow(archive[0], cmap="gray")
axes[0].set_title("an image of the archive")
axes[1].imshow(in_memory[0], cmap="gray")
axes[1].set_title("its mask, and the borders of the chunks")
for line in (axes[1].axhline, axes[1].axvline):
    line(127.5, color="#E69F00")
for ax in axes:
    ax.set_axis_off()
plt.show()
temporary.cleanup()
