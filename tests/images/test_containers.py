"""Any container gives what a NumPy stack gives, bit for bit, with every public estimator."""

import pickle
import tracemalloc
import warnings

import array_api_strict
import dask
import dask.array as da
import h5py
import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from skmask import (
    BinaryDilator,
    BinaryEroder,
    BorderClearer,
    HistogramThresholdMasker,
    HoleFiller,
    MaskUnion,
    RegionFilter,
    ThresholdMasker,
    use_engine,
)
from skmask._images.kinds import to_numpy
from skmask.metrics import dice_score, dice_scorer
from tests.estimators import name_of, public_estimators
from tests.test_common import images_for

OTHER_DEVICE = array_api_strict.Device("device1")
ESTIMATORS = pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*expects masks, got images of more:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*takes the rows of a 2-D X:UserWarning"),
]


class Slices:
    """The least that is read in blocks: a shape, a dtype, and slices of the first axis."""

    def __init__(self, images):
        self.shape, self.dtype, self.ndim = images.shape, images.dtype, images.ndim
        self._images = images
        self.longest = self.n_read = 0

    def __getitem__(self, part):
        assert isinstance(part, slice)
        images = self._images[part]
        self.longest = max(self.longest, len(images))
        self.n_read += len(images)
        return images


def as_memmap(X, path):
    mapped = np.memmap(path / "images", X.dtype, "w+", shape=X.shape)
    mapped[...] = X
    return mapped


def as_zarr(X, path):
    stack = zarr.create_array(
        path / "images.zarr", shape=X.shape, dtype=X.dtype, chunks=(2, *X.shape[1:])
    )
    stack[...] = X
    return stack


def as_h5py(X, path):
    return h5py.File(path / "images.h5", "w").create_dataset("images", data=X, chunks=True)


def as_objects(X, path):
    images = np.empty(len(X), object)
    images[:] = list(X)
    return images


CONTAINERS = {
    "Fortran": lambda X, path: np.asfortranarray(X),
    "memmap": as_memmap,
    "list": lambda X, path: list(X),
    "objects": as_objects,
    "slices": lambda X, path: Slices(X),
    "zarr": as_zarr,
    "h5py": as_h5py,
    "dask": lambda X, path: da.from_array(X, chunks=(2, 5, 4)),
}
IN_CONTAINERS = pytest.mark.parametrize("container", CONTAINERS)


@pytest.fixture(params=[1, 3, 7, 100])
def images_in_a_block(request, monkeypatch):
    """Cut stacks of the images of these tests, of one byte a pixel, into blocks of so many."""
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", request.param * 9 * 11)
    return request.param


@pytest.fixture(autouse=True)
def scheduler():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


@ESTIMATORS
@IN_CONTAINERS
def test_container_gives_what_the_stack_gives(estimator, container, tmp_path, monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 3 * 9 * 11)
    X = images_for(estimator)
    expected = clone(estimator).fit(X).transform(X)
    given = CONTAINERS[container](X, tmp_path)
    result = estimator.fit(given).transform(given)
    is_list = container in ("list", "objects") and expected.ndim > 2
    kinds = {"dask": da.Array}
    assert type(result) is (list if is_list else kinds.get(container, np.ndarray))
    assert_array_equal(np.asarray(result), expected)
    assert np.asarray(result).dtype == expected.dtype
    assert_array_equal(np.asarray(estimator.transform(X)), expected)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("cls", [BinaryDilator, BorderClearer, HoleFiller, RegionFilter])
@IN_CONTAINERS
def test_masks_of_numbers_are_read_one_by_one(container, cls, engine, tmp_path):
    masks = np.random.default_rng(0).random((4, 9, 11)) < 0.5
    numbers = masks * np.array([1, 255, 7, 1], np.uint8).reshape(4, 1, 1)
    given = CONTAINERS[container](numbers, tmp_path)
    with use_engine(engine):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = np.asarray(cls().transform(given))
        assert_array_equal(result, cls().transform(masks))
        numbers[2, :3, :3] = np.arange(9).reshape(3, 3)
        (tmp_path / "other").mkdir()
        given = CONTAINERS[container](numbers, tmp_path / "other")
        with pytest.warns(UserWarning, match=f"{cls.__name__} expects masks, got images of more"):
            np.asarray(cls().transform(given))


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("cls", [BinaryDilator, BorderClearer, HoleFiller, RegionFilter])
def test_a_list_of_images_in_the_place_of_masks_brings_one_warning(cls, engine):
    images = [np.arange(9 * width).reshape(9, width) for width in (5, 7, 9)]
    message = "expects masks, got images of more than two values"
    with use_engine(engine), pytest.warns(UserWarning, match=message) as caught:
        cls().transform(images)
    assert len(caught) == 1


