import numpy as np
import pytest
import SimpleITK as sitk
import skimage.metrics
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from scipy.spatial.distance import directed_hausdorff

from skmask import metrics

COUNTING = {
    "dice_score": sklearn.metrics.f1_score,
    "jaccard_score": sklearn.metrics.jaccard_score,
    "pixel_precision_score": sklearn.metrics.precision_score,
    "pixel_recall_score": sklearn.metrics.recall_score,
    "specificity_score": lambda true, pred: sklearn.metrics.recall_score(
        true, pred, pos_label=False
    ),
    "mcc_score": sklearn.metrics.matthews_corrcoef,
}
POOLED = [*COUNTING, "volume_similarity", "surface_dice"]
DISTANCES = ["average_surface_distance", "hausdorff_distance"]
ALL = [*POOLED, *DISTANCES]

stacks = st.integers(1, 4).flatmap(lambda n: arrays(bool, (2, n, 4, 5)))


def blobs(shape, seed, quantile=0.6):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 3)
    return field > np.quantile(field, quantile)


def blob_pair(n=4, shape=(40, 50)):
    """True masks, and predictions that differ as those of a slightly wrong threshold."""
    true = np.stack([blobs(shape, seed) for seed in range(n)])
    return true, np.stack([blobs(shape, seed, 0.52 + 0.04 * seed) for seed in range(n)])


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask)


def itk(mask):
    return sitk.GetImageFromArray(mask.astype(np.uint8))


@pytest.mark.parametrize(("name", "reference"), COUNTING.items(), ids=COUNTING)
def test_counting_scores_equal_scikit_learn_on_pixels(name, reference):
    score = getattr(metrics, name)
    true, pred = blob_pair()
    each = [reference(t.ravel(), p.ravel()) for t, p in zip(true, pred, strict=True)]
    np.testing.assert_allclose(score(true, pred, average=None), each, rtol=1e-12)
    assert score(true, pred) == pytest.approx(np.mean(each), rel=1e-12)
    pooled = reference(true.ravel(), pred.ravel())
    assert score(true, pred, average="micro") == pytest.approx(pooled, rel=1e-12)
    roi = np.stack([blobs(true[0].shape, seed) for seed in range(10, 14)])
    inside = reference(true[roi], pred[roi])
    assert score(true, pred, average="micro", roi=roi) == pytest.approx(inside, rel=1e-12)


@pytest.mark.parametrize("shape", [(40, 50), (12, 20, 16)])
def test_overlap_measures_equal_those_of_simpleitk(shape):
    true, pred = blob_pair(shape=shape)
    measures = sitk.LabelOverlapMeasuresImageFilter()
    for t, p in zip(true, pred, strict=True):
        measures.Execute(itk(t), itk(p))
        one = t[np.newaxis], p[np.newaxis]
        assert metrics.dice_score(*one) == pytest.approx(measures.GetDiceCoefficient())
        assert metrics.jaccard_score(*one) == pytest.approx(measures.GetJaccardCoefficient())
        # Theirs is the signed difference over the mean size.
        difference = measures.GetVolumeSimilarity()
        assert metrics.volume_similarity(*one) == pytest.approx(1 - abs(difference) / 2)


@pytest.mark.parametrize(
    ("shape", "spacing"), [((40, 50), (1.0, 1.0)), ((12, 20, 16), (2.5, 0.5, 0.8))]
)
def test_hausdorff_distance_equals_that_of_others_on_surfaces(shape, spacing):
    true, pred = blob_pair(shape=shape)
    ours = metrics.hausdorff_distance(true, pred, spacing=spacing, average=None)
    for t, p, distance in zip(true, pred, ours, strict=True):
        points = [np.argwhere(surface(mask)) * spacing for mask in (t, p)]
        forth, back = directed_hausdorff(*points)[0], directed_hausdorff(*points[::-1])[0]
        assert distance == pytest.approx(max(forth, back))
        images = [itk(surface(mask)) for mask in (t, p)]
        for image in images:
            image.SetSpacing(spacing[::-1])
        measure = sitk.HausdorffDistanceImageFilter()
        measure.Execute(*images)
        assert distance == pytest.approx(measure.GetHausdorffDistance(), rel=1e-5)
        if set(spacing) == {1.0}:
            expected = skimage.metrics.hausdorff_distance(surface(t), surface(p))
            assert distance == pytest.approx(expected)


