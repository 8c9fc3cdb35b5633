import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# All of them run when the site is built, and .ci/site compares numbers in the text with those printed.
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_cells_of_text_code_and_pictures(path):
    text = path.read_text()
    title, underline, *_ = ast.get_docstring(ast.parse(text)).splitlines()
    assert underline == "=" * len(title)
    assert text.count("\n# %%\n") >= 2
    assert "argparse" not in text
    assert "plt." in text or "display" in text


def test_there_are_enough_examples():
    assert len(EXAMPLES) >= 15


def test_the_command_in_the_readme_prints_the_main_result(tmp_path):
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    (script,) = set(re.findall(r"python (examples/\w+\.py)", readme))
    result = subprocess.run(
        [sys.executable, EXAMPLES[0].parent.parent / script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    rows = re.findall(r"^(.+?) +(0\.\d+) +(0\.\d+)$", result.stdout, flags=re.MULTILINE)
    dice = {name: float(mean) for name, mean, _ in rows}
    assert dice["Otsu's threshold"] < 0.55
    assert dice["learned and tuned"] > 0.93
