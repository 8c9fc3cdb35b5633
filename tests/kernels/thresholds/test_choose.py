from functools import partial

import cv2
import numpy as np
import pytest
import SimpleITK
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import filters

from skmask import use_engine
from skmask._kernels.thresholds.choose import THRESHOLD_METHODS, choose

IMAGES = ("camera", "coins", "page", "moon", "text")
GRAYS = np.arange(256)

# From the formulas and, where one has the method, from scikit-image, OpenCV, mahotas, DIPlib and
# SimpleITK. Two values are not SimpleITK's, by definition: moments of camera (136 there) takes the
# cut nearest to the p-tile, not the next above it; intermodes of camera (111 there) smooths
# without losing counts at black and white.
LITERATURE = {
    "otsu": (102, 107, 157, 87, 109),
    "isodata": (102, 107, 157, 86, 108),
    "li": (78, 93, 145, 71, 99),
    "yen": (146, 110, 121, 135, 94),
    "kapur": (140, 123, 121, 135, 94),
    "renyi": (141, 114, 121, 135, 93),
    "shanbhag": (144, 115, 130, 190, 80),
    "huang": (79, 97, 195, 114, 129),
    "moments": (135, 109, 149, 108, 112),
    "minerror": (65, 100, 206, 84, 101),
    "ght": (65, 100, 206, 84, 101),
    "intermodes": (109, 101, 198, 172, 168),
    "minimum": (85, 143, 191, 207, 192),
    "triangle": (42, 80, 206, 126, 104),
    "rosin": (42, 80, 238, 126, 160),
    "percentile": (152, 86, 182, 113, 135),
    "median": (152, 86, 182, 113, 135),
}
# Methods that return their threshold and do not snap it to the middle of a gap.
DIRECT = {
    "gaussian_mixture",
    "intermodes",
    "isodata",
    "mean",
    "minimum",
    "robust_background",
}
# Methods that need two modes.
ONE_MODE_FAILS = {"intermodes", "minimum"}


def count_grays(name):
    return np.bincount(getattr(skimage.data, name)().ravel(), minlength=256)


def two_modes(seed, n_bins=256):
    rng = np.random.default_rng(seed)
    dark = rng.normal(rng.uniform(0.2, 0.35), 0.06, 20_000)
    bright = rng.normal(rng.uniform(0.6, 0.8), 0.08, rng.integers(3_000, 20_000))
    pixels = np.concatenate([dark, bright]).clip(0, 1)
    return np.bincount((pixels * (n_bins - 1)).astype(int), minlength=n_bins)


histograms = arrays(np.int64, st.integers(2, 40), elements=st.integers(0, 9)).filter(
    lambda counts: np.count_nonzero(counts) >= 2
)


@pytest.mark.parametrize("image", range(5))
@pytest.mark.parametrize("method", sorted(LITERATURE))
def test_shipped_images_give_the_value_in_the_literature(method, image):
    choice = choose(method, count_grays(IMAGES[image]), GRAYS, integer=True)
    low, high = choice.interval
    assert low <= LITERATURE[method][image] < high
    assert low <= choice.threshold < high
    assert choice.threshold == int(choice.threshold)


@pytest.mark.parametrize("image", IMAGES)
def test_mean_and_robust_background_equal_numpy_on_pixels(image):
    pixels = np.sort(getattr(skimage.data, image)().ravel())
    assert choose("mean", count_grays(image), GRAYS).threshold == pytest.approx(pixels.mean())
    n_low, n_high = int(0.05 * pixels.size), int(0.95 * pixels.size)
    kept = pixels[n_low:n_high]
    expected = kept.mean() + 2 * kept.std()
    found = choose("robust_background", count_grays(image), GRAYS).threshold
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("method", ["otsu", "isodata", "yen"])
def test_random_histogram_agrees_with_scikit_image(method, seed):
    counts = two_modes(seed)
    expected = getattr(filters, f"threshold_{method}")(hist=(counts, GRAYS))
    low, high = choose(method, counts, GRAYS).interval
    assert low <= expected < high


