"""What the callbacks of scikit-learn 1.9 and later are told of a fit; before, there are none to tell."""

import pickle
from importlib.util import find_spec

import dask.array as da
import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skmask import (
    DriftGuard,
    HistogramThresholdMasker,
    MaskApplier,
    MaskCropper,
    MaskedPixelSelector,
    MaskUnion,
    ThresholdMasker,
)
from skmask.base import ImageMasker
from skmask.metrics import dice_scorer
from tests.estimators import name_of, public_estimators

HAS_CALLBACKS = find_spec("sklearn.callback") is not None


class Recorder:
    """Keeps what it is told, as "event Estimator.task/Estimator.task", from the outermost task in."""

    def __init__(self, fails_at=None, error=ValueError):
        self.events = []
        self.fails_at = fails_at
        self.error = error

    def setup(self, estimator, context):
        self._keep("setup", context)

    def on_fit_task_begin(self, estimator, context):
        self._keep("begin", context)

    def on_fit_task_end(self, estimator, context):
        self._keep("end", context)

    def teardown(self, estimator, context):
        self._keep("teardown", context)

    def _keep(self, event, context):
        tasks = []
        while context is not None:
            tasks.insert(0, f"{context.estimator_name}.{context.task_name}")
            context = context.parent
        self.events.append(f"{event} {'/'.join(tasks)}")
        if self.events[-1] == self.fails_at:
            raise self.error("from the callback")


class PropagatedRecorder(Recorder):
    max_propagation_depth = None


class Finished:
    """Keeps what is given to it at the end of a fit."""

    def __init__(self):
        self.given = []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X, y, metadata, fitted_estimator):
        self.given.append((X, y, metadata, fitted_estimator))
        return True  # a request to stop, which is none to forget images

    def teardown(self, estimator, context):
        pass


class TwoPasses(ImageMasker):
    """Learns the variance of the pixels, in the plain way that reads the images twice."""

    def _fit(self, images, y):
        n_pixels = images.reduce(lambda block: block.size, sum)
        self.mean_ = images.reduce(np.sum, sum) / n_pixels

    def _transform(self, images):
        return images > self.mean_


def watched(estimator, callback):
    """Set a callback where that can be done."""
    return estimator.set_callbacks(callback) if HAS_CALLBACKS else estimator


def told(task, *within):
    """Return the events of a task and those within it, where there are callbacks."""
    return [f"begin {task}", *within, f"end {task}"] if HAS_CALLBACKS else []


def outermost(task, *within):
    """Return the events of a fit that is not part of another, whose tasks carry the path to it."""
    return [f"setup {task}", *told(task, *within), f"teardown {task}"] if HAS_CALLBACKS else []


def blocks(path, n_blocks):
    estimator = path.rsplit("/", 1)[-1].split(".")[0]
    return told(f"{path}/{estimator}.block") * n_blocks


@pytest.fixture
def containers(disks, tmp_path, monkeypatch):
    """Return images as a stack in one block, and as a memory map and a list in four."""
    images, _ = disks
    monkeypatch.setattr("skmask._images.readers.BLOCK_BYTES", 2 * images[0].nbytes)
    monkeypatch.setattr("skmask._images.containers._BATCH_BYTES", 2 * images[0].nbytes)
    np.save(tmp_path / "images.npy", images)
    return {
        "stack": (images, 1),
        "memmap": (np.load(tmp_path / "images.npy", mmap_mode="r"), 4),
        "list": (list(images), 4),
    }


MASKER = "HistogramThresholdMasker"


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_set_callbacks_is_there_where_scikit_learn_has_callbacks(estimator):
    assert hasattr(estimator, "set_callbacks") == HAS_CALLBACKS


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_every_fit_is_told_from_setup_to_teardown(estimator, disks):
    images, _ = disks
    recorder = Recorder()
    plain = clone(estimator).fit(images)
    assert vars(watched(estimator, recorder).fit(images)).keys() - vars(plain).keys() <= {
        "_skl_callbacks"
    }
    task = f"{name_of(estimator)}.fit"
    assert [event for event in recorder.events if event.endswith(f" {task}")] == outermost(task)
    assert recorder.events[:2] == outermost(task)[:2]
    assert recorder.events[-2:] == outermost(task)[-2:]


@pytest.mark.parametrize("container", ["stack", "memmap", "list"])
def test_every_block_is_a_subtask(container, containers):
    X, n_blocks = containers[container]
    recorder = Recorder()
    masker = watched(HistogramThresholdMasker(), recorder).fit(X)
    fit = f"{MASKER}.fit"
    assert recorder.events == outermost(fit, *blocks(fit, n_blocks))
    assert masker.threshold_ == HistogramThresholdMasker().fit(X).threshold_


def test_a_fit_that_reads_nothing_has_no_subtasks(containers):
    X, _ = containers["memmap"]
    recorder = Recorder()
    watched(ThresholdMasker(), recorder).fit(X)
    assert recorder.events == outermost("ThresholdMasker.fit")


