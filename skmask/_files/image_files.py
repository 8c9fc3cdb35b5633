"""Lazy sequences of images and of masks in files."""

import glob
import os
import re
from pathlib import Path

import numpy as np

from skmask._files.headers import Choices, info_of, shape_of
from skmask._files.open_file import (
    is_image_file,
    read_header,
    read_image,
    stem_of,
    suffix_of,
)


class _FileSequence:
    """Base of sequences of images and masks: files, their names, and parts of the same kind."""

    def __init__(self, paths, choices):
        self._caller = type(self).__name__
        self._choices = choices
        choices.check(self._caller)
        self.paths, self._root = _find(paths, self._caller)

    def __len__(self):
        return len(self.paths)

    @property
    def shape(self):
        """Number of files, as a tuple of one: scikit-learn takes parts of what has a shape by their index."""
        return (len(self),)

    @property
    def page(self):
        """The page of each file that is read, as it was chosen."""
        return self._choices.page

    @property
    def names(self):
        """Names of the files without their suffixes, relative to the folder of all of them, as a list."""
        return [
            (path.parent.relative_to(self._root) / stem_of(path)).as_posix() for path in self.paths
        ]

    def __getitem__(self, key):
        if isinstance(key, tuple) and len(key) == 2 and key[1] is Ellipsis:
            key = key[0]  # the way in which scikit-learn indexes arrays
        positions = np.arange(len(self))[key]
        if positions.ndim == 0:
            return self._read(self.paths[positions])
        part = object.__new__(type(self))
        vars(part).update(vars(self))
        part.paths = [self.paths[i] for i in positions]
        return part

    def info(self, i):
        """Return what the header of a file says, without reading its pixels.

        Parameters
        ----------
        i : int
            Index of the file.

        Returns
        -------
        info : ImageInfo
            A named tuple of `shape` and `dtype` of the image in the file, `spacing` and `affine`. The
            spacing is the distance of pixels along each axis, in the unit of the file, most often mm
            (DICOM and NIfTI). The affine takes indices to positions (NIfTI, series of DICOM). Unknown
            values are None.
        """
        return info_of(self._header(i), self._choices)

    def mask_shape(self, i):
        """Return the shape of a mask of the image, which is its shape without channels.

        Parameters
        ----------
        i : int
            Index of the file.

        Returns
        -------
        shape : tuple of int
        """
        return shape_of(self._header(i), self._choices)

    def _header(self, i):
        return read_header(self.paths[i], self._choices, caller=self._caller)

    def __repr__(self):
        return f"{self._caller}({len(self)} files in {self._root})"


class ImageFiles(_FileSequence):
    """A sequence of images in files, each read when it is asked for.

    Pass it wherever a list of images is expected: to `fit`, `partial_fit` and `transform`, to scores,
    displays and searches. An integer index reads an image and closes its file; slices, index arrays and
    boolean arrays give a part, of the same class, without reading. Ambiguous files, such as colors or several
    pages, are refused until the parameters say how to read them.

    Parameters
    ----------
    paths : path-like, str or sequence of path-like
        A folder, whose image files are taken in the order of their names; a pattern, such as
        ``"scans/**/*.png"``; or a list of files. A folder in a list, or matched by a pattern, is one volume
        made of the slices of one DICOM series.
    as_gray : bool, default=False
        Whether colors become gray values, by the weights of Rec. 601 and in the dtype of the file.
    channel : int, "all" or "index", default=None
        Channel of color files to read, counted from 0 (alpha is the last); ``"all"`` keeps all as the last
        axis; ``"index"`` reads the numbers of palette colors. Gray files are read as they are.
    page : int or "all", default=None
        Page of TIFF files, frame of DICOM files or volume of NIfTI files to read, counted from 0; ``"all"``
        makes a volume of all of them.
    orientation : {"apply", "ignore"}, default=None
        Whether images that a camera stored sideways are turned upright, as EXIF says, or kept as stored.
    alpha : {"ignore"}, default=None
        ``"ignore"`` drops an alpha channel; None does so where all pixels are opaque.
    white_is_zero : {"keep", "invert"}, default=None
        Whether TIFF and DICOM files in which 0 is white are kept as stored, or inverted.

    Attributes
    ----------
    paths : list of pathlib.Path
        The files.
    names : list of str
        Their names without suffixes, relative to the folder of all files.

    See Also
    --------
    MaskFiles : The same for masks.
    pair_files : Images and their masks.
    transform_files : Transforms files to files.

    Notes
    -----
    PNG, JPEG and BMP are read by Pillow, TIFF by tifffile, and npy files by NumPy. DICOM is read by
    pydicom (values are stored values times the slope, plus the intercept), NIfTI by nibabel (in the order
    of its axes, x first). They need ``pip install "skmask[files]"``. The dtype is that of the file: 1-bit
    files give booleans and 16-bit PNG files of colors give 16 bits, of which most readers keep 8. Gray
    PNG files of 2 or 4 bits are scaled to 8.

    In a folder, files of other formats, hidden files and folders are left out. In a list, and in what a
    pattern matches, they raise an error when they are read.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skmask.io import ImageFiles
    >>> folder = tempfile.TemporaryDirectory()
    >>> for i in range(3):
    ...     np.save(f"{folder.name}/scan{i}.npy", np.full((2, 2 + i), 50 * i))
    >>> files = ImageFiles(folder.name)
    >>> len(files), files.names
    (3, ['scan0', 'scan1', 'scan2'])
    >>> files[1]
    array([[50, 50, 50],
           [50, 50, 50]])
    >>> [image.shape for image in files[1:]]
    [(2, 3), (2, 4)]
    >>> folder.cleanup()
    """

    def __init__(
        self,
        paths,
        *,
        as_gray=False,
        channel=None,
        page=None,
        orientation=None,
        alpha=None,
        white_is_zero=None,
    ):
        super().__init__(paths, Choices(as_gray, channel, page, orientation, alpha, white_is_zero))

    def _read(self, path):
        return read_image(path, self._choices, caller=self._caller)[0]