def test_masks_beside_images_have_one_value_of_foreground(tmp_path, disks):
    X, y = disks
    numbers = y * np.array([1, 1, 1, 1, 1, 1, 1, 255], np.uint8).reshape(8, 1, 1)
    masker = HistogramThresholdMasker("dice")
    for container in ("list", "objects", "slices"):
        images = CONTAINERS[container](X, tmp_path)
        masks = CONTAINERS[container](numbers, tmp_path)
        with pytest.raises(ValueError, match="expects y to be masks, .* with other values"):
            masker.fit(images, masks)
    sizes = range(33, 41)
    images = [image[:, :size] for image, size in zip(X, sizes, strict=True)]
    masks = [mask[:, :size] for mask, size in zip(numbers, sizes, strict=True)]
    with pytest.raises(
        ValueError, match="expects y to be masks with one .* got 1 and 255. Use y != 0"
    ):
        masker.fit(images, masks)
    masks[-1] = masks[-1] > 0
    assert masker.fit(images, masks).best_score_ > 0.9


@ESTIMATORS
@pytest.mark.parametrize("container", ["memmap", "slices", "zarr", "h5py", "dask"])
def test_flat_rows_in_a_container_give_what_they_give_in_memory(estimator, container, tmp_path):
    X = images_for(estimator)
    rows = X.reshape(len(X), -1)
    estimator = clone(estimator)
    if hasattr(estimator, "image_shape"):
        estimator.set_params(image_shape=X.shape[1:])
    expected = clone(estimator).fit(rows).transform(rows)
    make = (
        CONTAINERS[container] if container != "dask" else lambda X, path: da.from_array(X, (2, 30))
    )
    given = make(rows, tmp_path)
    result = estimator.fit(given).transform(given)
    assert result.shape == expected.shape
    assert_array_equal(np.asarray(result), expected)


@pytest.mark.parametrize("method", ["otsu", "dice"])
@pytest.mark.parametrize("strategy", ["pooled", "balanced"])
@IN_CONTAINERS
def test_threshold_learned_from_blocks_is_that_of_the_whole(
    method, strategy, container, tmp_path, images_in_a_block
):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 200, (11, 9, 11)).astype(np.uint8)
    y = X + rng.normal(0, 30, X.shape) > 120
    given = {"sample_weight": rng.integers(1, 4, 11), "roi": rng.random(X.shape) < 0.8}
    make = CONTAINERS[container]
    paths = [tmp_path / name for name in "Xyr"]
    for path in paths:
        path.mkdir()
    expected = HistogramThresholdMasker(method, strategy=strategy).fit(X, y, **given)
    given["roi"] = make(given["roi"], paths[2])
    masker = HistogramThresholdMasker(method, strategy=strategy).fit(
        make(X, paths[0]), make(y, paths[1]), **given
    )
    assert masker.threshold_ == expected.threshold_
    assert masker.threshold_interval_ == expected.threshold_interval_
    assert_array_equal(masker.histogram_, expected.histogram_)
    assert_array_equal(masker.criterion_, expected.criterion_)
    assert masker.best_score_ == expected.best_score_


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_masks_and_images_may_come_in_different_containers(dtype, tmp_path, disks):
    X, y = disks
    X = X.astype(dtype)
    expected = HistogramThresholdMasker("jaccard").fit(X, y).threshold_
    chunked = da.from_array(y, chunks=(2, 10, 40))
    for images in (X, Slices(X), da.from_array(X, chunks=(3, 16, 16))):
        for masks in (y, y.astype(np.uint8) * 255, as_h5py(y, tmp_path), chunked):
            assert HistogramThresholdMasker("jaccard").fit(images, masks).threshold_ == expected


def test_one_region_of_interest_serves_all_blocks(disks, monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 3 * 32 * 40)
    X, _ = disks
    roi = np.zeros(X.shape[1:], bool)
    roi[5:20, 4:] = True
    expected = HistogramThresholdMasker().fit(X, roi=roi)
    for images in (Slices(X), da.from_array(X, chunks=(3, 7, 40))):
        masker = HistogramThresholdMasker().fit(images, roi=roi)
        assert masker.threshold_ == expected.threshold_
        assert_array_equal(masker.histogram_, expected.histogram_)


def test_fit_that_learns_nothing_reads_nothing():
    images = Slices(images_for(None, shape=(50, 9, 11)))
    BinaryDilator().fit(images)
    assert images.n_read == 0
    with pytest.raises(ValueError, match="expects a footprint with 2 axes"):
        BinaryDilator(np.ones((3, 3, 3))).fit(images)


