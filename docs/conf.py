"""Settings of the documentation site: ``python -m sphinx -W docs docs/_build/html``."""

import ast
import sys
from pathlib import Path

import skmask

PICTURES = Path(__file__).parent / "pictures"
# Pictures share the module _show.
sys.path.insert(0, str(PICTURES))

project = "skmask"
author = copyright = "The skmask developers"
version = release = skmask.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
# A name in single backticks is a link to the API where there is one.
default_role = "py:obj"
rst_prolog = ".. py:currentmodule:: skmask"
modindex_common_prefix = ["skmask."]

autosummary_generate = True
toc_object_entries_show_parents = "hide"
autodoc_default_options = {
    "members": True,
    "inherited-members": True,
    # scikit-learn's own, which link to pages of its documentation.
    "exclude-members": "get_metadata_routing, set_fit_request, set_partial_fit_request, set_score_request",
}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

plot_formats = [("png", 150)]
plot_html_show_formats = plot_html_show_source_link = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py",
    "reset_argv": lambda gallery, variables: ["--quick", "--output", "output"],
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "abort_on_example_error": True,
}

# The gallery's settings hold a function, which Sphinx cannot keep between builds.
suppress_warnings = ["config.cache"]

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["skmask.css"]
html_title = "skmask"
html_theme_options = {
    "logo": {"text": "skmask"},
    "navbar_align": "left",
    "header_links_before_dropdown": 5,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
# A sidebar is for pages that have neighbors.
html_sidebars = dict.fromkeys(
    ["index", "benchmarks", "changelog", "coming_from", "contributing", "extending"], []
)
html_show_sourcelink = False

# Prompts and output are not copied.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def add_picture(app, what, name, obj, options, lines):
    """Insert the picture of a class or function, ``pictures/Name.py``, below the summary of its docstring."""
    path = PICTURES / f"{name.rpartition('.')[2]}.py"
    if what not in ("class", "function") or not path.exists():
        return
    alt = " ".join(ast.get_docstring(ast.parse(path.read_text())).split())
    start = next(i for i, line in enumerate(lines) if line.strip())
    end = next((i for i, line in enumerate(lines) if i > start and not line.strip()), len(lines))
    lines[end:end] = ["", f".. plot:: pictures/{path.name}", f"   :alt: {alt}", ""]


def setup(app):
    """Connect what this file defines; numpydoc, at the usual priority of 500, rewrites docstrings first."""
    app.connect("autodoc-process-docstring", add_picture, priority=600)