class MaskFiles(_FileSequence):
    """A sequence of masks in files, each read and made boolean when it is asked for.

    Parameters
    ----------
    paths : path-like, str or sequence of path-like
        A folder, a pattern or a list of files, as in `ImageFiles`.
    foreground : int, list of int, "nonzero" or str, default=None
        Pixels that are foreground: a label, several labels, ``"nonzero"`` for all labels but 0, or a color
        such as ``"#ff0000"``. None takes files of two values, 0 and 1 or 0 and 255, and refuses all others.
        The labels of palette files are the numbers of their colors.
    void : int, list of int or str, default=None
        Label, labels or color of pixels that nobody labeled, such as 255. They are never foreground, and
        `roi` leaves them out.
    channel : int, default=None
        Channel of color files that holds the mask.
    page : int or "all", default=None
        Page to read, or all, as in `ImageFiles`.
    orientation : {"apply", "ignore"}, default=None
        Reading of masks that are stored sideways, as in `ImageFiles`.
    white_is_zero : {"keep", "invert"}, default=None
        Reading of files in which 0 is white, as in `ImageFiles`.

    Attributes
    ----------
    paths : list of pathlib.Path
        The files.
    names : list of str
        Their names without suffixes, relative to the folder of all files.

    See Also
    --------
    ImageFiles : The same for images.
    pair_files : Images and their masks.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skmask.io import MaskFiles
    >>> folder = tempfile.TemporaryDirectory()
    >>> np.save(f"{folder.name}/labels.npy", np.array([[0, 1, 2], [2, 255, 0]]))
    >>> masks = MaskFiles(folder.name, foreground=2, void=255)
    >>> masks[0].astype(int)
    array([[0, 0, 1],
           [1, 0, 0]])
    >>> masks.roi[0].astype(int)
    array([[1, 1, 1],
           [1, 0, 1]])
    >>> folder.cleanup()
    """

    def __init__(
        self,
        paths,
        *,
        foreground=None,
        void=None,
        channel=None,
        page=None,
        orientation=None,
        white_is_zero=None,
    ):
        self._has_color = any(isinstance(one, str) and "#" in one for one in (foreground, void))
        if channel is None:
            channel = "all" if self._has_color else "index"
        super().__init__(
            paths,
            Choices(
                channel=channel,
                page=page,
                orientation=orientation,
                alpha="ignore",
                white_is_zero=white_is_zero,
            ),
        )
        self.foreground = foreground
        self.void = void
        self._is_roi = False
        _check_labels(foreground, "foreground", self._caller, words=("nonzero",))
        _check_labels(void, "void", self._caller)

    @property
    def roi(self):
        """Sequence of the pixels that are labeled; None without `void`."""
        if self.void is None:
            return None
        part = self[:]
        part._is_roi = True
        return part

    def _read(self, path):
        labels, header = read_image(path, self._choices, caller=self._caller)
        if suffix_of(path) in (".jpg", ".jpeg"):
            _check_lossless(labels, self._caller, path)
        if self._has_color and header.color in ("gray", "la"):
            msg = f"{self._caller} expects colors, got gray values in {path}. Pass labels as integers."
            raise ValueError(msg)
        void = np.zeros(labels.shape[: labels.ndim - self._has_color], bool)
        if self.void is not None:
            void = _among(labels, self.void)
        if self._is_roi:
            return ~void
        if self.foreground is None:
            _check_two_values(labels[~void], self._caller, path)
            return (labels != 0) & ~void
        return _among(labels, self.foreground) & ~void


