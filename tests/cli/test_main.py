"""The command as a whole: help, exit codes, one line for an error, quiet in scripts."""

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

import skmask
from skmask._cli.main import main
from skmask.datasets import make_masked_images
from skmask.io import MaskFiles

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "skmask"]
COMMANDS = ["learn", "apply", "score", "show", "describe", "compare"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    data = make_masked_images(6, noise=15.0, random_state=0)
    for name, arrays in [("images", data.images), ("labels", data.masks)]:
        (tmp_path / name).mkdir()
        for i, array in enumerate(arrays):
            Image.fromarray(array).save(tmp_path / name / f"scan {i}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, **options):
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=env, **options
    )


def test_help_teaches(capsys):
    for arguments in ([], *[[name] for name in COMMANDS]):
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--help"])
        assert caught.value.code == 0
        text = capsys.readouterr().out
        assert "  skmask " in text
        assert max(map(len, text.splitlines())) <= 110
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"skmask {skmask.__version__}\n"


def test_wrong_arguments_are_status_2(folder, capsys):
    for arguments in ([], ["paint"], ["apply", "model.skops", "images"], ["learn", "--jobs", "x"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "usage: skmask" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["learn", "images", "labels", "--labels", "red", "-o", "model.skops"])
    assert "'red' is no number, no numbers with commas" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["learn", "nowhere", "-o", "a.skops"],
            "expects a folder, a file or a pattern, got 'nowhere'",
        ),
        (["learn", "images", "-o", "a.pkl"], "expects the model to end in .skops, got 'a.pkl'"),
        (
            ["learn", "images", "-o", "no/a.skops"],
            "a folder that exists for the model, got 'no/a.skops'",
        ),
        (
            ["learn", "images", "-o", "a.skops", "--report", "a.pdf"],
            "the report to end in .html or",
        ),
        (["learn", "images", "-o", "a.skops", "--method", "ostu"], "Did you mean 'otsu'?"),
        (["learn", "images", "-o", "a.skops", "--search"], "expects LABELS for --search"),
        (
            ["learn", "images", "labels", "-o", "a.skops", "--search", "--holes"],
            "--search or --holes",
        ),
        (
            ["learn", "images/scan 0.png", "labels/scan 0.png", "-o", "a.skops", "--search"],
            "expects at least two images",
        ),
        (
            ["learn", "images", "labels/scan 1.png", "-o", "a.skops"],
            "got 5 problems: - no mask for",
        ),
        (
            ["apply", "a.skops", "images", "-o", "masks"],
            "a model in a file, got 'a.skops', which is not",
        ),
        (["score", "labels", "images"], "expects masks of two values"),
        (["score", "labels", "labels", "--scores", "dice,auc"], "dice, jaccard, .*, got 'auc'"),
        (["score", "labels", "labels", "--csv", "a.txt"], "the table to end in .csv"),
        (["show", "images", "labels", "-o", "a.jpg"], "the picture to end in .png"),
        (
            ["show", "images", "labels", "-o", "a.png", "--most", "0"],
            "--most to be 1 or more, got 0",
        ),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_errors_are_one_line_and_nothing_is_written(folder, capsys, arguments, error):
    before = sorted(folder.rglob("*"))
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("skmask: error: ")
    assert re.search(error, line)
    assert sorted(folder.rglob("*")) == before


def test_traceback_shows_where_an_error_arose(folder, capsys):
    assert main(["describe", "a.skops", "--traceback"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_warnings_are_one_line(folder, capsys):
    Image.fromarray(np.full((9, 9), 7, np.uint8)).save("flat.png")
    assert main(["learn", "flat.png", "-o", "model.skops"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("skmask: warning: HistogramThresholdMasker")


def test_commands_of_the_readme_go_from_a_folder_to_masks(folder, capfd):
    shutil.copytree("images", "new_images")
    shutil.copytree("labels", "true_masks")
    lines = re.findall(r"^skmask (?:learn|apply|score) .*", (ROOT / "README.md").read_text(), re.M)
    learn, apply, score = (shlex.split(line)[1:] for line in lines)
    for arguments in (learn, apply):
        assert main(arguments) == 0
        assert tuple(capfd.readouterr()) == ("", "")
    assert (folder / "report.html").read_text().startswith("<!doctype html>")
    result = run(*score)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["image", "dice", "jaccard", "precision", "recall"]
    assert len(lines) == 8
    assert lines[-1].startswith("mean")
    assert float(lines[-1].split()[1]) > 0.9


def test_a_terminal_is_told_how_it_goes(folder):
    main(["learn", "images", "labels", "-o", "model.skops"])
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (24, 80))
    process = subprocess.Popen(
        [*COMMAND, "apply", "model.skops", "images", "-o", "masks"],
        stdout=subprocess.PIPE,
        stderr=child,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    out, _ = process.communicate()
    os.close(child)
    told = os.read(parent, 100_000).decode()
    os.close(parent)
    assert out == b""
    assert "6/6" in told  # the bar of tqdm
    assert "6 files written, 0 skipped, 0 failed" in told


def test_a_closed_pipe_is_no_error(folder):
    process = subprocess.Popen(
        [*COMMAND, "score", "labels", "labels"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_killed_apply_leaves_whole_files_and_resumes(folder, capsys):
    assert main(["learn", "images", "labels", "-o", "model.skops"]) == 0
    rng = np.random.default_rng(0)
    (folder / "large").mkdir()
    for i in range(30):
        image = rng.integers(0, 256, (600, 600)).astype(np.uint8)
        Image.fromarray(image).save(f"large/{i:02}.png", compress_level=0)
    process = subprocess.Popen(
        [*COMMAND, "apply", "model.skops", "large", "-o", "masks"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 60
    while not (folder / "masks" / "02.png").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    whole = sorted((folder / "masks").glob("*.png"))
    assert 3 <= len(whole) < 30
    before = {path: path.read_bytes() for path in whole}
    assert main(["apply", "model.skops", "large", "-o", "masks", "--resume", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["skipped"] == list(map(str, whole))
    assert len(summary["written"]) == 30 - len(whole)
    names = sorted(path.name for path in (folder / "masks").iterdir())
    assert names == [f"{i:02}.png" for i in range(30)]
    assert all(path.read_bytes() == content for path, content in before.items())
    assert main(["apply", "model.skops", "large", "-o", "again"]) == 0
    for mask, other in zip(MaskFiles("masks"), MaskFiles("again"), strict=True):
        assert_array_equal(mask, other)


def test_an_interrupt_is_status_130(folder):
    main(["learn", "images", "labels", "-o", "model.skops"])
    os.mkfifo(folder / "images" / "waits.png")
    process = subprocess.Popen(
        [*COMMAND, "apply", "model.skops", "images/waits.png", "-o", "masks"],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        # Tests that a shell runs in the background ignore interrupts, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not (folder / "masks").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, b"")
