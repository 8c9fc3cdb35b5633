"""Exported models: onnxruntime gives what skmask gives, pixel by pixel, and all else is refused."""

import re
import sys

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryCloser,
    BinaryDilator,
    BinaryEroder,
    BinaryOpener,
    ColorConverter,
    ColorProjector,
    DriftGuard,
    FixedMasker,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    HoleFiller,
    ImageFlattener,
    ImageNormalizer,
    LargestRegionKeeper,
    LocalThresholdMasker,
    MaskApplier,
    MaskCropper,
    MaskedPixelSelector,
    MaskUnion,
    MaskVote,
    RangeMasker,
    ThresholdMasker,
    ValueMasker,
    describe,
)
from skmask.io import to_onnx

DTYPES = ["uint8", "int16", "uint32", "float16", "float32"]
MORE_DTYPES = ["bool", "int8", "uint16", "int32", "int64", "float64"]
SHAPE = (7, 9)
REGION = np.random.default_rng(1).random(SHAPE) < 0.7


def images_of(dtype, seed=0):
    low = 0 if np.dtype(dtype).kind == "u" else -40
    X = np.random.default_rng(seed).integers(low, 120, (5, *SHAPE))
    if dtype == "bool":
        return X > 40
    X = X.astype(dtype)
    if X.dtype.kind == "f":
        X *= X.dtype.type(1.1)
        for first, value in enumerate([np.nan, np.inf, -np.inf]):
            X.flat[first::31] = value
    return X


def run(model, X):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(["result"], {"images": X})[0]


def assert_exported(estimator, X):
    model = to_onnx(estimator, image_shape=X.shape[1:], dtype=X.dtype)
    for images in (X, X[:1]):
        result, expected = run(model, images), estimator.transform(images)
        assert result.dtype == expected.dtype
        assert_array_equal(result, expected)
    return model


ESTIMATORS = {
    "threshold": ThresholdMasker(40),
    "dark": ThresholdMasker(40.3, foreground="dark"),
    "range": RangeMasker(-3, 60.5, inclusive="right"),
    "open range": RangeMasker(None, 60, inclusive="left"),
    "any range": RangeMasker(),
    "circular": RangeMasker(90, 20, circular=True, inclusive="neither"),
    "otsu": HistogramThresholdMasker(),
    "dice": HistogramThresholdMasker("dice", foreground="auto"),
    "dark otsu": HistogramThresholdMasker(foreground="dark", correction_factor=0.77),
    "learned range": HistogramRangeMasker(),
    "open learned range": HistogramRangeMasker("quantile", quantiles=(0.4, None)),
    "fixed": FixedMasker(REGION),
    "full": FixedMasker(),
    "union": ThresholdMasker(70) | ThresholdMasker(-5, foreground="dark") | FixedMasker(REGION),
    "intersection": ThresholdMasker(20) & FixedMasker(REGION) & ~ThresholdMasker(80),
    "difference": ThresholdMasker(20) - FixedMasker(REGION) - ThresholdMasker(80),
    "symmetric difference": ThresholdMasker(20) ^ FixedMasker(REGION) ^ ThresholdMasker(80),
    "complement": ~HistogramThresholdMasker(),
    "value": ValueMasker(3),
    "values": ValueMasker([1, 3.5, 40, 70, -2, 1000]),
    "drop": MaskUnion([("a", ThresholdMasker(30)), ("b", "drop")]),
    "vote": MaskVote([(f"{t}", ThresholdMasker(t)) for t in (0, 20, 40, 60)]),
    "votes": MaskVote([(f"{t}", ThresholdMasker(t)) for t in (0, 20, 40)], min_votes=3),
    "weighted votes": MaskVote(
        [(f"{t}", ThresholdMasker(t)) for t in (0, 20, 40)], weights=[0.1, 0.2, 0.3]
    ),
    "weights to reach": MaskVote(
        [(f"{t}", ThresholdMasker(t)) for t in (0, 20, 40)], weights=[0.1, 0.2, 0.7], min_votes=0.3
    ),
    "opened": make_pipeline(HistogramThresholdMasker(), BinaryOpener(), "passthrough"),
    "nested": make_pipeline(
        make_pipeline(ThresholdMasker(40), BinaryEroder()), BinaryDilator("disk", radius=2)
    ),
    "frozen": FrozenEstimator(ThresholdMasker(40)),
    "guard": DriftGuard(HistogramThresholdMasker(), on_drift="ignore"),
    "numbers as masks": BinaryDilator(),
    "normalized": make_pipeline(ImageNormalizer("robust", per="training"), ThresholdMasker(0.3)),
    "gray": make_pipeline(ColorConverter(), ColorProjector(), ThresholdMasker(40)),
    "applier": MaskApplier(make_pipeline(HistogramThresholdMasker(), BinaryDilator()), fill_value=1),
    "background": MaskApplier(ThresholdMasker(40), fill_value=np.arange(63).reshape(SHAPE)),
    "rows": make_pipeline(MaskApplier(ThresholdMasker(40)), ImageFlattener()),
    "cropper": MaskCropper(FixedMasker(REGION), margin=1),
    "selector": MaskedPixelSelector(FixedMasker(REGION)),
}  # fmt: skip


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
def test_model_gives_what_skmask_gives(name, dtype):
    X = images_of(dtype)
    assert_exported(ESTIMATORS[name].fit(X, X > 40), X)


