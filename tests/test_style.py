"""Plain English in pages and docstrings: short sentences, no phrases that readers stumble over, linked DOIs.

codespell checks the spelling. ``python -m tests.test_style`` lists all findings.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.rst"), ROOT / "README.md"])
PAGES.remove(ROOT / "docs" / "benchmark_tables.rst")  # compare.py prints it
MODULES = sorted((ROOT / "skmask").rglob("*.py"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MAX_WORDS = 35

# Phrases of translations and riddles, and what to write instead.
PHRASES = {
    r"in vain": "say what happens",
    r"\banew\b": "again",
    r"\bbesides\b": "leave it out, or 'and'",
    r"\bon purpose\b": "give the reason",
    r"\bbe it\b": "whether",
    r"\bto be had\b": "name what is missing",
    r"\bheeded\b": "ignored, or used",
    r"\bits kin\b": "name them",
    r"\b(?:are|is|be|been) told\b": "gets, or is reported",
    r"\btells? of\b": "describes, or names",
    r"\bhands? on\b": "passes on",
    r"\bfor free\b": "without further code",
    r"\bforgives?\b": "say what is robust against what",
    r"\bso many\b": "name the number",
    r"\bin place of\b": "instead of",
    r"\bplaces\b": "positions, or pixels",
    r"\bworked on\b": "processed",
    r"\b[Ii]n use\b(?=\.| and)": "say who uses it",
}
# A sentence starts with a thing in the code. Questions may start with any word.
STARTS = r"(?:What|That|So much|Where there)\b"


def paragraphs(text):
    """Yield the number of the first line and the text of each paragraph of prose."""
    number, lines, indent = 0, [], 0
    skipped = None  # blocks indented deeper than this are no prose
    literal = in_code = False
    for i, line in enumerate([*text.splitlines(), ""], 1):
        stripped = line.strip()
        depth = len(line) - len(line.lstrip())
        in_code = bool(stripped) and (in_code or stripped.startswith(">>>"))
        if stripped and literal and depth > indent:
            skipped = indent
        if stripped and skipped is not None and depth <= skipped:
            skipped = None
        literal = literal and not stripped
        title = re.match(r"[=\-~^]{4}", stripped)
        in_code = in_code or bool(re.match(r"={2,} +={2,}", stripped))  # a table
        markup = re.match(r"(?:\.\. |:[\w-]+:|\.\.\. |\$ |\||\+|```|#+ )", stripped)
        bullet = re.match(r"(?:[-*] (?:- )?|\d+\. )", stripped)
        aside = in_code or skipped is not None
        if title:
            lines = []  # the line above was a title
        elif lines and (not stripped or bullet or markup or aside or depth != indent):
            yield number, " ".join(lines)
            literal = lines[-1].endswith("::")
            lines = []
        if re.match(r"\.\. (?:code-block|plot|py:|autosummary|toctree)", stripped):
            skipped = depth
        if stripped and not (title or markup or aside):
            number = number if lines else i
            lines.append(stripped[bullet.end() :] if bullet else stripped)
        if stripped:
            indent = depth + bullet.end() if bullet else depth


def sentences(text):
    """Yield the line of the paragraph and the words of each sentence; code and formulas are one word."""
    for number, paragraph in paragraphs(text):
        if re.search(r"[=\-]{4} | {4}|^[\w, *:.{}\"']+ : ", paragraph):
            continue  # a table, or the type of a parameter
        paragraph = re.sub(r"``.+?``|:[\w:]+:`.+?`|`[^`]+`_*|\$.+?\$", "CODE", paragraph)
        paragraph = re.sub(r"\([^()]*https?:[^()]*(?:\([^()]*\)[^()]*)*\)", "", paragraph)
        for sentence in re.split(r"(?<=[.!?])[)*\"]*\s+(?=[A-Z\"*(])", paragraph):
            yield number, sentence.strip()


def findings(text):
    """Yield a line for each sentence that is too long, starts badly or has a phrase to avoid."""
    for number, sentence in sentences(text):
        if len(sentence.split()) > MAX_WORDS:
            yield f"{number}: {len(sentence.split())} words, split it: {sentence}"
        if re.match(STARTS, sentence.lstrip("*-( ")) and "?" not in sentence:
            yield f"{number}: start with what the sentence is about: {sentence}"
        for phrase, instead in PHRASES.items():
            if found := re.search(phrase, sentence):
                yield f"{number}: {found.group()!r} ({instead}): {sentence}"


def docstrings(path):
    """Yield the line and the text of each docstring of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno - 1, text


def findings_of(path):
    """Return the findings of a page, a module or an example."""
    if path in EXAMPLES:
        text = path.read_text()
        cells = [text.split('"""')[1], *re.findall(r"^# %%\n((?:#[^\n]*\n)+)", text, re.MULTILINE)]
        text = "\n\n".join(re.sub(r"^# ?", "", cell, flags=re.MULTILINE) for cell in cells)
        return [f"{path.relative_to(ROOT)}: {finding}" for finding in findings(text)]
    if path.suffix == ".py":
        return [
            f"{path.relative_to(ROOT)}:{start + int(number)}:{rest}"
            for start, text in docstrings(path)
            for number, rest in (finding.split(":", 1) for finding in findings(text))
        ]
    return [f"{path.relative_to(ROOT)}:{finding}" for finding in findings(path.read_text())]


@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES], ids=lambda path: path.name)
def test_pages_are_plain_english(path):
    found = findings_of(path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_are_plain_english(path):
    found = findings_of(path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", [*PAGES, *MODULES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_doi_is_a_link(path):
    texts = [path.read_text()] if path.suffix != ".py" else [text for _, text in docstrings(path)]
    for text in texts:
        bare = re.findall(r"(?i)(?<!doi\.org/)\b10\.\d{4,}/\S+|\bdoi:\S*", text)
        assert not bare, f"write https://doi.org/..., not {bare}"


@pytest.mark.parametrize(
    "text",
    [
        "The halo is computed in vain.",
        "What hangs together is one region.",
        " ".join(["word"] * 36) + ".",
        "- A list of things.\n- What hangs together.",
    ],
)
def test_findings_are_found(text):
    assert list(findings(text))


@pytest.mark.parametrize(
    "text",
    [
        "What is a mask?",
        "Run this::\n\n    What is in vain stays code.\n",
        ">>> besides = 1",
        "One sentence. " * 30,
        ".. code-block:: bash\n\n   besides\n",
    ],
)
def test_plain_text_is_left_alone(text):
    assert not list(findings(text))


if __name__ == "__main__":
    print("\n".join(line for path in [*PAGES, *EXAMPLES, *MODULES] for line in findings_of(path)))
