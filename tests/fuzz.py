"""Random cases against SciPy, scikit-image, ONNX Runtime and brute force.

The suite runs some of each kind (``tests/test_fuzz.py``). The long form counts as it goes::

    python -m tests.fuzz --cases 100000
    python -m tests.fuzz --cases 1000 --seed 500 morphology chunks

A case is a function of a random generator. One that fails is told with its seed, which repeats it:
``python -m tests.fuzz --cases 1 --seed SEED NAME``.
"""

import argparse
import math
import operator
import sys
import tempfile
import time
import traceback
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage as ndi
from scipy.spatial.distance import cdist
from skimage.filters import apply_hysteresis_threshold

import skmask
from skmask import metrics

DTYPES = [np.dtype(code) for code in "?bhilBHILefd"]
BORDERS = ("ignore", "background", "foreground")


def random_masks(rng, max_ndim=3, largest=(0, 24, 9, 5)):
    """Return up to three masks of one shape, of any density."""
    ndim = int(rng.integers(1, max_ndim + 1))
    shape = rng.integers(1, largest[ndim] + 1, ndim)
    return rng.random((int(rng.integers(1, 4)), *shape)) < rng.choice([0.05, 0.3, 0.5, 0.7, 0.95])


def with_rows_folded(estimator, masks):
    """Transform masks as images; those of one axis as flat rows of one-row images."""
    if masks.ndim == 2:
        return estimator.transform(masks[:, np.newaxis])[:, 0]
    return estimator.transform(masks)


def each(function, *stacks):
    """Return what a function gives of one image after another."""
    return np.stack([function(*images) for images in zip(*stacks, strict=True)])