@pytest.mark.parametrize("name", ["dark otsu", "learned range", "complement", "applier"])
@pytest.mark.parametrize("dtype", MORE_DTYPES)
@pytest.mark.filterwarnings("ignore:.*found fewer values than classes:UserWarning")
def test_model_takes_every_type(name, dtype):
    X = images_of(dtype)
    assert_exported(ESTIMATORS[name].fit(X), X)


@pytest.mark.parametrize("operator_", [BinaryDilator, BinaryEroder, BinaryOpener, BinaryCloser])
@pytest.mark.parametrize("border", ["ignore", "background", "foreground"])
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_morphology_is_exact_with_any_footprint(operator_, border, data):
    n_axes = data.draw(st.integers(1, 3))
    shape = data.draw(st.tuples(*[st.integers(1, 7)] * n_axes))
    size = data.draw(st.tuples(*[st.sampled_from([1, 3, 5])] * n_axes))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    footprint = rng.random(size) < 0.5
    footprint.flat[rng.integers(footprint.size)] = True
    iterations = data.draw(st.integers(0, 3))
    masks = rng.random((3, *shape)) < rng.random()
    if n_axes == 1:
        masks = masks[:, np.newaxis]
        footprint = footprint[np.newaxis]
    assert_exported(operator_(footprint, iterations=iterations, border=border), masks)


def test_bounds_are_exact_at_the_ends_of_integers():
    for dtype in ("uint8", "int32", "int64"):
        limits = np.iinfo(dtype)
        X = np.array([[[limits.min, limits.min + 1, 7, limits.max - 1, limits.max]]], dtype)
        ends = (limits.min, limits.min - 1, limits.max, limits.max + 1)
        for bound in (*ends, 6.5, 1e30, -np.inf):
            assert_exported(ThresholdMasker(bound, foreground="dark"), X)
            assert_exported(RangeMasker(bound), X)
            assert_exported(RangeMasker(None, bound, inclusive="neither"), X)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "int64"])
@pytest.mark.parametrize("match", ["any", "all"])
def test_bits_are_those_of_the_dtype(dtype, match):
    limits = np.iinfo(dtype)
    X = np.random.default_rng(0).integers(limits.min, limits.max, (2, 5, 6), dtype, endpoint=True)
    n_bits = min(8 * X.dtype.itemsize, 62)
    for bits in ([0], [1, 3], [n_bits - 1], [0, n_bits - 1]):
        assert_exported(ValueMasker(bits=bits, match=match), X)


def test_highest_bits_of_64_are_refused():
    with pytest.raises(ValueError, match="got ValueMasker with bits above 61"):
        to_onnx(ValueMasker(bits=62), image_shape=(2, 3), dtype="int64")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_bounds_between_floats_are_rounded_as_skmask_does(dtype):
    X = np.array(
        [[[1, 1.5, np.nextafter(np.array(1.5, dtype), 2), np.nan, np.inf, -np.inf]]], dtype
    )
    for bound in (1.5, 1.5 + 1e-12, 1e300, -1e300, np.inf, -np.inf):
        assert_exported(ThresholdMasker(bound), X)
        assert_exported(RangeMasker(bound), X)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float16", "float32", "float64"])
@pytest.mark.parametrize(
    "step",
    [
        ColorConverter(channel_axis=-1),
        ColorConverter(1, channel_axis=-1),
        ColorProjector(channel_axis=-1),
        ColorProjector("lda", degree=2, channel_axis=-1),
        ImageNormalizer("otsu", per="training", channel_axis=-1),
    ],
    ids=str,
)
def test_colors_are_exported_exactly(step, dtype):
    X = np.stack([images_of(dtype, seed) for seed in range(3)], axis=-1)
    if dtype != "uint8":
        X = np.abs(X)
    y = np.nan_to_num(X[..., 0].astype(float)) > 50
    with np.errstate(invalid="ignore"):
        assert_exported(step.fit(X, y), X)


