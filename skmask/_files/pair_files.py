"""Images in files with their masks, matched by name."""

import re

from sklearn.utils import Bunch

from skmask._files.image_files import ImageFiles, MaskFiles

_MOST_SHOWN = 10


def pair_files(images, masks, *, key=None, foreground=None, void=None):
    r"""Match image files with the files of their masks.

    Every image must have one mask of its size, and every mask an image. All that is missing, double or
    of another size is listed in one error. Only headers are read.

    Parameters
    ----------
    images : ImageFiles, MaskFiles, path-like, str or sequence of path-like
        The images, or where they are; see `ImageFiles` for colors, pages and so on.
    masks : MaskFiles, path-like, str or sequence of path-like
        Their masks, or where they are.
    key : str or callable, default=None
        Common part of the names of an image and its mask. None is the name without its suffix, ``scan1``
        for ``scan1.tif`` and ``scan1.png``. A string is a regular expression that is searched for in the
        names of files: with ``key=r"scan(\d+)"``, ``scan1_mask.png`` belongs to ``scan1.tif``. A function
        takes a `pathlib.Path` and returns a string.
    foreground : int, list of int, "nonzero" or str, default=None
        Pixels of mask files that are foreground, as in `MaskFiles`.
    void : int, list of int or str, default=None
        Pixels of mask files that nobody labeled, as in `MaskFiles`.

    Returns
    -------
    pairs : Bunch
        `images`, an `ImageFiles`, or a `MaskFiles` if that was given; `masks`, a `MaskFiles` in the same
        order; and `roi`, the pixels that are labeled, or None without `void`.

    See Also
    --------
    ImageFiles : The images.
    MaskFiles : The masks.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.io import pair_files
    >>> folder = Path(tempfile.mkdtemp())
    >>> for i in range(3):
    ...     image = np.arange(12).reshape(3, 4) + i
    ...     np.save(folder / f"scan{i}.npy", image)
    ...     np.save(folder / f"scan{i}_mask.npy", image > 7)
    >>> pairs = pair_files(f"{folder}/scan?.npy", f"{folder}/*_mask.npy", key=r"scan\d")
    >>> HistogramThresholdMasker("dice").fit(pairs.images, pairs.masks).threshold_
    7
    """
    images = images if isinstance(images, ImageFiles | MaskFiles) else ImageFiles(images)
    if not isinstance(masks, MaskFiles):
        masks = MaskFiles(masks, foreground=foreground, void=void)
    elif not (foreground is None and void is None):
        msg = (
            "pair_files expects foreground and void as parameters of MaskFiles where masks are a "
            f"MaskFiles, got foreground={foreground!r} and void={void!r}. Leave them out here."
        )
        raise ValueError(msg)
    problems = []
    image_of = _by_key(images, key, "images", problems)
    mask_of = _by_key(masks, key, "masks", problems)
    problems += [f"no mask for {images.paths[image_of[k]]}" for k in image_of if k not in mask_of]
    problems += [f"no image for {masks.paths[mask_of[k]]}" for k in mask_of if k not in image_of]
    remedy = ""
    if problems:
        remedy = "\nTo match by a part of the names, give it as a regular expression, such as key='[0-9]+'."
    problems += _unequal(
        [(i, mask_of[k]) for k, i in image_of.items() if k in mask_of], images, masks
    )
    if problems:
        shown = problems[:_MOST_SHOWN]
        shown += [f"... and {len(problems) - len(shown)} more"] * (len(problems) > len(shown))
        msg = (
            f"pair_files expects one mask of the same size for every image, got {len(problems)} "
            f"problem{'s' * (len(problems) > 1)}:\n- " + "\n- ".join(shown) + remedy
        )
        raise ValueError(msg)
    order = [mask_of[k] for k in image_of]
    masks = masks[order]
    return Bunch(images=images[list(image_of.values())], masks=masks, roi=masks.roi)


def _by_key(files, key, kind, problems):
    """Return the positions of files by their keys, and note the keys that several share."""
    positions = {}
    for i, (path, name) in enumerate(zip(files.paths, files.names, strict=True)):
        found = _key_of(path, name, key)
        if found is None:
            problems.append(f"the pattern {key!r} is not in the name {path.name!r}")
        else:
            positions.setdefault(found, []).append(i)
    for found, members in positions.items():
        if len(members) > 1:
            names = ", ".join(str(files.paths[i]) for i in members)
            problems.append(f"{len(members)} {kind} with the key {found!r}: {names}")
    return {found: members[0] for found, members in positions.items()}


def _key_of(path, name, key):
    if key is None:
        return name
    if callable(key):
        return key(path)
    match = re.search(key, path.name)
    if match is None:
        return None
    return "/".join(map(str, match.groups())) or match.group()


def _unequal(pairs, images, masks):
    """Return what is wrong with the sizes of pairs; of files that are refused for one reason the first."""
    problems, refused = [], {}
    for i, j in pairs:
        image, mask = images.paths[i], masks.paths[j]
        try:
            image_shape, mask_shape = images.mask_shape(i), masks.mask_shape(j)
        except (OSError, ValueError) as error:
            reason = str(error).replace(str(image), "").replace(str(mask), "")
            refused.setdefault(reason, []).append(str(error))
            continue
        if image_shape != mask_shape:
            problems.append(f"{image} has shape {image_shape}, {mask} has {mask_shape}")
    for first, *others in refused.values():
        problems.append(first + f" ({len(others)} more files like it)" * bool(others))
    return problems
