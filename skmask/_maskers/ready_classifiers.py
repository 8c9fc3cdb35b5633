"""The classifiers of pixels that are ready to use, and others made reproducible."""

from numbers import Integral

import numpy as np
from sklearn.base import clone

# Epochs of the neural network. More gain nothing on images that it has not seen, as measured on nuclei and
# brains; pixels held back for early stopping come from the same images and do not notice.
EPOCHS = 40


def make_classifier(classifier, seed):
    """Return a new classifier: a ready one for None and "mlp", or a clone of an estimator.

    As in scikit-learn's ensembles, parameters ``random_state`` that are None get the seed.
    """
    if classifier is None:
        return scaled_logistic()
    if classifier == "mlp":
        return scaled_network(seed)
    classifier = clone(classifier)
    seeds = {
        name: seed
        for name, value in classifier.get_params().items()
        if (name == "random_state" or name.endswith("__random_state")) and value is None
    }
    return classifier.set_params(**seeds)


def seed_of(random_state):
    """Return an integer seed: the given one, or one drawn from what is given."""
    if random_state is None:
        return int(np.random.SeedSequence().entropy % 2**63)
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(random_state.randint(2**31))


def scaled_logistic():
    """Return a new logistic regression behind a scaler."""
    # Loaded with the first classifier, not with skmask.
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # Few weights and many pixels: Newton's method needs some seven steps.
    return make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky"))


def scaled_network(seed):
    """Return a new small neural network behind a scaler."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPClassifier(
        (32,),
        alpha=0.1,
        batch_size=1024,
        learning_rate_init=0.01,
        max_iter=10 * EPOCHS,
        # No epoch is this much better than the one before, so that the last of them is not warned of.
        tol=10.0,
        n_iter_no_change=EPOCHS,
        random_state=seed,
    )
    return make_pipeline(StandardScaler(), network)
