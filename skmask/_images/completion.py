"""Marks on what results are written to: how many images are done, and whether all are.

A zarr array and an HDF5 dataset carry the mark as attributes, a memory map in a file beside its own. The mark
follows the results, so that what it says is done has been written, whenever the process is killed.
"""

import errno
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np

COMPLETE, DONE = "skmask_complete", "skmask_done"
ESTIMATOR, IMAGES = "skmask_estimator", "skmask_images"

# Seconds between two marks: to write one and the results before it costs milliseconds on a disk, and no more
# than this has to be done again.
INTERVAL = 1


class Completion:
    """The mark on one output.

    Parameters
    ----------
    out : array, memory map, zarr array or h5py dataset
        Where results are written.
    """

    def __init__(self, out: Any) -> None:
        self._out = out
        self._marked_at = 0.0
        self._mark: dict[str, Any] = {}
        kind = type(out).__module__.partition(".")[0]
        self._has_attributes = kind in ("zarr", "h5py")
        self._path: Path | None = None
        if getattr(out, "mode", None) in ("r+", "w+") and getattr(out, "filename", None):
            self._path = Path(f"{out.filename}.skmask.json")

    def start(self, estimator: object, ends: Callable[[], object], *, resume: bool) -> int:
        """Return the number of images that an earlier call has done, and mark that another goes on.

        Parameters
        ----------
        estimator : estimator
        ends : callable
            Returns what tells the images from others: their shape, and some of them.
        resume : bool
        """
        is_kept = self._has_attributes or self._path is not None
        if resume and not is_kept:
            msg = (
                "transform_blocks expects out to be a zarr array, h5py dataset or memory map of a file when "
                f"resume=True, got {type(self._out).__name__}, which says nothing of earlier calls. Leave "
                "resume out."
            )
            raise ValueError(msg)
        names = {}
        if is_kept:
            names = {ESTIMATOR: joblib.hash(estimator), IMAGES: joblib.hash(ends())}
        mark = self._read() if resume else None
        if mark is None:
            mark = {COMPLETE: False, DONE: 0, **names}
        elif mark[IMAGES] != names[IMAGES]:
            msg = (
                "transform_blocks expects to resume with the images that the results in out are of, got "
                "others, of another shape or dtype, or with another first or last image. Pass the same X, or "
                "use resume=False to write all results again."
            )
            raise ValueError(msg)
        elif mark[ESTIMATOR] != names[ESTIMATOR]:
            msg = (
                "transform_blocks expects to resume with the estimator that the results in out are of, got "
                "another one. Fit or load it as before, or use resume=False to write all results again."
            )
            raise ValueError(msg)
        self._mark = mark
        if not mark[COMPLETE]:
            self._write()
        return int(mark[DONE])

    def advance(self, done: int) -> None:
        """Mark the number of images done, if the last mark is some time ago."""
        self._mark[DONE] = done
        if time.monotonic() - self._marked_at >= INTERVAL:
            self._write()

    def finish(self, done: int) -> None:
        """Mark that all images are done."""
        self._mark |= {COMPLETE: True, DONE: done}
        self._write()

    def _read(self) -> dict[str, Any] | None:
        if self._has_attributes:
            attributes = self._out.attrs
            names = (COMPLETE, DONE, ESTIMATOR, IMAGES)
            is_marked = all(name in attributes for name in names)
            return {name: attributes[name] for name in names} if is_marked else None
        if self._path is None or not self._path.exists():
            return None
        return json.loads(self._path.read_text())

    def _write(self) -> None:
        """Write the results to the disk, and then the mark."""
        if self._has_attributes:
            file = getattr(self._out, "file", None)
            if file is not None:
                file.flush()
            self._out.attrs.update(self._mark)
            if file is not None:
                file.flush()
        elif self._path is not None:
            self._out.flush()
            unfinished = self._path.with_suffix(".tmp")
            unfinished.write_text(json.dumps(self._mark))
            unfinished.replace(self._path)
        self._marked_at = time.monotonic()


def check_writable(out: Any) -> None:
    """Refuse an output that was opened for reading."""
    file = getattr(out, "file", None)
    is_read_only = (
        (isinstance(out, np.ndarray) and not out.flags.writeable)
        or getattr(out, "read_only", False) is True
        or (file is not None and getattr(file, "mode", None) == "r")
    )
    if is_read_only:
        msg = (
            f"transform_blocks expects out to be an array to write to, got {type(out).__name__} that is "
            "read-only. Open it with mode 'r+'."
        )
        raise ValueError(msg)


def reserve(out: Any) -> None:
    """Reserve the disk space of a memory map, whose file takes none before it is written to.

    Where the disk is full, the process would be killed by a signal (SIGBUS) in the midst of writing.
    """
    if getattr(out, "mode", None) not in ("r+", "w+") or not getattr(out, "filename", None):
        return
    size = os.path.getsize(out.filename)
    try:
        has_room = _allocate(out.filename, size)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        has_room = False
    if not has_room:
        msg = (
            f"transform_blocks expects room for the {size} bytes of out on the disk of {out.filename}, got "
            "less. Free some, or write to another disk."
        )
        raise OSError(errno.ENOSPC, msg)


def _allocate(path: str, size: int) -> bool:
    """Allocate all of a file; where the system cannot, tell whether there is room for what is not."""
    if hasattr(os, "posix_fallocate"):
        with open(path, "r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        return True
    taken = getattr(os.stat(path), "st_blocks", 0) * 512
    return size - taken <= shutil.disk_usage(Path(path).parent).free
