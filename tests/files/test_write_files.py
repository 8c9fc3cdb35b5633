"""Results in files: whole or not there, resumed, and none lost."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
import tifffile
from joblib import parallel_config
from numpy.testing import assert_array_equal
from PIL import Image
from sklearn.pipeline import make_pipeline

from skmask import BinaryDilator, MaskApplier, ThresholdMasker
from skmask._files import encode
from skmask.io import ImageFiles, MaskFiles, transform_files, write_masks

ROOT = Path(__file__).parents[2]
MASKER = ThresholdMasker(100)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(5):
        image = rng.integers(0, 256, (8, 9 + i)).astype(np.uint8)
        Image.fromarray(image).save(folder / f"scan {i} ü.png")
    return folder


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".nii", ".nii.gz", ".npy"])
def test_masks_of_every_format_come_back(images, tmp_path, suffix):
    files = ImageFiles(images)
    report = transform_files(MASKER, files, tmp_path / "masks", suffix=suffix)
    assert [path.name for path in report.written] == [f"scan {i} ü{suffix}" for i in range(5)]
    assert (report.skipped, report.failed) == ([], [])
    masks = MaskFiles(tmp_path / "masks")
    for mask, image in zip(masks, files, strict=True):
        assert mask.dtype == bool
        assert_array_equal(mask.squeeze(), image > 100)
    values = {".png": {0, 255}, ".tif": {0, 255}, ".tiff": {0, 255}, ".npy": {False, True}}
    found = np.unique(ImageFiles(tmp_path / "masks")[0])
    assert set(found.tolist()) == values.get(suffix, {0, 1})
    again = write_masks(masks, files, tmp_path / "again", suffix=suffix)
    for path, other in zip(report.written, again.written, strict=True):
        assert path.read_bytes() == other.read_bytes()


def test_masks_of_a_series_are_written_by_position(images, tmp_path):
    files = ImageFiles(images)
    masks = pd.Series([image > 100 for image in files], index=[3, 1, 4, 0, 2])
    report = write_masks(masks, files, tmp_path / "masks")
    for mask, image in zip(MaskFiles(report.written), files, strict=True):
        assert_array_equal(mask, image > 100)


def test_volumes_are_written_in_a_format_that_holds_them(tmp_path):
    volume = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    nibabel.Nifti1Image(volume, np.diag([1, 2, 3, 1])).to_filename(tmp_path / "a.nii")
    tifffile.imwrite(tmp_path / "b.tif", volume, photometric="minisblack")
    masker = ThresholdMasker(30)
    for files, name in [("a.nii", "a.nii.gz"), ("b.tif", "b.tif")]:
        files = ImageFiles(tmp_path / files, page="all")
        report = transform_files(masker, files, tmp_path / "masks")
        assert [path.name for path in report.written] == [name]
        masks = MaskFiles(report.written, page="all")
        assert_array_equal(masks[0], volume > 30)
        again = write_masks(masks, files, tmp_path / "again")
        assert [path.name for path in again.written] == [name]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_pipelines_and_volumes(tmp_path, n_jobs):
    rng = np.random.default_rng(0)
    pipeline = make_pipeline(MASKER, BinaryDilator())
    affine = np.diag([1, 2, 3, 1])
    volumes = [rng.integers(0, 256, (4, 5, 6 + i)).astype(np.uint8) for i in range(3)]
    for i, volume in enumerate(volumes):
        nibabel.Nifti1Image(volume, affine).to_filename(tmp_path / f"{i}.nii.gz")
    transform_files(pipeline, tmp_path, tmp_path / "masks", suffix=".nii.gz", n_jobs=n_jobs)
    masks = MaskFiles(tmp_path / "masks")
    assert_array_equal(masks.info(0).affine, affine)
    for mask, expected in zip(masks, pipeline.transform(volumes), strict=True):
        assert_array_equal(mask, expected)
    match = "expects images of two axes and 8 or 16 bits for PNG files, got shape"
    with pytest.raises(ValueError, match=f"transform_files {match}"):
        transform_files(pipeline, tmp_path, tmp_path / "masks", suffix=".png")


def test_images_are_written_as_they_are(images, tmp_path):
    applier = MaskApplier(MASKER).fit(ImageFiles(images)[0][np.newaxis])
    for suffix in (".png", ".tif", ".npy"):
        transform_files(applier, images, tmp_path / suffix, suffix=suffix)
        result = ImageFiles(tmp_path / suffix)[3]
        image = ImageFiles(images)[3]
        assert result.dtype == np.uint8
        assert_array_equal(result, np.where(image > 100, image, 0))
    applier = MaskApplier(MASKER, fill_value=np.nan, dtype=np.float32)
    applier.fit(ImageFiles(images)[0][np.newaxis])
    with pytest.raises(ValueError, match=r"got shape \(8, 9\) and dtype float32 for"):
        transform_files(applier, images, tmp_path / "floats")
    np.save(images / "large.npy", np.full((2, 2), 1 << 40))
    with pytest.raises(ValueError, match="dtype that readers of NIfTI know, got int64"):
        transform_files(MaskApplier(MASKER), images / "large.npy", tmp_path, suffix=".nii")


def test_masks_are_booleans_in_files(images, tmp_path):
    numbers = [np.uint8(high) * np.eye(9, dtype=np.uint8) for high in (1, 255, 0, 1, 1)]
    write_masks(numbers, images, tmp_path / "masks")
    for number, mask in zip(numbers, MaskFiles(tmp_path / "masks"), strict=True):
        assert_array_equal(mask, number > 0)
    with pytest.raises(ValueError, match="write_masks expects masks to be masks"):
        write_masks([np.arange(9).reshape(3, 3)] * 5, images, tmp_path / "masks")


def test_broken_files_are_reported_and_the_others_written(images, tmp_path):
    (images / "scan 1 ü.png").write_bytes((images / "scan 1 ü.png").read_bytes()[:60])
    (images / "scan 3 ü.png").write_bytes(b"")
    with pytest.raises(ValueError, match="scan 1 ü.png"):
        transform_files(MASKER, images, tmp_path / "masks")
    with pytest.warns(
        UserWarning, match="transform_files left out 2 of 5 files that failed"
    ) as caught:
        report = transform_files(MASKER, images, tmp_path / "masks", on_error="skip")
    assert caught[0].filename == __file__
    assert [path.name for path in report.written] == [f"scan {i} ü.png" for i in (0, 2, 4)]
    assert [failure.path.name for failure in report.failed] == ["scan 1 ü.png", "scan 3 ü.png"]
    assert all("expects a file that can be read" in failure.reason for failure in report.failed)
    assert files_in(tmp_path / "masks") == [f"scan {i} ü.png" for i in (0, 2, 4)]
    with pytest.warns(UserWarning, match="write_masks left out 1 of 3 files"):
        report = write_masks(
            [np.ones((2, 2), bool), np.ones((2, 2), bool), np.ones(2, bool)],
            ImageFiles(images)[:3],
            tmp_path / "other",
            on_error="skip",
        )
    assert len(report.failed) == 1


def test_errors_of_estimators_name_the_file(images, tmp_path):
    np.save(images / "words.npy", np.array([["a", "b"]]))
    with pytest.raises((TypeError, ValueError)) as caught:
        transform_files(MASKER, images, tmp_path / "masks")
    assert caught.value.__notes__ == [f"This was in the file {images}/words.npy."]
    with pytest.warns(UserWarning, match="This was in the file .*words.npy"):
        transform_files(MASKER, images, tmp_path / "masks", on_error="skip", resume=True)


def test_resume_skips_what_is_there(images, tmp_path):
    masks = tmp_path / "masks"
    transform_files(MASKER, images, masks)
    (masks / "scan 1 ü.png").unlink()
    (masks / "scan 2 ü.png").write_bytes(b"kept")
    (masks / ".scan 1 ü.png.4711.part").write_bytes(b"left by a killed run")
    (masks / ".other.png.4711.part").write_bytes(b"of somebody else")
    report = transform_files(MASKER, images, masks, resume=True)
    assert [path.name for path in report.written] == ["scan 1 ü.png"]
    assert len(report.skipped) == 4
    assert (masks / "scan 2 ü.png").read_bytes() == b"kept"
    assert ".scan 1 ü.png.4711.part" not in files_in(masks)
    assert ".other.png.4711.part" in files_in(masks)
    transform_files(MASKER, images, masks)
    assert_array_equal(MaskFiles(masks)[2], ImageFiles(images)[2] > 100)


def test_subfolders_are_kept(tmp_path):
    for name in ("a/1.npy", "b/1.npy"):
        (tmp_path / "x" / name).parent.mkdir(parents=True)
        np.save(tmp_path / "x" / name, np.eye(3))
    transform_files(ThresholdMasker(0), f"{tmp_path}/x/**/*.npy", tmp_path / "y")
    assert files_in(tmp_path / "y") == ["a/1.png", "b/1.png"]


def test_nothing_is_overwritten_by_another(tmp_path):
    np.save(tmp_path / "a.npy", np.eye(3))
    Image.fromarray(np.eye(3) > 0).save(tmp_path / "a.png")
    match = "transform_files expects files with names of their own, got 1 names twice: .*a.npy and .*a.png"
    with pytest.raises(ValueError, match=match):
        transform_files(MASKER, tmp_path, tmp_path / "masks")
    match = "expects a folder where no source is overwritten, got .*a.png"
    with pytest.raises(ValueError, match=match):
        transform_files(MASKER, tmp_path / "a.png", tmp_path)
    assert not (tmp_path / "masks").exists()


def test_parameters_that_do_not_exist(images, tmp_path):
    for options, error, match in [
        ({"suffix": "png"}, ValueError, "suffix to be one of .* got 'png'"),
        ({"on_error": "ignore"}, ValueError, "on_error to be 'raise' or 'skip', got 'ignore'"),
        ({"progress": True}, TypeError, "progress to be a function such as tqdm.tqdm, got True"),
    ]:
        with pytest.raises(error, match=f"transform_files expects {match}"):
            transform_files(MASKER, images, tmp_path / "masks", **options)
    with pytest.raises(ValueError, match="write_masks expects a mask for each of 5 files, got 2"):
        write_masks([np.ones((2, 2), bool)] * 2, images, tmp_path / "masks")


def test_progress_is_told_of_every_file(images, tmp_path):
    told = []

    def progress(outcomes, total):
        for outcome in outcomes:
            told.append(total)
            yield outcome

    transform_files(MASKER, images, tmp_path / "masks", progress=progress, n_jobs=2)
    assert told == [5] * 5


def test_processes_work_as_well(images, tmp_path):
    with parallel_config("loky", n_jobs=2):
        report = transform_files(MASKER, images, tmp_path / "masks", n_jobs=2)
    assert len(report.written) == 5


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_in_writing_leaves_nothing(images, tmp_path, monkeypatch, error):
    target = tmp_path / "masks" / "scan 0 ü.png"
    transform_files(MASKER, images, tmp_path / "masks")
    before = target.read_bytes()

    def write(image, file, **_):
        file.write(b"half a file")
        raise error

    monkeypatch.setitem(encode._FORMATS, ".png", write)
    with pytest.raises(type(error)):
        transform_files(MASKER, images, tmp_path / "masks")
    assert target.read_bytes() == before
    assert len(files_in(tmp_path / "masks")) == 5


def run_limited(code, **limits):
    lines = [f"resource.setrlimit(resource.RLIMIT_{k}, ({v}, {v}))" for k, v in limits.items()]
    code = "\n".join(["import resource, signal, json, warnings", *lines, code])
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(result.stdout.splitlines()[-1])


def test_full_disk_leaves_whole_files(tmp_path):
    # The largest size of a file stands for the space on the disk: small masks fit and large ones do not.
    for i, size in enumerate([10, 600, 20]):
        np.save(tmp_path / f"{i}.npy", np.random.default_rng(0).integers(0, 256, (size, size)))
    code = f"""
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from skmask import ThresholdMasker
from skmask.io import transform_files
warnings.simplefilter("ignore")
report = transform_files(
    ThresholdMasker(100), {str(tmp_path)!r}, {str(tmp_path / "masks")!r}, on_error="skip"
)
print(json.dumps([[path.stem for path in report.written], [failure.reason for failure in report.failed]]))
"""
    written, reasons = run_limited(code, FSIZE=20_000)
    assert written == ["0", "2"]
    assert "File too large" in reasons[0]
    assert files_in(tmp_path / "masks") == ["0.png", "2.png"]
    report = transform_files(ThresholdMasker(100), tmp_path, tmp_path / "masks", resume=True)
    assert [path.stem for path in report.written] == ["1"]


def test_read_only_folder_is_named():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        np.save(folder / "a.npy", np.eye(3))
        (folder / "masks").mkdir(mode=0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # root may write everywhere
        try:
            with pytest.raises(PermissionError, match="masks"):
                transform_files(MASKER, folder, folder / "masks")
        finally:
            os.seteuid(user)


def test_target_that_is_a_file_is_named(images, tmp_path):
    (tmp_path / "masks").touch()
    with pytest.raises(FileExistsError, match="masks"):
        transform_files(MASKER, images, tmp_path / "masks")


def test_killed_runs_leave_whole_files_and_resume(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(40):
        np.save(tmp_path / f"{i:02}.npy", rng.integers(0, 256, (400, 400)).astype(np.uint8))
    code = f"""
