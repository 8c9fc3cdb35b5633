"""What each command computes, against the functions of skmask."""

import csv
import html.parser
import json
import os
import re
import sys

import joblib
import nibabel
import numpy as np
import pytest
import skops.io
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from sklearn.base import BaseEstimator

from skmask import (
    GaussianSmoother,
    HistogramThresholdMasker,
    HoleFiller,
    SmallRegionRemover,
    describe,
)
from skmask._cli.main import main
from skmask._search.timing import Budget
from skmask.datasets import make_masked_images
from skmask.display import compare_methods
from skmask.io import ImageFiles, MaskFiles, trusted_types
from skmask.metrics import dice_score, hausdorff_distance
from tests.cli.test_main import folder

__all__ = ["folder"]  # the fixture


@pytest.fixture
def data():
    return make_masked_images(6, noise=15.0, random_state=0)


def load(path):
    return skops.io.load(path, trusted=trusted_types())


def status(*arguments):
    return main(list(map(str, arguments)))


def test_learn_makes_the_pipeline_that_is_asked_for(folder, data):
    assert status("learn", "images", "-o", "a.skops") == 0
    model = load("a.skops")
    assert list(model.named_steps) == ["threshold"]
    masker = HistogramThresholdMasker().fit(data.images)
    assert model.named_steps["threshold"].threshold_ == masker.threshold_
    options = [
        "--method",
        "li",
        "--foreground",
        "dark",
        "--smooth",
        "1.5",
        "--holes",
        "--clean",
        "9",
    ]
    assert status("learn", "images", *options, "-o", "a.skops") == 0
    model = load("a.skops")
    smoothed = GaussianSmoother(1.5).transform(list(data.images))
    masker = HistogramThresholdMasker("li", foreground="dark").fit(smoothed)
    expected = SmallRegionRemover(9).transform(HoleFiller().transform(masker.transform(smoothed)))
    assert_array_equal(model.transform(list(data.images)), expected)


def test_learn_from_labels_with_void(folder, data):
    for i, mask in enumerate(data.masks):
        labels = np.where(mask, 2, 0).astype(np.uint8)
        labels[:5] = 255
        Image.fromarray(labels).save(f"labels/scan {i}.png")
    assert (
        status("learn", "images", "labels", "--labels", "1,2", "--void", 255, "-o", "a.skops") == 0
    )
    roi = np.ones_like(data.masks)
    roi[:, :5] = False
    masker = HistogramThresholdMasker("dice").fit(data.images, data.masks, roi=roi)
    learned = load("a.skops").named_steps["threshold"]
    assert learned.threshold_ == masker.threshold_
    assert learned.best_score_ == masker.best_score_


@pytest.fixture
def few_candidates(monkeypatch):
    """Let searches try the first candidates, whatever the time they take."""
    module = sys.modules["skmask._search.search_masker"]
    every = module.candidates
    monkeypatch.setattr(module, "candidates", lambda **given: every(**given)[:5])
    monkeypatch.setattr(module, "Budget", lambda seconds: Budget(seconds, lambda: 0.0))


