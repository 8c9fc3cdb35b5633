"""Local features and classifiers of pixels in a graph of ONNX, for images of two axes.

Gaussians and differences are convolutions of mirrored planes. All features of a pixel are joined along the
axis of channels, of which a linear classifier is a convolution with a window of one pixel.
"""

import numpy as np

from skmask._features.local_features import LocalFeatures
from skmask._images.images import without_axis
from skmask._onnx.classifiers import add_probabilities
from skmask._onnx.graph import BOOL

CENTER = np.array([0, 1, 0])
SLOPE = np.array([-0.5, 0, 0.5])
CURVE = np.array([1, -2, 1])

EXPRESSED = {"intensity", "edges", "hessian", "structure"}


def export_features(graph, features, images):
    """Add the features of images, along a last axis."""
    joined = _joined(graph, features, images)
    n_features, *shape = joined.shape
    return graph.add("Transpose", joined, perm=[0, 2, 3, 1], shape=[*shape, n_features])


def export_classifier(graph, masker, images):
    """Add the masks or probabilities of a classifier."""
    if masker.output == "labels":
        graph.refuse(masker, " with output='labels'")
    if len(masker.features_) != 1 or type(masker.features_[0]) is not LocalFeatures:
        graph.refuse(masker, " with other features than LocalFeatures")
    model = masker._model()
    joined = _joined(graph, masker.features_[0], images)
    shape = joined.shape[1:]
    probabilities = _probabilities(graph, model, joined)
    if probabilities is None:
        classifier = model.classifier
        if hasattr(classifier, "steps"):
            classifier = classifier.steps[-1][1]
        name = type(classifier).__name__
        graph.refuse(masker, f" with {name}, which is neither linear nor a network nor trees")
    is_foreground = model.is_foreground.astype(np.float32)
    foreground = graph.add(
        "Conv", probabilities, graph.constant(is_foreground.reshape(1, -1, 1, 1)), shape=[1, *shape]
    )
    if images.dtype.kind == "f":
        # Trees would send NaN to some leaf.
        total = graph.add(
            "ReduceSum", joined, graph.constant(np.array([1])), shape=foreground.shape
        )
        nothing = graph.add("Mul", total, graph.constant(np.float32(0)))
        foreground = graph.add("Add", foreground, nothing)
    spatial = without_axis((1, *images.shape), masker.channel_axis, "to_onnx")[1:]
    foreground = graph.reshape(foreground, spatial)
    if masker.output == "probability":
        return foreground
    limit = graph.constant(np.float32(masker.threshold_))
    return graph.add("Greater", foreground, limit, dtype=BOOL)


def _probabilities(graph, model, features):
    """Add the probabilities of all classes; None for classifiers that cannot be expressed."""
    weights, intercepts = model.linear_form()
    if weights is None:
        if len(model.classifier.classes_) < model.classes.size:
            return None
        probabilities = add_probabilities(graph, model.classifier, features)
        if probabilities is None or model.shares is None:
            return probabilities
        shares = graph.constant(model.shares.reshape(1, -1, 1, 1).astype(np.float32))
        weighted = graph.add("Mul", probabilities, shares)
        total = graph.add(
            "ReduceSum", weighted, graph.constant(np.array([1])), shape=[1, *features.shape[1:]]
        )
        return graph.add("Div", weighted, total)
    if len(weights) == 1:
        # Two classes: the odds of the first are 1.
        weights = np.vstack([np.zeros_like(weights), weights])
        intercepts = np.append(0, intercepts)
    kernel = graph.constant(weights[..., np.newaxis, np.newaxis].astype(np.float32))
    biases = graph.constant(intercepts.astype(np.float32))
    sums = graph.add("Conv", features, kernel, biases, shape=[len(weights), *features.shape[1:]])
    return graph.add("Softmax", sums, axis=1)


