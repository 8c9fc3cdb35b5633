"""What every score accepts as masks, and what it refuses."""

import inspect

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skmask import metrics
from skmask._scores.mask_pairs import score_pairs

SCORES = [
    name
    for name, score in vars(metrics).items()
    if inspect.isfunction(score) and list(inspect.signature(score).parameters)[0] == "y_true"
]
SURFACE = ["average_surface_distance", "hausdorff_distance", "surface_dice"]
OBJECTS = ["count_error", "mean_matched_iou", "panoptic_quality"]
OBJECTS += [name for name in SCORES if name.startswith("object_")]
OVERLAP = sorted(set(SCORES) - set(SURFACE) - set(OBJECTS))
DISTANCES = ["average_surface_distance", "hausdorff_distance", "count_error"]


@pytest.fixture
def pair():
    return np.random.default_rng(0).random((2, 5, 7, 9)) < 0.4


@pytest.fixture(params=SCORES)
def score(request):
    return getattr(metrics, request.param)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64, np.float16, np.float64])
@pytest.mark.parametrize("value", [1, 100])
def test_numbers_of_two_values_score_like_booleans(score, pair, dtype, value):
    y_true, y_pred = pair
    assert score(dtype(value) * y_true, y_pred) == score(y_true, y_pred)
    assert score(y_true, dtype(value) * y_pred) == score(y_true, y_pred)


def test_minus_one_is_a_value_like_others(score, pair):
    assert score(-1 * pair[0], pair[1]) == score(*pair)


def test_lists_score_like_stacks(score, pair):
    y_true, y_pred = pair
    expected = score(y_true, y_pred, average=None)
    for true, pred in [
        (list(y_true), list(y_pred)),
        (tuple(y_true), y_pred),
        (y_true, list(y_pred)),
    ]:
        np.testing.assert_array_equal(score(true, pred, average=None), expected)


def test_masks_of_different_sizes_score_one_by_one(score, pair):
    y_true, y_pred = pair
    sizes = [(7, 9), (3, 9), (7, 4), (1, 2), (5, 5)]
    true, pred = (
        [mask[:height, :width] for mask, (height, width) in zip(masks, sizes, strict=True)]
        for masks in pair
    )
    expected = [score(t[np.newaxis], p[np.newaxis]) for t, p in zip(true, pred, strict=True)]
    np.testing.assert_array_equal(score(true, pred, average=None), expected)
    ragged = np.empty(5, dtype=object)
    ragged[:] = true
    np.testing.assert_array_equal(score(ragged, pred, average=None), expected)