def test_white_balance_is_refused():
    X = np.stack([images_of("uint8", seed) for seed in range(3)], axis=-1)
    projector = ColorProjector(white_quantile=0.9, channel_axis=-1).fit(X, X[..., 0] > 50)
    with pytest.raises(ValueError, match="ColorProjector with white_quantile=0.9"):
        to_onnx(projector, image_shape=X.shape[1:], dtype="uint8")


def test_channels_are_exported():
    X = np.random.default_rng(0).integers(0, 255, (4, 6, 5, 3)).astype(np.uint8)
    masker = RangeMasker([40, 0, 200], [200, 255, 60], channel_axis=-1, circular=[2])
    assert_exported(masker, X)
    assert_exported(masker.set_params(channel_reduce="any"), X)
    for fill in (5, [1, 2, 3]):
        assert_exported(MaskApplier(masker, fill_value=fill, channel_axis=-1).fit(X), X)
    X = np.moveaxis(X, -1, 1).astype(np.float32)
    X[0, 1, 2, 3] = np.nan
    assert_exported(~RangeMasker(40, channel_axis=1), X)
    assert_exported(FixedMasker(np.eye(6, 5, dtype=bool), channel_axis=1), X)


@pytest.mark.parametrize(
    ("dtype", "to"),
    [("uint8", "float32"), ("float64", "float16"), ("int16", "int64"), ("bool", "int8")],
)
def test_application_converts_as_skmask_does(dtype, to):
    X = images_of(dtype)
    fill = np.nan if to.startswith("f") else 3
    assert_exported(MaskApplier(ThresholdMasker(0.5), fill_value=fill, dtype=to).fit(X), X)


def test_flat_rows_are_folded():
    rows = images_of("int16").reshape(5, -1)
    masker = make_pipeline(
        ThresholdMasker(40), BinaryDilator(image_shape=SHAPE), FixedMasker(REGION)
    )
    assert_exported(masker.fit(rows), rows)


def test_model_says_what_it_is():
    masker = make_pipeline(ThresholdMasker(3), BinaryDilator())
    model = to_onnx(masker, image_shape=SHAPE, dtype=np.uint8)
    assert model.producer_name == "skmask"
    assert model.graph.doc_string == describe(masker)
    assert [opset.version for opset in model.opset_import] == [17]


