"""The ready-made search: it finds the better family, says what it tried, and keeps folds apart."""

import re
import sys

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import zarr
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from skmask import (
    HistogramThresholdMasker,
    ImageNormalizer,
    PixelClassifierMasker,
    describe,
    search_masker,
)
from skmask._search.candidates import Candidate, candidates
from skmask._search.evaluation import (
    best_cleaning,
    dice_of,
    fold_numbers,
    masks_of,
    unseen_results,
)
from skmask._search.samples import draw_samples
from skmask._search.timing import Budget, TooSlow, Watch
from skmask.datasets import make_masked_images
from skmask.metrics import dice_score
from tests.maskers.test_pixel_classifier_masker import make_textures

pytestmark = pytest.mark.filterwarnings("ignore:.*images like those of training:UserWarning")


@pytest.fixture
def timeless(monkeypatch):
    """Let searches take no time, so that they try all candidates on every machine."""
    module = sys.modules["skmask._search.search_masker"]
    monkeypatch.setattr(module, "Budget", lambda seconds: Budget(seconds, lambda: 0.0))


@pytest.mark.usefixtures("timeless")
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


@pytest.mark.usefixtures("timeless")
def test_stains_that_vary_need_images_made_comparable():
    rng = np.random.default_rng(0)
    data = make_masked_images(8, (40, 40), noise=4, random_state=0)
    stains = rng.uniform(0.3, 3, (8, 1, 1, 3))
    X = (data.images[..., None] + rng.normal(0, 10, (8, 40, 40, 3))) * stains
    masker = search_masker(X[:4], data.masks[:4], channel_axis=-1, verbose=False)
    scores = {result["name"]: result["score"] for result in masker.search_results_}
    assert scores["normalized, pixels, logistic"] > scores["pixels, logistic"] + 0.05
    assert dice_score(data.masks[4:], masker.transform(X[4:])) > 0.9


@pytest.mark.parametrize("n_images", [4, 8])
def test_few_images_are_spared_the_second_network(n_images):
    tried = candidates(n_images=n_images, n_channels=1, channel_axis=None, random_state=0)
    second = {candidate.name: candidate.after for candidate in tried if candidate.after}
    names = {"pixels, MLP, texture", "pixels, MLP, levels"} if n_images >= 8 else set()
    assert second == {f"{name}, twice": name for name in names}
    assert names <= {candidate.name for candidate in tried}


def test_a_budget_that_is_spent_leaves_the_cheap_candidates():
    data = make_masked_images(4, (40, 40), random_state=0)
    masker = search_masker(data.images, data.masks, budget=1e-9, verbose=False)
    assert isinstance(masker[0], HistogramThresholdMasker)
    names = {result["name"].partition(",")[0] for result in masker.search_results_}
    assert names == {"threshold"}
    assert dice_score(data.masks, masker.transform(data.images)) > 0.9


@pytest.mark.usefixtures("timeless")
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


@pytest.mark.usefixtures("timeless")
def test_candidates_that_images_rule_out_are_skipped(capsys):
    data = make_masked_images(4, (24, 32), random_state=0)
    negative = data.images.astype(float) - 1000
    masker = search_masker(negative, data.masks, budget=4)
    assert dice_score(data.masks, masker.transform(negative)) > 0.9
    errors = {one["name"]: one["error"] for one in masker.search_skipped_}
    assert set(errors) == {
        f"relative to {name}, threshold" for name in ("otsu", "li", "multi_otsu")
    }
    message = "ImageNormalizer expects some training image to have a positive threshold"
    assert all(error.startswith(message) for error in errors.values())
    assert f"relative to otsu, threshold  skipped: {message}" in re.sub(
        " +skipped", "  skipped", capsys.readouterr().out
    )


def test_error_of_the_first_candidate_is_told_if_all_have_one(monkeypatch):
    def relative(**options):
        steps = [ImageNormalizer("otsu"), HistogramThresholdMasker("dice")]
        return [Candidate("relative", [], steps), Candidate("again", [], steps)]

    monkeypatch.setattr(sys.modules["skmask._search.search_masker"], "candidates", relative)
    data = make_masked_images(3, (8, 8), random_state=0)
    with pytest.raises(ValueError, match="ImageNormalizer expects .* a positive threshold"):
        search_masker(data.images - 1000.0, data.masks, budget=1, verbose=False)


