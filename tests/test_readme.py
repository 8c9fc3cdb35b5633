"""README and docs tell the truth: code runs, commands and links are right, every estimator is named."""

import importlib
import re
from pathlib import Path

import pytest

import skmask
from tests.estimators import name_of, public_estimators

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted((ROOT / "docs").glob("*.rst"))


def test_python_in_the_readme_prints_what_the_readme_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    namespace = {}
    exec(code, namespace)
    printed = capsys.readouterr().out.strip()
    assert f"It prints `{printed}`" in README
    (otsu,) = re.findall(
        r"Otsu's threshold, pooled over the same training slices, scores ([\d.]+)\.", README
    )
    masker = skmask.HistogramThresholdMasker().fit(namespace["X"])
    score = namespace["dice_score"](namespace["y_unseen"], masker.transform(namespace["X_unseen"]))
    assert f"{score:.3f}" == otsu


def test_readme_is_short_enough_to_be_read():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    statements = [line for line in code.splitlines() if line and not line.startswith(" ")]
    assert len(statements) <= 15


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_every_estimator_is_in_the_readme_and_the_guide(estimator):
    assert f"`{name_of(estimator)}`" in README
    assert any(name_of(estimator) in page.read_text() for page in PAGES)


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(path):
    text = path.read_text()
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    targets += [f"{name}.rst" for name in re.findall(r":doc:`([\w/]+)`", text)]
    for target in targets:
        assert (path.parent / target).exists(), target
    for example in re.findall(r"examples/\w+\.py", text):
        assert (ROOT / example).exists(), example


@pytest.mark.parametrize("module", ["", ".datasets", ".display", ".metrics"])
def test_api_reference_names_everything_public(module):
    names = importlib.import_module(f"skmask{module}").__all__
    page = (ROOT / "docs" / "api.rst").read_text()
    (section,) = re.findall(
        rf"currentmodule:: skmask{module}\n(.*?)(?:currentmodule|\Z)", page, re.DOTALL
    )
    listed = re.findall(r"^   (\w+)$", section, re.MULTILINE)
    assert sorted(listed) == sorted(set(names) - {"__version__"} - _scorers(names))


def _scorers(names):
    """Give the ready-made scorers, which are objects and documented with MaskScorer."""
    return {name for name in names if name.endswith("_scorer")}


def test_index_names_every_page():
    index = (ROOT / "docs" / "index.rst").read_text()
    listed = set(re.findall(r"^   ([\w-]+)$", index, re.MULTILINE))
    assert "examples/index" in index  # the gallery, which Sphinx makes
    assert listed == {page.stem for page in PAGES} - {"index"}