def _among(labels, chosen):
    """Tell which pixels have one of the labels, or the color."""
    if isinstance(chosen, str) and chosen == "nonzero":
        return labels != 0
    if isinstance(chosen, str):
        color = np.frombuffer(bytes.fromhex(chosen[1:]), np.uint8)
        return (labels[..., :3] == color).all(axis=-1)
    return np.isin(labels, chosen)


def _check_lossless(labels, caller, path):
    """Refuse JPEG files whose labels compression has changed, as it does but for few masks."""
    if not np.isin(labels, (0, 255)).all():
        msg = (
            f"{caller} expects label files of a format that keeps values, got JPEG, which changes them, in "
            f"{path}. Save masks as PNG, such as image > 127 of the images that ImageFiles reads."
        )
        raise ValueError(msg)


def _check_two_values(values, caller, path):
    found = np.unique(values)
    is_mask = values.dtype == bool or len(found) < 2 or (found[0] == 0 and found[1] in (1, 255))
    if len(found) > 2 or not is_mask:
        shown = ", ".join(map(str, found[:6].tolist())) + (", ..." if len(found) > 6 else "")
        msg = (
            f"{caller} expects masks of two values, 0 and 1 or 0 and 255, got {shown} in {path}. Use "
            "foreground='nonzero', or foreground=1 for one label; name labels of no meaning by void."
        )
        raise ValueError(msg)


def _check_labels(labels, name, caller, words=()):
    if labels is None or (isinstance(labels, str) and labels in words):
        return
    if isinstance(labels, str):
        is_good = re.fullmatch("#[0-9a-fA-F]{6}", labels)
    else:
        is_good = np.ndim(labels) <= 1 and np.size(labels) and np.asarray(labels).dtype.kind in "iu"
    if not is_good:
        also = "".join(f", {word!r}" for word in words)
        msg = (
            f"{caller} expects {name} to be a label, a list of labels{also} or a color such as '#ff0000', "
            f"got {labels!r}."
        )
        raise ValueError(msg)


def _find(paths, caller):
    """Return the files that are meant, and the folder to which their names are relative."""
    if isinstance(paths, _FileSequence):
        return list(paths.paths), paths._root
    if isinstance(paths, str | os.PathLike):
        found, root = _find_one(os.fspath(paths), caller)
    else:
        found = [Path(path) for path in _checked(paths, caller)]
        parents = {os.path.abspath(path.parent) for path in found}
        root = Path(os.path.commonpath(parents)) if parents else Path()
        missing = [str(path) for path in found if not path.exists()]
        if missing:
            shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            msg = f"{caller} expects files that exist, got {len(missing)} that do not: {shown}."
            raise FileNotFoundError(msg)
    if not found:
        remedy = "Pass a folder, a pattern such as 'folder/*.png', or a list of files."
        if isinstance(paths, str | os.PathLike) and os.path.isdir(paths):
            entries = os.path.join(paths, "*")
            if any(map(os.path.isdir, glob.glob(entries))):
                remedy = (
                    f"It has subfolders: use '{entries}/*' for the files in them, or '{entries}' if each "
                    "holds the slices of a DICOM series."
                )
        msg = f"{caller} expects at least one image file, got none in {paths!r}. {remedy}"
        raise ValueError(msg)
    # Without "..", which would lead out of the folder that results are written to.
    return [Path(os.path.abspath(path)) for path in found], Path(os.path.abspath(root))


def _find_one(paths, caller):
    path = Path(paths)
    if path.is_dir():
        return [one for one in sorted(path.iterdir()) if is_image_file(one)], path
    if path.exists():
        return [path], path.parent
    if not glob.has_magic(paths):
        msg = (
            f"{caller} expects a folder, a file or a pattern, got {paths!r}, which does not exist."
        )
        raise FileNotFoundError(msg)
    fixed = []
    for part in path.parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return sorted(map(Path, glob.glob(paths, recursive=True))), Path(*fixed)


def _checked(paths, caller):
    paths = list(paths)
    for path in paths:
        if not isinstance(path, str | os.PathLike):
            msg = (
                f"{caller} expects paths of files, got {type(path).__name__}. Images that are in memory need "
                "no files: use the list of them."
            )
            raise TypeError(msg)
    return paths
