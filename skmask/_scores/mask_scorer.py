"""Scorers of masks for cross-validation and searches."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import UNUSED, get_routing_for_object

from skmask._images.kinds import brief
from skmask._images.shared_images import computed
from skmask._names import did_you_mean
from skmask._scores import object_scores, overlap_scores, surface_scores
from skmask._scores.registry import Score, scores_in

METRICS = scores_in(overlap_scores, surface_scores, object_scores)


class MaskScorer(BaseEstimator):  # type: ignore[misc]
    """Score the masks that an estimator makes, as ``scoring=`` of scikit-learn.

    The masks are the result of ``estimator.transform(X)``, or of ``estimator.predict(X)`` if the estimator
    has no ``transform``. They are compared with the true masks `y`. Greater is better: distances are negated.

    Parameters
    ----------
    metric : str or callable, default="dice"
        Scores of pixels: ``"dice"``, ``"jaccard"``, ``"mcc"``, ``"pixel_precision"``, ``"pixel_recall"``,
        ``"specificity"``, ``"volume_similarity"``. Scores of surfaces: ``"surface_dice"``,
        ``"neg_average_surface_distance"``, ``"neg_hausdorff_distance"``. Scores of objects:
        ``"object_f1"``, ``"object_precision"``, ``"object_recall"``, ``"panoptic_quality"``,
        ``"mean_matched_iou"``, ``"neg_count_error"``. Or a function ``metric(y_true, y_pred)`` for which
        greater is better. It takes ``sample_weight``, ``groups`` and ``roi`` if those are to be routed to
        it.
    metric_params : dict, default=None
        Further arguments of the metric, such as ``{"average": "micro"}``, ``{"percentile": 95}`` or
        ``{"empty": "skip"}``. Of several values of ``iou`` the mean of the scores is taken.

    See Also
    --------
    dice_scorer, jaccard_scorer : Ready-made, as there is one for each of the names.

    Notes
    -----
    A region of interest, groups and sample weights get here by scikit-learn's metadata routing, where that is
    enabled: ``MaskScorer("dice").set_score_request(roi=True)``, and ``params={"roi": regions}`` for the
    cross-validation.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skmask import ThresholdMasker
    >>> from skmask.metrics import MaskScorer
    >>> X = np.random.default_rng(0).normal(size=(6, 16, 16))
    >>> y = X > 0.7
    >>> grid = {"threshold": [0.3, 0.7, 1.1]}
    >>> search = GridSearchCV(ThresholdMasker(), grid, scoring=MaskScorer("jaccard"), cv=3).fit(
    ...     X, y
    ... )
    >>> search.best_params_, float(search.best_score_)
    ({'threshold': 0.7}, 1.0)
    """

    # The estimator is an argument of `score` that is never routed.
    __metadata_request__score = {"estimator": UNUSED}

    def __init__(
        self,
        metric: str | Callable[..., float] = "dice",
        *,
        metric_params: Mapping[str, Any] | None = None,
    ) -> None:
        self.metric = metric
        self.metric_params = metric_params

    def __call__(self, estimator: Any, X: Any, y: Any = None, **kwargs: Any) -> float:
        """Score an estimator; the same as `score`."""
        return self.score(estimator, X, y, **kwargs)

    def score(
        self,
        estimator: Any,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        roi: Any = None,
        groups: Any = None,
    ) -> float:
        """Score the masks that an estimator makes of images.

        Parameters
        ----------
        estimator : object
            A fitted masker, a Pipeline that ends in one, or anything whose ``transform`` or ``predict``
            gives masks.
        X : array-like or list of array-like
            Images.
        y : array-like or list of array-like
            Their true masks.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image.
        roi : array-like or list of array-like, default=None
            Region of interest: masks of the pixels that count.
        groups : array-like of shape (n_images,), default=None
            Group of each image, such as its patient; the groups count alike in the mean. An estimator whose
            ``transform`` requests groups by metadata routing, such as `GroupedMasker`, gets them, too.

        Returns
        -------
        score : float
            Greater is better.
        """
        if y is None:
            msg = "MaskScorer expects y to be the true masks, got None. Pass them along with X."
            raise ValueError(msg)
        metric = self._find_metric()
        score = metric.function
        if metric.takes_rows:
            score = partial(_score_images, score)
        optional = {"sample_weight": sample_weight, "roi": roi, "groups": groups}
        given = {name: values for name, values in optional.items() if values is not None}
        masks = computed(_make_masks(estimator, X, groups), briefly=True)
        return metric.sign * score(computed(y), masks, **given, **(self.metric_params or {}))

    def _find_metric(self) -> Score:
        """Return the score that the metric names, or that it is."""
        metric = self.metric
        if isinstance(metric, MaskScorer):
            msg = "MaskScorer expects metric to be a function of masks, got a MaskScorer. Use it as scoring."
            raise TypeError(msg)
        if callable(metric):
            return Score("", metric, takes_rows=False)
        if isinstance(metric, str) and metric in METRICS:
            return METRICS[metric]
        names = sorted(METRICS)
        msg = (
            f"MaskScorer expects metric to be a function or one of {', '.join(names)}, got {brief(metric)}."
            f"{did_you_mean(metric, names) or ' Use one of these names.'}"
        )
        raise ValueError(msg)


def _score_images(
    score: Callable[..., Any], y_true: Any, y_pred: Any, *, roi: Any = None, **given: Any
) -> Any:
    """Score masks whose first axis is the images of `X`: no array of two axes is a single mask here."""
    scores = score(_unfold_rows(y_true), _unfold_rows(y_pred), roi=_unfold_rows(roi), **given)
    # A search needs one number of the scores at several overlaps.
    return np.mean(scores) if np.ndim(scores) else scores


def _unfold_rows(masks: Any) -> Any:
    shape = getattr(masks, "shape", ())
    is_flat = isinstance(shape, tuple) and len(shape) == 2 and not issparse(masks)
    return np.asarray(masks)[:, np.newaxis] if is_flat else masks


def _make_masks(estimator: Any, X: Any, groups: Any = None) -> Any:
    if hasattr(estimator, "transform"):
        if groups is None:
            return estimator.transform(X)
        routing = get_routing_for_object(estimator)
        takes_groups = routing.consumes("transform", ["groups"])
        return estimator.transform(X, **({"groups": groups} if takes_groups else {}))
    if hasattr(estimator, "predict"):
        return estimator.predict(X)
    msg = f"MaskScorer expects an estimator with transform or predict, got {type(estimator).__name__}."
    raise TypeError(msg)


dice_scorer = MaskScorer("dice")
jaccard_scorer = MaskScorer("jaccard")
mcc_scorer = MaskScorer("mcc")
pixel_precision_scorer = MaskScorer("pixel_precision")
pixel_recall_scorer = MaskScorer("pixel_recall")
specificity_scorer = MaskScorer("specificity")
volume_similarity_scorer = MaskScorer("volume_similarity")
surface_dice_scorer = MaskScorer("surface_dice")
object_f1_scorer = MaskScorer("object_f1")
object_precision_scorer = MaskScorer("object_precision")
object_recall_scorer = MaskScorer("object_recall")
panoptic_quality_scorer = MaskScorer("panoptic_quality")
mean_matched_iou_scorer = MaskScorer("mean_matched_iou")
neg_count_error_scorer = MaskScorer("neg_count_error")
neg_average_surface_distance_scorer = MaskScorer("neg_average_surface_distance")
neg_hausdorff_distance_scorer = MaskScorer("neg_hausdorff_distance")
