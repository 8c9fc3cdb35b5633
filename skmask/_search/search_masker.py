"""The masker for people who just have images and masks."""

import time
from numbers import Real

import numpy as np

from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask._search.candidates import candidates
from skmask._search.evaluation import best_cleaning, dice_of, fold_numbers, unseen_masks

# Pixels that candidates are compared on; the winner is fitted on all.
SEARCH_PIXELS = 1 << 24

# How many of the best candidates are cleaned.
N_CLEANED = 4

CALLER = "search_masker"


def search_masker(X, y, *, budget=240, channel_axis=None, random_state=0, verbose=True):
    """Find the masker that suits labeled images best, and fit it.

    Tried are thresholds, thresholds behind a Gaussian, relative thresholds, thresholds over a subtracted
    background, local thresholds, projections of colors, and classifiers of pixels with several features;
    then cleaning behind the best of them. All are scored by the Dice coefficient of images that they were
    not fitted on.

    Parameters
    ----------
    X : array-like of shape (n_images, height, width), or list of arrays
        Images: a stack, a volume stack, or a list of images of different sizes. Two or more.
    y : array-like of bool of the shape of `X`, or list of arrays
        Their masks.
    budget : float, default=240
        Seconds after which nothing more is tried; the cheap candidates come first. The candidate that is
        tried at that time is finished, so the search may take longer.
    channel_axis : int, default=None
        Axis of `X` that holds the channels, such as -1 for images of shape ``(height, width, 3)``.
    random_state : int, default=0
        Which images and pixels are drawn.
    verbose : bool, default=True
        Whether the table of all candidates is printed, with the standard error of each mean over the images.

    Returns
    -------
    masker : sklearn.pipeline.Pipeline
        The best candidate, fitted on all images. Its attribute `search_results_` holds the table, a list of
        dicts with ``name``, ``score``, ``standard_error``, ``seconds`` and ``scores``, the score of each
        image; the best first.

    See Also
    --------
    PixelClassifierMasker : The strongest of the candidates, with all its parameters.
    sklearn.model_selection.GridSearchCV : Searches a grid of your own.

    Notes
    -----
    Folds are of images, up to four. Of many or large images some are drawn, 16 million pixels in all, to
    compare candidates on. Two candidates whose means differ by less than a standard error may well come in
    the other order on other images. The score of the winner is optimistic, as the best of many: keep some
    images to measure it on.

    Examples
    --------
    >>> from skmask import search_masker
    >>> from skmask.datasets import make_masked_images
    >>> data = make_masked_images(8, (48, 48), noise=30, random_state=0)
    >>> masker = search_masker(data.images[:6], data.masks[:6], budget=20, verbose=False)
    >>> masker.transform(data.images[6:]).shape
    (2, 48, 48)
    """
    # Loaded with the first search, not with skmask.
    from sklearn.pipeline import make_pipeline

    started = time.monotonic()
    _check(X, y, budget)
    images, masks = _drawn(X, y, random_state)
    folds = fold_numbers(len(images), min(4, len(images)), random_state)
    rows = []
    spent = 0.0
    for candidate in candidates(
        n_images=len(images), channel_axis=channel_axis, random_state=random_state
    ):
        # The next candidate may take twice as long as the longest before, and the fit as long once more.
        if rows and time.monotonic() - started + 3 * spent > budget:
            break
        begun = time.monotonic()
        found = unseen_masks(candidate, images, masks, folds)
        scores = dice_of(found, masks)
        seconds = time.monotonic() - begun
        spent = max(spent, seconds)
        rows.append(_Row(candidate, candidate.name, [], found, scores, seconds))
    for row in sorted(rows, key=_by_score)[:N_CLEANED]:
        begun = time.monotonic()
        steps, name, _, scores = best_cleaning(row.masks, masks)
        if steps:
            seconds = row.seconds + time.monotonic() - begun
            rows.append(_Row(row.candidate, row.name + name, steps, None, scores, seconds))
    rows.sort(key=_by_score)
    best = rows[0]
    steps = [*best.candidate.steps, *best.candidate.masker]
    if isinstance(steps[-1], PixelClassifierMasker):
        steps[-1].set_params(threshold="dice")
    winner = make_pipeline(*steps, *best.cleaning).fit(X, y)
    winner.search_results_ = [row.result() for row in rows]
    if verbose:
        print(_table(winner.search_results_, len(images), time.monotonic() - started))
    return winner


class _Row:
    """One line of the table."""

    def __init__(self, candidate, name, cleaning, masks, scores, seconds):
        self.candidate = candidate
        self.name = name
        self.cleaning = cleaning
        self.masks = masks
        self.scores = scores
        self.seconds = seconds

    def result(self):
        """Return the line as plain values."""
        return {
            "name": self.name,
            "score": float(self.scores.mean()),
            "standard_error": float(self.scores.std(ddof=1) / np.sqrt(len(self.scores))),
            "seconds": self.seconds,
            "scores": self.scores,
        }


def _by_score(row):
    return -row.scores.mean()


def _table(results, n_images, seconds):
    width = max(len(result["name"]) for result in results)
    lines = [f"{'masker':{width}}   Dice  +- s.e.  seconds"]
    lines += [
        f"{one['name']:{width}}  {one['score']:.4f}  {one['standard_error']:.4f}  {one['seconds']:7.1f}"
        for one in results
    ]
    lines.append(
        f"{n_images} images, each scored by maskers of others; {seconds:.0f} seconds in all"
    )
    return "\n".join(lines)


def _check(X, y, budget):
    if not (isinstance(budget, Real) and budget > 0):
        msg = (
            f"{CALLER} expects budget to be a positive number of seconds, got {budget!r}. Try 240."
        )
        raise ValueError(msg)
    if y is None or len(X) != len(y) or len(X) < 2:
        got = "no masks" if y is None else f"{len(X)} images and {len(y)} masks"
        msg = (
            f"{CALLER} expects at least two images, each with a mask, got {got}. Use "
            "PixelClassifierMasker for a single image."
        )
        raise ValueError(msg)


def _drawn(X, y, random_state):
    """Return images and masks to compare candidates on, as lists."""
    # Series and data frames are indexed by their labels, not by position.
    X, y = (np.asarray(one) if hasattr(one, "iloc") else one for one in (X, y))
    order = np.random.default_rng(random_state).permutation(len(X))
    images, masks, n_pixels = [], [], 0
    for i in order.tolist():
        image, mask = np.asarray(X[i]), np.asarray(y[i])
        if len(images) >= 4 and n_pixels + mask.size > SEARCH_PIXELS:
            break
        images.append(image)
        masks.append(mask if mask.dtype == bool else mask > 0)
        n_pixels += mask.size
    return images, masks
