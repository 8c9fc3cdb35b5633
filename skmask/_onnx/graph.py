"""A graph of ONNX as it grows: nodes for what estimators do to images.

Masks are booleans; everything else is computed in the types that runtimes have kernels for, which hold all
values exactly.
"""

import math
import operator
import warnings
from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skmask._images.axes import single_axes
from skmask._kernels.pixels.compare import round_bound

COMPARISONS = {
    "Greater": (operator.gt, math.floor),
    "GreaterOrEqual": (operator.ge, math.ceil),
    "Less": (operator.lt, math.ceil),
    "LessOrEqual": (operator.le, math.floor),
}
# In what pixels of a type are computed.
COMPUTED = {
    **dict.fromkeys(["bool", "int8", "uint8", "int16", "uint16", "int32"], np.dtype("int32")),
    **dict.fromkeys(["uint32", "int64"], np.dtype("int64")),
    **dict.fromkeys(["float16", "float32"], np.dtype("float32")),
    "float64": np.dtype("float64"),
}
BOOL = np.dtype(bool)
EXPORTERS = {}


class Value(NamedTuple):
    """Images or masks in the graph: their name, data type, and shape without the axis of samples."""

    name: str
    dtype: np.dtype
    shape: tuple


class Graph:
    """Nodes and constants, added one after the other."""

    def __init__(self):
        self.nodes = []
        self.constants = []
        self.path = []
        self._names = Counter()

    def export(self, estimator, images, name=None):
        """Add the nodes of an estimator, `name` in what holds it."""
        if isinstance(estimator, FrozenEstimator):
            return self.export(estimator.estimator, images, name)
        if hasattr(estimator, "best_estimator_"):  # a fitted search
            return self.export(estimator.best_estimator_, images, name)
        self.path.append(name)
        exporter = EXPORTERS.get(type(estimator))
        if exporter is None:
            self.refuse(estimator, "", TypeError)
        if not isinstance(estimator, Pipeline):
            check_images(estimator, images)
        image_shape = getattr(estimator, "image_shape", None)
        if image_shape is not None and len(images.shape) == 1:
            result = self._export_seen(exporter, estimator, self.reshape(images, image_shape))
            result = self.reshape(result, [math.prod(result.shape)])
        else:
            result = self._export_seen(exporter, estimator, images)
        self.path.pop()
        return result

    def _export_seen(self, exporter, estimator, images):
        """Add the nodes for images as the estimator sees them: some do without axes of one pixel."""
        shape = (1, *images.shape)
        tags = None if isinstance(estimator, Pipeline) else estimator.__skmask_tags__()
        single = single_axes(shape, tags.channel_axis) if tags and tags.drops_single_axes else ()
        if not single:
            return exporter(self, estimator, images)
        seen = [size for axis, size in enumerate(shape) if axis not in single][1:]
        view = estimator._without_axes(shape, single)
        result = exporter(self, view, self.reshape(images, seen))
        return self.reshape(result, images.shape) if list(result.shape) == seen else result

    def refuse(self, estimator, why, error=ValueError):
        """Raise the error of a step that cannot be expressed."""
        path = "__".join(filter(None, self.path))
        step = f" at step {path!r}" if path else ""
        msg = (
            f"to_onnx expects what ONNX can express, got {type(estimator).__name__}{why}{step}. Export what "
            "comes before it, and let skmask do the rest."
        )
        raise error(msg)

    def add(self, op, *inputs, dtype=None, shape=None, name=None, n_results=1, **attributes):
        """Add a node; the first of its results is like the first input but for `dtype` and `shape`."""
        from onnx import helper

        self._names[op] += 1
        name = name or f"{op}_{self._names[op]}"
        names = [value if isinstance(value, str) else value.name for value in inputs]
        results = [name, *(f"{name}_{i}" for i in range(1, n_results))]
        self.nodes.append(helper.make_node(op, names, results, name=name, **attributes))
        first = inputs[0]
        return Value(name, dtype or first.dtype, first.shape if shape is None else tuple(shape))

    def constant(self, array):
        """Add a constant and give its name."""
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def cast(self, images, dtype):
        """Convert pixels, if they are of another type."""
        from onnx import helper

        dtype = np.dtype(dtype)
        if images.dtype == dtype:
            return images
        return self.add("Cast", images, dtype=dtype, to=helper.np_dtype_to_tensor_dtype(dtype))

    def reshape(self, images, shape):
        """Reshape images."""
        target = self.constant(np.array([-1, *shape], np.int64))
        return self.add("Reshape", images, target, shape=shape)

    def all_true(self, images):
        """Return masks of the pixels that are not NaN."""
        images = self.cast(images, COMPUTED[images.dtype.name])
        return self.add("Equal", images, images, dtype=BOOL)

    def compare(self, op, images, bound):
        """Compare pixels with a number as `skmask._kernels.pixels.compare` does."""
        compare, rounding = COMPARISONS[op]
        limit = round_bound(bound, images.dtype, rounding)
        images = self.cast(images, COMPUTED[images.dtype.name])
        if images.dtype.kind == "i":
            limits = np.iinfo(images.dtype)
            if not limits.min <= limit <= limits.max:
                same = self.all_true(images)
                return same if compare(0, limit) else self.add("Not", same)
        return self.add(op, images, self.constant(images.dtype.type(limit)), dtype=BOOL)

    def nonzero(self, images):
        """Read numbers as masks."""
        if images.dtype == BOOL:
            return images
        images = self.cast(images, COMPUTED[images.dtype.name])
        is_zero = self.add("Equal", images, self.constant(images.dtype.type(0)), dtype=BOOL)
        mask = self.add("Not", is_zero)
        return self.add("And", mask, self.all_true(images)) if images.dtype.kind == "f" else mask

    def channels(self, images, axis):
        """Return every channel along an axis, which counts the samples, too."""
        axis %= len(images.shape) + 1
        shape = images.shape[: axis - 1] + images.shape[axis:]
        return [
            self.add("Gather", images, self.constant(np.int64(channel)), shape=shape, axis=axis)
            for channel in range(images.shape[axis - 1])
        ]

    def chain(self, op, masks):
        """Combine masks two by two."""
        first, *others = masks
        for other in others:
            first = self.add(op, first, other)
        return first

    def crop(self, images, box):
        """Cut images to slices of their axes."""
        starts, ends = zip(*((part.start, part.stop) for part in box), strict=True)
        axes = range(1, len(box) + 1)
        bounds = [self.constant(np.array(part, np.int64)) for part in (starts, ends, list(axes))]
        return self.add("Slice", images, *bounds, shape=np.subtract(ends, starts).tolist())

    def dilate(self, masks, footprint, outside):
        """Dilate masks once: the number of foreground pixels in the footprint, which is exact, is not 0."""
        reach = [size // 2 for size in footprint.shape]
        axis = self.constant(np.array([1], np.int64))
        pixels = self.add("Unsqueeze", self.cast(masks, np.float32), axis)
        if outside:
            pads = np.array([0, 0, *reach] * 2, np.int64)
            one = self.constant(np.float32(1))
            pixels = self.add("Pad", pixels, self.constant(pads), one)
        weights = np.flip(footprint)[np.newaxis, np.newaxis].astype(np.float32)
        counts = self.add(
            "Conv",
            pixels,
            self.constant(weights),
            kernel_shape=footprint.shape,
            pads=[0] * 2 * len(reach) if outside else reach * 2,
        )
        counts = self.add("Squeeze", counts, axis)
        return self.add("Greater", counts, self.constant(np.float32(0.5)), dtype=BOOL)

    def erode(self, masks, footprint, outside):
        """Erode masks once, as their complement is dilated."""
        others = self.dilate(self.add("Not", masks), np.flip(footprint), not outside)
        return self.add("Not", others)


def check_images(estimator, images):
    """Refuse what `estimator` refuses in transform, of parameters and of the shape of the images."""
    check_is_fitted(estimator)
    X = np.broadcast_to(np.zeros((), images.dtype), (1, *images.shape))
    with warnings.catch_warnings(action="ignore"):
        read = estimator._read_for_transform(X)
    for shape in read.shapes:
        estimator._check(shape)
    if hasattr(estimator, "image_shape_"):
        read.check_shape(estimator.image_shape_, caller=type(estimator).__name__)


def typed(value):
    """Return the description of an input or output of the graph."""
    from onnx import helper

    dtype = helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(value.name, dtype, ["n_images", *value.shape])
