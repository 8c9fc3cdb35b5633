"""Fitted estimators as ONNX graphs: one small function for each estimator that ONNX can express.

Such a function takes the graph, the estimator and the images as they come in, adds nodes to the graph, and
gives the images or masks that come out.
"""

import math
from numbers import Integral

import numpy as np
from sklearn.pipeline import Pipeline

from skmask._appliers.mask_applier import MaskApplier
from skmask._appliers.mask_cropper import MaskCropper
from skmask._cleaners.binary_closer import BinaryCloser
from skmask._cleaners.binary_dilator import BinaryDilator
from skmask._cleaners.binary_eroder import BinaryEroder
from skmask._cleaners.binary_opener import BinaryOpener
from skmask._composition.drift_guard import DriftGuard
from skmask._composition.mask_complement import MaskComplement
from skmask._composition.mask_difference import MaskDifference
from skmask._composition.mask_intersection import MaskIntersection
from skmask._composition.mask_symmetric_difference import MaskSymmetricDifference
from skmask._composition.mask_union import MaskUnion
from skmask._composition.mask_vote import MaskVote
from skmask._describe import describe
from skmask._features.image_flattener import ImageFlattener
from skmask._features.local_features import LocalFeatures
from skmask._features.masked_pixel_selector import MaskedPixelSelector
from skmask._images.kinds import brief
from skmask._kernels.pixels.color import LUMINANCE, products
from skmask._kernels.pixels.compare import round_down, round_up
from skmask._kernels.pixels.precision import floats_for
from skmask._kernels.pixels.values import can_be
from skmask._maskers.fixed_masker import FixedMasker
from skmask._maskers.histogram_range_masker import HistogramRangeMasker
from skmask._maskers.histogram_threshold_masker import HistogramThresholdMasker
from skmask._maskers.pixel_classifier_masker import PixelClassifierMasker
from skmask._maskers.range_masker import RangeMasker
from skmask._maskers.threshold_masker import ThresholdMasker
from skmask._maskers.value_masker import ValueMasker
from skmask._onnx.classifiers import DOMAIN
from skmask._onnx.graph import BOOL, COMPUTED, EXPORTERS, Graph, Value, typed
from skmask._onnx.pixels import export_classifier, export_features
from skmask._packages import import_package
from skmask._steps.color_converter import ColorConverter
from skmask._steps.color_projector import ColorProjector
from skmask._steps.image_normalizer import ImageNormalizer
from skmask._version import __version__

OPSET = 17
TREES = 3
IR_VERSION = 8

# Nodes in a chain that a runtime loads in a second.
MOST_ITERATIONS = 1000

# Twice the value of this bit is a number of 64 bits with a sign.
HIGHEST_BIT = 61


