"""Settings of the documentation site: ``python -m sphinx -W docs docs/_build/html``."""

import ast
import importlib
import os
import re
import sys
from inspect import signature
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.nodes import make_refnode

import skmask
import skmask.metrics
from skmask.thresholds import CRITERIA, THRESHOLD_METHODS

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
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
# A name in single backticks is a link to the API where there is one.
default_role = "py:obj"
rst_prolog = ".. py:currentmodule:: skmask"
modindex_common_prefix = ["skmask."]

autosummary_generate = True
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
autodoc_default_options = {
    "members": True,
    "inherited-members": True,
    # scikit-learn's own, which link to pages of its documentation, and those of every tuple.
    "exclude-members": "get_metadata_routing, set_fit_request, set_partial_fit_request, "
    "set_score_request, count, index",
}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

plot_formats = [("png", 150)]
plot_html_show_formats = plot_html_show_source_link = False
plot_rcparams = {"font.size": 10}
plot_apply_rcparams = True


class GalleryOrder:
    """Sort the examples: the main job first, then case studies, then single questions."""

    first = (
        "tune_white_matter_mask",
        "count_coins",
        "document_text",
        "stained_cells",
        "brain_volume",
        "leg_xray",
        "retina_vessels",
        "galaxies",
        "brain_tissues",
        "astronaut_suit",
        "whole_coins",
    )

    def __init__(self, src_dir):
        """Take the folder, which the gallery hands over and the order does not need."""

    def __call__(self, filename):
        """Return what to sort an example by."""
        name = filename.removesuffix(".py")
        return self.first.index(name) if name in self.first else len(self.first), name


sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py",
    "within_subsection_order": GalleryOrder,
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skmask",),
    "inspect_global_variables": True,
    "download_all_examples": False,
    "capture_repr": ("_repr_html_",),
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "abort_on_example_error": True,
}

# The gallery's settings hold a class, which Sphinx cannot keep between builds.
suppress_warnings = ["config.cache"]