@pytest.mark.usefixtures("few_candidates")
def test_search_keeps_the_best_and_prints_a_table(folder, data, capsys):
    arguments = ["--search", "-o", "a.skops", "--report", "a.html"]
    assert status("learn", "images", "labels", *arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["dice", "std_error", "seconds", "masker"]
    scores = [float(line.split()[0]) for line in lines[1:]]
    assert scores == sorted(scores, reverse=True)
    assert 1 < len(scores) <= 10
    assert dice_score(data.masks, load("a.skops").transform(list(data.images))) > 0.9
    assert re.search("The best of [0-9]+ maskers", (folder / "a.html").read_text())
    assert status("apply", "a.skops", "images", "-o", "masks") == 0


@pytest.mark.usefixtures("few_candidates")
def test_search_takes_colors(folder, data):
    (folder / "colors").mkdir()
    for i, image in enumerate(data.images):
        Image.fromarray(np.dstack([image, image // 2, 255 - image])).save(f"colors/scan {i}.png")
    arguments = ["--search", "--channel", "all", "-o", "a.skops"]
    assert status("learn", "colors", "labels", *arguments) == 0
    assert status("apply", "a.skops", "colors", "-o", "masks") == 0
    assert dice_score(data.masks, list(MaskFiles("masks"))) > 0.8


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.sources, self.text = [], []

    def handle_starttag(self, tag, attrs):
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("search", [[], ["--search"]])
def test_labels_that_match_nothing_are_refused(folder, search, capsys):
    arguments = ["learn", "images", "labels", "--labels", "128", "-o", "a.skops", *search]
    assert status(*arguments) != 0
    printed = capsys.readouterr().err
    assert "expects foreground in LABELS, got none with --labels 128. The first file has" in printed
    assert not os.path.exists("a.skops")


@pytest.mark.parametrize("labels", [[], ["labels"]], ids=["images", "labels"])
def test_report_holds_all_that_it_shows(folder, labels):
    assert status("learn", "images", *labels, "-o", "a.skops", "--report", "a.html") == 0
    page = Links()
    page.feed((folder / "a.html").read_text())
    assert len(page.sources) == 6
    assert all(source.startswith("data:image/png;base64,") for source in page.sources)
    text = " ".join(page.text)
    assert describe(load("a.skops")) in text
    assert "Masks learned from 6 images" in text
    for words in ["Worst training", "Best training"] if labels else ["Least fore", "Most fore"]:
        assert words in text
    assert all(f"scan {i}" in text for i in range(6))


def test_apply_gives_what_the_model_gives_and_reads_as_in_learning(folder, data, capsys):
    (folder / "colors").mkdir()
    for i, image in enumerate(data.images):
        Image.fromarray(np.dstack([image // 2, image, image])).save(f"colors/{i}.png")
    assert status("learn", "colors", "-o", "a.skops") == 2
    assert "got 3 channels" in capsys.readouterr().err
    assert status("learn", "colors", "--channel", 1, "-o", "a.skops") == 0
    assert status("apply", "a.skops", "colors", "-o", "masks", "--jobs", 2, "--suffix", ".tif") == 0
    expected = HistogramThresholdMasker().fit(data.images).transform(data.images)
    assert_array_equal(list(MaskFiles("masks")), expected)
    assert status("apply", "a.skops", "colors", "-o", "others", "--channel", 0) == 0
    assert MaskFiles("others")[0].sum() != expected[0].sum()
    joblib.dump(load("a.skops"), "a.joblib")
    capsys.readouterr()
    assert status("apply", "a.joblib", "colors", "-o", "again") == 2
    assert "Loading a joblib file can run any code. Use --trust" in capsys.readouterr().err
    assert status("apply", "a.joblib", "colors", "-o", "again", "--trust") == 0
    assert_array_equal(list(MaskFiles("again")), expected)


def test_volumes_keep_their_geometry(folder):
    rng = np.random.default_rng(0)
    affine = np.diag([2, 3, 4, 1])
    (folder / "scans").mkdir()
    volumes = [rng.integers(0, 99, (6, 5, 4, 2)).astype(np.int16) for _ in range(3)]
    for i, volume in enumerate(volumes):
        nibabel.Nifti1Image(volume, affine).to_filename(f"scans/{i}.nii.gz")
    assert status("learn", "scans", "--page", 1, "-o", "a.skops") == 0
    assert status("apply", "a.skops", "scans", "-o", "masks") == 0  # .nii.gz as the scans
    threshold = load("a.skops").named_steps["threshold"].threshold_
    masks = MaskFiles("masks")
    for i, volume in enumerate(volumes):
        assert_array_equal(masks[i], volume[..., 1] > threshold)
        assert_array_equal(masks.info(i).affine, affine)


def test_apply_tells_of_files_that_failed(folder, capsys):
    status("learn", "images", "-o", "a.skops")
    (folder / "images" / "scan 2.png").write_bytes(b"no image")
    (folder / "images" / "scan 4.png").write_bytes(b"")
    capsys.readouterr()
    assert status("apply", "a.skops", "images", "-o", "masks", "--json") == 1
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert [path[-10:] for path in summary["written"]] == [f"scan {i}.png" for i in (0, 1, 3, 5)]
    assert summary["skipped"] == []
    assert [one["file"][-10:] for one in summary["failed"]] == ["scan 2.png", "scan 4.png"]
    lines = captured.err.splitlines()
    assert [line[:16] for line in lines] == ["skmask: failed: "] * 2
    assert lines[0].startswith("skmask: failed: ImageFiles expects a file that can be read, got ")
    assert all(one["reason"] in line for one, line in zip(summary["failed"], lines, strict=True))
    assert status("apply", "a.skops", "images", "-o", "masks", "--json", "--resume") == 1
    assert len(json.loads(capsys.readouterr().out)["skipped"]) == 4


class Unknown(BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self


def test_models_are_opened_without_running_code(folder, capsys):
    skops.io.dump(Unknown().fit(None), "a.skops")
    assert status("describe", "a.skops") == 2
    assert "expects a model of scikit-learn and skmask, got tests" in capsys.readouterr().err
    skops.io.dump(HistogramThresholdMasker(), "a.skops")
    assert status("apply", "a.skops", "images", "-o", "masks") == 2
    assert "is not fitted yet" in capsys.readouterr().err


def test_describe_prints_the_sentences(folder, capsys):
    status("learn", "images", "--clean", 5, "-o", "a.skops")
    capsys.readouterr()
    assert status("describe", "a.skops") == 0
    assert capsys.readouterr().out == describe(load("a.skops")) + "\n"


def test_score_is_that_of_the_metrics(folder, data, capsys):
    rng = np.random.default_rng(0)
    masks = data.masks ^ (rng.random(data.masks.shape) < 0.05)
    (folder / "masks").mkdir()
    for i, mask in enumerate(masks):
        Image.fromarray(mask).save(f"masks/scan {i}.png")
    names = "dice,jaccard,precision,recall,specificity,mcc,volume,hausdorff,surface_distance"
    arguments = ["score", "labels", "masks", "--scores", names, "--csv", "a.csv"]
    assert status(*arguments, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["image"] for row in result["images"]] == [f"scan {i}" for i in range(6)]
    dice = dice_score(data.masks, masks, average=None)
    distances = hausdorff_distance(data.masks, masks, average=None)
    assert_allclose([row["dice"] for row in result["images"]], dice)
    assert_allclose([row["hausdorff"] for row in result["images"]], distances)
    assert_allclose(result["mean"]["dice"], dice.mean())
    with (folder / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert_allclose([float(row["dice"]) for row in rows], dice)
    assert list(rows[0]) == ["image", *names.split(",")]


def test_score_uses_spacing_void_and_key(folder, capsys):
    truth = np.zeros((4, 5, 6), np.uint8)
    truth[1:3, 1:4, 1:5] = 3
    truth[0] = 9
    mask = truth == 3
    mask[:, :, 4] = False
    mask[0, 0] = True
    affine = np.diag([1, 1, 2.5, 1])
    nibabel.Nifti1Image(truth, affine).to_filename("p1_truth.nii.gz")
    nibabel.Nifti1Image(mask.astype(np.uint8), affine).to_filename("p1_mask.nii.gz")
    arguments = ["score", "*_truth.nii.gz", "*_mask.nii.gz", "--key", "p[0-9]+", "--labels", 3]
    assert status(*arguments, "--json", "--scores", "dice,hausdorff") == 0
    without = json.loads(capsys.readouterr().out)["mean"]
    assert without["dice"] == dice_score([truth == 3], [mask])
    assert without["hausdorff"] == hausdorff_distance([truth == 3], [mask], spacing=[1, 1, 2.5])
    assert status(*arguments, "--json", "--scores", "dice", "--void", 9) == 0
    roi = [truth != 9]
    score = json.loads(capsys.readouterr().out)["mean"]["dice"]
    assert score == dice_score([truth == 3], [mask], roi=roi)
    nibabel.Nifti1Image(np.zeros_like(truth), affine).to_filename("p1_mask.nii.gz")
    assert status(*arguments, "--json", "--scores", "hausdorff") == 0
    assert json.loads(capsys.readouterr().out)["mean"]["hausdorff"] is None  # infinite


def test_names_may_be_bytes_that_are_no_text(folder, capsys):
    name = os.fsdecode(b"scan \xff.png")
    for where in ("images", "labels"):
        (folder / where / "scan 0.png").rename(folder / where / name)
    assert status("learn", "images", "labels", "-o", "a.skops", "--report", "a.html") == 0
    assert status("apply", "a.skops", "images", "-o", "masks", "--json") == 0
    assert status("score", "labels", "masks", "--csv", "a.csv") == 0
    assert "scan \\udcff" in capsys.readouterr().out
    assert "scan ?" in (folder / "a.csv").read_text()
    assert (folder / "masks" / name).exists()
    (folder / "images" / name).write_bytes(b"")
    assert status("apply", "a.skops", "images", "-o", "masks") == 1


def test_show_draws_masks_and_errors(folder, data):
    (folder / "masks").mkdir()
    for i, mask in enumerate(data.masks):
        Image.fromarray(np.roll(mask, 3, axis=1)).save(f"masks/scan {i}.png")
    assert status("show", "images", "masks", "-o", "a.png", "--most", 5) == 0
    picture = ImageFiles("a.png", channel="all")[0].astype(int)
    size = data.images.shape[1] * 3 + 4
    assert picture.shape == (2 * size - 4, 4 * size - 4, 3)
    shown = picture[: size - 4, : size - 4][::3, ::3]
    is_blue = shown[..., 2] - shown[..., 0] > 40
    assert_array_equal(is_blue, np.roll(data.masks[0], 3, axis=1))
    assert (picture[size:, size:] == 255).all()  # no sixth image
    assert status("show", "images", "masks", "--truth", "labels", "-o", "b.png") == 0
    shown = ImageFiles("b.png", channel="all")[0][: size - 4, : size - 4][::3, ::3].astype(int)
    is_orange = shown[..., 0] - shown[..., 2] > 40
    assert_array_equal(is_orange, np.roll(data.masks[0], 3, axis=1) & ~data.masks[0])


def test_show_takes_volumes_and_colors(folder):
    rng = np.random.default_rng(0)
    volume = rng.integers(0, 256, (5, 700, 30)).astype(np.uint8)
    np.save("volume.npy", volume)
    np.save("volume_mask.npy", volume > 99)
    arguments = ["volume.npy", "volume_mask.npy", "--key", "volume"]
    assert status("show", *arguments, "--truth", "volume_mask.npy", "-o", "a.png") == 0
    assert ImageFiles("a.png", channel="all").info(0).shape == (350, 15, 3)
    Image.fromarray(rng.integers(0, 256, (9, 9, 3)).astype(np.uint8)).save("c.png")
    Image.fromarray(np.eye(9) > 0).save("c_mask.png")
    assert status("show", "c.png", "c_mask.png", "--key", "c", "--as-gray", "-o", "b.png") == 0


def test_compare_gives_the_table_of_all_methods(folder, data, capsys):
    assert status("compare", "images", "labels", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    expected = compare_methods(data.images, data.masks).table
    found = {row["method"]: row for row in rows}
    assert len(found) == len(rows) == len(expected)
    for row in expected:
        for name in ("threshold", "foreground", "dice"):
            assert_allclose(found[row["method"]][name], row[name])
    assert status("compare", "images") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["method", "threshold", "foreground"]
    assert len(lines) == 1 + len(expected)


def test_messages_of_functions_name_arguments_of_the_command(folder, data, capsys):
    for i, image in enumerate(data.images):
        Image.fromarray(np.dstack([image] * 3)).save(f"images/scan {i}.png")
    assert status("learn", "images", "labels", "-o", "a.skops") == 2
    assert "Use --as-gray, --channel 0 for the first channel" in capsys.readouterr().err
    assert status("learn", "images", "labels", "-o", "a.skops", "--as-gray") == 0
    assert status("score", "labels", "images") == 2
    Image.fromarray(data.images[0]).save("images/scan 0.png")
    assert status("score", "labels/scan 0.png", "images/scan 0.png") == 2
    assert "Use --labels 'nonzero', or --labels 1 for one" in capsys.readouterr().err
    os.rename("labels/scan 0.png", "labels/mask 0.png")
    assert status("learn", "images", "labels", "-o", "a.skops", "--as-gray") == 2
    assert "such as --key '[0-9]+'" in capsys.readouterr().err
    arguments = ["--as-gray", "--key", "[0-9]+"]
    assert status("learn", "images", "labels", "-o", "a.skops", *arguments) == 0


def test_warnings_of_many_files_are_shown_once_and_counted(folder, data, capsys):
    assert status("learn", "images", "-o", "a.skops") == 0
    (folder / "deep").mkdir()
    for i, image in enumerate(data.images):
        Image.fromarray(image.astype(np.uint16) * 257).save(f"deep/scan {i}.png")
    assert status("apply", "a.skops", "deep", "-o", "masks") == 0
    first, rest = capsys.readouterr().err.splitlines()
    assert "got images of uint16" in first
    assert (
        rest
        == "skmask: warning: 5 more like this: HistogramThresholdMasker learned from images of uint ..."
    )
