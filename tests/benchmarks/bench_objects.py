"""Objects filtered, cut apart, measured and scored, against scikit-image, cc3d and a reference matching.

cc3d is connected-components-3d. Functions of single images are called in a loop. Filters, tables and scores
have to be equal, or the benchmark stops; watershed lines differ by pixels, and numbers of parts are shown.
"""

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import cc3d
import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from skimage import measure, morphology, segmentation
from timing import peak_bytes, print_table, race

from skmask import RegionFilter, RegionSplitter, SmallRegionRemover, label_regions, region_table
from skmask.metrics import object_f1_score

SHAPES = (
    ((1000, 28, 28), 100),
    ((32, 512, 512), 4),
    ((1, 2048, 2048), 1),
    ((4, 48, 96, 96), 1),
)
GEOMETRY = {
    "area": "area",
    "bounding_box": "bbox",
    "centroid": "centroid",
    "eccentricity": "eccentricity",
    "axis_major_length": "axis_major_length",
    "perimeter": "perimeter_crofton",
    "solidity": "solidity",
}
OF_PLANES = ("eccentricity", "perimeter")
INTENSITY = {f"{name}": f"intensity_{name}" for name in ("mean", "min", "max")}


def rows(quick):
    for shape, n_quick in SHAPES:
        shape = (n_quick, *shape[1:]) if quick else shape
        yield from _rows_of(make_fields(shape), "x".join(map(str, shape)), quick)


def _rows_of(fields, name, quick):
    is_plane = fields.ndim == 3
    # scikit-image has no hull of few or flat pixels in volumes.
    masks = fields > 0 if is_plane else SmallRegionRemover(30).transform(fields > 0)
    shapes = {a: b for a, b in GEOMETRY.items() if is_plane or a not in OF_PLANES}
    labels = label_regions(masks)
    yield _race(
        f"filter by area {name}",
        lambda: RegionFilter("area", low=30, high=400).transform(masks),
        {"scikit-image": lambda: filter_area(masks), "cc3d": lambda: filter_area_cc3d(masks)},
        quick,
    )
    yield _race(
        f"filter by solidity {name}",
        lambda: RegionFilter("solidity", low=0.8).transform(masks),
        {"scikit-image": lambda: filter_solidity(masks)},
        quick,
    )
    yield _race(
        f"label {name}",
        lambda: label_regions(masks),
        {
            "scikit-image": lambda: each(lambda mask: measure.label(mask, connectivity=1), masks),
            "SciPy": lambda: each(lambda mask: ndimage.label(mask)[0], masks),
            "cc3d": lambda: each(
                lambda mask: cc3d.connected_components(
                    mask, connectivity=6 if mask.ndim == 3 else 4
                ),
                masks,
            ),
        },
        quick,
    )
    for title, names, images in (
        ("boxes", {name: GEOMETRY[name] for name in ("area", "bounding_box", "centroid")}, None),
        ("shapes", shapes, None),
        ("intensity", {"area": "area"} | INTENSITY, fields),
    ):
        rivals = {"scikit-image": lambda n=names, i=images: table_skimage(labels, i, n)}
        if title == "boxes":
            rivals["cc3d"] = lambda: table_cc3d(labels)
        yield _race(
            f"table of {title} {name}",
            lambda n=names, i=images: table_skmask(masks, i, n),
            rivals,
            quick,
        )
    yield race_splits(masks, name, quick)
    true, pred = labels, label_regions(fields > 0.1 * fields.std())
    yield _race(
        f"object F1 {name}",
        lambda: np.array([object_f1_score(true, pred)]),
        {"overlap matrix": lambda: np.array([reference_f1(true, pred)])},
        quick,
    )
    if (match := stardist_matching()) is not None:
        yield _race(
            f"object F1 of all objects {name}",
            lambda: np.array([object_f1_score(true, pred, average="micro")]),
            {"StarDist": lambda: np.array([match(true, pred, show_progress=False).f1])},
            quick,
        )


def race_splits(masks, name, quick):
    """Race cuts; lines differ by pixels, so that the numbers of parts are compared."""

    def ours():
        return RegionSplitter(1.0).transform(masks)

    def theirs():
        return split_skimage(masks)

    def count(cuts):
        return sum(measure.label(cut, connectivity=1).max() for cut in cuts)

    parts, others = count(ours()), count(theirs())
    return race(
        f"split {name}",
        ours,
        {"scikit-image": theirs},
        quick=quick,
        extra=f"{parts} parts, {others} of scikit-image, {_peaks(ours, theirs)}",
    )


