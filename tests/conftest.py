"""Settings and images that tests share."""

import gc
import os

# scikit-learn skips its array API check unless this is set before SciPy is imported.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

# Threads of OpenMP and BLAS cost more than they save on small images: fits of scikit-learn took up to
# 100 times as long while something else used the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import numpy as np
import pytest

import skmask  # noqa: F401  # before pytest imports its modules for their doctests, one by one

# How long an example takes says something of the machine. Every run judges a change on the same examples;
# ``python -m tests.fuzz`` and ``--hypothesis-profile=random`` draw new ones.
hypothesis.settings.register_profile(
    "skmask",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "random", hypothesis.settings.get_profile("skmask"), derandomize=False
)
hypothesis.settings.load_profile("skmask")


GC_THRESHOLDS = gc.get_threshold()


def pytest_collection():
    """Pause garbage collections while modules and tests are made, which stay."""
    gc.set_threshold(0)  # as dask asks whether they are enabled when it is imported


def pytest_collection_finish():
    """Collect garbage as usual: hypothesis asks the collector who refers to an object."""
    gc.set_threshold(*GC_THRESHOLDS)


@pytest.fixture
def disks():
    """Bright disks on a dark, noisy background: uint8 images and their true masks."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :40]
    masks = np.zeros((8, 32, 40), bool)
    for mask in masks:
        for cy, cx, r in zip(rng.uniform(4, 28, 3), rng.uniform(4, 36, 3), [3, 4, 5], strict=True):
            mask |= (y - cy) ** 2 + (x - cx) ** 2 <= r**2
    images = np.where(masks, 150, 60) + rng.normal(0, 12, masks.shape)
    return images.clip(0, 255).astype(np.uint8), masks
