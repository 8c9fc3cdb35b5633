"""PyTorch tensors on a graphics card: skmask there, skmask on the host and back, and plain PyTorch."""

import sys
from importlib.util import find_spec

import numpy as np
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from timing import print_table, race

from skmask import (
    BinaryDilator,
    BinaryOpener,
    HistogramThresholdMasker,
    MaskApplier,
    ThresholdMasker,
)
from skmask._kernels.morphology.footprints import build_footprint
from skmask.metrics import dice_score


def rows(quick):
    if not find_spec("torch"):
        print("device: PyTorch is not installed")
        return
    import torch

    if not torch.cuda.is_available():
        print("device: no graphics card")
        return
    with config_context(array_api_dispatch=True):
        yield from _rows(torch, quick)


def _rows(torch, quick):
    shape = (16, 512, 512) if quick else (64, 512, 512)
    images = np.random.default_rng(0).gamma(9, 10, shape)

    def contest(name, ours, data, rivals):
        def timed(call, *arguments):
            def run():
                call(*arguments)
                torch.cuda.synchronize()

            return run

        there = [torch.asarray(array, device="cuda") for array in data]

        def on_host():
            result = ours(*(tensor.cpu().numpy() for tensor in there))
            return (
                torch.asarray(result, device="cuda") if isinstance(result, np.ndarray) else result
            )

        calls = {"host and back": timed(on_host)}
        calls |= {who: timed(call, *there) for who, call in rivals.items()}
        return race(name, timed(ours, *there), calls, quick=quick)

    for dtype in ("uint8", "uint16", "float32"):
        X = images.clip(0, 255).astype(dtype)
        plain = {} if dtype == "uint16" else {"X > t": lambda X: X > 120}
        yield contest(f"ThresholdMasker {dtype}", ThresholdMasker(120).transform, [X], plain)
        applier = MaskApplier(ThresholdMasker(120)).fit(X)
        plain = {} if dtype == "uint16" else {"where": lambda X: torch.where(X > 120, X, 0)}
        yield contest(f"MaskApplier {dtype}", applier.transform, [X], plain)
        counting = {
            "uint8": {"bincount": lambda X: torch.bincount(X.reshape(-1), minlength=256)},
            "uint16": {},
            "float32": {"histc of 256 bins": lambda X: torch.histc(X, 256)},
        }[dtype]
        masker = HistogramThresholdMasker()
        yield contest(f"fit by Otsu {dtype}", masker.fit, [X], counting)
    masks = images > 120
    y = images > 110
    yield contest("fit by Dice float32", HistogramThresholdMasker("dice").fit, [X, y], {})
    for footprint, radius in [("square", 1), ("disk", 2), ("disk", 5), ("disk", 20)]:
        dilator = BinaryDilator(footprint, radius=radius)
        name = f"dilate by {footprint} r={radius}"
        yield contest(name, dilator.transform, [masks], _plain(torch, footprint, radius))
    pipeline = make_pipeline(ThresholdMasker(120), BinaryOpener("disk", radius=3))
    applier = MaskApplier(pipeline).fit(X)
    yield contest("threshold, open by disk r=3, apply", applier.transform, [X], {})
    yield contest(
        "dice_score",
        dice_score,
        [masks, y],
        {"sums": lambda a, b: 2 * (a & b).sum() / (a.sum() + b.sum())},
    )


def _plain(torch, footprint, radius):
    """Return dilations as they are written in PyTorch: a maximum over a square, a convolution."""
    functional = torch.nn.functional
    if footprint == "square":

        def pool(masks):
            return functional.max_pool2d(masks.half()[:, None], 2 * radius + 1, 1, radius)[:, 0] > 0

        return {"max_pool2d": pool}
    pixels = build_footprint(footprint, 2, radius=radius)
    weights = torch.asarray(pixels, device="cuda").half()[None, None]

    def convolve(masks):
        return functional.conv2d(masks.half()[:, None], weights, padding=radius)[:, 0] > 0

    return {"conv2d": convolve}


if __name__ == "__main__":
    print_table("device", rows("--quick" in sys.argv))
