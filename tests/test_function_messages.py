"""A table of public functions, every parameter, and values of the wrong kind.

A value is accepted, or refused with an error that names the function and the parameter and says what to do.
"""

import inspect
import warnings

import numpy as np
import pytest

import skmask
from skmask import metrics, morphology, thresholds
from tests.test_messages import VALUES, faults_of

RNG = np.random.default_rng(0)
MASKS = RNG.random((3, 5, 6)) < 0.4
OTHERS = RNG.random((3, 5, 6)) < 0.4
IMAGES = RNG.integers(0, 99, (3, 5, 6)).astype(np.uint8)
COUNTS, CENTERS = np.array([9, 5, 1, 4, 8, 3, 1]), np.arange(7)
HISTOGRAM = {"counts": COUNTS, "centers": CENTERS}
PAIR = {"y_true": MASKS, "y_pred": OTHERS}

GIVEN = {
    getattr(metrics, name): PAIR
    for name in metrics.__all__
    if name.endswith(("_score", "_error", "_iou", "_dice", "_distance", "_quality", "_similarity"))
} | {
    metrics.surface_dice: PAIR | {"tolerance": 1},
    metrics.threshold_curve: {"images": IMAGES, "masks": MASKS},
    thresholds.count_pixels: {"images": IMAGES},
    thresholds.choose_threshold: HISTOGRAM,
    thresholds.compare_thresholds: HISTOGRAM,
    thresholds.multi_otsu: HISTOGRAM | {"n_classes": 3},
    **dict.fromkeys(
        [morphology.dilate, morphology.erode, morphology.opening, morphology.closing],
        {"mask": MASKS},
    ),
    morphology.reconstruct: {"seeds": MASKS & OTHERS, "limit": MASKS},
    skmask.label_regions: {"masks": MASKS},
    skmask.region_table: {"masks": MASKS, "images": IMAGES},
}
# What reads images as estimators do refuses them in the words of scikit-learn, which its checks ask for.
READ = ("images", "masks", "roi")


def name_of(function):
    return function.__name__


def errors_of(function, given):
    """Give, of each parameter and value, the error; values that are accepted are left out."""
    reads_images = not {"y_true", "counts"} & given.keys()
    for name in inspect.signature(function).parameters:
        if reads_images and name in READ:
            continue
        for value in VALUES:
            if name in ("metric", "method") and inspect.isroutine(value):
                continue  # a function of the user says in its own words what it cannot take
            try:
                with warnings.catch_warnings(action="ignore"):
                    function(**given | {name: value})
            except Exception as error:
                yield name, value, error


@pytest.mark.parametrize("function", GIVEN, ids=name_of)
def test_wrong_values_are_refused_by_name_and_with_a_remedy(function):
    with warnings.catch_warnings(action="ignore"):
        function(**GIVEN[function])
    bad = [
        f"{name}={value!r:.40} {', '.join(faults)}: {str(error)[:300]}"
        for name, value, error in errors_of(function, GIVEN[function])
        if (faults := list(faults_of(error, name_of(function), name)))
    ]
    assert not bad, "\n".join(bad)