@pytest.mark.parametrize("n_channels", [1, 2, 4])
@pytest.mark.usefixtures("timeless")
def test_any_number_of_channels_can_be_searched(n_channels):
    data = make_masked_images(4, (24, 32), random_state=0)
    noise = np.random.default_rng(0).integers(0, 200, (*data.images.shape, n_channels))
    noise[..., -1] = data.images
    masker = search_masker(noise, data.masks, channel_axis=-1, budget=4, verbose=False)
    assert dice_score(data.masks, masker.transform(noise)) > 0.9
    assert not any(one["error"] for one in masker.search_skipped_)
    names = {one["name"].removesuffix(", threshold") for one in masker.search_results_}
    assert {f"channel {i}" for i in range(n_channels)} <= names


def test_images_in_files_and_chunks_are_searched(tmp_path):
    data = make_masked_images(4, (24, 32), random_state=0)
    expected = search_masker(data.images, data.masks, budget=1e-9, verbose=False)
    X = zarr.array(data.images, store=tmp_path / "images.zarr", chunks=(1, 8, 32))
    y = zarr.array(data.masks, store=tmp_path / "masks.zarr", chunks=(1, 8, 32))
    chunks = da.from_array(data.images, chunks=(2, 10, 10))
    for images, masks in ((X, y), (X, data.masks), (chunks, y)):
        found = search_masker(images, masks, budget=1e-9, verbose=False)
        assert found.search_results_[0]["score"] == expected.search_results_[0]["score"]


def test_no_image_is_scored_by_a_masker_that_saw_it():
    # The brightness of an image tells its label, but only to what has seen that image.
    rng = np.random.default_rng(0)
    X = list(np.arange(12)[:, None, None] * 10.0 + rng.normal(0, 0.1, (12, 16, 16)))
    labels = rng.permutation(12) < 6
    y = [np.full((16, 16), label) for label in labels]
    for mask in y:
        mask[0, :2] = True, False
    folds = fold_numbers(y, 4, 0)
    assert np.bincount(folds).tolist() == [3, 3, 3, 3]
    masker = PixelClassifierMasker(KNeighborsClassifier(1), random_state=0)
    seen = masker.fit(X, y).transform(X)
    assert np.mean([mask == found for mask, found in zip(y, seen, strict=True)]) > 0.95
    watch = Watch(Budget(np.inf), growth=1)
    _, unseen = masks_of(unseen_results([masker], X, y, folds, watch), y, folds)
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
    ("n_images", "expected"), [(4, ["regions below 5"]), (8, ["regions below 100"])]
)
def test_cleaning_leaves_the_smallest_objects_of_few_images(n_images, expected):
    # To lose the small object costs less than to keep the blobs, which are larger.
    mask = np.zeros((60, 60), bool)
    mask[5:30, 5:30] = mask[50:54, 50:54] = True
    wrong = mask.copy()
    wrong[5:13, 40:48] = wrong[40, 10] = True
    _, name, found, _ = best_cleaning([wrong] * n_images, [mask] * n_images)
    assert name.split(", ")[1:] == expected
    assert found[0][51, 51] == (n_images == 4)


