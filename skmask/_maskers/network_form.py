"""Fitted neural networks as a few products of matrices, in float32."""

from dataclasses import dataclass

import numpy as np

from skmask._pipelines import steps_of

# Pixels at a time, whose 32 hidden units take 1 MB.
PART = 1 << 13


@dataclass(frozen=True, slots=True)
class NetworkForm:
    """The layers of a network, with the scaling of features in the first of them.

    Attributes
    ----------
    layers : list of (ndarray of shape (n_outputs, n_inputs), ndarray of shape (n_outputs, 1))
        Weights and biases, of float32.
    """

    layers: list

    def sums(self, features):
        """Return the log odds of pixels, as `linear_form` defines them.

        Parameters
        ----------
        features : ndarray of float32, shape (n_features, n_pixels)

        Returns
        -------
        sums : ndarray of float32, shape (n_sums, n_pixels)
            NaN where a feature is.
        """
        n_pixels = features.shape[1]
        sums = np.empty((len(self.layers[-1][0]), n_pixels), np.float32)
        for start in range(0, n_pixels, PART):
            values = features[:, start : start + PART]
            for i, (weights, biases) in enumerate(self.layers):
                if i:
                    np.maximum(values, 0, out=values)
                values = weights @ values
                values += biases
            sums[:, start : start + PART] = values
        return sums


def network_form(classifier):
    """Return a `NetworkForm`, or None for classifiers other than networks of rectified units.

    Parameters
    ----------
    classifier : estimator
        Fitted; scaled by a `sklearn.preprocessing.StandardScaler` or not.
    """
    # Loaded with the first classifier, not with skmask.
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    scalers = []
    if type(classifier) is Pipeline:
        *scalers, classifier = steps_of(classifier)
    if type(classifier) is not MLPClassifier or classifier.activation != "relu":
        return None
    if not all(type(scaler) is StandardScaler for scaler in scalers):
        return None
    pairs = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    layers = [(weights.T.astype(float), biases.astype(float)) for weights, biases in pairs]
    weights, biases = layers[0]
    for scaler in reversed(scalers):
        if scaler.scale_ is not None:
            weights = weights / scaler.scale_
        if scaler.with_mean:
            biases = biases - weights @ scaler.mean_
    layers[0] = weights, biases
    return NetworkForm(
        [
            (weights.astype(np.float32), biases.astype(np.float32)[:, np.newaxis])
            for weights, biases in layers
        ]
    )
