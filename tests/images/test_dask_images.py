"""Dask arrays: lazy results that are those of NumPy, however images are cut into chunks."""

import functools
import importlib
import operator
import pickle
import tracemalloc

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal, assert_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    BinaryEroder,
    DriftGuard,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
)
from skmask._images.images import FAN_IN
from skmask.base import ImageMasker, MaskerHolder
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

ESTIMATORS = pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning"),
]


@pytest.fixture(autouse=True)
def scheduler():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


@ESTIMATORS
@pytest.mark.parametrize(
    "chunks", [(1, 19, 23), (13, 19, 23), (5, 7, 11), (3, 1, 23), (2, 19, 2)], ids=str
)
def test_chunks_change_nothing(estimator, chunks):
    X = images_for(estimator, shape=(13, 19, 23))
    expected = clone(estimator).fit(X).transform(X)
    lazy = estimator.fit(X).transform(da.from_array(X, chunks=chunks))
    assert (lazy.shape, lazy.dtype) == (expected.shape, expected.dtype)
    assert type(lazy._meta) is np.ndarray
    (computed,) = dask.compute(lazy.to_delayed().tolist())
    assert_array_equal(np.block(computed), expected)
    for index in np.ndindex(lazy.numblocks):
        chunk = functools.reduce(operator.getitem, index, computed)
        assert chunk.shape == tuple(sizes[i] for sizes, i in zip(lazy.chunks, index, strict=True))


@ESTIMATORS
def test_transform_of_a_dask_array_computes_nothing(estimator):
    X = images_for(estimator)

    def fail(block):
        raise AssertionError("a chunk was computed")

    lazy = da.from_array(X, chunks=(2, 5, 4)).map_blocks(fail, dtype=X.dtype, meta=X[:0])
    if hasattr(estimator, "on_drift"):
        estimator.set_params(on_drift="ignore")  # a report needs the pixels
    result = estimator.fit(X).transform(lazy)
    with pytest.raises(AssertionError, match="a chunk was computed"):
        result.compute()


@pytest.mark.parametrize(
    "footprint",
    ["diamond", "square", np.array([[1, 1, 0, 1, 1], [0, 0, 1, 0, 1], [1, 0, 0, 0, 0]])],
    ids=["diamond", "square", "lopsided"],
)
@pytest.mark.parametrize("border", ["ignore", "background", "foreground"])
@pytest.mark.parametrize("iterations", [0, 1, 3, 40, None])
@pytest.mark.parametrize("operator", [BinaryDilator, BinaryEroder])
def test_morphology_crosses_the_edges_of_chunks(operator, footprint, border, iterations):
    X = np.random.default_rng(3).random((3, 31, 37)) < (0.03 if operator is BinaryDilator else 0.97)
    estimator = operator(footprint, iterations=iterations, border=border)
    expected = estimator.transform(X)
    for chunks in [(2, 7, 11), (1, 31, 5), (3, 2, 37)]:
        assert_array_equal(estimator.transform(da.from_array(X, chunks=chunks)), expected)


def test_channels_may_be_cut_into_chunks():
    X = np.random.default_rng(0).integers(0, 99, (5, 8, 9, 3)).astype(np.uint8)
    reds = RangeMasker([50, 0, 0], [99, 60, 60], channel_axis=-1)
    lazy = da.from_array(X, chunks=(2, 3, 4, 1))
    for estimator in (
        reds,
        ~reds,
        reds | RangeMasker(10, 20, channel_axis=-1, channel_reduce="any"),
        MaskApplier(reds, channel_axis=-1),
        MaskApplier(reds, channel_axis=-1, fill_value=[1, 2, 3]),
        MaskApplier(reds, channel_axis=-1, fill_value="mean"),
        make_pipeline(MaskApplier(reds, channel_axis=-1, fill_value=X[0]), ImageFlattener()),
        DriftGuard(reds, channel_axis=-1),
    ):
        expected = clone(estimator).fit(X).transform(X)
        result = estimator.fit(lazy).transform(lazy)
        assert isinstance(result, da.Array)
        assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
        assert_array_equal(result.compute(), expected)