def to_onnx(estimator, *, image_shape, dtype):
    """Export a fitted estimator to ONNX, with masks and images exactly as skmask makes them.

    Parameters
    ----------
    estimator : estimator
        A fitted masker, a Pipeline, or what applies one to images. The export covers gray values,
        projected colors, images normalized as in training, and given or learned thresholds and ranges. It
        covers known masks, set algebra, dilation, erosion, opening, closing, local features of images of one
        to three axes (not their medians), and classifiers of pixels that are linear, networks or trees.
        Application, cropping, selection, flattening, Pipelines of all these and fitted searches can be
        exported, too.
    image_shape : tuple of int
        Shape of the images that will come in; ``(n_pixels,)`` for flat rows. Their number is free.
    dtype : dtype-like
        Data type of the pixels: bool, integers of up to 64 bits but for uint64, floats of 16 to 64 bits.

    Returns
    -------
    model : onnx.ModelProto
        A model of opset 17 with the input ``images`` and the output ``result``. ``onnx.save`` writes it.

    Notes
    -----
    It needs the package onnx, ``pip install "skmask[onnx]"``. Steps that repeat until stable, find
    connected regions, or compute something from a whole image are refused by name.

    Sums of local features are rounded in another order than in skmask, so that a pixel at the very threshold
    may differ. Trees split at such features, so that their probabilities differ by some hundredths
    at single pixels. A NaN makes all pixels background whose features look at it.

    Examples
    --------
    >>> import numpy as np
    >>> import onnxruntime
    >>> from sklearn.pipeline import make_pipeline
    >>> from skmask import BinaryDilator, ThresholdMasker
    >>> from skmask.io import to_onnx
    >>> pipeline = make_pipeline(ThresholdMasker(32), BinaryDilator())
    >>> model = to_onnx(pipeline, image_shape=(1, 5), dtype="uint8")
    >>> session = onnxruntime.InferenceSession(model.SerializeToString())
    >>> X = np.array([[[10, 40, 10, 10, 10]]], np.uint8)
    >>> session.run(["result"], {"images": X})[0].astype(int)
    array([[[1, 1, 1, 0, 0]]])
    """
    onnx = import_package("onnx", caller="to_onnx", extra="onnx")
    graph = Graph()
    images = Value("images", _check_dtype(dtype), _check_image_shape(image_shape))
    result = graph.add("Identity", graph.export(estimator, images), name="result")
    domains = [("", OPSET)]
    if any(node.domain == DOMAIN for node in graph.nodes):
        domains.append((DOMAIN, TREES))
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            "skmask",
            [typed(images)],
            [typed(result)],
            graph.constants,
            doc_string=describe(estimator),
        ),
        opset_imports=[onnx.helper.make_opsetid(*domain) for domain in domains],
        ir_version=IR_VERSION,
        producer_name="skmask",
        producer_version=__version__,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _check_dtype(dtype):
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = None
    if dtype is None or checked is None or checked.name not in COMPUTED:
        msg = (
            f"to_onnx expects dtype to be one of {', '.join(COMPUTED)}, got {brief(dtype)}. "
            "Convert the images first."
        )
        raise TypeError(msg)
    return checked


def _check_image_shape(image_shape):
    is_sequence = isinstance(image_shape, tuple | list) and len(image_shape)
    if not is_sequence or not all(
        isinstance(size, Integral) and not isinstance(size, bool) and size > 0
        for size in image_shape
    ):
        msg = (
            "to_onnx expects image_shape to be a tuple of positive integers, got "
            f"{brief(image_shape)}. Use the shape of an image, such as X.shape[1:]."
        )
        raise ValueError(msg)
    return tuple(map(int, image_shape))


def exports(cls):
    """Enter a function as the exporter of a class; a subclass of it may do something else."""

    def enter(function):
        EXPORTERS[cls] = function
        return function

    return enter


exports(LocalFeatures)(export_features)
exports(PixelClassifierMasker)(export_classifier)


@exports(Pipeline)
def _pipeline(graph, pipeline, images):
    for name, step in pipeline.steps:
        if step not in (None, "passthrough"):
            images = graph.export(step, images, name)
    return images


@exports(ImageNormalizer)
def _normalizer(graph, normalizer, images):
    if normalizer.per == "image":
        graph.refuse(normalizer, " with per='image'")
    shape = [1] * (len(images.shape) + 1)
    if normalizer.channel_axis is not None:
        shape[normalizer.channel_axis] = -1
    offset, scale = (
        graph.constant(limits[0].reshape(shape))
        for limits in (normalizer.offset_range_, normalizer.scale_range_)
    )
    moved = graph.add("Sub", graph.cast(images, np.float64), offset)
    return graph.cast(graph.add("Div", moved, scale), np.float32)


@exports(ColorConverter)
def _converter(graph, converter, images):
    axis = converter.channel_axis
    if isinstance(converter.to, Integral):
        return graph.channels(images, axis)[converter.to]
    if converter.to != "gray":
        graph.refuse(converter, f" with to={converter.to!r}")
    if axis is None:
        return graph.cast(images, np.float32)
    channels = graph.channels(images, axis)
    return _weighted(graph, channels, [(0,), (1,), (2,)], LUMINANCE, np.dtype(np.float32))


