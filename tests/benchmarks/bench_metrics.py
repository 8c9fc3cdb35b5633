"""Scores of masks against NumPy, scikit-learn and SimpleITK.

scikit-learn's score, which takes ages, is timed on four images of the stack.
"""

import sys
from functools import partial

import numpy as np
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter
from sklearn.metrics import f1_score
from timing import print_table, race

from skmask.metrics import dice_score, hausdorff_distance


def mean_dice(both, n_true, n_pred):
    return np.mean(2 * both / (n_true + n_pred))


def boolean_sums(y_true, y_pred):
    axes = tuple(range(1, y_true.ndim))
    return mean_dice((y_true & y_pred).sum(axes), y_true.sum(axes), y_pred.sum(axes))


def float_sums(y_true, y_pred):
    axes = tuple(range(1, y_true.ndim))
    y_true, y_pred = y_true.astype(float), y_pred.astype(float)
    return mean_dice((y_true * y_pred).sum(axes), y_true.sum(axes), y_pred.sum(axes))


def count_nonzero_loop(y_true, y_pred):
    count = np.count_nonzero
    pairs = zip(y_true, y_pred, strict=True)
    return np.mean([mean_dice(count(t & p), count(t), count(p)) for t, p in pairs])


def sklearn_f1_loop(y_true, y_pred):
    pairs = zip(y_true, y_pred, strict=True)
    return np.mean([f1_score(t.ravel(), p.ravel()) for t, p in pairs])


def simpleitk_loop(y_true, y_pred):
    measure = sitk.HausdorffDistanceImageFilter()
    distances = []
    for pair in zip(y_true, y_pred, strict=True):
        measure.Execute(*(sitk.GetImageFromArray(mask.view(np.uint8)) for mask in pair))
        distances.append(measure.GetHausdorffDistance())
    return np.mean(distances)


def masks(shape, sigma, noise):
    """Make masks, and what a slightly wrong threshold makes of noisier images; all different."""
    rng = np.random.default_rng(0)
    fields = np.stack([gaussian_filter(rng.normal(size=shape[1:]), sigma) for _ in range(shape[0])])
    fields /= fields.std()
    return fields > 0.4, fields + rng.normal(0, noise, shape) > 0.5


def rows(quick):
    for shape, sigma in [((64, 512, 512), 8), ((1000, 28, 28), 2)]:
        pair = masks(shape, sigma, 0.01)
        rivals = {
            "sums of booleans": partial(boolean_sums, *pair),
            "sums of floats": partial(float_sums, *pair),
            "count_nonzero by image": partial(count_nonzero_loop, *pair),
            "reading both": lambda pair=pair: [np.count_nonzero(stack) for stack in pair],
        }
        name = "dice " + "x".join(map(str, shape))
        row = race(name, partial(dice_score, *pair), rivals, quick=quick)
        few = race(name, partial(sklearn_f1_loop, *(stack[:4] for stack in pair)), {}, quick=True)
        row.rivals["f1_score by image"] = few.seconds * shape[0] / 4
        yield row
    for label, shape, sigma, noise in [
        ("blobs", (8, 512, 512), 8, 0),
        ("blobs", (500, 28, 28), 2, 0),
        ("noise", (2, 512, 512), 0.5, 1),
        ("blobs", (1, 128, 128, 128), 6, 0),
        ("noise", (1, 64, 64, 64), 0.5, 1),
    ]:
        pair = masks(shape, sigma, noise)
        yield race(
            f"hausdorff {label} " + "x".join(map(str, shape)),
            partial(hausdorff_distance, *pair),
            {"SimpleITK": partial(simpleitk_loop, *pair)},
            quick=True,
        )


if __name__ == "__main__":
    print_table("scores", rows("--quick" in sys.argv))
