"""Write the files that must load for ever: ``python -m tests.write_fixtures``, once for a minor release.

They are best written with the oldest versions of all packages that skmask takes. Files of earlier releases
are never written again.
"""

from functools import partial
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import skmask
from skmask import (
    BinaryDilator,
    BinaryEroder,
    DriftGuard,
    FixedMasker,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    MaskedPixelSelector,
    RangeMasker,
    ThresholdMasker,
)
from skmask.datasets import make_masked_images
from skmask.metrics import MaskScorer, jaccard_score, jaccard_scorer
from skmask.thresholds import f_beta, percentile

DATA = Path(__file__).parent / "data"


def fitted_estimators():
    """Return fitted estimators of every kind, by name, with images that they take."""
    data = make_masked_images(6, (24, 20), random_state=0)
    X, y = data.images, data.masks
    region = np.zeros(X.shape[1:], bool)
    region[4:20, 3:17] = True
    masker = make_pipeline(HistogramThresholdMasker("dice"), BinaryDilator("disk", radius=1.5))
    has_large = y.sum(axis=(1, 2)) > np.median(y.sum(axis=(1, 2)))
    estimators = {
        "threshold": ThresholdMasker(100),
        "range": RangeMasker(low=80, high=np.inf),
        "fixed": FixedMasker(region),
        "otsu": HistogramThresholdMasker(),
        "dice_balanced": HistogramThresholdMasker("dice", strategy="balanced", foreground="auto"),
        "percentile": HistogramThresholdMasker(partial(percentile, p=0.8)),
        "quantile_range": HistogramRangeMasker("quantile", quantiles=(0.6, None)),
        "jaccard_range": HistogramRangeMasker("jaccard"),
        "algebra": (HistogramThresholdMasker() & FixedMasker(region)) | ~ThresholdMasker(60),
        "selector": MaskedPixelSelector(ThresholdMasker(100), combine="majority"),
        "guard": DriftGuard(HistogramRangeMasker(), on_drift="raise"),
        "applier": MaskApplier(masker, fill_value=-1, dtype=np.int16),
        "pipeline": make_pipeline(HistogramThresholdMasker("li"), BinaryEroder(iterations=2)),
        "search": GridSearchCV(
            HistogramThresholdMasker(),
            {"method": ["otsu", "dice", partial(f_beta, beta=0.5)], "correction_factor": [0.9, 1]},
            scoring=MaskScorer(jaccard_score, metric_params={"average": "micro"}),
            cv=2,
        ),
        "union_search": GridSearchCV(
            HistogramThresholdMasker() | ThresholdMasker(200),
            {"histogramthresholdmasker__method": ["li", partial(percentile, p=0.7)]},
            scoring=jaccard_scorer,
            cv=2,
        ),
    }
    fitted = {name: estimator.fit(X, y) for name, estimator in estimators.items()}
    fitted["fraction"] = HistogramThresholdMasker("fraction").fit(X, y.mean(axis=(1, 2)))
    classify = make_pipeline(
        MaskApplier(HistogramThresholdMasker("li")), ImageFlattener(), LogisticRegression()
    )
    fitted["classifier"] = classify.fit(X, has_large)
    return fitted, X


def results_of(estimator, X):
    """Return what a fixture has to reproduce."""
    return estimator.transform(X) if hasattr(estimator, "transform") else estimator.predict(X)


def write_fixtures(folder):
    """Write every estimator as joblib and skops file, and what they make of images."""
    import skops.io

    folder.mkdir(parents=True, exist_ok=True)
    fitted, X = fitted_estimators()
    for name, estimator in fitted.items():
        joblib.dump(estimator, folder / f"{name}.joblib", compress=3)
        skops.io.dump(estimator, folder / f"{name}.skops", compression=8)
    results = {name: results_of(estimator, X) for name, estimator in fitted.items()}
    np.savez_compressed(folder / "results.npz", X=X, **results)


if __name__ == "__main__":
    write_fixtures(DATA / ".".join(skmask.__version__.split(".")[:2]))
