"""Neural networks and trees of scikit-learn in a graph of ONNX.

Features and probabilities of an image lie along the axis of channels, so that a layer of a network is a
convolution with a window of one pixel. Trees take one row for each pixel.
"""

import numpy as np

from skmask._pipelines import steps_of

DOMAIN = "ai.onnx.ml"

_ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid", "identity": "Identity"}


def add_probabilities(graph, classifier, features):
    """Add the probabilities of all classes, of shape (n_classes, *image_shape).

    Parameters
    ----------
    graph : Graph
    classifier : estimator
        Fitted.
    features : Value
        Of shape (n_features, *image_shape).

    Returns
    -------
    probabilities : Value or None
        None for classifiers that are neither networks nor trees.
    """
    # Loaded with the first classifier, not with skmask.
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

    scalers = []
    if type(classifier) is Pipeline:
        *scalers, classifier = steps_of(classifier)
    if not all(type(scaler) is StandardScaler for scaler in scalers):
        return None
    for scaler in scalers:
        features = _scaled(graph, scaler, features)
    if type(classifier) is MLPClassifier:
        return _network(graph, classifier, features)
    if type(classifier) in (DecisionTreeClassifier, ExtraTreeClassifier):
        return _forest(graph, [classifier], features)
    if type(classifier) in (RandomForestClassifier, ExtraTreesClassifier):
        return _forest(graph, classifier.estimators_, features)
    if type(classifier) is HistGradientBoostingClassifier:
        return _histogram_boosting(graph, classifier, features)
    if type(classifier) is GradientBoostingClassifier:
        return _boosting(graph, classifier, features)
    return None


def _scaled(graph, scaler, features):
    if scaler.with_mean:
        features = graph.add("Sub", features, _column(graph, scaler.mean_, features))
    if scaler.scale_ is not None:
        features = graph.add("Div", features, _column(graph, scaler.scale_, features))
    return features


def _column(graph, values, features):
    """Return a number for each channel of features as a constant."""
    return graph.constant(kernel_of(np.reshape(values, (1, -1)), features.shape[1:]))


def kernel_of(weights, image_shape):
    """Return weights of shape (n_outputs, n_inputs) as a convolution with a window of one pixel."""
    return np.asarray(weights, np.float32).reshape(*np.shape(weights), *[1] * len(image_shape))


def _network(graph, network, values):
    for i, (weights, biases) in enumerate(zip(network.coefs_, network.intercepts_, strict=True)):
        if i:
            values = graph.add(_ACTIVATIONS[network.activation], values)
        kernel = graph.constant(kernel_of(weights.T, values.shape[1:]))
        values = graph.add(
            "Conv",
            values,
            kernel,
            graph.constant(biases.astype(np.float32)),
            shape=[len(biases), *values.shape[1:]],
        )
    return _normalized(graph, values)


def _normalized(graph, sums):
    """Return probabilities of log odds, one for two classes, else one for each class."""
    if sums.shape[0] > 1:
        return graph.add("Softmax", sums, axis=1)
    second = graph.add("Sigmoid", sums)
    first = graph.add(
        "Sub", graph.constant(np.float32(1)), second, shape=sums.shape, dtype=sums.dtype
    )
    return graph.add("Concat", first, second, axis=1, shape=[2, *sums.shape[1:]])


def _forest(graph, trees, features):
    nodes = _Nodes()
    for tree in trees:
        inside = tree.tree_
        shares = inside.value[:, 0] / inside.value[:, 0].sum(axis=1, keepdims=True) / len(trees)
        nodes.add(
            inside.feature,
            inside.threshold,
            inside.children_left,
            inside.children_right,
            inside.children_left < 0,
            dict(enumerate(shares.T)),
        )
    return nodes.export(graph, features, shares.shape[1])


