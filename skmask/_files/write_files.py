"""Masks and images written to files that are named after their sources."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import Bunch

from skmask._files.encode import ENCODED_SUFFIXES, remove_parts, write_image
from skmask._files.image_files import ImageFiles, MaskFiles
from skmask._images.masks import to_mask
from skmask._warn import warn

_MOST_SHOWN = 5


class Failure(NamedTuple):
    """A file that could not be read, transformed or written, and why."""

    path: Path
    reason: str


def write_masks(masks, files, folder, *, suffix=None, resume=False, on_error="raise"):
    """Write masks to a folder, one file for each source.

    Parameters
    ----------
    masks : sequence of array-like of bool
        Masks, booleans or numbers of two values: a list, a stack, or a `MaskFiles`, which converts label
        files.
    files : ImageFiles, MaskFiles, path-like, str or sequence of path-like
        The sources of the masks, in the same order. Masks get their names and, as NIfTI, their affine.
    folder : path-like
        Where to write; it is made if it does not exist. Subfolders follow those of the sources.
    suffix : {".png", ".tif", ".tiff", ".nii", ".nii.gz", ".npy"}, default=None
        Format of the files: 0 and 255 in PNG and TIFF, 0 and 1 in NIfTI, booleans in npy. None is ".nii.gz"
        for sources that are NIfTI files or folders of DICOM slices, ".tif" for other files read with
        ``page="all"``, and ".png" otherwise.
    resume : bool, default=False
        Whether files that are there stay as they are, by their names alone. Use False, or another folder,
        after a change of the masks.
    on_error : {"raise", "skip"}, default="raise"
        Whether the first mask that cannot be read or written raises its error, or is left out and reported at
        the end.

    Returns
    -------
    report : Bunch
        `written` and `skipped`, lists of paths in `folder`, and `failed`, a list of named tuples of a
        `path` (of the source) and a `reason`.

    See Also
    --------
    transform_files : Makes masks of files and writes them, in bounded memory.

    Notes
    -----
    A file is written under a temporary name and then renamed. A run that is killed leaves whole files, and
    ``resume=True`` goes on behind them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skmask.io import ImageFiles, write_masks
    >>> folder = Path(tempfile.mkdtemp())
    >>> np.save(folder / "scan.npy", np.array([[1, 9], [8, 2]]))
    >>> files = ImageFiles(folder)
    >>> report = write_masks([image > 5 for image in files], files, folder / "masks", suffix=".npy")
    >>> [path.name for path in report.written]
    ['scan.npy']
    """
    caller = "write_masks"
    files = _as_files(files)
    if hasattr(masks, "iloc"):  # a Series is indexed by its labels
        masks = np.asarray(masks)
    if len(masks) != len(files):
        msg = f"{caller} expects a mask for each of {len(files)} files, got {len(masks)} masks."
        raise ValueError(msg)
    targets = _targets(files, folder, suffix, caller)
    _check_on_error(on_error, caller)

    def write(i):
        mask = to_mask(np.asarray(masks[i]), caller=caller, name="masks")
        _write(mask, files, i, targets[i], caller)

    return _run(write, files, targets, resume=resume, on_error=on_error, caller=caller)


def transform_files(
    estimator,
    files,
    folder,
    *,
    suffix=None,
    resume=False,
    on_error="raise",
    n_jobs=None,
    progress=None,
):
    """Transform image files and write the results to a folder, in bounded memory.

    Each file is read, transformed and written before the next one, or the next `n_jobs`, so that memory
    holds a few images however many files there are.

    Parameters
    ----------
    estimator : estimator
        Fitted: an estimator of skmask or a Pipeline. Masks, and images, that it makes are written.
    files : ImageFiles, path-like, str or sequence of path-like
        The images, or where they are; see `ImageFiles` for colors, pages and so on.
    folder : path-like
        Where to write; it is made if it does not exist. Files have the names of their sources, and subfolders
        follow those of the sources.
    suffix : {".png", ".tif", ".tiff", ".nii", ".nii.gz", ".npy"}, default=None
        Format of the files: masks are 0 and 255 in PNG and TIFF, 0 and 1 in NIfTI (with the affine of the
        source), booleans in npy. None is ".nii.gz" for sources that are NIfTI files or folders of DICOM
        slices, ".tif" for other files read with ``page="all"``, and ".png" otherwise.
    resume : bool, default=False
        Whether files that are there stay as they are, by their names alone. Use False, or another folder,
        after a change of the estimator or of the images.
    on_error : {"raise", "skip"}, default="raise"
        Whether the first file that fails raises its error, or files that fail are left out and reported
        at the end.
    n_jobs : int, default=None
        Number of threads, 1 for None, -1 for all processors. Threads pay from about 512 x 512 pixels an
        image; for smaller images one thread is faster.
    progress : callable, default=None
        Wraps the sequence of finished files and yields them, such as ``tqdm.tqdm``. It is called with their
        number as ``total``.

    Returns
    -------
    report : Bunch
        `written` and `skipped`, lists of paths in `folder`, and `failed`, a list of named tuples of a
        `path` (of the source) and a `reason`.

    See Also
    --------
    write_masks : Writes masks that are there.
    skmask.transform_blocks : The same for a stack in one file.

    Notes
    -----
    A file is written under a temporary name and then renamed. A run that is killed leaves whole files, and
    ``resume=True`` goes on behind them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skmask import ThresholdMasker
    >>> from skmask.io import MaskFiles, transform_files
    >>> folder = Path(tempfile.mkdtemp())
    >>> for i in range(3):
    ...     np.save(folder / f"scan{i}.npy", np.array([[1, 9], [8, i]]))
    >>> report = transform_files(ThresholdMasker(5), folder, folder / "masks", suffix=".npy")
    >>> [path.name for path in report.written], report.failed
    (['scan0.npy', 'scan1.npy', 'scan2.npy'], [])
    >>> MaskFiles(folder / "masks")[0].astype(int)
    array([[0, 1],
           [1, 0]])
    """
    caller = "transform_files"
    files = _as_files(files)
    targets = _targets(files, folder, suffix, caller)
    _check_on_error(on_error, caller)
    if not (progress is None or callable(progress)):
        msg = f"{caller} expects progress to be a function such as tqdm.tqdm, got {progress!r}."
        raise TypeError(msg)

    def write(i):
        try:
            (result,) = estimator.transform([files[i]])
        except Exception as error:
            if str(files.paths[i]) not in str(error):
                error.add_note(f"This was in the file {files.paths[i]}.")
            raise
        _write(result, files, i, targets[i], caller)

    return _run(
        write,
        files,
        targets,
        resume=resume,
        on_error=on_error,
        caller=caller,
        n_jobs=n_jobs,
        progress=progress,
    )


def _run(write, files, targets, *, resume, on_error, caller, n_jobs=None, progress=None):
    """Write all targets, in threads, and report what became of them."""
    for parent in {target.parent for target in targets}:
        parent.mkdir(parents=True, exist_ok=True)
    remove_parts(targets)
    skipped = [i for i, target in enumerate(targets) if resume and target.exists()]
    left_out = set(skipped)

    def attempt(i):
        try:
            write(i)
        except (ImportError, MemoryError):
            raise
        except Exception as error:
            if on_error == "raise":
                raise
            return i, " ".join(
                [str(error) or type(error).__name__, *getattr(error, "__notes__", [])]
            )
        return i, None

    todo = [i for i in range(len(targets)) if i not in left_out]
    # The results of threads come one by one, so that nothing waits and no image is held.
    outcomes = Parallel(n_jobs, prefer="threads", return_as="generator_unordered")(
        delayed(attempt)(i) for i in todo
    )
    if progress is not None:
        outcomes = progress(outcomes, total=len(todo))
    reasons = dict(outcomes)
    failed = [Failure(files.paths[i], reasons[i]) for i in todo if reasons[i] is not None]
    if failed:
        shown = [f"{failure.path}: {failure.reason}" for failure in failed[:_MOST_SHOWN]]
        more = len(failed) - len(shown)
        warn(
            f"{caller} left out {len(failed)} of {len(targets)} files that failed; failed of the report "
            "has all. " + " ".join(shown) + f" ... and {more} more." * bool(more),
        )
    return Bunch(
        written=[targets[i] for i in todo if reasons[i] is None],
        skipped=[targets[i] for i in skipped],
        failed=failed,
    )


def _as_files(files):
    return files if isinstance(files, ImageFiles | MaskFiles) else ImageFiles(files)


def _write(image, files, i, target, caller):
    suffix = next(one for one in reversed(ENCODED_SUFFIXES) if target.name.endswith(one))
    affine = files.info(i).affine if suffix.startswith(".nii") else None
    write_image(image, target, suffix, affine=affine, caller=caller)


def _suffix_like(path, files):
    """Return the format that holds results of a source: volumes do not fit into PNG files."""
    if path.name.lower().endswith((".nii", ".nii.gz")) or path.is_dir():
        return ".nii.gz"
    return ".tif" if files.page == "all" else ".png"


def _targets(files, folder, suffix, caller):
    """Return the path of each result, and refuse to write over sources or one result over another."""
    if not (suffix is None or suffix in ENCODED_SUFFIXES):
        msg = f"{caller} expects suffix to be one of {ENCODED_SUFFIXES}, got {suffix!r}."
        raise ValueError(msg)
    folder = Path(folder).absolute()
    sources, names = {}, files.names
    for path, name in zip(files.paths, names, strict=True):
        sources.setdefault(name, []).append(str(path))
    double = [paths for paths in sources.values() if len(paths) > 1]
    if double:
        shown = "; ".join(" and ".join(paths) for paths in double[:_MOST_SHOWN])
        msg = (
            f"{caller} expects files with names of their own, got {len(double)} names twice: {shown}. "
            "Transform them in separate calls, to separate folders."
        )
        raise ValueError(msg)
    targets = [
        folder / f"{name}{suffix or _suffix_like(path, files)}"
        for path, name in zip(files.paths, names, strict=True)
    ]
    over = sorted(set(targets) & set(files.paths))
    if over:
        msg = f"{caller} expects a folder where no source is overwritten, got {over[0]}. Use another folder."
        raise ValueError(msg)
    return targets


def _check_on_error(on_error, caller):
    if on_error not in ("raise", "skip"):
        msg = f"{caller} expects on_error to be 'raise' or 'skip', got {on_error!r}."
        raise ValueError(msg)