def test_masks_of_a_list_keep_their_places(score, pair):
    y_true, y_pred = (
        [mask[: 5 + i % 2].astype((bool, np.uint8)[i // 2 % 2]) for i, mask in enumerate(masks)]
        for masks in pair
    )
    expected = [score(t[np.newaxis], p[np.newaxis]) for t, p in zip(y_true, y_pred, strict=True)]
    np.testing.assert_array_equal(score(y_true, y_pred, average=None), expected)


def test_masks_of_one_size_in_a_list_are_scored_together():
    sizes = []

    def score(true, pred):
        sizes.append(len(true))
        return np.zeros(len(true))

    masks = [np.ones((4, 5 + i % 2), bool) for i in range(10)]
    score_pairs(score, masks, masks, None, caller="It")
    assert sizes == [5, 5]


def test_nested_lists_and_volumes_are_stacks(score, pair):
    assert score(pair[0].tolist(), pair[1].tolist()) == score(*pair)
    volumes = pair[:, :, :6].reshape(2, 5, 2, 3, 9)
    expected = [score(t[np.newaxis], p[np.newaxis]) for t, p in zip(*volumes, strict=True)]
    np.testing.assert_array_equal(score(*volumes, average=None), expected)


def test_masks_are_not_written_to_and_may_be_read_only(score, pair):
    y_true, y_pred = pair.astype(np.uint8)
    y_true.setflags(write=False)
    y_pred.setflags(write=False)
    roi = np.broadcast_to(np.arange(9) < 6, y_true.shape)
    assert np.isfinite(score(y_true, y_pred, roi=roi))


@pytest.mark.parametrize("name", OVERLAP)
def test_flat_rows_score_like_images_and_warn(name, pair):
    score = getattr(metrics, name)
    rows = pair.reshape(2, 5, -1)
    with pytest.warns(
        UserWarning, match=rf"{name} .* shape \(5, 63\).*masks\[np.newaxis\]"
    ) as record:
        result = score(*rows)
    assert record[0].filename == __file__
    assert result == score(*pair)
    with pytest.warns(UserWarning, match="reshape flat rows"):
        assert score(pd.DataFrame(rows[0]), pd.DataFrame(rows[1])) == result


@pytest.mark.parametrize("name", SURFACE + OBJECTS)
def test_surfaces_and_objects_of_flat_rows_are_refused(name, pair):
    rows = pair.reshape(2, 5, -1)
    with pytest.raises(
        ValueError, match=rf"{name} expects a stack .* \(5, 63\)\. Use masks\[np.newaxis\]"
    ):
        getattr(metrics, name)(*rows)


def test_single_row_is_refused_with_the_fix(score):
    row = np.ones(4, dtype=bool)
    with pytest.raises(
        ValueError, match=r"expects y_true .* shape \(4,\)\. Use masks\[np.newaxis\]"
    ):
        score(row, row)


@pytest.mark.parametrize(
    ("masks", "error", "match"),
    [
        (np.full((5, 7, 9), np.nan), ValueError, "expects y_pred to be masks"),
        (np.arange(315).reshape(5, 7, 9), ValueError, "Use y_pred > 0 for label images"),
        (np.where(np.arange(9) < 3, -1, 1) * np.ones((5, 7, 1)), ValueError, "expects y_pred to be masks"),
        (np.ones((5, 7, 9), dtype=complex), TypeError, "y_pred to be booleans or numbers, got dtype complex"),
        (np.full((5, 7, 9), "a"), TypeError, "got dtype <U1"),
        (np.full((5, 7, 9), None), TypeError, "got dtype object"),
        (None, TypeError, "y_pred to be an array or a list of arrays, got None. Read files first"),
        ([np.ones((7, 9)), None], TypeError, "got None. Read files first, and leave out"),
        (iter([np.ones((7, 9))]), TypeError, "got a list_iterator, which can be read only once. Use list"),
        (np.ma.ones((5, 7, 9)), TypeError, r"plain arrays as y_pred, got .* Use y_pred.filled\(0\)"),
        ([np.ma.ones((7, 9))] * 5, TypeError, r"plain arrays as y_pred, got .* Use image.filled\(0\)"),
        (sparse.csr_array((5, 63)), TypeError, r"got a sparse csr_array, .* Use y_pred.toarray\(\)"),
        (np.ones((5, 7, 0)), ValueError, r"y_pred to have pixels, got shape \(5, 7, 0\)"),
        (np.ones((0, 7, 9)), ValueError, r"y_pred to have pixels, got shape \(0, 7, 9\)"),
        ([], ValueError, "y_pred to have pixels, got an empty list"),
        (np.ones((4, 7, 9)), ValueError, "y_pred to have 5 masks like y_true, got 4"),
        (np.ones((5, 1, 9)), ValueError, r"shape \(7, 9\), the shape of y_true\[0\], got \(1, 9\)"),
        (np.ones((5, 63)), ValueError, r"y_pred\[0\] of shape \(7, 9\)"),
        ([np.ones((7, 9))] * 4 + [np.ones((9, 7))], ValueError, r"y_pred\[4\] of shape \(7, 9\)"),
    ],
)  # fmt: skip
def test_what_is_no_mask_is_refused(score, pair, masks, error, match):
    if score.__name__ in OBJECTS and match.startswith("Use y_pred > 0"):
        return  # label images have objects
    with pytest.raises(error, match=rf"^{score.__name__} .*{match}"):
        score(pair[0], masks)


def test_regions_are_not_broadcast_but_for_one_of_all_masks(score, pair):
    with pytest.raises(ValueError, match="roi to have 5 masks like y_true, got 7"):
        score(*pair, roi=np.ones((7, 8)))
    with pytest.raises(ValueError, match=r"roi\[0\] of shape .* use np.broadcast_to"):
        score(*pair, roi=np.ones((5, 1, 1)))


@pytest.mark.parametrize("score", OVERLAP + SURFACE, indirect=True)
def test_two_values_hold_for_the_whole_collection(score):
    ones = np.ones((2, 1025, 1024), dtype=np.uint8)
    labels = ones * np.array([1, 2], dtype=np.uint8)[:, np.newaxis, np.newaxis]
    for masks in (labels, list(labels)):
        with pytest.raises(ValueError, match="expects y_true to be masks"):
            score(masks, ones)


@pytest.mark.parametrize("average", ["macro", "none", 1])
def test_unknown_average_is_refused(score, pair, average):
    with pytest.raises(ValueError, match=rf"^{score.__name__} expects average .* got {average!r}"):
        score(*pair, average=average)


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_are_not_pooled(name, pair):
    with pytest.raises(ValueError, match="expects average to be 'mean' or None, got 'micro'"):
        getattr(metrics, name)(*pair, average="micro")


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        (
            np.ones(4),
            r"sample_weight to be one number for each of 5 images, got an array of shape \(4,\)",
        ),
        (np.ones((5, 7, 9)), r"each of 5 images, got an array of shape \(5, 7, 9\)"),
        (np.zeros(5), "got zero weights only"),
        ([1, 1, -1, 1, 1], "not negative"),
        ([1, 1, np.nan, 1, 1], "finite"),
    ],
)
def test_weights_that_make_no_mean_are_refused(score, pair, weights, match):
    with pytest.raises(ValueError, match=match):
        score(*pair, sample_weight=weights)


def test_weights_count_masks_as_often(score, pair):
    weights = np.array([2, 0, 1, 3, 1])
    repeated = np.repeat(pair, weights, axis=1)
    assert score(*pair, sample_weight=weights) == pytest.approx(score(*repeated))
    if score.__name__ not in DISTANCES:
        expected = score(*repeated, average="micro")
        assert score(*pair, average="micro", sample_weight=weights) == pytest.approx(expected)


def test_weight_zero_leaves_a_mask_out_whatever_its_score(score, pair):
    pair[1, 0] = False
    weights = [0, 1, 1, 1, 1]
    assert score(*pair, sample_weight=weights) == pytest.approx(score(*pair[:, 1:]))
