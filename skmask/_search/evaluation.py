"""Scores of maskers on images that they have not seen, and cleaning chosen on such masks."""

import numpy as np
from sklearn.base import clone

from skmask._cleaners.hole_filler import HoleFiller
from skmask._cleaners.small_region_remover import SmallRegionRemover
from skmask._images.axes import axis_of_image, without_axis
from skmask._kernels.regions.runs import find_regions, region_sizes
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask.metrics import dice_score

# Pixels of the smallest regions and of the largest holes that are tried; 0 leaves them alone.
SIZES = (0, 5, 15, 40, 100, 250, 600)

# So many images show objects of all sizes. Of fewer, cleaning must leave all but this share of the true ones.
N_SIZED = 8
MOST_LOST = 0.05

N_THRESHOLDS = 100

# The time for all images is estimated on the first number of images, if there are more than the second.
N_PILOT = 2
PILOT_FROM = 6

# Rows and columns of an image that a candidate is tried on before it is timed.
CORNER = 24


def fold_numbers(masks, n_folds, random_state):
    """Return the number of the fold of each image; images without foreground are spread over all folds."""
    shuffled = np.random.default_rng(random_state).permutation(len(masks))
    is_empty = np.array([not mask.any() for mask in masks])
    shuffled = shuffled[np.argsort(is_empty[shuffled], kind="stable")]
    numbers = np.empty(len(masks), int)
    numbers[shuffled] = np.arange(len(masks)) % n_folds
    return numbers


def unseen_results(masker, images, masks, folds, watch):
    """Return masks of images by maskers that were fitted on the images of other folds.

    Parameters
    ----------
    masker : list of estimator
        Steps of a Pipeline. Of a `PixelClassifierMasker` at its end, probabilities are returned.
    images, masks : list of ndarray
    folds : ndarray of int
        Number of the fold of each image.
    watch : Watch
        Stops a masker that takes too long.

    Returns
    -------
    results : list of ndarray
    """
    *before, last = masker
    if isinstance(last, PixelClassifierMasker):
        last = clone(last).set_params(output="probability")
    masker = [*before, last]
    if isinstance(last, PixelClassifierMasker) and len(images) > PILOT_FROM:
        watch.expect(*_pilot(masker, images, masks, folds, watch))
    found = [None] * len(images)
    numbers = np.unique(folds)
    for part, fold in enumerate(numbers, 1):
        inside, training = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        fitted = watch.fit(
            _fit, masker, [images[i] for i in training], [masks[i] for i in training]
        )
        results = _apply(fitted, [images[i] for i in inside])
        for i, result in zip(inside, results, strict=True):
            found[i] = result
        watch.done(part, numbers.size)
    return found


def warm_up(masker, image, channel_axis):
    """Fit to a corner of an image, so that what is loaded and compiled once counts for no candidate."""
    corner = [slice(CORNER)] * image.ndim
    if channel_axis is not None:
        corner[axis_of_image(channel_axis, image.ndim)] = slice(None)
    images = [image[tuple(corner)]] * 2
    shape = without_axis((1, *images[0].shape), channel_axis, "search_masker")[1:]
    mask = np.zeros(shape, bool)
    mask[: shape[0] // 2] = True
    try:
        _apply(_fit(masker, images, [mask] * 2), images)
    except ValueError:
        return  # such as by a corner of one value, which does not concern whole images


def masks_of(probabilities, masks, folds):
    """Return the best threshold, and masks at the thresholds that are best for other folds."""
    curves = np.array([_curve(one, mask) for one, mask in zip(probabilities, masks, strict=True)])
    thresholds = np.arange(1, N_THRESHOLDS) / N_THRESHOLDS
    found = []
    for probability, fold in zip(probabilities, folds, strict=True):
        best = thresholds[curves[folds != fold].mean(axis=0).argmax()]
        found.append(probability > best)
    return float(thresholds[curves.mean(axis=0).argmax()]), found


def dice_of(masks, true):
    """Return the Dice coefficient of each image; 1 where both masks are empty."""
    return dice_score(list(true), list(masks), average=None)


def best_cleaning(masks, true):
    """Return the steps of cleaning with the highest mean score, their names, masks and scores.

    Of few images the score does not tell how small objects may be: sizes are left out then that more than
    one in twenty of the true regions fall below.
    """
    best = ([], "", masks, dice_of(masks, true))
    largest = _usual_size(true) if len(true) < N_SIZED else np.inf
    for make, word in ((HoleFiller, "holes"), (SmallRegionRemover, "regions")):
        steps, name, cleaned, scores = best
        for size in SIZES[1:]:
            if make is SmallRegionRemover and size > largest:
                break
            step = make(max_size=size) if make is HoleFiller else make(min_size=size)
            tried = step.transform(cleaned)
            found = dice_of(tried, true)
            if found.mean() > best[3].mean():
                best = ([*steps, step], f"{name}, {word} below {size}", tried, found)
    return best


def _usual_size(masks):
    """Return the number of pixels that all but a few regions of masks have."""
    sizes = [region_sizes(find_regions(mask[None], 1)) for mask in masks]
    return np.quantile(np.concatenate(sizes), MOST_LOST)


def _fit(masker, images, masks):
    """Return fitted steps, each fitted on what the step before makes of the images."""
    fitted = []
    for step in map(clone, masker):
        if len(fitted) < len(masker) - 1:
            images = step.fit_transform(images, masks)
        else:
            step.fit(images, masks)
        fitted.append(step)
    return fitted


def _apply(fitted, images):
    for step in fitted:
        images = step.transform(images)
    return images


def _pilot(masker, images, masks, folds, watch):
    """Return how long a fit to all but one fold will take, and all folds, by a fit to few images."""
    has_both = [i for i, mask in enumerate(masks) if mask.any() and not mask.all()]
    chosen = has_both[:N_PILOT]
    if len(chosen) < N_PILOT:
        return 0.0, 0.0
    sizes = np.array([mask.size for mask in masks])
    begun = watch.seconds()
    fitted = _fit(masker, [images[i] for i in chosen], [masks[i] for i in chosen])
    fit_seconds = watch.seconds() - begun
    _apply(fitted, [images[chosen[0]]])
    apply_seconds = watch.seconds() - begun - fit_seconds
    n_folds = folds.max() + 1
    # As many pixels are drawn of small images as of large ones.
    n_times = max(len(images) / len(chosen), sizes.sum() / sizes[chosen].sum())
    fold = fit_seconds * n_times * (n_folds - 1) / n_folds
    return fold, n_folds * fold + apply_seconds * sizes.sum() / sizes[chosen[0]]


def _curve(probabilities, mask):
    """Return the Dice coefficient at each threshold."""
    edges = np.arange(N_THRESHOLDS + 1) / N_THRESHOLDS
    inside, _ = np.histogram(probabilities[mask], edges)
    outside, _ = np.histogram(probabilities[~mask], edges)
    hits = inside[::-1].cumsum()[::-1][1:]
    found = hits + outside[::-1].cumsum()[::-1][1:]
    return 2 * hits / np.maximum(found + np.count_nonzero(mask), 1)