def test_blocks_are_read_once_also_by_what_holds_maskers(monkeypatch):
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 4 * 9 * 11)
    X = images_for(None, shape=(50, 9, 11))
    images = Slices(X)
    union = MaskUnion(
        [("a", ThresholdMasker(20)), ("b", make_pipeline(ThresholdMasker(9), BinaryEroder()))]
    )
    assert_array_equal(union.transform(images), union.transform(X))
    assert (images.longest, images.n_read) == (4, 50)


def test_pickled_pipeline_serves_every_container(disks, tmp_path):
    X, y = disks
    pipeline = make_pipeline(
        HistogramThresholdMasker("dice"), BinaryDilator(iterations=2), BinaryEroder()
    )
    pipeline.fit(da.from_array(X, chunks=(3, 10, 11)), da.from_array(y, chunks=(3, 10, 11)))
    loaded = pickle.loads(pickle.dumps(pipeline))
    expected = clone(pipeline).fit(X, y).transform(X)
    for name, make in CONTAINERS.items():
        path = tmp_path / name
        path.mkdir()
        assert_array_equal(np.asarray(loaded.transform(make(X, path))), expected)


@IN_CONTAINERS
def test_scores_read_every_container(container, tmp_path, disks):
    X, y = disks
    make = CONTAINERS[container]
    for name in "Xyp":
        (tmp_path / name).mkdir()
    true, images = make(y, tmp_path / "y"), make(X, tmp_path / "X")
    expected = dice_score(y, X > 110)
    assert dice_score(true, make(X > 110, tmp_path / "p")) == expected
    assert dice_scorer(ThresholdMasker(110), images, true) == expected


def test_lists_of_sizes_and_their_masks_go_through_searches():
    rng = np.random.default_rng(0)
    X = [rng.integers(0, 200, (9 + i % 3, 11 - i % 2)).astype(np.uint8) for i in range(9)]
    y = [image > 120 for image in X]
    objects = np.empty(9, object)
    objects[:] = X
    y_objects = np.empty(9, object)
    y_objects[:] = y
    pipeline = make_pipeline(HistogramThresholdMasker("dice"), BinaryDilator())
    grid = {"binarydilator__iterations": [1, 0]}
    for images, masks in ((X, y), (objects, y_objects)):
        search = GridSearchCV(pipeline, grid, scoring=dice_scorer, cv=3).fit(images, masks)
        assert search.best_params_ == {"binarydilator__iterations": 0}
        assert search.best_score_ == 1
        assert search.score(images, masks) == 1
        assert_array_equal(
            cross_val_score(search.best_estimator_, images, masks, scoring=dice_scorer, cv=3), 1
        )
        assert [mask.shape for mask in search.transform(images)] == [image.shape for image in X]


@pytest.mark.parametrize(
    "make", [np.asarray, CONTAINERS["zarr"], CONTAINERS["memmap"], CONTAINERS["objects"]]
)
def test_masks_of_one_shape_may_come_as_a_stack_or_a_list(make, disks, tmp_path):
    X, y = disks
    given = make(y) if make is np.asarray else make(y, tmp_path)
    expected = HistogramThresholdMasker("dice").fit(X, y, roi=X < 170)
    for images, masks, roi in ((list(X), given, X < 170), (X, list(y), list(X < 170))):
        masker = HistogramThresholdMasker("dice").fit(images, masks, roi=roi)
        assert masker.threshold_ == expected.threshold_
        assert_array_equal(masker.histogram_, expected.histogram_)
        assert dice_score(list(masker.transform(images)), given) == expected.best_score_


def test_weights_and_regions_stay_with_the_images_of_a_list():
    rng = np.random.default_rng(0)
    X = [rng.integers(0, 50 * (i + 1), (4 + i % 3, 5)).astype(np.uint8) for i in range(5)]
    rois = [rng.random(image.shape) < 0.7 for image in X]
    weights = [0, 1, 2, 0, 3]
    picked = [1, 2, 2, 4, 4, 4]
    expected = HistogramThresholdMasker().fit([X[i] for i in picked], roi=[rois[i] for i in picked])
    masker = HistogramThresholdMasker().fit(X, sample_weight=weights, roi=rois)
    assert masker.threshold_ == expected.threshold_
    assert_array_equal(masker.histogram_, expected.histogram_)


