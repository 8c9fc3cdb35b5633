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
OPTIONAL |= {"PIL", "pydicom", "skimage", "skops", "tifffile", "tqdm", "zarr"}
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))


def imports_of(path):
    """Return the modules that a file imports anywhere, functions included."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# From the bottom up: a file imports from layers before its own only. A name is that of a file or of a
# folder with all of its files, except for files that are named themselves. Kernels may import one another,
# and estimators the base classes in their folder.
LAYERS = [
    {
        "_kernels",
        "_doors.py",
        "_names.py",
        "_packages.py",
        "_pipelines.py",
        "_version.py",
        "_warn.py",
    },
    {"_images/peeked_sequence.py", "_images/shared_images.py"},
    {"_images/kinds.py"},
    {"_checks.py", "_methods.py"},
    {"_describe.py", "_displays/drawing.py"},
    {"_callbacks.py", "_output.py", "_parameters.py", "_images/axes.py", "_images/completion.py"}
    | {"_images/faults.py", "_images/joined.py", "_images/masks.py"},
    {"_images/reach.py", "_images/readers.py", "_features/pixel_rows.py"},
    {"_images/aligned_masks.py"},
    {"_images/images.py", "_images/tags.py"},
    {"_images/slices.py", "_images/dask_regions.py", "_images/scale.py", "_images/selection.py"}
    | {"_images/transform_blocks.py"},
    {"_images/dask_images.py", "_images/device_images.py"},
    {"_images/containers.py", "_mask_operators.py"} | {"datasets.py", "morphology.py"},
    {"_scores/averages.py", "_scores/mask_pairs.py", "_scores/registry.py", "thresholds.py"},
    {"_scores/object_counts.py"},
    {"_scores/object_scores.py", "_scores/overlap_scores.py"}
    | {"_scores/surface_scores.py", "_scores/threshold_curve.py"},
    {"_scores/mask_scorer.py"},
    {"metrics.py", "_mask_prediction.py"},
    {"_displays", "_reading.py"},
    {"base.py"},
    {"display.py"},
    {"_maskers/histogram_masker.py", "_cleaners/binary_morphology.py"}
    | {"_cleaners/masks_of_images.py", "_cleaners/region_cleaner.py"}
    | {"_composition/mask_combination.py"}
    | {"_features/local_features.py", "_steps/image_filter.py"},
    {"_maskers/linear_form.py", "_maskers/network_form.py", "_maskers/one_thread.py"}
    | {"_maskers/pixel_choices.py", "_maskers/pixel_labels.py"}
    | {"_maskers/ready_classifiers.py"},
    {"_maskers/pixel_features.py", "_maskers/pixel_folds.py", "_maskers/pixel_model.py"}
    | {"_maskers/pixel_samples.py"},
    {"_maskers/pixel_learner.py"},
    {"_appliers", "_cleaners", "_composition", "_features", "_maskers", "_steps"},
    {"_onnx/graph.py", "_onnx/classifiers.py", "_search/candidates.py"}
    | {"_search/evaluation.py", "_search/samples.py", "_search/timing.py"},
    {"_onnx/pixels.py"},
    {"_onnx/export.py", "_search/search_masker.py"},
    {"_files/headers.py", "_files/opened_file.py"},
    {"_files/dicom_file.py", "_files/nifti_file.py", "_files/numpy_file.py"}
    | {"_files/pillow_file.py", "_files/tiff_file.py", "_files/encode.py"},
    {"_files/open_file.py"},
    {"_files/image_files.py"},
    {"_files/pair_files.py", "_files/write_files.py"},
    {"__init__.py", "io.py"},
    {"_cli/arguments.py", "_cli/models.py", "_cli/pictures.py"},
    {"_cli/report.py"},
    {"_cli/apply.py", "_cli/compare.py", "_cli/describe.py"}
    | {"_cli/learn.py", "_cli/score.py", "_cli/show.py"},
    {"_cli/main.py"},
    {"__main__.py"},
]


def layer(path):
    """Return the layer of a file, or of the folder that holds it."""
    name = path.as_posix()
    for part in (name, name.partition("/")[0]):
        for i, parts in enumerate(LAYERS):
            if part in parts:
                return i
    msg = f"{path} is in no layer. Add it, or its folder, to LAYERS."
    raise AssertionError(msg)


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


def test_architecture_lists_every_folder():
    page = (PYPROJECT.parent / "docs" / "architecture.rst").read_text()
    folders = {path.parts[0] for path in MODULES if len(path.parts) > 1}
    assert not [folder for folder in folders if f"{folder}/``" not in page]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_private_names_of_sklearn_are_imported_in_two_files(path):
    private = [
        name
        for name in imports_of(path)
        if name.startswith("sklearn") and any(part.startswith("_") for part in name.split("."))
    ]
    assert not private or path.name in ("_parameters.py", "base.py")


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
    code = (
        f"import sys; {missing}; import skmask; print(*sys.modules)\n"
        "skmask.metrics.dice_score; skmask.datasets; print('display' in dir(skmask))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    modules, has_submodules = result.stdout.splitlines()
    assert has_submodules == "True"
    loaded = modules.split()
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


def test_what_is_no_submodule_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'skmask' has no attribute 'maskers'"):
        skmask.maskers  # noqa: B018