@pytest.mark.parametrize("spacing", [1.0, (0.5, 2.0)])
def test_surface_scores_equal_their_definitions(spacing):
    true, pred = blob_pair()
    steps = np.broadcast_to(spacing, 2)
    both = []
    for t, p in zip(true, pred, strict=True):
        # The distance maps of the whole images, without crops and trees.
        t, p = surface(t), surface(p)
        maps = [ndimage.distance_transform_edt(~mask, sampling=steps) for mask in (t, p)]
        both.append((maps[1][t], maps[0][p]))
    joined = [np.concatenate(pair) for pair in both]
    np.testing.assert_allclose(
        metrics.hausdorff_distance(true, pred, percentile=95, spacing=spacing, average=None),
        [max(np.percentile(forth, 95), np.percentile(back, 95)) for forth, back in both],
    )
    np.testing.assert_allclose(
        metrics.average_surface_distance(true, pred, spacing=spacing, average=None),
        [np.mean(distances) for distances in joined],
    )
    for tolerance in (0, 0.5, 1, 2.3):
        arguments = {"tolerance": tolerance, "spacing": spacing}
        np.testing.assert_allclose(
            metrics.surface_dice(true, pred, **arguments, average=None),
            [np.mean(distances <= tolerance) for distances in joined],
        )
        assert metrics.surface_dice(true, pred, **arguments, average="micro") == pytest.approx(
            np.mean(np.concatenate(joined) <= tolerance)
        )


@pytest.mark.parametrize("name", ALL)
def test_region_cuts_surfaces_and_counts_as_if_the_rest_were_background(name):
    score = getattr(metrics, name)
    true, pred = blob_pair()
    roi = np.zeros_like(true)
    roi[:, 5:30, 10:45] = True
    cropped = true[:, 5:30, 10:45], pred[:, 5:30, 10:45]
    assert score(true, pred, roi=roi) == pytest.approx(score(*cropped))


@pytest.mark.parametrize(
    ("name", "both_empty", "one_empty"),
    [
        ("dice_score", 1, 0),
        ("jaccard_score", 1, 0),
        ("pixel_precision_score", 1, 0),
        ("pixel_recall_score", 1, 0),
        ("mcc_score", 1, 0),
        ("volume_similarity", 1, 0),
        ("surface_dice", 1, 0),
        ("average_surface_distance", 0, np.inf),
        ("hausdorff_distance", 0, np.inf),
    ],
)
def test_empty_masks_have_a_defined_score(name, both_empty, one_empty):
    score = getattr(metrics, name)
    empty, some = np.zeros((1, 4, 4), dtype=bool), np.eye(4, dtype=bool)[np.newaxis]
    assert score(empty, empty) == both_empty
    assert score(empty, some) == score(some, empty) == one_empty
    assert score(some, some, roi=empty) == both_empty


def test_specificity_of_empty_and_full_masks_is_defined():
    empty, some = np.zeros((1, 4, 4), dtype=bool), np.eye(4, dtype=bool)[np.newaxis]
    full = ~empty
    assert metrics.specificity_score(empty, empty) == metrics.specificity_score(some, empty) == 1
    assert metrics.specificity_score(empty, some) == 12 / 16
    assert metrics.specificity_score(full, full) == 1
    assert metrics.specificity_score(full, some) == metrics.specificity_score(full, empty) == 0


