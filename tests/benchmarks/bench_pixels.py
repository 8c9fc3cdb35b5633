"""Local features and classifiers of pixels against scikit-image's, on labeled brains."""

import sys
import time

import numpy as np
from skimage.feature import multiscale_basic_features
from skimage.future import TrainableSegmenter
from sklearn.ensemble import RandomForestClassifier
from timing import peak_bytes, print_table, race

from skmask import LocalFeatures, PixelClassifierMasker
from skmask.datasets import load_brain_slices
from skmask.metrics import dice_score


def rows(quick):
    size = 512 if quick else 1024
    image = np.random.default_rng(0).random((size, size), dtype=np.float32)
    features = LocalFeatures().fit(image[np.newaxis])
    yield race(
        f"17 features {size}x{size}",
        lambda: features.transform(image[np.newaxis]),
        {
            "scikit-image": lambda: multiscale_basic_features(
                image, sigma_min=1, sigma_max=8, workers=1
            )
        },
        quick=quick,
        extra="16 features in scikit-image",
    )
    brain = load_brain_slices(n_slices=6 if quick else 18)
    training, unseen = slice(0, None, 2), slice(1, None, 2)
    X, y = brain.images[training].astype(np.float32), brain.masks[training]
    X_new, y_new = brain.images[unseen].astype(np.float32), brain.masks[unseen]
    segmenter = TrainableSegmenter(
        clf=RandomForestClassifier(
            n_estimators=50, n_jobs=1, max_depth=10, max_samples=0.05, random_state=0
        ),
        features_func=_basic_features,
    )
    # Once, as a fit of the segmenter takes long. It learns from a single image: all in a row.
    mosaic, labels = np.concatenate(list(X), axis=1), np.concatenate(list(y), axis=1)
    _, fit_rival = _timed(lambda: segmenter.fit(mosaic, labels.astype(int) + 1))
    found_rival = np.stack([segmenter.predict(image) == 2 for image in X_new])
    dice_rival = dice_score(y_new, found_rival)
    wide = np.concatenate(list(X_new), axis=1)
    for name, options in (("logistic", {}), ("mlp", {"classifier": "mlp", "n_pixels": 5000})):
        masker = PixelClassifierMasker(threshold="dice", random_state=0, **options)
        _, fit = _timed(lambda masker=masker: masker.fit(X, y))
        dice = dice_score(y_new, masker.transform(X_new))
        yield race(
            f"{name}, predict {wide.shape[0]}x{wide.shape[1]}",
            lambda masker=masker: masker.transform(wide[np.newaxis]),
            {"scikit-image": lambda: segmenter.predict(wide)},
            quick=quick,
            extra=f"fit {fit_rival / fit:.1f}x; Dice {dice:.3f}, scikit-image {dice_rival:.3f}",
        )
    masker = PixelClassifierMasker(random_state=0).fit(X, y)
    large = np.random.default_rng(0).integers(0, 255, (1, 2048 if quick else 6000, 2048), np.uint8)
    peak = peak_bytes(lambda: masker.transform(large)) - large.size
    print(
        f"  memory beyond image and mask for {large.size / 1e6:.0f} megapixels: {peak / 1e6:.0f} MB"
    )


def _basic_features(image):
    return multiscale_basic_features(image, sigma_min=1, sigma_max=8, workers=1)


def _timed(call):
    start = time.process_time()
    result = call()
    return result, time.process_time() - start


if __name__ == "__main__":
    print_table("pixels", rows("--quick" in sys.argv))