def test_dask_is_left_to_tell_of_chunks(disks):
    recorder = Recorder()
    watched(HistogramThresholdMasker(), recorder).fit(da.from_array(disks[0], chunks=(2, 32, 40)))
    assert recorder.events == outermost(f"{MASKER}.fit")


def test_many_blocks_share_subtasks(containers, monkeypatch):
    monkeypatch.setattr("skmask._images.images.MOST_STEPS", 3)
    X, _ = containers["memmap"]
    recorder = Recorder()
    masker = watched(HistogramThresholdMasker(), recorder).fit(X)
    fit = f"{MASKER}.fit"
    assert recorder.events == outermost(fit, *blocks(fit, 3))
    assert masker.threshold_ == HistogramThresholdMasker().fit(X).threshold_


def test_the_first_pass_of_an_extension_is_told(containers):
    X, n_blocks = containers["memmap"]
    recorder = Recorder()
    masker = watched(TwoPasses(), recorder).fit(X)
    assert recorder.events == outermost("TwoPasses.fit", *blocks("TwoPasses.fit", n_blocks))
    assert masker.mean_ == np.mean(X)


def test_each_partial_fit_is_a_task_of_its_own(containers):
    X, _ = containers["memmap"]
    recorder = Recorder()
    masker = watched(HistogramThresholdMasker(), recorder)
    masker.partial_fit(X[:4]).partial_fit(X[4:])
    task = f"{MASKER}.partial_fit"
    assert recorder.events == outermost(task, *blocks(task, 2)) * 2
    assert masker.threshold_ == HistogramThresholdMasker().fit(X).threshold_


def test_pipeline_hands_its_callbacks_on(containers):
    X, n_blocks = containers["memmap"]
    recorder = PropagatedRecorder()
    pipeline = make_pipeline(HistogramThresholdMasker(), MaskCropper(ThresholdMasker(0)))
    watched(pipeline, recorder).fit(X)
    masker, cropper = f"Pipeline.fit/{MASKER}.fit", "Pipeline.fit/MaskCropper.fit"
    learn = f"{cropper}/MaskCropper.learn"
    assert recorder.events == outermost(
        "Pipeline.fit",
        *told(masker, *blocks(masker, n_blocks)),
        *told(
            cropper,
            *told(f"{cropper}/ThresholdMasker.fit"),
            *told(learn, *blocks(learn, 1)),  # masks of a Pipeline are in memory
        ),
    )
    assert not any(hasattr(step, "_skl_callbacks") for step in pipeline)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_search_hands_its_callbacks_on(n_jobs, disks):
    recorder = PropagatedRecorder()
    grid = {"masker__method": ["otsu", "triangle"]}
    search = GridSearchCV(
        MaskApplier(HistogramThresholdMasker()), grid, scoring=lambda *_: 0, cv=2, n_jobs=n_jobs
    )
    with joblib.parallel_config("threading"):
        watched(search, recorder).fit(*disks)
    applier = "GridSearchCV.fit/GridSearchCV.search/MaskApplier.fit"
    refit = "GridSearchCV.fit/MaskApplier.fit"
    for path, n_fits in ((applier, 4), (refit, 1)):
        masker = f"{path}/{MASKER}.fit"
        for event in told(path, *told(masker, *blocks(masker, 1))):
            assert recorder.events.count(event) == n_fits
    assert recorder.events[-1:] == outermost("GridSearchCV.fit")[-1:]


def test_holder_hands_its_callbacks_on_to_its_masker(containers):
    X, n_blocks = containers["memmap"]
    recorder = PropagatedRecorder()
    applier = watched(MaskApplier(HistogramThresholdMasker()), recorder).fit(X)
    masker = f"MaskApplier.fit/{MASKER}.fit"
    assert recorder.events == outermost("MaskApplier.fit", *told(masker, *blocks(masker, n_blocks)))
    assert not hasattr(applier.masker_, "_skl_callbacks")
    assert not hasattr(applier.masker, "_skl_callbacks")


def test_holder_of_several_maskers_has_a_task_for_each(containers):
    X, n_blocks = containers["list"]
    recorder = PropagatedRecorder()
    union = MaskUnion([("a", HistogramThresholdMasker()), ("b", ThresholdMasker())])
    watched(union, recorder).fit(X)
    first = f"MaskUnion.fit/{MASKER}.fit"
    assert recorder.events == outermost(
        "MaskUnion.fit",
        *told(first, *blocks(first, n_blocks)),
        *told("MaskUnion.fit/ThresholdMasker.fit"),
    )


@pytest.mark.parametrize("holder", [DriftGuard, MaskCropper, MaskedPixelSelector])
def test_what_a_holder_learns_itself_is_a_task(holder, containers):
    X, n_blocks = containers["memmap"]
    recorder = Recorder()
    watched(holder(ThresholdMasker(100)), recorder).fit(X)
    fit, learn = f"{holder.__name__}.fit", f"{holder.__name__}.fit/{holder.__name__}.learn"
    assert recorder.events == outermost(
        fit,
        *told(f"{fit}/{holder.__name__}.fit-masker"),
        *told(learn, *blocks(learn, n_blocks)),
    )


