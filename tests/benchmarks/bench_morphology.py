"""Dilation and the rest against SciPy, scikit-image, OpenCV, DIPlib, fastmorph, SimpleITK and mahotas.

Functions of single images are called in a loop. Every peer must give the masks that skmask gives, or the
benchmark stops. skmask runs as a function, or as an estimator where the row says so. Short calls are repeated
to fill ten milliseconds, a peer that takes longer than a tenth of a second is timed once. Packing is the time
of the NumPy engine to put the masks into bit planes and take them out again, copy the time to copy them.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import cv2
import diplib as dip
import fastmorph
import mahotas
import numpy as np
import SimpleITK as sitk
from scipy import ndimage
from skimage import morphology as skimage_morphology
from timing import NUMPY, Row, peak_bytes, print_table, race

from skmask import BinaryCloser, BinaryDilator, BinaryEroder, BinaryOpener
from skmask._kernels.morphology.bitplane import LANES, pack, unpack
from skmask._kernels.morphology.footprints import build_footprint
from skmask.morphology import closing, dilate, erode, opening

OPERATIONS = {"dilation": dilate, "erosion": erode, "opening": opening, "closing": closing}
ESTIMATORS = {"dilation": BinaryDilator, "erosion": BinaryEroder}
ESTIMATORS |= {"opening": BinaryOpener, "closing": BinaryCloser}

PLANES = [(1000, 28, 28), (256, 64, 64), (64, 512, 512)]
PLANES += [(1, 512, 512), (1, 1024, 1024), (1, 4096, 4096)]
QUICK_PLANES = [(100, 28, 28), (1, 512, 512)]
SOLIDS = [(1, 128, 128, 128), (1, 256, 256, 256)]
QUICK_SOLIDS = [(1, 64, 64, 64)]

FLAT = [("diamond", 1, 1), ("diamond", 1, 5), ("square", 1, 1), ("square", 10, 1)]
FLAT += [("disk", 2, 1), ("disk", 5, 1), ("disk", 10, 1), ("disk", 20, 1)]
SOLID = [("diamond", 1, 1), ("square", 1, 1), ("disk", 3, 1), ("disk", 7, 1)]
OTHERS = [("diamond", 1, 1), ("square", 10, 1), ("disk", 5, 1)]

# Where a call is short, what an estimator checks counts, and so do widths that vectors do not divide.
SHORT_PLANES = [(1, 512, 512), (1, 509, 613)]
SHORT = [("diamond", 1, 1), ("square", 1, 1)]

ONCE = 0.1
MOST_WORK = 3e9


class Task(NamedTuple):
    """An operation, and the footprint by name and as an array."""

    operation: str
    name: str
    radius: int
    iterations: int
    footprint: np.ndarray


def rows(quick):
    for shape in QUICK_PLANES if quick else PLANES:
        for footprint in FLAT:
            yield _row(shape, "dilation", *footprint, quick)
    for shape in QUICK_SOLIDS if quick else SOLIDS:
        for footprint in SOLID:
            yield _row(shape, "dilation", *footprint, quick)
    for operation in ("erosion", "opening", "closing"):
        for shape in QUICK_PLANES[1:] if quick else [*PLANES[1:3], PLANES[4]]:
            for footprint in OTHERS:
                yield _row(shape, operation, *footprint, quick)
    for shape in SHORT_PLANES:
        for operation in OPERATIONS:
            for footprint in SHORT:
                yield _row(shape, operation, *footprint, quick, is_estimator=True)
    for operation in OPERATIONS:
        for footprint in SHORT:
            yield _row(SHORT_PLANES[1], operation, *footprint, quick)


def _row(shape, operation, name, radius, iterations, quick, *, is_estimator=False):
    footprint = build_footprint(name, len(shape) - 1, radius=radius)
    task = Task(operation, name, radius, iterations, footprint)
    # Peers differ in their borders: no object of other tasks than dilation gets near to one.
    masks = make_blobs(shape, 0 if operation == "dilation" else 2 * radius)
    axes = tuple(range(1, len(shape)))

    function = partial(
        OPERATIONS[operation], masks, name, radius=radius, iterations=iterations, axes=axes
    )
    estimator = ESTIMATORS[operation](name, radius=radius, iterations=iterations)
    ours = partial(estimator.transform, masks) if is_estimator else function

    with ThreadPoolExecutor(1) as fresh:  # a thread that has no memory from earlier calls
        peak = peak_bytes(lambda: fresh.submit(ours).result())
    expected, calls, slow = ours(), {"skmask": ours}, {}
    for peer, prepare in PEERS.items():
        call = prepare(masks, task)
        if call is None:
            continue
        start = time.perf_counter()
        result = call()
        taken = time.perf_counter() - start
        if not np.array_equal(np.asarray(result).astype(bool), expected):
            raise SystemExit(f"{peer} gives another {operation} by {name} {radius} of {shape}")
        if taken > ONCE:
            slow[peer] = taken
        else:
            calls[peer] = call
    calls |= {"packing": partial(_pack_and_unpack, masks), "copy": masks.copy}
    row = race("", calls.pop("skmask"), calls, quick=quick, extra="peak")
    seconds = row.rivals | slow
    times = "" if iterations == 1 else f" {iterations} times"
    return Row(
        f"{operation} {'x'.join(map(str, shape))} {name} {radius}{times}{', estimator' * is_estimator}",
        row.seconds,
        {peer: seconds[peer] for peer in [NUMPY, *PEERS] if peer in seconds},
        ", ".join(
            [f"{floor} {seconds[floor] * 1e3:.2f} ms" for floor in ("packing", "copy")]
            + [f"peak {peak / masks.nbytes:.1f} of X"]
        ),
    )


def make_blobs(shape, frame):
    """Make masks that are about half foreground, but for a frame of background."""
    random = np.random.default_rng(0)
    inner = (shape[0], *(max(size - 2 * frame, 1) for size in shape[1:]))
    sigma = (0, *(3,) * (len(shape) - 1))
    field = ndimage.gaussian_filter(random.standard_normal(inner, dtype=np.float32), sigma)
    margins = [
        (0, 0),
        *((frame, size - n - frame) for size, n in zip(shape[1:], inner[1:], strict=True)),
    ]
    return np.pad(field > 0.02, margins)


def _pack_and_unpack(masks):
    """Do what surrounds all work on bit planes, on pieces of their size."""
    result = np.empty_like(masks)
    usable = masks.size // LANES * LANES
    lanes, back = (array.reshape(-1)[:usable].reshape(LANES, -1) for array in (masks, result))
    plane = np.empty(min(1 << 18, lanes.shape[1]), dtype=np.uint8)
    for start in range(0, lanes.shape[1], plane.size):
        piece = slice(start, start + plane.size)
        part = plane[: lanes[:, piece].shape[1]]
        pack(lanes[:, piece], part)
        unpack(part, back[:, piece])
    return result


def _scipy(masks, task):
    outside = {"border_value": 1} if task.operation == "erosion" else {}
    return lambda: getattr(ndimage, f"binary_{task.operation}")(
        masks, task.footprint[np.newaxis], iterations=task.iterations, **outside
    )


def _scikit_image(masks, task):
    footprint = task.footprint
    if task.iterations > 1:
        footprint = skimage_morphology.diamond(task.iterations).astype(bool)
    if masks.size * footprint.sum() > MOST_WORK:
        return None
    operate = getattr(skimage_morphology, task.operation)
    return _looped(lambda mask: operate(mask, footprint), masks)


def _isotropic(masks, task):
    per_image = masks.reshape(len(masks), -1)
    if task.name != "disk" or task.operation not in ("dilation", "erosion"):
        return None
    if not per_image.any(axis=1).all() or per_image.all(axis=1).any():
        return None  # there are no distances without foreground and background
    operate = getattr(skimage_morphology, f"isotropic_{task.operation}")
    return _looped(lambda mask: operate(mask, task.radius), masks)


def _opencv(masks, task, threads):
    if masks.ndim != 3:
        return None
    kind = {"dilation": cv2.MORPH_DILATE, "erosion": cv2.MORPH_ERODE}
    kind |= {"opening": cv2.MORPH_OPEN, "closing": cv2.MORPH_CLOSE}
    kernel = task.footprint.astype(np.uint8)

    def call():
        cv2.setNumThreads(threads)
        return [
            cv2.morphologyEx(mask, kind[task.operation], kernel, iterations=task.iterations)
            for mask in masks.view(np.uint8)
        ]

    return call


def _diplib(masks, task):
    if task.operation == "opening":
        return None  # another border
    footprint = task.footprint
    if task.iterations > 1:
        footprint = skimage_morphology.diamond(task.iterations).astype(bool)
    box = dip.SE(list(footprint.shape), "rectangular")
    element = box if task.name == "square" else dip.SE(dip.Image(footprint, None))
    operate = getattr(dip, task.operation.capitalize())
    images = [dip.Image(mask, None) for mask in masks]
    return lambda: [operate(image, element) for image in images]


def _fastmorph(masks, task):
    if masks.ndim != 4 or task.operation != "dilation" or task.name == "diamond":
        return None
    if task.name == "disk":
        return _looped(lambda mask: fastmorph.spherical_dilate(mask, radius=task.radius), masks)
    return _looped(fastmorph.dilate, masks)


def _simpleitk(masks, task):
    if task.name == "disk" or task.iterations > 1 or task.radius > 1:
        return None
    names = {"dilation": "BinaryDilate", "erosion": "BinaryErode"}
    operate = getattr(
        sitk, names.get(task.operation, f"BinaryMorphological{task.operation.capitalize()}")
    )
    kind = sitk.sitkBox if task.name == "square" else sitk.sitkCross
    images = [sitk.GetImageFromArray(mask.view(np.uint8)) for mask in masks]
    radius = [task.radius] * task.footprint.ndim
    return lambda: [sitk.GetArrayFromImage(operate(image, radius, kind)) for image in images]


def _mahotas(masks, task):
    if (
        task.iterations > 1
        or task.operation == "closing"
        or masks.size * task.footprint.sum() > MOST_WORK
    ):
        return None
    operate = getattr(
        mahotas, {"dilation": "dilate", "erosion": "erode", "opening": "open"}[task.operation]
    )
    return _looped(lambda mask: operate(mask, task.footprint), masks)


def _looped(operate, masks):
    return lambda: [operate(mask) for mask in masks]


PEERS = {
    "SciPy": _scipy,
    "scikit-image": _scikit_image,
    "scikit-image isotropic": _isotropic,
    "OpenCV": partial(_opencv, threads=-1),
    "OpenCV, 1 thread": partial(_opencv, threads=1),
    "DIPlib": _diplib,
    "fastmorph": _fastmorph,
    "SimpleITK": _simpleitk,
    "mahotas": _mahotas,
}


if __name__ == "__main__":
    print_table("morphology", rows("--quick" in sys.argv))