@pytest.mark.parametrize("reach", [[1, 1], [None, 1], [1, None], [None, None], [3, 1]])
def test_reach_of_an_extension_is_given_to_it(reach):
    class EdgeMasker(ImageMasker):
        def _reach(self, n_axes):
            return reach

        def _transform(self, images):
            return np.linalg.norm(np.gradient(images.astype(float), axis=(1, 2)), axis=0) > 30

    X = images_for(None, shape=(4, 17, 19))
    lazy = EdgeMasker().transform(da.from_array(X, chunks=(3, 5, 4)))
    assert_array_equal(lazy.compute(), EdgeMasker().transform(X))


def test_lazy_result_is_of_the_estimator_as_it_was():
    X = images_for(None)
    lazy = da.from_array(X, chunks=(2, 5, 4))
    masker = ThresholdMasker(20)
    masks = masker.transform(lazy)
    learned = HistogramThresholdMasker().fit(X)
    expected = learned.transform(X)
    learned_masks = learned.transform(lazy)
    masker.set_params(threshold=90)
    learned.fit(X + 100)
    assert_array_equal(masks, X > 20)
    assert_array_equal(learned_masks, expected)


def test_tasks_can_be_sent_to_other_processes(disks):
    X, _ = disks
    pipeline = make_pipeline(HistogramThresholdMasker(), BinaryDilator("disk", radius=2)).fit(X)
    masks = pipeline.transform(da.from_array(X, chunks=(3, 10, 11)))
    assert_array_equal(pickle.loads(cloudpickle.dumps(masks)), pipeline.transform(X))


def test_results_of_equal_transforms_share_their_names(disks):
    lazy = da.from_array(disks[0], chunks=(3, 10, 11))
    masker = HistogramThresholdMasker().fit(lazy)
    for one, other in [
        (masker, BinaryDilator()),
        (masker, clone(masker).set_params(foreground="dark").fit(lazy)),
    ]:
        assert one.transform(lazy).name == clone(one).fit(lazy).transform(lazy).name
        assert one.transform(lazy).name != other.transform(lazy).name


def test_what_was_learned_is_not_sent_with_every_task():
    X = np.random.default_rng(0).integers(0, 60000, (2, 100, 100)).astype(np.uint16)
    masker = HistogramThresholdMasker().fit(X)
    learned = len(pickle.dumps(masker))
    lazy = da.from_array(np.zeros((40, 8, 8), np.uint16), chunks=(1, 4, 4), name=False)
    tasks = dict(masker.transform(lazy).__dask_graph__()).values()
    assert len(tasks) > 40 * 4
    assert sum(len(cloudpickle.dumps(task)) for task in tasks) < 2 * learned


def learned_by(masker):
    """Return all that was learned, but for the scale, which is that of some images."""
    return {name: value for name, value in masker.__getstate__().items() if name != "_scale"}


