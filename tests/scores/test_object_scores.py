"""Scores of objects against a reference implementation of matching, and what all scores do with groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score

from skmask import RegionSplitter, ThresholdMasker, label_regions, metrics
from skmask.metrics import MaskScorer, count_error, object_f1_score, panoptic_quality

NAMES = [
    "object_f1_score",
    "object_precision_score",
    "object_recall_score",
    "panoptic_quality",
    "mean_matched_iou",
]
DISTANCES = ["average_surface_distance", "hausdorff_distance", "count_error"]
OTHERS = ["dice_score", "jaccard_score", "mcc_score", "surface_dice", "volume_similarity"]


def reference(true, pred, iou):
    """Match as StarDist does, on the matrix of all overlaps of one pair of label images."""
    n_true, n_pred = (len(np.unique(one[one > 0])) for one in (true, pred))
    overlaps = np.zeros((n_true, n_pred))
    for i, label in enumerate(np.unique(true[true > 0])):
        for j, other in enumerate(np.unique(pred[pred > 0])):
            one, two = true == label, pred == other
            overlaps[i, j] = (one & two).sum() / (one | two).sum()
    matched = overlaps >= iou
    gains = matched + matched * overlaps / (2 * max(1, min(overlaps.shape)))
    rows, columns = linear_sum_assignment(gains, maximize=True)
    kept = matched[rows, columns]
    tp, total = kept.sum(), overlaps[rows, columns][kept].sum()
    fp, fn = n_pred - tp, n_true - tp
    if n_true + n_pred == 0:
        return dict.fromkeys(NAMES, 1.0) | {"count_error": 0.0}
    return {
        "object_f1_score": 2 * tp / (2 * tp + fp + fn),
        "object_precision_score": tp / n_pred if n_pred else 0.0,
        "object_recall_score": tp / n_true if n_true else 0.0,
        "panoptic_quality": total / (tp + fp / 2 + fn / 2),
        "mean_matched_iou": total / tp if tp else 0.0,
        "count_error": abs(n_pred - n_true),
    }


def blobs(n_images=5, shift=0.0, seed=0):
    noise = np.random.default_rng(seed).random((n_images, 50, 60))
    smooth = np.stack([ndimage.gaussian_filter(one, 2) for one in noise])
    return smooth > 0.505 + shift


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.3, 0.5, 0.6, 1.0]))
def test_label_images_score_as_by_the_reference(seed, iou):
    rng = np.random.default_rng(seed)
    shape = (3, *rng.integers(1, 7, 2))
    true = rng.integers(0, 5, shape) * rng.integers(1, 3)
    # Most objects keep their pixels, so that some match and some have rivals.
    pred = np.where(rng.random(shape) < 0.3, rng.integers(0, 5, shape), true)
    if len(np.unique(true)) < 3 or len(np.unique(pred)) < 3:
        return  # read as masks
    expected = [reference(*pair, iou) for pair in zip(true, pred, strict=True)]
    for name in NAMES:
        scores = getattr(metrics, name)(true, pred, iou=iou, average=None)
        assert_allclose(scores, [one[name] for one in expected], err_msg=name)
    assert_array_equal(
        count_error(true, pred, average=None), [one["count_error"] for one in expected]
    )


@pytest.mark.parametrize("connectivity", [1, 2])
def test_masks_score_as_their_label_images(connectivity):
    true, pred = blobs(), blobs(shift=0.005)
    labels = [label_regions(masks, connectivity=connectivity) for masks in (true, pred)]
    for name in [*NAMES, "count_error"]:
        score = getattr(metrics, name)
        expected = score(*labels, average=None)
        assert expected.mean() > 0
        given = (true, pred), (true, labels[1]), (labels[0], pred), ([*true], [*labels[1]])
        for pair in given:
            result = score(*pair, connectivity=connectivity, average=None)
            assert_array_equal(result, expected)


def test_volumes_and_sizes_and_gaps_of_labels_do_not_matter():
    true, pred = label_regions(blobs()), label_regions(blobs(shift=0.01))
    expected = panoptic_quality(true, pred, average=None)
    assert_array_equal(panoptic_quality(true * 7, pred * 3, average=None), expected)
    stacked = panoptic_quality(true[:, np.newaxis], pred[:, np.newaxis], average=None)
    assert_array_equal(stacked, expected)
    cut = [[one[: 20 + 5 * i] for i, one in enumerate(stack)] for stack in (true, pred)]
    alone = [
        panoptic_quality(*(one[np.newaxis] for one in pair)) for pair in zip(*cut, strict=True)
    ]
    assert_array_equal(panoptic_quality(*cut, average=None), alone)


def test_several_overlaps_give_one_score_each():
    true, pred = blobs(), blobs(shift=0.008)
    ious = [0.5, 0.7, 0.9]
    expected = [object_f1_score(true, pred, iou=iou) for iou in ious]
    assert_allclose(object_f1_score(true, pred, iou=ious), expected)
    assert object_f1_score(true, pred, iou=ious, average=None).shape == (5, 3)
    pooled = [object_f1_score(true, pred, iou=iou, average="micro") for iou in ious]
    assert_allclose(object_f1_score(true, pred, iou=ious, average="micro"), pooled)
    scorer = MaskScorer("object_f1", metric_params={"iou": ious})
    masker = ThresholdMasker(0.5).fit(pred)
    assert scorer(masker, pred.astype(float), true) == pytest.approx(np.mean(expected))


def test_roi_cuts_objects():
    true, pred = label_regions(blobs()), label_regions(blobs(shift=0.01))
    roi = np.zeros(true.shape, bool)
    roi[:, :30] = True
    expected = object_f1_score(true[:, :30], pred[:, :30])
    assert object_f1_score(true, pred, roi=roi) == expected
    assert object_f1_score(true, pred, roi=roi[0]) == expected


def test_search_over_splits_finds_touching_objects():
    rows, columns = np.indices((40, 60))
    disks = [np.hypot(rows - 20, columns - column) < 12 for column in (18, 38)]
    labels = np.zeros((4, 40, 60), int)
    labels[:, disks[0]], labels[:, disks[1]] = 1, 2
    search = GridSearchCV(
        RegionSplitter(), {"depth": [1, 100]}, scoring=metrics.object_f1_scorer, cv=2
    ).fit(labels > 0, labels)
    assert search.best_params_ == {"depth": 1}
    assert search.best_score_ == 1
    assert metrics.neg_count_error_scorer(search, labels > 0, labels) == 0


@pytest.mark.parametrize("name", [*NAMES, *OTHERS, *DISTANCES])
def test_empty_pairs_are_one_nan_or_left_out(name):
    score = getattr(metrics, name)
    true, pred = blobs(), blobs(shift=0.01)
    true[1] = pred[1] = pred[2] = False
    perfect = 0 if name in DISTANCES else 1
    scores = score(true, pred, average=None)
    assert scores[1] == perfect
    missing = score(true, pred, average=None, empty="nan")
    assert np.isnan(missing).tolist() == [False, True, False, False, False]
    assert_array_equal(score(true, pred, average=None, empty="skip"), missing)
    assert np.isnan(score(true, pred, empty="nan"))
    left = [0, 2, 3, 4]
    assert score(true, pred, empty="skip") == pytest.approx(scores[left].mean())
    weights = np.arange(5)
    expected = scores.mean() if name in DISTANCES[:2] else np.average(scores, weights=weights)
    assert score(true, pred, sample_weight=weights) == pytest.approx(expected)
    nothing = np.zeros((2, 4, 5), bool)
    assert score(nothing, nothing) == perfect
    assert np.isnan(score(nothing, nothing, empty="skip"))
    with pytest.raises(ValueError, match=f"{name} expects empty to be 'one', 'nan' or 'skip'"):
        score(true, pred, empty="zero")


def test_full_pairs_are_empty_for_the_background():
    full = np.ones((1, 3, 4), bool)
    for score in (metrics.specificity_score, metrics.mcc_score):
        assert score(full, full) == 1
        assert np.isnan(score(full, full, empty="nan"))


@pytest.mark.parametrize("name", ["object_f1_score", "dice_score", "surface_dice", "count_error"])
def test_groups_count_alike(name):
    score = getattr(metrics, name)
    true, pred = blobs(), blobs(shift=0.01)
    groups = ["a", "b", "a", "a", "b"]
    scores = score(true, pred, average=None)
    expected = (scores[[0, 2, 3]].mean() + scores[[1, 4]].mean()) / 2
    assert score(true, pred, groups=groups) == pytest.approx(expected)
    assert score(true, pred, groups=["a", None, "a", "a", None]) == pytest.approx(expected)
    weights = [1, 2, 0, 3, 0]
    expected = ((scores[0] + 3 * scores[3]) / 4 + scores[1]) / 2
    assert score(true, pred, groups=groups, sample_weight=weights) == pytest.approx(expected)
    if name != "count_error":
        micro = [score(true[ix], pred[ix], average="micro") for ix in ([0, 2, 3], [1, 4])]
        assert score(true, pred, groups=groups, average="micro") == pytest.approx(np.mean(micro))
    with pytest.raises(ValueError, match=rf"{name} expects groups of shape \(5,\), got \(4,\)"):
        score(true, pred, groups=groups[:4])


def test_groups_are_routed_to_scorer_and_splitter():
    true = blobs(6)
    groups = np.array([0, 0, 1, 1, 1, 2])
    with config_context(enable_metadata_routing=True):
        scorer = MaskScorer("dice").set_score_request(groups=True)
        scores = cross_val_score(
            ThresholdMasker(0.5),
            true.astype(float),
            true,
            scoring=scorer,
            cv=GroupKFold(3),
            params={"groups": groups},
        )
    assert_array_equal(scores, [1, 1, 1])


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"iou": 0}, "iou to be above 0 and at most 1"),
        ({"iou": [0.5, 1.5]}, "iou to be above 0 and at most 1"),
        ({"iou": []}, "iou to be above 0 and at most 1"),
        ({"average": "macro"}, "average to be 'mean'"),
        ({"connectivity": 3}, "connectivity from 1 to the number of axes"),
        ({"y_true": np.linspace(0, 5, 24).reshape(2, 3, 4)}, "got other dtypes. Use y_true.astype"),
        ({"y_pred": np.arange(24).reshape(2, 3, 4) - 3}, "got other numbers"),
    ],
)
def test_bad_input_is_refused(change, match):
    given = {"y_true": np.ones((2, 3, 4), bool), "y_pred": np.ones((2, 3, 4), bool)} | change
    with pytest.raises(ValueError, match=f"object_f1_score expects .*{match}"):
        object_f1_score(**given)