from skmask import ThresholdMasker
from skmask.io import transform_files
transform_files(ThresholdMasker(100), {str(tmp_path)!r}, {str(tmp_path / "masks")!r})
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    masks = tmp_path / "masks"
    deadline = time.monotonic() + 60
    while not (masks / "03.png").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    whole = [name for name in files_in(masks) if not name.startswith(".")]
    assert 4 <= len(whole) < 40
    for name in whole:
        assert_array_equal(
            MaskFiles(masks / name)[0], np.load(tmp_path / name.replace("png", "npy")) > 100
        )
    report = transform_files(ThresholdMasker(100), tmp_path, masks, resume=True)
    assert len(report.skipped) == len(whole)
    assert files_in(masks) == [f"{i:02}.png" for i in range(40)]


def test_600_files_with_200_open_files(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "0000.png")
    for i in range(1, 600):
        os.link(tmp_path / "0000.png", tmp_path / f"{i:04}.png")
    code = f"""
from skmask import HistogramThresholdMasker
from skmask.io import ImageFiles, MaskFiles, transform_files
files = ImageFiles({str(tmp_path)!r})
masker = HistogramThresholdMasker().fit(files)
report = transform_files(masker, files, {str(tmp_path / "masks")!r}, n_jobs=2)
masks = MaskFiles({str(tmp_path / "masks")!r})
print(json.dumps([len(report.written), len(masks), int(masks[-1].sum())]))
"""
    written, found, foreground = run_limited(code, NOFILE=200)
    assert written == found == 600
    assert 0 < foreground < image.size