class Clock:
    """A clock that goes on by what classifiers cost, not by the time of the machine."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class SlowClassifier(GaussianNB):
    """A classifier whose fit takes a thousandth of a second of a `Clock` for each pixel."""

    clock = Clock()

    def fit(self, X, y):
        self.clock.now += len(X) / 1000
        return super().fit(X, y)


def slow_candidates(**options):
    n_pixels = {"quick": 20, "slow": 500, "bounded": 50}
    return [
        Candidate("threshold", [], [HistogramThresholdMasker("dice")]),
        *(
            Candidate(name, [], [PixelClassifierMasker(SlowClassifier(), n_pixels=n)])
            for name, n in n_pixels.items()
        ),
    ]


@pytest.fixture
def clock(monkeypatch):
    SlowClassifier.clock.now = 0.0
    module = sys.modules["skmask._search.search_masker"]
    monkeypatch.setattr(module, "candidates", slow_candidates)
    monkeypatch.setattr(
        module, "warm_up", lambda *_: None
    )  # takes no time of the machine, but of the clock
    monkeypatch.setattr(module, "Budget", lambda seconds: Budget(seconds, SlowClassifier.clock))
    return SlowClassifier.clock


@pytest.mark.parametrize(
    ("budget", "expected"),
    [(0.9, ["quick", "slow", "bounded"]), (4, ["slow", "bounded"]), (9, ["slow"]), (99, [])],
)
def test_candidates_that_would_be_late_are_skipped(clock, budget, expected, capsys):
    X, y = make_textures(12)
    masker = search_masker(X, y, budget=budget)
    assert [one["name"] for one in masker.search_skipped_] == expected
    assert clock.now <= 1.2 * budget
    printed = capsys.readouterr().out
    if "slow" in expected:
        # 4 folds of 9 images with 500 pixels each, and then a fit to 12 images, told by 2 images.
        told = {one["name"]: one["seconds"] for one in masker.search_skipped_}["slow"]
        assert told == pytest.approx(4 * 4.5 + 6 + 1, rel=0.05)
        assert re.search(rf"^slow +skipped: would take {told:.0f} s$", printed, re.MULTILINE)


def test_candidates_that_turn_out_to_be_late_are_stopped():
    clock = Clock()
    watch = Watch(Budget(10, clock), growth=4 / 3)
    clock.now = 1.0
    watch.done(1, 4)
    clock.now = 3.0
    with pytest.raises(TooSlow) as caught:
        watch.done(1, 4)
    assert caught.value.seconds == 12


def test_large_images_are_searched_on_a_part(monkeypatch):
    samples = sys.modules["skmask._search.samples"]
    monkeypatch.setattr(samples, "WINDOW_PIXELS", 100)
    data = make_masked_images(4, (40, 60), random_state=0)
    colors = np.stack([data.images] * 3, axis=1)
    images, masks = draw_samples(colors, data.masks, 9, 1, 0, caller="search_masker")
    assert {image.shape for image in images} == {(3, 8, 12)}
    assert {mask.shape for mask in masks} == {(8, 12)}
    order = np.random.default_rng(0).permutation(4)
    for image, mask, i in zip(images, masks, order, strict=True):
        places = [
            (row, column)
            for row, column in np.ndindex(33, 49)
            if np.array_equal(image[0], data.images[i, row : row + 8, column : column + 12])
        ]
        row, column = places[0]
        assert np.array_equal(mask, data.masks[i, row : row + 8, column : column + 12])


def test_folds_share_images_without_foreground():
    masks = np.zeros((8, 2, 2), bool)
    masks[:4] = True
    folds = fold_numbers(masks, 4, 0)
    assert sorted(folds[:4]) == sorted(folds[4:]) == [0, 1, 2, 3]


def test_the_search_is_described():
    data = make_masked_images(4, (40, 40), random_state=0)
    masker = search_masker(data.images, data.masks, budget=1e-9, verbose=False)
    words = describe(masker)
    assert re.search(r"It was chosen from \d+ masker.* by a mean Dice coefficient of [01]", words)
    assert re.search(r"with a standard error of .*, of images that it was not fitted on", words)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"budget": 0}, "budget to be a positive number of seconds, got 0"),
        ({"y": None}, "at least two images, each with a mask, got no masks"),
        (
            {"X": np.zeros((1, 8, 8)), "y": np.zeros((1, 8, 8), bool)},
            "at least two images, .*got 1",
        ),
        ({"y": np.zeros((2, 8, 8), bool)}, r"y of shape \(3, 8, 8\), .* there are 3 images"),
        ({"y": np.arange(192).reshape(3, 8, 8)}, "y to be masks, .* Use y > 0 for label images"),
        ({"y": np.tri(8) * np.full((3, 1, 1), 0.7)}, "y to be masks, .* got 0.7. Use y > 0.5"),
        (
            {"X": np.full((3, 8, 8), np.nan), "y": np.tri(8) + np.zeros((3, 1, 1))},
            "finite foreground",
        ),
        (
            {"X": np.eye(8), "y": np.eye(8) > 0},
            "a stack or a list of images, .* single image is too few",
        ),
        (
            {"y": np.zeros((3, 8, 8), bool)},
            "finite foreground in at least two images, .* in 0 of 3",
        ),
        ({"y": np.ones((3, 8, 8), bool)}, "finite background in at least two images, .* in 0 of 3"),
        (
            {"y": np.eye(8)[:3] > 0},
            r"y of shape \(3, 8, 8\), the shape of the images, got \(3, 8\)",
        ),
        ({"X": np.zeros((3, 8, 8, 3))}, r"y of shape .* set channel_axis"),
    ],
)
def test_what_cannot_be_searched_is_refused(arguments, match):
    given = {"X": np.zeros((3, 8, 8)), "y": np.zeros((3, 8, 8), bool)} | arguments
    with pytest.raises(ValueError, match=f"search_masker expects {match}"):
        search_masker(**given)