@pytest.mark.parametrize(
    ("estimator", "match"),
    [
        (HoleFiller(), r"got HoleFiller\. Export"),
        (BinaryDilator(iterations=None), "got BinaryDilator with iterations=None"),
        (BinaryDilator(iterations=10**6), "BinaryDilator with iterations=1000000, each of which is a node"),
        (make_pipeline(ThresholdMasker(), LargestRegionKeeper()), "LargestRegionKeeper at step 'largestr"),
        (HistogramThresholdMasker(strategy="per_image"), "strategy='per_image'"),
        (HistogramRangeMasker(strategy="per_image"), "strategy='per_image'"),
        (DriftGuard(ThresholdMasker()), "on_drift='warn'"),
        (ImageNormalizer(), "ImageNormalizer with per='image'"),
        (ColorConverter("optical_density"), "ColorConverter with to='optical_density'"),
        (MaskApplier(ThresholdMasker(), fill_value="mean"), "fill_value='mean'"),
        (MaskApplier(ThresholdMasker(), on_empty="warn"), "on_empty='warn'"),
        (MaskApplier(ThresholdMasker(), dtype=np.longdouble), r"MaskApplier with dtype='(long|float)"),
        (
            MaskApplier(make_pipeline(ThresholdMasker(), HoleFiller()) & ThresholdMasker()),
            "HoleFiller at step 'masker__pipeline__holefiller'",
        ),
        (LocalThresholdMasker() | ThresholdMasker(), "LocalThresholdMasker at step 'localthresholdmasker'"),
        (make_pipeline(ImageFlattener(), LogisticRegression()), "LogisticRegression at step 'logisticreg"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
def test_what_onnx_cannot_express_is_refused_by_the_name_of_the_step(estimator, match):
    X = images_of("float32", seed=3)
    X[~np.isfinite(X)] = 1
    fitted = estimator.fit(X, [0, 1, 0, 1, 0])
    with pytest.raises(
        (TypeError, ValueError), match=f"to_onnx expects what ONNX can express.*{match}"
    ):
        to_onnx(fitted, image_shape=SHAPE, dtype="float32")


def test_images_of_four_axes_are_refused_by_morphology():
    with pytest.raises(ValueError, match="BinaryDilator for images of 4 axes"):
        to_onnx(BinaryDilator(), image_shape=(2, 3, 4, 5), dtype=bool)


def test_subclass_is_refused():
    class Inverted(ThresholdMasker):
        def _transform(self, images):
            return ~super()._transform(images)

    with pytest.raises(TypeError, match="got Inverted"):
        to_onnx(Inverted(), image_shape=SHAPE, dtype="uint8")


@pytest.mark.parametrize("dtype", ["uint64", np.longdouble, complex])
def test_types_without_a_kernel_are_refused(dtype):
    with pytest.raises(TypeError, match="to_onnx expects dtype to be one of bool, int8"):
        to_onnx(ThresholdMasker(), image_shape=SHAPE, dtype=dtype)


def test_unfitted_and_bad_parameters_are_refused():
    with pytest.raises(NotFittedError):
        to_onnx(HistogramThresholdMasker(), image_shape=SHAPE, dtype="uint8")
    with pytest.raises(ValueError, match="'foreground' parameter of ThresholdMasker"):
        to_onnx(ThresholdMasker(foreground="left"), image_shape=SHAPE, dtype="uint8")
    with pytest.raises(ValueError, match="FixedMasker expects images of the shape of its mask"):
        to_onnx(FixedMasker(REGION), image_shape=(3, 3), dtype="uint8")


@pytest.mark.parametrize(
    "image_shape", [None, (), [], "ab", 7, (7, 0), (7, -9), (7.0, 9), (True, 9), (None, 9), {7, 9}]
)
def test_shape_that_is_none_is_refused(image_shape):
    with pytest.raises(ValueError, match=r"to_onnx expects image_shape .* got .*\. Use the shape"):
        to_onnx(ThresholdMasker(), image_shape=image_shape, dtype="uint8")


@pytest.mark.parametrize("dtype", [None, "colors", 3, object()])
def test_dtype_that_is_none_is_refused(dtype):
    with pytest.raises(TypeError, match="to_onnx expects dtype to be one of bool, int8"):
        to_onnx(ThresholdMasker(), image_shape=SHAPE, dtype=dtype)


@pytest.mark.parametrize(
    "estimator",
    [
        MaskedPixelSelector(FixedMasker(REGION)),
        MaskCropper(FixedMasker(REGION)),
        ImageFlattener(),
        make_pipeline(ThresholdMasker(), ImageFlattener()),
        DriftGuard(ThresholdMasker(), on_drift="ignore"),
    ],
    ids=str,
)
def test_shape_seen_in_fit_binds_as_in_transform(estimator):
    X = images_of("uint8")
    estimator.fit(X)
    turned = X.swapaxes(1, 2)
    if isinstance(estimator, DriftGuard):
        assert_exported(estimator, turned)
        return
    with pytest.raises(ValueError, match="shape") as refused:
        estimator.transform(turned)
    with pytest.raises(ValueError, match=re.escape(str(refused.value))):
        to_onnx(estimator, image_shape=turned.shape[1:], dtype="uint8")
    assert_exported(estimator, X)


@pytest.mark.parametrize(
    ("estimator", "image_shape", "match"),
    [
        (BinaryDilator(image_shape=(3, 3)), (8,), "BinaryDilator expects flat rows of 9 pixels"),
        (BinaryDilator(image_shape=(3, 3)), (3, 4), r"BinaryDilator expects images of image_shape"),
        (BinaryDilator(np.ones((3, 3))), (8,), "BinaryDilator expects a footprint with 1 axes"),
        (RangeMasker([1, 2], [3, 4], channel_axis=-1), (5, 6, 3), "low to be one number or 3"),
        (ThresholdMasker().fit(np.zeros((2, 5))), (6,), "expecting 5 features"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning")
def test_shapes_that_transform_refuses_are_refused(estimator, image_shape, match):
    with pytest.raises(ValueError, match=match):
        to_onnx(estimator, image_shape=image_shape, dtype="uint8")


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'to_onnx expects the package onnx.*"skmask\[onnx\]"'):
        to_onnx(ThresholdMasker(), image_shape=(2, 3), dtype="uint8")


def test_search_is_exported_as_what_it_found():
    images = np.random.default_rng(0).integers(0, 200, (4, 6, 7)).astype(np.uint8)
    search = GridSearchCV(HistogramThresholdMasker(), {"method": ["otsu", "li"]}, cv=2)
    search.fit(images, images > 90)
    model = to_onnx(search, image_shape=(6, 7), dtype="uint8")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    assert_array_equal(session.run(None, {"images": images})[0], search.transform(images))
