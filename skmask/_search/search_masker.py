"""A search over maskers that needs images and masks only."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from skmask._images.axes import axis_of_image
from skmask._images.containers import read_images
from skmask._images.kinds import brief
from skmask._images.tags import ImageTags
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask._search.candidates import Candidate, candidates, pixels_of_network
from skmask._search.evaluation import (
    best_cleaning,
    dice_of,
    fold_numbers,
    masks_of,
    unseen_results,
    warm_up,
)
from skmask._search.samples import check_samples, draw_samples
from skmask._search.timing import Budget, TooSlow, Watch

# How many of the best candidates are cleaned.
N_CLEANED = 4

CALLER = "search_masker"


def search_masker(X, y, *, budget=240, channel_axis=None, random_state=0, verbose=True):
    """Find the masker that suits labeled images best, and fit it.

    The search tries thresholds, thresholds behind a Gaussian, relative thresholds, thresholds over a
    subtracted background, local thresholds, projections of colors, and classifiers of pixels. The classifiers
    have several features, and images made comparable by their own quantiles are tried too. Then it tries
    cleaning behind the best of them. The score is the Dice coefficient of images that a candidate was not
    fitted on.

    Parameters
    ----------
    X : array-like of shape (n_images, height, width), or list of arrays
        Images: a stack, a volume stack, or a list of images of different sizes. Two or more.
    y : array-like of bool of the shape of `X`, or list of arrays
        Their masks.
    budget : float, default=240
        Seconds that the search may take, with the fit of the winner to all images. The cheap candidates come
        first. Two images tell how long a candidate will take; those that would take longer than is left are
        skipped, and the table says so. The first candidate, a threshold, is tried in any case.
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
        image; the best first. Its attribute `search_skipped_` lists the candidates that were not compared, a
        list of dicts with ``name``, ``seconds`` and ``error``. Those that would have taken too long have the
        seconds that they need, or None if there was no time to tell. Those that cannot be fitted to such
        images have the message of their error.

    See Also
    --------
    PixelClassifierMasker : The strongest of the candidates, with all its parameters.
    sklearn.model_selection.GridSearchCV : Searches a grid of your own.

    Notes
    -----
    There are up to four folds of images. Of many images some are drawn to compare candidates, and parts of
    images of more than 2 million pixels: 32,768 pixels for each second of the budget, from 1 to 8 million.
    The threshold of a classifier is the one with the highest mean score on images that it was not fitted on.
    Two candidates whose means differ by less than a standard error may well come in the other order on other
    images. The score of the winner is optimistic, as the best of many: keep some images to measure it on.

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

    n_images = _check(X, y, budget, channel_axis)
    timer = Budget(budget)
    images, masks = draw_samples(X, y, budget, channel_axis, random_state, caller=CALLER)
    check_samples(images, masks, channel_axis, caller=CALLER)
    with warnings.catch_warnings():
        # Images of other folds may well lie outside of the range of features.
        warnings.simplefilter("ignore", UserWarning)
        rows, skipped = _compare(images, masks, n_images, timer, channel_axis, random_state)
        rows += _clean(rows, masks, timer)
    rows.sort(key=_by_score)
    best = rows[0]
    steps = [*best.candidate.steps, *best.candidate.masker]
    for step in steps:
        if isinstance(step, PixelClassifierMasker) and step.classifier == "mlp":
            step.set_params(n_pixels=pixels_of_network(n_images))
    if isinstance(steps[-1], PixelClassifierMasker):
        steps[-1].set_params(threshold=best.threshold)
    winner = make_pipeline(*steps, *best.cleaning).fit(X, y)
    winner.search_results_ = [row.result() for row in rows]
    winner.search_skipped_ = skipped
    if verbose:
        print(_table(winner.search_results_, skipped, len(images), timer.spent()))
    return winner


def _compare(images, masks, n_images, timer, channel_axis, random_state):
    """Score all candidates that there is time for; return their rows, and what is skipped."""
    folds = fold_numbers(masks, min(4, len(images)), random_state)
    rows, skipped, first_error = {}, [], None
    n_channels = 1
    if channel_axis is not None:
        n_channels = images[0].shape[axis_of_image(channel_axis, images[0].ndim)]
    tried = candidates(
        n_images=len(images),
        n_channels=n_channels,
        channel_axis=channel_axis,
        random_state=random_state,
    )
    needed_later = {candidate.after for candidate in tried}
    for candidate in tried:
        is_needed = not rows
        before = rows.get(candidate.after)
        if (timer.left() <= 0 and not is_needed) or (candidate.after and before is None):
            skipped.append({"name": candidate.name, "seconds": None, "error": None})
            continue
        if before is None:
            warm_up([*candidate.steps, *candidate.masker], images[0], channel_axis)
        watch = Watch(
            timer,
            growth=n_images / (len(images) - np.bincount(folds).max()),
            # Probabilities for the next step of a Pipeline are out of fold: five classifiers, and the last.
            extra=5 * before.refit_seconds + before.seconds if before else 0.0,
            is_needed=is_needed,
        )
        try:
            row = _evaluate(candidate, before, images, masks, folds, watch)
        except TooSlow as error:
            skipped.append({"name": candidate.name, "seconds": error.seconds, "error": None})
            continue
        except ValueError as error:  # such as negative images that are to be divided by a threshold
            skipped.append({"name": candidate.name, "seconds": None, "error": str(error)})
            first_error = first_error or error
            continue
        if candidate.name not in needed_later:
            row.results = None
        rows[candidate.name] = row
    if not rows:
        raise first_error
    return list(rows.values()), skipped