def _histogram_boosting(graph, boosting, features):
    nodes = _Nodes()
    baseline = np.ravel(boosting._baseline_prediction)
    for trees in boosting._predictors:
        for target, tree in enumerate(trees):
            table = tree.nodes
            nodes.add(
                table["feature_idx"],
                table["num_threshold"],
                table["left"],
                table["right"],
                table["is_leaf"] != 0,
                {target: table["value"]},
            )
    sums = nodes.export(graph, features, baseline.size)
    return _normalized(graph, graph.add("Add", sums, _column(graph, baseline, sums)))


def _boosting(graph, boosting, features):
    if boosting.loss != "log_loss" or boosting.init is not None:
        return None
    nodes = _Nodes()
    for trees in boosting.estimators_:
        for target, tree in enumerate(trees):
            inside = tree.tree_
            nodes.add(
                inside.feature,
                inside.threshold,
                inside.children_left,
                inside.children_right,
                inside.children_left < 0,
                {target: boosting.learning_rate * inside.value[:, 0, 0]},
            )
    shares = boosting.init_.class_prior_
    baseline = np.log(shares)
    if shares.size == 2:
        baseline = baseline[1:] - baseline[:1]
    sums = nodes.export(graph, features, baseline.size)
    return _normalized(graph, graph.add("Add", sums, _column(graph, baseline, sums)))


class _Nodes:
    """The nodes of trees, as the lists that ONNX has them in."""

    def __init__(self):
        self._nodes = {
            name: []
            for name in (
                "nodes_treeids",
                "nodes_nodeids",
                "nodes_featureids",
                "nodes_values",
                "nodes_truenodeids",
                "nodes_falsenodeids",
                "nodes_modes",
                "target_treeids",
                "target_nodeids",
                "target_ids",
                "target_weights",
            )
        }
        self._n_trees = 0

    def add(self, features, thresholds, lefts, rights, is_leaf, values):
        """Add a tree whose leaves hold a value for some of the targets."""
        n_nodes = len(is_leaf)
        # Features are float32: they are below a threshold if they are below the float32 before it.
        rounded = thresholds.astype(np.float32)
        above = rounded > thresholds
        rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
        columns = {
            "nodes_treeids": [self._n_trees] * n_nodes,
            "nodes_nodeids": range(n_nodes),
            "nodes_featureids": np.where(is_leaf, 0, features).tolist(),
            "nodes_values": np.where(is_leaf, 0, rounded).tolist(),
            "nodes_truenodeids": np.where(is_leaf, 0, lefts).tolist(),
            "nodes_falsenodeids": np.where(is_leaf, 0, rights).tolist(),
            "nodes_modes": ["LEAF" if one else "BRANCH_LEQ" for one in is_leaf],
        }
        leaves = np.flatnonzero(is_leaf).tolist()
        for target, of_nodes in values.items():
            found = {
                "target_treeids": [self._n_trees] * len(leaves),
                "target_nodeids": leaves,
                "target_ids": [target] * len(leaves),
                "target_weights": of_nodes[is_leaf].tolist(),
            }
            for name, column in found.items():
                self._nodes[name].extend(column)
        for name, column in columns.items():
            self._nodes[name].extend(column)
        self._n_trees += 1

    def export(self, graph, features, n_targets):
        """Add the sums of the trees, of shape (n_targets, *image_shape)."""
        n_features, *spatial = features.shape
        axes = list(range(1, len(spatial) + 2))
        perm = [0, *axes[1:], axes[0]]
        last = graph.add("Transpose", features, perm=perm, shape=[*spatial, n_features])
        rows = graph.reshape(last, [n_features])
        sums = graph.add(
            "TreeEnsembleRegressor",
            rows,
            shape=[n_targets],
            domain=DOMAIN,
            n_targets=n_targets,
            **self._nodes,
        )
        images = graph.reshape(sums, [*spatial, n_targets])
        perm = [0, axes[-1], *axes[:-1]]
        return graph.add("Transpose", images, perm=perm, shape=[n_targets, *spatial])
