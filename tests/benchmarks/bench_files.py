"""Folders of files against a plain loop of imageio and scikit-image, and peak memory.

Every contender reads the files, masks them by the same threshold, removes small regions, and writes PNG
masks to a new folder; a fit learns Otsu's threshold from all files, whose pixels the plain loop holds. The
masks of the first file must be equal, or the benchmark stops. Memory is the peak of a process of its own,
above what it holds when all is imported, for 1 GiB of 16-bit TIFF files.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import tifffile
from skimage.filters import threshold_otsu
from skimage.morphology import remove_small_objects
from sklearn.pipeline import make_pipeline
from timing import Row, print_table, race

from skmask import HistogramThresholdMasker, SmallRegionRemover, ThresholdMasker
from skmask.datasets import make_masked_images
from skmask.io import ImageFiles, transform_files

THRESHOLD, MIN_SIZE = 112, 20


def rows(quick):
    n_files = 24 if quick else 48
    with tempfile.TemporaryDirectory() as name:
        for size in (128, 512, 1024):
            for suffix in (".png", ".tif", ".npy"):
                folder = Path(name) / f"{size}{suffix[1:]}"
                _write_images(folder, n_files, size, suffix)
                yield _race_apply(folder, quick)
                yield _race_fit(folder, quick)
    yield from _memory(quick)


def _write_images(folder, n_files, size, suffix):
    folder.mkdir()
    images = make_masked_images(4, (size, size), noise=20.0, random_state=0).images
    for i in range(n_files):
        image, path = images[i % 4], folder / f"{i:04}{suffix}"
        if suffix == ".npy":
            np.save(path, image)
        else:
            imageio.imwrite(path, image)


def _race_apply(folder, quick):
    estimator = make_pipeline(ThresholdMasker(THRESHOLD), SmallRegionRemover(MIN_SIZE))
    files = ImageFiles(folder)
    folders = {"ours": [], "loop": []}

    def new_folder(who):
        # Writing over files costs a flush of the file system for each of them.
        folders[who].append(Path(tempfile.mkdtemp(dir=folder)))
        return folders[who][-1]

    def masks_by(n_jobs):
        transform_files(estimator, files, new_folder("ours"), n_jobs=n_jobs)

    def plain_loop():
        target = new_folder("loop")
        for path in files.paths:
            mask = remove_small_objects(_read(path) > THRESHOLD, max_size=MIN_SIZE - 1)
            imageio.imwrite(target / f"{path.stem}.png", mask.astype(np.uint8) * 255)

    row = race(
        f"mask {len(files)} files {folder.name}",
        lambda: masks_by(n_jobs=1),
        {"imageio, scikit-image": plain_loop, "two threads": lambda: masks_by(n_jobs=2)},
        quick=quick,
    )
    masks = [imageio.imread(made[-1] / f"{files.names[0]}.png") for made in folders.values()]
    assert (masks[0] == masks[1]).all()
    rates = [row.seconds, *row.rivals.values()]
    return row._replace(extra="files/s: " + ", ".join(f"{len(files) / t:.0f}" for t in rates))


def _race_fit(folder, quick):
    files = ImageFiles(folder)
    return race(
        f"fit on {len(files)} files {folder.name}",
        lambda: HistogramThresholdMasker().fit(files),
        {"imageio, scikit-image": lambda: threshold_otsu(np.stack(list(map(_read, files.paths))))},
        quick=quick,
    )


def _read(path):
    return np.load(path) if path.suffix == ".npy" else imageio.imread(path)


def _memory(quick):
    n_files = 16 if quick else 128
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(0)
        image = rng.integers(0, 4000, (2048, 2048)).astype(np.uint16)
        tifffile.imwrite(folder / "0000.tif", image)
        for i in range(1, n_files):
            os.link(folder / "0000.tif", folder / f"{i:04}.tif")
        for task in ("fit", "fit with masks", "apply", "apply by two threads"):
            command = [sys.executable, __file__, "--in", name, task]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, mebibytes = json.loads(output)
            extra = f"{8 * n_files} MiB of files, peak {mebibytes:.0f} MiB above import"
            yield Row(task, seconds, {}, extra)


def _measure(name, task):
    """Do one task and print its seconds and the MiB that it held beyond what imports hold."""
    warnings.simplefilter("ignore")
    tiny = Path(name) / f"tiny {task}"
    _write_images(tiny, 4, 64, ".tif")
    _do(task, ImageFiles(tiny))  # imports, and compiles where numba is installed
    files = ImageFiles(name)
    before, start = _peak(), time.perf_counter()
    _do(task, files)
    print(json.dumps([time.perf_counter() - start, _peak() - before]))


def _do(task, files):
    if task == "fit":
        HistogramThresholdMasker().fit(files)
    elif task == "fit with masks":
        HistogramThresholdMasker("dice").fit(files, _Above(files))
    else:
        pipeline = make_pipeline(ThresholdMasker(3900), SmallRegionRemover(3))
        folder, n_jobs = tempfile.mkdtemp(dir=files.paths[0].parent), 1 + ("two" in task)
        transform_files(pipeline, files, folder, n_jobs=n_jobs, suffix=".tif")


class _Above:
    """Masks of files, made when they are asked for."""

    def __init__(self, files):
        self._files = files

    def __len__(self):
        return len(self._files)

    def __getitem__(self, i):
        return self._files[i] > 2000


def _peak():
    """Return the peak of this process in MiB. That of getrusage counts the process that started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if "--in" in sys.argv:
        _measure(*sys.argv[2:])
    else:
        print_table("files", rows("--quick" in sys.argv))
