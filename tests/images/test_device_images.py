"""Arrays of other libraries on a device give what NumPy gives, bit for bit, and stay where they are.

The other devices of array-api-strict lie in host memory, as does PyTorch's without a graphics card; here
they are taken for devices. PyTorch is tested where it is installed, on a graphics card where there is one.
"""

from dataclasses import fields
from importlib.util import find_spec

import array_api_strict
import dask.array as da
import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryCloser,
    BinaryDilator,
    BinaryEroder,
    BinaryOpener,
    FixedMasker,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    HoleFiller,
    ImageFlattener,
    MaskApplier,
    MaskComplement,
    MaskedPixelSelector,
    MaskVote,
    RangeMasker,
    ThresholdMasker,
)
from skmask._kernels.histograms.array_counting import group_array
from skmask._kernels.histograms.counting import count
from skmask._kernels.histograms.histogram import group_keys
from skmask._kernels.pixels.namespaces import to_host
from skmask.metrics import dice_score, dice_scorer, hausdorff_distance, mcc_score
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

LIBRARIES = {
    "array-api-strict": lambda array: array_api_strict.asarray(
        array, device=array_api_strict.Device("device1")
    )
}
if find_spec("torch"):
    import torch

    LIBRARIES["torch"] = lambda array: torch.asarray(
        array, device="cuda" if torch.cuda.is_available() else "cpu"
    )
if find_spec("cupy"):
    import cupy

    if cupy.cuda.is_available():
        LIBRARIES["CuPy"] = cupy.asarray
EVERYWHERE = pytest.mark.parametrize("on_device", LIBRARIES.values(), ids=LIBRARIES)
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]

low, high = ThresholdMasker(60), HistogramThresholdMasker()
GRAY = [
    ThresholdMasker(99.5),
    ThresholdMasker(99, foreground="dark"),
    ThresholdMasker(-1),
    ThresholdMasker(float("inf"), foreground="dark"),
    RangeMasker(50, 99.5, inclusive="left"),
    RangeMasker(120, 30, circular=True),
    RangeMasker(None, 400),
    HistogramThresholdMasker("li", foreground="dark"),
    HistogramThresholdMasker("dice"),
    HistogramThresholdMasker("jaccard", foreground="auto", strategy="balanced"),
    HistogramThresholdMasker("triangle", strategy="per_image"),
    HistogramThresholdMasker(strategy="balanced"),
    HistogramRangeMasker("dice"),
    HistogramRangeMasker(),
    FixedMasker(),
    FixedMasker(np.arange(32 * 40).reshape(32, 40) % 3 == 0),
    low | high,
    low & high & RangeMasker(70, None),
    low - high - RangeMasker(70, 80),
    MaskVote([("a", low), ("b", high), ("c", RangeMasker(90, None))]),
    MaskComplement(low),
    MaskApplier(high),
    MaskApplier(high, fill_value=1, on_empty="warn"),
    MaskApplier(low, fill_value=np.ones((32, 40), bool)),
    MaskApplier(low, fill_value=7, dtype="float64"),
    MaskApplier(low, fill_value="median"),
    make_pipeline(low, BinaryDilator("square", radius=2, iterations=3)),
    make_pipeline(low, BinaryEroder(border="background", iterations=None)),
    make_pipeline(
        low, BinaryOpener("disk", radius=3), HoleFiller(), BinaryCloser("disk", radius=5)
    ),
    make_pipeline(MaskApplier(high), ImageFlattener()),
    MaskedPixelSelector(ThresholdMasker(60, foreground="dark")),
]
COLOR = [
    RangeMasker([50, 40, 0], [200, 250, 150], channel_axis=-1),
    RangeMasker([50, 40, 0], None, channel_axis=-1, channel_reduce="any"),
    MaskApplier(RangeMasker(60, None, channel_axis=-1), channel_axis=-1),
    MaskApplier(RangeMasker(60, None, channel_axis=-1), fill_value=[1, 0, 1], channel_axis=-1),
    FixedMasker(np.eye(32, 40, dtype=bool), channel_axis=-1),
    ~RangeMasker(60, None, channel_axis=-1),
    MaskedPixelSelector(RangeMasker(60, None, channel_axis=-1), channel_axis=-1),
]


