import numpy as np
import pytest
import skimage.data
from numpy.testing import assert_array_equal
from skimage import filters
from sklearn.model_selection import GridSearchCV

from skmask import HistogramThresholdMasker, LocalThresholdMasker
from skmask._kernels.local.thresholds import LOCAL_METHODS
from skmask.metrics import dice_score, dice_scorer


def uneven(n_images=4, seed=0):
    """Spots on backgrounds that climb by more than the spots stand out."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((n_images, 48, 64), bool)
    for mask in masks:
        for row, column in rng.integers(3, [42, 58], (12, 2)):
            mask[row : row + 4, column : column + 4] = True
    images = 60 + 25 * masks + np.linspace(0, 100, 64) + rng.normal(0, 3, masks.shape)
    return images.clip(0, 255).astype(np.uint8), masks


@pytest.mark.parametrize("window", [15, (9, 41)])
@pytest.mark.parametrize("foreground", ["bright", "dark"])
@pytest.mark.parametrize(
    ("method", "params", "threshold"),
    [
        (
            "mean",
            {"offset": 4.0},
            lambda image, window: filters.threshold_local(image, window, "mean", 4),
        ),
        ("gaussian", {}, lambda image, window: filters.threshold_local(image, window)),
        ("median", {}, lambda image, window: filters.threshold_local(image, window, "median")),
        (
            "niblack",
            {"k": -0.3},
            lambda image, window: filters.threshold_niblack(image, window, -0.3),
        ),
        ("sauvola", {}, lambda image, window: filters.threshold_sauvola(image, window, 0.2, 127.5)),
    ],
)
def test_masks_equal_those_of_scikit_image(method, params, threshold, foreground, window):
    image = skimage.data.page()[:80, :100]
    theirs = image > threshold(image, window)
    masker = LocalThresholdMasker(method, window=window, foreground=foreground, **params)
    mask = masker.transform(image[np.newaxis])[0]
    # Sums in another order put a few pixels on the other side of a tie.
    assert (mask == (theirs if foreground == "bright" else ~theirs)).mean() > 0.999


@pytest.mark.parametrize("method", LOCAL_METHODS)
def test_rows_volumes_and_lists_are_thresholded_as_images(method):
    volumes = np.random.default_rng(0).integers(0, 255, (3, 5, 8, 9), np.uint8)
    masker = LocalThresholdMasker(method, window=(3, 5, 7))
    masks = masker.transform(volumes)
    folded = LocalThresholdMasker(method, window=(3, 5, 7), image_shape=(5, 8, 9))
    assert_array_equal(folded.transform(volumes.reshape(3, -1)), masks.reshape(3, -1))
    for mask, one in zip(masker.transform(list(volumes)), masks, strict=True):
        assert_array_equal(mask, one)


def test_spots_are_found_where_no_threshold_finds_them():
    X, y = uneven()
    unseen, truth = uneven(seed=1)
    grid = {"method": ["mean", "gaussian"], "window": [9, 15], "offset": [-12, -8, 0]}
    search = GridSearchCV(LocalThresholdMasker(), grid, scoring=dice_scorer, cv=2).fit(X, y)
    assert dice_score(truth, search.transform(unseen)) > 0.95
    best_of_all = HistogramThresholdMasker("dice").fit(X, y)
    assert dice_score(truth, best_of_all.transform(unseen)) < 0.5


def test_unfitted_masker_serves_as_it_is():
    X, _ = uneven()
    masker = LocalThresholdMasker("bernsen")
    assert_array_equal(masker.transform(X), LocalThresholdMasker("bernsen").fit(X).transform(X))


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"method": "otsu"}, "LocalThresholdMasker expects method to be one of mean, .*got 'otsu'"),
        ({"window": 4}, "LocalThresholdMasker expects window to be a positive odd integer"),
        ({"window": (3, 3, 3)}, "LocalThresholdMasker expects window .* each of the 2 axes"),
        ({"window": (3, 2)}, r"LocalThresholdMasker expects window .* got \(3, 2\)"),
        ({"window": (3.0, 3)}, "LocalThresholdMasker expects window"),
        ({"window": [[3], 3]}, r"LocalThresholdMasker expects window .* got \[\[3\], 3\]"),
        ({"window": 0}, "'window' parameter of LocalThresholdMasker must be"),
        ({"k": 0.1}, "LocalThresholdMasker expects k=None with method='mean'"),
        ({"value_range": (1, 0)}, r"LocalThresholdMasker expects value_range=\(low, high\)"),
        ({"value_range": (1,)}, r"LocalThresholdMasker expects value_range=\(low, high\)"),
        ({"value_range": (0, np.nan)}, r"low < high, got \(0, nan\)"),
        ({"offset": None}, "'offset' parameter of LocalThresholdMasker must be"),
        ({"foreground": "auto"}, "'foreground' parameter of LocalThresholdMasker must be"),
    ],
)
def test_bad_choices_are_refused_with_a_fit_and_without(params, match):
    X, _ = uneven()
    masker = LocalThresholdMasker(**params)
    for call in (masker.fit, masker.transform):
        with pytest.raises(ValueError, match=match):
            call(X)


@pytest.mark.parametrize("method", ["mean", "gaussian", "median", "sauvola", "bernsen"])
def test_windows_are_bounded_by_the_images(method):
    X = np.random.default_rng(0).integers(0, 256, (1, 64, 64), np.uint8)
    with pytest.raises(
        ValueError, match=r"window=20001 for images of shape \(64, 64\). Use a smaller"
    ):
        LocalThresholdMasker(method, window=20001).transform(X)
    with pytest.raises(
        ValueError, match="expects a window of about the size of the images at most"
    ):
        LocalThresholdMasker(method, window=(5, 10**9 + 1)).fit(X)
    if method != "median":  # counted or sorted window by window
        assert LocalThresholdMasker(method, window=255).transform(X).shape == X.shape
