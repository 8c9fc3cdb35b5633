"""The package as a whole: names, layers, floors."""

import ast
import importlib
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import skmask

ROOT = Path(skmask.__file__).parent
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
OPTIONAL = {"cv2", "dask", "matplotlib", "nibabel", "nilearn", "onnx", "pandas", "polars"}
OPTIONAL |= {"pydicom", "skimage", "skops", "zarr"}
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))


def imports_of(path):
    """Give the modules that a file imports anywhere, functions included."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# From the bottom up: a file imports from layers before its own only. Kernels are one layer, and so are
# the estimators, which are all that is not named here; only kernels may import one another.
LAYERS = [
    {"_kernels", "_version.py"},
    {"_describe.py", "_drawing.py", "_onnx_graph.py"},
    {"_callbacks.py", "_output.py", "_reach.py", "_readers.py"},
    {"_pixel_rows.py"},
    {"_images.py"},
    {"_dask_regions.py"},
    {"_dask_images.py", "_device_images.py"},
    {"_containers.py", "_mask_operators.py", "_mask_pairs.py"}
    | {"datasets.py", "morphology.py", "thresholds.py"},
    {"_overlap_scores.py", "_surface_scores.py", "_threshold_curve.py"},
    {"_scorers.py"},
    {"metrics.py"},
    {"_mask_display.py", "_threshold_displays.py", "base.py"},
    {"display.py"},
    {"_histogram_masker.py"},
]


def layer(path):
    part = Path(path).parts[0]
    if part in {"__init__.py", "io.py"}:
        return len(LAYERS) + 2
    if part in {"_onnx.py"}:
        return len(LAYERS) + 1
    return next((i for i, parts in enumerate(LAYERS) if part in parts), len(LAYERS))


def test_public_names_are_sorted_and_there():
    names = skmask.__all__
    assert names == sorted(names)
    assert all(hasattr(skmask, name) for name in names)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_go_down_only(path):
    own = {str(other.with_suffix("")).replace("/", "."): other for other in MODULES}
    for name in imports_of(path):
        if not name.startswith("skmask.") or name.removeprefix("skmask.") not in own:
            continue
        other = own[name.removeprefix("skmask.")]
        if layer(path) == layer(other) == 0 or other.name == "__init__.py":
            continue
        assert layer(other) < layer(path), f"{path} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_private_names_of_sklearn_are_imported_in_base_alone(path):
    private = [
        name
        for name in imports_of(path)
        if name.startswith("sklearn") and any(part.startswith("_") for part in name.split("."))
    ]
    assert not private or path.name == "base.py"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_kernels_know_arrays_only(path):
    if path.parts[0] == "_kernels":
        outside = {name.split(".")[0] for name in imports_of(path)} & {"sklearn", "joblib"}
        assert not outside


def test_modules_import_without_optional_packages():
    for path in MODULES:
        tree = ast.parse((ROOT / path).read_text())
        names = {
            name.split(".")[0]
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
            )
        }
        assert not names & OPTIONAL, path


def test_import_loads_no_more_of_scikit_learn_than_the_base_needs():
    missing = f"sys.modules.update(dict.fromkeys({OPTIONAL}))"
    code = f"import sys; {missing}; import skmask; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "sklearn.base" in loaded
    heavy = ["cluster", "ensemble", "linear_model", "metrics", "model_selection", "pipeline"]
    assert not {f"sklearn.{name}" for name in heavy} & set(loaded)


def test_every_module_imports_by_itself():
    for module in pkgutil.walk_packages([str(ROOT)], "skmask."):
        importlib.import_module(module.name)


def test_floors_of_the_dependencies_are_those_promised():
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["dependencies"] == [
        "scikit-learn>=1.6",
        "numpy>=2.0",
        "scipy>=1.15",
        "joblib>=1.4",
    ]
    assert (ROOT / "py.typed").exists()


def test_submodules_are_attributes():
    code = (
        "import skmask; skmask.metrics.dice_score; skmask.datasets; print('display' in dir(skmask))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "True\n"
    with pytest.raises(AttributeError, match="module 'skmask' has no attribute 'maskers'"):
        skmask.maskers  # noqa: B018
