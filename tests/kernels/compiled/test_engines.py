"""The choice of the engine, and what may stand in its way."""

import gc
import importlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numba
import numpy as np
import pytest

from skmask import SmallRegionRemover, use_engine
from skmask._kernels import compiled
from skmask._kernels.compiled import has_planned_twin, has_twin, is_compiled, jit, paused_collector
from skmask._kernels.compiled.histograms import counting
from skmask._kernels.compiled.local import extremes, means, small_extremes, small_medians
from skmask._kernels.compiled.morphology import small_sweeps, sweeps
from skmask._kernels.compiled.pixels import fill, selection
from skmask._kernels.compiled.regions import tiles
from skmask._kernels.histograms.counting import count
from skmask._kernels.local.extremes import open_gray
from skmask._kernels.local.medians import median_smooth
from skmask._kernels.local.thresholds import local_mask
from skmask._kernels.morphology.operations import dilate
from skmask._kernels.pixels.fill import fill_outside
from skmask._kernels.pixels.selection import select_pixels
from skmask._kernels.regions.rules import (
    clean_regions,
    hole_rule,
    keep_connected,
    prepare_cleaning,
)

MASKS = np.random.default_rng(0).random((3, 40, 60)) < 0.5


def clean(_=None):
    return SmallRegionRemover(10).transform(MASKS)


def run(code, **environment):
    """Run code in a new process, and give what it prints."""
    command = [sys.executable, "-c", code]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_engines_are_chosen_in_a_block_and_restored():
    before = is_compiled()
    with use_engine("numpy"):
        assert not is_compiled()
        with use_engine("numba"):
            assert is_compiled()
        assert not is_compiled()
    assert is_compiled() == before


def test_an_engine_is_restored_after_an_error():
    before = is_compiled()
    with pytest.raises(RuntimeError, match="stop"), use_engine("numpy"):
        raise RuntimeError("stop")
    assert is_compiled() == before


def test_unknown_engine_is_refused():
    with (
        pytest.raises(ValueError, match="expects engine to be one of .*, got 'fast'. Use 'auto'"),
        use_engine("fast"),
    ):
        pass


def test_a_twin_runs_in_the_place_of_its_kernel_unless_it_declines(monkeypatch):
    class Twins:
        @staticmethod
        def double(x):
            return ("twin", 2 * x) if x < 10 else NotImplemented

    @has_twin("some")
    def _double(x):
        return "kernel", 2 * x

    monkeypatch.setattr(compiled, "_twin", lambda module, name: getattr(Twins, name))
    with use_engine("numba"):
        assert _double(2) == ("twin", 4)
        assert _double(20) == ("kernel", 40)
    with use_engine("numpy"):
        assert _double(2) == ("kernel", 4)


def test_a_planned_twin_runs_in_the_place_of_its_kernel_unless_it_declines(monkeypatch):
    plans = []

    class Twins:
        @staticmethod
        def shifted(image_shape, dtype, by):
            plans.append((image_shape, dtype, by))
            if dtype == np.float64:
                return NotImplemented
            return lambda images: images + by + 100 if len(images) < 3 else NotImplemented

    @has_planned_twin("some")
    def shifted(images, by):
        """Shift."""
        return images + by

    monkeypatch.setattr(compiled, "_twin", lambda module, name: getattr(Twins, name))
    images = np.zeros((2, 4, 5), int)
    assert shifted.__doc__ == "Shift."
    with use_engine("numba"):
        assert shifted(images, by=1).max() == 101
        assert shifted(images.astype(float), by=1).max() == 1
        work = shifted.plan((4, 5), images.dtype, 1)
        plans.clear()
        for _ in range(2):
            assert work(images).max() == 101
        assert plans == [((4, 5), int, 1)]
        assert work(np.zeros((3, 4, 5), int)).max() == 1
        with use_engine("numpy"):
            assert work(images).max() == 1


@pytest.fixture
def choose(monkeypatch):
    """Return a function that leaves the choice to the environment, as when the first kernel runs."""

    def choose(engine):
        monkeypatch.setattr(compiled, "_chosen", None)
        monkeypatch.setenv("SKMASK_ENGINE", engine)
        is_compiled.cache_clear()

    yield choose
    is_compiled.cache_clear()


@pytest.mark.parametrize("choice", ["auto", "numpy", "numba"])
def test_environment_chooses(choice, choose):
    choose(choice)
    assert is_compiled() == (choice != "numpy")


def test_unknown_choice_of_the_environment_is_refused(choose):
    choose("fast")
    with pytest.raises(ValueError, match="skmask expects SKMASK_ENGINE to be one of"):
        clean()


MISSING = "import sys; sys.modules['numba'] = None; import numpy as np; import skmask\n"
DILATE = "print(skmask.BinaryDilator().transform(np.eye(3, dtype=bool)[None]).sum())"


def test_numba_is_not_required():
    assert run(MISSING + DILATE, SKMASK_ENGINE="auto").stdout == "7\n"


