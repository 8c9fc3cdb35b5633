"""The ready-made search: it finds the better family, says what it tried, and keeps folds apart."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from skmask import HistogramThresholdMasker, PixelClassifierMasker, search_masker
from skmask._search.candidates import Candidate
from skmask._search.evaluation import best_cleaning, dice_of, fold_numbers, unseen_masks
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score
from tests.maskers.test_pixel_classifier_masker import make_textures

pytestmark = pytest.mark.filterwarnings("ignore:.*images like those of training:UserWarning")


def test_texture_needs_a_classifier_of_pixels(capsys):
    X, y = make_textures(8)
    masker = search_masker(X[:6], y[:6], budget=25)
    assert isinstance(masker, Pipeline)
    assert any(isinstance(step, PixelClassifierMasker) for _, step in masker.steps)
    assert dice_score(y[6:], masker.transform(X[6:])) > 0.9
    printed = capsys.readouterr().out
    assert "+- s.e." in printed
    assert "6 images, each scored by maskers of others" in printed
    names = [result["name"] for result in masker.search_results_]
    scores = [result["score"] for result in masker.search_results_]
    assert {"threshold", "pixels, logistic", "local sauvola, dark"} <= set(names)
    assert scores == sorted(scores, reverse=True)


def test_a_budget_that_is_spent_leaves_the_cheap_candidates():
    data = make_masked_images(4, (40, 40), random_state=0)
    masker = search_masker(data.images, data.masks, budget=1e-9, verbose=False)
    assert isinstance(masker[0], HistogramThresholdMasker)
    names = {result["name"].partition(",")[0] for result in masker.search_results_}
    assert names == {"threshold"}
    assert dice_score(data.masks, masker.transform(data.images)) > 0.9


def test_lists_colors_and_labels():
    data = make_masked_images(4, (40, 44), random_state=0)
    colors = [np.stack([image, image // 2, 255 - image], axis=-1) for image in data.images]
    colors[0] = colors[0][:30]
    masks = [mask.astype(np.uint8) * 7 for mask in data.masks]
    masks[0] = masks[0][:30]
    masker = search_masker(colors, masks, channel_axis=-1, budget=4, verbose=False)
    found = masker.transform(colors)
    assert found[0].shape == (30, 44)
    assert dice_of(found, [mask > 0 for mask in masks]).mean() > 0.9


def test_series_are_paired_by_position():
    data = make_masked_images(6, (24, 32), random_state=0)
    expected = search_masker(list(data.images), list(data.masks), budget=1e-9, verbose=False)
    X = pd.Series(list(data.images), index=[3, 1, 5, 0, 2, 4])
    for y in (pd.Series(list(data.masks)), list(data.masks), data.masks):
        found = search_masker(X, y, budget=1e-9, verbose=False)
        assert found.search_results_[0]["score"] == expected.search_results_[0]["score"]


def test_no_image_is_scored_by_a_masker_that_saw_it():
    # The brightness of an image tells its label, but only to what has seen that image.
    rng = np.random.default_rng(0)
    X = list(np.arange(12)[:, None, None] * 10.0 + rng.normal(0, 0.1, (12, 16, 16)))
    labels = rng.permutation(12) < 6
    y = [np.full((16, 16), label) for label in labels]
    for mask in y:
        mask[0, :2] = True, False
    folds = fold_numbers(12, 4, 0)
    assert np.bincount(folds).tolist() == [3, 3, 3, 3]
    masker = PixelClassifierMasker(KNeighborsClassifier(1), random_state=0)
    candidate = Candidate("memory", [], [masker])
    seen = masker.fit(X, y).transform(X)
    assert np.mean([mask == found for mask, found in zip(y, seen, strict=True)]) > 0.95
    unseen = unseen_masks(candidate, X, y, folds)
    assert np.mean([mask == found for mask, found in zip(y, unseen, strict=True)]) < 0.8


def test_cleaning_is_added_where_it_helps():
    data = make_masked_images(3, (60, 60), random_state=0)
    true = list(data.masks)
    noisy = [mask.copy() for mask in true]
    for mask in noisy:
        mask[::7, ::7] = ~mask[::7, ::7]
    steps, name, _, scores = best_cleaning(noisy, true)
    assert len(steps) == 2
    assert "holes below" in name
    assert "regions below" in name
    assert scores.mean() > dice_of(noisy, true).mean()
    assert best_cleaning(true, true)[0] == []


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"budget": 0}, "budget to be a positive number of seconds, got 0"),
        ({"y": None}, "at least two images, each with a mask, got no masks"),
        ({"y": np.zeros((2, 8, 8), bool)}, ".*got 3 images and 2 masks"),
    ],
)
def test_what_cannot_be_searched_is_refused(arguments, match):
    given = {"X": np.zeros((3, 8, 8)), "y": np.zeros((3, 8, 8), bool)} | arguments
    with pytest.raises(ValueError, match=f"search_masker expects {match}"):
        search_masker(**given)
