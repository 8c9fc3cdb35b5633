"""Models of pixels on pixels that they were not fitted on: folds of images, and shuffled features."""

import numpy as np

from skmask._warn import warn

N_FOLDS = 5


def predict_out_of_fold(samples, fit, seed, *, caller):
    """Return probabilities of foreground by models that were fitted on other images.

    Parameters
    ----------
    samples : PixelSamples
    fit : callable
        ``fit(samples)`` returns a `PixelModel`.
    seed : int
        Determines the folds.
    caller : str

    Returns
    -------
    probabilities : ndarray of shape (n_pixels,)
    folds : list of (ndarray of int, PixelModel)
        Positions of the images of each fold, and the model that was not fitted on them. A single image is
        one fold.
    """
    positions = np.unique(samples.images)
    if positions.size > 1:
        shuffled = np.random.default_rng(seed).permutation(positions)
        parts = np.array_split(shuffled, min(N_FOLDS, positions.size))
        members = [np.isin(samples.images, part) for part in parts]
    else:
        # Of a single image, bands: pixels beside each other are in one of them.
        bands = np.array_split(np.arange(samples.labels.size), N_FOLDS)
        members = [np.isin(np.arange(samples.labels.size), band) for band in bands]
        parts = [positions]
    probabilities = np.zeros(samples.labels.size)
    models = []
    for inside in members:
        training = samples.part(~inside)
        if np.unique(training.labels).size < 2:
            warn(
                f"{caller} finds a class in the images of one fold only, and chooses the threshold without "
                "it. Label the class in more images."
            )
            models.append(None)
            continue
        model = fit(training)
        models.append(model)
        probabilities[inside] = model.foreground(samples.rows[inside])
    if len(parts) == 1:
        return probabilities, [(positions, models[0])]
    if None in models:
        fallback = fit(samples)
        models = [fallback if model is None else model for model in models]
    return probabilities, list(zip(parts, models, strict=True))


def permutation_drops(model, samples, *, threshold, n_repeats, seed):
    """Return how much the Dice coefficient drops when a feature is shuffled among the pixels.

    Parameters
    ----------
    model : PixelModel
    samples : PixelSamples
    threshold : float
        Probability that foreground exceeds.
    n_repeats : int
    seed : int

    Returns
    -------
    drops : ndarray of shape (n_features, n_repeats)
    """
    rng = np.random.default_rng(seed)
    true = np.isin(samples.labels, model.classes[model.is_foreground])
    n_true = (samples.weights * true).sum()

    def score(rows):
        found = model.foreground(rows) > threshold
        overlap = 2 * (samples.weights * (found & true)).sum()
        return overlap / max((samples.weights * found).sum() + n_true, 1e-12)

    whole, rows = score(samples.rows), samples.rows.copy()
    drops = np.empty((rows.shape[1], n_repeats))
    for feature, drop in enumerate(drops):
        for i in range(n_repeats):
            rows[:, feature] = rng.permutation(samples.rows[:, feature])
            drop[i] = whole - score(rows)
        rows[:, feature] = samples.rows[:, feature]
    return drops