@pytest.mark.parametrize("name", ALL)
@settings(deadline=None, max_examples=40)
@given(masks=stacks)
def test_laws_of_scores(name, masks):
    score = getattr(metrics, name)
    best, low, high = (
        (0, 0, np.inf) if name in DISTANCES else (1, -1 if name == "mcc_score" else 0, 1)
    )
    true, pred = masks
    assert score(true, true) == best
    scores = score(true, pred, average=None)
    assert scores.shape == (len(true),)
    assert ((scores >= low) & (scores <= high)).all()
    assert score(true, pred) == pytest.approx(scores.mean())
    if name in POOLED:
        assert score(true[:1], pred[:1], average="micro") == pytest.approx(scores[0])
    swapped = {
        "pixel_precision_score": metrics.pixel_recall_score,
        "pixel_recall_score": metrics.pixel_precision_score,
    }.get(name, score)
    if name == "specificity_score":
        np.testing.assert_array_equal(
            scores, metrics.pixel_recall_score(~true, ~pred, average=None)
        )
    else:
        np.testing.assert_allclose(scores, swapped(pred, true, average=None))


@settings(deadline=None, max_examples=60)
@given(stacks)
def test_scores_relate_as_they_must(masks):
    dice = metrics.dice_score(*masks, average=None)
    jaccard = metrics.jaccard_score(*masks, average=None)
    np.testing.assert_allclose(dice, 2 * jaccard / (1 + jaccard))
    precision = metrics.pixel_precision_score(*masks, average=None)
    recall = metrics.pixel_recall_score(*masks, average=None)
    np.testing.assert_allclose(dice * (precision + recall), 2 * precision * recall)
    furthest = metrics.hausdorff_distance(*masks, average=None)
    assert (metrics.hausdorff_distance(*masks, percentile=95, average=None) <= furthest).all()
    assert (metrics.average_surface_distance(*masks, average=None) <= furthest).all()
    wide = metrics.surface_dice(*masks, tolerance=10, average=None)
    np.testing.assert_array_equal(wide == 1, np.isfinite(furthest))


@settings(deadline=None, max_examples=40)
@given(arrays(bool, (3, 1, 4, 5)))
def test_hausdorff_distance_obeys_the_triangle_inequality(masks):
    a, b, c = masks
    through_b = metrics.hausdorff_distance(a, b) + metrics.hausdorff_distance(b, c)
    assert metrics.hausdorff_distance(a, c) <= through_b + 1e-9


@pytest.mark.parametrize("name", [*DISTANCES, "surface_dice"])
@pytest.mark.parametrize("spacing", [0, -1, np.nan, np.inf, (1, 2, 3), (1,), (1, 0)])
def test_spacing_that_is_none_is_refused(name, spacing):
    true, pred = blob_pair(1)
    with pytest.raises(
        ValueError, match=rf"^{name} expects spacing to be a positive number or 2 of them"
    ):
        getattr(metrics, name)(true, pred, spacing=spacing)


@pytest.mark.parametrize("percentile", [-1, 101, np.nan])
def test_percentile_out_of_range_is_refused(percentile):
    with pytest.raises(ValueError, match="hausdorff_distance expects percentile between 0 and 100"):
        metrics.hausdorff_distance(*blob_pair(1), percentile=percentile)


@pytest.mark.parametrize("tolerance", [-1, np.nan])
def test_negative_tolerance_is_refused(tolerance):
    with pytest.raises(ValueError, match="surface_dice expects tolerance to be 0 or more"):
        metrics.surface_dice(*blob_pair(1), tolerance=tolerance)


@pytest.mark.parametrize(
    "score", [metrics.dice_score, metrics.mcc_score, metrics.average_surface_distance]
)
def test_region_of_interest_of_one_mask_serves_all(score, disks):
    images, masks = disks
    roi, found = images[0] < 130, images > 100
    everywhere = np.broadcast_to(roi, masks.shape)
    assert score(masks, found, roi=roi) == score(masks, found, roi=everywhere)
    assert score(masks, found, roi=roi) != score(masks, found)


def test_public_names_are_sorted_and_there():
    assert metrics.__all__ == sorted(metrics.__all__)
    assert all(hasattr(metrics, name) for name in metrics.__all__)
