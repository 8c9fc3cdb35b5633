"""Local features and classifiers of pixels in a graph of ONNX, for images of one to three axes.

Gaussians and differences are convolutions of mirrored planes. All features of a pixel are joined along the
axis of channels, of which a linear classifier is a convolution with a window of one pixel.
"""

import itertools
import math

import numpy as np

from skmask._features.local_features import LocalFeatures
from skmask._images.images import without_axis
from skmask._kernels.features.levels import MOST_PIXELS
from skmask._kernels.features.plan import QUANTILES
from skmask._kernels.pixels.precision import floats_for
from skmask._onnx.classifiers import add_probabilities, kernel_of
from skmask._onnx.graph import BOOL

SLOPE = np.array([-0.5, 0, 0.5])
CURVE = np.array([1, -2, 1])

# Runtimes convolve along up to three axes.
MOST_AXES = 3


def export_features(graph, features, images):
    """Add the features of images, along a last axis; those of flat rows all in a row."""
    joined = _joined(graph, features, images)
    n_features, *shape = joined.shape
    perm = [0, *range(2, len(shape) + 2), 1]
    last = graph.add("Transpose", joined, perm=perm, shape=[*shape, n_features])
    spatial = without_axis((1, *images.shape), features.channel_axis, "to_onnx")[1:]
    is_flat = len(images.shape) == 1
    return graph.reshape(last, [math.prod(last.shape)] if is_flat else [*spatial, n_features])


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
        "Conv",
        probabilities,
        graph.constant(kernel_of(is_foreground[np.newaxis], shape)),
        shape=[1, *shape],
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
        shares = graph.constant(kernel_of(model.shares[np.newaxis], features.shape[1:]))
        weighted = graph.add("Mul", probabilities, shares)
        total = graph.add(
            "ReduceSum", weighted, graph.constant(np.array([1])), shape=[1, *features.shape[1:]]
        )
        return graph.add("Div", weighted, total)
    if len(weights) == 1:
        # Two classes: the odds of the first are 1.
        weights = np.vstack([np.zeros_like(weights), weights])
        intercepts = np.append(0, intercepts)
    kernel = graph.constant(kernel_of(weights, features.shape[1:]))
    biases = graph.constant(intercepts.astype(np.float32))
    sums = graph.add("Conv", features, kernel, biases, shape=[len(weights), *features.shape[1:]])
    return graph.add("Softmax", sums, axis=1)


def _joined(graph, features, images):
    """Return the features of images along the axis of channels, before those of images."""
    if "median" in features.features:
        graph.refuse(features, " with 'median'")
    plan, channels = features.plan_of(np.broadcast_to(np.float32(0), images.shape))
    if len(plan.spacing) > MOST_AXES:
        graph.refuse(features, f" for images of {len(plan.spacing)} axes")
    shape = channels.shape[1:]
    axis = features.channel_axis
    planes = [images] if axis is None else graph.channels(images, axis)
    found = []
    for plane in planes:
        # Levels are subtracted in floats that hold the pixels, as the kernels do.
        exact = graph.reshape(graph.cast(plane, floats_for(plane.dtype)), [1, *shape])
        levels = None if plan.normalize is None else _levels(graph, exact)
        if plan.normalize == "robust":
            exact = _robust(graph, exact, levels)
        pixels = graph.cast(exact, np.float32)
        if "intensity" in plan.features:
            found.append(pixels)
        if plan.normalize == "quantiles":
            apart = [graph.add("Sub", exact, level) for level in levels]
            found += [graph.cast(one, np.float32) for one in apart]
        smoothed = pixels
        for scale, taps in zip(plan.scales, plan.chain, strict=True):
            smoothed = _smoothed(graph, smoothed, taps)
            for name in plan.features:
                found += _FEATURES[name](graph, pixels, smoothed, plan, scale)
    return graph.add("Concat", *found, axis=1, shape=[len(found), *shape])