def morphology(rng):
    """Dilation, erosion, opening and closing, step by step by SciPy."""
    masks = random_masks(rng)
    ndim = masks.ndim - 1
    footprint = rng.random(rng.choice([1, 3, 5], ndim)) < rng.choice([0.2, 0.6, 1])
    footprint.flat[rng.integers(footprint.size)] = True
    times, border = int(rng.choice([0, 1, 2, 3, 40])), str(rng.choice(BORDERS))

    def passes(operate, outside, mask, times):
        for _ in range(times):
            mask = operate(mask, footprint, border_value=outside)
        return mask

    def dilated(mask):
        return passes(ndi.binary_dilation, border == "foreground", mask, times)

    def eroded(mask):
        return passes(ndi.binary_erosion, border != "background", mask, times)

    def closed(mask):
        if border != "ignore":
            return eroded(dilated(mask))
        margin = [(times * (size // 2),) * 2 for size in footprint.shape]
        inner = tuple(
            slice(low, low + size) for (low, _), size in zip(margin, mask.shape, strict=True)
        )
        wide = passes(ndi.binary_dilation, 0, np.pad(mask, margin), times)
        return passes(ndi.binary_erosion, 0, wide, times)[inner]

    name = rng.choice(["dilate", "erode", "opening", "closing"])
    if name == "closing" and times > 3:
        times = 3
    expected = {
        "dilate": dilated,
        "erode": eroded,
        "opening": lambda mask: dilated(eroded(mask)),
        "closing": closed,
    }[name]
    found = getattr(skmask.morphology, name)(
        masks, footprint, iterations=times, border=border, axes=tuple(range(1, ndim + 1))
    )
    assert_array_equal(found, each(expected, masks))


def reconstruction(rng):
    """Seeds grown within a limit, by SciPy's propagation."""
    limit = random_masks(rng)
    seeds = rng.random(limit.shape) < 0.1
    ndim = limit.ndim - 1
    footprint = ndi.generate_binary_structure(ndim, int(rng.integers(1, ndim + 1)))
    if rng.random() < 0.3:
        footprint = footprint & (rng.random(footprint.shape) < 0.6)
        footprint[(1,) * ndim] = True
    found = skmask.morphology.reconstruct(seeds, limit, footprint, axes=tuple(range(1, ndim + 1)))
    # SciPy's mask lets pixels outside of it keep their values.
    assert_array_equal(
        found, each(lambda s, m: ndi.binary_propagation(s & m, footprint, mask=m), seeds, limit)
    )


def regions(rng):
    """Cleaning by connected regions, by SciPy's labels."""
    masks = random_masks(rng)
    ndim = masks.ndim - 1
    connectivity = int(rng.integers(1, ndim + 1))
    structure = ndi.generate_binary_structure(ndim, connectivity)
    least = int(rng.integers(1, 9))

    def sizes_of(mask):
        labels, _ = ndi.label(mask, structure)
        sizes = np.bincount(labels.ravel())
        sizes[0] = 0
        return labels, sizes

    def large(mask):
        labels, sizes = sizes_of(mask)
        return (sizes >= least)[labels] & mask

    def largest(mask):
        labels, sizes = sizes_of(mask)
        return mask & (labels == sizes.argmax())

    def inside(mask):
        labels, _ = ndi.label(mask, structure)
        edges = [labels.take([0, -1], axis=axis).ravel() for axis in range(ndim)]
        return mask & ~np.isin(labels, np.concatenate(edges))

    def filled(mask):
        # The background is connected in the other way than the foreground.
        dual = ndi.generate_binary_structure(ndim, ndim - connectivity + 1)
        return ndi.binary_fill_holes(mask, dual)

    pairs = [
        (skmask.SmallRegionRemover(least, connectivity=connectivity), large),
        (skmask.LargestRegionKeeper(connectivity=connectivity), largest),
    ]
    if ndim > 1 and 1 not in masks.shape[1:]:
        pairs.append((skmask.BorderClearer(connectivity=connectivity), inside))
        if ndim == 2 or connectivity in (1, ndim):
            pairs.append((skmask.HoleFiller(connectivity=connectivity), filled))
    estimator, expected = pairs[rng.integers(len(pairs))]
    if ndim == 1:
        masks, structure = masks[:, np.newaxis], ndi.generate_binary_structure(2, 1)
        ndim = 2
    assert_array_equal(estimator.transform(masks), each(expected, masks))


def hysteresis(rng):
    """Two thresholds, by scikit-image, which connects by faces as skmask does by default."""
    X = rng.integers(0, 9, random_masks(rng).shape)
    X = X[:, np.newaxis] if X.ndim == 2 else X
    low, high = sorted(rng.integers(-1, 10, 2).tolist())
    found = skmask.HysteresisMasker(low, high).transform(X)
    assert_array_equal(found, each(lambda x: apply_hysteresis_threshold(x, low, high), X))


def comparisons(rng):
    """Thresholds and ranges at the limits of every dtype, by exact arithmetic."""
    dtype = DTYPES[rng.integers(len(DTYPES))]
    if dtype.kind == "f":
        limits = np.finfo(dtype)
        ends = [limits.min, limits.max, limits.tiny, 0, -0.0, 1, 1.5, np.nan, np.inf, -np.inf]
        values = np.array(ends, dtype)
        with np.errstate(over="ignore"):
            values = np.concatenate([values, np.nextafter(values, np.inf, dtype=dtype)])
    elif dtype.kind == "b":
        values = np.array([False, True])
    else:
        limits = np.iinfo(dtype)
        middle = (int(limits.min) + int(limits.max)) // 2
        ends = [limits.min, limits.min + 1, 0, 1, middle, limits.max - 1, limits.max]
        values = np.array(ends, dtype)
    bounds = [
        *values.astype(object).tolist(),
        0.5,
        -1,
        2**31,
        2**53 + 1,
        2**62 + 1,
        2**64,
        -(2**63) - 1,
    ]
    bounds += [1e30, -1e30, np.inf, -np.inf, 1e-300, 65504.5, 0.1]
    low, high = (bounds[i] for i in rng.integers(len(bounds), size=2))
    while math.isnan(low) or math.isnan(high):
        low, high = (bounds[i] for i in rng.integers(len(bounds), size=2))
    low, high = (low, high) if exactly(low) <= exactly(high) else (high, low)
    if rng.random() < 0.2 and -(2**63) <= low < 2**63:
        low = np.int64(low) if isinstance(low, int) else np.float64(low)
    X = np.resize(values, (1, 3, len(values)))[:, :: rng.choice([1, 2]), :: rng.choice([1, -1])]
    pixels = X.astype(object).ravel().tolist()
    lowest, highest = (bound_in(dtype, bound) for bound in (low, high))
    inclusive = str(rng.choice(["both", "left", "right", "neither"]))
    above = operator.ge if inclusive in ("both", "left") else operator.gt
    below = operator.le if inclusive in ("both", "right") else operator.lt

    def within(pixel):
        if math.isnan(pixel):
            return False
        return above(exactly(pixel), lowest) and below(exactly(pixel), highest)

    found = skmask.RangeMasker(low, high, inclusive=inclusive).transform(X)
    assert_array_equal(found.ravel(), [within(pixel) for pixel in pixels])
    for foreground, compare in (("bright", operator.gt), ("dark", operator.le)):
        found = skmask.ThresholdMasker(high, foreground=foreground).transform(X)
        expected = [not math.isnan(p) and compare(exactly(p), highest) for p in pixels]
        assert_array_equal(found.ravel(), expected)


def bound_in(dtype, bound):
    """Return the bound that pixels are compared with: for floats, the nearest finite one of their dtype."""
    if dtype.kind != "f":
        return exactly(bound)
    with np.errstate(over="ignore"):
        nearest = dtype.type(float(bound))
    return exactly(nearest if np.isfinite(nearest) else bound)


def exactly(number):
    """Return a number as one that compares exactly."""
    number = number.item() if isinstance(number, np.generic) else number
    return number if isinstance(number, float) and math.isinf(number) else Fraction(number)


def supervised(rng):
    """The best threshold for labeled masks, by a try of every cut."""
    X = rng.integers(0, rng.choice([3, 12, 60]), (int(rng.integers(1, 4)), 4, 5)).astype(np.uint8)
    y = (X + rng.normal(0, 3, X.shape)) > rng.integers(0, 20)
    if not y.any() or y.all() or X.min() == X.max():
        return
    name = str(rng.choice(["dice", "jaccard", "youden", "mcc"]))
    masker = skmask.HistogramThresholdMasker(name).fit(X, y)

    def score(mask):
        tp, fp = np.sum(mask & y), np.sum(mask & ~y)
        fn, tn = np.sum(~mask & y), np.sum(~mask & ~y)
        if name == "dice":
            return 2 * tp / (2 * tp + fp + fn)
        if name == "jaccard":
            return tp / (tp + fp + fn)
        if name == "youden":
            return tp / (tp + fn) - fp / (fp + tn)
        bottom = math.sqrt(float((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
        return (tp * tn - fp * fn) / bottom if bottom else 0.0

    best = max(score(t < X) for t in range(-1, X.max() + 1))
    assert_allclose(score(masker.transform(X)), best, rtol=1e-12, atol=1e-12)
    assert_allclose(masker.best_score_, best, rtol=1e-12, atol=1e-12)


def merging(rng):
    """What is learned in parts, merged in any order, against one fit."""
    n_images = int(rng.integers(2, 9))
    X = rng.integers(0, rng.choice([4, 200]), (n_images, 3, 4)).astype(
        rng.choice(["u1", "i2", "f4"])
    )
    y = np.median(X) < X
    method = str(rng.choice(["otsu", "triangle", "mean", "dice", "jaccard"]))
    strategy = str(rng.choice(["pooled", "balanced"]))
    X.flat[0], X.flat[-1] = 0, 3
    masker = skmask.HistogramThresholdMasker(method, strategy=strategy)
    if X.dtype.kind == "f":
        masker.set_params(n_bins=16, value_range=(0, 200))
    try:
        whole = sklearn_clone(masker).fit(X, y)
    except ValueError:
        return  # a method that finds nothing in so few pixels
    cuts = np.sort(rng.choice(np.arange(1, n_images), rng.integers(1, n_images), replace=False))
    parts = []
    for members in np.split(rng.permutation(n_images), cuts):
        try:
            parts.append(sklearn_clone(masker).fit(X[members], y[members]))
        except ValueError:
            return
    while len(parts) > 1:
        first, second = rng.choice(len(parts), 2, replace=False)
        merged = parts[first].merge(parts[second])
        parts = [part for i, part in enumerate(parts) if i not in (first, second)] + [merged]
    assert_allclose(parts[0].threshold_, whole.threshold_, rtol=1e-12)
    assert_allclose(parts[0].histogram_, whole.histogram_, rtol=1e-12)
    assert_array_equal(parts[0].transform(X), whole.transform(X))


def sklearn_clone(estimator):
    """Return an unfitted copy."""
    return type(estimator)(**estimator.get_params(deep=False))


def scores(rng):
    """Overlap by sets of pixels; distances by those of all pairs of pixels on the surfaces."""
    y_true = random_masks(rng, max_ndim=2)
    y_true = y_true[:, np.newaxis] if y_true.ndim == 2 else y_true
    y_pred = y_true ^ (rng.random(y_true.shape) < rng.choice([0, 0.1, 0.5]))
    pairs = list(zip(y_true, y_pred, strict=True))

    def ratio(top, bottom):
        return top / bottom if bottom else 1.0

    expected = np.mean([ratio(2 * (a & b).sum(), a.sum() + b.sum()) for a, b in pairs])
    assert_allclose(metrics.dice_score(y_true, y_pred), expected)
    expected = np.mean([ratio((a & b).sum(), (a | b).sum()) for a, b in pairs])
    assert_allclose(metrics.jaccard_score(y_true, y_pred), expected)
    # Axes of one pixel have no neighbors.
    a, b = (np.atleast_1d(mask.squeeze()) for mask in pairs[0])
    if a.any() and b.any():
        distances = cdist(*(np.argwhere(m & ~ndi.binary_erosion(m)) for m in (a, b)))
        expected = max(distances.min(axis=0).max(), distances.min(axis=1).max())
        assert_allclose(metrics.hausdorff_distance(*(m[:1] for m in (y_true, y_pred))), expected)


def local_thresholds(rng):
    """Means and deviations of windows, written out; pixels next to the threshold are left out."""
    shape = rng.integers(1, 9, int(rng.integers(2, 4)))
    X = rng.integers(0, 255, (2, *shape)).astype(rng.choice(["u1", "f4"]))
    window = tuple((2 * rng.integers(0, 3, len(shape)) + 1).tolist())
    method = str(rng.choice(["mean", "median", "niblack"]))
    halves = [(0, 0)] + [(length // 2,) * 2 for length in window]
    if any(half >= size for (half, _), size in zip(halves[1:], shape, strict=True)):
        return
    border = "reflect" if method == "niblack" else "symmetric"
    padded = np.pad(X.astype(float), halves, mode=border)
    values = sliding_window_view(padded, window, axis=tuple(range(1, X.ndim)))
    values = values.reshape(*X.shape, -1)
    threshold = {
        "mean": lambda: values.mean(axis=-1),
        "median": lambda: np.median(values, axis=-1),
        "niblack": lambda: values.mean(axis=-1) - 0.3 * values.std(axis=-1),
    }[method]()
    k = 0.3 if method == "niblack" else None
    found = skmask.LocalThresholdMasker(method, window=window, k=k).transform(X)
    sure = np.abs(X - threshold) > 1e-3
    assert_array_equal(found[sure], (threshold < X)[sure])


def hulls(rng):
    """Convex hulls in the plane: a pixel is inside where no line parts it from all of the foreground."""
    mask = rng.random(rng.integers(1, 8, 2)) < rng.choice([0.1, 0.3])
    found = skmask.ConvexHuller().transform(mask[np.newaxis])[0]
    points = np.argwhere(mask)
    expected = mask.copy()
    for pixel in np.argwhere(~mask):
        offsets = points - pixel
        # Outside, all offsets lie within a half-plane: some direction turns to none of them backwards.
        normals = np.concatenate([offsets[:, ::-1] * [-1, 1], offsets[:, ::-1] * [1, -1], offsets])
        sides = normals @ offsets.T
        on_edge = (sides >= 0).all(axis=1) & (sides == 0).any(axis=1)
        parted = (sides > 0).all(axis=1).any()
        for sides_of in sides[on_edge]:
            zero = offsets[sides_of == 0]
            parted |= bool((zero @ zero[0] > 0).all())
        expected[tuple(pixel)] = len(points) > 0 and not parted
    assert_array_equal(found, expected)


def onnx(rng):
    """Exported models, run by ONNX Runtime."""
    import onnxruntime

    from skmask.io import to_onnx

    shape = tuple(rng.integers(1, 7, 2).tolist())
    dtype = str(rng.choice(["uint8", "int16", "float32", "float64", "int64", "bool"]))
    X = rng.integers(0, 200, (3, *shape)).astype(dtype)
    maskers = [
        skmask.ThresholdMasker(float(rng.integers(0, 200)) + rng.choice([0, 0.5])),
        skmask.RangeMasker(int(rng.integers(0, 100)), int(rng.integers(100, 200))),
        skmask.FixedMasker(rng.random(shape) < 0.5),
    ]
    first, second = (maskers[i] for i in rng.integers(len(maskers), size=2))
    masker = [first | second, first & second, first - second, ~first, first][rng.integers(5)]
    morphology = [
        skmask.BinaryDilator,
        skmask.BinaryEroder,
        skmask.BinaryOpener,
        skmask.BinaryCloser,
    ]
    cleaner = morphology[rng.integers(4)](
        str(rng.choice(["diamond", "square", "disk"])), radius=int(rng.integers(0, 3))
    )
    pipeline = skmask.MaskApplier(make_pipeline(masker, cleaner)).fit(X)
    model = to_onnx(pipeline, image_shape=shape, dtype=dtype)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    assert_array_equal(session.run(["result"], {"images": X})[0], pipeline.transform(X))


def make_pipeline(*steps):
    """Return a Pipeline."""
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps)


def random_estimator(rng, shape):
    """Return a masker with a cleaner behind it, fitted on images of a shape."""
    maskers = [
        skmask.ThresholdMasker(100),
        skmask.HistogramThresholdMasker(),
        skmask.HistogramThresholdMasker("triangle"),
        skmask.RangeMasker(40, 160),
        skmask.LocalThresholdMasker("mean", window=3),
        skmask.HysteresisMasker(90, 150),
    ]
    cleaners = [
        skmask.BinaryDilator("disk", radius=2),
        skmask.BinaryCloser(),
        skmask.HoleFiller(),
        skmask.SmallRegionRemover(4),
        skmask.LargestRegionKeeper(),
        skmask.BorderClearer(),
        skmask.BorderClearer(margin=1, axes=int(rng.integers(2))),
        skmask.BorderClearer(field=rng.random(shape[1:]) < 0.9),
        skmask.HoleFiller(9, include_border=True),
        skmask.RegionFilter("border_distance", low=1),
        skmask.RegionFilter("eccentricity", high=float(rng.random())),
        skmask.ConvexHuller(),
    ]
    masker = maskers[rng.integers(len(maskers))]
    pipeline = make_pipeline(masker, cleaners[rng.integers(len(cleaners))])
    X = rng.integers(0, 200, shape).astype(np.uint8)
    X.flat[:2] = 0, 200
    return pipeline.fit(X), X


def containers(rng):
    """Lists, layouts, memory maps, halves and rows against the stack."""
    shape = (int(rng.integers(2, 5)), *rng.integers(2, 8, 2))
    estimator, X = random_estimator(rng, shape)
    expected = estimator.transform(X)
    kind = rng.integers(5)
    if kind == 0:
        assert_array_equal(np.stack(estimator.transform(list(X))), expected)
    elif kind == 1:
        assert_array_equal(estimator.transform(np.asfortranarray(X)), expected)
    elif kind == 2:
        wide = np.zeros((X.shape[0], X.shape[1], 2 * X.shape[2]), X.dtype)
        wide[:, :, ::2] = X
        assert_array_equal(estimator.transform(wide[:, :, ::2]), expected)
    elif kind == 3:
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "X.npy", X)
            mapped = np.load(Path(folder) / "X.npy", mmap_mode="r")
            out = np.empty(expected.shape, bool)
            skmask.transform_blocks(estimator, mapped, out, block_size=int(rng.integers(1, 4)))
            assert_array_equal(out, expected)
    else:
        cut = int(rng.integers(1, len(X)))
        parts = [estimator.transform(part) for part in (X[:cut], X[cut:])]
        assert_array_equal(np.concatenate(parts), expected)


def random_chunks(rng, size):
    """Return the lengths of up to four chunks of an axis."""
    n_cuts = int(rng.integers(0, min(size, 4)))
    cuts = np.sort(rng.choice(np.arange(1, max(size, 2)), n_cuts, replace=False))
    return tuple(np.diff([0, *cuts, size]).tolist())


def chunks(rng):
    """Dask arrays in random chunks against the stack."""
    import dask
    import dask.array as da

    shape = (int(rng.integers(1, 4)), *rng.integers(2, 12, 2))
    estimator, X = random_estimator(rng, shape)
    cuts = tuple(random_chunks(rng, size) for size in shape)
    with dask.config.set(scheduler="synchronous"):
        found = estimator.transform(da.from_array(X, chunks=cuts)).compute()
    assert_array_equal(found, estimator.transform(X))


CASES = {
    case.__name__: case
    for case in (
        *(morphology, reconstruction, regions, hysteresis, comparisons, supervised, merging),
        *(scores, local_thresholds, hulls, onnx, containers, chunks),
    )
}


def run_case(name, seed):
    """Run one case; it raises where results differ."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        CASES[name](np.random.default_rng(seed))


def main(arguments=None):
    """Run many cases of each kind, and print how many there were."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all by default"
    )
    parser.add_argument("--cases", type=int, default=1000, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first case")
    parser.add_argument(
        "--seconds", type=float, default=math.inf, help="most seconds for each kind"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(CASES):
        parser.error(f"no cases named {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    n_failed = 0
    for name in options.names or CASES:
        failed, begin = [], time.monotonic()
        n_cases = 0
        while n_cases < options.cases and time.monotonic() - begin < options.seconds:
            try:
                run_case(name, options.seed + n_cases)
            except Exception:
                failed.append(options.seed + n_cases)
                if len(failed) == 1:
                    traceback.print_exc(limit=-3)
            n_cases += 1
        seconds = time.monotonic() - begin
        shown = f", the first with the seeds {failed[:5]}" if failed else ""
        print(
            f"{name:17}{n_cases:>9,} cases {seconds:8.1f} s {len(failed):>5} failed{shown}",
            flush=True,
        )
        n_failed += len(failed)
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
