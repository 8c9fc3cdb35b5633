"""The floors: a threshold against the comparison, a fit against bincount, a mask against a product."""

import sys

import numpy as np
from timing import peak_bytes, print_table, race

from skmask import HistogramThresholdMasker, MaskApplier, RangeMasker, ThresholdMasker

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


def _memory(call, X):
    return f"peak {peak_bytes(call) / X.nbytes:.2f} of X"


if __name__ == "__main__":
    print_table("basics", rows("--quick" in sys.argv))