@exports(ColorProjector)
def _projector(graph, projector, images):
    axis = projector.channel_axis
    if axis is None:
        return graph.cast(images, np.float32)
    if projector.white_quantile is not None:
        graph.refuse(projector, f" with white_quantile={projector.white_quantile}")
    channels = graph.channels(images, axis)
    terms = products(len(channels), projector.degree)
    dtype = floats_for(images.dtype)
    projected = _weighted(graph, channels, terms, projector.coef_, dtype, projector.intercept_)
    projected = graph.cast(projected, np.float32)
    if images.dtype.kind != "f":
        return projected
    computed = [graph.cast(one, COMPUTED[images.dtype.name]) for one in channels]
    is_infinite = graph.chain("Or", [graph.add("IsInf", one, dtype=BOOL) for one in computed])
    missing = graph.constant(np.float32(np.nan))
    return graph.add("Where", is_infinite, missing, projected, dtype=projected.dtype)


def _weighted(graph, channels, terms, weights, dtype, start=None):
    """Add up products of channels with their weights, in the order in which the kernels do."""
    channels = [graph.cast(channel, dtype) for channel in channels]
    total = None if start is None else graph.constant(dtype.type(start))
    for term, weight in zip(terms, weights, strict=True):
        value = graph.add("Mul", channels[term[0]], graph.constant(dtype.type(weight)))
        for factor in term[1:]:
            value = graph.add("Mul", value, channels[factor])
        total = value if total is None else graph.add("Add", value, total)
    return total


@exports(ThresholdMasker)
def _threshold(graph, masker, images):
    op = "Greater" if masker.foreground == "bright" else "LessOrEqual"
    return graph.compare(op, images, masker.threshold)


@exports(HistogramThresholdMasker)
def _learned_threshold(graph, masker, images):
    if masker.strategy == "per_image":
        graph.refuse(masker, " with strategy='per_image'")
    op = "Greater" if masker.foreground_ == "bright" else "LessOrEqual"
    return graph.compare(op, images, round_down(masker.threshold_, images.dtype))


@exports(RangeMasker)
def _range(graph, masker, images):
    bounds = masker._channels((0, *images.shape))
    axis = masker.channel_axis
    channels = [images] if axis is None else graph.channels(images, axis)
    masks = [
        _within(graph, channel, low, high, masker.inclusive, circular)
        for channel, (_, low, high, circular) in zip(channels, bounds, strict=True)
    ]
    return graph.chain("And" if masker.channel_reduce == "all" else "Or", masks)


@exports(ValueMasker)
def _values(graph, masker, images):
    if masker.bits is not None:
        return _bits(graph, masker, images)
    wanted = [one for one in np.atleast_1d(masker.values).tolist() if can_be(one, images.dtype)]
    pixels = graph.cast(images, COMPUTED[images.dtype.name])
    # As a number of the dtype of the pixels, and then of that in which they are computed.
    limits = [graph.constant(pixels.dtype.type(images.dtype.type(one))) for one in wanted]
    masks = [graph.add("Equal", pixels, limit, dtype=BOOL) for limit in limits]
    return graph.chain("Or", masks or [graph.add("Not", graph.all_true(images))])


def _bits(graph, masker, images):
    """Find bits by remainders, as ONNX has no bitwise operations before version 18 of its operators."""
    bits = masker._bits_of(images.dtype)
    if max(bits) > HIGHEST_BIT:
        graph.refuse(masker, f" with bits above {HIGHEST_BIT}")
    pixels = graph.cast(images, np.int64)
    masks = []
    for bit in bits:
        # Remainders are from 0 on for negative pixels too, whose bits are those of two's complement.
        rest = graph.add("Mod", pixels, graph.constant(np.int64(2 << bit)))
        masks.append(
            graph.add("GreaterOrEqual", rest, graph.constant(np.int64(1 << bit)), dtype=BOOL)
        )
    return graph.chain("And" if masker.match == "all" else "Or", masks)


