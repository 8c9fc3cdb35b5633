"""A fitted classifier of pixels, and the probabilities, masks and labels that it makes of features."""

from dataclasses import dataclass

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator
from sklearn.utils.validation import has_fit_parameter

from skmask._maskers.linear_form import linear_form
from skmask._maskers.network_form import network_form
from skmask._maskers.one_thread import one_blas_thread

# Pixels that a classifier predicts at a time.
ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class PixelModel:
    """A fitted classifier with the meaning of its classes.

    Attributes
    ----------
    classifier : estimator
        Fitted to the numbers of the classes.
    shares : ndarray of shape (n_classes,) or None
        Factors of the probabilities that undo how pixels were drawn; None for ones.
    classes : ndarray of shape (n_classes,)
        Label of each class.
    is_foreground : ndarray of bool, shape (n_classes,)
    """

    classifier: BaseEstimator
    shares: np.ndarray | None
    classes: np.ndarray
    is_foreground: np.ndarray

    def probabilities(self, rows):
        """Return the probability of each class, of shape (n_pixels, n_classes)."""
        with one_blas_thread():
            found = self.classifier.predict_proba(rows)
        probabilities = np.zeros((len(found), self.classes.size))
        probabilities[:, self.classifier.classes_] = found
        if self.shares is not None:
            probabilities *= self.shares
            probabilities /= np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-30)
        return probabilities

    def foreground(self, rows):
        """Return the probability of foreground, of shape (n_pixels,)."""
        return self.probabilities(rows)[:, self.is_foreground].sum(axis=1)

    def linear_form(self):
        """Return weights and intercepts as `linear_form` does, with `shares` in the intercepts."""
        weights, intercepts = linear_form(self.classifier)
        if weights is None or len(self.classifier.classes_) < self.classes.size:
            return None, None
        return weights, intercepts + self._shift(len(intercepts))

    def network_form(self):
        """Return layers as `network_form` does, with `shares` in the last biases; or None."""
        network = network_form(self.classifier)
        if network is None or len(self.classifier.classes_) < self.classes.size:
            return None
        last = network.layers[-1][1]
        last += self._shift(len(last)).astype(np.float32)[:, np.newaxis]
        return network

    def _shift(self, n_sums):
        """Return what `shares` add to log odds: to one sum for two classes, or one for each class."""
        if self.shares is None:
            return np.zeros(n_sums)
        logs = np.log(np.maximum(self.shares, 1e-30))
        return logs[1:] - logs[:1] if n_sums == 1 else logs

    def classify(self, features, image, result, *, output, threshold):
        """Write the result for one image, tile by tile, and return the mean of its features.

        Parameters
        ----------
        features : PixelFeatures
        image : ndarray
        result : ndarray of the shape of a mask
        output : {"mask", "probability", "labels"}
        threshold : float
            Probability that foreground of masks exceeds.
        """
        result = result.reshape(features.shape_of(image))
        totals = np.zeros(features.n_features)
        weights, intercepts = self.linear_form()
        if weights is not None:
            for tile, sums in features.iter_sums(image, weights, intercepts, totals):
                found = self._result_of_sums(sums, output, threshold)
                result[tile] = found.reshape(result[tile].shape)
            return totals / result.size
        network = self.network_form()
        for tile, rows in features.iter_rows(image):
            totals += rows.sum(axis=0)
            if network is not None:
                with one_blas_thread():
                    found = self._result_of_sums(network.sums(rows.T), output, threshold)
            else:
                parts = [
                    self._result_of_rows(rows[start : start + ROWS], output, threshold)
                    for start in range(0, len(rows), ROWS)
                ]
                found = np.concatenate(parts)
            result[tile] = found.reshape(result[tile].shape)
        return totals / result.size

    def _result_of_rows(self, rows, output, threshold):
        """Return the result for rows of features; the classifier never sees NaN."""
        missing = np.isnan(rows).any(axis=1)
        if missing.any():
            rows = np.where(missing[:, np.newaxis], 0, rows)
        if output == "labels":
            best = self.probabilities(rows).argmax(axis=1)
            return np.where(missing, 0, self.classes[best])
        foreground = self.foreground(rows).astype(np.float32)
        foreground[missing] = np.nan
        return foreground > threshold if output == "mask" else foreground

    def _result_of_sums(self, sums, output, threshold):
        """Return the result for weighted sums of features, which are NaN where a pixel is missing."""
        if len(sums) == 1 and output == "labels":
            return np.where(np.isnan(sums[0]), 0, self.classes[(sums[0] > 0).astype(int)])
        if len(sums) == 1 and self.is_foreground.tolist() == [False, True]:
            if output == "mask":
                # Log odds and probabilities have the same order.
                with np.errstate(divide="ignore"):
                    return sums[0] > np.log(threshold) - np.log1p(-threshold)
            return _sigmoid(sums[0])
        if len(sums) == 1:
            sums = np.concatenate([np.zeros_like(sums), sums])
        if output == "labels":
            return np.where(np.isnan(sums[0]), 0, self.classes[sums.argmax(axis=0)])
        sums -= sums.max(axis=0)
        np.exp(sums, out=sums)
        sums /= sums.sum(axis=0)
        foreground = sums[self.is_foreground].sum(axis=0)
        return foreground > threshold if output == "mask" else foreground


def fit_model(classifier, rows, numbers, weights, *, classes, is_foreground):
    """Fit a classifier, and return it as a `PixelModel`.

    Parameters
    ----------
    classifier : estimator
        Unfitted.
    rows : ndarray of shape (n_pixels, n_features)
    numbers : ndarray of int, shape (n_pixels,)
        Number of the class of each pixel.
    weights : ndarray of shape (n_pixels,)
    classes, is_foreground : ndarray of shape (n_classes,)
        As in `PixelModel`.
    """
    given = fit_weights(classifier, weights)
    # The weighted variance of a constant feature may be negative by rounding, of which scalers take the root.
    with (
        config_context(enable_metadata_routing=False),
        one_blas_thread(),
        np.errstate(invalid="ignore"),
    ):
        classifier.fit(rows, numbers, **given)
    shares = None
    if not given and np.ptp(weights) > 0:
        drawn = np.bincount(numbers, minlength=classes.size)
        stand_for = np.bincount(numbers, weights, minlength=classes.size)
        shares = stand_for / np.maximum(drawn, 1)
    return PixelModel(classifier, shares, classes, is_foreground)


def fit_weights(classifier, weights):
    """Return the sample weights by their names in `fit`; nothing where the classifier has none."""
    if np.ptp(weights) == 0:
        return {}
    if not hasattr(classifier, "steps"):
        takes_weights = has_fit_parameter(classifier, "sample_weight")
        return {"sample_weight": weights} if takes_weights else {}
    steps = [
        name
        for name, step in classifier.steps
        if hasattr(step, "fit") and has_fit_parameter(step, "sample_weight")
    ]
    # Scalers take part only if the classifier does.
    is_weighted = classifier.steps[-1][0] in steps
    return {f"{name}__sample_weight": weights for name in steps} if is_weighted else {}


def _sigmoid(sums):
    np.negative(sums, out=sums)
    with np.errstate(over="ignore"):
        np.exp(sums, out=sums)
    sums += 1
    return np.reciprocal(sums, out=sums)
