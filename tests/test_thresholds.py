import functools
import math

import dask.array
import diplib
import numpy as np
import pytest
import skimage.data
import skimage.filters
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

from skmask import HistogramThresholdMasker, thresholds
from skmask.datasets import make_masked_images
from skmask.metrics import dice_scorer
from skmask.thresholds import (
    CRITERIA,
    THRESHOLD_METHODS,
    choose_threshold,
    compare_thresholds,
    count_pixels,
    multi_otsu,
    register_threshold_method,
)


def midrange(counts, centers):
    return centers[[0, -1]].mean()


@pytest.fixture
def registry(monkeypatch):
    """Take back what a test registers."""
    for name in THRESHOLD_METHODS:
        monkeypatch.setitem(THRESHOLD_METHODS, name, THRESHOLD_METHODS[name])
    yield THRESHOLD_METHODS
    for name in set(THRESHOLD_METHODS) - set(thresholds.__all__):
        del THRESHOLD_METHODS[name]


def test_public_names_are_sorted_and_there():
    assert thresholds.__all__ == sorted(thresholds.__all__)
    assert all(hasattr(thresholds, name) for name in thresholds.__all__)


def test_methods_and_criteria_are_public_under_their_names():
    for name, function in (THRESHOLD_METHODS | CRITERIA).items():
        assert getattr(thresholds, name) is function


@pytest.mark.parametrize("name", ["camera", "coins", "text"])
@pytest.mark.parametrize("method", ["otsu", "isodata", "yen"])
def test_functions_give_the_thresholds_of_scikit_image(name, method):
    image = getattr(skimage.data, name)()
    theirs = getattr(skimage.filters, f"threshold_{method}")(image)
    choice = choose_threshold(*count_pixels(image), method)
    assert choice.threshold == theirs
    counts = np.bincount(image.ravel(), minlength=256)
    assert choose_threshold(counts, range(256), method)[:2] == choice[:2]


@pytest.mark.parametrize("name", ["camera", "coins", "page", "moon", "text"])
def test_thresholds_are_near_those_of_diplib(name):
    # DIPlib lays its bins so that they do not coincide with integers.
    image = getattr(skimage.data, name)()
    counts, centers = count_pixels(image)
    for share in (0.1, 0.5, 0.8):
        _, theirs = diplib.Threshold(image, method="volume", parameter=share)
        ours = choose_threshold(
            counts, centers, functools.partial(thresholds.percentile, p=1 - share)
        )
        assert ours.threshold == pytest.approx(theirs, abs=1)
    _, theirs = diplib.Threshold(image, method="minerror")
    criterion = choose_threshold(counts, centers, "minerror").criterion
    assert criterion[int(theirs) - centers[0]] == pytest.approx(np.nanmax(criterion), rel=1e-3)


@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_functions_give_what_the_estimator_learns(method):
    images = make_masked_images(5, random_state=0).images
    for pixels in (images, images.astype(np.float32) / 255, images.astype(np.int64) * 10**6):
        masker = HistogramThresholdMasker(method).fit(pixels)
        counts, centers = count_pixels(pixels)
        choice = choose_threshold(counts, centers, method)
        assert choice.threshold == pytest.approx(masker.threshold_, rel=1e-6)
        assert_array_equal(counts, masker.histogram_)


AWKWARD = {
    "bool": np.arange(48) % 3 == 0,
    "int8, full range": np.linspace(-128, 127, 48).astype(np.int8),
    "uint8, two values": np.where(np.arange(48) % 5, 0, 255).astype(np.uint8),
    "int64, far apart": np.array([-(2**62), 5, 2**62] * 16),
    "uint64, beyond floats": np.uint64(2**63) + np.arange(48, dtype=np.uint64) ** 2,
    "float16, all sizes": np.geomspace(1e-7, 6e4, 48).astype(np.float16),
    "float32, one outlier": np.append(np.linspace(0, 1, 47), 1e30).astype(np.float32),
    "denormal": np.linspace(0, 5e-310, 48),
    "huge": 1.7e308 * np.linspace(-1, 1, 48),
    "neighbors": 1 + np.arange(48) % 2 * np.finfo(float).eps,
    "mostly missing": np.where(np.arange(48) % 6, np.nan, np.arange(48)),
    "infinite": np.where(np.arange(48) % 2, np.inf, np.arange(48)),
}