@pytest.mark.parametrize("seed", range(8))
def test_li_is_no_worse_than_scikit_image(seed):
    # Scikit-image iterates to a local optimum: compare the cross-entropy, not the threshold.
    counts = two_modes(seed)
    choice = choose("li", counts, GRAYS)
    image = np.repeat(GRAYS, counts).astype(np.uint8)[None]
    theirs = int(filters.threshold_li(image))
    assert np.nanmax(choice.criterion) >= choice.criterion[theirs]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("method", "itk_filter"),
    [
        ("otsu", SimpleITK.OtsuThresholdImageFilter),
        ("yen", SimpleITK.YenThresholdImageFilter),
        ("kapur", SimpleITK.MaximumEntropyThresholdImageFilter),
        ("renyi", SimpleITK.RenyiEntropyThresholdImageFilter),
        ("shanbhag", SimpleITK.ShanbhagThresholdImageFilter),
        ("intermodes", SimpleITK.IntermodesThresholdImageFilter),
    ],
)
def test_random_histogram_agrees_with_simpleitk(method, itk_filter, seed):
    counts = two_modes(seed)
    counts[[0, 255]] += 1
    image = np.repeat(GRAYS, counts).astype(np.uint8)[None]
    reference = itk_filter()
    reference.SetNumberOfHistogramBins(256)
    reference.Execute(SimpleITK.GetImageFromArray(image))
    choice = choose(method, counts, GRAYS, integer=True)
    low, high = choice.interval
    assert low <= int(reference.GetThreshold()) < high


@settings(deadline=None, max_examples=60)
@given(arrays(np.uint8, (6, 7)).filter(lambda image: image.min() < image.max()))
def test_otsu_splits_as_opencv(image):
    theirs, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    choice = choose("otsu", np.bincount(image.ravel(), minlength=256), GRAYS)
    # OpenCV takes the first of tied cuts, skmask the middle of their run: compare the criterion.
    assert choice.criterion[int(theirs)] == pytest.approx(np.nanmax(choice.criterion), rel=1e-6)


@pytest.mark.parametrize("n_bins", [2, 3, 50, 700])
@pytest.mark.parametrize(
    "method", ["otsu", "isodata", "yen", "li", "kapur", "median", "percentile"]
)
def test_empty_bins_change_nothing(method, n_bins):
    """Empty bins are left out of counts that are integers, but not of weights."""
    rng = np.random.default_rng(n_bins)
    for share in (0.02, 0.3, 1):
        counts = rng.integers(1, 1000, n_bins) * (rng.random(n_bins) < share)
        counts[[0, -1]] += 1
        for integer in (False, True):
            found = choose(method, counts, np.arange(n_bins), integer=integer)
            expected = choose(method, counts.astype(float), np.arange(n_bins), integer=integer)
            assert found[:2] == expected[:2]
            if found.criterion is not None:
                np.testing.assert_array_equal(found.criterion, expected.criterion)


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_both_engines_choose_alike(method):
    rng = np.random.default_rng(0)
    for n_bins in (2, 255, 4096):
        counts = rng.integers(0, 50, n_bins) + rng.poisson(200 * rng.random(n_bins)) + 1
        for weights in (counts, counts / 7):
            centers = np.linspace(-1, 1, n_bins)
            try:
                found = choose(method, weights, centers)
            except ValueError:
                continue  # no two modes
            with use_engine("numpy"):
                expected = choose(method, weights, centers)
            assert found[:2] == expected[:2]
            if found.criterion is not None:
                np.testing.assert_array_equal(found.criterion, expected.criterion)


def test_plateau_between_modes_is_cut_in_the_middle():
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.normal(50, 5, 5000), rng.normal(150, 5, 5000)])
    pixels = pixels.clip([35] * 5000 + [135] * 5000, [65] * 5000 + [165] * 5000).astype(int)
    choice = choose("otsu", np.bincount(pixels, minlength=256), GRAYS)
    assert choice.threshold == pytest.approx(100, abs=2)
    assert choice.interval == (pixels[pixels < 100].max(), pixels[pixels > 100].min())


