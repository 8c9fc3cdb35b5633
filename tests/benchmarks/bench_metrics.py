"""Scores of masks against NumPy, scikit-learn and SimpleITK.

Run as ``python tests/benchmarks/bench_metrics.py [--quick]``.
"""

import sys
import time

import numpy as np
import SimpleITK as sitk
from scipy.ndimage import gaussian_filter
from sklearn.metrics import f1_score

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


def best_seconds(function, *arguments, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def compare(function, peers, pair, repeats):
    own = best_seconds(function, *pair, repeats=repeats)
    return own, {peer.__name__: best_seconds(peer, *pair, repeats=repeats) for peer in peers}


def rows(quick):
    """Give name, seconds of skmask, seconds of the peers by name, and a remark."""
    repeats = 2 if quick else 9
    dice_peers = [boolean_sums, float_sums, count_nonzero_loop]
    for shape, sigma in [((64, 512, 512), 8), ((1000, 28, 28), 2)]:
        pair = masks(shape, sigma, 0.01)
        own, peers = compare(dice_score, dice_peers, pair, repeats)
        slow = tuple(stack[:4] for stack in pair)
        peers["sklearn_f1_loop"] = best_seconds(sklearn_f1_loop, *slow, repeats=1) * shape[0] / 4
        reading = sum(best_seconds(np.count_nonzero, stack, repeats=repeats) for stack in pair)
        name = "dice " + "x".join(map(str, shape))
        yield name, own, peers, f"{own / reading:.1f} times reading both stacks"
    for label, shape, sigma, noise in [
        ("blobs", (8, 512, 512), 8, 0),
        ("blobs", (500, 28, 28), 2, 0),
        ("noise", (2, 512, 512), 0.5, 1),
        ("blobs", (1, 128, 128, 128), 6, 0),
        ("noise", (1, 64, 64, 64), 0.5, 1),
    ]:
        pair = masks(shape, sigma, noise)
        own, peers = compare(hausdorff_distance, [simpleitk_loop], pair, min(repeats, 3))
        yield f"hausdorff {label} " + "x".join(map(str, shape)), own, peers, ""


if __name__ == "__main__":
    for name, own, peers, remark in rows("--quick" in sys.argv):
        ratios = ", ".join(f"{peer} {seconds / own:.1f}x" for peer, seconds in peers.items())
        print(f"{name:32} {own * 1e3:8.2f} ms; {ratios}; {remark}")
