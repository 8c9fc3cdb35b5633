import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run an example once, in its quick form, and give what it printed and its output folder."""
    done = {}

    def run_once(name):
        if name not in done:
            script = next(path for path in EXAMPLES if path.stem == name)
            output = tmp_path_factory.mktemp(name)
            command = [sys.executable, script, "--quick", "--output", output]
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr
            done[name] = result.stdout, output
        return done[name]

    return run_once


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_example_runs_and_says_what_it_wrote(name, run):
    printed, output = run(name)
    written = {Path(path) for path in re.findall(r"^wrote (.+)$", printed, flags=re.MULTILINE)}
    assert written == set(output.iterdir())
    assert any(path.suffix == ".png" and path.stat().st_size > 10_000 for path in written)


def test_tuned_white_matter_mask_is_far_ahead_of_otsu_on_unseen_slices(run):
    printed, _ = run("tune_white_matter_mask")
    rows = re.findall(r"^(.+?)\s+(0\.\d+)\s+(0\.\d+)\s+(0\.\d+)$", printed, flags=re.MULTILINE)
    dice = {name: [float(number) for number in numbers] for name, *numbers in rows}
    assert len(dice) == 4
    for name, (mean, worst, all_pixels) in dice.items():
        if name.startswith("Otsu"):
            assert max(mean, all_pixels) < 0.55
        else:
            assert mean > 0.93
            assert worst > 0.75
            assert all_pixels > 0.95


def test_digits_claim_no_gain(run):
    printed, _ = run("classify_digits")
    unseen = printed.partition("unseen digits")[2]
    without, masked = (float(number) for number in re.findall(r" (0\.\d+) \+-", unseen))
    assert masked == pytest.approx(without, abs=0.01)


def test_three_ways_choose_the_same_threshold(run):
    printed, _ = run("search_thresholds")
    assert "the curve and the search give the same scores: True" in printed
    assert "all three choose the same threshold: True" in printed


def test_leg_is_the_share_of_the_tutorial(run):
    printed, _ = run("plot_leg_xray")
    assert re.search(r"^leg: x > 32 +59\.5%$", printed, flags=re.MULTILINE)
