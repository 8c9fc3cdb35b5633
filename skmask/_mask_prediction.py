"""Predictions and scores of all that makes masks, so that scikit-learn needs no scorer to work with them."""

import numpy as np
from sklearn.utils.metaestimators import available_if

from skmask._images.shared_images import computed
from skmask._scores.mask_scorer import MaskScorer


def _not_fitted_on_labels(estimator):
    # Without the AttributeError of its own, available_if would name this function.
    if getattr(estimator, "_fitted_on_labels", False):
        msg = f"{type(estimator).__name__} scores masks, and was fitted on one value an image."
        raise AttributeError(msg)
    return True


class MaskPrediction:
    """Mixin of all that makes masks: they are its predictions, and the Dice score is its score.

    scikit-learn's checks score every estimator that has a ``score`` against one number a sample, which is no
    mask. It is therefore there before a fit, and after a fit on masks or on nothing.
    """

    def predict(self, X):
        """Make the masks of images, for what asks for predictions, such as ``cross_val_predict``.

        Parameters
        ----------
        X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
                (n_images, n_pixels), or list of arrays
            Images, as in `transform`.

        Returns
        -------
        masks : ndarray of bool, or ndarray of objects
            The result of `transform`; for a list an array of one mask an image, since scikit-learn joins
            arrays.
        """
        masks = computed(self.transform(X))
        if isinstance(masks, list):
            joined = np.empty(len(masks), dtype=object)
            for i, mask in enumerate(masks):
                joined[i] = mask
            return joined
        return masks.to_numpy() if hasattr(masks, "to_numpy") else masks

    @available_if(_not_fitted_on_labels)
    def score(self, X, y, sample_weight=None, roi=None):
        """Score the masks of images with the mean Dice score, as ``dice_scorer`` does.

        Parameters
        ----------
        X : array-like or list of arrays
            Images.
        y : array-like or list of array-like
            Their true masks.
        sample_weight : array-like of shape (n_images,), default=None
            Weight of each image.
        roi : array-like or list of array-like, default=None
            Region of interest: masks of the pixels that count.

        Returns
        -------
        score : float
            Between 0 and 1; greater is better. Pass a scorer as ``scoring`` for another score.
        """
        return MaskScorer("dice").score(self, X, y, sample_weight=sample_weight, roi=roi)

    def _note_targets(self, y):
        """Keep that a fit is on one value an image; a fit on anything else leaves nothing."""
        if y is not None and _is_one_value_an_image(y):
            self._fitted_on_labels = True
        else:
            vars(self).pop("_fitted_on_labels", None)


def _is_one_value_an_image(y):
    first = y[0] if isinstance(y, list | tuple) and len(y) else y
    n_axes = getattr(y, "ndim", None) if first is y else np.ndim(first) + 1
    is_list = getattr(getattr(y, "dtype", None), "kind", "") == "O"
    return n_axes == 1 and not is_list