def training_data(dtype=np.uint8, shape=(9, 13, 17), seed=0):
    """Return images whose objects cross every edge of chunks, labeled masks, weights and a region."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 200, shape).astype(dtype)
    y = X + rng.normal(0, 30, shape) > 120
    if X.dtype.kind == "f":
        X += rng.random(shape).astype(dtype)
        X[rng.random(shape) < 0.05] = np.nan
        X[rng.random(shape) < 0.02] = np.inf
    weights = rng.integers(0, 5, len(X)) / 4
    return X, y, {"sample_weight": weights, "roi": rng.random(shape) < 0.7}


POOLED = [
    HistogramThresholdMasker(),
    HistogramThresholdMasker("dice", foreground="auto"),
    HistogramRangeMasker(),
    HistogramRangeMasker("quantile"),
    HistogramRangeMasker("jaccard"),
]
CHUNKS = [
    (1, 13, 17),
    (9, 13, 17),
    (9, 1, 17),
    (2, 5, 7),
    ((1, 8), (12, 1), (3, 3, 11)),
]


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("masker", POOLED, ids=lambda masker: f"{name_of(masker)}-{masker.method}")
def test_fit_on_chunks_learns_what_it_learns_in_memory(masker, strategy, dtype, chunks):
    X, y, options = training_data(dtype)
    masker = clone(masker).set_params(strategy=strategy)
    lazy, masks = da.from_array(X, chunks), da.from_array(y, chunks)
    for some in ({}, options, {"roi": options["roi"][0]}):
        expected = clone(masker).fit(X, y, **some)
        assert_equal(learned_by(masker.fit(lazy, masks, **some)), learned_by(expected))
        assert masker._training() == expected._training()


@pytest.mark.parametrize("method", ["li", "jaccard"])
def test_masks_and_regions_in_other_chunks_learn_the_same(method):
    X, y, options = training_data()
    lazy, roi = da.from_array(X, (2, 5, 7)), options.pop("roi")
    for masks, regions in (
        (y, roi),
        (da.from_array(y, (4, 2, 17)), da.from_array(roi, (9, 13, 1))),
        (da.from_array(y.astype(np.uint8) * 255, (3, 13, 4)), da.from_array(roi[0], (6, 6))),
        (y.tolist(), roi[0].tolist()),
    ):
        region = roi[0] if np.ndim(regions) == 2 else roi
        expected = HistogramThresholdMasker(method).fit(X, y, roi=region, **options)
        masker = HistogramThresholdMasker(method).fit(lazy, masks, roi=regions, **options)
        assert_equal(learned_by(masker), learned_by(expected))


@pytest.mark.parametrize("shape", [(6, 30), (2, 3, 8, 5)], ids=["rows", "volumes"])
@pytest.mark.parametrize("method", ["otsu", "dice"])
def test_rows_and_volumes_are_learned_from_by_chunks(method, shape):
    X, y, options = training_data(shape=shape)
    expected = HistogramThresholdMasker(method).fit(X, y, **options)
    chunks = (2, 1, 7)[: len(shape) - 1] + (3,)
    masker = HistogramThresholdMasker(method).fit(da.from_array(X, chunks), y, **options)
    assert_equal(learned_by(masker), learned_by(expected))


@settings(max_examples=40, deadline=None)
@given(st.data())
@pytest.mark.filterwarnings("ignore:.*without any foreground:UserWarning")
def test_any_cuts_learn_the_same(data):
    shape = data.draw(st.tuples(*[st.integers(1, 9)] * 3))
    X, y, options = training_data(shape=shape, seed=data.draw(st.integers(0, 99)))
    weights, roi = options["sample_weight"], options["roi"]
    assume(np.unique(X[weights > 0][roi[weights > 0]]).size > 1)

    def cut(stack):
        cuts = [data.draw(st.sets(st.integers(1, n - 1))) if n > 1 else set() for n in shape]
        edges = [[0, *sorted(inner), n] for inner, n in zip(cuts, shape, strict=True)]
        return da.from_array(stack, tuple(tuple(np.diff(ends).tolist()) for ends in edges))

    for method in ("triangle", "dice"):
        expected = HistogramThresholdMasker(method).fit(X, y, **options)
        with dask.config.set(scheduler="synchronous"):
            masker = HistogramThresholdMasker(method).fit(
                cut(X), cut(y), sample_weight=weights, roi=cut(roi)
            )
        assert_equal(learned_by(masker), learned_by(expected))


@pytest.mark.parametrize(
    ("method", "counting"),
    [
        ("otsu", "_maskers.histogram_masker.count"),
        ("dice", "_maskers.histogram_threshold_masker.count_classes"),
    ],
)
def test_pooled_fit_counts_the_very_chunks(method, counting, monkeypatch):
    X, y, _ = training_data()
    produced, counted = [], []

    def produce(block):
        produced.append(block.copy())
        return produced[-1]

    def record(images, *masks, **options):
        counted.extend([images, *masks, options["roi"]])
        return count_in_full(images, *masks, **options)

    module, name = counting.rsplit(".", 1)
    count_in_full = getattr(importlib.import_module(f"skmask.{module}"), name)
    monkeypatch.setattr(f"skmask.{counting}", record)
    lazy, masks, roi = (
        da.from_array(stack, (2, 5, 7)).map_blocks(produce, dtype=stack.dtype, meta=stack[:0])
        for stack in (X, y, ~y | y)
    )
    HistogramThresholdMasker(method).fit(lazy, masks, roi=roi)
    n_stacks = 2 if method == "otsu" else 3
    assert len(counted) == n_stacks * lazy.npartitions
    assert {id(chunk) for chunk in counted} == {id(chunk) for chunk in produced}


@pytest.mark.parametrize("method", ["otsu", "dice"])
def test_image_larger_than_memory_is_learned_from(method):
    chunk = np.random.default_rng(0).integers(0, 200, (1, 256, 256)).astype(np.uint8)
    black = da.zeros((1, 4096, 4096), chunks=chunk.shape, dtype=np.uint8)
    X = black.map_blocks(lambda block: block + chunk, dtype=np.uint8)
    expected = HistogramThresholdMasker(method).fit(chunk, chunk > 90)
    with dask.config.set(scheduler="synchronous"):
        tracemalloc.start()
        masker = HistogramThresholdMasker(method).fit(X, X > 90, roi=X[0] < 255)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert masker.threshold_ == expected.threshold_
    assert_array_equal(masker.histogram_, X.npartitions * expected.histogram_)
    assert peak < X.nbytes / 3


@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@pytest.mark.parametrize("has_roi", [False, True])
def test_few_counts_are_held_at_a_time(has_roi, strategy):
    held = [0]

    class Recorder(HistogramThresholdMasker):
        def _summarize_block(self, *blocks):
            held.append(held[-1] + 1)
            return super()._summarize_block(*blocks)

        def _merge(self, parts):
            held.append(held[-1] - len(parts) + 1)
            return super()._merge(parts)

    X, _, options = training_data(shape=(90, 6, 8))
    lazy = da.from_array(X, (1, 3, 4)).map_blocks(np.copy)
    with dask.config.set(scheduler="synchronous"):
        Recorder(strategy=strategy).fit(lazy, roi=options["roi"][0] if has_roi else None)
    assert held[-1] == 1
    assert max(held) <= 5 * FAN_IN


def test_two_worker_processes_learn_and_mask_as_numpy_does():
    X, y, options = training_data()
    lazy, masks = (da.from_array(stack, (2, 5, 7)) for stack in (X, y))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        for strategy in ("pooled", "balanced"):
            masker = HistogramThresholdMasker("dice", strategy=strategy)
            expected = clone(masker).fit(X, y, **options)
            assert_equal(learned_by(masker.fit(lazy, masks, **options)), learned_by(expected))
            pipeline = make_pipeline(FrozenEstimator(masker), BinaryDilator(iterations=3))
            assert_array_equal(pipeline.fit(lazy).transform(lazy), pipeline.fit(X).transform(X))
        done_by = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert len(done_by) == 2
    assert all(done_by.values())


def test_unknown_and_masked_chunks_are_refused():
    X = da.from_array(images_for(None), chunks=(2, 5, 4))
    with pytest.raises(ValueError, match=r"known shape.*compute_chunk_sizes\(\)"):
        ThresholdMasker().transform(X[X.max(axis=(1, 2)) > 3])
    with pytest.raises(TypeError, match="expects plain arrays"):
        ThresholdMasker().transform(da.ma.masked_greater(X, 3))
    with pytest.raises(TypeError, match="booleans, integers or floats, got dtype complex"):
        ThresholdMasker().transform(X.astype(complex))


def test_lazy_transform_serializes_the_estimator_once(monkeypatch):
    masker = HistogramThresholdMasker().fit(images_for(None))
    n_times = []

    class Counted(HistogramThresholdMasker):
        def __getstate__(self):
            n_times.append(1)
            return super().__getstate__()

    counted = Counted()
    vars(counted).update(vars(masker))
    counted.transform(da.from_array(images_for(None), chunks=(2, 5, 4)))
    assert len(n_times) == 1


def test_holder_of_a_masker_looks_as_far_as_it_says():
    class Nearest(MaskerHolder, ImageMasker):
        """Extend masks by one pixel to the right: a holder that looks one pixel far."""

        def __init__(self, masker):
            self.masker = masker

        def _transform(self, images, masks):
            result = masks.copy()
            result[..., 1:] |= masks[..., :-1]
            return result

        def _reach(self, n_axes):
            return [0] * (n_axes - 1) + [1]

    X = images_for(None)
    holder = Nearest(ThresholdMasker(60))
    expected = holder.fit(X).transform(X)
    lazy = da.from_array(X, chunks=(2, 4, 3))
    assert_array_equal(holder.transform(lazy), expected)


def test_training_histograms_stay_where_they_are():
    X = np.random.default_rng(0).integers(0, 60000, (4, 40, 50)).astype(np.uint16)
    masker = HistogramThresholdMasker().fit(X)
    lazy = masker.transform(da.from_array(X, chunks=(2, -1, -1)))
    sent = len(pickle.dumps(lazy))
    assert sent < len(pickle.dumps(masker)) / 4
    assert_array_equal(lazy.compute(), masker.transform(X))
