"""README and docs tell the truth: code runs, commands and links are right, every estimator is named."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import skmask
from tests.estimators import name_of, public_estimators

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted((ROOT / "docs").glob("*.rst"))
# Which Sphinx makes of the scripts.
GALLERY = {f"examples/{path.stem}.rst" for path in (ROOT / "examples").glob("*.py")}
GALLERY |= {"examples/index.rst"}
MODULES = ["skmask"] + [
    f"skmask.{module.name}"
    for module in pkgutil.iter_modules(skmask.__path__)
    if not module.name.startswith("_")
]


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
        assert (path.parent / target).exists() or target in GALLERY, target
    for example in re.findall(r"examples/\w+\.py", text):
        assert (ROOT / example).exists(), example


@pytest.mark.parametrize("module", MODULES)
def test_api_reference_names_everything_public(module):
    page = (ROOT / "docs" / "api.rst").read_text()
    sections = re.findall(rf"currentmodule:: {module}\n(.*?)(?:currentmodule|\Z)", page, re.DOTALL)
    listed = re.findall(r"^(?:   |\.\. py:data:: )(\w+)$", "".join(sections), re.MULTILINE)
    module = importlib.import_module(module)
    documented = [name for name in module.__all__ if _is_documented(module, name)]
    assert sorted(listed) == sorted(documented)


def _is_documented(module, name):
    """Leave out the version and what comes from scikit-learn."""
    foreign = getattr(getattr(module, name), "__module__", "").startswith("sklearn")
    return not (foreign or name == "__version__")


def test_index_and_guide_list_every_page():
    pages = [
        (ROOT / "docs" / f"{name}.rst").read_text() for name in ("index", "guide", "benchmarks")
    ]
    listed = [name for page in pages for name in re.findall(r"^   ([\w/]+)$", page, re.MULTILINE)]
    assert sorted(listed) == sorted({page.stem for page in PAGES} - {"index"} | {"examples/index"})


def test_page_on_benchmarks_names_every_table():
    page = (ROOT / "docs" / "benchmark_tables.rst").read_text()
    tables = {path.stem.removeprefix("bench_") for path in ROOT.glob("tests/benchmarks/bench_*.py")}
    assert {name for name in tables if f"``{name}``" not in page} == set()