@pytest.mark.parametrize(
    ("masks", "error", "match"),
    [
        (lambda y: np.ma.masked_array(y, ~y), TypeError, "expects plain arrays"),
        (lambda y: y[:, :-1], ValueError, "y of shape .*the shape of the images"),
        (
            lambda y: [*y[:-1], y[-1][:-1]],
            ValueError,
            r"y of shape .*the shape of image \d+, got .*Crop or resize both alike",
        ),
        (lambda y: y.astype(str), (ValueError, TypeError), "numeric|string|dtype <U"),
        (lambda y: y.astype(int) + np.arange(y.shape[-1]), ValueError, "y to be masks"),
        (lambda y: Slices(y[:-1]), ValueError, "y of shape"),
    ],
)
@pytest.mark.parametrize("container", ["slices", "dask", "Fortran"])
def test_bad_masks_are_refused(masks, error, match, container, tmp_path, disks):
    X, y = disks
    with pytest.raises(error, match=match):
        HistogramThresholdMasker("dice").fit(CONTAINERS[container](X, tmp_path), masks(y))


def test_bad_masks_in_a_list_are_refused(disks):
    X, y = disks
    masker = HistogramThresholdMasker("dice")
    with pytest.raises(TypeError, match="expects plain arrays"):
        masker.fit(list(X), [np.ma.masked_array(mask) for mask in y])
    with pytest.raises(ValueError, match="as a list of 8 arrays when the images are a list"):
        masker.fit(list(X), list(y[:-1]))
    with pytest.raises(ValueError, match="as a list of 8 arrays .* got 7"):
        masker.fit(list(X), y[:-1])
    with pytest.raises(ValueError, match="as a list of 8 arrays .* got ndarray"):
        masker.fit(list(X), y.reshape(8, -1))
    with pytest.raises(
        TypeError, match="expects y to be masks, booleans or numbers, got dtype <U5"
    ):
        masker.fit(list(X), [mask.astype(str) for mask in y])
    for images in (X, list(X)):
        with pytest.raises(
            ValueError, match="expects y of shape .* got .*Nothing|nothing is broad"
        ):
            masker.fit(images, [*y[:-1], y[-1][1:]])
        with pytest.raises(ValueError, match="got one value an image. Class labels are no masks"):
            masker.fit(images, [0, 1] * 4)
        with pytest.raises(ValueError, match=r"or use MaskFiles\(paths\) of skmask.io"):
            masker.fit(images, ["a.png"] * 8)


def test_masked_arrays_in_an_object_array_are_refused():
    images = np.empty(2, object)
    images[:] = [np.ones((3, 4)), np.ma.masked_array(np.ones((5, 4)), True)]
    with pytest.raises(
        TypeError, match="ThresholdMasker expects plain arrays as X, got a numpy.ma.M"
    ):
        ThresholdMasker(0).transform(images)


def test_images_and_masks_of_a_list_are_never_copied_as_a_whole():
    stack = np.zeros((200, 256, 256), np.uint8)
    stack[:, 0] = 9
    images = list(stack)
    tracemalloc.start()
    HistogramThresholdMasker("dice").fit(images, images)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6


@ESTIMATORS
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_arrays_of_other_libraries_come_back_where_they_came_from(estimator, dtype):
    X = images_for(estimator, dtype)
    expected = clone(estimator).fit(X).transform(X)
    given = array_api_strict.asarray(X, device=OTHER_DEVICE)
    with config_context(array_api_dispatch=True):
        result = estimator.fit(given).transform(given)
        assert result.device == OTHER_DEVICE
        assert_array_equal(to_numpy(result), expected)
        assert type(estimator.transform(X)) is np.ndarray
    result = estimator.transform(array_api_strict.asarray(X))
    assert type(result) is np.ndarray
    assert_array_equal(result, expected)


def test_masks_and_scores_of_other_libraries_are_read(disks):
    X, y = disks
    roi = X[0] < 170
    expected = HistogramThresholdMasker("dice").fit(X, y, roi=roi)
    images, masks, region = (
        array_api_strict.asarray(one, device=OTHER_DEVICE) for one in (X, y, roi)
    )
    with config_context(array_api_dispatch=True):
        masker = HistogramThresholdMasker("dice").fit(images, masks, roi=region)
        assert dice_scorer(masker, images, masks) == dice_scorer(expected, X, y)
    assert masker.threshold_ == expected.threshold_
    assert isinstance(masker.histogram_, np.ndarray)


def test_fit_that_fails_midway_leaves_the_estimator_as_it_was():
    X = images_for(None, shape=(6, 9, 11))

    class Broken(Slices):
        def __getitem__(self, part):
            if part.stop > 3:
                raise OSError("the disk is gone")
            return super().__getitem__(part)

    masker = HistogramThresholdMasker().fit(X)
    before = pickle.dumps(masker)
    with pytest.raises(OSError, match="the disk is gone"):
        masker.fit(Broken(X + 50))
    with pytest.raises(OSError, match="the disk is gone"):
        masker.partial_fit(Broken(X + 50))
    assert pickle.dumps(masker) == before
