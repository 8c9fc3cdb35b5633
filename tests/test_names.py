import numpy as np
import pytest

from skmask import (
    BinaryDilator,
    HistogramRangeMasker,
    HistogramThresholdMasker,
    LocalThresholdMasker,
    MaskReconstructor,
    RegionStatistics,
    ThresholdMasker,
)
from skmask._names import did_you_mean
from skmask.metrics import MaskScorer, threshold_curve
from skmask.thresholds import choose_threshold

NAMES = ["li", "otsu", "triangle", "minimum", "minerror"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ostu", "otsu"),
        ("Otsu", "otsu"),
        ("LI", "li"),
        ("triangel", "triangle"),
        ("minim", "minimum"),
    ],
)
def test_closest_name_is_told(name, meant):
    assert did_you_mean(name, NAMES) == f" Did you mean {meant!r}?"


@pytest.mark.parametrize("name", ["watershed", "", 3, None])
def test_nothing_is_told_where_no_name_is_close(name):
    assert did_you_mean(name, NAMES) == ""


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (HistogramThresholdMasker("ostu").fit, "otsu"),
        (HistogramThresholdMasker("Dice").fit, "dice"),
        (HistogramThresholdMasker("trangle", strategy="per_image").transform, "triangle"),
        (HistogramRangeMasker("quantiles").fit, "quantile"),
        (LocalThresholdMasker("sauvolla").transform, "sauvola"),
        (BinaryDilator("dimond").fit, "diamond"),
        (
            MaskReconstructor(ThresholdMasker(), ThresholdMasker(), footprint="disc").transform,
            "disk",
        ),
        (RegionStatistics(ThresholdMasker(), statistics=("aera",)).fit, "area"),
        (lambda X: MaskScorer("jacard")(ThresholdMasker(), X, X), "jaccard"),
        (lambda X: threshold_curve(X, X, metric="dise"), "dice"),
        (lambda X: choose_threshold([1, 2], [1, 2], "minimun"), "minimum"),
    ],
)
def test_misspelt_name_is_refused_with_the_one_that_was_meant(call, meant):
    with pytest.raises(ValueError, match=rf"expects .*, got '\w+'\. Did you mean '{meant}'\?"):
        call(np.ones((1, 3, 4), bool))


@pytest.mark.parametrize(("name", "meant"), [("IoU", "jaccard"), ("f1", "dice")])
def test_other_names_of_scores_are_known(name, meant):
    assert did_you_mean(name, ["dice", "jaccard"]) == f" Did you mean {meant!r}?"
    assert did_you_mean(name, ["otsu"]) == ""
