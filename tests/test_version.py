"""Files of other versions: read, migrated or refused, and those of earlier releases still give the same."""

import pickle
from functools import partial

import joblib
import numpy as np
import pytest
import skops.io
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

import skmask
from skmask import BinaryDilator, HistogramThresholdMasker, ThresholdMasker, _version
from skmask.io import trusted_types
from tests.estimators import name_of, public_estimators
from tests.write_fixtures import DATA, fitted_estimators, results_of

FOLDERS = sorted(DATA.iterdir())
FILES = sorted(
    path for folder in FOLDERS for path in folder.iterdir() if path.suffix in (".joblib", ".skops")
)
X = np.arange(24.0).reshape(2, 3, 4)


def written_by(version, estimator, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(_version, "__version__", version)
        return pickle.dumps(estimator)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
# Steps of scikit-learn's own in these files are as old as the files are.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_files_of_earlier_releases_load_for_ever(path):
    results = np.load(path.parent / "results.npz")
    is_skops = path.suffix == ".skops"
    load = partial(skops.io.load, trusted=trusted_types()) if is_skops else joblib.load
    estimator = load(path)
    result = results_of(estimator, results["X"])
    assert_array_equal(result, results[path.stem])
    assert result.dtype == results[path.stem].dtype


def test_there_are_files_of_this_release():
    release = ".".join(skmask.__version__.split(".")[:2])
    names = {path.stem for path in FILES if path.parent.name == release}
    assert names == set(fitted_estimators()[0])


def test_learning_goes_on_from_a_file():
    results = np.load(FOLDERS[0] / "results.npz")
    loaded = joblib.load(FOLDERS[0] / "otsu.joblib").partial_fit(results["X"] + 40)
    expected = HistogramThresholdMasker().fit(np.concatenate([results["X"], results["X"] + 40]))
    assert loaded.threshold_ == expected.threshold_
    assert_array_equal(loaded.histogram_, expected.histogram_)


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_states_carry_the_version_and_estimators_do_not(estimator):
    assert estimator.__getstate__()["_skmask_version"] == skmask.__version__
    for copy in (clone(estimator), pickle.loads(pickle.dumps(estimator))):
        assert "_skmask_version" not in vars(copy)


@pytest.mark.parametrize("version", ["0.2.0", "0.10.1", "1.0", "2.0.0rc1"])
def test_file_of_a_newer_release_is_refused(version, monkeypatch):
    for estimator in (ThresholdMasker(3), make_pipeline(ThresholdMasker(3), BinaryDilator())):
        file = written_by(version, estimator, monkeypatch)
        with pytest.raises(
            ValueError, match=f"ThresholdMasker .*{version}. Install skmask {version}"
        ):
            pickle.loads(file)


@pytest.mark.parametrize("version", ["0.1.0", "0.1.9", "0.1.3.dev2+gabc"])
def test_file_of_the_same_minor_release_is_read(version, monkeypatch):
    file = written_by(version, ThresholdMasker(3), monkeypatch)
    assert_array_equal(pickle.loads(file).transform(X), X > 3)


def test_state_without_version_is_refused():
    with pytest.raises(ValueError, match="ThresholdMasker expects a file written by skmask"):
        ThresholdMasker().__setstate__({"threshold": 3, "foreground": "bright"})


@pytest.mark.parametrize(
    "stamp", [None, "", "newest", "1", "v0.1.0", 0.1, 3, ["0.1.0"], {}, "x" * 999]
)
def test_damaged_stamp_is_refused_in_one_sentence(stamp, monkeypatch, tmp_path):
    estimator = make_pipeline(ThresholdMasker(3), BinaryDilator())
    with monkeypatch.context() as patch:
        patch.setattr(_version, "__version__", stamp)
        joblib.dump(estimator, tmp_path / "masker.joblib")
        skops.io.dump(estimator, tmp_path / "masker.skops")
    match = (
        r"^ThresholdMasker expects a file written by skmask, got one .{,60}\. Fit .* and save it\.$"
    )
    with pytest.raises(ValueError, match=match):
        joblib.load(tmp_path / "masker.joblib")
    with pytest.raises(ValueError, match=match):
        skops.io.load(tmp_path / "masker.skops", trusted=trusted_types())


@pytest.mark.parametrize("state", [None, [], (1, 2), "state", {}])
def test_state_of_another_kind_is_refused(state):
    with pytest.raises(ValueError, match="got one without its version"):
        ThresholdMasker().__setstate__(state)


def test_older_file_is_migrated_by_the_releases_since(monkeypatch):
    def rename(name, state):
        if name == "ThresholdMasker" and "cutoff" in state:
            state["threshold"] = state.pop("cutoff")
        return state

    def double(name, state):
        return {**state, "threshold": 2 * state["threshold"]}

    masker = ThresholdMasker(3)
    masker.cutoff = vars(masker).pop("threshold")
    old = written_by("0.1.5", masker, monkeypatch)
    newer = written_by("0.2.1", ThresholdMasker(3), monkeypatch)
    monkeypatch.setattr(_version, "__version__", "0.4.0")
    monkeypatch.setattr(_version, "MIGRATIONS", [((0, 2), rename), ((0, 3), double)])
    assert vars(pickle.loads(old)) == vars(ThresholdMasker(6))
    assert vars(pickle.loads(newer)) == vars(ThresholdMasker(6))
    assert pickle.loads(pickle.dumps(ThresholdMasker(3))).threshold == 3
