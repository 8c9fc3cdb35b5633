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
    images, masks = brain.images.astype(np.float32), brain.masks
    halves = slice(0, None, 2), slice(1, None, 2)
    splits = [(halves[0], halves[1]), (halves[1], halves[0])]
    # Once, as a fit of the segmenter takes long.
    rivals = [_Rival(images[training], masks[training]) for training, _ in splits]
    fit_rival = sum(rival.seconds for rival in rivals)
    dice_rival = _dice(
        [rival.masks(images[new]) for rival, (_, new) in zip(rivals, splits, strict=True)],
        masks,
        splits,
    )
    wide = np.concatenate(list(images[halves[1]]), axis=1)
    options = {
        "logistic": {},
        "logistic, 10,000 pixels": {"n_pixels": 10_000},
        "mlp, 5,000 pixels": {"classifier": "mlp", "n_pixels": 5000},
    }
    for name, given in options.items():
        fit, found = 0.0, []
        for training, new in splits:
            masker = PixelClassifierMasker(threshold="dice", random_state=0, **given)
            _, seconds = _timed(lambda m=masker, t=training: m.fit(images[t], masks[t]))
            fit += seconds
            found.append(masker.transform(images[new]))
        dice = _dice(found, masks, splits)
        yield race(
            f"{name}, predict {wide.shape[0]}x{wide.shape[1]}",
            lambda masker=masker: masker.transform(wide[np.newaxis]),
            {"scikit-image": lambda: rivals[0].masks([wide])},
            quick=quick,
            extra=f"fit {fit_rival / fit:.1f}x; Dice {dice:.4f}, scikit-image {dice_rival:.4f}",
        )
    X, y = images[halves[0]], masks[halves[0]]
    masker = PixelClassifierMasker(random_state=0).fit(X, y)
    large = np.random.default_rng(0).integers(0, 255, (1, 2048 if quick else 6000, 2048), np.uint8)
    peak = peak_bytes(lambda: masker.transform(large)) - large.size
    yield race(
        f"logistic, predict {large.shape[1]}x{large.shape[2]}",
        lambda: masker.transform(large),
        {},
        quick=quick,
        extra=f"memory beyond image and mask {peak / 1e6:.0f} MB",
    )


class _Rival:
    """The segmenter of scikit-image as its documentation has it, fitted to all images in a row."""

    def __init__(self, images, masks):
        self._segmenter = TrainableSegmenter(
            clf=RandomForestClassifier(
                n_estimators=50, n_jobs=1, max_depth=10, max_samples=0.05, random_state=0
            ),
            features_func=_basic_features,
        )
        mosaic, labels = np.concatenate(list(images), axis=1), np.concatenate(list(masks), axis=1)
        _, self.seconds = _timed(lambda: self._segmenter.fit(mosaic, labels.astype(int) + 1))

    def masks(self, images):
        """Return the masks of images."""
        return np.stack([self._segmenter.predict(image) == 2 for image in images])


def _dice(found, masks, splits):
    """Return the mean Dice coefficient of both halves, each found by what the other half taught."""
    scores = [dice_score(masks[new], one) for one, (_, new) in zip(found, splits, strict=True)]
    return sum(scores) / 2


def _basic_features(image):
    return multiscale_basic_features(image, sigma_min=1, sigma_max=8, workers=1)


def _timed(call):
    start = time.process_time()
    result = call()
    return result, time.process_time() - start


if __name__ == "__main__":
    print_table("pixels", rows("--quick" in sys.argv))