html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["skmask.css"]
html_js_files = ["skmask.js"]
html_title = f"skmask {release}"
html_favicon = "_static/logo.svg"
# The address of the published site, where there is one: pictures in link previews need it.
html_baseurl = os.environ.get("SKMASK_DOCS_URL", "")
html_theme_options = {
    "logo": {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
        "text": f"skmask {release}",
        "alt_text": "skmask, home",
    },
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
# A sidebar is for pages that have neighbors.
html_sidebars = dict.fromkeys(
    [
        "index",
        "install",
        "quickstart",
        "benchmarks",
        "changelog",
        "coming_from",
        "contributing",
        "extending",
    ],
    [],
)
html_show_sourcelink = False

# Prompts and output are not copied.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

nitpicky = True

# Pages of other projects, by the first part of a name. Nothing is fetched when the site is built.
ELSEWHERE = {
    "joblib": "https://joblib.readthedocs.io/en/stable/generated/{name}.html",
    "numpy": "https://numpy.org/doc/stable/reference/generated/{name}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{name}.html",
    "scipy": "https://docs.scipy.org/doc/scipy/reference/generated/{name}.html",
    "sklearn": "https://scikit-learn.org/stable/modules/generated/{name}.html",
}
# Where names and calls may break: between words of a name, and after punctuation.
BREAKS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[._(=,/])(?=\w)")
STANDARD_LIBRARY = "https://docs.python.org/3/library/{module}.html#{name}"


def add_picture(app, what, name, obj, options, lines):
    """Insert the picture of a class or function, ``pictures/Name.py``, below the summary of its docstring."""
    short = name.rpartition(".")[2]
    path = PICTURES / f"{short}.py"
    if what in ("class", "function") and path.exists():
        alt = " ".join(ast.get_docstring(ast.parse(path.read_text())).split())
        picture = [f".. plot:: pictures/{path.name}", f"   :alt: {alt}"]
    elif THRESHOLD_METHODS.get(short) is obj:
        alt = f"Two histograms with the threshold that {short} chooses."
        code = f"from _methods import draw_method; draw_method({short!r})"
        picture = [".. plot::", f"   :alt: {alt}", "", f"   {code}"]
    elif CRITERIA.get(short) is obj:
        alt = f"Histograms of foreground and background, and {short} at every threshold."
        code = f"from _methods import draw_criterion; draw_criterion({short!r})"
        picture = [".. plot::", f"   :alt: {alt}", "", f"   {code}"]
    elif (
        what == "function"
        and getattr(skmask.metrics, short, None) is obj
        and "y_pred" in signature(obj).parameters
    ):
        alt = f"Four predictions for one true mask, each with its {short}: shifted, too large, one of two "
        alt += "objects missing, and with a stray region."
        code = f"from _scores import draw_score; draw_score({short!r})"
        picture = [".. plot::", f"   :alt: {alt}", "", f"   {code}"]
    else:
        return
    start = next(i for i, line in enumerate(lines) if line.strip())
    end = next((i for i, line in enumerate(lines) if i > start and not line.strip()), len(lines))
    lines[end:end] = ["", *picture, ""]


FIT_TRANSFORM = """Fit to images, then transform them.

Parameters
----------
X : array-like of shape (n_images, height, width), (n_images, depth, height, width) or \
        (n_images, n_pixels), or list of arrays
    Images: a stack, flat rows, or a list of images of different sizes.
y : array-like, default=None
    Masks or other targets for estimators that learn from them; ignored by the others.
**fit_params : dict
    Further arguments of `fit`.

Returns
-------
Xt : ndarray or list of ndarray
    The result of `transform`, in the container of `X`.
"""


def speak_of_images(app, what, name, obj, options, lines):
    """Replace scikit-learn's docstring of ``fit_transform``, which speaks of samples and features."""
    if name.endswith(".fit_transform"):
        lines[:] = FIT_TRANSFORM.splitlines()


def link_elsewhere(app, env, node, contnode):
    """Link names of other projects; in docstrings, leave names of parameters and attributes as they are."""
    target = node.get("reftarget", "")
    package, _, rest = target.partition(".")
    page = ELSEWHERE.get(package, STANDARD_LIBRARY if package in sys.stdlib_module_names else None)
    if page and rest:
        parent, _, attribute = target.rpartition(".")
        # A name that does not exist fails the build.
        getattr(importlib.import_module(parent), attribute)
        uri = page.format(name=target, module=parent)
        return nodes.reference("", "", contnode, internal=False, refuri=uri)
    # Prose says dice_score, and not skmask.metrics.dice_score.
    found = env.domains["py"].find_obj(env, None, None, target, None, searchmode=1)
    public = [(name, entry) for name, entry in found if "._" not in name and name[0] != "_"]
    if len(public) == 1:
        name, entry = public[0]
        return make_refnode(
            app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name
        )
    in_docstring = node.get("refdoc", "").startswith(("generated/", "api"))
    return contnode if in_docstring and (target.islower() or target == "X") else None


def describe_page(app, pagename, templatename, context, doctree):
    """Hand the first paragraph to the template, for previews of links, and let long names break."""
    paragraphs = doctree.findall(nodes.paragraph) if doctree else ()
    paragraph = next((one for one in paragraphs if not isinstance(one.parent, nodes.entry)), None)
    context["first_paragraph"] = paragraph and " ".join(paragraph.astext().split())
    # Code blocks scroll; in all other text long names and calls may break, and not in the middle of a word.
    blocks = re.split(
        r"(<(?:pre|script)\b.*?</(?:pre|script)>)", context.get("body") or "", flags=re.S
    )
    body = "".join(
        text if i % 2 else re.sub(r"(?<=>)[^<]{12,}(?=<)", _with_breaks, text)
        for i, text in enumerate(blocks)
    )
    # The gallery leaves the alt texts of its thumbnails empty.
    context["body"] = re.sub(
        r'alt=""( src="[^"]*sphx_glr_(\w+)_thumb.png")', r'alt="Figure of the example \2"\1', body
    )


def _with_breaks(text):
    """Let long words break before a capital and after punctuation."""
    return re.sub(
        r"(?<![&\w])[\w.()=\[\],/:-]{12,}",
        lambda word: BREAKS.sub("<wbr>", word.group()),
        text.group(),
    )


def add_math(self, node):
    """Write a formula as MathML, which browsers draw without a script."""
    inline = isinstance(node, nodes.math)
    formula = tex2mathml(node.astext(), as_block=not inline)
    self.body.append(formula if inline else f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


def setup(app):
    """Connect what this file defines; numpydoc, at the usual priority of 500, rewrites docstrings first."""
    app.connect("autodoc-process-docstring", speak_of_images, priority=400)
    app.connect("autodoc-process-docstring", add_picture, priority=600)
    app.connect("missing-reference", link_elsewhere)
    app.connect("html-page-context", describe_page)
    app.add_html_math_renderer("mathml", (add_math, None), (add_math, None))