def test_tied_splits_are_cut_in_the_middle_of_their_first_run():
    assert choose("otsu", [1, 0, 1, 0, 1], range(5)).threshold == 2.0
    separate = choose(lambda counts, centers: np.array([0.0, 1, 1, 0, 1]), [1] * 6, range(6))
    assert separate.threshold == 2.0
    assert separate.interval == (2.0, 3.0)


def test_score_within_a_gap_is_that_of_its_first_cut():
    choice = choose(lambda counts, centers: np.array([1.0, 9, 2]), [0, 4, 0, 4, 4], range(5))
    assert choice.threshold == 3.5
    np.testing.assert_array_equal(choice.criterion, [np.nan, 1, 1, 2, np.nan])


@settings(deadline=None, max_examples=60)
@given(histograms, st.sampled_from(sorted(THRESHOLD_METHODS)), st.booleans())
def test_interval_holds_the_thresholds_of_the_same_split(counts, method, integer):
    centers = np.arange(counts.size) * 2.0 - 7
    try:
        threshold, (low, high), _ = choose(method, counts, centers, integer=integer)
    except ValueError:
        return
    values = centers[counts > 0]
    assert low <= threshold < high
    assert low == max(values[values <= threshold], default=-np.inf)
    assert high == min(values[values > threshold], default=np.inf)


@settings(deadline=None, max_examples=60)
@given(histograms, st.sampled_from(sorted(set(THRESHOLD_METHODS) - DIRECT)))
def test_integer_rounds_down_without_another_split(counts, method):
    try:
        exact = choose(method, counts, range(counts.size))
    except ValueError:
        return
    rounded = choose(method, counts, range(counts.size), integer=True)
    assert rounded.threshold == np.floor(exact.threshold)
    assert rounded.interval == exact.interval


def test_integer_keeps_a_threshold_whose_floor_splits_differently():
    assert choose("otsu", [3, 4], [0.2, 0.6], integer=True).threshold == pytest.approx(0.4)


