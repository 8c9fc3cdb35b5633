"""Fitted classifiers as weighted sums of features, where they are that."""

import numpy as np

from skmask._pipelines import steps_of


def linear_form(classifier):
    """Return what the log odds of a linear classifier are a sum of.

    Parameters
    ----------
    classifier : estimator
        Fitted; scaled by a `sklearn.preprocessing.StandardScaler` or not.

    Returns
    -------
    weights : ndarray of shape (n_sums, n_features) or None
        One sum for two classes, whose sigmoid is the probability of the second; else one for each class,
        whose softmax are the probabilities. None for classifiers that are not linear.
    intercepts : ndarray of shape (n_sums,) or None
    """
    # Loaded with the first classifier, not with skmask.
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    scalers = []
    if type(classifier) is Pipeline:
        *scalers, classifier = steps_of(classifier)
    if not all(type(scaler) is StandardScaler for scaler in scalers):
        return None, None
    linear = (LogisticRegression, LogisticRegressionCV, LinearDiscriminantAnalysis)
    is_binary_sgd = (
        type(classifier) is SGDClassifier
        and classifier.loss == "log_loss"
        and len(classifier.classes_) == 2
    )
    if not (type(classifier) in linear or is_binary_sgd):
        return None, None
    if len(classifier.classes_) > 2 and (
        getattr(classifier, "multi_class", None) == "ovr"
        or getattr(classifier, "solver", None) == "liblinear"
    ):
        return None, None  # probabilities of one class against the rest are no softmax
    weights = np.array(classifier.coef_, float)
    intercepts = np.array(classifier.intercept_, float)
    for scaler in reversed(scalers):
        if scaler.scale_ is not None:
            weights /= scaler.scale_
        if scaler.with_mean:
            intercepts -= weights @ scaler.mean_
    return weights, intercepts