@pytest.fixture(autouse=True)
def no_host(monkeypatch):
    """Take all arrays of other libraries for arrays on a device."""
    monkeypatch.setattr("skmask._images.kinds.HOST", ())
    with config_context(array_api_dispatch=True):
        yield


def as_dtype(images, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return images > 90
    converted = (images // 2 if dtype == np.int8 else images).astype(dtype)
    if dtype.kind == "f":
        converted += 0.25
        converted[:, ::7, 1] = np.nan
        converted[:, 1::7, 2] = -np.inf
        converted[:, 2::7, 3] = np.inf
        converted[:, 3::7, 4] = -0.0
    elif dtype.itemsize == 8:
        converted[:, ::5, 3] = np.iinfo(dtype).max
    return converted


def check(estimator, X, y, on_device, **fit_params):
    expected = clone(estimator).fit(X, y, **fit_params).transform(X)
    given = on_device(X)
    labels = on_device(y)
    fit_params = {name: on_device(value) for name, value in fit_params.items()}
    found = clone(estimator).fit(given, labels, **fit_params).transform(given)
    assert type(found) is type(given)
    assert found.device == given.device
    assert to_host(found).dtype == expected.dtype
    assert_array_equal(to_host(found), expected)


@EVERYWHERE
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("estimator", GRAY, ids=repr)
@pytest.mark.filterwarnings("ignore:.*found a single value:UserWarning")
@pytest.mark.filterwarnings("ignore:.*found fewer values than classes:UserWarning")
@pytest.mark.filterwarnings("ignore:.*expects masks with foreground:UserWarning")
def test_device_gives_what_numpy_gives(estimator, dtype, on_device, disks):
    images, masks = disks
    check(estimator, as_dtype(images, dtype), masks, on_device)


@EVERYWHERE
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("estimator", COLOR, ids=repr)
def test_channels_may_be_on_a_device(estimator, dtype, on_device, disks):
    images, masks = disks
    X = np.stack([images, images[:, ::-1], images[:, :, ::-1]], axis=-1)
    check(estimator, as_dtype(X, dtype), masks, on_device)


@EVERYWHERE
@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning")
@pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning")
def test_every_estimator_takes_stacks_and_rows_on_a_device(estimator, dtype, on_device):
    X = images_for(estimator, dtype)
    check(estimator, X, X > 1, on_device)
    rows = X.reshape(len(X), -1)
    check(estimator, rows, rows > 1, on_device)


@EVERYWHERE
@pytest.mark.parametrize("method", ["otsu", "dice"])
@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("weights", [[1, 0, 2, 2, 1, 3, 1, 1], [0.5, 1, 2, 0, 1, 1, 1, 1]])
@pytest.mark.parametrize("one_roi", [True, False])
def test_weights_and_regions_of_interest_are_brought_to_the_device(
    method, strategy, weights, one_roi, on_device, disks
):
    images, masks = disks
    roi = images[0] < 140 if one_roi else images < 140
    options = {"roi": roi, "sample_weight": np.array(weights)}
    masker = HistogramThresholdMasker(method, strategy=strategy)
    check(masker, images, masks, on_device, **options)
    expected = clone(masker).fit(images, masks, **options)
    found = clone(masker).fit(on_device(images), masks, **options)
    assert found.threshold_ == expected.threshold_
    assert found.threshold_interval_ == expected.threshold_interval_
    assert type(found.histogram_) is np.ndarray
    assert_array_equal(found.histogram_, expected.histogram_)
    assert_array_equal(found.bin_edges_, expected.bin_edges_)


@EVERYWHERE
@pytest.mark.parametrize("dtype", ["i2", "u4", "i4", "u8", "i8", "f4", "f8"])
def test_more_values_than_bins_are_counted_as_on_the_host(dtype, on_device):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 256, (3, 300, 300 * np.dtype(dtype).itemsize), np.uint8)
    images = bits.view(dtype)
    if images.dtype.kind == "f":
        images[np.abs(images) < np.finfo(dtype).tiny] = 0  # CuPy takes subnormal numbers for 0
    expected, found = count(images), count(on_device(images))
    assert expected.shift > 0 or dtype == "i2"
    for field in fields(expected):
        assert_array_equal(getattr(found, field.name), getattr(expected, field.name))


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(high, BinaryDilator(), BinaryCloser("square", iterations=2)),
        MaskApplier(low | high, fill_value=3),
        HistogramThresholdMasker("dice", strategy="balanced"),
        MaskedPixelSelector(high),
    ],
    ids=repr,
)
def test_images_are_never_copied_to_the_host(estimator, disks, monkeypatch):
    images, masks = map(LIBRARIES["array-api-strict"], disks)
    from_dlpack, copied = np.from_dlpack, []

    def guarded(array):
        copied.append(np.prod(array.shape))
        assert sum(copied) < np.prod(images.shape) / 2
        return from_dlpack(array)

    monkeypatch.setattr(np, "from_dlpack", guarded)
    estimator.fit(images, masks).transform(images)
    dice_score(masks, masks)