@exports(HistogramRangeMasker)
def _learned_range(graph, masker, images):
    if masker.strategy == "per_image":
        graph.refuse(masker, " with strategy='per_image'")
    low, high = round_up(masker.low_, images.dtype), round_down(masker.high_, images.dtype)
    return _within(graph, images, low, high)


def _within(graph, images, low, high, inclusive="both", circular=False):
    reaches = "GreaterOrEqual" if inclusive in ("both", "left") else "Greater"
    stays = "LessOrEqual" if inclusive in ("both", "right") else "Less"
    masks = [] if low is None else [graph.compare(reaches, images, low)]
    masks += [] if high is None else [graph.compare(stays, images, high)]
    wraps = circular and len(masks) == 2 and low > high
    return graph.chain("Or" if wraps else "And", masks or [graph.all_true(images)])


@exports(FixedMasker)
def _fixed(graph, masker, images):
    axis = masker.channel_axis
    mask = masker._mask_for((0, *images.shape))
    channels = [images] if axis is None else graph.channels(images, axis)
    mask = graph.constant(np.broadcast_to(mask, (1, *channels[0].shape)).copy())
    return graph.chain("And", [*map(graph.all_true, channels), mask])


@exports(BinaryDilator)
def _dilator(graph, dilator, images):
    return _repeat(graph.dilate, graph, dilator, images, dilator.border == "foreground")


@exports(BinaryEroder)
def _eroder(graph, eroder, images):
    return _repeat(graph.erode, graph, eroder, images, eroder.border != "background")


@exports(BinaryOpener)
def _opener(graph, opener, images):
    return _dilator(graph, opener, _eroder(graph, opener, images))


