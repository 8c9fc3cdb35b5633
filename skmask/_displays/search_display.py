"""Pictures of what a search has compared."""

from numbers import Integral

import numpy as np

from skmask._displays.drawing import BLUE, ORANGE, axes_for


class SearchDisplay:
    """Show the mean score of each candidate of a search with its standard error, the best first.

    It is made by `from_estimator`, which draws; `plot` draws again. Candidates within the band are as good as
    the best one, as far as so few images or folds can tell.

    Parameters
    ----------
    names : list of str
        Names of the candidates, the best first.
    scores : ndarray of shape (n_candidates,)
        Mean scores.
    standard_errors : ndarray of shape (n_candidates,)
        Their standard errors, over images for `skmask.search_masker`, over folds for other searches.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with one row for each candidate.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    skmask.search_masker : Compares maskers on labeled images.
    sklearn.model_selection.GridSearchCV : Compares parameters of a masker.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skmask import HistogramThresholdMasker
    >>> from skmask.datasets import make_masked_images
    >>> from skmask.display import SearchDisplay
    >>> from skmask.metrics import dice_scorer
    >>> data = make_masked_images(9, random_state=0)
    >>> grid = {"method": ["otsu", "li", "mean"]}
    >>> search = GridSearchCV(HistogramThresholdMasker(), grid, scoring=dice_scorer, cv=3)
    >>> display = SearchDisplay.from_estimator(search.fit(data.images, data.masks))
    >>> display.names
    ['method=otsu', 'method=li', 'method=mean']
    """

    def __init__(self, names, scores, standard_errors):
        self.names = names
        self.scores = scores
        self.standard_errors = standard_errors

    @classmethod
    def from_estimator(cls, estimator, *, n_best=15, ax=None):
        """Draw the results of a search.

        Parameters
        ----------
        estimator : estimator
            A masker that `search_masker` has returned, or a fitted search of scikit-learn.
        n_best : int, default=15
            How many candidates are drawn.
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.

        Returns
        -------
        display : SearchDisplay
        """
        if hasattr(estimator, "search_results_"):
            results = [
                (one["name"], one["score"], one["standard_error"])
                for one in estimator.search_results_
            ]
        elif "std_test_score" in getattr(estimator, "cv_results_", {}):
            results = _results_of_folds(estimator)
        else:
            msg = (
                f"{cls.__name__} expects what search_masker has returned, or a fitted search with one "
                f"scorer, got {type(estimator).__name__}. Fit a search first."
            )
            raise TypeError(msg)
        results = sorted(
            (one for one in results if np.isfinite(one[1])), key=lambda one: one[1], reverse=True
        )
        if not results or not isinstance(n_best, Integral) or n_best < 1:
            got = f"n_best={n_best!r}" if results else "none"
            msg = (
                f"{cls.__name__} expects at least one candidate with a score, got {got}. Look for errors of "
                "the search, or draw more candidates."
            )
            raise ValueError(msg)
        names, scores, errors = zip(*results[:n_best], strict=True)
        return cls(list(names), np.array(scores), np.array(errors)).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw a row for each candidate.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; new axes when left out.

        Returns
        -------
        display : SearchDisplay
        """
        height = 1.0 + 0.25 * len(self.names)
        ax = axes_for(ax, type(self).__name__, figsize=(7, height))
        best, error = self.scores[0], self.standard_errors[0]
        ax.axvspan(best - error, best + error, color=ORANGE, alpha=0.3, lw=0)
        rows = range(len(self.names))
        ax.errorbar(self.scores, rows, xerr=self.standard_errors, fmt="o", color=BLUE, capsize=2)
        ax.set_yticks(rows, self.names, fontsize="small")
        ax.invert_yaxis()
        ax.set_xlabel("Mean score, with its standard error")
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _results_of_folds(search):
    """Return the names, scores and standard errors of the candidates of a search of scikit-learn."""
    table = search.cv_results_
    errors = table["std_test_score"] / np.sqrt(max(search.n_splits_ - 1, 1))
    return [
        (", ".join(f"{key}={value}" for key, value in params.items()) or "as given", score, error)
        for params, score, error in zip(
            table["params"], table["mean_test_score"], errors, strict=True
        )
    ]