def test_callbacks_of_a_held_masker_are_its_own(disks):
    recorder = Recorder()
    masker = watched(HistogramThresholdMasker(), recorder)
    MaskApplier(masker).fit(disks[0])
    assert recorder.events == outermost(f"{MASKER}.fit", *blocks(f"{MASKER}.fit", 1))


def test_frozen_masker_is_not_fitted_and_tells_nothing(disks):
    recorder = PropagatedRecorder()
    masker = HistogramThresholdMasker().fit(disks[0])
    before = vars(masker).copy()
    watched(MaskApplier(FrozenEstimator(masker)), recorder).fit(disks[0])
    assert recorder.events == outermost("MaskApplier.fit")
    assert vars(masker) == before


EVENTS = [
    f"setup {MASKER}.fit",
    f"begin {MASKER}.fit",
    f"begin {MASKER}.fit/{MASKER}.block",
    f"end {MASKER}.fit/{MASKER}.block",
    f"end {MASKER}.fit",
    f"teardown {MASKER}.fit",
]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("is_fitted", [False, True])
def test_callback_that_fails_leaves_what_was_there(event, error, is_fitted, containers):
    X, _ = containers["memmap"]
    masker = HistogramThresholdMasker()
    if is_fitted:
        masker.fit(X[:3])
    recorder = Recorder(fails_at=event, error=error)
    watched(masker, recorder)
    before = vars(masker).copy()
    try:
        masker.fit(X)
    except error:
        assert HAS_CALLBACKS
        assert vars(masker) == before
        assert recorder.events[-1] == f"teardown {MASKER}.fit"
    else:
        assert not HAS_CALLBACKS
        assert hasattr(masker, "threshold_")


@pytest.mark.parametrize("event", ["end", "teardown"])
def test_callback_that_fails_in_partial_fit_leaves_what_was_learned(event, disks):
    images, _ = disks
    masker = HistogramThresholdMasker().partial_fit(images[:4])
    watched(masker, Recorder(fails_at=f"{event} {MASKER}.partial_fit"))
    before = vars(masker).copy()
    try:
        masker.partial_fit(images[4:])
    except ValueError:
        assert HAS_CALLBACKS
        assert vars(masker) == before
    else:
        assert not HAS_CALLBACKS


def test_callback_that_fails_within_a_holder_leaves_both_as_they_were(disks):
    recorder = PropagatedRecorder(fails_at=f"end MaskApplier.fit/{MASKER}.fit")
    applier = watched(MaskApplier(HistogramThresholdMasker()), recorder)
    before = vars(applier).copy()
    try:
        applier.fit(disks[0])
    except ValueError:
        assert HAS_CALLBACKS
        assert vars(applier) == before
        assert vars(applier.masker) == vars(HistogramThresholdMasker())
        assert recorder.events[-1] == "teardown MaskApplier.fit"
    else:
        assert not HAS_CALLBACKS


def test_fit_that_fails_is_torn_down(disks):
    recorder = Recorder()
    masker = watched(HistogramThresholdMasker("dice"), recorder)
    with pytest.raises(ValueError, match="expects y to be labeled masks"):
        masker.fit(disks[0])
    events = outermost(f"{MASKER}.fit")
    assert recorder.events == [event for event in events if not event.startswith("end")]


def test_end_of_a_fit_gives_images_masks_weights_and_a_fitted_copy(containers, disks):
    X, n_blocks = containers["memmap"]
    weights = np.arange(1, 9)
    finished = Finished()
    masker = watched(HistogramThresholdMasker("dice"), finished)
    masker.fit(X, disks[1], sample_weight=weights)
    plain = HistogramThresholdMasker("dice").fit(X, disks[1], sample_weight=weights)
    assert masker.threshold_ == plain.threshold_
    assert len(finished.given) == HAS_CALLBACKS * (n_blocks + 1)
    for given_X, given_y, metadata, copy in finished.given[n_blocks:]:
        assert given_X is X
        assert given_y is disks[1]
        assert list(metadata) == ["sample_weight"]
        assert copy is not masker
        assert_array_equal(copy.transform(X), plain.transform(X))


def test_scoring_monitor_scores_a_fit(disks):
    masker = HistogramThresholdMasker("dice")
    if not HAS_CALLBACKS:
        assert not hasattr(masker, "set_callbacks")
        return
    from sklearn.callback import ScoringMonitor

    monitor = ScoringMonitor(scoring={"dice": dice_scorer})
    masker.set_callbacks(monitor).fit(*disks)
    (scores,) = monitor.get_logs().data
    assert scores["dice"] == dice_scorer(masker, *disks)


def test_callbacks_are_cloned_and_pickled_but_are_no_parameters(disks):
    plain = HistogramThresholdMasker()
    masker = watched(HistogramThresholdMasker(), Recorder())
    assert repr(masker) == repr(plain)
    assert masker.get_params() == plain.get_params()
    assert getattr(clone(masker), "_skl_callbacks", None) is getattr(masker, "_skl_callbacks", None)
    copy = pickle.loads(pickle.dumps(masker.fit(disks[0])))
    assert copy.threshold_ == masker.threshold_
    assert len(getattr(copy, "_skl_callbacks", [])) == HAS_CALLBACKS