@exports(BinaryCloser)
def _closer(graph, closer, images):
    if closer.border != "ignore":
        return _eroder(graph, closer, _dilator(graph, closer, images))
    # As on a larger, empty image.
    footprint = closer._footprint_for(images.shape)
    margins = [size // 2 * closer.iterations for size in footprint.shape]
    pads = graph.constant(np.array([0, *margins] * 2, np.int64))
    masks = graph.cast(graph.nonzero(images), np.float32)
    shape = [size + 2 * margin for size, margin in zip(images.shape, margins, strict=True)]
    masks = graph.cast(graph.add("Pad", masks, pads, shape=shape), BOOL)
    masks = _repeat(graph.dilate, graph, closer, masks, False)
    masks = _repeat(graph.erode, graph, closer, masks, False)
    ends = np.add(margins, images.shape).tolist()
    return graph.crop(masks, list(map(slice, margins, ends)))


def _repeat(operate, graph, estimator, images, outside):
    if estimator.iterations is None:
        graph.refuse(estimator, " with iterations=None")
    if len(images.shape) > 3:
        graph.refuse(estimator, f" for images of {len(images.shape)} axes")
    if estimator.iterations > MOST_ITERATIONS:
        graph.refuse(estimator, f" with iterations={estimator.iterations}, each of which is a node")
    footprint = estimator._footprint_for(images.shape)
    masks = graph.nonzero(images)
    for _ in range(estimator.iterations):
        masks = operate(masks, footprint, outside)
    return masks


@exports(MaskUnion)
def _union(graph, union, images):
    return graph.chain("Or", _masks(graph, union, images))


@exports(MaskIntersection)
def _intersection(graph, intersection, images):
    return graph.chain("And", _masks(graph, intersection, images))


@exports(MaskDifference)
def _difference(graph, difference, images):
    first, *others = _masks(graph, difference, images)
    return graph.chain("And", [first, *(graph.add("Not", other) for other in others)])


@exports(MaskSymmetricDifference)
def _symmetric_difference(graph, difference, images):
    return graph.chain("Xor", _masks(graph, difference, images))


@exports(MaskVote)
def _vote(graph, vote, images):
    masks = _masks(graph, vote, images)
    if vote.weights is not None:
        return _weighted_vote(graph, vote, masks)
    needed = len(masks) // 2 + 1 if vote.min_votes is None else vote.min_votes
    votes = graph.chain("Add", [graph.cast(mask, np.int32) for mask in masks])
    return graph.compare("GreaterOrEqual", votes, needed)


def _weighted_vote(graph, vote, masks):
    weights = vote._weights()
    terms = [
        graph.add("Mul", graph.cast(mask, np.float64), graph.constant(np.float64(weight)))
        for mask, weight in zip(masks, weights, strict=True)
    ]
    compare = "Greater" if vote.min_votes is None else "GreaterOrEqual"
    limit = graph.constant(np.float64(vote._limit(weights)))
    return graph.add(compare, graph.chain("Add", terms), limit, dtype=BOOL)


def _masks(graph, combination, images):
    fitted = getattr(combination, "maskers_", None) or combination._maskers().items()
    return [graph.nonzero(graph.export(masker, images, name)) for name, masker in fitted]


@exports(MaskComplement)
def _complement(graph, complement, images):
    mask = graph.add("Not", _mask(graph, complement, images))
    if images.dtype.kind != "f":
        return mask
    axis = complement.channel_axis
    channels = [images] if axis is None else graph.channels(images, axis)
    return graph.chain("And", [mask, *map(graph.all_true, channels)])


def _mask(graph, holder, images):
    masker = getattr(holder, "masker_", holder.masker)
    return graph.nonzero(graph.export(masker, images, "masker"))


@exports(DriftGuard)
def _guard(graph, guard, images):
    if guard.on_drift != "ignore":
        graph.refuse(guard, f" with on_drift={guard.on_drift!r}")
    return _mask(graph, guard, images)


@exports(MaskApplier)
def _applier(graph, applier, images):
    for name, value in applier._values().items():
        if isinstance(value, str):
            graph.refuse(applier, f" with {name}={value!r}")
    if applier.masker is None:
        graph.refuse(applier, " without a masker")
    if applier.on_empty != "ignore":
        graph.refuse(applier, f" with on_empty={applier.on_empty!r}")
    mask = _mask(graph, applier, images)
    if applier.channel_axis is not None:
        axis = applier.channel_axis % (len(images.shape) + 1)
        mask = graph.add("Unsqueeze", mask, graph.constant(np.array([axis], np.int64)))
    empty = np.empty((0, *images.shape), images.dtype)
    dtype = applier._dtype_for(empty)
    if dtype.name not in COMPUTED:
        graph.refuse(applier, f" with dtype={dtype.name!r}")
    computed = COMPUTED[dtype.name]
    pixels = graph.cast(graph.cast(images, dtype), computed)
    inside, outside = pixels, pixels
    if applier.inside_value is not None:
        inside = graph.constant(applier._fill_for("inside_value", empty, None).astype(computed))
    if applier.fill_value is not None:
        outside = graph.constant(applier._fill_for("fill_value", empty, None).astype(computed))
    filled = graph.add("Where", mask, inside, outside, dtype=computed, shape=images.shape)
    return graph.cast(filled, dtype)


@exports(MaskCropper)
def _cropper(graph, cropper, images):
    if cropper.per == "image":
        graph.refuse(cropper, " with per='image'")
    return graph.crop(images, cropper.box_)


@exports(MaskedPixelSelector)
def _selector(graph, selector, images):
    indices = selector.get_support(indices=True)
    rows = graph.add("Flatten", images, shape=[math.prod(images.shape)])
    return graph.add("Gather", rows, graph.constant(indices), shape=[len(indices)], axis=1)


@exports(ImageFlattener)
def _flattener(graph, flattener, images):
    return graph.add("Flatten", images, shape=[math.prod(images.shape)])
