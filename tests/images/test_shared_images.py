"""Images shared by the candidates of a search: the same scores as without, for less work."""

import gc
import pickle
import weakref

import dask.array as da
import h5py
import joblib
import numpy as np
import pytest
import zarr
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    ShuffleSplit,
    cross_val_predict,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skmask import (
    BinaryOpener,
    FixedMasker,
    HistogramThresholdMasker,
    HoleFiller,
    ImageFlattener,
    MaskApplier,
    MaskUnion,
    RegionStatistics,
    SharedImages,
    SmallRegionRemover,
    ThresholdMasker,
)
from skmask._images.shared_images import key_of
from skmask._maskers.histogram_masker import HistogramMasker
from skmask.datasets import make_masked_images
from skmask.metrics import MaskScorer

DATA = make_masked_images(9, (40, 44), noise=25, random_state=0)
X, Y = DATA.images, DATA.masks
PIPELINE = make_pipeline(HistogramThresholdMasker(), BinaryOpener(), SmallRegionRemover())
GRID = {
    "histogramthresholdmasker__method": ["otsu", "li", "dice"],
    "histogramthresholdmasker__correction_factor": [0.9, 1.0],
    "binaryopener__iterations": [0, 1],
    "smallregionremover__min_size": [5, 40],
}


def search(X, y, grid=GRID, pipeline=PIPELINE, **options):
    return GridSearchCV(pipeline, grid, cv=3, **options).fit(X, y)


def scores(search):
    return {name: found for name, found in search.cv_results_.items() if "time" not in name}


def assert_same(one, other):
    for (name, found), expected in zip(scores(one).items(), scores(other).values(), strict=True):
        np.testing.assert_array_equal(found, expected, err_msg=name)
    assert one.best_params_ == other.best_params_
    np.testing.assert_array_equal(one.transform(X), other.transform(X))


@pytest.mark.parametrize("limit", [0, 1 << 16, 1 << 30])
def test_a_search_on_shared_images_gives_the_same(limit):
    shared = SharedImages(X, max_bytes=limit), SharedImages(Y, max_bytes=limit)
    assert_same(search(*shared), search(X, Y))


def test_masks_need_not_be_shared():
    assert_same(search(SharedImages(X), Y), search(X, Y))


def test_several_scores_and_threads_share():
    options = {"scoring": {"dice": MaskScorer(), "mcc": MaskScorer("mcc")}, "refit": "mcc"}
    with joblib.parallel_config(backend="threading"):
        found = search(SharedImages(X), SharedImages(Y), n_jobs=2, **options)
    assert_same(found, search(X, Y, **options))


def test_processes_give_the_same():
    found = cross_validate(PIPELINE, SharedImages(X), SharedImages(Y), cv=3, n_jobs=2)
    expected = cross_validate(PIPELINE, X, Y, cv=3)
    np.testing.assert_array_equal(found["test_score"], expected["test_score"])


def test_lists_of_different_sizes():
    images = [image[: 30 + i] for i, image in enumerate(X)]
    masks = [mask[: 30 + i] for i, mask in enumerate(Y)]
    assert_same(search(SharedImages(images), SharedImages(masks)), search(images, masks))


@pytest.mark.parametrize("kind", ["zarr", "h5py", "memmap", "dask"])
def test_images_in_files_are_searched_in_any_order(kind, tmp_path):
    if kind == "zarr":
        images = zarr.array(X, store=tmp_path / "images.zarr", chunks=(2, 10, 44))
    elif kind == "h5py":
        images = h5py.File(tmp_path / "images.h5", "w").create_dataset("images", data=X)
    elif kind == "memmap":
        np.save(tmp_path / "images.npy", X)
        images = np.load(tmp_path / "images.npy", mmap_mode="r")
    else:
        images = da.from_array(X, chunks=(2, 10, 44))
    masker, folds = HistogramThresholdMasker("dice"), ShuffleSplit(2, random_state=0)
    shared = SharedImages(images)
    assert len(shared) == len(X)
    np.testing.assert_array_equal(shared[[7, 2, 2]], X[[7, 2, 2]])
    found = cross_validate(masker, shared, SharedImages(Y), cv=folds, error_score="raise")
    expected = cross_validate(masker, X, Y, cv=folds)
    np.testing.assert_array_equal(found["test_score"], expected["test_score"])