def _joined(graph, features, images):
    """Return the features of images along the axis of channels, before those of images."""
    if features.normalize is not None:
        graph.refuse(features, f" with normalize={features.normalize!r}")
    for name in features.features:
        if name not in EXPRESSED:
            graph.refuse(features, f" with {name!r}")
    plan, channels = features._plan_of(np.broadcast_to(np.float32(0), images.shape))
    if len(plan.spacing) != 2:
        graph.refuse(features, f" for images of {len(plan.spacing)} axes")
    shape = channels.shape[1:]
    axis = features.channel_axis
    planes = [images] if axis is None else graph.channels(images, axis)
    found = []
    for plane in planes:
        pixels = graph.reshape(graph.cast(plane, np.float32), [1, *shape])
        if "intensity" in plan.features:
            found.append(pixels)
        smoothed = pixels
        for scale, taps in zip(plan.scales, plan.chain, strict=True):
            smoothed = _smoothed(graph, smoothed, taps)
            for name in plan.features:
                found += _FEATURES[name](graph, smoothed, plan, scale)
    return graph.add("Concat", *found, axis=1, shape=[len(found), *shape])


def _smoothed(graph, plane, taps):
    """Convolve along both axes, mirrored beyond the edges."""
    for axis, (weights, step) in enumerate(taps, 1):
        margin = (len(weights) - 1) * step
        size = plane.shape[axis]
        positions = np.arange(-margin, size + margin) % (2 * size)
        mirrored = np.minimum(positions, 2 * size - 1 - positions)
        shape = [*plane.shape]
        shape[axis] = mirrored.size
        padded = graph.add("Gather", plane, graph.constant(mirrored), axis=axis + 1, shape=shape)
        kernel = np.array([*weights[:0:-1], *weights], np.float32)
        kernel = kernel.reshape(1, 1, *((-1, 1) if axis == 1 else (1, -1)))
        dilations = [step, 1] if axis == 1 else [1, step]
        plane = graph.add(
            "Conv", padded, graph.constant(kernel), dilations=dilations, shape=plane.shape
        )
    return plane


def _difference(graph, plane, rows, columns):
    """Convolve with a window of three by three, edges repeated."""
    shape = plane.shape
    pads = graph.constant(np.array([0, 0, 1, 1] * 2, np.int64))
    padded = graph.add("Pad", plane, pads, mode="edge", shape=[1, shape[1] + 2, shape[2] + 2])
    kernel = np.outer(rows, columns).astype(np.float32)[np.newaxis, np.newaxis]
    return graph.add("Conv", padded, graph.constant(kernel), shape=shape)


def _gradient(graph, plane, plan):
    down, across = plan.spacing
    return (
        _difference(graph, plane, SLOPE / down, CENTER),
        _difference(graph, plane, CENTER, SLOPE / across),
    )


def _intensity(graph, plane, plan, scale):
    return [plane]


def _edges(graph, plane, plan, scale):
    down, across = _gradient(graph, plane, plan)
    squares = graph.add("Mul", down, down), graph.add("Mul", across, across)
    return [graph.add("Sqrt", graph.add("Add", *squares))]


def _hessian(graph, plane, plan, scale):
    down, across = plan.spacing
    return _eigenvalues(
        graph,
        _difference(graph, plane, CURVE / down**2, CENTER),
        _difference(graph, plane, SLOPE / down, SLOPE / across),
        _difference(graph, plane, CENTER, CURVE / across**2),
    )


def _structure(graph, plane, plan, scale):
    down, across = _gradient(graph, plane, plan)
    products = (down, down), (down, across), (across, across)
    taps = plan.blur_of_smooth(scale)
    return _eigenvalues(
        graph, *(_smoothed(graph, graph.add("Mul", *pair), taps) for pair in products)
    )


def _eigenvalues(graph, a, b, c):
    """Return the eigenvalues of [[a, b], [b, c]], the greater one first."""
    half = graph.constant(np.float32(0.5))
    middle = graph.add("Mul", graph.add("Add", a, c), half)
    apart = graph.add("Mul", graph.add("Sub", a, c), half)
    squares = graph.add("Mul", apart, apart), graph.add("Mul", b, b)
    radius = graph.add("Sqrt", graph.add("Add", *squares))
    return [graph.add("Add", middle, radius), graph.add("Sub", middle, radius)]


_FEATURES = {
    "intensity": _intensity,
    "edges": _edges,
    "hessian": _hessian,
    "structure": _structure,
}
