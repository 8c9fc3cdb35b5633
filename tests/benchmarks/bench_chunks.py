"""Cleaning of one large mask in dask's chunks, whose regions are merged, against that of the whole."""

import sys
import tempfile
from pathlib import Path

import dask
import dask.array as da
import numpy as np
from scipy import ndimage
from timing import peak_bytes, print_table, race

from skmask import HoleFiller, LargestRegionKeeper, RegionFilter, SmallRegionRemover

CLEANERS = [
    HoleFiller(connectivity=2),
    SmallRegionRemover(30),
    LargestRegionKeeper(),
    RegionFilter("eccentricity", low=0.8),
]


def rows(quick):
    with dask.config.set(scheduler="threads"):
        for name, mask in _large_masks(2048 if quick else 8192):
            for cleaner in CLEANERS:
                yield _cut_row(name, mask, cleaner)


def _cut_row(name, mask, cleaner):
    """Race the cleaning of one large mask in chunks against that of the whole."""
    X, side = mask[np.newaxis], len(mask)
    by_scipy = {
        HoleFiller: ndimage.binary_fill_holes,
        SmallRegionRemover: lambda mask: _labeled(mask, lambda sizes: sizes >= 30),
        LargestRegionKeeper: lambda mask: _labeled(mask, lambda sizes: sizes == sizes.max()),
    }.get(type(cleaner))
    rivals = {
        f"chunks of {chunk}": lambda chunk=chunk: cleaner.transform(
            da.from_array(X, (1, chunk, chunk), name=False)
        ).compute()
        for chunk in (side // 8, side // 4)
    }
    if by_scipy is not None:
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


def _labeled(mask, choose):
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return choose(sizes)[labels]


if __name__ == "__main__":
    print_table("chunks", rows("--quick" in sys.argv))