def _evaluate(candidate, before, images, masks, folds, watch):
    """Return the row of one candidate."""
    masker = candidate.masker
    if before is not None:
        # What a classifier makes of an image that it was not fitted on may be shown to the next.
        images, masker = before.results, masker[1:]
    for step in candidate.steps:
        images = step.fit_transform(images)
    results = unseen_results(masker, images, masks, folds, watch)
    threshold, found = None, results
    if isinstance(masker[-1], PixelClassifierMasker):
        threshold, found = masks_of(results, masks, folds)
    return _Row(
        candidate,
        candidate.name,
        scores=dice_of(found, masks),
        seconds=watch.seconds(),
        refit_seconds=watch.refit_seconds(),
        threshold=threshold,
        masks=found,
        results=results,
    )


def _clean(rows, masks, timer):
    """Return rows of the best candidates with cleaning behind them, as far as it helps."""
    cleaned, longest = [], 0.0
    for row in sorted(rows, key=_by_score)[:N_CLEANED]:
        if 2 * longest + row.refit_seconds > timer.left():
            continue
        begun = timer.spent()
        steps, name, found, scores = best_cleaning(row.masks, masks)
        longest = max(longest, timer.spent() - begun)
        if steps:
            cleaned.append(
                replace(
                    row,
                    name=row.name + name,
                    scores=scores,
                    seconds=row.seconds + timer.spent() - begun,
                    cleaning=steps,
                    masks=found,
                )
            )
    return cleaned


@dataclass
class _Row:
    """One line of the table.

    Attributes
    ----------
    candidate : Candidate
    name : str
        Name of the candidate and of the cleaning behind it.
    scores : ndarray
        Dice coefficient of each image.
    seconds, refit_seconds : float
        How long the candidate took, and how long the fit to all images will take.
    threshold : float, default=None
        The best threshold of the probabilities of a classifier.
    cleaning : sequence of estimator
    masks, results : list of ndarray, default=None
        Masks of images that the candidate was not fitted on, and the probabilities that they are made of.
    """

    candidate: Candidate
    name: str
    scores: np.ndarray
    seconds: float
    refit_seconds: float
    threshold: float | None = None
    cleaning: Sequence = ()
    masks: list | None = None
    results: list | None = None

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


def _table(results, skipped, n_images, seconds):
    width = max(len(result["name"]) for result in [*results, *skipped])
    lines = [f"{'masker':{width}}   Dice  +- s.e.  seconds"]
    lines += [
        f"{one['name']:{width}}  {one['score']:.4f}  {one['standard_error']:.4f}  {one['seconds']:7.1f}"
        for one in results
    ]
    lines += [f"{one['name']:{width}}  skipped: {_reason(one)}" for one in skipped]
    lines.append(
        f"{n_images} images, each scored by maskers of others; {seconds:.0f} seconds in all"
    )
    return "\n".join(lines)


def _reason(skipped):
    if skipped["error"] is not None:
        return skipped["error"]
    seconds = skipped["seconds"]
    return "no time left" if seconds is None else f"would take {seconds:.0f} s"


def _check(X, y, budget, channel_axis):
    """Refuse what no candidate could be fitted to, before any is; return the number of images."""
    if not (isinstance(budget, Real) and budget > 0):
        msg = (
            f"{CALLER} expects budget to be a positive number of seconds, got {budget!r}. Try 240."
        )
        raise ValueError(msg)
    images = read_images(X, ImageTags(channel_axis=channel_axis), caller=CALLER)
    if len(images.shapes[0]) == 2:
        msg = (
            f"{CALLER} expects a stack or a list of images, got {brief(X)}. Use X.reshape(-1, height, width) "
            "for flat rows, and y alike; a single image is too few."
        )
        raise ValueError(msg)
    if y is None or len(images) < 2:
        got = "no masks" if y is None else f"{len(images)}"
        msg = (
            f"{CALLER} expects at least two images, each with a mask, got {got}. Use "
            "PixelClassifierMasker for a single image."
        )
        raise ValueError(msg)
    # Masks in files are read later; then only their number and their shapes are known by now.
    images.align_masks(y, caller=CALLER, name="y", channel_axis=channel_axis)
    return len(images)
