"""Pictures, alt texts, extras and messages on the pages are those of the package."""

import ast
import doctest
import re
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest
from skimage import data
from sklearn.pipeline import make_pipeline

import skmask
from skmask import (
    BinaryDilator,
    DriftGuard,
    FixedMasker,
    GroupedMasker,
    HistogramThresholdMasker,
    HoleFiller,
    MaskApplier,
    ThresholdMasker,
)
from skmask._version import migrated
from skmask.display import ThresholdDisplay
from skmask.io import ImageFiles, to_onnx
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


X = np.random.default_rng(0).integers(0, 200, (4, 8, 9)).astype(np.uint8)
Y = X > 100
PIPE = make_pipeline(HistogramThresholdMasker(), HoleFiller())

# Calls that people make, in the order of the messages of the page.
MISTAKES = [
    lambda: BinaryDilator().transform(Y[0]),
    lambda: HistogramThresholdMasker().fit(data.astronaut()[np.newaxis]),
    lambda: HistogramThresholdMasker().fit(X).transform(X.astype(np.uint16) * 257),
    lambda: BinaryDilator().transform(X),
    lambda: HistogramThresholdMasker().fit(Y),
    lambda: HistogramThresholdMasker().fit(np.zeros((2, 3, 4))),
    lambda: HistogramThresholdMasker("dice").fit(X, np.zeros_like(Y)),
    lambda: DriftGuard(HistogramThresholdMasker()).fit(X).transform(X // 2 + 120),
    lambda: GroupedMasker(ThresholdMasker()).fit(X, groups=[0, 0, 1, 1]).transform(X),
    lambda: HistogramThresholdMasker().transform(X),
    lambda: HistogramThresholdMasker("dice").fit(X),
    lambda: HistogramThresholdMasker("dice").fit(X, np.stack([Y] * 3, axis=-1)),
    lambda: HistogramThresholdMasker("dice").fit(X, [0, 1, 0, 1]),
    lambda: HistogramThresholdMasker("dice").fit(X, X),
    lambda: MaskApplier(ThresholdMasker(), fill_value=300).transform(X),
    lambda: BinaryDilator("disk", 3),
    lambda: PIPE | PIPE,
    lambda: ThresholdMasker() & Y,
    lambda: FixedMasker(Y[0]).fit(X).transform(X[:, :3]),
    lambda: ThresholdDisplay.from_estimator(HistogramThresholdMasker(strategy="per_image").fit(X)),
    lambda: to_onnx(PIPE.fit(X), image_shape=(8, 9), dtype="uint8"),
    lambda: ImageFiles("no/such/folder/*.png"),
    lambda: migrated({"_skmask_version": "99.0"}, caller="ThresholdMasker"),
]


def quotes_of_messages():
    """Return the messages that the page explains, as people search for them."""
    page = (DOCS / "faq.rst").read_text()
    return re.findall(r"^``(.+)``$", page[page.index("Warnings\n---") :], re.MULTILINE)


def message_of(mistake):
    """Return the text of the error or the warning of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            mistake()
        except Exception as error:
            return str(error)
    return "\n".join(str(one.message) for one in caught)


def test_page_explains_every_mistake_and_no_other():
    assert len(quotes_of_messages()) == len(MISTAKES)


@pytest.mark.parametrize("i", range(len(MISTAKES)), ids=lambda i: f"mistake {i}")
def test_explained_message_is_the_one_that_comes(i):
    pattern = re.escape(quotes_of_messages()[i]).replace(re.escape("..."), ".+")
    assert re.search(pattern, message_of(MISTAKES[i]), re.DOTALL)


@pytest.mark.parametrize("estimator", public_estimators(), ids=name_of)
def test_guide_shows_the_picture_of_every_estimator(estimator):
    shown = "".join(page.read_text() for page in PAGES)
    assert f".. plot:: pictures/{name_of(estimator)}.py" in shown


def answers():
    """Return the title and the text of each answer of the how-to page; the first is what all share."""
    parts = re.split(r"^(.+)\n-{10,}\n", (DOCS / "howto.rst").read_text(), flags=re.MULTILINE)
    return parts[0], dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("title", answers()[1])
def test_every_answer_runs_by_itself(title):
    shared, texts = answers()
    names = {}
    for text in (shared, texts[title]):
        examples = doctest.DocTestParser().get_examples(text)
        case = doctest.DocTest(examples, names, title, "howto.rst", 0, None)
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        runner.run(case, clear_globs=False)
        names.update(case.globs)
        assert runner.summarize(verbose=False).failed == 0
