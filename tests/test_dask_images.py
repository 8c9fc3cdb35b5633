"""Dask arrays: lazy results that are those of NumPy, however images are cut into chunks."""

import pickle

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    BinaryEroder,
    HistogramThresholdMasker,
    ImageFlattener,
    MaskApplier,
    RangeMasker,
    ThresholdMasker,
)
from skmask.base import ImageMasker
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
    for index, chunk in zip(
        np.ndindex(lazy.numblocks), dask.compute(*lazy.to_delayed().ravel()), strict=True
    ):
        assert chunk.shape == tuple(sizes[i] for sizes, i in zip(lazy.chunks, index, strict=True))
    assert_array_equal(lazy.compute(), expected)


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


def test_unknown_and_masked_chunks_are_refused():
    X = da.from_array(images_for(None), chunks=(2, 5, 4))
    with pytest.raises(ValueError, match=r"known shape.*compute_chunk_sizes\(\)"):
        ThresholdMasker().transform(X[X.max(axis=(1, 2)) > 3])
    with pytest.raises(TypeError, match="expects plain arrays"):
        ThresholdMasker().transform(da.ma.masked_greater(X, 3))
    with pytest.raises(TypeError, match="booleans, integers or floats, got dtype complex"):
        ThresholdMasker().transform(X.astype(complex))
