"""Every public estimator has a picture, every image an alt text, and the install page lists all extras."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import skmask
from tests.estimators import name_of, public_estimators

DOCS = Path(__file__).parents[1] / "docs"
SCRIPTS = sorted(path for path in (DOCS / "pictures").glob("*.py") if path.stem[0] != "_")
PAGES = sorted(DOCS.glob("*.rst"))


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_every_estimator_has_a_picture(estimator):
    assert (DOCS / "pictures" / f"{name_of(estimator)}.py").exists()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_picture_says_what_is_seen(path):
    # The site builds it with warnings as errors, so that a script that fails is found there.
    alt = ast.get_docstring(ast.parse(path.read_text()))
    assert alt is not None
    assert 30 <= len(alt) <= 300
    assert alt.endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_image_on_a_page_has_an_alt_text(page):
    text = page.read_text()
    blocks = re.findall(
        r"^( *)\.\. (?:figure|image|plot)::.*\n((?:\1 +:.*\n)*)", text, re.MULTILINE
    )
    for _, options in blocks:
        assert re.search(r":alt: .{30}", options) or ":nofigs:" in options


def test_install_page_lists_every_extra():
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["project"]
    listed = re.findall(r"^``(\w+)``  ", (DOCS / "install.rst").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(project["optional-dependencies"])


def test_citation_has_the_version():
    for path in (DOCS.parent / "CITATION.cff", DOCS / "cite.rst"):
        assert re.search(rf"version\W+{re.escape(skmask.__version__)}\b", path.read_text())
