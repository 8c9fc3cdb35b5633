"""Scores of maskers on images that they have not seen, and cleaning chosen on such masks."""

import numpy as np
from sklearn.base import clone

from skmask._cleaners.hole_filler import HoleFiller
from skmask._cleaners.small_region_remover import SmallRegionRemover
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker

# Pixels of the smallest regions and of the largest holes that are tried; 0 leaves them alone.
SIZES = (0, 5, 15, 40, 100, 250, 600)

N_THRESHOLDS = 100


def fold_numbers(n_images, n_folds, random_state):
    """Return the number of the fold of each image."""
    shuffled = np.random.default_rng(random_state).permutation(n_images)
    numbers = np.empty(n_images, int)
    numbers[shuffled] = np.arange(n_images) % n_folds
    return numbers


def unseen_masks(candidate, images, masks, folds):
    """Return a mask of each image, by a masker fitted on the images of other folds."""
    for step in candidate.steps:
        images = step.fit_transform(images)
    *before, last = candidate.masker
    if isinstance(last, PixelClassifierMasker):
        return _by_probabilities(before, last, images, masks, folds)
    found = [None] * len(images)
    for fold in np.unique(folds):
        inside = np.flatnonzero(folds == fold)
        training = np.flatnonzero(folds != fold)
        X, y = [images[i] for i in training], [masks[i] for i in training]
        X_new = [images[i] for i in inside]
        for step in map(clone, candidate.masker):
            X, X_new = step.fit(X, y).transform(X), step.transform(X_new)
        for i, mask in zip(inside, X_new, strict=True):
            found[i] = mask
    return found


def dice_of(masks, true):
    """Return the Dice coefficient of each image; 1 where both masks are empty."""
    scores = np.empty(len(masks))
    for i, (mask, other) in enumerate(zip(masks, true, strict=True)):
        total = np.count_nonzero(mask) + np.count_nonzero(other)
        scores[i] = 2 * np.count_nonzero(mask & other) / total if total else 1.0
    return scores


def best_cleaning(masks, true):
    """Return the steps of cleaning with the highest mean score, their names, masks and scores."""
    best = ([], "", masks, dice_of(masks, true))
    for make, word in ((HoleFiller, "holes"), (SmallRegionRemover, "regions")):
        steps, name, cleaned, scores = best
        for size in SIZES[1:]:
            step = make(max_size=size) if make is HoleFiller else make(min_size=size)
            tried = step.transform(cleaned)
            found = dice_of(tried, true)
            if found.mean() > best[3].mean():
                best = ([*steps, step], f"{name}, {word} below {size}", tried, found)
    return best


def _by_probabilities(before, last, images, masks, folds):
    """Return masks from probabilities by classifiers of other images, at thresholds of other folds."""
    for step in before:
        images = clone(step).fit_transform(images, masks)
    probabilities = clone(last).set_params(output="probability").fit_transform(images, masks)
    curves = np.array([_curve(one, mask) for one, mask in zip(probabilities, masks, strict=True)])
    thresholds = np.arange(1, N_THRESHOLDS) / N_THRESHOLDS
    found = []
    for probability, fold in zip(probabilities, folds, strict=True):
        best = thresholds[curves[folds != fold].mean(axis=0).argmax()]
        found.append(probability > best)
    return found


def _curve(probabilities, mask):
    """Return the Dice coefficient at each threshold."""
    edges = np.arange(N_THRESHOLDS + 1) / N_THRESHOLDS
    inside, _ = np.histogram(probabilities[mask], edges)
    outside, _ = np.histogram(probabilities[~mask], edges)
    hits = inside[::-1].cumsum()[::-1][1:]
    found = hits + outside[::-1].cumsum()[::-1][1:]
    return 2 * hits / np.maximum(found + np.count_nonzero(mask), 1)
