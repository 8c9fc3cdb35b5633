import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.metrics import (
    f1_score,
    jaccard_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
)

from skmask._kernels.scores import overlap

SCORES = ["dice", "jaccard", "precision", "recall", "specificity", "volume_similarity", "mcc"]


def count_by_sums(y_true, y_pred, roi):
    axes = tuple(range(1, y_true.ndim))
    parts = y_true & y_pred, ~y_true & y_pred, y_true & ~y_pred, ~y_true & ~y_pred
    return np.stack([(part & roi).sum(axis=axes) for part in parts], axis=1)


@st.composite
def mask_triples(draw):
    shape = draw(array_shapes(min_dims=2, max_dims=4, max_side=20))
    return [draw(arrays(bool, shape)) for _ in range(3)]


@settings(deadline=None, max_examples=80)
@given(mask_triples())
def test_counts_equal_boolean_sums(masks):
    y_true, y_pred, roi = masks
    np.testing.assert_array_equal(
        overlap.count_overlap(y_true, y_pred), count_by_sums(y_true, y_pred, True)
    )
    np.testing.assert_array_equal(overlap.count_overlap(*masks), count_by_sums(*masks))


@pytest.mark.parametrize("width", [1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 511, 513])
def test_counts_are_exact_around_words(width):
    y_true, y_pred, roi = np.random.default_rng(width).random((3, 5, 1, width)) < 0.6
    np.testing.assert_array_equal(
        overlap.count_overlap(y_true, y_pred, roi), count_by_sums(y_true, y_pred, roi)
    )


@pytest.mark.parametrize("shape", [(1201, 30, 31), (3, 1025, 1024)])
def test_counts_are_exact_across_blocks(shape):
    y_true, y_pred, roi = np.random.default_rng(0).integers(0, 2, (3, *shape), dtype=np.uint8) == 1
    assert y_true.size > overlap._BLOCK
    np.testing.assert_array_equal(
        overlap.count_overlap(y_true, y_pred, roi), count_by_sums(y_true, y_pred, roi)
    )


@pytest.mark.parametrize("shape", [(4, 9, 11), (4, 8, 16), (4, 99), (4, 128)])
def test_any_memory_layout_gives_the_same_counts(shape):
    y_true, y_pred = np.random.default_rng(0).random((2, *shape)) < 0.5
    expected = overlap.count_overlap(y_true, y_pred)
    y_true.setflags(write=False)
    reversed_twice = np.ascontiguousarray(y_pred[:, ::-1])[:, ::-1]
    np.testing.assert_array_equal(
        overlap.count_overlap(np.asfortranarray(y_true), reversed_twice), expected
    )
    everywhere = np.broadcast_to(True, y_true.shape)
    np.testing.assert_array_equal(overlap.count_overlap(y_true, y_pred, everywhere), expected)


def test_no_masks_give_no_counts():
    assert overlap.count_overlap(np.ones((0, 3, 3), bool), np.ones((0, 3, 3), bool)).shape == (0, 4)


def test_memory_is_bounded_by_the_block():
    masks = np.ones((64, 512, 512), dtype=bool)
    tracemalloc.start()
    overlap.count_overlap(masks, masks, masks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < overlap._BLOCK


@settings(deadline=None, max_examples=80)
@given(arrays(bool, (2, 3, 12)))
def test_scores_equal_those_of_scikit_learn(masks):
    counts = overlap.count_overlap(*masks)
    for i, (true, pred) in enumerate(zip(*masks, strict=True)):
        # scikit-learn gives 0 and a warning where a class is missing.
        if len({*true}) < 2 or len({*pred}) < 2:
            continue
        expected = {
            "dice": f1_score(true, pred),
            "jaccard": jaccard_score(true, pred),
            "precision": precision_score(true, pred),
            "recall": recall_score(true, pred),
            "specificity": recall_score(true, pred, pos_label=False),
            "mcc": matthews_corrcoef(true, pred),
        }
        for name, value in expected.items():
            assert getattr(overlap, name)(*counts[i]) == pytest.approx(value, abs=1e-12)


# Counts tp, fp, fn, tn of: two empty masks, two full ones, an empty truth, an empty prediction, a full
# truth, a full prediction, an empty truth taken for full, a full one taken for empty, no pixels.
CASES = {
    "both empty": (0, 0, 0, 9),
    "both full": (9, 0, 0, 0),
    "true empty": (0, 4, 0, 5),
    "pred empty": (0, 0, 4, 5),
    "true full": (5, 0, 4, 0),
    "pred full": (5, 4, 0, 0),
    "empty, full": (0, 9, 0, 0),
    "full, empty": (0, 0, 9, 0),
    "no pixels": (0, 0, 0, 0),
}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("dice", [1, 1, 0, 0, 10 / 14, 10 / 14, 0, 0, 1]),
        ("jaccard", [1, 1, 0, 0, 5 / 9, 5 / 9, 0, 0, 1]),
        ("precision", [1, 1, 0, 0, 1, 5 / 9, 0, 0, 1]),
        ("recall", [1, 1, 0, 0, 5 / 9, 1, 0, 0, 1]),
        ("specificity", [1, 1, 5 / 9, 1, 0, 0, 0, 0, 1]),
        ("volume_similarity", [1, 1, 0, 0, 10 / 14, 10 / 14, 0, 0, 1]),
        ("mcc", [1, 1, 0, 0, 0, 0, -1, -1, 1]),
    ],
)
def test_empty_and_full_masks_have_a_defined_score(score, expected):
    function = getattr(overlap, score)
    counts = np.array(list(CASES.values()))
    np.testing.assert_allclose(function(*counts.T), expected)
    np.testing.assert_allclose([float(function(*row)) for row in counts], expected)


@pytest.mark.parametrize("score", SCORES)
def test_counts_of_billions_do_not_overflow(score):
    # A score depends on the shares of the pixels, not on their number.
    function = getattr(overlap, score)
    small, large = np.array([5, 3, 2, 7]), np.array([5, 3, 2, 7]) * 10**12
    assert function(*large) == pytest.approx(float(function(*small)), rel=1e-12)