@settings(deadline=None, max_examples=80)
@given(
    histograms,
    st.sampled_from(sorted(THRESHOLD_METHODS)),
    st.integers(-6, 10),
    st.integers(-1000, 1000),
)
def test_threshold_moves_with_an_affine_change_of_intensity(counts, method, exponent, offset):
    # Powers of two and integers keep the centers free of rounding, and ties what they are.
    scale = 2.0**exponent
    centers = np.arange(counts.size)
    try:
        threshold = choose(method, counts, centers).threshold
    except ValueError:
        with pytest.raises(ValueError, match="Use method="):
            choose(method, counts, scale * centers + offset)
        return
    moved = choose(method, counts, scale * centers + offset).threshold
    np.testing.assert_allclose(moved, scale * threshold + offset, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
@pytest.mark.parametrize(("scale", "offset"), [(0.037, 12.3), (1e-5, -1.0), (1e7, 1e9)])
def test_threshold_of_real_pixels_moves_with_any_affine_change(method, scale, offset):
    counts = count_grays("coins")
    expected = scale * choose(method, counts, GRAYS).threshold + offset
    found = choose(method, counts, scale * GRAYS + offset).threshold
    assert found == pytest.approx(expected, abs=1e-6 * scale)


@settings(deadline=None, max_examples=40)
@given(histograms, st.sampled_from(["huang", "kapur", "median", "minerror", "otsu", "yen"]))
def test_mirrored_histogram_gives_mirrored_scores(counts, method):
    occupied = np.flatnonzero(counts)
    counts = counts[occupied[0] : occupied[-1] + 1]
    scores = THRESHOLD_METHODS[method](counts.astype(float), np.arange(counts.size) * 1.0)
    mirrored = THRESHOLD_METHODS[method](counts[::-1].astype(float), np.arange(counts.size) * 1.0)
    np.testing.assert_allclose(scores, mirrored[::-1], rtol=1e-6, atol=1e-7)


@settings(deadline=None, max_examples=60)
@given(histograms, st.sampled_from(sorted(set(THRESHOLD_METHODS) - {"ght"})), st.floats(1e-6, 1e12))
def test_counts_may_be_weights_of_any_scale(counts, method, weight):
    centers = range(counts.size)
    try:
        threshold = choose(method, counts, centers).threshold
    except ValueError:
        return
    weighted = choose(method, counts * weight, centers).threshold
    np.testing.assert_allclose(weighted, threshold, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_constant_histogram_leaves_nothing_in_the_foreground(method):
    assert choose(method, [0, 0, 7, 0], range(4)) == (2.0, (2.0, np.inf), None)


@pytest.mark.parametrize("method", sorted(set(THRESHOLD_METHODS) - DIRECT))
def test_two_values_are_cut_in_the_middle(method):
    assert choose(method, [0, 7, 0, 0, 0, 2, 0], range(7)).threshold == 3.0


@pytest.mark.parametrize("method", ["isodata", "minimum", "intermodes"])
def test_two_values_are_cut_in_the_middle_by_direct_methods_too(method):
    assert choose(method, [0, 7, 0, 0, 0, 2, 0], range(7)).threshold == 3.0


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_counts_near_the_largest_integer_are_no_harm(method):
    counts = two_modes(1)
    expected = choose(method, counts, GRAYS).threshold
    large = choose(method, counts * 10**14, GRAYS).threshold
    assert large == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_one_stray_pixel_beside_many_gives_a_finite_threshold(method):
    counts = np.zeros(4096)
    counts[:5] = 1e15, 3e15, 4e15, 2e15, 1e14
    counts[-1] = 1
    centers = np.linspace(-1e-3, 1e-3, 4096)
    if method in ONE_MODE_FAILS:
        with pytest.raises(ValueError, match="Use method="):
            choose(method, counts, centers)
    else:
        assert -1e-3 <= choose(method, counts, centers).threshold < 1e-3


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_denormal_and_huge_centers_are_split_as_any(method):
    counts = two_modes(2)
    low, _ = choose(method, counts, GRAYS).interval
    for scale in (1e-310, 1e300):
        split = choose(method, counts, GRAYS * scale).interval[0]
        assert split == low * scale


def test_neighboring_floats_are_told_apart():
    low = 1.0
    high = np.nextafter(low, 2)
    choice = choose("otsu", [2, 3], [low, high])
    assert low <= choice.threshold < high


@pytest.mark.parametrize("method", sorted(set(THRESHOLD_METHODS) - {"yen", "kapur", "renyi"}))
def test_fine_bins_agree_with_coarse_ones(method):
    # Entropies of bins depend on their width by definition.
    rng = np.random.default_rng(5)
    pixels = np.concatenate([rng.normal(0.25, 0.05, 400_000), rng.normal(0.7, 0.08, 200_000)])
    edges = [np.linspace(0, 1, n_bins + 1) for n_bins in (256, 4096)]
    coarse, fine = (
        choose(method, np.histogram(pixels, edge)[0], (edge[1:] + edge[:-1]) / 2).threshold
        for edge in edges
    )
    assert fine == pytest.approx(coarse, abs=0.03)


def test_partial_of_a_method_is_a_method():
    counts = count_grays("camera")
    method = partial(THRESHOLD_METHODS["percentile"], p=0.2)
    low, high = choose(method, counts, GRAYS).interval
    shares = np.cumsum(counts) / counts.sum()
    assert int(low) == np.argmin(abs(shares - 0.2))
    assert high == low + 1


def test_inputs_are_not_written_to():
    counts = two_modes(3)
    centers = np.arange(256.0)
    for array in (counts, centers):
        array.flags.writeable = False
    for method in THRESHOLD_METHODS:
        choose(method, counts, centers)