def test_flat_rows():
    rows = X.reshape(len(X), -1), Y.reshape(len(Y), -1)
    pipeline = make_pipeline(HistogramThresholdMasker(), BinaryOpener(image_shape=X.shape[1:]))
    grid = {"histogramthresholdmasker__method": ["otsu", "li"], "binaryopener__radius": [1, 2]}
    found = search(*map(SharedImages, rows), grid, pipeline).cv_results_["mean_test_score"]
    expected = search(*rows, grid, pipeline).cv_results_["mean_test_score"]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "masker",
    [
        MaskApplier(PIPELINE),
        MaskUnion([("a", HistogramThresholdMasker()), ("b", ThresholdMasker(200))]),
        FixedMasker(Y[0]),
        RegionStatistics(HistogramThresholdMasker()),
    ],
    ids=lambda masker: type(masker).__name__,
)
def test_what_holds_maskers_gives_the_same(masker):
    shared = SharedImages(X)
    expected = masker.fit(X).transform(X)
    found = masker.fit(shared).transform(shared)
    assert isinstance(found, SharedImages)
    np.testing.assert_array_equal(found.compute(), expected)


def test_estimators_of_scikit_learn_follow():
    labels = np.arange(9) % 2
    classifier = make_pipeline(MaskApplier(PIPELINE), ImageFlattener(), LogisticRegression())
    found = cross_val_predict(classifier, SharedImages(X), labels, cv=3)
    np.testing.assert_array_equal(found, cross_val_predict(classifier, X, labels, cv=3))


def test_predictions_are_arrays():
    found = cross_val_predict(PIPELINE, SharedImages(X), SharedImages(Y), cv=3)
    np.testing.assert_array_equal(found, cross_val_predict(PIPELINE, X, Y, cv=3))
    assert isinstance(PIPELINE.fit(X).predict(SharedImages(X)), np.ndarray)


def test_pixels_are_counted_once_for_each_fold_and_kind_of_histogram(monkeypatch):
    counted = []
    summarize = HistogramMasker._summarize

    def count(self, images, *args, **kwargs):
        counted.append(len(images))
        return summarize(self, images, *args, **kwargs)

    monkeypatch.setattr(HistogramMasker, "_summarize", count)
    search(SharedImages(X), SharedImages(Y))
    # Pooled histograms, and those of foreground and background, of three folds; then the fit on all.
    assert counted == [6] * 6 + [9] or counted == [6] * 6


def test_weights_and_regions_are_counted_by_themselves():
    shared, weights = SharedImages(X), np.arange(1, 10)
    for masker in (HistogramThresholdMasker(), HistogramThresholdMasker("dice")):
        for given in ({}, {"sample_weight": weights}, {"roi": Y[0]}):
            found = masker.fit(shared, SharedImages(Y), **given).threshold_
            assert found == masker.fit(X, Y, **given).threshold_


def test_other_masks_are_other_histograms():
    shared, masker = SharedImages(X), HistogramThresholdMasker("dice")
    masks = SharedImages(Y), SharedImages(X > 200)
    found = [masker.fit(shared, one).threshold_ for one in masks]
    assert found == [masker.fit(X, one.compute()).threshold_ for one in masks]
    assert found[0] != found[1]


def test_masks_that_are_gone_are_not_taken_for_others():
    shared, masker = SharedImages(X), HistogramThresholdMasker("dice")
    for threshold in (60, 110, 160, 210):
        masks = ThresholdMasker(threshold).transform(X)
        expected = masker.fit(X, masks).threshold_
        assert masker.fit(shared, SharedImages(masks)).threshold_ == expected
        del masks  # the next ones take their place in memory


