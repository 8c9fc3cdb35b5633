"""The floors: a threshold against the comparison, a fit against bincount, a mask against a product."""

import sys
from functools import partial

import numpy as np
from scipy import ndimage
from timing import peak_bytes, print_table, race

from skmask import (
    BinaryDilator,
    HistogramThresholdMasker,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
)

CALLS = 100
SHAPES = [(1000, 28, 28), (256, 64, 64), (64, 512, 512), (1, 4096, 4096)]


def rows(quick):
    rng = np.random.default_rng(0)
    for shape in SHAPES[:2] if quick else SHAPES:
        for dtype in (np.uint8, np.uint16, np.float32, np.float64):
            X = (rng.random(shape) * 255).astype(dtype)
            label = f"{'x'.join(map(str, shape))} {np.dtype(dtype).name}"
            masker = ThresholdMasker(100).fit(X)
            yield race(
                f"ThresholdMasker {label}",
                lambda X=X, m=masker: m.transform(X),
                {"X > t": lambda X=X: X > 100},
                quick=quick,
                extra=_memory(lambda X=X, m=masker: m.transform(X), X),
            )
            yield race(
                f"RangeMasker {label}",
                lambda X=X: RangeMasker(50, 150).transform(X),
                {"(X >= a) & (X <= b)": lambda X=X: (X >= 50) & (X <= 150)},
                quick=quick,
                extra=_memory(lambda X=X: RangeMasker(50, 150).transform(X), X),
            )
            mask = masker.transform(X)
            applier = MaskApplier(masker).fit(X)
            yield race(
                f"MaskApplier {label}",
                lambda X=X, a=applier: a.transform(X),
                {
                    "X * (X > t)": lambda X=X: X * (X > 100),
                    "np.where": lambda X=X, mask=mask: np.where(mask, X, 0),
                },
                quick=quick,
                extra=_memory(lambda X=X, a=applier: a.transform(X), X),
            )
            if dtype in (np.uint8, np.uint16):
                yield race(
                    f"HistogramThresholdMasker.fit {label}",
                    lambda X=X: HistogramThresholdMasker().fit(X),
                    {"np.bincount": lambda X=X: np.bincount(X.ravel())},
                    quick=quick,
                    extra=_memory(lambda X=X: HistogramThresholdMasker().fit(X), X),
                )

    yield from _small_calls(quick)


def _small_calls(quick):
    """Time what is done per call: the kernels of one small image take a few microseconds at most."""
    X = np.random.default_rng(0).integers(0, 256, (1, 64, 64), np.uint8)
    bright, dark = ThresholdMasker(200), ThresholdMasker(50, foreground="dark")
    estimators = {
        "ThresholdMasker": (bright, lambda: X > 200),
        "RangeMasker": (RangeMasker(50, 150), lambda: (X >= 50) & (X <= 150)),
        "MaskUnion": (bright | dark, lambda: (X > 200) | (X <= 50)),
        "MaskApplier": (MaskApplier(bright), lambda: np.where(X > 200, X, 0)),
        "BinaryDilator": (BinaryDilator(), lambda: ndimage.binary_dilation(X[0])),
    }
    for name, (estimator, rival) in estimators.items():
        images = X > 200 if name == "BinaryDilator" else X
        transform = partial(estimator.fit(images).transform, images)
        peer = "SciPy" if name == "BinaryDilator" else "NumPy"
        yield race(
            f"{name} 1x64x64, {CALLS} calls",
            partial(_repeat, transform),
            {peer: partial(_repeat, rival)},
            quick=quick,
        )


def _repeat(call):
    for _ in range(CALLS):
        call()


def _memory(call, X):
    return f"peak {peak_bytes(call) / X.nbytes:.2f} of X"


if __name__ == "__main__":
    print_table("basics", rows("--quick" in sys.argv))