def _race(name, ours, rivals, quick):
    expected = ours()
    for rival, call in rivals.items():
        if not np.allclose(call(), expected, rtol=1e-5, atol=1e-5, equal_nan=True):
            raise SystemExit(f"{name} of {rival} differs from skmask")
    first = next(iter(rivals.values()))
    return race(name, ours, rivals, quick=quick, extra=_peaks(ours, first))


def _peaks(ours, theirs):
    return f"peak {peak_bytes(ours) / 1e6:.0f} MB, of the first rival {peak_bytes(theirs) / 1e6:.0f} MB"


def make_fields(shape):
    """Make smooth noise, whose positive parts are blobs of all sizes, many of which touch."""
    rng = np.random.default_rng(0)
    sigma = min(4, shape[-1] / 10)
    noise = [ndimage.gaussian_filter(rng.normal(size=shape[1:]), sigma) for _ in range(shape[0])]
    return np.stack(noise).astype(np.float32) - 0.2 * np.float32(noise[0].std())


def each(function, masks):
    return np.stack([function(mask) for mask in masks])


def chosen(labels, keep):
    """Look up which labels to keep; label 0 is background."""
    keep[0] = False
    return keep[labels]


def filter_area(masks):
    def one(mask):
        labels = measure.label(mask, connectivity=1)
        areas = np.bincount(labels.ravel())
        return chosen(labels, (areas >= 30) & (areas <= 400))

    return each(one, masks)


def filter_area_cc3d(masks):
    def one(mask):
        labels = cc3d.connected_components(mask, connectivity=6 if mask.ndim == 3 else 4)
        areas = cc3d.statistics(labels)["voxel_counts"]
        return chosen(labels, (areas >= 30) & (areas <= 400))

    return each(one, masks)


def filter_solidity(masks):
    def one(mask):
        labels = measure.label(mask, connectivity=1)
        table = measure.regionprops_table(labels, properties=("label", "solidity"))
        keep = np.zeros(labels.max() + 1, bool)
        keep[table["label"]] = table["solidity"] >= 0.8
        return chosen(labels, keep)

    return each(one, masks)


def table_skmask(masks, images, names):
    table = region_table(masks, images, properties=tuple(names))
    return np.stack([column for name, column in table.items() if name not in ("image", "label")], 1)


def table_skimage(labels, images, names):
    images = [None] * len(labels) if images is None else images
    tables = [
        measure.regionprops_table(one, image, properties=list(names.values()))
        for one, image in zip(labels, images, strict=True)
    ]
    return np.concatenate([np.stack(list(table.values()), axis=1) for table in tables])


def table_cc3d(labels):
    parts = []
    for one in labels:
        table = cc3d.statistics(one.astype(np.uint32))
        slices = table["bounding_boxes"][1:]
        boxes = [[part.start for part in box] + [part.stop for part in box] for box in slices]
        boxes = np.array(boxes).reshape(-1, 2 * one.ndim)
        parts.append(np.column_stack([table["voxel_counts"][1:], boxes, table["centroids"][1:]]))
    return np.concatenate(parts)


def split_skimage(masks):
    def one(mask):
        distance = ndimage.distance_transform_edt(mask)
        seeds = measure.label(morphology.h_maxima(distance, 1.0), connectivity=2)
        return segmentation.watershed(-distance, seeds, mask=mask, watershed_line=True) > 0

    return each(one, masks)


def stardist_matching():
    """Return StarDist's matching without the rest of it, which asks for TensorFlow; None if missing."""
    if (found := find_spec("stardist")) is None:
        return None
    sys.modules.setdefault("csbdeep", ModuleType("csbdeep"))
    sys.modules.setdefault("csbdeep.utils", ModuleType("csbdeep.utils"))._raise = None
    path = Path(found.origin).with_name("matching.py")
    spec = spec_from_file_location("stardist_matching", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.matching_dataset


def reference_f1(true, pred):
    """Match on the matrix of all overlaps, as StarDist and others do."""
    scores = []
    for one, other in zip(true, pred, strict=True):
        shared = np.zeros((one.max() + 1, other.max() + 1))
        np.add.at(shared, (one.ravel(), other.ravel()), 1)
        union = shared.sum(1)[1:, None] + shared.sum(0)[None, 1:] - shared[1:, 1:]
        overlaps = shared[1:, 1:] / union
        matched = overlaps >= 0.5
        gains = matched + overlaps / (2 * max(1, min(overlaps.shape)))
        pairs = linear_sum_assignment(gains, maximize=True)
        total = sum(overlaps.shape)
        scores.append(2 * matched[pairs].sum() / total if total else 1.0)
    return np.mean(scores)


if __name__ == "__main__":
    print_table("Objects", rows("--quick" in sys.argv))