class Recorder(HoleFiller):
    seen = []

    def _transform(self, masks):
        self.seen.append(len(masks))
        return super()._transform(masks)


def test_steps_that_learn_nothing_see_one_training_image_and_share_results():
    Recorder.seen.clear()
    pipeline = make_pipeline(ThresholdMasker(128), Recorder(), SmallRegionRemover())
    grid = {"smallregionremover__min_size": [5, 10, 20]}
    found = search(SharedImages(X), SharedImages(Y), grid, pipeline, refit=False)
    # The first training image, which two of the folds have in common, and the test images of each fold.
    assert sorted(Recorder.seen) == [1, 1, 3, 3, 3]
    expected = search(X, Y, grid, pipeline, refit=False)
    np.testing.assert_array_equal(
        found.cv_results_["mean_test_score"], expected.cv_results_["mean_test_score"]
    )


def test_an_estimator_may_be_fitted_again_before_its_result_is_computed():
    masker = HistogramThresholdMasker().fit(X)
    expected = masker.transform(X)
    shared = masker.transform(SharedImages(X))
    masker.fit(X[:1] // 4)
    np.testing.assert_array_equal(shared.compute(), expected)


def test_what_an_estimator_holds_may_change_before_its_result_is_computed():
    union = MaskUnion([("a", ThresholdMasker(100)), ("b", ThresholdMasker(200))])
    expected = union.transform(X)
    shared = union.transform(SharedImages(X))
    union.set_params(a__threshold=10)
    np.testing.assert_array_equal(shared.compute(), expected)


def test_results_are_told_apart_by_what_was_learned():
    shared = SharedImages(X)
    maskers = [HistogramThresholdMasker().fit(X[:3]), HistogramThresholdMasker().fit(X[3:] // 2)]
    for masker in maskers:
        np.testing.assert_array_equal(masker.transform(shared).compute(), masker.transform(X))


def test_results_are_told_apart_by_their_container():
    shared, statistics = SharedImages(X), RegionStatistics(ThresholdMasker(100)).fit(X)
    with config_context(transform_output="pandas"):
        frame = statistics.transform(shared).compute()
    rows = statistics.transform(shared).compute()
    assert type(rows) is np.ndarray
    np.testing.assert_array_equal(frame.to_numpy(), rows)


def test_keys_equal_for_equal_estimators_only():
    same = [key_of(FixedMasker(Y[0]).fit(X)) for _ in range(2)]
    assert same[0] == same[1]
    others = [FixedMasker(Y[1]), *map(ThresholdMasker, (1, 1.0, True))]
    assert len({same[0], *map(key_of, others)}) == 5
    assert key_of(LogisticRegression(C=2)) == key_of(LogisticRegression(C=2))
    assert key_of(LogisticRegression(C=2)) != key_of(LogisticRegression(C=3))
    assert key_of({"a": [1, None]}) == key_of({"a": [1, None]}) != key_of({"a": (1, None)})
    unknown = lambda x: x  # noqa: E731
    assert key_of(unknown) == key_of(unknown)
    cannot_be_pickled = (i for i in range(3))
    assert key_of(cannot_be_pickled) != key_of(cannot_be_pickled)


@pytest.mark.parametrize("images", [X, list(X)], ids=["stack", "list"])
@pytest.mark.parametrize(
    "key", [slice(2, 5), np.array([4, 1]), np.arange(9) > 5, (np.array([3]), ...)], ids=str
)
def test_shared_images_are_indexed_as_what_they_hold(images, key):
    chosen = key[0] if isinstance(key, tuple) else key
    shared = SharedImages(images)
    np.testing.assert_array_equal(shared[key].compute(), X[chosen])
    assert len(shared[key]) == shared[key].shape[0] == len(X[chosen])
    assert type(shared[key].compute()) is type(images)
    masks = ThresholdMasker(100).transform(shared)
    np.testing.assert_array_equal(masks[key].compute(), X[chosen] > 100)


def test_shared_images_are_a_sequence():
    shared = SharedImages(X)
    np.testing.assert_array_equal(shared[-1], X[-1])
    np.testing.assert_array_equal(shared[4], X[4])
    np.testing.assert_array_equal(np.asarray(shared), X)
    assert np.asarray(shared, dtype=float).dtype == float
    np.testing.assert_array_equal(list(shared), X)
    with pytest.raises(IndexError):
        shared[9]
    parts = train_test_split(shared, Y, random_state=0)
    for part, expected in zip(parts, train_test_split(X, Y, random_state=0), strict=True):
        np.testing.assert_array_equal(np.asarray(part), expected)
    assert repr(shared) == "SharedImages(9 images)"
    assert SharedImages(shared).compute() is X


@pytest.mark.parametrize(
    "key", [(slice(None), slice(2, 9)), (..., 0), (None, ...), None, ...], ids=str
)
def test_shared_images_are_cut_as_arrays(key):
    np.testing.assert_array_equal(SharedImages(X)[key], X[key])


def test_functions_of_users_take_shared_images_for_arrays():
    shared = SharedImages(X)
    np.testing.assert_array_equal(shared / 255, X / 255)
    np.testing.assert_array_equal(~ThresholdMasker(100).transform(shared), ~(X > 100))
    np.testing.assert_array_equal(np.sqrt(shared), np.sqrt(X))
    scale = FunctionTransformer(lambda images: 2.0 * images)
    found, expected = (
        cross_validate(make_pipeline(scale, HistogramThresholdMasker()), *data, cv=3)["test_score"]
        for data in ((shared, SharedImages(Y)), (X, Y))
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("images", [None, 5, "images.tif", np.array(3)], ids=str)
def test_refuses_what_is_no_images(images):
    with pytest.raises(
        TypeError, match="^SharedImages expects X to be an array or a list of arrays"
    ):
        SharedImages(images)


@pytest.mark.parametrize("max_bytes", [-1, "1 GB", None])
def test_refuses_limits_that_are_no_number_of_bytes(max_bytes):
    with pytest.raises(ValueError, match="max_bytes to be a number of bytes, at least 0, got"):
        SharedImages(X, max_bytes=max_bytes)


def test_results_are_read_only_and_images_as_they_were():
    images = X.copy()
    shared = SharedImages(images)
    masks = ThresholdMasker(100).transform(shared).compute()
    assert not masks.flags.writeable
    assert not shared[:4].compute().flags.writeable
    assert images.flags.writeable


def test_results_go_with_the_images():
    shared = SharedImages(X)
    RandomizedSearchCV(PIPELINE, GRID, n_iter=3, cv=3, random_state=0).fit(shared, Y)
    kept = weakref.ref(shared._results)
    assert shared._results._n_bytes > 0
    del shared
    gc.collect()
    assert kept() is None


def test_results_stay_within_their_limit():
    shared = SharedImages(X, max_bytes=3 * X[0].size)
    for threshold in range(9):
        ThresholdMasker(threshold).transform(shared[:1]).compute()
        assert shared._results._n_bytes <= 3 * X[0].size
    assert len(shared._results._kept) == 3


def test_histograms_count_for_the_limit():
    shared = SharedImages(X, max_bytes=1)
    for strategy in ("pooled", "balanced"):
        HistogramThresholdMasker(strategy=strategy).fit(shared)
    assert shared._results._n_bytes > 1
    assert len(shared._results._kept) == 1


def test_pickles_hold_images_and_no_results():
    shared = SharedImages(X)
    masks = ThresholdMasker(100).transform(shared)
    masks.compute()
    loaded = pickle.loads(pickle.dumps(masks))
    assert not loaded._results._kept
    np.testing.assert_array_equal(loaded.compute(), X > 100)


def test_numbers_that_give_other_results_have_other_keys():
    assert len({key_of(value) for value in (0, 0.0, -0.0, False, np.float32(0))}) == 5
    assert key_of(np.nan) == key_of(float("nan"))