@EVERYWHERE
def test_images_of_another_scale_are_warned_of(on_device, disks):
    images, _ = disks
    masker = HistogramThresholdMasker().fit(on_device(images))
    with pytest.warns(UserWarning, match="got images of float32 from .*, which is another scale"):
        masker.transform(on_device((images / 255).astype(np.float32)))
    masker.transform(on_device(images.astype(np.float32)))


@EVERYWHERE
@pytest.mark.parametrize("score", [dice_score, mcc_score, hausdorff_distance])
def test_scores_of_masks_on_a_device_are_those_of_numpy(score, on_device, disks):
    images, masks = disks
    found = images > 100
    expected = score(masks, found, average=None)
    roi = np.ones_like(masks)
    roi[:, :9] = False
    for true in (masks, on_device(masks), on_device(masks.astype(np.uint8) * 255)):
        assert_array_equal(score(true, on_device(found), average=None), expected)
    assert_array_equal(
        score(on_device(masks), found, average=None, roi=roi),
        score(masks, found, average=None, roi=roi),
    )
    with pytest.raises(ValueError, match="y_pred to be masks, booleans or numbers of two values"):
        score(masks, on_device(images))
    with pytest.raises(ValueError, match=r"expects y_pred\[0\] of shape \(32, 40\)"):
        score(masks, on_device(found[:, 1:]))


@EVERYWHERE
@pytest.mark.parametrize(
    "estimator", [ImageFlattener(), MaskedPixelSelector(ThresholdMasker(60))], ids=name_of
)
def test_features_go_back_to_images_on_the_device(estimator, on_device, disks):
    images, _ = disks
    expected = estimator.fit(images).inverse_transform(estimator.transform(images))
    given = on_device(images)
    found = estimator.fit(given).inverse_transform(estimator.transform(given))
    assert type(found) is type(given)
    assert found.device == given.device
    assert_array_equal(to_host(found), expected)


@EVERYWHERE
@pytest.mark.parametrize("kind", ["zarr", "dask", "memmap", "read-only"])
def test_masks_in_files_go_with_images_on_a_device(kind, on_device, disks, tmp_path):
    images, masks = disks
    np.save(tmp_path / "masks.npy", masks)
    y = {
        "zarr": lambda: zarr.create_array(tmp_path / "masks.zarr", data=masks),
        "dask": lambda: da.from_array(masks, chunks=(3, 10, 11)),
        "memmap": lambda: np.load(tmp_path / "masks.npy", mmap_mode="r"),
        "read-only": lambda: np.broadcast_to(masks, masks.shape),
    }[kind]()
    expected = HistogramThresholdMasker("dice").fit(images, masks)
    found = HistogramThresholdMasker("dice").fit(on_device(images), y)
    assert found.threshold_ == expected.threshold_