@pytest.mark.parametrize("values", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("method", sorted(THRESHOLD_METHODS))
def test_every_method_finds_a_threshold_in_awkward_data_or_says_why_not(method, values):
    images = values.reshape(2, 4, 6)
    masker = HistogramThresholdMasker(method)
    try:
        masker.fit(images)
    except ValueError:
        with pytest.raises(ValueError, match="expects .*, got .*Use method="):
            masker.fit(images)
        return
    threshold = masker.threshold_
    low, high = masker.threshold_interval_
    assert np.isfinite(threshold)
    assert low <= threshold < high
    expected = np.array([not np.isnan(value) and value > threshold for value in values.tolist()])
    assert_array_equal(masker.transform(images).ravel(), expected)


def test_pixels_are_counted_together_within_the_region():
    image = np.array([[3.0, np.nan, 4.0], [np.inf, 6.0, 3.0]])
    counts, centers = count_pixels(image, value_range="minmax")
    assert_array_equal(counts, [2, 1, 0, 1])
    assert_array_equal(centers, [3, 4, 5, 6])
    assert centers.dtype == np.float64
    counts, centers = count_pixels(
        image[np.newaxis].repeat(2, 0), roi=np.broadcast_to(image < 5, (2, 2, 3))
    )
    assert_array_equal(counts, [4, 2])
    assert_array_equal(count_pixels([5, 5, 6])[0], [2, 1])
    with pytest.raises(ValueError, match=r"count_pixels expects roi of shape .*got \(1, 3\)"):
        count_pixels(image, roi=np.ones((1, 3), bool))
    with pytest.raises(ValueError, match="count_pixels expects at least one finite pixel"):
        count_pixels(image, roi=np.zeros((2, 3), bool))


def test_thresholds_of_integers_are_integers():
    assert choose_threshold([1, 2, 1], [4, 5, 8], "mean").threshold == 5
    assert choose_threshold([1, 2, 1], [4.0, 5.0, 8.0], "mean").threshold == 5.5
    assert count_pixels(np.array([0, 2**40]))[1].dtype == np.float64


def test_comparison_holds_every_method_in_ascending_order():
    image = skimage.data.coins()
    found = compare_thresholds(*count_pixels(image))
    assert found.keys() == THRESHOLD_METHODS.keys()
    assert list(found.values()) == sorted(found.values())
    assert found["otsu"] == skimage.filters.threshold_otsu(image)
    peak_last = compare_thresholds([1, 2, 9], [0, 1, 2])
    assert math.isnan(peak_last["rosin"])
    assert math.isnan(list(peak_last.values())[-1])
    assert peak_last["otsu"] == 1
    with pytest.raises(ValueError, match="compare_thresholds expects at least one pixel"):
        compare_thresholds([0, 0], [0, 1])


@pytest.mark.parametrize("choose", [choose_threshold, compare_thresholds])
def test_images_in_the_place_of_counts_are_refused(choose):
    with pytest.raises(
        ValueError, match=r"one length, got shapes \(2, 3\) and \(2, 3\). Use count_pi"
    ):
        choose(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(ValueError, match=rf"{choose.__name__} expects counts .* \(3,\) and \(2,\)"):
        choose([1, 2, 3], [1, 2])


def test_method_that_is_not_known_is_refused():
    with pytest.raises(
        ValueError, match="choose_threshold expects method to be a threshold method, got 'atsu'"
    ):
        choose_threshold([1, 1], [0, 1], "atsu")


def test_registered_method_works_by_name_everywhere(registry):
    register_threshold_method("midrange", midrange)
    data = make_masked_images(8, (16, 16), random_state=0)
    masker = HistogramThresholdMasker("midrange").fit(data.images)
    assert masker.threshold_ == (int(data.images.min()) + int(data.images.max())) // 2
    assert compare_thresholds([1, 0, 1], [2, 3, 4])["midrange"] == 3
    search = GridSearchCV(masker, {"method": ["midrange", "otsu"]}, scoring=dice_scorer, cv=2)
    search.fit(data.images, data.masks)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_functions_reach_worker_processes_where_names_do_not(registry):
    register_threshold_method("midrange", midrange)
    data = make_masked_images(8, (16, 16), random_state=0)

    def lower_third(counts, centers):
        return centers[0] + (centers[-1] - centers[0]) / 3

    def search(*methods):
        grid = {"method": methods}
        return GridSearchCV(
            HistogramThresholdMasker(),
            grid,
            scoring=dice_scorer,
            cv=2,
            n_jobs=2,
            error_score="raise",
        ).fit(data.images, data.masks)

    methods = lower_third, functools.partial(thresholds.percentile, p=0.8), "otsu"
    assert np.isfinite(search(*methods).cv_results_["mean_test_score"]).all()
    with pytest.raises(
        ValueError, match="registered in another process .* use the function itself"
    ):
        search("midrange")


def test_fitted_masker_serves_without_the_registration(registry):
    register_threshold_method("midrange", midrange)
    data = make_masked_images(3, (16, 16), random_state=0)
    masker = HistogramThresholdMasker("midrange").fit(data.images)
    expected = masker.transform(data.images)
    del registry["midrange"]
    assert_array_equal(masker.transform(data.images), expected)


@pytest.mark.parametrize(
    ("counts", "centers", "got"),
    [
        ([0, 10, 20], [5, 3, 9], "unsorted centers"),
        ([5, 3, 9], [20, 10, 0], "unsorted centers"),
        ([1, 2, 3], [1, 1, 2], "unsorted centers"),
        ([-1, 2, 3], [0, 1, 2], "negative counts"),
        ([1, np.nan], [0, 1], "nan"),
        ([1, 2], [0, np.inf], "inf"),
        (["a", "b"], [0, 1], "a"),
    ],
)
@pytest.mark.parametrize("choose", [choose_threshold, multi_otsu])
def test_wrong_histogram_is_refused(choose, counts, centers, got):
    arguments = ("otsu",) if choose is choose_threshold else (2,)
    with pytest.raises(ValueError, match=f"{choose.__name__} expects .*, got .*{got}"):
        choose(counts, centers, *arguments)


@pytest.mark.parametrize("n_classes", [1, 0, -3, 2.5, "3"])
def test_multi_otsu_refuses_numbers_of_classes(n_classes):
    with pytest.raises(
        ValueError, match="multi_otsu expects n_classes to be an integer, 2 or more"
    ):
        multi_otsu([1, 2, 3], range(3), n_classes)


def test_multi_otsu_refuses_more_classes_than_values():
    with pytest.raises(
        ValueError, match="multi_otsu expects n_classes to be at most .* 2, got 3. Use fewer"
    ):
        multi_otsu([1, 0, 2], range(3), 3)


@pytest.mark.parametrize("first", [2**60, -(2**62), 2**64 - 400])
def test_large_integers_are_counted_and_split_exactly(first):
    dtype = np.uint64 if first >= 2**63 else np.int64
    image = np.array([[first + step for step in (0, 1, 1, 100, 103, 103)]], dtype)
    counts, centers = count_pixels(image)
    assert centers.dtype == dtype
    assert centers.tolist() == [first + step for step in range(104)]
    choice = choose_threshold(counts, centers, "otsu")
    assert choice.threshold == first + 50
    assert choice.interval == (first + 1, first + 100)


def test_pixels_of_lists_and_of_dask_arrays_are_counted():
    images = make_masked_images(5, (20, 30), random_state=0).images
    regions = np.random.default_rng(0).random(images.shape) < 0.5
    expected = count_pixels(images), count_pixels(images, roi=regions)
    as_list, as_dask = list(images), dask.array.from_array(images, chunks=(2, 7, 30))
    for container in (as_list, as_dask):
        for found, counted in (
            (count_pixels(container), expected[0]),
            (count_pixels(container, roi=regions), expected[1]),
        ):
            assert_array_equal(found, counted)
    mixed = [image[: 5 + i] for i, image in enumerate(images)]
    parts = [region[: 5 + i] for i, region in enumerate(regions)]
    inside = np.concatenate([image[part] for image, part in zip(mixed, parts, strict=True)])
    counts, centers = count_pixels(mixed, roi=parts)
    assert_array_equal(counts, np.bincount(inside)[inside.min() :])
    assert_array_equal(centers, np.arange(inside.min(), inside.max() + 1))
    assert_array_equal(count_pixels(images, roi=regions[0])[0].sum(), 5 * regions[0].sum())


@pytest.mark.parametrize("n_bins", [0, -1, 2.5, 10**8, "many"])
def test_wrong_number_of_bins_is_refused(n_bins):
    with pytest.raises(
        ValueError, match="count_pixels expects n_bins to be an integer from 1 to 1048"
    ):
        count_pixels([1, 2], n_bins=n_bins)


@pytest.mark.parametrize("value_range", [(2, 1), (0, np.inf), (1,), "all", 3])
def test_wrong_range_is_refused(value_range):
    with pytest.raises(
        ValueError, match="count_pixels expects a value_range of two finite numbers"
    ):
        count_pixels([1, 2], value_range=value_range)
