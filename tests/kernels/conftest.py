"""Tests of kernels that have compiled twins run on both engines: results are the same bit for bit."""

import pytest

from skmask._kernels.compiled import use_engine

TWINS = (
    "features",
    "histograms",
    "local",
    "morphology",
    "pixels",
    "regions",
    "scores",
    "thresholds",
)


def pytest_generate_tests(metafunc):
    """Run the tests of a subject with twins once for each engine."""
    if metafunc.definition.path.parent.name in TWINS:
        metafunc.parametrize("engine", ["numpy", "numba"], indirect=True, scope="module")


@pytest.fixture(autouse=True, scope="module")
def engine(request):
    """Choose an engine, and return its name."""
    chosen = getattr(request, "param", "auto")
    with use_engine(chosen):
        yield chosen