@EVERYWHERE
def test_parameters_and_weights_may_be_on_a_device(on_device, disks):
    images, masks = disks
    weights = np.arange(1.0, 9)
    expected = dice_score(masks, images > 100, sample_weight=weights)
    device_masks, device_weights = on_device(masks), on_device(weights)
    assert dice_score(device_masks, images > 100, sample_weight=device_weights) == expected
    applier = MaskApplier(ThresholdMasker(60), fill_value=on_device(images[0]))
    found = to_host(applier.fit(on_device(images)).transform(on_device(images)))
    assert_array_equal(found, np.where(images > 60, images, images[0]))


@EVERYWHERE
def test_known_mask_may_be_on_a_device(on_device, disks):
    images, masks = disks
    masker = FixedMasker(on_device(masks[0]))
    assert_array_equal(
        to_host(masker.transform(on_device(images))), FixedMasker(masks[0]).transform(images)
    )


@EVERYWHERE
def test_scores_of_lists_and_arrays_on_a_device_go_together(on_device, disks):
    images, masks = disks
    expected = dice_score(masks, images > 100)
    assert dice_score(list(masks), on_device(images > 100)) == expected
    assert dice_score(list(map(on_device, masks)), list(images > 100)) == expected


@EVERYWHERE
def test_search_on_a_device_finds_what_it_finds_on_the_host(on_device, disks):
    images, masks = disks
    pipeline = make_pipeline(ThresholdMasker(), BinaryOpener("square"))
    grid = {"thresholdmasker__threshold": [80, 105.5, 130]}
    search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=2, error_score="raise")
    expected = clone(search).fit(images, masks)
    found = search.fit(on_device(images), on_device(masks))
    assert found.best_params_ == expected.best_params_
    assert found.best_score_ == expected.best_score_


@EVERYWHERE
def test_images_of_a_list_come_back_where_they_came_from(on_device, disks):
    images, _ = disks
    sizes = [images[0], images[1, 3:], images[2, :, 5:], images[3]]
    given = [on_device(image) for image in sizes]
    masker = make_pipeline(HistogramThresholdMasker(), BinaryDilator())
    expected = clone(masker).fit(sizes).transform(sizes)
    for found, mask in zip(masker.fit(given).transform(given), expected, strict=True):
        assert type(found) is type(given[0])
        assert found.device == given[0].device
        assert_array_equal(to_host(found), mask)


def test_many_values_are_grouped_on_the_device_as_on_the_host():
    rng = np.random.default_rng(0)
    keys = np.unique(rng.integers(-(2**62), 2**62, 100_000))
    counts = rng.integers(1, 9, keys.size)
    on_device = LIBRARIES["array-api-strict"]
    shift, grouped, sums = group_array(on_device(keys), on_device(counts))
    expected_shift, expected_keys, expected_sums = group_keys(keys, counts)
    assert shift == expected_shift
    assert_array_equal(grouped, expected_keys)
    assert_array_equal(sums, expected_sums)


@EVERYWHERE
def test_wrong_arrays_on_a_device_are_refused_in_words(on_device, disks):
    images, masks = disks
    X = on_device(images)
    with pytest.raises(ValueError, match="expects y of shape"):
        HistogramThresholdMasker("dice").fit(X, on_device(masks[:, 1:]))
    with pytest.raises(ValueError, match="expects y to be masks"):
        HistogramThresholdMasker("dice").fit(X, X)
    with pytest.raises(ValueError, match="got one value an image"):
        HistogramThresholdMasker("dice").fit(X, on_device(np.arange(8)))
    with pytest.raises(ValueError, match="at least one pixel"):
        ThresholdMasker().transform(X[:, :0, :])
    with pytest.raises(TypeError, match="dtype that the library of X has, got longdouble|float128"):
        MaskApplier(ThresholdMasker(), dtype=np.longdouble).fit(X).transform(X)
    with pytest.raises(TypeError, match="booleans, integers or floats, got dtype complex"):
        ThresholdMasker().transform(on_device(images.astype(np.complex128)))