def test_missing_numba_is_named_where_it_was_asked_for(choose, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    choose("auto")
    assert not is_compiled()
    remedy = r'python -m pip install "skmask\[fast\]"'
    with pytest.raises(ImportError, match=remedy), use_engine("numba"):
        pass
    choose("numba")
    with pytest.raises(ImportError, match=remedy):
        clean()


def test_numba_that_must_not_compile_is_not_used(choose, monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)
    choose("auto")
    assert not is_compiled()
    choose("numba")
    with pytest.raises(ImportError, match="got NUMBA_DISABLE_JIT=1. Unset it"):
        clean()


def test_numba_is_loaded_by_the_first_kernel_which_says_nothing():
    code = (
        "import sys, numpy as np, skmask, skmask.metrics; skmask.BinaryDilator(); "
        f"print('numba' in sys.modules); {DILATE}; print('numba' in sys.modules)"
    )
    result = run(code, SKMASK_ENGINE="numba", PYTHONWARNINGS="error")
    assert (result.stdout, result.stderr) == ("False\n7\nTrue\n", "")


@pytest.mark.parametrize(
    ("compiled_function", "call"),
    [
        (counting._count_pairs, lambda images, _: count(images.view(np.uint8))),
        (extremes._run, lambda images, _: open_gray(images, (20, 20))),
        (small_extremes._run, lambda images, _: open_gray(images[:1], (2, 2))),
        (fill._select, lambda images, masks: fill_outside(images, masks, images[0, 0, 0])),
        (means._compare, lambda images, _: local_mask(images, method="mean", window=(3, 3))),
        (small_sweeps._run, lambda _, masks: dilate(masks[:1], np.ones((3, 3), bool))),
        (selection._select, select_pixels),
        (tiles.flood_planes, lambda _, masks: clean_regions(masks, hole_rule(2))),
        (tiles.flood_planes, lambda _, masks: prepare_cleaning(masks.shape, hole_rule(2))(masks)),
        (tiles.flood_planes, lambda _, masks: keep_connected(masks, masks)),
        (tiles.flood_tiles, lambda _, masks: clean_regions(masks[:, :50, :60], hole_rule(2))),
        (small_medians._of_9, lambda images, _: median_smooth(images, (1, 1))),
        (sweeps._run, lambda _, masks: dilate(masks, np.ones((5, 5), bool))),
    ],
    ids=[
        "counting",
        "extremes",
        "small extremes",
        "fill",
        "means",
        "small sweeps",
        "selection",
        "floods",
        "prepared floods",
        "floods from seeds",
        "floods of tiles",
        "small medians",
        "sweeps",
    ],
)
def test_read_only_input_is_not_compiled_for_again(compiled_function, call):
    images = np.random.default_rng(0).integers(0, 99, (3, 100, 120), np.uint16)
    masks = images > 50
    with use_engine("numba"):
        call(images, masks)
        signatures = list(compiled_function.signatures)
        images.flags.writeable = masks.flags.writeable = False
        call(images, masks)
    assert signatures
    assert compiled_function.signatures == signatures


@pytest.mark.parametrize("is_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(is_on):
    if not is_on:
        gc.disable()
    try:
        with paused_collector():
            with pytest.raises(RuntimeError, match="stop"), paused_collector():
                raise RuntimeError("stop")
            assert not gc.isenabled()
        assert gc.isenabled() == is_on
    finally:
        gc.enable()


def test_read_only_caches_compile_without_one(monkeypatch):
    options = []

    def njit(**given):
        options.append(given)
        if given.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return numba.njit(**given)

    monkeypatch.setattr(jit, "njit", njit)
    assert jit.jit(lambda x: x + 1)(1) == 2
    assert [given.get("cache") for given in options] == [True, None]


def test_kept_code_is_compiled_again_after_a_change_of_what_is_in_it(tmp_path, monkeypatch):
    twins, kernels = tmp_path / "compiled" / "subject", tmp_path / "subject"
    for folder in (twins, kernels):
        folder.mkdir(parents=True)
    (twins / "caller.py").write_text(
        "from skmask._kernels.compiled.jit import jit\n"
        "from called import scaled\nfrom constants import STEP\n"
        "@jit\ndef scaled_twice(x):\n    return scaled(scaled(x)) + STEP\n"
    )
    monkeypatch.syspath_prepend(twins)
    monkeypatch.syspath_prepend(kernels)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "code"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for factor, step in ((2, 1), (3, 1), (3, 2)):
        (twins / "called.py").write_text(
            "from skmask._kernels.compiled.jit import jit\n"
            f"@jit\ndef scaled(x):\n    return {factor} * x\n"
        )
        (kernels / "constants.py").write_text(f"STEP = {step}\n")
        for is_kept in (False, True):
            for name in ("caller", "called", "constants"):
                sys.modules.pop(name, None)
            jit._digest.cache_clear()  # as in a new process
            function = importlib.import_module("caller").scaled_twice
            assert function(1) == factor**2 + step
            assert bool(function.stats.cache_hits) == is_kept
    assert list((tmp_path / "code").rglob("*.nbc"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of POSIX")
def test_full_disks_leave_the_code_in_memory(tmp_path):
    # No file may be longer than a byte, which fails as a full disk does.
    full = (
        "import resource, numpy as np, skmask\nresource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))\n"
    )
    result = run(full + f"{DILATE}; {DILATE}", SKMASK_ENGINE="numba", NUMBA_CACHE_DIR=str(tmp_path))
    assert (result.stdout, result.stderr) == ("7\n7\n", "")
    assert not list(tmp_path.rglob("*.nbc"))


def test_threads_share_the_engine():
    with use_engine("numba"), ThreadPoolExecutor(8) as pool:
        results = list(pool.map(clean, range(32)))
    with use_engine("numpy"):
        expected = clean()
    assert all(np.array_equal(result, expected) for result in results)


def test_another_thread_may_choose_at_the_same_time():
    def choose():
        for _ in range(50):
            with use_engine("numpy"):
                clean()

    with use_engine("numpy"):
        expected = clean()
    other = threading.Thread(target=choose)
    other.start()
    results = [clean() for _ in range(50)]
    other.join()
    assert all(np.array_equal(result, expected) for result in results)


@pytest.mark.parametrize("method", ["fork", "spawn"])
# Python 3.12 warns of forks of processes with threads.
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_processes_start_with_the_engine(method):
    with use_engine("numba"):
        expected = clean()
        with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
            results = list(pool.map(clean, range(4)))
    assert all(np.array_equal(result, expected) for result in results)