def _levels(graph, pixels):
    """Return the quantiles of each image, as `image_levels` does; NaN where a pixel is not finite."""
    n_axes = len(pixels.shape) - 1
    step = max(math.ceil((math.prod(pixels.shape) / MOST_PIXELS) ** (1 / n_axes)), 1)
    starts, ends, axes, steps = (
        graph.constant(np.array(values, np.int64))
        for values in ([0] * n_axes, pixels.shape[1:], range(2, n_axes + 2), [step] * n_axes)
    )
    shape = [1, *(-(-size // step) for size in pixels.shape[1:])]
    part = graph.add("Slice", pixels, starts, ends, axes, steps, shape=shape)
    n_pixels = math.prod(shape)
    rows = graph.reshape(part, [n_pixels])
    n_sorted = graph.constant(np.array([n_pixels], np.int64))
    ascending = graph.add("TopK", rows, n_sorted, axis=1, largest=0, n_results=2)
    number = pixels.dtype.type
    zeros = graph.add("Mul", rows, graph.constant(number(0)))
    nothing = graph.add("ReduceSum", zeros, graph.constant(np.array([1])), shape=[1])
    levels = []
    for quantile in QUANTILES:
        position = quantile * (n_pixels - 1)
        low = min(int(position), max(n_pixels - 2, 0))
        ends = (
            graph.add("Gather", ascending, graph.constant(np.array([i])), axis=1, shape=[1])
            for i in (low, min(low + 1, n_pixels - 1))
        )
        shares = (1 - (position - low), position - low)
        parts = [
            graph.add("Mul", end, graph.constant(number(share)))
            for end, share in zip(ends, shares, strict=True)
        ]
        level = graph.add("Add", graph.add("Add", *parts), nothing)
        levels.append(graph.reshape(level, [1] * (n_axes + 1)))
    return levels


def _robust(graph, pixels, levels):
    """Subtract the median, and divide by the distance of the outer quantiles where there is one."""
    apart = graph.add("Sub", levels[4], levels[0])
    nothing, one = (graph.constant(apart.dtype.type(value)) for value in (0, 1))
    is_flat = graph.add("Equal", apart, nothing, dtype=BOOL)
    scale = graph.add("Where", is_flat, one, apart, dtype=apart.dtype, shape=apart.shape)
    return graph.add("Div", graph.add("Sub", pixels, levels[2]), scale)


def _smoothed(graph, plane, taps):
    """Convolve along all axes, mirrored beyond the edges."""
    for axis, (weights, step) in enumerate(taps, 1):
        margin = (len(weights) - 1) * step
        size = plane.shape[axis]
        positions = np.arange(-margin, size + margin) % (2 * size)
        mirrored = np.minimum(positions, 2 * size - 1 - positions)
        shape = [*plane.shape]
        shape[axis] = mirrored.size
        padded = graph.add("Gather", plane, graph.constant(mirrored), axis=axis + 1, shape=shape)
        kernel = np.array([*weights[:0:-1], *weights], np.float32)
        along = [-1 if one == axis else 1 for one in range(1, len(plane.shape))]
        dilations = [step if one == axis else 1 for one in range(1, len(plane.shape))]
        plane = graph.add(
            "Conv",
            padded,
            graph.constant(kernel.reshape(1, 1, *along)),
            dilations=dilations,
            shape=plane.shape,
        )
    return plane


def _difference(graph, plane, along):
    """Convolve with some windows of three pixels, each along an axis, edges repeated."""
    n_axes = len(plane.shape) - 1
    kernel = np.ones([1] * n_axes)
    for axis, window in along.items():
        kernel = kernel * np.reshape(window, [-1 if one == axis else 1 for one in range(n_axes)])
    margins = [size // 2 for size in kernel.shape]
    pads = graph.constant(np.array([0, 0, *margins] * 2, np.int64))
    shape = [1, *np.add(plane.shape[1:], np.multiply(margins, 2)).tolist()]
    padded = graph.add("Pad", plane, pads, mode="edge", shape=shape)
    kernel = kernel[np.newaxis, np.newaxis].astype(np.float32)
    return graph.add("Conv", padded, graph.constant(kernel), shape=plane.shape)


def _gradient(graph, plane, plan):
    return [_difference(graph, plane, {i: SLOPE / one}) for i, one in enumerate(plan.spacing)]


def _intensity(graph, pixels, smoothed, plan, scale):
    return [smoothed]


def _edges(graph, pixels, smoothed, plan, scale):
    return [_length(graph, _gradient(graph, smoothed, plan))]


def _hessian(graph, pixels, smoothed, plan, scale):
    spacing = plan.spacing
    entries = {}
    for i, j in itertools.combinations_with_replacement(range(len(spacing)), 2):
        windows = {i: CURVE / spacing[i] ** 2}
        if i != j:
            windows = {i: SLOPE / spacing[i], j: SLOPE / spacing[j]}
        entries[i, j] = _difference(graph, smoothed, windows)
    return _eigenvalues(graph, entries)


def _structure(graph, pixels, smoothed, plan, scale):
    gradient = _gradient(graph, smoothed, plan)
    taps = plan.blur_of_smooth(scale)
    entries = {}
    for i, j in itertools.combinations_with_replacement(range(len(gradient)), 2):
        product = graph.add("Mul", gradient[i], gradient[j])
        entries[i, j] = _smoothed(graph, product, taps)
    return _eigenvalues(graph, entries)


def _std(graph, pixels, smoothed, plan, scale):
    deviation = graph.add("Sub", pixels, smoothed)
    squares = graph.add("Mul", deviation, deviation)
    return [graph.add("Sqrt", _smoothed(graph, squares, plan.blur(scale)))]


def _minmax(graph, pixels, smoothed, plan, scale):
    window = plan.windows(scale)
    options = {"kernel_shape": window, "pads": [size // 2 for size in window] * 2}
    greatest = graph.add("MaxPool", pixels, **options)
    least = graph.add("Neg", graph.add("MaxPool", graph.add("Neg", pixels), **options))
    # NaN is not the greatest for all runtimes.
    nothing = graph.add("Sub", pixels, pixels)
    return [graph.add("Add", one, nothing) for one in (least, greatest)]


def _length(graph, values):
    squares = [graph.add("Mul", value, value) for value in values]
    return graph.add("Sqrt", graph.chain("Add", squares))


def _eigenvalues(graph, entries):
    """Return the eigenvalues of a symmetric matrix, the greatest one first."""
    n_rows = max(entries)[0] + 1
    if n_rows == 1:
        return [entries[0, 0]]
    if n_rows == 3:
        return _eigenvalues_of_three(graph, entries)
    half = graph.constant(np.float32(0.5))
    a, b, c = entries[0, 0], entries[0, 1], entries[1, 1]
    middle = graph.add("Mul", graph.add("Add", a, c), half)
    apart = graph.add("Mul", graph.add("Sub", a, c), half)
    radius = _length(graph, [apart, b])
    return [graph.add("Add", middle, radius), graph.add("Sub", middle, radius)]


def _eigenvalues_of_three(graph, entries):
    """Return eigenvalues by Smith's formula, as `skmask._kernels.features.eigenvalues` does."""

    def number(value):
        return graph.constant(np.float32(value))

    def product(*factors):
        return graph.chain("Mul", factors)

    diagonal = [entries[i, i] for i in range(3)]
    mean = graph.add("Div", graph.chain("Add", diagonal), number(3))
    centered = [graph.add("Sub", entry, mean) for entry in diagonal]
    sides = [entries[0, 1], entries[0, 2], entries[1, 2]]
    length = _length(graph, [*centered, *sides, *sides])
    spread = graph.add("Div", length, number(math.sqrt(6)))
    is_flat = graph.add("Equal", spread, number(0), dtype=BOOL)
    divisor = graph.add("Where", is_flat, number(1), spread, dtype=spread.dtype, shape=spread.shape)
    a, b, c, d, e, f = (graph.add("Div", one, divisor) for one in (*centered, *sides))
    positive = [product(a, b, c), product(d, e, f), product(d, e, f)]
    negative = [product(a, f, f), product(b, e, e), product(c, d, d)]
    determinant = graph.add("Sub", graph.chain("Add", positive), graph.chain("Add", negative))
    cosine = graph.add("Clip", graph.add("Div", determinant, number(2)), number(-1), number(1))
    angle = graph.add("Div", graph.add("Acos", cosine), number(3))
    twice = graph.add("Mul", spread, number(2))
    turned = graph.add("Add", angle, number(2 * math.pi / 3))
    greatest, least = (
        graph.add("Add", mean, graph.add("Mul", twice, graph.add("Cos", one)))
        for one in (angle, turned)
    )
    others = graph.add("Sub", graph.add("Mul", mean, number(3)), greatest)
    return [greatest, graph.add("Sub", others, least), least]


_FEATURES = {
    "intensity": _intensity,
    "edges": _edges,
    "hessian": _hessian,
    "structure": _structure,
    "std": _std,
    "minmax": _minmax,
}
